"""The home and this satellite's own functions, as one thing that the model can call."""

import asyncio
from collections.abc import Mapping
from typing import Any

from assistant.home.requests import FunctionRequest
from assistant.home.timers import LONGEST, NAME_LENGTH, Timer, Timers, length_in_words
from assistant.ports import Home, Post
from assistant.realtime.messages import Tool
from assistant.session.events import Reminded
from assistant.session.states import END_CONVERSATION
from assistant.units import Seconds

_NAME = {"type": "string", "maxLength": NAME_LENGTH}


def _tool(name: str, description: str, properties: Mapping[str, Any], *required: str) -> Tool:
    schema = {"type": "object", "properties": dict(properties), "required": list(required)}
    return Tool(name, description, schema | {"additionalProperties": False})


TIMER_TOOLS = (
    _tool(
        "timer_start",
        "Start a timer that rings here.",
        {"seconds": {"type": "integer", "minimum": 1, "maximum": LONGEST}, "name": _NAME},
        "seconds",
    ),
    _tool("timer_cancel", "Cancel a timer; without a name the next one.", {"name": _NAME}),
    _tool("timer_list", "List the running timers.", {}),
)

HANG_UP = Tool(
    END_CONVERSATION,
    "End this conversation, when the user says that they need nothing more.",
    {"type": "object", "properties": {}, "additionalProperties": False},
)


class Household:
    """Fits the port `Home`: devices behind `home`, timers of our own."""

    def __init__(self, home: Home, post: Post) -> None:
        self._home = home
        self._post = post
        self._timers = Timers()
        self._changed = asyncio.Event()

    def tools(self) -> tuple[Tool, ...]:
        """The home's functions, the timers, and hanging up."""
        return (*self._home.tools(), *TIMER_TOOLS, HANG_UP)

    def context(self) -> str:
        """What the instructions tell of the home."""
        return self._home.context()

    async def call(self, request: FunctionRequest) -> str:
        """Run one call; timers answer at once."""
        if not request.name.startswith("timer_"):
            return await self._home.call(request)
        answer = self._timers.call(request.name, request.arguments, _now())
        self._changed.set()
        return answer

    async def ring(self) -> None:
        """Post a reminder whenever a timer is due; runs until cancelled."""
        while True:
            for timer in self._timers.take_due(_now()):
                self._post(Reminded(_sentence(timer), rings=True))
            self._changed.clear()
            try:
                async with asyncio.timeout_at(self._timers.next_due()):
                    await self._changed.wait()
            except TimeoutError:
                continue


def _sentence(timer: Timer) -> str:
    name = f"{timer.name} " if timer.name else ""
    return f"Your {name}timer for {length_in_words(timer.seconds)} is done."


def _now() -> Seconds:
    return Seconds(asyncio.get_running_loop().time())
