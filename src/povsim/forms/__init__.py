"""Official workbooks to and from tables: a form is a description, not code."""

from povsim.forms.description import Agreement, Bound, Cell, Column, Form, agreements, bounds, forms
from povsim.forms.reading import SAMPLE_MARK, FormSheet, Reading, Row, read
from povsim.forms.tables import deprivations, flows, groups, stocks
from povsim.forms.writing import Head, Line, write

__all__ = [
    "SAMPLE_MARK",
    "Agreement",
    "Bound",
    "Cell",
    "Column",
    "Form",
    "FormSheet",
    "Head",
    "Line",
    "Reading",
    "Row",
    "agreements",
    "bounds",
    "deprivations",
    "flows",
    "forms",
    "groups",
    "read",
    "stocks",
    "write",
]
