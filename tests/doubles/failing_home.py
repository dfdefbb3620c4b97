"""Homes in which something is wrong."""

import asyncio

from assistant.home.requests import FunctionRequest
from tests.doubles.obedient_home import ObedientHome


class FailingHome(ObedientHome):
    """Every call ends in an error that no home may let through."""

    async def call(self, request: FunctionRequest) -> str:
        await super().call(request)
        raise RuntimeError("a bug of the home")


class SilentHome(ObedientHome):
    """No call ever returns."""

    async def call(self, request: FunctionRequest) -> str:
        await super().call(request)
        await asyncio.Event().wait()
        raise AssertionError("nobody sets this event")
