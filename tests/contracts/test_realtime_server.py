"""The door of the local far end: who may come in, how it is greeted, what it may configure."""

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from assistant.local.realtime_server import (
    LARGEST_MESSAGE,
    MOST_SESSIONS,
    RealtimeServer,
)
from tests.contracts.far_end import (
    HOME,
    PATIENCE_S,
    JudgingClient,
    calls_in,
    client_of,
    meet,
    mind,
    said_in,
    serve,
    spoken,
)


def tasks_named(*beginnings: str) -> list[str]:
    names = (task.get_name() for task in asyncio.all_tasks())
    return [name for name in names if name.startswith(beginnings)]


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not is_so():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.01)


class TestS1TheDoor:
    @pytest.mark.parametrize(
        ("query", "model"), [("", "local"), ("?model=gpt-realtime-9", "gpt-realtime-9")]
    )
    def test_any_model_or_none_will_do(self, query: str, model: str) -> None:
        async def story(client: JudgingClient) -> None:
            assert client.told[0]["session"]["model"] == model

        meet(story, query=query)

    @pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer whatever"}])
    def test_any_key_or_none_will_do(self, headers: dict[str, str]) -> None:
        async def story(server: RealtimeServer) -> None:
            async with client_of(server, additional_headers=headers) as client:
                assert await client.is_alive()

        serve(story)

    @pytest.mark.parametrize(
        ("offered", "chosen"),
        [
            (None, None),
            (["realtime"], "realtime"),
            (["realtime", "openai-insecure-api-key.x"], "realtime"),
            (["other"], None),
        ],
    )
    def test_the_subprotocol_is_echoed_if_it_is_offered(
        self, offered: Any, chosen: str | None
    ) -> None:
        async def story(server: RealtimeServer) -> None:
            async with client_of(server, subprotocols=offered) as client:
                assert client.socket.subprotocol == chosen

        serve(story)

    def test_another_path_is_not_found_and_the_right_one_is_told(self) -> None:
        async def story(server: RealtimeServer) -> None:
            with pytest.raises(InvalidStatus) as refusal:
                await connect(f"ws://127.0.0.1:{server.port}/v1/other")
            assert refusal.value.response.status_code == 404
            assert b"/v1/realtime" in (refusal.value.response.body or b"")

        serve(story)

    def test_a_ninth_session_is_refused_until_one_leaves(self) -> None:
        async def story(server: RealtimeServer) -> None:
            guests = [await connect(server.url) for _ in range(MOST_SESSIONS)]
            for guest in guests:
                await guest.recv()
            with pytest.raises(InvalidStatus) as refusal:
                await connect(server.url)
            assert refusal.value.response.status_code == 503
            await guests.pop().close()
            async with client_of(server) as client:
                assert await client.is_alive()
            await asyncio.gather(*(guest.close() for guest in guests))

        serve(story)

    def test_a_crowd_at_the_door_finds_eight_seats(self) -> None:
        async def story(server: RealtimeServer) -> None:
            crowd = await asyncio.gather(
                *(connect(server.url) for _ in range(20)), return_exceptions=True
            )
            guests = [one for one in crowd if not isinstance(one, BaseException)]
            assert len(guests) == MOST_SESSIONS
            await asyncio.gather(*(guest.close() for guest in guests))

        serve(story)


class TestS2Greeting:
    def test_session_created_comes_first_and_is_complete(self) -> None:
        async def story(client: JudgingClient) -> None:
            assert client.types() == ["session.created", "conversation.created"]
            session = client.told[0]["session"]
            assert session["object"] == "realtime.session"
            assert session["id"].startswith("sess_")
            assert session["expires_at"] > 1_700_000_000
            assert session["audio"]["input"]["turn_detection"]["type"] == "server_vad"
            assert session["audio"]["output"]["format"] == {"type": "audio/pcm", "rate": 24000}

        meet(story)

    def test_event_ids_are_unique(self) -> None:
        async def story(client: JudgingClient) -> None:
            await client.ask_in_words("what time is it")
            ids = [frame["event_id"] for frame in client.told]
            assert len(set(ids)) == len(ids)

        meet(story)


class TestS2Updates:
    def test_an_update_changes_only_what_it_names(self) -> None:
        async def story(client: JudgingClient) -> None:
            before = client.told[0]["session"]
            after = await client.configure(instructions="Be brief.", tools=HOME)
            assert after["instructions"] == "Be brief."
            assert [tool["name"] for tool in after["tools"]] == [tool["name"] for tool in HOME]
            unchanged = before.keys() - {"instructions", "tools"}
            assert {key: after[key] for key in unchanged} == {key: before[key] for key in unchanged}

        meet(story)

    def test_nested_updates_merge_too(self) -> None:
        async def story(client: JudgingClient) -> None:
            await client.configure(audio={"output": {"voice": "marin"}})
            transcription = {"model": "gpt-transcribe", "language": "en"}
            after = await client.configure(audio={"input": {"transcription": transcription}})
            assert after["audio"]["output"]["voice"] == "marin"
            assert after["audio"]["input"]["transcription"] == transcription
            assert after["audio"]["input"]["turn_detection"]["threshold"] == 0.5

        meet(story)

    def test_null_switches_off_and_empty_clears(self) -> None:
        async def story(client: JudgingClient) -> None:
            await client.configure(
                instructions="x", tools=HOME, audio={"input": {"transcription": {"model": "a"}}}
            )
            nothing = {"turn_detection": None, "noise_reduction": None, "transcription": None}
            after = await client.configure(
                instructions="", tools=[], tracing=None, audio={"input": nothing}
            )
            assert (after["instructions"], after["tools"], after["tracing"]) == ("", [], None)
            assert nothing.items() <= after["audio"]["input"].items()

        meet(story)

    @pytest.mark.parametrize(
        "session",
        [
            {"audio": {"input": {"turn_detection": {"type": "semantic_vad", "eagerness": "high"}}}},
            {"audio": {"input": {"transcription": {"model": "never-heard-of"}}}},
            {"audio": {"input": {"noise_reduction": {"type": "far_field"}}}},
            {"audio": {"output": {"speed": 1.25, "voice": "marin"}}},
            {"tool_choice": "required", "max_output_tokens": 512},
            {"truncation": {"type": "retention_ratio", "retention_ratio": 0.8}},
            {"tracing": {"workflow_name": "house"}, "include": []},
            {"output_modalities": ["text"], "reasoning": {"effort": "low"}},
        ],
        ids=str,
    )
    def test_what_other_servers_know_passes(self, session: dict[str, Any]) -> None:
        async def story(client: JudgingClient) -> None:
            await client.configure(**session)
            assert await client.is_alive()

        meet(story)

    @pytest.mark.parametrize(
        ("session", "param"),
        [
            ({"modalitys": []}, "session.modalitys"),
            ({"audio": {"inputs": {}}}, "session.audio.inputs"),
            (
                {"audio": {"input": {"turn_detection": {"type": "server_vad", "treshold": 1}}}},
                "session.audio.input.turn_detection.treshold",
            ),
        ],
    )
    def test_an_unknown_field_is_named_with_the_event(
        self, session: dict[str, Any], param: str
    ) -> None:
        async def story(client: JudgingClient) -> None:
            error = await client.refused("session.update", session={"type": "realtime"} | session)
            assert (error["code"], error["param"]) == ("unknown_parameter", param)
            assert await client.is_alive()

        meet(story)

    @pytest.mark.parametrize(
        "audio",
        [
            {"input": {"format": {"type": "audio/pcmu"}}},
            {"output": {"format": {"type": "audio/pcma"}}},
            {"input": {"turn_detection": {"type": "server_vad", "threshold": 3}}},
            {"input": {"turn_detection": {"type": "server_vad", "silence_duration_ms": -1}}},
            {"input": {"turn_detection": {"type": "server_vad", "prefix_padding_ms": 10**12}}},
        ],
        ids=str,
    )
    def test_what_cannot_be_is_refused_and_changes_nothing(self, audio: dict[str, Any]) -> None:
        async def story(client: JudgingClient) -> None:
            session = {"type": "realtime", "instructions": "new", "audio": audio}
            error = await client.refused("session.update", session=session)
            assert error["code"] == "invalid_value"
            assert error["param"].startswith("session.audio")
            assert await client.configure() == client.told[0]["session"]

        meet(story)


class TestS7TheBetaDialect:
    def test_the_header_selects_it(self) -> None:
        async def story(client: JudgingClient) -> None:
            session = client.told[0]["session"]
            assert session["modalities"] == ["text", "audio"]
            assert session["input_audio_format"] == "pcm16"
            await client.say("session.update", session={"modalities": ["text"], "voice": "alloy"})
            updated = await client.until("session.updated")
            assert (updated["session"]["modalities"], updated["session"]["voice"]) == (
                ["text"],
                "alloy",
            )

        meet(story, beta=True, query="?model=gpt-4o-realtime-preview")

    def test_a_spoken_turn_is_told_in_beta(self) -> None:
        async def story(client: JudgingClient) -> None:
            await client.sound(spoken("what time is it"))
            done = await client.until("response.done")
            assert done["response"]["status"] == "completed"
            types = set(client.types())
            assert {"response.audio.delta", "response.audio_transcript.done"} <= types
            assert "conversation.item.created" in types
            assert not any("output_audio" in type_ for type_ in types)
            assert not types & {"conversation.item.added", "conversation.item.done"}

        meet(story, beta=True, query="?model=gpt-4o-realtime-preview")

    @pytest.mark.parametrize("values", [["realtime=v1"], ["assistants=v2", "realtime=v1"]])
    def test_it_can_be_rejected_as_production_does(self, values: list[str]) -> None:
        async def story(server: RealtimeServer) -> None:
            headers = [("OpenAI-Beta", value) for value in values]
            async with connect(server.url, additional_headers=headers) as socket:
                error = json.loads(await socket.recv())
                assert error["type"] == "error"
                assert error["error"]["code"] == "beta_api_shape_disabled"
                with pytest.raises(ConnectionClosed):
                    await socket.recv()
                assert socket.close_code == 4000
            async with client_of(server) as client:
                assert await client.is_alive()

        serve(story, reject_beta=True)


class TestBadGuests:
    @pytest.mark.parametrize(
        ("frame", "code"),
        [
            ("{", "invalid_json"),
            ("[]", "invalid_json"),
            ('"session.update"', "invalid_json"),
            (b"\xff\xfe", "invalid_json"),
            ("[" * 100_000, "invalid_json"),
            ("{}", "missing_required_parameter"),
            ('{"type": "session.destroy"}', "invalid_value"),
            ('{"type": 7}', "invalid_value"),
            ('{"type": "session.update"}', "missing_required_parameter"),
            ('{"type": "input_audio_buffer.append", "audio": "???"}', "invalid_value"),
            ('{"type": "input_audio_buffer.append"}', "missing_required_parameter"),
            ('{"type": "output_audio_buffer.clear"}', "unsupported"),
            ('{"type": "response.create", "response": {"colour": 1}}', "unknown_parameter"),
        ],
        ids=lambda value: str(value)[:40],
    )
    def test_nonsense_is_answered_and_the_session_goes_on(
        self, frame: str | bytes, code: str
    ) -> None:
        async def story(client: JudgingClient) -> None:
            await client.socket.send(frame)
            error = await client.hear()
            assert (error["type"], error["error"]["code"]) == ("error", code)
            assert await client.is_alive()

        meet(story)

    def test_a_binary_frame_counts_like_text(self) -> None:
        async def story(client: JudgingClient) -> None:
            await client.socket.send(b'{"type": "input_audio_buffer.clear"}')
            assert (await client.hear())["type"] == "input_audio_buffer.cleared"

        meet(story)

    def test_a_frame_too_large_ends_only_its_own_session(self) -> None:
        async def story(server: RealtimeServer) -> None:
            async with client_of(server) as other:
                huge = await connect(server.url)
                await huge.send("x" * (LARGEST_MESSAGE + 1))
                await huge.wait_closed()
                assert huge.close_code == 1009
                assert await other.is_alive()

        serve(story)

    def test_who_does_not_read_is_dropped_and_the_others_are_served(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        async def story(server: RealtimeServer) -> None:
            async with client_of(server) as other:
                rude = await connect(server.url, max_queue=1, write_limit=2**26)
                item = {"type": "message", "role": "user", "id": "long",
                        "content": [{"type": "input_text", "text": "x" * 900_000}]}  # fmt: skip
                await rude.send(json.dumps({"type": "conversation.item.create", "item": item}))
                wish = json.dumps({"type": "conversation.item.retrieve", "item_id": "long"})
                with suppress(ConnectionClosed):
                    for _ in range(300):
                        await rude.send(wish)
                await until(lambda: "does not read" in caplog.text)
                await until(lambda: len(server.server.connections) == 1)
                rude.transport.abort()
                assert await other.is_alive()

        serve(story)

    def test_a_client_that_vanishes_in_the_middle_of_a_reply_leaves_nothing_behind(self) -> None:
        async def story(server: RealtimeServer) -> None:
            async with client_of(server) as client:
                await client.write("tell me about the house")
                await client.ask("response.create", "response.output_audio.delta")
                client.socket.transport.abort()
            async with client_of(server) as other:
                assert said_in(await other.ask_in_words("what time is it")).startswith("It's")
            await until(lambda: not tasks_named("reply-", "far-end-writer"))

        serve(story)

    def test_an_answer_owed_to_a_client_that_left_is_not_begun(self) -> None:
        async def story(server: RealtimeServer) -> None:
            async with client_of(server) as client:
                vad = {"type": "server_vad", "interrupt_response": False}
                await client.configure(audio={"input": {"turn_detection": vad}})
                await client.write("tell me about the house")
                await client.ask("response.create", "response.output_audio.delta")
                await client.sound(spoken("what time is it"))
                await client.until("input_audio_buffer.committed")
                client.socket.transport.abort()
            await until(lambda: not server.server.connections)
            await until(lambda: not tasks_named("far-end-writer"))
            assert not tasks_named("reply-")

        serve(story)


class TestManyGuests:
    def test_two_clients_at_once_do_not_mix(self) -> None:
        async def ask(client: JudgingClient, text: str, device: str) -> None:
            await client.configure(tools=HOME)
            await client.sound(spoken(text))
            done = await client.until("response.done")
            (call,) = calls_in(done["response"])
            assert device in call["arguments"]
            await client.give(call, status="done", devices=[device])
            assert device in said_in(await client.answer())

        async def story(server: RealtimeServer) -> None:
            async with client_of(server) as one, client_of(server) as other:
                await asyncio.gather(
                    ask(one, "turn on the kitchen light", "kitchen light"),
                    ask(other, "turn off the bedroom fan", "bedroom fan"),
                )
                ids = [{f["item"]["id"] for f in c.told if "item" in f} for c in (one, other)]
                assert not ids[0] & ids[1]

        serve(story)

    def test_a_mind_without_ears_says_why_and_still_reads(self) -> None:
        deaf = replace(mind(), listener=None, deaf_because="The ears are not installed.")

        async def story(server: RealtimeServer) -> None:
            async with client_of(server) as client:
                await client.sound(spoken("what time is it"))
                response = (await client.until("response.done"))["response"]
                assert response["status"] == "failed"
                error = response["status_details"]["error"]
                assert error["code"] == "speech_unavailable"
                assert said_in(await client.ask_in_words("what time is it")).startswith("It's")

        serve(story, thinking=deaf)
