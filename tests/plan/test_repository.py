"""What stands in the repository, and what must never stand in it."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.plan.source_code import ROOT, tracked_files

# Written so that this file does not match itself.
FORBIDDEN = {
    "a path of somebody's machine": re.compile(
        r"(?<![\w.])[/](?:(?:work|root|Users)/|home/(?!assistant/|pi/))"
    ),
    "the host of a package registry": re.compile(
        r"pypi[.]org|pythonhosted[.]org|deb[.]debian[.]org|npmjs[.](?:com|org)"
        r"|artifact.{0}registry|snapshot[.]debian"
    ),
    "unfinished work": re.compile(r"\b(?:T[O]DO|F[I]XME|X[X]X)\b\s*[:(]"),
    "the mark of an unresolved merge": re.compile(r"^(?:<{7}|>{7}) ", re.MULTILINE),
    "a key": re.compile(r"\bsk-(?:proj-)?[A-Za-z0-9]{32,}"),
}

SLASH, DOT, COLON = "/", ".", ":"  # planted texts are put together, so that they are not found here
LARGEST_FILE = 1_500_000  # bytes: pictures yes, models and recordings no


def _texts() -> Iterator[tuple[str, str]]:
    for path in tracked_files():
        data = path.read_bytes()
        if b"\0" not in data:
            yield str(path.relative_to(ROOT)), data.decode()


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_holds(what: str) -> None:
    found = [
        f"{name}:{text.count(chr(10), 0, hit.start()) + 1} {hit.group()}"
        for name, text in _texts()
        for hit in FORBIDDEN[what].finditer(text)
    ]
    assert not found


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("a path of somebody's machine", f"see {SLASH}root/x"),
        ("a path of somebody's machine", f"{SLASH}home/jane/x"),
        ("the host of a package registry", f"https:{SLASH}{SLASH}pypi{DOT}org"),
        ("unfinished work", f"TODO{COLON} later"),
        ("the mark of an unresolved merge", "a\n" + "<" * 7 + " HEAD"),
        ("a key", "sk-" + "a1" * 20),
    ],
)
def test_the_search_finds_a_planted(what: str, text: str) -> None:
    assert FORBIDDEN[what].search(text)


def test_no_file_is_a_model_or_a_recording() -> None:
    large = [p.name for p in tracked_files() if p.stat().st_size > LARGEST_FILE]
    assert not large


def test_every_command_can_be_run() -> None:
    commands = [ROOT / "scripts" / name for name in ("demo", "test", "check", "bench", "lock")]
    assert all(os.access(path, os.X_OK) for path in [*commands, ROOT / ".ci" / "run"])


@pytest.mark.parametrize("name", ["demo", "test", "check", "bench", "lock"])
def test_every_command_explains_itself_without_setting_up(name: str, tmp_path: Path) -> None:
    project = tmp_path / "a folder with spaces"
    shutil.copytree(ROOT / "scripts", project / "scripts")
    result = subprocess.run(
        [project / "scripts" / name, "--help"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith(f"usage: scripts/{name}")
    assert sorted(path.name for path in project.iterdir()) == ["scripts"]


@pytest.mark.parametrize("name", ["check", "lock"])
def test_an_unknown_option_is_wrong_usage(name: str) -> None:
    result = subprocess.run(
        [ROOT / "scripts" / name, "--no-such-option"], capture_output=True, text=True, check=False
    )
    assert result.returncode == 2
    assert "--no-such-option" in result.stderr


def test_the_locks_hold_hashes_for_every_package() -> None:
    for lock in ROOT.glob("requirements*.lock"):
        blocks = re.split(r"\n(?=[a-z0-9])", lock.read_text())
        packages = [block for block in blocks if re.match(r"[a-z0-9._-]+==", block)]
        assert packages, lock
        assert all("--hash=sha256:" in block for block in packages), lock


def test_the_demo_can_be_set_up_without_a_compiler() -> None:
    names = re.findall(r"^([a-z0-9._-]+)==", (ROOT / "requirements.lock").read_text(), re.MULTILINE)
    assert not {"pyaudio", "systemd-python"} & set(names)


def test_python_is_one_that_the_set_up_accepts() -> None:
    assert (3, 11) <= sys.version_info[:2] <= (3, 13)
