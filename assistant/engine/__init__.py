"""Floor 4: the event loop around the pure session."""
