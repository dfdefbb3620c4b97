"""What a session of the far end may be told, and what it cannot promise."""

from dataclasses import fields
from typing import Any

import pytest

from assistant.local.conversation import Refused
from assistant.local.session_rules import DEFAULTS, check_update
from assistant.realtime.messages import UNSET, AudioFormat, SessionConfig, TurnDetection

NOT_TOLD = {"temperature", "reasoning", "parallel_tool_calls"}
"""What only some models or the beta dialect have."""


def test_a_session_begins_complete() -> None:
    unset = {one.name for one in fields(DEFAULTS) if getattr(DEFAULTS, one.name) is UNSET}
    assert unset == NOT_TOLD
    check_update(DEFAULTS)


@pytest.mark.parametrize(
    "config",
    [
        SessionConfig(),
        SessionConfig(turn_detection=None),
        SessionConfig(turn_detection=TurnDetection("semantic_vad", eagerness="low")),
        SessionConfig(turn_detection=TurnDetection(threshold=1.0, silence_duration_ms=60_000)),
        SessionConfig(turn_detection=TurnDetection(threshold=0, prefix_padding_ms=0)),
        SessionConfig(input_format=AudioFormat.PCM, output_format=AudioFormat.PCM),
    ],
)
def test_what_can_be_granted_passes(config: SessionConfig) -> None:
    check_update(config)


@pytest.mark.parametrize(
    ("wish", "place"),
    [
        ({"input_format": AudioFormat.ULAW}, "session.audio"),
        ({"output_format": AudioFormat.ALAW}, "session.audio"),
        ({"turn_detection": TurnDetection(threshold=1.1)}, "threshold"),
        ({"turn_detection": TurnDetection(threshold=-0.1)}, "threshold"),
        ({"turn_detection": TurnDetection(prefix_padding_ms=5_001)}, "prefix_padding_ms"),
        ({"turn_detection": TurnDetection(silence_duration_ms=-1)}, "silence_duration_ms"),
    ],
)
def test_what_cannot_is_refused_by_its_place(wish: dict[str, Any], place: str) -> None:
    with pytest.raises(Refused) as refused:
        check_update(SessionConfig(**wish))
    assert refused.value.fault.code == "invalid_value"
    assert refused.value.fault.param.endswith(place)
