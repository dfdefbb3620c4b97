"""Keeps one MQTT connection alive: a fresh one after each loss, with growing pauses.

While no connection is up, nothing is sent and nothing is queued.
"""

import asyncio
import logging
import random
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from assistant.adapters.paho_connection import BrokerAddress, PahoConnection, Received
from assistant.adapters.paho_protocol import ProtocolChoice
from assistant.errors import BrokerUnreachable
from assistant.home.topics import Publication

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long is waited for what, in seconds."""

    receipt: float = 2.0
    reply: float = 2.5
    movement: float = 4.0
    settle: float = 1.0
    echo: float = 0.6
    query: float = 1.0
    health_every: float = 30.0
    health_age: float = 1.0
    first_retry: float = 0.2
    last_retry: float = 30.0
    start: float = 3.0
    arrival: float = 90.0
    """A cover that is under way has come home by then."""
    rest: float = 3.0
    """Whatever stands still that long will not go on by itself."""
    modern_again: float = 86_400.0
    """How long brokers that refused MQTT 5 are spoken to in the old way."""


@dataclass(frozen=True, slots=True)
class Wires:
    """Who is told what happens on the connections."""

    hear: Callable[[Received], None]
    sent: Callable[[Publication], None] = lambda _: None
    lost: Callable[[], None] = lambda: None


class Supervisor:
    """Owns the connections to one broker, one after the other."""

    def __init__(
        self,
        address: BrokerAddress,
        topics: Sequence[str],
        wires: Wires,
        patience: Patience,
    ) -> None:
        self.address = address
        self._topics = tuple(topics)
        self._wires = wires
        self._patience = patience
        self._connection: PahoConnection | None = None
        self._choice = ProtocolChoice(patience.modern_again)
        self._task: asyncio.Task[None] | None = None
        self._tried = asyncio.Event()
        self._warned = False
        self._refusal_told: int | None = None
        self._healthy_at = float("-inf")

    @property
    def is_up(self) -> bool:
        """True while a connection can carry messages."""
        return self._connection is not None and self._connection.is_up

    async def start(self) -> None:
        """Begin to keep the connection; returns after the first attempt, however it ended."""
        self._task = asyncio.create_task(self._keep_connected(), name="home broker")
        with suppress(TimeoutError):
            async with asyncio.timeout(self._patience.start):
                await self._tried.wait()

    async def close(self) -> None:
        """Leave the broker; safe to call twice."""
        task, self._task = self._task, None
        if task is None:
            return
        self._warned = True  # what follows is no loss
        if self._connection is not None:
            await self._connection.leave()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    async def publish(self, publication: Publication) -> int:
        """Send now or never: the receipt's reason code.

        Raises `BrokerUnreachable` at once without a connection, and `TimeoutError` without
        a receipt; the connection is then replaced.
        """
        connection = self._connection
        if connection is None or not connection.is_up:
            raise BrokerUnreachable("The MQTT broker is away", "check that it runs")
        self._wires.sent(publication)
        try:
            code = await connection.publish(publication, self._patience.receipt)
        except TimeoutError:
            await self._give_up(connection, "it gives no receipts")
            raise
        self._healthy_at = asyncio.get_running_loop().time()
        return code

    async def prove_alive(self) -> bool:
        """True if the broker has given a receipt within the last second, or gives one now.

        A frozen broker runs what it was sent when it thaws: risky commands ask first.
        """
        age = asyncio.get_running_loop().time() - self._healthy_at
        return (self.is_up and age <= self._patience.health_age) or await self._is_healthy()

    async def _give_up(self, connection: PahoConnection, cause: str = "closed by us") -> None:
        if connection is self._connection:
            self._connection = None
        await connection.close(cause)

    async def _keep_connected(self) -> None:
        pause = self._patience.first_retry
        while True:
            if await self._use_one_connection():
                pause = self._patience.first_retry
            self._tried.set()
            await asyncio.sleep(pause * random.uniform(0.7, 1.3))  # noqa: S311 - only jitter
            pause = min(self._patience.last_retry, pause * 2)

    async def _use_one_connection(self) -> bool:
        """From the first packet to the last; True if it has carried messages."""
        try:
            connection = PahoConnection(self.address, self._wires.hear, self._choice.version())
        except BrokerUnreachable as error:
            self._complain(str(error))
            return False
        try:
            await connection.open(self._topics)
            self._welcome(connection)
            self._complain(await self._until_gone(connection))
        except BrokerUnreachable as error:
            self._choice.learn_from(connection)
            self._complain(str(error), connection.refusal)
            return False
        finally:
            await self._give_up(connection)
            self._wires.lost()
        return True

    async def _until_gone(self, connection: PahoConnection) -> str:
        """Wait for the end; a health message from time to time tells a frozen broker."""
        while not connection.gone.done():
            await asyncio.wait({connection.gone}, timeout=self._patience.health_every)
            if not connection.gone.done():
                await self._is_healthy()
        return connection.gone.result()

    async def _is_healthy(self) -> bool:
        try:
            await self.publish(self._health_message())
        except (BrokerUnreachable, TimeoutError):
            return False
        return True

    def _health_message(self) -> Publication:
        return Publication(self.address.health_topic, "")

    def _welcome(self, connection: PahoConnection) -> None:
        self._connection = connection
        self._choice.learn_from(connection)
        self._tried.set()
        level = logging.INFO if self._warned else logging.DEBUG
        _log.log(level, "home: the broker is back" if self._warned else "home: broker connected")
        self._warned, self._refusal_told = False, None

    def _complain(self, cause: str, refusal: int | None = None) -> None:
        """WARNING on the first loss and on the first refusal, DEBUG until the broker is back."""
        is_news = not self._warned or refusal not in {None, self._refusal_told}
        self._warned, self._refusal_told = True, refusal or self._refusal_told
        level = logging.WARNING if is_news else logging.DEBUG
        _log.log(level, "home: the broker is lost: %s", cause)
