"""The state of a market: one table of columns for each kind of agent and edge.

Every column is declared once, with its unit and meaning; arrays, agents'
attributes, pandas columns and the documentation derive from these lists. A row
is an agent (or an edge) and is never reused within a history; `alive` marks
those in the market.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from world.compiled import PLAIN_PYTHON


class Column(NamedTuple):
    """One declared column: name, type (`float`, `int`, or `index` in edges), unit and meaning."""

    name: str
    type: str
    unit: str
    meaning: str


def columns(text: str) -> tuple[Column, ...]:
    """Read a declaration: one ``name | type | unit | meaning`` a line."""
    rows = (line for line in text.strip().splitlines() if line.strip())
    return tuple(Column(*(part.strip() for part in row.split("|"))) for row in rows)


# --- vocabulary ----------------------------------------------------------------------

DEVELOPER_KINDS = ("frontier_lab", "imitator", "public_lab")
FRONTIER_LAB, IMITATOR, PUBLIC_LAB = range(3)
INVESTOR_KINDS = (
    "venture_fund",
    "crossover_fund",
    "sovereign_fund",
    "cloud",
    "chip_maker",
    "corporate",
)
VENTURE_FUND, CROSSOVER_FUND, SOVEREIGN_FUND, CLOUD, CHIP_MAKER, CORPORATE = range(6)
INSTITUTIONS = ("customers", "supplier", "limited_partners", "workers", "economy")
IDLE, LEAD, FOLLOW = range(3)
RUN_KINDS = ("none", "lead", "follow")

# --- agents --------------------------------------------------------------------------

DEVELOPERS = columns("""
alive            | int   | -         | 1 while in the market
kind             | int   | -         | 0 frontier lab, 1 imitator, 2 public lab
account          | int   | -         | cash account; the next two are escrow and grants
government       | int   | -         | row of the government it is located under
open_weights     | int   | -         | 1 if its best model's weights are open
complements      | int   | -         | 1 if its owners sell complements of an open model
clever           | int   | -         | 1 if its team has research ability of its own
copied           | int   | -         | 1 if its best model was obtained by copying
traces_hidden    | int   | -         | 1 if it hides reasoning traces
born             | int   | month     | month of entry (-1: from the start)
capability       | float | OOM       | best released model, log10 effective FLOP
efficiency       | float | OOM       | algorithmic efficiency since 2020
efficiency_seen  | float | OOM       | best efficiency along `observes`, at the month's start
alignment        | float | OOM       | capability up to which its models are aligned
researchers      | float | persons   | research staff
brand            | float | weight    | customers' attachment
share            | float | 0-1       | share of customers' spending
markup           | float | ratio     | price over cost of serving
price_weight     | float | ratio     | what its price leaves of the weight of its quality
attraction       | float | weight    | its weight in the customers' choice
protected        | float | 0-1       | demand closed to the best open model, as it sees it
revenue          | float | USD/month | sales this month
gross_profit     | float | USD/month | sales less cost of serving
profit_trend     | float | USD/year  | gross profit, smoothed over six months
outlay           | float | USD/month | research compute bought this month
run_outlay       | float | USD/month | the part of it that final runs use
public_outlay    | float | USD/month | the part of it paid by grants
payroll          | float | USD/month | wages due this month
unpaid           | float | USD       | wages due and not paid this month
largest_run      | float | OOM       | training compute of its largest run yet
run_kind         | int   | -         | 0 none, 1 lead, 2 follow
run_months       | int   | months    | planned length of the run under way
run_months_left  | int   | months    | months until release
run_target       | float | OOM       | capability the run aims at
run_cost         | float | USD       | cost of the final run
run_price        | float | ratio     | price of compute over its norm when it was bought
run_exploration  | float | USD       | exploration beside the final run
run_public       | float | 0-1       | share of the run paid by grants
plan_kind        | int   | -         | what it would start: 0 nothing, 1 lead, 2 follow
plan_months      | int   | months    | length of the planned run
plan_target      | float | OOM       | capability of the planned run
plan_cost        | float | USD       | cost of the planned final run
plan_exploration | float | USD       | exploration of the planned run
plan_gain        | float | USD/year  | rent the planned run adds, discounted to its start
plan_pause       | int   | months    | months until it looks for a plan again
plan_source      | int   | -         | row of the model to copy (-1 none)
believed_hazard  | float | 1/year    | imitation hazard it hears from those who watch it
rent_multiple    | float | years     | value of 1 USD/year of its rent to those who watch it
lead_multiple    | float | years     | the same for rent that a new model adds, which rivals erode
valuation        | float | USD       | equity value by the beliefs of those who watch it
raised           | float | USD       | equity raised this month
sought           | float | USD       | equity sought this month
news_released    | int   | -         | 1 if it released a model this month
news_cost        | float | USD       | final-run cost of this month's release
news_copy        | int   | -         | 1 if this month's release is a copy
news_leads       | int   | -         | 1 if this month's release leads the frontier
news_matched     | float | count     | degree to which its frontier releases were matched this month
news_exposed     | float | count     | its frontier releases not yet matched
news_surprise    | float | OOM       | cost surprise of this month's release
news_reading     | float | log odds  | evidence of this month's release for imitation against cleverness
""")

INVESTORS = columns("""
alive         | int   | -        | 1 while in the market
kind          | int   | -        | venture, crossover, sovereign fund, cloud, chip maker, corporate
account       | int   | -        | cash account (dry powder)
allowance     | float | USD/year | new money in normal times
hazard_events | float | events   | shape of its Gamma belief about imitation
hazard_years  | float | years    | rate of its Gamma belief about imitation
prior_events  | float | events   | shape it slowly returns to
prior_years   | float | years    | rate it slowly returns to
hazard        | float | 1/year   | mean of its belief
hazard_told   | float | 1/year   | what its syndicate hears this month
imitation     | float | 0-1      | belief that cheap releases are imitation (H1)
alertness     | float | ratio    | how strongly cost surprises catch its attention
attention     | float | ratio    | salience of the latest cost surprise
attention_told| float | ratio    | attention its syndicate sees this month
hurdle        | float | ratio    | value over cost it asks for
rent_multiple | float | years    | value of 1 USD/year of rent by its own belief
lead_multiple | float | years    | the same for rent that a new model adds, which rivals erode
appetite      | float | ratio    | sentiment over hurdle: what it pays for a dollar of value
heard_events  | float | events   | matches it heard of this month, by how closely it watches
heard_years   | float | years    | exposure it heard of this month
heard_reading | float | log odds | evidence it heard beyond the public news
heard_surprise| float | OOM      | largest cost surprise it heard of
heard_from    | int   | -        | account of whose match it heard most of (-1 nobody)
heard_most    | float | events   | that match
book          | float | USD      | marked value of its stakes
wealth        | float | USD      | its cash and its book: the weight of its beliefs
invested      | float | USD      | equity bought this month
trend         | float | 1/year   | smoothed return on its book
sentiment     | float | log      | log willingness to pay, 0 is neutral
sentiment_told| float | log      | sentiment its syndicate sees this month
""")

GOVERNMENTS = columns("""
alive           | int   | -        | always 1
account         | int   | -        | budget account
gdp             | float | USD/year | gross domestic product
market_share    | float | 0-1      | share of world demand
base_research   | float | USD/year | public AI research in normal times
public_research | float | USD/year | public AI research now
ip_floor        | float | 0-1      | IP strength it starts from
ip_strength     | float | 0-1      | protection of models against copying
court_reach     | float | 0-1      | share of infringement its courts can stop
safety_rules    | float | 0-2      | strictness of safety rules
rent_loss       | float | 0-1      | memory of rents its developers lost to copies
harm            | float | 1/year   | memory of incidents
growth_seen     | float | OOM/year | frontier growth as it sees it
best            | float | OOM      | best capability located under it
""")

HOSTILES = columns("""
alive      | int   | -         | always 1
account    | int   | -         | resources
income     | float | USD/month | income
capability | float | OOM       | best model it has
means      | int   | -         | last means: 0 none, 1 open weights, 2 distillation, 3 theft
target     | float | OOM       | capability of the copy under way
months_left| int   | months    | months until that copy is ready (0: none)
incidents  | float | count     | incidents this month
""")

ECONOMY = columns("""
alive               | int   | -         | always 1
month               | int   | months    | months since the start
frontier            | float | OOM       | best capability released so far
frontier_next       | float | OOM       | the same with this month's releases
frontier_past       | float | OOM       | frontier three months ago, smoothed: what defenders use
frontier_growth     | float | OOM/year  | growth of the frontier, smoothed over 14 months
frontier_efficiency | float | OOM       | best efficiency of any developer
efficient_owner     | int   | -         | developer with the best efficiency (-1 none)
known_efficiency    | float | OOM       | best efficiency of all other developers
open_frontier       | float | OOM       | best open model on sale
open_copied         | int   | -         | 1 if the best open model is a copy
open_owner          | int   | -         | developer of the best open model (-1 none)
market_size         | float | USD/year  | customers' yearly spending at the norm markup
market_growth       | float | 1/year    | log growth of the market, smoothed over 12 months
erosion             | float | 1/year    | rate at which rivals' progress erodes a lead's rent
rent_forever        | float | years     | value of 1 USD/year of rent that is never copied
lead_forever        | float | years     | the same for the rent of a lead
lead_left           | float | ratio     | what erosion leaves of a lead's rent after those years
growth_years        | float | years     | time for which that growth is believed to last
quality             | float | OOM       | capability of the average dollar's model
markup              | float | ratio     | mean markup
attraction          | float | weight    | sum of the developers' attraction
expected_saving     | float | OOM       | cost saving that the news has taught to expect of a follower
hazard              | float | 1/year    | mean believed imitation hazard, by money
hazard_norm         | float | 1/year    | the same, smoothed over a year
imitation           | float | 0-1       | mean belief that cheap releases are imitation, by money
felt_hazard         | float | 1/year    | mean hazard with attention, by money
equity              | float | USD       | value of all developers
compute_scale       | float | ratio     | compute a dollar buys now over January 2025
experiment_scale    | float | ratio     | worth of an experiment now, as frontier runs have grown
capital_tide        | float | ratio     | new money over normal that the value of equity calls for
equity_start        | float | USD       | the same at the start
largest_compute     | float | OOM       | training compute of the largest run yet
fixed_compute       | float | OOM       | least training compute of any model at January 2025's frontier
release_by          | int   | -         | developer of the cheap release (-1 none)
compute_demand      | float | USD/month | compute bought this month
training_demand     | float | USD/year  | compute for research and training, smoothed
compute_capacity    | float | USD/year  | compute the supplier can deliver at cost
compute_premium     | float | ratio     | price of compute over its norm
supplier_value      | float | USD       | equity value of the supplier
lag                 | float | months    | lag of the latest matches, smoothed
accidents           | float | count     | accidents this month
entries             | float | count     | entrants this month
exits               | float | count     | exits this month
failed_rounds       | float | count     | rounds that failed this month
closed_rounds       | float | count     | rounds that closed this month
news_by             | int   | -         | account of the release that says most of imitation (-1 none)
news_size           | float | OOM       | largest cost surprise this month
news_strength       | float | log odds  | evidence of that release
news_reading        | float | log odds  | evidence of all releases for imitation against cleverness
customers           | int   | -         | account of the customers
supplier            | int   | -         | account of the compute supplier
limited_partners    | int   | -         | account of the limited partners
workers             | int   | -         | account of the workers
economy             | int   | -         | account of the rest of the economy (boundary)
""")

RELEASES = columns("""
alive     | int   | -      | 1 while not forgotten
developer | int   | -      | row of the developer that led
month     | int   | months | month of release
capability| float | OOM    | capability of the model
matched   | float | 0-1    | degree to which followers have matched it
""")

# --- edges ---------------------------------------------------------------------------

EDGES = columns("""
source | index | -   | row of the agent at the tail
target | index | -   | row of the agent at the head
weight | float | 0-1 | strength
cut    | index | -   | 1 if the edge has been removed
""")

TIES = columns("""
source | index | -   | investor
target | index | -   | developer
weight | float | 0-1 | `watches`: how closely the investor follows the developer
cut    | index | -   | 1 if the edge has been removed
share  | float | 0-1 | `stake`: share of the developer it owns
paid   | float | USD | `stake`: money paid for it
offer  | float | USD | money committed in the developer's latest round
""")

ENTRIES = columns("""
flow   | int   | -   | kind of payment (ledger.FLOWS)
payer  | int   | -   | account that paid
payee  | int   | -   | account that was paid
amount | float | USD | how much
""")

EVENTS = columns("""
month  | int   | months | when
kind   | int   | -      | what happened (journal.EVENTS)
actor  | int   | -      | account of who did it
other  | int   | -      | account of whom it concerned (-1 nobody)
value  | float | -      | first figure of the sentence
detail | float | -      | second figure of the sentence
""")

RING = 32  # frontier releases remembered at once
JOURNAL = 4000  # events kept in one history


class Tables(NamedTuple):
    """All state of one market: what every rule receives.

    Edge tables are sorted by the agent that looks along them; the `*_of`
    arrays hold, for row i, the first edge of i, and at i+1 the end.
    """

    developers: Any
    investors: Any
    governments: Any
    hostiles: Any
    economy: Any  # one row
    parameters: Any  # one row
    releases: Any
    ties: Any  # watches and stake, sorted by investor
    ties_of: Any  # first tie of an investor
    watchers: Any  # ties in the developers' order
    watchers_of: Any  # first entry of a developer in `watchers`
    syndicate: Any
    syndicate_of: Any  # by the investor who listens
    observes: Any
    observes_of: Any  # by the developer who observes
    located: Any  # one row a developer
    buys: Any  # one row a developer
    sells: Any
    sells_of: Any  # by developer
    targets: Any
    targets_of: Any  # by hostile actor
    controls: Any
    controls_of: Any  # by the government controlled
    balance: Any  # [account] USD
    entries: Any  # this month's payments
    entry_count: Any  # [1]
    events: Any
    event_count: Any  # [1]
    rotation: Any  # developers in the order drawn this month
    developer_draws: Any  # [slot, developer] uniform
    investor_draws: Any  # [slot, investor] uniform
    hostile_draws: Any  # [slot, hostile] uniform
    economy_draws: Any  # [slot, 1] uniform


EDGE_TABLES = ("ties", "syndicate", "observes", "located", "buys", "sells", "targets", "controls")

# Named slots of randomness: rules read their slot and never draw. Every table is
# drawn once at the opening and then every month; investors only at the opening.
DEVELOPER_SLOTS = ("research", "run_u", "run_v", "turn", "entry",
                   "entry_clever", "entry_open")  # fmt: skip
RESEARCH, RUN_U, RUN_V, TURN, ENTRY, ENTRY_CLEVER, ENTRY_OPEN = range(7)
INVESTOR_SLOTS = ("belief_u", "belief_v", "hurdle_u", "hurdle_v", "alertness_u", "alertness_v")
BELIEF_U, BELIEF_V, HURDLE_U, HURDLE_V, ALERTNESS_U, ALERTNESS_V = range(6)
HOSTILE_SLOTS = ("theft", "attack")
THEFT, ATTACK = range(2)
ECONOMY_SLOTS = ("accident",)
ACCIDENT = 0
DRAWS = {
    "developer_draws": ("developers", DEVELOPER_SLOTS),
    "investor_draws": ("investors", INVESTOR_SLOTS),
    "hostile_draws": ("hostiles", HOSTILE_SLOTS),
    "economy_draws": ("economy", ECONOMY_SLOTS),
}
DRAWN_MONTHLY = ("developer_draws", "hostile_draws", "economy_draws")


# Edges are many and read every month: four bytes less each is memory traffic saved.
TYPES = {"float": np.float64, "int": np.int64, "index": np.int32}


def record_type(declared: tuple[Column, ...]) -> np.dtype[Any]:
    """Return the NumPy record type of declared columns."""
    return np.dtype([(c.name, TYPES[c.type]) for c in declared])


def table(declared: tuple[Column, ...], rows: int) -> Any:
    """Return an empty table; as plain Python it answers to `row.column` too."""
    return as_table(np.zeros(rows, dtype=record_type(declared)))


def as_table(array: Any) -> Any:
    """Give a record array the form that rules expect in this process."""
    return array.view(np.recarray) if PLAIN_PYTHON else array


def copy_tables(tables: Tables) -> Tables:
    """Return an independent copy of a market's state."""
    # NumPy copies records field by field; as plain bytes it is five times faster.
    return Tables(*(
        as_table(a.view(np.uint8).copy().view(a.dtype)) if a.dtype.names else a.copy()
        for a in tables
    ))  # fmt: skip
