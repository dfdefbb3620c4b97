"""How written values are said: "21.5 °C" is read "21.5 degrees Celsius" (pure)."""

import re
from collections.abc import Iterator

_NUMBER = r"(?P<number>[-\u2212\u2013]?\d+(?:[.,]\d+)*)"
_UNITS = {
    "°C": ("degree Celsius", "degrees Celsius"),
    "°F": ("degree Fahrenheit", "degrees Fahrenheit"),
    "°": ("degree", "degrees"),
    "%": ("percent", "percent"),
    "W": ("watt", "watts"),
    "kW": ("kilowatt", "kilowatts"),
    "Wh": ("watt hour", "watt hours"),
    "kWh": ("kilowatt hour", "kilowatt hours"),
    "V": ("volt", "volts"),
    "mA": ("milliampere", "milliamperes"),
    "Hz": ("hertz", "hertz"),
    "lx": ("lux", "lux"),
    "hPa": ("hectopascal", "hectopascals"),
    "ppm": ("part per million", "parts per million"),
    "ppb": ("part per billion", "parts per billion"),
    "\u00b5g/m³": ("microgram per cubic meter", "micrograms per cubic meter"),
    "\u00b5g/m3": ("microgram per cubic meter", "micrograms per cubic meter"),
    "m/s": ("meter per second", "meters per second"),
    "km/h": ("kilometer per hour", "kilometers per hour"),
    "dB": ("decibel", "decibels"),
    "dBm": ("decibel milliwatt", "decibel milliwatts"),
    "ms": ("millisecond", "milliseconds"),
    "min": ("minute", "minutes"),
    "h": ("hour", "hours"),
}
_ALTERNATIVES = "|".join(re.escape(unit) for unit in sorted(_UNITS, key=len, reverse=True))
_QUANTITY = re.compile(rf"(?<![\w.,-]){_NUMBER}\s?(?P<unit>{_ALTERNATIVES})(?!\w)")
_MINUS = re.compile(r"(?<![\w.,)-])[-\u2212\u2013](?=\d)")
_WORDS = (("CO2", "C O 2"), ("CO₂", "C O 2"), ("PM2.5", "P M 2.5"), ("MQTT", "M Q T T"))
_SILENT = re.compile(r"[*_`#<>|\[\]{}~^\\]+")
_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+|\n+")
_LONG_NUMBER = re.compile(r"\d{16,}")
_LONGEST = 2_000


def pronounceable(text: str) -> str:
    """Write a text so that every voice says its values and units as a person would."""
    text = "".join(filter(_is_speech, text[:_LONGEST])).replace("\u03bc", "\u00b5")
    text = _QUANTITY.sub(_said, text)
    text = _MINUS.sub("minus ", text)
    # Nobody counts in quadrillions, and voices fail at far larger ones.
    text = _LONG_NUMBER.sub(lambda number: " ".join(number[0]), text)
    for written, said in _WORDS:
        text = text.replace(written, said)
    return _SILENT.sub(" ", text).strip()


def spoken_sentences(text: str) -> Iterator[str]:
    """The sentences of a text, pronounceable, in order; those without a word are left out."""
    for sentence in _SENTENCE_END.split(pronounceable(text)):
        plain = " ".join(sentence.split())
        if any(letter.isalnum() for letter in plain):
            yield plain


def shortened(text: str, most: int) -> str:
    """The text if it has at most so many letters, else its beginning, cut behind a word."""
    if len(text) <= most:
        return text
    whole_words, _, _ = text[: most + 1].rpartition(" ")
    return whole_words or text[:most]


def _said(quantity: re.Match[str]) -> str:
    number = quantity["number"]
    one, many = _UNITS[quantity["unit"]]
    digits = number.lstrip("-\u2212\u2013").removesuffix(".0")
    sign = "minus " if digits[0] != number[0] else ""
    return f"{sign}{digits} {one if digits == '1' else many}"


def _is_speech(letter: str) -> bool:
    return letter.isprintable() or letter.isspace()
