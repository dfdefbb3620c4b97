"""Laws of the session, over stories in which the far end, the user and the speaker behave.

Every law here kills at least one mutant of the session's rooms: docs/laws.md lists them,
`scripts/mutants` shows them.
"""

from collections import Counter
from dataclasses import replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from assistant.home.requests import UserTurn  # noqa: TC001 - hypothesis reads annotations
from assistant.realtime.messages import ReplyStatus
from assistant.session import commands as c
from assistant.session import events as e
from assistant.session.machine import step
from assistant.session.states import Asleep, Awake, BargeIn, Connecting, Limits, deadline_of
from assistant.units import CallId, ItemId, Milliseconds, ResponseId, Seconds

LOUD = b"\xff\x3f" * 1280
QUIET = bytes(2560)
RARELY = st.integers(0, 7)
"""0 lets something happen that ends a conversation."""
LIMITS = Limits(calls_per_turn=3, asks_per_turn=2, kept_frames=60)
BYTES_PER_MS = 48


def frame(number: int, *, loud: bool) -> bytes:
    """A frame that can be told from every other."""
    body = LOUD if loud else QUIET
    return number.to_bytes(4, "little") + body[4:]


class Conversations(RuleBasedStateMachine):
    """A far end that speaks only when connected, a speaker that plays what it was given."""

    limits = LIMITS

    def __init__(self) -> None:
        super().__init__()
        self.state: Asleep | Connecting | Awake = Asleep()
        self.now = Seconds(100.0)
        self.frames = 0
        self.ids = 0
        self.link_open = False
        self.heard_since_wake: list[bytes] = []
        self.audio_sent: list[bytes] = []
        self.queue: dict[ItemId, int] = {}
        self.played: dict[ItemId, int] = {}
        self.complete: set[ItemId] = set()
        self.received: Counter[ItemId] = Counter()
        self.truncated: dict[ItemId, int] = {}
        self.deleted: set[ItemId] = set()
        self.finished: set[ItemId] = set()
        self.stops_due: list[tuple[ItemId, int]] = []
        self.interrupted: set[str] = set()
        self.response: ResponseId | None = None
        self.item: ItemId | None = None
        self.reply_due = False
        self.user_item: ItemId | None = None
        self.runs: Counter[CallId] = Counter()
        self.outputs: Counter[CallId] = Counter()
        self.running: dict[CallId, UserTurn] = {}
        self.runs_in_turn = 0
        self.asks_in_turn = 0
        self.asks_open = 0

    # ------------------------------------------------------------ the world carries orders out

    def tell(self, event: e.Event) -> tuple[c.Command, ...]:
        self.now = Seconds(self.now + 0.01)
        self.state, orders = step(self.state, event, self.now, self.limits)
        for order in orders:
            self.obey(order)
        return orders

    def obey(self, order: c.Command) -> None:
        match order:
            case c.OpenLink():
                assert not self.link_open, "two links at once"
                self.link_open = True
                self.audio_sent = []
            case c.CloseLink():
                self.link_open = False
                self.forget_far_end()
            case c.Play(item, pcm):
                assert item not in self.interrupted, "late sound of an interrupted item"
                assert self.response not in self.interrupted, "late sound of an interrupted reply"
                self.queue[item] = self.queue.get(item, 0) + len(pcm)
            case c.FinishPlaying(item):
                self.complete.add(item)
            case c.StopSpeaker():
                self.stop_speaker()
            case c.CallHome(request):
                self.runs[request.call_id] += 1
                self.runs_in_turn += 1
                self.running[request.call_id] = request.turn
            case c.PlayChime() | c.Announce():
                pass
            case _:
                assert self.link_open, f"{order} without a link"
                self.obey_far_end(order)

    def obey_far_end(self, order: c.Command) -> None:
        match order:
            case c.SendAudio(pcm):
                self.audio_sent.append(pcm)
            case c.TruncateReply(item, heard):
                assert 0 < heard <= self.received[item] // BYTES_PER_MS
                assert item not in self.truncated
                assert item not in self.finished, "a reply heard to its end is not truncated"
                self.truncated[item] = heard
            case c.DeleteReply(item):
                assert not self.played.get(item, 0) // BYTES_PER_MS
                self.deleted.add(item)
            case c.SendFunctionOutput(call):
                self.outputs[call] += 1
            case c.AskForReply():
                assert self.response is None, "asked while a reply is generated"
                assert self.user_item is None, "asked while the user speaks"
                assert not self.reply_due, "asked twice"
                assert not self.running, "asked before all calls are answered"
                self.reply_due = True
                self.asks_in_turn += 1
            case c.CancelReply(response):
                assert response == self.response
                self.interrupted.add(response)

    def stop_speaker(self) -> None:
        self.stops_due += [
            (i, self.played.get(i, 0) // BYTES_PER_MS) for i in self.queue if i not in self.finished
        ]
        self.queue.clear()

    def forget_far_end(self) -> None:
        self.response = self.item = self.user_item = None
        self.reply_due = False

    def fresh(self, prefix: str) -> str:
        self.ids += 1
        return f"{prefix}{self.ids}"

    @property
    def awake(self) -> bool:
        return isinstance(self.state, Awake)

    # ------------------------------------------------------------ the microphone

    @rule(loud=st.booleans())
    def hear_a_frame(self, loud: bool) -> None:
        self.frames += 1
        pcm = frame(self.frames, loud=loud)
        if isinstance(self.state, Connecting):
            self.heard_since_wake.append(pcm)
        was_awake = self.awake
        self.tell(e.MicHeard(pcm))
        if was_awake and self.awake:
            assert self.audio_sent[-1] == pcm

    @precondition(lambda self: not self.awake)
    @rule()
    def say_the_wake_word(self) -> None:
        for _ in range(2):
            Conversations.hear_a_frame(self, loud=True)
        if isinstance(self.state, Asleep):
            self.heard_since_wake = []
        self.tell(e.WakeWordHeard("hey_jarvis", 0.9))

    @precondition(
        lambda self: isinstance(self.state, Asleep) and self.now >= self.state.refused_until
    )
    @rule(one_breath=st.booleans(), opens_early=st.booleans())
    def a_conversation_begins(self, one_breath: bool, opens_early: bool) -> None:
        Conversations.say_the_wake_word(self)
        if opens_early:
            self.tell(e.LinkOpened())
        for _ in range(self.limits.decide_frames):
            Conversations.hear_a_frame(self, loud=one_breath)
        if not opens_early:
            Conversations.hear_a_frame(self, loud=True)
            self.tell(e.LinkOpened())
        assert isinstance(self.state, Awake)

    # ------------------------------------------------------------ the link

    @precondition(lambda self: isinstance(self.state, Connecting) and not self.state.opened)
    @rule()
    def the_link_opens(self) -> None:
        self.tell(e.LinkOpened())

    @precondition(lambda self: self.link_open)
    @rule(retryable=st.booleans(), luck=RARELY)
    def the_link_is_lost(self, retryable: bool, luck: int) -> None:
        if luck:
            return
        self.tell(e.LinkLost("gone", "", retryable))
        assert isinstance(self.state, Asleep)

    # ------------------------------------------------------------ the user

    @precondition(lambda self: self.awake and self.user_item is None)
    @rule()
    def the_user_starts_to_speak(self) -> None:
        self.user_item = ItemId(self.fresh("user"))
        sounding = [i for i in self.queue if i not in self.finished]
        if self.response is not None:
            self.interrupted.add(self.response)
        self.interrupted.update(sounding)
        self.runs_in_turn = self.asks_in_turn = 0
        heard_out = not sounding and self.response is None
        orders = self.tell(e.UserStartedSpeaking(self.user_item))
        if sounding:
            assert orders[0] == c.StopSpeaker(), "silence comes before everything else"
        assert isinstance(self.state, Awake)
        if not heard_out:
            assert not self.state.turn.after_question

    @precondition(lambda self: self.awake and self.user_item is not None)
    @rule()
    def the_user_stops(self) -> None:
        assert self.user_item is not None
        self.tell(e.UserStoppedSpeaking(self.user_item, Milliseconds(900)))
        self.user_item = None
        if self.response is None:
            self.reply_due = True

    @precondition(lambda self: self.awake)
    @rule(luck=RARELY)
    def the_user_is_transcribed(self, luck: int) -> None:
        text = "what time is it" if luck else "Never mind."
        self.tell(e.UserTranscribed(ItemId("user"), text))
        if text == "Never mind.":
            assert isinstance(self.state, Asleep)

    # ------------------------------------------------------------ the far end

    @precondition(lambda self: self.awake and self.response is None and self.reply_due)
    @rule()
    def a_reply_starts(self) -> None:
        self.response, self.reply_due = ResponseId(self.fresh("reply")), False
        self.item = None
        self.tell(e.ReplyStarted(self.response))
        if self.user_item is not None:
            assert self.response in self.interrupted, "no reply begins while the user speaks"

    @precondition(lambda self: self.awake and self.response is not None)
    @rule(ms=st.integers(1, 3000), fresh=st.booleans())
    def the_reply_sounds(self, ms: int, fresh: bool) -> None:
        assert self.response is not None
        if self.item is None or fresh or self.item in self.complete:
            self.item = ItemId(self.fresh("item"))
        self.received[self.item] += ms * BYTES_PER_MS
        orders = self.tell(e.ReplySounded(self.response, self.item, bytes(ms * BYTES_PER_MS)))
        dropped = self.response in self.interrupted or self.item in self.interrupted
        assert dropped or any(isinstance(o, c.Play) for o in orders), "a reply must be heard"

    @precondition(lambda self: self.awake and self.response is not None and self.item is not None)
    @rule()
    def the_item_ends(self) -> None:
        assert self.response is not None
        assert self.item is not None
        self.tell(e.ReplyItemEnded(self.response, self.item))
        self.item = None

    @precondition(lambda self: self.awake and self.response is not None)
    @rule(again=st.booleans())
    def a_function_is_called(self, again: bool) -> None:
        assert self.response is not None
        known = sorted(self.runs)
        call = known[-1] if again and known else CallId(self.fresh("call"))
        self.tell(e.FunctionCalled(self.response, call, "home_turn", "{}"))
        assert self.runs[call] + self.outputs[call] >= 1, "every call is run or answered"

    @precondition(lambda self: self.awake and self.response is not None)
    @rule(status=st.sampled_from([ReplyStatus.COMPLETED, ReplyStatus.FAILED]))
    def the_reply_ends(self, status: ReplyStatus) -> None:
        assert self.response is not None
        ended, self.response, self.item = self.response, None, None
        cancelled = ended in self.interrupted
        self.tell(e.ReplyEnded(ended, ReplyStatus.CANCELLED if cancelled else status))
        assert not set(self.queue) - self.complete, "an ended reply gets no more sound"

    @precondition(lambda self: bool(self.running))
    @rule()
    def a_function_returns(self) -> None:
        call = min(self.running)
        turn = self.running.pop(call)
        waiting = isinstance(self.state, Awake) and call in self.state.calls
        before = self.outputs[call]
        self.tell(e.FunctionReturned(call, "{}"))
        if waiting and turn.conversation == getattr(self.state, "turn", turn).conversation:
            assert self.outputs[call] == before + 1, "the model is told what came of its call"

    # ------------------------------------------------------------ the speaker

    @precondition(lambda self: bool(self.queue))
    @rule(ms=st.integers(1, 2000))
    def the_speaker_plays(self, ms: int) -> None:
        item = next(iter(self.queue))
        left = self.queue[item] - self.played.get(item, 0)
        step_bytes = min(left, ms * BYTES_PER_MS)
        self.played[item] = self.played.get(item, 0) + step_bytes
        if self.played[item] == self.queue[item] and item in self.complete:
            length = self.queue.pop(item)
            self.finished.add(item)
            self.tell(e.SpeakerFinished(item, Milliseconds(length // BYTES_PER_MS)))

    @precondition(lambda self: bool(self.stops_due))
    @rule()
    def the_speaker_reports_its_stop(self) -> None:
        item, heard = self.stops_due.pop(0)
        was_open = self.link_open and isinstance(self.state, Awake)
        tracked = was_open and any(s.item == item for s in self.state.sounding)  # type: ignore[union-attr]
        self.tell(e.SpeakerStopped(item, Milliseconds(heard)))
        if tracked:
            assert (item in self.truncated) == (heard > 0)
            assert (item in self.deleted) == (heard <= 0)

    # ------------------------------------------------------------ time

    @precondition(lambda self: deadline_of(self.state) is not None)
    @rule(luck=RARELY)
    def the_deadline_passes(self, luck: int) -> None:
        if luck:
            return
        deadline = deadline_of(self.state)
        assert deadline is not None
        self.now = max(self.now, deadline)
        self.tell(e.DeadlinePassed())
        assert isinstance(self.state, Asleep), "nobody waits for ever"

    # ------------------------------------------------------------ laws of every state

    @invariant()
    def a_link_is_open_exactly_while_not_asleep(self) -> None:
        assert self.link_open == (not isinstance(self.state, Asleep))

    @invariant()
    def nothing_sounds_on_behind_a_closed_link(self) -> None:
        if isinstance(self.state, Asleep):
            assert not self.queue

    @invariant()
    def no_call_runs_twice_and_no_output_is_sent_twice(self) -> None:
        assert all(n == 1 for n in self.runs.values())
        assert all(n == 1 for n in self.outputs.values())

    @invariant()
    def a_turn_has_an_end(self) -> None:
        assert self.runs_in_turn <= self.limits.calls_per_turn
        assert self.asks_in_turn <= self.limits.asks_per_turn

    @invariant()
    def waiting_has_a_limit(self) -> None:
        deadline = deadline_of(self.state)
        assert deadline is None or deadline <= self.now + max(
            self.limits.sound, self.limits.connect
        )

    @invariant()
    def what_was_said_while_connecting_is_sent(self) -> None:
        if not isinstance(self.state, Awake) or not self.heard_since_wake:
            return
        sent = self.audio_sent
        spoken = [p for p in self.heard_since_wake if p[4:] == LOUD[4:]]
        first = self.heard_since_wake[: self.limits.decide_frames]
        if any(p in spoken for p in first):
            start = sent.index(self.heard_since_wake[0])
            assert sent[start : start + len(self.heard_since_wake)] == self.heard_since_wake
        else:
            assert self.heard_since_wake[0] not in sent, "a pause is not sent"
        assert len(set(sent)) == len(sent), "no frame is sent twice"


class HalfDuplex(Conversations):
    """The same house without echo cancellation: a reply must not hear itself."""

    limits = replace(LIMITS, barge_in=BargeIn.WAKE_WORD, server_interrupts=False)

    @rule(loud=st.booleans())
    def hear_a_frame(self, loud: bool) -> None:
        self.frames += 1
        pcm = frame(self.frames, loud=loud)
        sounding = isinstance(self.state, Awake) and bool(self.state.sounding)
        if isinstance(self.state, Connecting):
            self.heard_since_wake.append(pcm)
        before = len(self.audio_sent)
        was_awake = self.awake
        self.tell(e.MicHeard(pcm))
        if was_awake and self.awake:
            assert self.audio_sent[before:] == [bytes(len(pcm)) if sounding else pcm]
            self.audio_sent[before:] = [pcm]

    @precondition(lambda self: self.awake)
    @rule()
    def interrupt_by_the_wake_word(self) -> None:
        assert isinstance(self.state, Awake)
        sounding = [s.item for s in self.state.sounding]
        if sounding:
            self.interrupted.update(sounding)
        orders = self.tell(e.WakeWordHeard("hey_jarvis", 0.9))
        if sounding:
            assert orders[0] == c.StopSpeaker()


SETTINGS = settings(max_examples=150, stateful_step_count=50, deadline=None)
TestConversations = Conversations.TestCase
TestConversations.settings = SETTINGS
TestHalfDuplex = HalfDuplex.TestCase
TestHalfDuplex.settings = SETTINGS
