"""What a planner asks: where units stand, where they are heading, how likely their targets are."""

from povsim.study.outlooks import DRAWS, Aim, Outlook, newest_release, outlook

__all__ = ["DRAWS", "Aim", "Outlook", "newest_release", "outlook"]
