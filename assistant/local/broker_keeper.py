"""Keeps the private broker alive: one that dies comes back on the same port."""

import asyncio
import logging
from types import TracebackType
from typing import Self

from assistant.errors import BrokerUnreachable
from assistant.local.broker import PrivateBroker

log = logging.getLogger("assistant.local")

PAUSE_S = 1.0


class BrokerKeeper:
    """An async context manager: inside it a private broker listens on `port`, again and again."""

    def __init__(self) -> None:
        self.port = 0
        self._broker: PrivateBroker | None = None
        self._keeper: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int:
        """The process id of the broker; 0 while it is away."""
        return self._broker.pid if self._broker else 0

    async def __aenter__(self) -> Self:
        """Start the first broker. Raises `BrokerUnreachable`."""
        self._broker = await PrivateBroker().__aenter__()
        self.port = self._broker.port
        self._keeper = asyncio.create_task(self._keep(), name="broker-keeper")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the broker in charge."""
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)
        await self._drop(kind, error, trace)

    async def _drop(
        self,
        kind: type[BaseException] | None = None,
        error: BaseException | None = None,
        trace: TracebackType | None = None,
    ) -> None:
        broker, self._broker = self._broker, None
        if broker is not None:
            await broker.__aexit__(kind, error, trace)

    async def _keep(self) -> None:
        while True:
            if self._broker is not None:
                code = await self._broker.ended()
                log.warning("the private broker ended (%s): starting it again", code)
                await self._drop()
            await asyncio.sleep(PAUSE_S)
            try:
                self._broker = await PrivateBroker(self.port).__aenter__()
                log.warning("the private broker is back")
            except (BrokerUnreachable, OSError) as trouble:
                log.debug("the private broker does not start: %s", trouble)
