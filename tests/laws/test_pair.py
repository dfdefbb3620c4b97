"""The whole conversation without a wire: engine, session and codec ⇄ codec and local far end.

Nothing is hard of hearing here and no model is loaded, but the turns, the replies, the calls
and the interruptions are those of the product, and time leaps.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field

import pytest

from assistant.engine.household import Household
from assistant.engine.loop import Engine, Ports, Step
from assistant.home.requests import FunctionRequest
from assistant.ports import Link, Post
from assistant.realtime.dialect import Dialect
from assistant.realtime.messages import (
    AudioFormat,
    CreateResponse,
    DeleteItem,
    ErrorReported,
    InputTranscribed,
    Role,
    SessionConfig,
    Tool,
    TruncateItem,
    TurnDetection,
)
from assistant.session.events import MicHeard, WakeWordHeard
from assistant.session.states import Awake, BargeIn, Limits, Phase, phase_of
from tests.doubles.attentive_mind import MS_PER_WORD, WrittenListener, attentive_mind
from tests.doubles.leaping_clock import leap_through
from tests.doubles.obedient_home import DONE, ObedientHome
from tests.doubles.paired_link import PairedLink
from tests.doubles.playing_speaker import PlayingSpeaker
from tests.doubles.speaking_voice import MissingVoice

LOUD = (b"\xff\x3f" * 20 + b"\x01\xc0" * 20) * 32
"""80 ms of 400 Hz."""
QUIET = bytes(2560)
FRAME_S = 0.08
HALF_DUPLEX = Limits(barge_in=BargeIn.WAKE_WORD, server_interrupts=False)
TIME = "It is half past two"
PATIENCE_S = 40.0


class CautiousHome(ObedientHome):
    """Asks before anything that opens the house, and remembers in which turn it was told yes."""

    def tools(self) -> tuple[Tool, ...]:
        names = ("home_turn", "home_security", "home_confirm", "home_get_state")
        return tuple(Tool(name, name, {"type": "object"}) for name in names)

    async def call(self, request: FunctionRequest) -> str:
        self.calls.append(request)
        if request.name == "home_security":
            question = {"status": "needs_confirmation", "confirmation_id": "q1"}
            return json.dumps({"ok": False, **question})
        return DONE


@dataclass
class Room:
    """A room with a microphone, a loudspeaker, and a user who reads from a script."""

    engine: Engine
    speaker: PlayingSpeaker
    home: CautiousHome
    script: WrittenListener
    links: list[PairedLink]
    steps: list[Step] = field(default_factory=list)
    noise: bytes = QUIET

    async def microphone(self) -> None:
        while True:
            await asyncio.sleep(FRAME_S)
            self.engine.post(MicHeard(self.noise))

    @contextmanager
    def speech(self) -> Iterator[None]:
        self.noise = LOUD
        yield
        self.noise = QUIET

    async def wake(self) -> None:
        with self.speech():
            await asyncio.sleep(0.5)
        self.engine.post(WakeWordHeard("hey_jarvis", 0.9))
        await self.until(Phase.LISTENING)

    async def begin_to_say(self, sentence: str) -> None:
        """Speak until the far end has noticed."""
        self.script.script.append(sentence)
        self.noise = LOUD
        await self.until(Phase.HEARING)

    async def say(self, sentence: str) -> None:
        await self.begin_to_say(sentence)
        await asyncio.sleep(1.0)
        self.noise = QUIET
        await self.until_not(Phase.HEARING)

    async def until(self, *phases: Phase) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while self.phase not in phases:  # noqa: ASYNC110 - where time leaps, asking is free
                await asyncio.sleep(0.01)

    async def until_not(self, phase: Phase) -> None:
        await self.until(*(each for each in Phase if each is not phase))

    @property
    def phase(self) -> Phase:
        return phase_of(self.engine.state)

    @property
    def link(self) -> PairedLink:
        return self.links[-1]

    def said(self, kind: type) -> list[object]:
        return [message for message in self.link.said if isinstance(message, kind)]

    def words_of(self, role: Role) -> list[str]:
        """What stands in the far end's own memory, item by item."""
        items = self.link.far._conversation.items.values()
        return [" ".join(p.text for p in i.content) for i in items if i.role is role and i.content]


@asynccontextmanager
async def room(limits: Limits | None = None, dialect: Dialect = Dialect.GA) -> AsyncIterator[Room]:
    limits = limits or Limits()
    script, home, speaker = WrittenListener(), CautiousHome(), PlayingSpeaker()
    links: list[PairedLink] = []
    steps: list[Step] = []
    household = Household(home, lambda _event: None)
    config = SessionConfig(
        instructions="",
        output_modalities=("audio",),
        tools=household.tools(),
        input_format=AudioFormat.PCM,
        output_format=AudioFormat.PCM,
        transcription={"model": "local"},
        turn_detection=TurnDetection(
            silence_duration_ms=500, interrupt_response=limits.server_interrupts
        ),
    )
    with ThreadPoolExecutor(1) as executor:
        mind = attentive_mind(script, executor)

        def make_link(post: Post) -> Link:
            links.append(PairedLink(mind, config, post, dialect))
            return links[-1]

        ports = Ports(speaker, make_link, household, MissingVoice(), {})
        engine = Engine(ports, limits, (steps.append,))
        speaker.listen(engine.post)
        here = Room(engine, speaker, home, script, links, steps)
        await speaker.open()
        tasks = [asyncio.create_task(engine.run()), asyncio.create_task(here.microphone())]
        try:
            yield here
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await speaker.close()
    complaints = [m for link in links for m in link.heard if isinstance(m, ErrorReported)]
    assert not complaints, "the far end has nothing to complain of"


DIALECTS = pytest.mark.parametrize("dialect", [Dialect.GA, Dialect.BETA])


@DIALECTS
def test_a_question_is_heard_answered_and_the_conversation_goes_to_sleep(dialect: Dialect) -> None:
    async def story() -> None:
        async with room(dialect=dialect) as here:
            await here.wake()
            await here.say("what time is it")
            await here.until(Phase.SPEAKING)
            await here.until(Phase.LISTENING)
            (words,) = here.words_of(Role.ASSISTANT)
            assert list(here.speaker.heard.values()) == [len(words.split()) * MS_PER_WORD]
            assert here.said(TruncateItem) == [], "what was heard to its end is left alone"
            transcripts = [m for m in here.link.heard if isinstance(m, InputTranscribed)]
            assert [m.transcript for m in transcripts] == ["what time is it"]
            await here.until(Phase.ASLEEP)

    leap_through(story())


@DIALECTS
def test_a_command_is_called_once_and_its_outcome_is_said(dialect: Dialect) -> None:
    async def story() -> None:
        async with room(dialect=dialect) as here:
            await here.wake()
            await here.say("turn on the kitchen light")
            await here.until(Phase.SPEAKING)
            await here.until(Phase.LISTENING)
            (call,) = here.home.calls
            assert (call.name, json.loads(call.arguments)["state"]) == ("home_turn", "on")
            assert call.turn.number == 1
            assert len(here.said(CreateResponse)) == 1, "asked for exactly once"
            assert here.words_of(Role.ASSISTANT) == ["The kitchen light is on."]

    leap_through(story())


@DIALECTS
def test_barging_in_stops_the_reply_and_truncates_it_to_what_was_heard(dialect: Dialect) -> None:
    async def story() -> None:
        async with room(dialect=dialect) as here:
            await here.wake()
            await here.say("what can you do")
            await here.until(Phase.SPEAKING)
            await asyncio.sleep(1.0)
            await here.begin_to_say("what time is it")
            assert not here.speaker.sounds, "silence comes first"
            here.noise = QUIET
            await here.until(Phase.SPEAKING)
            await here.until(Phase.LISTENING)
            (cut,) = here.said(TruncateItem)
            assert isinstance(cut, TruncateItem)
            assert cut.audio_end_ms == here.speaker.heard[cut.item_id]
            assert here.link.far._conversation.sound_ms[cut.item_id] == cut.audio_end_ms
            assert here.words_of(Role.ASSISTANT)[0] == "", "the far end forgets its words"

    leap_through(story())


def test_without_echo_cancellation_only_the_wake_word_barges_in() -> None:
    async def story() -> None:
        async with room(HALF_DUPLEX) as here:
            await here.wake()
            await here.say("what can you do")
            await here.until(Phase.SPEAKING)
            with here.speech():
                await asyncio.sleep(1.0)
            assert here.phase is Phase.SPEAKING, "the house does not hear itself"
            here.engine.post(WakeWordHeard("hey_jarvis", 0.9))
            await here.until(Phase.LISTENING)
            assert len(here.said(TruncateItem)) == 1
            await here.say("what time is it")
            await here.until(Phase.SPEAKING)

    leap_through(story())


def test_a_question_that_was_heard_is_answered_in_the_next_turn() -> None:
    async def story() -> None:
        async with room() as here:
            await here.wake()
            await here.say("unlock the back door")
            await here.until(Phase.SPEAKING)
            await here.until(Phase.LISTENING)
            assert here.words_of(Role.ASSISTANT) == ["Unlock the back door?"]
            await here.say("yes")
            await here.until(Phase.SPEAKING)
            asked, confirmed = here.home.calls
            assert [asked.name, confirmed.name] == ["home_security", "home_confirm"]
            assert confirmed.turn.number == asked.turn.number + 1
            assert confirmed.turn.after_question
            assert confirmed.turn.transcript == "yes"

    leap_through(story())


def test_a_question_cut_at_its_first_word_has_no_answer() -> None:
    async def story() -> None:
        async with room() as here:
            await here.wake()
            await here.say("unlock the back door")
            await here.until(Phase.SPEAKING)
            await here.say("yes")
            await here.until(Phase.SPEAKING, Phase.LISTENING)
            confirming = [call for call in here.home.calls if call.name == "home_confirm"]
            assert all(not call.turn.after_question for call in confirming)
            assert isinstance(here.engine.state, Awake)
            assert not here.engine.state.turn.after_question
            assert len(here.said(TruncateItem)) + len(here.said(DeleteItem)) == 1

    leap_through(story())


def test_never_mind_ends_the_conversation() -> None:
    async def story() -> None:
        async with room() as here:
            await here.wake()
            await here.say("never mind")
            await here.until(Phase.ASLEEP)
            assert here.home.calls == []

    leap_through(story())


def test_a_television_ends_the_conversation_that_it_keeps_alive() -> None:
    async def story() -> None:
        async with room() as here:
            await here.wake()
            began = asyncio.get_running_loop().time()
            while isinstance(here.engine.state, Awake):
                here.script.script.append("")
                with here.speech():
                    await asyncio.sleep(2.0)
                await asyncio.sleep(2.0)
            lasted = asyncio.get_running_loop().time() - began
            assert 60 <= lasted <= 70

    leap_through(story())


def test_the_next_conversation_begins_with_a_clean_far_end() -> None:
    async def story() -> None:
        async with room() as here:
            for _ in range(2):
                await here.wake()
                await here.say("what time is it")
                await here.until(Phase.ASLEEP)
            assert len(here.links) == 2
            assert len(here.words_of(Role.ASSISTANT)) == 1

    leap_through(story())
