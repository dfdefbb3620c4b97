"""What hearing and speaking cost on this machine; prints one JSON object.

The times are CPU times of the calling thread, which other load on the machine disturbs least.
The speech is made by the house's own voice.
"""

import json
import os
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from statistics import median, quantiles

os.environ["ORT_DISABLE_TELEMETRY"] = "1"

from assistant.audio.frames import floats_of
from assistant.audio.resampling import resampled
from assistant.local.decoding import decode_freely, decode_held
from assistant.local.end_pointing import EndPointer, load_silero
from assistant.local.hearing import Hearing
from assistant.local.moonshine import Moonshine, load_moonshine
from assistant.local.trie import Trie
from assistant.local.voice import SAMPLE_RATE, HouseVoice

EARS_RATE = 16_000
SPOKEN = (
    "turn on the kitchen light",
    "set the living room lamp to forty percent",
    "close the garage door",
    "what's the temperature in the bedroom",
    "lock the front door",
    "set the thermostat to twenty one degrees",
    "turn everything off",
    "pause the music",
    "set a timer for ten minutes",
    "unlock the back door",
    "never mind",
    "tell me a joke",
    "what should we cook for dinner tonight",
)
REPLIES = (
    "The kitchen light is on.",
    "It is 21.5 °C in the bedroom. The window is closed.",
    "The living room lamp is at 40%.",
    "Shall I unlock the back door?",
)


def sentences() -> Iterable[str]:
    """A home of some 10,000 sentences around those that are spoken."""
    yield from SPOKEN[:-2]
    for room in ("kitchen", "living room", "bedroom", "hallway", "office", "garage"):
        for thing in ("light", "lamp", "fan", "heater", "blinds", "speaker", "socket", "door"):
            yield from (f"{verb} the {room} {thing}" for verb in ("open", "close", "lock"))
            yield from (f"turn {state} the {room} {thing}" for state in ("on", "off"))
            yield from (f"set the {room} {thing} to {n} percent" for n in range(101))
            yield from (f"turn the {room} {thing} to {n} percent" for n in range(101))


def milliseconds(work: Callable[[], object]) -> float:
    """How long a piece of work computes, once."""
    began = time.thread_time()
    work()
    return 1000 * (time.thread_time() - began)


def summary(times: Iterable[float]) -> dict[str, float]:
    every = sorted(times)
    p95 = quantiles(every, n=20, method="inclusive")[-1]
    return {"median": round(median(every), 2), "p95": round(p95, 2)}


def resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 2**20, 1)


def recognition(net: Moonshine, trie: Trie, sounds: list[bytes]) -> dict[str, object]:
    """The free pass alone, the search alone, and the whole turn as the daemon does it."""
    hearing = Hearing(net)
    begin = [partial(net.begin, floats_of(sound)) for sound in sounds]
    begun = [begun() for begun in begin]
    free = [partial(decode_freely, passage, 40) for passage in begun]
    held = [partial(decode_held, passage, trie, net.vocabulary.pieces, 40) for passage in begun]
    turn = [partial(hearing.understand, sound, trie, 1.0) for sound in sounds]
    return {
        "sound_seconds": round(median(len(sound) / 2 / EARS_RATE for sound in sounds), 1),
        "encode_ms": summary(map(milliseconds, begin)),
        "free_ms": summary(map(milliseconds, free)),
        "grammar_ms": summary(map(milliseconds, held)),
        "turn_ms": summary(map(milliseconds, turn)),
    }


def speaking(voice: HouseVoice) -> dict[str, float]:
    """Time to the first sentence of each reply, not from memory."""
    return summary(milliseconds(partial(next, voice.sentences(reply))) for reply in REPLIES)


def end_pointing(sounds: list[bytes]) -> float:
    """Microseconds for each frame of 32 ms."""
    pointer = EndPointer()
    stream = b"".join(sounds)
    return round(1000 * milliseconds(lambda: pointer.hear(stream)) / (len(stream) / 1024), 1)


def main() -> None:
    before = resident_mb()
    voice = HouseVoice()
    tables = list(sentences())
    trie = Trie(tables)
    loads = {
        "voice_ms": round(milliseconds(voice.warm), 1),
        "moonshine_ms": round(milliseconds(load_moonshine), 1),
        "silero_ms": round(milliseconds(load_silero), 1),
        "trie_ms": round(milliseconds(lambda: Trie(tables)), 1),
    }
    net = load_moonshine()
    first_sentence = speaking(voice)
    sounds = [
        resampled(b"".join(voice.sentences(text)), SAMPLE_RATE, EARS_RATE) + bytes(EARS_RATE)
        for text in SPOKEN
    ]
    figures = {
        "sentences": len(trie),
        "load": loads,
        "vad_us_per_32_ms": end_pointing(sounds),
        "speech_to_text": recognition(net, trie, sounds),
        "first_sentence_ms": first_sentence,
        "rss_mb": {"before": before, "after": resident_mb()},
    }
    voice.close()
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
