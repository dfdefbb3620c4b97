"""Simulated devices on the private broker: they obey, report, take their time, and fail on demand.

Faults are set by `set_fault` or over MQTT: publish the word to `sim/<device id>/fault`.
"""

import asyncio
import json
import socket
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType
from typing import Any, Self

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from assistant.errors import BrokerUnreachable
from assistant.home.devices import Attribute, Availability, Device
from assistant.local.simulated_device import Pace, Reading, SimulatedDevice, Step

_KEEPALIVE_S = 15
_READY_S = 5.0
_FAULTS = "sim/+/fault"

Scenes = Mapping[str, Mapping[str, Mapping[Attribute, Reading]]]
"""Scene id → device id → what the scene wishes of it."""


class Fault(StrEnum):
    """What is wrong with a device."""

    NONE = "none"
    SLOW = "slow"
    """It obeys, but late."""
    SILENT = "silent"
    """It hears, and neither obeys nor answers."""
    REFUSING = "refusing"
    """Its gateway logs an error; without a gateway it reports that nothing changed."""
    OFFLINE = "offline"
    """It is gone, and says so where it has a topic of its own for that."""
    WRONG = "wrong"
    """It does something else."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command that arrived at a device."""

    device_id: str
    topic: str
    payload: str


class House:
    """An async context manager: inside it the devices live on the broker at 127.0.0.1."""

    def __init__(
        self,
        devices: Sequence[Device],
        port: int,
        pace: Pace | None = None,
        scenes: Scenes | None = None,
        *,
        nodelay: bool = True,
    ) -> None:
        self._pace = pace or Pace()
        self._port = port
        self._nodelay = nodelay
        self._scenes = scenes or {}
        self._devices = {device.id: SimulatedDevice(device, self._pace) for device in devices}
        self._faults = dict.fromkeys(self._devices, Fault.NONE)
        self._doings: dict[str, asyncio.Task[None]] = {}
        self._shared = Counter(place.topic for device in devices for place in device.availability)
        self._client: Client | None = None
        self._ready = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self.commands: list[Command] = []
        """Every command that arrived, in order."""

    async def __aenter__(self) -> Self:
        """Move in: returns when the broker has the first states. Raises `BrokerUnreachable`."""
        self._loop = asyncio.get_running_loop()
        self._client = client = self._new_client()
        client.connect_async("127.0.0.1", self._port, _KEEPALIVE_S)
        client.loop_start()
        try:
            async with asyncio.timeout(_READY_S):
                await self._ready.wait()
        except TimeoutError as error:
            await self.close()
            raise BrokerUnreachable("The simulated house finds no broker") from error
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Move out."""
        await self.close()

    async def close(self) -> None:
        """Stop all devices; safe to call twice."""
        doings = list(self._doings.values())
        for task in doings:
            task.cancel()
        await asyncio.gather(*doings, return_exceptions=True)
        client, self._client = self._client, None
        if client is not None:
            await asyncio.to_thread(_stop, client)

    def states(self) -> Mapping[str, Mapping[Attribute, Reading]]:
        """Device id → what is really the case."""
        return {name: dict(device.values) for name, device in self._devices.items()}

    def set_fault(self, device_id: str, fault: Fault) -> None:
        """Break a device, or repair it with `Fault.NONE`."""
        before, self._faults[device_id] = self._faults[device_id], fault
        if Fault.OFFLINE in {before, fault} and before is not fault:
            self._come_or_go(device_id, present=fault is not Fault.OFFLINE)

    def set_by_hand(self, device_id: str, values: Mapping[Attribute, Reading]) -> None:
        """Change a device without a command, as a wall switch or the weather does."""
        self._devices[device_id].values.update(values)
        self._report(device_id)

    # ------------------------------------------------------- callbacks, in paho's thread

    def _new_client(self) -> Client:
        client = Client(
            CallbackAPIVersion.VERSION2, "simulated-house", protocol=MQTTProtocolVersion.MQTTv5
        )
        client.suppress_exceptions = True
        client.reconnect_delay_set(1, 1)
        client.on_socket_open = self._on_socket_open
        client.on_connect = self._on_connect
        client.on_message = self._on_message
        return client

    def _on_socket_open(self, client: Client, userdata: Any, sock: Any) -> None:
        del client, userdata
        if self._nodelay:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def _on_connect(self, *given: Any) -> None:
        del given
        self._later(self._move_in)

    def _on_message(self, client: Client, userdata: Any, message: MQTTMessage) -> None:
        del client, userdata
        self._later(self._receive, message.topic, message.payload.decode("utf-8", "replace"))

    def _later(self, what: Any, *arguments: Any) -> None:
        with suppress(RuntimeError):
            if self._loop is not None:
                self._loop.call_soon_threadsafe(what, *arguments)

    # ------------------------------------------------------------- in the loop's thread

    def _move_in(self) -> None:
        """Subscribe and tell everything, on each connection anew."""
        if self._client is None:
            return
        present = [name for name in self._devices if self._faults[name] is not Fault.OFFLINE]
        topics = {topic for name in present for topic in self._ears_of(name)}
        self._client.subscribe([(topic, 1) for topic in sorted({*topics, _FAULTS})])
        for name in self._devices:
            self._tell_presence(name, present=name in present)
            if name in present:
                self._publish_state(name)
        self._ready.set()

    def _ears_of(self, device_id: str) -> frozenset[str]:
        """Command topics, and where a gateway is asked to read."""
        device = self._devices[device_id]
        asked = (
            {f"{topic}/get" for topic, _ in device.reports()} if device.device.gateway else set()
        )
        return device.command_topics() | asked

    def _receive(self, topic: str, payload: str) -> None:
        if topic.startswith("sim/"):
            self._break(topic.split("/")[1], payload.strip())
            return
        for name in self._devices:
            if topic in self._ears_of(name) and self._faults[name] is not Fault.OFFLINE:
                self._obey(name, topic, payload)

    def _break(self, device_id: str, word: str) -> None:
        if device_id in self._devices and word in set(Fault):
            self.set_fault(device_id, Fault(word))

    def _obey(self, device_id: str, topic: str, payload: str) -> None:
        device = self._devices[device_id]
        if topic.endswith("/get") and topic not in device.command_topics():
            if self._faults[device_id] is Fault.NONE:
                self._publish_state(device_id)
            return
        self.commands.append(Command(device_id, topic, payload))
        wishes = device.wishes_in(topic, payload)
        self._begin(device_id, wishes)
        for member, wanted in self._scenes.get(device_id, {}).items():
            self._begin(member, wanted)

    def _begin(self, device_id: str, wishes: Mapping[Attribute, Reading]) -> None:
        """Start what a command leads to; it replaces what the device was doing."""
        if not wishes:
            return
        if former := self._doings.get(device_id):
            former.cancel()
        self._doings[device_id] = asyncio.get_running_loop().create_task(
            self._do(device_id, wishes), name=f"simulated {device_id}"
        )

    async def _do(self, device_id: str, wishes: Mapping[Attribute, Reading]) -> None:
        device, fault = self._devices[device_id], self._faults[device_id]
        match fault:
            case Fault.SILENT | Fault.OFFLINE:
                return
            case Fault.REFUSING:
                await asyncio.sleep(self._pace.latency)
                self._refuse(device_id, wishes)
            case Fault.WRONG:
                await self._take(device_id, Step(self._pace.latency, device.contrary_to(wishes)))
            case _:
                await asyncio.sleep(self._pace.slow if fault is Fault.SLOW else 0)
                for step in list(device.steps_for(wishes)):
                    await self._take(device_id, step)

    async def _take(self, device_id: str, step: Step) -> None:
        await asyncio.sleep(step.pause)
        device = self._devices[device_id]
        known = {name: value for name, value in step.values.items() if name in device.values}
        device.values.update(known)
        self._report(device_id)
        if device.device.gateway:
            # The radio's receipt came first; now the device itself speaks.
            await asyncio.sleep(self._pace.echo)
            self._report(device_id)

    def _refuse(self, device_id: str, wishes: Mapping[Attribute, Reading]) -> None:
        device = self._devices[device_id].device
        if device.gateway is None:
            self._report(device_id)
            return
        name = _friendly_name(device)
        key = device.channels[next(iter(wishes))].command_key or "state"
        complaint = f"Publish 'set' '{key}' to '{name}' failed: 'Error: no network route'"
        entry = {"level": "error", "message": complaint, "namespace": "z2m"}
        self._publish(f"{device.gateway}/bridge/logging", json.dumps(entry), retain=False)

    def _come_or_go(self, device_id: str, *, present: bool) -> None:
        if self._client is None:
            return
        ears = sorted(self._ears_of(device_id))
        if present:
            self._client.subscribe([(topic, 1) for topic in ears])
            self._publish_state(device_id)
        else:
            self._client.unsubscribe(ears)
        self._tell_presence(device_id, present=present)

    def _tell_presence(self, device_id: str, *, present: bool) -> None:
        """A topic that devices share is the gateway's own: it stays online."""
        for place in self._devices[device_id].device.availability:
            there = present or self._shared[place.topic] > 1
            self._publish(place.topic, _presence(place, there=there))

    def _report(self, device_id: str) -> None:
        if self._faults[device_id] is not Fault.OFFLINE:
            self._publish_state(device_id)

    def _publish_state(self, device_id: str) -> None:
        for topic, payload in self._devices[device_id].reports():
            self._publish(topic, payload)

    def _publish(self, topic: str, payload: str, *, retain: bool = True) -> None:
        if self._client is not None:
            self._client.publish(topic, payload, qos=1, retain=retain)


def _friendly_name(device: Device) -> str:
    topics = (channel.state_topic for channel in device.channels.values())
    topic = next((topic for topic in topics if topic), device.name)
    return topic.removeprefix(f"{device.gateway}/")


def _presence(place: Availability, *, there: bool) -> str:
    word = place.online if there else place.offline
    return word if place.key is None else json.dumps({place.key: word})


def _stop(client: Client) -> None:
    """Goodbye first; a shut socket then keeps `loop_stop` from waiting for receipts."""
    client.disconnect()
    sock: Any = client.socket()
    if sock is not None:
        with suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)
    client.loop_stop()
    if sock is not None:
        with suppress(OSError):
            sock.close()
