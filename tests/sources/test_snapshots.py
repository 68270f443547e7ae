"""Every reply kept byte for byte, under its own hash, and never overwritten."""

import hashlib
import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.snapshots import Store

URL = "https://publisher.example/a.csv"


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "snapshots")


def keep(store, content, *, name="a.csv", edition="", source="police_crime", table="street"):
    return store.keep(source, table, name, URL, content, edition)


def enter(store, content, **about):
    """Keep and accept; whether it was news."""
    return store.accept(keep(store, content, **about))


def current(store, source="police_crime"):
    """name -> the bytes that are current."""
    return {n: store.path(s).read_bytes() for n, s in store.current(source).items()}


def index(store):
    return store.folder / "police_crime" / "index.jsonl"


def test_the_bytes_lie_under_their_own_hash(store):
    snapshot = keep(store, b"\x00one\r\n")
    path = store.path(snapshot)
    assert path.read_bytes() == b"\x00one\r\n"
    assert path.stem == snapshot.sha256 == hashlib.sha256(b"\x00one\r\n").hexdigest()
    assert (path.suffix, path.parent.name) == (".csv", "police_crime")
    assert (snapshot.size, snapshot.url, snapshot.table) == (6, URL, "street")
    assert snapshot.fetched_at.endswith("+00:00")


def test_a_file_and_its_bytes_are_the_same_snapshot(store, tmp_path):
    path = tmp_path / "given.csv"
    path.write_bytes(b"one" * 700_000)  # more than one chunk
    from_file, from_bytes = keep(store, path), keep(store, path.read_bytes())
    assert from_file.sha256 == from_bytes.sha256
    assert store.path(from_file).read_bytes() == path.read_bytes()


def test_what_was_kept_is_never_written_again(store):
    path = store.path(keep(store, b"one"))
    before = path.stat()
    keep(store, b"one", name="another name.csv", edition="2026-01")
    assert path.stat().st_mtime_ns == before.st_mtime_ns
    assert path.stat().st_ino == before.st_ino
    assert len(list(path.parent.iterdir())) == 1


def test_a_part_left_by_a_killed_run_is_written_over(store):
    path = store.path(keep(store, b"one"))
    path.rename(path.with_name(f"{path.name}.part"))
    path.with_name(f"{path.name}.part").write_bytes(b"o")
    keep(store, b"one")
    assert path.read_bytes() == b"one"
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_a_kept_reply_is_not_current_until_it_is_accepted(store):
    snapshot = keep(store, b"one")
    assert store.current("police_crime") == {}
    assert store.accept(snapshot)
    assert store.current("police_crime") == {"a.csv": snapshot}


def test_unchanged_content_changes_nothing(store):
    assert enter(store, b"one", edition="2026-01")
    before = index(store).read_bytes()
    assert not enter(store, b"one", edition="2026-01")
    assert index(store).read_bytes() == before


def test_changed_content_of_the_same_edition_replaces_it_and_the_old_stays(store):
    enter(store, b"one")
    enter(store, b"two")
    assert current(store) == {"a.csv": b"two"}
    assert [store.path(s).read_bytes() for s in store.history("police_crime")] == [b"one", b"two"]


def test_the_newest_edition_wins_however_late_an_older_one_is_pulled(store):
    enter(store, b"new", edition="2026-08")
    enter(store, b"old", edition="2025-12")
    assert current(store) == {"a.csv": b"new"}
    enter(store, b"newer", edition="2026-09")
    assert current(store) == {"a.csv": b"newer"}


def test_an_older_edition_is_entered_once_however_often_it_lies_in_the_inbox(store):
    """Two archives in the inbox, a month in both: the second refresh has nothing new to say."""
    both = [(b"old", "2025-12"), (b"new", "2026-08")]
    assert [enter(store, content, edition=e) for content, e in both] == [True, True]
    before = index(store).read_bytes()
    assert [enter(store, content, edition=e) for content, e in both] == [False, False]
    assert index(store).read_bytes() == before


def test_a_reply_that_went_back_to_an_earlier_content_is_news(store):
    """A publisher withdraws a correction: the same bytes as before, current again."""
    enter(store, b"one")
    enter(store, b"two")
    assert enter(store, b"one")
    assert current(store) == {"a.csv": b"one"}


def test_names_and_sources_do_not_touch_each_other(store):
    enter(store, b"one", name="a.csv")
    enter(store, b"two", name="b.csv")
    enter(store, b"three", source="price_paid")
    assert current(store) == {"a.csv": b"one", "b.csv": b"two"}
    assert current(store, "price_paid") == {"a.csv": b"three"}
    assert current(store, "fingertips") == {}


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.98])
def test_a_line_that_a_killed_run_left_half_written_is_passed_over(store, share):
    enter(store, b"one")
    whole = index(store).read_text("utf-8")
    enter(store, b"two", name="b.csv")
    line = index(store).read_text("utf-8").removeprefix(whole)
    index(store).write_text(whole + line[: int(len(line) * share)], encoding="utf-8")
    assert current(store) == {"a.csv": b"one"}


@pytest.mark.parametrize("left", ['{"source": "police_crime", "tab', "{}", "7", '"x"', ""])
def test_what_is_accepted_after_a_kill_is_not_lost_with_the_half_line(store, left):
    enter(store, b"one")
    with index(store).open("a", encoding="utf-8") as stream:
        stream.write(left)
    assert enter(store, b"two", name="b.csv")
    assert current(store) == {"a.csv": b"one", "b.csv": b"two"}


def test_every_line_says_where_and_when(store):
    enter(store, b"one", edition="2026-01")
    line = json.loads(index(store).read_text("utf-8"))
    assert {"source", "name", "sha256", "size", "url", "edition", "fetched_at"} <= set(line)


PULLS = st.lists(
    st.tuples(
        st.sampled_from(["a.csv", "b.csv"]),
        st.sampled_from(["", "2025-12", "2026-01", "2026-02"]),
        st.sampled_from([b"one", b"two", b"three"]),
    ),
    max_size=12,
)


@settings(deadline=None, max_examples=60)
@given(PULLS)
def test_whatever_is_pulled_the_newest_edition_last_accepted_is_current(pulls):
    with tempfile.TemporaryDirectory() as folder:
        store, expected, lines = Store(Path(folder)), {}, b""
        for name, edition, content in pulls:
            news = enter(store, content, name=name, edition=edition)
            if edition >= expected.get(name, ("", b""))[0]:
                assert news == (expected.get(name) != (edition, content))
                expected[name] = (edition, content)
            assert current(store) == {n: c for n, (_, c) in sorted(expected.items())}
            if pulls:
                now = index(store).read_bytes()
                assert now.startswith(lines)  # only ever added to
                lines = now
