"""Which of the listed sound devices is meant, and at which rates to try it; nothing is opened.

Numbers of cards move between boots, so devices are meant by name: a card's id as in
`/proc/asound/cards`, a whole name, or a piece of one.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from assistant.errors import HardwareError, MicrophoneMissing, SpeakerMissing


class Direction(Enum):
    """Which way the sound goes."""

    INPUT = "microphone"
    OUTPUT = "speaker"

    def missing(self, problem: str, remedy: str = "") -> HardwareError:
        """The error for a device of this direction that cannot be used."""
        kind = MicrophoneMissing if self is Direction.INPUT else SpeakerMissing
        return kind(f"no {self.value}: {problem}", remedy)


@dataclass(frozen=True, slots=True)
class SoundDevice:
    """One entry of PortAudio's list."""

    index: int
    name: str
    inputs: int
    outputs: int
    rate: int

    def channels(self, direction: Direction) -> int:
        """How many channels it has that way; 0 where it has none."""
        return self.inputs if direction is Direction.INPUT else self.outputs

    @property
    def is_hardware(self) -> bool:
        """True for a kernel device, False for an entry of the ALSA configuration."""
        return "(hw:" in self.name


def chosen(
    devices: Sequence[SoundDevice],
    names: Sequence[str],
    direction: Direction,
    default: int | None,
    cards: str = "",
) -> SoundDevice | None:
    """The first device that fits the first name that fits any; without names the default.

    `cards` is the text of `/proc/asound/cards`.
    """
    fit = [device for device in devices if device.channels(direction)]
    if not names:
        usual = [device for device in fit if device.index == default]
        return next(iter(usual or fit), None)
    return next((device for name in names for device in _named(fit, name, cards)), None)


def _named(devices: Sequence[SoundDevice], name: str, cards: str) -> Iterator[SoundDevice]:
    """The devices that a name may mean, the surest first."""
    yield from (device for device in devices if device.name == name)
    number = card_number(cards, name)
    if number is not None:
        yield from (device for device in devices if f"(hw:{number}," in device.name)
    piece = name.casefold()
    yield from (device for device in devices if piece in device.name.casefold())


def card_number(cards: str, card_id: str) -> int | None:
    """The present number of the card with this id, by the text of `/proc/asound/cards`."""
    for number, found in re.findall(r"(?m)^\s*(\d+)\s+\[(\S+)\s*\]", cards):
        if found == card_id:
            return int(number)
    return None


def rates_to_try(device: SoundDevice, wanted: int) -> tuple[int, ...]:
    """Sample rates, the best first.

    A kernel device says honestly what it cannot do. ALSA's converters accept everything but
    may let high tones alias at full strength, so other entries are asked for rates that real
    hardware has, and we convert ourselves.
    """
    usual = (device.rate, 48_000, 44_100)
    rates = (wanted, *usual) if device.is_hardware else (48_000, 44_100, device.rate, wanted)
    return tuple(dict.fromkeys(rate for rate in rates if 8_000 <= rate <= 48_000))


def channels_to_try(device: SoundDevice, direction: Direction, channel: int) -> tuple[int, ...]:
    """Numbers of channels, the best first; an array is opened with all of its own."""
    if direction is Direction.OUTPUT:
        own = min(device.outputs, 2)
        return (1,) if own == 1 else (1, own, device.outputs)
    return (device.inputs,) if device.is_hardware else (channel + 1, device.inputs)


def names_of(devices: Sequence[SoundDevice], direction: Direction) -> str:
    """The names that could be configured, for an error message."""
    names = [f"'{device.name}'" for device in devices if device.channels(direction)]
    return ", ".join(names) or "none at all"
