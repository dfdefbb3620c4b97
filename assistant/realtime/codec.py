"""Text of a frame ↔ message. Both spellings are read; one, the chosen dialect, is written.

Sound is most of the traffic, so it takes a short way in and out.
"""

import json
from binascii import a2b_base64
from contextlib import suppress
from json.encoder import encode_basestring_ascii as quoted
from typing import Never

from assistant.realtime import beta, ga
from assistant.realtime.dialect import Dialect
from assistant.realtime.fields import Fields, Misspelling
from assistant.realtime.messages import (
    AppendAudio,
    AudioDelta,
    ClientMessage,
    Json,
    Place,
    ServerMessage,
)
from assistant.realtime.spelling import encoded
from assistant.units import ItemId, ResponseId

Frame = str | bytes
"""The text of a frame; some peers send it as a binary frame."""


def decode_server(frame: Frame) -> ServerMessage:
    """Read a frame of a server; unknown types are `Unfamiliar`. Raises `Misspelling`."""
    values = _parsed(frame)
    sound = _sound_of(values)
    if sound is not None:
        return sound
    type_ = beta.ga_type(Fields(values).text("type"))
    return ga.read_server(type_, Fields(beta.to_ga(values), type_))


def decode_client(frame: Frame) -> ClientMessage:
    """Read a frame of a client. Raises `Misspelling` with the `event_id`, where it has one."""
    values = _parsed(frame)
    try:
        return _client_message(values)
    except Misspelling as fault:
        event_id = values.get("event_id")
        fault.event_id = event_id if isinstance(event_id, str) else ""
        raise


def encode_client(message: ClientMessage, dialect: Dialect) -> str:
    """Write a message of a client; every one can be said in both dialects."""
    if isinstance(message, AppendAudio):
        event_id = f'"event_id":{quoted(message.event_id)},' if message.event_id else ""
        sound = encoded(message.audio)
        return f'{{"type":"input_audio_buffer.append",{event_id}"audio":"{sound}"}}'
    frame = _in_dialect(ga.write(message), dialect)
    assert frame is not None
    return _text(frame)


def encode_server(
    message: ServerMessage, dialect: Dialect, event_id: str = "event_0"
) -> str | None:
    """Write a message of a server; give each a new `event_id`.

    None where the dialect has no such message: beta has no `ItemDone` and no `IdleTimeout`.
    """
    if isinstance(message, AudioDelta):
        return _sound_delta(message, dialect, event_id)
    frame = _in_dialect(ga.write(message), dialect)
    return None if frame is None else _text({"event_id": event_id} | frame)


def _sound_of(values: Json) -> AudioDelta | None:
    """Read a delta of sound without ceremony; None for all else, and for a faulty one."""
    match values:
        case {
            "type": "response.output_audio.delta" | "response.audio.delta",
            "response_id": str(response),
            "item_id": str(item),
            "output_index": int(output),
            "content_index": int(content),
            "delta": str(delta),
        }:
            with suppress(ValueError):
                place = Place(ResponseId(response), ItemId(item), output, content)
                return AudioDelta(place, a2b_base64(delta, strict_mode=True))
    return None


def _client_message(values: Json) -> ClientMessage:
    type_ = Fields(values).text("type")
    if type_ != "input_audio_buffer.append":
        values = beta.to_ga(values)
    message = ga.read_client(type_, Fields(values, strict=True))
    if message is None:
        raise Misspelling("invalid_value", "type", f"Invalid value: no event is called '{type_}'.")
    return message


def _sound_delta(message: AudioDelta, dialect: Dialect, event_id: str) -> str:
    place = message.place
    word = "output_audio" if dialect is Dialect.GA else "audio"
    return (
        f'{{"event_id":{quoted(event_id)},"type":"response.{word}.delta",'
        f'"response_id":{quoted(place.response_id)},"item_id":{quoted(place.item_id)},'
        f'"output_index":{place.output_index},"content_index":{place.content_index},'
        f'"delta":"{encoded(message.audio)}"}}'
    )


def _in_dialect(frame: Json, dialect: Dialect) -> Json | None:
    if dialect is Dialect.BETA:
        return beta.to_beta(frame)
    if "session" in frame:
        frame["session"].pop("temperature", None)
    return frame


def _text(frame: Json) -> str:
    return json.dumps(frame, separators=(",", ":"))


def _refused_number(word: str) -> Never:
    raise ValueError(f"{word} is no number of JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    return number if abs(number) < float("inf") else _refused_number(digits)


_decode = json.JSONDecoder(parse_constant=_refused_number, parse_float=_finite).decode


def _parsed(frame: Frame) -> Json:
    try:
        values = _decode(frame if isinstance(frame, str) else frame.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise Misspelling("invalid_json", "", "A message is no JSON.") from error
    if not isinstance(values, dict):
        raise Misspelling("invalid_json", "", "A message is no JSON object.")
    return values
