"""Floor 2: who has the floor; pure, with time as an argument."""
