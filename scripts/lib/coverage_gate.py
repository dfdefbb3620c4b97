"""The gate over what scripts/test has measured: lines and branches, pure rooms in full.

usage: python scripts/lib/coverage_gate.py [DATA FILE]
"""

import json
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from coverage import Coverage
from coverage.exceptions import CoverageException

ROOT = Path(__file__).resolve().parents[2]
PURE_ROOMS = ("session", "realtime", "home", "audio", "wake")
OVERALL = 90.0  # percent of lines and branches together


@dataclass(frozen=True)
class Measured:
    """One file: how much of it ran, and where the tests have never been."""

    name: str
    possible: int
    done: int
    gaps: tuple[str, ...]


def read_report(report: Mapping[str, Any]) -> list[Measured]:
    """The files of coverage's own JSON report."""
    return [_measured(name, file) for name, file in sorted(report["files"].items())]


def _measured(name: str, file: Mapping[str, Any]) -> Measured:
    summary = file["summary"]
    lines = [str(line) for line in file["missing_lines"]]
    branches = [f"{start}->{end}" for start, end in file.get("missing_branches", [])]
    return Measured(
        name.replace("\\", "/"),
        summary["num_statements"] + summary.get("num_branches", 0),
        summary["covered_lines"] + summary.get("covered_branches", 0),
        tuple(lines + branches),
    )


def overall(files: list[Measured]) -> float:
    """Percent of all lines and branches that ran; nothing possible counts as nothing done."""
    possible = sum(file.possible for file in files)
    return 100.0 * sum(file.done for file in files) / possible if possible else 0.0


def faults(files: list[Measured]) -> list[str]:
    """One sentence per broken gate."""
    share = overall(files)
    low = [] if share >= OVERALL else [f"over all {share:.1f} % ran, {OVERALL:.0f} % is the gate"]
    return low + [
        f"{file.name} is in a pure room and never ran: {', '.join(file.gaps)}"
        for file in files
        if file.gaps and file.name.startswith(tuple(f"assistant/{room}/" for room in PURE_ROOMS))
    ]


def load(data_file: Path) -> list[Measured]:
    """Reads a data file of coverage; CoverageException if there is none."""
    measured = Coverage(data_file=str(data_file), config_file=str(ROOT / "pyproject.toml"))
    measured.load()
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        measured.json_report(outfile=str(report))
        return read_report(json.loads(report.read_text()))


def main() -> int:
    """Prints the verdict; 0 when the gates hold."""
    data_file = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / ".coverage"
    try:
        files = load(data_file)
    except CoverageException as error:
        print(f"no coverage to judge ({error}): run scripts/test first", file=sys.stderr)
        return 1
    broken = faults(files)
    print("\n".join(broken) or f"{overall(files):.1f} % of lines and branches; pure rooms in full")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
