"""Voices of the house: one that speaks, one that is hoarse, and none."""

import asyncio

from assistant.errors import SpeechUnavailable


class SpeakingVoice:
    """Fits `ports.Voice`: one sample per letter, after the time that thinking takes."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds = seconds
        self.at_once = 0
        self.most_at_once = 0

    async def speak(self, text: str) -> bytes:
        self.at_once += 1
        self.most_at_once = max(self.at_once, self.most_at_once)
        await asyncio.sleep(self.seconds / max(1, len(text)))
        self.at_once -= 1
        return bytes(2 * len(text))


class MissingVoice:
    """No voice is installed."""

    async def speak(self, text: str) -> bytes:
        return b"" * len(text)


class HoarseVoice:
    """The voice broke after it was loaded."""

    async def speak(self, text: str) -> bytes:
        raise SpeechUnavailable(f"cannot say {text!r}", "Install the voice again.")
