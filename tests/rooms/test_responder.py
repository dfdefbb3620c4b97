"""How one reply is made: with ears and a voice that tests can steer, and a real understanding."""

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import cache
from itertools import count
from typing import Any

import pytest

from assistant.local.conversation import Conversation
from assistant.local.dialogue import NOT_CAUGHT, NOT_OFFERED, Answer, Call, Say
from assistant.local.end_pointing import EndPointer
from assistant.local.input_audio import Sound
from assistant.local.intents import Understanding, load_english
from assistant.local.mind import Listener, Mind
from assistant.local.reading import WantedCall
from assistant.local.replies import Reply
from assistant.local.responder import Responder, joined
from assistant.local.running_replies import MOST_ASIDE, RunningReplies
from assistant.local.salutation import Salutation
from assistant.local.trie import Trie
from assistant.local.utterance import Utterance
from assistant.local.wording import LEFT_ALONE
from assistant.realtime.messages import (
    AudioDelta,
    Fault,
    InputTranscribed,
    Item,
    ItemAdded,
    ItemKind,
    OutputItemAdded,
    Part,
    ReplyStatus,
    Response,
    ResponseDone,
    ResponseOptions,
    ServerMessage,
    SessionConfig,
    Tool,
    TurnDetection,
)
from assistant.units import ItemId, ResponseId
from tests.doubles.house_of_eighteen import HOUSE_OF_EIGHTEEN

NAMES = ("home_turn", "home_security", "home_confirm", "home_get_state")
OFFERED = SessionConfig(tools=tuple(Tool(name, "", {}) for name in NAMES), tool_choice="auto")
SOUND = Sound(bytes(32_000), 0.8)
PATIENCE_S = 30


class ScriptedListener:
    """Hears what the test says it hears."""

    def __init__(self) -> None:
        self.next = Utterance("")
        self.broken = False

    def understand(self, pcm_16k: bytes, trie: Trie, speech_seconds: float) -> Utterance:
        if self.broken:
            raise ValueError("no such tensor")
        return self.next


class SlowTalker:
    """Says one sentence, and another when it may."""

    def __init__(self) -> None:
        self.may_go_on = threading.Event()
        self.may_go_on.set()

    def sentences(self, text: str) -> Iterator[bytes]:
        yield bytes(4_800)
        assert self.may_go_on.wait(PATIENCE_S)
        yield bytes(4_800)


def no_end_pointer(rules: TurnDetection) -> EndPointer:
    raise AssertionError("a responder hears whole turns")


@cache
def understanding() -> Understanding:
    return Understanding(load_english(), HOUSE_OF_EIGHTEEN)


class Scene:
    """One session's responder with everything it needs, and what it told."""

    def __init__(self, *, deaf: bool = False) -> None:
        self.ears = ScriptedListener()
        self.talker = SlowTalker()
        self.told: list[ServerMessage] = []
        self.conversation = Conversation()
        self.executor = ThreadPoolExecutor(1)
        listener: Listener | None = None if deaf else self.ears
        mind = Mind(
            listener,
            self.talker,
            understanding(),
            Trie(()),
            Salutation(("hey_jarvis",)),
            no_end_pointer,
            self.executor,
            lambda: datetime(2026, 11, 24, 14, 30, tzinfo=UTC),
            "The ears are missing.",
        )
        self.numbers = count()
        self.new_id: Callable[[str], str] = lambda prefix: f"{prefix}_{next(self.numbers)}"
        self.responder = Responder(mind, self.conversation, self.told.append, self.new_id)
        self.responder.configure(OFFERED)
        self.ended = 0
        self.replies = RunningReplies(self.responder, self.told.append, self._end)

    def _end(self) -> None:
        self.ended += 1

    def write(self, text: str) -> None:
        name = ItemId(self.new_id("item"))
        self.conversation.add(Item(name, content=(Part("text", text),)))

    def say(self, utterance: Utterance) -> ItemId:
        """Let the user's newest turn be heard like this."""
        name = ItemId(self.new_id("item"))
        self.conversation.add(Item(name, content=(Part("audio"),)))
        self.responder.remember(name, SOUND)
        self.ears.next = utterance
        return name

    def begin(self, **options: Any) -> ResponseId:
        asked = ResponseOptions(**options)
        home = None if asked.out_of_band else "conv"
        reply = Reply(ResponseId(self.new_id("resp")), home)
        self.replies.begin(reply, asked)
        return reply.id

    async def end_of(self, name: ResponseId) -> Response:
        async with asyncio.timeout(PATIENCE_S):
            while True:
                for message in self.told:
                    if isinstance(message, ResponseDone) and message.response.id == name:
                        return message.response
                await asyncio.sleep(0)

    async def until_told(self, kind: type[ServerMessage]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            # What is waited for is told by a plain function, which sets no event.
            while not any(isinstance(message, kind) for message in self.told):  # noqa: ASYNC110
                await asyncio.sleep(0)

    async def answer(self, **options: Any) -> Response:
        return await self.end_of(self.begin(**options))

    async def ask(self, text: str) -> Response:
        self.write(text)
        return await self.answer()

    def give(self, call: Item, **output: Any) -> None:
        self.responder.note_output(call.call_id, json.dumps(output))


def play(story: Callable[[Scene], Awaitable[None]], *, deaf: bool = False) -> None:
    async def whole() -> None:
        scene = Scene(deaf=deaf)
        try:
            await story(scene)
        finally:
            scene.talker.may_go_on.set()
            await scene.replies.close()
            scene.executor.shutdown()

    asyncio.run(whole())


def words(response: Response) -> str:
    return " ".join(part.text for item in response.output for part in item.content)


def calls(response: Response) -> list[Item]:
    return [item for item in response.output if item.kind is ItemKind.CALL]


def clearly(text: str) -> Utterance:
    return Utterance(text, text, -1.0, -1.0, seconds=1.0)


async def ask_to_unlock(scene: Scene) -> None:
    (call,) = calls(await scene.ask("unlock the back door"))
    scene.give(call, status="needs_confirmation", confirmation_id="q1")


class TestHearing:
    def test_a_spoken_command_becomes_a_call(self) -> None:
        async def story(scene: Scene) -> None:
            scene.say(clearly("turn on the kitchen light"))
            response = await scene.answer()
            (call,) = calls(response)
            assert json.loads(call.arguments) == {
                "target": {"name": "kitchen light"},
                "state": "on",
            }
            assert response.usage is not None
            assert response.usage.input.audio == SOUND.milliseconds // 100

        play(story)

    def test_a_sound_is_answered_once(self) -> None:
        async def story(scene: Scene) -> None:
            scene.say(clearly("what time is it"))
            assert words(await scene.answer()).startswith("It's")
            assert (await scene.answer()).output == ()

        play(story)

    @pytest.mark.parametrize("free", ["", "You", "♪♪", "2-3-3-3-3-3"])
    def test_a_door_that_slams_is_answered_by_silence(self, free: str) -> None:
        async def story(scene: Scene) -> None:
            scene.say(Utterance(free, "thank you" if free == "You" else None, -25.0, -24.0))
            response = await scene.answer()
            assert (response.status, response.output) == (ReplyStatus.COMPLETED, ())

        play(story)

    def test_noise_of_which_the_grammar_is_sure_is_answered_by_silence(self) -> None:
        async def story(scene: Scene) -> None:
            scene.say(Utterance("You", "thank you", -0.1, -5.0, seconds=0.5))
            assert (await scene.answer()).output == ()

        play(story)

    @pytest.mark.parametrize("free", ["Banana", "Turn on the"])
    def test_speech_that_was_not_caught_is_told_so(self, free: str) -> None:
        async def story(scene: Scene) -> None:
            scene.say(Utterance(free, None, -1.0, seconds=0.5))
            assert words(await scene.answer()) == NOT_CAUGHT

        play(story)

    def test_noise_behind_a_question_leaves_things_alone_and_says_so(self) -> None:
        async def story(scene: Scene) -> None:
            await ask_to_unlock(scene)
            await scene.answer()
            scene.say(Utterance("You", "thank you", -0.1, -5.0, seconds=0.5))
            assert words(await scene.answer()).endswith(LEFT_ALONE)
            scene.say(clearly("yes"))
            assert not calls(await scene.answer())

        play(story)

    def test_the_bare_wake_word_is_answered_by_silence(self) -> None:
        async def story(scene: Scene) -> None:
            scene.say(clearly("hey jarvis"))
            assert (await scene.answer()).output == ()
            scene.say(clearly("hey jarvis what time is it"))
            assert words(await scene.answer()).startswith("It's")

        play(story)

    def test_the_transcript_is_told_where_it_is_wanted(self) -> None:
        async def story(scene: Scene) -> None:
            scene.say(clearly("what time is it"))
            await scene.answer()
            assert not [m for m in scene.told if isinstance(m, InputTranscribed)]
            scene.responder.configure(SessionConfig(transcription={"model": "any"}))
            name = scene.say(Utterance("What thyme is it", "what time is it", -1.0, -2.0))
            await scene.answer()
            (told,) = (m for m in scene.told if isinstance(m, InputTranscribed))
            assert (told.item_id, told.transcript) == (name, "what time is it")
            assert told.usage == {"type": "duration", "seconds": 1.0}
            assert scene.conversation.items[name].content == (Part("audio", "what time is it"),)

        play(story)

    def test_without_ears_a_spoken_turn_fails_with_the_reason(self) -> None:
        async def story(scene: Scene) -> None:
            scene.say(clearly("what time is it"))
            response = await scene.answer()
            assert response.status is ReplyStatus.FAILED
            assert response.error == Fault(
                "server_error", "speech_unavailable", "The ears are missing."
            )
            assert response.usage is not None
            assert words(await scene.ask("what time is it")).startswith("It's")

        play(story, deaf=True)

    def test_ears_that_break_fail_the_reply_and_not_the_session(self) -> None:
        async def story(scene: Scene) -> None:
            scene.say(clearly("what time is it"))
            scene.ears.broken = True
            response = await scene.answer()
            assert response.status is ReplyStatus.FAILED
            assert response.error is not None
            assert response.error.code == "server_error"
            assert "tensor" not in response.error.message
            assert words(await scene.ask("what time is it")).startswith("It's")

        play(story)


class TestQuestions:
    def test_a_question_that_was_broken_off_was_not_asked(self) -> None:
        async def story(scene: Scene) -> None:
            await ask_to_unlock(scene)
            scene.told.clear()
            scene.talker.may_go_on.clear()
            name = scene.begin()
            await scene.until_told(AudioDelta)
            assert scene.replies.cancel(name, "turn_detected")
            scene.talker.may_go_on.set()
            response = await scene.end_of(name)
            assert (response.status, response.reason) == (ReplyStatus.CANCELLED, "turn_detected")
            assert words(response) == "Unlock the back door?"
            assert not calls(await scene.ask("yes"))

        play(story)

    def test_an_answer_that_was_broken_off_leaves_no_question_behind(self) -> None:
        async def story(scene: Scene) -> None:
            await ask_to_unlock(scene)
            await scene.answer()
            scene.write("what time is it")
            name = scene.begin()
            await asyncio.sleep(0)
            scene.replies.cancel(name, "turn_detected")
            await scene.end_of(name)
            assert not calls(await scene.ask("yes"))

        play(story)

    def test_a_turn_that_was_never_heard_closes_the_question(self) -> None:
        async def story(scene: Scene) -> None:
            await ask_to_unlock(scene)
            await scene.answer()
            scene.say(clearly("no"))
            name = scene.begin()
            await asyncio.sleep(0)
            assert scene.replies.cancel(name, "turn_detected")
            await scene.end_of(name)
            assert not calls(await scene.ask("yes"))

        play(story)

    def test_what_was_broken_off_can_be_said_again(self) -> None:
        async def story(scene: Scene) -> None:
            scene.write("what time is it")
            scene.talker.may_go_on.clear()
            name = scene.begin()
            await scene.until_told(AudioDelta)
            scene.replies.cancel(name, "turn_detected")
            scene.talker.may_go_on.set()
            await scene.end_of(name)
            assert words(await scene.ask("say that again")).startswith("It's")

        play(story)

    def test_a_yes_from_before_the_question_confirms_nothing(self) -> None:
        async def story(scene: Scene) -> None:
            await ask_to_unlock(scene)
            scene.say(clearly("yes"))
            response = await scene.answer()
            assert (calls(response), words(response)) == ([], "Unlock the back door?")
            scene.say(clearly("yes"))
            (confirm,) = calls(await scene.answer())
            assert json.loads(confirm.arguments) == {"confirmation_id": "q1", "approved": True}

        play(story)

    def test_a_yes_still_confirms_while_other_news_comes_in(self) -> None:
        async def story(scene: Scene) -> None:
            (slow,) = calls(await scene.ask("turn on the kitchen light"))
            await ask_to_unlock(scene)
            await scene.answer()
            scene.give(slow, status="done")
            response = await scene.ask("yes")
            assert words(response) == "The kitchen light is on."
            assert [call.name for call in calls(response)] == ["home_confirm"]

        play(story)

    def test_a_reply_deleted_that_was_no_question_changes_nothing(self) -> None:
        async def story(scene: Scene) -> None:
            await ask_to_unlock(scene)
            await scene.answer()
            scene.responder.forget(ItemId("something else"))
            assert calls(await scene.ask("yes"))

        play(story)


class TestFunctions:
    def test_news_and_a_new_call_share_a_reply(self) -> None:
        async def story(scene: Scene) -> None:
            (call,) = calls(await scene.ask("turn on the kitchen light"))
            scene.give(call, status="done")
            response = await scene.ask("turn off the coffee maker")
            assert words(response) == "The kitchen light is on."
            assert [item.kind for item in response.output] == [ItemKind.MESSAGE, ItemKind.CALL]

        play(story)

    def test_outputs_that_come_while_it_hears_are_told_at_once(self) -> None:
        async def story(scene: Scene) -> None:
            (call,) = calls(await scene.ask("turn on the kitchen light"))
            scene.say(clearly("what time is it"))
            name = scene.begin()
            await asyncio.sleep(0)
            scene.give(call, status="done")
            said = words(await scene.end_of(name))
            assert said.startswith("The kitchen light is on. It's")

        play(story)

    @pytest.mark.parametrize("choice", [{"tool_choice": "none"}, {"tools": ()}])
    def test_one_reply_may_be_kept_from_calling(self, choice: dict[str, Any]) -> None:
        async def story(scene: Scene) -> None:
            scene.write("turn on the kitchen light")
            assert words(await scene.answer(**choice)) == NOT_OFFERED
            assert calls(await scene.ask("turn on the kitchen light"))

        play(story)

    def test_a_call_asked_aside_is_not_awaited(self) -> None:
        async def story(scene: Scene) -> None:
            item = Item(content=(Part("text", "turn on the kitchen light"),))
            (call,) = calls(await scene.answer(out_of_band=True, input=(item,)))
            assert not [m for m in scene.told if isinstance(m, ItemAdded)]
            scene.give(call, status="done")
            assert (await scene.answer()).output == ()

        play(story)

    def test_what_is_no_message_of_the_user_asks_nothing(self) -> None:
        async def story(scene: Scene) -> None:
            reference = Item(kind=ItemKind.OTHER, raw={"type": "item_reference", "id": "x"})
            output = Item(kind=ItemKind.OUTPUT, output="{}")
            response = await scene.answer(out_of_band=True, input=(reference, output))
            assert (response.status, response.output) == (ReplyStatus.COMPLETED, ())

        play(story)


class TestRunning:
    def test_a_reply_cancelled_before_it_began_ends_too(self) -> None:
        async def story(scene: Scene) -> None:
            scene.write("what time is it")
            name = scene.begin()
            assert scene.replies.cancel(name, "client_cancelled")
            assert (await scene.end_of(name)).status is ReplyStatus.CANCELLED
            assert scene.replies.main is None
            assert not [m for m in scene.told if isinstance(m, OutputItemAdded)]
            assert words(await scene.answer()).startswith("It's")

        play(story)

    def test_closing_ends_every_reply_and_may_be_repeated(self) -> None:
        async def story(scene: Scene) -> None:
            scene.talker.may_go_on.clear()
            question = Item(content=(Part("text", "what time is it"),))
            scene.begin(input=(question,))
            scene.begin(input=(question,), out_of_band=True)
            await scene.until_told(AudioDelta)
            await scene.replies.close()
            await scene.replies.close()
            done = [m.response.status for m in scene.told if isinstance(m, ResponseDone)]
            assert done == [ReplyStatus.CANCELLED] * 2
            assert scene.ended == 1

        play(story)

    def test_there_are_only_a_few_aside(self) -> None:
        async def story(scene: Scene) -> None:
            for _ in range(MOST_ASIDE):
                scene.begin(out_of_band=True)
            with pytest.raises(Exception, match="active response"):
                scene.begin(out_of_band=True)
            assert (await scene.answer()).status is ReplyStatus.COMPLETED

        play(story)

    def test_unknown_replies_are_not_cancelled(self) -> None:
        async def story(scene: Scene) -> None:
            assert not scene.replies.cancel(None, "x")
            assert not scene.replies.cancel(ResponseId("x"), "x")

        play(story)


CALL = Call((WantedCall("home_turn", {}),))


@pytest.mark.parametrize(
    ("news", "answer", "expected"),
    [
        ("", Say("two"), Say("two")),
        ("one.", Say("two."), Say("one. two.")),
        ("one?", Say("two."), Say("two. one?")),
        ("one?", Say(""), Say("one?")),
        ("one.", CALL, Call(CALL.calls, "one.")),
        ("one?", Call(CALL.calls, "wait."), Call(CALL.calls, "wait. one?")),
        ("", CALL, CALL),
    ],
)
def test_news_comes_first_and_a_question_last(news: str, answer: Answer, expected: Answer) -> None:
    assert joined(Say(news), answer) == expected
