"""Floor 1: the shape of the configuration, and one reader that tells every fault."""
