"""Own classes of agents: everything they say is heard, or refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import networkx as nx
import pytest

from agents import KINDS, Customers, FrontierLab, MarketAgent
from model import STANDARD, InputError, Market
from model.classes import decisions
from model.schedule import OPENING, SCHEDULE, Phase
from tests.markets import QUIET, differing, run, village

PHASES = list(dict.fromkeys((*OPENING, *SCHEDULE)))


def market_with(classes: dict[str, Any], months: int = 0) -> Market:
    market = Market(QUIET, seed=1, graph=village(), classes=classes)
    for _ in range(months):
        market.step()
    return market


def asking(usual: type[MarketAgent], method: str) -> type[MarketAgent]:
    """A class that takes one decision in Python, by asking the rule."""
    return type("Asking", (usual,), {method: lambda self: getattr(usual, method)(self)})


@pytest.mark.parametrize("phase", PHASES, ids=lambda phase: phase.name)
def test_every_rule_can_be_taken_in_python(phase: Phase) -> None:
    """For all kinds of those who act: called in its place, and with `super` the same history."""
    kinds = {k: cls for k, cls in KINDS.items() if phase.who in (k, STANDARD.table_of(k))}
    market = market_with({k: asking(cls, phase.method) for k, cls in kinds.items()}, months=3)
    assert market.overrides() == {kind: (phase.method,) for kind in kinds}
    assert differing(run(QUIET, village(), months=3).tables, market.tables) == []


def test_no_rule_is_hidden_in_another() -> None:
    """What a rule calls by the way is a part, which no class can replace."""
    import ast
    import textwrap
    from inspect import getsource

    from world.compiled import PARTS

    rules = {phase.name for phase in PHASES}
    called = {
        node.func.id
        for function in PARTS
        for node in ast.walk(ast.parse(textwrap.dedent(getsource(function))))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert not called & rules


def test_a_sentence_in_python_is_the_sentence_in_the_rule() -> None:
    """Customers whose market stands still: said of the tables, or by not adopting."""

    class Sated(Customers):
        def adopts(self) -> None:
            raise AssertionError("never called")

    with pytest.raises(InputError, match=r"Sated.adopts: is no decision.*did you mean 'adopt'"):
        market_with({"customers": Sated})

    class Still(Customers):
        def adopt(self) -> None:
            """Spend what they spent."""

    market = market_with({"customers": Still}, months=6)
    spends = market.agent_frame("customers")["spends"].unstack()
    assert (spends.nunique() == 1).all()
    assert run(QUIET, village(), months=6).agent_frame("customers")["spends"].nunique() > 2


def lab(**said: Any) -> type[FrontierLab]:
    return type("Mine", (FrontierLab,), said)


class Mixed:
    """A helper's class whose method has a public name."""

    def think(self) -> None: ...


async def later(self: Any) -> None: ...


def a_generator(self: Any) -> Any:
    yield self


def nothing(self: Any) -> None: ...


IGNORED: dict[str, tuple[type, str]] = {
    "nearly a decision": (lab(plan=nothing), r"Mine.plan: .*did you mean 'plans'"),
    "Mesa's step": (lab(step=nothing), "Mine.step: is no decision, so nobody would call it"),
    "Mesa's advance": (lab(advance=nothing), "Mine.advance: is no decision"),
    "a part of a rule": (lab(weighs_copying=nothing), "Mine.weighs_copying: is no decision"),
    "a helper with a public name": (lab(help=lambda self: 1), "begin with an underscore"),
    "another class's method": (type("Mine", (Mixed, FrontierLab), {}), "Mine.think"),
    "a decision that waits": (lab(plans=later), "Mine.plans: is a decision: a plain method"),
    "a decision that yields": (lab(plans=a_generator), "Mine.plans: is a decision"),
    "a decision that is a value": (lab(plans=None), "Mine.plans: is a decision"),
    "a decision of the class": (lab(plans=classmethod(nothing)), "Mine.plans: is a decision"),
    "a value for a column": (lab(capability=31.0), "Mine.capability: would hide the column"),
    "several": (lab(plan=nothing, advances=nothing), r"2 faults.*Mine.plan.*Mine.advances"),
    "no subclass": (Customers, "must be a subclass of FrontierLab"),
}


@pytest.mark.parametrize("case", IGNORED)
def test_what_would_be_ignored_is_refused(case: str) -> None:
    cls, said = IGNORED[case]
    with pytest.raises(InputError, match=said) as error:
        market_with({"frontier_lab": cls})
    assert "\n" not in str(error.value) and len(str(error.value)) <= 600


@pytest.mark.parametrize(("classes", "said"), [
    ({"frontier lab": FrontierLab}, r"did you mean 'frontier_lab'"), ([FrontierLab], "mapping"),
    ({"frontier_lab": FrontierLab(Market(QUIET), 0, "X", "frontier_lab")}, "must be a subclass"),
])  # fmt: skip
def test_classes_are_given_by_kind(classes: Any, said: str) -> None:
    with pytest.raises(InputError, match=said):
        market_with(classes)


def test_what_helps_a_decision_is_welcome() -> None:
    class Mine(FrontierLab):
        reserve = 4e9

        def __init__(self, *given: Any) -> None:
            super().__init__(*given)
            self.seen: list[float] = []

        @property
        def rich(self) -> bool:
            return self.cash > self.reserve

        @classmethod
        def of_old(cls) -> None: ...

        @staticmethod
        def twice(x: float) -> float:
            return 2.0 * x

        def _remember(self) -> None:
            self.seen.append(self.cash)

        def plans(self) -> None:
            self._remember()
            if self.rich:
                super().plans()

    market = market_with({"frontier_lab": Mine}, months=2)
    assert market.overrides() == {"frontier_lab": ("plans",)}
    assert len(market.agent("Lab A").seen) == 2
    assert market_with({}).overrides() == {}


def test_decisions_are_listed_as_the_month_takes_them() -> None:
    assert decisions("customers", STANDARD) == ["gather", "compare", "buy", "adopt"]


def test_one_agent_cannot_decide_otherwise_than_its_class() -> None:
    agent = run(QUIET, village(), months=1).agent("Lab A")
    with pytest.raises(InputError, match="'plans' is a decision; a class of your own"):
        agent.plans = lambda: None
    with pytest.raises(InputError, match="no column 'capabilty'; did you mean 'capability'"):
        agent.capabilty = 31.0
    agent.remembered = 1.0


# --- the graph ---------------------------------------------------------------------------


def first_edge(graph: nx.MultiDiGraph) -> dict[str, Any]:
    return next(iter(graph.edges(data=True)))[2]


CHANGES: dict[str, Callable[[nx.MultiDiGraph], Any]] = {
    "no edges": lambda g: g.remove_edges_from(list(g.edges)),
    "an edge more": lambda g: g.add_edge(1, 2, kind="watches"),
    "no node": lambda g: g.remove_node(1),
    "cleared": lambda g: g.clear(),
    "a weight": lambda g: first_edge(g).update(weight=0.0),
    "an edge's kind": lambda g: first_edge(g).__setitem__("kind", "stake"),
    "weights": lambda g: nx.set_edge_attributes(g, 0.0, "weight"),
    "a node's name": lambda g: g.nodes[1].update(name="X"),
    "names": lambda g: nx.set_node_attributes(g, "X", "name"),
    "the graph's name": lambda g: g.graph.update(name="X"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_the_graph_is_a_picture(change: str) -> None:
    market = run(QUIET, village(), months=2)
    with pytest.raises(nx.NetworkXError):
        CHANGES[change](market.graph)
    copy = market.graph.copy()
    CHANGES[change](copy)  # which is the reader's own


def test_a_picture_can_be_copied_kept_and_read() -> None:
    import copy
    import pickle

    graph = run(QUIET, village(), months=2).graph
    bare = nx.MultiDiGraph(graph.edges(keys=True))
    for again in (graph.copy(), copy.deepcopy(bare), pickle.loads(pickle.dumps(bare))):
        assert set(again.edges) == set(graph.edges)
    assert nx.to_pandas_edgelist(graph)["weight"].min() > 0.0
    assert copy.deepcopy(first_edge(graph)) == dict(first_edge(graph))


@pytest.mark.parametrize("looked_before", [False, True])
def test_a_decision_sees_the_graph_as_it_stands(looked_before: bool) -> None:
    seen: list[int] = []

    class Looks(FrontierLab):
        def plans(self) -> None:
            seen.append(self.model.graph.number_of_edges())
            super().plans()

    market = market_with({"frontier_lab": Looks}, months=2)
    seen.clear()
    edges = run(QUIET, village(), months=2).graph.number_of_edges()
    if looked_before:
        assert market.graph.number_of_edges() == edges
    market.intervene("cut", source="Copy", target="Lab A", kind="observes")
    market.step()
    assert set(seen) == {edges - 1}


def test_the_picture_follows_the_tables() -> None:
    market = run(QUIET, village(), months=2)
    before = market.graph
    assert market.graph is before
    held = market.tables.ties["share"]
    held[held > 0.0] *= 0.5
    after = market.graph
    assert after is not before
    shares = [sum(d["weight"] for *_, d in g.edges(data=True) if d["kind"] == "stake")
              for g in (before, after)]  # fmt: skip
    assert shares[1] == pytest.approx(0.5 * shares[0])
