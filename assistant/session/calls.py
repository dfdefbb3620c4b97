"""Function calls of the model: each runs once, and each is answered once."""

import json
from dataclasses import replace

from assistant.home.requests import FunctionRequest
from assistant.session.commands import CallHome, Command, SendFunctionOutput
from assistant.session.events import Event, FunctionCalled, FunctionReturned
from assistant.session.states import END_CONVERSATION, Awake, Limits

Turn = tuple[Awake, tuple[Command, ...]]

GOODBYE = '{"ok":true,"status":"done"}'
TOO_MANY = json.dumps(
    {"ok": False, "status": "rate_limited", "message": "too many function calls in one turn"}
)
INTERRUPTED = json.dumps(
    {"ok": False, "status": "denied", "message": "the user interrupted; nothing was done"}
)


def step(state: Awake, event: Event, limits: Limits) -> Turn:
    """Take one event about a call."""
    match event:
        case FunctionCalled(call=call) if call not in state.known_calls:
            known = replace(state, known_calls=state.known_calls | {call})
            return _call(known, event, limits)
        case FunctionReturned(call, output) if call in state.calls:
            returned = replace(state, calls=state.calls - {call}, reply_owed=True)
            return returned, (SendFunctionOutput(call, output),)
        case _:
            return state, ()


def _call(state: Awake, event: FunctionCalled, limits: Limits) -> Turn:
    # The turn that wanted it is over: in the new turn's name it would borrow the user's consent.
    if event.response in state.unheard:
        return state, (SendFunctionOutput(event.call, INTERRUPTED),)
    state = replace(state, calls_made=state.calls_made + 1)
    if event.name == END_CONVERSATION:
        return replace(state, closing=True), (SendFunctionOutput(event.call, GOODBYE),)
    if state.calls_made > limits.calls_per_turn:
        return replace(state, reply_owed=True), (SendFunctionOutput(event.call, TOO_MANY),)
    request = FunctionRequest(event.call, event.name, event.arguments, state.turn)
    return replace(state, calls=state.calls | {event.call}), (CallHome(request),)
