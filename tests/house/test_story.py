"""The demo's story, once and whole: what it says, does, writes and lets others see."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from assistant.app.story import STORY
from tests.house.children import Child, assistant, child
from tests.house.speech import Samples, heard, likeness, read_channels

pytestmark = pytest.mark.slow

RATE = 24_000
ALIKE = 0.6
"""The ears write numbers as digits, the voice says them in words."""


@dataclass(frozen=True)
class Told:
    """Everything that is left of a demo."""

    code: int
    entries: list[dict[str, Any]]
    stderr: str
    folder: Path
    mqtt: list[str]

    @property
    def summary(self) -> dict[str, Any]:
        return self.entries[-1]

    @property
    def turns(self) -> list[dict[str, Any]]:
        turns: list[dict[str, Any]] = self.summary["turns"]
        return turns

    def sound(self, side: int, begin: float, end: float) -> str:
        """What the ears make of one side of the conversation, in seconds of the story."""
        _, sides = read_channels(self.folder / "conversation.wav")
        zero = self.summary["wav_begins_at"]
        first, last = (max(0, round((at - zero) * RATE)) for at in (begin, end))
        return heard(sides[side][first:last].tobytes(), RATE)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    folder = tmp_path_factory.mktemp("story")
    with assistant("demo", "--json", "--output", folder) as demo:
        port = demo.entry("ready")["broker_port"]
        with child("mosquitto_sub", "-p", port, "-t", "#", "-F", "%t|%p") as watcher:
            code = demo.ended(240)
            yield Told(code, demo.entries(), demo.stderr, folder, _seen_by(watcher))


def _seen_by(watcher: Child) -> list[str]:
    watcher.end()
    return watcher.lines


def test_the_story_comes_true_scene_by_scene(told: Told) -> None:
    scenes = told.summary["story"]
    assert [scene["says"] for scene in scenes] == [scene.says for scene in STORY]
    assert [scene for scene in scenes if not scene["came_true"]] == []
    assert told.summary["ok"] is True
    assert told.code == 0


def test_the_last_line_is_the_summary_and_nothing_is_said_beside_it(told: Told) -> None:
    assert told.summary["event"] == "summary"
    assert [entry["event"] for entry in told.entries].count("summary") == 1
    assert told.stderr == ""
    assert told.summary["announcements"] == []
    assert told.summary["wakes"] == 2


def test_the_right_side_of_the_recording_holds_the_replies(told: Told) -> None:
    spoken = [turn for turn in told.turns if "reply_ended" in turn["times"]]
    assert len(spoken) >= len(STORY) - 1
    for turn in spoken:
        times = turn["times"]
        said = told.sound(1, times["first_audio"] - 0.1, times["reply_ended"] + 0.1)
        reply = turn["reply"]
        if turn["interrupted_after_ms"] is not None:
            # A reply that was cut before the far end had made all of it never told its text.
            reply = reply[: len(said)] or said
            assert said
        assert likeness(said, reply) > ALIKE, (said, turn["reply"])


def test_the_left_side_of_the_recording_holds_the_lines_of_the_user(told: Told) -> None:
    for turn, scene in zip(told.turns, STORY, strict=True):
        times = turn["times"]
        # On a busy machine the far end tells of speech late; before it the user was silent.
        said = told.sound(0, times["speech_started"] - 2.0, times["speech_stopped"] + 0.1)
        assert likeness(said.removeprefix("hey jarvis"), scene.says) > ALIKE, (said, scene.says)


def test_the_recording_is_stereo_and_both_sides_have_the_same_clock(told: Told) -> None:
    rate, sides = read_channels(told.folder / "conversation.wav")
    assert (rate, len(sides)) == (RATE, 2)
    reply = told.turns[0]["times"]["first_audio"] - told.summary["wav_begins_at"]
    # The voice draws breath before its first word.
    assert reply <= _begins(sides[1], near=reply) < reply + 0.6


def _begins(side: Samples, near: float) -> float:
    """Seconds to the first sound within two seconds around a place."""
    first = round((near - 1.0) * RATE)
    loud = abs(side[first : first + 2 * RATE].astype(int)) > 300
    return (first + int(loud.argmax())) / RATE


def test_the_turns_on_disk_are_those_of_the_summary(told: Told) -> None:
    lines = (told.folder / "turns.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in lines] == told.turns


def test_the_picture_of_a_turn_is_drawn(told: Told) -> None:
    data = (told.folder / "timeline.png").read_bytes()
    assert data.startswith(b"\x89PNG")
    assert len(data) > 10_000


def test_every_leg_of_an_obeyed_command_is_timed(told: Told) -> None:
    legs = told.turns[0]["latencies_ms"]
    assert set(legs) == {
        "wake_to_link_ready",
        "speech_end_to_call",
        "call_to_confirmed",
        "confirmed_to_first_audio",
        "speech_end_to_first_audio",
    }
    assert all(0 < milliseconds < 20_000 for milliseconds in legs.values())
    parts = legs["speech_end_to_call"] + legs["call_to_confirmed"]
    whole = legs["speech_end_to_first_audio"]
    assert parts + legs["confirmed_to_first_audio"] == pytest.approx(whole, abs=1.0)


def test_another_client_of_the_broker_sees_the_commands_and_the_states(told: Told) -> None:
    commands = [line for line in told.mqtt if line.startswith("zigbee2mqtt/Kitchen light/set|")]
    states = [line for line in told.mqtt if line.startswith("zigbee2mqtt/Kitchen light|")]
    assert '"ON"' in commands[0]
    assert any('"ON"' in line for line in states)
    assert '"OFF"' in states[-1]
    told_of = {entry["topic"] for entry in told.entries if entry["event"] == "mqtt"}
    assert told_of <= {line.split("|")[0] for line in told.mqtt}
