"""An outlook in words: targets, chances and results as sentences in the reader's language."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from povsim import breaks
from povsim.i18n import Lang, as_printed, number, percent, text
from povsim.plan import DISTRICT, TargetKind
from povsim.store import Release
from povsim.study import Aim, Outlook, Span
from povsim.trajectory import Model
from povsim.units import BreakKind
from povsim.vocabulary import Origin, Period, State


def area_name(outlook: Outlook, area: str, lang: Lang) -> str:
    """A unit's name, or the words for the whole district."""
    return text("table.total", lang) if area == DISTRICT else outlook.name(area)


def with_names(outlook: Outlook, sentence: str) -> str:
    """A sentence of a model, which knows units by identity, with their names instead."""
    for unit in outlook.units:
        sentence = sentence.replace(str(unit.id), unit.name)
    return sentence


def is_sample(outlook: Outlook) -> bool:
    """Whether the units' figures are the seeded sample."""
    return outlook.release.origin is Origin.SAMPLE


def kind_name(aim: Aim, lang: Lang) -> str:
    """A target in words, its kind named; a sample target says so."""
    target = aim.target
    if target.kind is TargetKind.HOUSEHOLDS:
        value = number(target.value, lang)
    elif target.kind is TargetKind.POINTS_A_YEAR:
        value = number(target.value * 100, lang, 1)
    else:
        value = percent(target.value, lang)
    sample = f" ({text('origin.sample', lang)})" if target.origin is Origin.SAMPLE else ""
    return text(f"kind.{target.kind}", lang, value=value) + sample


def chance(judged: Aim | Span, lang: Lang) -> str:
    """A chance in whole per cents, as its Monte-Carlo error allows; never printed as certainty."""
    value = judged.chance
    if value is None:
        return number(None, lang)
    if value < 0.01:
        return f"< {percent(0.01, lang, 0)}"
    return f"> {percent(0.99, lang, 0)}" if value > 0.99 else percent(value, lang, 0)


def fate(aim: Aim, lang: Lang) -> str:
    """Met or missed where the year is past, else the chance."""
    if aim.met is None:
        return chance(aim, lang)
    return text("standing.met" if aim.met else "standing.missed", lang)


def about_chance(outlook: Outlook, lang: Lang) -> str:
    """What a chance is, how exact, and where the words for it begin."""
    aims = [aim for area in (DISTRICT, *outlook.areas) for aim in outlook.aims(area)]
    error = max((aim.error for aim in aims if aim.error is not None), default=0.0)
    return text(
        "page.about_chance",
        lang,
        error=number(error * 100, lang, 1),
        on_track=percent(outlook.plan.on_track, lang, 0),
        off_track=percent(outlook.plan.off_track, lang, 0),
    )


def check_sentence(outlook: Outlook, lang: Lang) -> str:
    """The last review against the forecast made without it, and what was done about it."""
    check = outlook.check
    if check is None:
        return text("check.none", lang)
    rates = {"low": check.low, "median": check.median, "high": check.high, "found": check.found}
    told = {name: percent(rate, lang) for name, rate in rates.items()}
    verdict = "trusted" if check.trusted else "doubted"
    sentences = [
        text("check.compared", lang, year=check.year, before=check.year - 1, **told),
        text(f"check.{verdict}", lang, outside=percent(check.outside, lang, 0)),
    ]
    widening = outlook.projection.assumptions["widening"] if outlook.projection else 1.0
    if round(widening, 1) > 1:
        factor, outside = number(widening, lang, 1), percent(check.outside, lang, 0)
        sentences.append(text("check.widened", lang, factor=factor, outside=outside))
    return " ".join(sentences)


def model_sentence(outlook: Outlook, lang: Lang) -> str:
    """Which model the forecast rests on and why, and what else it takes for granted."""
    if outlook.forecast is None:
        return text("page.ended", lang)
    made = outlook.forecast
    reasons = [with_names(outlook, reason.what(lang)) for reason in made.verdict.reasons]
    told = made.projection.assumptions
    if made.used is Model.FLOWS:
        share = percent(told["structural_share"], lang, 0)
        first = percent(told["structural_prior"], lang, 1)
        assumed = told["structural_assumed"]
        stuck = "model.structural_assumed" if assumed else "model.structural_counted"
        taken = text(stuck, lang, share=share, first=first)
        return " ".join([*reasons, taken, *_pushed(told, lang)])
    weight = told["plan_like_weight"]
    path = "model.plan_like" if round(weight, 2) else "model.trend_only"
    return " ".join([*reasons, text(path, lang, weight=percent(weight, lang, 0))])


LIKELY = 0.5
"""The chance from which on a push is told: below it the forecast hardly follows one."""


def _pushed(told: Mapping[str, float], lang: Lang) -> list[str]:
    """That families leave poverty faster, or more slowly, every year, where that is likely."""
    if told["pushed"] < LIKELY:
        return []
    which = "model.pushed_up" if told["push"] > 0 else "model.held_back"
    return [text(which, lang, chance=percent(told["pushed"], lang, 0))]


MEASURE = (BreakKind.AREA_TYPE, BreakKind.STANDARD)
"""Breaks after which figures do not compare, though counts may add up."""


def break_sentences(
    outlook: Outlook, lang: Lang, area: str = DISTRICT, kinds: Collection[BreakKind] = MEASURE
) -> list[str]:
    """What breaks the series of an area, up to the last year shown; where a projection crosses a
    break of the measure, that it goes by the former one.
    """
    found = [b for b in outlook.breaks(area) if b.kind in kinds]
    told = [breaks.sentence(b, lang) for b in found]
    ahead = [b for b in found if b.kind in MEASURE and b.day > Period(outlook.year).end]
    return [*told, text("break.forecast", lang)] if ahead else told


def interval(outlook: Outlook, area: str, year: int, state: State, lang: Lang) -> dict[str, str]:
    """A projected rate's median and 80 % interval, as texts: rate, low, high."""
    levels = {"rate": 0.5, "low": 0.1, "high": 0.9}
    rates = {name: outlook.quantile(area, year, level, state) for name, level in levels.items()}
    return {name: percent(rate, lang, 1) for name, rate in rates.items()}


def area_lines(outlook: Outlook, area: str, lang: Lang) -> list[str]:
    """One area for the terminal: rate now, projected rates with bands, chance of each target."""
    now = percent(outlook.rate(area, outlook.year), lang)
    lines = [f"{area_name(outlook, area, lang)}: {now} ({outlook.year})"]
    for year in range(outlook.year + 1, outlook.plan.last_year + 1):
        for state in (State.POOR, State.NEAR_POOR):
            lines.append(
                f"  {year} {text(f'state.{state}', lang)}: "
                + _bands(outlook, area, year, state, lang)
            )
        lines += [
            f"  {year} {kind_name(aim, lang)}: {chance(aim, lang)}; " + _paces(aim, lang)
            for aim in outlook.aims(area)
            if aim.target.year == year
        ]
    return lines


def _bands(outlook: Outlook, area: str, year: int, state: State, lang: Lang) -> str:
    """Median, then the 50, 80 and 95 % intervals."""
    told = [percent(outlook.quantile(area, year, 0.5, state), lang, 1)]
    for level, low, high in ((50, 0.25, 0.75), (80, 0.1, 0.9), (95, 0.025, 0.975)):
        ends = [outlook.quantile(area, year, share, state) * 100 for share in (low, high)]
        span = " – ".join(number(end, lang, 1) for end in ends)
        told.append(f"{text('chart.band', lang, level=level)} {span}")
    return "; ".join(told)


def _paces(aim: Aim, lang: Lang) -> str:
    needed, drawn = (
        number(None if pace is None else pace * 100, lang, 2)
        for pace in (aim.pace_needed, aim.pace_drawn)
    )
    return (
        f"{text('page.pace_needed', lang)} {text('page.points_a_year', lang, value=needed)}, "
        f"{text('page.pace_drawn', lang).lower()} {text('page.points_a_year', lang, value=drawn)}"
    )


@dataclass(frozen=True)
class PrintedRate:
    """A printed poverty rate as a reader sees it: when, how much, how sure, from whom."""

    year: int
    moment: str
    value: str
    status: str
    source: str


def printed_rates(outlook: Outlook, lang: Lang, indicator: str = "poor_rate") -> list[PrintedRate]:
    """The district's printed rates up to the outlook's year, oldest first, every status kept."""
    table = outlook.published_series()
    rows = table[table["indicator"] == indicator].to_dict("records")
    return [
        PrintedRate(
            int(row["period"][:4]),
            moment(row["as_of"], lang),
            f"{as_printed(row['value'], lang)}\N{NO-BREAK SPACE}%",
            text(f"status.{row['status']}", lang),
            source_name(row["source"]),
        )
        for row in rows
        if int(row["period"][:4]) <= outlook.year
    ]


def moment(as_of: str, lang: Lang) -> str:
    """A printed moment in words.

    >>> moment("2023-12", "vi"), moment("2024-11", "vi"), moment("2024", "vi")
    ('cuối năm 2023', 'tháng 11/2024', 'năm 2024')
    """
    year, _, month = as_of.partition("-")
    key = {"": "year", "12": "year_end"}.get(month, "month")
    return text(f"moment.{key}", lang, year=year, month=int(month[:2] or 0))


def source_name(source: str) -> str:
    """The site or paper of a source, short enough for a table; the full address is in the data.

    >>> source_name("https://vietnamnet.vn/cham-lo-da-chieu-2346655.html")
    'vietnamnet.vn'
    """
    address = next((word for word in source.split() if "://" in word), "")
    return (urlsplit(address).hostname or source).removeprefix("www.")


def provenance(outlook: Outlook, lang: Lang) -> str:
    """Which release the figures come from."""
    release = outlook.release
    kind = release_kind(release, lang)
    return text(
        "page.release", lang, number=release.number, kind=kind, checksum=release.checksum[:12]
    )


def release_kind(release: Release, lang: Lang) -> str:
    """Sample, preliminary or official: a sample has no standing to be either of the others."""
    if release.origin is Origin.SAMPLE:
        return text("origin.sample", lang)
    return text(f"release_status.{release.status}", lang)
