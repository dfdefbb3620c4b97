"""Which MQTT to speak with a broker: version 5, the old one if it must be, and 5 again daily."""

import time
from collections.abc import Callable

from paho.mqtt.enums import MQTTProtocolVersion

from assistant.adapters.paho_connection import UNSUPPORTED_PROTOCOL, PahoConnection

_MOST_SILENT_DROPS = 2


class ProtocolChoice:
    """Learns from attempts; asked before each new one. The running connection is left alone."""

    def __init__(self, again_after_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._again_after_s = again_after_s
        self._clock = clock
        self._silent_drops = 0
        self._old_since: float | None = None

    def version(self) -> MQTTProtocolVersion:
        """The version for the next attempt."""
        since = self._old_since
        if since is not None and self._clock() - since >= self._again_after_s:
            self._old_since = None
        modern = self._old_since is None
        return MQTTProtocolVersion.MQTTv5 if modern else MQTTProtocolVersion.MQTTv311

    def learn_from(self, connection: PahoConnection) -> None:
        """Speak MQTT 3.1.1 with brokers that refuse 5, or twice hang up without a word."""
        silent = connection.refusal is None and connection.was_dropped
        self._silent_drops = self._silent_drops + 1 if silent else 0
        refused = connection.refusal == UNSUPPORTED_PROTOCOL
        if refused or self._silent_drops >= _MOST_SILENT_DROPS:
            self._silent_drops = 0
            # What goes wrong in the old way says nothing about the new one.
            self._old_since = self._clock() if self._old_since is None else self._old_since
