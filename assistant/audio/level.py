"""How loud a piece of sound is."""

import numpy as np

SILENCE_DBFS = -120.0
FULL_SCALE = 32768.0


def level_dbfs(pcm: bytes) -> float:
    """Root mean square of s16le samples in dB below full scale; -120 for silence."""
    samples = np.frombuffer(pcm, dtype="<i2").astype(np.float32)
    if not samples.size:
        return SILENCE_DBFS
    power = float(np.mean(samples * samples)) / FULL_SCALE**2
    return max(SILENCE_DBFS, 10.0 * float(np.log10(power))) if power > 0 else SILENCE_DBFS
