"""The door of hassil: whole sentences become readings, by our templates first, then its own."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from assistant.errors import SpeechUnavailable
from assistant.home.devices import Device, Kind
from assistant.local.grammar import name_in_command, sentences_for
from assistant.local.meaning import Meanings, together
from assistant.local.reading import Reading, Refusal, Wish
from assistant.local.spoken import plainly
from assistant.local.templates import NUMBERS, ROWS, WORDS, Row

MOST_WORDS = 25
"""Longer texts are no commands, and matching them costs time."""
MOST_COMMANDS = 3
"""How many commands one sentence may join."""

_DOMAINS = {Kind.MEDIA: "media_player", Kind.ALARM: "alarm_control_panel"}
_KINDS = {domain: kind.value for kind, domain in _DOMAINS.items()}
_IDLE_WORDS = frozenset({"the", "my", "our", "in", "of", "at", "please", "scene", "light", "can",
                         "could", "would", "you", "for", "me"})  # fmt: skip
_REMEDY = "Install the offline parts: pip install 'assistant[local]'."


@dataclass(frozen=True, slots=True)
class English:
    """The parsed templates; they know no device, so one copy serves every home."""

    ours: Any
    theirs: Any


def load_english() -> English:
    """Parse our templates and Home Assistant's. Raises `SpeechUnavailable` if hassil is absent."""
    try:
        from hassil.intents import Intents
        from home_assistant_intents import get_intents
    except ImportError as error:
        raise SpeechUnavailable("The offline understanding (hassil) is missing", _REMEDY) from error
    theirs = get_intents("en")
    if theirs is None:
        raise SpeechUnavailable("The offline understanding has no English sentences", _REMEDY)
    ours = {
        "language": "en",
        "intents": _own_intents(),
        "lists": _own_lists(),
        "skip_words": theirs["skip_words"],
    }
    known = {row.intent for row in ROWS}
    theirs["intents"] = {name: data for name, data in theirs["intents"].items() if name in known}
    english = English(Intents.from_dict(ours), Intents.from_dict(theirs))
    # hassil compiles what it needs on first use; the first user should not wait for it.
    Understanding(english, ()).read("tell me a joke")
    return english


class Understanding:
    """Reads whole sentences about a fixed set of devices; build a new one when they change."""

    def __init__(self, english: English, devices: Iterable[Device]) -> None:
        self.devices = tuple(device for device in devices if device.exposed)
        self.sentences = sentences_for(self.devices)
        self._known = frozenset(self.sentences)
        self._english = english
        self._meanings = Meanings(self.devices)
        self._slot_lists = _slot_lists(self._meanings)

    def read(self, text: str) -> Reading | None:
        """Understand a sentence, or up to three joined by "and"; None if any part stays unclear."""
        plain = plainly(text)
        if not plain or len(plain.split()) > MOST_WORDS:
            return None
        reading = self._read_one(plain) or self._read_joined(plain)
        if reading is not None or self.is_unfinished(plain):
            return reading
        stranger = name_in_command(plain)
        return Refusal(f"I know no device called {stranger}.") if stranger is not None else None

    def is_sentence(self, text: str) -> bool:
        """True if the grammar holds exactly this sentence."""
        return plainly(text) in self._known

    def is_unfinished(self, text: str) -> bool:
        """True if sentences of the grammar begin like this and go on."""
        beginning = f"{plainly(text)} "
        return any(sentence.startswith(beginning) for sentence in self.sentences)

    def _read_joined(self, plain: str) -> Wish | None:
        parts = plain.split(" and ")
        if not 1 < len(parts) <= MOST_COMMANDS:
            return None
        wishes = [reading for reading in map(self._read_one, parts) if isinstance(reading, Wish)]
        if len(wishes) < len(parts):
            return None
        return together(wishes)

    def _read_one(self, plain: str) -> Reading | None:
        if (found := self._recognize(self._english.ours, plain)) is not None:
            return self._meanings.read(found.intent.name, _slots(found), _names(found))
        found = self._recognize(self._english.theirs, plain)
        if found is None or not _says_what_to_do(found, plain):
            return None
        slots, names = _slots(found), _names(found)
        # Home Assistant's sentences about a domain without a name mean all of it.
        everything = {} if names else {"all": True}
        return self._meanings.read(found.intent.name, everything | slots, names)

    def _recognize(self, intents: Any, plain: str) -> Any:
        from hassil.recognize import recognize_best

        return recognize_best(plain, intents, slot_lists=self._slot_lists, best_slot_name="name")


def _names(found: Any) -> tuple[str, ...]:
    return tuple(entity.value for entity in found.entities_list if entity.name == "name")


def _says_what_to_do(found: Any, plain: str) -> bool:
    """False for a bare name: Home Assistant takes it for "turn on", even behind "turn off … and".

    Only a word beside names, areas and articles says what is wanted.
    """
    named = [entity.text for entity in found.entities_list if entity.name in {"name", "area"}]
    rest = f" {plain} "
    for text in sorted(named, key=len, reverse=True):
        rest = rest.replace(f" {text.strip()} ", " ", 1)
    return not _IDLE_WORDS.issuperset(rest.split())


def _slots(found: Any) -> dict[str, Any]:
    slots = {entity.name: entity.value for entity in found.entities_list if entity.name != "name"}
    if "domain" in slots:
        slots["domain"] = _KINDS.get(slots["domain"], slots["domain"])
    return slots


def _slot_lists(meanings: Meanings) -> dict[str, Any]:
    from hassil.intents import TextSlotList

    names = [(n.spoken, key, {"domain": _domain(n.kind)}) for key, n in meanings.names.items()]
    return {
        "name": TextSlotList.from_tuples(names, allow_template=False, name="name"),
        "area": TextSlotList.from_tuples(meanings.areas.items(), allow_template=False, name="area"),
        "floor": TextSlotList.from_tuples([], name="floor"),
    }


def _domain(kind: Kind) -> str:
    return _DOMAINS.get(kind, kind.value)


def _own_intents() -> dict[str, Any]:
    intents: dict[str, Any] = {}
    for row in ROWS:
        intents.setdefault(row.intent, {"data": []})["data"].append(_block(row))
    return intents


def _block(row: Row) -> dict[str, Any]:
    block: dict[str, Any] = {"sentences": list(row.templates), "slots": dict(row.slots)}
    if any("{name}" in template for template in row.templates):
        block["requires_context"] = {"domain": [_domain(kind) for kind in row.kinds]}
    return block


def _own_lists() -> dict[str, Any]:
    numbers = {
        name: {"range": {"from": min(values), "to": max(values), "type": "number"}}
        for name, values in NUMBERS.items()
    }
    words = {
        name: {"values": [{"in": spoken, "out": value} for spoken, value in values.items()]}
        for name, values in WORDS.items()
    }
    return numbers | words
