"""One log line for each thing that matters in a conversation; no transcripts unless asked."""

import logging

from assistant.engine.loop import Step
from assistant.session.commands import CallHome
from assistant.session.events import (
    FarEndComplained,
    FunctionReturned,
    LinkLost,
    LinkOpened,
    ReplyEnded,
    ReplyWorded,
    UserTranscribed,
    WakeWordHeard,
)
from assistant.session.states import Asleep, Connecting, phase_of

log = logging.getLogger("assistant.session")


class TurnLog:
    """Watches the steps of the engine and writes them down, by type and without content."""

    def __init__(self, *, transcripts: bool = False) -> None:
        self._transcripts = transcripts

    def __call__(self, step: Step) -> None:
        """Write down one step."""
        self._log_event(step)
        for order in step.orders:
            if isinstance(order, CallHome):
                log.info("calling %s", order.request.name, extra={"tool": order.request.name})
        if type(step.after) is not type(step.before):
            state = phase_of(step.after).value
            log.info("now %s", state, extra={"event": "state", "state": state})

    def _log_event(self, step: Step) -> None:
        match step.event:
            case WakeWordHeard(word, score) if isinstance(step.after, Connecting):
                log.info("heard %s (%.2f)", word, score, extra={"wake_score": round(score, 3)})
            case LinkOpened():
                log.info("the far end listens")
            case LinkLost(reason, remedy) if not isinstance(step.before, Asleep):
                log.warning("link lost: %s %s", reason, remedy, extra={"remedy": remedy})
            case FarEndComplained(code, message):
                log.warning("the far end complains: %s %s", code, message)
            case ReplyEnded(status=status):
                log.info("reply %s", status.value)
            case FunctionReturned(call, output):
                log.info("call %s answered: %s", call, output if self._transcripts else "")
            case UserTranscribed(text=text) if self._transcripts:
                log.info("user: %s", text)
            case ReplyWorded(text=text) if self._transcripts:
                log.info("assistant: %s", text)
            case _:
                pass
