"""A register that names people is refused before anything is done with it, and nothing of what it
says is written anywhere: planted names and numbers, and a search of every byte.
"""

from __future__ import annotations

import logging
import random
import uuid
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from register_cases import house, tables, write_csv, write_parquet
from test_personal_data import PEOPLE, SECRETS, written
from typer.testing import CliRunner

from povsim import registers
from povsim.commands import app
from povsim.findings import Refusal
from povsim.forms.names import bare

NAMES, IDENTITIES, PHONES = (list(column) for column in zip(*PEOPLE, strict=True))
WORDS = ["Brech", "Hlan", "Ngay", *SECRETS, *(phone[1:4] + "." + phone[4:7] for phone in PHONES)]
"""What must not be found: the words of names with and without marks, numbers however parted."""
Spoil = Callable[[Path], None]


def good() -> dict[str, pd.DataFrame]:
    return tables([house("poor"), house("near_poor"), house("not_poor")])


def csv(change: Callable[[dict[str, pd.DataFrame]], object]) -> Spoil:
    """A register of .csv files, changed."""

    def work(folder: Path) -> None:
        found = good()
        change(found)
        write_csv(folder, found)

    return work


def keys(values: list[str]) -> Spoil:
    """Other keys, in both tables."""

    def change(found: dict[str, pd.DataFrame]) -> None:
        renamed = dict(zip(found["households"]["household"], values, strict=True))
        for table in found.values():
            table["household"] = table["household"].map(renamed)

    return csv(change)


def column(table: str, name: str, values: list[object]) -> Spoil:
    def change(found: dict[str, pd.DataFrame]) -> None:
        many = (values * len(found[table]))[: len(found[table])]
        found[table][name] = pd.Series(many, dtype=object)

    return csv(change)


def parquet(change: Callable[[pd.DataFrame, Path], object]) -> Spoil:
    """A register of .parquet files whose households are written in another way."""

    def work(folder: Path) -> None:
        write_parquet(folder, good())
        path = folder / "households.parquet"
        change(pd.read_parquet(path), path)

    return work


def with_metadata(table: pd.DataFrame, path: Path) -> None:
    made = pa.Table.from_pandas(table, preserve_index=False)
    told = {b"note": f"chủ hộ {NAMES[2]}".encode()}
    pq.write_table(made.replace_schema_metadata(told), path)


def with_field_metadata(table: pd.DataFrame, path: Path) -> None:
    made = pa.Table.from_pandas(table, preserve_index=False)
    field = made.schema.field(0).with_metadata({"contact": PHONES[0]})
    pq.write_table(made.cast(made.schema.set(0, field)), path)


def spaced(number: str) -> str:
    return f"{number[:4]} {number[4:7]} {number[7:]}"


def dotted(number: str) -> str:
    return f"{number[:4]}.{number[4:7]}.{number[7:]}"


PLANTED: dict[str, Spoil] = {
    "a column of names": column("households", "Họ và tên chủ hộ", NAMES),
    "a column of names under another heading": column("households", "ghi_chu", NAMES),
    "names of members": column("members", "tt", NAMES),
    "identity numbers": column("households", "ma_so", IDENTITIES),
    "telephone numbers with spaces": column("households", "x", list(map(spaced, PHONES))),
    "telephone numbers with points": column("members", "x", list(map(dotted, PHONES))),
    "birthdays": column("members", "ngay_sinh", ["01/02/1980"]),
    "an address": column("households", "diaChi", [f"nhà {NAMES[0]}"]),
    "a heading in English": column("households", "Phone", PHONES),
    "a name for a people": column("households", "people", ["kinh", NAMES[1], "kinh"]),
    "a name for a yes": column("members", "insured", [True, NAMES[2]]),
    "a number for a size": column("households", "persons", [4, PHONES[0], 4]),
    "a number for an area": column("households", "floor_area_m2", [80, spaced(PHONES[1]), 80]),
    "a name for a unit": column("households", "unit", [NAMES[0], "23482", "23482"]),
    "a name as a heading": column("households", NAMES[2], ["x"]),
    "keys that are names": keys(NAMES),
    "keys made of names": keys([f"{bare(name).replace(' ', '-')}1" for name in NAMES]),
    "keys of names run together": keys([f"{bare(NAMES[2]).replace(' ', '')}{n}" for n in range(3)]),
    "one such key": keys(["h1", "h2", bare(NAMES[2]).replace(" ", "_").lower() + "7"]),
    "keys that are telephone numbers": keys(PHONES),
    "keys that hide telephone numbers": keys(["H1", "H2", f"H{PHONES[0]}"]),
    "keys that hide identity numbers": keys([f"KR-{number}" for number in IDENTITIES]),
    "keys of numbers with points": keys(["h1", "h2", f"h.{dotted(PHONES[2])}"]),
    "an index of names": parquet(lambda t, p: t.set_index(pd.Index(NAMES)).to_parquet(p)),
    "a named index": parquet(lambda t, p: t.set_index(pd.Index(NAMES, name="ten")).to_parquet(p)),
    "categories": parquet(
        lambda t, p: t.assign(loai=pd.Categorical(NAMES)).to_parquet(p, index=False)
    ),
    "numbers that are numbers": parquet(
        lambda t, p: t.assign(income_vnd=[int(n) for n in PHONES]).to_parquet(p, index=False)
    ),
    "remarks on the file": parquet(with_metadata),
    "remarks on a column": parquet(with_field_metadata),
}
BROKEN: dict[str, Spoil] = {  # refused for what the file is; nothing of it is told either
    "a list of names in a cell": parquet(
        lambda t, p: t.assign(x=[[name] for name in NAMES]).to_parquet(p, index=False)
    ),
    "names as bytes": parquet(
        lambda t, p: t.assign(x=[n.encode() for n in NAMES]).to_parquet(p, index=False)
    ),
}


def without_headings(folder: Path) -> None:
    csv(lambda t: t["households"].insert(0, "ten", NAMES))(folder)
    path = folder / "households.csv"
    path.write_text("\n".join(path.read_text("utf-8").splitlines()[1:]), "utf-8")


def wider_rows(folder: Path) -> None:
    write_csv(folder, good())
    with (folder / "households.csv").open("a", encoding="utf-8") as file:
        file.write(",".join([NAMES[0], *IDENTITIES] * 20))


def in_old_letters(folder: Path) -> None:
    write_csv(folder, good())
    with (folder / "households.csv").open("ab") as file:
        file.write(f"Hé nghÌo tæng sè hé d©n c­ {PHONES[0]} §inh ThÞ Ng¸y".encode("latin-1") * 3)


def cut_short(folder: Path) -> None:
    PLANTED["categories"](folder)
    path = folder / "households.parquet"
    path.write_bytes(path.read_bytes()[:-30])


BROKEN |= {
    "no heading line": without_headings,
    "rows of another width": wider_rows,
    "old letters": in_old_letters,
    "a file cut short": cut_short,
}


def told(text: str | bytes) -> list[str]:
    text = text.decode("utf-8", "ignore") if isinstance(text, bytes) else text
    return [word for word in WORDS if word in text]


def refused(folder: Path) -> Refusal:
    with pytest.raises(Refusal) as refusal:
        registers.read(folder, 2024)
    return refusal.value


@pytest.mark.parametrize("plant", PLANTED.values(), ids=PLANTED.keys())
def test_people_are_the_only_reason_told(tmp_path, plant):
    plant(tmp_path)
    refusal = refused(tmp_path)
    assert {finding.rule for finding in refusal.findings} == {"register_personal"}
    for lang, page in (("vi", "docs/so-ho.md"), ("en", "docs/household-register.md")):
        assert all(page in finding.next_step(lang) for finding in refusal.findings)
        assert told(refusal.text(lang)) == []


@pytest.mark.parametrize("plant", [*PLANTED.values(), *BROKEN.values()], ids=[*PLANTED, *BROKEN])
def test_nothing_of_it_is_written_anywhere(tmp_path, monkeypatch, caplog, capfd, plant):
    caplog.set_level(logging.DEBUG)
    given, there = tmp_path / "given", tmp_path / "there"
    plant(given)
    there.mkdir()
    monkeypatch.chdir(there)
    monkeypatch.setenv("TMPDIR", str(there))
    words = [str(given), "--year", "2024", "--out", "o", "--open", "ask.csv"]
    for lang in ("vi", "en"):
        ran = CliRunner().invoke(app, ["register", *words, "--lang", lang])
        assert isinstance(ran.exception, Refusal), ran.output
        assert told(ran.exception.text(lang) + ran.output + str(ran.exc_info)) == []
        assert told(repr(ran.exception.findings)) == []
        assert ran.exception.__cause__ is None
        assert ran.exception.__context__ is None or ran.exception.__suppress_context__
    assert told("".join(capfd.readouterr()) + caplog.text) == []
    assert written(there) == b""


def test_the_search_finds_what_was_planted(tmp_path):
    PLANTED["a column of names"](tmp_path)
    assert told(written(tmp_path))


def test_the_register_of_the_last_review_is_looked_at_too(tmp_path):
    write_csv(tmp_path / "now", good())
    PLANTED["keys that are telephone numbers"](tmp_path / "then")
    words = [str(tmp_path / "now"), "--year", "2024", "--before", str(tmp_path / "then")]
    ran = CliRunner().invoke(app, ["register", *words, "--out", str(tmp_path / "o")])
    assert {f.rule for f in ran.exception.findings} == {"register_personal"}
    assert not (tmp_path / "o").exists()


# --- What is no name and no number ----------------------------------------------------------------


DICE = random.Random(7)
ORDINARY = {
    "numbered": lambda n: f"H{n:04}",
    "with the code of the unit": lambda n: f"23482-H{n:04}",
    "the code run together": lambda n: f"KR23482{n:04}",
    "with the village": lambda n: f"thon-{n % 9}-ho-{n}",
    "with the name of the commune": lambda n: f"dak-koi.{n}",
    "twelve digits from nought": lambda n: f"H{n:012}",
    "digests": lambda _: f"M0{DICE.getrandbits(40):010x}",
    "long digests": lambda _: f"{DICE.getrandbits(128):032x}",
    "identities of machines": lambda _: str(uuid.UUID(int=DICE.getrandbits(128))),
}


@pytest.mark.parametrize("make", ORDINARY.values(), ids=ORDINARY.keys())
def test_ordinary_keys_are_taken(tmp_path, make):
    rows = [house("not_poor", {"household": make(n)}, []) for n in range(1, 4001)]
    write_csv(tmp_path, tables(rows))
    assert len(registers.read(tmp_path, 2024).households) == 4000


def test_a_number_hidden_among_digests_stands_out(tmp_path):
    many = [ORDINARY["digests"](n) for n in range(2000)]
    rows = [house("not_poor", {"household": key}, []) for key in [*many, f"M{PHONES[0]}"]]
    write_csv(tmp_path, tables(rows))
    assert {f.rule for f in refused(tmp_path).findings} == {"register_personal"}
