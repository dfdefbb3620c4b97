"""`assistant serve`: the offline far end by itself, on loopback."""

import argparse
import asyncio
import ctypes
import os
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from assistant.app.options import chosen_settings
from assistant.errors import SettingsError
from assistant.local.far_end import load_mind
from assistant.local.realtime_server import serve_realtime
from assistant.settings.models import Settings

_PR_SET_PDEATHSIG = 1


def follow(parent: int) -> None:
    """Die with the parent process, also if it is killed; Ctrl-C is the parent's to answer."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        sys.exit(0)


async def serve(
    settings: Settings, port: int, wake_words: Sequence[str], *, reject_beta: bool = False
) -> None:
    """Load, listen, say so on standard output, and serve until SIGTERM or SIGINT.

    Commands may begin with one of `wake_words`. Raises `SettingsError` if the port is not free.
    """
    # While it loads there is nothing to tidy up, and the loading thread cannot be asked to stop.
    _on_signals(partial(os._exit, 0))
    _prove_free(port)
    model_dir = Path(settings.local.model_dir) if settings.local.model_dir else None
    mind = await asyncio.to_thread(load_mind, settings.house, wake_words, model_dir)
    stopped = asyncio.Event()
    _on_signals(stopped.set)
    if mind.deaf_because:
        print(f"deaf: {mind.deaf_because}", file=sys.stderr, flush=True)
    async with serve_realtime(mind, port, reject_beta=reject_beta) as server:
        print(f"ready {server.url}", flush=True)
        await stopped.wait()
    mind.executor.shutdown(wait=False, cancel_futures=True)


def _on_signals(act: Callable[[], object]) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        if signal.getsignal(number) is not signal.SIG_IGN:
            asyncio.get_running_loop().add_signal_handler(number, act)


def _prove_free(port: int) -> None:
    """Try the port before the models are loaded, and not only after."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            problem = f"--port {port}: cannot be opened: {error.strerror}"
            raise SettingsError((problem,), "choose another, or 0 for a free one") from None


def run_from(options: argparse.Namespace) -> int:
    """`assistant serve`."""
    if options.with_parent is not None:
        follow(options.with_parent)
    settings = chosen_settings(options.config)
    words = options.wake_word or [word.name for word in settings.wake.words]
    asyncio.run(serve(settings, options.port, words, reject_beta=options.reject_beta))
    return 0
