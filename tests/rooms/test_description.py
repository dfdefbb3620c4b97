"""The paragraph about the home in the instructions."""

from dataclasses import replace

from assistant.home.description import MOST_NAMED, description_of
from tests.doubles.small_house import DESK_LAMP, KITCHEN_LIGHT


def test_devices_are_named_with_aliases_area_and_kind_but_no_state() -> None:
    text = description_of((KITCHEN_LIGHT, replace(DESK_LAMP, area=None)))
    assert '- "kitchen light" or "cooking lamp" in "kitchen": light' in text
    assert '- "desk lamp": light' in text


def test_it_holds_data_only_and_no_second_copy_of_the_rules() -> None:
    heading, *entries = description_of((KITCHEN_LIGHT, DESK_LAMP)).splitlines()
    assert heading == "Devices:"
    assert len(entries) == 2
    assert all(entry.startswith('- "') for entry in entries)


def test_a_large_house_is_counted() -> None:
    many = [replace(DESK_LAMP, id=f"l{number}") for number in range(MOST_NAMED)]
    assert description_of(many).count('"desk lamp"') == MOST_NAMED
    text = description_of((*many, replace(DESK_LAMP, area=None)))
    assert f'- "office": {MOST_NAMED} x light' in text
    assert '- "no area": 1 x light' in text
    assert '"desk lamp"' not in text


def test_hidden_devices_are_not_mentioned() -> None:
    assert description_of((replace(DESK_LAMP, exposed=False),)) == ""
