"""Our commands as child processes: watched line by line, and ended by their id."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 120.0
HEED_CTRL_C = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execvp(sys.argv[1], sys.argv[1:])
"""
"""A shell script's background jobs, and their children, ignore Ctrl-C from birth. Told by a program
of its own: code between fork and exec can hang for ever in a process with threads."""
SECRETS = {"OPENAI_API_KEY", "ASSISTANT_MQTT_PASSWORD", "NOTIFY_SOCKET", "CREDENTIALS_DIRECTORY"}


class Child:
    """A process of its own session, so that everything it leaves behind can be found."""

    def __init__(self, command: Sequence[object], environment: dict[str, str]) -> None:
        inherited = {k: v for k, v in os.environ.items() if k not in SECRETS}
        self.process = subprocess.Popen(
            [sys.executable, "-c", HEED_CTRL_C, *map(str, command)],
            cwd=ROOT,
            env=inherited | {"PYTHONFAULTHANDLER": "1"} | environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.lines: list[str] = []
        self.complaints: list[str] = []
        assert self.process.stdout
        assert self.process.stderr
        self._readers = [
            _read(self.process.stdout, self.lines),
            _read(self.process.stderr, self.complaints),
        ]

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def stderr(self) -> str:
        return "\n".join(self.complaints)

    def line(self, wanted: str, *, among: list[str] | None = None) -> str:
        """The first line that holds `wanted`, waited for."""
        lines = self.lines if among is None else among

        def found() -> str | None:
            return next((line for line in tuple(lines) if wanted in line), None)

        until(lambda: found() is not None or self.process.poll() is not None)
        line = found()
        assert line is not None, f"never said {wanted!r}: {self.lines[-5:]} {self.stderr[-2000:]}"
        return line

    def complaint(self, wanted: str) -> str:
        """As `line`, on standard error."""
        return self.line(wanted, among=self.complaints)

    def entry(self, event: str) -> dict[str, Any]:
        """The first JSON entry of this kind, waited for."""
        found: dict[str, Any] = json.loads(self.line(f'"event": "{event}"'))
        return found

    def entries(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in tuple(self.lines)]

    def ended(self, within: float = PATIENCE_S) -> int:
        """The exit code, waited for; every line has then been read.

        A child that does not end in time dies, and tells where each of its threads stood.
        """
        try:
            code = self.process.wait(within)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGABRT)
            self._read_all()
            raise AssertionError(f"did not end in {within} s: {self.stderr[-6000:]}") from None
        self._read_all()
        return code

    def _read_all(self) -> None:
        for reader in self._readers:
            reader.join(10)

    def family(self) -> dict[int, str]:
        """Process id → command line of all that live in the child's session."""
        return {pid: _command(pid) for pid in _processes() if _session(pid) == self.pid}

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        for pid in self.family():
            os.kill(pid, signal.SIGKILL)
        self.ended()
        assert self.process.stdout
        assert self.process.stderr
        self.process.stdout.close()
        self.process.stderr.close()


@contextmanager
def child(*command: object, **environment: str) -> Iterator[Child]:
    """Any command, for as long as the block lasts."""
    process = Child(command, environment)
    try:
        yield process
    finally:
        process.end()


@contextmanager
def assistant(*arguments: object, **environment: str) -> Iterator[Child]:
    """`assistant …`, for as long as the block lasts."""
    with child(sys.executable, "-m", "assistant", *arguments, **environment) as process:
        yield process


def until(happened: Callable[[], bool], seconds: float = PATIENCE_S) -> None:
    """Wait for something that tells nobody; a test that goes on too early fails by itself."""
    end = time.monotonic() + seconds
    while not happened() and time.monotonic() < end:
        time.sleep(0.05)


def _read(stream: IO[str], lines: list[str]) -> threading.Thread:
    def read() -> None:
        for line in stream:
            note(line.rstrip("\n"))

    note = lines.append
    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    return reader


def _processes() -> Iterator[int]:
    return (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal())


def _session(pid: int) -> int:
    try:
        # Behind the name, which may hold anything: state, parent, group, session.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return 0 if fields[0] == "Z" else int(fields[3])


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except OSError:
        return ""
