"""The home over MQTT: fits `ports.Home`, and never calls a thing done without proof."""

import asyncio
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from assistant.adapters.paho_aftermath import Aftermath
from assistant.adapters.paho_connection import BrokerAddress, Received
from assistant.adapters.paho_delivery import Courier
from assistant.adapters.paho_supervisor import Patience, Supervisor, Wires
from assistant.adapters.paho_watch import Listeners
from assistant.home.changes import Change, change_of
from assistant.home.description import description_of
from assistant.home.devices import Device, Kind, Risk
from assistant.home.functions import (
    SERVING,
    Arguments,
    Confirm,
    GetState,
    Targeted,
    declarations,
    scope_of,
    validated,
)
from assistant.home.names import Found, Target, resolve
from assistant.home.outcomes import (
    Outcome,
    Refusal,
    State,
    Status,
    outcome_text,
    refusal_text,
    states_text,
)
from assistant.home.policy import Intention, Policy, PolicyLimits, risk_of
from assistant.home.requests import FunctionRequest, UserTurn
from assistant.home.statebook import StateBook
from assistant.home.topics import Publication
from assistant.realtime.messages import Tool
from assistant.units import CallId, Seconds

_AT_ONCE = 8
_REMEMBERED_CALLS = 64


class Direction(StrEnum):
    """Which way a message went."""

    SENT = "sent"
    RECEIVED = "received"


@dataclass(frozen=True, slots=True)
class Traffic:
    """A message that passed, for a live view."""

    direction: Direction
    topic: str
    payload: str
    stored: bool = False


Observer = Callable[[Traffic], None]


def _new_confirmation_id() -> str:
    return secrets.token_hex(4)


@dataclass(frozen=True, slots=True)
class HouseRules:
    """What a home may be told besides its devices; every field has a good default."""

    own_area: str | None = None
    """The area of the satellite: "the lights" are those there."""
    patience: Patience = field(default_factory=Patience)
    limits: PolicyLimits = field(default_factory=PolicyLimits)
    new_id: Callable[[], str] = _new_confirmation_id


class PahoHome:
    """Devices behind one broker; `start` before the first call, `close` after the last.

    `on_late_news` gets a sentence when a device that had started does not arrive.
    """

    def __init__(
        self,
        address: BrokerAddress,
        devices: Sequence[Device],
        rules: HouseRules | None = None,
        observer: Observer | None = None,
        on_late_news: Callable[[str], None] | None = None,
    ) -> None:
        self._devices = tuple(devices)
        self._rules = rules or HouseRules()
        self._observer = observer
        self._book = StateBook(self._devices)
        self._listeners = Listeners()
        self._policy = Policy(self._rules.new_id, self._rules.limits)
        patience = self._rules.patience
        self._supervisor = Supervisor(
            address,
            self._book.topics(),
            Wires(self._hear, self._note_sent, self._book.distrust),
            patience,
        )
        self._aftermath = Aftermath(self._listeners, patience, on_late_news)
        self._courier = Courier(
            self._supervisor, self._book, self._listeners, patience, self._aftermath
        )
        self._at_once = asyncio.Semaphore(_AT_ONCE)
        self._calls: OrderedDict[tuple[int, CallId], asyncio.Task[str]] = OrderedDict()

    @property
    def is_connected(self) -> bool:
        """True while the broker carries messages."""
        return self._supervisor.is_up

    async def start(self) -> None:
        """Connect, and keep connected; a broker that is away is logged, not raised."""
        await self._supervisor.start()

    async def close(self) -> None:
        """Leave the broker and give up open calls; safe to call twice."""
        open_calls = [task for task in self._calls.values() if not task.done()]
        for task in open_calls:
            task.cancel()
        await asyncio.gather(*open_calls, return_exceptions=True)
        await self._aftermath.close()
        await self._supervisor.close()

    def states(self) -> Mapping[str, State]:
        """Device id → what the device last said over MQTT."""
        return self._book.snapshot()

    def tools(self) -> tuple[Tool, ...]:
        """The functions that the present devices need."""
        return tuple(
            Tool(declared.name, declared.description, declared.parameters)
            for declared in declarations(self._devices)
        )

    def context(self) -> str:
        """Names and rules for the instructions; no states."""
        return description_of(self._devices)

    async def call(self, request: FunctionRequest) -> str:
        """Run one call to its end; the same call id runs once and is answered alike."""
        key = (request.turn.conversation, request.call_id)
        task = self._calls.get(key)
        if task is None:
            name = f"home {request.name} {request.call_id}"
            task = self._calls[key] = asyncio.create_task(self._answer(request), name=name)
            while len(self._calls) > _REMEMBERED_CALLS:
                self._calls.popitem(last=False)
        # A caller that gives up does not stop what was ordered already.
        return await asyncio.shield(task)

    async def _answer(self, request: FunctionRequest) -> str:
        arguments = validated(request.name, request.arguments)
        if isinstance(arguments, Refusal):
            return refusal_text(arguments)
        if not self.is_connected:
            return refusal_text(Refusal(Status.OFFLINE))
        match arguments:
            case GetState():
                return self._report(arguments)
            case Confirm():
                return await self._confirm(arguments, request.turn)
            case Targeted():
                return await self._change(request, arguments, arguments.target.target())
            case _:
                return refusal_text(Refusal(Status.INVALID, "This function does nothing here."))

    def _report(self, arguments: GetState) -> str:
        asked = arguments.target.target() if arguments.target else Target()
        target = Target(all=True) if asked.is_empty else asked
        found = self._find("home_get_state", target)
        if isinstance(found, Refusal):
            return refusal_text(found)
        return states_text(
            [
                (device, None if self._book.is_absent(device) else self._book.state_of(device))
                for device in found.devices
                if not (found.as_group and device.kind is Kind.SCENE)
            ]
        )

    async def _confirm(self, arguments: Confirm, turn: UserTurn) -> str:
        permission = self._policy.confirm(
            arguments.confirmation_id, turn, _now(), approved=arguments.approved
        )
        if isinstance(permission, Refusal):
            return refusal_text(permission)
        # A frozen broker would run a risky command whenever it thaws.
        if not await self._supervisor.prove_alive():
            return refusal_text(Refusal(Status.OFFLINE))
        return await self._carry_out(permission.changes, ())

    async def _change(self, request: FunctionRequest, arguments: Arguments, target: Target) -> str:
        found = self._find(request.name, target)
        if isinstance(found, Refusal):
            return refusal_text(found)
        changes, failures = self._changes_for(arguments, found)
        if not changes:
            return refusal_text(failures[0][1])
        if doubt := _doubt_about(found, changes):
            return refusal_text(doubt)
        states = {change.device.id: self._book.state_of(change.device) for change in changes}
        intention = Intention(request.name, changes, states)
        verdict = self._policy.judge(intention, request.turn, _now())
        if isinstance(verdict, Refusal):
            return refusal_text(verdict)
        lost = [Outcome(name, why.status, message=why.message) for name, why in failures]
        return await self._carry_out(verdict.changes, lost)

    def _find(self, function: str, target: Target) -> Found | Refusal:
        scope = scope_of(function, self._rules.own_area)
        found = resolve(target, self._devices, scope)
        if isinstance(found, Refusal):
            return found
        strangers = [device for device in found.devices if device.kind not in scope.kinds]
        if strangers:
            one = strangers[0]
            hint = SERVING[one.kind]
            return Refusal(Status.INVALID, f"{one.name} is a {one.kind.value}: use {hint}.")
        return found

    def _changes_for(
        self, arguments: Arguments, found: Found
    ) -> tuple[tuple[Change, ...], list[tuple[str, Refusal]]]:
        """What each device is to do, and why others of a group cannot."""
        changes: list[Change] = []
        failures: list[tuple[str, Refusal]] = []
        for device in found.devices:
            change = change_of(arguments, device, self._book.state_of(device))
            if isinstance(change, Refusal):
                failures.append((device.name, change))
            elif found.as_group and risk_of(change) is Risk.NEVER:
                failures.append((device.name, Refusal(Status.DENIED)))
            else:
                changes.append(change)
        return tuple(changes), failures

    async def _carry_out(self, changes: Sequence[Change], lost: Sequence[Outcome]) -> str:
        started = _now()
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._deliver(change)) for change in changes]
        outcomes = [*(task.result() for task in tasks), *lost]
        return outcome_text(outcomes, round((_now() - started) * 1000))

    async def _deliver(self, change: Change) -> Outcome:
        async with self._at_once:
            return await self._courier.deliver(change)

    def _hear(self, message: Received) -> None:
        for heard in self._book.hear(message.topic, message.payload, stored=message.stored):
            self._listeners.tell(heard)
        if self._observer is not None:
            text = message.payload.decode("utf-8", "replace")
            self._observer(Traffic(Direction.RECEIVED, message.topic, text, message.stored))

    def _note_sent(self, publication: Publication) -> None:
        if self._observer is not None:
            self._observer(Traffic(Direction.SENT, publication.topic, publication.payload))


def _doubt_about(found: Found, changes: Sequence[Change]) -> Refusal | None:
    """A name that only sounds alike is not enough where a mistake does harm."""
    risky = any(risk_of(change) is Risk.CONFIRM for change in changes)
    if not (found.loosely and risky):
        return None
    names = tuple(change.device.name for change in changes)
    return Refusal(Status.AMBIGUOUS, "Ask the user for the full name of the device.", names)


def _now() -> Seconds:
    return Seconds(time.monotonic())
