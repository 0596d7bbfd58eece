"""The text of a new plan file: what is known filled in, the rest said to be open."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from povsim import breaks
from povsim.plan import TargetKind

if TYPE_CHECKING:
    from povsim.planning.draft import Wanted

OPEN = "……………"
"""What nobody has said yet, as a form prints a place to be filled by hand."""


@dataclass(frozen=True)
class TargetLine:
    """A target as a draft tells it: per cent; `base` is the rate that a path falls from."""

    kind: TargetKind
    value: float
    base: float | None = None


def plan(wanted: Wanted) -> str:
    """The whole file, in TOML, with comments in Vietnamese on what to fill in."""
    parts = [_head(wanted), _facts(wanted), _target_part(wanted), STATUS, _issuer(wanted)]
    return "\n".join(parts)


def _head(wanted: Wanted) -> str:
    lines = [
        "Kế hoạch lập bằng lệnh “povsim plan new”. Chỗ ghi “……” là chưa có, phải điền.",
        "Giữ verified = false cho đến khi cơ quan xác nhận mục đó.",
    ]
    for found in wanted.breaks:
        lines.append("CHÚ Ý, chuỗi số liệu đứt đoạn: " + breaks.sentence(found, "vi"))
    return "".join(f"# {line}\n" for line in lines)


def _facts(wanted: Wanted) -> str:
    draft = wanted.draft
    place, code = place_of(wanted)
    title = draft.title or f"Kế hoạch giảm nghèo {place} giai đoạn {_years(wanted)}"
    names = ", ".join(unit.name for unit in wanted.units)
    return f"""name = {_quoted(title)}   # tên đầy đủ như trong văn bản ban hành
district = {_quoted(place)}   # huyện, hoặc cụm xã khi không còn cấp huyện
district_code = {_quoted(code)}   # mã huyện, hoặc tên cụm; dòng tổng trong tệp chỉ tiêu dùng mã này
first_year = {draft.first_year}
last_year = {draft.last_year}
base_review = {draft.base}   # kỳ rà soát cho số đầu kỳ
standard = "{wanted.standard.id}"   # {wanted.standard.name}: chuẩn của kỳ rà soát đầu kỳ
units = {_listed(unit.id.code for unit in wanted.units)}   # {names}
units_valid_on = {draft.day}   # mã đơn vị hiểu theo ngày này
unit_targets = "{draft.name}-targets.csv"   # chỉ tiêu số hộ từng xã, từng năm: điền khi có
# published_figures = "../published/figures.csv"   # bỏ dấu # khi có số liệu đã công bố
# current_scenario = "../scenarios/{draft.name}/current.toml"   # bỏ dấu # khi có tệp này
"""


def place_of(wanted: Wanted) -> tuple[str, str]:
    """What the plan's place is called, and its code."""
    named = [wanted.district.name, wanted.district.id.code] if wanted.district else ["", ""]
    joined = ", ".join(unit.name for unit in wanted.units)
    return (
        wanted.draft.place or named[0] or joined,
        wanted.draft.code or (named[1] if not wanted.draft.place else "") or wanted.draft.name,
    )


def _target_part(wanted: Wanted) -> str:
    head = "# --- Mục tiêu chung, theo từng cách hiểu (%, điểm %). ---\n"
    if not wanted.targets:
        return head + EXAMPLE.format(years=_year_list(wanted))
    return head + "\n".join(_target(line, wanted) for line in wanted.targets)


def _target(line: TargetLine, wanted: Wanted) -> str:
    base = "" if line.base is None else f"base = {line.base:g}   # tỷ lệ cuối kỳ gốc (%)\n"
    return f"""[[target]]
kind = "{line.kind}"
{base}value = {line.value:g}
years = {_year_list(wanted)}
origin = "official"
source = "……"   # số, ngày, mục của văn bản giao mục tiêu
"""


def _issuer(wanted: Wanted) -> str:
    return ISSUER.format(opened=f"{wanted.draft.base}-01-01")


def _years(wanted: Wanted) -> str:
    return f"{wanted.draft.first_year}-{wanted.draft.last_year}"


def _year_list(wanted: Wanted) -> str:
    years = range(wanted.draft.first_year, wanted.draft.last_year + 1)
    return f"[{', '.join(map(str, years))}]"


def _quoted(words: str) -> str:
    return json.dumps(words, ensure_ascii=False)


def _listed(words: Iterator[str]) -> str:
    return json.dumps(list(words), ensure_ascii=False)


EXAMPLE = """# Chưa giao mục tiêu nào. Mẫu (bỏ dấu # và điền):
# [[target]]
# kind = "points_a_year"   # hoặc level (mức), path (lộ trình, cần thêm base)
# value = 0.0
# years = {years}
# origin = "official"
# source = "……"
"""
STATUS = """# --- Gọi tên khả năng đạt: ngưỡng do cơ quan đặt, đây là mặc định. ---

[status]
on_track = 0.67
off_track = 0.33
verified = false
source = "Mặc định của povsim (hai phần ba và một phần ba), chờ cơ quan xác nhận"
"""
ISSUER = """# --- Ai ký báo cáo, gửi ai. Đổi cơ quan thì đóng valid_to và thêm một [[issuer]]. ---

[[issuer]]
valid_from = {opened}
authority = ["……………"]   # các dòng tên cơ quan ở góc trái
named = "……………"   # tên cơ quan trong câu
number = "Số:          /BC-"
place = "……………"   # địa danh trước ngày tháng
signer = ["……………"]   # chức vụ người ký; họ tên ghi tay
recipients = ["……………", "Lưu: VT"]
verified = false
"""
