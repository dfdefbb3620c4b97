"""Timed errands: what the session orders and does not wait for."""

import asyncio
import json
import logging

from assistant.errors import AssistantError
from assistant.home.requests import FunctionRequest
from assistant.ports import Home, Post, Speaker, Voice
from assistant.session.events import FunctionReturned
from assistant.units import ItemId, Seconds

log = logging.getLogger("assistant.engine")


async def run_call(home: Home, request: FunctionRequest, post: Post, patience: Seconds) -> None:
    """Run one call and post exactly one answer to it, whatever happens (law C17)."""
    try:
        async with asyncio.timeout(patience):
            output = await home.call(request)
    except TimeoutError:
        output = _failure("timeout", "the home did not answer in time; it may still happen")
    except Exception:
        log.exception("function %s failed", request.name)
        output = _failure("device_failed", "this function failed inside the assistant")
    post(FunctionReturned(request.call_id, output))


def _failure(status: str, message: str) -> str:
    return json.dumps({"ok": False, "status": status, "message": message})


async def announce(voice: Voice, speaker: Speaker, text: str, name: str) -> None:
    """Say a sentence with the house's own voice; without a voice the log must do."""
    log.warning("announced: %s", text)
    try:
        pcm = await voice.speak(text)
    except AssistantError as trouble:
        log.warning("voice: %s", trouble)
        return
    if pcm:
        item = ItemId(name)
        speaker.play(item, pcm)
        speaker.finish(item)
