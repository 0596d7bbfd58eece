"""`povsim units`: which units there were on a day, under whom, on which line."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from povsim.commands import app


def said(*words: str) -> list[str]:
    ran = CliRunner().invoke(app, ["units", *words])
    assert ran.exit_code == 0, ran.output
    return ran.output.splitlines()


@pytest.mark.parametrize(
    ("day", "count", "first"),
    [
        (
            "30/06/2025",
            7,
            "23479@2021-01-01  thị trấn Đăk Rve  thuộc huyện Kon Rẫy, tỉnh Kon Tum; thành thị, "
            "chuẩn thu nhập 2.000.000 đồng/người/tháng",
        ),
        (
            "2025-07-01",
            3,
            "23479@2025-07-01  xã Đăk Rve*  thuộc tỉnh Quảng Ngãi*; nông thôn, "
            "chuẩn thu nhập 1.500.000 đồng/người/tháng",
        ),
        (
            "2027-12-31",
            3,
            "23479@2025-07-01  xã Đăk Rve*  thuộc tỉnh Quảng Ngãi*; nông thôn, "
            "chuẩn thu nhập 2.200.000 đồng/người/tháng",
        ),
    ],
)
def test_the_plans_units_on_a_day(day: str, count: int, first: str) -> None:
    head, *lines = said("--on", day)
    assert head.startswith(f"{count} xã, thị trấn vào ngày ")
    assert lines[0] == first
    assert len(lines) == 2 * count


def test_what_is_not_on_file_is_said_so() -> None:
    assert "chưa có trong danh mục" in said("--on", "2024-01-01")[2]
    assert "not on file" in said("--on", "2024-01-01", "--lang", "en")[2]
