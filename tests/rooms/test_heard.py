"""What was heard of a reply: whole milliseconds, never more than came, each item ends once."""

from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from assistant.audio.frames import SPEAKER_RATE
from assistant.audio.heard import Finished, Ledger, Report, Started, Stopped
from assistant.audio.mixer import Mixer
from assistant.units import ItemId, Milliseconds, Seconds

ONE, TWO = ItemId("one"), ItemId("two")
SECOND = SPEAKER_RATE


def ms(number: int) -> Milliseconds:
    return Milliseconds(number)


def at(seconds: float) -> Seconds:
    return Seconds(seconds)


def ledger_with(samples: int, *, complete: bool = False, item: ItemId = ONE) -> Ledger:
    ledger = Ledger()
    ledger.receive(item, samples)
    if complete:
        ledger.complete(item)
    return ledger


def test_what_the_device_has_is_heard_only_after_its_delay() -> None:
    ledger = ledger_with(SECOND)
    ledger.give(ONE, SECOND, at(10.2))
    assert [ledger.heard(ONE, at(now)) for now in (10.0, 10.2, 10.7, 11.2, 99)] == [
        0, 0, 500, 1000, 1000,
    ]  # fmt: skip


def test_what_was_never_given_was_never_heard() -> None:
    ledger = ledger_with(SECOND)
    assert ledger.heard(ONE, at(100)) == 0
    assert ledger.stop(at(100)) == [Stopped(ONE, ms(0))]


def test_an_item_starts_once_and_finishes_once() -> None:
    ledger = ledger_with(SECOND, complete=True)
    ledger.give(ONE, SECOND, at(0))
    assert ledger.reports(at(0)) == []
    assert ledger.reports(at(0.5)) == [Started(ONE)]
    assert ledger.reports(at(0.9)) == []
    assert ledger.reports(at(1.0)) == [Finished(ONE, ms(1000))]
    assert ledger.reports(at(2.0)) == []
    assert ledger.stop(at(2.0)) == []
    assert ledger.idle


def test_an_item_that_is_not_complete_does_not_finish() -> None:
    ledger = ledger_with(SECOND)
    ledger.give(ONE, SECOND, at(0))
    assert ledger.reports(at(5)) == [Started(ONE)]
    assert not ledger.idle
    ledger.complete(ONE)
    assert ledger.reports(at(5)) == [Finished(ONE, ms(1000))]


def test_a_late_look_still_tells_the_start_before_the_end() -> None:
    ledger = ledger_with(SECOND, complete=True)
    ledger.give(ONE, SECOND, at(0))
    assert ledger.reports(at(9)) == [Started(ONE), Finished(ONE, ms(1000))]


def test_what_has_finished_by_now_is_not_stopped() -> None:
    ledger = ledger_with(SECOND, complete=True)
    ledger.give(ONE, SECOND, at(0))
    assert ledger.stop(at(1)) == [Started(ONE), Finished(ONE, ms(1000))]


def test_of_several_items_the_playing_one_was_heard_in_part_and_the_next_not_at_all() -> None:
    ledger = ledger_with(SECOND)
    ledger.receive(TWO, SECOND)
    ledger.give(ONE, SECOND, at(0))
    assert ledger.stop(at(0.25)) == [Started(ONE), Stopped(ONE, ms(250)), Stopped(TWO, ms(0))]


def test_an_item_without_sound_finishes_at_once_and_unheard() -> None:
    ledger = Ledger()
    ledger.complete(ONE)
    assert ledger.reports(at(0)) == [Finished(ONE, ms(0))]


def test_an_item_that_has_ended_stays_ended() -> None:
    ledger = ledger_with(SECOND)
    ledger.stop(at(0))
    assert not ledger.welcomes(ONE)
    ledger.receive(ONE, SECOND)
    ledger.complete(ONE)
    ledger.give(ONE, SECOND, at(0))
    assert ledger.stop(at(5)) == []


def test_a_complete_item_takes_no_more_sound() -> None:
    assert not ledger_with(SECOND, complete=True).welcomes(ONE)
    assert ledger_with(SECOND).welcomes(ONE)


def test_a_gap_between_two_blocks_is_not_counted_as_heard() -> None:
    ledger = ledger_with(SECOND)
    ledger.give(ONE, SECOND // 2, at(0))
    ledger.give(ONE, SECOND // 2, at(3))
    assert [ledger.heard(ONE, at(now)) for now in (0.5, 2.9, 3.25)] == [500, 500, 750]


def test_giving_nothing_leaves_no_mark() -> None:
    ledger = ledger_with(SECOND)
    ledger.give(ONE, 0, at(0))
    assert ledger.reports(at(1)) == []


def test_a_long_reply_forgets_old_marks_but_not_what_they_proved() -> None:
    ledger = ledger_with(500 * 240)
    for block in range(500):
        ledger.give(ONE, 240, at(block * 0.01))
    assert ledger.heard(ONE, at(4.9)) == 4900
    assert ledger.heard(ONE, at(0.0)) == (500 - 128) * 10


def test_an_item_that_was_cut_takes_no_more_and_ends_as_stopped_behind_what_came() -> None:
    ledger = ledger_with(SECOND)
    ledger.cut(ONE)
    assert not ledger.welcomes(ONE)
    ledger.give(ONE, SECOND, at(0))
    assert ledger.reports(at(0.9)) == [Started(ONE)]
    assert ledger.reports(at(1)) == [Stopped(ONE, ms(1000))]
    assert ledger.idle


def test_a_cut_item_is_never_finished_even_if_it_was_completed() -> None:
    ledger = ledger_with(SECOND, complete=True)
    ledger.cut(ONE)
    ledger.give(ONE, SECOND, at(0))
    assert ledger.reports(at(1)) == [Started(ONE), Stopped(ONE, ms(1000))]


def test_an_item_that_was_cut_at_once_ends_at_once_and_unheard() -> None:
    ledger = Ledger()
    ledger.cut(ONE)
    assert ledger.reports(at(0)) == [Stopped(ONE, ms(0))]
    ledger.cut(ONE)
    assert ledger.idle


@given(st.lists(st.tuples(st.integers(0, 9000), st.floats()), max_size=200), st.floats(-9, 1e6))
def test_whatever_the_device_says_of_time_no_more_is_heard_than_it_was_given(
    blocks: list[tuple[int, float]], now: float
) -> None:
    ledger, given_in_all = ledger_with(SECOND), 0
    for samples, sounds_at in blocks:
        ledger.give(ONE, samples, at(sounds_at))
        given_in_all += samples
        heard = ledger.heard(ONE, at(now))
        assert isinstance(heard, int)
        assert 0 <= heard <= given_in_all * 1000 // SPEAKER_RATE


class AnyPlayback(RuleBasedStateMachine):
    """A mixer and a ledger fed by a hasty far end, played by a device with a delay."""

    def __init__(self) -> None:
        super().__init__()
        self.mixer, self.ledger = Mixer(most_of_an_item=20_000, most_in_all=40_000), Ledger()
        self.now = 100.0
        self.free_at = 100.0
        self.received: dict[ItemId, int] = {}
        self.given: dict[ItemId, int] = {}
        self.complete: set[ItemId] = set()
        self.cut: set[ItemId] = set()
        self.last_heard: dict[ItemId, int] = {}
        self.told: list[Report] = []
        self.ended: dict[ItemId, Report] = {}

    def open_items(self) -> list[ItemId]:
        return [item for item in self.received if item not in self.ended]

    @rule(number=st.integers(0, 5), samples=st.integers(0, 9000))
    def the_far_end_sends_sound(self, number: int, samples: int) -> None:
        item = ItemId(f"item-{number}")
        if not self.ledger.welcomes(item):
            assert item in self.ended or item in self.complete or item in self.cut
            return
        assert item not in self.ended
        self.received.setdefault(item, 0)
        if self.mixer.has_room_for(item, bytes(2 * samples)):
            self.ledger.receive(item, self.mixer.queue(item, bytes(2 * samples)))
            self.received[item] += samples
        else:
            self.ledger.cut(item)
            self.cut.add(item)

    @rule(number=st.integers(0, 5))
    def the_far_end_completes_an_item(self, number: int) -> None:
        item = ItemId(f"item-{number}")
        self.ledger.complete(item)
        self.received.setdefault(item, 0)
        self.complete.add(item)

    @rule(samples=st.sampled_from([240, 480, 960, 1111]), delay=st.floats(0, 0.3))
    def the_device_takes_a_block(self, samples: int, delay: float) -> None:
        block = self.mixer.take(samples)
        assert len(block.pcm) == 2 * samples
        sounds = max(self.free_at, self.now + delay)
        self.free_at = sounds + samples / SPEAKER_RATE
        for item, count in block.given:
            assert item not in self.ended
            self.ledger.give(item, count, at(sounds))
            sounds += count / SPEAKER_RATE
            self.given[item] = self.given.get(item, 0) + count

    @rule(seconds=st.floats(0, 0.5))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    @rule()
    def the_speaker_looks(self) -> None:
        self.note(self.ledger.reports)

    @precondition(lambda self: self.received)
    @rule()
    def the_user_interrupts(self) -> None:
        self.mixer.drop()
        self.note(self.ledger.stop)
        assert self.open_items() == []
        assert self.ledger.idle

    def note(self, look: Callable[[Seconds], list[Report]]) -> None:
        for report in look(at(self.now)):
            item = report.item
            assert item not in self.ended
            self.told.append(report)
            match report:
                case Started():
                    assert self.told.count(report) == 1
                case Finished(heard=heard):
                    assert item in self.complete - self.cut
                    assert self.given.get(item, 0) == self.received[item]
                    assert heard == self.received[item] * 1000 // SPEAKER_RATE
                    self.ended[item] = report
                case Stopped(heard=heard):
                    self.check(item, heard)
                    assert heard == 0 or Started(item) in self.told
                    self.ended[item] = report

    def check(self, item: ItemId, heard: Milliseconds) -> None:
        assert isinstance(heard, int)
        assert 0 <= heard <= self.given.get(item, 0) * 1000 // SPEAKER_RATE
        assert heard >= self.last_heard.get(item, 0)
        self.last_heard[item] = heard

    @invariant()
    def what_waits_is_bounded(self) -> None:
        waiting = [self.received[item] - self.given.get(item, 0) for item in self.open_items()]
        assert all(samples <= 20_000 for samples in waiting)
        assert sum(waiting) <= 40_000

    @invariant()
    def what_was_heard_only_grows_and_never_exceeds_what_was_given(self) -> None:
        for item in self.open_items():
            self.check(item, self.ledger.heard(item, at(self.now)))


TestAnyPlayback = AnyPlayback.TestCase
TestAnyPlayback.settings = settings(max_examples=80, stateful_step_count=40, deadline=None)
