"""The codec: what is written is read again, and what is wrong is named."""

import json
from contextlib import suppress
from typing import Any, get_args

import pytest
from hypothesis import strategies as st

from assistant.errors import FarEndFault
from assistant.realtime import messages as told
from assistant.realtime.beta import unspeakable
from assistant.realtime.codec import decode_client, decode_server, encode_client, encode_server
from assistant.realtime.dialect import Dialect
from assistant.realtime.fields import Misspelling
from assistant.realtime.messages import Item, ItemKind, SessionConfig, Unfamiliar
from assistant.units import ItemId, ResponseId
from tests.doubles.spoken_messages import (
    BETA_CLIENT_MESSAGES,
    BETA_SERVER_MESSAGES,
    GA_CLIENT_MESSAGES,
    GA_ONLY_SERVER_MESSAGES,
    GA_SERVER_MESSAGES,
    of_each,
)

BOTH = pytest.mark.parametrize("dialect", list(Dialect))
PLACE = told.Place(ResponseId("r"), ItemId("i"), 0, 0)


def _server(type_: str, **keys: Any) -> Any:
    return decode_server(json.dumps({"type": type_, **keys}))


def _client(type_: str, **keys: Any) -> Any:
    return decode_client(json.dumps({"type": type_, **keys}))


def _client_fault(type_: str, **keys: Any) -> Misspelling:
    with pytest.raises(Misspelling) as caught:
        _client(type_, event_id="e7", **keys)
    return caught.value


# ---------------------------------------------------------------- round trips


@of_each(GA_CLIENT_MESSAGES)
def test_what_a_client_says_in_ga_is_understood(kind: type, data: st.DataObject) -> None:
    message: told.ClientMessage = data.draw(GA_CLIENT_MESSAGES[kind])
    assert decode_client(encode_client(message, Dialect.GA)) == message


@of_each(BETA_CLIENT_MESSAGES)
def test_what_a_client_says_in_beta_is_understood(kind: type, data: st.DataObject) -> None:
    message: told.ClientMessage = data.draw(BETA_CLIENT_MESSAGES[kind])
    assert decode_client(encode_client(message, Dialect.BETA)) == message


@of_each(GA_SERVER_MESSAGES)
def test_what_a_server_says_in_ga_is_understood(kind: type, data: st.DataObject) -> None:
    message: told.ServerMessage = data.draw(GA_SERVER_MESSAGES[kind])
    frame = encode_server(message, Dialect.GA, "event_1")
    assert frame is not None
    assert json.loads(frame)["event_id"] == "event_1"
    assert decode_server(frame) == message
    assert decode_server(frame.encode()) == message


@of_each(BETA_SERVER_MESSAGES)
def test_what_a_server_says_in_beta_is_understood(kind: type, data: st.DataObject) -> None:
    message: told.ServerMessage = data.draw(BETA_SERVER_MESSAGES[kind])
    frame = encode_server(message, Dialect.BETA, "event_1")
    assert frame is not None
    assert decode_server(frame) == message


@of_each(GA_ONLY_SERVER_MESSAGES)
def test_beta_is_silent_where_it_has_no_word(kind: type, data: st.DataObject) -> None:
    message: told.ServerMessage = data.draw(GA_ONLY_SERVER_MESSAGES[kind])
    assert encode_server(message, Dialect.BETA) is None


def test_there_are_examples_of_every_message() -> None:
    """A round trip proves nothing for a message that is never made."""
    assert set(GA_CLIENT_MESSAGES) == set(get_args(told.ClientMessage))
    assert {*GA_SERVER_MESSAGES, Unfamiliar} == set(get_args(told.ServerMessage))


# ---------------------------------------------------------------- two dialects


def test_beta_spells_the_session_flat() -> None:
    config = SessionConfig(
        output_modalities=("audio",),
        input_format=told.AudioFormat.ULAW,
        voice="verse",
        temperature=0.8,
        max_output_tokens=100,
        turn_detection=None,
        truncation="auto",
    )
    session = json.loads(encode_client(told.UpdateSession(config), Dialect.BETA))["session"]
    assert session == {
        "modalities": ["text", "audio"],
        "input_audio_format": "g711_ulaw",
        "voice": "verse",
        "temperature": 0.8,
        "max_response_output_tokens": 100,
        "turn_detection": None,
    }


def test_ga_does_not_know_the_temperature() -> None:
    config = SessionConfig(temperature=0.8)
    session = json.loads(encode_client(told.UpdateSession(config), Dialect.GA))["session"]
    assert session == {"type": "realtime"}


def test_what_beta_leaves_out_is_named() -> None:
    config = SessionConfig(
        truncation="auto",
        transcription={"model": "m", "keywords": ["Licht"]},
        turn_detection=told.TurnDetection(idle_timeout_ms=5000),
    )
    lost = unspeakable(config)
    assert lost == ("truncation", "turn_detection.idle_timeout_ms", "transcription.keywords")
    session = json.loads(encode_client(told.UpdateSession(config), Dialect.BETA))["session"]
    assert session == {
        "input_audio_transcription": {"model": "m"},
        "turn_detection": {"type": "server_vad"},
    }
    assert unspeakable(SessionConfig(instructions="", turn_detection=None)) == ()


def test_the_older_name_of_an_added_item_is_understood() -> None:
    item = {"id": "i", "type": "message", "role": "assistant", "content": []}
    message = _server("conversation.item.created", item=item, previous_item_id=None)
    assert message == told.ItemAdded(Item(ItemId("i"), role=told.Role.ASSISTANT))


@pytest.mark.parametrize("kind", ["audio", "output_audio", "input_audio"])
def test_every_name_of_an_audio_part_is_understood(kind: str) -> None:
    keys = {"response_id": "r", "item_id": "i", "part": {"type": kind, "transcript": "Hallo"}}
    assert _server("response.content_part.done", **keys) == told.PartDone(
        PLACE, told.Part("audio", "Hallo")
    )


@BOTH
def test_an_update_says_nothing_of_what_is_not_set(dialect: Dialect) -> None:
    frame = json.loads(encode_client(told.UpdateSession(SessionConfig(speed=1.1)), dialect))
    assert set(frame["session"]) <= {"type", "audio", "speed"}


def test_a_beta_request_names_its_limit_as_beta_does() -> None:
    options = told.ResponseOptions(max_output_tokens=7, output_modalities=("text",))
    frame = json.loads(encode_client(told.CreateResponse(options), Dialect.BETA))
    assert frame["response"] == {"max_response_output_tokens": 7, "modalities": ["text"]}


def test_a_foreign_frame_is_not_changed_by_being_read() -> None:
    audio = {"output": {"speed": 1.0}}
    frame = {"type": "session.update", "session": {"voice": "verse", "audio": audio}}
    update = decode_client(json.dumps(frame))
    assert isinstance(update, told.UpdateSession)
    assert (update.config.voice, update.config.speed) == ("verse", 1.0)


# ---------------------------------------------------------------- patience with servers


@pytest.mark.parametrize(
    "type_", ["output_audio_buffer.started", "response.mcp_call.failed", "", "ü" * 99]
)
def test_an_unknown_type_is_unfamiliar(type_: str) -> None:
    assert _server(type_, anything=[1]) == Unfamiliar(type_)
    frame = encode_server(Unfamiliar(type_), Dialect.GA)
    assert frame is not None
    assert decode_server(frame) == Unfamiliar(type_)


def test_missing_optional_fields_are_no_fault() -> None:
    assert _server("session.created", session={}) == told.SessionCreated(told.SessionInfo())
    assert _server("session.updated") == told.SessionUpdated(told.SessionInfo())
    assert _server("error") == told.ErrorReported(told.Fault())
    assert _server("rate_limits.updated") == told.RateLimits({})
    assert _server("input_audio_buffer.speech_started", item_id="i").audio_start_ms == 0
    done = _server("response.done", response={"id": "r", "status": "completed"})
    assert done == told.ResponseDone(told.Response(ResponseId("r"), told.ReplyStatus.COMPLETED))


def test_null_is_a_missing_field() -> None:
    keys = dict.fromkeys(("type", "code", "message", "param", "event_id"))
    assert _server("error", error=keys) == told.ErrorReported(told.Fault())


def test_unknown_fields_and_words_of_a_server_are_passed_over() -> None:
    session = {
        "brand_new": 1,
        "voice": {"id": "custom"},
        "audio": {"input": {"turn_detection": {"type": "psychic_vad"}, "surprise": True}},
    }
    config = _server("session.created", session=session).session.config
    assert config == SessionConfig(voice="custom")


def test_an_unknown_end_of_a_response_is_a_failure_of_that_name() -> None:
    response = _server("response.done", response={"id": "r", "status": "vanished"}).response
    assert (response.status, response.reason) == (told.ReplyStatus.FAILED, "vanished")


def test_an_item_of_an_unknown_kind_passes_through() -> None:
    raw = {"type": "mcp_call", "id": "m", "tool": "x"}
    item = _server("conversation.item.added", item=raw).item
    assert item == Item(ItemId("m"), ItemKind.OTHER, raw=raw)
    frame = encode_server(told.ItemAdded(item), Dialect.GA)
    assert frame is not None
    assert json.loads(frame)["item"] == raw
    reference = Item(kind=ItemKind.OTHER, raw={"type": "item_reference", "id": "i"})
    asked = told.CreateResponse(told.ResponseOptions(input=(reference,)))
    assert json.loads(encode_client(asked, Dialect.GA))["response"]["input"] == [reference.raw]


def test_pictures_in_a_message_are_passed_over() -> None:
    content = [{"type": "input_image", "image_url": "data:"}, {"type": "input_text", "text": "a"}]
    item = {"type": "message", "role": "user", "content": content}
    assert _server("conversation.item.added", item=item).item.content == (told.Part("text", "a"),)


def test_a_missing_usage_costs_nothing() -> None:
    usage: dict[str, Any] = {"output_tokens": 5}
    response = _server("response.done", response={"id": "r", "usage": usage}).response
    assert response.usage == told.Usage(output=told.TokenCount(total=5))


# ---------------------------------------------------------------- malformed


@pytest.mark.parametrize(
    "frame",
    [
        "",
        "nonsense",
        "[]",
        "null",
        '"type"',
        '{"type": NaN}',
        '{"type": "x", "n": 1e999}',
        "[" * 100_000,
        b"\xff\xfe",
        '{"n": ' + "9" * 5000 + "}",
    ],
)
def test_what_is_no_json_object_is_a_fault(frame: str | bytes) -> None:
    for decode in (decode_client, decode_server):
        with pytest.raises(FarEndFault) as caught:
            decode(frame)
        assert caught.value.remedy
        assert isinstance(caught.value, Misspelling)
        assert caught.value.code == "invalid_json"


@pytest.mark.parametrize(
    ("frame", "place"),
    [
        ({}, "type"),
        ({"type": 7}, "type"),
        ({"type": "response.output_audio.delta", "response_id": "r"}, "item_id"),
        ({"type": "response.done", "response": {}}, "response.id"),
        ({"type": "response.done", "response": "r"}, "response"),
        ({"type": "response.done", "response": {"id": "r", "output": [1]}}, "response.output"),
        (
            {"type": "response.done", "response": {"id": "r", "output": [{}]}},
            "response.output[0].type",
        ),
        ({"type": "input_audio_buffer.speech_started", "item_id": True}, "item_id"),
        (
            {"type": "input_audio_buffer.speech_started", "item_id": "i", "audio_start_ms": True},
            "audio_start_ms",
        ),
        (
            {"type": "input_audio_buffer.speech_started", "item_id": "i", "audio_start_ms": 1.5},
            "audio_start_ms",
        ),
        (
            {"type": "response.audio.delta", "response_id": "r", "item_id": "i", "delta": "%"},
            "delta",
        ),
    ],
)
def test_a_malformed_field_of_a_server_is_named(frame: dict[str, Any], place: str) -> None:
    with pytest.raises(Misspelling, match=f"{place.replace('[', '.').replace(']', '.')}'"):
        decode_server(json.dumps(frame))


@of_each(GA_SERVER_MESSAGES | GA_CLIENT_MESSAGES)
def test_no_damage_to_a_frame_escapes_as_another_error(kind: type, data: st.DataObject) -> None:
    message = data.draw((GA_SERVER_MESSAGES | GA_CLIENT_MESSAGES)[kind])
    frame = json.loads(encode_server(message, Dialect.GA) or "")
    values: Any = frame
    while isinstance(values, dict) and values:
        parent, key = values, data.draw(st.sampled_from(sorted(values)))
        values = values[key]
        if data.draw(st.booleans()):
            break
    parent[key] = data.draw(st.sampled_from([None, True, -1.5, "x", [], [1], [{}], {}, {"a": 1}]))
    for decode in (decode_server, decode_client):
        with suppress(Misspelling):
            decode(json.dumps(frame))


# ---------------------------------------------------------------- strict with clients


def test_an_unknown_session_field_is_named_for_the_client() -> None:
    session = {"type": "realtime", "audio": {"input": {"turn_detection": {"treshold": 0.5}}}}
    fault = _client_fault("session.update", session=session)
    assert (fault.code, fault.event_id) == ("unknown_parameter", "e7")
    assert fault.param == "session.audio.input.turn_detection.treshold"


@pytest.mark.parametrize(
    ("session", "param"),
    [
        ({"colour": 1}, "session.colour"),
        ({"audio": {"throughput": {}}}, "session.audio.throughput"),
        ({"audio": {"input": {"voice": "x"}}}, "session.audio.input.voice"),
        ({"audio": {"output": {"format": {"bits": 16}}}}, "session.audio.output.format.bits"),
        ({"tools": [{"name": "f", "args": {}}]}, "session.tools[0].args"),
    ],
)
def test_every_branch_of_the_session_refuses_strangers(session: dict[str, Any], param: str) -> None:
    fault = _client_fault("session.update", session=session)
    assert (fault.code, fault.param) == ("unknown_parameter", param)


@pytest.mark.parametrize(
    ("session", "param"),
    [
        ({"type": "transcription"}, "session.type"),
        ({"speed": "fast"}, "session.audio.output.speed"),
        ({"instructions": 3}, "session.instructions"),
        ({"max_output_tokens": "many"}, "session.max_output_tokens"),
        ({"output_modalities": "audio"}, "session.output_modalities"),
        ({"output_modalities": [1]}, "session.output_modalities"),
        ({"parallel_tool_calls": 1}, "session.parallel_tool_calls"),
        ({"tool_choice": 1}, "session.tool_choice"),
        ({"audio": {"input": {"format": {"type": "mp3"}}}}, "session.audio.input.format.type"),
        (
            {"turn_detection": {"type": "server_vad", "eagerness": "very"}},
            "session.audio.input.turn_detection.eagerness",
        ),
    ],
)
def test_a_wrong_value_is_named_for_the_client(session: dict[str, Any], param: str) -> None:
    fault = _client_fault("session.update", session=session)
    assert (fault.code, fault.param) == ("invalid_value", param)


@pytest.mark.parametrize(
    ("frame", "param"),
    [
        ({"type": "session.update"}, "session"),
        ({"type": "conversation.item.create", "item": {"type": "function_call_output"}}, "item"),
        ({"type": "conversation.item.truncate", "item_id": "i"}, "audio_end_ms"),
        ({"type": "conversation.item.delete"}, "item_id"),
        ({"type": "input_audio_buffer.append"}, "audio"),
    ],
)
def test_a_missing_field_is_named_for_the_client(frame: dict[str, Any], param: str) -> None:
    fault = _client_fault(**{"type_": frame.pop("type"), **frame})
    assert fault.code == "missing_required_parameter"
    assert fault.param.split(".")[0] == param


def test_an_unknown_event_of_a_client_is_refused_by_its_type() -> None:
    fault = _client_fault("session.delete")
    assert (fault.code, fault.param) == ("invalid_value", "type")


def test_an_output_that_is_no_string_is_refused() -> None:
    item = {"type": "function_call_output", "call_id": "c", "output": {"ok": True}}
    fault = _client_fault("conversation.item.create", item=item)
    assert (fault.code, fault.param) == ("invalid_value", "item.output")


def test_an_event_id_that_is_no_string_is_not_repeated() -> None:
    with pytest.raises(Misspelling) as caught:
        decode_client('{"type": "input_audio_buffer.clear", "event_id": 7}')
    assert caught.value.event_id == ""


def test_what_the_local_server_must_let_pass_passes() -> None:
    session = {
        "type": "realtime",
        "model": "any",
        "prompt": None,
        "instructions": None,
        "tools": [{"type": "mcp", "server_label": "x"}],
        "audio": {
            "input": {
                "turn_detection": {"type": "semantic_vad", "eagerness": "auto"},
                "transcription": {"model": "unheard-of"},
                "noise_reduction": None,
            },
            "output": None,
        },
        "tracing": None,
    }
    config = _client("session.update", session=session).config
    assert config == SessionConfig(
        tools=(),
        turn_detection=told.TurnDetection("semantic_vad", eagerness="auto"),
        transcription={"model": "unheard-of"},
        noise_reduction=None,
        tracing=None,
    )


def test_sound_never_appears_in_the_words_of_a_message() -> None:
    assert "secret" not in repr(told.AppendAudio(b"secret"))
    assert "secret" not in repr(told.AudioDelta(PLACE, b"secret"))
