"""Real (or virtual) sound cards for the contract tests, where PortAudio lists any."""

import functools
from typing import TYPE_CHECKING

import pytest

from assistant.adapters.sound_devices import Direction

if TYPE_CHECKING:
    from assistant.adapters.pyaudio_devices import SoundCards


@functools.cache
def cards() -> "SoundCards":
    """The one owner of PortAudio; skips where PyAudio is not installed."""
    pytest.importorskip("pyaudio", reason="PyAudio is not installed")
    from assistant.adapters.pyaudio_devices import SoundCards  # noqa: PLC0415

    return SoundCards()


def a_card_that(direction: Direction) -> tuple[str, ...]:
    """No particular name, where a device exists that has channels in the direction; else skips."""
    if not any(device.channels(direction) for device in cards().devices()):
        pytest.skip("PortAudio lists no sound card")
    return ()
