"""What the specs of the intake share: a good delivery, and a store that holds it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from povsim import intake, rules
from povsim.plan import Plan
from povsim.store import Store

Write = Callable[[str], None]


@pytest.fixture
def folder(sample: Path, tmp_path: Path) -> Path:
    """A good delivery, free to spoil: 2021-2024."""
    for year in range(2021, 2025):
        shutil.copytree(sample / str(year), tmp_path / str(year))
    return tmp_path


@pytest.fixture(scope="session")
def ingested(sample: Path, plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a store that holds the good delivery, made once."""
    folder = tmp_path_factory.mktemp("held")
    store = Store(f"sqlite:///{folder}/povsim.sqlite")
    intake.ingest(sorted(sample.glob("202[1-4]/*.xlsx")), plan, store, sender="huyện")
    return folder


@pytest.fixture
def held(ingested: Path, tmp_path: Path) -> Store:
    """A store of one's own that holds the good delivery."""
    shutil.copytree(ingested, tmp_path / "held")
    return Store(f"sqlite:///{tmp_path}/held/povsim.sqlite")


@pytest.fixture
def workspace_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """Make a workspace whose one file of rules is `data/<folder>/own.toml`."""

    def make(folder: str, content: str) -> None:
        (tmp_path / "data" / "plans").mkdir(parents=True)
        (tmp_path / "data" / folder).mkdir()
        (tmp_path / "data" / folder / "own.toml").write_text(content, "utf-8")
        monkeypatch.setenv("POVSIM_HOME", str(tmp_path))

    return make


@pytest.fixture
def own_standard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Write]:
    """Writes a province's own standard into a workspace of the test's own."""
    (tmp_path / "data/plans").mkdir(parents=True)
    (tmp_path / "data/standards").mkdir()
    monkeypatch.setenv("POVSIM_HOME", str(tmp_path))

    def write(content: str) -> None:
        (tmp_path / "data/standards/own.toml").write_text(content, "utf-8")
        rules.forget_own()

    yield write
    monkeypatch.undo()
    rules.forget_own()
