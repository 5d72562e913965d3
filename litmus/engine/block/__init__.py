"""Many candidates at once: what holds of each is a bit of an integer, and one operation on integers judges them all."""
