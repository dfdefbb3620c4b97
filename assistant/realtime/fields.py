"""A JSON object while it is read: every value is checked, every fault names its place.

A missing or null optional field is its default, never a fault. A field of the wrong type is
one, and so is a key nobody knows where the reader is strict: the far end reads strictly what
a client sends, a client takes with patience what a server sends.
"""

from dataclasses import dataclass
from typing import Any

from assistant.errors import FarEndFault
from assistant.realtime.messages import Json

_PATIENCE = "Update the assistant or the server: one of them speaks another version."


class Misspelling(FarEndFault):
    """A message that cannot be read; `code`, `param` and `event_id` suit an `error` event."""

    def __init__(self, code: str, param: str, problem: str) -> None:
        super().__init__(problem, _PATIENCE)
        self.code = code
        self.param = param
        self.event_id = ""


@dataclass(frozen=True, slots=True)
class Fields:
    """One JSON object of a message; `path` is its place, such as `session.audio`."""

    values: Json
    path: str = ""
    strict: bool = False

    def text(self, key: str, default: str | None = None) -> str:
        """Read a string; without a default it must be there. Raises `Misspelling`."""
        value = self._taken(key, (str,), "a string", default)
        assert isinstance(value, str)
        return value

    def asked_text(self, key: str) -> str:
        """Read a string that a client must send, and that a server may forget (then "")."""
        return self.text(key, None if self.strict else "")

    def whole(self, key: str, default: int | None = None) -> int:
        """Read a whole number; without a default it must be there. Raises `Misspelling`."""
        value = self._taken(key, (int, float), "a whole number", default)
        assert isinstance(value, int | float)
        if value != value // 1:
            raise self.misfit(key, "must be a whole number")
        return int(value)

    def number(self, key: str) -> float | None:
        """Read a number, None where there is none. Raises `Misspelling`."""
        value = self._optional(key, (int, float), "a number")
        return None if value is None else float(value)

    def count(self, key: str) -> int | None:
        """Read a whole number, None where there is none. Raises `Misspelling`."""
        return None if self.values.get(key) is None else self.whole(key)

    def flag(self, key: str) -> bool | None:
        """Read true or false, None where there is neither. Raises `Misspelling`."""
        value = self._optional(key, (bool,), "true or false")
        assert value is None or isinstance(value, bool)
        return value

    def choice(self, key: str, words: tuple[str, ...]) -> str | None:
        """Read one of some words; another word is a fault if strict, else None."""
        word = self.text(key, "")
        if word in words:
            return word
        if word and self.strict:
            raise self.misfit(key, f"must be one of {', '.join(words)}")
        return None

    def json(self, key: str) -> Json | None:
        """Read an object as it is, None where there is none. Raises `Misspelling`."""
        value = self._optional(key, (dict,), "an object")
        assert value is None or isinstance(value, dict)
        return value

    def word_or_json(self, key: str) -> str | Json | None:
        """Read a string or an object as it is, None where there is none."""
        value = self._optional(key, (str, dict), "a string or an object")
        assert value is None or isinstance(value, str | dict)
        return value

    def inner(self, key: str) -> "Fields":
        """Open the object at a key; a missing one is empty. Raises `Misspelling`."""
        return Fields(self.json(key) or {}, self._place(key), self.strict)

    def needed(self, key: str) -> "Fields":
        """Open the object at a key, which must be there. Raises `Misspelling`."""
        self._taken(key, (dict,), "an object", None)
        return self.inner(key)

    def inners(self, key: str) -> tuple["Fields", ...]:
        """Open a list of objects; a missing one is empty. Raises `Misspelling`."""
        places = [f"{self._place(key)}[{index}]" for index in range(len(self._list(key)))]
        return tuple(
            Fields(value, place, self.strict)
            for value, place in zip(self._all(key, dict, "objects"), places, strict=True)
        )

    def texts(self, key: str) -> tuple[str, ...]:
        """Read a list of strings; a missing one is empty. Raises `Misspelling`."""
        return tuple(self._all(key, str, "strings"))

    def has(self, key: str) -> bool:
        """Whether the key is there, were it with null."""
        return key in self.values

    def only(self, *known: str) -> None:
        """Refuse the first key that is not known, if strict. Raises `Misspelling`."""
        stranger = next((key for key in self.values if key not in known), None)
        if self.strict and stranger is not None:
            place = self._place(stranger)
            raise Misspelling("unknown_parameter", place, f"Unknown parameter: '{place}'.")

    def misfit(self, key: str, problem: str) -> Misspelling:
        """Make the fault of a value that does not fit."""
        place = self._place(key)
        return Misspelling("invalid_value", place, f"Invalid value: '{place}' {problem}.")

    def _place(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key

    def _taken(self, key: str, kinds: tuple[type, ...], words: str, default: object) -> object:
        value = self._optional(key, kinds, words)
        if value is not None:
            return value
        if default is None:
            place = self._place(key)
            problem = f"Missing required parameter: '{place}'."
            raise Misspelling("missing_required_parameter", place, problem)
        return default

    def _optional(self, key: str, kinds: tuple[type, ...], words: str) -> Any:
        value = self.values.get(key)
        # true is a number to Python, and a mistake on the wire.
        misfit = isinstance(value, bool) and bool not in kinds
        if value is not None and (misfit or not isinstance(value, kinds)):
            raise self.misfit(key, f"must be {words}")
        return value

    def _list(self, key: str) -> list[Any]:
        value = self._optional(key, (list,), "a list")
        return value if isinstance(value, list) else []

    def _all(self, key: str, kind: type, words: str) -> list[Any]:
        values = self._list(key)
        if not all(isinstance(value, kind) for value in values):
            raise self.misfit(key, f"must be a list of {words}")
        return values
