"""Log records in the journal's own protocol, read back from a real socket."""

import logging
import os
import socket
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.adapters.journal import JournalHandler, log_handler

Logger = logging.Logger


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "journal"))
        listener.settimeout(5)
        yield listener


@pytest.fixture
def logger(journal: socket.socket) -> Iterator[Logger]:
    logger = Logger("assistant.engine")
    handler = JournalHandler(journal.getsockname())
    logger.addHandler(handler)
    yield logger
    handler.close()


def entry_in(journal: socket.socket) -> dict[str, str]:
    """One entry, parsed as journald does."""
    data, fields = journal.recv(65_536), {}
    while data:
        line, _, data = data.partition(b"\n")
        name, equals, value = line.partition(b"=")
        if not equals:
            (size,) = struct.unpack_from("<Q", data)
            value, data = data[8 : 8 + size], data[8 + size + 1 :]
        fields[name.decode()] = value.decode()
    return fields


def test_a_record_has_its_message_its_priority_and_its_place(
    journal: socket.socket, logger: Logger
) -> None:
    logger.warning("the %s is back", "microphone")
    entry = entry_in(journal)
    assert entry["MESSAGE"] == "the microphone is back"
    assert entry["PRIORITY"] == "4"
    assert entry["SYSLOG_IDENTIFIER"] == "assistant"
    assert entry["LOGGER"] == "assistant.engine"
    assert entry["CODE_FILE"] == __file__


@pytest.mark.parametrize(
    ("level", "priority"), [(10, "7"), (20, "6"), (30, "4"), (40, "3"), (50, "2")]
)
def test_levels_become_priorities(
    journal: socket.socket, logger: Logger, level: int, priority: str
) -> None:
    logger.log(level, "x")
    assert entry_in(journal)["PRIORITY"] == priority


def test_extra_fields_become_fields_of_the_assistant(
    journal: socket.socket, logger: Logger
) -> None:
    logger.info("turn", extra={"event": "turn", "turn_ms": 812, "_hidden": 1, "bad name": 2})
    entry = entry_in(journal)
    own = {name: value for name, value in entry.items() if name.startswith("ASSISTANT_")}
    assert own == {"ASSISTANT_EVENT": "turn", "ASSISTANT_TURN_MS": "812"}


def test_several_lines_cannot_forge_a_field(journal: socket.socket, logger: Logger) -> None:
    logger.info("one\nPRIORITY=0\ntwo", extra={"state": "a\nMESSAGE=b"})
    entry = entry_in(journal)
    assert entry["MESSAGE"] == "one\nPRIORITY=0\ntwo"
    assert entry["PRIORITY"] == "6"
    assert entry["ASSISTANT_STATE"] == "a\nMESSAGE=b"


def test_an_exception_comes_with_its_stack(journal: socket.socket, logger: Logger) -> None:
    try:
        (Path("/nowhere") / "gone").read_text()
    except OSError:
        logger.exception("failed")
    message = entry_in(journal)["MESSAGE"]
    assert message.startswith("failed\nTraceback")
    assert "FileNotFoundError" in message.splitlines()[-1]


def test_a_very_long_message_is_cut(journal: socket.socket, logger: Logger) -> None:
    logger.info("x" * 100_000)
    assert len(entry_in(journal)["MESSAGE"]) == 4000


def test_text_that_is_no_unicode_is_written_all_the_same(
    journal: socket.socket, logger: Logger
) -> None:
    logger.info("file \udcff")
    assert entry_in(journal)["MESSAGE"] == "file \\udcff"


def test_without_a_journal_there_are_readable_lines(capsys: pytest.CaptureFixture[str]) -> None:
    handler = log_handler({})
    logger = Logger("assistant.engine")
    logger.addHandler(handler)
    logger.warning("the microphone is back")
    assert capsys.readouterr().err.endswith("WARNING assistant.engine: the microphone is back\n")


def test_a_journal_stream_that_is_not_our_standard_error_changes_nothing() -> None:
    assert not isinstance(log_handler({"JOURNAL_STREAM": "1:2"}), JournalHandler)


def test_a_journal_that_cannot_be_reached_leaves_readable_lines(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with (tmp_path / "stderr").open("w") as stream:
        monkeypatch.setattr(sys, "stderr", stream)
        status = os.fstat(stream.fileno())
        monkeypatch.setattr(JournalHandler.__init__, "__defaults__", (str(tmp_path / "none"),))
        handler = log_handler({"JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino}"})
    assert type(handler) is logging.StreamHandler


def test_our_standard_error_in_the_journal_is_recognised(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, journal: socket.socket
) -> None:
    with (tmp_path / "stderr").open("w") as stream:
        monkeypatch.setattr(sys, "stderr", stream)
        status = os.fstat(stream.fileno())
        monkeypatch.setattr(JournalHandler.__init__, "__defaults__", (journal.getsockname(),))
        handler = log_handler({"JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino}"})
    assert isinstance(handler, JournalHandler)
    handler.close()
