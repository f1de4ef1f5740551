"""Settings for all tests: property tests draw the same examples on every machine."""

from __future__ import annotations

from hypothesis import settings

from world.compiled import PLAIN_PYTHON

# No deadline: the first call of a law compiles it.
settings.register_profile("moat", deadline=None, derandomize=True, max_examples=60)
settings.load_profile("moat")

# What needs thousands of months, or is about the compiled engine itself, would take
# hours in plain Python and show nothing that the rest does not.
collect_ignore = [
    "test_ablations.py", "test_audit.py", "test_calibrate.py", "test_cli.py",
    "test_compiled.py", "test_docs.py",
    "test_engines.py", "test_experiments.py", "test_fuzz.py",
    "test_goldens.py", "test_kills.py", "test_metamorphic.py", "test_money.py", "test_notebooks.py",
    "test_options.py", "test_outputs.py", "test_page_limits.py", "test_page_server.py",
    "test_random_worlds.py", "test_replay.py", "test_results.py", "test_store.py", "test_studies.py",
    "test_sweep.py", "test_verify.py",
] if PLAIN_PYTHON else []  # fmt: skip
