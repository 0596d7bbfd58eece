"""Units against their sum: total rows, the district's own rows, and what others printed."""

from __future__ import annotations

from collections.abc import Iterator

from povsim import published
from povsim.findings import Place, Severity
from povsim.forms import Cell, FormSheet, Row
from povsim.intake.cells import Cells
from povsim.intake.checks.agreement import column_name
from povsim.intake.delivery import Delivery
from povsim.plan import Plan
from povsim.vocabulary import Period

PUBLISHED_COUNTS = ("households", "poor", "near_poor")


def check(delivery: Delivery, cells: Cells, plan: Plan) -> None:
    """Hold every sum over units against its units."""
    for sheet, total in delivery.totals:
        rows = [r for r in sheet.rows if r.line == total.line and not _is_total(delivery, sheet, r)]
        if rows:
            _check_sheet(delivery, sheet, total, rows)
        else:
            _check_district(delivery, cells, plan, sheet, total)
    _check_published(delivery, cells, plan)


def _is_total(delivery: Delivery, sheet: FormSheet, row: Row) -> bool:
    return any(other is sheet and total is row for other, total in delivery.totals)


def _check_sheet(delivery: Delivery, sheet: FormSheet, total: Row, rows: list[Row]) -> None:
    """A total row must be the sum of the units on its sheet."""
    for item, value in total.counts.items():
        parts = [row.counts.get(item) for row in rows]
        _compare(delivery, sheet, total, item, value, parts)


def _check_district(
    delivery: Delivery, cells: Cells, plan: Plan, sheet: FormSheet, total: Row
) -> None:
    """A sheet of the district alone must be the sum of all its units, delivered or held."""
    units = [str(unit.id) for unit in plan.units_on(sheet.period.end)]
    wanted = [Cell(sheet.form.id, item, total.line) for item in total.counts]
    by_cell = cells.each([(unit, sheet.period) for unit in units], wanted)
    for (item, value), parts in zip(total.counts.items(), by_cell, strict=True):
        _compare(delivery, sheet, total, item, value, parts)


def _compare(
    delivery: Delivery,
    sheet: FormSheet,
    total: Row,
    item: str,
    value: int,
    parts: list[int | None],
) -> None:
    known = [part for part in parts if part is not None]
    if len(known) == len(parts) and sum(known) != value:
        delivery.tell("total_differs", sheet.place(total, item), value=value, sum=sum(known))


def _check_published(delivery: Delivery, cells: Cells, plan: Plan) -> None:
    """Units against the district figure that others printed; a difference may have its reason."""
    sums = dict(_district_sums(delivery, cells, plan))
    if not sums or plan.published_figures is None:
        return
    table = published.figures(plan.published_figures)
    table = table[(table["area_code"] == plan.district_code) & (table["group"] == "")]
    for (year, cell), total in sums.items():
        printed = published.count(table, cell.item, str(Period(year)))
        if printed is not None and printed != total:
            column = column_name(cell)
            values = {"year": year, "column": column, "sum": total, "printed": printed}
            delivery.tell("published_differs", Place(), Severity.DOUBT, **values)


def _district_sums(
    delivery: Delivery, cells: Cells, plan: Plan
) -> Iterator[tuple[tuple[int, Cell], int]]:
    """What the units add up to, where every one of them is known."""
    for year in delivery.years:
        reviews = [(str(unit.id), Period(year)) for unit in plan.expected(year)]
        if not cells.reviews().issuperset(reviews):
            continue
        wanted = [Cell("F1", item) for item in PUBLISHED_COUNTS]
        for cell, parts in zip(wanted, cells.each(reviews, wanted), strict=True):
            known = [part for part in parts if part is not None]
            if reviews and len(known) == len(parts):
                yield (year, cell), sum(known)
