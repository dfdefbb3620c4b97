"""The floors and doors of the house are kept, and the keeper is awake."""

import shutil
import subprocess
import sys
from pathlib import Path

from tests.plan.source_code import PACKAGE, ROOT


def _lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    keeper = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [keeper, "--no-cache"], cwd=folder, capture_output=True, text=True, check=False
    )


def test_imports_only_go_down() -> None:
    result = _lint_imports(ROOT)
    assert result.returncode == 0, result.stdout + result.stderr


def test_an_import_that_climbs_is_noticed(tmp_path: Path) -> None:
    shutil.copytree(PACKAGE, tmp_path / "assistant", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    units = tmp_path / "assistant" / "units.py"
    units.write_text(units.read_text() + "\nimport assistant.session.events\n")
    result = _lint_imports(tmp_path)
    assert result.returncode == 1, result.stdout + result.stderr
    assert "assistant.units is not allowed to import assistant.session" in result.stdout
