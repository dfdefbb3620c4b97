"""What can be said without asking any device: the time, the date, help, the house itself."""

from collections.abc import Iterable
from datetime import datetime

from assistant.home.devices import Device, Kind
from assistant.local.phrases import sentence, the
from assistant.local.spoken import in_words, listed

_IRREGULAR = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}
_EXAMPLES = {
    Kind.LIGHT: "turn on {it}",
    Kind.COVER: "close {it}",
    Kind.LOCK: "is {it} locked",
    Kind.CLIMATE: "turn {it} up",
    Kind.SENSOR: "what is {it}",
    Kind.MEDIA: "pause {it}",
    Kind.SCENE: "activate {it}",
}


def time_of_day(now: datetime) -> str:
    """The time as people say it: "It's two thirty in the afternoon."."""
    hour = in_words(now.hour % 12 or 12)
    return f"It's {hour}{_minutes(now.minute)} {_part_of_day(now.hour)}."


def date_of(now: datetime) -> str:
    """The date with its weekday."""
    return f"Today is {now:%A}, {now:%B} {ordinal(now.day)}."


def ordinal(number: int) -> str:
    """A number from 1 to 99 as a place in a row: "twenty first"."""
    *tens, last = in_words(number).split()
    ending = f"{last[:-1]}ieth" if last.endswith("y") else f"{last}th"
    return " ".join([*tens, _IRREGULAR.get(last, ending)])


def help_for(devices: Iterable[Device]) -> str:
    """What one can say here, by examples from this home."""
    first = {device.kind: _thing(device) for device in reversed(tuple(devices))}
    said = [phrase.format(it=first[kind]) for kind, phrase in _EXAMPLES.items()
            if kind in first]  # fmt: skip
    examples = listed([*said, "set a timer for ten minutes", "what time is it"], "or")
    return f"You can say things like: {examples}. I work without the internet."


def describe_house(devices: Iterable[Device]) -> str:
    """Everything there is, place by place."""
    places: dict[str, list[str]] = {}
    for device in devices:
        places.setdefault(device.area or "", []).append(_thing(device))
    if not places:
        return "I know no devices yet."
    count = sum(map(len, places.values()))
    return " ".join((f"I know {_counted(count, 'device')}.", *map(_place, places.items())))


def _place(content: tuple[str, list[str]]) -> str:
    area, things = content
    return sentence(
        f"{the(area)} has {listed(things)}" if area else f"then there is {listed(things)}"
    )


def _thing(device: Device) -> str:
    return device.name if device.kind is Kind.SCENE else the(device.name)


def _counted(count: int, thing: str) -> str:
    return f"{in_words(count)} {thing}{'s' * (count != 1)}"


def _minutes(minute: int) -> str:
    if minute == 0:
        return " o'clock"
    return f" oh {in_words(minute)}" if minute < 10 else f" {in_words(minute)}"


def _part_of_day(hour: int) -> str:
    if hour < 12:
        return "in the morning" if hour >= 5 else "at night"
    if hour < 18:
        return "in the afternoon"
    return "in the evening" if hour < 22 else "at night"
