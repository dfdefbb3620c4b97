"""Which device a name means, and how it is opened; on lists as PortAudio gives them."""

import pytest

from assistant.adapters.sound_devices import (
    Direction,
    SoundDevice,
    card_number,
    channels_to_try,
    chosen,
    names_of,
    rates_to_try,
)
from assistant.errors import MicrophoneMissing, SpeakerMissing

CARDS = """\
 0 [vc4hdmi0       ]: vc4-hdmi - vc4-hdmi-0
                      vc4-hdmi-0
 1 [seeed2micvoicec]: seeed2micvoicec - seeed2micvoicec
                      seeed2micvoicec
10 [Device         ]: USB-Audio - USB PnP Sound Device
"""
HDMI = SoundDevice(0, "vc4-hdmi-0: MAI PCM i2s-hifi-0 (hw:0,0)", 0, 2, 44_100)
HAT = SoundDevice(1, "seeed-2mic-voicecard: bcm2835 (hw:1,0)", 2, 2, 48_000)
USB = SoundDevice(2, "USB PnP Sound Device: Audio (hw:10,0)", 1, 2, 44_100)
DEFAULT = SoundDevice(3, "default", 128, 128, 48_000)
ALL = (HDMI, HAT, USB, DEFAULT)


def test_without_a_name_the_default_is_taken() -> None:
    assert chosen(ALL, (), Direction.INPUT, default=3) is DEFAULT


def test_a_default_that_cannot_hear_gives_way_to_one_that_can() -> None:
    assert chosen(ALL, (), Direction.INPUT, default=0) is HAT
    assert chosen(ALL, (), Direction.INPUT, default=None) is HAT
    assert chosen((HDMI,), (), Direction.INPUT, default=None) is None


@pytest.mark.parametrize(
    ("name", "device"),
    [
        ("default", DEFAULT),
        ("usb pnp", USB),
        ("Device", USB),
        ("seeed2micvoicec", HAT),
        ("hw:1,0", HAT),
        ("ReSpeaker", None),
    ],
)
def test_a_device_is_meant_by_its_card_its_name_or_a_piece_of_it(
    name: str, device: SoundDevice | None
) -> None:
    assert chosen(ALL, (name,), Direction.INPUT, 3, CARDS) is device


def test_the_first_name_that_fits_decides() -> None:
    assert chosen(ALL, ("ReSpeaker", "USB", "default"), Direction.INPUT, 3, CARDS) is USB


def test_a_device_without_channels_that_way_is_passed_over() -> None:
    assert chosen(ALL, ("vc4hdmi0",), Direction.INPUT, 3, CARDS) is None
    assert chosen(ALL, ("vc4hdmi0",), Direction.OUTPUT, 3, CARDS) is HDMI


def test_card_one_is_not_card_ten() -> None:
    assert card_number(CARDS, "Device") == 10
    assert chosen((USB, HAT), ("seeed2micvoicec",), Direction.INPUT, None, CARDS) is HAT


def test_hardware_is_asked_for_the_wanted_rate_first_and_converters_last() -> None:
    assert rates_to_try(USB, 16_000) == (16_000, 44_100, 48_000)
    assert rates_to_try(DEFAULT, 16_000) == (48_000, 44_100, 16_000)


def test_an_array_is_opened_with_all_its_channels() -> None:
    assert channels_to_try(HAT, Direction.INPUT, 0) == (2,)
    assert channels_to_try(DEFAULT, Direction.INPUT, 1) == (2, 128)
    assert channels_to_try(HAT, Direction.OUTPUT, 0)[:2] == (1, 2)
    mono = SoundDevice(9, "x (hw:9,0)", 0, 1, 48_000)
    assert channels_to_try(mono, Direction.OUTPUT, 0) == (1,)


def test_the_error_is_that_of_the_direction() -> None:
    assert isinstance(Direction.INPUT.missing("x"), MicrophoneMissing)
    missing = Direction.OUTPUT.missing("x", "y")
    assert isinstance(missing, SpeakerMissing)
    assert str(missing) == "no speaker: x - y"


def test_the_names_that_exist_are_told() -> None:
    assert names_of((HDMI, DEFAULT), Direction.INPUT) == "'default'"
    assert names_of((HDMI,), Direction.INPUT) == "none at all"
