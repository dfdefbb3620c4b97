"""One client's session at the local far end: messages in, messages out, replies as tasks."""

import secrets
import time
from collections.abc import Callable
from dataclasses import fields, replace

from assistant.local.conversation import Conversation, Refused
from assistant.local.input_audio import InputAudio, Sound, TurnEnded, TurnStarted
from assistant.local.mind import Mind
from assistant.local.replies import Reply
from assistant.local.responder import Responder
from assistant.local.running_replies import RunningReplies
from assistant.local.session_rules import DEFAULTS, check_update
from assistant.realtime.messages import (
    UNSET,
    AppendAudio,
    AudioCleared,
    AudioCommitted,
    CancelResponse,
    ClearAudio,
    ClearOutput,
    ClientMessage,
    CommitAudio,
    ConversationCreated,
    CreateItem,
    CreateResponse,
    DeleteItem,
    ErrorReported,
    Item,
    ItemKind,
    Part,
    ResponseOptions,
    RetrieveItem,
    Role,
    ServerMessage,
    SessionConfig,
    SessionCreated,
    SessionInfo,
    SessionUpdated,
    SpeechStarted,
    SpeechStopped,
    TruncateItem,
    TurnDetection,
    UpdateSession,
)
from assistant.units import ItemId, Milliseconds, ResponseId

SESSION_SECONDS = 3600

Send = Callable[[ServerMessage], None]


def new_id(prefix: str) -> str:
    """An identifier in the protocol's style."""
    return f"{prefix}_{secrets.token_hex(12)}"


class FarSession:
    """Obeys client messages in their order. `send` must not wait."""

    def __init__(self, mind: Mind, send: Send, model: str) -> None:
        self._send = send
        self._config = DEFAULTS
        self._info = SessionInfo(new_id("sess"), model, int(time.time()) + SESSION_SECONDS)
        self._conversation_id = new_id("conv")
        self._conversation = Conversation()
        self._responder = Responder(mind, self._conversation, send, new_id)
        self._audio = InputAudio(mind.make_end_pointer, self._detection())
        self._replies = RunningReplies(self._responder, send, self._follow_up)
        self._turn_item: ItemId | None = None
        self._owed = False

    def open(self) -> None:
        """Greet the client."""
        self._send(SessionCreated(replace(self._info, config=self._config)))
        self._send(ConversationCreated(self._conversation_id))

    async def close(self) -> None:
        """End the replies in progress; safe to call twice."""
        self._owed = False
        await self._replies.close()

    def take(self, message: ClientMessage) -> None:
        """Obey one message, or tell the client why not."""
        try:
            self._obey(message)
        except Refused as refused:
            self._send(ErrorReported(replace(refused.fault, event_id=message.event_id)))

    def _obey(self, message: ClientMessage) -> None:
        match message:
            case AppendAudio(audio):
                for turn in self._audio.append(audio):
                    self._follow(turn)
            case UpdateSession(config):
                self._update(config)
            case CommitAudio():
                self._commit()
            case ClearAudio():
                self._audio.clear()
                self._send(AudioCleared())
            case CreateResponse(options):
                self._begin_reply(options)
            case CancelResponse(response_id):
                self._cancel_by_client(response_id)
            case ClearOutput():
                raise Refused("unsupported", "output_audio_buffer.clear is for WebRTC and SIP")
            case _:
                self._change_items(message)

    def _change_items(self, message: CreateItem | TruncateItem | DeleteItem | RetrieveItem) -> None:
        match message:
            case CreateItem(item, after):
                self._create_item(item, after)
            case TruncateItem():
                self._send(self._conversation.truncate(message))
            case DeleteItem(item_id):
                self._send(self._conversation.delete(item_id))
                self._responder.forget(item_id)
            case RetrieveItem(item_id):
                self._send(self._conversation.retrieve(item_id))

    def _create_item(self, item: Item, after: str | None) -> None:
        named = item if item.id else replace(item, id=ItemId(new_id("item")))
        for message in self._conversation.add(named, after):
            self._send(message)
        if named.kind is ItemKind.OUTPUT:
            self._responder.note_output(named.call_id, named.output)

    def _update(self, config: SessionConfig) -> None:
        check_update(config)
        given = {
            f.name: value for f in fields(config) if (value := getattr(config, f.name)) is not UNSET
        }
        before = self._detection()
        self._config = replace(self._config, **given)
        self._responder.configure(self._config)
        if self._detection() != before:
            self._audio.watch(self._detection())
        self._send(SessionUpdated(replace(self._info, config=self._config)))

    def _detection(self) -> TurnDetection | None:
        detection = self._config.turn_detection
        return detection if isinstance(detection, TurnDetection) else None

    def _follow(self, turn: TurnStarted | TurnEnded) -> None:
        detection = self._detection() or TurnDetection()
        if isinstance(turn, TurnStarted):
            self._turn_item = ItemId(new_id("item"))
            self._send(SpeechStarted(self._turn_item, Milliseconds(turn.at_ms)))
            if detection.interrupt_response is not False:
                self._owed = False
                self._replies.cancel(self._replies.main, "turn_detected")
            return
        item = self._turn_item or ItemId(new_id("item"))
        self._send(SpeechStopped(item, Milliseconds(turn.at_ms)))
        self._add_user_item(item, turn.sound)
        if detection.create_response is not False:
            self._answer()

    def _answer(self) -> None:
        self._owed = self._replies.main is not None
        if not self._owed:
            self._begin_reply(ResponseOptions())

    def _commit(self) -> None:
        sound = self._audio.commit()
        if sound is None:
            raise Refused(
                "input_audio_buffer_commit_empty",
                "the buffer holds less than 100 ms of sound",
            )
        self._add_user_item(ItemId(new_id("item")), sound)

    def _add_user_item(self, item_id: ItemId, sound: Sound) -> None:
        previous = self._conversation.last()
        item = Item(item_id, ItemKind.MESSAGE, "completed", Role.USER, (Part("audio"),))
        told = self._conversation.add(item)
        self._responder.remember(item_id, sound)
        self._send(AudioCommitted(item_id, previous))
        for message in told:
            self._send(message)

    def _begin_reply(self, options: ResponseOptions) -> None:
        home = None if options.out_of_band else self._conversation_id
        modalities = options.output_modalities or self._config.output_modalities
        reply = Reply(
            ResponseId(new_id("resp")), home, options.metadata, spoken="audio" in modalities
        )
        self._replies.begin(reply, options)

    def _follow_up(self) -> None:
        """A turn that ended while a reply was being made is answered behind it."""
        if self._owed:
            self._answer()

    def _cancel_by_client(self, response_id: ResponseId | None) -> None:
        if not self._replies.cancel(response_id or self._replies.main, "client_cancelled"):
            raise Refused("response_cancel_not_active", "no such response is in progress")
