"""Floor 6: puts the house together and gives it its commands."""
