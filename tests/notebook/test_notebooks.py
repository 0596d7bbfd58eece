"""Every planners' notebook runs on the sample, shows blocks only, and stays small."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

import pytest
from papermill import execute_notebook

from povsim import effects
from povsim.i18n import number

ROOT = Path(__file__).parents[2]
PLANNERS = sorted(ROOT.glob("notebooks/0*.ipynb"))
LARGEST = 2_000_000


@pytest.mark.parametrize("path", PLANNERS, ids=lambda path: path.stem)
def test_planners_notebook_runs_from_its_own_folder(
    path: Path, sample_store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POVSIM_STORE", sample_store)
    made = tmp_path / path.name
    notebook = execute_notebook(path, made, progress_bar=False, cwd=path.parent)
    shown = [out for cell in notebook.cells for out in cell.get("outputs", [])]
    told = json.dumps(shown, ensure_ascii=False)
    assert "Số liệu mẫu" in told
    assert "Đăk Kôi" in told
    assert not [out for out in shown if out.output_type in ("error", "stream")]
    assert made.stat().st_size < LARGEST


def shown_words(path: Path) -> str:
    """What a reader of an executed notebook sees: no styles, no tags, no names of fields."""
    cells = json.loads(path.read_text("utf-8"))["cells"]
    pages = [
        "".join(output.get("data", {}).get("text/html", ""))
        for cell in cells
        for output in cell.get("outputs", [])
    ]
    bare = re.sub(r"<style>.*?</style>|<[^>]+>", " ", " ".join(pages), flags=re.DOTALL)
    return re.sub(r"\s+", " ", html.unescape(bare))


WHERE = ROOT / "notebooks" / "01-where-are-we.ipynb"


@pytest.mark.parametrize(
    ("register", "told"),
    [
        ("data/sample/register", ["Nữ chủ hộ", "Dân tộc khác", "• không nêu", "Dấu •"]),
        ("data/no-such-register", ["Chưa có sổ hộ của kỳ rà soát 2024"]),
    ],
)
def test_where_are_we_shows_who_lacks_what_by_unit_and_group(
    register: str,
    told: list[str],
    sample_store: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("POVSIM_STORE", sample_store)
    made = tmp_path / WHERE.name
    execute_notebook(WHERE, made, {"register": register}, progress_bar=False, cwd=WHERE.parent)
    words = shown_words(made)
    wanted = ["Nước sinh hoạt và vệ sinh", "không phải tổng số hộ", "M0 = H × A (%)"]
    assert [each for each in [*wanted, *told] if each not in words] == []
    assert not re.search(r"\b(household|indicator|share|hidden|poor|None|nan)\b", words)


WHAT_IF = ROOT / "notebooks" / "03-what-if.ipynb"


def test_what_if_lists_lines_with_costs_effects_and_evidence(
    sample_store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POVSIM_STORE", sample_store)
    made = tmp_path / WHAT_IF.name
    more = {"line": "housing_quality", "million_vnd": 600.0, "draws": 200}
    execute_notebook(WHAT_IF, made, more, progress_bar=False, cwd=WHAT_IF.parent)
    words = shown_words(made)
    for line in effects.lines():
        assert line.name("vi") in words
        assert number(line.unit_cost / 1e6, "vi", 1) in words
    wanted = ["GIẢ ĐỊNH", "World Bank WPS 11029", "Thiếu đúng ba", "M0 (điểm %)", "Hộ lấy từ sổ hộ"]
    wanted += ["Thêm 600 triệu đồng", "Đổi so với kế hoạch hiện nay"]
    wanted += ["Nhà ở: xây mới, sửa chữa, Đăk Kôi, thêm 600 triệu đồng", "dân tộc thiểu số"]
    assert [each for each in wanted if each.lower() not in words.lower()] == []
    assert not re.search(r"\b(poor|near_poor|household|indicator|recurrent|None|nan)\b", words)


BEST_USE = ROOT / "notebooks" / "04-best-use-of-a-budget.ipynb"


def test_best_use_answers_its_five_questions_from_numbers_alone(
    sample_store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POVSIM_STORE", sample_store)
    made = tmp_path / BEST_USE.name
    asked = {"capital_million_vnd": 5000.0, "recurrent_million_vnd": 2500.0, "draws": 100}
    asked |= {"floor_million_vnd": 1000.0, "more_million_vnd": 500.0, "chance": 0.3}
    execute_notebook(BEST_USE, made, asked, progress_bar=False, cwd=BEST_USE.parent)
    words = shown_words(made)
    wanted = [
        "Với 5.000 triệu đồng (Vốn đầu tư) + 2.500 triệu đồng (Vốn sự nghiệp), phương án",
        "Khi mỗi xã, thị trấn có ít nhất 1.000 triệu đồng, toàn huyện bớt",
        "Giá của công bằng",
        "Thêm 500 triệu đồng vào “Vốn đầu tư”",
        "cùng đạt chỉ tiêu năm 2025 với khả năng 30 %; ước lại trên các lượt mới là",
        "giá của sự chắc tay là",
        "Chia đều theo nhu cầu",
        "100 triệu đồng nữa ở Đăk Kôi: thêm",
        "Thẻ bảo hiểm y tế trước",
    ]
    assert [each for each in wanted if each not in words] == []
    assert not re.search(r"\b(poor|near_poor|household|capital|None|nan|most_out)\b", words)


TRUST = ROOT / "notebooks" / "05-how-far-to-trust-it.ipynb"
PICTURES = (
    "Sai số so với giữ nguyên số cuối, theo phương pháp",
    "Sai số của povsim theo số năm nhìn trước",
    "Khoảng dự báo có chứa kết quả thật không",
    "Kết quả thật nằm ở đâu trong dự báo",
    "Khả năng đạt mục tiêu: đã nói và thực tế",
)


def test_how_far_to_trust_it_tries_a_planner_s_own_series(
    sample_store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POVSIM_STORE", sample_store)
    rows = [
        f"xa-{area},{year},9000,{3000 - 170 * step - 41 * (area * step % 5)}"
        for area in range(7)
        for step, year in enumerate(range(2014, 2022))
    ]
    panel, made = tmp_path / "chuoi.csv", tmp_path / TRUST.name
    panel.write_text("\n".join(["area_id,year,population,poor", *rows]), "utf-8")
    given = {"panel": str(panel), "group": "all"}
    execute_notebook(TRUST, made, given, progress_bar=False, cwd=TRUST.parent)
    words = shown_words(made)
    own = words[words.index("Bộ số liệu của bạn: chuoi, 7 địa bàn, 2014–2021") :]
    wanted = ["Sai số của povsim bằng", "Quy tắc UN-ESCAP", "tức là", *PICTURES]
    assert [each for each in wanted if each not in own] == []
    assert not re.search(r"\b(mae|cov80|ece|pit|last_value|un_escap|None|nan)\b", words)
