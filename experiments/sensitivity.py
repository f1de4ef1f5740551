"""Which parameters decide the outcomes, which do nothing, and where are collapse and takeoff?"""

from experiments.study import Study

STUDY = Study(
    title="Sensitivity",
    question="Which of the declared parameters move each outcome, alone or together; does any do "
    "nothing; and which ranges of which parameters single out funding collapse and takeoff?",
    expected={
        "few": "Few matter: ten parameters carry at least two thirds of the summed Morris effects "
        "on every outcome.",
        "takeoff": "The frontier of 2040 is moved most by returns, substitution or the pace of "
        "research.",
        "funding": "Capital raised is moved most by demand (slope, saturation or base of the "
        "market), before imitation.",
        "interactions": "Interactions matter: for the frontier the first-order Sobol indices sum "
        "to less than 0.8.",
        "inert": "No parameter is inert.",
        "collapse": "A box in at most four parameters holds failed histories (slowdown or funding "
        "collapse) at twice their average density, and imitation's cost share or lag is one of "
        "them.",
        "takeoff_box": "A box for takeoff names returns or substitution.",
    },
    design="Morris trajectories over every uncertainty and lever at their declared ranges; then "
    "Saltelli's design for Sobol indices over the parameters that Morris ranks first, others at "
    "their defaults; then a scrambled Sobol sequence over all uncertainties for scenario discovery "
    "by PRIM (Friedman and Fisher 1999).",
    reading="mu* is the mean absolute effect of moving a parameter across its range, in standard "
    "deviations of the outcome. Sobol indices carry bootstrap intervals. A PRIM box is read by "
    "density (share of the box's histories that are cases) and coverage (share of cases in the "
    "box).",
    limits="Declared ranges are not distributions: a wide range makes a parameter important. One "
    "seed per design point mixes luck into the indices; its share is reported.",
)
