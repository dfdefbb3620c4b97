"""The replies of one session while they are made: one of the conversation, and a few aside."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

from assistant.local.conversation import Refused
from assistant.local.replies import Reply
from assistant.local.responder import Responder
from assistant.realtime.messages import Fault, ReplyStatus, ResponseOptions, ServerMessage
from assistant.units import ResponseId

log = logging.getLogger("assistant.local")

MOST_ASIDE = 4
INNER = "The offline assistant failed inside; its log says why."


@dataclass(slots=True)
class _Running:
    reply: Reply
    task: asyncio.Task[Fault | None]
    reason: str = "client_cancelled"

    @property
    def is_aside(self) -> bool:
        return self.reply.conversation_id is None


class RunningReplies:
    """Every reply that begins also ends, in exactly one `response.done`.

    `ended` is called behind each end of a reply of the conversation.
    """

    def __init__(
        self,
        responder: Responder,
        send: Callable[[ServerMessage], None],
        ended: Callable[[], None],
    ) -> None:
        self._responder = responder
        self._send = send
        self._ended = ended
        self._running: dict[ResponseId, _Running] = {}

    @property
    def main(self) -> ResponseId | None:
        """The reply of the conversation that is being made."""
        return next((key for key, one in self._running.items() if not one.is_aside), None)

    def begin(self, reply: Reply, options: ResponseOptions) -> None:
        """Make a reply. Raises `Refused` where one is being made already."""
        self._check_room(reply)
        self._send(reply.begin())
        task = asyncio.create_task(
            self._responder.respond(reply, options), name=f"reply-{reply.id}"
        )
        self._running[reply.id] = _Running(reply, task)
        task.add_done_callback(lambda _: self._end(reply.id))

    def cancel(self, reply_id: ResponseId | None, reason: str) -> bool:
        """Break a reply off; False if it is not running."""
        running = self._running.get(reply_id) if reply_id is not None else None
        if running is None:
            return False
        running.reason = reason
        return running.task.cancel()

    async def close(self) -> None:
        """Break everything off and see it end; safe to call twice."""
        tasks = [running.task for running in self._running.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _check_room(self, reply: Reply) -> None:
        aside = [running for running in self._running.values() if running.is_aside]
        full = len(aside) >= MOST_ASIDE if reply.conversation_id is None else self.main is not None
        if full:
            raise Refused(
                "conversation_already_has_active_response",
                "Conversation already has an active response in progress",
            )

    def _end(self, reply_id: ResponseId) -> None:
        running = self._running.pop(reply_id)
        for message in self._last_messages(running):
            self._send(message)
        if not running.is_aside:
            self._ended()

    def _last_messages(self, running: _Running) -> list[ServerMessage]:
        reply, task = running.reply, running.task
        if task.cancelled():
            cut = self._responder.abandon(reply)
            return [*cut, reply.end(ReplyStatus.CANCELLED, running.reason)]
        if (bug := task.exception()) is not None:
            log.error("a reply failed", exc_info=bug)
            cut = self._responder.abandon(reply)
            return [*cut, reply.end(ReplyStatus.FAILED, error=_INNER_FAULT)]
        if (missing := task.result()) is not None:
            return [reply.end(ReplyStatus.FAILED, error=missing)]
        return [reply.end(ReplyStatus.COMPLETED)]


_INNER_FAULT = Fault("server_error", "server_error", INNER)
