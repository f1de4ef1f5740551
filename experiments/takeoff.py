"""When does AI speed up its own making?"""

from experiments.study import Study

STUDY = Study(
    title="Takeoff",
    question="At which returns to research and which substitution between compute and cognition "
    "does AI speed itself up; can compute hold it back; and does an export control provoke a "
    "clever answer?",
    expected={
        "returns": "With substitution above one, takeoffs begin where returns to research pass one "
        "(Jones 1995; the explosion threshold r > 1), within 0.3.",
        "bound": "With substitution at or below one half, no history takes off at any returns up "
        "to two: cognition can raise research by no more than weight^(1/rho) (twofold at 0.5 and "
        "equal weights).",
        "compute": "Compute is a bottleneck: a larger weight of experiments, and experiments that "
        "must be at frontier scale, make takeoffs rarer.",
        "control": "Export control slows the controlled developers when nothing is induced.",
        "induced": "Enough induced innovation undoes the control: at its upper end the controlled "
        "developers end with efficiency at least equal to no control.",
    },
    design="A grid of substitution x returns in the cleverness scenario; a grid of experiment "
    "weight x frontier scale in the same; a grid of export control x induced innovation in the "
    "baseline, which reads the best developer located under the controlled government off the "
    "state at the end.",
    reading="The threshold is where half of the histories take off, along returns at each "
    "substitution, with an interval from resampling seeds; theory draws r = 1 and the substitution "
    "below which the CES bound falls under the rise of research that a takeoff needs.",
    limits="Theory's threshold is for fixed compute and complete automation; here compute grows, "
    "automation comes with capability, efficiency has headroom, and a takeoff is a pace (2.2 OOM "
    "in a year), not a singularity. A takeoff after 2040 is not seen.",
)
