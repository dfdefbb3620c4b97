"""`assistant serve`: the offline far end by itself, on loopback."""

import argparse
import asyncio
import ctypes
import os
import signal
import sys
from pathlib import Path

from assistant.app.options import chosen_settings
from assistant.local.far_end import load_mind
from assistant.local.realtime_server import serve_realtime
from assistant.settings.models import Settings

_PR_SET_PDEATHSIG = 1


def follow(parent: int) -> None:
    """Die with the parent process, also if it is killed."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        sys.exit(0)


async def serve(settings: Settings, port: int, *, reject_beta: bool = False) -> None:
    """Load, listen, say so on standard output, and serve until SIGTERM or SIGINT."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    model_dir = Path(settings.local.model_dir) if settings.local.model_dir else None
    words = tuple(word.name for word in settings.wake.words)
    mind = await asyncio.to_thread(load_mind, settings.house, words, model_dir)
    if mind.deaf_because:
        print(f"deaf: {mind.deaf_because}", file=sys.stderr, flush=True)
    async with serve_realtime(mind, port, reject_beta=reject_beta) as server:
        print(f"ready {server.url}", flush=True)
        await stopped.wait()
    mind.executor.shutdown(wait=False, cancel_futures=True)


def run_from(options: argparse.Namespace) -> int:
    """`assistant serve`."""
    if options.with_parent is not None:
        follow(options.with_parent)
    settings = chosen_settings(options.config)
    asyncio.run(serve(settings, options.port, reject_beta=options.reject_beta))
    return 0
