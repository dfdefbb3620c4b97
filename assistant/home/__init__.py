"""Floor 1: what exists at home, what may be asked of it, and what is true about it."""
