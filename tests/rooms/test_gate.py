"""The gate: one wake for one spoken word, and figures that tell how close it was."""

from collections.abc import Iterable

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from assistant.wake.gate import Gate, Hit, WordHealth, WordPolicy

REFRACTORY = 19
HIGH, NEARLY, LOW = 0.9, 0.4, 0.01


def a_gate(threshold: float = 0.5, consecutive: int = 2, refractory: int = REFRACTORY) -> Gate:
    return Gate({"jarvis": WordPolicy(threshold, consecutive)}, refractory)


def wakes_at(gate: Gate, scores: Iterable[float]) -> list[int]:
    """Feed scores of the one word; the numbers of the frames that woke us."""
    return [at for at, score in enumerate(scores) if gate.hear({"jarvis": score})]


def test_the_second_frame_above_the_threshold_wakes_with_its_score() -> None:
    gate = a_gate()
    assert gate.hear({"jarvis": 0.7}) is None
    assert gate.hear({"jarvis": 0.8}) == Hit("jarvis", 0.8)


def test_one_frame_too_few_does_not_wake() -> None:
    assert wakes_at(a_gate(consecutive=3), [HIGH, HIGH, LOW] * 20) == []
    assert wakes_at(a_gate(consecutive=3), [HIGH, HIGH, HIGH]) == [2]


def test_a_score_at_the_threshold_is_not_above_it() -> None:
    assert wakes_at(a_gate(), [0.5] * 10) == []


def test_a_score_that_is_no_number_is_not_above_anything() -> None:
    assert wakes_at(a_gate(), [float("nan")] * 10) == []


def test_a_stuck_score_fires_once() -> None:
    assert wakes_at(a_gate(), [HIGH] * 10 * REFRACTORY) == [1]


def test_a_score_that_fell_may_fire_again_after_the_refractory_time() -> None:
    assert wakes_at(a_gate(), [HIGH, HIGH] + [LOW] * 17 + [HIGH, HIGH]) == [1, 20]


def test_a_word_said_again_too_soon_is_let_through_when_the_quiet_ends() -> None:
    assert wakes_at(a_gate(), [HIGH, HIGH, LOW] + [HIGH] * 30) == [1, 1 + REFRACTORY]


def test_without_a_refractory_time_each_stretch_fires() -> None:
    assert wakes_at(a_gate(refractory=0), [HIGH, HIGH, LOW] * 3) == [1, 4, 7]


def two_words() -> Gate:
    return Gate({"alexa": WordPolicy(), "jarvis": WordPolicy(0.7, 1)}, REFRACTORY)


def test_the_first_word_wins_and_its_rival_stays_silent_for_that_sound() -> None:
    gate = two_words()
    assert gate.hear({"alexa": HIGH, "jarvis": HIGH}) == Hit("jarvis", HIGH)
    later = [gate.hear({"alexa": HIGH, "jarvis": HIGH}) for _ in range(3 * REFRACTORY)]
    assert not any(later)


def test_the_word_named_first_wins_a_tie() -> None:
    gate = Gate({"alexa": WordPolicy(0.5, 1), "jarvis": WordPolicy(0.5, 1)}, REFRACTORY)
    assert gate.hear({"jarvis": HIGH, "alexa": HIGH}) == Hit("alexa", HIGH)


def test_each_word_has_its_own_threshold() -> None:
    gate = two_words()
    assert gate.hear({"jarvis": 0.6, "alexa": 0.6}) is None
    assert gate.hear({"jarvis": 0.6, "alexa": 0.6}) == Hit("alexa", 0.6)


def test_a_word_without_a_policy_or_without_a_score_is_passed_over() -> None:
    gate = a_gate(consecutive=1)
    assert gate.hear({"computer": 1.0}) is None
    assert gate.hear({}) is None


def figures_after(scores: Iterable[float], gate: Gate) -> WordHealth:
    wakes_at(gate, scores)
    return gate.report()["jarvis"]


def test_a_stretch_that_came_close_is_one_near_miss() -> None:
    scores = [LOW, NEARLY, HIGH, NEARLY, LOW, NEARLY, LOW]
    assert figures_after(scores, a_gate()) == WordHealth(0, 2, HIGH)


def test_a_stretch_that_has_not_ended_is_not_judged_yet() -> None:
    assert figures_after([NEARLY, NEARLY], a_gate()).near_misses == 0


def test_the_tail_of_a_wake_is_no_near_miss() -> None:
    scores = [LOW, NEARLY, HIGH, HIGH, HIGH, NEARLY, NEARLY, LOW]
    assert figures_after(scores, a_gate()) == WordHealth(1, 0, HIGH)


def test_a_near_miss_after_a_wake_is_counted() -> None:
    scores = [HIGH, HIGH, LOW, NEARLY, LOW]
    assert figures_after(scores, a_gate()) == WordHealth(1, 1, HIGH)


def test_under_a_low_threshold_near_begins_at_the_threshold() -> None:
    assert figures_after([0.25, LOW, 0.15, LOW], a_gate(threshold=0.2)).near_misses == 1


def test_a_rival_of_the_word_that_won_is_no_near_miss() -> None:
    gate = two_words()
    gate.hear({"alexa": HIGH, "jarvis": HIGH})
    gate.hear({})
    assert gate.report()["alexa"] == WordHealth(0, 0, HIGH)


def test_a_report_begins_the_figures_anew() -> None:
    gate = a_gate()
    assert figures_after([HIGH, HIGH, LOW, NEARLY, LOW], gate) == WordHealth(1, 1, HIGH)
    assert figures_after([LOW], gate) == WordHealth(0, 0, LOW)


SCORE = st.sampled_from([0.0, 0.2, 0.31, 0.5, 0.51, 0.7, 0.71, 1.0])
WORDS = ("alexa", "jarvis")


class HouseWithAGate(RuleBasedStateMachine):
    """Phrases, stuck scores and noise for two words, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.frames: list[dict[str, float]] = []
        self.hits: list[tuple[int, str]] = []
        self.wakes = dict.fromkeys(WORDS, 0)

    @initialize(
        alexa=st.builds(WordPolicy, st.sampled_from([0.3, 0.5]), st.integers(1, 4)),
        jarvis=st.builds(WordPolicy, st.sampled_from([0.5, 0.7]), st.integers(1, 4)),
        refractory=st.sampled_from([0, 1, 5, 19]),
    )
    def open_the_gate(self, alexa: WordPolicy, jarvis: WordPolicy, refractory: int) -> None:
        self.policies = {"alexa": alexa, "jarvis": jarvis}
        self.refractory = refractory
        self.gate = Gate(self.policies, refractory)

    @rule(alexa=SCORE, jarvis=SCORE, frames=st.integers(1, 12))
    def hold_scores(self, alexa: float, jarvis: float, frames: int) -> None:
        for _ in range(frames):
            self.hear({"alexa": alexa, "jarvis": jarvis})

    @rule(frames=st.integers(1, 25))
    def be_quiet(self, frames: int) -> None:
        for _ in range(frames):
            self.hear({"alexa": 0.0, "jarvis": 0.0})

    @rule(scores=st.lists(st.tuples(SCORE, SCORE), min_size=1, max_size=8))
    def flicker(self, scores: list[tuple[float, float]]) -> None:
        for pair in scores:
            self.hear(dict(zip(WORDS, pair, strict=True)))

    def hear(self, scores: dict[str, float]) -> None:
        """Feed one frame and hold the gate to its laws."""
        entitled = [word for word in WORDS if self.is_entitled(word, [*self.frames, scores])]
        self.frames.append(scores)
        hit = self.gate.hear(scores)
        assert (hit.word if hit else None) == (entitled[0] if entitled else None)
        if hit:
            self.hits.append((len(self.frames) - 1, hit.word))

    def is_entitled(self, word: str, frames: list[dict[str, float]]) -> bool:
        """The law, told from the whole history instead of from a few counters."""
        policy = self.policies[word]
        above = [frame[word] > policy.threshold for frame in frames]
        latest = self.hits[-1][0] if self.hits else None
        if len(above) < policy.consecutive or not all(above[-policy.consecutive :]):
            return False
        if latest is None:
            return True
        fell_since = not all(above[latest:])
        return fell_since and len(frames) - 1 - latest >= self.refractory

    @invariant()
    def wakes_are_counted_once(self) -> None:
        if not self.frames:
            return
        for word, figures in self.gate.report().items():
            self.wakes[word] += figures.wakes
            assert self.wakes[word] == sum(each == word for _, each in self.hits)


TestHouseWithAGate = HouseWithAGate.TestCase
TestHouseWithAGate.settings = settings(
    max_examples=80, stateful_step_count=30, deadline=None, derandomize=True
)
