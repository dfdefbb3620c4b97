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
PLAYS = st.sampled_from(["nothing", "first", "all"])
BETWEEN = (
    "nothing",
    "an announcement",
    "a cough",
    "a second part that waits",
    "a second part that plays",
    "a second part that nearly ends",
)
PARTS = st.sampled_from(["piece", "item", "reply"])
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
        self.items: dict[ItemId, ResponseId] = {}
        self.cancelled: set[ResponseId] = set()
        self.reply_due = False
        self.turn_unanswered = False
        self.asked = False
        self.hidden: ResponseId | None = None
        self.announcements: list[ItemId] = []
        self.heard_out = False
        self.cut_in = False
        self.bears_fruit = False
        self.fruit_at = self.now
        self.user_item: ItemId | None = None
        self.runs: Counter[CallId] = Counter()
        self.outputs: Counter[CallId] = Counter()
        self.running: dict[CallId, UserTurn] = {}
        self.told: list[CallId] = []
        self.here: set[ItemId] = set()
        self.runs_in_turn = 0
        self.asks_in_turn = 0
        self.asks_open = 0

    # ------------------------------------------------------------ the world carries orders out

    def tell(self, event: e.Event) -> tuple[c.Command, ...]:
        self.now = Seconds(self.now + 0.01)
        if self.bears_fruit or self.a_reply_sounds or self.open_calls:
            self.fruit_at = self.now
        was_awake = self.awake
        self.state, orders = step(self.state, event, self.now, self.limits)
        if self.awake and not was_awake:
            self.fruit_at = self.now
        for order in orders:
            self.obey(order)
        self.bears_fruit = bool(self.awake and (self.a_reply_sounds or self.open_calls))
        return orders

    def obey(self, order: c.Command) -> None:
        match order:
            case c.OpenLink():
                assert not self.link_open, "two links at once"
                assert not self.announcements, "nothing of ours sounds into the user's command"
                self.link_open = True
                self.audio_sent = []
            case c.CloseLink():
                self.link_open = False
                self.forget_far_end()
            case c.Play(item, pcm):
                assert item not in self.interrupted, "late sound of an interrupted item"
                assert self.response not in self.interrupted, "late sound of an interrupted reply"
                self.queue[item] = self.queue.get(item, 0) + len(pcm)
                self.heard_out = False
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
                assert item in self.items, "only what the far end has can be deleted"
                assert item not in self.deleted
                self.deleted.add(item)
            case c.SendFunctionOutput(call):
                self.outputs[call] += 1
            case c.AskForReply():
                assert self.response is None, "asked while a reply is generated"
                assert self.user_item is None, "asked while the user speaks"
                assert not self.reply_due, "asked twice"
                assert not self.open_calls, "asked before all calls are answered"
                assert self.hidden is None, "asked again before the reply in the way has ended"
                self.reply_due = self.asked = True
                self.asks_in_turn += 1
            case c.CancelReply(response):
                assert response == self.response
                assert response not in self.cancelled, "cancelled twice"
                self.cancelled.add(response)
                self.interrupted.add(response)

    def stop_speaker(self) -> None:
        self.stops_due += [
            (i, self.played.get(i, 0) // BYTES_PER_MS) for i in self.queue if i not in self.finished
        ]
        self.queue.clear()
        for item in self.announcements:
            self.stops_due.append((item, 100))
        self.announcements.clear()

    def forget_far_end(self) -> None:
        self.response = self.item = self.user_item = self.hidden = None
        self.reply_due = self.turn_unanswered = self.asked = self.heard_out = False
        self.told.clear()
        self.here.clear()

    def fresh(self, prefix: str) -> str:
        self.ids += 1
        return f"{prefix}{self.ids}"

    @property
    def a_reply_sounds(self) -> bool:
        """As far as the session can know: until its end is reported."""
        return bool(self.queue) or any(item in self.here for item, _ in self.stops_due)

    @property
    def open_calls(self) -> list[CallId]:
        """Calls of this conversation that run; those of older ones concern nobody any more."""
        if not isinstance(self.state, Awake):
            return []
        here = self.state.turn.conversation
        return [call for call, turn in self.running.items() if turn.conversation == here]

    @property
    def awake(self) -> bool:
        return isinstance(self.state, Awake)

    # ------------------------------------------------------------ the microphone

    @rule(loud=st.booleans())
    def hear_a_frame(self, loud: bool) -> None:
        self.hear(loud=loud)

    def hear(self, *, loud: bool) -> None:
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
            self.hear(loud=True)
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
            self.hear(loud=one_breath)
        if not opens_early:
            self.hear(loud=True)
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
        busy = self.response or self.reply_due or self.open_calls or self.hidden
        heard_out = self.heard_out and not self.announcements and not busy
        noisy = bool(sounding or self.announcements)
        unreported = bool(self.stops_due)
        fruitless = 0 if self.a_reply_sounds or self.open_calls else self.now - self.fruit_at
        self.cut_in = bool(busy)
        self.heard_out = False
        orders = self.tell(e.UserStartedSpeaking(self.user_item))
        if self.hidden and self.awake:
            ended, self.hidden = self.hidden, None
            self.tell(e.ReplyEnded(ended, ReplyStatus.CANCELLED))
        if noisy:
            assert orders[0] == c.StopSpeaker(), "silence comes before everything else"
        if not isinstance(self.state, Awake):
            assert fruitless > self.limits.fruitless - 0.1, "who is heard may go on"
            return
        assert fruitless < self.limits.fruitless + 0.5, "a television is not listened to for ever"
        if not heard_out:
            assert not self.state.turn.after_question, "only a question that was heard is answered"
        elif not unreported:
            assert self.state.turn.after_question, "an answer is taken for one"

    @precondition(lambda self: self.awake and self.user_item is not None)
    @rule()
    def the_user_stops(self) -> None:
        assert self.user_item is not None
        self.tell(e.UserStoppedSpeaking(self.user_item, Milliseconds(900)))
        self.user_item = None
        self.reply_due = self.response is None
        self.turn_unanswered = not self.reply_due

    @precondition(lambda self: isinstance(self.state, Awake) and self.state.turn_item is not None)
    @rule(luck=RARELY, late=st.booleans())
    def the_user_is_transcribed(self, luck: int, late: bool) -> None:
        assert isinstance(self.state, Awake)
        assert self.state.turn_item is not None
        text = "what time is it" if luck else "Never mind."
        before = self.state.turn
        item = ItemId("of an older turn") if late else self.state.turn_item
        self.tell(e.UserTranscribed(item, text))
        if late:
            assert self.state.turn == before, "old words are not put into a new turn"
        elif luck:
            assert self.state.turn.transcript == text
        else:
            assert not self.awake, "who wants no more is let go"

    # ------------------------------------------------------------ the far end

    @precondition(lambda self: self.awake and self.response is None and self.reply_due)
    @rule()
    def a_reply_starts(self) -> None:
        self.response, self.reply_due = ResponseId(self.fresh("reply")), False
        self.asked, self.item = False, None
        self.tell(e.ReplyStarted(self.response))
        if self.user_item is not None:
            assert self.response in self.interrupted, "no reply begins while the user speaks"

    @precondition(lambda self: self.awake and self.response is not None)
    @rule(ms=st.integers(1, 3000), fresh=st.booleans())
    def the_reply_sounds(self, ms: int, fresh: bool) -> None:
        assert self.response is not None
        if self.item is None or fresh or self.item in self.complete:
            self.item = ItemId(self.fresh("item"))
            self.items[self.item] = self.response
            self.here.add(self.item)
        self.received[self.item] += ms * BYTES_PER_MS
        orders = self.tell(e.ReplySounded(self.response, self.item, bytes(ms * BYTES_PER_MS)))
        dropped = self.response in self.interrupted or self.item in self.interrupted
        assert dropped or any(isinstance(o, c.Play) for o in orders), "a reply must be heard"
        if dropped and self.item not in self.queue and self.item not in self.played:
            told = self.item in self.deleted or any(i == self.item for i, _ in self.stops_due)
            assert told, "what never sounded was never said"

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
        call = self.told[-1] if again and self.told else CallId(self.fresh("call"))
        self.told.append(call)
        before = self.runs[call]
        self.tell(e.FunctionCalled(self.response, call, "home_turn", "{}"))
        assert self.runs[call] + self.outputs[call] >= 1, "every call is run or answered"
        if self.response in self.interrupted:
            assert self.runs[call] == before, "an interrupted reply moves nothing"

    @precondition(lambda self: self.awake and self.response is not None)
    @rule(
        status=st.sampled_from([ReplyStatus.COMPLETED, ReplyStatus.FAILED]),
        silent_item=st.booleans(),
    )
    def the_reply_ends(self, status: ReplyStatus, silent_item: bool) -> None:
        assert self.response is not None
        ended, self.response, self.item = self.response, None, None
        cancelled = ended in self.interrupted
        if cancelled and silent_item:
            self.items[ItemId(self.fresh("item"))] = ended
        for item in [i for i, of in self.items.items() if of == ended and cancelled]:
            self.tell(e.ReplyItemEnded(ended, item))
            known = item in self.received or item in self.deleted
            assert known, "what never sounded was never said"
        if self.turn_unanswered:
            self.reply_due, self.turn_unanswered = True, False
        orders = self.tell(e.ReplyEnded(ended, ReplyStatus.CANCELLED if cancelled else status))
        if status is ReplyStatus.FAILED and not cancelled:
            assert c.PlayChime(c.Chime.TROUBLE) in orders, "a failure is told"
        assert not set(self.queue) - self.complete, "an ended reply gets no more sound"

    @precondition(lambda self: self.awake and self.asked and self.user_item is None)
    @rule()
    def the_far_end_has_another_reply_in_hand(self) -> None:
        self.hidden, self.reply_due, self.asked = ResponseId(self.fresh("hidden")), False, False
        self.tell(e.FarEndComplained("conversation_already_has_active_response"))

    @precondition(lambda self: self.awake and self.hidden is not None)
    @rule()
    def the_other_reply_ends(self) -> None:
        assert self.hidden is not None
        ended, self.hidden = self.hidden, None
        orders = self.tell(e.ReplyEnded(ended))
        spent = self.asks_in_turn >= self.limits.asks_per_turn
        due = self.user_item or self.response or self.open_calls or self.reply_due
        if not due and not spent and self.awake:
            assert c.AskForReply() in orders, "what was refused too early is asked again"

    @precondition(lambda self: self.awake and self.asked)
    @rule()
    def the_far_end_refuses_to_answer(self) -> None:
        self.reply_due = self.asked = False
        orders = self.tell(e.ReplyRefused("no"))
        assert c.PlayChime(c.Chime.TROUBLE) in orders, "a refusal is told"

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
        else:
            assert self.outputs[call] == before, "nobody is told what they did not ask"

    # ------------------------------------------------------------ longer breaths

    @precondition(lambda self: self.awake and self.user_item is None)
    @rule(calls=st.integers(0, 2), too_much=st.sampled_from([0, 40]), silent_item=st.booleans())
    def a_turn_is_asked_and_a_reply_begins(
        self, calls: int, too_much: int, silent_item: bool
    ) -> None:
        self.the_user_starts_to_speak()
        while self.stops_due:
            self.the_speaker_reports_its_stop(too_much)
        if self.awake and self.response is not None:
            self.the_reply_ends(ReplyStatus.COMPLETED, silent_item)
        if self.awake:
            self.the_user_stops()
            self.a_reply_starts()
        for _ in range(calls if self.response else 0):
            self.a_function_is_called(False)

    @precondition(lambda self: self.awake and self.response is not None)
    @rule(ms=st.integers(1, 2000), items=st.integers(0, 2), plays=PLAYS, part=PARTS)
    def much_of_the_reply_comes(self, ms: int, items: int, plays: str, part: str) -> None:
        for number in range(items):
            if plays == "first" and number:
                self.hear_out()
            self.the_reply_sounds(ms, True)
            if part != "piece":
                self.the_item_ends()
        if plays == "all":
            self.hear_out()
        if part == "reply" and self.response is not None:
            self.the_reply_ends(ReplyStatus.COMPLETED, False)

    @precondition(lambda self: bool(self.running))
    @rule()
    def all_functions_return_and_a_reply_begins(self) -> None:
        self.all_functions_return()
        if self.awake and self.reply_due and self.response is None:
            self.a_reply_starts()

    def all_functions_return(self) -> None:
        while self.running:
            self.a_function_returns()

    @precondition(lambda self: self.awake and self.response is not None)
    @rule(rounds=st.integers(1, 4))
    def the_model_goes_round(self, rounds: int) -> None:
        for _ in range(rounds):
            if self.response is not None:
                self.a_function_is_called(False)
                self.the_reply_ends(ReplyStatus.COMPLETED, False)
                self.all_functions_return_and_a_reply_begins()

    @precondition(lambda self: self.awake and self.response is not None)
    @rule(answer=st.sampled_from(["no", "later", "never"]))
    def the_far_end_does_not_answer_when_asked(self, answer: str) -> None:
        if not self.running and self.user_item is None:
            self.a_function_is_called(False)
            self.the_reply_ends(ReplyStatus.COMPLETED, False)
            self.all_functions_return()
        if not self.asked or not self.awake or self.user_item is not None:
            return
        if answer == "no":
            self.the_far_end_refuses_to_answer()
            return
        self.the_far_end_has_another_reply_in_hand()
        if answer == "later":
            self.the_other_reply_ends()

    @precondition(lambda self: self.awake and self.response is not None and not self.queue)
    @rule(ms=st.integers(1, 300))
    def a_piece_is_cut_behind_its_last_sample(self, ms: int) -> None:
        self.the_reply_sounds(ms, True)
        if self.queue:
            self.the_speaker_plays(ms)
        if self.user_item is None:
            self.the_user_starts_to_speak()
        while self.stops_due:
            self.the_speaker_reports_its_stop(40)

    @precondition(lambda self: self.awake and bool(self.queue) and self.user_item is None)
    @rule(luck=RARELY)
    def the_reply_is_cut_off_by_a_farewell(self, luck: int) -> None:
        assert isinstance(self.state, Awake)
        if luck < 6 and self.state.turn_item is not None:
            self.the_user_is_transcribed(0, False)

    @precondition(lambda self: self.awake and self.user_item is None and not self.queue)
    @rule(turns=st.integers(1, 16))
    def a_television_talks(self, turns: int) -> None:
        for _ in range(turns):
            if self.awake and self.user_item is None:
                self.time_passes(4.0)
            if self.awake and self.user_item is None:
                self.a_turn_is_asked_and_a_reply_begins(0, 0, False)
            if self.awake and self.response is not None:
                self.the_reply_ends(ReplyStatus.COMPLETED, False)

    @precondition(lambda self: bool(self.queue))
    @rule(interrupts=st.booleans())
    def a_long_reply_plays_on(self, interrupts: bool) -> None:
        deadline = deadline_of(self.state)
        if deadline is not None and deadline > self.now + 70:
            self.now = self.fruit_at = Seconds(self.now + 70)
        if interrupts and self.awake and self.user_item is None:
            self.the_user_starts_to_speak()

    @precondition(lambda self: self.awake and self.user_item is None)
    @rule(between=st.sampled_from(BETWEEN))
    def a_question_is_heard_and_answered(self, between: str) -> None:
        self.a_turn_is_asked_and_a_reply_begins(0, 0, False)
        if not self.awake or self.response is None:
            return
        first = "item" if "part" in between else "reply"
        self.much_of_the_reply_comes(900, 1, "all", first)
        match between:
            case "an announcement":
                self.the_house_speaks_up()
                self.the_house_has_spoken()
            case "a cough":
                self.a_television_talks(1)
            case "a second part that waits":
                self.much_of_the_reply_comes(900, 1, "nothing", "reply")
            case "a second part that plays":
                self.much_of_the_reply_comes(900, 2, "nothing", "reply")
                self.the_speaker_plays(900)
            case "a second part that nearly ends":
                self.much_of_the_reply_comes(900, 1, "nothing", "item")
                self.the_speaker_plays(600)
        if self.awake and self.user_item is None:
            self.the_user_starts_to_speak()
        while self.stops_due:
            self.the_speaker_reports_its_stop(0)
        if self.awake and self.response is not None:
            self.the_reply_ends(ReplyStatus.COMPLETED, False)

    @precondition(lambda self: bool(set(self.queue) & self.complete))
    @rule()
    def what_is_queued_is_heard(self) -> None:
        self.hear_out()

    def hear_out(self) -> None:
        """Play what is queued, up to the first item of which more may come."""
        for item in list(self.queue):
            if item in self.queue:
                self.the_speaker_plays(100_000)

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
            self.heard_out = not self.queue
            self.tell(e.SpeakerFinished(item, Milliseconds(length // BYTES_PER_MS)))

    @precondition(lambda self: bool(self.stops_due))
    @rule(too_much=st.sampled_from([0, 0, 40]))
    def the_speaker_reports_its_stop(self, too_much: int) -> None:
        item, heard = self.stops_due.pop(0)
        heard += too_much if heard else 0
        was_open = self.link_open and isinstance(self.state, Awake)
        tracked = was_open and any(s.item == item for s in self.state.sounding)  # type: ignore[union-attr]
        consent = getattr(getattr(self.state, "turn", None), "after_question", None)
        self.tell(e.SpeakerStopped(item, Milliseconds(heard)))
        if isinstance(self.state, Awake) and self.state.turn.after_question and consent is False:
            missing = self.received[item] // BYTES_PER_MS - heard
            whole = item in self.complete and missing <= self.limits.answered_early
            assert whole, "half a question has no answer"
            assert not self.cut_in, "more of the question was to come"
        if tracked:
            assert (item in self.truncated) == (heard > 0)
            assert (item in self.deleted) == (heard <= 0)

    @precondition(lambda self: bool(self.queue))
    @rule(luck=RARELY)
    def the_speaker_loses_its_device(self, luck: int) -> None:
        if luck > 3:
            return
        lost = {i: self.played.get(i, 0) // BYTES_PER_MS for i in self.queue}
        self.queue.clear()
        self.interrupted.update(lost)
        for item, heard in lost.items():
            self.tell(e.SpeakerStopped(item, Milliseconds(heard)))
        if self.awake and self.response is not None and self.item in lost:
            self.the_reply_sounds(100, False)

    @rule()
    def the_house_speaks_up(self) -> None:
        item = ItemId(self.fresh("announcement"))
        self.announcements.append(item)
        self.heard_out = False
        self.tell(e.SpeakerStarted(item))

    @precondition(lambda self: bool(self.announcements))
    @rule()
    def the_house_has_spoken(self) -> None:
        self.tell(e.SpeakerFinished(self.announcements.pop(0), Milliseconds(1000)))

    # ------------------------------------------------------------ time

    @rule(seconds=st.floats(0.1, 2.0))
    def time_passes(self, seconds: float) -> None:
        self.now = Seconds(self.now + seconds)
        deadline = deadline_of(self.state)
        if deadline is not None and deadline <= self.now:
            self.tell(e.DeadlinePassed())
            assert isinstance(self.state, Asleep)

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

    def hear(self, *, loud: bool) -> None:
        self.frames += 1
        pcm = frame(self.frames, loud=loud)
        speaks = bool(self.queue or self.announcements)
        if isinstance(self.state, Connecting):
            self.heard_since_wake.append(pcm)
        before = len(self.audio_sent)
        was_awake = self.awake
        self.tell(e.MicHeard(pcm))
        if was_awake and self.awake:
            (sent,) = self.audio_sent[before:]
            assert sent == bytes(len(pcm)) if speaks else sent == pcm or self.stops_due
            self.audio_sent[before:] = [pcm]

    @precondition(lambda self: self.awake)
    @rule(impatient=st.booleans())
    def interrupt_by_the_wake_word(self, impatient: bool) -> None:
        assert isinstance(self.state, Awake)
        sounding = [s.item for s in self.state.sounding]
        noisy = bool(self.queue or self.announcements)
        if noisy:
            self.interrupted.update(sounding)
        orders = self.tell(e.WakeWordHeard("hey_jarvis", 0.9))
        if noisy:
            assert orders[0] == c.StopSpeaker(), "the wake word silences the house"
        if impatient:
            self.tell(e.WakeWordHeard("hey_jarvis", 0.9))


SETTINGS = settings(max_examples=300, stateful_step_count=60, deadline=None, derandomize=True)
TestConversations = Conversations.TestCase
TestConversations.settings = SETTINGS
TestHalfDuplex = HalfDuplex.TestCase
TestHalfDuplex.settings = SETTINGS
