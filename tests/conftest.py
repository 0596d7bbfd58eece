"""What tests share: the repository as workspace, the plan, the sample, a store of their own."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from postgres_server import new_database, postgres_server

from povsim import plan as plans
from povsim.intake import ingest
from povsim.plan import Plan
from povsim.store import Store

REPO = Path(__file__).parents[1]

settings.register_profile("povsim", deadline=None)  # time is measured elsewhere
settings.load_profile("povsim")


@pytest.fixture(scope="session", autouse=True)
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The repository is the workspace; its own store (output/) is out of reach."""
    url = f"sqlite:///{tmp_path_factory.mktemp('default')}/povsim.sqlite"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("POVSIM_HOME", str(REPO))
        patch.setenv("POVSIM_STORE", url)
        yield REPO


@pytest.fixture(scope="session")
def sample(workspace: Path) -> Path:
    """The sample workbooks, `<year>/<code>.xlsx`; never written to."""
    return workspace / "data" / "sample"


@pytest.fixture(scope="session")
def plan() -> Plan:
    """The plan of Kon Rẫy."""
    return plans.load()


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """An empty store."""
    return Store(f"sqlite:///{tmp_path}/store/povsim.sqlite")


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A real PostgreSQL server of the session's own, as the URL of its first database."""
    with postgres_server() as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.xdist_group("pg"))])
def new_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a store that is not there yet, in each of the two databases."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/new/povsim.sqlite"
    return new_database(request.getfixturevalue("postgres"))


@pytest.fixture(scope="session")
def sample_store(sample: Path, plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The URL of a store that holds the sample as release 1."""
    url = f"sqlite:///{tmp_path_factory.mktemp('sample')}/povsim.sqlite"
    ingest(sorted(sample.glob("20*/*.xlsx")), plan, Store(url), sender="test")
    return url


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 2 MB; skips where we may not mount one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no right to mount a small disk here")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)
