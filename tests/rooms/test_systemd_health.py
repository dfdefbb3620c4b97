"""What systemd is told, over a real datagram socket."""

import logging
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.adapters.systemd_health import SystemdHealth
from assistant.units import Seconds


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "notify"))
        listener.settimeout(5)
        yield listener


def told_to(manager: socket.socket) -> list[str]:
    return manager.recv(4096).decode().split("\n")


def health_at(manager: socket.socket, **variables: str) -> SystemdHealth:
    return SystemdHealth({"NOTIFY_SOCKET": manager.getsockname(), **variables})


def test_ready_comes_with_its_status(manager: socket.socket) -> None:
    assert health_at(manager).ready("listening")
    assert told_to(manager) == ["READY=1", "STATUS=listening"]


def test_stopping_is_told(manager: socket.socket) -> None:
    health_at(manager).stopping()
    assert told_to(manager) == ["STOPPING=1"]


def test_a_status_is_one_line_and_told_only_when_it_changes(manager: socket.socket) -> None:
    health = health_at(manager)
    assert health.status("no microphone:\nREADY=1")
    assert told_to(manager) == ["STATUS=no microphone: READY=1"]
    assert not health.status("no microphone: READY=1")
    assert not health.status("")
    health.status("listening")
    assert told_to(manager) == ["STATUS=listening"]


def test_the_watchdog_is_fed_three_times_in_its_patience(manager: socket.socket) -> None:
    health = health_at(manager, WATCHDOG_USEC="15000000", WATCHDOG_PID=str(os.getpid()))
    assert health.watchdog_interval == Seconds(5.0)
    assert health.alive()
    assert told_to(manager) == ["WATCHDOG=1"]


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"WATCHDOG_USEC": "0"},
        {"WATCHDOG_USEC": "soon"},
        {"WATCHDOG_USEC": "15000000", "WATCHDOG_PID": "1"},
    ],
)
def test_a_watchdog_that_is_absent_or_not_ours_is_not_fed(
    manager: socket.socket, variables: dict[str, str]
) -> None:
    health = health_at(manager, **variables)
    assert health.watchdog_interval is None
    assert not health.alive()


def test_no_child_inherits_the_right_to_speak_for_us(manager: socket.socket) -> None:
    environment = {
        "NOTIFY_SOCKET": manager.getsockname(),
        "WATCHDOG_USEC": "3000000",
        "WATCHDOG_PID": str(os.getpid()),
        "HOME": "/",
    }
    assert SystemdHealth(environment).alive()
    assert environment == {"HOME": "/"}


def test_an_abstract_address_is_understood() -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(f"\0assistant-test-{os.getpid()}")
        listener.settimeout(5)
        address = "@" + listener.getsockname()[1:].decode()
        assert SystemdHealth({"NOTIFY_SOCKET": address}).ready()
        assert told_to(listener) == ["READY=1"]


def test_without_systemd_nothing_happens() -> None:
    health = SystemdHealth({})
    assert not any([health.ready("x"), health.status("y"), health.alive(), health.stopping()])


def test_a_manager_that_is_gone_is_a_warning_and_no_failure(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    health = SystemdHealth({"NOTIFY_SOCKET": str(tmp_path / "gone")})
    with caplog.at_level(logging.WARNING):
        assert not health.ready()
    assert "systemd cannot be told READY=1" in caplog.text
