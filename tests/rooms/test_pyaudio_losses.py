"""What is lost on the way is told when it grows, and at most once a minute."""

import logging

import pytest

from assistant.adapters.pyaudio_losses import Losses
from assistant.adapters.sound_devices import Direction
from assistant.units import Seconds


def told_at(losses: Losses, caplog: pytest.LogCaptureFixture, now: float) -> list[str]:
    caplog.clear()
    with caplog.at_level(logging.INFO):
        losses.tell(Seconds(now))
    return [record.getMessage() for record in caplog.records]


def test_nothing_lost_is_nothing_told(caplog: pytest.LogCaptureFixture) -> None:
    assert told_at(Losses(Direction.INPUT), caplog, 0) == []


def test_what_grew_is_told_once_and_again_only_after_a_minute(
    caplog: pytest.LogCaptureFixture,
) -> None:
    losses = Losses(Direction.INPUT)
    losses.xruns = 2
    assert told_at(losses, caplog, 0) == ["microphone: 2 xruns and 0 lost blocks since the start"]
    losses.lost_blocks = 3
    assert told_at(losses, caplog, 59) == []
    assert told_at(losses, caplog, 60) == ["microphone: 2 xruns and 3 lost blocks since the start"]
    assert told_at(losses, caplog, 600) == []


def test_the_counts_are_fields_of_their_own(caplog: pytest.LogCaptureFixture) -> None:
    losses = Losses(Direction.OUTPUT)
    losses.xruns, losses.lost_blocks = 4, 5
    told_at(losses, caplog, 0)
    fields = vars(caplog.records[0])
    assert fields["event"] == "sound_losses"
    assert (fields["device"], fields["xruns"], fields["lost"]) == ("speaker", 4, 5)
