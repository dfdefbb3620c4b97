"""Floor 5: the offline far end, a house of its own behind the same wires."""
