"""The cap tables: who owns how much of a developer after its funding rounds."""

from __future__ import annotations

import math
from itertools import permutations
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable


class Round(NamedTuple):
    """One equity round: who put in how much [USD], at which value after the money [USD].

    In a tender staff and others sell what they hold: nobody in the table is diluted.
    """

    developer: str
    date: datetime.date
    total: float
    post_money: float | None
    amounts: tuple[tuple[str, float | None], ...]
    tender: bool = False


class Stake(NamedTuple):
    """What an investor owns of a developer: share in (0, 1] and money paid [USD]."""

    share: float
    paid: float


def post_money(r: Round, priced: Round | None, growth: float, first_multiple: float) -> float:
    """Value of a developer after a round, imputed where it was not published [USD].

        post = priced.post_money * growth ** years + total     after a priced round
        post = first_multiple * total                          before any

    Only published values count as priced: an imputed one would compound its own error.
    """
    if r.post_money is not None:
        return r.post_money
    if priced is None or priced.post_money is None:
        return first_multiple * r.total
    years = (r.date - priced.date).days / 365.25
    return float(priced.post_money * growth**years + r.total)


def resolve_amounts(r: Round) -> dict[str, float]:
    """Money put in by each investor [USD]; undisclosed entries share the rest equally."""
    named = math.fsum(amount for _, amount in r.amounts if amount is not None)
    unnamed = sum(amount is None for _, amount in r.amounts)
    rest = max(0.0, r.total - named) / max(1, unnamed)
    paid: dict[str, float] = {}
    for name, amount in r.amounts:
        paid[name] = paid.get(name, 0.0) + (rest if amount is None else amount)
    return paid


def replay_rounds(
    rounds: Iterable[Round], growth: float, first_multiple: float
) -> dict[str, dict[str, Stake]]:
    """Build the cap tables by replaying the rounds in the order of their dates.

        new share = amount / post_money;   older shares *= 1 - total / post_money
        a tender: new share alike, out of what those outside the table hold;  older shares stay

    Founders and staff hold what the investors do not.

    Parameters
    ----------
    rounds : iterable of Round
    growth : float
        Growth of a developer's value between rounds [ratio a year].
    first_multiple : float
        Value over total in a first round without a published value.

    Returns
    -------
    dict
        Stakes by developer and investor.
    """
    tables: dict[str, dict[str, Stake]] = {}
    priced: dict[str, Round] = {}
    for r in sorted(rounds, key=lambda r: r.date):
        value = post_money(r, priced.get(r.developer), growth, first_multiple)
        others = 1.0 - math.fsum(stake.share for stake in tables.get(r.developer, {}).values())
        kept = 1.0 if r.tender else 1.0 - r.total / value
        part = min(1.0, others * value / r.total) if r.tender else 1.0  # they sell what they have
        table = {
            name: Stake(stake.share * kept, stake.paid)
            for name, stake in tables.get(r.developer, {}).items()
        }
        for name, amount in resolve_amounts(r).items():
            old = table.get(name, Stake(0.0, 0.0))
            table[name] = Stake(old.share + part * amount / value, old.paid + part * amount)
        tables[r.developer] = {name: s for name, s in table.items() if s.share > 0.0}
        if r.post_money is not None:
            priced[r.developer] = r
    return tables


def syndicate_pairs(rounds: Iterable[Round]) -> list[tuple[str, str]]:
    """Ordered pairs of investors who joined at least one round together."""
    joint = (sorted({name for name, _ in r.amounts}) for r in rounds)
    return sorted({pair for names in joint for pair in permutations(names, 2)})
