"""Official workbooks to and from tables: a form is a description, not code."""

from povsim.forms.catalogue import agreements, forms, review_forms
from povsim.forms.description import Agreement, Bound, Cell, Column, Form
from povsim.forms.headings import FINDINGS_SHEET, SAMPLE_MARK
from povsim.forms.reading import (
    ANSWER_COLUMNS,
    FormSheet,
    Layout,
    Reading,
    Row,
    is_total,
    read,
    read_content,
)
from povsim.forms.tables import causes, deprivations, flows, groups, movements, stocks
from povsim.forms.writing import Head, Line, write

__all__ = [
    "ANSWER_COLUMNS",
    "FINDINGS_SHEET",
    "SAMPLE_MARK",
    "Agreement",
    "Bound",
    "Cell",
    "Column",
    "Form",
    "FormSheet",
    "Head",
    "Layout",
    "Line",
    "Reading",
    "Row",
    "agreements",
    "causes",
    "deprivations",
    "flows",
    "forms",
    "groups",
    "is_total",
    "movements",
    "read",
    "read_content",
    "review_forms",
    "stocks",
    "write",
]
