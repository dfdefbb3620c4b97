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
    output: list[Item] = field(default_factory=list)
    heard_ms: int = 0
    read_letters: int = 0
    spoken_bytes: int = 0
    written_letters: int = 0

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
        return item, OutputItemAdded(self.id, item, len(self.output) - 1)

    def open_part(self, item: Item, *, spoken: bool) -> ServerMessage:
        """The one part of a message, still empty."""
        return PartAdded(self._place(item), Part("audio" if spoken else "text"))

    def speak(self, item: Item, pcm: bytes) -> Iterator[ServerMessage]:
        """Sound of a message in pieces of 100 ms."""
        place = self._place(item)
        self.spoken_bytes += len(pcm)
        for start in range(0, len(pcm), DELTA_BYTES):
            yield AudioDelta(place, pcm[start : start + DELTA_BYTES])

    def word(self, item: Item, text: str, *, spoken: bool) -> ServerMessage:
        """Text of a message."""
        self.written_letters += len(text)
        place = self._place(item)
        return AudioTranscriptDelta(place, text) if spoken else TextDelta(place, text)

    def close_message(
        self, item: Item, text: str, *, spoken: bool
    ) -> tuple[Item, list[ServerMessage]]:
        """The tail of a message item; the whole item and what ends it."""
        part = Part("audio" if spoken else "text", text)
        whole = replace(item, status="completed", content=(part,))
        place = self._place(item)
        self.output[place.output_index] = whole
        tail: list[ServerMessage] = (
            [AudioDone(place), AudioTranscriptDone(place, text)]
            if spoken
            else [TextDone(place, text)]
        )
        return whole, [
            *tail,
            PartDone(place, part),
            OutputItemDone(self.id, whole, place.output_index),
        ]

    def _place(self, item: Item) -> Place:
        index = next(i for i, known in enumerate(self.output) if known.id == item.id)
        return Place(self.id, item.id, index)
