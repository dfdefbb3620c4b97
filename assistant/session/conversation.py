"""A conversation in progress: turns, replies, calls and interruptions.

The laws are those of the protocol's clients, C4 to C18: generated is not played, what was
not heard is not said, one reply at a time, every call once and every call answered.
"""

import json
from dataclasses import replace

from assistant.home.requests import FunctionRequest, UserTurn
from assistant.realtime.messages import ReplyStatus
from assistant.session import playback
from assistant.session.commands import (
    Announce,
    AskForReply,
    CallHome,
    CancelReply,
    Chime,
    Command,
    PlayChime,
    SendAudio,
    SendFunctionOutput,
    StopSpeaker,
)
from assistant.session.endings import give_up, hang_up, lose_link
from assistant.session.events import (
    DeadlinePassed,
    Event,
    FarEndComplained,
    FunctionCalled,
    FunctionReturned,
    LinkLost,
    MicHeard,
    ReplyEnded,
    ReplyItemEnded,
    ReplySounded,
    ReplyStarted,
    SpeakerFinished,
    SpeakerStopped,
    UserStartedSpeaking,
    UserStoppedSpeaking,
    UserTranscribed,
    WakeWordHeard,
)
from assistant.session.states import (
    END_CONVERSATION,
    Asleep,
    Awake,
    BargeIn,
    Limits,
    Phase,
    is_busy,
    phase_of,
)
from assistant.units import CallId, Milliseconds, Seconds

Step = tuple[Awake | Asleep, tuple[Command, ...]]
Turn = tuple[Awake, tuple[Command, ...]]

GOODBYE = '{"ok":true,"status":"done"}'
TOO_MANY = json.dumps(
    {"ok": False, "status": "rate_limited", "message": "too many function calls in one turn"}
)
LIMIT_SENTENCE = "I stopped, because I was going round in circles. Please ask me again."


def step(state: Awake, event: Event, now: Seconds, limits: Limits) -> Step:
    """Take one event of a conversation."""
    match event:
        case MicHeard(pcm):
            return state, (SendAudio(_audible(state, pcm, limits)),)
        case LinkLost():
            stop = (StopSpeaker(),) if state.sounding else ()
            asleep, orders = lose_link(state.turn.conversation, event, now, limits)
            return asleep, (*stop, *orders)
        case DeadlinePassed():
            return _out_of_patience(state)
        case UserTranscribed(text=text) if _is_farewell(text, limits):
            return hang_up(state)
        case _:
            after, orders = _take(state, event, limits)
            return _settle(state, after, orders, now, limits)


def _audible(state: Awake, pcm: bytes, limits: Limits) -> bytes:
    """Without echo cancellation the far end must not hear its own reply."""
    deaf = limits.barge_in is BargeIn.WAKE_WORD and state.sounding
    return bytes(len(pcm)) if deaf else pcm


def _is_farewell(text: str, limits: Limits) -> bool:
    plain = text.strip().rstrip(".,!?").lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    return plain in limits.farewells


def _out_of_patience(state: Awake) -> Step:
    match phase_of(state):
        case Phase.THINKING:
            return give_up(state, "I got no answer in time. Please try again.")
        case _:
            return hang_up(state)


def _take(state: Awake, event: Event, limits: Limits) -> Turn:
    match event:
        case UserStartedSpeaking() | UserStoppedSpeaking() | UserTranscribed() | WakeWordHeard():
            return _hear_user(state, event, limits)
        case ReplySounded() | ReplyItemEnded() | SpeakerFinished() | SpeakerStopped():
            return playback.step(state, event, limits)
        case ReplyStarted() | ReplyEnded() | FarEndComplained():
            return _follow_reply(state, event)
        case FunctionCalled():
            return _call(state, event, limits)
        case FunctionReturned(call, output) if call in state.calls:
            return _hand_over(state, call, output)
        case _:
            return state, ()


def _hear_user(state: Awake, event: Event, limits: Limits) -> Turn:
    match event:
        case UserStartedSpeaking(item, at):
            turn = UserTurn(
                conversation=state.turn.conversation,
                number=state.turn.number + 1,
                after_question=state.replied and not state.sounding and not is_busy(state),
            )
            state = replace(
                state, turn=turn, user_item=item, started_at=at, calls_made=0, asks_made=0,
                told_of_limit=False, closing=False,
            )  # fmt: skip
            return playback.interrupt(state, cancel=not limits.server_interrupts)
        case UserStoppedSpeaking(at=at) if state.user_item is not None:
            spoken = Milliseconds(max(0, at - state.started_at))
            turn = replace(state.turn, speech_ms=spoken)
            return replace(state, turn=turn, user_item=None, reply_expected=True), ()
        case UserTranscribed(text=text):
            return replace(state, turn=replace(state.turn, transcript=text)), ()
        case WakeWordHeard() if state.sounding:
            return playback.interrupt(state, cancel=True)
        case _:
            return state, ()


def _follow_reply(state: Awake, event: Event) -> Turn:
    match event:
        case ReplyStarted(response) if state.user_item is not None:
            unheard = state.unheard | {response}
            return replace(state, reply_expected=False, unheard=unheard), (CancelReply(response),)
        case ReplyStarted(response):
            return replace(
                state, generating=response, reply_expected=False, reply_owed=False, replied=True
            ), ()
        case ReplyEnded(response=response) if response == state.generating:
            state, orders = playback.complete(replace(state, generating=None), response)
            return state, (*orders, *_regret(event))
        case FarEndComplained(code="conversation_already_has_active_response"):
            return replace(state, reply_expected=False, reply_owed=True), ()
        case _:
            return state, ()


def _regret(event: ReplyEnded) -> tuple[Command, ...]:
    """A reply that failed is never met with silence."""
    match event.status, event.reason:
        case ReplyStatus.FAILED, reason:
            return PlayChime(Chime.TROUBLE), Announce(reason or "I could not answer that.")
        case ReplyStatus.INCOMPLETE, "content_filter":
            return PlayChime(Chime.TROUBLE), Announce("I must not say that.")
        case _:
            return ()


def _call(state: Awake, event: FunctionCalled, limits: Limits) -> Turn:
    if event.call in state.known_calls:
        return state, ()
    state = replace(
        state, known_calls=state.known_calls | {event.call}, calls_made=state.calls_made + 1
    )
    if event.name == END_CONVERSATION:
        return replace(state, closing=True), (SendFunctionOutput(event.call, GOODBYE),)
    if state.calls_made > limits.calls_per_turn:
        return replace(state, reply_owed=True), (SendFunctionOutput(event.call, TOO_MANY),)
    request = FunctionRequest(event.call, event.name, event.arguments, state.turn)
    return replace(state, calls=state.calls | {event.call}), (CallHome(request),)


def _hand_over(state: Awake, call: CallId, output: str) -> Turn:
    state = replace(state, calls=state.calls - {call}, reply_owed=True)
    return state, (SendFunctionOutput(call, output),)


def _settle(
    before: Awake, state: Awake, orders: tuple[Command, ...], now: Seconds, limits: Limits
) -> Step:
    """Ask for what is owed, hang up when all is said, and set the clock for what comes next."""
    state, asked = _ask(state, limits)
    orders = (*orders, *asked)
    at_rest = phase_of(state) is Phase.LISTENING
    if at_rest and (state.closing or (state.replied and limits.follow_up <= 0)):
        asleep, farewell = hang_up(state)
        return asleep, (*orders, *farewell)
    if phase_of(state) is not phase_of(before) or (not at_rest and state != before):
        state = replace(state, deadline=Seconds(now + _patience(state, limits)))
    return state, orders


def _ask(state: Awake, limits: Limits) -> Turn:
    """One `response.create` at a time, and only when nobody else is about to speak."""
    waiting = state.generating is not None or state.calls or state.user_item is not None
    if not state.reply_owed or waiting or state.reply_expected or state.closing:
        return state, ()
    if state.asks_made < limits.asks_per_turn:
        asked = replace(state, reply_owed=False, reply_expected=True, asks_made=state.asks_made + 1)
        return asked, (AskForReply(),)
    silent = replace(state, reply_owed=False, told_of_limit=True)
    return silent, () if state.told_of_limit else (Announce(LIMIT_SENTENCE),)


def _patience(state: Awake, limits: Limits) -> Seconds:
    match phase_of(state):
        case Phase.HEARING:
            return limits.turn
        case Phase.SPEAKING:
            return limits.sound
        case Phase.THINKING:
            return limits.reply
        case _:
            return limits.follow_up if state.replied else limits.listen
