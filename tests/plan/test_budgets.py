"""The budgets of CONTRIBUTING.md, measured: nothing grows past what one can read at a glance."""

import ast
import re
from itertools import chain
from statistics import median, quantiles

from tests.plan.source_code import (
    PACKAGE,
    Documented,
    Function,
    Source,
    measure_source,
    package_sources,
)

LONGEST_FUNCTION = 50
LONG_FUNCTION = 30  # 95 of 100 are no longer
USUAL_FUNCTION = 8  # every other one is no longer
LONGEST_FILE = 350
USUAL_FILE = 150
MOST_COMMENTS = 0.10
DOCUMENTED = 0.90


def _rooms() -> tuple[Source, ...]:
    return tuple(source for source in package_sources() if source.path.name != "__init__.py")


def _lengths() -> dict[str, int]:
    return {
        f"{source.name}:{function.lineno} {function.name}": source.length(function)
        for source in package_sources()
        for function in source.functions
    }


def _too_long(lengths: dict[str, int], most: int) -> dict[str, int]:
    return {name: length for name, length in lengths.items() if length > most}


def _is_public(name: str) -> bool:
    return not name.startswith("_")


def _public_things(source: Source) -> list[Documented]:
    """The module, its public classes and functions, and the public methods of its classes."""
    things: list[Documented] = [source.tree]
    for node in source.tree.body:
        if isinstance(node, ast.ClassDef | Function) and _is_public(node.name):
            things.append(node)
        if isinstance(node, ast.ClassDef) and _is_public(node.name):
            things += [m for m in node.body if isinstance(m, Function) and _is_public(m.name)]
    return things


def _first_sentence_wraps(text: str) -> bool:
    return bool(re.match(r".+\n.+", text))


def _unannotated(function: Function) -> list[str]:
    given = function.args
    every = [*given.posonlyargs, *given.args, *given.kwonlyargs]
    stars = [star for star in (given.vararg, given.kwarg) if star]
    bare = [
        a.arg for a in [*every, *stars] if a.annotation is None and a.arg not in {"self", "cls"}
    ]
    return bare + ([] if function.returns else ["return"])


def test_no_function_is_too_long_to_see_at_once() -> None:
    assert not _too_long(_lengths(), LONGEST_FUNCTION)


def test_ninety_five_of_a_hundred_functions_fit_half_a_screen() -> None:
    lengths = _lengths()
    assert quantiles(lengths.values(), n=20)[-1] <= LONG_FUNCTION, _too_long(lengths, LONG_FUNCTION)


def test_the_usual_function_is_a_handful_of_lines() -> None:
    assert median(_lengths().values()) <= USUAL_FUNCTION


def test_no_file_is_too_long_to_know_by_heart() -> None:
    sizes = {source.name: len(source.code) for source in package_sources()}
    assert not _too_long(sizes, LONGEST_FILE)


def test_the_usual_file_is_short() -> None:
    assert median(len(source.code) for source in _rooms()) <= USUAL_FILE


def test_an_init_file_holds_only_a_docstring() -> None:
    full = [s.name for s in package_sources() if s.path.name == "__init__.py" and s.code]
    assert not full
    bare = [s.name for s in package_sources() if ast.get_docstring(s.tree) is None]
    assert not bare


def test_every_function_is_annotated_in_full() -> None:
    bare = {
        f"{source.name}:{function.lineno} {function.name}": missing
        for source in package_sources()
        for function in source.functions
        if (missing := _unannotated(function))
    }
    assert not bare


def test_nine_in_ten_public_things_state_their_contract() -> None:
    things = [
        (f"{source.name} {getattr(thing, 'name', '')}", thing)
        for source in package_sources()
        for thing in _public_things(source)
    ]
    silent = [name for name, thing in things if ast.get_docstring(thing) is None]
    assert len(silent) <= (1 - DOCUMENTED) * len(things), silent


def test_a_contract_begins_with_one_sentence_on_one_line() -> None:
    texts = [
        (source.name, text)
        for source in package_sources()
        for thing in _public_things(source)
        if (text := ast.get_docstring(thing))
    ]
    wrapped = [
        f"{name}: {text.splitlines()[0]}" for name, text in texts if _first_sentence_wraps(text)
    ]
    assert len(wrapped) <= (1 - DOCUMENTED) * len(texts), wrapped


def test_comments_stay_rare_enough_to_be_read() -> None:
    comments = sum(len(source.comments) for source in package_sources())
    code = sum(len(source.code) for source in package_sources())
    assert comments <= MOST_COMMENTS * code


def test_no_room_has_a_name_that_says_nothing() -> None:
    empty = {"utils", "util", "manager", "core", "common", "base", "helpers", "misc"}
    names = chain.from_iterable(path.relative_to(PACKAGE).parts for path in PACKAGE.rglob("*.py"))
    assert not {name.removesuffix(".py") for name in names} & empty


SAMPLE = '''"""A room."""

# why
def outer(a: int, b) -> int:
    """A contract."""

    def inner() -> str:
        text = """two
lines"""
        return text  # beside code

    return a
'''


def test_code_lines_leave_out_comments_docstrings_and_blanks() -> None:
    source = measure_source(PACKAGE / "sample.py", SAMPLE)
    outer, inner = source.functions
    assert (source.length(outer), source.length(inner), len(source.code)) == (6, 4, 6)
    assert source.comments == {3, 10}
    assert _unannotated(outer) == ["b"]
    assert not _unannotated(inner)
