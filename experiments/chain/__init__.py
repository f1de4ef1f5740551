"""Does the chain bind: imitation, rents, beliefs, funding, progress? Cases whose answer is known.

    python -m experiments.chain
    python -m experiments.chain --json
    python -m experiments.chain --set customer_cost=0

Cases and targets were fixed before the rules they judge were written; they do not move. Each
case is run over 200 seeds of the 2025 world; figures are medians or shares over the seeds with
their 5-95 % bootstrap interval. A share of collapses stands with its least and most over other
thresholds. What is not met stays here, and in README.
"""
