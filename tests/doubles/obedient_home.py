"""A home that does what it is asked."""

from assistant.home.requests import FunctionRequest
from assistant.realtime.messages import Tool

DONE = '{"ok":true,"status":"done"}'


class ObedientHome:
    """Fits `ports.Home`: every call is done at once, and remembered."""

    def __init__(self) -> None:
        self.calls: list[FunctionRequest] = []

    def tools(self) -> tuple[Tool, ...]:
        return (Tool("home_turn", "Switch something.", {"type": "object"}),)

    def context(self) -> str:
        return "A lamp."

    async def call(self, request: FunctionRequest) -> str:
        self.calls.append(request)
        return DONE
