"""Checks of the machine itself: Python, the clock, the power, and the runtime of the nets."""

import os
import platform
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from assistant.app.checks import Finding, Row, bad, good, skipped, weak
from assistant.settings.models import Settings

SUPPORTED = ((3, 11), (3, 13))
_MACHINES = frozenset({"aarch64", "x86_64"})
_OLDEST_NOW = datetime(2026, 11, 1, tzinfo=UTC)
"""The program did not exist before."""
_YEARS = 30
_SYNCHRONISED = Path("/run/systemd/timesync/synchronized")
_PIN = 'pip install "onnxruntime>=1.22,<1.28"'
_POWER_S = 5.0


def python(_: Settings) -> Finding:
    """The interpreter and the architecture that it was built for."""
    bits = 64 if sys.maxsize > 2**32 else 32
    return judge_python(sys.version_info[:2], platform.machine(), bits)


def judge_python(number: tuple[int, int], machine: str, bits: int) -> Finding:
    """Newer versions, strange processors and 32-bit systems have no wheels."""
    words = f"Python {number[0]}.{number[1]} on {machine}, {bits} bit"
    if bits != 64:  # a 64-bit kernel calls itself aarch64 also under 32-bit programs
        return bad(words, "install the 64-bit Raspberry Pi OS; there are no nets for 32 bit")
    if not SUPPORTED[0] <= number <= SUPPORTED[1]:
        return bad(words, "use Python 3.11, 3.12 or 3.13")
    if machine not in _MACHINES:
        return weak(words, "tried only on aarch64 and x86_64")
    return good(words)


def clock(_: Settings) -> Finding:
    """A Raspberry Pi has no battery: until the network tells the time, it is wrong."""
    return judge_clock(datetime.now(UTC), synchronised=_SYNCHRONISED.exists())


def judge_clock(now: datetime, *, synchronised: bool) -> Finding:
    """A clock before this program was made is wrong, and certificates then fail."""
    words = f"{now:%Y-%m-%d %H:%M} UTC"
    if not _OLDEST_NOW <= now <= _OLDEST_NOW.replace(year=_OLDEST_NOW.year + _YEARS):
        return bad(f"{words} cannot be", "run: sudo timedatectl set-ntp true")
    return good(f"{words}, {'set by the network' if synchronised else 'plausible'}")


def power(_: Settings) -> Finding:
    """What the Raspberry Pi's firmware says of its supply and its heat."""
    program = shutil.which("vcgencmd")
    if program is None:
        return skipped("no Raspberry Pi firmware to ask (vcgencmd)")
    done = subprocess.run(
        [program, "get_throttled"], capture_output=True, text=True, timeout=_POWER_S, check=False
    )
    word = re.fullmatch(r"throttled=(0x[0-9a-fA-F]+)", done.stdout.strip())
    if word is None:
        return skipped("the firmware does not answer; only the group video may ask it")
    return judge_power(int(word[1], 16))


def judge_power(word: int) -> Finding:
    """The bits of `get_throttled`: low ones for now, the same sixteen higher since the start."""
    now = [meaning for bit, meaning in _THROTTLED.items() if word >> bit & 1]
    before = [meaning for bit, meaning in _THROTTLED.items() if word >> (bit + 16) & 1]
    remedy = "use the official power supply, and a case that lets the heat out"
    if now:
        return bad(f"now: {', '.join(now)}", remedy)
    if before:
        return weak(f"since the start: {', '.join(before)}", remedy)
    return good("enough power, and cool")


_THROTTLED = {
    0: "too little voltage",
    1: "frequency capped",
    2: "throttled",
    3: "close to the temperature limit",
}
"""Source: Raspberry Pi documentation, "vcgencmd", get_throttled."""


def runtime(_: Settings) -> Finding:
    """The version of onnxruntime, without importing it, and its telemetry."""
    try:
        number = version("onnxruntime")
    except PackageNotFoundError:
        return bad("onnxruntime is not installed", f"run: {_PIN}")
    return judge_runtime(number, os.environ.get("ORT_DISABLE_TELEMETRY", ""))


def judge_runtime(number: str, variable: str) -> Finding:
    """Too old dies on a Pi 4, too new phones home unless the variable forbids it."""
    parts = tuple(int(part) for part in re.findall(r"\d+", number)[:2])
    words = f"onnxruntime {number}, telemetry {'off' if variable == '1' else 'not switched off'}"
    if variable != "1":
        return bad(words, "set ORT_DISABLE_TELEMETRY=1 before the start")
    if parts < (1, 22):
        return bad(words, f"1.21 ends with 'Illegal instruction' on a Pi 4: {_PIN}")
    return good(words) if parts < (1, 28) else weak(words, f"newer than what was tried: {_PIN}")


ROWS = (
    Row("python", python, needs_settings=False),
    Row("clock", clock, needs_settings=False),
    Row("power", power, needs_settings=False),
    Row("onnxruntime", runtime, needs_settings=False),
)
