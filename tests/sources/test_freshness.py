"""What a refresh remembers of how publishers answered, so that the next one asks for no more than it
must, and for no less."""

import json
from datetime import datetime

import pytest

from flows import freshness
from flows.snapshots import Store

A, B, C = "https://x/a", "https://x/b", "https://x/c"


@pytest.fixture
def store(tmp_path):
    """A store in which the source has a file in hand."""
    store = Store(tmp_path)
    store.accept(store.keep("source", "t", "a.csv", A, b"1", ""))
    return store


def noted(store, learned, taken=(), faults=(), basis="b", began="2026-01-02"):
    freshness.note_asked(store, "source", basis, learned, set(taken), list(faults), began)
    return freshness.tokens(store, "source", basis)


def test_what_came_whole_need_not_be_asked_for_again(store):
    assert noted(store, {A: "1", B: "2"}) == {A: "1", B: "2"}


def test_an_empty_token_is_none(store):
    assert noted(store, {A: "1", B: ""}) == {A: "1"}


def test_after_a_fault_only_what_was_taken_or_had_not_changed_stands(store):
    """The one that failed is asked for in full the next time, whatever its token."""
    noted(store, {A: "1", B: "1", C: "1"})
    assert noted(store, {A: "2", B: "1", C: "2"}, taken=[A], faults=["source: c"]) == {
        A: "2",
        B: "1",
    }


def test_a_token_of_something_that_could_not_be_read_is_forgotten_for_good(store):
    noted(store, {A: "1"})
    noted(store, {A: "2"}, faults=["source: a"])
    assert noted(store, {B: "1"}) == {B: "1"}


def test_what_was_not_asked_about_this_time_stands_as_it_was(store):
    """The police's older archives, while the newest says that nothing is new."""
    noted(store, {A: "1", B: "1"})
    assert noted(store, {A: "2"}) == {A: "2", B: "1"}
    assert noted(store, {A: "3"}, faults=["source: c"]) == {B: "1"}


def test_another_question_or_another_connector_forgets_all(store):
    noted(store, {A: "1"})
    assert freshness.tokens(store, "source", "other") == {}
    assert noted(store, {B: "1"}, basis="other") == {B: "1"}


def test_with_nothing_in_hand_no_token_holds(tmp_path):
    """The snapshots were lost, or never could be read: 304 would leave us with nothing."""
    assert noted(Store(tmp_path), {A: "1"}) == {}


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '{"tokens": 3, "more": 1}', '{"odd": 1}', "\x00"]
)
def test_a_state_that_cannot_be_read_is_as_if_there_were_none(store, text):
    noted(store, {A: "1"})
    (store.folder / "source" / freshness.STATE).write_text(text, "utf-8")
    assert freshness.tokens(store, "source", "b") == {}
    assert noted(store, {A: "1"}) == {A: "1"}


def test_a_source_that_fails_keeps_the_day_on_which_it_last_answered(store):
    noted(store, {A: "1"})
    answered = freshness.read(store, "source").answered_at
    noted(store, {}, faults=["source: down"])
    state = freshness.read(store, "source")
    assert (state.answered_at, state.faults) == (answered, ["source: down"])
    assert state.asked_at >= answered
    assert noted(store, {A: "1"}) and freshness.read(store, "source").faults == []


def test_the_figures_of_a_source_stand_as_of_the_day_it_last_answered(store, tmp_path):
    """Unchanged files are as good as new ones: 304 today means that they stand as of today."""
    assert freshness.day(store, "source") == freshness.read(store, "source").answered_at[:10] or (
        freshness.day(store, "source") > "2026"
    )
    path = store.folder / "source" / freshness.STATE
    noted(store, {A: "1"})
    told = json.loads(path.read_text("utf-8")) | {"answered_at": "2031-05-06T07:08:09+00:00"}
    path.write_text(json.dumps(told), "utf-8")
    assert freshness.day(store, "source") == "2031-05-06"
    assert freshness.day(Store(tmp_path / "empty"), "source") == ""


def came(store, monkeypatch, name, day):
    """A file entered on a day."""
    monkeypatch.setattr("flows.snapshots.datetime", Clock(day))
    store.accept(store.keep("source", "t", name, A, name.encode(), ""))


class Clock:
    """A clock that stands still."""

    def __init__(self, day):
        self.day = datetime.fromisoformat(f"{day}T12:00:00+00:00")

    def now(self, zone):
        return self.day


def test_what_comes_while_a_source_fails_does_not_make_the_rest_newer(tmp_path, monkeypatch):
    """Two new files on two days, the others still missing: the figures stand as of the last day
    on which all came."""
    store = Store(tmp_path)
    came(store, monkeypatch, "a.csv", "2026-03-01")
    down = {"learned": {}, "faults": ["source: b is down"]}
    noted(store, **down, began="2026-03-05T11:00:00+00:00")
    for name, day in (("new.csv", "2026-03-05"), ("newer.csv", "2026-03-06")):
        came(store, monkeypatch, name, day)
        assert freshness.day(store, "source") == "2026-03-01"
        noted(store, **down, began=f"{day}T13:00:00+00:00")
    assert freshness.read(store, "source").failing_since == "2026-03-05T11:00:00+00:00"
    freshness.note_by_hand(store, "source")
    assert freshness.day(store, "source") == "2026-03-06"


def test_a_source_that_failed_from_the_first_stands_as_of_its_oldest_file(tmp_path, monkeypatch):
    store = Store(tmp_path)
    noted(store, {}, faults=["source: b is down"], began="2026-03-01T11:00:00+00:00")
    came(store, monkeypatch, "a.csv", "2026-03-01")
    came(store, monkeypatch, "c.csv", "2026-03-08")
    assert freshness.day(store, "source") == "2026-03-01"


def test_a_source_that_answers_again_is_failing_no_more(store):
    noted(store, {}, faults=["source: down"])
    assert freshness.read(store, "source").failing_since == "2026-01-02"
    noted(store, {A: "1"}, began="2026-01-03")
    state = freshness.read(store, "source")
    assert state.failing_since == "" and freshness.day(store, "source") == state.answered_at[:10]


def test_a_refresh_killed_while_it_writes_leaves_the_state_as_it_was(store, monkeypatch):
    noted(store, {A: "1"})

    def killed(self, target):
        raise KeyboardInterrupt

    monkeypatch.setattr("pathlib.Path.replace", killed)
    with pytest.raises(KeyboardInterrupt):
        noted(store, {A: "2"})
    monkeypatch.undo()
    assert freshness.tokens(store, "source", "b") == {A: "1"}
