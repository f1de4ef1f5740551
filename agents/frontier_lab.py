"""Frontier labs: developers that set out to lead."""

from __future__ import annotations

from agents.base import Decisions, MarketAgent
from agents.developer import (
    developer_aligns_models,
    developer_buys_experiments,
    developer_exits,
    developer_hires,
    developer_looks_around,
    developer_opens_accounts,
    developer_pays_researchers,
    developer_researches,
)
from agents.funding import (
    developer_is_valued,
    developer_pays_owners,
    developer_raises,
    developer_starts,
)
from agents.plans import developer_plans
from agents.releases import developer_hides_traces, developer_makes_news, developer_trains


class Developer(MarketAgent):
    """Trains models: leads, follows or waits, by expected net value."""

    table = "developers"
    decisions = Decisions(
        "developer",
        developer_opens_accounts,
        developer_looks_around,
        developer_pays_researchers,
        developer_buys_experiments,
        developer_researches,
        developer_aligns_models,
        developer_hires,
        developer_trains,
        developer_makes_news,
        developer_hides_traces,
        developer_plans,
        developer_raises,
        developer_starts,
        developer_pays_owners,
        developer_is_valued,
        developer_exits,
    )


class FrontierLab(Developer):
    """A developer with a usual lab's team, wages and legal exposure; funded to lead."""


class PublicLab(Developer):
    """A government's lab: spends grants on research and runs, sells nothing."""
