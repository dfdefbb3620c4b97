"""Who is at home: visits the broker, and tells what each device said in a short time."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from enum import StrEnum

from assistant.adapters.paho_connection import BrokerAddress
from assistant.adapters.paho_home import Direction, HouseRules, PahoHome, Traffic
from assistant.adapters.paho_supervisor import Patience
from assistant.app.broker_address import broker_address
from assistant.home.devices import Availability, Device
from assistant.home.outcomes import State
from assistant.home.statebook import StateBook
from assistant.home.topics import presence_in
from assistant.local.broker import PrivateBroker
from assistant.local.house import House
from assistant.settings.models import Settings

_LOOK_S = 0.02


class Presence(StrEnum):
    """Whether a device is there, by its own or its gateway's word."""

    ONLINE = "online"
    OFFLINE = "offline"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Answer:
    """What one device told; `state` holds its last readings, stored ones included."""

    device: Device
    presence: Presence
    state: State

    @property
    def can_tell(self) -> bool:
        """True if the device has a topic for any of its states."""
        return any(channel.state_topic for channel in self.device.channels.values())

    @property
    def is_silent(self) -> bool:
        """True if it could tell a state and told none."""
        return self.can_tell and not self.state


async def broker_for(settings: Settings, visitor: str, stack: AsyncExitStack) -> BrokerAddress:
    """The configured broker, or a private one with its simulated house for as long as the stack.

    Raises `BrokerUnreachable` where the private one does not start.
    """
    if not settings.local.broker:
        return broker_address(settings, visitor=visitor)
    broker = await stack.enter_async_context(PrivateBroker())
    if settings.local.house:
        await stack.enter_async_context(House(settings.house, broker.port))
    return broker_address(settings, broker.port, visitor)


async def call_the_roll(
    address: BrokerAddress, devices: Sequence[Device], wait_s: float
) -> tuple[Answer, ...]:
    """Listen until every device has told everything, at most `wait_s`."""
    register = _Register(devices)
    home = PahoHome(
        address, devices, HouseRules(patience=Patience(first_retry=0.05)), register.note
    )
    await home.start()
    try:
        async with asyncio.timeout(wait_s):
            # The home has no event for "all is known": nobody else waits for that.
            while not register.is_complete:  # noqa: ASYNC110
                await asyncio.sleep(_LOOK_S)
    except TimeoutError:
        pass
    finally:
        await home.close()
    return tuple(register.answer_of(device) for device in devices)


class _Register:
    """Notes states and presences from the messages that pass."""

    def __init__(self, devices: Sequence[Device]) -> None:
        self._devices = devices
        self._book = StateBook(devices)
        self._places = {place for device in devices for place in device.availability}
        self._present: dict[Availability, bool] = {}

    def note(self, traffic: Traffic) -> None:
        """An observer of the home."""
        if traffic.direction is Direction.SENT:
            return
        payload = traffic.payload.encode()
        self._book.hear(traffic.topic, payload, stored=traffic.stored)
        for place in self._places:
            present = presence_in(place, payload) if place.topic == traffic.topic else None
            if present is not None:
                self._present[place] = present

    @property
    def is_complete(self) -> bool:
        """True when nothing more can be expected: waiting on would only see changes."""
        everywhere = self._places == self._present.keys()
        return everywhere and all(map(self._has_told_all, self._devices))

    def answer_of(self, device: Device) -> Answer:
        """What is known of one device by now."""
        return Answer(device, self._presence_of(device), self._book.state_of(device))

    def _has_told_all(self, device: Device) -> bool:
        told = self._book.state_of(device)
        readable = {name for name, channel in device.channels.items() if channel.state_topic}
        return readable <= told.keys()

    def _presence_of(self, device: Device) -> Presence:
        words = {self._present.get(place) for place in device.availability}
        if False in words:
            return Presence.OFFLINE
        return Presence.ONLINE if words == {True} else Presence.UNKNOWN
