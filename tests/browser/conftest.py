"""One browser and one server for all browser tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from browser_witness import CHROMIUM, FLAGS, Witness, serving
from playwright.sync_api import Browser, Page, sync_playwright


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine; install it and run make test again")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def server(sample_store: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(sample_store, tmp_path_factory.mktemp("voila") / "log") as url:
        yield url


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[[str, int], Witness]]:
    opened: list[Page] = []

    def open_page(url: str, width: int) -> Witness:
        page = browser.new_page(viewport={"width": width, "height": 900})
        opened.append(page)
        witness = Witness(page)
        witness.watch(url)
        page.goto(url, timeout=120_000)
        page.wait_for_selector(".pv-page, .pv-failed", timeout=120_000)
        return witness

    yield open_page
    for page in opened:
        page.close()
