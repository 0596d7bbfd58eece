"""The panel of sliders: a first answer at once, refined in place; kept, saved, refused."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import ipywidgets as ipw
import pytest

from povsim import Outlook, Store, outlook, scenarios, study
from povsim import plan as plans
from povsim.effects import Targeting
from povsim.simulation import World, run
from povsim.widgets import WhatIf


@pytest.fixture(scope="module")
def view(sample_store: str) -> Outlook:
    return outlook(plans.load(), Store(sample_store).latest(), 2024, draws=200)


@pytest.fixture(scope="module")
def world(view: Outlook) -> World:
    return study.world(view, draws=120, tilts_drawn=4)


@pytest.fixture
def panel(view: Outlook, world: World, tmp_path: Path) -> Iterator[WhatIf]:
    made = WhatIf(view, world)
    made.folder = tmp_path
    yield made
    if made._refining is not None:
        made._refining.cancel()


def words(panel: WhatIf) -> str:
    return re.sub(r"<[^>]+>", " ", panel.result.value)


def test_it_opens_with_today_s_money_and_nothing_changed(panel, world):
    unit = panel.unit.value
    for line, slider in panel.sliders.items():
        assert slider.value == pytest.approx(world.current.money(line, unit, 2025) / 1e6, abs=0.06)
    told = words(panel)
    assert "Hai kịch bản như nhau." in told
    assert "Số liệu mẫu" in told
    assert "Từ 120 lượt mô phỏng." in told
    for measure in ("Tỷ lệ hộ nghèo", "M0 của hộ", "thiếu đúng ba chỉ số"):
        assert told.count(measure) == 2  # the unit and the district


def test_a_slider_s_answer_comes_from_few_draws_and_is_refined(panel):
    async def moved() -> tuple[str, str]:
        panel.unit.value = panel.world.units[1]
        panel.sliders["toilet"].value = 300
        first = words(panel)
        await panel._refining
        return first, words(panel)

    # A loop of its own: the browser tests leave theirs running on this thread.
    with ThreadPoolExecutor(1) as thread:
        first, refined = thread.submit(asyncio.run, moved()).result()
    assert "Ước tính nhanh từ 50 lượt" in first
    assert "Từ 120 lượt mô phỏng." in refined
    for told in (first, refined):
        assert "Nhà tiêu hợp vệ sinh, Đăk Kôi, năm 2025: thêm 228 triệu đồng." in told
        assert "Thêm người được phục vụ: +" in told


def test_who_comes_first_is_chosen_and_registering_is_asked_for(panel):
    assert panel.registered.layout.display == "none"
    panel.targeting.value = Targeting.REGISTERED
    assert panel.registered.layout.display == ""
    assert panel.draft.scenario.registered == 0.3
    panel.registered.value = 45
    assert panel.draft.scenario.registered == 0.45
    assert "hộ đăng ký thoát nghèo trước" in words(panel)


def test_another_unit_shows_its_own_money_and_changes_nothing(panel, world):
    before = panel.draft.scenario
    panel.unit.value = world.units[5]
    assert panel.draft.scenario is before
    assert panel.sliders["toilet"].value == 120


def test_what_is_kept_stays_beside_what_is_tried_next(panel):
    panel.sliders["toilet"].value = 300
    panel.name.value = "Nhiều nhà tiêu"
    panel.keep.click()
    panel.reset.click()
    assert "Hai kịch bản như nhau." in words(panel)
    assert "Nhiều nhà tiêu" in words(panel)


def message(panel: WhatIf) -> str:
    [told] = panel.message.children
    assert isinstance(told, ipw.HTML)
    return told.value


def test_what_is_saved_can_be_simulated(panel, world, view, tmp_path):
    panel.sliders["toilet"].value = 300
    panel.name.value = "Thêm nhà tiêu Đăk Rve"
    panel.save.click()
    path = tmp_path / "them-nha-tieu-dak-rve.toml"
    assert "them-nha-tieu-dak-rve.toml" in message(panel)
    saved = scenarios.read(path, study.bounds(view))
    assert replace(saved, name="", source="") == replace(panel.draft.scenario, name="", source="")
    assert (run(world, saved).poor == run(world, panel.draft.scenario).poor).all()


def test_a_file_that_cannot_be_read_is_told_and_changes_nothing(panel, tmp_path):
    before, broken = panel.draft.scenario, tmp_path / "hong.toml"
    broken.write_text("name = ", "utf-8")
    panel.source.options = [*panel.source.options, ("hong", str(broken))]
    panel.source.value = str(broken)
    assert "Không đọc được tệp kịch bản" in message(panel)
    assert panel.draft.scenario is before


def test_nothing_on_file_is_lost(panel, tmp_path):
    """No name, or a name that is taken: told, with what to do."""
    panel.save.click()
    assert "chưa có tên" in message(panel)
    (tmp_path / "cu.toml").write_text("kept", "utf-8")
    panel.name.value = "Cũ"
    panel.save.click()
    assert "Đặt tên khác" in message(panel)
    assert (tmp_path / "cu.toml").read_text("utf-8") == "kept"
