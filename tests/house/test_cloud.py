"""The daemon with `backend = "cloud"`: against a compatible server, and against trouble."""

import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path

import pytest

from tests.house.children import Child, assistant, until
from tests.house.configs import write_config
from tests.house.fake_cloud import fake_cloud
from tests.house.speech import heard, likeness, pause, read_channels, spoken, write_wav

pytestmark = pytest.mark.slow

COMMAND = "hey jarvis turn on the kitchen light"
SECRET = "sk-this-is-a-secret-of-the-test"


def one_command(folder: Path) -> Path:
    return write_wav(folder / "said.wav", pause(1.0) + spoken(COMMAND))


def two_calls(folder: Path) -> Path:
    """The wake word, and again while or after the first answer is spoken."""
    sound = pause(1.0) + spoken("hey jarvis") + pause(5.0) + spoken("hey jarvis")
    return write_wav(folder / "said.wav", sound)


def announcements(daemon: Child) -> list[str]:
    return [line for line in tuple(daemon.complaints) if "announced:" in line]


def said_at_the_end(tape: Path, seconds: int) -> str:
    rate, (samples,) = read_channels(tape)
    return heard(samples[-seconds * rate :].tobytes(), rate)


@pytest.mark.parametrize("dialect", ["ga", "beta"])
def test_a_compatible_server_is_served_in_both_dialects(tmp_path: Path, dialect: str) -> None:
    local = write_config(tmp_path)
    tape = tmp_path / "played.wav"
    with assistant("serve", "--config", local) as server:
        url = server.line("ready ws://").split()[1]
        config = write_config(
            tmp_path, backend="cloud", url=url, dialect=dialect, transcripts="true",
            microphone=one_command(tmp_path), speaker=tape,
        )  # fmt: skip
        with assistant("run", "--config", config, OPENAI_API_KEY=SECRET) as daemon:
            assert '"status": "done"' in daemon.complaint("answered:").replace('":"', '": "')
            daemon.complaint("assistant: The kitchen light is on.")
            daemon.complaint("now asleep")
            assert not any("assistant serve" in command for command in daemon.family().values())
            daemon.process.send_signal(signal.SIGTERM)
            assert daemon.ended(10) == 0
    assert likeness(said_at_the_end(tape, 5), "the kitchen light is on") > 0.7
    assert SECRET not in daemon.stderr
    assert announcements(daemon) == []


def test_a_server_without_beta_is_met_with_the_setting_that_helps(tmp_path: Path) -> None:
    with assistant("serve", "--reject-beta", "--config", write_config(tmp_path)) as server:
        url = server.line("ready ws://").split()[1]
        config = write_config(
            tmp_path, backend="cloud", url=url, dialect="beta", microphone=one_command(tmp_path)
        )
        with assistant("run", "--config", config, OPENAI_API_KEY=SECRET) as daemon:
            assert 'Set realtime.dialect = "ga"' in daemon.complaint("announced:")
            assert daemon.process.poll() is None


def test_a_key_that_is_refused_is_named_and_not_shown_again_and_again(tmp_path: Path) -> None:
    tape = tmp_path / "played.wav"
    with fake_cloud(status=HTTPStatus.UNAUTHORIZED) as cloud:
        config = write_config(
            tmp_path, backend="cloud", url=cloud.url, microphone=two_calls(tmp_path), speaker=tape
        )
        with assistant("run", "--config", config, OPENAI_API_KEY=SECRET) as daemon:
            assert "OPENAI_API_KEY" in daemon.complaint("announced:")
            until(lambda: len(announcements(daemon)) == 2)
            assert announcements(daemon)[0].endswith(announcements(daemon)[1][-60:])
            assert daemon.process.poll() is None
        assert len(cloud.calls) == 1
        assert cloud.calls[0].headers["Authorization"] == f"Bearer {SECRET}"
    assert SECRET not in daemon.stderr
    assert "Traceback" not in daemon.stderr


def test_without_a_key_the_daemon_starts_and_says_at_the_wake_word_what_is_missing(
    tmp_path: Path,
) -> None:
    with nobody_should_call() as (port, callers):
        url = f"wss://127.0.0.1:{port}/v1/realtime"
        config = write_config(tmp_path, backend="cloud", url=url, microphone=one_command(tmp_path))
        with assistant("run", "--config", config) as daemon:
            daemon.complaint("ready: say")
            assert "no key" in daemon.complaint(" WARNING ")
            announced = daemon.complaint("announced:")
            assert "no key" in announced
            assert "Set OPENAI_API_KEY" in announced
            daemon.complaint("now asleep")
            assert daemon.process.poll() is None
            daemon.process.send_signal(signal.SIGTERM)
            assert daemon.ended(10) == 0
        assert callers == []
    assert "Traceback" not in daemon.stderr


def test_a_command_in_one_breath_arrives_whole_at_a_far_end_that_opens_late(
    tmp_path: Path,
) -> None:
    with fake_cloud(opens_after_s=2.5) as cloud:
        config = write_config(
            tmp_path, backend="cloud", url=cloud.url, microphone=one_command(tmp_path)
        )
        with assistant("run", "--config", config, OPENAI_API_KEY=SECRET) as daemon:
            daemon.complaint("the far end listens")
            until(lambda: len(cloud.audio) > 5 * 48_000, 30)
        assert len(cloud.calls) == 1
        whole = heard(bytes(cloud.audio), 24_000)
    assert likeness(whole, COMMAND) > 0.85, whole


@contextmanager
def nobody_should_call() -> Iterator[tuple[int, list[object]]]:
    """A port that listens, and the callers that came."""
    callers: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def receive() -> None:
            while True:
                try:
                    connection, address = listener.accept()
                except OSError:
                    return
                callers.append(address)
                connection.close()

        thread = threading.Thread(target=receive, daemon=True)
        thread.start()
        try:
            yield listener.getsockname()[1], callers
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(5)
