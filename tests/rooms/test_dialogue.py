"""The mind of the far end: what is heard, with which evidence, and what it may move."""

import json
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from assistant.local.dialogue import (
    NEGATED,
    NOT_CAUGHT,
    NOT_CONFIRMED,
    NOT_OFFERED,
    NOTHING_ASKED,
    NOTHING_SAID,
    ONE_QUESTION,
    OUT_OF_REACH,
    UNSURE,
    Answer,
    Call,
    Dialogue,
    Say,
    is_clear,
    is_negated,
)
from assistant.local.intents import Understanding, load_english
from assistant.local.reading import Reading, WantedCall, Wish
from assistant.local.utterance import Utterance
from assistant.local.wording import LEFT_ALONE, UNPROVEN
from tests.doubles.house_of_eighteen import HOUSE_OF_EIGHTEEN

NOW = datetime(2026, 11, 24, 14, 30)  # noqa: DTZ001 - the local clock's own time
TOOLS = frozenset(
    {
        *("home_turn", "home_get_state", "home_set_light", "home_set_cover", "home_set_climate"),
        *("home_set_fan", "home_activate", "home_vacuum", "home_security", "home_confirm"),
        *("home_media", "timer_start", "timer_cancel", "timer_list", "end_conversation"),
    }
)


class Remembering(Understanding):
    """Reads each text once: the stories below repeat a few sentences a thousand times."""

    @cache  # noqa: B019 - one instance lives as long as the tests
    def read(self, text: str) -> Reading | None:
        return super().read(text)


@cache
def _understanding() -> Understanding:
    return Remembering(load_english(), HOUSE_OF_EIGHTEEN)


def _dialogue(tools: frozenset[str] = TOOLS) -> Dialogue:
    return Dialogue(_understanding(), tools)


def _typed(text: str) -> Utterance:
    return Utterance(text, typed=True)


def _clearly(text: str) -> Utterance:
    """Spoken so that free text and grammar agree."""
    return Utterance(text, text, -1.0, -1.0, seconds=1.0)


def _doubtfully(text: str, free: str | None = None) -> Utterance:
    """Spoken well enough for harmless things only."""
    return Utterance(free if free is not None else text, text, -1.0, -6.0, seconds=1.0)


def _freely(text: str) -> Utterance:
    """Spoken clearly, but the grammar has no sentence for it."""
    return Utterance(text, None, -1.0, 0.0, seconds=1.0)


def _hear(dialogue: Dialogue, utterance: Utterance) -> Answer:
    return dialogue.hear(utterance, NOW)


def _said(dialogue: Dialogue, utterance: Utterance) -> str:
    answer = _hear(dialogue, utterance)
    assert isinstance(answer, Say), answer
    return answer.text


def _called(dialogue: Dialogue, utterance: Utterance) -> tuple[WantedCall, ...]:
    answer = _hear(dialogue, utterance)
    assert isinstance(answer, Call), answer
    return answer.calls


def _learn(dialogue: Dialogue, call: WantedCall, status: str, **more: Any) -> str:
    answer = dialogue.learn([(call, json.dumps({"status": status, **more}))])
    assert isinstance(answer, Say)
    return answer.text


def _asked_to_unlock(confirmation_id: str = "q1") -> Dialogue:
    dialogue = _dialogue()
    (call,) = _called(dialogue, _clearly("unlock the back door"))
    question = _learn(dialogue, call, "needs_confirmation", confirmation_id=confirmation_id)
    assert question == "Unlock the back door?"
    return dialogue


class TestEvidence:
    def test_a_believed_sentence_of_the_grammar_moves_the_home(self) -> None:
        (call,) = _called(_dialogue(), _clearly("turn on the kitchen light"))
        assert call.name == "home_turn"
        assert call.arguments == {"target": {"name": "kitchen light"}, "state": "on"}

    def test_the_grammar_is_preferred_to_a_misspelled_free_text(self) -> None:
        heard = _doubtfully("turn on the kitchen light", free="turn on the chicken light")
        assert _called(_dialogue(), heard)[0].arguments["target"] == {"name": "kitchen light"}

    def test_a_sentence_that_is_not_believed_moves_nothing(self) -> None:
        heard = Utterance("tell me a joke", "turn on the kitchen light", -1.0, -40.0, seconds=1.0)
        assert _said(_dialogue(), heard) == OUT_OF_REACH

    def test_a_short_word_does_not_stand_for_a_long_sound(self) -> None:
        heard = Utterance("close the garage door", "stop", -9.0, -1.0, seconds=3.0)
        assert _said(_dialogue(), heard) == UNSURE

    def test_free_text_that_is_understood_whole_moves_harmless_things(self) -> None:
        (call,) = _called(_dialogue(), _freely("set the kitchen light to 33%"))
        assert call.arguments["brightness_pct"] == 33

    @pytest.mark.parametrize(
        "text",
        ["unlock the back door", "lock the back door", "open the garage door", "disarm the alarm"],
    )
    @pytest.mark.parametrize("hear", [_freely, _doubtfully])
    def test_a_protected_thing_needs_firm_evidence(self, text: str, hear: Any) -> None:
        assert _said(_dialogue(), hear(text)) == UNSURE

    @pytest.mark.parametrize("hear", [_clearly, _typed])
    def test_firm_evidence_moves_a_protected_thing(self, hear: Any) -> None:
        (call,) = _called(_dialogue(), hear("unlock the back door"))
        assert call.arguments == {"target": {"name": "back door"}, "action": "unlock"}

    def test_typed_text_outside_the_grammar_moves_no_protected_thing(self) -> None:
        text = "unlock my back door"
        assert not _understanding().is_sentence(text)
        assert isinstance(_understanding().read(text), Wish)
        assert _said(_dialogue(), _typed(text)) == UNSURE
        assert _said(_dialogue(), Utterance(text, text, typed=True)) == UNSURE


class TestNegation:
    @pytest.mark.parametrize(
        "free",
        ["don't turn on the kitchen light", "do not turn on the kitchen light",
         "turn on the kitchen light not", "never turn on the kitchen light",
         "turn on everything but the kitchen light", "you shouldn't turn on the kitchen light"],
    )  # fmt: skip
    def test_a_negation_in_the_free_text_stops_a_believed_command(self, free: str) -> None:
        heard = _doubtfully("turn on the kitchen light", free=free)
        assert _said(_dialogue(), heard) == NEGATED

    def test_a_negated_command_is_acknowledged(self) -> None:
        assert _said(_dialogue(), _freely("don't turn on the kitchen light")) == NEGATED

    def test_a_question_may_hold_a_negation(self) -> None:
        heard = _doubtfully("is the front door locked", free="isn't the front door locked")
        assert _called(_dialogue(), heard)[0].name == "home_get_state"

    def test_an_action_beside_a_question_is_stopped_too(self) -> None:
        text = "is the front door locked and turn on the kitchen light"
        assert len(_called(_dialogue(), _typed(text))) == 2
        assert _said(_dialogue(), _doubtfully(text, free=f"don't say {text}")) == NEGATED

    def test_never_mind_is_no_veto_but_an_end(self) -> None:
        assert _called(_dialogue(), _clearly("never mind"))[0].name == "end_conversation"

    def test_negations_are_words_not_letters(self) -> None:
        assert is_negated("Don\u2019t do it")
        assert is_negated("it won't")
        assert not is_negated("turn on the knot lamp")
        assert not is_negated("")


class TestOutOfGrammar:
    def test_wrong_topics_of_the_test_data_do_nothing(self, shared_data: Path) -> None:
        lines = (shared_data / "speech" / "out_of_grammar.txt").read_text().split("\n")
        answers = {line: _hear(_dialogue(), _freely(line)) for line in lines if line}
        assert len(answers) > 10
        assert [line for line, answer in answers.items() if not isinstance(answer, Say)] == []

    def test_clear_speech_about_something_else_is_out_of_reach(self) -> None:
        assert _said(_dialogue(), _freely("tell me a joke")) == OUT_OF_REACH
        assert _said(_dialogue(), _typed("joke")) == OUT_OF_REACH

    @pytest.mark.parametrize(
        "heard",
        [
            Utterance(""),
            Utterance("hm", None, -1.0, 0.0, seconds=0.3),
            Utterance("the the", None, -40.0, 0.0, seconds=1.0),
            Utterance("okay then", None, -1.0, 0.0, seconds=9.0),
            _freely("turn on the"),
            _freely("i went to the"),
            _freely("set a timer"),
            _typed(""),
        ],
    )
    def test_what_was_unclear_or_unfinished_was_not_caught(self, heard: Utterance) -> None:
        assert _said(_dialogue(), heard) == NOT_CAUGHT

    def test_a_stranger_is_told_to_be_one(self) -> None:
        told = _said(_dialogue(), _freely("turn on the patio heater"))
        assert told == "I know no device called patio heater."

    def test_clarity_is_a_matter_of_words_pace_and_likelihood(self) -> None:
        assert is_clear(Utterance("tell me", None, -8.9, 0.0, seconds=2.0))
        assert not is_clear(Utterance("tell me", None, -9.0, 0.0, seconds=2.0))
        assert not is_clear(Utterance("tell me", None, -8.9, 0.0, seconds=2.1))


class TestTools:
    @pytest.mark.parametrize(
        "text", ["turn on the kitchen light", "set a timer for ten minutes", "pause the music"]
    )
    def test_what_is_not_offered_is_not_called(self, text: str) -> None:
        assert _said(_dialogue(frozenset({"home_get_state"})), _typed(text)) == NOT_OFFERED

    def test_half_an_offer_is_none(self) -> None:
        text = "turn on the kitchen light and close the living room blinds"
        assert _said(_dialogue(frozenset({"home_turn"})), _typed(text)) == NOT_OFFERED

    def test_without_its_function_a_conversation_ends_in_a_word(self) -> None:
        assert _said(_dialogue(frozenset()), _typed("never mind")) == "Okay."


class TestTalk:
    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ("what time is it", "It's two thirty in the afternoon."),
            ("what's the date", "Today is Tuesday, November twenty fourth."),
            ("thank you", "You're welcome."),
            ("yes", NOTHING_ASKED),
            ("no", "Okay."),
            ("say that again", NOTHING_SAID),
        ],
    )
    def test_talk_is_answered_without_the_home(self, text: str, told: str) -> None:
        assert _said(_dialogue(frozenset()), _clearly(text)) == told

    def test_help_and_house_are_told_at_length(self) -> None:
        assert "turn on the kitchen light" in _said(_dialogue(), _clearly("help"))
        assert len(_said(_dialogue(), _clearly("tell me about the house"))) > 300

    @pytest.mark.parametrize("text", ["never mind", "stop", "that's all", "goodbye", "cancel"])
    def test_the_user_ends_the_conversation(self, text: str) -> None:
        dialogue = _dialogue()
        (call,) = _called(dialogue, _clearly(text))
        assert call == WantedCall("end_conversation", {})
        assert _learn(dialogue, call, "done") == "Okay."

    def test_the_last_words_can_be_heard_again(self) -> None:
        dialogue = _dialogue()
        (call,) = _called(dialogue, _clearly("turn on the kitchen light"))
        assert _learn(dialogue, call, "done") == "The kitchen light is on."
        assert _said(dialogue, _clearly("say that again")) == "The kitchen light is on."
        assert _said(dialogue, _clearly("say that again")) == "The kitchen light is on."


class TestOutputs:
    def test_two_outputs_are_told_in_their_order_and_the_same_words_once(self) -> None:
        dialogue = _dialogue()
        text = "turn off the kitchen light and the bedroom light"
        calls = _called(dialogue, _clearly(text))
        outputs = [(call, json.dumps({"status": "done"})) for call in calls]
        told = dialogue.learn(outputs)
        assert told == Say("The kitchen light is off. The bedroom light is off.")
        offline = [(call, json.dumps({"status": "offline"})) for call in calls]
        assert dialogue.learn(offline) == Say("I can't reach the home right now.")

    def test_no_output_proves_nothing(self) -> None:
        assert _dialogue().learn([]) == Say(UNPROVEN)

    def test_a_question_without_an_id_cannot_be_answered(self) -> None:
        dialogue = _dialogue()
        (call,) = _called(dialogue, _clearly("unlock the back door"))
        assert _learn(dialogue, call, "needs_confirmation") == UNPROVEN
        assert _said(dialogue, _clearly("yes")) == NOTHING_ASKED

    def test_of_two_questions_only_the_first_is_asked(self) -> None:
        dialogue = _dialogue()
        first = WantedCall("home_security", {"target": {"name": "a"}, "action": "unlock"})
        second = WantedCall("home_security", {"target": {"name": "b"}, "action": "unlock"})
        outputs = [
            (call, json.dumps({"status": "needs_confirmation", "confirmation_id": name}))
            for call, name in ((first, "q1"), (second, "q2"))
        ]
        assert dialogue.learn(outputs) == Say(f"{ONE_QUESTION} Unlock the a?")
        (call,) = _called(dialogue, _clearly("yes"))
        assert call.arguments == {"confirmation_id": "q1", "approved": True}


class TestConfirmation:
    @pytest.mark.parametrize("yes", ["yes", "yes please", "do it"])
    @pytest.mark.parametrize("hear", [_clearly, _typed])
    def test_a_firm_yes_confirms(self, yes: str, hear: Any) -> None:
        dialogue = _asked_to_unlock()
        (call,) = _called(dialogue, hear(yes))
        assert call == WantedCall("home_confirm", {"confirmation_id": "q1", "approved": True})
        devices = [{"name": "back door", "state": {"lock": "unlocked"}}]
        assert _learn(dialogue, call, "done", devices=devices) == "The back door is unlocked."

    @pytest.mark.parametrize("no", ["no", "no thanks", "don't", "never mind", "cancel", "stop"])
    def test_a_no_is_passed_on_as_a_no(self, no: str) -> None:
        dialogue = _asked_to_unlock()
        (call,) = _called(dialogue, _clearly(no))
        assert call == WantedCall("home_confirm", {"confirmation_id": "q1", "approved": False})
        assert _learn(dialogue, call, "denied", message="Cancelled.") == LEFT_ALONE
        assert _said(dialogue, _clearly("yes")) == NOTHING_ASKED

    @pytest.mark.parametrize(
        "heard",
        [
            _freely("yes"),
            _doubtfully("yes"),
            _doubtfully("yes", free="no not yes"),
            Utterance("yes", "yes", -0.1, -0.1, seconds=4.0),
            Utterance("don't", "yes", -0.1, -0.1, seconds=0.5),
        ],
    )
    def test_a_doubtful_yes_confirms_nothing(self, heard: Utterance) -> None:
        dialogue = _asked_to_unlock()
        assert LEFT_ALONE in _said(dialogue, heard)
        assert _said(dialogue, _clearly("yes")) == NOTHING_ASKED

    @pytest.mark.parametrize("heard", [_freely("tell me a joke"), Utterance("")])
    def test_an_answer_that_is_not_understood_cancels(self, heard: Utterance) -> None:
        dialogue = _asked_to_unlock()
        assert _said(dialogue, heard) == f"{NOT_CAUGHT} {LEFT_ALONE}"
        assert _said(dialogue, _clearly("yes")) == NOTHING_ASKED

    def test_another_command_is_done_and_cancels_the_question(self) -> None:
        dialogue = _asked_to_unlock()
        assert _called(dialogue, _clearly("turn on the kitchen light"))[0].name == "home_turn"
        assert _said(dialogue, _clearly("yes")) == NOTHING_ASKED

    def test_a_yes_confirms_once(self) -> None:
        dialogue = _asked_to_unlock()
        (call,) = _called(dialogue, _clearly("yes"))
        _learn(dialogue, call, "done")
        assert _said(dialogue, _clearly("yes")) == NOTHING_ASKED

    def test_a_home_that_refuses_the_confirmation_is_believed(self) -> None:
        dialogue = _asked_to_unlock()
        (call,) = _called(dialogue, _clearly("yes"))
        assert _learn(dialogue, call, "denied", message="Ask again.") == NOT_CONFIRMED

    def test_the_home_may_still_fail_after_the_yes(self) -> None:
        dialogue = _asked_to_unlock()
        (call,) = _called(dialogue, _clearly("yes"))
        told = _learn(dialogue, call, "timeout")
        assert told == "The back door did not answer, it may still happen."

    def test_an_output_of_a_confirmation_that_nobody_remembers_is_still_worded(self) -> None:
        call = WantedCall("home_confirm", {"confirmation_id": "old", "approved": True})
        assert _learn(_dialogue(), call, "offline") == "I can't reach the home right now."


SENTENCES = (
    "unlock the back door",
    "open the garage door",
    "disarm the alarm",
    "lock the front door and turn off all the lights",
    "turn on the kitchen light",
    "is the front door locked",
    "yes",
    "yes please",
    "no",
    "never mind",
    "say that again",
    "what time is it",
    "tell me a joke",
)
PROTECTED = frozenset(SENTENCES[:4])
YES = frozenset({"yes", "yes please"})
MANNERS = {"clearly": _clearly, "doubtfully": _doubtfully, "freely": _freely, "typed": _typed}
FIRM = frozenset({"clearly", "typed"})
STATUSES = ("done", "timeout", "offline", "denied", "needs_confirmation", "in_progress")


class Conversation(RuleBasedStateMachine):
    """A user who says anything, in any manner, and a home that answers anything."""

    dialogue: Dialogue
    answer: Answer
    sentence: str
    manner: str
    negated: bool
    open_question: str | None  # what the last thing said by the far end asked for
    answered_question: str | None  # what was open when the user spoke
    questions: int

    @initialize(offered=st.sampled_from([TOOLS, TOOLS - {"home_turn"}]))
    def begin(self, offered: frozenset[str]) -> None:
        self.offered = offered
        self.dialogue = _dialogue(offered)
        self.answer = Say("")
        self.sentence, self.manner, self.negated = "", "clearly", False
        self.open_question = self.answered_question = None
        self.questions = 0

    @rule(
        sentence=st.sampled_from(SENTENCES),
        manner=st.sampled_from(sorted(MANNERS)),
        negated=st.sampled_from([False, False, True]),
    )
    def speak(self, sentence: str, manner: str, negated: bool) -> None:
        self.sentence, self.manner, self.negated = sentence, manner, negated
        heard = MANNERS[manner](sentence)
        if negated:
            heard = Utterance(
                f"don't {sentence}",
                heard.grammar,
                heard.free_score,
                heard.grammar_score,
                heard.seconds,
                heard.typed,
            )
        self.answered_question, self.open_question = self.open_question, None
        self.answer = _hear(self.dialogue, heard)

    @precondition(lambda self: isinstance(self.answer, Call))
    @rule(status=st.sampled_from(STATUSES))
    def answer_calls(self, status: str) -> None:
        assert isinstance(self.answer, Call)
        self.questions += 1
        name = f"q{self.questions}"
        output = json.dumps({"status": status, "confirmation_id": name})
        asked = [call for call in self.answer.calls if call.name.startswith("home_s")]
        self.told = self.dialogue.learn([(call, output) for call in self.answer.calls])
        asks = status == "needs_confirmation" and any(
            call.name not in {"home_confirm", "end_conversation"} for call in self.answer.calls
        )
        self.open_question = name if asks else None
        self._judge_words(status, asked)
        self.answer = Say("")

    def _judge_words(self, status: str, asked: list[WantedCall]) -> None:
        assert isinstance(self.told, Say)
        if status != "done":
            claims = (" is on.", " is off.", "is unlocked", "is open.", "are off.", "Done.")
            assert not [claim for claim in claims if claim in self.told.text]
        if self.open_question is not None:
            assert self.told.text.endswith("?")
        assert self.told.text or not asked

    @invariant()
    def nothing_is_called_that_was_not_offered(self) -> None:
        assert {call.name for call in self._calls()} <= self.offered

    @invariant()
    def only_a_firm_yes_to_the_open_question_approves(self) -> None:
        for call in self._confirmations():
            if call.arguments["approved"]:
                assert self.sentence in YES
                assert self.manner in FIRM
                assert not self.negated
            assert call.arguments["confirmation_id"] == self.answered_question

    @invariant()
    def a_firm_yes_to_the_open_question_does_approve(self) -> None:
        firm_yes = self.sentence in YES and self.manner in FIRM and not self.negated
        if firm_yes and self.answered_question and isinstance(self.answer, Call):
            assert [call.arguments["approved"] for call in self._confirmations()] == [True]
        if firm_yes and self.answered_question and self._has_just_spoken():
            assert isinstance(self.answer, Call)

    @invariant()
    def protected_things_move_only_on_firm_evidence(self) -> None:
        if self.sentence in PROTECTED and self._calls():
            assert self.manner in FIRM

    @invariant()
    def a_negation_stops_every_action(self) -> None:
        if self.negated:
            harmless = {"home_get_state", "end_conversation"}
            acting = [call for call in self._calls() if call.name not in harmless]
            assert all(call.arguments.get("approved") is False for call in acting)

    def _has_just_spoken(self) -> bool:
        return self.answer != Say("")

    def _calls(self) -> tuple[WantedCall, ...]:
        answer = getattr(self, "answer", None)
        return answer.calls if isinstance(answer, Call) else ()

    def _confirmations(self) -> list[WantedCall]:
        return [call for call in self._calls() if call.name == "home_confirm"]


TestConversation = Conversation.TestCase
TestConversation.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)


def test_the_words_of_the_law_are_sentences_of_the_grammar() -> None:
    assert [one for one in SENTENCES[:-1] if not _understanding().is_sentence(one)] == []
