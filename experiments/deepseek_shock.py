"""What did the cheap release of January 2025 do, and on what does it depend?"""

from experiments.study import Study

STUDY = Study(
    title="The shock of January 2025",
    question="What does one cheap near-frontier release do to the compute supplier, to all AI "
    "equity, to funding and to progress, and on what does the size of the fall depend?",
    expected={
        "fall": "The supplier falls by at least 5 % in the month of the release under every "
        "reading (observed on 27 January 2025: -17 %), and by more than all AI equity does.",
        "reading": "Developers lose more in value under imitation than under cleverness.",
        "heals": "The supplier is back within a tenth of its fall inside twelve months, as "
        "attention fades.",
        "funding": "Capital raised over the next 24 months is lower than without the release.",
        "progress": "The frontier of 2030 moves by less than 0.2 OOM either way.",
        "surprise": "The cheaper the release, the deeper the fall.",
        "gap": "The nearer the release comes to the frontier, the deeper the fall.",
        "beliefs": "The lower the hazard believed before, the deeper the fall: there is more to "
        "learn; and the larger the rent kept after a copy, the shallower.",
        "alertness": "The fall is proportional to alertness, within a factor of two at both ends.",
        "graph": "Rewiring who follows whom, degrees kept, changes the fall by less than a "
        "quarter: most investors read of it in the press.",
    },
    design="Each history is paired with its twin: same world, same seed, same noise, but no "
    "release (release_month = -1). Three scenarios, and a baseline whose investors are unsure "
    "(weak priors, most disagreement). Around the baseline the release's cost and distance, prior "
    "hazard, kept share and alertness are moved one at a time. The graph is the real one of 2025, "
    "the same with its follow and syndicate edges rewired (degrees kept), and two synthetic worlds "
    "of about its size.",
    reading="A fall is the difference of the history to its twin in the month of the release, in "
    "per cent of the twin; the median over seeds, with a bootstrap interval of the median.",
    limits="Alertness is identified by nothing before January 2025, so the size of the fall is a "
    "consequence of a judged parameter; its sign and what it depends on are not. The supplier's "
    "value counts only the demand of this market. Months, not days: the fall and its recovery "
    "within the month are averaged.",
)
