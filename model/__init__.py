"""How a month and a history come about: rulebook, schedule, engines, graph, observation, regimes."""

from __future__ import annotations

import mesa  # noqa: F401  # first: deep in other imports it takes longer (findings/mesa_import_depth.sh)

from model.ensemble import Ensemble
from model.extension import Extension
from model.market import Market
from model.rulebook import STANDARD, Rulebook
from model.scenario import Scenario
from world.errors import InputError

__version__ = "0.1.0"
__all__ = ["STANDARD", "Ensemble", "Extension", "InputError", "Market", "Rulebook", "Scenario"]
