"""Checks of the home: the broker, the devices behind it, and the private broker's program."""

import asyncio
from contextlib import AsyncExitStack

from assistant.adapters.paho_visit import protocol_spoken_at
from assistant.app.checks import Finding, Row, good, skipped, weak
from assistant.app.devices_command import NOBODY
from assistant.app.roll_call import Answer, Presence, broker_for, call_the_roll
from assistant.app.table import printable
from assistant.errors import BrokerUnreachable
from assistant.local.broker import PrivateBroker
from assistant.settings.models import Settings

WAIT_S = 2.0
_MOST_NAMED = 6


def mosquitto(settings: Settings) -> Finding:
    """Start a private broker, as the demo does."""
    try:
        asyncio.run(_start_and_stop())
    except BrokerUnreachable as error:
        if settings.local.broker:
            raise
        return skipped(f"{error.problem}; not needed, the broker is the one under [mqtt]")
    return good("a private broker starts, and accepts a client")


async def _start_and_stop() -> None:
    async with PrivateBroker():
        pass


def broker(settings: Settings) -> Finding:
    """Be let in at the configured broker; without devices nobody needs it."""
    if settings.local.broker:
        return skipped("a private one, started together with the assistant")
    mqtt = settings.mqtt
    try:
        protocol = asyncio.run(_protocol(settings))
    except BrokerUnreachable as error:
        if settings.devices:
            raise
        return weak(error.problem, error.remedy)
    user = f"as '{mqtt.username}'" if mqtt.username else "without a user name"
    tls = "with TLS" if mqtt.tls else "without TLS"
    return good(f"{mqtt.host}:{mqtt.port} speaks {protocol} {tls}, {user}")


async def _protocol(settings: Settings) -> str:
    async with AsyncExitStack() as stack:
        return await protocol_spoken_at(await broker_for(settings, "doctor", stack))


def devices(settings: Settings) -> Finding:
    """Hear what the devices have told the broker."""
    if not settings.devices:
        return weak(*NOBODY.split(": ", 1))
    if settings.local.broker and not settings.local.house:
        return skipped("a private broker without a simulated house knows no device")
    try:
        return judge_answers(asyncio.run(_answers(settings)))
    except BrokerUnreachable:
        return skipped("not asked: the broker is away")


async def _answers(settings: Settings) -> tuple[Answer, ...]:
    async with AsyncExitStack() as stack:
        address = await broker_for(settings, "doctor", stack)
        await protocol_spoken_at(address)
        return await call_the_roll(address, settings.house, WAIT_S)


def judge_answers(answers: tuple[Answer, ...]) -> Finding:
    """Offline devices first, then silent ones: their topics are probably misspelled."""
    gone = [answer for answer in answers if answer.presence is Presence.OFFLINE]
    mute = [answer for answer in answers if answer.is_silent]
    able = [answer for answer in answers if answer.can_tell]
    told = sum(bool(answer.state) for answer in able)
    words = f"{told} of {len(able)} that can tell their state did"
    if gone:
        return weak(f"{words}; offline: {_names(gone)}", "give them power; look at their gateway")
    if mute:
        remedy = "compare their topics with: mosquitto_sub -v -t '#'"
        return weak(f"{words}; silent: {_names(mute)}", remedy)
    return good(words)


def _names(answers: list[Answer]) -> str:
    names = [printable(answer.device.name) for answer in answers[:_MOST_NAMED]]
    more = len(answers) - len(names)
    return ", ".join(names) + (f" and {more} more" if more else "")


ROWS = (
    Row("mosquitto", mosquitto, needs_settings=False),
    Row("broker", broker),
    Row("devices", devices),
)
