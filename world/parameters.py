"""The parameters: each declared once, with unit, range, role, source and meaning.

Validation, command-line overrides, the documentation's table and the page's
controls derive from this list.

Roles follow the XLRM framing (Lempert et al. 2003): an *uncertainty* is a fact
of the world nobody knows well, a *lever* is a choice of policy, a *constant* is
known or fixed by convention.
"""

from __future__ import annotations

from numbers import Real
from typing import Any, NamedTuple

from world.errors import InputError
from world.faults import shown
from world.state import Column


class Parameter(NamedTuple):
    """One declared parameter; `whole` says that only whole numbers are allowed."""

    name: str
    default: float
    low: float
    high: float
    unit: str
    role: str
    group: str
    meaning: str
    source: str
    whole: bool = False

    @property
    def allowed(self) -> str:
        """The allowed values in words."""
        return f"{'a whole number from ' * self.whole}{self.low:g} to {self.high:g} [{self.unit}]"

    def check(self, value: Any, place: str = "") -> float:
        """Return a number of any kind (Python's, NumPy's) as a float.

        Raises
        ------
        InputError
            Not a number, or out of range; names place and range.
        """
        place = f"{place}: " if place else ""
        if getattr(value, "ndim", None) == 0:  # an array of one number
            value = value[()]
        if isinstance(value, bool) or not isinstance(value, Real):
            sort = "" if self.whole else "a number from "
            raise InputError(f"{place}{self.name} must be {sort}{self.allowed}, not {shown(value)}.")
        # Comparing before converting keeps an integer of any length from overflowing.
        number: Any = value
        if not self.low <= number <= self.high or (self.whole and number != int(number)):
            said = f"{value:g}" if isinstance(value, float) else shown(value)
            raise InputError(
                f"{place}{self.name} = {said} is out of range; allowed is {self.allowed}."
            )
        return float(number)


U, L, C = "uncertainty", "lever", "constant"


def _declare(group: str, rows: list[tuple[Any, ...]]) -> list[Parameter]:
    return [Parameter(*(*row[:6], group, *row[6:])) for row in rows]


# name, default, low, high, unit, role, meaning, source, and True for whole numbers
PARAMETERS: tuple[Parameter, ...] = tuple(
    _declare("imitation", [
        ("imitation_cost_share", 0.176, 0.02, 1.0, "share", U,
         "cost of a copy over training the same model from scratch at the best visible know-how",
         "DeepSeek-V3: 5.6 M USD against about 45 M (Epoch AI); R1 with base 0.03, three weeks later"),
        ("imitation_lag", 7.48, 2.0, 24.0, "months", U,
         "time from deciding to copy a model to releasing the copy",
         "implied lag of matches 3-15 months (own survival estimate on the Epoch index)"),
        ("copy_shortfall", 0.114, 0.0, 0.8, "OOM", U,
         "capability a copy falls short of its model",
         "first match within one index point (0.11 OOM); Gudibande et al. 2023"),
        ("lab_copy_penalty", 3.21, 1.0, 10.0, "ratio", U,
         "cost of copying for a frontier lab over an imitator's: contracts, legal exposure",
         "terms of service forbid it; judgement"),
        ("trace_protection", 0.3, 0.0, 1.0, "fraction", U,
         "rise of a copy's cost and lag when reasoning traces are hidden",
         "patents raise imitation cost by 10-75 % (Mansfield et al. 1981), as a guide"),
        ("trace_demand_cost", 0.02, 0.0, 0.2, "share", U,
         "demand lost by a model that hides its reasoning traces",
         "judgement; labs that hid traces kept nearly all customers"),
        ("ip_imitation_cost", 0.75, 0.0, 2.0, "fraction", U,
         "rise of a copy's cost and lag under full IP protection within the courts' reach",
         "10-75 % observed (Mansfield, Schwartz and Wagner 1981)"),
    ])
    + _declare("research", [
        ("compute_labour_substitution", 0.7, 0.0, 2.6, "elasticity", U,
         "substitution between cognitive labour and experiment compute in research",
         "2.58 or about 0 by specification (Whitfill and Wu 2025, later than the start): scan it"),
        ("experiment_weight", 0.5, 0.3, 0.8, "share", U,
         "weight of experiment compute in research",
         "compute is 0.70-0.77 of research spending (Epoch AI)"),
        ("research_returns", 1.2, 0.4, 3.6, "ratio", U,
         "returns to software research r; above 1 research that scales with its output explodes",
         "Erdil, Besiroglu and Ho 2024: median 1.2, 0.4-3.6"),
        ("stepping_on_toes", 0.6, 0.2, 1.0, "exponent", U,
         "lambda: less than proportional gain from parallel research",
         "Jones 1995; Bloom et al. 2020"),
        ("efficiency_pace", 0.517, 0.26, 0.72, "OOM/year", U,
         "own efficiency growth of a leader with the inputs of the start",
         "2.83x a year, halving 5-14 months (Ho et al. 2024)"),
        ("spillover", 0.979, 0.0, 4.0, "1/year", U,
         "rate at which known efficiency elsewhere is absorbed",
         "catch-up to a fixed level 4-16x a year against 3x at leaders"),
        ("induced_innovation", 0.5, 0.0, 5.0, "fraction", U,
         "extra research productivity at a complete shortfall of compute",
         "Hicks 1932; Popp 2002 for energy; unknown for AI"),
        ("talent", 2.5, 1.0, 5.0, "ratio", U,
         "research productivity of a clever imitator's team over a usual lab's",
         "DeepSeek: 160 staff near the frontier; judgement"),
        ("ordinary_talent", 0.25, 0.05, 1.0, "ratio", U,
         "research productivity of an imitator that is not clever", "judgement"),
        ("frontier_scale", 0.5, 0.0, 1.0, "exponent", U,
         "how far experiments must be at frontier scale: 0 raw compute counts, 1 only near-frontier",
         "the two estimates of substitution differ by exactly this (Whitfill and Wu 2025, later)"),
        ("full_automation", 35.0, 32.0, 40.0, "OOM", U,
         "capability at which AI can do all research tasks", "Davidson 2023: 10**33-10**38 FLOP"),
        ("automation_span", 4.0, 2.0, 7.0, "OOM", U,
         "distance from 20 % to all research tasks", "Davidson 2023"),
        ("task_elasticity", 0.5, 0.1, 0.95, "elasticity", U,
         "substitution between research tasks: tasks left are the bottleneck",
         "Aghion, Jones and Jones 2019; Jones 2025 (later than the start)"),
        ("inference_share", 0.3, 0.05, 0.6, "share", U,
         "most of research compute that goes into AI labour", "judgement"),
        ("headroom", 8.0, 5.0, 12.0, "OOM", U,
         "efficiency left to find after 2025", "physical and human-brain bounds; Davidson 2023"),
        ("research_intensity", 0.3, 0.05, 0.8, "share", U,
         "gross profit spent on standing research when no leading run is under way",
         "software firms 0.2-0.4"),
        ("compute_growth", 0.13, 0.10, 0.20, "OOM/year", U,
         "growth of compute per dollar", "Epoch AI: 1.32-1.37x a year"),
    ])
    + _declare("runs", [
        ("exploration", 1.7, 1.0, 9.0, "ratio", U,
         "exploration beside a leading run, over the final run",
         "final runs are 10-30 % of research compute (Epoch AI)"),
        ("leap_cost", 0.668, 0.0, 2.0, "exponent", U,
         "rise of exploration with a run's size over the largest yet",
         "frontier runs grew 2.6x a year in cost though value exceeded cost many times (2016-24)"),
        ("run_length", 3.57, 2.0, 12.0, "months", U, "length of a 500 M USD run",
         "frontier runs take about 100 days (Epoch AI): GPT-4 95, Llama 3.1 405B 54"),
        ("run_noise", 0.05, 0.0, 0.2, "OOM", U, "luck of a leading run",
         "spread of index scores at equal compute"),
        ("wage_lab", 1.5e6, 4e5, 3e6, "USD/year", U,
         "yearly cost of a researcher at a lab, support staff included",
         "half of a lab's staff does research; filings; Epoch AI cost shares"),
        ("wage_imitator", 4.0e5, 1e5, 1e6, "USD/year", U, "the same at an imitator",
         "Chinese and European pay; judgement"),
        ("labour_share", 0.27, 0.15, 0.5, "share", C, "wages in research spending",
         "Epoch AI: compute 0.70-0.77"),
        ("hiring_speed", 0.0507, 0.0, 0.2, "1/month", U, "fastest monthly change of staff",
         "OpenAI's staff doubled a year in 2021-24 (Epoch AI)"),
    ])
    + _declare("demand", [
        ("price_premium", 0.34, 0.2, 1.2, "log10/OOM", U,
         "log10 price customers pay for an OOM of capability",
         "leaders' margins and leads; at most 1: a fixed capability falls 10-12x a year in price"),
        ("elasticity_within", 2.5, 2.5, 8.0, "elasticity", U, "substitution between models",
         "leaders' gross margins 0.33-0.5 at shares of 0.2-0.6"),
        ("elasticity_outer", 1.5, 1.1, 2.0, "elasticity", U,
         "elasticity of demand for AI services", "judgement, above one (Jevons)"),
        ("brand_margin", 0.138, 0.0, 0.3, "share", U, "markup a matched brand still earns",
         "generics: originators keep a premium (Grabowski et al.)"),
        ("complement_value", 0.271, 0.0, 0.5, "share", U,
         "profit that owners earn on complements, per dollar of use of their open model",
         "operating margins of large clouds 0.25-0.37 on the hosting they win; judgement"),
        ("market_base", 9.12e10, 2e10, 2e11, "USD/year", U, "potential market at 28.5 OOM",
         "sales of 2023 by Bass diffusion fed the observed frontier"),
        ("market_slope", 0.405, 0.2, 0.6, "OOM/OOM", U,
         "growth of the potential market with capability", "the same"),
        ("market_saturation", 1e13, 2e12, 3e13, "USD/year", U, "largest potential market",
         "world labour income 5e13 USD a year; share automatable unknown"),
        ("adoption_innovation", 0.03, 0.005, 0.1, "1/year", U, "Bass coefficient of innovation",
         "Sultan, Farley and Lehmann 1990: mean 0.03"),
        ("adoption_imitation", 1.4, 0.4, 2.0, "1/year", U, "Bass coefficient of imitation",
         "the same; mean of durables 0.38"),
        ("switching", 0.25, 0.05, 1.0, "1/month", U, "share of customers who reconsider each month",
         "API routers show fast switching; contracts a year"),
        ("brand_speed", 0.25, 0.0, 1.0, "1/year", U, "speed at which brand follows usage",
         "judgement"),
        ("brand_of_share", 5.74, 0.0, 10.0, "weight", U, "brand gained per share of usage",
         "ChatGPT's brand against its share"),
        ("customer_cost", 0.682, 0.0, 1.5, "years", U,
         "cost of winning customers who pay 1 USD a year: selling, and serving at a loss",
         "recalled: software firms 1.0-1.6, consumer services less; judgement, fitted"),
    ])
    + _declare("finance", [
        ("discount", 0.12, 0.08, 0.25, "1/year", U, "investors' discount rate",
         "venture and growth equity hurdle rates"),
        ("discount_noise", 0.0119, 0.0, 0.05, "1/year", U,
         "news of the discount rate in a year (standard deviation); it returns within years",
         "expected returns move by about as much as yields, 1-3 points (Cochrane 2011); recalled"),
        ("kept_share", 0.347, 0.0, 0.5, "share", U, "rent that survives a copy",
         "Klemperer 1995; originators after patent expiry"),
        ("rival_erosion", 0.177, 0.05, 1.0, "share", U,
         "how much of rivals' gain in quality reaches the profit of a lead",
         "leaders of 2023-24 kept most customers after being overtaken; judgement"),
        ("growth_horizon", 4.14, 1.0, 6.0, "years", U, "time in which expected growth falls to 1/e",
         "post-money over revenue 20-55 for the leaders"),
        ("growth_learning", 0.733, 0.0, 4.0, "1/year", U,
         "how fast expected growth follows the growth that is seen",
         "Pastor and Veronesi 2009 (learning about growth); judgement"),
        ("prior_hazard", 0.933, 0.3, 2.0, "1/year", U,
         "imitation hazard believed at the start, where matches took eight months; else by their lag",
         "2023-24 lags of 7-15 months"),
        ("prior_strength", 4.82, 1.0, 8.0, "events", U, "weight of that prior",
         "nine frontier models matched in 2020-24, older ones half forgotten"),
        ("prior_imitation", 0.5, 0.02, 0.98, "0-1", U,
         "belief at the start that matches are copies (H1), and not cleverness (H2)",
         "even odds: the two readings of January 2025"),
        ("forgetting", 0.01, 0.0, 0.05, "1/month", U, "return of beliefs to the prior",
         "judgement"),
        ("syndicate_weight", 0.1, 0.0, 0.5, "1/month", U,
         "weight on the syndicate's beliefs (DeGroot)", "DeGroot 1974; judgement"),
        ("belief_spread", 0.2, 0.0, 0.6, "log sd", U,
         "disagreement of investors: priors and alertness", "judgement"),
        ("cash_uncertainty", 0.3, 0.0, 0.7, "log sd", U,
         "uncertainty of developers' starting cash where the world states none",
         "cash is nowhere observed: uncertain by half"),
        ("start_doubt", 1.0, 0.0, 2.0, "ratio", C,
         "how much of the doubt about the world's figures at the start histories draw",
         "1: the intervals of the world file as they are; 0: every history begins at the best guess"),
        ("alertness", 3.19, 0.0, 4.0, "ratio", U,
         "attention drawn by a cost surprise of one OOM",
         "not identified before January 2025; fitted to the shock"),
        ("attention_fade", 0.153, 0.1, 1.0, "1/month", U, "attention lost in a month",
         "prices drift about a quarter after news (Bernard and Thomas 1989); fitted to the shock"),
        ("public_news", 0.5, 0.0, 1.0, "weight", U,
         "weight of news about a developer that an investor does not watch",
         "January 2025 was read in the press: no Western investor held DeepSeek"),
        ("hurdle", 1.34, 0.7, 2.0, "ratio", U, "value over cost an investor asks for",
         "marginal q of one"),
        ("hurdle_spread", 0.25, 0.0, 0.5, "log sd", U, "its spread over investors", "judgement"),
        ("frontier_allocation", 0.415, 0.1, 1.0, "share", U,
         "investors' AI money that is open to the developers of this market",
         "identified rounds 31.7e9 of some 125e9 of AI venture money in 2024; fitted"),
        ("ticket", 0.356, 0.05, 1.0, "share", U, "most of its dry powder in one round",
         "fund concentration limits 10-25 %; fitted near them"),
        ("quorum", 0.501, 0.1, 1.0, "share", U, "commitments below which a round fails",
         "lead investors usually take half"),
        ("capital_response", 0.92, 0.0, 1.2, "exponent", U,
         "new money as AI equity grows (elasticity)",
         "US AI share of venture money 12 % to 38 % while values rose tenfold"),
        ("flow_performance", 1.86, 0.0, 5.0, "ratio", U, "new money's response to returns",
         "Kaplan and Schoar 2005; AI funding fell 43 % 2021-23"),
        ("herding", 0.5, 0.0, 2.0, "ratio", U, "weight of the syndicate's sentiment",
         "Nanda and Rhodes-Kropf 2013"),
        ("exit_rate", 0.006, 0.0, 0.02, "1/month", U, "share of a stake sold to the public",
         "holding periods of about a decade"),
    ])
    + _declare("compute", [
        ("supply_elasticity", 1.5, 0.5, 5.0, "elasticity", U, "short-run supply of compute",
         "H100 rental 2023-24"),
        ("build_time", 18.0, 6.0, 36.0, "months", U, "time to build compute capacity",
         "fabs and data centres"),
        ("supplier_margin", 0.5, 0.3, 0.7, "share", C, "supplier's net margin",
         "Nvidia fiscal 2024: 0.49"),
        ("supplier_erosion", 0.15, 0.0, 0.4, "1/year", U,
         "expected rate at which competition wears down the supplier's margin",
         "excess profits persist at 0.8-0.9 a year (Mueller 1986; McGahan and Porter 1999)"),
        ("rebate", 0.3, 0.0, 0.6, "share", U,
         "share of a developer's compute bill earned by its cloud and chip investors",
         "cloud gross margins; credits returned as revenue"),
        ("jevons", 0.712, 0.5, 1.5, "elasticity", U,
         "compute demand's response to algorithmic savings, as investors expect it",
         "Jevons 1865; unknown for AI; fitted to the fall of January 2025"),
    ])
    + _declare("policy", [
        ("public_reaction", 0.0835, 0.0, 2.0, "ratio", L,
         "public research for a shortfall of growth or a rival's lead; 1 is 0.4 % of GDP",
         "US federal AI research is about 1 % of cloud capex; Apollo peaked at 0.4 % of GDP"),
        ("growth_target", 0.7, 0.0, 1.2, "OOM/year", L, "frontier growth governments wish",
         "two thirds of the 2020-24 pace"),
        ("public_frontier_share", 0.058, 0.01, 0.5, "share", U,
         "public AI research that goes to frontier models in normal times",
         "US federal AI research 3.3e9 a year, NAIRR pilot and leadership computing a few per cent"),
        ("public_extra", 0.0, 0.0, 5e11, "USD/year", L, "extra public research, all governments",
         "policy choice"),
        ("public_lab_share", 0.3, 0.0, 1.0, "share", L,
         "public research through the public lab; the rest are grants", "policy choice"),
        ("ip_floor", 0.0, 0.0, 1.0, "index", L,
         "least protection of models against copying, where a government's own law gives less",
         "0: the laws of the world file; 1 drug-like"),
        ("ip_lobbying", 0.03, 0.0, 0.5, "1/year", U, "rise of protection at complete loss of rents",
         "Landes and Posner 2003"),
        ("ip_delay", 14.0, 3.0, 48.0, "months", U, "legal delay of IP", "13-15 months to first action"),
        ("export_control", 0.3, 0.0, 0.95, "share", L,
         "compute denied under full export control", "H800 against H100; smuggling estimates"),
        ("export_trigger", 0.967, 0.0, 3.0, "OOM", L, "rival's gap below which control tightens",
         "rules of 2022-10, 2023-10, 2024-12"),
        ("safety_reaction", 0.3, 0.0, 2.0, "ratio", L,
         "strictness of safety rules per e-fold rise of incidents", "EU AI Act; judgement"),
        ("safety_cost", 0.1, 0.0, 0.5, "share", U,
         "rise of run cost and length per unit of strictness", "clinical-trial analogy; judgement"),
    ])
    + _declare("safety", [
        ("misuse_slope", 0.3, 0.1, 2.0, "1/OOM", U, "rise of incidents per OOM of hostile capability",
         "judgement"),
        ("misuse_base", 1.4, 0.0, 10.0, "1/month", U,
         "incidents of an actor as far behind defenders as in 2024 (1.5 OOM)",
         "19 reported incidents a month in 2024 (AI Index), eight actors"),
        ("theft_hazard", 0.03, 0.0, 0.2, "1/year", U, "theft of frontier weights by an actor",
         "RAND 2024 security levels; judgement"),
        ("alignment_pace", 0.8, 0.3, 1.5, "OOM/year", U, "fastest growth of alignment", "unknown"),
        ("accident_slope", 1.0, 0.3, 2.0, "1/OOM", U, "rise of accidents per OOM unaligned", "unknown"),
    ])
    + _declare("entry", [
        ("entry_rate", 1.16, 0.0, 5.0, "1/year", U, "entrants a year when equity is at its start value",
         "new labs of 2023-24"),
        ("clever_share", 0.15, 0.0, 0.6, "share", U, "entrants with research ability of their own",
         "judgement"),
        ("open_share", 0.6, 0.0, 1.0, "share", U, 
         "entrant imitators whose owners sell complements of an open model",
         "9 of 15 followers in 2024"),
    ])
    + _declare("shock", [
        ("release_month", 0.0, -1.0, 60.0, "month", C,
         "months from the world's date of the cheap near-frontier release to it (-1: none)",
         "R1, 20 January 2025", True),
        ("release_gap", 0.35, 0.0, 2.0, "OOM", C, "its distance from the frontier of that month",
         "index 139.9 against 143.0"),
        ("release_cost", 6.8e6, 1e4, 1e9, "USD", C, "cost of its final run, with its base",
         "Epoch AI: 6.77 M USD"),
    ])
)  # fmt: skip

BY_NAME: dict[str, Parameter] = {parameter.name: parameter for parameter in PARAMETERS}
COLUMNS = tuple(Column(p.name, "float", p.unit, "", "", p.meaning) for p in PARAMETERS)
