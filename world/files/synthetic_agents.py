"""The agents of a generated world, with figures around those of 2025."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from world.files.agent_entries import empty_slot, no_run

if TYPE_CHECKING:
    from collections.abc import Sequence

Agent = dict[str, Any]

USUAL_LABS = 8  # frontier labs of a world of the usual size

# name, gdp [USD/year], market share, public AI research [USD/year], IP strength, court reach:
# the 2025 world's; further governments repeat the last with a tenth of its weight.
NATIONS = (
    ("United States", 29e12, 0.45, 3.3e9, 0.15, 0.9),
    ("China", 19e12, 0.2, 3.0e9, 0.1, 0.25),
    ("European Union", 20e12, 0.2, 1.5e9, 0.15, 0.8),
    ("Rest of world", 40e12, 0.15, 1.0e9, 0.1, 0.4),
)
CHINA = "China"
CHINESE = "Chinese customers"
LIVES = {"Consumers": 0.6, "Firms and programmers": 0.4, CHINESE: 1.0}  # part of their homes' demand
FITS = ((1.0, 0.45), (0.1, 1.0), (1.0, 1.0), (0.5, 0.5))  # to the first two, in turn, as in 2025
# Where agents live, in turn (row of the government): shares near those of 2025.
LAB_HOMES = (0, 0, 0, 0, 0, 2, 1, 0)
IMITATOR_HOMES = (1, 0, 1, 2, 1, 3, 1, 0, 1, 2)
INVESTOR_HOMES = (0, 0, 1, 0, 0, 2, 0, 3)
STRATEGIC_KINDS = ("cloud", "chip_maker", "corporate")
STRATEGIC_MONEY = {"cloud": 12e9, "chip_maker": 4e9, "corporate": 3e9}
LAB_BRANDS = (3.0, 1.5, 1.6, 0.8, 0.8, 0.6, 0.5, 0.5)


def make_governments(count: int) -> list[Agent]:
    """The four of 2025 first, then small ones; their markets add up to one."""
    rows = [NATIONS[g] if g < len(NATIONS) else _small_nation(g) for g in range(count)]
    market = math.fsum(row[2] for row in rows)
    return [
        {
            "name": name,
            "kind": "government",
            "gdp": gdp,
            "market_share": share / market,
            "public_research": research,
            "ip_strength": strength,
            "court_reach": reach,
        }
        for name, gdp, share, research, strength, reach in rows
    ]


def make_customers(homes: list[str]) -> list[Agent]:
    """Consumers, firms and, where there is China, its customers, as in 2025."""
    there = [name for name in LIVES if name != CHINESE or CHINA in homes]
    return [{"name": name, "kind": "customers"} for name in there]


def _small_nation(g: int) -> tuple[str, float, float, float, float, float]:
    _, gdp, share, research, strength, reach = NATIONS[-1]
    return f"Government {g + 1}", gdp / 10, share / 10, research / 10, strength, reach


def _home(homes: Sequence[str], pattern: Sequence[int], number: int) -> str:
    place = pattern[number % len(pattern)]
    return homes[place] if place < len(homes) else homes[0]


def bloc_of(agent: Agent) -> str:
    """China, or the West: everybody else."""
    return "China" if agent["jurisdiction"] == CHINA else "West"


def make_developers(
    labs: int, imitators: int, homes: list[str], market: float, rng: np.random.Generator
) -> list[Agent]:
    """Labs, imitators and up to three public laboratories; appeal divides the market [USD/year]."""
    built = [_lab(j, homes, rng) for j in range(labs)]
    built += [_imitator(j, homes, rng) for j in range(imitators)]
    best = max(d["capability"] for d in built)
    appeal = [d["brand"] * 10 ** (d["capability"] - best) for d in built]
    for developer, weight in zip(built, appeal, strict=True):
        developer["revenue"] = market * weight / math.fsum(appeal)
    return built + [_public_lab(home) for home in homes[:3]]


def _developer(name: str, kind: str, home: str, **columns: Any) -> Agent:
    base = {"name": name, "kind": kind, "jurisdiction": home, "alive": 1, "revenue": 0.0}
    return base | no_run() | columns


def _lab(j: int, homes: list[str], rng: np.random.Generator) -> Agent:
    """A frontier lab with a run under way; the lead and the money thin out with rank."""
    rank = min(j, 8)
    u_capability, u_efficiency, u_cost = (float(u) for u in rng.random(3))
    opens = j % USUAL_LABS == USUAL_LABS - 1
    capability = 28.1 if opens else 28.8 - 0.05 * rank - 0.15 * u_capability * (j > 0)
    efficiency = 2.85 - 0.15 * u_efficiency
    cost = 10**8.8 * (0.8 + 0.8 * u_cost) * (1.2 - 0.1 * rank)
    scratch = math.log10(cost) + efficiency + 17.8
    return _developer(
        f"Lab {j + 1}",
        "frontier_lab",
        _home(homes, LAB_HOMES, j),
        capability=capability,
        efficiency=efficiency,
        researchers=1000.0 * (1.3 - 0.08 * rank),
        cash=3e9 * (1.5 - 0.12 * rank),
        brand=LAB_BRANDS[min(j, len(LAB_BRANDS) - 1)],
        open_weights=int(opens),
        clever=1,
        copied=0,
        run_kind="lead",
        run_target=min(capability + 0.6, max(capability + 0.1, scratch)),
        run_months_left=int(rng.integers(1, 7)),
        run_cost=cost,
    )


def _imitator(j: int, homes: list[str], rng: np.random.Generator) -> Agent:
    """An imitator; 15 % are clever, 60 % open their weights, a third have a copy under way."""
    u_capability, u_efficiency, u_staff, u_clever, u_open, u_run, u_cost = (
        float(u) for u in rng.random(7)
    )
    clever = u_clever < 0.15
    run = {
        "run_kind": "follow",
        "run_target": 28.0 + 0.4 * u_cost,
        "run_months_left": int(rng.integers(2, 6)),
        "run_cost": 2e6 + 8e6 * u_cost,
    }
    return _developer(
        f"Imitator {j + 1}",
        "imitator",
        _home(homes, IMITATOR_HOMES, j),
        capability=27.4 + 0.3 * u_capability,
        efficiency=2.1 + 0.15 * u_efficiency if clever else 1.9 + 0.25 * u_efficiency,
        researchers=100.0 + 150.0 * u_staff,
        cash=5e7 * math.exp(0.8 * float(rng.standard_normal())),
        brand=0.15,
        open_weights=int(u_open < 0.6),
        clever=int(clever),
        copied=int(not clever),
        **(run if u_run < 1 / 3 else {}),
    )


def _public_lab(home: str) -> Agent:
    return _developer(
        f"{home}: public laboratory",
        "public_lab",
        home,
        capability=27.0,
        efficiency=1.9,
        researchers=200.0,
        cash=1e8,
        brand=0.05,
        open_weights=0,
        clever=0,
        copied=0,
    )


def make_slots(count: int, homes: list[str]) -> list[Agent]:
    """Places for entrants; two in three are for imitators."""
    kinds = ("imitator", "frontier_lab", "imitator")
    patterns = {"frontier_lab": LAB_HOMES, "imitator": IMITATOR_HOMES}
    return [
        empty_slot(j + 1, kinds[j % 3], _home(homes, patterns[kinds[j % 3]], j))
        for j in range(count)
    ]


def make_investors(
    funds: int,
    strategic: int,
    homes: list[str],
    settled: set[str],
    scale: float,
    rng: np.random.Generator,
) -> list[Agent]:
    """Funds of log-normal size with 90e9 USD between them, and strategic investors."""
    sizes = np.exp(rng.standard_normal(funds))
    investors = [
        _investor(f"Fund {i + 1}", "venture_fund", i, homes, 9e10 * scale * float(size), 0.5)
        for i, size in enumerate(sizes / max(1e-9, float(sizes.sum())))
    ]
    per_agent = scale * 6 / max(6, strategic)  # six of them in a world of the usual size
    for i in range(strategic):
        kind = STRATEGIC_KINDS[i % len(STRATEGIC_KINDS)]
        money = STRATEGIC_MONEY[kind] * per_agent * math.exp(0.4 * float(rng.standard_normal()))
        investors.append(_investor(f"Strategic {i + 1}", kind, i, homes, money, 0.8))
    for investor in investors:
        if bloc_of(investor) not in settled:  # nobody there to invest in
            investor["jurisdiction"] = homes[0]
    return investors


def _investor(
    name: str, kind: str, number: int, homes: list[str], cash: float, yearly: float
) -> Agent:
    home = _home(homes, INVESTOR_HOMES, number)
    columns = {"cash": cash, "allowance": yearly * cash}
    return {"name": name, "kind": kind, "jurisdiction": home} | columns


def make_hostiles(count: int, rng: np.random.Generator) -> list[Agent]:
    """Hostile actors of log-normal income, with half a year of it in cash."""
    hostiles = []
    for k in range(count):
        income = float(np.clip(1e6 * math.exp(float(rng.standard_normal())), 1e5, 3e6))
        columns = {"income": income, "capability": 26.8 + 0.4 * float(rng.random())}
        name = f"Hostile actor {k + 1}"
        hostiles.append({"name": name, "kind": "hostile_actor", "cash": 6 * income} | columns)
    return hostiles
