"""The price of the wire: microseconds for a frame of each kind, against the openai package.

Prints one JSON object; every figure is CPU time, the median of several rounds.
"""

import base64
import json
import platform
import statistics
import time
from collections.abc import Callable
from typing import Any

from assistant.realtime.codec import decode_server, encode_client, encode_server
from assistant.realtime.dialect import Dialect
from assistant.realtime.messages import AppendAudio, AudioDelta, Place
from assistant.session.translation import events_of
from assistant.units import ItemId, ResponseId

ROUNDS = 15
CALLS = 400

DELTA_100_MS = bytes(range(256)) * 18 + bytes(192)  # 24 kHz, 16 bit
MIC_80_MS = bytes(range(256)) * 15
PLACE = Place(ResponseId("resp_" + "a" * 20), ItemId("item_" + "b" * 20))


def microseconds(work: Callable[[], object]) -> float:
    """Time of one call: the median of several rounds."""
    rounds = []
    for _ in range(ROUNDS):
        start = time.thread_time()
        for _ in range(CALLS):
            work()
        rounds.append((time.thread_time() - start) / CALLS * 1e6)
    return round(statistics.median(rounds), 2)


def openai_figures(frame: str) -> dict[str, float]:
    """The same two frames by the openai package, where it is installed."""
    try:
        from openai._models import construct_type_unchecked
        from openai.types.realtime import InputAudioBufferAppendEvent, RealtimeServerEvent
    except ImportError:
        return {}

    def parsed() -> object:
        union: Any = RealtimeServerEvent
        event: Any = construct_type_unchecked(value=json.loads(frame), type_=union)
        return base64.b64decode(event.delta)

    def written() -> str:
        audio = base64.b64encode(MIC_80_MS).decode()
        event = InputAudioBufferAppendEvent(audio=audio, type="input_audio_buffer.append")
        return event.model_dump_json(exclude_none=True)

    return {"delta_parsed_us": microseconds(parsed), "append_written_us": microseconds(written)}


def main() -> None:
    frame = encode_server(AudioDelta(PLACE, DELTA_100_MS), Dialect.GA, "event_1")
    assert frame is not None
    mic = AppendAudio(MIC_80_MS, "AppendAudio-17")
    ours = {
        "delta_to_event_us": microseconds(lambda: events_of(decode_server(frame))),
        "append_written_us": microseconds(lambda: encode_client(mic, Dialect.GA)),
    }
    theirs = openai_figures(frame)
    ratios = {}
    if theirs:
        ratios = {
            "delta": round(theirs["delta_parsed_us"] / ours["delta_to_event_us"], 1),
            "append": round(theirs["append_written_us"] / ours["append_written_us"], 1),
        }
    report = {
        "bench": "wire",
        "machine": platform.machine(),
        "python": platform.python_version(),
        "delta_frame_bytes": len(frame),
        "ours": ours,
        "openai_package": theirs,
        "times_cheaper": ratios,
    }
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
