"""Floor 1: the language of the far end, blind to which end speaks it."""
