"""What a session of the local far end begins with, and which wishes it cannot grant. Pure."""

from assistant.local.conversation import Refused
from assistant.realtime.messages import AudioFormat, SessionConfig, TurnDetection

LONGEST_PADDING_MS = 5_000
LONGEST_SILENCE_MS = 60_000

DEFAULTS = SessionConfig(
    instructions="",
    output_modalities=("audio",),
    tools=(),
    tool_choice="auto",
    max_output_tokens="inf",
    input_format=AudioFormat.PCM,
    output_format=AudioFormat.PCM,
    transcription=None,
    noise_reduction=None,
    turn_detection=TurnDetection(
        threshold=0.5,
        prefix_padding_ms=300,
        silence_duration_ms=500,
        create_response=True,
        interrupt_response=True,
    ),
    voice="heart",
    speed=1.0,
    truncation="auto",
    tracing=None,
    include=None,
)


def check_update(config: SessionConfig) -> None:
    """Refuse what would be promised in vain. Raises `Refused`."""
    for form in (config.input_format, config.output_format):
        if isinstance(form, AudioFormat) and form is not AudioFormat.PCM:
            raise Refused(
                "invalid_value", "this server speaks audio/pcm at 24 kHz only", "session.audio"
            )
    if isinstance(config.turn_detection, TurnDetection):
        _check_detection(config.turn_detection)


def _check_detection(detection: TurnDetection) -> None:
    limits = {"threshold": 1, "prefix_padding_ms": LONGEST_PADDING_MS,
              "silence_duration_ms": LONGEST_SILENCE_MS}  # fmt: skip
    for name, most in limits.items():
        value = getattr(detection, name)
        if value is not None and not 0 <= value <= most:
            place = f"session.audio.input.turn_detection.{name}"
            raise Refused("invalid_value", f"{name} lies between 0 and {most}", place)
