"""The messages of a reply in the order of the protocol. Pure; law S6."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from assistant.realtime.messages import (
    ArgumentsDelta,
    ArgumentsDone,
    AudioDelta,
    AudioDone,
    AudioTranscriptDelta,
    AudioTranscriptDone,
    Fault,
    Item,
    ItemKind,
    Json,
    OutputItemAdded,
    OutputItemDone,
    Part,
    PartAdded,
    PartDone,
    Place,
    ReplyStatus,
    Response,
    ResponseCreated,
    ResponseDone,
    Role,
    ServerMessage,
    TextDelta,
    TextDone,
    TokenCount,
    Usage,
)
from assistant.units import CallId, ItemId, ResponseId

BYTES_PER_MS = 48
DELTA_BYTES = 100 * BYTES_PER_MS
USER_MS_PER_TOKEN = 100
ASSISTANT_MS_PER_TOKEN = 50
LETTERS_PER_TOKEN = 4


@dataclass(slots=True)
class Reply:
    """One response while it is made; every method answers with the messages to send."""

    id: ResponseId
    conversation_id: str | None
    metadata: Json | None = None
    spoken: bool = True
    """False makes the messages text only."""
    output: list[Item] = field(default_factory=list)
    heard_ms: int = 0
    read_letters: int = 0
    spoken_bytes: int = 0
    written_letters: int = 0
    open: Item | None = None
    """The message that is being said."""
    after: str | None = None
    """The item before the newest one of this reply in the conversation."""
    words: str = ""
    """What was said of the open message."""

    def begin(self) -> ServerMessage:
        """`response.created`."""
        return ResponseCreated(self._response(ReplyStatus.IN_PROGRESS))

    def end(
        self, status: ReplyStatus, reason: str = "", error: Fault | None = None
    ) -> ServerMessage:
        """`response.done`, with usage whatever the status (law S5)."""
        done = self._response(status)
        return ResponseDone(replace(done, reason=reason, error=error, usage=self._usage()))

    def _response(self, status: ReplyStatus) -> Response:
        return Response(
            self.id,
            status,
            output=tuple(self.output),
            metadata=self.metadata,
            conversation_id=self.conversation_id,
        )

    def _usage(self) -> Usage:
        heard = self.heard_ms // USER_MS_PER_TOKEN
        read = self.read_letters // LETTERS_PER_TOKEN
        spoken = self.spoken_bytes // BYTES_PER_MS // ASSISTANT_MS_PER_TOKEN
        written = self.written_letters // LETTERS_PER_TOKEN
        return Usage(
            TokenCount(heard + read, read, heard), TokenCount(spoken + written, written, spoken)
        )

    def open_call(self, item_id: ItemId, call_id: CallId, name: str) -> tuple[Item, ServerMessage]:
        """The head of a function call: its item, and its place in the response."""
        item = Item(item_id, ItemKind.CALL, "in_progress", call_id=call_id, name=name)
        self.output.append(item)
        return item, OutputItemAdded(self.id, item, len(self.output) - 1)

    def close_call(self, item: Item, arguments: str) -> tuple[Item, list[ServerMessage]]:
        """The rest of a function call: its arguments, a JSON text."""
        place = self._place(item)
        whole = replace(item, status="completed", arguments=arguments)
        self.output[place.output_index] = whole
        self.written_letters += len(arguments)
        return whole, [
            ArgumentsDelta(place, item.call_id, arguments),
            ArgumentsDone(place, item.call_id, arguments, item.name),
            OutputItemDone(self.id, whole, place.output_index),
        ]

    def open_message(self, item_id: ItemId) -> tuple[Item, ServerMessage]:
        """The head of a message: its item, and its place in the response."""
        item = Item(item_id, ItemKind.MESSAGE, "in_progress", Role.ASSISTANT)
        self.output.append(item)
        self.open, self.words = item, ""
        return item, OutputItemAdded(self.id, item, len(self.output) - 1)

    def open_part(self, item: Item) -> ServerMessage:
        """The one part of a message, still empty."""
        return PartAdded(self._place(item), self._part(""))

    def speak(self, item: Item, pcm: bytes) -> Iterator[ServerMessage]:
        """Sound of a message in pieces of 100 ms."""
        place = self._place(item)
        self.spoken_bytes += len(pcm)
        for start in range(0, len(pcm), DELTA_BYTES):
            yield AudioDelta(place, pcm[start : start + DELTA_BYTES])

    def word(self, item: Item, text: str) -> ServerMessage:
        """Text of a message."""
        self.written_letters += len(text)
        self.words += text
        place = self._place(item)
        return AudioTranscriptDelta(place, text) if self.spoken else TextDelta(place, text)

    def close_message(
        self, item: Item, status: str = "completed"
    ) -> tuple[Item, list[ServerMessage]]:
        """The tail of a message item, whole or cut: the item, and what ends it."""
        part = self._part(self.words)
        ended = replace(item, status=status, content=(part,))
        place = self._place(item)
        self.output[place.output_index] = ended
        self.open = None
        return ended, [
            *self._last_words(place),
            PartDone(place, part),
            OutputItemDone(self.id, ended, place.output_index),
        ]

    def _last_words(self, place: Place) -> list[ServerMessage]:
        if self.spoken:
            return [AudioDone(place), AudioTranscriptDone(place, self.words)]
        return [TextDone(place, self.words)]

    def _part(self, text: str) -> Part:
        return Part("audio" if self.spoken else "text", text)

    def _place(self, item: Item) -> Place:
        index = next(i for i, known in enumerate(self.output) if known.id == item.id)
        return Place(self.id, item.id, index)
