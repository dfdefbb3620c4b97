"""Speech, noise and sentences for the tests of the ears; the house's own voice speaks them."""

from functools import cache

import numpy as np

from assistant.audio.frames import Floats, floats_of, pcm_of
from assistant.audio.resampling import resampled
from assistant.local.voice import HouseVoice

EARS_RATE = 16_000

COMMANDS = (
    "turn on the kitchen light",
    "set the living room lamp to forty percent",
    "close the garage door",
    "what's the temperature in the bedroom",
    "lock the front door",
    "set the thermostat to twenty one degrees",
    "turn everything off",
    "turn off the bedroom fan",
    "open the living room blinds",
    "dim the hallway lights",
    "set the kitchen light to red",
    "is the front door locked",
    "pause the music",
    "set a timer for ten minutes",
    "turn off all the lights",
    "unlock the back door",
    "make the bedroom light brighter",
    "what time is it",
    "start the vacuum cleaner",
    "turn on the coffee maker",
    "set the fan speed to fifty percent",
    "close the curtains in the bedroom",
    "turn the office heater up",
    "arm the alarm",
    "never mind",
)
ELSEWHERE = (
    "tell me a joke",
    "how tall is mount everest",
    "what should we cook for dinner tonight",
    "do you know where my keys are",
    "please send an email to the office",
    "i think the kitchen looks great",
    "we left the garage door open last night",
    "turn on the patio heater",
    "don't turn on the kitchen light",
    "can you lock the car",
    "the front door is red",
    "turn around and close your eyes",
)

_ONES = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["", "", *["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]]
_LIGHTS = ("kitchen light", "living room lamp", "hallway lights", "bedroom light", "porch light")
_SWITCHES = (*_LIGHTS, "coffee maker", "bedroom fan", "office heater", "television")
_ROOMS = ("kitchen", "living room", "bedroom", "hallway", "office", "garage")


def in_words(number: int) -> str:
    """A number from 0 to 100 as it is said."""
    if number < 20:
        return _ONES[number]
    tens, ones = divmod(number, 10)
    return "one hundred" if tens == 10 else f"{_TENS[tens]} {_ONES[ones] if ones else ''}".strip()


def said_in_words(sentence: str | None) -> str:
    """A heard sentence with its digits as words, since the model writes both."""
    words = (sentence or "").split()
    return " ".join(in_words(int(word)) if word.isdigit() else word for word in words)


def _about_switches() -> list[str]:
    states = [(thing, state) for thing in _SWITCHES for state in ("on", "off")]
    return [
        form.format(thing, state)
        for thing, state in states
        for form in ("turn {1} the {0}", "turn the {0} {1}", "switch {1} the {0}", "is the {0} {1}")
    ]


def _about_numbers() -> list[str]:
    numbers = [form for number in range(101) for form in (in_words(number), str(number))]
    return [
        *(f"set the {thing} to {n} percent" for thing in _LIGHTS for n in numbers),
        *(f"set a timer for {n} {unit}" for unit in ("minutes", "seconds") for n in numbers),
        *(f"set the thermostat to {n} degrees" for n in numbers),
        *(f"set the fan speed to {n} percent" for n in numbers),
    ]


def _about_rooms() -> list[str]:
    return [
        form.format(room)
        for room in _ROOMS
        for form in (
            "turn on the lights in the {}",
            "turn off all the lights in the {}",
            "what's the temperature in the {}",
            "open the curtains in the {}",
            "close the blinds in the {}",
        )
    ]


def _about_doors() -> list[str]:
    verbs = ("lock", "unlock", "open", "close")
    return [f"{verb} the {which} door" for verb in verbs for which in ("front", "back", "garage")]


def home_sentences() -> list[str]:
    """What a home of a dozen devices understands; some 2,000 sentences."""
    short = ["yes", "no", "stop", "pause", "next", "cancel", "help", "thank you", "that's all"]
    return [
        *COMMANDS,
        *_about_switches(),
        *_about_numbers(),
        *_about_rooms(),
        *_about_doors(),
        *short,
        *("turn it up", "turn it down", "disarm the alarm", "what's the time", "good night"),
    ]


@cache
def house_voice() -> HouseVoice:
    """One voice for all tests; it is loaded at the first word."""
    return HouseVoice()


@cache
def said(text: str) -> bytes:
    """A text in the house's voice, s16le mono at 16 kHz, between moments of silence."""
    pcm = b"".join(house_voice().sentences(text))
    return silence(0.5) + resampled(pcm, 24_000, EARS_RATE) + silence(1.0)


def speech_seconds(pcm: bytes) -> float:
    """How long it speaks, from the first loud sample to the last."""
    loud = np.flatnonzero(np.abs(floats_of(pcm)) > 0.01)
    return float(loud[-1] - loud[0]) / EARS_RATE if len(loud) else 0.0


def silence(seconds: float) -> bytes:
    """Nothing at all."""
    return bytes(2 * int(seconds * EARS_RATE))


def noise(seconds: float, loudness: float = 0.1, seed: int = 1) -> bytes:
    """Pink noise, always the same for one seed."""
    count = int(seconds * EARS_RATE)
    white = np.fft.rfft(np.random.default_rng(seed).standard_normal(count))
    pink = np.fft.irfft(white / np.sqrt(np.arange(1, len(white) + 1)), count)
    return pcm_of(loudness * pink / np.sqrt(np.mean(pink**2)))


def mixed(one: bytes, other: bytes) -> bytes:
    """Two sounds of the same length at once."""
    total: Floats = floats_of(one) + floats_of(other)
    return pcm_of(total)
