"""docs/architecture.md is the plan as it is: it names every room, and no room that is gone."""

import re

from tests.plan.source_code import PACKAGE, ROOT, module_of

DOC = ROOT / "docs" / "architecture.md"


def _rooms() -> set[str]:
    """`home.devices` for every module below assistant/, packages left out."""
    paths = (path for path in PACKAGE.rglob("*.py") if path.name != "__init__.py")
    return {module_of(path).removeprefix("assistant.") for path in paths}


def _named() -> set[str]:
    """What the doc names in backticks inside the list of rooms."""
    listing = (
        DOC.read_text()
        .partition("<!-- rooms: written by scripts/lib/rooms.py -->")[2]
        .partition("<!-- /rooms -->")[0]
    )
    return set(re.findall(r"^\s*- `([a-z_.0-9]+)`", listing, re.MULTILINE))


def test_every_room_is_named() -> None:
    assert not _rooms() - _named()


def test_no_room_is_named_that_is_gone() -> None:
    assert not _named() - _rooms()
