"""How the far end makes one reply: hear, think, and say or call."""

import json
from collections.abc import Callable
from dataclasses import replace

from assistant.local.conversation import Conversation
from assistant.local.dialogue import Answer, Call, Dialogue, Say
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
    ResponseOptions,
    Role,
    ServerMessage,
    SessionConfig,
)
from assistant.units import CallId, ItemId

Send = Callable[[ServerMessage], None]
NewId = Callable[[str], str]


class Responder:
    """Thinks for one session; one reply at a time."""

    def __init__(self, mind: Mind, conversation: Conversation, send: Send, new_id: NewId) -> None:
        self._mind = mind
        self._conversation = conversation
        self._send = send
        self._new_id = new_id
        self._dialogue = Dialogue(mind.reader, frozenset())
        self._transcribes = False
        self._speaks = True
        self._sounds: dict[ItemId, Sound] = {}
        self._asked: dict[CallId, WantedCall] = {}
        self._outputs: dict[CallId, str] = {}
        self._offered: frozenset[str] = frozenset()
        self._answered: set[ItemId] = set()
        self._open: Item | None = None
        self._before: str | None = None

    def configure(self, config: SessionConfig) -> None:
        """Take over what the session allows: functions, transcripts, sound or text."""
        tools = config.tools if isinstance(config.tools, tuple) else ()
        offered = frozenset(t.name for t in tools)
        if offered != self._offered:
            self._offered = offered
            self._dialogue = Dialogue(self._mind.reader, offered)
        self._transcribes = isinstance(config.transcription, dict)
        self._speaks = "audio" in (config.output_modalities or ())

    def remember(self, item: ItemId, sound: Sound) -> None:
        """Keep the sound of a user's item until it is answered."""
        self._sounds[item] = sound

    def note_output(self, call: CallId, output: str) -> None:
        """A function's output came in."""
        if call in self._asked:
            self._outputs[call] = output

    def abandon(self) -> None:
        """The reply in progress will not be finished: what was opened stays incomplete."""
        item, self._open = self._open, None
        if item is not None:
            cut = replace(item, status="incomplete")
            self._conversation.items[item.id] = cut
            self._send(ItemDone(cut, self._before))

    async def respond(self, reply: Reply, options: ResponseOptions) -> Fault | None:
        """Make one reply; a fault is what a failed response tells."""
        told = self._learn()
        question = self._question(options)
        if question is None:
            await self._deliver(reply, told or Say(""))
            return None
        sound = self._sounds.pop(question.id, None)
        if sound is not None and self._mind.listener is None:
            return Fault("server_error", "speech_unavailable", self._mind.deaf_because)
        utterance = await self._read(reply, question, sound)
        answer = self._answer(utterance)
        await self._deliver(reply, _joined(told, answer))
        return None

    def _answer(self, utterance: Utterance) -> Answer:
        """The bare wake word is no question: silence, and the ear stays open."""
        if self._mind.salutation.is_all(utterance):
            return Say("")
        plain = self._mind.salutation.without(utterance)
        return self._dialogue.hear(plain, self._mind.clock())

    def _learn(self) -> Answer | None:
        """Tell the dialogue what came of its calls, once all outputs are there."""
        if not self._asked or self._asked.keys() != self._outputs.keys():
            return None
        outcomes = [(wanted, self._outputs[call]) for call, wanted in self._asked.items()]
        self._asked.clear()
        self._outputs.clear()
        return self._dialogue.learn(outcomes)

    def _question(self, options: ResponseOptions) -> Item | None:
        given = [i for i in options.input or () if i.role is Role.USER]
        if given:
            return given[-1]
        newest = self._conversation.newest_question()
        if newest is None or newest.id in self._answered:
            return None
        self._answered.add(newest.id)
        return newest

    async def _read(self, reply: Reply, question: Item, sound: Sound | None) -> Utterance:
        if sound is None:
            text = " ".join(part.text for part in question.content)
            reply.read_letters += len(text)
            return Utterance(free=text, grammar=text, typed=True)
        utterance = await self._mind.understand(sound)
        reply.heard_ms += sound.milliseconds
        if self._transcribes:
            held = utterance.grammar if utterance.believes_grammar else None
            usage = {"type": "duration", "seconds": sound.milliseconds / 1000}
            self._send(InputTranscribed(question.id, held or utterance.free, usage=usage))
        return utterance

    async def _deliver(self, reply: Reply, answer: Answer) -> None:
        match answer:
            case Say(text):
                await self._say(reply, text)
            case Call(calls, preface):
                await self._say(reply, preface)
                for wanted in calls:
                    self._call(reply, wanted)

    async def _say(self, reply: Reply, text: str) -> None:
        if not text:
            return
        item, head = reply.open_message(ItemId(self._new_id("item")))
        self._enter(reply, item, head)
        self._send(reply.open_part(item, spoken=self._speaks))
        self._send(reply.word(item, text, spoken=self._speaks))
        if self._speaks:
            await self._sound(reply, item, text)
        whole, tail = reply.close_message(item, text, spoken=self._speaks)
        self._leave(reply, whole, tail)

    async def _sound(self, reply: Reply, item: Item, text: str) -> None:
        sentences = self._mind.talker.sentences(text)
        while (pcm := await self._mind.next_sentence(sentences)) is not None:
            length = self._conversation.sound_ms.get(item.id, 0) + len(pcm) // BYTES_PER_MS
            self._conversation.sound_ms[item.id] = length
            for delta in reply.speak(item, pcm):
                self._send(delta)

    def _call(self, reply: Reply, wanted: WantedCall) -> None:
        call_id = CallId(self._new_id("call"))
        self._asked[call_id] = wanted
        item, head = reply.open_call(ItemId(self._new_id("item")), call_id, wanted.name)
        self._enter(reply, item, head)
        whole, tail = reply.close_call(item, json.dumps(dict(wanted.arguments)))
        self._leave(reply, whole, tail)

    def _enter(self, reply: Reply, item: Item, head: ServerMessage) -> None:
        """Announce an item; an answer out of band stays out of the conversation."""
        self._send(head)
        if reply.conversation_id is not None:
            self._before = self._conversation.insert(item)
            self._open = item
            self._send(ItemAdded(item, self._before))

    def _leave(self, reply: Reply, whole: Item, tail: list[ServerMessage]) -> None:
        for message in tail:
            self._send(message)
        if reply.conversation_id is not None:
            self._open = None
            self._conversation.items[whole.id] = whole
            self._send(ItemDone(whole, self._before))


def _joined(told: Answer | None, answer: Answer) -> Answer:
    """News of earlier calls is said before the answer to what was asked meanwhile."""
    match told, answer:
        case Say(news), Say(text):
            return Say(f"{news} {text}".strip())
        case Say(news), Call(calls, preface):
            return Call(calls, f"{news} {preface}".strip())
        case _:
            return answer
