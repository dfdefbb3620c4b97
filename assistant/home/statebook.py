"""What is known of every device: the last readings, and whether it is there."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from assistant.home.devices import Attribute, Availability, Device
from assistant.home.outcomes import State, Value
from assistant.home.topics import failure_in, presence_in, readings_of, state_topics


@dataclass(frozen=True, slots=True)
class Heard:
    """What one message told about one device.

    A `stored` message came from the broker's memory: it tells a state, but proves nothing.
    """

    device_id: str
    readings: State = field(default_factory=dict)
    stored: bool = False
    failure: str = ""


class StateBook:
    """Readings and presence of a fixed set of devices, fed by messages."""

    def __init__(self, devices: Iterable[Device]) -> None:
        self.devices = tuple(devices)
        self._states: dict[str, dict[Attribute, Value]] = {d.id: {} for d in self.devices}
        self._live: dict[str, set[Attribute]] = {d.id: set() for d in self.devices}
        self._presence: dict[Availability, bool] = {}
        self._readers = _by_topic((d, state_topics(d)) for d in self.devices)
        self._presences = {
            place.topic: place for device in self.devices for place in device.availability
        }
        self._logs = _by_topic((d, _log_topics(d)) for d in self.devices)

    def topics(self) -> tuple[str, ...]:
        """Every topic to subscribe to, once."""
        return tuple(dict.fromkeys((*self._presences, *self._logs, *self._readers)))

    def hear(self, topic: str, payload: bytes, *, stored: bool) -> tuple[Heard, ...]:
        """Note what a message says, and tell whom it is about."""
        self._note_presence(topic, payload)
        heard = [self._note_failure(device, payload) for device in self._logs.get(topic, ())]
        for device in self._readers.get(topic, ()):
            readings = readings_of(device, topic, payload)
            self._states[device.id].update(readings)
            self._note_source(device, readings, stored=stored)
            heard.append(Heard(device.id, readings, stored) if readings else None)
        return tuple(entry for entry in heard if entry is not None)

    def state_of(self, device: Device) -> State:
        """The last readings of a device, whether it is there or not."""
        return dict(self._states.get(device.id, {}))

    def is_live(self, device: Device, attributes: Iterable[Attribute]) -> bool:
        """True if the device told us all that is known of these attributes while we listened."""
        known = self._states[device.id].keys() & set(attributes)
        return known <= self._live[device.id]

    def distrust(self) -> None:
        """The connection was lost: what devices said since then was missed."""
        for live in self._live.values():
            live.clear()

    def is_absent(self, device: Device) -> bool:
        """True if the device or its gateway said that it is gone."""
        return any(self._presence.get(place) is False for place in device.availability)

    def snapshot(self) -> Mapping[str, State]:
        """Device id → last readings, as a copy."""
        return {device_id: dict(state) for device_id, state in self._states.items()}

    def _note_source(self, device: Device, readings: State, *, stored: bool) -> None:
        live = self._live[device.id]
        if stored:
            live.difference_update(readings)
        else:
            live.update(readings)

    def _note_presence(self, topic: str, payload: bytes) -> None:
        place = self._presences.get(topic)
        present = None if place is None else presence_in(place, payload)
        if place is not None and present is not None:
            self._presence[place] = present

    def _note_failure(self, device: Device, payload: bytes) -> Heard | None:
        failure = failure_in(payload, device)
        return Heard(device.id, failure=failure) if failure else None


def _log_topics(device: Device) -> frozenset[str]:
    return frozenset({f"{device.gateway}/bridge/logging"} if device.gateway else ())


def _by_topic(
    pairs: Iterable[tuple[Device, frozenset[str]]],
) -> dict[str, tuple[Device, ...]]:
    found: dict[str, tuple[Device, ...]] = {}
    for device, topics in pairs:
        for topic in sorted(topics):
            found[topic] = (*found.get(topic, ()), device)
    return found
