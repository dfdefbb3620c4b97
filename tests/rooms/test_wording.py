"""Outcomes become short true sentences; the time, the help and the house are told in words."""

import json
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.home.devices import Attribute, Device, Kind
from assistant.local.outcomes import Outcome, outcome_of
from assistant.local.phrases import clause, duration, predicate_of, the
from assistant.local.reading import Asks, WantedCall
from assistant.local.small_talk import date_of, describe_house, help_for, ordinal, time_of_day
from assistant.local.wording import UNPROVEN, question_for, target_in_words, worded
from tests.doubles.house_of_eighteen import HOUSE_OF_EIGHTEEN

FAILED_STATUSES = (
    *("sent_unconfirmed", "timeout", "mismatch", "device_failed", "no_listener", "unavailable"),
    *("offline", "denied_by_broker", "denied", "rate_limited", "needs_confirmation"),
    *("ambiguous", "not_found", "invalid", "", "perfect"),
)


def _call(name: str, target: dict[str, Any] | None = None, **arguments: Any) -> WantedCall:
    return WantedCall(name, {"target": target or {"name": "kitchen light"}, **arguments})


def _told(call: WantedCall, status: str, **more: Any) -> str:
    return worded(call, outcome_of(json.dumps({"status": status, **more})))


def _device(name: str, **state: Any) -> dict[str, Any]:
    return {"name": name, "state": state}


TURN_OFF = _call("home_turn", state="off")
OPEN_GARAGE = _call("home_set_cover", {"name": "garage door"}, action="open")
ALL_OFF = _call("home_turn", {"domain": "light", "all": True}, state="off")
UNLOCK = _call("home_security", {"name": "back door"}, action="unlock")


class TestSuccess:
    @pytest.mark.parametrize(
        ("call", "state", "sentence"),
        [
            (TURN_OFF, {"power": "off", "brightness": 3}, "The kitchen light is off."),
            (
                _call("home_set_light", brightness_pct=40),
                {"power": "on", "brightness": 40},
                "The kitchen light is at forty percent.",
            ),
            (
                _call("home_set_light", color="red"),
                {"power": "on", "color": "#ff0000"},
                "The kitchen light is red.",
            ),
            (
                _call("home_set_light", color_temp_k=2700),
                {"color_temp": 2700},
                "The kitchen light is at 2700 kelvin.",
            ),
            (
                _call("home_set_climate", temperature_step_c=1),
                {"temperature": 19, "target_temperature": 21.5},
                "The kitchen light is set to twenty one point five degrees.",
            ),
            (
                _call("home_set_cover", position_pct=50),
                {"position": 50},
                "The kitchen light is fifty percent open.",
            ),
            (
                _call("home_set_cover", action="close"),
                {"position": 0},
                "The kitchen light is closed.",
            ),
            (
                _call("home_set_fan", percentage=50),
                {"speed": 50},
                "The kitchen light is at fifty percent.",
            ),
            (UNLOCK, {"lock": "unlocked"}, "The kitchen light is unlocked."),
            (
                _call("home_security", action="arm_away"),
                {"action": "armed_away"},
                "The kitchen light is armed away.",
            ),
            (_call("home_activate"), {}, "The kitchen light is on."),
            (_call("home_media", action="pause"), {}, "The kitchen light is paused."),
            (_call("home_turn", state="toggle"), {}, "Done."),
        ],
    )  # fmt: skip
    def test_the_reply_names_the_device_and_its_new_state(
        self, call: WantedCall, state: dict[str, Any], sentence: str
    ) -> None:
        assert _told(call, "done", devices=[_device("kitchen light", **state)]) == sentence

    def test_without_a_device_the_target_of_the_call_is_named(self) -> None:
        assert _told(TURN_OFF, "done") == "The kitchen light is off."
        assert _told(ALL_OFF, "done") == "Done."

    def test_what_was_so_before_is_already_so(self) -> None:
        devices = [_device("kitchen light", power="off")]
        assert _told(TURN_OFF, "already", devices=devices) == "The kitchen light is already off."

    def test_plural_names_take_a_plural_verb(self) -> None:
        devices = [_device("hallway lights", power="off")]
        assert _told(TURN_OFF, "done", devices=devices) == "The hallway lights are off."
        assert clause(["glass"], "is on") == "the glass is on"

    def test_devices_of_one_state_share_a_sentence(self) -> None:
        devices = [
            _device("a lamp", power="off"),
            _device("b", power="off"),
            _device("c", power="on"),
        ]
        told = _told(ALL_OFF, "done", devices=devices)
        assert told == "The a lamp and the b are off. The c is on."

    @pytest.mark.parametrize(
        ("call", "sentence"),
        [
            (OPEN_GARAGE, "The garage door is opening."),
            (UNLOCK, "The back door is unlocking."),
            (_call("home_set_cover", position_pct=3), "The kitchen light is moving."),
            (_call("home_activate", {"name": "tv time"}), "The tv time has started."),
        ],
    )
    def test_what_has_only_started_is_not_called_done(
        self, call: WantedCall, sentence: str
    ) -> None:
        assert _told(call, "in_progress") == sentence


class TestGroups:
    def test_done_and_failed_members_are_told_apart(self) -> None:
        told = _told(
            ALL_OFF,
            "timeout",
            done=["kitchen light", "bedroom light"],
            failed=[{"name": "hall lamp", "why": "timeout"}],
        )
        assert told == (
            "The kitchen light and the bedroom light are off. "
            "The hall lamp did not answer, it may still happen."
        )

    def test_many_members_are_counted(self) -> None:
        lamps = [f"{word} lamp" for word in ("red", "green", "blue", "big", "small")]
        assert _told(ALL_OFF, "done", done=lamps, failed=[]) == "Five lights are off."
        assert _told(ALL_OFF, "done", done=[*lamps, "fan"]) == "Six devices are off."

    def test_failures_of_one_reason_share_a_sentence(self) -> None:
        failed = [{"name": name, "why": "unavailable"} for name in ("a", "b")]
        assert _told(ALL_OFF, "unavailable", failed=failed) == "The a and the b can't be reached."

    def test_members_that_have_only_started_are_not_called_done(self) -> None:
        call = _call("home_set_cover", {"domain": "cover", "all": True}, action="close")
        assert (
            _told(call, "in_progress", started=["left", "right"])
            == "The left and the right are closing."
        )
        failed = [{"name": "middle", "why": "device_failed"}]
        told = _told(call, "device_failed", done=["low"], started=["left"], failed=failed)
        assert told == "The low is closed. The left is closing. The middle reported a failure."
        mode = _call("home_set_climate", {"domain": "climate"}, mode="heat")
        assert _told(mode, "in_progress", started=["a", "b"]) == "The a and the b have started."

    @pytest.mark.parametrize(
        ("call", "sentence"),
        [
            (_call("home_set_light", brightness_pct=40), "are at forty percent"),
            (_call("home_set_light", brightness_step_pct=10), "are brighter"),
            (_call("home_set_light", brightness_step_pct=-10), "are dimmer"),
            (_call("home_set_light", color="red"), "are red"),
            (_call("home_set_light", color_temp_k=2700), "are at 2700 kelvin"),
            (_call("home_set_climate", temperature_c=21), "are set to twenty one degrees"),
            (_call("home_set_climate", temperature_step_c=-1), "are set lower"),
            (_call("home_set_climate", mode="heat"), "are in heat mode"),
            (_call("home_set_cover", position_pct=50), "are fifty percent open"),
            (_call("home_set_cover", action="open"), "are open"),
            (_call("home_set_fan", percentage=50), "are at fifty percent"),
            (_call("home_security", action="lock"), "are locked"),
            (_call("home_security", action="arm_away"), "are armed"),
            (_call("home_media", action="pause"), "are paused"),
            (_call("home_turn", state="toggle"), "are set"),
        ],
    )
    def test_members_that_are_done_are_told_by_what_was_asked_for(
        self, call: WantedCall, sentence: str
    ) -> None:
        assert _told(call, "done", done=["left", "right"]) == f"The left and the right {sentence}."

    def test_members_with_their_own_states_say_them(self) -> None:
        told = _told(ALL_OFF, "done", done=[_device("lamp", power="off"), _device("fan")])
        assert told == "The lamp and the fan are off."

    def test_an_unknown_reason_is_told_as_unknown(self) -> None:
        told = _told(ALL_OFF, "odd", failed=[{"name": "lamp"}, {"name": "fan", "why": "odd"}])
        assert told == "I can't tell what the lamp did. I can't tell what the fan did."


class TestFailure:
    @pytest.mark.parametrize("status", FAILED_STATUSES)
    @pytest.mark.parametrize("call", [TURN_OFF, OPEN_GARAGE, ALL_OFF, UNLOCK])
    def test_nothing_is_called_done_without_proof(self, status: str, call: WantedCall) -> None:
        told = _told(call, status)
        claims = ("is off", "are off", "is open", "is unlocked", "Done", "unlocking", "opening")
        assert told
        assert not [claim for claim in claims if claim in told]

    @pytest.mark.parametrize(
        ("status", "more", "sentence"),
        [
            ("timeout", {}, "The kitchen light did not answer, it may still happen."),
            (
                "timeout",
                {"devices": [_device("kitchen light", power="off")]},
                (
                    "The kitchen light did not answer, it may still happen."
                    " The kitchen light is last known to be off."
                ),
            ),
            ("offline", {}, "I can't reach the home right now."),
            (
                "sent_unconfirmed",
                {},
                "I sent it to the kitchen light, but it gives no feedback.",
            ),
            (
                "mismatch",
                {"devices": [_device("kitchen light", power="on")]},
                "The kitchen light did not do it. The kitchen light is still on.",
            ),
            (
                "mismatch",
                {"devices": [_device("kitchen light")]},
                "The kitchen light did not do it.",
            ),
            ("ambiguous", {"candidates": ["a", "b", "c"]}, "Which one: the a, the b or the c?"),
            ("ambiguous", {}, "I don't know which one you mean."),
            (
                "not_found",
                {"candidates": [{"name": "hall lamp"}]},
                "I found nothing called the kitchen light. Did you mean the hall lamp?",
            ),
            ("denied", {"message": "the owner forbids it"}, "The owner forbids it."),
            ("denied", {}, "I am not allowed to do that with the kitchen light."),
            ("rate_limited", {"message": "ignored"},
             "That was too much at once, please wait a moment."),
            ("no such status", {}, UNPROVEN),
        ],
    )  # fmt: skip
    def test_each_failure_is_told_as_what_it_is(
        self, status: str, more: dict[str, Any], sentence: str
    ) -> None:
        assert _told(TURN_OFF, status, **more) == sentence


class TestUnreadableAnswers:
    @pytest.mark.parametrize("output", ["", "{", "[]", "3", "null", '"done"', '{"status": 1}'])
    def test_an_unreadable_answer_proves_nothing(self, output: str) -> None:
        assert worded(TURN_OFF, outcome_of(output)) == UNPROVEN

    def test_deep_nesting_is_an_unreadable_answer(self) -> None:
        assert outcome_of("[" * 100_000) == Outcome()

    @given(st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
        | st.sampled_from(["nan", "1e999", 10**400]),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
            st.sampled_from(["status", "devices", "done", "failed", "name", "state", "why",
                             "candidates", "started", "timers", "power", "seconds_left", "more"]),
            inner, max_size=4),
        max_leaves=12,
    ), st.sampled_from(["done", "already", "in_progress", *FAILED_STATUSES]))  # fmt: skip
    def test_any_json_is_worded_without_an_error(self, answer: Any, status: str) -> None:
        whole = {**answer, "status": status} if isinstance(answer, dict) else answer
        outcome = outcome_of(json.dumps(whole))
        for call in (TURN_OFF, OPEN_GARAGE, _state(Asks(Attribute.POWER, "on", "lights")),
                     _state(Asks(Attribute.TEMPERATURE)), _state(None),
                     WantedCall("timer_list", {})):  # fmt: skip
            assert isinstance(worded(call, outcome), str)

    def test_foreign_texts_are_cut_short(self) -> None:
        outcome = outcome_of(json.dumps({"status": "denied", "message": "x " * 1000}))
        assert len(outcome.message) == 200


def _state(asks: Asks | None, **target: Any) -> WantedCall:
    return WantedCall("home_get_state", {"target": target}, asks)


class TestAnswers:
    @pytest.mark.parametrize(
        ("asks", "devices", "answer"),
        [
            (
                Asks(Attribute.LOCK, "locked"),
                [_device("front door", lock="locked")],
                "Yes, the front door is locked.",
            ),
            (
                Asks(Attribute.LOCK, "locked"),
                [_device("front door", lock="jammed")],
                "No, the front door is jammed.",
            ),
            (
                Asks(Attribute.LOCK, "locked"),
                [_device("front door")],
                "I don't know the state of the front door.",
            ),
            (
                Asks(Attribute.MOVE, "closed"),
                [_device("blinds", position=30)],
                "No, the blinds are open.",
            ),
            (
                Asks(Attribute.MOVE, "closed"),
                [_device("blinds", position=0)],
                "Yes, the blinds are closed.",
            ),
            (
                Asks(Attribute.POWER, "on", "lights"),
                [_device("a", power="on"), _device("b", power="off"), _device("c", power="on")],
                "The a and the c are on.",
            ),
            (
                Asks(Attribute.POWER, "on", "lights"),
                [_device("a", power="off")],
                "None of the lights are on.",
            ),
            (
                Asks(Attribute.POWER, "on", "lights"),
                [_device("a", power="off"), {"name": "b", "state": "offline"}],
                "I don't know the state of the b.",
            ),
            (
                Asks(Attribute.LOCK, "locked", "locks"),
                [_device("a", lock="locked"), _device("b", lock="unlocked")],
                "The a is locked. The b is unlocked.",
            ),
            (
                Asks(Attribute.TEMPERATURE),
                [_device("bedroom temperature", temperature=21.5)],
                "The bedroom temperature is twenty one point five degrees.",
            ),
            (
                Asks(Attribute.TEMPERATURE),
                [_device("thermostat", temperature=1)],
                "The temperature at the thermostat is one degree.",
            ),
            (
                Asks(Attribute.TEMPERATURE),
                [_device("thermostat")],
                "I don't know the state of the thermostat.",
            ),
            (
                Asks(Attribute.BRIGHTNESS),
                [_device("lamp", brightness=40)],
                "The lamp is at forty percent.",
            ),
            (
                None,
                [_device("thermostat", target_temperature=21, mode="heat", odd=3)],
                "The thermostat is set to twenty one degrees and in heat mode.",
            ),
            (Asks(), [_device("lamp")], "I don't know the state of the lamp."),
            (Asks(Attribute.POWER), [], "I found nothing to tell about that."),
        ],
    )
    def test_a_question_is_answered_from_the_states(
        self, asks: Asks | None, devices: list[dict[str, Any]], answer: str
    ) -> None:
        assert _told(_state(asks), "done", devices=devices) == answer

    def test_what_was_left_out_is_counted(self) -> None:
        asks = Asks(Attribute.POWER, "on", "lights")
        told = _told(_state(asks), "done", devices=[_device("a", power="on")], more=3)
        assert told == "The a is on. And three more."

    def test_a_state_that_never_came_is_not_known(self) -> None:
        assert (
            _told(_state(Asks(), name="lamp"), "timeout") == "I don't know the state of the lamp."
        )
        assert (
            _told(_state(Asks(), all=True), "timeout") == "I don't know the state of the devices."
        )

    def test_an_offline_home_is_told_to_the_asker_too(self) -> None:
        assert _told(_state(Asks(), name="lamp"), "offline") == "I can't reach the home right now."


class TestPredicates:
    @pytest.mark.parametrize(
        ("attribute", "value", "predicate"),
        [
            (Attribute.POSITION, 100, "is open"),
            (Attribute.POSITION, "40", "is forty percent open"),
            (Attribute.HUMIDITY, 55.5, "is at fifty five point five percent"),
            (Attribute.BRIGHTNESS, "bright", "is bright"),
            (Attribute.BRIGHTNESS, float("nan"), "is nan"),
            (Attribute.TEMPERATURE, "1e999", "is 1e999"),
            (Attribute.COLOR, "#123456", "is in the new color"),
            (Attribute.COLOR, "teal", "is teal"),
            (Attribute.VALUE, True, "is True"),
            (Attribute.VALUE, 12.0, "is twelve"),
            (Attribute.ACTION, "returning_home", "is returning home"),
        ],
    )
    def test_a_value_is_said(self, attribute: Attribute, value: Any, predicate: str) -> None:
        assert predicate_of(attribute, value) == predicate

    def test_a_name_with_its_own_article_gets_no_second(self) -> None:
        assert the("my lamp") == "my lamp"


class TestTimers:
    def test_a_timer_is_told_with_its_length(self) -> None:
        egg = WantedCall("timer_start", {"seconds": 5430, "name": "egg"})
        assert _told(egg, "done") == (
            "The egg timer is set for one hour, thirty minutes and thirty seconds."
        )

    def test_a_cancelled_timer_is_told(self) -> None:
        assert _told(WantedCall("timer_cancel", {}), "done") == "The timer is cancelled."
        told = _told(
            WantedCall("timer_cancel", {}), "not_found", message="no such timer is running"
        )
        assert told == "No such timer is running."

    @pytest.mark.parametrize(
        ("timers", "told"),
        [
            ([], "No timer is running."),
            ([{"name": "", "seconds": 600, "seconds_left": 61}],
             "The timer has one minute and one second left."),
            ([{"name": "egg", "seconds_left": 0}, {"name": "tea"}],
             "The egg timer has zero seconds left. The tea timer is running."),
        ],
    )  # fmt: skip
    def test_running_timers_are_listed(self, timers: list[dict[str, Any]], told: str) -> None:
        assert _told(WantedCall("timer_list", {}), "done", timers=timers) == told

    def test_an_unproven_timer_is_not_claimed(self) -> None:
        assert _told(WantedCall("timer_start", {"seconds": 5}), "") == UNPROVEN

    def test_spans_of_time(self) -> None:
        assert duration(3600) == "one hour"
        assert duration(-1) == "zero seconds"


class TestQuestionsOfOurs:
    @pytest.mark.parametrize(
        ("call", "question"),
        [
            (UNLOCK, "Unlock the back door?"),
            (OPEN_GARAGE, "Open the garage door?"),
            (_call("home_security", {"name": "alarm"}, action="arm_night"), "Arm the alarm?"),
            (
                _call("home_turn", {"area": "attic", "all": True}, state="on"),
                "Turn on everything in the attic?",
            ),
            (
                _call("home_set_climate", {"name": "oven"}, temperature_c=40),
                "Shall I really change the oven?",
            ),
        ],
    )
    def test_before_harm_the_user_is_asked(self, call: WantedCall, question: str) -> None:
        assert question_for(call) == question

    @pytest.mark.parametrize(
        ("target", "words"),
        [
            ({"domain": "light", "all": True}, "all the lights"),
            ({"domain": "light", "area": "attic", "all": True}, "the lights in the attic"),
            ({"domain": "light"}, "the lights"),
            ({"name": "fan", "area": "attic"}, "the fan in the attic"),
            ({"all": True}, "everything"),
        ],
    )
    def test_a_target_in_words(self, target: dict[str, Any], words: str) -> None:
        assert target_in_words(target) == words


class TestSmallTalk:
    @pytest.mark.parametrize(
        ("hour", "minute", "told"),
        [
            (0, 0, "It's twelve o'clock at night."),
            (4, 59, "It's four fifty nine at night."),
            (5, 7, "It's five oh seven in the morning."),
            (12, 30, "It's twelve thirty in the afternoon."),
            (18, 15, "It's six fifteen in the evening."),
            (22, 1, "It's ten oh one at night."),
        ],
    )
    def test_the_time_is_told_as_people_say_it(self, hour: int, minute: int, told: str) -> None:
        assert time_of_day(datetime(2026, 11, 24, hour, minute)) == told  # noqa: DTZ001 - the local clock's own time

    def test_the_date_is_told_with_its_weekday(self) -> None:
        now = datetime(2026, 11, 24)  # noqa: DTZ001 - the local clock's own time
        assert date_of(now) == "Today is Tuesday, November twenty fourth."

    @pytest.mark.parametrize(
        ("number", "word"),
        [(1, "first"), (2, "second"), (3, "third"), (5, "fifth"), (8, "eighth"), (9, "ninth"),
         (12, "twelfth"), (20, "twentieth"), (22, "twenty second"), (30, "thirtieth")],
    )  # fmt: skip
    def test_a_day_of_the_month_in_words(self, number: int, word: str) -> None:
        assert ordinal(number) == word

    def test_help_speaks_of_what_is_here(self) -> None:
        told = help_for(HOUSE_OF_EIGHTEEN)
        assert "turn on the kitchen light" in told
        assert "activate movie night" in told
        assert "pause" not in help_for(())

    def test_the_house_is_described_place_by_place(self) -> None:
        told = describe_house(HOUSE_OF_EIGHTEEN)
        assert told.startswith("I know eighteen devices. The kitchen has the kitchen light, ")
        assert all(device.name in told for device in HOUSE_OF_EIGHTEEN)

    def test_a_device_without_a_place_is_described_too(self) -> None:
        lamp = Device("1", "lamp", Kind.LIGHT, {})
        assert describe_house((lamp,)) == "I know one device. Then there is the lamp."

    def test_an_empty_house_is_told_so(self) -> None:
        assert describe_house(()) == "I know no devices yet."
