"""The mind of the local far end: what was heard becomes calls, outcomes become sentences.

Four rules hold whatever is said. Only evidence moves things: a sentence of the grammar, or free
text that is understood whole. Protected actions need firm evidence. A negation in the free text
stops every action. A question of ours is answered by the very next turn or by nobody.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from assistant.local.outcomes import Outcome, outcome_of
from assistant.local.reading import Reader, Reading, Refusal, Topic, WantedCall, Wish
from assistant.local.small_talk import date_of, describe_house, help_for, time_of_day
from assistant.local.spoken import plainly
from assistant.local.utterance import MEAN_LIMIT, WORDS_PER_SECOND, Utterance
from assistant.local.wording import LEFT_ALONE, UNPROVEN, question_for, worded


@dataclass(frozen=True, slots=True)
class Say:
    """A whole answer in words."""

    text: str


@dataclass(frozen=True, slots=True)
class Call:
    """Functions to run; their outputs come back through `Dialogue.learn`."""

    calls: tuple[WantedCall, ...]
    preface: str = ""


Answer = Say | Call

OUT_OF_REACH = "Sorry, I can't do that offline."
NOT_CAUGHT = "I didn't catch that."
NOT_OFFERED = "I can't do that here."
UNSURE = "I am not sure I heard that right. Please say it again."
NEGATED = "All right, I leave everything as it is."
NOTHING_ASKED = ""
"""A stray "yeah" in the room is no talk with us."""
NOTHING_SAID = "I have not said anything yet."
NOT_CONFIRMED = "I can't take that as a confirmation. Please ask for it again."
ONE_QUESTION = "I can only ask about one thing at a time."

NEGATIONS = frozenset(
    {"not", "don't", "dont", "never", "without", "except", "unless", "cannot", "nothing", "but"}
)
UNFINISHED_ENDINGS = frozenset({"the", "a", "an", "to", "and", "in", "on", "my", "of", "for"})

_READS_ONLY = frozenset({"home_get_state", "timer_list"})
_DECLINES = frozenset({Topic.NO, Topic.CANCEL, Topic.END})


@dataclass(frozen=True, slots=True)
class _Heard:
    reading: Reading | None
    firm: bool
    negated: bool


@dataclass(frozen=True, slots=True)
class _Pending:
    confirmation_id: str
    call: WantedCall


class Dialogue:
    """One conversation: hears utterances, wants calls, learns their outputs, answers."""

    def __init__(self, understanding: Reader, tools_offered: frozenset[str]) -> None:
        self._understanding = understanding
        self._tools = tools_offered
        self._pending: _Pending | None = None
        self._confirming: _Pending | None = None
        self._last_said = NOTHING_SAID

    def hear(self, utterance: Utterance, now: datetime) -> Answer:
        """Answer one turn of the user; `now` is the local time of day."""
        heard = self._make_out(utterance)
        pending, self._pending = self._pending, None
        if pending is not None and (answer := self._settle(pending, heard)) is not None:
            return self._remembered(answer)
        return self._remembered(self._answer(heard, utterance, now))

    def learn(self, outputs: Sequence[tuple[WantedCall, str]]) -> Answer:
        """Word the outputs of the calls, once all have arrived."""
        said = [self._told(call, outcome_of(output)) for call, output in outputs]
        question = question_for(self._pending.call) if self._pending else ""
        text = " ".join(dict.fromkeys(filter(None, (*said, question))))
        return self._remembered(Say(text or UNPROVEN))

    def _make_out(self, utterance: Utterance) -> _Heard:
        negated = is_negated(utterance.free)
        if utterance.grammar is not None and utterance.believes_grammar:
            reading = self._understanding.read(utterance.grammar)
            if reading is not None:
                said = self._understanding.is_sentence(utterance.grammar)
                return _Heard(reading, said and utterance.believes_grammar_firmly, negated)
        firm = utterance.typed and self._understanding.is_sentence(utterance.free)
        return _Heard(self._understanding.read(utterance.free), firm, negated)

    def _settle(self, pending: _Pending, heard: _Heard) -> Answer | None:
        if heard.reading is Topic.YES:
            if heard.firm and not heard.negated:
                return self._confirm(pending, approved=True)
            return Say(f"I am not sure that was a yes. {LEFT_ALONE}")
        if isinstance(heard.reading, Topic) and heard.reading in _DECLINES:
            return self._confirm(pending, approved=False)
        return None if heard.reading is not None else Say(f"{NOT_CAUGHT} {LEFT_ALONE}")

    def _confirm(self, pending: _Pending, *, approved: bool) -> Answer:
        self._confirming = pending
        arguments = {"confirmation_id": pending.confirmation_id, "approved": approved}
        return self._call(WantedCall("home_confirm", arguments))

    def _answer(self, heard: _Heard, utterance: Utterance, now: datetime) -> Answer:
        match heard.reading:
            case None:
                return Say(self._not_understood(utterance))
            case Refusal(why):
                return Say(why)
            case Wish() as wish:
                return self._grant(wish, heard)
            case topic:
                return self._talk(topic, now)

    def _grant(self, wish: Wish, heard: _Heard) -> Answer:
        if heard.negated and not all(call.name in _READS_ONLY for call in wish.calls):
            return Say(NEGATED)
        if wish.protected and not heard.firm:
            return Say(UNSURE)
        return self._call(*wish.calls)

    def _call(self, *calls: WantedCall) -> Answer:
        if any(call.name not in self._tools for call in calls):
            return Say(NOT_OFFERED)
        return Call(calls)

    def _talk(self, topic: Topic, now: datetime) -> Answer:
        match topic:
            case Topic.TIME:
                return Say(time_of_day(now))
            case Topic.DATE:
                return Say(date_of(now))
            case Topic.HELP:
                return Say(help_for(self._understanding.devices))
            case Topic.HOUSE:
                return Say(describe_house(self._understanding.devices))
            case Topic.END | Topic.CANCEL:
                return self._end()
        return Say(self._brief_talk(topic))

    def _brief_talk(self, topic: Topic) -> str:
        replies: Mapping[Topic, str] = {
            Topic.REPEAT: self._last_said,
            Topic.YES: NOTHING_ASKED,
            Topic.NO: "Okay.",
            Topic.THANKS: "You're welcome.",
        }
        return replies[topic]

    def _end(self) -> Answer:
        ending = WantedCall("end_conversation", {})
        return Call((ending,)) if ending.name in self._tools else Say("Okay.")

    def _not_understood(self, utterance: Utterance) -> str:
        if not is_clear(utterance) or self._sounds_unfinished(utterance.free):
            return NOT_CAUGHT
        return NEGATED if self._is_forbidden_command(utterance.free) else OUT_OF_REACH

    def _sounds_unfinished(self, text: str) -> bool:
        words = plainly(text).split()
        ends_open = bool(words) and words[-1] in UNFINISHED_ENDINGS
        return ends_open or self._understanding.is_unfinished(text)

    def _is_forbidden_command(self, text: str) -> bool:
        words = plainly(text).replace("do not", "don't").split()
        rest = " ".join(word for word in words if word not in NEGATIONS)
        return is_negated(text) and isinstance(self._understanding.read(rest), Wish)

    def _told(self, call: WantedCall, outcome: Outcome) -> str:
        if call.name == "end_conversation":
            return "Okay."
        if call.name == "home_confirm":
            return self._confirmed(call, outcome)
        if outcome.status == "needs_confirmation" and outcome.confirmation_id:
            return self._ask(call, outcome)
        return worded(call, outcome)

    def _ask(self, call: WantedCall, outcome: Outcome) -> str:
        if self._pending is not None:
            return ONE_QUESTION
        self._pending = _Pending(outcome.confirmation_id, call)
        return ""

    def _confirmed(self, call: WantedCall, outcome: Outcome) -> str:
        confirmed, self._confirming = self._confirming, None
        if not call.arguments.get("approved"):
            return LEFT_ALONE
        if outcome.status == "denied":
            return NOT_CONFIRMED
        return worded(confirmed.call if confirmed is not None else call, outcome)

    def _remembered(self, answer: Answer) -> Answer:
        if isinstance(answer, Say):
            self._last_said = answer.text
        return answer


def is_negated(text: str) -> bool:
    """True if a text holds a word that turns a command around."""
    words = plainly(text).split()
    return any(word in NEGATIONS or word.endswith("n't") for word in words)


def is_clear(utterance: Utterance) -> bool:
    """True if the free text was clearly spoken, whatever it means."""
    words = len(plainly(utterance.free).split())
    if words == 0 or utterance.typed:
        return words > 0
    spoken_fast_enough = words >= WORDS_PER_SECOND * utterance.seconds
    return words > 1 and spoken_fast_enough and utterance.free_score / (words + 1) > MEAN_LIMIT
