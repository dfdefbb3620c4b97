"""`assistant devices`: who is at home, and in which state, as MQTT tells it."""

import asyncio
import json
import logging
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from assistant.adapters.paho_visit import protocol_spoken_at
from assistant.app.options import chosen_settings
from assistant.app.roll_call import Answer, broker_for, call_the_roll
from assistant.app.table import lined_up, printable
from assistant.home.changes import Change
from assistant.home.devices import Attribute, Device
from assistant.home.outcomes import Value
from assistant.home.policy import risk_of
from assistant.settings.models import Settings

NOBODY = "no devices are configured: add [[devices]] tables; config/assistant.toml has examples"
_HEADINGS = ("NAME", "KIND", "AREA", "PRESENCE", "STATE", "RISK")
_LONGEST_STATE = 100


def run_from(config: Path | None, *, wait_s: float, as_json: bool) -> int:
    """`assistant devices`. Raises `SettingsError`, `BrokerUnreachable`."""
    settings = chosen_settings(config)
    logging.basicConfig(level=logging.ERROR, stream=sys.stderr)
    if not settings.house:
        print(NOBODY, file=sys.stderr if as_json else sys.stdout)
        return 0
    answers = asyncio.run(_answers(settings, wait_s))
    if as_json:
        for answer in answers:
            print(json.dumps(_told(answer), ensure_ascii=False))
    else:
        _print_table(answers)
    return 0


async def _answers(settings: Settings, wait_s: float) -> tuple[Answer, ...]:
    async with AsyncExitStack() as stack:
        address = await broker_for(settings, "devices", stack)
        await protocol_spoken_at(address)
        return await call_the_roll(address, settings.house, wait_s)


def _print_table(answers: Sequence[Answer]) -> None:
    for line in lined_up([_HEADINGS, *map(_row, answers)]):
        print(line)
    silent = [printable(answer.device.name) for answer in answers if answer.is_silent]
    if silent:
        print(f"\n{len(silent)} of {len(answers)} told no state: {', '.join(silent)}")


def _row(answer: Answer) -> tuple[str, ...]:
    device = answer.device
    return (
        printable(device.name),
        device.kind.value,
        printable(device.area or "-"),
        answer.presence.value,
        _state_in_words(answer),
        _risk_of(device),
    )


def _state_in_words(answer: Answer) -> str:
    device, told = answer.device, answer.state
    readings = (_reading(device, name, told[name]) for name in device.channels if name in told)
    return printable(", ".join(readings) or "-", _LONGEST_STATE)


def _reading(device: Device, attribute: Attribute, value: Value) -> str:
    if isinstance(value, str):
        return f"{attribute.value} {value}"
    return f"{attribute.value} {value:g}{_UNITS.get(attribute) or device.channels[attribute].unit}"


_UNITS = {
    Attribute.BRIGHTNESS: "%",
    Attribute.POSITION: "%",
    Attribute.SPEED: "%",
    Attribute.HUMIDITY: "%",
    Attribute.COLOR_TEMP: " K",
    Attribute.TEMPERATURE: " °C",
    Attribute.TARGET_TEMPERATURE: " °C",
}


def _risk_of(device: Device) -> str:
    """The risk of the most daring command, or that there is none; hidden devices say so."""
    if not any(channel.command_topic for channel in device.channels.values()):
        risk = "read only"
    else:
        risk = risk_of(Change(device, toggled=True)).value
    return risk if device.exposed else f"{risk}, hidden"


def _told(answer: Answer) -> dict[str, Any]:
    """The same for programs; JSON itself makes strange letters harmless."""
    device = answer.device
    return {
        "id": device.id,
        "name": device.name,
        "aliases": device.aliases,
        "kind": device.kind.value,
        "area": device.area,
        "presence": answer.presence.value,
        "state": {attribute.value: value for attribute, value in answer.state.items()},
        "risk": _risk_of(device).removesuffix(", hidden"),
        "exposed": device.exposed,
    }
