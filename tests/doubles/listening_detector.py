"""A wake detector that knows the sound of its words at sight."""

import threading
from collections.abc import Mapping


class ListeningDetector:
    """Fits `ports.WakeDetector`: a frame that begins with a word's name is that word."""

    def __init__(self, *words: str) -> None:
        self._words = words
        self.heard: list[bytes] = []
        self.restarts: list[int] = []
        self.threads: set[str] = set()

    def hear(self, frame: bytes) -> Mapping[str, float]:
        self.heard.append(frame)
        self.threads.add(threading.current_thread().name)
        return {word: float(frame.startswith(word.encode())) for word in self._words}

    def restart(self) -> None:
        """Note before which frame the past was forgotten."""
        self.restarts.append(len(self.heard))
