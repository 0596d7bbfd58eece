"""What a programme line does to households: whom it may reach, whom it does, how well it works.

Lines are data (`rules/programme-lines.toml`, and a workspace's own in `data/programme-lines`).
The years of a unit's households are lived draw by draw, all scenarios under the same luck.
"""

from povsim.effects.coverage import cost, reached
from povsim.effects.homes import Homes, Stand
from povsim.effects.lines import Budget, Effect, Kind, Law, Line
from povsim.effects.loading import lines
from povsim.effects.targeting import Targeting

__all__ = [
    "Budget",
    "Effect",
    "Homes",
    "Kind",
    "Law",
    "Line",
    "Stand",
    "Targeting",
    "cost",
    "lines",
    "reached",
]
