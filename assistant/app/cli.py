"""The commands, their options and their exit codes."""

import argparse
import asyncio
import os
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path

from assistant.app.options import EXIT_FAILED, EXIT_SETTINGS, EXIT_TRY_AGAIN
from assistant.errors import AssistantError, HardwareError, SettingsError

CODES = """exit codes: 0 all well, 1 failed, 2 wrong options, 75 a device is missing (try again),
78 the settings are wrong (every fault is named)"""

Run = Callable[[argparse.Namespace], int]


def run_command(arguments: Sequence[str]) -> int:
    """Run one command line to its exit code; errors of our own end in one plain sentence."""
    options = _parser().parse_args(arguments)
    run: Run = options.run
    try:
        code = run(options)
        sys.stdout.flush()  # here, because a broken pipe found at exit is told as a traceback
    except AssistantError as error:
        print(f"assistant: {error}", file=sys.stderr)
        return _code_of(error)
    except (KeyboardInterrupt, asyncio.CancelledError):
        return EXIT_FAILED
    except BrokenPipeError:
        # The reader of a pipe went away; Python must not complain when it flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_FAILED
    return code


def _code_of(error: AssistantError) -> int:
    match error:
        case SettingsError():
            return EXIT_SETTINGS
        case HardwareError():
            return EXIT_TRY_AGAIN
        case _:
            return EXIT_FAILED


class _Commands:
    """Adds commands that share their form: a sentence, an explanation, `--config`, the codes."""

    def __init__(self, parser: argparse.ArgumentParser) -> None:
        self._commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(self, name: str, sentence: str, more: str, run: Run) -> argparse.ArgumentParser:
        parser = self._commands.add_parser(
            name,
            help=sentence,
            description=f"{sentence}\n\n{more}",
            epilog=CODES,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        parser.set_defaults(run=run)
        parser.add_argument("--config", type=Path, metavar="FILE", help="the settings (TOML)")
        return parser


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="assistant",
        description="A home voice assistant: wake word, conversation, MQTT devices, and the truth.",
        epilog=f"'assistant COMMAND --help' tells more.\n{CODES}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"assistant {version('assistant')}")
    commands = _Commands(parser)
    _add_run(commands)
    _add_demo(commands)
    _add_doctor(commands)
    _add_settings(commands)
    _add_say(commands)
    _add_devices(commands)
    _add_serve(commands)
    return parser


def _add_run(commands: _Commands) -> None:
    def run(options: argparse.Namespace) -> int:
        from assistant.app.daemon import run_from

        return run_from(options.config)

    commands.add(
        "run",
        "Run the daemon.",
        "Listens for the wake word until SIGTERM or Ctrl-C. Under systemd it tells READY, STATUS\n"
        "and STOPPING, and logs to the journal; elsewhere it logs readable lines.\n"
        "Without --config: /etc/assistant/assistant.toml if it exists, else the defaults.",
        run,
    )


def _add_demo(commands: _Commands) -> None:
    def run(options: argparse.Namespace) -> int:
        from assistant.app.demo_command import run_from

        return run_from(options)

    parser = commands.add(
        "demo",
        "Show the whole path on this machine: no account, microphone or broker needed.",
        "Tells a story through the microphone's place: real wake word model, real protocol over a\n"
        "real socket, offline speech, a private mosquitto and a simulated house. Writes the\n"
        "conversation as a stereo WAV, turns.jsonl and a picture of a turn.",
        run,
    )
    parser.add_argument(
        "--wav", type=Path, metavar="FILE", help="hear this recording instead of the story"
    )
    parser.add_argument(
        "--wake-word", metavar="NAME", help="for example alexa (default hey_jarvis)"
    )
    parser.add_argument("--live", action="store_true", help="real microphone and speaker instead")
    parser.add_argument(
        "--output", type=Path, default=Path("demo-output"), metavar="FOLDER",
        help="default: ./demo-output",
    )  # fmt: skip
    parser.add_argument(
        "--json", action="store_true", help="one object per event; the last one is the summary"
    )
    parser.add_argument("--plain", action="store_true", help="lines instead of the live view")


def _add_doctor(commands: _Commands) -> None:
    def run(options: argparse.Namespace) -> int:
        from assistant.app.doctor import run_from

        return run_from(options.config, as_json=options.json)

    parser = commands.add(
        "doctor",
        "Check everything that the assistant needs, and name the remedies.",
        "Looks at the settings, the models, the sound devices, the broker, the far end and the\n"
        "key, without changing anything. Exit code 1 if something fails.",
        run,
    )
    parser.add_argument("--json", action="store_true", help="one object with all checks")


def _add_settings(commands: _Commands) -> None:
    def run(options: argparse.Namespace) -> int:
        from assistant.app.settings_command import run_from

        return run_from(options.action, options.file or options.config, as_json=options.json)

    parser = commands.add(
        "settings",
        "Show or check the settings.",
        "show   prints every setting in force, secrets masked\n"
        "check  tells every fault of a file at once, with its place and a suggestion",
        run,
    )
    parser.add_argument("action", choices=("show", "check"))
    parser.add_argument("file", nargs="?", type=Path, help="the file (or --config)")
    parser.add_argument("--json", action="store_true", help="for programs")


def _add_say(commands: _Commands) -> None:
    def run(options: argparse.Namespace) -> int:
        from assistant.app.say import run_from

        return run_from(options)

    parser = commands.add(
        "say",
        "Speak a sentence with the house's own voice.",
        "Plays it on the configured speaker, or writes it to a WAV file.",
        run,
    )
    parser.add_argument("text", help='the sentence, or "-" for standard input')
    parser.add_argument("--wav", type=Path, metavar="FILE", help="write a WAV file instead")
    parser.add_argument("--json", action="store_true", help="print the length as JSON")


def _add_devices(commands: _Commands) -> None:
    def run(options: argparse.Namespace) -> int:
        from assistant.app.devices_command import run_from

        return run_from(options.config, wait_s=options.wait, as_json=options.json)

    parser = commands.add(
        "devices",
        "List the devices, and their states as MQTT tells them.",
        "Connects to the configured broker and waits for the retained states.",
        run,
    )
    parser.add_argument(
        "--wait", type=float, default=2.0, metavar="SECONDS", help="for states (default 2)"
    )
    parser.add_argument("--json", action="store_true", help="one object per device")


def _add_serve(commands: _Commands) -> None:
    def run(options: argparse.Namespace) -> int:
        from assistant.app.serve import run_from

        return run_from(options)

    parser = commands.add(
        "serve",
        "Run the offline far end by itself: a Realtime server on loopback.",
        "Any client of the Realtime protocol can talk to it. It knows the configured devices and\n"
        "answers with calls of the functions that the client offers.",
        run,
    )
    parser.add_argument(
        "--port", type=_port, default=0, metavar="NUMBER", help="default: a free one, printed"
    )
    parser.add_argument(
        "--wake-word", action="append", metavar="NAME",
        help="may stand in front of a command (default: the configured ones)",
    )  # fmt: skip
    parser.add_argument("--reject-beta", action="store_true", help="refuse the beta dialect")
    parser.add_argument("--with-parent", type=int, metavar="PID", help="end when this process ends")


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 to 65535")
    return int(text)
