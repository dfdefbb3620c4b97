"""Settings files for a daemon without sound cards, in a house of one lamp on its own broker."""

from pathlib import Path

CONFIG = """\
backend = "{backend}"
area = "kitchen"

[realtime]
url = "{url}"
dialect = "{dialect}"

[session]
follow_up_s = 1.0

[audio]
driver = "wav"
microphone_wav = "{microphone}"
speaker_wav = "{speaker}"

[local]
server = true
broker = true
house = true

[log]
level = "{level}"
transcripts = {transcripts}

[[devices]]
name = "kitchen light"
kind = "light"
area = "kitchen"
dialect = "zigbee2mqtt"
topic = "zigbee2mqtt/Kitchen light"
features = ["brightness"]
"""
DEFAULTS = {
    "backend": "local",
    "url": "wss://api.openai.com/v1/realtime",
    "dialect": "ga",
    "microphone": "",
    "speaker": "",
    "level": "info",
    "transcripts": "false",
}


def write_config(folder: Path, **choices: object) -> Path:
    """Write the file; `choices` replace single values."""
    file = folder / "assistant.toml"
    file.write_text(CONFIG.format(**DEFAULTS | choices), encoding="utf-8")
    return file
