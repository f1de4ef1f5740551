"""The institutions beside the agents: customers, compute supplier, partners, the record.

Each is one row of the economy; a rule here acts for the market as a whole.
"""

from __future__ import annotations

import math

from agents.funding import richer
from agents.profits import developer_attraction, protected_share
from model.journal import ACCIDENT_EVENT, ENTRY_EVENT, MATCHED, SURPRISE, tell
from model.laws.compiled import rule
from model.laws.demand import (
    adopted_market,
    closed_markup,
    limit_markup,
    potential_market,
    price_weight,
    spending,
)
from model.laws.learning import MATCH_GAP, cost_saving, match_degree
from model.laws.safety import accident_hazard, poisson
from model.laws.technology import (
    CAPABILITY_2025,
    EFFICIENCY_2025,
    LN10,
    flop_per_usd,
    logistic,
    pow10,
)
from model.laws.valuation import erosion, growing_annuity, rent_multiple
from model.ledger import (
    COMMITMENT,
    ESCROW,
    INCOME,
    INFERENCE,
    PARTNERS_INCOME,
    PARTNERS_RELEASE,
    PATRONAGE,
    SALES,
    SEED,
    SUPPLIER_COSTS,
    WAGES_SPENT,
    pay,
    pay_at_most,
)
from model.state import (
    ACCIDENT,
    ENTRY,
    ENTRY_CLEVER,
    ENTRY_OPEN,
    FOLLOW,
    FRONTIER_LAB,
    IDLE,
    IMITATOR,
    PUBLIC_LAB,
    RING,
    TURN,
)

FORGOTTEN_AFTER = 48  # months after which a release is no longer watched for copies
GROWTH_MONTHS = 14.0  # smoothing of frontier growth
DEFENCE_MONTHS = 3.0  # defenders' delay behind the frontier
CHEAP = 0.4  # OOM: half of observers call a release at 40 % of the scratch cost cheap
CHEAP_WIDTH = 0.05  # OOM, softness of that judgement
LEADS_IF_IMITATION = 0.03  # probability that a cheap release leads, if it is imitation
LEADS_IF_CLEVER = 0.3  # the same if it is cleverness
NEWS_LEARNING = 0.5  # weight of one cheap release in the expected saving
BRAND_FLOOR = 0.2
SUPPLIER_RESERVE = 2e10  # USD
SPARE_CAPACITY = 1.15  # capacity the supplier builds toward, over demand
LAB_SEED = 2e9  # USD, first money of a frontier lab (SSI, xAI, 2023-24)
IMITATOR_SEED = 5e7  # USD
ENTRY_GAP = 1.0  # OOM behind the frontier at which entrants start
ENTRY_KNOWHOW_GAP = 0.2  # OOM behind the best efficiency they can see
ACCIDENT_BASE = 0.002  # a month at parity of capability and alignment
OUTLAY_MEMORY = 6.0  # months over which the supplier's buyers judge training demand


# --- opening ------------------------------------------------------------------------


@rule
def economy_opens_month(market, _row):
    """Start the month: clear its own figures, draw the order in which rounds are held."""
    p = market.parameters[0]
    economy = market.economy[0]
    economy.compute_demand = 0.0
    economy.accidents = 0.0
    economy.entries = 0.0
    economy.exits = 0.0
    economy.failed_rounds = 0.0
    economy.closed_rounds = 0.0
    economy.news_size = 0.0
    economy.news_reading = 0.0
    economy.news_strength = 0.0
    economy.news_by = -1
    economy.frontier_next = economy.frontier
    economy.compute_scale = pow10(p.compute_growth * economy.month / 12.0)
    # Experiments must follow the size of frontier runs, as far as scale matters.
    grown = economy.largest_compute - (CAPABILITY_2025 - EFFICIENCY_2025)
    economy.experiment_scale = pow10(-p.frontier_scale * max(0.0, grown))
    market.entry_count[0] = 0
    record_knowhow(market)
    # A random order by the month's noise alone (Fisher and Yates 1938).
    for j in range(len(market.rotation)):
        market.rotation[j] = j
    for last in range(len(market.rotation) - 1, 0, -1):
        chosen = int(market.developer_draws[TURN, last] * (last + 1))
        kept = market.rotation[last]
        market.rotation[last] = market.rotation[chosen]
        market.rotation[chosen] = kept


@rule
def economy_releases_cheap_model(market, _row):
    """The cheap near-frontier release of the world file, in its month.

    The named developer finishes a run this month whose cost and distance from
    the frontier are the parameters `release_cost` and `release_gap`; it pays
    for it from its own cash.
    """
    p = market.parameters[0]
    economy = market.economy[0]
    j = economy.release_by
    if j < 0 or economy.month != int(p.release_month) or market.developers[j].alive == 0:
        return
    developer = market.developers[j]
    pay_at_most(
        market, COMMITMENT, developer.account, developer.account + ESCROW, p.release_cost
    )
    developer.run_kind = FOLLOW
    developer.run_months = 1
    developer.run_months_left = 1
    developer.run_target = economy.frontier - p.release_gap
    developer.run_cost = p.release_cost
    developer.run_price = 1.0
    developer.run_exploration = 0.0
    developer.run_public = 0.0
    developer.plan_source = -1


# --- the record of releases ------------------------------------------------------------


@rule
def economy_records_releases(market, _row):
    """Compare this month's releases with the frontier models outstanding; move the frontier.

    A follower's release (a copy, an imitator's or an open model) matches an
    outstanding one by `match_degree`; what it adds to the degree already
    reached is news of imitation.
    """
    p = market.parameters[0]
    economy = market.economy[0]
    for j in range(len(market.developers)):
        developer = market.developers[j]
        if developer.alive == 1 and developer.news_released == 1:
            for k in range(RING):
                record_match(market, j, k)
            record_surprise(market, j)
            if developer.capability >= CAPABILITY_2025 - MATCH_GAP:
                paid = max(1.0, developer.news_cost / developer.run_price)
                used = math.log(paid) / LN10 + flop_per_usd(economy.month, p.compute_growth)
                # What a better model used counts less by how much better it is.
                spare = max(0.0, developer.capability - CAPABILITY_2025)
                economy.fixed_compute = min(economy.fixed_compute, used - spare)
        developer.news_exposed = 0.0
    for k in range(RING):
        release = market.releases[k]
        if release.alive == 1:
            if economy.month - release.month > FORGOTTEN_AFTER:
                release.alive = 0
            else:
                market.developers[release.developer].news_exposed += 1.0 - release.matched
    gained = economy.frontier_next - economy.frontier
    economy.frontier = economy.frontier_next
    economy.frontier_growth += (12.0 * gained - economy.frontier_growth) / GROWTH_MONTHS
    economy.frontier_past += (economy.frontier - economy.frontier_past) / DEFENCE_MONTHS
    record_knowhow(market)
    for j in range(len(market.developers)):
        developer = market.developers[j]
        on_sale = developer.alive == 1 and developer.open_weights == 1
        # Weights once opened stay open, whatever becomes of who opened them.
        if on_sale and developer.kind != PUBLIC_LAB and developer.capability > economy.open_frontier:
            economy.open_frontier = developer.capability
            economy.open_owner = j
            economy.open_copied = developer.copied


@rule
def record_knowhow(market):
    """Enter the best efficiency of any developer, and the best of all others."""
    economy = market.economy[0]
    best = 0.0
    second = 0.0
    for j in range(len(market.developers)):
        developer = market.developers[j]
        if developer.alive == 0:
            continue
        if developer.efficiency > best:
            second = best
            best = developer.efficiency
            economy.efficient_owner = j
        elif developer.efficiency > second:
            second = developer.efficiency
    economy.frontier_efficiency = best
    economy.known_efficiency = second


@rule
def record_match(market, j, k):
    """Enter how far developer j's release matches outstanding release k."""
    economy = market.economy[0]
    developer = market.developers[j]
    release = market.releases[k]
    if release.alive == 0 or release.developer == j or release.month == economy.month:
        return
    follows = (
        developer.news_copy == 1 or developer.kind == IMITATOR or developer.open_weights == 1
    )
    if not follows:
        return
    degree = match_degree(developer.capability, release.capability)
    if degree <= release.matched:
        return
    leader = market.developers[release.developer]
    leader.news_matched += degree - release.matched
    if degree >= 0.5 > release.matched:
        age = float(economy.month - release.month)
        economy.lag += 0.2 * (age - economy.lag)
        tell(market, MATCHED, developer.account, leader.account, age, degree)
    release.matched = degree


@rule
def record_surprise(market, j):
    """Enter how surprising the cost of developer j's release was, and what it suggests.

        saving = log10(cost from scratch at the best know-how of others / cost paid)

    The surprise counts by how near the release came to the frontier. A cheap
    release that only matches speaks for imitation, one that leads for
    cleverness: log odds log(0.97/0.7) and log(0.03/0.3). How cheap is cheap is
    smooth: half of the evidence at a saving of 0.4 OOM.
    """
    p = market.parameters[0]
    economy = market.economy[0]
    developer = market.developers[j]
    flops = flop_per_usd(economy.month, p.compute_growth)
    near = match_degree(developer.capability, economy.frontier)
    # At the norm price of compute: scarcity is nobody's cleverness.
    cost = max(1.0, developer.news_cost / developer.run_price)
    known = economy.frontier_efficiency
    if j == economy.efficient_owner:
        known = economy.known_efficiency
    saving = cost_saving(developer.capability, known, flops, cost)
    developer.news_surprise = near * max(0.0, saving - economy.expected_saving)
    cheap = near * logistic((saving - CHEAP) / CHEAP_WIDTH)
    economy.expected_saving += NEWS_LEARNING * cheap * (saving - economy.expected_saving)
    odds = math.log((1.0 - LEADS_IF_IMITATION) / (1.0 - LEADS_IF_CLEVER))
    if developer.news_leads == 1:
        odds = math.log(LEADS_IF_IMITATION / LEADS_IF_CLEVER)
    developer.news_reading = cheap * odds
    if abs(developer.news_reading) > economy.news_strength:
        economy.news_strength = abs(developer.news_reading)
        economy.news_by = developer.account
    economy.news_reading += developer.news_reading
    if developer.news_surprise > economy.news_size:
        economy.news_size = developer.news_surprise
        if developer.news_surprise > 0.1:
            tell(market, SURPRISE, developer.account, -1, developer.news_surprise, cost)


# --- product market ---------------------------------------------------------------------


@rule
def customers_compare(market, _row):
    """Developers price their models, customers weigh each by quality and price.

    Markups follow last month's shares and the lead over the best open model.
    """
    p = market.parameters[0]
    economy = market.economy[0]
    protected = protected_share(market)
    total = 0.0
    for j in range(len(market.developers)):
        developer = market.developers[j]
        developer.attraction = 0.0
        if developer.alive == 0 or developer.kind == PUBLIC_LAB:
            continue
        developer.markup = 1.0
        if developer.open_weights == 0:
            developer.markup = closed_markup(
                developer.share,
                limit_markup(developer.capability - economy.open_frontier, p.price_premium),
                protected,
                p.brand_margin,
                p.elasticity_within,
                p.elasticity_outer,
            )
        developer.price_weight = price_weight(developer.markup, p.elasticity_within)
        developer.attraction = developer_attraction(market, j)
        developer.protected = protected
        total += developer.attraction
    economy.attraction = total


@rule
def customers_buy(market, _row):
    """Customers divide their spending over the models on sale; developers serve them.

    A part of the customers reconsiders each month and follows attraction.
    Serving costs go to the compute supplier.
    """
    p = market.parameters[0]
    economy = market.economy[0]
    total = economy.attraction
    settled = 0.0
    for j in range(len(market.developers)):
        developer = market.developers[j]
        if developer.alive == 0 or developer.kind == PUBLIC_LAB or total <= 0.0:
            continue
        drawn = developer.attraction / total
        developer.share += p.switching * (drawn - developer.share)
        if developer.attraction <= 0.0:
            developer.share = 0.0
        settled += developer.share
    if settled <= 0.0:
        return
    markup = 0.0
    quality = 0.0
    for j in range(len(market.developers)):
        developer = market.developers[j]
        if developer.alive == 1 and developer.kind != PUBLIC_LAB:
            developer.share /= settled
            markup += developer.share * developer.markup
            quality += developer.share * developer.capability
    economy.markup = markup
    economy.quality = quality
    customers_pay(market)
    customers_adopt(market)


@rule
def customers_pay(market):
    """Spend the month's money by share; each developer pays for the compute it served with.

    Owners pass on what complements earn beside an open model: `complement_value`
    of its sales.
    """
    p = market.parameters[0]
    economy = market.economy[0]
    budget = spending(economy.market_size, economy.markup, p.elasticity_outer)
    pay(market, INCOME, economy.economy, economy.customers, budget)
    for j in range(len(market.developers)):
        developer = market.developers[j]
        if developer.alive == 0 or developer.kind == PUBLIC_LAB:
            continue
        sales = pay_at_most(
            market, SALES, economy.customers, developer.account, budget * developer.share
        )
        serving = sales / developer.markup
        pay(market, INFERENCE, developer.account, economy.supplier, serving)
        economy.compute_demand += serving
        developer.revenue = sales
        developer.gross_profit = sales - serving
        profit = developer.gross_profit
        if developer.open_weights == 1 and developer.complements == 1:
            patronage = p.complement_value * sales
            pay(market, PATRONAGE, economy.economy, developer.account, patronage)
            profit += patronage
        developer.profit_trend += (12.0 * profit - developer.profit_trend) / 6.0
        usage = BRAND_FLOOR + p.brand_of_share * developer.share
        developer.brand += p.brand_speed / 12.0 * (usage - developer.brand)


@rule
def customers_adopt(market):
    """The market diffuses toward its potential at the quality of the average dollar (Bass)."""
    p = market.parameters[0]
    economy = market.economy[0]
    potential = potential_market(
        economy.quality, p.market_base, p.market_slope, p.market_saturation
    )
    before = economy.market_size
    economy.market_size = adopted_market(
        before, potential, p.adoption_innovation, p.adoption_imitation
    )
    growth = 12.0 * math.log(economy.market_size / before)
    economy.market_growth += (min(1.2, max(-0.3, growth)) - economy.market_growth) / 12.0
    # Nobody expects growth to carry the market beyond what it can ever be.
    room = max(0.0, math.log(p.market_saturation / economy.market_size))
    economy.growth_years = min(p.growth_horizon, room / max(0.01, economy.market_growth))


@rule
def economy_expects(market, _row):
    """What all investors agree on: how fast leads erode, and what an uncopied rent is worth."""
    p = market.parameters[0]
    economy = market.economy[0]
    economy.erosion = erosion(
        p.rival_erosion, p.price_premium, p.elasticity_within, economy.frontier_growth
    )
    growth = economy.market_growth
    years = economy.growth_years
    economy.rent_forever = growing_annuity(growth, years, p.discount)
    economy.lead_left = math.exp(-economy.erosion * years)
    economy.lead_forever = growing_annuity(growth, years, p.discount + economy.erosion)


# --- beliefs of the market as a whole ----------------------------------------------------


@rule
def economy_averages_beliefs(market, _row):
    """Mean beliefs weighted by the money that holds them; developers hear those who watch them."""
    p = market.parameters[0]
    economy = market.economy[0]
    money = 0.0
    hazard = 0.0
    felt = 0.0
    imitation = 0.0
    # Where no investor has money, the prior is all anybody believes.
    growth = economy.market_growth
    years = economy.growth_years
    multiple = rent_multiple(economy.hazard, p.kept_share, growth, years, p.discount)
    leading = rent_multiple(
        economy.hazard, p.kept_share, growth, years, p.discount + economy.erosion
    )
    sum_multiple = 0.0
    sum_leading = 0.0
    for i in range(len(market.investors)):
        investor = market.investors[i]
        investor.wealth = market.balance[investor.account] + investor.book
        weight = investor.wealth
        money += weight
        hazard += weight * investor.hazard
        felt += weight * investor.hazard * (1.0 + investor.attention)
        imitation += weight * investor.imitation
        sum_multiple += weight * investor.rent_multiple
        sum_leading += weight * investor.lead_multiple
    if money > 0.0:
        economy.hazard = hazard / money
        economy.felt_hazard = felt / money
        economy.imitation = imitation / money
        multiple = sum_multiple / money
        leading = sum_leading / money
    economy.hazard_norm += (economy.hazard - economy.hazard_norm) / 12.0
    for j in range(len(market.developers)):
        developer = market.developers[j]
        if developer.alive == 0:
            continue
        developer.believed_hazard = economy.hazard
        developer.rent_multiple = multiple
        developer.lead_multiple = leading
        heard = 0.0
        hazard = 0.0
        own = 0.0
        lead = 0.0
        for w in range(market.watchers_of[j], market.watchers_of[j + 1]):
            tie = market.ties[market.watchers[w]]
            investor = market.investors[tie.source]
            weight = tie.weight * investor.wealth
            heard += weight
            hazard += weight * investor.hazard
            own += weight * investor.rent_multiple
            lead += weight * investor.lead_multiple
        if heard > 0.0:
            developer.believed_hazard = hazard / heard
            developer.rent_multiple = own / heard
            developer.lead_multiple = lead / heard


# --- compute ---------------------------------------------------------------------------


@rule
def supplier_delivers(market, _row):
    """Deliver compute: the price rises when demand exceeds capacity, capacity follows in time.

        premium = max(1, (demand / capacity) ** (1 / elasticity))
        d capacity/dt = (1.15 demand (1 + growth * build time) - capacity) / build time

    It builds for the demand it expects when capacity is ready: at steady growth
    capacity keeps 15 % ahead, after a surprise it is short or idle.
    """
    p = market.parameters[0]
    economy = market.economy[0]
    training = 0.0
    for j in range(len(market.developers)):
        if market.developers[j].alive == 1:
            training += market.developers[j].outlay
    economy.training_demand += (12.0 * training - economy.training_demand) / OUTLAY_MEMORY
    # Runs are lumpy and booked ahead: the price answers to training demand over months.
    yearly = 12.0 * economy.compute_demand + economy.training_demand
    economy.compute_demand += training
    tightness = max(1e-9, yearly / economy.compute_capacity)
    economy.compute_premium = max(1.0, math.exp(math.log(tightness) / p.supply_elasticity))
    ahead = 1.0 + max(0.0, economy.market_growth) * p.build_time / 12.0
    wanted = max(SPARE_CAPACITY * yearly * ahead, 0.7 * economy.compute_capacity)
    economy.compute_capacity += (wanted - economy.compute_capacity) / p.build_time


@rule
def supplier_pays_costs(market, _row):
    """The supplier keeps a reserve and passes the rest on; wages are spent; partners save.

    The limited partners hold what is called from them over a year: savings come
    from the rest of the economy and go back there.
    """
    economy = market.economy[0]
    supplier = market.balance[economy.supplier]
    pay(
        market, SUPPLIER_COSTS, economy.supplier, economy.economy, supplier - SUPPLIER_RESERVE
    )
    workers = market.balance[economy.workers]
    pay(market, WAGES_SPENT, economy.workers, economy.economy, workers)


@rule
def partners_save(market, _row):
    """Limited partners hold two years of their funds' normal allowances, grown with equity."""
    p = market.parameters[0]
    economy = market.economy[0]
    wanted = 0.0
    ratio = max(1e-6, economy.equity) / max(1.0, economy.equity_start)
    for i in range(len(market.investors)):
        wanted += market.investors[i].allowance
    economy.capital_tide = math.exp(p.capital_response * math.log(ratio))
    wanted *= 2.0 * max(1.0, economy.capital_tide)
    cash = market.balance[economy.limited_partners]
    pay(market, PARTNERS_INCOME, economy.economy, economy.limited_partners, wanted - cash)
    pay(market, PARTNERS_RELEASE, economy.limited_partners, economy.economy, cash - wanted)


@rule
def supplier_is_valued(market, _row):
    """Reprice the supplier and add up the developers' equity.

        value = margin * A(discount + erosion) * (inference + training * factor)
        factor = P(H1) * [worth of a lead now / worth at last year's hazard]
                 + (1 - P(H1)) * 10 ** ((jevons - 1) * surprise)

    If cheap releases are imitation, leads are worth less and fewer runs are
    bought; if they are cleverness, each run needs less compute and, by Jevons,
    more or fewer are bought. It is the value that this market's demand carries:
    what the supplier sells elsewhere is not in it.
    """
    p = market.parameters[0]
    economy = market.economy[0]
    growth = economy.market_growth
    years = economy.growth_years
    eroded = p.discount + economy.erosion
    now = rent_multiple(economy.felt_hazard, p.kept_share, growth, years, eroded)
    norm = rent_multiple(economy.hazard_norm, p.kept_share, growth, years, eroded)
    attention = economy.felt_hazard / economy.hazard - 1.0
    clever = pow10((p.jevons - 1.0) * min(1.0, attention))
    factor = economy.imitation * now / norm + (1.0 - economy.imitation) * clever
    inference = 12.0 * economy.compute_demand
    training = 0.0
    equity = 0.0
    for j in range(len(market.developers)):
        developer = market.developers[j]
        if developer.alive == 1:
            training += developer.outlay
            equity += developer.valuation
    inference -= 12.0 * training
    years_bought = growing_annuity(growth, years, p.discount + p.supplier_erosion)
    economy.supplier_value = p.supplier_margin * years_bought * (
        inference + economy.training_demand * factor
    )
    economy.equity = equity


# --- entry and accidents -----------------------------------------------------------------


@rule
def economy_admits_entrants(market, _row):
    """New developers enter when equity is worth much; a named investor pays their first money.

        hazard per kind = entry_rate/12 * min(2, equity / equity at the start)

    A clever team (probability `clever_share`) starts with the best know-how it
    can see; whether it is funded on is decided by what it then shows.
    """
    p = market.parameters[0]
    economy = market.economy[0]
    pull = min(2.0, economy.equity / max(1.0, economy.equity_start))
    opened_lab = False
    opened_imitator = False
    for j in range(len(market.developers)):
        developer = market.developers[j]
        if developer.alive == 1 or developer.born >= 0 or developer.kind == PUBLIC_LAB:
            continue
        if (developer.kind == FRONTIER_LAB and opened_lab) or (
            developer.kind == IMITATOR and opened_imitator
        ):
            continue
        if developer.researchers > 0.0 or developer.capability > 0.0:
            continue
        if developer.kind == FRONTIER_LAB:
            opened_lab = True
        else:
            opened_imitator = True
        if market.developer_draws[ENTRY, j] < p.entry_rate / 12.0 * pull:
            found_developer(market, j)


@rule
def found_developer(market, j):
    """Found a developer in slot j with money from the investor that watches it and has most."""
    p = market.parameters[0]
    economy = market.economy[0]
    developer = market.developers[j]
    seed = LAB_SEED if developer.kind == FRONTIER_LAB else IMITATOR_SEED
    backer = -1
    backing = -1
    for w in range(market.watchers_of[j], market.watchers_of[j + 1]):
        k = market.watchers[w]
        tie = market.ties[k]
        if tie.weight > 0.0 and (backer < 0 or richer(market, tie.source, backer)):
            backer = tie.source
            backing = k
    if backer < 0 or market.balance[market.investors[backer].account] < 2.0 * seed:
        return
    pay(market, SEED, market.investors[backer].account, developer.account, seed)
    market.ties[backing].share = 0.5
    market.ties[backing].paid = seed
    market.investors[backer].invested += seed
    developer.alive = 1
    developer.born = economy.month
    developer.clever = 1 if market.developer_draws[ENTRY_CLEVER, j] < p.clever_share else 0
    opens = market.developer_draws[ENTRY_OPEN, j] < p.open_share
    developer.complements = 1 if opens and developer.kind == IMITATOR else 0
    developer.open_weights = developer.complements
    developer.capability = economy.frontier - ENTRY_GAP
    developer.efficiency = economy.frontier_efficiency - ENTRY_KNOWHOW_GAP
    developer.largest_run = developer.capability - developer.efficiency
    developer.alignment = developer.capability - 0.5
    developer.researchers = 150.0 if developer.kind == FRONTIER_LAB else 60.0
    developer.brand = BRAND_FLOOR
    developer.markup = 1.0
    developer.run_kind = IDLE
    developer.believed_hazard = economy.hazard
    developer.valuation = 2.0 * seed
    economy.entries += 1.0
    tell(
        market, ENTRY_EVENT, developer.account, market.investors[backer].account, seed, 0.0
    )


@rule
def economy_suffers_accidents(market, _row):
    """A leading model that is less aligned than capable may cause an accident."""
    p = market.parameters[0]
    economy = market.economy[0]
    best = -1
    for j in range(len(market.developers)):
        if market.developers[j].alive == 1 and (
            best < 0 or market.developers[j].capability > market.developers[best].capability
        ):
            best = j
    if best < 0:
        return
    developer = market.developers[best]
    rate = accident_hazard(
        developer.capability, developer.alignment, ACCIDENT_BASE, p.accident_slope
    )
    economy.accidents = poisson(rate, market.economy_draws[ACCIDENT, 0])
    if economy.accidents > 0.0:
        tell(
            market, ACCIDENT_EVENT, developer.account, -1,
            developer.capability, developer.alignment,
        )  # fmt: skip
