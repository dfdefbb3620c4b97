"""A speech service that fails in chosen ways; it speaks raw JSON, and knows none of our code."""

import base64
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http import HTTPStatus

from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.sync.server import ServerConnection, serve


@dataclass
class FakeCloud:
    """Refuses with `status`, or opens after `opens_after_s` and then only listens."""

    status: HTTPStatus | None = None
    opens_after_s: float = 0.0
    port: int = 0
    calls: list[Request] = field(default_factory=list)
    audio: bytearray = field(default_factory=bytearray)

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/v1/realtime"

    def answer(self, connection: ServerConnection, request: Request) -> Response | None:
        self.calls.append(request)
        return connection.respond(self.status, "no\n") if self.status else None

    def converse(self, connection: ServerConnection) -> None:
        time.sleep(self.opens_after_s)
        session = {"type": "realtime", "id": "sess_1", "model": "test"}
        _say(connection, type="session.created", session=session)
        with suppress(ConnectionClosed):
            for text in connection:
                said = json.loads(text)
                if said["type"] == "session.update":
                    _say(connection, type="session.updated", session=session | said["session"])
                elif said["type"] == "input_audio_buffer.append":
                    self.audio += base64.b64decode(said["audio"])


def _say(connection: ServerConnection, **message: object) -> None:
    connection.send(json.dumps({"event_id": "event_1"} | message))


@contextmanager
def fake_cloud(status: HTTPStatus | None = None, opens_after_s: float = 0.0) -> Iterator[FakeCloud]:
    """The service, on loopback, for as long as the block lasts."""
    cloud = FakeCloud(status, opens_after_s)
    with serve(cloud.converse, "127.0.0.1", 0, process_request=cloud.answer) as server:
        cloud.port = server.socket.getsockname()[1]
        thread = threading.Thread(target=server.serve_forever, name="fake-cloud")
        thread.start()
        try:
            yield cloud
        finally:
            server.shutdown()
            thread.join()
