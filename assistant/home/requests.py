"""What the model asks of the home, and the user's turn in which it asks."""

from dataclasses import dataclass

from assistant.units import CallId, Milliseconds


@dataclass(frozen=True, slots=True)
class UserTurn:
    """The user's turn that a call belongs to; a confirmation must come from a new one."""

    conversation: int = 0
    """Counts the conversations since start: a confirmation never crosses two of them."""
    number: int = 0
    """Counts the turns in which the user spoke, within the conversation."""
    after_question: bool = False
    """True if the turn began after the last reply had been heard to its end."""
    speech_ms: Milliseconds = Milliseconds(0)
    """How long the user spoke in it, as far as it is known."""
    transcript: str = ""
    """What was understood, where a transcript came in time."""


@dataclass(frozen=True, slots=True)
class FunctionRequest:
    """One function call of the model, not yet validated: `arguments` is its JSON text."""

    call_id: CallId
    name: str
    arguments: str
    turn: UserTurn = UserTurn()
