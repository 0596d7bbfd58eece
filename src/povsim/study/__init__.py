"""What a planner asks: where units stand, where they are heading, how likely their targets are."""

from povsim.study.aims import NEVER, Aim, Course, Span, judge, judge_all
from povsim.study.all_targets import Bundled, Likely, bundled, targets_ground
from povsim.study.allocating import Judged, about_targets, even_split, propose, regret
from povsim.study.comparing import Change, chances, changes, compare, contrasted, more, under
from povsim.study.deprivations import deprivation_shares, deprivations_by_area, measures
from povsim.study.depth import by_number, depth
from povsim.study.grounds import Ground, ground
from povsim.study.health import Check, Mark, health, verdict
from povsim.study.outlooks import DRAWS, Outlook, newest_release, outlook
from povsim.study.parts import GROUPS, group_aims, groups, indicators, outlook_of_parts
from povsim.study.sensitivity import (
    Assumption,
    assumptions,
    morris,
    sobol,
    tornado,
    value_of_information,
)
from povsim.study.targets import references, targets
from povsim.study.within_year import periods, units_on, within_year
from povsim.study.worlds import bounds, current, scenario_files, scenario_folder, world

__all__ = [
    "DRAWS",
    "GROUPS",
    "NEVER",
    "Aim",
    "Assumption",
    "Bundled",
    "Change",
    "Check",
    "Course",
    "Ground",
    "Judged",
    "Likely",
    "Mark",
    "Outlook",
    "Span",
    "about_targets",
    "assumptions",
    "bounds",
    "bundled",
    "by_number",
    "chances",
    "changes",
    "compare",
    "contrasted",
    "current",
    "deprivation_shares",
    "deprivations_by_area",
    "depth",
    "even_split",
    "ground",
    "group_aims",
    "groups",
    "health",
    "indicators",
    "judge",
    "judge_all",
    "measures",
    "more",
    "morris",
    "newest_release",
    "outlook",
    "outlook_of_parts",
    "periods",
    "propose",
    "references",
    "regret",
    "scenario_files",
    "scenario_folder",
    "sobol",
    "targets",
    "targets_ground",
    "tornado",
    "under",
    "units_on",
    "value_of_information",
    "verdict",
    "within_year",
    "world",
]
