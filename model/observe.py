"""The indicators: what a user reads off the market each month, defined once."""

from __future__ import annotations

from agents.edges import sells
from engine import maths
from world.compiled import part
from world.laws.demand import spending
from world.laws.learning import MATCH_GAP
from world.laws.technology import automation_share, pow10
from world.state import LEAD, Column, declared
from world.tables import record_type


def indicators(text: str) -> tuple[Column, ...]:
    """Read a declaration: ``name | type | unit | meaning`` a line."""
    rows = declared("indicator", text, ("name", "type", "unit", "meaning"))
    return tuple(Column(name, kind, unit, "", "", meaning) for name, kind, unit, meaning in rows)


INDICATORS = indicators("""
month               | int   | months    | months since the start
frontier_capability | float | OOM       | best capability released so far
follower_capability | float | OOM       | best capability on sale that is open or a copy
gap                 | float | OOM       | frontier less follower
frontier_efficiency | float | OOM       | best algorithmic efficiency
frontier_growth     | float | OOM/year  | growth of the frontier, smoothed
imitation_lag       | float | months    | lag of the latest matches, smoothed
run_cost            | float | USD       | dearest leading run under way or released within a year
revenue             | float | USD/year  | developers' sales
leader_revenue      | float | USD/year  | sales of the largest seller
market_size         | float | USD/year  | customers' yearly spending at the norm markup
gross_margin        | float | share     | gross profit over sales, all developers
leader_margin       | float | share     | gross margin of the three largest sellers
markup              | float | ratio     | mean price over cost
frontier_price      | float | ratio     | price of the frontier model over its cost at the start
fixed_price         | float | ratio     | cheapest price of the start's frontier capability
largest_compute     | float | OOM       | training compute of the largest run released so far
fixed_compute       | float | OOM       | least training compute that reached the start's frontier
concentration       | float | index     | Herfindahl index of sales
capital_raised      | float | USD/month | equity raised by developers this month
outside_equity      | float | USD/month | the part of it from others than parents
parent_capital      | float | USD/month | the part of it from parents: owners of three quarters
own_profit          | float | USD/month | profits after winning customers, before research, if any
dry_powder          | float | USD       | investors' uncommitted money
equity              | float | USD       | value of all developers
leader_value        | float | USD       | value of the most valuable developer
value_to_revenue    | float | years     | leaders' value over yearly revenue
supplier_value      | float | USD       | value of the compute supplier
ai_value            | float | USD       | value of developers and supplier
hazard              | float | 1/year    | believed imitation hazard, by money
felt_hazard         | float | 1/year    | the same with attention
hazard_spread       | float | ratio     | disagreement of investors about it: sd over mean
imitation_belief    | float | 0-1       | belief that cheap releases are imitation, by money
sentiment           | float | log       | mean log willingness to pay of investors
research_spending   | float | USD/month | research, training and wages
compute_share       | float | share     | compute in research spending
final_run_spending  | float | USD/month | compute of final runs, in it
public_spending     | float | USD/month | the part paid from public money
public_share        | float | share     | public money in research spending this month
compute_premium     | float | ratio     | price of compute over its norm
automation          | float | share     | research tasks the best model can do
developers          | float | count     | developers in the market, public labs apart
entries             | float | count     | entrants this month
exits               | float | count     | exits this month
failed_rounds       | float | count     | rounds that failed this month
closed_rounds       | float | count     | rounds that closed this month
incidents           | float | count     | misuse incidents this month
accidents           | float | count     | accidents this month
hostile_capability  | float | OOM       | best model in hostile hands
ip_strength         | float | index     | protection of models, by market share
export_control      | float | index     | strongest export control in force
safety_rules        | float | index     | strictest safety rules
consumer_surplus    | float | USD/year  | customers' surplus over what they spend
attention           | float | ratio     | felt hazard over believed hazard, less one
""")
INDICATOR_TYPE = record_type(INDICATORS)


@part
def observe(market, row):
    """Fill a row of the indicators from the state at the month's end."""
    industry = market.industry
    row.month = industry.month
    row.frontier_capability = industry.frontier
    row.frontier_efficiency = industry.frontier_efficiency
    row.frontier_growth = industry.frontier_growth
    row.imitation_lag = industry.lag
    row.fixed_compute = industry.fixed_compute
    row.largest_compute = industry.largest_compute
    row.market_size = industry.market_size
    row.markup = industry.markup
    row.supplier_value = industry.supplier_value
    row.hazard = industry.hazard
    row.felt_hazard = industry.felt_hazard
    row.attention = industry.felt_hazard / industry.hazard - 1.0
    row.imitation_belief = industry.imitation
    row.compute_premium = industry.compute_premium
    row.entries = industry.entries
    row.exits = industry.exits
    row.failed_rounds = industry.failed_rounds
    row.closed_rounds = industry.closed_rounds
    row.accidents = industry.accidents
    observe_developers(market, row)
    observe_investors(market, row)
    observe_public(market, row)


@part
def observe_developers(market, row):
    """Indicators of supply: capability, sales, margins, prices, research spending."""
    p = market.parameters
    industry = market.industry
    sales = 0.0
    profit = 0.0
    squares = 0.0
    follower = industry.open_frontier  # weights once open can always be served
    best = 0.0
    run = 0.0
    count = 0.0
    raised = 0.0
    parents = 0.0
    own = 0.0
    equity = 0.0
    leader_value = 0.0
    leader_sales = 0.0
    frontier_price = 1.0
    fixed_price = 1e9
    # Customers pay 10**premium less per OOM below the frontier for like service.
    cheaper = pow10(-p.price_premium * max(0.0, industry.frontier - industry.frontier_start))
    spent = 0.0
    public = 0.0
    compute = 0.0
    final = 0.0
    for j in range(len(market.developers)):
        developer = market.developers[j]
        if developer.alive == 0:
            continue
        wages = developer.payroll - developer.unpaid
        spent += developer.outlay + wages
        compute += developer.outlay
        final += developer.run_outlay
        public += developer.public_outlay
        if developer.owned == 0:
            public += wages
        best = max(best, developer.capability)
        if developer.run_kind == LEAD:
            run = max(run, developer.run_cost)
        if industry.month - developer.led_month < 12:
            run = max(run, developer.led_cost)
        if not sells(developer):
            continue
        count += 1.0
        sales += developer.revenue
        squares += developer.revenue * developer.revenue
        profit += developer.gross_profit
        raised += developer.raised
        parents += developer.raised_parent
        own += max(0.0, developer.profit_trend / 12.0 - developer.selling)
        equity += developer.valuation
        if developer.valuation > leader_value:
            leader_value = developer.valuation
        leader_sales = max(leader_sales, developer.revenue)
        if developer.open_weights == 1 or developer.copied == 1:
            follower = max(follower, developer.capability)
        if developer.capability >= industry.frontier - 0.01:
            frontier_price = developer.markup
        if developer.share > 0.0 and developer.capability > industry.frontier_start - MATCH_GAP:
            fixed_price = min(fixed_price, developer.markup * cheaper)
    row.follower_capability = follower
    row.gap = industry.frontier - follower
    row.run_cost = run
    row.revenue = 12.0 * sales
    row.leader_revenue = 12.0 * leader_sales
    row.gross_margin = profit / sales if sales > 0.0 else 0.0
    row.concentration = squares / (sales * sales) if sales > 0.0 else 0.0
    row.frontier_price = frontier_price
    row.fixed_price = fixed_price
    row.capital_raised = raised
    row.outside_equity = raised - parents
    row.parent_capital = parents
    row.own_profit = own
    row.equity = equity
    row.leader_value = leader_value
    row.ai_value = equity + industry.supplier_value
    row.research_spending = spent
    row.compute_share = compute / spent if spent > 0.0 else 0.0
    row.final_run_spending = final
    row.public_spending = public
    row.public_share = public / spent if spent > 0.0 else 0.0
    row.automation = automation_share(best, p.full_automation, p.automation_span)
    row.developers = count
    budget = spending(industry.market_size, industry.markup, p.elasticity_outer)
    row.consumer_surplus = 12.0 * budget / (p.elasticity_outer - 1.0)
    observe_leaders(market, row)


@part
def observe_leaders(market, row):
    """Margin and value of the three largest sellers."""
    first = -1
    second = -1
    third = -1
    for j in range(len(market.developers)):
        developer = market.developers[j]
        if not sells(developer):
            continue
        if first < 0 or developer.revenue > market.developers[first].revenue:
            third = second
            second = first
            first = j
        elif second < 0 or developer.revenue > market.developers[second].revenue:
            third = second
            second = j
        elif third < 0 or developer.revenue > market.developers[third].revenue:
            third = j
    sales = 0.0
    profit = 0.0
    value = 0.0
    for j in (first, second, third):
        if j >= 0:
            sales += market.developers[j].revenue
            profit += market.developers[j].gross_profit
            value += market.developers[j].valuation
    row.leader_margin = profit / sales if sales > 0.0 else 0.0
    row.value_to_revenue = value / (12.0 * sales) if sales > 0.0 else 0.0


@part
def observe_investors(market, row):
    """Indicators of finance: money, disagreement, sentiment."""
    money = 0.0
    mood = 0.0
    mean = 0.0
    square = 0.0
    count = float(max(1, len(market.investors)))
    for i in range(len(market.investors)):
        investor = market.investors[i]
        money += market.balance[investor.account]
        mood += investor.sentiment
        mean += investor.hazard
        square += investor.hazard * investor.hazard
    mean /= count
    row.dry_powder = money
    row.sentiment = mood / count
    spread = maths.sqrt(max(0.0, square / count - mean * mean))
    row.hazard_spread = spread / mean if mean > 0.0 else 0.0


@part
def observe_public(market, row):
    """Indicators of policy and harm."""
    ip = 0.0
    rules = 0.0
    for g in range(len(market.governments)):
        ip += market.governments[g].market_share * market.governments[g].ip_strength
        rules = max(rules, market.governments[g].safety_rules)
    control = 0.0
    for k in range(len(market.controls)):
        control = max(control, market.controls[k].weight)
    incidents = 0.0
    capability = 0.0
    for k in range(len(market.hostiles)):
        incidents += market.hostiles[k].incidents
        capability = max(capability, market.hostiles[k].capability)
    row.ip_strength = ip
    row.safety_rules = rules
    row.export_control = control
    row.incidents = incidents
    row.hostile_capability = capability
