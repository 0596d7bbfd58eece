"""Dashboard panels: a state object and a view bound to it; Vietnamese, offline, phone first."""

from povsim.widgets.intake import IntakePanel, intake_panel
from povsim.widgets.leaders import Overview, Selection, overview
from povsim.widgets.markup import Received, printed_findings, received
from povsim.widgets.pieces import safely
from povsim.widgets.what_if import WhatIf, what_if

__all__ = [
    "IntakePanel",
    "Overview",
    "Received",
    "Selection",
    "WhatIf",
    "intake_panel",
    "overview",
    "printed_findings",
    "received",
    "safely",
    "what_if",
]
