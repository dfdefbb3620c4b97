"""The error family: sorted by remedy, and only its heads are named Error."""

import ast

from assistant import errors
from assistant.errors import AssistantError, SettingsError
from tests.plan.source_code import PACKAGE, imported_names, package_sources, read_source

# A leaf that is a sentence of its own: exit 78 names it, and nothing is sorted below it.
LEAVES_NAMED_ERROR = {SettingsError}


def _family() -> list[type[AssistantError]]:
    return [
        thing
        for thing in vars(errors).values()
        if isinstance(thing, type) and issubclass(thing, AssistantError)
    ]


def test_every_error_belongs_to_the_family() -> None:
    strangers = [
        thing
        for thing in vars(errors).values()
        if isinstance(thing, type)
        and issubclass(thing, BaseException)
        and not issubclass(thing, AssistantError)
    ]
    assert not strangers
    assert len(_family()) > 5


def test_only_heads_of_a_family_end_in_error() -> None:
    # Other rooms may refine an error, and which of them are imported depends on other tests.
    heads = {base for kind in _family() for base in kind.__bases__ if base in _family()}
    heads |= LEAVES_NAMED_ERROR
    assert {kind for kind in _family() if kind.__name__.endswith("Error")} == heads


def test_a_room_may_refine_an_error_but_heads_no_family_of_its_own() -> None:
    elsewhere = [
        f"{source.name}:{node.lineno} {node.name}"
        for source in package_sources()
        if source.path != PACKAGE / "errors.py"
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ClassDef) and node.name.endswith("Error")
    ]
    assert not elsewhere


def test_the_family_depends_on_nothing() -> None:
    assert not imported_names(read_source(PACKAGE / "errors.py").tree)


def test_a_remedy_follows_the_problem() -> None:
    assert str(AssistantError("The door is shut", "Open it.")) == "The door is shut - Open it."
    assert str(AssistantError("The door is shut")) == "The door is shut"
