"""The state of a market: one table of columns for each kind of agent and edge.

Every column is declared once: name, type, unit, *opening* (its value before the
first month, see `world.opening`; nothing is 0), *lives* (``month``: the engine
sets it back to its opening when a month begins; nothing: a stock, which stays
until a rule changes it) and meaning. Arrays, agents' attributes, pandas columns
and the documentation derive from these lists. A row is an agent (or an edge)
and is never reused within a history; `alive` marks those in the market.
"""

from __future__ import annotations

from typing import NamedTuple

from world.errors import InputError


class Column(NamedTuple):
    """One declared column: name, type (`float`, `int`, `index`), unit, opening, life, meaning."""

    name: str
    type: str
    unit: str
    opening: str
    lives: str
    meaning: str


COLUMN_TYPES = ("float", "int", "index")
LIVES = ("month", "")


def columns(text: str) -> tuple[Column, ...]:
    """Read a declaration: ``name | type | unit | opening | lives | meaning`` a line.

    Raises
    ------
    InputError
        A line with other fields, or an unknown type or life.
    """
    found = tuple(Column(*row) for row in declared("column", text, Column._fields))
    for column in found:
        if column.lives not in LIVES:
            raise InputError(
                f"column {column.name!r}: lives {column.lives!r} is unknown; allowed are `month` "
                "and nothing."
            )
    return found


def declared(what: str, text: str, fields: tuple[str, ...]) -> list[list[str]]:
    """Split a declaration into its lines' fields, of which the second is the type.

    Raises
    ------
    InputError
        A line with more or fewer fields, an unknown type, or a name that stands twice.
    """
    rows = [[part.strip() for part in line.split("|")] for line in text.strip().splitlines()
            if line.strip()]  # fmt: skip
    for row in rows:
        if len(row) != len(fields):
            raise InputError(
                f"{what} {' | '.join(row)!r}: {len(row)} fields; needed are {' | '.join(fields)}."
            )
        if row[1] not in COLUMN_TYPES:
            raise InputError(
                f"{what} {row[0]!r}: type {row[1]!r} is unknown; allowed are "
                f"{', '.join(COLUMN_TYPES)}."
            )
    names = [row[0] for row in rows]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise InputError(f"{what} {twice[0]!r} is declared twice.")
    return rows


# --- agents --------------------------------------------------------------------------

DEVELOPERS = columns("""
alive            | int   | -         | node or 1    |       | 1 while in the market
kind             | int   | -         | given        |       | 0 frontier lab, 1 imitator, 2 public lab
account          | int   | -         | given        |       | cash account; the next two are escrow and grants
sells            | int   | -         | trait        |       | 1 if it offers its models to customers, and others may copy them
owned            | int   | -         | trait        |       | 1 if it has owners: raises equity, pays them, can fail; else it lives on grants
exposed          | int   | -         | trait        |       | 1 if copying exposes it to lawsuits (`lab_copy_penalty`)
lab_pay          | int   | -         | trait        |       | 1 if it pays a lab's wages (`wage_lab`), else an imitator's
lab_team         | int   | -         | trait        |       | 1 if its team is a usual lab's; else it is clever or ordinary (`talent`)
follows          | int   | -         | trait        |       | 1 if its releases are read as attempts to match
seed             | float | USD       | trait * dearest_run(market.largest_run, market.flop_per_usd) |       | first money of an entrant of its kind, as runs cost at the start
founders         | float | persons   | trait * (market.leader_researchers or LEADER_RESEARCHERS) / LEADER_RESEARCHERS |       | research staff of an entrant of its kind, as teams are at the start
government       | int   | -         | given        |       | row of the government it is located under
on_sale          | int   | -         | node or 1    |       | 0 if its best model is shown and not yet sold
open_weights     | int   | -         | node or 0    |       | 1 if its best model's weights are open
complements      | int   | -         | node or open_weights |       | 1 if its owners sell complements of an open model
clever           | int   | -         | node or 0    |       | 1 if its team has research ability of its own
copied           | int   | -         | node or 0    |       | 1 if its best model was obtained by copying
traces_hidden    | int   | -         |              |       | 1 if it hides reasoning traces
born             | int   | month     | -1           |       | month of entry (-1: from the start)
capability       | float | OOM       | node         |       | best released model, log10 effective FLOP
capability_doubt | float | OOM       | (node or 0) * p.start_doubt |       | doubt about it at the start (sd)
efficiency       | float | OOM       | node         |       | algorithmic efficiency since 2020
efficiency_seen  | float | OOM       | efficiency   |       | best efficiency along `observes`, at the month's start
alignment        | float | OOM       | node or capability - UNALIGNED |       | capability up to which its models are aligned
researchers      | float | persons   | node         |       | research staff
researchers_doubt | float | log sd   | (node or 0) * p.start_doubt |       | doubt about it at the start
cash_doubt       | float | log sd    | node * p.start_doubt or p.cash_uncertainty |       | doubt about its cash at the start
brand            | float | weight    | node         |       | customers' attachment, mean by their spending
share            | float | 0-1       | share_of(node.revenue or 0) |       | share of all customers' spending
markup           | float | ratio     | 1            |       | price over cost of serving
price_weight     | float | ratio     |              |       | what its price leaves of the weight of its quality
attraction       | float | weight    |              |       | its weight in the choice of customers who know no brand
protected        | float | 0-1       |              |       | demand closed to the best open model, as it sees it
revenue          | float | USD/month | (node or 0) / 12 |       | sales this month
revenue_doubt    | float | log sd    | (node or 0) * p.start_doubt |       | doubt about it at the start
sold             | float | USD/month |              | month | the same while customers buy
gross_profit     | float | USD/month |              |       | sales less cost of serving
selling          | float | USD/month |              |       | cost of winning customers, smoothed over six months
profit_trend     | float | USD/year  |              |       | gross profit, smoothed over six months
outlay           | float | USD/month |              | month | research compute bought this month
run_outlay       | float | USD/month |              | month | the part of it that final runs use
public_outlay    | float | USD/month |              | month | the part of it paid by grants
payroll          | float | USD/month |              |       | wages due this month
unpaid           | float | USD       |              |       | wages due and not paid this month
largest_run      | float | OOM       | largest(capability, efficiency, run_target, run_kind) |       | training compute of its largest run yet
run_kind         | int   | -         | node or 0    |       | 0 none, 1 lead, 2 follow
run_months       | int   | months    | planned(run_months_left) |       | planned length of the run under way
run_months_left  | int   | months    | node if run_kind else 0 |       | months until release
run_target       | float | OOM       | node if run_kind else 0 |       | capability the run aims at
run_target_doubt | float | OOM       | (node or 0) * p.start_doubt |       | doubt about it at the start (sd)
run_cost         | float | USD       | node if run_kind else 0 |       | cost of the final run
run_price        | float | ratio     | 1            |       | price of compute over its norm when it was bought
run_exploration  | float | USD       |              |       | exploration beside the final run
led_cost         | float | USD       |              |       | cost of the leading run that it released last
led_month        | int   | month     | NEVER        |       | month of that release
run_public       | float | 0-1       |              |       | share of the run paid by grants
plan_kind        | int   | -         |              |       | what it would start: 0 nothing, 1 lead, 2 follow
plan_months      | int   | months    |              |       | length of the planned run
plan_target      | float | OOM       |              |       | capability of the planned run
plan_cost        | float | USD       |              |       | cost of the planned final run
plan_exploration | float | USD       |              |       | exploration of the planned run
plan_gain        | float | USD/year  |              |       | rent the planned run adds, discounted to its start
plan_pause       | int   | months    |              |       | months until it looks for a plan again
plan_source      | int   | -         | -1           |       | row of the model to copy (-1 none)
believed_hazard  | float | 1/year    |              |       | imitation hazard it hears from those who watch it
rent_multiple    | float | years     |              |       | value of 1 USD/year of its rent to those who watch it
lead_multiple    | float | years     |              |       | the same for rent that a new model adds, which rivals erode
valuation        | float | USD       |              |       | equity value by the beliefs of those who watch it
needed           | float | USD       |              | month | equity it needs this month, for its plan or to live
sought           | float | USD       |              | month | equity it seeks this month, to last
subsidiary       | int   | -         |              |       | 1 if an owner of more than three quarters pays for it
raised           | float | USD       |              | month | equity raised this month
raised_parent    | float | USD       |              | month | the part of it from a parent: an owner of more than three quarters
news_released    | int   | -         |              | month | 1 if it released a model this month
news_cost        | float | USD       |              | month | final-run cost of this month's release
news_copy        | int   | -         |              | month | 1 if this month's release is a copy
news_leads       | int   | -         |              | month | 1 if this month's release leads the frontier
news_matched     | float | count     |              | month | degree to which its frontier releases were matched this month
news_exposed     | float | count     |              | month | its frontier releases not yet matched
news_surprise    | float | OOM       |              | month | cost surprise of this month's release
news_reading     | float | log odds  |              | month | evidence of this month's release for imitation against cleverness
""")

INVESTORS = columns("""
alive          | int   | -        | 1            |       | 1 while in the market
kind           | int   | -        | given        |       | venture, crossover, sovereign fund, cloud, chip maker, corporate
account        | int   | -        | given        |       | cash account (dry powder)
pooled         | int   | -        | trait        |       | 1 if it invests limited partners' money, else its own
rebated        | int   | -        | trait        |       | 1 if compute bills of developers it owns come back to it
allowance      | float | USD/year | node * p.frontier_allocation |       | new money in normal times
allowance_doubt | float | log sd  | (node or 0) * p.start_doubt |       | doubt about it and its cash at the start
hazard_events  | float | events   | p.prior_strength |       | shape of its Gamma belief about imitation
hazard_years   | float | years    | p.prior_strength / hazard |       | rate of its Gamma belief about imitation
prior_events   | float | events   | p.prior_strength |       | shape it slowly returns to
prior_years    | float | years    | p.prior_strength / hazard |       | rate it slowly returns to
hazard         | float | 1/year   | p.prior_hazard * LAG / (market.lag or LAG) |       | mean of its belief: the quicker the latest matches, the higher
hazard_told    | float | 1/year   | hazard |       | what its syndicate hears this month
evidence       | float | log odds |              |       | what releases so far say for imitation, old news forgotten
imitation      | float | 0-1      | p.prior_imitation |       | belief that matches are copies (H1), and not cleverness
copy_hazard    | float | 1/year   | p.prior_imitation * hazard |       | hazard of a copy that it fears: of a match, by that belief and its attention
alertness      | float | ratio    | p.alertness  |       | how strongly cost surprises catch its attention
attention      | float | ratio    |              |       | salience of the latest cost surprise
attention_told | float | ratio    |              |       | attention its syndicate sees this month
hurdle         | float | ratio    | p.hurdle     |       | value over cost it asks for
rent_multiple  | float | years    |              |       | value of 1 USD/year of rent by its own belief
lead_multiple  | float | years    |              |       | the same for rent that a new model adds, which rivals erode
appetite       | float | ratio    |              |       | sentiment over hurdle: what it pays for a dollar of value
heard_events   | float | events   |              | month | matches it heard of this month, by how closely it watches
heard_years    | float | years    |              | month | exposure it heard of this month
heard_reading  | float | log odds |              | month | evidence it heard beyond the public news
heard_surprise | float | OOM      |              | month | largest cost surprise it heard of
heard_from     | int   | -        | -1           | month | account of whose match it heard most of (-1 nobody)
heard_most     | float | events   |              | month | that match
book           | float | USD      |              |       | marked value of its stakes
wealth         | float | USD      |              |       | its cash and its book: the weight of its beliefs
invested       | float | USD      |              | month | equity bought this month
unmarked       | float | USD      |              |       | equity bought, less dividends, since its book was last marked
trend          | float | 1/year   | NORMAL_RETURN |       | smoothed return on its book
sentiment      | float | log      |              |       | log willingness to pay, 0 is neutral
sentiment_told | float | log      |              |       | sentiment its syndicate sees this month
""")

# Those of a kind of customers buy as one: consumers, firms, a country's.
CUSTOMERS = columns("""
alive      | int   | -        | 1              |       | always 1
account    | int   | -        | given          |       | account they pay from
demand     | float | 0-1      |                |       | their share of world demand
closed     | float | 0-1      |                |       | share of their demand that courts close to copies
spends     | float | USD/year  |                |       | yearly spending at the norm markup
paid       | float | USD/month |                |       | what they spend this month
quality    | float | OOM      |                |       | capability of their average dollar's model
markup     | float | ratio    | MARKUP_AT_BASE |       | mean price over cost that they pay
attraction | float | weight   |                |       | sum of the attraction of those who serve them
""")

GOVERNMENTS = columns("""
alive           | int   | -        | 1            |  | always 1
account         | int   | -        | given        |  | budget account
gdp             | float | USD/year | node         |  | gross domestic product
market_share    | float | 0-1      | node         |  | share of world demand
base_research   | float | USD/year | node.public_research * p.public_frontier_share |  | public AI research in normal times
public_research | float | USD/year | base_research |  | public AI research now
ip_law          | float | 0-1      | node.ip_strength or 0 |  | protection of models that its law gives at the start
ip_strength     | float | 0-1      | larger(ip_law, p.ip_floor) |  | protection of models against copying
court_reach     | float | 0-1      | node         |  | share of infringement its courts can stop
safety_rules    | float | 0-2      |              |  | strictness of safety rules
rent_loss       | float | 0-1      |              |  | memory of rents its developers lost to copies
harm            | float | 1/year   |              |  | memory of incidents
growth_seen     | float | OOM/year | market.frontier_growth or FRONTIER_GROWTH |  | frontier growth as it sees it
best            | float | OOM      |              |  | best capability located under it
""")

HOSTILES = columns("""
alive       | int   | -         | 1       |  | always 1
account     | int   | -         | given        |  | resources
income      | float | USD/month | node    |  | income
capability  | float | OOM       | node    |  | best model it has
means       | int   | -         |         |  | last means: 0 none, 1 open weights, 2 distillation, 3 theft
target      | float | OOM       |         |  | capability of the copy under way
months_left | int   | months    |         |  | months until that copy is ready (0: none)
incidents   | float | count     |         |  | incidents this month
""")

# The market as a whole and its public record: one row. `node` is the graph itself here.
INDUSTRY = columns("""
month               | int   | months    |              |       | months since the start
frontier            | float | OOM       | best(living.capability) or 0 |       | best capability released so far
frontier_next       | float | OOM       | frontier     |       | the same with this month's releases
frontier_start      | float | OOM       | frontier     |       | the same at the start
frontier_past       | float | OOM       | frontier - DEFENCE_GAP |       | frontier three months ago, smoothed: what defenders use
frontier_growth     | float | OOM/year  | node or FRONTIER_GROWTH |       | growth of the frontier, smoothed over 14 months
frontier_efficiency | float | OOM       | best(living.efficiency) or EFFICIENCY_2025 |       | best efficiency of any developer
efficient_owner     | int   | -         | -1           |       | developer with the best efficiency (-1 none)
known_efficiency    | float | OOM       |              |       | best efficiency of all other developers
efficiency_start    | float | OOM       | frontier_efficiency |       | best efficiency at the start: ideas get harder to find from there
leader_researchers  | float | persons   | node or LEADER_RESEARCHERS |       | a leader's research staff at the start, likewise
leader_compute      | float | USD/year  | (node or LEADER_COMPUTE) * 10 ** (flop_per_usd - FLOP_PER_USD_2025) |       | a leader's experiments at the start, at January 2025's price: the norm of research
open_frontier       | float | OOM       | of(developers.capability, open_owner) |       | best open model on sale
open_copied         | int   | -         | of(developers.copied, open_owner) |       | 1 if the best open model is a copy
open_owner          | int   | -         | best_open(developers) |       | developer of the best open model (-1 none)
market_size         | float | USD/year  | node         |       | customers' yearly spending at the norm markup
market_growth       | float | 1/year    | smaller(node or MARKET_GROWTH, FASTEST_GROWTH) |       | log growth of the market, smoothed over 12 months
discount            | float | 1/year    | p.discount   |       | discount rate, as news of it has moved it
erosion             | float | 1/year    |              |       | rate at which rivals' progress erodes a lead's rent
expected_growth     | float | 1/year    | market_growth |       | growth that is expected now, and to fade
growth_years        | float | years     | p.growth_horizon |       | time in which expected growth falls to 1/e
quality             | float | OOM       | frontier     |       | capability of the average dollar's model
markup              | float | ratio     | MARKUP_AT_BASE |       | mean markup
sales               | float | USD/month |              | month | what customers spend this month
expected_saving     | float | OOM       | USUAL_SAVING |       | cost saving that the news has taught to expect of a follower
hazard              | float | 1/year    | p.prior_hazard * LAG / lag |       | mean believed imitation hazard, by money
imitation           | float | 0-1       | p.prior_imitation |       | mean belief that matches are copies, by money
copy_hazard         | float | 1/year    | p.prior_imitation * hazard |       | mean hazard of a copy that is feared, by money
felt_hazard         | float | 1/year    | hazard |       | mean hazard with attention, by money
equity              | float | USD       |              |       | value of all developers
flop_per_usd        | float | OOM       | node or FLOP_PER_USD_2025 |       | compute that a dollar buys, log10 FLOP/USD
compute_scale       | float | ratio     |              |       | compute a dollar buys now over January 2025
experiment_scale    | float | ratio     |              |       | worth of an experiment now, as frontier runs have grown
capital_tide        | float | ratio     | 1            |       | new money over normal that the value of equity calls for
equity_start        | float | USD       | 0, then equity |       | the same at the start
largest_compute     | float | OOM       | node.largest_run or frontier - frontier_efficiency |       | training compute of the largest run yet
largest_start       | float | OOM       | largest_compute |       | the same at the start
fixed_compute       | float | OOM       | frontier - frontier_efficiency |       | least training compute of any model at the start's frontier
release_by          | int   | -         | given        |       | developer of the cheap release (-1 none)
release_after       | int   | months    | node.cheap_release_after or 0 |       | months from the start to its date
compute_demand      | float | USD/month |              | month | compute bought this month
training_demand     | float | USD/year  | TRAINING_PART * compute_capacity |       | compute for research and training, smoothed
serving_demand      | float | USD/year  | market_size / MARKUP_AT_BASE |       | compute that serves customers, smoothed
other_demand        | float | USD/year  | node or 0          |       | compute of buyers outside this market, which grow as is expected
other_demand_doubt  | float | log sd    | (node or 0) * p.start_doubt |       | doubt about it at the start
compute_capacity    | float | USD/year  | supplier.capacity |       | compute the supplier can deliver at cost
capacity_doubt      | float | log sd    | (supplier.capacity_doubt or 0) * p.start_doubt |       | doubt about it at the start
reserve             | float | USD       | supplier.cash or SUPPLIER_RESERVE |       | cash that the supplier keeps
compute_premium     | float | ratio     | 1            |       | price of compute over its norm
supplier_value      | float | USD       |              |       | equity value of the supplier
lag                 | float | months    | node or LAG        |       | lag of the latest matches, smoothed
accidents           | float | count     |              |       | accidents of the latest month
entries             | float | count     |              | month | entrants this month
exits               | float | count     |              | month | exits this month
failed_rounds       | float | count     |              | month | rounds that failed this month
closed_rounds       | float | count     |              | month | rounds that closed this month
news_by             | int   | -         | -1           | month | account of the release that says most of imitation (-1 none)
news_size           | float | OOM       |              | month | largest cost surprise this month
news_strength       | float | log odds  |              | month | evidence of that release
news_reading        | float | log odds  |              | month | evidence of all releases for imitation against cleverness
payments            | int   | count     |              | month | payments this month
told                | int   | count     |              |       | events told so far
""")

AGENTS = {
    "developers": DEVELOPERS,
    "investors": INVESTORS,
    "customers": CUSTOMERS,
    "governments": GOVERNMENTS,
    "hostiles": HOSTILES,
}

IDLE, LEAD, FOLLOW = range(3)
RUN_KINDS = ("none", "lead", "follow")

# Frontier releases remembered: the oldest makes room.
RELEASES = columns("""
alive      | int   | -      | | | 1 while not forgotten
developer  | int   | -      | | | row of the developer that led
month      | int   | months | | | month of release
capability | float | OOM    | | | capability of the model
followed   | float | OOM    | | | capability of the best follower released since
matched    | float | 0-1    | | | degree to which followers have matched it
""")

# --- edges ---------------------------------------------------------------------------

EDGES = columns("""
source | index | -   | | | row of the agent at the tail
target | index | -   | | | row of the agent at the head
weight | float | 0-1 | | | strength
cut    | index | -   | | | 1 if the edge has been removed
""")

# Whom an investor watches, and what it owns of them.
TIES = (*EDGES, *columns("""
share  | float | 0-1 | | | `stake`: share of the developer it owns
paid   | float | USD | | | `stake`: money paid for it
offer  | float | USD | | | money committed in the developer's latest round
"""))

# Whom a developer serves, and what they make of it.
SERVES = (*EDGES, *columns("""
access     | float | 0-1    | | | share of their demand that it may sell to, were its model no copy
share      | float | 0-1    | | | share of their spending
brand      | float | weight | | | their attachment
attraction | float | weight | | | its weight in their choice
"""))

# --- what is written down ------------------------------------------------------------

ENTRIES = columns("""
flow   | int   | -   | | | kind of payment (ledger.FLOWS)
payer  | int   | -   | | | account that paid
payee  | int   | -   | | | account that was paid
amount | float | USD | | | how much
""")

EVENTS = columns("""
month  | int   | months | | | when
kind   | int   | -      | | | what happened (journal.EVENTS)
actor  | int   | -      | | | account of who did it
other  | int   | -      | | | account of whom it concerned (-1 nobody)
value  | float | -      | | | first figure of the sentence
detail | float | -      | | | second figure of the sentence
""")

RING = 32  # frontier releases remembered at once
JOURNAL = 4000  # events kept in one history

# --- randomness ----------------------------------------------------------------------

LUCK = columns("""
low  | int | - | | | lower half of the key that the seed of the history gives
high | int | - | | | upper half of the key
""")



class Draw(NamedTuple):
    """A number that chance gives each row of a table each month (`world.noise.uniform`)."""

    name: str
    of: str
    meaning: str


DRAWS = tuple(Draw(*(part.strip() for part in line.split("|"))) for line in """
research     | developers | luck of research
run_u        | developers | luck of a leading run, first of two
run_v        | developers | luck of a leading run, second of two
turn         | developers | place in the order of rounds
entry        | developers | whether it is founded
entry_clever | developers | whether a founded team is clever
entry_open   | developers | whether a founded follower has complements
cash_u       | developers | cash at the start, first of two
cash_v       | developers | cash at the start, second of two
belief_u     | investors  | first belief, first of two
belief_v     | investors  | first belief, second of two
hurdle_u     | investors  | hurdle, first of two
hurdle_v     | investors  | hurdle, second of two
alertness_u  | investors  | alertness, first of two
alertness_v  | investors  | alertness, second of two
theft        | hostiles   | whether weights are stolen
attack       | hostiles   | number of incidents
accident     | industry   | number of accidents
known_u      | developers | what its models can do at the start, first of two
known_v      | developers | what its models can do at the start, second of two
sold_u       | developers | its sales at the start, first of two
sold_v       | developers | its sales at the start, second of two
staff_u      | developers | its staff at the start, first of two
staff_v      | developers | its staff at the start, second of two
money_u      | investors  | its money at the start, first of two
money_v      | investors  | its money at the start, second of two
chips_u      | industry   | capacity at the start, first of two
chips_v      | industry   | capacity at the start, second of two
rates_u      | industry   | news of the discount rate, first of two
rates_v      | industry   | news of the discount rate, second of two
others_u     | industry   | demand of others at the start, first of two
others_v     | industry   | demand of others at the start, second of two
""".strip().splitlines())  # fmt: skip
(
    RESEARCH, RUN_U, RUN_V, TURN, ENTRY, ENTRY_CLEVER, ENTRY_OPEN, CASH_U, CASH_V, BELIEF_U,
    BELIEF_V, HURDLE_U, HURDLE_V, ALERTNESS_U, ALERTNESS_V, THEFT, ATTACK, ACCIDENT, KNOWN_U, KNOWN_V,
    SOLD_U, SOLD_V, STAFF_U, STAFF_V, MONEY_U, MONEY_V, CHIPS_U, CHIPS_V, RATES_U, RATES_V, OTHERS_U, OTHERS_V,
) = range(len(DRAWS))  # fmt: skip
