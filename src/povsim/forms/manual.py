"""The manual: what every form holds and the rules it keeps, in words, from its description."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from povsim.findings import Severity
from povsim.forms.catalogue import forms
from povsim.forms.description import Bound, Cell, Column, Form
from povsim.forms.filling import Check, followed, openings
from povsim.i18n import Lang, text

LONGEST_SUM = 4
"""A sum of more columns is shown by its ends: `3+4+…+14`."""

# --- Cells in words --------------------------------------------------------------------------


def column_name(column: Column, lang: Lang) -> str:
    """A column in words: its printed headings, or the word of the tables.

    >>> column_name(forms()["F1"].column("poor"), "vi")
    'Hộ nghèo – Số hộ'
    """
    if lang == "vi":
        return " – ".join(part for part in column.heading if part)
    return column.item.replace("_", " ")


def code_of(cell: Cell) -> str:
    """The form and the column that a cell stands in.

    >>> code_of(Cell("F1", "poor"))
    'F1.3'
    """
    return f"{cell.form}.{_column(cell).key}"


def _column(cell: Cell) -> Column:
    return forms()[cell.form].column(cell.item)


def added(cells: Sequence[Cell], times: int = 1) -> str:
    """Cells that add up, by code.

    >>> added([Cell("F4", "households")], 3)
    '3 × F4.1'
    """
    codes = [code_of(cell) for cell in cells]
    if len(codes) > LONGEST_SUM:
        codes = [codes[0], "…", codes[-1]]
    joined = " + ".join(codes)
    if times == 1:
        return joined
    return f"{times} × ({joined})" if len(codes) > 1 else f"{times} × {joined}"


def named(cells: Sequence[Cell], lang: Lang, both: Sequence[Cell]) -> str:
    """Cells that add up, with words for a single one; `both` are all cells of the rule."""
    if len(cells) > 1:
        return added(cells)
    (cell,) = cells
    line = _line_told(cell, both, lang)
    return f"{code_of(cell)} ({column_name(_column(cell), lang)}{line})"


def _line_told(cell: Cell, both: Sequence[Cell], lang: Lang) -> str:
    """Its line, unless the rule holds for every line alike."""
    alike = {(len(forms()[other.form].lines), other.line) for other in both}
    if len(forms()[cell.form].lines) == 1 or len(alike) == 1:
        return ""
    return f"; {line_name(cell.line, lang)}"


def line_name(line: str, lang: Lang) -> str:
    """What a line counts."""
    return text(f"line.{line}", lang)


# --- Rules in words --------------------------------------------------------------------------


def rules_within(form: Form, lang: Lang) -> list[str]:
    """What a row of the form keeps by itself."""
    return [*(_formula(column, form) for column in form.sums), *_rules_of(form, True, lang)]


def rules_with_others(form: Form, lang: Lang) -> list[str]:
    """What the form keeps with the other forms of the same review."""
    return _rules_of(form, False, lang)


def _rules_of(form: Form, own: bool, lang: Lang) -> list[str]:
    """The rules of one review: those on the form's own cells, or those with other forms."""
    agreed = (rule for rule in form.agreements if rule.years_back == 0)
    equal = [r for r in agreed if _is_own(form, (r.left, *r.right)) == own]
    bounds = [b for b in form.bounds if _is_own(form, (*b.parts, *b.whole)) == own]
    said = (_pair("rule.equal", [rule.left], rule.right, lang) for rule in equal)
    return list(dict.fromkeys([*said, *_bounds(bounds, lang)]))


def _is_own(form: Form, cells: Iterable[Cell]) -> bool:
    return {cell.form for cell in cells} == {form.id}


def rules_with_last_year(form: Form, lang: Lang) -> list[str]:
    """What the form says again of the review before."""
    return [_pair("rule.before", [cell], was, lang) for cell, was in openings(form).items()]


def rules_within_year(form: Form, lang: Lang) -> list[str]:
    """Which counts of the year's review hold what this form counted on the way."""
    said = (_pair("rule.within_year", [part], [of], lang) for part, of in form.part_of_year)
    return list(dict.fromkeys(said))


def _pair(key: str, left: Sequence[Cell], right: Sequence[Cell], lang: Lang) -> str:
    both = [*left, *right]
    return text(key, lang, left=named(left, lang, both), right=named(right, lang, both))


def _formula(column: Column, form: Form) -> str:
    """How a total adds up: `9 = 1-2-3-4+5+6+7+8`, `2 = 3+4+…+14`."""
    terms = [("-" if sign < 0 else "+") + form.column(item).key for sign, item in column.equals]
    if len(terms) > LONGEST_SUM and all(term.startswith("+") for term in terms):
        terms = [*terms[:2], "+…", terms[-1]]
    return f"{column.key} = {''.join(terms).removeprefix('+')}"


def _bounds(bounds: Iterable[Bound], lang: Lang) -> Iterator[str]:
    """Bounds in words: columns under one whole are told together, and so are single pairs."""
    under: dict[tuple[str, Severity], list[str]] = {}
    for bound in bounds:
        part, whole = added(bound.parts, bound.times), added(bound.whole, bound.whole_times)
        if set("+×") & set(part + whole):
            yield _at_most("rule.at_most", part, whole, bound.severity, lang)
            continue
        told = under.setdefault((whole, bound.severity), [])
        told += [part] if part not in told else []
    for (whole, severity), parts in under.items():
        if len(parts) > 1:
            yield _at_most("rule.each_at_most", ", ".join(parts), whole, severity, lang)
    yield from _lone_bounds(under, lang)


def _lone_bounds(under: Mapping[tuple[str, Severity], list[str]], lang: Lang) -> Iterator[str]:
    for severity in Severity:
        lone = [(ps[0], w) for (w, kind), ps in under.items() if kind is severity and len(ps) == 1]
        if len(lone) == 1:
            yield _at_most("rule.at_most", *lone[0], severity, lang)
        elif lone:
            yield _told("; ".join(f"{part} ≤ {whole}" for part, whole in lone), severity, lang)


def _at_most(key: str, part: str, whole: str, severity: Severity, lang: Lang) -> str:
    return _told(text(key, lang, left=part, right=whole), severity, lang)


def _told(said: str, severity: Severity, lang: Lang) -> str:
    return text("rule.doubt", lang, rule=said) if severity is Severity.DOUBT else said


def in_words(check: Check, lang: Lang) -> str:
    """A rule in words, every line told.

    >>> in_words(Check("F4", (Cell("F4", "job"),), (Cell("F4", "households"),), False), "en")
    'F4.3 (job) is at most F4.1 (households)'
    """
    key = "rule.equal" if check.equal else "rule.at_most"
    left = _side(check.left, check.times, lang)
    right = _side(check.right, check.right_times, lang)
    return _told(text(key, lang, left=left, right=right), check.severity, lang)


def _side(terms: Sequence[Cell | int], times: int, lang: Lang) -> str:
    cells = [term for term in terms if isinstance(term, Cell)]
    if not cells:
        return text("rule.counted", lang, number=sum(t for t in terms if isinstance(t, int)))
    if len(cells) > 1 or times == 1:
        return added(cells, times) if len(cells) > 1 else named(cells, lang, ())
    return f"{times} × {named(cells, lang, ())}"


# --- The page --------------------------------------------------------------------------------


def page(lang: Lang) -> str:
    """The whole manual as Markdown; the same descriptions give the same page."""
    parts = [f"# {text('manual.title', lang)}", text("manual.about", lang), *_reading(lang)]
    for form in forms().values():
        parts += _section(form, lang)
    return "\n\n".join(parts) + "\n"


def _reading(lang: Lang) -> list[str]:
    listed = "\n".join(
        f"- [{form.id}](#{form.id.lower()}): {holds(form, lang)}" for form in forms().values()
    )
    return [text("manual.reading", lang), listed]


def holds(form: Form, lang: Lang) -> str:
    """What a form is for, in one phrase."""
    return form.holds[lang]


def _section(form: Form, lang: Lang) -> list[str]:
    facts = [
        text("manual.printed_title", lang, title=form.title),
        text("manual.lines", lang, lines=", ".join(line_name(line, lang) for line in form.lines)),
        text(f"due.{form.due}", lang),
        text("manual.source", lang, article=form.article),
        text("manual.verified" if form.verified else "manual.unverified", lang),
    ]
    if form.flows_within_standard:
        facts.insert(3, text("manual.within_standard", lang))
    heading = f'<a id="{form.id.lower()}"></a>\n\n## {form.id} – {holds(form, lang)}'
    return [heading, _bullets(facts), _table(form, lang), *_rules(form, lang)]


def _bullets(items: Iterable[str]) -> str:
    return "\n".join(f"- {item}" for item in items)


def _table(form: Form, lang: Lang) -> str:
    head = [text(f"manual.{name}", lang) for name in ("code", "name", "formula", "filled")]
    rows = [head, ["---"] * len(head), *(_table_row(form, column, lang) for column in form.columns)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _table_row(form: Form, column: Column, lang: Lang) -> list[str]:
    return [
        column.key,
        column_name(column, lang),
        _printed(form, column),
        filled(form, column, lang),
    ]


def _printed(form: Form, column: Column) -> str:
    """How a column is computed from others, or nothing."""
    if column.share:
        part, whole = map(code_of, column.share)
        return f"{part} / {whole} × 100"
    return _formula(column, form).partition(" = ")[2] if column.equals else ""


def filled(form: Form, column: Column, lang: Lang) -> str:
    """Who fills a column of the template: the commune, or a formula and from where."""
    if column.share or column.equals:
        return text("filled.computed", lang)
    cells = [Cell(form.id, column.item, line) for line in form.lines]
    before = [openings(form).get(cell, ()) for cell in cells]
    if any(before):
        return text("filled.opening", lang, cells=_codes(before))
    sources = [tuple(other for _, other in followed().get(cell, ())) for cell in cells]
    if any(sources):
        return text("filled.followed", lang, cells=_codes(sources))
    return text("filled.typed", lang)


def _codes(sources: Iterable[Sequence[Cell]]) -> str:
    """Where the lines of a column come from, each told once."""
    return ", ".join(dict.fromkeys(map(added, sources)))


def _rules(form: Form, lang: Lang) -> Iterator[str]:
    kinds = {
        "within": rules_within(form, lang),
        "with_others": rules_with_others(form, lang),
        "with_last_year": rules_with_last_year(form, lang),
        "within_year": rules_within_year(form, lang),
    }
    for kind, said in kinds.items():
        if said:
            yield f"{text(f'manual.{kind}', lang)}\n\n{_bullets(said)}"
