"""`assistant run`: the daemon, from READY to STOPPING."""

import asyncio
import ctypes
import faulthandler
import gc
import logging
import os
import signal
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from assistant.adapters.journal import log_handler
from assistant.adapters.systemd_health import SystemdHealth
from assistant.app.options import chosen_file, chosen_settings
from assistant.app.sound import open_sound
from assistant.app.turn_log import TurnLog
from assistant.app.wiring import Watchers, assembled
from assistant.engine.loop import Step
from assistant.errors import AssistantError
from assistant.session.states import Phase, phase_of
from assistant.settings.models import Settings

log = logging.getLogger("assistant")

STATUS = {
    Phase.ASLEEP: "listening for the wake word",
    Phase.CONNECTING: "opening a conversation",
    Phase.LISTENING: "in conversation",
    Phase.HEARING: "in conversation",
    Phase.THINKING: "in conversation",
    Phase.SPEAKING: "in conversation",
}


async def run_daemon(settings: Settings, config: Path | None) -> None:
    """Run until SIGTERM or SIGINT; whatever is unexpected ends it, for systemd to restart."""
    health = SystemdHealth(os.environ)
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    living = asyncio.create_task(_live(settings, config, health), name="life")
    async with _company(_feed(health)), _company(stopped.wait()) as asked:
        try:
            await asyncio.wait({living, asked}, return_when=asyncio.FIRST_COMPLETED)
            if not living.done():
                health.stopping("stopping")
                log.info("stopping", extra={"event": "stopping"})
        finally:
            living.cancel()
            # Ctrl-C reaches the children too: what their end spoils on our way down is no news.
            foreseen = AssistantError if asked.done() else asyncio.CancelledError
            with suppress(asyncio.CancelledError, foreseen):
                await living


async def _live(settings: Settings, config: Path | None, health: SystemdHealth) -> None:
    """From the first child to the last; cancelled at any point, it takes all down."""

    def tell(step: Step) -> None:
        if phase_of(step.after) is not phase_of(step.before):
            health.status(STATUS[phase_of(step.after)])

    watchers = Watchers((TurnLog(transcripts=settings.log.transcripts), tell))
    async with assembled(settings, open_sound, watchers, config) as appliance:
        _give_back_memory()
        health.ready(STATUS[Phase.ASLEEP])
        log.info("ready: say %s", _words(settings), extra={"event": "ready"})
        await appliance.run()


def _give_back_memory() -> None:
    """Return what only the start needed (models are read, proven and rewritten) to the system."""
    gc.collect()
    with suppress(OSError, AttributeError):  # only glibc can
        ctypes.CDLL(None).malloc_trim(0)


@asynccontextmanager
async def _company(way: Coroutine[Any, Any, Any]) -> AsyncIterator[asyncio.Task[Any]]:
    """A task that lives no longer than the block."""
    task = asyncio.create_task(way)
    try:
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _feed(health: SystemdHealth) -> None:
    """Feed systemd's watchdog from the event loop, as long as that turns."""
    while health.watchdog_interval is not None:
        health.alive()
        await asyncio.sleep(health.watchdog_interval)


def _words(settings: Settings) -> str:
    return " or ".join(f'"{w.name.replace("_", " ")}"' for w in settings.wake.words)


def run_from(given: Path | None) -> int:
    """`assistant run`."""
    faulthandler.enable()
    file = chosen_file(given)
    settings = chosen_settings(given)
    handler = log_handler(os.environ)
    logging.basicConfig(level=settings.log.level.upper(), handlers=[handler], force=True)
    # The socket library's debug lines would hold the key and the sound.
    logging.getLogger("websockets").setLevel(logging.WARNING)
    asyncio.run(run_daemon(settings, file))
    return 0
