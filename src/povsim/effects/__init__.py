"""What a programme line does to households: whom it may reach, whom it does, how well it works.

Lines are data (`rules/programme-lines.toml`, and a workspace's own in `data/programme-lines`).
A year of a unit's households is lived draw by draw (`live`), all lines under the same luck.
"""

from povsim.effects.bars import Bars, Fixed, Setting
from povsim.effects.coverage import cost, eligible, reached, served
from povsim.effects.entitlements import goes_on
from povsim.effects.homes import Homes, Stand
from povsim.effects.lines import Budget, Effect, Kind, Law, Line
from povsim.effects.loading import lines
from povsim.effects.spending import Spending
from povsim.effects.working import MOST_SHIFT, Aid, Serving
from povsim.effects.year import Lived, Pool, live

__all__ = [
    "MOST_SHIFT",
    "Aid",
    "Bars",
    "Budget",
    "Effect",
    "Fixed",
    "Homes",
    "Kind",
    "Law",
    "Line",
    "Lived",
    "Pool",
    "Serving",
    "Setting",
    "Spending",
    "Stand",
    "cost",
    "eligible",
    "goes_on",
    "lines",
    "live",
    "reached",
    "served",
]
