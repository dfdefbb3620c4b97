"""Between the session's own words and the realtime protocol's."""

from assistant.realtime.messages import (
    ArgumentsDone,
    AudioDelta,
    AudioDone,
    AudioTranscriptDone,
    CancelResponse,
    ClientMessage,
    CreateItem,
    CreateResponse,
    DeleteItem,
    ErrorReported,
    Fault,
    InputTranscribed,
    Item,
    ItemKind,
    OutputItemDone,
    ReplyStatus,
    Response,
    ResponseCreated,
    ResponseDone,
    ResponseOptions,
    ServerMessage,
    SpeechStarted,
    SpeechStopped,
    TextDone,
    TruncateItem,
)
from assistant.session.commands import (
    AskForReply,
    CancelReply,
    DeleteReply,
    SendFunctionOutput,
    TruncateReply,
)
from assistant.session.events import (
    Event,
    FarEndComplained,
    FunctionCalled,
    ReplyEnded,
    ReplyItemEnded,
    ReplyRefused,
    ReplySounded,
    ReplyStarted,
    ReplyWorded,
    UserStartedSpeaking,
    UserStoppedSpeaking,
    UserTranscribed,
)
from assistant.session.replies import ANOTHER_IS_ACTIVE
from assistant.units import ResponseId

WordedCommand = SendFunctionOutput | AskForReply | CancelReply | TruncateReply | DeleteReply
"""What is said in words; the sound of `SendAudio` goes its own way."""


def events_of(message: ServerMessage) -> tuple[Event, ...]:
    """What a message of the far end means to the session; most mean nothing."""
    match message:
        case AudioDelta() | AudioDone() | AudioTranscriptDone() | TextDone():
            return (_reply_piece(message),)
        case SpeechStarted() | SpeechStopped() | InputTranscribed():
            return (_user_piece(message),)
        case OutputItemDone(response, item):
            return _call_of(response, item)
        case ArgumentsDone():
            return _argued_call(message)
        case ResponseCreated(response):
            return (ReplyStarted(response.id),)
        case ResponseDone(response):
            return _end_of(response)
        case ErrorReported(fault):
            return (_complaint_of(fault),)
        case _:
            return ()


def messages_of(command: WordedCommand) -> tuple[ClientMessage, ...]:
    """What the far end is told of a command."""
    match command:
        case SendFunctionOutput(call, output):
            return (CreateItem(Item(kind=ItemKind.OUTPUT, call_id=call, output=output)),)
        case AskForReply(instructions):
            return (CreateResponse(ResponseOptions(instructions=instructions)),)
        case CancelReply(response):
            return (CancelResponse(response),)
        case TruncateReply(item, heard):
            return (TruncateItem(item, heard),)
        case _:
            return (DeleteItem(command.item),)


def _reply_piece(message: AudioDelta | AudioDone | AudioTranscriptDone | TextDone) -> Event:
    response, item = message.place.response_id, message.place.item_id
    match message:
        case AudioDelta(_, audio):
            return ReplySounded(response, item, audio)
        case AudioDone():
            return ReplyItemEnded(response, item)
        case AudioTranscriptDone(_, text):
            return ReplyWorded(response, item, text)
        case _:
            return ReplyWorded(response, item, message.text)


def _user_piece(message: SpeechStarted | SpeechStopped | InputTranscribed) -> Event:
    match message:
        case SpeechStarted(item, at):
            return UserStartedSpeaking(item, at)
        case SpeechStopped(item, at):
            return UserStoppedSpeaking(item, at)
        case _:
            return UserTranscribed(message.item_id, message.transcript)


def _complaint_of(fault: Fault) -> Event:
    """Our link names the message at fault in its event id: a request for a reply may be refused."""
    asked = fault.event_id.startswith(CreateResponse.__name__)
    if asked and fault.code != ANOTHER_IS_ACTIVE:
        return ReplyRefused(fault.message or fault.code or fault.type)
    return FarEndComplained(fault.code or fault.type, fault.message)


def _call_of(response: ResponseId, item: Item) -> tuple[Event, ...]:
    """Tell a call only once it is whole: a cancelled response leaves incomplete ones behind."""
    whole = item.kind is ItemKind.CALL and item.status == "completed"
    if not whole or not item.call_id:
        return ()
    return (FunctionCalled(response, item.call_id, item.name, item.arguments),)


def _argued_call(message: ArgumentsDone) -> tuple[Event, ...]:
    """Without a name (beta) the item's own end will tell the call."""
    if not message.name or not message.call_id:
        return ()
    response = message.place.response_id
    return (FunctionCalled(response, message.call_id, message.name, message.arguments),)


def _end_of(response: Response) -> tuple[Event, ...]:
    calls = tuple(event for item in response.output for event in _call_of(response.id, item))
    reason = response.reason or _cause(response.error)
    ended = ReplyEnded(response.id, response.status, reason, response.usage)
    return (*_cut_items_of(response), *calls, ended)


def _cut_items_of(response: Response) -> tuple[Event, ...]:
    """A cancelled response may hold words of which no sound was ever sent."""
    if response.status is not ReplyStatus.CANCELLED:
        return ()
    spoken = (item.id for item in response.output if item.kind is ItemKind.MESSAGE)
    return tuple(ReplyItemEnded(response.id, item) for item in spoken)


def _cause(fault: Fault | None) -> str:
    return "" if fault is None else fault.code or fault.type
