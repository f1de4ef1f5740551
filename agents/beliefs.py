"""What an investor believes of imitation: its prior, what it learns, whom it listens to."""

from __future__ import annotations

from agents.edges import along
from engine import maths
from world.compiled import part, rule
from world.journal import BELIEF_READING, BELIEF_UP, tell
from world.laws.learning import bayes, posterior_hazard
from world.laws.valuation import rent_multiple
from world.noise import drawn_normal
from world.state import ALERTNESS_U, ALERTNESS_V, BELIEF_U, BELIEF_V, HURDLE_U, HURDLE_V

NEWSWORTHY = 0.15  # relative change of a belief that enters the story


@rule
def investor_forms_beliefs(market, i):
    """Before the first month: draw its prior hazard, its hurdle and its alertness (log-normal)."""
    p = market.parameters
    investor = market.investors[i]
    doubt = maths.exp(p.belief_spread * drawn_normal(market, BELIEF_U, BELIEF_V, i))
    investor.prior_years /= doubt
    investor.hazard_years /= doubt
    investor.hazard *= doubt
    investor.hazard_told = investor.hazard
    investor.hurdle *= maths.exp(p.hurdle_spread * drawn_normal(market, HURDLE_U, HURDLE_V, i))
    investor.alertness *= maths.exp(p.belief_spread * drawn_normal(market, ALERTNESS_U, ALERTNESS_V, i))


@rule
def investor_learns(market, i):
    """Update the beliefs about imitation by what happened to the developers it watches.

    Matches and exposure heard along `watches` move the hazard of a match (`learn_hazard`). A
    cheap release moves the odds that a match is a copy (`read_releases`),
    and its cost surprise catches attention, which fades within weeks while beliefs
    stay. Some of the news is public. What its syndicate will hear is what it
    believes now.
    """
    p = market.parameters
    investor = market.investors[i]
    learn_hazard(market, investor)
    read_releases(market, investor)
    surprise = max(p.public_news * market.industry.news_size, investor.heard_surprise)
    investor.attention = (1.0 - p.attention_fade) * investor.attention
    investor.attention += investor.alertness * surprise
    investor.hazard_told = investor.hazard
    investor.attention_told = investor.attention
    investor.sentiment_told = investor.sentiment


@part
def learn_hazard(market, investor):
    """Posterior mean hazard: events over years (Gamma-exponential with censoring).

        events += matches heard + forgetting * (prior - events);  years alike with exposure

    Old news is slowly forgotten.
    """
    p = market.parameters
    before = investor.hazard
    investor.hazard_events += investor.heard_events + p.forgetting * (
        investor.prior_events - investor.hazard_events
    )
    investor.hazard_years += investor.heard_years + p.forgetting * (
        investor.prior_years - investor.hazard_years
    )
    investor.hazard = posterior_hazard(investor.hazard_events, investor.hazard_years)
    if investor.hazard > before * (1.0 + NEWSWORTHY) and investor.heard_from >= 0:
        tell(market, BELIEF_UP, investor.account, investor.heard_from, before, investor.hazard)


@part
def read_releases(market, investor):
    """Revise the belief that matches are copies, by public news and what it heard.

    Old news is slowly forgotten here too.
    """
    p = market.parameters
    industry = market.industry
    prior = investor.imitation
    investor.evidence *= 1.0 - p.forgetting
    investor.evidence += p.public_news * industry.news_reading + investor.heard_reading
    investor.imitation = bayes(p.prior_imitation, investor.evidence)
    if abs(investor.imitation - prior) > NEWSWORTHY:
        source = industry.news_by
        tell(market, BELIEF_READING, investor.account, source, prior, investor.imitation)


@rule
def investor_listens(market, i):
    """Average beliefs, attention and sentiment with the syndicate; value a dollar of rent.

        hazard    <- (1 - w) hazard + w mean of the partners' (DeGroot 1974)
        sentiment <- (own + herding * partners' mean) / (1 + herding), in logs
    """
    p = market.parameters
    investor = market.investors[i]
    weight = 0.0
    hazard = 0.0
    attention = 0.0
    sentiment = 0.0
    for k in along(market.syndicate_of, i):
        edge = market.syndicate[k]
        partner = market.investors[edge.target]
        weight += edge.weight
        hazard += edge.weight * partner.hazard_told
        attention += edge.weight * partner.attention_told
        sentiment += edge.weight * partner.sentiment_told
    if weight > 0.0:
        each = 1.0 / weight
        investor.hazard += p.syndicate_weight * (hazard * each - investor.hazard)
        investor.hazard_years = investor.hazard_events / investor.hazard
        investor.attention += p.syndicate_weight * (attention * each - investor.attention)
        investor.sentiment += p.herding * sentiment * each
        investor.sentiment /= 1.0 + p.herding
    investor.appetite = maths.exp(investor.sentiment) / investor.hurdle
    value_dollar_of_rent(market, investor)


@part
def value_dollar_of_rent(market, investor):
    """Value 1 USD/year of a firm's rent, and of a lead's, which rivals erode besides.

        hazard of a copy = hazard of a match * P(it is a copy) * (1 + attention)

    A match by cleverness leaves a rent to the progress of rivals, which is charged already.
    """
    p = market.parameters
    industry = market.industry
    growth = industry.expected_growth
    years = industry.growth_years
    feared = investor.hazard * investor.imitation * (1.0 + investor.attention)
    investor.copy_hazard = feared
    investor.rent_multiple = rent_multiple(feared, p.kept_share, growth, years, industry.discount)
    rate = industry.discount + industry.erosion
    investor.lead_multiple = rent_multiple(feared, p.kept_share, growth, years, rate)
