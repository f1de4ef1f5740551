"""Dated facts: one table of figures, and the rules by which a world is what was known at its date."""
