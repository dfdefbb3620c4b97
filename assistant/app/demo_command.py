"""`assistant demo` from its options to its exit code."""

import argparse
import asyncio
import logging
import os
import signal
import sys
import tempfile
from contextlib import AbstractAsyncContextManager, nullcontext, suppress
from pathlib import Path
from typing import Any

from assistant.adapters.wav_microphone import WavMicrophone
from assistant.app.demo import (
    DemoOptions,
    Ending,
    Stage,
    converse,
    hear_recording,
    staged,
    tell_story,
    write_turns,
)
from assistant.app.places import config_file
from assistant.app.plain_view import print_json, print_line
from assistant.errors import MicrophoneMissing, SettingsError
from assistant.settings.models import Settings, WakeWord
from assistant.settings.reader import read_settings

FAILED = 1


async def run_demo(
    settings: Settings, options: DemoOptions, *, as_json: bool, plain: bool = False
) -> int:
    """Run the demo, write its folder, and tell whether the expectations came true."""
    _end_on_signals()
    _make_folder(options.output)
    if options.wav:
        await _try_to_read(options.wav)
    async with staged(settings, options) as stage:
        _greet(stage, as_json=as_json)
        async with _shown(stage, as_json=as_json, plain=plain):
            ending = await _play(stage, options)
    write_turns(options.output, stage)
    picture = await _picture(options.output, stage)
    if as_json:
        print_json(ending.summary)
    else:
        _say_goodbye(ending, options.output, picture)
    return 0 if ending.ok else FAILED


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        problem = f"--output {folder}: nothing can be written there: {error.strerror}"
        raise SettingsError((problem,), "name another folder") from error


async def _try_to_read(recording: Path) -> None:
    """Hear the first frame before anything is built. A file is not worth a second try."""
    problem = f"the file {recording} holds no sound"
    try:
        async for _ in WavMicrophone(recording, ends=True).frames():
            return
    except MicrophoneMissing as missing:
        problem = missing.problem
    raise SettingsError((f"--wav: {problem}",), "name a WAV file of 8 to 48 kHz")


def _end_on_signals() -> None:
    task = asyncio.current_task()
    assert task is not None
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)


def _shown(stage: Stage, *, as_json: bool, plain: bool) -> AbstractAsyncContextManager[None]:
    """JSON for programs, lines for pipes, and the live view for a person at a terminal."""
    if not as_json and not plain:
        with suppress(ImportError):
            from assistant.app.live_view import shown_live, terminal

            if (console := terminal()) is not None:
                return shown_live(stage, console)
    stage.chronicle.add_listener(print_json if as_json else print_line)
    return nullcontext()


async def _play(stage: Stage, options: DemoOptions) -> Ending:
    if options.live:
        return await converse(stage)
    if options.wav:
        return await hear_recording(stage)
    return await tell_story(stage)


def _greet(stage: Stage, *, as_json: bool) -> None:
    appliance = stage.appliance
    keeper, far_end = appliance.broker_keeper, appliance.far_end
    ready = {
        "t": round(asyncio.get_running_loop().time() - stage.started_at, 4),
        "event": "ready",
        "broker_port": appliance.broker.port,
        "broker_pid": keeper.pid if keeper else 0,
        "far_end_url": far_end.url if far_end else "",
        "far_end_pid": far_end.pid if far_end else 0,
    }
    if as_json:
        print_json(ready)
        return
    print(f"broker:  127.0.0.1:{ready['broker_port']} (process {ready['broker_pid']})")
    print(f"         watch it: mosquitto_sub -p {ready['broker_port']} -v -t '#'")
    print(f"far end: {ready['far_end_url']} (process {ready['far_end_pid']})", flush=True)


async def _picture(folder: Path, stage: Stage) -> Path | None:
    """Draw the timeline; a missing drawing library costs the picture, not the demo."""
    try:
        from assistant.app.picture import draw_timeline
    except ImportError:
        print("no picture: pip install 'assistant[demo]'", file=sys.stderr)
        return None
    with suppress(ValueError):
        return await asyncio.to_thread(draw_timeline, folder / "timeline.png", stage)
    return None


def _say_goodbye(ending: Ending, folder: Path, picture: Path | None) -> None:
    for scene in ending.summary.get("story", ()):
        mark = "ok  " if scene["came_true"] else "FAIL"
        print(f"{mark} {scene['scene']}  {scene['problem']}".rstrip())
    files = [folder / "conversation.wav", folder / "turns.jsonl", *([picture] if picture else [])]
    print("written: " + ", ".join(map(str, files)))


def run_from(options: argparse.Namespace) -> int:
    """`assistant demo`."""
    config = options.config or config_file("demo.toml")
    settings = _with_choices(read_settings(config, os.environ), options)
    logging.basicConfig(level=logging.ERROR, stream=sys.stderr)
    choices = DemoOptions(options.output, config, options.wav, live=options.live)
    return asyncio.run(run_demo(settings, choices, as_json=options.json, plain=options.plain))


def _with_choices(settings: Settings, options: argparse.Namespace) -> Settings:
    """The options of the command line over the file's settings."""
    changes: dict[str, Any] = {}
    if options.wake_word:
        words = (_word(options.wake_word),)
        changes["wake"] = settings.wake.model_copy(update={"words": words})
    if options.live:
        changes["audio"] = settings.audio.model_copy(update={"driver": "portaudio"})
    return settings.model_copy(update=changes)


def _word(given: str) -> WakeWord:
    try:
        return WakeWord(name="_".join(given.lower().split()))
    except ValueError:
        problem = f"--wake-word {given!r}: is not a name such as hey_jarvis"
        raise SettingsError((problem,)) from None
