"""The sentences that the home understands, written out for the trie of the local ears."""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import chain, islice, permutations, product

from assistant.home.devices import Device, Kind
from assistant.local.expansion import expand, fill, lists_in
from assistant.local.guarding import is_guarded
from assistant.local.spoken import in_words, plainly
from assistant.local.templates import NUMBERS, PLAIN_TALK, ROWS, WORDS, Row

PREFIXES = ("please", "could you", "can you", "could you please", "can you please")
SUFFIX = "please"
MOST_JOINED = 20_000
"""Pairs of commands grow with the square of the home; this bounds the trie."""

LONGEST_NAME = 4
"""Words in a name that a command may hold and that we do not know."""

_POLITE = re.compile(r"^(?:(?:please|could you|can you) )+| please$")
_NO_NAMES = frozenset({"it", "that", "this", "them", "everything", "me", "you", "the", "all"})
_SOUGHT = frozenset({Kind.LIGHT, Kind.SWITCH, Kind.FAN, Kind.COVER, Kind.LOCK, Kind.CLIMATE})


def sentences_for(devices: tuple[Device, ...]) -> tuple[str, ...]:
    """Every sentence about these devices, once each, in plain spelling."""
    named = tuple(device for device in devices if device.exposed)
    parts = chain(
        chain.from_iterable(_politely(row, plain_sentences(row, named)) for row in ROWS),
        joined_sentences(named),
        chain.from_iterable(numbered_sentences(row, named) for row in ROWS),
    )
    return tuple(dict.fromkeys(parts))


def plain_sentences(row: Row, devices: tuple[Device, ...]) -> Iterator[str]:
    """The sentences of a row that hold no number."""
    return _sentences(row, devices, numbered=False)


def numbered_sentences(row: Row, devices: tuple[Device, ...]) -> Iterator[str]:
    """The sentences of a row that hold a number, in words and in digits."""
    return _sentences(row, devices, numbered=True)


def joined_sentences(devices: tuple[Device, ...]) -> Iterator[str]:
    """Two different commands in one sentence; none that opens a door to the outside."""
    tame = tuple(device for device in devices if device.kind is Kind.LOCK or not is_guarded(device))
    commands = tuple(chain.from_iterable(_shortest(row, tame) for row in ROWS if row.joins))
    pairs = (f"{one} and {two}" for one, two in product(commands, commands) if one != two)
    return islice(pairs, MOST_JOINED)


def names_of(device: Device) -> tuple[str, ...]:
    """A device's name and aliases in plain spelling, without the empty ones."""
    spelled = (plainly(name) for name in (device.name, *device.aliases))
    return tuple(dict.fromkeys(name for name in spelled if name))


def fits(row: Row, device: Device) -> bool:
    """True if the row's `{name}` or `{area}` may stand for this device."""
    return device.kind in row.kinds and (row.needs is None or row.needs in device.channels)


def name_in_command(text: str) -> str | None:
    """What a plain command speaks of, known or not; None if it is no command about a thing."""
    spoken = _POLITE.sub("", text)
    for command in _commands():
        found = command.fullmatch(spoken)
        if found and _may_be_a_name(found[1]):
            return found[1]
    return None


def _may_be_a_name(spoken: str) -> bool:
    first, *more = spoken.split()
    return first not in _NO_NAMES and len(more) < LONGEST_NAME


@cache
def _commands() -> tuple[re.Pattern[str], ...]:
    rows = (row for row in ROWS if set(row.kinds) & _SOUGHT and row.intent != "HassGetState")
    wordings = chain.from_iterable(map(expand, chain.from_iterable(row.templates for row in rows)))
    named = dict.fromkeys(one for one in wordings if lists_in(one) == ("name",))
    # Wordings with an article come first, so that "the" never becomes part of a name.
    ordered = sorted(named, key=lambda wording: "the {name}" not in wording)
    return tuple(re.compile(fill(re.escape(one).replace(r"\{", "{").replace(r"\}", "}"), "(.+)"))
                 for one in ordered)  # fmt: skip


def _politely(row: Row, sentences: Iterable[str]) -> Iterator[str]:
    if row.intent in PLAIN_TALK:
        yield from sentences
        return
    for sentence in sentences:
        yield sentence
        yield from (f"{prefix} {sentence}" for prefix in PREFIXES)
        yield f"{sentence} {SUFFIX}"


def _shortest(row: Row, devices: tuple[Device, ...]) -> Iterator[str]:
    wording = expand(row.templates[0])[0]
    return (fill(wording, *values) for values in _bindings(lists_in(wording), row, devices))


def _sentences(row: Row, devices: tuple[Device, ...], *, numbered: bool) -> Iterator[str]:
    for wording in chain.from_iterable(map(expand, row.templates)):
        lists = lists_in(wording)
        if any(name in NUMBERS for name in lists) is numbered:
            yield from (fill(wording, *values) for values in _bindings(lists, row, devices))


def _bindings(
    lists: tuple[str, ...], row: Row, devices: tuple[Device, ...]
) -> Iterator[tuple[str, ...]]:
    fitting = tuple(device for device in devices if fits(row, device))
    if lists.count("name") > 1:
        names = (name for name, *_ in map(names_of, fitting))
        yield from permutations(names, len(lists))
        return
    for place in _places(lists, fitting):
        yield from product(*((place[name],) if name in place else _values(name) for name in lists))


def _places(lists: tuple[str, ...], devices: tuple[Device, ...]) -> Iterator[dict[str, str]]:
    if "name" in lists:
        for device in devices:
            area = plainly(device.area or "")
            if area or "area" not in lists:
                yield from ({"name": name, "area": area} for name in names_of(device))
    elif "area" in lists:
        areas = dict.fromkeys(plainly(device.area or "") for device in devices)
        yield from ({"area": area} for area in areas if area)
    else:
        yield {}


def _values(name: str) -> tuple[str, ...]:
    if name in WORDS:
        return tuple(WORDS[name])
    numbers = NUMBERS[name]
    return tuple(chain(map(in_words, numbers), map(str, numbers)))
