"""The messages of one reply, in the order of the protocol."""

import pytest

from assistant.local.replies import DELTA_BYTES, Reply
from assistant.realtime.messages import (
    ArgumentsDelta,
    ArgumentsDone,
    AudioDelta,
    AudioDone,
    AudioTranscriptDelta,
    AudioTranscriptDone,
    Fault,
    Item,
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
    ServerMessage,
    TextDelta,
    TextDone,
    TokenCount,
    Usage,
)
from assistant.units import CallId, ItemId, ResponseId

ID = ResponseId("r")


def reply(*, spoken: bool = True) -> Reply:
    return Reply(ID, "conv", {"topic": "x"}, spoken=spoken)


def is_open(one: Reply) -> bool:
    return one.open is not None


def said(one: Reply, text: str, pcm: bytes = b"") -> list[ServerMessage]:
    item, head = one.open_message(ItemId("m"))
    told = [head, one.open_part(item), one.word(item, text), *one.speak(item, pcm)]
    return [*told, *one.close_message(item)[1]]


def ended(one: Reply, status: ReplyStatus = ReplyStatus.COMPLETED) -> Response:
    done = one.end(status)
    assert isinstance(done, ResponseDone)
    return done.response


def test_it_begins_in_progress_with_its_metadata() -> None:
    created = reply().begin()
    assert created == ResponseCreated(
        Response(ID, ReplyStatus.IN_PROGRESS, metadata={"topic": "x"}, conversation_id="conv")
    )


def test_a_spoken_message_comes_in_order() -> None:
    one = reply()
    place = Place(ID, ItemId("m"), 0)
    told = said(one, "Hi.", b"\0\0" * 10)
    whole = Item(ItemId("m"), status="completed", role=told[0].item.role,  # type: ignore[union-attr]  # the head has an item
                 content=(Part("audio", "Hi."),))  # fmt: skip
    assert told[1:] == [
        PartAdded(place, Part("audio", "")),
        AudioTranscriptDelta(place, "Hi."),
        AudioDelta(place, b"\0\0" * 10),
        AudioDone(place),
        AudioTranscriptDone(place, "Hi."),
        PartDone(place, Part("audio", "Hi.")),
        OutputItemDone(ID, whole, 0),
    ]
    assert isinstance(told[0], OutputItemAdded)
    assert (told[0].item.status, told[0].item.content) == ("in_progress", ())
    assert ended(one).output == (whole,)


def test_a_written_message_has_text_and_no_sound() -> None:
    place = Place(ID, ItemId("m"), 0)
    assert said(reply(spoken=False), "Hi.")[1:-1] == [
        PartAdded(place, Part("text", "")),
        TextDelta(place, "Hi."),
        TextDone(place, "Hi."),
        PartDone(place, Part("text", "Hi.")),
    ]


@pytest.mark.parametrize(
    ("length", "pieces"), [(0, 0), (2, 1), (DELTA_BYTES, 1), (DELTA_BYTES + 2, 2)]
)
def test_sound_comes_in_pieces_of_a_tenth_of_a_second(length: int, pieces: int) -> None:
    deltas = [m for m in said(reply(), "Hi.", b"\1" * length) if isinstance(m, AudioDelta)]
    assert len(deltas) == pieces
    assert b"".join(delta.audio for delta in deltas) == b"\1" * length


def test_a_message_that_is_cut_keeps_its_words_and_is_incomplete() -> None:
    one = reply()
    item, _ = one.open_message(ItemId("m"))
    one.open_part(item)
    one.word(item, "It is")
    assert is_open(one)
    cut, tail = one.close_message(item, "incomplete")
    assert (cut.status, cut.content) == ("incomplete", (Part("audio", "It is"),))
    assert [type(message) for message in tail] == [
        AudioDone,
        AudioTranscriptDone,
        PartDone,
        OutputItemDone,
    ]
    assert not is_open(one)
    assert ended(one, ReplyStatus.CANCELLED).output == (cut,)


def test_calls_follow_the_preface_by_their_index() -> None:
    one = reply()
    said(one, "Just a moment.")
    for index, name in enumerate(("a", "b"), start=1):
        item, head = one.open_call(ItemId(name), CallId(f"c{index}"), "home_turn")
        assert head == OutputItemAdded(ID, item, index)
        whole, tail = one.close_call(item, "{}")
        place = Place(ID, ItemId(name), index)
        assert tail == [
            ArgumentsDelta(place, item.call_id, "{}"),
            ArgumentsDone(place, item.call_id, "{}", "home_turn"),
            OutputItemDone(ID, whole, index),
        ]
        assert (whole.status, whole.arguments) == ("completed", "{}")
    assert [item.id for item in ended(one).output] == ["m", "a", "b"]


def test_words_of_one_message_are_not_said_in_the_next() -> None:
    one = reply()
    said(one, "One.")
    item, _ = one.open_message(ItemId("n"))
    one.word(item, "Two.")
    assert one.close_message(item)[0].content == (Part("audio", "Two."),)


@pytest.mark.parametrize("status", list(ReplyStatus))
def test_the_cost_is_told_whatever_the_end(status: ReplyStatus) -> None:
    one = reply()
    one.heard_ms, one.read_letters = 1_250, 9
    said(one, "12345678", bytes(48 * 260))
    cost = Usage(TokenCount(12 + 2, 2, 12), TokenCount(5 + 2, 2, 5))
    assert ended(one, status).usage == cost
    assert ended(one, status).status is status


def test_an_end_tells_its_reason_and_its_fault() -> None:
    fault = Fault("server_error", "x", "y")
    done = reply().end(ReplyStatus.FAILED, "why", fault)
    assert isinstance(done, ResponseDone)
    assert (done.response.reason, done.response.error) == ("why", fault)
