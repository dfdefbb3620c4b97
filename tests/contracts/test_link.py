"""The link against a real WebSocket server that speaks raw JSON, and misbehaves."""

import asyncio
import base64
import json
import logging
import shutil
import socket as sockets
import ssl
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from assistant.adapters.websockets_link import LinkTarget, WebsocketsLink
from assistant.realtime.dialect import Dialect
from assistant.realtime.messages import AudioFormat, ReplyStatus, SessionConfig
from assistant.session.commands import AskForReply, SendAudio, SendFunctionOutput
from assistant.session.events import (
    Event,
    FarEndComplained,
    LinkLost,
    LinkOpened,
    ReplyEnded,
    ReplySounded,
    UserStartedSpeaking,
)
from assistant.units import CallId, ItemId, ResponseId

if TYPE_CHECKING:
    from assistant.ports import Link

Handler = Callable[[ServerConnection], Awaitable[None]]
KEY = "sk-very-secret"
CONFIG = SessionConfig(
    instructions="Du bist das Haus.",
    transcription={"model": "gpt-transcribe"},
    noise_reduction="far_field",
    reasoning={"effort": "low"},
)
FRAME = bytes(2560)
FLOOD = SendFunctionOutput(CallId("c"), "x" * 100_000)
CREATED = {"type": "session.created", "event_id": "e", "session": {"type": "realtime"}}
UPDATED = {"type": "session.updated", "event_id": "e", "session": {"type": "realtime"}}


class Talk:
    """A link, and the events that it has posted."""

    def __init__(self, url: str, config: SessionConfig = CONFIG, **target: Any) -> None:
        self.events: list[Event] = []
        self._news = asyncio.Event()
        headers = {"Authorization": f"Bearer {KEY}"}
        whole_target = LinkTarget(url, headers, **{"open_timeout": 5.0, **target})
        self.link: Link = WebsocketsLink(whole_target, config, self._post)
        self.running = asyncio.create_task(self.link.run())

    def _post(self, event: Event) -> None:
        self.events.append(event)
        self._news.set()

    async def event(self, kind: type) -> Any:
        """Wait for an event of a kind."""
        while not any(isinstance(event, kind) for event in self.events):
            self._news.clear()
            await self._news.wait()
        return next(event for event in self.events if isinstance(event, kind))

    async def end(self) -> LinkLost:
        """Wait for the end, and check that it is told once and last, and leaves nothing behind."""
        await self.running
        losses = [event for event in self.events if isinstance(event, LinkLost)]
        assert len(losses) == 1
        assert self.events[-1] is losses[0]
        assert losses[0].reason
        assert _links_tasks() == set()
        return losses[0]


def _links_tasks() -> set[str]:
    return {task.get_name() for task in asyncio.all_tasks() if task.get_name().startswith("link")}


def _run(story: Coroutine[Any, Any, None]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(30):
            await story

    asyncio.run(bounded())


@asynccontextmanager
async def _far_end(handler: Handler, **options: Any) -> AsyncIterator[str]:
    async def forgiving(socket: ServerConnection) -> None:
        with suppress(ConnectionClosed):
            await handler(socket)

    quiet = logging.getLogger("far end")
    quiet.setLevel(logging.CRITICAL)
    async with serve(forgiving, "127.0.0.1", 0, logger=quiet, **options) as server:
        port = server.sockets[0].getsockname()[1]
        scheme = "wss" if "ssl" in options else "ws"
        yield f"{scheme}://localhost:{port}/v1/realtime?model=m"


async def _say(socket: ServerConnection, *frames: dict[str, Any]) -> None:
    for frame in frames:
        await socket.send(json.dumps(frame))


async def _hear(socket: ServerConnection) -> dict[str, Any]:
    heard: dict[str, Any] = json.loads(await socket.recv())
    return heard


async def _greet(socket: ServerConnection) -> dict[str, Any]:
    await _say(socket, CREATED)
    update = await _hear(socket)
    await _say(socket, UPDATED)
    return update


def _error(code: str, **keys: Any) -> dict[str, Any]:
    words = {"type": "invalid_request_error", "code": code, "message": "no", **keys}
    return {"type": "error", "event_id": "e", "error": words}


def _delta(number: int, audio: bytes) -> dict[str, Any]:
    return {
        "type": "response.output_audio.delta",
        "response_id": "r",
        "item_id": f"i{number}",
        "output_index": 0,
        "content_index": 0,
        "delta": base64.b64encode(audio).decode(),
    }


# ---------------------------------------------------------------- opening


def test_nothing_is_sent_before_the_far_end_greets() -> None:
    async def story() -> None:
        silence: list[str] = []

        async def handler(socket: ServerConnection) -> None:
            with suppress(TimeoutError):
                silence.append(str(await asyncio.wait_for(socket.recv(), 0.2)))
            heard.append(await _greet(socket))
            heard.append(await _hear(socket))
            answered.set()
            await socket.wait_closed()

        heard: list[dict[str, Any]] = []
        answered = asyncio.Event()
        async with _far_end(handler) as url:
            talk = Talk(url)
            talk.link.send(AskForReply())
            await talk.event(LinkOpened)
            await answered.wait()
            await talk.link.close()
        assert silence == []
        assert [frame["type"] for frame in heard] == ["session.update", "response.create"]
        assert heard[0]["session"]["instructions"] == "Du bist das Haus."
        assert talk.events == [LinkOpened()]

    _run(story())


@pytest.mark.parametrize("param", ["session.audio.input.transcription.model", "session.reasoning"])
@pytest.mark.parametrize("named", [True, False])
def test_a_refused_field_that_can_be_spared_is_left_out_once(param: str, *, named: bool) -> None:
    async def story() -> None:
        updates: list[dict[str, Any]] = []

        async def handler(socket: ServerConnection) -> None:
            await _say(socket, CREATED)
            updates.append(await _hear(socket))
            blamed = {"event_id": updates[0]["event_id"]} if named else {}
            await _say(socket, _error("invalid_value", param=param, **blamed))
            updates.append(await _hear(socket))
            await _say(socket, UPDATED)
            await socket.wait_closed()

        async with _far_end(handler) as url:
            talk = Talk(url)
            await talk.event(LinkOpened)
            await talk.link.close()
        first, second = (json.dumps(update["session"]) for update in updates)
        word = "transcription" if "transcription" in param else "reasoning"
        assert word in first
        assert word not in second
        assert updates[0]["event_id"] != updates[1]["event_id"]
        assert talk.events == [LinkOpened()]

    _run(story())


@pytest.mark.parametrize("param", ["session.audio.input.transcription.model", "session.tools"])
def test_settings_refused_for_good_end_the_link_for_good(param: str) -> None:
    async def story() -> None:
        async def handler(socket: ServerConnection) -> None:
            await _say(socket, CREATED)
            while True:
                await _hear(socket)
                await _say(socket, _error("invalid_value", param=param))

        async with _far_end(handler) as url:
            loss = await Talk(url).end()
        assert not loss.retryable
        assert param in loss.reason
        assert loss.remedy

    _run(story())


def test_a_complaint_about_something_else_does_not_spoil_the_opening() -> None:
    async def story() -> None:
        async def handler(socket: ServerConnection) -> None:
            await _say(socket, {"type": "rate_limits.updated"}, CREATED)
            await _hear(socket)
            await _say(socket, _error("x", event_id="other"), {"type": "new.thing"}, UPDATED)
            await socket.wait_closed()

        async with _far_end(handler) as url:
            talk = Talk(url)
            await talk.event(LinkOpened)
            await talk.link.close()

    _run(story())


def test_a_silent_far_end_is_given_up() -> None:
    async def story() -> None:
        async def handler(socket: ServerConnection) -> None:
            await socket.wait_closed()

        async with _far_end(handler) as url:
            loss = await Talk(url, open_timeout=0.2).end()
        assert loss.retryable
        assert "in time" in loss.reason

    _run(story())


def test_a_far_end_that_never_answers_the_handshake_is_given_up() -> None:
    async def story() -> None:
        async def mute(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                await given_up.wait()
            finally:
                writer.close()

        given_up = asyncio.Event()
        server = await asyncio.start_server(mute, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            loss = await Talk(f"ws://127.0.0.1:{port}", open_timeout=0.2).end()
            given_up.set()
        assert (loss.retryable, "in time" in loss.reason) == (True, True)

    _run(story())


@pytest.mark.parametrize(
    ("status", "body", "retryable", "word"),
    [
        (401, "", False, "key"),
        (403, "", False, "permit"),
        (404, "", False, "address"),
        (400, '{"error": {"code": "model_not_found"}}', False, "model"),
        (429, "", True, "too many"),
        (429, '{"error": {"code": "insufficient_quota"}}', False, "credit"),
        (500, "", True, "HTTP 500"),
        (503, "", True, "HTTP 503"),
        (308, "", False, "HTTP 308"),
    ],
)
def test_a_refused_handshake_is_told_in_plain_words(
    status: int, body: str, word: str, *, retryable: bool
) -> None:
    async def story() -> None:
        def refuse(socket: ServerConnection, _request: Any) -> Any:
            answer = socket.respond(HTTPStatus(status), body)
            answer.headers["Location"] = "ws://127.0.0.1:9/thief"
            return answer

        async def handler(_socket: ServerConnection) -> None:
            raise AssertionError

        async with _far_end(handler, process_request=refuse) as url:
            loss = await Talk(url).end()
        assert (loss.retryable, word in loss.reason) == (retryable, True), loss
        assert loss.remedy
        assert KEY not in repr(loss)

    _run(story())


def _free_port() -> int:
    with sockets.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_a_closed_port_is_told() -> None:
    async def story() -> None:
        loss = await Talk(f"ws://127.0.0.1:{_free_port()}").end()
        assert (loss.retryable, "listens" in loss.reason) == (True, True)

    _run(story())


def test_a_name_that_nobody_knows_is_told() -> None:
    async def story() -> None:
        loss = await Talk("ws://no-such-host.invalid/").end()
        assert (loss.retryable, "name" in loss.reason) == (True, True)

    _run(story())


def test_another_kind_of_server_is_told() -> None:
    async def story() -> None:
        async def chatter(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"220 mail.example ESMTP\r\n")
            await writer.drain()
            writer.close()

        server = await asyncio.start_server(chatter, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            loss = await Talk(f"ws://127.0.0.1:{port}").end()
        assert "no realtime service" in loss.reason

    _run(story())


def test_sound_that_we_cannot_make_is_refused_before_anything_is_dialled() -> None:
    async def story() -> None:
        config = SessionConfig(output_format=AudioFormat.ULAW)
        loss = await Talk("ws://no-such-host.invalid/", config).end()
        assert (loss.retryable, "PCM" in loss.reason) == (False, True)

    _run(story())


# ---------------------------------------------------------------- ends


@pytest.mark.parametrize(
    ("code", "retryable"),
    [
        (1000, True),
        (1001, True),
        (1011, True),
        (1012, True),
        (1013, True),
        (1008, False),
        (4000, False),
        (4711, True),
    ],
)
@pytest.mark.parametrize("greeted", [True, False])
def test_the_code_of_a_close_decides_whether_to_try_again(
    code: int, *, retryable: bool, greeted: bool
) -> None:
    async def story() -> None:
        async def handler(socket: ServerConnection) -> None:
            if greeted:
                await _greet(socket)
            await socket.close(code, "bye")

        async with _far_end(handler) as url:
            talk = Talk(url)
            loss = await talk.end()
        assert loss.retryable is retryable
        assert (LinkOpened() in talk.events) is greeted

    _run(story())


def test_a_connection_dropped_without_a_word_can_be_tried_again() -> None:
    async def story() -> None:
        async def handler(socket: ServerConnection) -> None:
            await _greet(socket)
            socket.transport.abort()
            await socket.wait_closed()

        async with _far_end(handler) as url:
            loss = await Talk(url).end()
        assert (loss.retryable, loss.remedy != "") == (True, True)

    _run(story())


@pytest.mark.parametrize(
    ("code", "kind", "retryable"),
    [
        ("invalid_api_key", "invalid_request_error", False),
        ("insufficient_quota", "invalid_request_error", False),
        ("billing_hard_limit_reached", "invalid_request_error", False),
        ("session_expired", "invalid_request_error", True),
        ("session_limit_reached", "invalid_request_error", True),
        ("boom", "server_error", True),
    ],
)
def test_an_error_that_ends_the_session_ends_the_link(
    code: str, kind: str, *, retryable: bool
) -> None:
    async def story() -> None:
        async def handler(socket: ServerConnection) -> None:
            await _greet(socket)
            await _say(socket, _error(code, type=kind), _delta(1, b"late"))
            await socket.wait_closed()

        async with _far_end(handler) as url:
            talk = Talk(url)
            loss = await talk.end()
        assert loss.retryable is retryable
        assert len(talk.events) == 2

    _run(story())


def test_a_retired_dialect_is_told_by_its_setting() -> None:
    async def story() -> None:
        asked: list[str | None] = []

        async def handler(socket: ServerConnection) -> None:
            assert socket.request is not None
            asked.append(socket.request.headers.get("OpenAI-Beta"))
            await _say(socket, _error("beta_api_shape_disabled"))
            await socket.close(4000, "")

        async with _far_end(handler) as url:
            talk = Talk(url, dialect=Dialect.BETA)
            loss = await talk.end()
        assert asked == ["realtime=v1"]
        assert not loss.retryable
        assert "realtime.dialect" in loss.remedy
        assert talk.events == [loss]

    _run(story())


def test_an_answer_that_failed_for_want_of_credit_is_told_before_the_end() -> None:
    async def story() -> None:
        error = {"type": "insufficient_quota", "code": "insufficient_quota"}
        details = {"type": "failed", "error": error}
        response = {"id": "r", "status": "failed", "status_details": details}

        async def handler(socket: ServerConnection) -> None:
            await _greet(socket)
            await _say(socket, {"type": "response.done", "response": response})
            await socket.wait_closed()

        async with _far_end(handler) as url:
            talk = Talk(url)
            loss = await talk.end()
        ended = ReplyEnded(ResponseId("r"), ReplyStatus.FAILED, "insufficient_quota")
        assert talk.events == [LinkOpened(), ended, loss]
        assert not loss.retryable

    _run(story())


@pytest.mark.parametrize(
    "frame", ["{", '{"type": "response.output_audio.delta"}', "[1]", b"\x00\xff"]
)
def test_nonsense_ends_the_link_and_names_the_place(frame: str | bytes) -> None:
    async def story() -> None:
        async def handler(socket: ServerConnection) -> None:
            await _greet(socket)
            await socket.send(frame)
            await socket.wait_closed()

        async with _far_end(handler) as url:
            loss = await Talk(url).end()
        assert loss.remedy
        assert "JSON" in loss.reason or "response_id" in loss.reason

    _run(story())


def test_an_endless_message_ends_the_link() -> None:
    async def story() -> None:
        async def handler(socket: ServerConnection) -> None:
            await _greet(socket)
            await socket.send("x" * (16 * 2**20 + 1))

        async with _far_end(handler) as url:
            loss = await Talk(url).end()
        assert "too large" in loss.reason

    _run(story())


# ---------------------------------------------------------------- talking


def test_what_comes_is_posted_in_its_order() -> None:
    async def story() -> None:
        sounds = [bytes([number, 0]) * 50 for number in range(100)]

        async def handler(socket: ServerConnection) -> None:
            await _greet(socket)
            await _say(socket, {"type": "input_audio_buffer.speech_started", "item_id": "u"})
            await _say(socket, {"type": "brand.new.event"}, _error("harmless"))
            await _say(socket, *(_delta(number, sound) for number, sound in enumerate(sounds)))
            await socket.close()

        async with _far_end(handler) as url:
            talk = Talk(url)
            await talk.end()
        opened, started, complained, *sounded, _lost = talk.events
        assert opened == LinkOpened()
        assert started == UserStartedSpeaking(ItemId("u"))
        assert complained == FarEndComplained("harmless", "no")
        assert sounded == [
            ReplySounded(ResponseId("r"), ItemId(f"i{number}"), sound)
            for number, sound in enumerate(sounds)
        ]

    _run(story())


def test_sound_cut_in_the_middle_of_a_sample_is_made_whole() -> None:
    async def story() -> None:
        async def handler(socket: ServerConnection) -> None:
            await _greet(socket)
            await _say(socket, _delta(1, b"abc"), _delta(1, b"de"), _delta(1, b"f"))
            await _say(socket, _delta(2, b"ABC"), _delta(3, b"xy"))
            await socket.close()

        async with _far_end(handler) as url:
            talk = Talk(url)
            await talk.end()
        pieces = [event.pcm for event in talk.events if isinstance(event, ReplySounded)]
        assert pieces == [b"ab", b"cd", b"ef", b"AB", b"xy"]

    _run(story())


def test_every_message_has_an_id_of_its_own_and_keeps_its_turn() -> None:
    async def story() -> None:
        heard: list[dict[str, Any]] = []

        async def handler(socket: ServerConnection) -> None:
            heard.append(await _greet(socket))
            while len(heard) < 8:
                heard.append(await _hear(socket))
            await socket.close()

        async with _far_end(handler) as url:
            talk = Talk(url)
            await talk.event(LinkOpened)
            for _ in range(5):
                talk.link.send(SendAudio(FRAME))
            talk.link.send(SendFunctionOutput(CallId("c"), "{}"))
            talk.link.send(AskForReply())
            await talk.end()
        types = [frame["type"].split(".")[-1] for frame in heard]
        assert types == ["update", *["append"] * 5, "create", "create"]
        assert len({frame["event_id"] for frame in heard}) == 8

    _run(story())


def test_the_microphone_arrives_at_24_khz() -> None:
    async def story() -> None:
        sound: list[bytes] = []

        async def handler(socket: ServerConnection) -> None:
            await _greet(socket)
            while len(sound) < 25:
                sound.append(base64.b64decode((await _hear(socket))["audio"]))
            await socket.close()

        async with _far_end(handler) as url:
            talk = Talk(url)
            await talk.event(LinkOpened)
            for _ in range(25):
                talk.link.send(SendAudio(FRAME))
            await talk.end()
        samples = sum(map(len, sound)) / 2
        assert samples == pytest.approx(25 * 1920, abs=48)

    _run(story())


def test_a_far_end_that_does_not_read_fills_the_outbox_and_ends_the_link() -> None:
    async def story() -> None:
        deaf = asyncio.Event()

        async def handler(socket: ServerConnection) -> None:
            await _greet(socket)
            socket.transport.pause_reading()
            await deaf.wait()

        async with _far_end(handler, close_timeout=0.1) as url:
            talk = Talk(url, outbox_size=50)
            await talk.event(LinkOpened)
            while not talk.running.done():
                talk.link.send(FLOOD)
                await asyncio.sleep(0)
            loss = await talk.end()
            talk.link.send(SendAudio(FRAME))
            deaf.set()
        assert (loss.retryable, "too slow" in loss.reason) == (True, True)

    _run(story())


# ---------------------------------------------------------------- closing


def test_after_close_nothing_is_posted() -> None:
    async def story() -> None:
        async def handler(socket: ServerConnection) -> None:
            await _greet(socket)
            for number in range(100_000):
                await _say(socket, _delta(number, b"ab"))
                await asyncio.sleep(0)

        async with _far_end(handler, close_timeout=0.1) as url:
            talk = Talk(url)
            await talk.event(ReplySounded)
            closing = asyncio.create_task(talk.link.close())
            await asyncio.sleep(0)
            told = len(talk.events)
            await closing
            await talk.link.close()
            await talk.running
            assert len(talk.events) == told
            assert _links_tasks() == set()
        assert not any(isinstance(event, LinkLost) for event in talk.events)

    _run(story())


def test_a_far_end_that_ignores_the_farewell_is_left_within_a_second() -> None:
    async def story() -> None:
        deaf = asyncio.Event()

        async def handler(socket: ServerConnection) -> None:
            await _greet(socket)
            socket.transport.pause_reading()
            await deaf.wait()

        async with _far_end(handler, close_timeout=0.1) as url:
            talk = Talk(url)
            await talk.event(LinkOpened)
            for _ in range(100):
                talk.link.send(FLOOD)
            await asyncio.sleep(0.1)
            async with asyncio.timeout(5):
                await talk.link.close()
                await talk.running
            assert _links_tasks() == set()
            deaf.set()
        assert talk.events == [LinkOpened()]

    _run(story())


def test_a_link_closed_while_it_dies_does_not_tell_of_its_death() -> None:
    async def story() -> None:
        deaf = asyncio.Event()

        async def handler(socket: ServerConnection) -> None:
            await _greet(socket)
            socket.transport.pause_reading()
            await deaf.wait()

        async with _far_end(handler, close_timeout=0.1) as url:
            talk = Talk(url, outbox_size=5)
            await talk.event(LinkOpened)
            for _ in range(6):
                talk.link.send(FLOOD)
            # The end is decided, and its farewell to a deaf far end takes a while.
            for _ in range(5):
                await asyncio.sleep(0)
            assert not talk.running.done()
            await talk.link.close()
            await talk.running
            deaf.set()
        assert talk.events == [LinkOpened()]

    _run(story())


def test_a_link_can_be_closed_while_it_opens_and_before_it_runs() -> None:
    async def story() -> None:
        async def handler(socket: ServerConnection) -> None:
            await socket.wait_closed()

        async with _far_end(handler) as url:
            talk = Talk(url)
            await asyncio.sleep(0.05)
            await talk.link.close()
            await talk.running
            unused = Talk(url)
            await unused.link.close()
            await unused.running
        assert talk.events == unused.events == []

    _run(story())


def test_a_cancelled_run_leaves_nothing_behind_and_says_nothing() -> None:
    async def story() -> None:
        gone = asyncio.Event()

        async def handler(socket: ServerConnection) -> None:
            await _greet(socket)
            await socket.wait_closed()
            gone.set()

        async with _far_end(handler) as url:
            talk = Talk(url)
            await talk.event(LinkOpened)
            talk.running.cancel()
            with suppress(asyncio.CancelledError):
                await talk.running
            await gone.wait()
            assert _links_tasks() == set()
        assert talk.events == [LinkOpened()]

    _run(story())


# ---------------------------------------------------------------- secrets and TLS


def test_neither_key_nor_sound_reaches_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    async def story() -> None:
        keys: list[str | None] = []

        async def handler(socket: ServerConnection) -> None:
            assert socket.request is not None
            keys.append(socket.request.headers.get("Authorization"))
            await _greet(socket)
            await _hear(socket)
            await socket.close()

        async with _far_end(handler) as url:
            talk = Talk(url)
            talk.link.send(SendAudio(FRAME))
            await talk.end()
        assert keys == [f"Bearer {KEY}"]

    _run(story())
    words = caplog.text
    assert "> UpdateSession" in words
    assert "> AppendAudio" in words
    assert "< SessionCreated" in words
    assert KEY not in words
    assert "AAAA" not in words
    assert KEY not in repr(LinkTarget("ws://x", {"Authorization": KEY}))


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate authority of our own, and a server's certificate for `localhost`."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("no openssl command to make certificates with")
    folder = tmp_path_factory.mktemp("authority")
    (folder / "names").write_text("subjectAltName=DNS:localhost\nauthorityKeyIdentifier=keyid\n")
    key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
    signing = "-addext keyUsage=critical,keyCertSign"
    for command in (
        f"req -x509 {key} -keyout ca.key -out ca.pem -subj /CN=Haus {signing}",
        f"req {key} -keyout s.key -out s.csr -subj /CN=localhost",
        "x509 -req -in s.csr -CA ca.pem -CAkey ca.key -CAcreateserial -extfile names -out s.pem",
    ):
        subprocess.run([openssl, *command.split()], cwd=folder, check=True, capture_output=True)
    return folder


def _server_context(authority: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority / "s.pem", authority / "s.key")
    return context


def test_a_private_authority_is_trusted_when_it_is_named(authority: Path) -> None:
    async def story() -> None:
        async def handler(socket: ServerConnection) -> None:
            await _greet(socket)
            await socket.wait_closed()

        async with _far_end(handler, ssl=_server_context(authority)) as url:
            talk = Talk(url, ca_file=str(authority / "ca.pem"))
            await talk.event(LinkOpened)
            await talk.link.close()

    _run(story())


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_an_unknown_authority_and_a_wrong_name_are_refused(authority: Path, host: str) -> None:
    async def story() -> None:
        async def handler(_socket: ServerConnection) -> None:
            raise AssertionError

        async with _far_end(handler, ssl=_server_context(authority)) as url:
            trusted = str(authority / "ca.pem") if host == "127.0.0.1" else ""
            loss = await Talk(url.replace("localhost", host), ca_file=trusted).end()
        assert (loss.retryable, "certificate" in loss.reason) == (False, True)

    _run(story())


def test_an_unencrypted_server_is_not_spoken_to_in_the_clear() -> None:
    async def story() -> None:
        async def handler(_socket: ServerConnection) -> None:
            raise AssertionError

        async with _far_end(handler) as url:
            talk = Talk(url.replace("ws:", "wss:"))
            loss = await talk.end()
        assert talk.events == [loss]

    _run(story())


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_an_unreadable_authority_is_refused(tmp_path: Path, content: str | None) -> None:
    async def story() -> None:
        file = tmp_path / "ca.pem"
        if content is not None:
            file.write_text(content)
        loss = await Talk("wss://localhost:9/", ca_file=str(file)).end()
        assert (loss.retryable, "ca_file" in loss.remedy) == (False, True)

    _run(story())
