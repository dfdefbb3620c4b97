"""`assistant demo`: the whole path on this machine, told as a story or fed from a recording."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assistant.adapters.paho_home import Traffic
from assistant.adapters.wav_microphone import WavMicrophone
from assistant.adapters.wav_speaker import WavSpeaker
from assistant.app.chronicle import Chronicle, States
from assistant.app.sound import Sound, open_sound
from assistant.app.story import STORY
from assistant.app.storyteller import Storyteller
from assistant.app.tapes import TapedMicrophone, write_conversation
from assistant.app.wiring import Appliance, Watchers, assembled
from assistant.engine.loop import Step
from assistant.ports import Post
from assistant.session.states import Asleep, Phase, phase_of
from assistant.settings.models import Settings
from assistant.units import Seconds

QUIET_S = 1.5
LONGEST_SILENCE_S = 30.0
LEAD_IN = bytes(2560 * 8)


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """What the user asked for on the command line."""

    output: Path
    config: Path
    wav: Path | None = None
    live: bool = False


@dataclass(slots=True)
class Scores:
    """The wake word's scores over time, for the picture and the view."""

    thresholds: dict[str, float] = field(default_factory=dict)
    times: list[float] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    latest: dict[str, float] = field(default_factory=dict)


@dataclass(slots=True)
class Stage:
    """Everything that a view may look at while the demo runs."""

    appliance: Appliance
    chronicle: Chronicle
    scores: Scores
    started_at: float
    microphone: TapedMicrophone
    source: WavMicrophone | None
    speaker: WavSpeaker | None
    speaker_opened_at: float = 0.0

    def house(self) -> States:
        """The devices by name, as MQTT tells them."""
        return named_states(self.appliance)


@dataclass(slots=True)
class Ending:
    """The result of a demo."""

    ok: bool
    summary: dict[str, Any]


def named_states(appliance: Appliance) -> States:
    """Device name → attributes, as last read from MQTT."""
    states = appliance.home.states()
    names = {device.id: device.name for device in appliance.devices}
    return {
        names.get(key, key): {str(a): v for a, v in state.items()} for key, state in states.items()
    }


@asynccontextmanager
async def staged(settings: Settings, options: DemoOptions) -> AsyncIterator[Stage]:
    """Build the house around a taped microphone; yields when everything is ready."""
    loop = asyncio.get_running_loop()
    scores = Scores({word.name: word.threshold for word in settings.wake.words})
    sounds: list[tuple[TapedMicrophone, WavMicrophone | None, WavSpeaker | None, float]] = []
    chronicles: list[Chronicle] = []
    started_at = loop.time()

    async def make_sound(settings: Settings, post: Post, stack: AsyncExitStack) -> Sound:
        taped, source, sound = await _sound(settings, post, stack, options)
        speaker = sound.speaker if isinstance(sound.speaker, WavSpeaker) else None
        sounds.append((taped, source, speaker, loop.time()))
        return Sound(taped, sound.speaker)

    def see_step(step: Step) -> None:
        chronicles[0].see_step(step)

    def see_traffic(traffic: Traffic) -> None:
        if chronicles:
            chronicles[0].see_traffic(traffic, loop.time())

    def see_scores(heard: Any) -> None:
        scores.latest = dict(heard)
        scores.times.append(loop.time() - started_at)
        scores.values.append(max(heard.values(), default=0.0))

    watchers = Watchers((see_step,), see_scores, see_traffic)
    async with assembled(settings, make_sound, watchers, options.config) as appliance:
        chronicle = Chronicle(lambda: named_states(appliance), started_at)
        chronicles.append(chronicle)
        taped, source, speaker, opened_at = sounds[0]
        stage = Stage(appliance, chronicle, scores, started_at, taped, source, speaker, opened_at)
        try:
            yield stage
        finally:
            write_conversation(options.output / "conversation.wav", taped, speaker, opened_at)


async def _sound(
    settings: Settings, post: Post, stack: AsyncExitStack, options: DemoOptions
) -> tuple[TapedMicrophone, WavMicrophone | None, Sound]:
    if options.live:
        sound = await open_sound(settings, post, stack)
        return TapedMicrophone(sound.microphone), None, sound
    # A room is never digitally silent; the noise also keeps the detectors honest.
    source = WavMicrophone(options.wav, noise_dbfs=-70.0)
    speaker = WavSpeaker(post)
    stack.push_async_callback(speaker.close)
    await speaker.open()
    return TapedMicrophone(source), source, Sound(source, speaker)


async def tell_story(stage: Stage) -> Ending:
    """Play the story; `ok` only if every expectation came true."""
    assert stage.source is not None
    voice = stage.appliance.voice
    teller = Storyteller(stage.appliance, stage.chronicle, voice, stage.source)
    running = asyncio.create_task(stage.appliance.run(), name="appliance")
    telling = asyncio.create_task(teller.tell(STORY), name="story")
    await _first_to_end(running, telling)
    stage.chronicle.close_turn()
    ok = teller.check()
    scenes = [
        {
            "scene": result.scene.title,
            "says": result.scene.says,
            "came_true": result.came_true,
            "problem": result.problem,
            "turn": result.turn.number if result.turn else None,
        }
        for result in teller.results
    ]
    return Ending(ok, summary_of(stage) | {"ok": ok, "story": scenes})


async def hear_recording(stage: Stage) -> Ending:
    """Listen to the recording to its end, and until all is said and done."""
    running = asyncio.create_task(stage.appliance.run(), name="appliance")
    ending = asyncio.create_task(_until_quiet(stage), name="quiet")
    await _first_to_end(running, ending)
    stage.chronicle.close_turn()
    return Ending(ok=True, summary=summary_of(stage) | {"ok": True})


async def converse(stage: Stage) -> Ending:
    """Converse with whoever is in the room, until interrupted."""
    try:
        await stage.appliance.run()
    except asyncio.CancelledError:
        stage.chronicle.close_turn()
    return Ending(ok=True, summary=summary_of(stage) | {"ok": True})


async def _first_to_end(running: asyncio.Task[None], other: asyncio.Task[None]) -> None:
    try:
        await asyncio.wait({running, other}, return_when=asyncio.FIRST_COMPLETED)
        for task in (running, other):
            if task.done():
                task.result()
    finally:
        for task in (running, other):
            task.cancel()
        await asyncio.gather(running, other, return_exceptions=True)


async def _until_quiet(stage: Stage) -> None:
    """The file is over, and nothing has happened for a while (or a conversation has ended)."""
    assert stage.source is not None
    quiet = 0.0
    # Looked at by the clock: what is waited for are several things that tell nobody.
    while stage.source.pending or not stage.microphone.pcm:  # noqa: ASYNC110
        await asyncio.sleep(0.1)
    while quiet < QUIET_S:
        await asyncio.sleep(0.1)
        state = stage.appliance.engine.state
        rests = isinstance(state, Asleep) or phase_of(state) is Phase.LISTENING
        quiet = quiet + 0.1 if rests else 0.0


def summary_of(stage: Stage) -> dict[str, Any]:
    """The last object of `--json`: every turn, and where things are."""
    seconds = Seconds(asyncio.get_running_loop().time() - stage.started_at)
    return {
        "event": "summary",
        "seconds": round(seconds, 2),
        "wav_begins_at": round(stage.microphone.started_at - stage.started_at, 4),
        "broker_port": stage.appliance.broker.port,
        "wakes": sum(1 for turn in stage.chronicle.turns if turn.wake_word),
        "turns": [turn.told() for turn in stage.chronicle.turns],
        "announcements": stage.chronicle.announcements,
        "states": stage.house(),
    }


def write_turns(folder: Path, stage: Stage) -> None:
    """`turns.jsonl`: one turn a line, as in the summary."""
    lines = (json.dumps(turn.told(), default=str) for turn in stage.chronicle.turns)
    text = "".join(f"{line}\n" for line in lines)
    (folder / "turns.jsonl").write_text(text, encoding="utf-8")
