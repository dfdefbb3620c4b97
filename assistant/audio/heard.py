"""What of a reply was really heard: samples given to the device, less the device's delay.

The laws (C4 to C9 of the realtime design): what is generated is not what is played; the
heard milliseconds are whole, at most what came, and 0 only where nothing was heard; every
item ends once, as finished or as stopped.
"""

from collections import deque
from dataclasses import dataclass, field

from assistant.audio.frames import SPEAKER_RATE, duration_ms
from assistant.units import ItemId, Milliseconds, Seconds

_MARKS_KEPT = 128
_ENDED_KEPT = 64


@dataclass(frozen=True, slots=True)
class Started:
    """The first sample of an item has sounded."""

    item: ItemId


@dataclass(frozen=True, slots=True)
class Finished:
    """The last sample of a complete item has sounded."""

    item: ItemId
    heard: Milliseconds


@dataclass(frozen=True, slots=True)
class Stopped:
    """An item was cut short."""

    item: ItemId
    heard: Milliseconds


Report = Started | Finished | Stopped


@dataclass(frozen=True, slots=True)
class _Mark:
    """A device took samples: the first of them, number `first` of its item, sounds at `at`."""

    at: Seconds
    first: int
    count: int

    def played(self, now: Seconds, rate: int) -> float:
        """How far into the item this mark says the sound is."""
        return self.first + min(float(self.count), (now - self.at) * rate)


@dataclass(slots=True)
class _Account:
    received: int = 0
    given: int = 0
    complete: bool = False
    cut: bool = False
    started: bool = False
    certain: float = 0.0
    """What older marks proved before they were forgotten."""
    marks: deque[_Mark] = field(default_factory=deque)


class Ledger:
    """Keeps account of every item between its first sample and its end; time is an argument."""

    def __init__(self, rate: int = SPEAKER_RATE) -> None:
        self._rate = rate
        self._open: dict[ItemId, _Account] = {}
        self._ended: deque[ItemId] = deque(maxlen=_ENDED_KEPT)

    @property
    def idle(self) -> bool:
        """True while no item is open."""
        return not self._open

    def welcomes(self, item: ItemId) -> bool:
        """False for an item that is complete, cut or ended: its late sound is not for playing."""
        account = self._account_of(item)
        return account is not None and not (account.complete or account.cut)

    def receive(self, item: ItemId, samples: int) -> None:
        """Note sound that came for a welcome item."""
        account = self._account_of(item)
        if account is not None:
            account.received += samples

    def complete(self, item: ItemId) -> None:
        """Note that no more will come; an item that has ended stays ended."""
        account = self._account_of(item)
        if account is not None:
            account.complete = True

    def cut(self, item: ItemId) -> None:
        """Note that sound of an item was refused: behind what came it ends, as stopped."""
        account = self._account_of(item)
        if account is not None:
            account.cut = True

    def give(self, item: ItemId, samples: int, sounds_at: Seconds) -> None:
        """Note that the device took samples, the first of which sounds at that instant."""
        account = self._open.get(item)
        if account is None or samples <= 0:
            return
        if len(account.marks) == _MARKS_KEPT:
            oldest = account.marks.popleft()
            account.certain = float(oldest.first + oldest.count)
        account.marks.append(_Mark(sounds_at, account.given, samples))
        account.given += samples

    def heard(self, item: ItemId, now: Seconds) -> Milliseconds:
        """How much of an open item has sounded by now; 0 for others."""
        account = self._open.get(item)
        return duration_ms(self._played(account, now), self._rate) if account else Milliseconds(0)

    def reports(self, now: Seconds) -> list[Report]:
        """What began and what finished since the last call, in the order of the items."""
        told: list[Report] = []
        for item, account in list(self._open.items()):
            played = self._played(account, now)
            if played > 0 and not account.started:
                account.started = True
                told.append(Started(item))
            if played >= account.received and (account.complete or account.cut):
                end = Stopped if account.cut else Finished
                told.append(end(item, duration_ms(account.received, self._rate)))
                self._end(item)
        return told

    def stop(self, now: Seconds) -> list[Report]:
        """End every open item: what has finished by now is finished, the rest is stopped."""
        told = self.reports(now)
        for item in list(self._open):
            told.append(Stopped(item, self.heard(item, now)))
            self._end(item)
        return told

    def _account_of(self, item: ItemId) -> _Account | None:
        return None if item in self._ended else self._open.setdefault(item, _Account())

    def _played(self, account: _Account, now: Seconds) -> float:
        played = (mark.played(now, self._rate) for mark in account.marks)
        return max(account.certain, *played, 0.0)

    def _end(self, item: ItemId) -> None:
        del self._open[item]
        self._ended.append(item)
