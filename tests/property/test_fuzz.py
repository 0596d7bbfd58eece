"""Whatever is sent: a release, or a refusal that says why in both languages. Nothing else.

The everyday run takes the same few cases each time; `make test-slow` takes thousands of new ones.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import copies
import fuzzing
import pytest
from fuzzing import Case, Typist, Worker
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

SORTS = 4
campaign = settings(
    max_examples=max(fuzzing.CASES // SORTS, 1),
    derandomize="POVSIM_FUZZ" not in os.environ,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # a case that hangs is not run again
    suppress_health_check=list(HealthCheck),
    print_blob=True,
    database=None,
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace of one commune."""
    folder = tmp_path_factory.mktemp("home")
    copies.script("province").write(folder, 1, [fuzzing.YEAR])
    return folder


@pytest.fixture(scope="module")
def book(home: Path) -> Path:
    return home / "workbooks" / str(fuzzing.YEAR) / "90001.xlsx"


@pytest.fixture(scope="module")
def books(book: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The commune's workbook in every format that can be made here, by name."""
    folder = tmp_path_factory.mktemp("books")
    text = copies.csvs([book], folder, copies.utf8)[0]
    made = {path.name: path.read_bytes() for path in (book, text)}
    try:
        for name in ("office.xlsx", "90001.xls", "90001.ods"):
            (path,) = copies.office([book], folder, name.partition(".")[2])
            made[name] = path.read_bytes()
    except pytest.skip.Exception:
        pass  # without LibreOffice there are two formats less
    return made


@pytest.fixture(scope="module")
def typist(book: Path) -> Typist:
    return Typist(book)


@pytest.fixture(scope="module")
def worker(home: Path) -> Iterator[Worker]:
    with fuzzing.worker(home) as started:
        yield started


@pytest.fixture(autouse=True)
def nothing_is_left_behind(book: Path, worker: Worker) -> Iterator[None]:
    """The good workbook is taken in before all the broken ones, and after them."""
    yield
    assert worker.verdict(Case(book.name, book.read_bytes())) == "release"


def hold(worker: Worker, case: Case) -> None:
    told = worker.verdict(case)
    if told not in ("release", "refusal"):
        pytest.fail(f"{case} kept at {_kept(case)}: {told}")


def _kept(case: Case) -> Path:
    """A case that broke the promise stays where it can be sent again."""
    folder = Path(os.environ.get("POVSIM_FUZZ_KEEP", "/tmp")) / "povsim-fuzz"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{abs(hash(case.content)):016x}-{case.name}"
    path.write_bytes(case.content)
    return path


def test_the_good_workbook_makes_a_release(book: Path, worker: Worker):
    assert worker.verdict(Case(book.name, book.read_bytes())) == "release"


def test_a_broken_code_row_is_not_remembered(home: Path, worker: Worker, typist: Typist):
    """TRUE equals 1 to Python, so a cache of code rows may take one for the other."""
    typed = typist.typed("F1", {(9, 3): True})
    with fuzzing.worker(home) as fresh:
        assert fresh.verdict(Case("90001.xlsx", typed)) == "refusal"
        assert fresh.verdict(Case("90001.xlsx", typist.typed("F1", {}))) == "release"
    assert worker.verdict(Case("90001.xlsx", typed)) == "refusal"


@pytest.mark.parametrize("name", list(fuzzing.BOMBS))
def test_a_small_file_that_asks_for_much(name: str, worker: Worker, books: dict[str, bytes]):
    if fuzzing.BOMBS[name][0] not in books:
        pytest.skip("LibreOffice is not installed here")
    case = fuzzing.bomb(name, books)
    assert case.content != books[case.name]
    hold(worker, case)


@pytest.mark.parametrize("folder", ["sheets", "Worksheets"])
def test_a_far_cell_on_a_sheet_kept_elsewhere(folder: str, worker: Worker, books: dict[str, bytes]):
    hold(worker, fuzzing.moved_bomb(books, folder))


def test_files_that_swell(worker: Worker, books: dict[str, bytes]):
    for case in fuzzing.swollen(books):
        hold(worker, case)


@campaign
@given(data=st.data())
def test_anything_typed_anywhere(data: st.DataObject, worker: Worker, typist: Typist):
    hold(worker, data.draw(fuzzing.typed(typist)))


@campaign
@given(case=fuzzing.tables())
def test_any_text_file(case: Case, worker: Worker):
    hold(worker, case)


@campaign
@given(data=st.data())
def test_broken_bytes(data: st.DataObject, worker: Worker, books: dict[str, bytes]):
    hold(worker, data.draw(fuzzing.broken(books)))


@campaign
@given(data=st.data())
def test_broken_parts(data: st.DataObject, worker: Worker, books: dict[str, bytes]):
    hold(worker, data.draw(fuzzing.packages(books)))
