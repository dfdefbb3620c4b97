"""Speaks to systemd in its own datagrams: readiness, status, watchdog. Silent elsewhere.

Source: sd_notify(3) and sd_watchdog_enabled(3).
"""

import logging
import os
import socket
from collections.abc import MutableMapping

from assistant.units import Seconds

log = logging.getLogger("assistant.adapters.health")

_ADDRESS = "NOTIFY_SOCKET"
_WATCHDOG = "WATCHDOG_USEC"
_WATCHED = "WATCHDOG_PID"


class SystemdHealth:
    """What the service manager is told; without one every message goes nowhere.

    It takes the variables out of the environment, so that no child speaks in our name.
    """

    def __init__(self, environment: MutableMapping[str, str]) -> None:
        self._address = environment.pop(_ADDRESS, "")
        self._watchdog = _interval(
            environment.pop(_WATCHDOG, ""), environment.pop(_WATCHED, str(os.getpid()))
        )
        self._status = ""

    @property
    def watchdog_interval(self) -> Seconds | None:
        """How often to feed the watchdog: a third of its patience; None where none watches."""
        return self._watchdog

    def ready(self, status: str = "") -> bool:
        """The service is up. True if systemd was told."""
        return self._send("READY=1", *self._news(status))

    def status(self, status: str) -> bool:
        """One line about how things are, sent only when it changed."""
        news = self._news(status)
        return bool(news) and self._send(*news)

    def alive(self) -> bool:
        """Feed the watchdog."""
        return self._watchdog is not None and self._send("WATCHDOG=1")

    def stopping(self, status: str = "") -> bool:
        """The service begins to end."""
        return self._send("STOPPING=1", *self._news(status))

    def _news(self, status: str) -> tuple[str, ...]:
        line = " ".join(status.split())
        if not line or line == self._status:
            return ()
        self._status = line
        return (f"STATUS={line}",)

    def _send(self, *lines: str) -> bool:
        if not self._address:
            return False
        # A leading "@" is an address in the abstract namespace.
        address = "\0" + self._address[1:] if self._address[0] == "@" else self._address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
                channel.settimeout(0)
                channel.sendto("\n".join(lines).encode(), address)
        except OSError as error:
            log.warning("systemd cannot be told %s: %s", lines[0], error.strerror)
            return False
        return True


def _interval(microseconds: str, process: str) -> Seconds | None:
    """A third of the watchdog's patience, if it is meant for this process."""
    if not microseconds.isdecimal() or process != str(os.getpid()):
        return None
    patience = int(microseconds) / 1_000_000
    return Seconds(patience / 3) if patience else None
