"""The demo as lines and as JSON."""

import asyncio
import json
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.app.chronicle import Chronicle, Entry
from assistant.app.demo_command import _shown
from assistant.app.plain_view import QUIET_EVENTS, print_json, print_line, sentence_of
from tests.rooms.told_turns import BEGAN, dark_stage, tell_kitchen_turn


def entry(event: str, **more: Any) -> Entry:
    return {"t": 1.234, "event": event, **more}


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        (entry("scene", title="a lock asks back", says=""), "--- a lock asks back"),
        (
            entry("wake", word="hey_jarvis", score=0.987),
            "heard the wake word hey_jarvis (0.99)",
        ),
        (entry("state", state="thinking"), "  [thinking]"),
        (entry("transcript", text="hello"), 'you:       "hello"'),
        (entry("reply", text="Hello."), 'assistant: "Hello."'),
        (entry("announcement", text="Sorry."), 'assistant: "Sorry." (its own voice)'),
        (entry("call", name="home_turn", arguments={"a": 1}), '    home_turn {"a": 1}'),
        (entry("call_answered", result={"status": "timeout"}), "    -> timeout"),
        (entry("call_answered", result={}), "    -> ?"),
        (entry("mqtt", direction="sent", topic="a/set", payload="ON"), "    > a/set ON"),
        (entry("mqtt", direction="received", topic="a", payload="ON"), "    < a ON"),
        (entry("interrupted", heard_ms=900), "  interrupted: 900 ms were heard"),
        (entry("chime", chime="awake"), "  (chime: awake)"),
        (entry("link_lost", reason="gone", remedy="wait"), "link lost: gone wait"),
        (entry("speech_started"), "speech started"),
    ],
)
def test_an_entry_is_a_sentence(told: Entry, sentence: str) -> None:
    assert sentence_of(told) == sentence


@pytest.mark.parametrize("event", sorted(QUIET_EVENTS))
def test_what_nobody_needs_to_know_prints_no_line(
    event: str, capsys: pytest.CaptureFixture[str]
) -> None:
    print_line(entry(event))
    assert capsys.readouterr().out == ""


def test_a_line_begins_with_its_time(capsys: pytest.CaptureFixture[str]) -> None:
    print_line(entry("reply", text="Hello."))
    assert capsys.readouterr().out == '    1.23  assistant: "Hello."\n'


@given(st.text())
def test_no_message_can_move_the_cursor(text: str) -> None:
    sentence = sentence_of(entry("mqtt", direction="received", topic=text, payload=text))
    assert sentence.isprintable()


def test_json_is_one_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    chronicle = Chronicle(dict, BEGAN)
    chronicle.add_listener(print_json)
    tell_kitchen_turn(chronicle, said="two\nlines")
    read = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert read == list(chronicle.entries)
    assert read[0] == {"t": 2.0, "event": "wake", "word": "hey_jarvis", "score": 0.9877}


def test_every_entry_of_a_turn_can_be_told_as_a_line() -> None:
    chronicle = Chronicle(dict, BEGAN)
    sentences: list[str] = []
    chronicle.add_listener(lambda told: sentences.append(sentence_of(told)))
    tell_kitchen_turn(chronicle)
    shown = [sentence for sentence in sentences if sentence]
    assert 'you:       "turn on the kitchen light"' in shown
    assert '    > zigbee2mqtt/Kitchen/set {"state":"ON"}' in shown


def shown(capsys: pytest.CaptureFixture[str], *, as_json: bool, plain: bool) -> list[str]:
    """What a demo prints of one turn."""

    async def story() -> None:
        stage = dark_stage()
        async with _shown(stage, as_json=as_json, plain=plain):
            tell_kitchen_turn(stage.chronicle)

    asyncio.run(story())
    return capsys.readouterr().out.splitlines()


def test_json_is_chosen_before_everything_else(capsys: pytest.CaptureFixture[str]) -> None:
    lines = shown(capsys, as_json=True, plain=True)
    assert json.loads(lines[0])["event"] == "wake"


@pytest.mark.parametrize("plain", [True, False])
def test_a_pipe_gets_lines(capsys: pytest.CaptureFixture[str], plain: bool) -> None:
    lines = shown(capsys, as_json=False, plain=plain)
    assert '    4.10  you:       "turn on the kitchen light"' in lines


def test_a_terminal_gets_lines_where_the_drawing_library_is_missing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setitem(sys.modules, "assistant.app.live_view", None)
    assert '    4.10  you:       "turn on the kitchen light"' in shown(
        capsys, as_json=False, plain=False
    )


def test_a_terminal_gets_the_live_view_unless_lines_are_wanted(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert any("conversation" in line for line in shown(capsys, as_json=False, plain=False))
    assert not any("conversation" in line for line in shown(capsys, as_json=False, plain=True))
