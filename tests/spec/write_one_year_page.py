"""Writes the pages that follow one household through one year anew, from the sample."""

from __future__ import annotations

import tempfile

from test_one_year import DOCS, PAGES, followed

from povsim import plan as plans
from povsim.intake import ingest
from povsim.report.one_year import page
from povsim.store import Store

if __name__ == "__main__":
    sample = DOCS.parent / "data" / "sample"
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/povsim.sqlite"
        ingest(sorted(sample.glob("20*/*.xlsx")), plans.load(), Store(url), sender="manual")
        told = followed(url)
        for lang, name in PAGES.items():
            (DOCS / name).write_text(page(lang, told), "utf-8")
