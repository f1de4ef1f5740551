"""Moat: an agent-based laboratory for the economics of frontier AI."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from model.ensemble import Ensemble
    from model.market import Market
    from model.scenario import Scenario
    from world.errors import InputError

__version__ = "0.1.0"
__all__ = ["Ensemble", "InputError", "Market", "Scenario"]

_HOMES = {
    "Ensemble": "model.ensemble",
    "InputError": "world.errors",
    "Market": "model.market",
    "Scenario": "model.scenario",
}


def __getattr__(name: str) -> Any:
    # On first use: the laws must be importable without the market above them.
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'model' has no attribute {name!r}")
