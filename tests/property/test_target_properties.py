"""What holds for every target of every course: easier is likelier, sooner; together is harder."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from povsim.plan import Target, TargetKind
from povsim.study import Course, judge, judge_all
from povsim.study.aims import waiting
from povsim.vocabulary import Origin

HOUSEHOLDS = 1000
quick = settings(max_examples=80, deadline=None, derandomize=True)
shares = st.integers(0, HOUSEHOLDS).map(lambda count: count / HOUSEHOLDS)
kinds = st.sampled_from(TargetKind)


@st.composite
def courses(draw: st.DrawFn) -> Course:
    """Any course: one or two reviews, up to three years ahead, up to twelve draws."""
    counted = {2024 - back: draw(shares) for back in range(draw(st.integers(1, 2)))}
    ahead, draws = draw(st.integers(1, 3)), draw(st.integers(1, 12))
    row = st.lists(shares, min_size=draws, max_size=draws)
    rates = np.array(draw(st.lists(row, min_size=ahead, max_size=ahead)))
    years = tuple(range(2025, 2025 + ahead))
    totals = np.full(rates.shape, float(HOUSEHOLDS))
    return Course(counted, dict.fromkeys(counted, HOUSEHOLDS), years, rates, totals)


def target(year: int, kind: TargetKind, share: float) -> Target:
    value = share * HOUSEHOLDS if kind is TargetKind.HOUSEHOLDS else share
    return Target("area", year, kind, value, Origin.SAMPLE, "")


@quick
@given(courses(), shares, shares, kinds, st.data())
def test_an_easier_target_is_as_likely_or_more_and_reached_as_soon(course, one, other, kind, data):
    year = data.draw(st.sampled_from(course.years))
    values = sorted((one, other), reverse=kind is TargetKind.POINTS_A_YEAR)
    hard, easy = (judge(course, target(year, kind, value)) for value in values)
    assert hard.chance <= easy.chance
    assert hard.gap >= easy.gap
    assert hard.pace_needed >= easy.pace_needed
    assert hard.pace_drawn == easy.pace_drawn
    assert all(a >= b for a, b in zip(hard.waiting, easy.waiting, strict=True))
    assert all(aim.waiting == tuple(sorted(aim.waiting)) for aim in (hard, easy))
    assert all(0 <= aim.rate <= 1 and 0 < aim.error < 1 for aim in (hard, easy))


@quick
@given(courses(), kinds, st.data())
def test_all_years_together_are_no_likelier_than_any(course, kind, data):
    own = [target(year, kind, data.draw(shares)) for year in course.years]
    together = judge_all(course, own)
    chances = [judge(course, each).chance for each in own]
    least = 1 - sum(1 - chance for chance in chances)
    assert least - 1e-12 <= together.chance <= min(chances)
    assert together.missed == ()


@quick
@given(courses(), st.sampled_from([TargetKind.PATH, TargetKind.LEVEL]), shares, st.data())
def test_a_past_miss_is_for_good_and_a_past_success_changes_nothing(course, kind, ceiling, data):
    ahead = [target(year, kind, data.draw(shares)) for year in course.years]
    past = [target(year, kind, ceiling) for year in course.counted]
    missed = sorted(year for year, rate in course.counted.items() if rate > ceiling + 1e-12)
    span = judge_all(course, [*past, *ahead])
    assert sorted(span.missed) == missed
    assert span.chance == (0.0 if missed else judge_all(course, ahead).chance)


@quick
@given(courses(), shares)
def test_waiting_is_nought_where_reached_and_in_the_horizon_as_drawn(course, level):
    low, _, high = waiting(course, level)
    if course.last <= level:
        assert (low, high) == (0, 0)
    elif (course.rates[0] <= level).all():
        assert (low, high) == (1, 1)
    else:
        assert low >= 1


@quick
@given(courses(), shares)
def test_a_fall_floors_exactly_where_there_is_less_to_fall(course, points):
    aim = judge(course, target(course.years[0], TargetKind.POINTS_A_YEAR, points))
    assert aim.floored == (course.last < points)
    assert aim.rate == pytest.approx(max(course.last - points, 0))
