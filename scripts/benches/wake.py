"""What hearing wake words costs: our engine beside openwakeword 0.4.0; prints one JSON object.

Every figure comes from a child process of its own, so that no import of one burdens another.
The times are CPU times of the calling thread, which other load on the machine disturbs least.
"""

import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

os.environ["ORT_DISABLE_TELEMETRY"] = "1"
os.environ["OMP_NUM_THREADS"] = "1"

FRAME_BYTES = 2560
WARM_UP = 30
WORDS = ("hey_jarvis", "alexa", "hey_mycroft")
Hear = Callable[[bytes], dict[str, float]]


def sound() -> bytes:
    """The words themselves if the offline voice is installed, then noise of many levels."""
    noise = np.random.default_rng(3)
    levels = np.repeat([10, 300, 3000], 6 * 16_000)
    parts = [spoken(), noise.normal(0, 1, levels.size) * levels]
    pcm = np.concatenate(parts).clip(-32768, 32767).astype("<i2").tobytes()
    return pcm[: len(pcm) // FRAME_BYTES * FRAME_BYTES]


def spoken() -> Any:
    if not find_spec("hibari"):
        return np.zeros(0)
    voice = import_module("hibari").Hibari("heart", threads=1)
    speech = voice("hey jarvis. turn on the light. alexa. stop.", seed=1)
    at = np.arange(int(len(speech) * 2 / 3)) * 1.5
    return np.interp(at, np.arange(len(speech)), speech) * 32767


def ours(words: tuple[str, ...]) -> Hear:
    # Imported here, so that loading is measured with all that it imports.
    adapter = import_module("assistant.adapters.openwakeword_detector")
    hear: Hear = adapter.load_detector(words, None).hear
    return hear


def stock(words: tuple[str, ...]) -> Hear:
    package = import_module("openwakeword.model")
    folder = Path(str(package.__file__)).parent / "resources" / "models"
    model = package.Model(
        wakeword_model_paths=[str(folder / f"{word}_v0.1.onnx") for word in words]
    )

    def hear(frame: bytes) -> dict[str, float]:
        scores = model.predict(np.frombuffer(frame, "<i2"))
        return {word: float(scores[f"{word}_v0.1"]) for word in words}

    return hear


def measured(engine: str, count: int, frames: list[bytes]) -> dict[str, Any]:
    began = time.process_time_ns()
    hear = {"ours": ours, "stock": stock}[engine](WORDS[:count])
    load_ms = (time.process_time_ns() - began) / 1e6
    scores, times = [], []
    for frame in frames:
        at = time.thread_time_ns()
        scores.append(hear(frame))
        times.append((time.thread_time_ns() - at) / 1e3)
    return {
        "frame_us": round(statistics.median(times[WARM_UP:]), 1),
        "load_ms": round(load_ms, 1),
        "rss_mb": peak_memory_mb(),
        "scores": scores[WARM_UP:],
    }


def peak_memory_mb() -> float:
    """Of this process alone; `ru_maxrss` would carry over what the parent had used."""
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return round(int(status["VmHWM"].split()[0]) / 1024, 1)


def in_a_child(engine: str, count: int, pcm: bytes) -> dict[str, Any]:
    command = [sys.executable, "-W", "ignore", __file__, engine, str(count)]
    child = subprocess.run(command, input=pcm, stdout=subprocess.PIPE, check=True)
    figures: dict[str, Any] = json.loads(child.stdout.splitlines()[-1])
    return figures


def difference(ours: dict[str, Any], stock: dict[str, Any]) -> float:
    pairs = zip(ours.pop("scores"), stock.pop("scores"), strict=True)
    return float(max(abs(a[word] - b[word]) for a, b in pairs for word in a))


def compared(count: int, pcm: bytes) -> dict[str, Any]:
    pair = {engine: in_a_child(engine, count, pcm) for engine in ("ours", "stock")}
    differs = difference(**pair)
    ratio = pair["stock"]["frame_us"] / pair["ours"]["frame_us"]
    return {**pair, "ratio": round(ratio, 2), "max_score_difference": differs}


def main() -> None:
    if len(sys.argv) == 3:
        pcm = sys.stdin.buffer.read()
        frames = [pcm[at : at + FRAME_BYTES] for at in range(0, len(pcm), FRAME_BYTES)]
        print(json.dumps(measured(sys.argv[1], int(sys.argv[2]), frames)))
        return
    pcm = sound()
    figures = {
        "bench": "wake",
        "machine": platform.machine(),
        "frames": len(pcm) // FRAME_BYTES - WARM_UP,
        "one_word": compared(1, pcm),
        "three_words": compared(3, pcm),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
