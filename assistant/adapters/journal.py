"""Log records as journal entries with fields of their own, or as plain lines elsewhere.

Source: systemd's "Native Journal Protocol". A record's `extra` fields that are named like
`turn_ms` become `ASSISTANT_TURN_MS`.
"""

import logging
import os
import socket
import struct
import sys
import traceback
from collections.abc import Iterator, Mapping

SOCKET = "/run/systemd/journal/socket"
PREFIX = "ASSISTANT_"
_LONGEST_MESSAGE = 4000
_USUAL = frozenset({*vars(logging.makeLogRecord({})), "message", "asctime", "taskName"})
_PRIORITIES = ((logging.CRITICAL, 2), (logging.ERROR, 3), (logging.WARNING, 4), (logging.INFO, 6))


def log_handler(environment: Mapping[str, str]) -> logging.Handler:
    """The journal when standard error goes there anyway, readable lines otherwise."""
    if _is_the_journal(environment.get("JOURNAL_STREAM", "")):
        try:
            return JournalHandler()
        except OSError:
            return _plain_handler()
    return _plain_handler()


def _is_the_journal(stream: str) -> bool:
    """True if `JOURNAL_STREAM` ("device:inode") names our own standard error."""
    try:
        ours = os.fstat(sys.stderr.fileno())
    except (OSError, ValueError):
        return False
    return stream == f"{ours.st_dev}:{ours.st_ino}"


def _plain_handler() -> logging.Handler:
    handler = logging.StreamHandler(sys.stderr)
    line = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"
    handler.setFormatter(logging.Formatter(line, "%H:%M:%S"))
    return handler


class JournalHandler(logging.Handler):
    """Sends each record as one datagram. Raises `OSError` where no journal listens."""

    def __init__(self, address: str = SOCKET) -> None:
        super().__init__()
        self._channel = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            self._channel.connect(address)
        except OSError:
            self._channel.close()
            raise

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record; a journal that does not take it must not stop the house."""
        try:
            self._channel.send(b"".join(_encoded(*field) for field in _fields(record)))
        except OSError:
            self.handleError(record)

    def close(self) -> None:
        """Give the socket back."""
        self._channel.close()
        super().close()


def _fields(record: logging.LogRecord) -> Iterator[tuple[str, str]]:
    message = record.getMessage()
    if record.exc_info and record.exc_info[0] is not None:
        message += "\n" + "".join(traceback.format_exception(*record.exc_info)).rstrip()
    yield "MESSAGE", message[:_LONGEST_MESSAGE]
    yield "PRIORITY", str(_priority(record.levelno))
    yield "SYSLOG_IDENTIFIER", "assistant"
    yield "LOGGER", record.name
    yield "CODE_FILE", record.pathname
    yield "CODE_LINE", str(record.lineno)
    yield "CODE_FUNC", record.funcName or ""
    yield "THREAD_NAME", record.threadName or ""
    for name, value in vars(record).items():
        if name not in _USUAL and name.isidentifier() and name.isascii() and name[0] != "_":
            yield PREFIX + name.upper(), str(value)[:_LONGEST_MESSAGE]


def _priority(level: int) -> int:
    return next((number for floor, number in _PRIORITIES if level >= floor), 7)


def _encoded(name: str, value: str) -> bytes:
    """`NAME=value`, or with its length where the value has several lines."""
    # A lone surrogate (an undecodable file name) must not lose the whole entry.
    data = value.encode(errors="backslashreplace")
    if b"\n" not in data:
        return name.encode() + b"=" + data + b"\n"
    return name.encode() + b"\n" + struct.pack("<Q", len(data)) + data + b"\n"
