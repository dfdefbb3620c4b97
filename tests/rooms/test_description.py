"""The paragraph about the home in the instructions."""

from dataclasses import replace

from assistant.home.description import MOST_NAMED, description_of
from tests.doubles.small_house import DESK_LAMP, KITCHEN_LIGHT


def test_devices_are_named_with_aliases_area_and_kind_but_no_state() -> None:
    text = description_of((KITCHEN_LIGHT, replace(DESK_LAMP, area=None)))
    assert '- "kitchen light" or "cooking lamp" in "kitchen": light' in text
    assert '- "desk lamp": light' in text
    assert "You are in" not in text


def test_the_own_area_explains_the_lights() -> None:
    assert 'You are in the area "kitchen"' in description_of((KITCHEN_LIGHT,), "kitchen")


def test_a_large_house_is_counted() -> None:
    many = [replace(DESK_LAMP, id=f"l{number}") for number in range(MOST_NAMED)]
    assert description_of(many).count('"desk lamp"') == MOST_NAMED
    text = description_of((*many, replace(DESK_LAMP, area=None)))
    assert f'- "office": {MOST_NAMED} x light' in text
    assert '- "no area": 1 x light' in text
    assert '"desk lamp"' not in text


def test_hidden_devices_are_not_mentioned() -> None:
    assert description_of((replace(DESK_LAMP, exposed=False),)) == ""
