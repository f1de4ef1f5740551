"""How much the page does for those who use it: everybody shares one machine."""

MOST_TABS = 20  # markets open at a time
MOST_AGENTS = 2000  # of a synthetic world
MOST_MONTHS = 1200  # of a history
MOST_MOVES = 1000  # of levers in one history
MOST_MEMBERS = 10_000  # histories of a fan
MOST_FAN_MONTHS = 2_000_000  # of all its histories together, about 1 GB while it runs
LARGEST_FILE = 2**20  # bytes that can be opened
BUDGET = 0.1  # seconds of model time in one answer, so that the page never waits long
