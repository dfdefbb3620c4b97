"""Writes the list of rooms in docs/architecture.md from the modules' own first sentences.

usage: python scripts/lib/rooms.py [--check]
"""

import ast
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "docs" / "architecture.md"
BEGIN, END = "<!-- rooms: written by scripts/lib/rooms.py -->", "<!-- /rooms -->"
ORDER = ("app", "local", "adapters", "engine", "session", "realtime", "home", "audio", "wake")


def first_sentence(path: Path) -> str:
    """The first line of a module's docstring, or an empty string."""
    contract = ast.get_docstring(ast.parse(path.read_text())) or ""
    return contract.partition("\n")[0]


def list_of_rooms(package: Path) -> str:
    """Markdown: a heading per floor, from the roof down, and a line per module."""
    folders = sorted((path.parent for path in package.glob("*/__init__.py")), key=_height)
    return "\n\n".join([*map(_floor, folders), _ground(package)])


def _height(folder: Path) -> tuple[int, str]:
    return (ORDER.index(folder.name) if folder.name in ORDER else len(ORDER), folder.name)


def _floor(folder: Path) -> str:
    title = first_sentence(folder / "__init__.py")
    return "\n".join([f"**{folder.name}.** {title}\n", *_lines(folder, folder.rglob("*.py"))])


def _ground(package: Path) -> str:
    title = "**Beside the floors.** The entrance, the sockets, and what every floor may use.\n"
    return "\n".join([title, *_lines(package, package.glob("*.py"))])


def _lines(folder: Path, paths: Iterable[Path]) -> list[str]:
    root = folder if folder.name == "assistant" else folder.parent
    return [
        f"- `{'.'.join(path.relative_to(root).with_suffix('').parts)}`: {first_sentence(path)}"
        for path in sorted(paths)
        if path.name != "__init__.py"
    ]


def written_into(document: str, rooms: str) -> str:
    """The document with its list replaced."""
    before, _, rest = document.partition(BEGIN)
    return f"{before}{BEGIN}\n{rooms}\n{END}{rest.partition(END)[2]}"


def main(arguments: Sequence[str]) -> int:
    """Writes the list, or with --check only says whether it would differ."""
    old = DOCUMENT.read_text()
    new = written_into(old, list_of_rooms(ROOT / "assistant"))
    if "--check" in arguments:
        print("the list of rooms is " + ("up to date" if old == new else "out of date"))
        return int(old != new)
    DOCUMENT.write_text(new)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
