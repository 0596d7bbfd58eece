"""The households behind the counts: from a register, or made so that every count is met exactly."""

from povsim.population.households import Population, of_register, rebuild, tilts
from povsim.population.law import BITS, Counts
from povsim.population.margins import GROUPS, LISTED, POOR_FROM, Margins

__all__ = [
    "BITS",
    "GROUPS",
    "LISTED",
    "POOR_FROM",
    "Counts",
    "Margins",
    "Population",
    "of_register",
    "rebuild",
    "tilts",
]
