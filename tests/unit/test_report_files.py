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
from povsim.report import html, pdf
from povsim.report import docx as word
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

TITLE = "Báo cáo kết quả giảm nghèo năm 2024"
MADE = datetime(2024, 12, 20, 8, 30, tzinfo=UTC)
MM = 36000
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
    names = ["Dự báo (%)", "Khoảng 80 %", "Chỉ tiêu (hộ)", "Khả năng đạt"]
    rows = [
        (name, share(now - 20, all_), f"{share(now - 32, all_)} – {share(now - 9, all_)}", "35", "62 %")
        for name, (all_, _, now) in RATES.items()
    ]
    return Table(
        title="Bảng 2. Dự báo cuối năm 2025 và khả năng đạt chỉ tiêu (số liệu mẫu)",
        columns=(
            Column("STT", "center", 0.5),
            Column("Xã, thị trấn", weight=1.6),
            *(Column(name, "right", 1.1) for name in names),
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
        [(name, f[1 + at] / f[0], year) for name, f in RATES.items() for at, year in enumerate(("2023", "2024"))],
        columns=["unit", "share", "year"],
    )
    chart = (
        alt.Chart(table, width=480, height=260)
        .mark_bar()
        .encode(
            x=alt.X("share:Q", title="Tỷ lệ hộ nghèo đa chiều", axis=alt.Axis(format=".1%")),
            y=alt.Y("unit:N", title=None, sort=list(RATES)),
            yOffset="year:N",
            color=alt.Color("year:N", title="Cuối năm", scale=alt.Scale(range=["#a9c8e2", "#2f6ca3"])),
        )
    )
    return chart.to_dict()


def lines() -> dict[str, Any]:
    table = pd.DataFrame(
        {"year": [2021, 2022, 2023, 2024], "poor": [1834.0, 1238.0, 797.0, 544.0], "what": "Số hộ nghèo"}
    )
    base = alt.Chart(table, width=520, height=240).encode(
        x=alt.X("year:O", title="Năm", axis=alt.Axis(labelAngle=0)),
        y=alt.Y("poor:Q", title="Số hộ nghèo (hộ)", axis=alt.Axis(format=",.0f")),
        color=alt.Color("what:N", title=None, legend=alt.Legend(orient="top")),
    )
    return (base.mark_line(point=True) + base.mark_text(dy=-12).encode(text=alt.Text("poor:Q", format=",.0f"))).to_dict()


def sample() -> Document:
    return Document(
        (
            Letterhead(
                ("ỦY BAN NHÂN DÂN", "HUYỆN KON RẪY"),
                "Số:      /BC-UBND",
                "Kon Rẫy",
                2024,
                "BÁO CÁO",
                "Tình hình thực hiện Phong trào thi đua “Vì người nghèo - Không để ai bị bỏ lại phía "
                "sau” và kết quả giảm nghèo đa chiều năm 2024",
            ),
            Notice("**Số liệu mẫu.** Các con số trong báo cáo này được tạo ra để thử, không dùng để ban hành."),
            Paragraph(
                "Thực hiện Kế hoạch triển khai Phong trào thi đua “*Vì người nghèo - Không để ai bị bỏ lại "
                "phía sau*” giai đoạn 2021-2025, Ủy ban nhân dân huyện báo cáo kết quả năm 2024 như sau:"
            ),
            Heading("I. KẾT QUẢ THỰC HIỆN"),
            Heading("1. Tình hình chung", 2),
            Paragraph(LONG),
            Bullets(
                (
                    "Có **6/7** xã, thị trấn đạt chỉ tiêu giảm hộ nghèo được giao; thu nhập bình quân tăng.",
                    "Nguồn vốn tín dụng chính sách cho vay 1.245 lượt hộ với 68,4 tỷ đồng, tập trung cho chăn "
                    "nuôi bò sinh sản, trồng cà phê xứ lạnh và phát triển cây dược liệu dưới tán rừng.",
                    "Hỗ trợ sửa chữa, làm mới 112 căn nhà từ nguồn Chương trình và quỹ “Vì người nghèo”.",
                )
            ),
            results(),
            Heading("2. Diễn biến qua các năm", 2),
            Paragraph(CAUSES),
            Figure("Biểu đồ 1. Số hộ nghèo toàn huyện, 2021-2024 (số liệu mẫu)", lines(), "Số hộ nghèo giảm từ 1.834 xuống 544"),
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
                "Trên đây là báo cáo kết quả thực hiện Phong trào thi đua và công tác giảm nghèo năm 2024 của "
                "huyện Kon Rẫy, kính báo cáo Ủy ban nhân dân tỉnh và Sở Nội vụ xem xét, tổng hợp./."
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
