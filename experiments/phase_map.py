"""Where in parameter space does the market race, stall, collapse or take off?"""

from experiments.study import Study

STUDY = Study(
    title="The phase map",
    question="Which regime prevails over imitation ease, cleverness and the growth of demand; how "
    "sharp are the boundaries, can they be crossed back, and does funding end where rent no longer "
    "repays the run?",
    expected={
        "imitation": "Progress fails (slowdown or funding collapse) in most histories where copies "
        "are cheap and quick (cost share below 0.05 and lag below 4 months), and races on where "
        "they are dear and slow.",
        "sharp": "The boundary is a crossover, not a cliff: the share of failed histories goes "
        "from a quarter to three quarters over at least a doubling of the cost share.",
        "demand": "Faster growth of demand moves the boundary toward shorter lags: a four-month "
        "lag is survivable when demand grows as in 2023-24.",
        "cleverness": "Takeoffs need substitution near or above one and returns above one.",
        "induced": "Induced innovation matters for takeoff only at its upper end.",
        "hysteresis": "A spell of easy imitation leaves a mark: five years after it ended, at "
        "least a fifth of the lost research spending is still missing.",
        "cycles": "Funding has booms and busts (falls of 40 % or more) in most histories of easy "
        "imitation.",
        "threshold": "Backers pay for a run up to the hazard at which rent/(r + hazard) equals its "
        "cost, when rent neither grows nor outlasts the copy.",
    },
    design="A grid of imitation cost share x lag, and slices over substitution x returns, induced "
    "innovation x substitution, and demand growth x lag; every point under the same seeds to 2040. "
    "Hysteresis: the cost share is ramped down and up again inside one history and compared, on "
    "the same noise, with the history that never left. The funding threshold is found by bisection "
    "in a market of one lab and one fund that has everything but Arrow's trade-off switched off.",
    reading="A point has the colour of its most frequent regime. The boundary is where half of the "
    "histories fail; its interval comes from resampling seeds. Sharpness is the ratio of cost "
    "shares between a quarter and three quarters failed.",
    limits="Regimes are names given by thresholds (model/regimes.py); slowdown and collapse can be "
    "told apart only up to these. A map at other values of the ninety remaining parameters looks "
    "different; `sensitivity` says which.",
)
