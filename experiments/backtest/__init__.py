"""Backtest: forecasts from past origins, scored against what came."""
