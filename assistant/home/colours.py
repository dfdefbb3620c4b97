"""Colours between people, who name them, and lamps, which measure them.

Sources: CSS Color 4 named colours (a selection); CIE 1931 xy with the sRGB primaries, D65.
"""

import colorsys
import re
from collections.abc import Mapping
from typing import Any

Rgb = tuple[int, int, int]

NAMED: Mapping[str, str] = {
    "red": "#ff0000", "green": "#00ff00", "blue": "#0000ff", "yellow": "#ffff00",
    "orange": "#ffa500", "purple": "#800080", "violet": "#ee82ee", "pink": "#ffc0cb",
    "magenta": "#ff00ff", "cyan": "#00ffff", "turquoise": "#40e0d0", "teal": "#008080",
    "white": "#ffffff", "gold": "#ffd700", "lime": "#00ff00", "indigo": "#4b0082",
    "lavender": "#e6e6fa", "salmon": "#fa8072", "coral": "#ff7f50", "crimson": "#dc143c",
    "maroon": "#800000", "navy": "#000080", "olive": "#808000", "brown": "#a52a2a",
    "beige": "#f5f5dc", "amber": "#ffbf00", "aquamarine": "#7fffd4", "rose": "#ff007f",
}  # fmt: skip


def hex_of_word(word: str) -> str | None:
    """Read "red", "#f00" or "#ff0000" as "#rrggbb"; None for anything else."""
    plain = re.sub(r"[\s_-]", "", word.casefold())
    if re.fullmatch(r"#[0-9a-f]{3}", plain):
        return "#" + "".join(digit * 2 for digit in plain[1:])
    if re.fullmatch(r"#?[0-9a-f]{6}", plain):
        return f"#{plain.removeprefix('#')}"
    return NAMED.get(plain)


def rgb_of(colour: str) -> Rgb:
    """Take "#rrggbb" apart."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def hex_of_rgb(red: float, green: float, blue: float) -> str:
    """Join three channels, 0 to 255, clamped."""
    channels = (min(255, max(0, round(value))) for value in (red, green, blue))
    return "#" + "".join(f"{value:02x}" for value in channels)


def hex_of_report(report: Any) -> str | None:
    """Read what lamps report: "#rrggbb", "r,g,b", or an object of rgb, hue/saturation or xy."""
    if isinstance(report, str):
        return _hex_of_text(report)
    if not isinstance(report, Mapping):
        return None
    if isinstance(report.get("hex"), str):
        return hex_of_word(report["hex"])
    numbers = {key: float(number) for key, number in report.items() if _is_number(number)}
    return _hex_of_numbers(numbers)


def hex_of_xy(x: float, y: float) -> str:
    """Turn a chromaticity into the brightest sRGB colour of its kind."""
    height = max(y, 1e-6)
    wide, deep = x / height, (1.0 - x - y) / height
    linear = (
        3.2406 * wide - 1.5372 - 0.4986 * deep,
        -0.9689 * wide + 1.8758 + 0.0415 * deep,
        0.0557 * wide - 0.2040 + 1.0570 * deep,
    )
    peak = max(*linear, 1e-6)
    return hex_of_rgb(*(255 * _companded(max(0.0, part / peak)) for part in linear))


def distance(one: str, other: str) -> int:
    """The largest difference of a channel, both colours at full brightness; 0 to 255."""
    pairs = zip(_at_full(rgb_of(one)), _at_full(rgb_of(other)), strict=True)
    return max(abs(mine - yours) for mine, yours in pairs)


def _hex_of_text(text: str) -> str | None:
    parts = text.split(",")
    if len(parts) >= 3 and all(part.strip().isdecimal() for part in parts):
        return hex_of_rgb(*(float(part[:6]) for part in parts[:3]))
    return hex_of_word(text[:10])


def _hex_of_numbers(numbers: Mapping[str, float]) -> str | None:
    hue = numbers.get("hue", numbers.get("h"))
    saturation = numbers.get("saturation", numbers.get("s"))
    if {"r", "g", "b"} <= numbers.keys():
        return hex_of_rgb(numbers["r"], numbers["g"], numbers["b"])
    if {"x", "y"} <= numbers.keys():
        return hex_of_xy(numbers["x"], numbers["y"])
    if hue is not None and saturation is not None:
        parts = colorsys.hsv_to_rgb(hue % 360 / 360, min(1.0, max(0.0, saturation / 100)), 1.0)
        return hex_of_rgb(*(255 * part for part in parts))
    return None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and abs(value) <= 1e6


def _companded(linear: float) -> float:
    return 12.92 * linear if linear <= 0.0031308 else 1.055 * linear ** (1 / 2.4) - 0.055


def _at_full(colour: Rgb) -> Rgb:
    peak = max(*colour, 1)
    red, green, blue = (round(channel * 255 / peak) for channel in colour)
    return red, green, blue
