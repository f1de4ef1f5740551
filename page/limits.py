"""How much the page does for those who use it: all tabs share one machine."""

MOST_TABS = 20  # markets open at a time
MOST_AGENTS = 2000  # of a synthetic world
MOST_MONTHS = 1200  # of a history
MOST_AGENT_MONTHS = 400_000  # agents times months of a history, about 250 MB
MOST_MOVES = 1000  # of levers in one history
MOST_MEMBERS = 5000  # histories of a fan
MOST_FAN_MONTHS = 1_000_000  # months of all its histories, about 430 MB while it runs
MOST_FAN_AGENT_MONTHS = 500_000_000  # the same times agents, about two minutes
LARGEST_FILE = 2**20  # bytes that can be opened
LONGEST_WORD = 200  # characters of a name that a tab sends
BUDGET = 0.1  # seconds of model time in one answer, so that the page never waits long


def most_months(agents: int) -> int:
    """Months that a history of so many agents may run."""
    return min(MOST_MONTHS, MOST_AGENT_MONTHS // agents)


def most_members(agents: int, months: int) -> int:
    """Histories that a fan of such a market may have."""
    return min(MOST_MEMBERS, MOST_FAN_MONTHS // months, MOST_FAN_AGENT_MONTHS // (agents * months))
