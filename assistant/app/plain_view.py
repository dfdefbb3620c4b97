"""The demo as lines: for pipes, logs, and screens that are too small."""

import json
import sys
from collections.abc import Callable

from assistant.app.chronicle import Entry
from assistant.app.legible import legible

QUIET_EVENTS = frozenset({"speech_stopped", "link_opening", "spoken", "speaking"})


def print_json(entry: Entry) -> None:
    """One object a line."""
    print(json.dumps(entry, default=str), flush=True)


def print_line(entry: Entry) -> None:
    """What a person wants to know of an entry; nothing where there is nothing to say."""
    sentence = sentence_of(entry)
    if sentence:
        print(f"{entry['t']:8.2f}  {sentence}", file=sys.stdout, flush=True)


def sentence_of(entry: Entry) -> str:
    """An entry on one printable line; empty if it is of no interest by itself."""
    return legible(_SENTENCES.get(entry["event"], _other)(entry))


def _other(entry: Entry) -> str:
    return "" if entry["event"] in QUIET_EVENTS else str(entry["event"]).replace("_", " ")


def _answer(entry: Entry) -> str:
    return f"    -> {entry['result'].get('status', '?')}"


def _mqtt(entry: Entry) -> str:
    mark = ">" if entry["direction"] == "sent" else "<"
    return f"    {mark} {entry['topic']} {entry['payload'][:80]}"


_SENTENCES: dict[str, Callable[[Entry], str]] = {
    "scene": lambda e: f"--- {e['title']}",
    "wake": lambda e: f"heard the wake word {e['word']} ({e['score']:.2f})",
    "state": lambda e: f"  [{e['state']}]",
    "transcript": lambda e: f'you:       "{e["text"]}"',
    "reply": lambda e: f'assistant: "{e["text"]}"',
    "announcement": lambda e: f'assistant: "{e["text"]}" (its own voice)',
    "call": lambda e: f"    {e['name']} {json.dumps(e['arguments'])}",
    "call_answered": _answer,
    "mqtt": _mqtt,
    "interrupted": lambda e: f"  interrupted: {e['heard_ms']} ms were heard",
    "chime": lambda e: f"  (chime: {e['chime']})",
    "link_lost": lambda e: f"link lost: {e['reason']} {e['remedy']}",
}
