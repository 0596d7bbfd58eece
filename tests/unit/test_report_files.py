"""The three files of a report: one content, the decree's page, Vietnamese whole and right."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import altair as alt
import docx
import pandas as pd
import pytest
from docx.oxml.ns import qn
from pypdf import PdfReader

from povsim.charts import pictures
from povsim.report import docx as word
from povsim.report import html, pdf
from povsim.report.document import (
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
)
from povsim.report.page import A4, text_mm

TITLE = "Báo cáo kết quả giảm nghèo năm 2024"
MADE = datetime(2024, 12, 20, 8, 30, tzinfo=UTC)
EMU_PER_MM = 36000
POINTS_PER_MM = 72 / 25.4
NATION = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
MOTTO = "Độc lập - Tự do - Hạnh phúc"
RATES = {  # invented: households, poor 2023, poor 2024
    "Đăk Rve": (1_712, 88, 51),
    "Đăk Kôi": (1_034, 172, 121),
    "Đăk Tơ Lung": (701, 116, 83),
    "Đăk Ruồng": (1_346, 109, 70),
    "Đăk Pne": (742, 139, 102),
    "Đăk Tờ Re": (1_287, 118, 85),
    "Tân Lập": (863, 55, 32),
}
LONG = (
    "Trong năm 2024, được sự quan tâm lãnh đạo, chỉ đạo của Tỉnh ủy, Hội đồng nhân dân, Ủy ban "
    "nhân dân tỉnh và sự vào cuộc của cả hệ thống chính trị, công tác giảm nghèo trên địa bàn "
    "huyện tiếp tục chuyển biến; Phong trào thi đua “*Vì người nghèo - Không để ai bị bỏ lại phía "
    "sau*” được triển khai sâu rộng từ huyện đến thôn, làng. Đến cuối năm 2024 toàn huyện còn "
    "**544 hộ nghèo**, chiếm **7,08\u00a0%** tổng số hộ, giảm 253 hộ so với cuối năm 2023."
)
CAUSES = (
    "Địa bàn rộng, dân cư phân tán, nhiều thôn, làng xa trung tâm; thiên tai, hạn hán và giá nông "
    "sản không ổn định làm cho thu nhập của hộ nghèo thiếu bền vững. Một bộ phận hộ nghèo còn "
    "tâm lý trông chờ, ỷ lại; việc lồng ghép nguồn vốn của các chương trình mục tiêu quốc gia ở "
    "một số xã còn chậm, tỷ lệ giải ngân vốn sự nghiệp chưa đạt kế hoạch đề ra."
)


def grouped(value: int) -> str:
    return f"{value:,}".replace(",", ".")


def share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.2f}".replace(".", ",")


def result_row(name: str, households: int, before: int, now: int) -> tuple[str, ...]:
    rates = (share(before, households), share(now, households))
    cells = (grouped(households), grouped(before), rates[0], grouped(now), rates[1])
    return (name, *cells, f"−{before - now}")


def results() -> Table:
    names = ["Tổng số hộ", "Hộ nghèo cuối 2023", "Tỷ lệ (%)", "Hộ nghèo cuối 2024", "Tỷ lệ (%)"]
    rows = [result_row(name, *figures) for name, figures in RATES.items()]
    total = [sum(figures[place] for figures in RATES.values()) for place in range(3)]
    return Table(
        title="Bảng 1. Kết quả rà soát hộ nghèo năm 2024 theo xã, thị trấn (số liệu mẫu)",
        columns=(
            Column("Xã, thị trấn", weight=1.6),
            *(Column(name, "right") for name in names),
            Column("Tăng, giảm (hộ)", "right"),
        ),
        rows=(*rows, result_row("Toàn huyện", *total)),
        note="Nguồn: *Biểu F1* của các xã, thị trấn; số liệu mẫu, không phải số công bố.",
        emphasis=(len(rows),),
    )


def forecast() -> Table:
    names = ["Dự báo (%)", "Khoảng 80\u00a0%", "Chỉ tiêu (hộ)", "Khả năng đạt"]
    rows = [
        (
            name,
            share(now - 20, all_),
            f"{share(now - 32, all_)} – {share(now - 9, all_)}",
            "35",
            "62 %",
        )
        for name, (all_, _, now) in RATES.items()
    ]
    return Table(
        title="Bảng 2. Dự báo cuối năm 2025 và khả năng đạt chỉ tiêu (số liệu mẫu)",
        columns=(
            Column("STT", "center", 0.7),
            Column("Xã, thị trấn", weight=1.6),
            *(Column(name, "right", 1.5 if "80" in name else 1.1) for name in names),
            Column("Nhận xét", weight=1.4),
        ),
        rows=(
            *((str(place), *row, "đúng hướng") for place, row in enumerate(rows, start=1)),
            ("", "Toàn huyện", "5,26", "3,70 – 6,61", "245", "71 %", "đúng hướng"),
        ),
        emphasis=(len(rows),),
    )


def bars() -> dict[str, Any]:
    table = pd.DataFrame(
        [
            (name, f[1 + at] / f[0], year)
            for name, f in RATES.items()
            for at, year in enumerate(("2023", "2024"))
        ],
        columns=["unit", "share", "year"],
    )
    chart = (
        alt.Chart(table, width=480, height=260)
        .mark_bar(clip=True)
        .encode(
            x=alt.X("share:Q", title="Tỷ lệ hộ nghèo đa chiều", axis=alt.Axis(format=".1%")),
            y=alt.Y("unit:N", title=None, sort=list(RATES)),
            yOffset="year:N",
            color=alt.Color(
                "year:N", title="Cuối năm", scale=alt.Scale(range=["#a9c8e2", "#2f6ca3"])
            ),
        )
    )
    return chart.to_dict()


def lines() -> dict[str, Any]:
    table = pd.DataFrame(
        {
            "year": [2021, 2022, 2023, 2024],
            "poor": [1834.0, 1238.0, 797.0, 544.0],
            "what": "Số hộ nghèo",
        }
    )
    base = alt.Chart(table, width=520, height=240).encode(
        x=alt.X("year:O", title="Năm", axis=alt.Axis(labelAngle=0)),
        y=alt.Y("poor:Q", title="Số hộ nghèo (hộ)", axis=alt.Axis(format=",.0f")),
        color=alt.Color("what:N", title=None, legend=alt.Legend(orient="top")),
    )
    return (
        base.mark_line(point=True)
        + base.mark_text(dy=-12).encode(text=alt.Text("poor:Q", format=",.0f"))
    ).to_dict()


def sample() -> Document:
    return Document(
        (
            Letterhead(
                ("ỦY BAN NHÂN DÂN", "HUYỆN KON RẪY"),
                "Số:      /BC-UBND",
                "Kon Rẫy",
                2024,
                "BÁO CÁO",
                "Tình hình thực hiện Phong trào thi đua “Vì người nghèo - Không để ai bị bỏ lại "
                "phía sau” và kết quả giảm nghèo đa chiều năm 2024",
            ),
            Notice(
                "**Số liệu mẫu.** Các con số trong báo cáo này được tạo ra để thử, không dùng để "
                "ban hành."
            ),
            Paragraph(
                "Thực hiện Kế hoạch triển khai Phong trào thi đua “*Vì người nghèo - Không để ai "
                "bị bỏ lại phía sau*” giai đoạn 2021-2025, Ủy ban nhân dân huyện báo cáo kết quả "
                "năm 2024 như sau:"
            ),
            Heading("I. KẾT QUẢ THỰC HIỆN"),
            Heading("1. Tình hình chung", 2),
            Paragraph(LONG),
            Bullets(
                (
                    "Có **6/7** xã, thị trấn đạt chỉ tiêu giảm hộ nghèo được giao; thu nhập bình "
                    "quân tăng.",
                    "Nguồn vốn tín dụng chính sách cho vay 1.245 lượt hộ với 68,4 tỷ đồng, tập "
                    "trung cho chăn nuôi bò sinh sản, trồng cà phê xứ lạnh và phát triển cây dược "
                    "liệu dưới tán rừng.",
                    "Hỗ trợ sửa chữa, làm mới 112 căn nhà từ nguồn Chương trình và quỹ “Vì người "
                    "nghèo”.",
                )
            ),
            results(),
            Heading("2. Diễn biến qua các năm", 2),
            Paragraph(CAUSES),
            Figure(
                "Biểu đồ 1. Số hộ nghèo toàn huyện, 2021-2024 (số liệu mẫu)",
                lines(),
                "Số hộ nghèo giảm từ 1.834 xuống 544",
            ),
            Figure(
                "Biểu đồ 2. Tỷ lệ hộ nghèo theo xã, thị trấn (số liệu mẫu)",
                bars(),
                "Tỷ lệ hộ nghèo từng xã cuối năm 2023 và 2024; cao nhất là Đăk Pne",
                "Thanh nhạt: cuối năm 2023; thanh đậm: cuối năm 2024.",
            ),
            Heading("a) Nguyên nhân", 3),
            Paragraph(CAUSES),
            Paragraph(LONG),
            Heading("II. DỰ BÁO NĂM 2025"),
            Paragraph(LONG),
            forecast(),
            Heading("III. KIẾN NGHỊ, ĐỀ XUẤT"),
            Paragraph(CAUSES),
            Paragraph(
                "Trên đây là báo cáo kết quả thực hiện Phong trào thi đua và công tác giảm nghèo "
                "năm 2024 của huyện Kon Rẫy, kính báo cáo Ủy ban nhân dân tỉnh và Sở Nội vụ "
                "xem xét, tổng hợp./."
            ),
            Signature(
                (
                    "UBND tỉnh (b/c)",
                    "Sở Nội vụ; Sở Lao động - Thương binh và Xã hội",
                    "Thường trực Huyện ủy, Thường trực HĐND huyện (b/c)",
                    "Ủy ban MTTQVN huyện (p/h)",
                    "UBND các xã, thị trấn",
                    "Lưu: VT.",
                ),
                ("TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"),
            ),
        )
    )


def long_table(rows: int) -> Table:
    cells = tuple((f"Thôn số {place}", grouped(place * 7)) for place in range(1, rows + 1))
    return Table("Danh sách thôn", (Column("Tên thôn"), Column("Số hộ nghèo", "right")), cells)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("report")
    paths = {suffix: folder / f"bao-cao.{suffix}" for suffix in ("html", "docx", "pdf")}
    for suffix, writer in (("html", html), ("docx", word), ("pdf", pdf)):
        writer.write(sample(), paths[suffix], title=TITLE, made=MADE)
    return paths


def flat(text: str) -> str:
    return " ".join(text.split())


def said(document: Document) -> set[str]:
    """Every word the blocks hold, marks left out."""
    found: list[str] = []

    def collect(value: object, key: str = "") -> None:
        if isinstance(value, dict):
            for name, each in value.items():
                collect(each, name)
        elif isinstance(value, list):
            for each in value:
                collect(each, key)
        elif isinstance(value, str) and key not in ("type", "spec", "align", "alt", "language"):
            found.append(value.replace("*", ""))

    for block in document.to_json()["blocks"]:
        collect({name: each for name, each in block.items() if name != "spec"})
    return {part.strip(";.,") for part in " ".join(found).split()}


# ---- one content


def html_text(path: Path) -> str:
    return Page(path).text


def docx_text(path: Path) -> str:
    body = docx.Document(str(path)).element.body
    paragraphs = body.iter(qn("w:p"))
    return "\n".join("".join(t.text or "" for t in each.iter(qn("w:t"))) for each in paragraphs)


def pdf_text(path: Path) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(path).pages)


READ = {"html": html_text, "docx": docx_text, "pdf": pdf_text}


@pytest.mark.parametrize("suffix", READ)
def test_every_word_of_the_blocks_stands_in_every_file(
    suffix: str, written: dict[str, Path]
) -> None:
    text = flat(READ[suffix](written[suffix]))
    words = {part.strip(";.,") for part in text.split()}
    assert said(sample()) - words == set()
    assert unicodedata.is_normalized("NFC", text)


@pytest.mark.parametrize("suffix", READ)
def test_the_paper_says_what_every_paper_says(suffix: str, written: dict[str, Path]) -> None:
    text = flat(READ[suffix](written[suffix]))
    for words in (NATION, MOTTO, "Nơi nhận:", "- UBND tỉnh (b/c);", "- Lưu: VT."):
        assert words in text
    assert re.search(r"Kon Rẫy, ngày\s+tháng\s+năm 2024", text)
    assert "**" not in text


@pytest.mark.parametrize("writer", [html, pdf])
def test_the_same_content_gives_the_same_bytes(
    writer: Any, written: dict[str, Path], tmp_path: Path
) -> None:
    suffix = writer.__name__.rpartition(".")[2]
    again = tmp_path / f"again.{suffix}"
    writer.write(sample(), again, title=TITLE, made=MADE)
    assert again.read_bytes() == written[suffix].read_bytes()


# ---- Word


@pytest.fixture(scope="module")
def office(written: dict[str, Path]) -> Any:
    return docx.Document(str(written["docx"]))


def test_docx_has_the_page_of_the_decree(office: Any) -> None:
    section = office.sections[0]
    measures = (section.page_width, section.page_height, section.top_margin)
    measures += (section.bottom_margin, section.left_margin, section.right_margin)
    millimetres = [round(each / EMU_PER_MM, 1) for each in measures]
    assert millimetres[:2] == [210, 297]
    assert 20 <= millimetres[2] <= 25
    assert 20 <= millimetres[3] <= 25
    assert 30 <= millimetres[4] <= 35
    assert 15 <= millimetres[5] <= 20


def test_docx_numbers_its_pages_from_the_second(office: Any) -> None:
    section = office.sections[0]
    assert section.different_first_page_header_footer
    header = section.header._element
    assert [each.text for each in header.iter(qn("w:instrText"))] == ["PAGE"]
    kinds = [each.get(qn("w:fldCharType")) for each in header.iter(qn("w:fldChar"))]
    assert kinds == ["begin", "separate", "end"]
    assert section.header.paragraphs[0].style.paragraph_format.alignment == 1
    assert not list(section.first_page_header._element.iter(qn("w:r")))


def test_docx_is_black_times_of_the_right_sizes(office: Any) -> None:
    used = {p.get(qn("w:val")) for p in office.element.body.iter(qn("w:pStyle"))}
    styles = [style for style in office.styles if style.style_id in used | {"Normal", "Header"}]
    assert {"Normal", "Header", "Heading 1", "Heading 2", "Heading 3"} <= {s.name for s in styles}
    for style in styles:
        faces = style.element.rPr.find(qn("w:rFonts")).attrib
        scripts = ("w:ascii", "w:hAnsi", "w:eastAsia", "w:cs")
        assert dict(faces) == {qn(each): "Times New Roman" for each in scripts}
        assert str(style.font.color.rgb) == "000000"
        assert 12 <= style.font.size.pt <= 14
    assert not list(office.element.body.iter(qn("w:rFonts")))
    assert not list(office.element.body.iter(qn("w:color")))


def test_docx_body_is_spaced_as_the_decree_says(office: Any) -> None:
    layout = office.styles["Body Text"].paragraph_format
    assert layout.alignment == 3
    assert 10 <= layout.first_line_indent / EMU_PER_MM <= 12.7
    assert layout.space_after.pt >= 6
    assert 1 <= layout.line_spacing <= 1.5


def ruled(office: Any) -> list[Any]:
    return [table for table in office.tables if table.style.name == "Table Grid"]


def test_docx_tables_repeat_their_heading_and_split_no_row(office: Any) -> None:
    tables = ruled(office)
    assert len(tables) == 2
    for table in tables:
        heading = [row._tr.trPr.find(qn("w:tblHeader")) is not None for row in table.rows]
        assert heading == [True] + [False] * 8
        assert all(row._tr.trPr.find(qn("w:cantSplit")) is not None for row in table.rows)


def test_docx_tables_align_numbers_and_embolden_the_total(office: Any) -> None:
    table = ruled(office)[0]
    for row in table.rows[1:]:
        assert [cell.paragraphs[0].alignment for cell in row.cells] == [0] + [2] * 6
    bold = [bool(row.cells[0].paragraphs[0].runs[0].bold) for row in table.rows]
    assert bold == [True] + [False] * 7 + [True]
    assert {11, 12} >= {row.cells[0].paragraphs[0].runs[0].font.size.pt for row in table.rows}


def test_docx_charts_have_words_and_fit_and_print_sharp(office: Any) -> None:
    figures = [block for block in sample().blocks if isinstance(block, Figure)]
    shapes = office.inline_shapes
    assert [s._inline.docPr.get("descr") for s in shapes] == [figure.alt for figure in figures]
    for shape in shapes:
        assert shape.width / EMU_PER_MM <= 165.01
        part = shape._inline.graphic.graphicData.pic.blipFill.blip.embed
        image = office.part.related_parts[part].image
        assert image.px_width / shape.width.inches >= 200


def test_docx_keeps_the_signature_whole_and_with_the_last_words(office: Any) -> None:
    rows = office.tables[-1].rows
    assert len(rows) == 1
    assert rows[0]._tr.trPr.find(qn("w:cantSplit")) is not None
    last = [each for each in office.paragraphs if each.text.endswith("./.")]
    assert [each.paragraph_format.keep_with_next for each in last] == [True]


def test_docx_says_who_and_when_in_vietnamese(office: Any) -> None:
    core = office.core_properties
    assert (core.title, core.language) == (TITLE, "vi-VN")
    assert core.author == core.last_modified_by == "ỦY BAN NHÂN DÂN HUYỆN KON RẪY"
    assert core.comments == ""
    assert core.created == core.modified == MADE
    languages = [each.get(qn("w:val")) for each in office.styles.element.iter(qn("w:lang"))]
    assert set(languages) == {"vi-VN"}


# ---- HTML


class Page(HTMLParser):
    """Tags with their attributes, and the text outside styles."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.styles, self.text, self._inside = "", "", ""
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._inside = tag

    def handle_data(self, data: str) -> None:
        if self._inside == "style":
            self.styles += data
        else:
            self.text += data

    def named(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag == name]


@pytest.fixture(scope="module")
def screen(written: dict[str, Path]) -> Page:
    return Page(written["html"])


def test_html_asks_for_nothing_and_links_nowhere(screen: Page) -> None:
    assert not {tag for tag, _ in screen.tags} & {"script", "link", "img", "iframe", "a", "object"}
    assert not re.search(r"url\(|@import", screen.styles)
    for tag, attributes in screen.tags:
        for name, value in attributes.items():
            if "://" in (value or "") or name in ("src", "srcset"):
                assert (tag, name.partition(":")[0]) == ("svg", "xmlns")


def test_html_names_its_language_and_title(screen: Page) -> None:
    assert screen.named("html") == [{"lang": "vi"}]
    assert TITLE in screen.text
    assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in screen.named(
        "meta"
    )


def test_html_charts_are_pictures_with_words_that_scale(screen: Page) -> None:
    drawings = screen.named("svg")
    figures = [block for block in sample().blocks if isinstance(block, Figure)]
    assert [each["aria-label"] for each in drawings] == [figure.alt for figure in figures]
    assert all(each["role"] == "img" and each["viewbox"] for each in drawings)
    assert "max-width: 100%" in screen.styles


def test_html_tables_have_captions_and_headings(screen: Page) -> None:
    assert len(screen.named("caption")) == len(screen.named("table")) == 2
    scopes = [each["scope"] for each in screen.named("th")]
    assert (scopes.count("col"), scopes.count("row")) == (14, 16)


def test_html_escapes_what_it_is_given(tmp_path: Path) -> None:
    sly = "<script>alert(1)</script>"
    table = Table(sly, (Column(sly),), ((sly,),))
    figure = Figure(sly, lines(), f'"{sly}')
    path = tmp_path / "sly.html"
    html.write(Document((table, figure)), path, title=sly, made=MADE)
    assert "<script" not in path.read_text("utf-8")
    assert Page(path).named("svg")[0]["aria-label"] == f'"{sly}'


def test_pictures_of_one_page_share_no_names(tmp_path: Path) -> None:
    clipped = lines()
    for layer in clipped["layer"]:
        layer["mark"]["clip"] = True
    figure = Figure("Biểu đồ", clipped, "chữ thay")
    path = tmp_path / "two.html"
    html.write(Document((figure, figure)), path, title=TITLE, made=MADE)
    page = Page(path)
    names = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    used = re.findall(r"url\(#([^)]+)\)", path.read_text("utf-8"))
    assert len(names) == len(set(names)) >= 2
    assert set(used) == set(names)
    again = tmp_path / "again.html"
    html.write(Document((figure, figure)), again, title=TITLE, made=MADE)
    assert again.read_bytes() == path.read_bytes()


# ---- PDF


@pytest.fixture(scope="module")
def paper(written: dict[str, Path]) -> PdfReader:
    return PdfReader(written["pdf"])


def placed(page: Any) -> list[tuple[str, float]]:
    """Texts of a page with their height above its foot, in millimetres."""
    found: list[tuple[str, float]] = []

    def visit(text: str, matrix: Any, position: Any, *_: Any) -> None:
        height = position[5] * matrix[3] + matrix[5]
        if text.strip():
            found.append((text.strip(), height / POINTS_PER_MM))

    page.extract_text(visitor_text=visit)
    return found


def test_pdf_is_a4_and_numbers_its_pages_from_the_second(paper: PdfReader) -> None:
    assert len(paper.pages) >= 3
    for number, page in enumerate(paper.pages, start=1):
        size = [round(float(each) / POINTS_PER_MM) for each in page.mediabox[2:]]
        assert size == [210, 297]
        above = [text for text, height in placed(page) if height > 297 - 20]
        assert above == ([] if number == 1 else [str(number)])


def test_pdf_text_is_vietnamese_in_reading_order(paper: PdfReader) -> None:
    first = flat(paper.pages[0].extract_text())
    sentence = flat(LONG.replace("*", ""))
    assert sentence in first
    assert first.index(NATION) < first.index("BÁO CÁO") < first.index("I. KẾT QUẢ THỰC HIỆN")


def test_pdf_embeds_the_fonts_of_the_package_only(paper: PdfReader) -> None:
    objects = [paper.get_object(number) for number in range(1, int(paper.trailer["/Size"]))]
    known = [each for each in objects if isinstance(each, dict)]
    faces = [each for each in known if each.get("/Type") == "/FontDescriptor"]
    names = {str(each["/FontName"]).partition("+")[2].partition("-")[0] for each in faces}
    assert names == {"LiberationSerif", "NotoSans"}
    assert all("/FontFile2" in each for each in faces)


def test_pdf_is_tagged_and_says_its_title_language_and_date(paper: PdfReader) -> None:
    root = paper.trailer["/Root"]
    assert root["/Lang"] == "vi-VN"
    assert root["/MarkInfo"]["/Marked"]
    assert paper.metadata is not None
    assert paper.metadata.title == TITLE
    assert paper.metadata.creation_date == MADE


def test_pdf_repeats_the_heading_of_a_long_table(tmp_path: Path) -> None:
    path = tmp_path / "long.pdf"
    pdf.write(Document((long_table(80),)), path, title=TITLE, made=MADE)
    texts = [page.extract_text() for page in PdfReader(path).pages]
    assert len(texts) >= 2
    assert all("Tên thôn" in text for text in texts)
    assert "Thôn số 80" in texts[-1]


@pytest.mark.parametrize("paragraphs", range(4, 10))
@pytest.mark.parametrize("bullets", [0, 2])
def test_pdf_leaves_no_heading_and_no_signature_alone(
    paragraphs: int, bullets: int, tmp_path: Path
) -> None:
    """The foot of the page falls at another place of the text each time."""
    before = [Paragraph(LONG)] * paragraphs
    lines_ = [Bullets(tuple(["dòng thêm"] * bullets))] if bullets else []
    blocks = (*before, *lines_, Heading("II. CUỐI"), Paragraph(CAUSES), sample().blocks[-1])
    path = tmp_path / "feet.pdf"
    pdf.write(Document(blocks), path, title=TITLE, made=MADE)
    for page in PdfReader(path).pages:
        text = flat(page.extract_text())
        assert ("II. CUỐI" in text) == ("Địa bàn rộng" in text)
        assert ("Nơi nhận:" in text) == ("PHÓ CHỦ TỊCH" in text) == ("Lưu: VT." in text)
        assert ("Nơi nhận:" not in text) or ("kế hoạch đề ra." in text)


# ---- pictures and measures


def test_a_chart_writes_numbers_as_its_language_does() -> None:
    assert "1.834" in pictures.svg(lines(), "vi")
    assert "1,834" in pictures.svg(lines(), "en")
    assert "16,0\u00a0%" in pictures.svg(bars(), "vi")


def test_a_chart_carries_no_english_for_screen_readers() -> None:
    assert "aria-label" not in pictures.svg(lines(), "vi")


def test_a_picture_is_made_smaller_but_never_larger() -> None:
    drawn = '<svg class="marks" width="960" height="480" viewBox="0 0 960 480">'
    assert pictures.fitted_mm(drawn, 127, 500) == pytest.approx((127, 63.5))
    assert pictures.fitted_mm(drawn, 500, 63.5) == pytest.approx((127, 63.5))
    assert pictures.fitted_mm(drawn, 500, 500) == pytest.approx((254, 127))


@pytest.mark.parametrize(
    ("line", "tolerance"),
    [(MOTTO, 0.03), ("ỦY BAN NHÂN DÂN", 0.12), (sample().blocks[0].to_json()["subject"], 0.12)],
)
def test_the_length_of_a_line_is_about_its_true_length(line: str, tolerance: float) -> None:
    import typst

    written_out = line.replace('"', "")
    code = f'''#set text(font: "Liberation Serif", weight: "bold", size: 14pt)
#context [#metadata(measure(text("{written_out}")).width.mm()) <width>]'''
    fonts = [str(pictures.FONTS)]
    true = float(typst.query(code.encode(), "<width>", "value", True, font_paths=fonts))  # type: ignore[arg-type, call-overload]
    assert text_mm(line, 14) == pytest.approx(true, rel=tolerance)


def test_the_page_is_inside_the_decree() -> None:
    assert 20 <= A4.top_mm <= 25
    assert 20 <= A4.bottom_mm <= 25
    assert 30 <= A4.left_mm <= 35
    assert 15 <= A4.right_mm <= 20
    assert {12, 13} >= {A4.nation_pt, A4.authority_pt}
    sizes = (A4.motto_pt, A4.date_pt, A4.subject_pt, A4.body_pt, A4.page_number_pt, A4.signer_pt)
    assert {13, 14} >= set(sizes)
    assert (A4.recipients_title_pt, A4.recipients_pt) == (12, 11)
    assert A4.gap_pt >= 6
    assert 1 <= A4.line_spacing <= 1.5
    assert 10 <= A4.indent_mm <= 12.7
    assert 1 / 3 <= A4.short_rule <= 1 / 2
