"""How does the failure of a lab travel through stakes, syndicates and beliefs?"""

from experiments.study import Study

STUDY = Study(
    title="Contagion",
    question="When a lab fails, who else loses: how likely is it that others fail or funding "
    "falls, how far does it reach, along which channel, and on which graph?",
    expected={
        "rivals": "Other developers gain in value in the first year: customers move to them (Lang "
        "and Stulz 1992: competition outweighs contagion where rivals are few).",
        "funding": "Capital raised by the others over the next two years falls.",
        "probability": "The failure of the largest lab is followed by another failure within three "
        "years, over and above its twin, in less than a fifth of histories.",
        "extent": "When it spreads it spreads far (robust yet fragile, Gai and Kapadia 2010): the "
        "mean number of further failures, given at least one, is at least two.",
        "channel": "Write-downs and the money that follows them (flow-performance) carry more of "
        "the fall in funding than syndicates' mood and beliefs do.",
        "graph": "A core-periphery graph spreads a failure less often but further than a random "
        "one.",
        "reference": "DebtRank ranks the labs' failures as the market does: rank correlation of at "
        "least 0.5 with the simulated fall of investors' book.",
    },
    design="In the 24th month a lab loses its money and leaves, by the market's own rule of exit; "
    "the twin history on the same noise keeps it. Labs: each of the most valuable ones. Channels "
    "are switched off one at a time. Graphs: the real one of 2025, its rewiring, and synthetic "
    "worlds of about its size. Reference: DebtRank in the corrected form of Bardoscia et al. "
    "(2015) on stakes and on dependence on investors' money.",
    reading="Probability: share of histories with more failures than their twin. Extent: mean "
    "number of further failures given at least one. Losses are differences to the twin in per "
    "cent; medians over seeds.",
    limits="Developers owe no debt in this market, so failures travel by value, money and mood, "
    "not by default. The heir of the failed lab's staff and customers is always there. DebtRank "
    "knows no competition: it cannot see gains.",
)
