"""A blocking call beside the loop: awaited like any other, and abandoned without a wait."""

import asyncio
import threading
import time
from contextlib import suppress

import pytest

from assistant.adapters.daemon_thread import in_daemon_thread


def test_the_answer_comes_back() -> None:
    assert asyncio.run(in_daemon_thread(lambda: 3, "three")) == 3


def test_a_failure_is_raised_where_it_is_awaited() -> None:
    def fail() -> None:
        raise OSError("no route")

    with pytest.raises(OSError, match="no route"):
        asyncio.run(in_daemon_thread(fail, "failing"))


def test_a_call_that_hangs_does_not_hold_up_the_end() -> None:
    let_go = threading.Event()

    async def story() -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(0.05):
                await in_daemon_thread(lambda: let_go.wait(30), "hanging")

    begun = time.monotonic()
    asyncio.run(story())
    assert time.monotonic() - begun < 15
    (hanging,) = [thread for thread in threading.enumerate() if thread.name == "hanging"]
    assert hanging.daemon
    let_go.set()
    hanging.join()
