"""Is imitation safer on balance: slower at the frontier, but in more hands?"""

from experiments.study import Study

STUDY = Study(
    title="Misuse",
    question="At an equal frontier, how much more capable are hostile actors and how many more "
    "incidents happen when copying is easy; what do open weights add, what does each policy buy, "
    "and is imitation safer on balance?",
    expected={
        "hands": "At an equal frontier, hostile actors are nearer to it the easier imitation is.",
        "incidents": "At an equal frontier, incidents a year rise with the ease of imitation.",
        "open": "Without open weights there are fewer incidents at an equal frontier.",
        "pace": "Easier imitation slows the frontier, so that fewer accidents happen by 2040.",
        "balance": "Until 2040, easy imitation brings more incidents and fewer accidents: safer in "
        "pace, more dangerous in hands.",
        "policy": "Protection of models lowers incidents by more than safety rules do.",
    },
    design="The cost share of copies (and, along with it, the lag) from hard to easy in the world "
    "of 2025; the same with all weights closed (no developer has complements, in the graph and "
    "among entrants); each policy at the default ease. Paths are read at the month in which the "
    "frontier first reaches a common level.",
    reading="Distance: hostile capability less the frontier in that month [OOM]; incidents over "
    "the twelve months from then. Differences are paired by seed. On balance: sums to 2040.",
    limits="Incidents are an index scaled to reported ones of 2024; accidents have no historical "
    "scale at all, so their sum with incidents would mean nothing and is not formed. Defenders "
    "improve only with the frontier. Seeds that never reach the common level are left out of the "
    "comparison and counted.",
)
