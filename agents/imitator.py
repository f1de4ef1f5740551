"""Imitators: developers that set out to follow."""

from __future__ import annotations

from agents.frontier_lab import Developer


class Imitator(Developer):
    """A developer with lower wages and no legal exposure in copying.

    Clever ones have research ability of their own and can come to lead; those
    with the open habit publish their weights unless they lead.
    """
