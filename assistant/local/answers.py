"""Answers to questions about states: yes, no, how much, which of them."""

from collections.abc import Sequence

from assistant.home.devices import Attribute
from assistant.local.phrases import (
    State,
    clause,
    joined_clauses,
    predicate_of,
    sentence,
    state_predicates,
    the,
)
from assistant.local.reading import Asks
from assistant.local.spoken import listed

Seen = Sequence[tuple[str, State]]
"""Devices by name, each with its state as far as it is known."""


def answer_to(asks: Asks | None, devices: Seen) -> str:
    """Answer a question from the states that came back; what is not known is said so."""
    if not devices:
        return "I found nothing to tell about that."
    if asks is None or asks.attribute is None:
        return " ".join(_everything(name, state) for name, state in devices)
    if asks.expects and asks.group:
        return _which_of(asks.attribute, asks.expects, asks.group, devices)
    if asks.expects:
        return " ".join(_yes_or_no(asks, name, state) for name, state in devices)
    return " ".join(_how_much(asks.attribute, name, state) for name, state in devices)


def value_of(attribute: Attribute, state: State) -> object | None:
    """What a state says about an attribute; a cover's move also follows from its position."""
    value = state.get(attribute)
    position = state.get(Attribute.POSITION)
    if value is None and attribute is Attribute.MOVE and isinstance(position, int | float):
        return "open" if position > 0 else "closed"
    return value


def _yes_or_no(asks: Asks, name: str, state: State) -> str:
    assert asks.attribute is not None
    value = value_of(asks.attribute, state)
    if value is None:
        return unknown_state(name)
    told = clause([name], predicate_of(asks.attribute, value))
    return f"{'Yes' if value == asks.expects else 'No'}, {told}."


def _which_of(attribute: Attribute, expects: str, group: str, devices: Seen) -> str:
    values = [(name, value_of(attribute, state)) for name, state in devices]
    matching = [(name, f"is {expects}") for name, value in values if value == expects]
    unknown = " ".join(unknown_state(name) for name, value in values if value is None)
    if attribute is Attribute.LOCK:
        matching += [
            (name, f"is {value}") for name, value in values if value not in {None, expects}
        ]
    told = joined_clauses(matching) or (
        f"None of the {group} are {expects}." if not unknown else ""
    )
    return " ".join(filter(None, (told, unknown)))


def _how_much(attribute: Attribute, name: str, state: State) -> str:
    value = value_of(attribute, state)
    if value is None:
        return unknown_state(name)
    predicate = predicate_of(attribute, value)
    if attribute is Attribute.TEMPERATURE and "temperature" not in name:
        return sentence(f"the temperature at {the(name)} {predicate.replace('is at', 'is', 1)}")
    if "temperature" in name:
        predicate = predicate.replace("is at", "is", 1)
    return sentence(clause([name], predicate))


def _everything(name: str, state: State) -> str:
    told = state_predicates(state)
    if not told:
        return unknown_state(name)
    rest = [predicate.removeprefix("is ") for predicate in told[1:]]
    return sentence(clause([name], listed([told[0], *rest])))


def unknown_state(name: str) -> str:
    """The honest answer where nothing is known."""
    return f"I don't know the state of {the(name)}."
