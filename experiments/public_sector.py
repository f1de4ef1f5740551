"""When private money leaves: what can public policy buy, at what cost, and what is robust?"""

from experiments.study import Study

STUDY = Study(
    title="The public sector",
    question="When private money leaves, what do public research, protection of models, export "
    "control and safety rules buy; is there a best strength of IP; and which policy is robust "
    "whatever the world is like?",
    expected={
        "steps_in": "Where copies are easiest, the public share of research at least doubles under "
        "the usual reaction rule, compared with the baseline.",
        "restores": "100 bn USD a year of extra public research does not bring the frontier of "
        "easy imitation back to that of the baseline.",
        "ip_optimum": "Consumer surplus is highest at an interior strength of IP (Nordhaus 1969): "
        "neither none nor full.",
        "ip_reach": "Protection that reaches only the United States buys less than half of what "
        "protection everywhere buys in progress.",
        "export": "Export control slows the frontier and does not lower incidents.",
        "safety": "Safety rules slow the frontier and lower accidents.",
        "robust": "The policy with the least worst-case regret over the whole uncertainty space is "
        "a combination, not a single instrument.",
    },
    design="Policies are settings of the levers. On scenarios drawn from the whole uncertainty "
    "space (Latin hypercube over every declared uncertainty), every policy meets the same "
    "scenarios under the same seeds. Separately, IP strength runs from none to full under "
    "imitation, and the reach of courts is changed in the graph: as of 2025, the United States "
    "alone, everywhere.",
    reading="Regret is how far a policy's outcome in a scenario stays behind the best policy's "
    "there, in units of the outcome's spread over scenarios; it is averaged over outcomes with "
    "equal weight, and reported by outcome too. The Pareto set holds the policies that no other "
    "beats in every outcome's mean.",
    limits="Equal weights are a value judgement: the table lets the reader choose others. IP has "
    "strength and reach, but no length: how long protection lasts is not a parameter. Public money "
    "costs its sum; the deadweight loss of taxes is left out.",
)
