"""Whole sentences become readings: by our templates, by Home Assistant's, or not at all."""

import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from assistant.errors import SpeechUnavailable
from assistant.home.devices import Attribute, Channel, Device, Kind
from assistant.local.grammar import joined_sentences, numbered_sentences, plain_sentences
from assistant.local.intents import MOST_WORDS, English, Understanding, load_english
from assistant.local.meaning import TOPICS, Meanings
from assistant.local.orders import ORDERS
from assistant.local.reading import Asks, Reading, Refusal, Topic, WantedCall, Wish
from assistant.local.templates import ROWS
from tests.doubles.house_of_eighteen import HOUSE_OF_EIGHTEEN

Arguments = Mapping[str, Any]


@cache
def _english() -> English:
    return load_english()


@cache
def _home() -> Understanding:
    return Understanding(_english(), HOUSE_OF_EIGHTEEN)


def _read(text: str) -> Reading | None:
    return _home().read(text)


def _wish(text: str) -> Wish:
    reading = _read(text)
    assert isinstance(reading, Wish), (text, reading)
    return reading


def _only_call(text: str) -> tuple[str, Arguments]:
    (call,) = _wish(text).calls
    return call.name, call.arguments


def _named(name: str, **more: Any) -> Arguments:
    return {"target": {"name": name}, **more}


ALL_LIGHTS = {"domain": "light", "all": True}

# The 25 commands of the test data, and what each has to do.
COMMANDS: Mapping[str, tuple[str, Arguments] | Topic] = {
    "turn on the kitchen light": ("home_turn", _named("kitchen light", state="on")),
    "set the living room lamp to forty percent": (
        "home_set_light",
        _named("living room lamp", brightness_pct=40),
    ),
    "close the garage door": ("home_set_cover", _named("garage door", action="close")),
    "what's the temperature in the bedroom": ("home_get_state", _named("bedroom temperature")),
    "lock the front door": ("home_security", _named("front door", action="lock")),
    "set the thermostat to twenty one degrees": (
        "home_set_climate",
        _named("thermostat", temperature_c=21),
    ),
    "turn everything off": ("home_turn", {"target": {"all": True}, "state": "off"}),
    "turn off the bedroom fan": ("home_turn", _named("bedroom fan", state="off")),
    "open the living room blinds": (
        "home_set_cover",
        _named("living room blinds", action="open"),
    ),
    "dim the hallway lights": ("home_set_light", _named("hallway lights", brightness_step_pct=-20)),
    "set the kitchen light to red": ("home_set_light", _named("kitchen light", color="red")),
    "is the front door locked": ("home_get_state", _named("front door")),
    "pause the music": ("home_media", _named("music", action="pause")),
    "set a timer for ten minutes": ("timer_start", {"seconds": 600}),
    "turn off all the lights": ("home_turn", {"target": ALL_LIGHTS, "state": "off"}),
    "unlock the back door": ("home_security", _named("back door", action="unlock")),
    "make the bedroom light brighter": (
        "home_set_light",
        _named("bedroom light", brightness_step_pct=20),
    ),
    "what time is it": Topic.TIME,
    "start the vacuum cleaner": ("home_vacuum", _named("vacuum cleaner", action="start")),
    "turn on the coffee maker": ("home_turn", _named("coffee maker", state="on")),
    "set the fan speed to fifty percent": ("home_set_fan", _named("fan", percentage=50)),
    "close the curtains in the bedroom": (
        "home_set_cover",
        {"target": {"name": "curtains", "area": "bedroom"}, "action": "close"},
    ),
    "turn the office heater up": (
        "home_set_climate",
        _named("office heater", temperature_step_c=1),
    ),
    "arm the alarm": ("home_security", _named("alarm", action="arm_away")),
    "never mind": Topic.END,
}

# Said otherwise than the grammar has it: Home Assistant's templates understand it.
PARAPHRASES: Mapping[str, tuple[str, Arguments]] = {
    "switch the bedroom lights on": (
        "home_turn",
        {"target": {"area": "bedroom", **ALL_LIGHTS}, "state": "on"},
    ),
    "turn off the lights everywhere": ("home_turn", {"target": ALL_LIGHTS, "state": "off"}),
    "set the kitchen light to 33%": ("home_set_light", _named("kitchen light", brightness_pct=33)),
    "set the kitchen light to maximum brightness": (
        "home_set_light",
        _named("kitchen light", brightness_pct=100),
    ),
    "adjust the thermostat to 21.5 degrees": (
        "home_set_climate",
        _named("thermostat", temperature_c=21.5),
    ),
    "lift the living room blinds": ("home_set_cover", _named("living room blinds", action="open")),
    "set a timer for 45 minutes called roast beef": (
        "timer_start",
        {"seconds": 2700, "name": "roast beef"},
    ),
    "activate movie night in the living room": (
        "home_activate",
        {"target": {"name": "movie night", "area": "living room"}},
    ),
}

OTHERS: Mapping[str, tuple[str, Arguments]] = {
    "stop the garage door": ("home_set_cover", _named("garage door", action="stop")),
    "open the bedroom curtains halfway": (
        "home_set_cover",
        _named("bedroom curtains", position_pct=50),
    ),
    "make it warmer": (
        "home_set_climate",
        {"target": {"domain": "climate"}, "temperature_step_c": 1},
    ),
    "make the office cooler": (
        "home_set_climate",
        {"target": {"area": "office", "domain": "climate"}, "temperature_step_c": -1},
    ),
    "turn on the lights": ("home_turn", {"target": {"domain": "light"}, "state": "on"}),
    "turn off everything in the bedroom": (
        "home_turn",
        {"target": {"area": "bedroom", "all": True}, "state": "off"},
    ),
    "skip this song": ("home_media", _named("music", action="next")),
    "set the kitchen light to warm white": (
        "home_set_light",
        _named("kitchen light", color_temp_k=2700),
    ),
    "set a timer for an hour and a half": ("timer_start", {"seconds": 5400}),
    "set a timer for a minute and a half": ("timer_start", {"seconds": 90}),
    "set a timer for two hours and thirty minutes": ("timer_start", {"seconds": 9000}),
    "start a three minute egg timer": ("timer_start", {"seconds": 180, "name": "egg"}),
    "cancel the pizza timer": ("timer_cancel", {"name": "pizza"}),
    "cancel the timer": ("timer_cancel", {}),
    "how much time is left": ("timer_list", {}),
    "dock the vacuum cleaner": ("home_vacuum", _named("vacuum cleaner", action="dock")),
    "arm the alarm for the night": ("home_security", _named("alarm", action="arm_night")),
    "disarm the alarm": ("home_security", _named("alarm", action="disarm")),
    "unlock the back door lock": ("home_security", _named("back door lock", action="unlock")),
}


class TestTheTable:
    def test_every_number_free_sentence_of_the_grammar_is_understood(self) -> None:
        lost = [
            (row.intent, sentence)
            for row in ROWS
            for sentence in plain_sentences(row, HOUSE_OF_EIGHTEEN)
            if not isinstance(_read(sentence), Wish | Topic)
        ]
        assert lost == []

    def test_a_sample_of_the_numbered_sentences_is_understood(self) -> None:
        sentences = [one for row in ROWS for one in numbered_sentences(row, HOUSE_OF_EIGHTEEN)][
            ::29
        ]
        assert len(sentences) > 100
        assert [one for one in sentences if not isinstance(_read(one), Wish)] == []

    def test_a_sample_of_the_joined_sentences_means_two_calls(self) -> None:
        sentences = list(joined_sentences(HOUSE_OF_EIGHTEEN))[::17]
        assert [one for one in sentences if len(_wish(one).calls) != 2] == []

    def test_each_kind_of_each_row_has_a_function(self) -> None:
        elsewhere = {*TOPICS, "HassClimateGetTemperature"}
        rows = [row for row in ROWS if row.intent not in elsewhere and row.kinds]
        assert rows
        assert [(r.intent, k) for r in rows for k in r.kinds if (r.intent, k) not in ORDERS] == []

    def test_on_and_off_mean_the_safe_and_the_unsafe_thing_on_a_lock(self) -> None:
        assert ORDERS["HassTurnOn", Kind.LOCK].constants == {"action": "lock"}
        assert ORDERS["HassTurnOff", Kind.LOCK].constants == {"action": "unlock"}
        assert ORDERS["HassTurnOn", Kind.COVER].constants == {"action": "open"}
        assert ORDERS["HassTurnOff", Kind.COVER].constants == {"action": "close"}


class TestCommands:
    @pytest.mark.parametrize("text", list(COMMANDS))
    def test_a_command_of_the_test_data_does_what_it_says(self, text: str) -> None:
        wanted = COMMANDS[text]
        assert (_read(text) if isinstance(wanted, Topic) else _only_call(text)) == wanted

    def test_no_command_of_the_test_data_is_forgotten_here(self, shared_data: Path) -> None:
        lines = (shared_data / "speech" / "commands.txt").read_text().split("\n")
        assert {line for line in lines if line} == set(COMMANDS)

    @pytest.mark.parametrize("text", list(PARAPHRASES))
    def test_home_assistant_understands_a_paraphrase(self, text: str) -> None:
        assert not _home().is_sentence(text)
        assert _only_call(text) == PARAPHRASES[text]

    @pytest.mark.parametrize("text", list(OTHERS))
    def test_this_means_that(self, text: str) -> None:
        assert _only_call(text) == OTHERS[text]

    def test_a_thing_that_is_the_only_one_of_its_kind_needs_no_name(self) -> None:
        home = Understanding(_english(), (_lamp("desk lamp", area="office"),))
        targets = {
            "turn on the lights": {"name": "desk lamp"},
            "turn on all the lights": ALL_LIGHTS,
            "turn on the office lights": {"area": "office", **ALL_LIGHTS},
        }
        for text, target in targets.items():
            call = WantedCall("home_turn", {"target": target, "state": "on"})
            assert home.read(text) == Wish((call,))

    def test_politeness_changes_nothing(self) -> None:
        plain = _read("turn on the kitchen light")
        assert _read("Could you please turn on the kitchen light?") == plain
        assert _read("please turn on the kitchen light for me") == plain


class TestSeveralCommands:
    def test_two_commands_are_joined_by_and(self) -> None:
        calls = _wish("turn on the kitchen light and close the living room blinds").calls
        assert [call.name for call in calls] == ["home_turn", "home_set_cover"]

    def test_one_verb_serves_two_names(self) -> None:
        calls = _wish("turn off the kitchen light and the bedroom light").calls
        assert [call.arguments["target"]["name"] for call in calls] == [
            "kitchen light",
            "bedroom light",
        ]
        assert {call.arguments["state"] for call in calls} == {"off"}

    @pytest.mark.parametrize(
        "text",
        [
            "turn off the kitchen light and the front door",
            "turn off the front door and the kitchen light",
            "turn off the bedroom fan and the living room blinds",
        ],
    )
    def test_a_verb_never_reaches_over_to_a_door(self, text: str) -> None:
        assert not isinstance(_read(text), Wish)

    def test_two_names_of_one_verb_are_lights_switches_or_fans(self) -> None:
        meanings = Meanings(HOUSE_OF_EIGHTEEN)
        for door in ("lock/front door", "cover/garage door"):
            for names in ((door, "light/kitchen light"), ("light/kitchen light", door)):
                assert meanings.read("HassTurnOff", {}, names) is None
        assert meanings.read("HassTurnOff", {"odd": 1}, ("light/kitchen light", "fan/fan")) is None

    def test_half_an_understanding_is_none(self) -> None:
        assert _read("turn on the kitchen light and sing a song") is None
        assert _read("turn on the kitchen light and what time is it") is None

    def test_four_commands_are_too_many(self) -> None:
        assert _read(" and ".join(["turn on the kitchen light"] * 3)) is not None
        assert _read(" and ".join(["turn on the kitchen light"] * 4)) is None

    def test_one_protected_command_protects_the_sentence(self) -> None:
        assert _wish("lock the front door and turn off all the lights").protected
        assert not _wish("open the living room blinds and turn off all the lights").protected


class TestProtection:
    @pytest.mark.parametrize(
        "text",
        [
            "unlock the back door",
            "lock the back door",
            "open the garage door",
            "close the garage door",
            "open the garage door to fifty percent",
            "arm the alarm",
            "disarm the alarm",
        ],
    )
    def test_doors_and_alarms_are_protected_both_ways(self, text: str) -> None:
        assert _wish(text).protected

    @pytest.mark.parametrize(
        "text",
        [
            "turn on the kitchen light",
            "open the living room blinds",
            "turn everything off",
            "stop the garage door",
            "is the back door locked",
            "set the thermostat to twenty degrees",
        ],
    )
    def test_harmless_things_and_questions_are_not(self, text: str) -> None:
        assert not _wish(text).protected

    def test_switching_on_more_than_eight_devices_is_protected_off_is_not(self) -> None:
        lamps = tuple(_lamp(f"lamp {name}") for name in "abcdefghi")
        home = Understanding(_english(), lamps)
        on, off = home.read("turn on all the lights"), home.read("turn off all the lights")
        assert isinstance(on, Wish)
        assert isinstance(off, Wish)
        assert (on.protected, off.protected) == (True, False)

    def test_a_group_with_a_heater_switch_in_it_is_protected(self) -> None:
        heater = _device("pool heater", Kind.SWITCH)
        home = Understanding(_english(), (_lamp("lamp"), heater))
        reading = home.read("turn everything on")
        assert isinstance(reading, Wish)
        assert reading.protected


class TestWhatIsNotDone:
    def test_no_wrong_topic_of_the_test_data_means_anything(self, shared_data: Path) -> None:
        lines = (shared_data / "speech" / "out_of_grammar.txt").read_text().split("\n")
        readings = {line: _read(line) for line in lines if line}
        assert len(readings) > 10
        assert [line for line in readings if isinstance(readings[line], Wish | Topic)] == []

    @pytest.mark.parametrize("device", [d.name for d in HOUSE_OF_EIGHTEEN])
    def test_a_bare_name_switches_nothing(self, device: str) -> None:
        assert _read(device) is None
        assert _read(f"the {device} please") is None

    @pytest.mark.parametrize("text", ["", "...", "turn on", "word " * (MOST_WORDS + 1)])
    def test_nothing_and_too_much_mean_nothing(self, text: str) -> None:
        assert _read(text) is None

    def test_a_stranger_is_named(self) -> None:
        assert _read("turn on the patio heater") == Refusal("I know no device called patio heater.")

    def test_a_room_without_a_thermometer_is_told(self) -> None:
        for text in ("what's the temperature in the kitchen", "how warm is it in the kitchen"):
            assert _read(text) == Refusal("There is no thermometer in the kitchen.")

    def test_an_intent_without_a_function_for_the_kind_is_refused(self) -> None:
        meanings = Meanings(HOUSE_OF_EIGHTEEN)
        refusal = Refusal("I can't do that with the alarm.")
        assert meanings.read("HassTurnOff", {}, ("alarm/alarm",)) == refusal
        refusal = Refusal("I can't do that with those.")
        assert meanings.read("HassTurnOn", {"domain": "sensor"}) == refusal

    def test_a_domain_that_is_no_kind_of_ours_is_unknown(self) -> None:
        assert Meanings(HOUSE_OF_EIGHTEEN).read("HassGetState", {"domain": "person"}) is None

    def test_a_timer_runs_for_a_second_to_a_day(self) -> None:
        refusal = Refusal("A timer can run from one second to one day.")
        meanings = Meanings(())
        assert meanings.read("HassStartTimer", {"hours": 25}) == refusal
        assert meanings.read("HassStartTimer", {"seconds": 0}) == refusal
        assert isinstance(meanings.read("HassStartTimer", {"hours": 24}), Wish)
        assert meanings.read("HassStartTimer", {"start_hours": 1}) is None
        assert meanings.read("HassCancelTimer", {"start_hours": 1}) is None
        assert meanings.read("HassTimerStatus", {}, ("egg",)) is None

    def test_a_temperature_with_a_strange_slot_is_unknown(self) -> None:
        slots = {"floor": "attic"}
        assert Meanings(HOUSE_OF_EIGHTEEN).read("HassClimateGetTemperature", slots) is None

    @pytest.mark.parametrize(
        "text",
        [
            "remind me in five minutes to call my mother",
            "time left on my ten minute timer",
            "who is at home",
            "close the curtains on the first floor",
        ],
    )
    def test_a_slot_that_we_do_not_know_makes_the_whole_sentence_unknown(self, text: str) -> None:
        assert not isinstance(_read(text), Wish)


class TestQuestions:
    @pytest.mark.parametrize(
        ("text", "asks"),
        [
            ("is the front door locked", Asks(Attribute.LOCK, "locked")),
            ("is the kitchen light on", Asks(Attribute.POWER, "on")),
            ("is the garage door shut", Asks(Attribute.MOVE, "closed")),
            ("which lights are on", Asks(Attribute.POWER, "on", "lights")),
            ("are the doors locked", Asks(Attribute.LOCK, "locked", "locks")),
            ("what is the state of the thermostat", Asks()),
            ("what is the thermostat set to", Asks(Attribute.TARGET_TEMPERATURE)),
            ("how bright is the bedroom light", Asks(Attribute.BRIGHTNESS)),
            ("what's the temperature", Asks(Attribute.TEMPERATURE)),
        ],
    )
    def test_a_question_says_what_it_asks(self, text: str, asks: Asks) -> None:
        (call,) = _wish(text).calls
        assert call.name == "home_get_state"
        assert call.asks == asks

    def test_without_a_sensor_the_thermostats_are_asked(self) -> None:
        devices = tuple(d for d in HOUSE_OF_EIGHTEEN if d.kind is not Kind.SENSOR)
        reading = Understanding(_english(), devices).read("what's the temperature")
        assert isinstance(reading, Wish)
        names = [call.arguments["target"]["name"] for call in reading.calls]
        assert names == ["thermostat", "office heater"]

    def test_in_a_home_without_any_thermometer_that_is_said(self) -> None:
        home = Understanding(_english(), (_lamp("lamp"),))
        assert home.read("what's the temperature") == Refusal("There is no thermometer here.")


class TestNames:
    def test_a_name_goes_out_as_it_is_registered(self) -> None:
        lamp = Device("1", "Café Lamp", Kind.LIGHT, {}, area="Küche", aliases=("Nightlight",))
        home = Understanding(_english(), (lamp,))
        assert home.read("turn on the cafe lamp") == Wish(
            (WantedCall("home_turn", {"target": {"name": "Café Lamp"}, "state": "on"}),)
        )
        assert home.read("turn off the nightlight in the kuche") == Wish(
            (
                WantedCall(
                    "home_turn",
                    {"target": {"name": "Nightlight", "area": "Küche"}, "state": "off"},
                ),
            )
        )

    def test_two_devices_of_one_name_are_left_for_the_home_to_tell_apart(self) -> None:
        twins = (_lamp("lamp", area="office"), _lamp("lamp", area="attic"))
        reading = Understanding(_english(), twins).read("turn on the lamp")
        assert isinstance(reading, Wish)
        assert reading.calls[0].arguments["target"] == {"name": "lamp"}

    def test_a_name_with_signs_of_the_template_language_is_just_a_name(self) -> None:
        odd = _lamp("lamp (left|right) [2] {x}")
        home = Understanding(_english(), (odd,))
        reading = home.read("turn on the lamp left right 2 x")
        assert isinstance(reading, Wish)
        assert reading.calls[0].arguments["target"] == {"name": odd.name}

    def test_a_device_that_is_not_exposed_cannot_be_named(self) -> None:
        home = Understanding(_english(), (_device("cellar", Kind.LIGHT, exposed=False),))
        assert home.read("turn on the cellar") == Refusal("I know no device called cellar.")
        assert home.devices == ()


class TestBeginnings:
    def test_a_sentence_of_the_grammar_is_known_as_such(self) -> None:
        assert _home().is_sentence("Turn on the kitchen light.")
        assert not _home().is_sentence("switch the bedroom lights on now")

    def test_a_beginning_is_told_from_an_end(self) -> None:
        assert _home().is_unfinished("turn on the")
        assert _home().is_unfinished("Set a timer for...")
        assert not _home().is_unfinished("disarm the alarm please")
        assert not _home().is_unfinished("tell me a joke")


class TestLoading:
    @pytest.mark.parametrize("package", ["hassil.intents", "home_assistant_intents"])
    def test_without_its_packages_the_remedy_is_named(
        self, package: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(sys.modules, package, None)
        with pytest.raises(SpeechUnavailable, match=r"pip install"):
            load_english()

    def test_without_english_sentences_the_remedy_is_named(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("home_assistant_intents.get_intents", lambda _language: None)
        with pytest.raises(SpeechUnavailable, match=r"no English sentences"):
            load_english()


def _device(name: str, kind: Kind, **more: Any) -> Device:
    channels = {Attribute.POWER: Channel("home/set", "home/state")}
    return Device(id=name, name=name, kind=kind, channels=channels, **more)


def _lamp(name: str, **more: Any) -> Device:
    return _device(name, Kind.LIGHT, **more)
