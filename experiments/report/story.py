"""The story of a history, cut to what a reader can take in."""

from __future__ import annotations

import pandas as pd

TOLD = (
    "frontier_release", "surprise", "belief_up", "belief_reading", "round_failed", "round_shrunk",
    "exit", "entry", "public_research", "ip_strength", "export_control", "export_relaxed",
    "safety_rules", "weights_closed", "hostile_theft", "accident", "intervention",
)  # fmt: skip
SENTENCES = 80


def important(story: pd.DataFrame) -> dict[str, list[str]]:
    """At most 80 sentences of a story (`Market.story`), by year: the rarest kinds of event first."""
    story = story[story["event"].isin(TOLD)]
    counts = story["event"].map(story["event"].value_counts())
    kept = story.assign(rare=counts).sort_values(["rare", "date"], kind="stable").head(SENTENCES)
    kept = kept.sort_index()
    years: dict[str, list[str]] = {}
    for date, sentence in zip(kept["date"], kept["sentence"], strict=True):
        years.setdefault(date[:4], []).append(f"{date[5:]}: {sentence}")
    return years
