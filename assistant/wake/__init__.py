"""Floor 1: from scores to one wake word heard."""
