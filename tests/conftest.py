"""Settings for all tests: property tests draw the same examples on every machine."""

from __future__ import annotations

from hypothesis import settings

# No deadline: the first call of a law compiles it.
settings.register_profile("moat", deadline=None, derandomize=True, max_examples=60)
settings.load_profile("moat")
