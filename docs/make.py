"""Write the generated pages: `python -m docs.make` (`make docs`).

The prose stands in `docs/templates/`; every table and every name in it comes
from the declarations. A page that names a rule or parameter which does not
exist cannot be written.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import jinja2

from agents import KINDS
from docs import calibration, source, speed
from docs import chain as chains
from docs import graph as contract
from docs.house import house
from docs.table import table
from experiments.analysis.moments import compare_with_facts, facts
from experiments.studies.catalogue import STUDIES
from model import Scenario, observe, regimes
from model.interventions import ACTIONS
from model.scenario import shipped
from model.schedule import OPENING, SCHEDULE, Phase
from world import ledger, state
from world.facts import make
from world.files.check import BASES
from world.files.read import read_world, world_path
from world.journal import EVENTS
from world.kinds import EDGE_KINDS, EDGE_TABLES, TRAITS
from world.parameters import BY_NAME, PARAMETERS, Parameter
from world.yaml_file import read_yaml

HERE = Path(__file__).parent
NOTE = "<!-- Written by `make docs` from docs/templates/{}.j2 and the declarations; edit those. -->\n\n"
PAGES = ("odd.md", "parameters.md", "limits-of-use.md", "speed.md", "chain.md", "calibration.md",
         "graph.md", "results/README.md")
TABLES = {
    "developers": state.DEVELOPERS,
    "investors": state.INVESTORS,
    "customers": state.CUSTOMERS,
    "governments": state.GOVERNMENTS,
    "hostiles": state.HOSTILES,
    "industry": state.INDUSTRY,
    "releases": state.RELEASES,
    "ties": state.TIES,
    "serves": state.SERVES,
    "edges": state.EDGES,
}
WEAK = ("judgement", "unknown", "not identified")  # how a source says that it is none
RULES = source.definitions(source.RULES, "rule", "part")
LAWS = source.definitions(source.LAWS, "law")


# --- names that must exist -----------------------------------------------------------------


def rule(name: str) -> str:
    """Link to a rule or law of the ODD page."""
    known = RULES if name in RULES else LAWS
    return f"[`{known[name].name}`](odd.md#{name})"


def parameter(name: str) -> str:
    """Link to the table of parameters."""
    return f"[`{BY_NAME[name].name}`](parameters.md#{BY_NAME[name].group})"


def column(name: str) -> str:
    """Name of a column of some table of agents, checked."""
    if not any(name == c.name for columns in TABLES.values() for c in columns):
        raise KeyError(name)
    return f"`{name}`"


def indicator(name: str) -> str:
    """Name of an indicator, checked."""
    return f"`{next(c.name for c in observe.INDICATORS if c.name == name)}`"


# --- tables of the pages -------------------------------------------------------------------


def kinds() -> str:
    """Kinds of agents and institutions."""
    rows = [
        (f"`{kind}`", f"`{cls.__name__}`", source.first_sentence(cls.__doc__ or ""), f"`{cls.table}`")
        for kind, cls in KINDS.items()
    ]
    return table(("kind", "class", "what it is", "table"), rows)


def columns(name: str) -> str:
    """State variables of one table."""
    rows = [
        (f"`{c.name}`", c.type, c.unit, c.meaning, f"`{c.opening}`" if c.opening else "0",
         "a month" if c.lives == "month" else "")
        for c in TABLES[name]
    ]  # fmt: skip
    return table(("column", "type", "unit", "meaning", "opening", "lives"), rows)


def traits(place: str) -> str:
    """What distinguishes the kinds that share a table."""
    kinds = TRAITS[place]
    head = ("kind", *(f"`{trait}`" for trait in next(iter(kinds.values()))))
    return table(head, ((f"`{kind}`", *map("{:g}".format, of.values())) for kind, of in kinds.items()))


def edges() -> str:
    """Kinds of edges."""
    rows = [
        (f"`{kind}`", e.tail, e.head, getattr(e, EDGE_TABLES[e.table].seen_from), e.meaning)
        for kind, e in EDGE_KINDS.items()
    ]
    return table(("edge", "from", "to", "looks along it", "what it means"), rows)


def schedule(phases: tuple[Phase, ...] = SCHEDULE) -> str:
    """The month, in order."""
    rows = []
    for k, phase in enumerate(phases, 1):
        name = phase.name
        order = "drawn each month" if phase.drawn else ""
        rows.append((k, phase.banner, phase.who, rule(name), RULES[name].claim, order))
    return table(("", "phase", "who", "rule", "what happens", "order of rows"), rows)


def flows() -> str:
    """Kinds of payments."""
    rows = [(f"`{f.name}`", f.payer, f.payee, f.meaning) for f in ledger.FLOWS]
    return table(("flow", "payer", "payee", "meaning"), rows)


def indicators() -> str:
    """What is observed each month."""
    rows = [(f"`{c.name}`", c.unit, c.meaning) for c in observe.INDICATORS]
    return table(("indicator", "unit", "meaning"), rows)


def criteria() -> str:
    """Thresholds of the classifier."""
    rows = [(f"`{n}`", value, text) for n, value, text in source.commented_fields(regimes.Criteria)]
    return table(("threshold", "value", "meaning"), rows)


def patterns() -> str:
    """The facts that the first years are compared with."""
    rows = [
        (f["meaning"], f["unit"], f["fact"], f"{f['low']:g} to {f['high']:g}", f["window"], f["source"])
        for f in facts()
    ]  # fmt: skip
    return table(("pattern", "unit", "fact", "tolerance", "window", "source"), rows)


def moments() -> str:
    """The same facts against the baseline."""
    rows = [
        (fact["meaning"], fact["unit"], f"{row.model:.3g} [{row.model_5:.3g}, {row.model_95:.3g}]",
         f"{row.low:g} to {row.high:g}", row.window, "yes" if row.verdict == "ok" else "NO")
        for fact, row in zip(facts(), baseline().itertuples(), strict=True)
    ]  # fmt: skip
    return table(("fact", "unit", "baseline: median [5 %, 95 %]", "tolerance", "window", "met"), rows)


def baseline() -> Any:
    """`moat moments`, run once."""
    if not hasattr(baseline, "frame"):
        baseline.frame = compare_with_facts()  # type: ignore[attr-defined]
    return baseline.frame  # type: ignore[attr-defined]


def missed() -> str:
    """How many facts are met."""
    met = int((baseline()["verdict"] == "ok").sum())
    return f"{met} of {len(baseline())}"


def noise() -> str:
    """What chance decides."""
    rows = [(f"`{draw.name}`", draw.of, draw.meaning) for draw in state.DRAWS]
    return table(("uniform number", "for each row of", "what it decides"), rows)


def engines() -> str:
    """Seconds a history, by engine."""
    return table(("engine", "ms a history", "times the fastest"), speed.engine_rows())


def scaling() -> str:
    """Cost over agents and edges."""
    head = ("agents", "edges", "reading the graph [s]", "compiled year [s]", "Mesa year [s]")
    return table(head, speed.scaling_rows())


def against() -> str:
    """Speed over that of an earlier revision."""
    head = ("what", "wanted", *(f"over {speed.against_revision(name)}"
                                for name in ("against", "against_e41c916")))  # fmt: skip
    return table(head, speed.against_rows())


def peers(name: str) -> str:
    """What an agent's period costs in several frameworks."""
    return table(("framework", "us an agent and period", "times the fastest"), speed.peer_rows(name))


def sweeps(key: str) -> str:
    """One figure of the benchmark of sweeps."""
    return speed.sweep_figures()[key]


def chain(judged: bool) -> str:
    """Rows of the chain; only those with a target if asked."""
    return table(("case", "figure", "value", "must be", ""), chains.rows(judged))


def world() -> str:
    """Who and what stands in the shipped world."""
    graph = read_world("2025")
    found = {kind: 0 for kind in KINDS}
    for _, data in graph.nodes(data=True):
        found[data["kind"]] += int(data.get("alive", 1))
    links = {kind: 0 for kind in EDGE_KINDS}
    for _, _, data in graph.edges(data=True):
        links[data["kind"]] += 1
    agents = table(("kind", "in the market at the start"), ((f"`{k}`", n) for k, n in found.items()))
    ties = table(("edge", "number"), ((f"`{k}`", n) for k, n in links.items()))
    return f"{agents}\n\n{ties}"


def bases() -> str:
    """How many figures of the shipped world are observed, estimated or constructed."""
    counts = dict.fromkeys(BASES, 0)

    def count(part: Any) -> None:
        if isinstance(part, list) and len(part) > 1 and part[1] in BASES:
            counts[part[1]] += 1
        elif isinstance(part, (list, dict)):
            for inner in part.values() if isinstance(part, dict) else part:
                count(inner)

    count(read_yaml(world_path("2025"), "world file"))
    return ", ".join(f"{number} {basis}" for basis, number in counts.items())


def world_rules() -> str:
    """How a world is made of the table of facts, as the maker's docstring numbers it."""
    return "1. " + make.__doc__.partition("\n1. ")[2].strip()


def scenarios() -> str:
    """What differs between the shipped scenarios, and why."""
    rows = []
    for name in shipped():
        scenario = Scenario.load(name)
        for key, value in scenario.changed_parameters().items():
            reason = scenario.reasons.get(key, "")
            rows.append((f"`{name}`", parameter(key), BY_NAME[key].default, value, reason))
    return table(("scenario", "parameter", "default", "value", "reason"), rows)


def submodels() -> str:
    """Every rule in the order of the month, with what it calls right after it."""
    parts = []
    told: set[str] = set()
    for phase in (*OPENING, *SCHEDULE):
        parts += _entries(RULES, phase.name, told)
    return "\n\n".join(parts)


def _entries(known: dict[str, source.Definition], name: str, told: set[str]) -> list[str]:
    if name in told:
        return []
    told.add(name)
    parts = [_entry(known[name])]
    for called in known[name].calls:
        if called in known and known[called].file.startswith("agents/"):
            parts += _entries(known, called, told)
    return parts


def laws() -> str:
    """Every law, by file."""
    return "\n\n".join(_entry(law) for law in LAWS.values())


def _entry(known: source.Definition) -> str:
    lines = [f"#### `{known.name}`", known.text]
    notes = [f"In `{known.file}`."]
    if known.writes:
        notes.append("Writes " + ", ".join(f"`{name}`" for name in known.writes) + ".")
    if known.parameters:
        notes.append("Reads " + ", ".join(parameter(name) for name in known.parameters) + ".")
    called = [rule(c) for c in known.calls if c in LAWS or known_rule(c)]
    if called:
        notes.append("Uses " + ", ".join(called) + ".")
    return "\n\n".join([*lines, "*" + " ".join(notes) + "*"])


def known_rule(name: str) -> bool:
    """Whether the page has an entry for a rule: those of agents have."""
    return name in RULES and RULES[name].file.startswith("agents/")


def constants() -> str:
    """Figures fixed in the rules and laws."""
    found = source.constants(("agents", *source.LAWS, "world"))
    rows = [(f"`{c.name}`", c.value, c.meaning, f"`{c.file}`") for c in found]
    return table(("name", "value", "meaning", "file"), rows)


def groups() -> dict[str, list[Parameter]]:
    """Parameters by group, in the order of their declaration."""
    found: dict[str, list[Parameter]] = {}
    for p in PARAMETERS:
        found.setdefault(p.group, []).append(p)
    return found


def declared(chosen: Iterable[Parameter]) -> str:
    """Everything that is declared of some parameters, and who reads them."""
    readers = source.readers()
    rows = [
        (f"`{p.name}`", p.meaning, p.unit, f"{p.default:g}", f"{p.low:g} to {p.high:g}", p.role,
         p.source, ", ".join(f"`{name}`" for name in readers[p.name]))
        for p in chosen
    ]  # fmt: skip
    return table(("name", "meaning", "unit", "default", "range", "role", "source", "read by"), rows)


def weak() -> list[Parameter]:
    """Parameters whose source says that there is none."""
    return [p for p in PARAMETERS if any(word in p.source.lower() for word in WEAK)]


def weakly_sourced() -> str:
    """Those parameters, with their range."""
    rows = [
        (parameter(p.name), p.meaning, f"{p.default:g}", f"{p.low:g} to {p.high:g}", p.source)
        for p in weak()
    ]
    return table(("parameter", "meaning", "default", "range", "source"), rows)


def questions() -> list[tuple[str, str, str]]:
    """Title, folder and answer of every study, off its page."""
    return [_answered(name) for name in STUDIES]


def forecasts() -> str:
    """How the forecasts did, off their page."""
    return _answered("backtest")[-1]


def _answered(name: str) -> tuple[str, str, str]:
    """Title, folder and answer of a page of results."""
    page = (HERE / "results" / name / "README.md").read_text(encoding="utf-8")
    title, text = page.split("\n", 1)
    answer = next(line for line in text.splitlines() if line.startswith("**Answer.** "))
    return title.removeprefix("# "), name, answer.removeprefix("**Answer.** ")


def unmet() -> list[str]:
    """Rows of the page of known models that are not met, with the check's name."""
    found = []
    check = ""
    for line in (HERE / "verify.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            check = line.removeprefix("## ")
        elif "| NOT MET |" in line:
            case, expected, obtained = [cell.strip() for cell in line.split("|")[1:4]]
            found.append(f"`{check}`: {case}, expected {expected}, obtained {obtained}")
    return found


SHOWN: tuple[Callable[..., Any], ...] = (
    table, rule, parameter, column, indicator, kinds, traits, columns, edges, schedule, flows,
    indicators,
    criteria, patterns, moments, missed, noise, world, world_rules, bases, scenarios, submodels,
    laws, constants, groups, declared, weak, weakly_sourced, unmet, questions, forecasts, engines,
    scaling, against, peers, sweeps,
    chain, speed.calls, speed.limit, speed.against_revision,
    calibration.tried, calibration.count, calibration.rounds, calibration.rows_met,
    calibration.left_open, calibration.found,
    contract.minimal_graph, contract.institutions, contract.graph_places, contract.graph_kinds,
    contract.graph_figures, contract.graph_edges, contract.graph_attributes, contract.graph_plain,
    contract.graph_unused,
)  # fmt: skip


def page(name: str) -> str:
    """One page, as it should stand in the folder."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE / "templates"),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals |= {function.__name__: function for function in SHOWN}
    environment.globals |= {
        "PARAMETERS": PARAMETERS, "REGIMES": regimes.REGIMES, "TABLES": TABLES, "OPENING": OPENING,
        "ACTIONS": ACTIONS, "EVENTS": EVENTS,
        "CLASSIFY": source.SECTION.split(inspect.getdoc(regimes.classify) or "")[0].strip(),
    }  # fmt: skip
    text = environment.get_template(f"{name}.j2").render()
    return NOTE.format(name) + re.sub(r"\n{3,}", "\n\n", text)


def main() -> None:
    """Write all pages, and the pictures of the house and of its speed."""
    for name in PAGES:
        (HERE / name).write_text(page(name), encoding="utf-8")
    chains.README.write_text(chains.readme(chain(True)), encoding="utf-8")
    (HERE / "house.svg").write_text(house(), encoding="utf-8")
    (HERE / "speed.svg").write_text(speed.picture(), encoding="utf-8")


if __name__ == "__main__":
    main()
