"""How long a command takes to be confirmed by its device, with Nagle's algorithm off and on.

Prints JSON: milliseconds, median and 99th percentile, of `home_turn` from the call to the
answer "done", over a private mosquitto and a simulated switch that answers at once.
"""

import argparse
import asyncio
import json
import statistics
import time

from assistant.adapters.paho_connection import BrokerAddress
from assistant.adapters.paho_home import HouseRules, PahoHome
from assistant.home.devices import Attribute, Channel, Device, Kind
from assistant.home.policy import PolicyLimits
from assistant.home.requests import FunctionRequest
from assistant.local.broker import PrivateBroker
from assistant.local.house import House
from assistant.local.simulated_device import Pace
from assistant.units import CallId

SWITCH = Device(
    "switch",
    "switch",
    Kind.SWITCH,
    {Attribute.POWER: Channel("b/set", "b/state", payloads={"on": "ON", "off": "OFF"})},
)
UNLIMITED = HouseRules(limits=PolicyLimits(per_device=1_000_000, per_minute=1_000_000))


async def round_trips(count: int, *, nodelay: bool) -> list[float]:
    """Milliseconds of each command; every one must have been confirmed."""
    async with (
        PrivateBroker(nodelay=nodelay) as broker,
        House((SWITCH,), broker.port, Pace(latency=0.0), nodelay=nodelay),
    ):
        home = PahoHome(BrokerAddress(port=broker.port, nodelay=nodelay), (SWITCH,), UNLIMITED)
        await home.start()
        try:
            return [await one_command(home, number) for number in range(count)]
        finally:
            await home.close()


async def one_command(home: PahoHome, number: int) -> float:
    arguments = {"target": {"name": "switch"}, "state": "off" if number % 2 else "on"}
    request = FunctionRequest(CallId(str(number)), "home_turn", json.dumps(arguments))
    begin = time.perf_counter()
    answer = json.loads(await home.call(request))
    elapsed = (time.perf_counter() - begin) * 1000
    if answer["status"] != "done":
        raise SystemExit(f"not confirmed: {answer}")
    return elapsed


def summary(times: list[float]) -> dict[str, float]:
    ordered = sorted(times)
    return {
        "count": len(times),
        "median_ms": round(statistics.median(times), 3),
        "p99_ms": round(ordered[min(len(ordered) - 1, round(0.99 * len(ordered)))], 3),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--nagle-count", type=int, default=100)
    told = parser.parse_args()
    fast = summary(asyncio.run(round_trips(told.count, nodelay=True)))
    slow = summary(asyncio.run(round_trips(told.nagle_count, nodelay=False)))
    ratio = round(slow["median_ms"] / fast["median_ms"], 1)
    print(json.dumps({"nodelay": fast, "nagle": slow, "nagle_over_nodelay": ratio}))


if __name__ == "__main__":
    main()
