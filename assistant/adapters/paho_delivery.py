"""Carries a change to one device, and waits for the device's own word on it.

`done` needs a live report of the device that matches; a broker's receipt proves nothing.
Source: home.md section 9.
"""

from assistant.adapters.paho_aftermath import Aftermath
from assistant.adapters.paho_connection import FAILURES_FROM, NO_SUBSCRIBERS
from assistant.adapters.paho_supervisor import Patience, Supervisor
from assistant.adapters.paho_watch import Listeners, Watch
from assistant.errors import BrokerUnreachable
from assistant.home.changes import Change
from assistant.home.devices import Kind
from assistant.home.expectations import concerns, is_fulfilled, is_observable
from assistant.home.guard import objection_to
from assistant.home.hazards import lets_people_in
from assistant.home.outcomes import Outcome, State, Status
from assistant.home.statebook import StateBook
from assistant.home.topics import commands_of, query_of

_SLOW_KINDS = frozenset({Kind.COVER, Kind.LOCK, Kind.VACUUM})
_PROTECTING = frozenset({Kind.COVER, Kind.LOCK, Kind.ALARM})


class Courier:
    """Delivers changes over the supervisor's present connection."""

    def __init__(
        self,
        supervisor: Supervisor,
        book: StateBook,
        listeners: Listeners,
        patience: Patience,
        aftermath: Aftermath,
    ) -> None:
        self._supervisor = supervisor
        self._book = book
        self._listeners = listeners
        self._patience = patience
        self._aftermath = aftermath

    async def deliver(self, change: Change) -> Outcome:
        """Publish, and wait, bounded in time, for what the device says."""
        device = change.device
        if self._book.is_absent(device):
            return Outcome(device.name, Status.UNAVAILABLE)
        self._aftermath.forget(device.id)
        # Armed before the command leaves: an instant answer is not missed.
        with self._listeners.listening_to(device.id) as news:
            before = self._book.state_of(device)
            refused = await self._send(change)
            if refused is not None:
                return refused
            if not is_observable(device, change.values):
                return Outcome(device.name, Status.SENT_UNCONFIRMED)
            watch = Watch(change, before, news, rests=self._rests(change, before))
            outcome = await self._observe(change, watch)
            if outcome.status is Status.IN_PROGRESS and device.kind in _PROTECTING:
                self._aftermath.follow(watch)
            return outcome

    def _rests(self, change: Change, before: State) -> bool:
        """True if silence means that all was so already: an old word does not vouch for a bolt."""
        device = change.device
        if device.kind in _PROTECTING or lets_people_in(device):
            return False
        was_so = is_fulfilled(device, change.values, before)
        return was_so and self._book.is_live(device, concerns(change.values))

    async def _send(self, change: Change) -> Outcome | None:
        """The outcome if the command did not get through; None if it did."""
        name = change.device.name
        for publication in commands_of(change.device, change.values):
            if objection := objection_to(publication, self._supervisor.address.own_tree):
                return Outcome(name, Status.DENIED, message=objection)
            try:
                code = await self._supervisor.publish(publication)
            except BrokerUnreachable:
                return Outcome(name, Status.OFFLINE)
            except TimeoutError:
                return Outcome(name, Status.TIMEOUT)
            if code == NO_SUBSCRIBERS:
                return Outcome(name, Status.NO_LISTENER)
            if code >= FAILURES_FROM:
                return Outcome(name, Status.DENIED_BY_BROKER)
        return None

    async def _observe(self, change: Change, watch: Watch) -> Outcome:
        patience = self._patience
        slow = change.device.kind in _SLOW_KINDS
        limit = patience.movement if slow else patience.reply
        await watch.until_decided(patience.echo if watch.rests else limit)
        if watch.is_under_way:
            # A bolt is worth waiting for; a blind takes longer than anyone wants to listen.
            is_lock = change.device.kind is Kind.LOCK
            await watch.until_decided(patience.movement if is_lock else patience.settle)
        if watch.heard_nothing and not watch.rests and await self._ask(change):
            await watch.until_decided(patience.query)
        return watch.outcome()

    async def _ask(self, change: Change) -> bool:
        """Ask a gateway to read the device; False where that is impossible."""
        query = query_of(change.device, change.values)
        if query is None:
            return False
        try:
            await self._supervisor.publish(query)
        except (BrokerUnreachable, TimeoutError):
            return False
        return True
