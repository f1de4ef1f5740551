"""Measurements; ratios in one run, never assertions."""
