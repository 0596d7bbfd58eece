"""How good forecasts were: every method on the same origins of a series, scored the same way."""

from povsim.backtest.methods import METHODS, Method, chosen
from povsim.backtest.protocol import HORIZONS, WINDOWS, Window
from povsim.backtest.results import POOLED, Backtest, pooled
from povsim.backtest.running import backtest
from povsim.backtest.series import COLUMNS, FEWEST_YEARS, Series, of_table, read

__all__ = [
    "COLUMNS",
    "FEWEST_YEARS",
    "HORIZONS",
    "METHODS",
    "POOLED",
    "WINDOWS",
    "Backtest",
    "Method",
    "Series",
    "Window",
    "backtest",
    "chosen",
    "of_table",
    "pooled",
    "read",
]
