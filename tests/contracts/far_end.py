"""A running local far end for tests, and a client that judges every frame it is told."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect

from assistant.local.far_end import load_mind
from assistant.local.mind import Mind
from assistant.local.realtime_server import RealtimeServer, serve_realtime
from assistant.settings.reader import read_settings
from tests.doubles.realtime_oracle import (
    BETA_SERVER,
    FORGOTTEN_BY_BETA,
    FORGOTTEN_BY_GA,
    GA_SERVER,
    check,
    forgive,
)
from tests.rooms.spoken_sound import house_voice

pytest.importorskip("hassil", reason="the local far end is not installed")

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 60.0
WIRE_BYTES_PER_MS = 48
PIECE = 100 * WIRE_BYTES_PER_MS
Frame = dict[str, Any]


@cache
def mind() -> Mind:
    """Everything loaded, once for all tests: ears, understanding and voice for the demo's house."""
    house = read_settings(ROOT / "config" / "demo.toml", {}).house
    return load_mind(house, ("hey_jarvis",))


@cache
def spoken(text: str) -> bytes:
    """A text in the house's voice as a client would send it: 24 kHz, with silence around."""
    return silence(300) + b"".join(house_voice().sentences(text)) + silence(900)


def silence(milliseconds: int) -> bytes:
    return bytes(milliseconds * WIRE_BYTES_PER_MS)


class JudgingClient:
    """A client at a raw socket: what the server says is validated before it counts."""

    def __init__(self, socket: ClientConnection, *, beta: bool = False) -> None:
        self.socket = socket
        self._models = BETA_SERVER if beta else GA_SERVER
        self._forgotten = FORGOTTEN_BY_BETA if beta else FORGOTTEN_BY_GA
        self.told: list[Frame] = []
        """Every frame in its order."""

    async def hear(self) -> Frame:
        """The next frame."""
        async with asyncio.timeout(PATIENCE_S):
            text = await self.socket.recv()
        assert isinstance(text, str)
        check(self._models, forgive(text, *self._forgotten))
        frame: Frame = json.loads(text)
        self.told.append(frame)
        return frame

    async def until(self, type_: str) -> Frame:
        """Listen up to the next frame of a type. Any `error` on the way fails the test."""
        while (frame := await self.hear())["type"] != type_:
            assert frame["type"] != "error", frame
        return frame

    async def ask(self, type_: str, answer: str, **fields: Any) -> Frame:
        """Send an event, and listen up to its answer."""
        await self.say(type_, **fields)
        return await self.until(answer)

    async def say(self, type_: str, **fields: Any) -> None:
        """Send an event."""
        await self.socket.send(json.dumps({"type": type_, **fields}))

    async def sound(self, pcm: bytes) -> None:
        """Append sound, faster than it would be spoken."""
        for start in range(0, len(pcm), PIECE):
            audio = base64.b64encode(pcm[start : start + PIECE]).decode()
            await self.say("input_audio_buffer.append", audio=audio)

    async def configure(self, **session: Any) -> Frame:
        """Update the session; what is in force afterwards."""
        session = {"type": "realtime", **session}
        updated = await self.ask("session.update", "session.updated", session=session)
        config: Frame = updated["session"]
        return config

    async def write(self, text: str, **fields: Any) -> str:
        """Add a typed message of the user; its id."""
        content = [{"type": "input_text", "text": text}]
        item = {"type": "message", "role": "user", "content": content}
        done = await self.ask("conversation.item.create", "conversation.item.done", item=item,
                              **fields)  # fmt: skip
        return str(done["item"]["id"])

    async def answer(self, **response: Any) -> Frame:
        """Ask for a response, and hear it to its end."""
        done = await self.ask("response.create", "response.done", response=response)
        ended: Frame = done["response"]
        return ended

    async def ask_in_words(self, text: str) -> Frame:
        """Type a message and hear the response."""
        await self.write(text)
        return await self.answer()

    async def give(self, call: Frame, **output: Any) -> None:
        """Hand over the output of a call."""
        item = {
            "type": "function_call_output",
            "call_id": call["call_id"],
            "output": json.dumps(output),
        }
        await self.ask("conversation.item.create", "conversation.item.done", item=item)

    async def refused(self, type_: str, **fields: Any) -> Frame:
        """Send an event that must be refused; the error."""
        await self.say(type_, event_id="mine", **fields)
        while (frame := await self.hear())["type"] != "error":
            pass
        error: Frame = frame["error"]
        assert error["event_id"] == "mine"
        return error

    async def is_alive(self) -> bool:
        """Whether the session still answers, with nothing unasked before."""
        await self.say("input_audio_buffer.clear")
        answer = await self.hear()
        return bool(answer["type"] == "input_audio_buffer.cleared")

    def types(self) -> list[str]:
        """What was told, by type."""
        return [frame["type"] for frame in self.told]


@asynccontextmanager
async def client_of(
    server: RealtimeServer, *, beta: bool = False, query: str = "", **options: Any
) -> AsyncIterator[JudgingClient]:
    """A client that was greeted."""
    if beta:
        options["additional_headers"] = {"OpenAI-Beta": "realtime=v1"}
    async with connect(server.url + query, max_size=None, **options) as socket:
        client = JudgingClient(socket, beta=beta)
        await client.until("conversation.created")
        yield client


def meet(
    story: Callable[[JudgingClient], Awaitable[None]], *, beta: bool = False, query: str = ""
) -> None:
    """Tell a story to one client of a fresh server."""

    async def whole(server: RealtimeServer) -> None:
        async with client_of(server, beta=beta, query=query) as client:
            await story(client)

    serve(whole)


def serve(
    story: Callable[[RealtimeServer], Awaitable[None]],
    *,
    thinking: Mind | None = None,
    reject_beta: bool = False,
) -> None:
    """Tell a story to a fresh server."""

    async def whole() -> None:
        async with serve_realtime(thinking or mind(), reject_beta=reject_beta) as server:
            await story(server)

    asyncio.run(whole())


def said_in(response: Frame) -> str:
    """The words of a response."""
    parts = (part for item in response["output"] for part in item.get("content", []))
    return " ".join(part.get("transcript") or part.get("text") for part in parts)


def calls_in(response: Frame) -> list[Frame]:
    """The function calls of a response."""
    return [item for item in response["output"] if item["type"] == "function_call"]


def tools(*names: str) -> list[Frame]:
    """Functions as a client offers them."""
    schema = {"type": "object", "properties": {}}
    return [
        {"type": "function", "name": name, "description": name, "parameters": schema}
        for name in names
    ]


HOME = tools("home_turn", "home_set_light", "home_security", "home_get_state", "home_confirm")


def in_order(types: list[str], wanted: Iterable[str]) -> bool:
    """Whether some types came one behind the other."""
    rest = iter(types)
    return all(type_ in rest for type_ in wanted)
