"""How the far end makes one reply: hear, think, and say or call."""

import json
from collections.abc import Callable
from dataclasses import replace

from assistant.local.audibility import audible, is_speech
from assistant.local.awaited_calls import AwaitedCalls
from assistant.local.conversation import Conversation, is_of_user
from assistant.local.dialogue import NOT_CAUGHT, NOT_OFFERED, Answer, Call, Dialogue, Say
from assistant.local.input_audio import Sound
from assistant.local.mind import Mind
from assistant.local.reading import WantedCall
from assistant.local.replies import BYTES_PER_MS, Reply
from assistant.local.utterance import Utterance
from assistant.realtime.messages import (
    Fault,
    InputTranscribed,
    Item,
    ItemAdded,
    ItemDone,
    Part,
    ResponseOptions,
    ServerMessage,
    SessionConfig,
    Tool,
    Unset,
)
from assistant.units import CallId, ItemId

Send = Callable[[ServerMessage], None]
NewId = Callable[[str], str]


class Responder:
    """Thinks for one session: one reply of the conversation at a time, others aside."""

    def __init__(self, mind: Mind, conversation: Conversation, send: Send, new_id: NewId) -> None:
        self._mind = mind
        self._conversation = conversation
        self._send = send
        self._new_id = new_id
        self._dialogue = Dialogue(mind.reader, frozenset())
        self._offered: frozenset[str] = frozenset()
        self._session = SessionConfig()
        self._sound: tuple[ItemId, Sound] | None = None
        self._calls = AwaitedCalls()
        self._asking = False
        self._asked_in: ItemId | None = None

    def configure(self, config: SessionConfig) -> None:
        """Take over what the session allows: functions, and whether to tell what was heard."""
        self._session = config
        self._offer(_names_of(config.tools))

    def remember(self, item: ItemId, sound: Sound) -> None:
        """Keep the sound of the newest turn until it is answered."""
        self._sound = item, sound

    def note_output(self, call: CallId, output: str) -> None:
        """A function's output came in."""
        self._calls.note(call, output)

    def forget(self, item: ItemId) -> None:
        """The client deleted an item; a question in it was not heard, and so was not asked."""
        if item == self._asked_in:
            self._forget_the_question()

    def abandon(self, reply: Reply) -> list[ServerMessage]:
        """A reply will not be finished: what was opened ends incomplete.

        A question in it was not heard; an answer to an earlier one was not, either.
        """
        if self._asking and reply.conversation_id is not None:
            self._forget_the_question()
        if reply.open is None:
            return []
        item, tail = reply.close_message(reply.open, "incomplete")
        return [*tail, *self._finished(reply, item)]

    def _forget_the_question(self) -> None:
        self._asking = False
        self._dialogue = Dialogue(self._mind.reader, self._offered)

    async def respond(self, reply: Reply, options: ResponseOptions) -> Fault | None:
        """Make one reply; a fault is what a failed response tells."""
        question = self._question(options)
        answer: Answer = Say("")
        if question is not None:
            heard = await self._read(reply, question)
            if isinstance(heard, Fault):
                return heard
            answer = self._answer(heard, options)
        # Learnt behind the answer: a "yes" from before our question must not confirm it.
        told = Say("") if options.out_of_band else self._learn()
        await self._deliver(reply, joined(told, answer), asks=told.text.endswith("?"))
        return None

    def _answer(self, utterance: Utterance, options: ResponseOptions) -> Answer:
        """The bare wake word is no question: silence, and the ear stays open."""
        if self._mind.salutation.is_all(utterance):
            return Say("")
        heard = audible(self._mind.salutation.without(utterance))
        answer = self._dialogue_for(options).hear(heard, self._mind.clock())
        if isinstance(answer, Call) and _is_forbidden_to_call(options, self._session):
            return Say(NOT_OFFERED)
        # A door that slams is no one to talk to.
        return Say("") if answer == Say(NOT_CAUGHT) and not is_speech(heard) else answer

    def _dialogue_for(self, options: ResponseOptions) -> Dialogue:
        """What is asked aside is no turn of the conversation."""
        offered = _names_of(self._session.tools if options.tools is None else options.tools)
        if options.out_of_band:
            return Dialogue(self._mind.reader, offered)
        self._offer(offered)
        self._asking = False
        return self._dialogue

    def _offer(self, names: frozenset[str]) -> None:
        if names != self._offered:
            self._offered = names
            self._dialogue = Dialogue(self._mind.reader, names)

    def _learn(self) -> Say:
        """Tell the dialogue what came of its calls; news may end in a question of ours."""
        outcomes = self._calls.take()
        if not outcomes:
            return Say("")
        news = self._dialogue.learn(outcomes)
        assert isinstance(news, Say)
        self._asking = news.text.endswith("?")
        return news

    def _question(self, options: ResponseOptions) -> Item | None:
        given = [item for item in options.input or () if is_of_user(item)]
        question = given[-1] if given else self._conversation.open_question()
        if not options.out_of_band:
            self._conversation.settle()
        return question

    async def _read(self, reply: Reply, question: Item) -> Utterance | Fault:
        sound = self._sound_of(question)
        if sound is None:
            text = " ".join(part.text for part in question.content)
            reply.read_letters += len(text)
            return Utterance(free=text, grammar=text, typed=True) if text.strip() else _NO_TEXT
        if self._mind.listener is None:
            return Fault("server_error", "speech_unavailable", self._mind.deaf_because)
        utterance = await self._mind.understand(sound)
        reply.heard_ms += sound.milliseconds
        if isinstance(self._session.transcription, dict):
            self._transcribe(question, utterance, sound)
        return utterance

    def _sound_of(self, question: Item) -> Sound | None:
        if self._sound is None or self._sound[0] != question.id:
            return None
        return self._sound[1]

    def _transcribe(self, question: Item, utterance: Utterance, sound: Sound) -> None:
        held = utterance.grammar if utterance.believes_grammar else None
        text = held or utterance.free
        usage = {"type": "duration", "seconds": sound.milliseconds / 1000}
        self._conversation.finish(replace(question, content=(Part("audio", text),)))
        self._send(InputTranscribed(question.id, text, usage=usage))

    async def _deliver(self, reply: Reply, answer: Answer, *, asks: bool) -> None:
        match answer:
            case Say(text):
                await self._say(reply, text, asks=asks)
            case Call(calls, preface):
                await self._say(reply, preface, asks=asks)
                self._call_all(reply, calls)

    async def _say(self, reply: Reply, text: str, *, asks: bool) -> None:
        if not text:
            return
        item, head = reply.open_message(ItemId(self._new_id("item")))
        if asks:
            self._asked_in = item.id
        self._enter(reply, item, head)
        self._send(reply.open_part(item))
        self._send(reply.word(item, text))
        if reply.spoken:
            await self._sound_out(reply, item, text)
        self._leave(reply, *reply.close_message(item))

    async def _sound_out(self, reply: Reply, item: Item, text: str) -> None:
        sentences = self._mind.talker.sentences(text)
        while (pcm := await self._mind.next_sentence(sentences)) is not None:
            self._conversation.lengthen(item.id, len(pcm) // BYTES_PER_MS)
            for delta in reply.speak(item, pcm):
                self._send(delta)

    def _call_all(self, reply: Reply, calls: tuple[WantedCall, ...]) -> None:
        asked = {CallId(self._new_id("call")): wanted for wanted in calls}
        if reply.conversation_id is not None:
            self._calls.ask(asked)
        for call_id, wanted in asked.items():
            item, head = reply.open_call(ItemId(self._new_id("item")), call_id, wanted.name)
            self._enter(reply, item, head)
            self._leave(reply, *reply.close_call(item, json.dumps(dict(wanted.arguments))))

    def _enter(self, reply: Reply, item: Item, head: ServerMessage) -> None:
        """Announce an item; an answer out of band stays out of the conversation."""
        self._send(head)
        if reply.conversation_id is not None:
            reply.after = self._conversation.insert(item)
            self._send(ItemAdded(item, reply.after))

    def _leave(self, reply: Reply, item: Item, tail: list[ServerMessage]) -> None:
        for message in (*tail, *self._finished(reply, item)):
            self._send(message)

    def _finished(self, reply: Reply, item: Item) -> list[ServerMessage]:
        if reply.conversation_id is None:
            return []
        self._conversation.finish(item)
        return [ItemDone(item, reply.after)]


_NO_TEXT = Fault(
    "invalid_request_error",
    "unsupported_content_type",
    "There is nothing to read in this item; send sound with input_audio_buffer.append.",
)


def joined(news: Say, answer: Answer) -> Answer:
    """News of earlier calls comes before the answer, but a question of ours comes last."""
    if isinstance(answer, Call):
        return Call(answer.calls, _in_order(news.text, answer.preface))
    return Say(_in_order(news.text, answer.text))


def _in_order(news: str, text: str) -> str:
    return f"{text} {news}".strip() if news.endswith("?") else f"{news} {text}".strip()


def _names_of(tools: tuple[Tool, ...] | Unset) -> frozenset[str]:
    return frozenset(tool.name for tool in tools) if isinstance(tools, tuple) else frozenset()


def _is_forbidden_to_call(options: ResponseOptions, session: SessionConfig) -> bool:
    return (options.tool_choice or session.tool_choice) == "none"
