"""The house keeps its shape: layers, pins, clean notebooks, nothing from outside."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted([*ROOT.glob("notebooks/*.ipynb"), *ROOT.glob("dashboards/*.ipynb")])
CONDA_NAMES = {"typst": "typst-py", "playwright": "playwright-python"}
RUN_TIME = [
    *ROOT.glob("src/povsim/**/*.css"),
    *ROOT.glob("src/povsim/**/*.j2"),
    *ROOT.glob("src/povsim/**/*.typ"),
    *ROOT.glob("dashboards/**/*.j2"),
    *NOTEBOOKS,
]


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [ROOT / name for name in listed.stdout.split("\0") if name]


@pytest.mark.parametrize(
    "command",
    [
        ["lint-imports"],
        ["ruff", "check", "."],
        ["ruff", "format", "--check", "."],
        ["mypy"],
    ],
    ids=" ".join,
)
def test_checks_are_green(command: list[str]) -> None:
    tool = Path(sys.executable).parent / command[0]
    ran = subprocess.run(
        [tool, *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_environment_says_what_pyproject_says() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["test"]]
    expected = {f"python {project['requires-python']}", "pip"}
    for requirement in wanted:
        name, ranges = re.fullmatch(r"([a-z0-9-]+)(?:\[\w+\])?(.*)", requirement).groups()
        expected.add(f"{CONDA_NAMES.get(name, name)} {ranges}")
    lines = (ROOT / "environment.yml").read_text("utf-8").splitlines()
    start = lines.index("dependencies:")
    assert {line.removeprefix("  - ") for line in lines[start + 1 :]} == expected


def test_every_locked_version_has_hashes_and_no_address() -> None:
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    blocks = re.split(r"\n(?=[a-z0-9])", lock)
    pinned = [block for block in blocks if re.match(r"[a-z0-9][\w.-]*==", block)]
    assert len(pinned) > 50
    assert [block.split()[0] for block in pinned if "--hash=sha256:" not in block] == []
    assert "://" not in lock


def test_every_requirement_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    locked = set(re.findall(r"^([a-z0-9-]+)==", lock, re.M))
    extras = project["optional-dependencies"]
    wanted = [*project["dependencies"], *extras["test"], *extras["dev"]]
    names = {re.match(r"[a-z0-9-]+", requirement)[0] for requirement in wanted}
    assert names - locked == set()


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_notebooks_tell_and_hold_nothing(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert code
    for cell in code:
        assert cell.outputs == []
        assert cell.execution_count is None
        assert not re.search(r"^\s*(def|class|for|while)\b", cell.source, re.M), cell.source
    if path.parent.name == "notebooks":
        assert [cell for cell in code if "parameters" in cell.metadata.get("tags", [])]


@pytest.mark.parametrize("path", RUN_TIME, ids=lambda path: path.name)
def test_nothing_is_fetched_at_run_time(path: Path) -> None:
    content = path.read_text("utf-8")
    addresses = re.findall(r"(?:https?:)?//[a-z0-9.-]+\.[a-z]{2,}[^\s\"')]*", content)
    assert [a for a in addresses if "w3.org" not in a] == []


def test_no_registry_host_and_no_machine_path_in_any_file() -> None:
    hosts = ["pypi" + ".org", "python" + "hosted", "registry." + "npmjs", "deb." + "debian"]
    paths = [rf"/{folder}/" for folder in ("root", "work", "tmp", "home")]
    rule = re.compile("|".join([*map(re.escape, hosts), *(rf"(?<![\w.:/]){p}" for p in paths)]))
    found = {}
    for path in tracked():
        if path.suffix in {".ttf", ".xlsx", ".png", ".sqlite"} or not path.is_file():
            continue
        # A Parquet file holds its remarks as text among packed bytes.
        errors = "ignore" if path.suffix == ".parquet" else "strict"
        hits = rule.findall(path.read_text("utf-8", errors))
        if hits and path.name not in {Path(__file__).name, "requirements.lock"}:
            found[path.relative_to(ROOT).as_posix()] = hits
    assert found == {}


def test_the_door_opens_every_name_it_lists() -> None:
    import povsim

    assert all(getattr(povsim, name) is not None for name in povsim.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        povsim.nothing  # noqa: B018


def test_importing_povsim_is_light() -> None:
    heavy = ["pandas", "altair", "sqlalchemy", "papermill", "statsmodels", "scipy"]
    script = (
        f"import sys, povsim, json; print(json.dumps([m for m in {heavy} if m in sys.modules]))"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert json.loads(ran.stdout) == []
