"""A real broker, simulated devices and our home, joined for one story."""

import asyncio
import itertools
import json
import shutil
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from assistant.adapters.paho_connection import BrokerAddress
from assistant.adapters.paho_home import HouseRules, PahoHome, Traffic
from assistant.adapters.paho_supervisor import Patience
from assistant.home.devices import Device
from assistant.home.policy import PolicyLimits
from assistant.home.requests import FunctionRequest, UserTurn
from assistant.local.broker import PrivateBroker
from assistant.local.house import House
from assistant.local.simulated_device import Pace
from assistant.units import CallId, Milliseconds
from tests.doubles.small_house import DEVICES

needs_mosquitto = pytest.mark.skipif(
    not (shutil.which("mosquitto") or Path("/usr/sbin/mosquitto").exists()),
    reason="mosquitto is not installed",
)
PATIENCE = Patience(
    receipt=1.0,
    reply=0.8,
    movement=1.2,
    settle=0.2,
    echo=0.3,
    query=0.4,
    first_retry=0.05,
    last_retry=0.2,
)
PACE = Pace(latency=0.005, travel=1.5, bolt=0.1, echo=0.005, slow=20.0)
GENEROUS = PolicyLimits(per_device=100, per_minute=1000, risky_requests=100)


@dataclass
class Household:
    """Everything that a story needs to hold."""

    broker: PrivateBroker
    house: House
    home: PahoHome
    traffic: list[Traffic] = field(default_factory=list)
    numbers: Any = field(default_factory=itertools.count)

    async def ask(self, function: str, turn: UserTurn | None = None, **arguments: Any) -> Any:
        call_id = CallId(f"call-{next(self.numbers)}")
        request = FunctionRequest(call_id, function, json.dumps(arguments), turn or UserTurn())
        answer = await self.home.call(request)
        assert len(answer.encode()) <= 1024
        return json.loads(answer)

    async def turn(self, name: str, state: str = "on") -> Any:
        return await self.ask("home_turn", target={"name": name}, state=state)


def answered(number: int = 1, transcript: str = "yes") -> UserTurn:
    return UserTurn(
        number=number, after_question=True, speech_ms=Milliseconds(600), transcript=transcript
    )


@asynccontextmanager
async def household(
    devices: Sequence[Device] = DEVICES,
    rules: HouseRules | None = None,
    observer: Callable[[Traffic], None] | None = None,
    on_late_news: Callable[[str], None] | None = None,
) -> AsyncIterator[Household]:
    rules = rules or HouseRules(own_area="kitchen", patience=PATIENCE, limits=GENEROUS)
    traffic: list[Traffic] = []
    async with PrivateBroker() as broker, House(devices, broker.port, PACE) as house:
        address = BrokerAddress(port=broker.port)
        home = PahoHome(address, devices, rules, observer or traffic.append, on_late_news)
        await home.start()
        await _told_everything(home, house)
        try:
            yield Household(broker, house, home, traffic)
        finally:
            await home.close()


async def _told_everything(home: PahoHome, house: House) -> None:
    told = {device for device, state in house.states().items() if state}
    mute = {"floor_lamp", "movie_night", "trap"}
    # The home tells no event for "all states are known": it never needs to know.
    async with asyncio.timeout(10):
        while any(not home.states()[device] for device in told - mute):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
