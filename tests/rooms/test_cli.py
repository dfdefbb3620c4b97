"""The commands, their helps and their exit codes."""

import asyncio
import os
import re
import subprocess
import sys
from argparse import Namespace
from pathlib import Path

import pytest

from assistant.app import cli, settings_command
from assistant.app.cli import run_command
from assistant.errors import (
    AssistantError,
    BrokerUnreachable,
    LinkRefused,
    MicrophoneMissing,
    SettingsError,
    SpeechUnavailable,
)

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = ("run", "demo", "doctor", "settings", "say", "devices", "serve")
BAD = "backend = 3\n[audio]\nvolum = 1\n"


def shown(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """The exit code and everything that a command line printed before it ended by itself."""
    with pytest.raises(SystemExit) as ended:
        run_command(arguments)
    printed = capsys.readouterr()
    assert isinstance(ended.value.code, int)
    return ended.value.code, printed.out + printed.err


def test_the_help_tells_every_command_in_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    code, text = shown(capsys, "--help")
    assert code == 0
    for command in COMMANDS:
        assert re.search(rf"^ +{command} +[A-Z]", text, re.MULTILINE), command
    assert "78 the settings are wrong" in text


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_its_options_and_its_codes(
    capsys: pytest.CaptureFixture[str], command: str
) -> None:
    code, text = shown(capsys, command, "--help")
    assert code == 0
    assert text.startswith(f"usage: assistant {command}")
    assert "--config FILE" in text
    assert "exit codes: 0 all well" in text
    assert max(map(len, text.splitlines())) <= 100
    about = text.split("\n\n")[1]
    assert about.endswith(".")
    assert about[0].isupper()


def test_the_version_is_that_of_the_package(capsys: pytest.CaptureFixture[str]) -> None:
    code, text = shown(capsys, "--version")
    assert (code, text.split()[0]) == (0, "assistant")
    assert re.fullmatch(r"assistant \d+\.\d+\.\d+\n", text)


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("dance",),
        ("demo", "--loud"),
        ("serve", "--port", "http"),
        ("serve", "--port", "-1"),
        ("serve", "--port", "65536"),
        ("settings", "burn"),
        ("devices", "--wait", "long"),
    ],
    ids=" ".join,
)
def test_wrong_options_end_with_2_and_say_which(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    code, text = shown(capsys, *arguments)
    assert code == 2
    assert text.startswith("usage: assistant")
    assert not arguments or arguments[-1].lstrip("-") in text.splitlines()[-1]


@pytest.mark.parametrize("command", ["demo", "serve", "say", "devices"])
def test_wrong_settings_end_with_78_and_all_their_faults(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, command: str
) -> None:
    file = tmp_path / "assistant.toml"
    file.write_text(BAD)
    words = ("hello",) if command == "say" else ()
    assert run_command([command, *words, "--config", str(file)]) == 78
    complaint = capsys.readouterr().err
    assert complaint.startswith(f"assistant: {file}: ")
    assert "backend" in complaint
    assert "audio.volum" in complaint


@pytest.mark.parametrize(
    ("trouble", "code"),
    [
        (SettingsError(("a: is odd",)), 78),
        (MicrophoneMissing("no sound", "plug it in"), 75),
        (SpeechUnavailable("no voice", "install it"), 75),
        (BrokerUnreachable("no broker", "start it"), 1),
        (LinkRefused("no key", "set it"), 1),
    ],
    ids=lambda value: type(value).__name__,
)
def test_each_kind_of_trouble_has_its_code_and_ends_in_one_sentence(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    trouble: AssistantError,
    code: int,
) -> None:
    def meet_trouble(*_: object, **__: object) -> int:
        raise trouble

    monkeypatch.setattr(settings_command, "run_from", meet_trouble)
    assert run_command(["settings", "show"]) == code
    assert capsys.readouterr().err == f"assistant: {trouble}\n"


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, asyncio.CancelledError])
def test_an_interruption_is_no_reason_for_a_traceback(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    interruption: type[BaseException],
) -> None:
    def be_interrupted(*_: object, **__: object) -> int:
        raise interruption

    monkeypatch.setattr(settings_command, "run_from", be_interrupted)
    assert run_command(["settings", "show"]) == 1
    assert capsys.readouterr().err == ""


def test_a_bug_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def stumble(*_: object, **__: object) -> int:
        raise ZeroDivisionError

    monkeypatch.setattr(settings_command, "run_from", stumble)
    with pytest.raises(ZeroDivisionError):
        run_command(["settings", "show"])


def test_a_reader_who_leaves_is_no_reason_for_a_traceback() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        run = subprocess.run(
            [sys.executable, "-m", "assistant", "settings", "show"],
            cwd=ROOT, stdout=writing, stderr=subprocess.PIPE, text=True, timeout=60, check=False,
        )  # fmt: skip
    finally:
        os.close(writing)
    assert (run.returncode, run.stderr) == (1, "")


def test_the_options_of_a_command_arrive_where_they_are_used() -> None:
    options = cli._parser().parse_args(
        ["demo", "--wav", "a.wav", "--wake-word", "alexa", "--output", "out", "--json", "--plain"]
    )
    assert (options.wav, options.wake_word, options.output) == (
        Path("a.wav"),
        "alexa",
        Path("out"),
    )
    assert (options.json, options.plain, options.live, options.config) == (True, True, False, None)
    served = cli._parser().parse_args(["serve", "--port", "8080", "--wake-word", "alexa"])
    assert isinstance(served, Namespace)
    assert (served.port, served.wake_word, served.reject_beta) == (8080, ["alexa"], False)
