"""The market as a Mesa model: every agent an object, the graph alive, the story told."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

import mesa
import numpy as np
from mesa.agent import AgentSet

from agents import MarketAgent
from model.asked import checked_scenario, whole
from model.classes import check_classes, overrides
from model.engine import Engine, engine_of
from model.graph import read_start, start_of, write_graph
from model.interventions import PARAMETERS, Intervention, Standing, carry_out, checked
from model.kept import Kept
from model.made import identity_of, start_hash
from model.month import settle
from model.regimes import CRITERIA, Criteria, Regime, regime_of
from model.rulebook import STANDARD, Rulebook
from model.run import empty_indicators
from model.scenario import Scenario
from model.schedule import Phase
from model.view import fixed
from world import state
from world.bound import bind
from world.calendar import month_label, month_number, months_until
from world.errors import InputError
from world.faults import meant, shown
from world.journal import EVENTS
from world.ledger import ESCROW, GRANTS, Ledger
from world.noise import checked_seed, key

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd

    from model.ensemble import Runs

USUAL_MONTHS = 192  # of a history, to 2040


class Recorder(mesa.DataCollector):  # type: ignore[misc]
    """The history in the shapes of Mesa's DataCollector, read from the tables' columns."""

    def __init__(self, market: Market) -> None:
        super().__init__()
        self._market = market
        self._read: dict[str, Any] = {}
        self._read_in = -1

    @property
    def model_vars(self) -> dict[str, Any]:
        """Every indicator by step, as `mesa.batch_run` reads them."""
        if self._read_in != self._market.month:  # Mesa asks again for every step
            rows = self._market.indicators()
            self._read = {name: rows[name] for name in rows.dtype.names}
            self._read_in = self._market.month
        return self._read

    @model_vars.setter
    def model_vars(self, _: Any) -> None:
        """Mesa sets an empty one; the figures are those of the tables."""

    @property
    def _collection_steps(self) -> list[int]:
        """Steps that have figures, as `mesa.batch_run` asks from Mesa 3.5 on."""
        return list(range(1, self._market.month + 1))

    @_collection_steps.setter
    def _collection_steps(self, _: Any) -> None:
        """Mesa sets an empty one."""

    def get_model_vars_dataframe(self) -> pd.DataFrame:
        """One row a step, one column an indicator."""
        return self._market.frame().reset_index(drop=True)

    def get_agent_vars_dataframe(self) -> pd.DataFrame:
        """Rows by (Step, AgentID) for agents of all kinds: kind, name, cash."""
        import pandas as pd

        parts = [self._by_id(kind)[["kind", "name", "cash"]] for kind in self._market.kinds()]
        return pd.concat(parts).sort_index() if parts else pd.DataFrame()

    def get_agenttype_vars_dataframe(self, agent_type: type) -> pd.DataFrame:
        """Rows by (Step, AgentID) for one class of agents, all its columns."""
        kind = next((k for k, cls in self._market.classes.items() if cls is agent_type), None)
        if kind is None:
            raise InputError(f"agent type {agent_type!r} is not one of this market's classes.")
        return self._by_id(kind)

    def _by_id(self, kind: str) -> pd.DataFrame:
        frame = self._market.agent_frame(kind).reset_index()
        frame["Step"] = frame["month"] + 1
        frame["AgentID"] = [self._market.id_of(name) for name in frame["name"]]
        return frame.set_index(["Step", "AgentID"]).drop(columns=["month", "date"])


class Market(mesa.Model):  # type: ignore[misc]
    """One history of the market, as live Mesa objects on a networkx graph.

    Parameters
    ----------
    scenario : Scenario
    seed : int
        Root seed; equal seeds give equal histories, to the bit, in either engine.
    graph : networkx.MultiDiGraph, optional
        Initial state instead of the scenario's world.
    classes : mapping, optional
        Agent classes by kind that replace the usual ones, e.g.
        ``{"frontier_lab": MyLab}``: decisions overridden in plain Python.
    rulebook : Rulebook, optional
        Who there can be and what happens in a month, e.g. extended by a kind of agent.

    Raises
    ------
    InputError
        A contradictory world or graph; a class that is no agent of that kind, or of which
        something would be ignored; a seed that is no whole number from 0.

    Examples
    --------
    >>> market = Market(Scenario.load("imitation"), seed=7)
    >>> market.run_until("2026-12")
    >>> market.frame()["frontier_capability"].iloc[-1] > 28
    True
    """

    def __init__(
        self,
        scenario: Scenario,
        seed: int = 0,
        graph: nx.MultiDiGraph | None = None,
        classes: Mapping[str, type[MarketAgent]] | None = None,
        rulebook: Rulebook = STANDARD,
    ) -> None:
        self.root_seed = checked_seed(seed)
        super().__init__(rng=self.root_seed)
        self.setting = checked_scenario(scenario)
        self.rulebook = rulebook
        check_classes(classes or {}, rulebook)
        self.classes = {**rulebook.cast, **(classes or {})}
        start = start_of(scenario.world, rulebook) if graph is None else read_start(graph, rulebook)
        self.tables, self.roster = start.under(scenario.parameters), start.roster
        self._start = start_hash(self.tables, self.roster)
        self._own_graph = graph is not None
        self.tables.luck[0] = key(self.root_seed)
        self.bound = bind(self.tables)
        self._handles: dict[str, list[MarketAgent | None]] = {
            place: [None] * len(names) for place, names in self.roster.names.items()
        }
        self._ids: dict[str, int] = {}
        self._sync_agents()
        for phase in rulebook.opening:
            self._act(phase)
        settle(self.tables, rulebook)
        self.ledger = Ledger(self.roster.accounts, self.tables.balance)
        self._indicators = empty_indicators(USUAL_MONTHS, rulebook)
        self._columns: dict[str, list[Any]] = {place: [] for place in rulebook.columns}
        self._balances: list[Any] = []
        self._queue: list[Intervention] = []
        self.interventions: list[Intervention] = []
        self._graph: nx.MultiDiGraph | None = None
        self._graph_of: list[Any] = []
        self.datacollector = Recorder(self)

    # --- time -----------------------------------------------------------------------

    @property
    def month(self) -> int:
        """Months since the start (the month that `step` will run next)."""
        return int(self.tables.industry["month"][0])

    @property
    def date(self) -> str:
        """Label of that month."""
        return month_label(self.roster.start, self.month)

    def step(self) -> None:
        """Run one month: the schedule's phases, each by its agents.

        After any error the market is as it was before the step, and what was asked for by
        hand no longer waits. What own classes keep in attributes of their own is theirs.

        Raises
        ------
        InputError
            What was asked for by hand cannot be done.
        """
        self._kept.keep()
        handles = {place: list(rows) for place, rows in self._handles.items()}
        done, asked = len(self.interventions), [each.action for each in self._queue]
        try:
            self._run_month()
        except BaseException as error:
            self._undo(handles, done)
            left_out = f" Not done by hand: {', '.join(asked)}." if asked else ""
            error.add_note(f"The market is as it was before this month.{left_out}")
            raise
        self.tables.industry["month"][0] += 1

    def _run_month(self) -> None:
        self._engine.clear_month(self.bound)
        for phase in self.rulebook.month:
            if self._queue and phase.banner != "open":
                self._intervene()
            self._act(phase)
            if phase.banner in ("exit", "entry"):
                self._sync_agents()
        self._record()

    def _undo(self, handles: dict[str, list[MarketAgent | None]], done: int) -> None:
        """Put everything back to where it was before this month."""
        self._kept.put_back()
        for place, before in handles.items():
            for was, now in zip(before, self._handles[place], strict=True):
                if now is not was and now is not None:
                    now.remove()
                    del self._ids[now.name]
                if now is not was and was is not None:
                    self.register_agent(was)
            self._handles[place] = before
        del self.interventions[done:], self._queue[:]
        for kept in (*self._columns.values(), self._balances, self.ledger.entries):
            del kept[self.month :]
        del self.ledger.balances[self.month + 1 :]
        self.steps = self.month

    @cached_property
    def _kept(self) -> Kept:
        return Kept(self.tables)

    def _act(self, phase: Phase) -> None:
        """Let the agents of a phase act, each by its own method.

        Where no class overrides it, all act in one call of the engine: the same rule in the
        same order.
        """
        if phase.name in self._overridden:
            self._acting(phase.who, phase.drawn).do(phase.method)
        else:
            self._engine.perform_all(phase.name, self.bound)

    @cached_property
    def _overridden(self) -> set[str]:
        """Names of the rules that a class of those who act replaces by its own method."""
        phases = (*self.rulebook.opening, *self.rulebook.month)
        if type(self).perform is not Market.perform:
            return {phase.name for phase in phases}
        own = self.overrides()
        return {
            phase.name
            for phase in phases
            for kind, cls in self.classes.items()
            if phase.who in (kind, cls.table) and phase.method in own.get(kind, ())
        }

    def overrides(self) -> dict[str, tuple[str, ...]]:
        """Decisions that `classes` take in plain Python, by kind: what differs from the rules."""
        return overrides(self.classes, self.rulebook)

    @cached_property
    def _engine(self) -> Engine:
        return engine_of(self.rulebook, self.tables)

    def _acting(self, who: str, drawn: bool) -> AgentSet:
        rows = self._handles[who]
        if drawn:
            rows = [rows[j] for j in self.tables.rotation]
        return AgentSet([agent for agent in rows if agent is not None], random=self.random)

    def run_until(self, until: str) -> Market:
        """Run to the end of a month, e.g. ``"2040-12"``.

        Raises
        ------
        InputError
            No month, one more than 100 years from the start, or one before the latest that was run.
        """
        months = months_until(self.roster.start, until) - self.month
        if months < 0:
            raise InputError(
                f"until: {until!r} is past: the market has been run to the end of "
                f"{month_label(self.roster.start, self.month - 1)}."
            )
        for _ in range(months):
            self.step()
        return self

    def perform(self, rule: Any, row: int) -> None:
        """Let a compiled rule act on one row (what agents' decisions do)."""
        self._engine.perform(rule, self.bound, row)

    def _sync_agents(self) -> None:
        """Give every row in the market its agent, and take those that left away."""
        for place, rows in self._handles.items():
            table = getattr(self.tables, place, None)
            for row, agent in enumerate(rows):
                alive = True if table is None else bool(table["alive"][row])
                if alive and agent is None:
                    kind = self.roster.kinds[place][row]
                    name = self.roster.names[place][row]
                    agent = rows[row] = self.classes[kind](self, row, name, kind)
                    self._ids[name] = agent.unique_id
                elif not alive and agent is not None:
                    agent.remove()
                    rows[row] = None

    # --- the graph ------------------------------------------------------------------

    @property
    def graph(self) -> nx.MultiDiGraph:
        """The market graph as it stands: agents' ids with kind and name, typed weighted edges.

        A picture that cannot be changed (networkx raises): `intervene` changes the market,
        and ``graph.copy()`` is the reader's own. It is made anew whenever an edge or who is
        in the market has changed, also within a month.
        """
        now: list[Any] = [agent for rows in self._handles.values() for agent in rows]
        for edge in self.rulebook.edges.values():
            rows = getattr(self.tables, edge.table)
            now += [rows[figure].tobytes() for figure in ("weight", *edge.figures)]
        if self._graph is None or now != self._graph_of:
            self._graph = fixed(write_graph(self.tables, self._handles, self.rulebook))
            self._graph_of = now
        return self._graph

    def agent(self, name: str) -> MarketAgent:
        """The agent of that name; `InputError` if it is not in the market."""
        for rows in self._handles.values():
            for agent in rows:
                if agent is not None and agent.name == name:
                    return agent
        present = [agent.name for rows in self._handles.values() for agent in rows if agent]
        raise InputError(
            f"agent {shown(name)} is not in the market in {self.date}{meant(name, present)}."
        )

    def id_of(self, name: str) -> int:
        """Unique id of an agent that is or was in the market; `InputError` if it never was."""
        if name not in list(self._ids):
            raise InputError(f"agent {shown(name)} was never in the market{meant(name, self._ids)}.")
        return self._ids[name]

    def kinds(self) -> list[str]:
        """Kinds of agents in this market, institutions apart."""
        found = [kind for place in self.rulebook.tables for kind in self.roster.kinds[place]]
        return list(dict.fromkeys(found))

    def intervene(self, action: str, **arguments: Any) -> None:
        """Change the market by hand at the start of the next month, once it is open.

        All that is asked for in a month is done together or not at all (`step`).

        Parameters
        ----------
        action : str
            ``"cut"`` (source, target, kind), ``"lever"`` (name, value),
            ``"merge"`` (source, target), ``"bail out"`` (target, amount [USD]) or
            ``"release"`` (target: its weights become open).

        Raises
        ------
        InputError
            All faults: unknown action, agent, edge, parameter or value; what would change
            nothing, as a parameter that only openings read; what was asked for before rules it out.
        """
        self._queue.append(checked(self._standing(), action, arguments, self._queue))

    def _intervene(self) -> None:
        self.interventions += carry_out(self._standing(), self._queue)
        self._queue.clear()
        self._sync_agents()

    def _standing(self) -> Standing:
        return Standing(self.tables, self.bound, self.roster, self.rulebook)

    # --- what it was ----------------------------------------------------------------

    def _record(self) -> None:
        if self.month == len(self._indicators):
            more = empty_indicators(len(self._indicators), self.rulebook)
            self._indicators = np.concatenate([self._indicators, more])
        self.bound.put("indicators", self._indicators)
        self._engine.observe_month(self.bound, self.month)
        for place, kept in self._columns.items():
            kept.append(np.array(getattr(self.tables, place)))
        self._balances.append(self.tables.balance.copy())
        count = int(self.tables.industry["payments"][0])
        self.ledger.close_month(self.tables.balance, self.tables.entries[:count])

    def indicators(self) -> Any:
        """Record array of the indicators, one row a month run."""
        return self._indicators[: self.month]

    def frame(self) -> pd.DataFrame:
        """Pandas: one row a month, one column an indicator."""
        import pandas as pd

        frame = pd.DataFrame.from_records(np.asarray(self.indicators()))
        frame.index = pd.Index(
            [month_label(self.roster.start, int(m)) for m in frame["month"]], name="date"
        )
        return frame

    def agent_frame(self, kind: str) -> pd.DataFrame:
        """Pandas: rows by (month, name) of agents in the market, all columns of their table.

        Parameters
        ----------
        kind : str
            A node kind (``"frontier_lab"``) or a table (``"developers"``).
        """
        import pandas as pd

        known = list(dict.fromkeys([*self.rulebook.kinds, *self.rulebook.columns]))
        place = self.rulebook.table_of(kind) if kind in self.rulebook.kinds else kind
        if kind not in known or place not in self.rulebook.columns:
            raise InputError(
                f"agent_frame: kind {shown(kind)} is unknown{meant(kind, known)}; allowed are "
                f"{', '.join(known)}."
            )
        if not self._balances:
            return pd.DataFrame()
        kinds = pd.Index(self.roster.kinds.get(place, ["industry"]))
        names = pd.Index(self.roster.names.get(place, ["industry"]))
        kept = self._columns[place]
        # As bytes: NumPy joins records field by field.
        table = np.concatenate([t.view(np.uint8) for t in kept]).view(kept[0].dtype)
        here = table["alive"] == 1 if "alive" in table.dtype.names else np.ones(len(table), bool)
        if kind != place:
            here &= np.tile(kinds == kind, len(kept))
        month, row = np.divmod(np.flatnonzero(here), len(kinds))
        dates = pd.Index([month_label(self.roster.start, k) for k in range(len(kept))])
        columns = {"date": dates.take(month)}
        columns |= {column: table[column][here] for column in table.dtype.names}
        columns["kind"] = kinds.take(row)
        if "account" in columns:
            balances = np.stack(self._balances)
            columns["cash"] = balances[month, columns["account"]]
            if place == "developers":
                columns["escrow"] = balances[month, columns["account"] + ESCROW]
                columns["grants"] = balances[month, columns["account"] + GRANTS]
        index = pd.MultiIndex.from_arrays([month, names.take(row)], names=["month", "name"])
        return pd.DataFrame(columns, index, copy=False)

    def regime(self, criteria: Criteria = CRITERIA) -> Regime:
        """What this history turned out to be, since when, and why."""
        return regime_of(self.indicators(), criteria, self.roster.before)

    def identity(self, criteria: Criteria = CRITERIA) -> dict[str, Any]:
        """All that decides this history: world, scenario, seed, versions (`model.made`), and by hand.

        `own classes` and `interventions` are what a history of an ensemble has none of.
        """
        last = month_label(self.roster.start, self.month - 1)
        made = identity_of(
            self.setting, self._start, [self.root_seed], last, criteria, self.rulebook,
            self._own_graph,
        )  # fmt: skip
        by_hand = [{**i._asdict()} for i in self.interventions]
        return made | {"own classes": self.overrides(), "interventions": by_hand}

    def __repr__(self) -> str:
        world = "own graph" if self._own_graph else self.setting.world
        return (
            f"<Market of scenario {self.setting.name!r} in world {world!r}, seed "
            f"{self.root_seed}, in {self.date}>"
        )

    def table_at(self, place: str, month: int) -> Any:
        """A table of agents, or `industry`, as it stood at the end of a month that was run."""
        if place not in list(self._columns):
            raise InputError(
                f"table {shown(place)} is unknown{meant(place, self._columns)}; allowed are "
                f"{', '.join(self._columns)}."
            )
        return self._columns[place][whole(month, "month", 0, self.month - 1)]

    def story(self, since: int = 0) -> pd.DataFrame:
        """The causal log: month, event, who, whom, figures and a sentence.

        Parameters
        ----------
        since : int
            Leave out that many events from the beginning.
        """
        import pandas as pd

        since = whole(since, "since", 0)
        lists = {"parameter": PARAMETERS, "edge": list(self.rulebook.edges)}
        count = int(self.tables.industry["told"][0])
        # The oldest were overwritten when the journal was full.
        order = np.arange(max(0, since, count - state.JOURNAL), count) % state.JOURNAL
        rows = []
        for event in np.asarray(self.tables.events)[order]:
            declared = EVENTS[event["kind"]]
            actor = self.roster.name_of_account(int(event["actor"]))
            named = {slot: lists[of][int(event[slot])] for slot, of in declared.numbers.items()}
            other = named.get("other") or self.roster.name_of_account(int(event["other"]))
            value, detail = float(event["value"]), float(event["detail"])
            rows.append({
                "date": month_label(self.roster.start, int(event["month"])),
                "event": declared.name,
                "actor": actor,
                "other": other,
                "value": value,
                "detail": detail,
                "sentence": declared.told(actor, other, value, named.get("detail", detail)),
            })
        names = ["date", "event", "actor", "other", "value", "detail", "sentence"]
        return pd.DataFrame(rows, columns=names)

    def month_of(self, label: str) -> int:
        """Number of a month that has been run, from its label."""
        number = month_number(label) - month_number(self.roster.start)
        if not 0 <= number < self.month:
            raise InputError(
                f"month {label!r} has not been run; allowed are {self.roster.start} to "
                f"{month_label(self.roster.start, self.month - 1)}."
            )
        return number

    def __getstate__(self) -> dict[str, Any]:
        kept = dict(self.__dict__)
        kept["bound"] = None  # holds memory of this process
        for made_again in ("_engine", "_kept"):
            kept.pop(made_again, None)
        kept["_graph"], kept["_graph_of"] = None, []
        return kept

    def __setstate__(self, kept: dict[str, Any]) -> None:
        self.__dict__.update(kept)
        self.bound = bind(self.tables)

    @classmethod
    def replay(cls, runs: Runs, member: int) -> Market:
        """Run one member of an ensemble again as live Mesa objects: the same history."""
        market = cls(runs.scenario, runs.seed_of(member), runs.graph, rulebook=runs.rulebook)
        return market.run_until(runs.until)
