"""The chronicle: what it keeps of a turn, and what it tells those who listen."""

import json
from typing import Any

import pytest

from assistant.app.chronicle import RECENT_ENTRIES, Chronicle, Entry
from assistant.session.commands import Announce, Chime, PlayChime
from assistant.session.events import (
    DeadlinePassed,
    LinkLost,
    MicHeard,
    ReplyWorded,
    SpeakerFinished,
    SpeakerStarted,
    SpeakerStopped,
    UserStartedSpeaking,
    UserStoppedSpeaking,
    UserTranscribed,
    WakeWordHeard,
)
from assistant.units import CallId, ItemId, Milliseconds
from tests.rooms.told_turns import (
    ASLEEP,
    BEGAN,
    CONNECTING,
    HEARING,
    LISTENING,
    REPLY,
    RESPONSE,
    SPEAKING,
    THINKING,
    USER,
    call,
    message,
    reply,
    returned,
    speak,
    step,
    tell_kitchen_turn,
    wake,
)


class House:
    """States that a test changes."""

    def __init__(self) -> None:
        self.states: dict[str, dict[str, Any]] = {"lamp": {"power": "off"}}

    def __call__(self) -> dict[str, dict[str, Any]]:
        return {name: dict(state) for name, state in self.states.items()}


def chronicle_and_entries() -> tuple[Chronicle, list[Entry]]:
    chronicle, entries = Chronicle(dict, BEGAN), list[Entry]()
    chronicle.add_listener(entries.append)
    return chronicle, entries


def told(entries: list[Entry], event: str) -> list[Entry]:
    return [entry for entry in entries if entry["event"] == event]


def test_a_turn_keeps_what_was_said_done_and_answered() -> None:
    chronicle, _ = chronicle_and_entries()
    tell_kitchen_turn(chronicle)
    (turn,) = chronicle.turns
    assert (turn.number, turn.conversation) == (1, 1)
    assert (turn.wake_word, turn.wake_score) == ("hey_jarvis", 0.9877)
    assert turn.transcript == "turn on the kitchen light"
    assert turn.reply == "The kitchen light is on."
    assert turn.reply_seconds == 2.0
    (made,) = turn.calls
    assert made["name"] == "home_turn"
    assert made["arguments"] == {"target": {"name": "kitchen light"}, "state": "on"}
    assert made["status"] == "done"


def test_latencies_are_measured_between_the_marks() -> None:
    chronicle, _ = chronicle_and_entries()
    tell_kitchen_turn(chronicle)
    assert chronicle.turns[0].latencies() == {
        "wake_to_link_ready": 40.0,
        "speech_end_to_call": 200.0,
        "call_to_confirmed": 50.0,
        "confirmed_to_first_audio": 150.0,
        "speech_end_to_first_audio": 400.0,
    }


def test_a_timeout_is_an_answer_and_no_confirmation() -> None:
    chronicle, _ = chronicle_and_entries()
    tell_kitchen_turn(chronicle, status="timeout")
    legs = chronicle.turns[0].latencies()
    assert legs["call_to_answered"] == 50.0
    assert legs["answered_to_first_audio"] == 150.0
    assert not {leg for leg in legs if "confirmed" in leg}


def test_one_unproven_call_of_two_leaves_the_turn_unconfirmed() -> None:
    chronicle, _ = chronicle_and_entries()
    speak(chronicle, 3.0, "both")
    chronicle.see_step(step(4.2, DeadlinePassed(), THINKING, None, call(), call(call_id="call_2")))
    chronicle.see_step(step(4.3, returned("done"), THINKING))
    assert not chronicle.turns[0].is_confirmed
    chronicle.see_step(step(4.4, returned("mismatch", "call_2"), THINKING))
    assert not chronicle.turns[0].is_confirmed


def test_the_reply_waits_for_the_last_of_several_calls() -> None:
    chronicle, _ = chronicle_and_entries()
    speak(chronicle, 3.0, "both")
    chronicle.see_step(step(4.2, DeadlinePassed(), THINKING, None, call(), call(call_id="call_2")))
    chronicle.see_step(step(4.3, returned("done"), THINKING))
    chronicle.see_step(step(5.0, returned("in_progress", "call_2"), THINKING))
    reply(chronicle, 5.1, "Both.")
    assert chronicle.turns[0].latencies()["call_to_confirmed"] == 800.0
    assert chronicle.turns[0].latencies()["confirmed_to_first_audio"] == 100.0


def test_an_answer_behind_the_first_sound_moves_no_mark() -> None:
    chronicle, _ = chronicle_and_entries()
    tell_kitchen_turn(chronicle)
    chronicle.see_step(step(7.0, DeadlinePassed(), THINKING, None, call(call_id="call_2")))
    chronicle.see_step(step(7.5, returned("done", "call_2"), THINKING))
    assert chronicle.turns[0].times["answered"] == 4.25
    assert chronicle.turns[0].calls[1]["status"] == "done"


def test_a_follow_up_has_no_wake_word() -> None:
    chronicle, _ = chronicle_and_entries()
    tell_kitchen_turn(chronicle)
    speak(chronicle, 8.0, "and off again")
    assert chronicle.turns[1].wake_word == ""
    assert "wake" not in chronicle.turns[1].times
    assert chronicle.turns[1].number == 2


def test_a_wake_that_nobody_follows_is_forgotten_at_the_next() -> None:
    chronicle, _ = chronicle_and_entries()
    wake(chronicle, 2.0)
    chronicle.see_step(step(5.0, DeadlinePassed(), LISTENING, ASLEEP))
    wake(chronicle, 20.0)
    speak(chronicle, 21.0, "hello")
    (turn,) = chronicle.turns
    assert turn.times["wake"] == 20.0
    assert turn.times["link_ready"] == 20.04


def test_a_wake_word_in_a_conversation_is_no_wake() -> None:
    chronicle, entries = chronicle_and_entries()
    chronicle.see_step(step(2.0, WakeWordHeard("hey_jarvis", 0.9), LISTENING))
    assert not told(entries, "wake")


def test_states_are_kept_from_before_and_after_the_turn() -> None:
    house = House()
    chronicle = Chronicle(house, BEGAN)
    speak(chronicle, 3.0, "lamp on")
    house.states["lamp"]["power"] = "on"
    speak(chronicle, 8.0, "lamp off")
    house.states["lamp"]["power"] = "dimmed"
    chronicle.see_step(step(12.0, DeadlinePassed(), LISTENING, ASLEEP))
    house.states["lamp"]["power"] = "changed by hand"
    chronicle.close_turn()
    first, second = chronicle.turns
    assert first.states_before == {"lamp": {"power": "off"}}
    assert first.states_after == second.states_before == {"lamp": {"power": "on"}}
    assert second.states_after == {"lamp": {"power": "dimmed"}}


def test_an_interruption_tells_how_much_was_heard() -> None:
    chronicle, entries = chronicle_and_entries()
    tell_kitchen_turn(chronicle)
    stopped = SpeakerStopped(REPLY, Milliseconds(1240))
    chronicle.see_step(step(7.0, stopped, SPEAKING, LISTENING))
    assert chronicle.turns[0].interrupted_after_ms == 1240
    assert told(entries, "interrupted")[0]["heard_ms"] == 1240


def test_a_late_reply_belongs_to_the_turn_that_it_answers() -> None:
    chronicle, _ = chronicle_and_entries()
    tell_kitchen_turn(chronicle)
    chronicle.see_step(step(8.0, UserStartedSpeaking(USER), SPEAKING, HEARING))
    chronicle.see_step(step(8.1, SpeakerStopped(REPLY, Milliseconds(500)), HEARING))
    assert chronicle.turns[0].interrupted_after_ms == 500
    assert chronicle.turns[1].interrupted_after_ms is None


def test_pieces_of_a_reply_are_joined() -> None:
    chronicle, _ = chronicle_and_entries()
    tell_kitchen_turn(chronicle)
    chronicle.see_step(step(7.0, ReplyWorded(RESPONSE, REPLY, "Anything else?"), SPEAKING))
    assert chronicle.turns[0].reply == "The kitchen light is on. Anything else?"


def test_announcements_are_told_and_their_sound_counts() -> None:
    chronicle, entries = chronicle_and_entries()
    speak(chronicle, 3.0, "hello")
    gone = LinkLost("the line is down", "try again")
    chronicle.see_step(step(5.0, gone, THINKING, ASLEEP, Announce("I lost the connection.")))
    spoken = SpeakerFinished(ItemId("announcement-1"), Milliseconds(1500))
    chronicle.see_step(step(7.0, spoken, ASLEEP))
    assert chronicle.announcements == ["I lost the connection."]
    assert told(entries, "announcement")[0]["text"] == "I lost the connection."
    assert told(entries, "link_lost")[0]["remedy"] == "try again"
    assert chronicle.turns[0].reply_seconds == 1.5


def test_a_change_of_state_is_told_once() -> None:
    chronicle, entries = chronicle_and_entries()
    tell_kitchen_turn(chronicle)
    chronicle.see_step(step(9.0, MicHeard(b""), LISTENING))
    assert [entry["state"] for entry in told(entries, "state")] == [
        "connecting",
        "listening",
        "hearing",
        "thinking",
        "speaking",
        "listening",
    ]


def test_messages_scenes_and_chimes_are_told_with_their_time() -> None:
    chronicle, entries = chronicle_and_entries()
    chronicle.see_traffic(message("a/b", "x" * 1000, sent=True), BEGAN + 1.5)
    chronicle.see_scene("a title", "a line", BEGAN + 2.0)
    chronicle.see_step(step(3.0, MicHeard(b""), ASLEEP, None, PlayChime(Chime.AWAKE)))
    sent, scene, chime = entries
    assert sent == {
        "t": 1.5,
        "event": "mqtt",
        "direction": "sent",
        "topic": "a/b",
        "payload": "x" * 400,
    }
    assert scene == {"t": 2.0, "event": "scene", "title": "a title", "says": "a line"}
    assert chime == {"t": 3.0, "event": "chime", "chime": "awake"}


@pytest.mark.parametrize(
    ("arguments", "parsed"),
    [
        ('{"a": 1}', {"a": 1}),
        ("", {}),
        ("not json", {"text": "not json"}),
        ("[1, 2]", {"value": [1, 2]}),
    ],
)
def test_arguments_of_any_kind_are_told(arguments: str, parsed: dict[str, Any]) -> None:
    chronicle, entries = chronicle_and_entries()
    speak(chronicle, 3.0, "x")
    order = call(arguments=arguments)
    chronicle.see_step(step(4.0, DeadlinePassed(), THINKING, None, order))
    assert told(entries, "call")[0]["arguments"] == parsed


def test_what_belongs_to_no_turn_is_told_all_the_same() -> None:
    chronicle, entries = chronicle_and_entries()
    for event in (
        UserTranscribed(USER, "a ghost"),
        UserStoppedSpeaking(USER),
        ReplyWorded(RESPONSE, REPLY, "boo"),
        SpeakerStarted(ItemId("announcement-1")),
        SpeakerFinished(ItemId("announcement-1"), Milliseconds(10)),
        returned(call_id="never made"),
    ):
        chronicle.see_step(step(1.0, event, LISTENING))
    chronicle.see_step(step(2.0, DeadlinePassed(), LISTENING, None, call()))
    chronicle.close_turn()
    assert not chronicle.turns
    assert [entry["event"] for entry in entries] == [
        "transcript",
        "speech_stopped",
        "reply",
        "speaking",
        "spoken",
        "call_answered",
        "call",
    ]


def test_a_turn_can_be_told_as_json() -> None:
    chronicle, _ = chronicle_and_entries()
    tell_kitchen_turn(chronicle)
    read = json.loads(json.dumps(chronicle.turns[0].told()))
    assert read["latencies_ms"]["speech_end_to_first_audio"] == 400.0
    assert read["calls"][0]["result"] == {"status": "done"}


def test_entries_are_kept_for_the_picture_but_not_for_ever() -> None:
    chronicle, _ = chronicle_and_entries()
    for number in range(RECENT_ENTRIES + 10):
        chronicle.see_traffic(message("a", str(number)), BEGAN)
    assert len(chronicle.entries) == RECENT_ENTRIES
    assert chronicle.entries[-1]["payload"] == str(RECENT_ENTRIES + 9)


def test_all_who_listen_are_told() -> None:
    chronicle, entries = chronicle_and_entries()
    others: list[Entry] = []
    chronicle.add_listener(others.append)
    chronicle.see_step(step(1.0, returned(), CONNECTING))
    assert others == entries
    assert others[0]["call"] == CallId("call_1")


def test_the_sound_of_a_reply_that_nobody_knows_marks_no_turn() -> None:
    chronicle, entries = chronicle_and_entries()
    speak(chronicle, 3.0, "hello")
    chronicle.see_step(step(5.0, SpeakerStarted(ItemId("announcement-1")), THINKING))
    assert "first_audio" not in chronicle.turns[0].times
    assert told(entries, "speaking")[0]["item"] == "announcement-1"
