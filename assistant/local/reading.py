"""What a sentence was understood to mean: calls, a topic, or a refusal, as plain data."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from assistant.home.devices import Attribute, Device


@dataclass(frozen=True, slots=True)
class Asks:
    """What a question wants to know of the states that come back.

    `expects` turns it into a yes-or-no question; `group` names what was asked about together.
    """

    attribute: Attribute | None = None
    expects: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True)
class WantedCall:
    """One function call with the names and arguments that the client offered."""

    name: str
    arguments: Mapping[str, Any]
    asks: Asks | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """Calls that a sentence asks for; `protected` ones need firm evidence."""

    calls: tuple[WantedCall, ...]
    protected: bool = False


class Topic(StrEnum):
    """What needs no device: answered from the clock, the device list or the talk itself."""

    TIME = "time"
    DATE = "date"
    HELP = "help"
    HOUSE = "house"
    REPEAT = "repeat"
    YES = "yes"
    NO = "no"
    CANCEL = "cancel"
    END = "end"
    THANKS = "thanks"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Understood, but not possible: `why` is the sentence to say."""

    why: str


Reading = Wish | Topic | Refusal


class Reader(Protocol):
    """Whoever turns sentences into readings; it knows the devices it speaks about."""

    @property
    def devices(self) -> tuple[Device, ...]:
        """The devices that can be named."""
        ...

    def read(self, text: str) -> Reading | None:
        """Understand a whole sentence, or nothing of it."""
        ...

    def is_sentence(self, text: str) -> bool:
        """True if the grammar holds exactly this sentence."""
        ...

    def is_unfinished(self, text: str) -> bool:
        """True if sentences of the grammar begin like this and go on."""
        ...
