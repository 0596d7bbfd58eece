"""Charts as pictures: Vega-Lite to SVG and PNG, offline, in the type the package brings along."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

from povsim.i18n import Lang

FONTS = Path(__file__).parents[1] / "fonts"
CHART_FONT = "Noto Sans, Arial, sans-serif"
"""For a chart that names none; the first is ours, the others serve a browser without it."""
PIXELS_PER_INCH = 96
PRINT_DPI = 220
FULL_WIDTH = 560
"""Pixels for a chart that asks for the width of its container; with its axis, a line of text."""

NUMBERS: dict[Lang, dict[str, Any]] = {
    "vi": {
        "decimal": ",",
        "thousands": ".",
        "grouping": [3],
        "currency": ["", "\N{NO-BREAK SPACE}₫"],
        "percent": "\N{NO-BREAK SPACE}%",
    },
    "en": {"decimal": ".", "thousands": ",", "grouping": [3], "currency": ["", " VND"]},
}


def svg(spec: dict[str, Any], language: Lang) -> str:
    """A chart as SVG text with numbers as the language writes them; nothing is fetched.

    Raises:
        ValueError: the spec is not valid Vega-Lite, or names data outside itself.
    """
    converter = _converter()
    found: str = converter.vegalite_to_svg(
        _prepared(spec),
        allowed_base_urls=[],
        format_locale=NUMBERS[language],
        time_format_locale="vi-VN" if language == "vi" else "en-GB",
    )
    return found


def png(picture: str) -> bytes:
    """The SVG text as PNG of 220 dots an inch, at its size of 96 pixels an inch."""
    scale = 72 / PIXELS_PER_INCH
    found: bytes = _converter().svg_to_png(picture, scale=scale, ppi=PRINT_DPI)
    return found


def size_mm(picture: str) -> tuple[float, float]:
    """The width and height of an SVG text that gives them in pixels, in millimetres."""
    sizes = [re.search(rf'<svg[^>]*\s{name}="([\d.]+)"', picture) for name in ("width", "height")]
    width, height = (float(found[1]) * 25.4 / PIXELS_PER_INCH for found in sizes if found)
    return width, height


def fitted_mm(picture: str, width: float, height: float) -> tuple[float, float]:
    """The size of a picture in millimetres, made smaller where it would pass the bounds."""
    natural = size_mm(picture)
    scale = min(1.0, width / natural[0], height / natural[1])
    return natural[0] * scale, natural[1] * scale


def _prepared(spec: dict[str, Any]) -> dict[str, Any]:
    # The converter's own screen-reader texts are English; each writer puts the author's instead.
    config = {"font": CHART_FONT, **spec.get("config", {}), "aria": False}
    width = FULL_WIDTH if spec.get("width") == "container" else spec.get("width")
    return {**spec, "config": config} | ({} if width is None else {"width": width})


@cache
def _converter() -> Any:
    import vl_convert

    vl_convert.register_font_directory(str(FONTS))
    return vl_convert
