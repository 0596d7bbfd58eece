"""The blocks of a report: they keep what they are given, and refuse what no file can carry."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import replace
from typing import Any

import altair as alt
import nbformat
import pandas as pd
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output, new_raw_cell

from povsim.report.document import (
    KINDS,
    MIME,
    Block,
    Bullets,
    Column,
    Document,
    Figure,
    Heading,
    Letterhead,
    Notice,
    Paragraph,
    Signature,
    Table,
    block_from_json,
)
from povsim.report.inline import Run, runs


def chart(last: float = 51.0) -> dict[str, Any]:
    table = pd.DataFrame({"xã": ["Đăk Kôi", "Tân Lập"], "hộ": [121.5, last]})
    bars = alt.Chart(table).mark_bar().encode(x="hộ:Q", y="xã:N")
    return (bars + bars.mark_text().encode(text="hộ:Q")).to_dict()


LETTERHEAD = Letterhead(
    ("ỦY BAN NHÂN DÂN", "HUYỆN KON RẪY"), "Số:   /BC-UBND", "Kon Rẫy", 2024, "BÁO CÁO", "Kết quả"
)
TABLE = Table(
    "Bảng 1",
    (Column("Xã"), Column("Hộ nghèo", "right", 1.5)),
    (("Đăk Kôi", "121"), ("Toàn huyện", "544")),
    "Nguồn: *Biểu F1*",
    (1,),
)
FIGURE = Figure("Biểu đồ 1", chart(), "Đăk Kôi nhiều nhất", "Ghi chú")
SIGNATURE = Signature(("UBND tỉnh", "Lưu: VT"), ("TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH"))
BLOCKS: tuple[Block, ...] = (
    LETTERHEAD,
    Heading("I. KẾT QUẢ", 1),
    Paragraph("Còn **544** hộ, *giảm 253 hộ*."),
    Bullets(("một", "hai **ba**")),
    TABLE,
    FIGURE,
    Notice("Số liệu mẫu"),
    SIGNATURE,
)
DOCUMENT = Document(BLOCKS)


def named(block: Block) -> str:
    return block.type


def test_every_kind_is_tried_here() -> None:
    assert sorted(map(named, BLOCKS)) == sorted(KINDS)


@pytest.mark.parametrize("block", BLOCKS, ids=named)
def test_a_block_comes_back_from_json_as_it_was(block: Block) -> None:
    written = json.dumps(block.to_json(), ensure_ascii=False)
    assert block_from_json(json.loads(written)) == block
    assert json.dumps(block_from_json(json.loads(written)).to_json(), ensure_ascii=False) == written


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_document_comes_back_from_json_as_it_was(language: Any) -> None:
    document = Document(BLOCKS, language)
    assert Document.from_json(json.loads(json.dumps(document.to_json()))) == document


def test_a_composed_and_a_decomposed_spelling_are_one() -> None:
    decomposed = json.loads(
        unicodedata.normalize("NFD", json.dumps(DOCUMENT.to_json(), ensure_ascii=False))
    )
    assert decomposed != DOCUMENT.to_json()
    assert Document.from_json(decomposed) == DOCUMENT
    assert Document.from_json(decomposed).content_hash() == DOCUMENT.content_hash()


CHANGED: dict[str, Block] = {
    "number": replace(LETTERHEAD, number="Số: 12/BC-UBND"),
    "year": replace(LETTERHEAD, year=2025),
    "heading text": Heading("I. KẾT QUẢ KHÁC", 1),
    "heading level": Heading("I. KẾT QUẢ", 2),
    "paragraph": Paragraph("Còn **545** hộ, *giảm 253 hộ*."),
    "emphasis of a word": Paragraph("Còn 544 hộ, *giảm 253 hộ*."),
    "bullet": Bullets(("một", "hai **bốn**")),
    "cell": replace(TABLE, rows=(("Đăk Kôi", "122"), ("Toàn huyện", "544"))),
    "column": replace(TABLE, columns=(Column("Xã"), Column("Hộ cận nghèo", "right", 1.5))),
    "row in bold": replace(TABLE, emphasis=()),
    "table note": replace(TABLE, note=""),
    "chart data": replace(FIGURE, spec=chart(52.0)),
    "alternative text": replace(FIGURE, alt="Tân Lập ít nhất"),
    "notice": Notice("Số liệu thật"),
    "recipient": replace(SIGNATURE, recipients=("UBND tỉnh", "Lưu: VT, VP")),
    "signer": replace(SIGNATURE, authority=("TM. ỦY BAN NHÂN DÂN", "PHÓ CHỦ TỊCH")),
}


@pytest.mark.parametrize("change", CHANGED)
def test_the_hash_changes_with_each_kind_of_content(change: str) -> None:
    block = CHANGED[change]
    blocks = tuple(block if each.type == block.type else each for each in BLOCKS)
    assert Document(blocks).content_hash() != DOCUMENT.content_hash()


def test_the_hash_changes_with_the_order_of_blocks_and_the_language() -> None:
    seen = {Document(BLOCKS[::-1]).content_hash(), Document(BLOCKS, "en").content_hash()}
    assert len(seen | {DOCUMENT.content_hash()}) == 3


def test_the_hash_does_not_change_with_the_order_of_keys_or_a_chart_made_anew() -> None:
    turned = dict(reversed(chart().items()))
    assert list(turned) != list(FIGURE.spec)
    again = replace(FIGURE, spec=turned)
    assert Document((again,)).content_hash() == Document((FIGURE,)).content_hash()


def test_the_hash_does_not_change_with_the_last_bit_of_a_float() -> None:
    sums = [Document((replace(FIGURE, spec=chart(value)),)) for value in (0.1 + 0.2, 0.3)]
    specs = [next(iter(each.blocks[0].to_json()["spec"]["datasets"].values())) for each in sums]
    assert specs[0] != specs[1]
    named_alike = [Figure("t", {"datasets": {"d": rows}}, "a") for rows in specs]
    assert len({Document((each,)).content_hash() for each in named_alike}) == 1


def test_a_figure_keeps_its_own_copy_of_the_chart() -> None:
    spec = chart()
    figure = Figure("t", spec, "a")
    spec["mark"] = "changed afterwards"
    assert "mark" not in figure.spec


@pytest.mark.parametrize("block", BLOCKS, ids=named)
def test_a_notebook_is_given_the_block_and_a_short_word_for_it(block: Block) -> None:
    bundle = block._repr_mimebundle_()
    assert block_from_json(bundle[MIME]) == block
    assert len(bundle["text/plain"]) < 100
    assert 'lang="vi"' in bundle["text/html"]
    assert "<script" not in bundle["text/html"]


def test_runs_join_neighbours_and_keep_nesting() -> None:
    assert runs("còn **1.834 *hộ***, xa\nnhau") == (
        Run("còn "),
        Run("1.834 ", bold=True),
        Run("hộ", bold=True, italic=True),
        Run(", xa nhau"),
    )


def test_signs_that_are_no_marks_stay() -> None:
    for text in ("giá 5 * 3 = 15 (*)", "dưới < 5 % & trên", "xã_a_b", r"a) khoản; 1. mục"):
        assert runs(text) == (Run(text),)


# ---- from notebooks


def shown(*blocks: Block) -> Any:
    outputs = [new_output("display_data", block._repr_mimebundle_()) for block in blocks]
    return new_code_cell("show()", outputs=outputs)


def test_a_notebook_becomes_its_document_through_a_file(tmp_path: Any) -> None:
    cells = [
        new_code_cell("year = 2024"),
        shown(LETTERHEAD),
        new_markdown_cell(
            "# I. KẾT QUẢ\n\nCòn **544** hộ,\n*giảm 253 hộ*.\n\n## 1. Chung\n\n- một\n- hai **ba**"
        ),
        shown(TABLE, FIGURE),
        new_raw_cell("  "),
        shown(SIGNATURE),
    ]
    path = tmp_path / "executed.ipynb"
    nbformat.write(new_notebook(cells=cells), path)
    document = Document.from_notebook(nbformat.read(path, as_version=4))
    assert document == Document(
        (
            LETTERHEAD,
            Heading("I. KẾT QUẢ", 1),
            Paragraph("Còn **544** hộ,\n*giảm 253 hộ*."),
            Heading("1. Chung", 2),
            Bullets(("một", "hai **ba**")),
            TABLE,
            FIGURE,
            SIGNATURE,
        )
    )


REFUSED = {
    "an image": "![bản đồ](ban-do.png)",
    "HTML": "<b>đậm</b>",
    "HTML ": "<div>đậm</div>",
    "code": "chạy `make`",
    "a code block": "```\nmake\n```",
    "four spaces": "    thụt vào",
    "a link": "xem [trang](https://example.org)",
    "a link ": "xem <https://example.org>",
    "a link definition": "[trang]: https://example.org",
    "a table": "| a | b |\n|---|---|\n| 1 | 2 |",
    "a numbered list": "1. một\n2. hai",
    "a list inside a list": "- một\n  - hai",
    "a quotation": "> lời",
    "a horizontal line": "một\n\n---\n\nhai",
    "a forced line break": "một  \nhai",
    "struck-out text": "~~bỏ~~",
    "level 4": "#### bốn",
    "without text": "- một\n-\n",
}


@pytest.mark.parametrize("construct", REFUSED)
def test_markdown_no_file_can_carry_is_refused_by_cell_and_name(construct: str) -> None:
    cells = [new_markdown_cell("đầu"), new_markdown_cell(REFUSED[construct])]
    with pytest.raises(ValueError, match=r"^cell 2: ") as caught:
        Document.from_notebook(new_notebook(cells=cells))
    assert construct.strip() in str(caught.value)


OUTPUTS = {
    "printed text (stdout)": new_output("stream", name="stdout", text="đang chạy"),
    "printed text (stderr)": new_output("stream", name="stderr", text="UserWarning: x"),
    "KeyError: 'poor'": new_output("error", ename="KeyError", evalue="'poor'", traceback=[]),
    "text/html": new_output("execute_result", {"text/html": "<b>x</b>", "text/plain": "x"}),
    "block type 'chart'": new_output("display_data", {MIME: {"type": "chart"}}),
    "`alt` is empty": new_output("display_data", {MIME: FIGURE.to_json() | {"alt": ""}}),
}


@pytest.mark.parametrize("said", OUTPUTS)
def test_outputs_that_are_no_blocks_are_refused_by_cell_and_name(said: str) -> None:
    cell = new_code_cell("x", outputs=[OUTPUTS[said]])
    with pytest.raises(ValueError, match=r"^cell 1: ") as caught:
        Document.from_notebook(new_notebook(cells=[cell]))
    assert said in str(caught.value)


def test_all_that_is_wrong_is_told_at_once() -> None:
    cells = [
        new_markdown_cell("![a](a.png)\n\n1. một"),
        new_markdown_cell("lời"),
        new_raw_cell("thô"),
        new_code_cell("x", outputs=[OUTPUTS["text/html"]]),
    ]
    with pytest.raises(ValueError, match="cell") as caught:
        Document.from_notebook(new_notebook(cells=cells))
    assert [line.partition(":")[0] for line in str(caught.value).splitlines()] == [
        "cell 1",
        "cell 1",
        "cell 3",
        "cell 4",
    ]


# ---- from wrong values


def test_a_table_tells_all_its_faults() -> None:
    with pytest.raises(ValueError, match="Bảng 1") as caught:
        replace(
            TABLE,
            rows=(("a",), ("b", 3)),
            emphasis=(5,),
            columns=(Column("x", "middle", 0), Column("y")),
        )  # type: ignore[arg-type]
    for fault in ("row 0 has 1 cells", "not text", "emphasis names row 5", "middle", "weighs 0"):
        assert fault in str(caught.value)


@pytest.mark.parametrize(
    "outside",
    [
        {"data": {"url": "https://example.org/a.csv"}, "mark": "point"},
        {"layer": [{"data": {"url": "file:///etc/hostname"}, "mark": "bar"}]},
        {"data": {"values": [{"u": 1}]}, "mark": "image", "encoding": {"url": {"field": "u"}}},
        {"data": {"values": [1]}, "mark": {"type": "point", "href": "https://example.org"}},
    ],
)
def test_a_chart_that_points_outside_is_refused(outside: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="points outside"):
        Figure("Biểu đồ", outside, "chữ thay")


def test_a_column_of_data_may_be_called_url() -> None:
    spec = {
        "data": {"values": [{"url": "x", "href": "y"}]},
        "mark": "bar",
        "datasets": {"d": [{"url": 1}]},
    }
    assert Figure("Biểu đồ", spec, "chữ thay").spec == spec


@pytest.mark.parametrize(
    "values",
    [
        {"type": "chart"},
        {},
        {"type": "heading"},
        {"type": "heading", "text": "I", "level": 4},
        {"type": "heading", "text": "I", "colour": "red"},
        {"type": "paragraph", "text": ""},
        {"type": "paragraph", "text": "[x](y)"},
        {"type": "bullets", "items": ["tốt", "`mã`"]},
        {"type": "table", "title": "t", "columns": [{"nam": "x"}], "rows": [["1"]]},
        {
            "type": "figure",
            "title": "t",
            "spec": {"mark": "bar", "data": {"values": [float("nan")]}},
            "alt": "a",
        },
    ],
)
def test_json_that_is_no_block_is_refused(values: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        block_from_json(values)


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(ValueError, match="'fr'"):
        Document(BLOCKS, "fr")  # type: ignore[arg-type]
