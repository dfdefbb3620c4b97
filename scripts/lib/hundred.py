"""Hears recorded commands behind a recorded wake word, each in a house of its own.

Usage: scripts/hundred [--data FOLDER] [--voices NAME,...] [--only N] [--jobs N] [--tight] [--json]
Joins the human "hey jarvis" without a gap to every command of every voice, runs
`assistant demo --wav` on each, and judges by the states that MQTT told. Then the sentences that
are no commands: none may do anything. Exit code 0 if all obeyed and nothing else happened.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import wave
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.house.expected import did_nothing, did_what_it_says  # noqa: E402

RATE = 16_000
AUDIBLE = 300


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    data = os.environ.get("ASSISTANT_TEST_DATA", ROOT.parent / "shared" / "data")
    parser.add_argument("--data", type=Path, default=Path(data), help="folder with speech/")
    parser.add_argument("--voices", default="", help="names of folders under commands/")
    parser.add_argument("--only", type=int, default=0, help="the first N sentences of each voice")
    parser.add_argument("--jobs", type=int, default=2, help="houses at a time")
    parser.add_argument("--tight", action="store_true", help="cut the wake word's trailing silence")
    parser.add_argument("--json", action="store_true", help="one object per recording")
    options = parser.parse_args()
    cases = _cases(options)
    with ThreadPoolExecutor(options.jobs) as pool:
        rows = list(pool.map(lambda case: _judge(*case, options), cases))
    good = {kind: [r["ok"] for r in rows if r["kind"] == kind] for kind in ("command", "other")}
    for kind, marks in good.items():
        print(f"{kind}: {sum(marks)} of {len(marks)} right", file=sys.stderr)
    return 0 if all(row["ok"] for row in rows) else 1


def _cases(options: argparse.Namespace) -> list[tuple[str, str, Path]]:
    speech = options.data / "speech"
    voices = options.voices.split(",") if options.voices else _folders(speech / "commands")
    cases = []
    for kind, folder, names in (
        ("command", "commands", voices),
        ("other", "out_of_grammar", _folders(speech / "out_of_grammar")),
    ):
        lines = (speech / f"{folder}.txt").read_text().splitlines()
        for name in names:
            for number, line in enumerate(lines[: options.only or None]):
                cases.append((kind, line, speech / folder / name / f"{number:02d}.wav"))
    return cases


def _folders(parent: Path) -> list[str]:
    return sorted(folder.name for folder in parent.iterdir())


def _judge(kind: str, sentence: str, file: Path, options: argparse.Namespace) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        joined = Path(folder) / "joined.wav"
        _join(options.data / "speech" / "human" / "hey_jarvis.wav", file, joined, options.tight)
        command = [sys.executable, "-m", "assistant", "demo", "--wav", joined, "--json"]
        run = subprocess.run(
            [*map(str, command), "--output", folder], capture_output=True, text=True, check=False
        )
    summary = json.loads(run.stdout.splitlines()[-1]) if run.returncode == 0 else {"turns": []}
    turns = summary["turns"]
    ok = did_what_it_says(sentence, turns) if kind == "command" else did_nothing(turns)
    row = {
        "kind": kind,
        "voice": file.parent.name,
        "sentence": sentence,
        "ok": ok and run.returncode == 0,
        "heard": [turn["transcript"] for turn in turns],
        "calls": [(c["name"], c.get("status")) for turn in turns for c in turn["calls"]],
        "reply": [turn["reply"] for turn in turns],
        "latencies_ms": turns[0]["latencies_ms"] if turns else {},
    }
    _tell(row, run.stderr, options)
    return row


def _tell(row: dict[str, Any], trouble: str, options: argparse.Namespace) -> None:
    if options.json:
        print(json.dumps(row), flush=True)
    else:
        mark = "ok  " if row["ok"] else "FAIL"
        print(f"{mark} {row['voice']:20} {row['sentence']:45} {row['heard']}", flush=True)
    if not row["ok"]:
        print(f"     {row['calls']} {row['reply']} {trouble[-300:]}", file=sys.stderr, flush=True)


def _join(wake: Path, command: Path, target: Path, tight: bool) -> None:
    first, second = _samples(wake), _samples(command)
    if tight:
        first = first[: np.flatnonzero(np.abs(first.astype(int)) > AUDIBLE)[-1] + 1]
        second = second[np.flatnonzero(np.abs(second.astype(int)) > AUDIBLE)[0] :]
    with wave.open(str(target), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(np.concatenate([first, second]).tobytes())


def _samples(file: Path) -> "np.ndarray[Any, np.dtype[np.int16]]":
    with wave.open(str(file)) as source:
        assert source.getframerate() == RATE, f"{file} is not 16 kHz"
        return np.frombuffer(source.readframes(source.getnframes()), "<i2")


if __name__ == "__main__":
    sys.exit(main())
