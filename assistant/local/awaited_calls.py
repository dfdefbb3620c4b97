"""Which function calls wait for their outputs; those of one reply are told together. Pure."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from assistant.local.reading import WantedCall
from assistant.units import CallId

MOST_REPLIES = 8
"""Outputs that never came are no longer waited for behind so many later replies."""


@dataclass(slots=True)
class _Batch:
    """The calls of one reply."""

    wanted: Mapping[CallId, WantedCall]
    outputs: dict[CallId, str] = field(default_factory=dict)

    @property
    def is_complete(self) -> bool:
        return self.wanted.keys() == self.outputs.keys()


class AwaitedCalls:
    """One late or lost output holds up only the calls that were asked for with it."""

    def __init__(self) -> None:
        self._batches: deque[_Batch] = deque(maxlen=MOST_REPLIES)

    def ask(self, wanted: Mapping[CallId, WantedCall]) -> None:
        """A reply asked for these calls together."""
        self._batches.append(_Batch(dict(wanted)))

    def note(self, call: CallId, output: str) -> None:
        """An output came in, in any order; one nobody waits for is nothing."""
        for batch in self._batches:
            if call in batch.wanted:
                batch.outputs[call] = output

    def take(self) -> list[tuple[WantedCall, str]]:
        """Calls with their outputs where a whole reply's are there; they are told once."""
        complete = [batch for batch in self._batches if batch.is_complete]
        for batch in complete:
            self._batches.remove(batch)
        return [
            (wanted, batch.outputs[call])
            for batch in complete
            for call, wanted in batch.wanted.items()
        ]
