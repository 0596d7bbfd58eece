"""A new plan without touching code: what is wanted, checked whole, written as files that load."""

from povsim.planning.draft import Draft, Made, new

__all__ = ["Draft", "Made", "new"]
