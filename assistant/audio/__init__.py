"""Floor 1: the arithmetic of sound."""
