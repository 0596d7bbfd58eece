"""How good forecasts were: every method on the same origins of a series, scored the same way."""

from povsim.backtest.methods import METHODS, Method, chosen
from povsim.backtest.protocol import HORIZONS, WINDOWS, Window
from povsim.backtest.running import backtest
from povsim.backtest.series import Series, of_table, read

__all__ = [
    "HORIZONS",
    "METHODS",
    "WINDOWS",
    "Method",
    "Series",
    "Window",
    "backtest",
    "chosen",
    "of_table",
    "read",
]
