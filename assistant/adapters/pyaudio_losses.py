"""What a sound card dropped, counted, and told to the log when it grows."""

import logging

from assistant.adapters.sound_devices import Direction
from assistant.units import Seconds

log = logging.getLogger("assistant.adapters.portaudio")

PAUSE_S = 60.0


class Losses:
    """Counts since the start; PortAudio's thread or the event loop's may count, one of them."""

    def __init__(self, direction: Direction) -> None:
        self._direction = direction
        self._told = (0, 0)
        self._due = float("-inf")
        self.xruns = 0
        """How often the device had to wait, or we came too late."""
        self.lost_blocks = 0
        """How many blocks came and were never taken."""

    def tell(self, now: Seconds) -> None:
        """Log the counts where they have grown, at most once a minute; time is an argument."""
        counts = (self.xruns, self.lost_blocks)
        if counts == self._told or now < self._due:
            return
        self._told, self._due = counts, now + PAUSE_S
        name = self._direction.value
        extra = {"event": "sound_losses", "device": name, "xruns": counts[0], "lost": counts[1]}
        log.info("%s: %d xruns and %d lost blocks since the start", name, *counts, extra=extra)
