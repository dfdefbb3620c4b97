"""`assistant run` as systemd and a person at a terminal see it."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.house.children import Child, assistant, until
from tests.house.configs import write_config
from tests.house.speech import heard, likeness, pause, read_channels, spoken, write_wav

pytestmark = pytest.mark.slow

LAMP = "turn on the kitchen light"
SOON_S = 5.0
"""Measured: 0.8 to 1.0 s with two cores at load 4. The rest is for noise."""


class ServiceManager:
    """Receives what a service tells systemd."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self.told: list[str] = []

    def hears(self, word: str, seconds: float = 60.0) -> bool:
        """True once a message has held a line that begins so."""
        self._channel.settimeout(seconds)
        while not any(line.startswith(word) for line in self.told):
            try:
                self.told += self._channel.recv(4096).decode().split("\n")
            except TimeoutError:
                return False
        return True


@contextmanager
def service_manager(name: str) -> Iterator[ServiceManager]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.bind(f"\0{name}")
        yield ServiceManager(channel)


def test_systemd_is_told_of_readiness_conversation_watchdog_and_end(tmp_path: Path) -> None:
    said = pause(1.0) + spoken(f"hey jarvis {LAMP}")
    file = write_wav(tmp_path / "said.wav", said)
    tape = tmp_path / "played.wav"
    config = write_config(tmp_path, microphone=file, speaker=tape)
    name = f"assistant-test-{os.getpid()}"
    with (
        service_manager(name) as systemd,
        assistant(
            "run", "--config", config, NOTIFY_SOCKET=f"@{name}", WATCHDOG_USEC="1500000"
        ) as daemon,
    ):
        assert systemd.hears("READY=1")
        assert systemd.hears("STATUS=listening for the wake word")
        assert systemd.hears("WATCHDOG=1")
        assert systemd.hears("STATUS=in conversation")
        daemon.complaint("reply completed")
        assert "STOPPING=1" not in systemd.told
        daemon.complaint("now asleep")
        daemon.process.send_signal(signal.SIGTERM)
        assert systemd.hears("STOPPING=1", 5)
        assert daemon.ended(10) == 0
    assert "calling home_turn" in daemon.stderr
    assert likeness(_end_of(tape), "the kitchen light is on") > 0.8


def _end_of(tape: Path) -> str:
    rate, (samples,) = read_channels(tape)
    return heard(samples[-5 * rate :].tobytes(), rate)


@pytest.mark.parametrize(
    "send", [lambda pid: os.kill(pid, signal.SIGTERM), lambda pid: os.killpg(pid, signal.SIGINT)],
    ids=["SIGTERM", "Ctrl-C, which a terminal sends to the children too"],
)  # fmt: skip
def test_a_signal_ends_the_daemon_soon_quietly_and_with_all_its_children(
    tmp_path: Path, send: Callable[[int], None]
) -> None:
    folder = tmp_path / "tmp"
    folder.mkdir()
    config = write_config(tmp_path)
    with assistant("run", "--config", config, TMPDIR=str(folder)) as daemon:
        daemon.complaint("ready: say")
        family = daemon.family()
        assert any("mosquitto" in command for command in family.values()), family
        assert any("assistant serve" in command for command in family.values()), family
        began = time.monotonic()
        send(daemon.pid)
        code = daemon.ended(10)
        took = time.monotonic() - began
        assert (code, daemon.family()) == (0, {})
    assert took < SOON_S
    assert _trouble(daemon) == []
    assert daemon.lines == []
    assert list(folder.iterdir()) == []


def test_ctrl_c_during_the_start_leaves_nobody_behind(tmp_path: Path) -> None:
    with assistant("run", "--config", write_config(tmp_path)) as daemon:
        until(lambda: any(map(_leaves_ctrl_c_to_others, daemon.family())))
        os.killpg(daemon.pid, signal.SIGINT)
        # Once, on a very busy machine, the first Ctrl-C of a start went unheard: press again.
        with suppress(subprocess.TimeoutExpired):
            daemon.process.wait(10)
        if daemon.process.poll() is None:
            os.killpg(daemon.pid, signal.SIGINT)
        code = daemon.ended(10)
        assert (code, daemon.family()) == (0, {})
    assert _trouble(daemon) == []


def test_children_do_not_outlive_a_daemon_that_is_killed(tmp_path: Path) -> None:
    with assistant("run", "--config", write_config(tmp_path)) as daemon:
        daemon.complaint("ready: say")
        assert len(daemon.family()) == 3
        daemon.process.kill()
        until(lambda: not daemon.family(), 10)
        assert daemon.family() == {}


def _leaves_ctrl_c_to_others(pid: int) -> bool:
    """True once the far end's child has got so far as to ignore SIGINT."""
    status = Path(f"/proc/{pid}/status").read_text()
    ignored = next(line for line in status.splitlines() if line.startswith("SigIgn"))
    return bool(int(ignored.split()[1], 16) >> (signal.SIGINT - 1) & 1)


def test_a_quiet_night_is_logged_in_few_lines_and_none_of_them_alarms(tmp_path: Path) -> None:
    said = pause(1.0) + spoken(f"hey jarvis {LAMP}")
    config = write_config(tmp_path, microphone=write_wav(tmp_path / "said.wav", said))
    with assistant("run", "--config", config) as daemon:
        daemon.complaint("reply completed")
        daemon.complaint("now asleep")
        daemon.process.send_signal(signal.SIGTERM)
        assert daemon.ended(10) == 0
    assert _trouble(daemon) == []
    assert len(daemon.complaints) < 25, daemon.stderr
    assert "kitchen" not in daemon.stderr.lower()


def test_every_fault_of_the_settings_is_told_at_once_and_systemd_does_not_try_again(
    tmp_path: Path,
) -> None:
    file = tmp_path / "assistant.toml"
    file.write_text('backend = "clod"\n[audio]\nvolum = 3\n[mqtt]\nport = "high"\n')
    with assistant("run", "--config", file, OPENAI_API_KEY="two words") as daemon:
        assert daemon.ended(30) == 78
    for place in ("backend", "audio.volum", "mqtt.port", "OPENAI_API_KEY"):
        assert place in daemon.stderr
    assert "did you mean 'volume'?" in daemon.stderr
    assert "Traceback" not in daemon.stderr


def _trouble(daemon: Child) -> list[str]:
    """What would alarm a reader of the log: anything that is no plain line of information."""
    return [line for line in daemon.complaints if " INFO " not in line]
