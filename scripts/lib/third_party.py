"""Writes the table of packages in THIRD_PARTY.md from the locks and the installed metadata.

usage: python scripts/lib/third_party.py [--check]
"""

import re
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "THIRD_PARTY.md"
BEGIN, END = "<!-- packages: written by scripts/lib/third_party.py -->", "<!-- /packages -->"
LONGEST_NAME = 60  # a `License:` field longer than this is the whole text of the licence
ELSEWHERE = re.compile(r"sys_platform == '(?:win32|emscripten)'")


def locked_names(lock: str) -> list[str]:
    """Names of the packages that a lock installs on Linux, in its order."""
    lines = re.findall(r"^([a-z0-9][a-z0-9._-]*)==(.*)$", lock, re.MULTILINE)
    return list(dict.fromkeys(name for name, rest in lines if not ELSEWHERE.search(rest)))


def licence_of(package: Mapping[str, str | list[str]]) -> str:
    """What the package says of itself: SPDX expression, then classifier, then free words."""
    classified = [
        line.rpartition(" :: ")[2]
        for line in package.get("classifier", [])
        if line.startswith("License ::") and not line.endswith(":: OSI Approved")
    ]
    words = " ".join(str(package.get("license", "")).split())
    short = words if len(words) <= LONGEST_NAME else ""
    return str(package.get("license_expression", "")) or " or ".join(classified) or short


def _read(lock: str) -> list[str]:
    return locked_names((ROOT / lock).read_text())


def table() -> str:
    """The Markdown table, one row per package of the locks; LookupError where one is silent."""
    needed, on_a_pi = set(_read("requirements.lock")), set(_read("requirements-pi.lock"))
    rows = []
    for name in _read("requirements-dev.lock"):
        licence = licence_of(metadata(name).json)
        if not licence:
            raise LookupError(f"{name} states no licence: look it up and teach licence_of")
        use = "at run time" if name in needed else "on a Pi" if name in on_a_pi else "tools"
        rows.append(f"| {name} | {use} | {licence} |")
    return "\n".join(["| package | used | licence |", "|---|---|---|", *rows])


def written_into(document: str, rows: str) -> str:
    """The document with its table replaced."""
    before, _, rest = document.partition(BEGIN)
    return f"{before}{BEGIN}\n{rows}\n{END}{rest.partition(END)[2]}"


def named_in(document: str) -> list[str]:
    """The packages that the document's table names."""
    rows = document.partition(BEGIN)[2].partition(END)[0]
    return re.findall(r"^\| ([a-z0-9._-]+) \| (?!used)", rows, re.MULTILINE)


def main(arguments: Sequence[str]) -> int:
    """Writes the table, or with --check only says whether it would differ."""
    old = DOCUMENT.read_text()
    new = written_into(old, table())
    if "--check" in arguments:
        print("THIRD_PARTY.md is up to date" if old == new else "THIRD_PARTY.md is out of date")
        return int(old != new)
    DOCUMENT.write_text(new)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
