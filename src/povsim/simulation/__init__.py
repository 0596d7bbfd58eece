"""What a scenario does to households, on common random numbers: the judge of every proposal."""

from povsim.simulation.following import Followed, follow, opening
from povsim.simulation.outcomes import DEPTHS, Outcome, Unspent, run
from povsim.simulation.worlds import World

__all__ = ["DEPTHS", "Followed", "Outcome", "Unspent", "World", "follow", "opening", "run"]
