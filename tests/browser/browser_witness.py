"""A real Voila on a free port, a real browser, and a witness of everything the page does."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Page

ROOT = Path(__file__).parents[2]
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def serving(store: str, log: Path) -> Iterator[str]:
    """The leaders' page as `make dashboard` serves it, on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [Path(sys.executable).parent / "voila", "overview.ipynb", f"--port={port}"]
    environment = os.environ | {
        "POVSIM_STORE": store,
        "POVSIM_HOME": str(ROOT),
        "JUPYTER_PATH": str(ROOT / "dashboards" / "jupyter"),
    }
    with log.open("w") as out:
        server = subprocess.Popen(
            command, cwd=ROOT / "dashboards", env=environment, stdout=out, stderr=out
        )
        try:
            yield wait_for(f"http://127.0.0.1:{port}/voila/static/", server, log)
        finally:
            server.terminate()
            server.wait(timeout=30)


def wait_for(probe: str, server: subprocess.Popen[bytes], log: Path) -> str:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline and server.poll() is None:
        try:
            urllib.request.urlopen(probe, timeout=2)
        except urllib.error.HTTPError:
            return probe.removesuffix("voila/static/")
        except OSError:
            time.sleep(0.3)
    raise AssertionError(f"voila did not start:\n{log.read_text()}")


@dataclass
class Witness:
    """A page and all it said and asked for."""

    page: Page
    errors: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)

    def watch(self, origin: str) -> None:
        self.page.on("console", lambda m: self.errors.append(m.text) if m.type == "error" else None)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", lambda request: self._asked(request.url, origin))
        self.page.on("websocket", lambda socket: self._asked(socket.url, origin))

    def _asked(self, url: str, origin: str) -> None:
        here = (origin, origin.replace("http", "ws", 1), "data:", "blob:")
        if not url.startswith(here):
            self.outside.append(url)
