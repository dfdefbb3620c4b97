"""THIRD_PARTY.md names every package of the locks and the terms of every model."""

import pytest

from scripts.lib import third_party
from tests.plan.source_code import ROOT

DOCUMENT = (ROOT / "THIRD_PARTY.md").read_text()


def test_every_locked_package_is_in_the_table() -> None:
    locked = [
        name
        for lock in ROOT.glob("requirements*.lock")
        for name in third_party.locked_names(lock.read_text())
    ]
    assert len(locked) > 100
    assert sorted(set(locked)) == sorted(third_party.named_in(DOCUMENT))


def test_what_only_other_systems_install_is_left_out() -> None:
    lock = (
        "colorama==0.4.6 ; sys_platform == 'win32' \\\nnumpy==2.4.6 ; python_version < '3.12' \\\n"
    )
    assert third_party.locked_names(lock + "numpy==2.5.5 ; python_version >= '3.12' \\\n") == [
        "numpy"
    ]


def test_every_row_states_a_licence() -> None:
    rows = DOCUMENT.partition(third_party.BEGIN)[2].partition(third_party.END)[0].splitlines()[3:]
    assert all(row.split("|")[3].strip() for row in rows)


BSD = "License :: OSI Approved :: BSD License"


@pytest.mark.parametrize(
    ("told", "licence"),
    [
        ({"license_expression": "MIT", "classifier": [BSD]}, "MIT"),
        ({"license": "as it is", "classifier": [BSD, "License :: OSI Approved"]}, "BSD License"),
        ({"license": "short\n  words"}, "short words"),
        ({"license": "a whole text " * 20}, ""),
        ({"name": "silent"}, ""),
    ],
)
def test_the_licence_is_what_the_package_says(
    told: dict[str, str | list[str]], licence: str
) -> None:
    assert third_party.licence_of(told) == licence


def test_writing_the_table_leaves_the_rest_alone() -> None:
    text = f"before\n{third_party.BEGIN}\nold\n{third_party.END}\nafter\n"
    new = third_party.written_into(text, "new")
    assert new == text.replace("old", "new")


@pytest.mark.parametrize("name", ["openWakeWord", "Moonshine", "Silero", "hibari", "espeak-ng"])
def test_every_model_and_voice_is_named(name: str) -> None:
    assert name in DOCUMENT


def test_the_wake_words_are_told_to_be_non_commercial() -> None:
    (row,) = [line for line in DOCUMENT.splitlines() if line.startswith("| openWakeWord")]
    assert "CC BY-NC-SA 4.0" in row
    assert "non-commercial" in row
    assert "David Scripka" in row
