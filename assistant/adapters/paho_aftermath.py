"""Follows devices that were under way when their call was answered, and tells who never arrived."""

import asyncio
from collections.abc import Callable

from assistant.adapters.paho_supervisor import Patience
from assistant.adapters.paho_watch import Listeners, Watch


class Aftermath:
    """At most one follow-up for each device; a new command ends the old one."""

    def __init__(
        self, listeners: Listeners, patience: Patience, tell: Callable[[str], None] | None
    ) -> None:
        self._listeners = listeners
        self._patience = patience
        self._tell = tell
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def follow(self, watch: Watch) -> None:
        """Go on listening with the watch's own queue: nothing is missed in between."""
        if self._tell is None:
            return
        device = watch.change.device
        self._listeners.join(device.id, watch.news)
        name = f"home aftermath of {device.id}"
        task = asyncio.create_task(self._see_through(watch, self._tell), name=name)
        task.add_done_callback(lambda _: self._listeners.leave(device.id, watch.news))
        self._tasks[device.id] = task

    def forget(self, device_id: str) -> None:
        """Somebody wants something else of this device now."""
        if task := self._tasks.pop(device_id, None):
            task.cancel()

    async def close(self) -> None:
        """Forget all; nothing is told afterwards."""
        tasks = list(self._tasks.values())
        for device_id in list(self._tasks):
            self.forget(device_id)
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _see_through(self, watch: Watch, tell: Callable[[str], None]) -> None:
        await watch.until_arrived(self._patience.arrival, self._patience.rest)
        if news := watch.late_news():
            tell(news)
