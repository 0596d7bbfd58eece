"""Writes the pages on the standard anew, from the rules and the cases of `test_who_is_poor`."""

from __future__ import annotations

from test_who_is_poor import DOCS, PAGES, cases

from povsim.poverty.manual import page

if __name__ == "__main__":
    for lang, name in PAGES.items():
        (DOCS / name).write_text(page(lang, cases()), "utf-8")
