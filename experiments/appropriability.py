"""Does the lead still pay for the next run, and where do 2024-25 stand?"""

from experiments.study import Study

STUDY = Study(
    title="Appropriability",
    question="How long a lead, how large a price premium and how fast a growth of demand does it "
    "take to pay for the next run; where does 2025 stand; and when does easier imitation speed "
    "progress up?",
    expected={
        "lead": "A longer lead makes failure (slowdown or funding collapse) rarer.",
        "premium": "A larger price premium for the lead makes failure rarer.",
        "demand": "Faster growth of demand makes failure rarer, and is the strongest of the three.",
        "stand": "The market of 2025 is on the safe side, but the boundary is within its reach: "
        "less than half of the lag away, other things equal.",
        "cover": "In 2025 the leader's rent over the time of its lead does not repay the next run "
        "with its exploration: growth that is expected does.",
        "models": "Easier copying of models slows the frontier of the 2025 market.",
        "innovators": "Where only innovators exist, easier copying of models slows the frontier by "
        "less.",
        "know_how": "Easier copying of know-how (spillover) speeds the frontier up where all "
        "innovate (Nelson and Winter: 20 against 0.25 raised productivity by 1.5 %), and does less "
        "or harm in the market of 2025.",
    },
    design="A grid of imitation lag (the lead) x price premium x demand growth to 2035. The rent "
    "of the lead in 2025 is the largest seller's gross profit over the lag of matches; the cost is "
    "the dearest run with its exploration. The signs: cost share of copies and spillover, each "
    "from hard to easy, in the world of 2025 and in a synthetic world without imitators, entrants "
    "that copy, and complements.",
    reading="Failed is a history that the classifier calls slowdown or funding collapse. The "
    "distance to the boundary is along one axis from the default, the others kept. Effects of "
    "imitation are differences of the frontier on the same noise; an interval that spans zero "
    "leaves the sign open.",
    limits="In the world without imitators, labs may still copy each other at the lab's copying "
    "cost. The rent covers the largest seller only. Run costs in 2025 are above the observed ones "
    "(moat moments).",
)
