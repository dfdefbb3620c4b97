"""The sentences that the local ears may hear, and the small arts of spelling behind them."""

from itertools import chain
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.home.devices import Attribute, Channel, Device, Kind, Risk
from assistant.local.expansion import expand, fill, lists_in
from assistant.local.grammar import (
    MOST_JOINED,
    joined_sentences,
    name_in_command,
    names_of,
    numbered_sentences,
    plain_sentences,
    sentences_for,
)
from assistant.local.guarding import is_guarded
from assistant.local.spoken import in_words, listed, number_in_words, plainly
from assistant.local.templates import NUMBERS, ROWS, WORDS
from tests.doubles.house_of_eighteen import HOUSE_OF_EIGHTEEN

SENTENCES = sentences_for(HOUSE_OF_EIGHTEEN)
KNOWN = frozenset(SENTENCES)


def _lines(shared_data: Path, name: str) -> list[str]:
    return (shared_data / "speech" / name).read_text().split("\n")


def _device(name: str, kind: Kind, **more: object) -> Device:
    channels = {Attribute.POWER: Channel("home/set", "home/state")}
    return Device(id=name, name=name, kind=kind, channels=channels, **more)  # type: ignore[arg-type] # each test passes fitting fields


class TestSentences:
    def test_every_command_of_the_test_data_can_be_heard(self, shared_data: Path) -> None:
        commands = _lines(shared_data, "commands.txt")
        assert [line for line in commands if line.strip() and line not in KNOWN] == []

    def test_no_wrong_topic_of_the_test_data_can_be_heard(self, shared_data: Path) -> None:
        topics = _lines(shared_data, "out_of_grammar.txt")
        assert KNOWN.isdisjoint(topics)

    @pytest.mark.parametrize(
        "sentence",
        [
            "turn on the kitchen light and close the living room blinds",
            "lock the front door and turn off all the lights",
            "turn off the kitchen light and the bedroom light",
            "could you turn on the coffee maker",
            "please close the curtains in the bedroom",
            "turn off the lights in the bedroom please",
            "set the living room lamp to 40 percent",
            "set the thermostat to 21",
            "set the kitchen light to warm white",
            "set a pizza timer for ten minutes",
            "set a timer for two hours and thirty minutes",
            "what's the temperature in the bedroom",
            "is the garage door shut",
            "activate movie night",
            "stop the garage door",
            "that's all",
            "never mind",
            "say that again",
        ],
    )
    def test_this_can_be_heard(self, sentence: str) -> None:
        assert sentence in KNOWN

    @pytest.mark.parametrize(
        "sentence",
        [
            "unlock the kitchen light",
            "set the living room lamp to red",
            "set the coffee maker to forty percent",
            "turn on the bedroom temperature",
            "unlock the back door and turn on the kitchen light",
            "open the garage door and turn on the kitchen light",
            "disarm the alarm and open the living room blinds",
            "close the garage door and turn on the kitchen light",
            "please never mind",
            "turn on the fan in the kitchen",
        ],
    )
    def test_this_makes_no_sense_here(self, sentence: str) -> None:
        assert sentence not in KNOWN

    def test_each_sentence_stands_once_and_in_plain_spelling(self) -> None:
        assert len(KNOWN) == len(SENTENCES)
        assert [sentence for sentence in SENTENCES if plainly(sentence) != sentence] == []

    def test_the_trie_of_a_usual_home_stays_small(self) -> None:
        assert 5_000 < len(SENTENCES) < 25_000

    def test_even_a_home_of_two_hundred_lights_joins_a_bounded_number_of_commands(self) -> None:
        devices = tuple(_device(f"light {number}", Kind.LIGHT) for number in range(200))
        assert len(list(joined_sentences(devices))) == MOST_JOINED

    def test_a_device_that_is_not_exposed_is_never_spoken_of(self) -> None:
        secret = _device("secret lamp", Kind.LIGHT, exposed=False)
        assert not [one for one in sentences_for((secret,)) if "secret" in one]

    def test_an_area_needs_no_name_and_a_name_needs_no_area(self) -> None:
        nowhere = sentences_for((_device("lamp", Kind.LIGHT),))
        assert "turn on the lamp" in nowhere
        assert not [one for one in nowhere if "in the" in one and "lights" in one]

    def test_a_home_without_devices_still_tells_the_time(self) -> None:
        empty = sentences_for(())
        assert {"what time is it", "set a timer for ten minutes", "help"} <= set(empty)
        assert "{" not in "".join(empty)

    def test_numbers_are_spelled_both_ways_and_only_where_they_belong(self) -> None:
        numbered = set(chain.from_iterable(numbered_sentences(r, HOUSE_OF_EIGHTEEN) for r in ROWS))
        plain = set(chain.from_iterable(plain_sentences(r, HOUSE_OF_EIGHTEEN) for r in ROWS))
        assert {"set the fan to fifty percent", "set the fan to 50 percent"} <= numbered
        assert plain.isdisjoint(numbered)
        assert not [one for one in plain if any(char.isdigit() for char in one)]

    def test_a_lock_may_be_locked_beside_another_command_but_never_unlocked(self) -> None:
        joined = tuple(joined_sentences(HOUSE_OF_EIGHTEEN))
        assert any(one.startswith("lock the front door and") for one in joined)
        assert not [one for one in joined if "unlock" in one or "garage" in one or "alarm" in one]


class TestTemplates:
    def test_every_list_of_every_template_is_known(self) -> None:
        lists = {name for row in ROWS for one in row.templates for name in lists_in(one)}
        assert lists <= {"name", "area", *NUMBERS, *WORDS}

    def test_a_row_that_names_devices_says_which(self) -> None:
        rows = [row for row in ROWS if any("{name}" in one for one in row.templates)]
        assert rows
        assert all(row.kinds for row in rows)

    def test_optional_words_and_choices_are_written_out_the_fullest_first(self) -> None:
        assert expand("(turn|switch) on [the] {name}") == (
            "turn on the {name}",
            "turn on {name}",
            "switch on the {name}",
            "switch on {name}",
        )

    def test_groups_may_stand_inside_groups(self) -> None:
        assert expand("a[b (c|d)] e") == ("ab c e", "ab d e", "a e")

    @pytest.mark.parametrize("template", ["(a|b", "[a", "a)", "a]", "(a]"])
    def test_an_unbalanced_template_is_refused(self, template: str) -> None:
        with pytest.raises(ValueError, match=r"unbalanced|never closed"):
            expand(template)

    def test_slots_are_filled_in_their_order(self) -> None:
        assert fill("{name} in {area} to {percent:position}", "a", "b", "c") == "a in b to c"
        assert lists_in("{name} to {percent:position}") == ("name", "percent")


class TestNames:
    def test_a_name_is_known_with_its_aliases_in_plain_spelling(self) -> None:
        lamp = _device("Café-Lampe #2", Kind.LIGHT, aliases=("the LAMP", "", "café lampe 2"))
        assert names_of(lamp) == ("cafe lampe 2", "the lamp")

    @pytest.mark.parametrize(
        ("text", "name"),
        [
            ("turn on the patio heater", "patio heater"),
            ("turn the patio heater off", "patio heater"),
            ("can you lock the car", "car"),
            ("could you please open the wine cellar", "wine cellar"),
            ("dim garden lamp please", "garden lamp"),
        ],
    )
    def test_a_command_about_a_stranger_is_recognized(self, text: str, name: str) -> None:
        assert name_in_command(text) == name

    @pytest.mark.parametrize(
        "text",
        [
            "turn it off",
            "turn on the",
            "close all the blinds",
            "tell me a joke",
            "what's the weather",
            "play some jazz",
            "turn on the light that stands beside my old bed",
            "is the moon on",
        ],
    )
    def test_other_talk_is_no_command_about_a_stranger(self, text: str) -> None:
        assert name_in_command(text) is None


class TestGuarding:
    @pytest.mark.parametrize(
        "device",
        [
            _device("front door", Kind.LOCK),
            _device("alarm", Kind.ALARM),
            _device("big door", Kind.COVER),
            _device("roller", Kind.COVER, device_class="garage"),
            _device("roller", Kind.COVER, aliases=("garage",)),
            _device("pizza oven", Kind.SWITCH),
            _device("gate", Kind.SWITCH),
            _device("plug", Kind.SWITCH, device_class="heater"),
            _device("plug", Kind.SWITCH, risk=Risk.CONFIRM),
        ],
    )
    def test_what_can_do_harm_is_guarded(self, device: Device) -> None:
        assert is_guarded(device)

    @pytest.mark.parametrize(
        "device",
        [
            _device("door lamp", Kind.LIGHT),
            _device("bedroom curtains", Kind.COVER),
            _device("door blind", Kind.COVER, device_class="blind"),
            _device("coffee maker", Kind.SWITCH),
            _device("cellar door", Kind.LOCK, risk=Risk.FREE),
        ],
    )
    def test_what_is_harmless_or_declared_so_is_not_guarded(self, device: Device) -> None:
        assert not is_guarded(device)


class TestSpelling:
    @pytest.mark.parametrize(
        ("number", "words"),
        [
            (0, "zero"),
            (13, "thirteen"),
            (20, "twenty"),
            (21, "twenty one"),
            (100, "one hundred"),
            (999, "nine hundred ninety nine"),
        ],
    )
    def test_whole_numbers_in_words(self, number: int, words: str) -> None:
        assert in_words(number) == words

    def test_no_two_numbers_sound_the_same(self) -> None:
        assert len({in_words(number) for number in range(1000)}) == 1000

    @pytest.mark.parametrize(
        ("value", "words"),
        [
            (21.5, "twenty one point five"),
            (21.04, "twenty one"),
            (-3, "minus three"),
            (-0.04, "zero"),
            (0.96, "one"),
            (2700, "2700"),
        ],
    )
    def test_measured_values_in_words(self, value: float, words: str) -> None:
        assert number_in_words(value) == words

    @given(st.floats(min_value=-999, max_value=999))
    def test_a_spoken_number_is_always_plain_words(self, value: float) -> None:
        assert set(number_in_words(value)) <= set("abcdefghijklmnopqrstuvwxyz ")

    @pytest.mark.parametrize(
        ("text", "plain"),
        [
            ("Turn on the Kitchen-Light!", "turn on the kitchen light"),
            ("What\u2019s the time?", "what's the time"),
            ("Set it to 40%.", "set it to 40 percent"),
            ("21.5 degrees.", "21.5 degrees"),
            ("  Café  ", "cafe"),
            ("…", ""),
        ],
    )
    def test_text_is_reduced_to_what_was_spoken(self, text: str, plain: str) -> None:
        assert plainly(text) == plain

    @given(st.text(max_size=40))
    def test_plain_text_is_already_plain(self, text: str) -> None:
        assert plainly(plainly(text)) == plainly(text)

    def test_words_in_a_row(self) -> None:
        assert listed([]) == ""
        assert listed(["a"]) == "a"
        assert listed(["a", "b"], "or") == "a or b"
        assert listed(["a", "b", "c"]) == "a, b and c"
