"""Runs a blocking call in a thread that never holds up the end of the program."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")


async def in_daemon_thread(call: Callable[[], T], name: str) -> T:
    """Return or raise what the call does; a caller that gives up leaves it to itself.

    `asyncio.to_thread` would keep `asyncio.run` waiting until the call returns.
    """
    promise: Future[T] = Future()
    # Running: whoever is cancelled cannot cancel what the thread will answer.
    promise.set_running_or_notify_cancel()

    def run() -> None:
        try:
            promise.set_result(call())
        except BaseException as error:  # noqa: BLE001 - it is raised where it is awaited
            promise.set_exception(error)

    threading.Thread(target=run, name=name, daemon=True).start()
    return await asyncio.wrap_future(promise)
