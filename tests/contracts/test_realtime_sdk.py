"""The `openai` package as a client of the local far end: a stranger's view of the same protocol."""

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from assistant.local.realtime_server import serve_realtime
from tests.contracts.far_end import HOME, PATIENCE_S, PIECE, mind, spoken
from tests.doubles.realtime_oracle import GA_SERVER, check

openai = pytest.importorskip("openai", reason="the independent client is the openai package")

Connection = Any
"""`openai.resources.realtime.AsyncRealtimeConnection`; its types lag behind its wire."""


def converse(story: Callable[[Connection], Awaitable[None]], model: str = "any-model") -> None:
    async def whole() -> None:
        async with (
            serve_realtime(mind()) as server,
            openai.AsyncOpenAI(
                api_key="any-key", base_url=f"http://127.0.0.1:{server.port}/v1"
            ) as client,
            client.realtime.connect(model=model) as connection,
        ):
            await story(connection)

    asyncio.run(whole())


async def until(connection: Connection, type_: str) -> Any:
    """Receive up to an event of a type; each is strictly valid and no error."""
    while True:
        async with asyncio.timeout(PATIENCE_S):
            raw = await connection.recv_bytes()
        check(GA_SERVER, raw.decode())
        event = connection.parse_event(raw)
        assert event.type != "error", event
        if event.type == type_:
            return event


async def send_sound(connection: Connection, pcm: bytes) -> None:
    for start in range(0, len(pcm), PIECE):
        audio = base64.b64encode(pcm[start : start + PIECE]).decode()
        await connection.send({"type": "input_audio_buffer.append", "audio": audio})


def test_it_is_greeted_and_configures_its_session() -> None:
    async def story(connection: Connection) -> None:
        created = await until(connection, "session.created")
        assert created.session.model == "any-model"
        await connection.send(
            {"type": "session.update", "session": {"type": "realtime", "tools": HOME}}
        )
        updated = await until(connection, "session.updated")
        assert [tool.name for tool in updated.session.tools] == [tool["name"] for tool in HOME]

    converse(story)


def test_it_speaks_and_hears_a_whole_turn_with_a_function() -> None:
    async def story(connection: Connection) -> None:
        await connection.send(
            {"type": "session.update", "session": {"type": "realtime", "tools": HOME}}
        )
        await send_sound(connection, spoken("turn on the kitchen light"))
        call = await until(connection, "response.function_call_arguments.done")
        assert json.loads(call.arguments)["target"] == {"name": "kitchen light"}
        done = await until(connection, "response.done")
        assert done.response.output[0].call_id == call.call_id
        output = json.dumps({"status": "done", "devices": ["kitchen light"]})
        await connection.send(
            {
                "type": "conversation.item.create",
                "item": {
                    "type": "function_call_output",
                    "call_id": call.call_id,
                    "output": output,
                },
            }
        )
        await connection.send({"type": "response.create"})
        heard = await until(connection, "response.output_audio_transcript.done")
        assert heard.transcript == "The kitchen light is on."
        done = await until(connection, "response.done")
        assert done.response.status == "completed"
        assert done.response.usage.output_token_details.audio_tokens > 10

    converse(story)


def test_it_types_and_reads() -> None:
    async def story(connection: Connection) -> None:
        content = [{"type": "input_text", "text": "what time is it"}]
        await connection.send(
            {
                "type": "conversation.item.create",
                "item": {"type": "message", "role": "user", "content": content},
            }
        )
        await connection.send(
            {"type": "response.create", "response": {"output_modalities": ["text"]}}
        )
        told = await until(connection, "response.output_text.done")
        assert told.text.startswith("It's")

    converse(story)
