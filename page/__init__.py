"""The page: a market to play with, on Mesa's Solara server.

It holds no economics. Parameters, indicators, kinds, events and their words, units
and ranges are read from their declarations; numbers come from `Market` and `Ensemble`.
"""
