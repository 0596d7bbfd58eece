"""The rules a delivery is held against: within a row, among forms, over years, over units."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from povsim import forms, published, rules
from povsim.findings import Place, errors
from povsim.intake.delivery import Delivery, Entry
from povsim.plan import Plan
from povsim.store import Release
from povsim.units import Unit
from povsim.vocabulary import Period

PUBLISHED_COUNTS = ("households", "poor", "near_poor")

Key = tuple[str, int, str, str, str]
"""Unit, year, form, line, item."""


@dataclass(frozen=True)
class Cells:
    """Every count known; delivered ones know their place."""

    values: dict[Key, int]
    places: dict[Key, Place]


def check(delivery: Delivery, plan: Plan, current: Release | None) -> None:
    """Hold a delivery against every rule, together with what the newest release holds."""
    for entry in delivery.entries:
        _check_blanks(delivery, entry)
        _check_identities(delivery, entry)
        _check_shares(delivery, entry)
        _check_bounds(delivery, entry)
    _check_agreements(delivery, _cells(delivery, current))
    _check_totals(delivery)
    _check_completeness(delivery, plan, current)
    _check_published(delivery, plan)
    _check_origin(delivery, current)


def _cells(delivery: Delivery, current: Release | None) -> Cells:
    """Delivered counts, and those of the newest release for reviews that are not sent again."""
    cells, sent = Cells({}, {}), _sent(delivery)
    if current is not None:
        for fact in current.facts.to_dict("records"):
            key = (fact["unit"], int(fact["period"]), fact["form"], fact["line"], fact["item"])
            if key[:2] not in sent:
                cells.values[key] = int(fact["value"])
    for entry in delivery.entries:
        for item, value in entry.row.counts.items():
            key = (str(entry.unit.id), entry.sheet.year, entry.sheet.form.id, entry.row.line, item)
            cells.values[key], cells.places[key] = value, entry.place(item)
    return cells


def _sent(delivery: Delivery) -> set[tuple[str, int]]:
    """The reviews that the delivery brings: unit and year."""
    return {(str(entry.unit.id), entry.sheet.year) for entry in delivery.entries}


def _may_be_blank(form: forms.Form, year: int) -> bool:
    """Flows compare two reviews, so a standard's first review has none."""
    return form.flows_within_standard and rules.standard_for(year).first_review == year


def _check_blanks(delivery: Delivery, entry: Entry) -> None:
    """A blank is no zero; only flows of a standard's first review may be blank."""
    form, counts = entry.sheet.form, entry.row.counts
    if _may_be_blank(form, entry.sheet.year) and not counts:
        return
    faulty = {f.place for f in delivery.findings}
    if not counts and faulty.isdisjoint(entry.place(column.item) for column in form.counts):
        first, last = form.counts[0], form.counts[-1]
        columns = f"{first.key}–{last.key}"
        delivery.tell("number_missing", entry.place(first.item), column=columns, form=form.id)
        return
    for column in form.counts:
        place = entry.place(column.item)
        if column.item not in counts and place not in faulty:
            delivery.tell("number_missing", place, column=column.code, form=form.id)
        elif counts.get(column.item, 0) < 0 and not column.equals:
            delivery.tell("number_negative", place, value=counts[column.item])


def _check_identities(delivery: Delivery, entry: Entry) -> None:
    counts = entry.row.counts
    for column in entry.sheet.form.columns:
        terms = [(sign, counts.get(item)) for sign, item in column.equals]
        if not terms or column.item not in counts or any(value is None for _, value in terms):
            continue
        expected = sum(sign * value for sign, value in terms if value is not None)
        if counts[column.item] != expected:
            delivery.tell(
                "identity_broken",
                entry.place(column.item),
                formula=column.code if "=" in column.code else _sum_formula(entry, column),
                value=counts[column.item],
                expected=expected,
            )


def _sum_formula(entry: Entry, column: forms.Column) -> str:
    keys = [entry.sheet.form.column(item).key for _, item in column.equals]
    return f"{column.key}={keys[0]}+…+{keys[-1]}"


def _check_shares(delivery: Delivery, entry: Entry) -> None:
    """A printed percentage must be the counts' own, at the decimals it is printed with."""
    counts = entry.row.counts
    for item, (shown, decimals) in entry.row.shares.items():
        part, whole = (counts.get(name) for name in entry.sheet.form.column(item).share or ())
        if part is None or not whole:
            continue
        computed = part / whole * 100
        # A cell in the percent format holds the fraction: 0.0923 is shown as 9,23 %.
        nearest = min(abs(computed - shown), abs(computed - shown * 100) if shown < 1 else 100.0)
        if nearest > 0.5 * 10**-decimals + 1e-9:
            delivery.tell(
                "share_contradicts",
                entry.place(item),
                shown=f"{shown:.2f}".replace(".", ","),
                computed=f"{computed:.2f}".replace(".", ","),
                part=part,
                whole=whole,
            )


def _check_bounds(delivery: Delivery, entry: Entry) -> None:
    form, counts = entry.sheet.form, entry.row.counts
    for bound in (b for b in forms.bounds() if b.form == form.id):
        if any(item not in counts for item in (*bound.parts, bound.whole)):
            continue
        parts = sum(counts[item] for item in bound.parts) * bound.times
        whole = counts[bound.whole] * bound.whole_times
        if parts > whole:
            columns = "+".join(form.column(item).key for item in bound.parts)
            delivery.tell(
                "bound_broken",
                entry.place(bound.parts[0]),
                parts=f"{bound.times}×({columns})" if bound.times > 1 else columns,
                value=parts,
                whole=_times(bound.whole_times, form.column(bound.whole).key),
                limit=whole,
            )


def _times(factor: int, key: str) -> str:
    return f"{factor}×{key}" if factor > 1 else key


def _check_agreements(delivery: Delivery, cells: Cells) -> None:
    """Forms of one review, and of reviews a year apart, must agree where both are known."""
    for agreement in forms.agreements():
        for unit, year in sorted(_sent(delivery) | _next_reviews(delivery)):
            left = _key(agreement.left, unit, year)
            right = _earlier(agreement, unit, year)
            value, others = cells.values.get(left), [cells.values.get(key) for key in right]
            known = [other for other in others if other is not None]
            places = [cells.places[key] for key in (left, *right) if key in cells.places]
            if value is None or None in others or not others or not places:
                continue
            if value == sum(known):
                continue
            delivery.tell(
                "forms_disagree",
                places[0],
                value=value,
                left=_column_name(agreement.left),
                right=_column_name(agreement.right),
                year=year - agreement.years_back,
                other=sum(known),
            )


def _key(cell: forms.Cell, unit: str, year: int) -> Key:
    return (unit, year, cell.form, cell.line, cell.item)


def _next_reviews(delivery: Delivery) -> set[tuple[str, int]]:
    """The reviews a year later: a closing stock sent again must still be their opening stock."""
    following = ((unit, year + 1) for unit, year in _sent(delivery))
    return {(str(rules.units().at(unit, Period(year).end).id), year) for unit, year in following}


def _earlier(agreement: forms.Agreement, unit: str, year: int) -> list[Key]:
    """The right-hand cells; a merged unit's earlier count is the sum over what became it."""
    past = year - agreement.years_back
    registry, day = rules.units(), Period(past).end
    parts = [u for u in registry.on(day) if str(registry.at(u.id, Period(year).end).id) == unit]
    return [_key(agreement.right, str(part.id), past) for part in parts]


def _column_name(cell: forms.Cell) -> str:
    return f"{cell.form}.{forms.forms()[cell.form].column(cell.item).key}"


def _check_totals(delivery: Delivery) -> None:
    """A total row must be the sum of the units above it."""
    sheets = {id(entry.sheet): entry.sheet for entry in delivery.entries}
    for sheet in sheets.values():
        for total in (row for row in sheet.rows if row.is_total):
            rows = [r for r in sheet.rows if not r.is_total and r.line == total.line]
            for item, value in total.counts.items():
                parts = [row.counts.get(item) for row in rows]
                known = [part for part in parts if part is not None]
                if len(known) == len(parts) and sum(known) != value:
                    place = sheet.place(total, item)
                    delivery.tell("total_differs", place, value=value, sum=sum(known))


def _check_completeness(delivery: Delivery, plan: Plan, current: Release | None) -> None:
    """Every unit of the plan, with every form, for every review the delivery touches."""
    held = _held_forms(delivery, current)
    for year in sorted({entry.sheet.year for entry in delivery.entries}):
        for unit in plan.expected(year):
            due = [id for id, form in forms.forms().items() if not _may_be_blank(form, year)]
            missing = [form for form in due if not _whole(form, str(unit.id), year, held)]
            if missing == due:
                delivery.tell("unit_missing", Place(), unit=unit.name, code=unit.id.code, year=year)
            elif missing and not _already_told(delivery, unit, year):
                listed = ", ".join(missing)
                place = Place(_file_of(delivery, unit, year))
                delivery.tell("form_missing", place, unit=unit.name, year=year, forms=listed)


def _whole(form: str, unit: str, year: int, held: set[tuple[str, int, str, str]]) -> bool:
    """A form is there when every line of it is: households, and persons where it counts them."""
    return all((unit, year, form, line) in held for line in forms.forms()[form].lines)


def _held_forms(delivery: Delivery, current: Release | None) -> set[tuple[str, int, str, str]]:
    held = {(str(e.unit.id), e.sheet.year, e.sheet.form.id, e.row.line) for e in delivery.entries}
    if current is None:
        return held
    sent = _sent(delivery)
    facts = current.facts[["unit", "period", "form", "line"]].drop_duplicates().to_dict("records")
    old = {(f["unit"], int(f["period"]), f["form"], f["line"]) for f in facts}
    return held | {key for key in old if key[:2] not in sent}


def _file_of(delivery: Delivery, unit: Unit, year: int) -> str:
    """The file that brought a unit's review, or nothing where none did."""
    entries = (e for e in delivery.entries if (e.unit.id, e.sheet.year) == (unit.id, year))
    entry = next(entries, None)
    return entry.sheet.file if entry else ""


def _already_told(delivery: Delivery, unit: Unit, year: int) -> bool:
    """A form may be missing because its sheet was faulty, which stands in the findings already."""
    file = _file_of(delivery, unit, year)
    return any(f.place.file == file and f.place.sheet for f in errors(delivery.findings))


def _check_published(delivery: Delivery, plan: Plan) -> None:
    """Units against the district figure that others printed; a difference is told, not refused."""
    if not plan.published_figures.is_file():
        return
    table = published.figures(plan.published_figures)
    table = table[(table["area_code"] == plan.district_code) & (table["group"] == "")]
    for year in sorted({entry.sheet.year for entry in delivery.entries}):
        rows = [e for e in delivery.entries if e.sheet.form.id == "F1" and e.sheet.year == year]
        if {entry.unit.id for entry in rows} != {unit.id for unit in plan.expected(year)}:
            continue
        for item in PUBLISHED_COUNTS:
            counts = [entry.row.counts.get(item) for entry in rows]
            known = [count for count in counts if count is not None]
            total, printed = sum(known), published.count(table, item, str(Period(year)))
            if len(known) == len(counts) and printed is not None and printed != total:
                delivery.tell(
                    "published_differs",
                    Place(),
                    note=True,
                    year=year,
                    column=_column_name(forms.Cell("F1", item)),
                    sum=total,
                    printed=printed,
                )


def _check_origin(delivery: Delivery, current: Release | None) -> None:
    """Sample and official figures never mix in one release."""
    origins = Counter(entry.origin for entry in delivery.entries)
    if len(origins) > 1:
        rarest = min(origins, key=lambda origin: origins[origin])
        sheet = next(entry.sheet for entry in delivery.entries if entry.origin is rarest)
        delivery.tell("origins_mixed", Place(sheet.file, sheet.sheet))
    elif current is not None and origins and current.origin not in origins:
        sheet = delivery.entries[0].sheet
        delivery.tell("origin_differs", Place(sheet.file))
