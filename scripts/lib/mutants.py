"""Breaks the code one line at a time and shows which tests notice.

Usage: scripts/mutants [--write] [--only WORD]
  --write   write the table into docs/laws.md
  --only    run only the mutants whose name contains WORD
Ctrl-C ends the hunt and keeps what it found. Exit code 0 if every mutant died, else 1.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TABLE = ROOT / "tests" / "laws" / "mutants.toml"
HEAD = """# Laws, and the mutants that each kills

Each law below is a test. Each mutant is one edit of the product's code, written down in
`tests/laws/mutants.toml`; `scripts/mutants` makes the edit in a copy, runs the law, and expects
it to fail. A law that no mutant needs is no law.

| mutant | edit in | law that fails |
|---|---|---|
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--write", action="store_true", help="write the table into docs/laws.md")
    parser.add_argument("--only", default="", help="only mutants whose name contains this word")
    args = parser.parse_args()
    mutants = [m for m in tomllib.loads(TABLE.read_text())["mutant"] if args.only in m["name"]]
    killers: dict[str, str] = {}
    with suppress(KeyboardInterrupt):
        hunt(mutants, killers)
    died = sum(1 for killer in killers.values() if killer)
    print(f"{died} of {len(killers)} mutants died; {len(mutants) - len(killers)} were not tried")
    if args.write:
        rows = (row_of(mutant, killers) for mutant in mutants)
        (ROOT / "docs" / "laws.md").write_text(HEAD + "".join(rows))
    return 0 if died == len(mutants) else 1


def hunt(mutants: list[dict[str, str]], killers: dict[str, str]) -> None:
    """Try one mutant after the other; Ctrl-C ends the hunt and keeps what it found."""
    for number, mutant in enumerate(mutants, 1):
        started = time.monotonic()
        killer = killers[mutant["name"]] = kill(mutant)
        took = time.monotonic() - started
        told = f"{number:3}/{len(mutants)} {took:5.1f} s  {mutant['name']}"
        print(f"{told}: {killer or 'SURVIVED'}", flush=True)


def row_of(mutant: dict[str, str], killers: dict[str, str]) -> str:
    """One row of the table; what survived or was not tried is said."""
    verdict = killers.get(mutant["name"], "not tried in this run") or "**survives**"
    return f"| {mutant['name']} | `{mutant['file']}` | {verdict} |\n"


def kill(mutant: dict[str, str]) -> str:
    """Run the mutant's tests on a broken copy; the name of the first that fails, or nothing."""
    with tempfile.TemporaryDirectory(prefix="mutant-") as folder:
        copy = Path(folder)
        for name in ("assistant", "tests"):
            shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("pyproject.toml", "config"):
            source = ROOT / name
            shutil.copytree(source, copy / name) if source.is_dir() else shutil.copy(source, copy)
        broken = copy / mutant["file"]
        text = broken.read_text()
        if text.count(mutant["old"]) != 1:
            sys.exit(f"{mutant['name']}: the line to edit must stand exactly once in {broken.name}")
        broken.write_text(text.replace(mutant["old"], mutant["new"]))
        return _first_failure(copy, mutant["tests"].split())


def _first_failure(copy: Path, tests: list[str]) -> str:
    run = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-x",
            "--tb=short",
            "-q",
            "-p",
            "no:cacheprovider",
            "-p",
            "tests.laws.hunt",
            "-o",
            "addopts=",
            *tests,
        ],
        cwd=copy,
        env=os.environ | {"PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode == 0:
        return ""
    if "FAILED" not in run.stdout:
        sys.exit(f"the tests could not run:\n{run.stdout[-2000:]}{run.stderr[-1000:]}")
    return law_in(run.stdout)


def law_in(report: str) -> str:
    """The law that a report of pytest names: its own words, else the name of its function."""
    told = re.findall(r"^E +AssertionError: (?!assert)(.+)$", report, re.MULTILINE)
    places = re.findall(r"^tests/\S+\.py:\d+: in (\w+)$", report, re.MULTILINE)
    names = re.findall(r"^FAILED \S+::(\w+)", report, re.MULTILINE)
    law = told or places[-1:] or names
    return law[0].replace("_", " ")


if __name__ == "__main__":
    sys.exit(main())
