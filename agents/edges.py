"""How a rule looks along edges, and what it may ask of whom it finds there."""

from __future__ import annotations

from world.compiled import part


@part
def along(first, row):
    """Edges of the agent in a row; `first` is the index of their table, e.g. `observes_of`."""
    return range(first[row], first[row + 1])


@part
def backer(market, k):
    """The investor at the tail of tie k."""
    return market.investors[market.ties[k].source]


@part
def home(market, j):
    """The government under which developer j is located."""
    return market.governments[market.located[j].source]


@part
def resides(market, j, g):
    """Whether developer j is in the market and located under government g."""
    developer = market.developers[j]
    return developer.alive == 1 and developer.government == g and market.located[j].weight > 0.0


@part
def sells(developer):
    """Whether it is in the market and offers its models; others can query and copy those."""
    return developer.alive == 1 and developer.sells == 1
