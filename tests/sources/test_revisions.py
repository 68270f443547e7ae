"""Files that a publisher replaced: each replacement is told, with what there was before."""

import csv

import duckdb
import pytest

from flows import catalogue, revisions, staging
from flows.snapshots import Store

CRIME = "police_crime"
JAN = "2026-01-exampleshire-street.csv"


@pytest.fixture(scope="module")
def book():
    return catalogue.read("exampleshire")


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "snapshots")


def enter(store, content, *, name=JAN, edition="2026-01", source=CRIME):
    snapshot = store.keep(source, "street", name, "https://x.example/", content, edition)
    store.accept(snapshot)
    return snapshot


def found(store, source=CRIME):
    """name: bytes before and after, for each replacement."""
    return [
        (r.before.name, store.path(r.before).read_bytes(), store.path(r.after).read_bytes())
        for r in revisions.revisions(store, source)
    ]


def test_other_bytes_under_the_same_name_are_a_revision_and_the_same_bytes_are_none(store):
    enter(store, b"old")
    enter(store, b"old", edition="2026-02")
    enter(store, b"new", edition="2026-03")
    enter(store, b"feb", name="2026-02-exampleshire-street.csv", edition="2026-03")
    enter(store, b"newer", edition="2026-04")
    assert found(store) == [(JAN, b"old", b"new"), (JAN, b"new", b"newer")]


def test_an_older_edition_that_is_found_later_replaces_nothing(store):
    enter(store, b"new", edition="2026-03")
    enter(store, b"old", edition="2026-01")
    assert found(store) == []


def test_a_file_that_is_put_back_is_a_revision_too(store):
    for content in (b"one", b"two", b"one"):
        enter(store, content)
    assert found(store) == [(JAN, b"one", b"two"), (JAN, b"two", b"one")]


def written(store, book, tmp_path):
    path = tmp_path / "revisions.csv"
    with duckdb.connect() as con:
        revisions.write(con, book, store, tmp_path / "staged", path)
    return list(csv.DictReader(path.open()))


def stage(book, tmp_path, snapshot, rows):
    out = staging.staged_path(book.source[CRIME], snapshot, tmp_path / "staged")
    out.parent.mkdir(parents=True, exist_ok=True)
    duckdb.sql(f"from range({rows})").write_parquet(str(out))


def test_each_revision_is_told_with_hash_edition_bytes_and_rows(store, book, tmp_path):
    first, second = enter(store, b"old"), enter(store, b"newer", edition="2026-02")
    stage(book, tmp_path, first, 3)
    stage(book, tmp_path, second, 5)
    (row,) = written(store, book, tmp_path)
    assert row == {
        "source": CRIME,
        "file": JAN,
        "sha256_before": first.sha256[:12],
        "edition_before": "2026-01",
        "fetched_at_before": first.fetched_at,
        "size_before": "3",
        "rows_before": "3",
        "sha256_after": second.sha256[:12],
        "edition_after": "2026-02",
        "fetched_at_after": second.fetched_at,
        "size_after": "5",
        "rows_after": "5",
    }


@pytest.mark.parametrize("staged", [(), (0,), (1,)])
def test_rows_are_told_only_where_both_files_are_still_staged(store, book, tmp_path, staged):
    both = enter(store, b"old"), enter(store, b"new")
    for which in staged:
        stage(book, tmp_path, both[which], 3)
    (row,) = written(store, book, tmp_path)
    assert (row["rows_before"], row["rows_after"]) == ("", "")


def test_nothing_replaced_is_a_table_without_a_row(store, book, tmp_path):
    enter(store, b"old")
    assert written(store, book, tmp_path) == []
    assert (tmp_path / "revisions.csv").read_text().startswith("source,file,sha256_before")


def test_what_was_replaced_since_the_last_release_is_said_in_a_sentence(store, book):
    shown = [enter(store, b"old", name=f"2026-0{n}-exampleshire-street.csv") for n in (1, 2, 3)]
    manifest = {"snapshots": [vars(s) for s in shown]}
    assert revisions.since(manifest, book, store) == []
    enter(store, b"april", name="2026-04-exampleshire-street.csv")
    assert revisions.since(manifest, book, store) == []
    told = []
    for n in (1, 2):
        enter(store, b"new", name=f"2026-0{n}-exampleshire-street.csv")
        told += revisions.since(manifest, book, store)
    assert told == [
        "Street-level crime: 1 file was replaced by the publisher since the last release"
        " (quality/revisions.csv).",
        "Street-level crime: 2 files were replaced by the publisher since the last release"
        " (quality/revisions.csv).",
    ]
    assert revisions.since({}, book, store) == []
