"""Dashboard panels: a state object and a view bound to it; Vietnamese, offline, phone first."""

from povsim.widgets.intake import IntakePanel, intake_panel
from povsim.widgets.leaders import Overview, Selection, overview
from povsim.widgets.markup import Received, printed_findings, received
from povsim.widgets.pieces import safely

__all__ = [
    "IntakePanel",
    "Overview",
    "Received",
    "Selection",
    "intake_panel",
    "overview",
    "printed_findings",
    "received",
    "safely",
]
