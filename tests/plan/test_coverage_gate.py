"""The gate over coverage sees what the tests have never run."""

import subprocess
import sys
from pathlib import Path

import pytest

from scripts.lib import coverage_gate
from tests.plan.source_code import ROOT

FULL = {"num_statements": 8, "num_branches": 2, "covered_lines": 8, "covered_branches": 2}
HALF = {"num_statements": 8, "num_branches": 2, "covered_lines": 4, "covered_branches": 1}
GAPS = {"missing_lines": [3, 4], "missing_branches": [[2, 5]]}
NO_GAPS: dict[str, list[int]] = {"missing_lines": [], "missing_branches": []}


def _faults(**summaries: dict[str, int]) -> list[str]:
    files = {
        f"assistant/{name.replace('__', '/')}.py": {
            "summary": summary,
            **(NO_GAPS if summary is FULL else GAPS),
        }
        for name, summary in summaries.items()
    }
    return coverage_gate.faults(coverage_gate.read_report({"files": files}))


def test_full_coverage_passes() -> None:
    assert _faults(home__devices=FULL, app__cli=FULL) == []


def test_a_gap_in_a_pure_room_is_named_by_its_lines_and_branches() -> None:
    full = {f"adapters__a{number}": FULL for number in range(20)}
    (fault,) = _faults(wake__gate=HALF, **full)
    assert fault == "assistant/wake/gate.py is in a pure room and never ran: 3, 4, 2->5"


def test_a_gap_elsewhere_only_counts_over_all() -> None:
    full = {f"adapters__a{number}": FULL for number in range(20)}
    assert _faults(app__cli=HALF, **full) == []
    assert _faults(app__cli=HALF, app__daemon=FULL) == ["over all 75.0 % ran, 90 % is the gate"]


def test_nothing_measured_is_not_enough() -> None:
    assert _faults() == ["over all 0.0 % ran, 90 % is the gate"]


@pytest.mark.parametrize("exists", [True, False])
def test_the_gate_reads_a_real_data_file(tmp_path: Path, exists: bool) -> None:
    data_file = tmp_path / "data"
    program = "import assistant.errors, assistant.units"
    if exists:
        (tmp_path / "program.py").write_text(program)
        subprocess.run(
            [
                sys.executable,
                "-m",
                "coverage",
                "run",
                f"--data-file={data_file}",
                "--branch",
                f"--source={ROOT / 'assistant'}",
                str(tmp_path / "program.py"),
            ],
            cwd=tmp_path,
            check=True,
            env={"PYTHONPATH": str(ROOT), "PATH": ""},
        )
    judged = subprocess.run(
        [sys.executable, "scripts/lib/coverage_gate.py", str(data_file)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert judged.returncode == 1
    assert ("is the gate" in judged.stdout) == exists
    assert ("run scripts/test first" in judged.stderr) != exists
