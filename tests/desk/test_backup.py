"""A copy of what cannot be made again: whole, only what is new, and good to begin anew from."""

import os
import shutil

import pytest
from by_hand import tree
from filelock import FileLock

from flows import locking, releases
from flows.evidence import Request, refresh
from flows.housekeeping import backup

PUBLISHED = "2026-01-02T10:00:00+00:00"


@pytest.fixture
def kept(shelf):
    """Two releases, snapshots, a draft that waits and one refused, figures that are not open."""
    shelf.release("one", PUBLISHED)
    shelf.release("two", PUBLISHED)
    shelf.draft(1, state="refused")
    shelf.draft(2)
    for name in (
        "snapshots/epc/aa.csv",
        "snapshots/epc/bb.csv.part",
        "partner/one/evidence.csv",
        "restricted/.draft-1/evidence.csv",
        "restricted/.draft-2/evidence.csv",
        "studies/s/manifest.json",
        "staged/epc/aa.parquet",
        "prefect/prefect.db",
        "warehouse.duckdb",
        "asks.jsonl",
        "runs.jsonl",
    ):
        path = shelf.data / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    locking.heal(shelf.data)
    return shelf


def test_what_can_be_made_again_is_left_out(kept, tmp_path):
    backup.backup(kept.data, tmp_path / "copy")
    there = tree(kept.data)
    copied = tree(tmp_path / "copy")
    assert copied == {name: there[name] for name in copied}
    tops = {name.partition("/")[0] for name in copied}
    assert tops == {
        *("place", "asks.jsonl", "runs.jsonl", "snapshots", "releases", "studies", "partner"),
        *("restricted", "drafts"),
    }
    assert {n for n in copied if n.startswith("releases/")} == {
        n for n in there if n.startswith("releases/")
    }
    assert "snapshots/epc/bb.csv.part" not in copied


def test_a_draft_that_waits_is_whole_and_of_a_refused_one_its_record(kept, tmp_path):
    backup.backup(kept.data, tmp_path / "copy")
    copied = tree(tmp_path / "copy")
    assert [n for n in copied if n.startswith("drafts/1/")] == ["drafts/1/draft.json"]
    assert {"drafts/2/draft.json", "drafts/2/warehouse.duckdb"} <= copied.keys()
    assert "drafts/2/release/evidence.parquet" in copied
    assert [n for n in copied if n.startswith("restricted/")] == [
        "restricted/.draft-2/evidence.csv"
    ]


def test_a_second_time_only_what_is_new_is_copied(kept, tmp_path):
    first = backup.backup(kept.data, tmp_path / "copy")
    assert (first.copied, first.unchanged, first.gone) == (len(tree(tmp_path / "copy")), 0, 0)
    assert backup.backup(kept.data, tmp_path / "copy").copied == 0
    kept.release("three", PUBLISHED)
    (kept.data / "runs.jsonl").write_text("another line")
    (kept.data / "partner" / "one" / "evidence.csv").unlink()
    second = backup.backup(kept.data, tmp_path / "copy")
    new = [n for n in tree(kept.data) if n.startswith("releases/three/")]
    assert second.copied == len(new) + 2  # the order of releases and the runs
    assert second.gone == 1
    assert "1 file that the data folder no longer has" in "\n".join(backup.sentences(second))


def test_a_file_that_is_not_written_as_it_was_read_is_not_kept(kept, tmp_path, monkeypatch):
    monkeypatch.setattr(backup.drafts, "hash_of", lambda path: "another")
    with pytest.raises(backup.NotBackedUp, match="Is the disk sound"):
        backup.backup(kept.data, tmp_path / "copy")
    assert tree(tmp_path / "copy") == {}


@pytest.mark.parametrize("room", [3, 9, 14, 19, 24])
def test_a_disk_that_is_full_is_told_and_what_is_there_is_whole(kept, tmp_path, monkeypatch, room):
    copied, to_disk = [], backup.to_disk

    def full(path):
        copied.append(path)
        if len(copied) > room:
            raise OSError(28, "No space left on device")
        to_disk(path)

    monkeypatch.setattr(backup, "to_disk", full)
    copy = tmp_path / "copy"
    with pytest.raises(backup.NotBackedUp, match="No space left on device"):
        backup.backup(kept.data, copy)
    there, half = tree(kept.data), tree(copy)
    assert half == {name: there[name] for name in half}
    assert len(half) == room
    # no part of a release or draft passes for a whole one, nor is one on the list that is not there
    for mark in [*copy.glob("releases/*/manifest.json"), *copy.glob("drafts/2/draft.json")]:
        mine = mark.parent.relative_to(copy)
        assert tree(copy / mine) == tree(kept.data / mine)
    listed = (copy / backup.ORDER).read_text().split() if (copy / backup.ORDER).exists() else []
    assert all((copy / "releases" / name / "manifest.json").exists() for name in listed)
    monkeypatch.undo()
    backup.backup(kept.data, copy)
    assert releases.newest_release(copy).name == "two"


class TestRefused:
    def refused(self, data, folder, why):
        before = tree(folder) if folder.is_dir() else {}
        with pytest.raises(backup.NotBackedUp, match=why):
            backup.backup(data, folder)
        assert (tree(folder) if folder.is_dir() else {}) == before

    def test_a_folder_in_the_data_folder_or_around_it(self, kept):
        self.refused(kept.data, kept.data / "copy", "lies in the data folder")
        self.refused(kept.data, kept.data, "lies in the data folder")
        self.refused(kept.data, kept.data.parent, "The data folder lies in")

    def test_the_backup_of_another_place(self, kept, tmp_path):
        (tmp_path / "copy").mkdir()
        (tmp_path / "copy" / "place").write_text("leicestershire\n")
        self.refused(kept.data, tmp_path / "copy", "of 'leicestershire', not of 'exampleshire'")

    def test_a_folder_of_something_else(self, kept, tmp_path):
        (tmp_path / "copy").mkdir()
        (tmp_path / "copy" / "letter.txt").write_text("dear")
        self.refused(kept.data, tmp_path / "copy", "is not a backup")

    def test_another_data_folder_of_the_same_place(self, kept, tmp_path):
        shutil.copytree(kept.data, tmp_path / "copy")
        self.refused(kept.data, tmp_path / "copy", "is not a backup")

    def test_a_backup_of_releases_that_are_not_here(self, kept, tmp_path):
        """The data folder was lost, and begun anew: its backup is not to be lost too."""
        backup.backup(kept.data, tmp_path / "copy")
        (kept.data / "releases" / "order.txt").write_text("one\n")
        self.refused(kept.data, tmp_path / "copy", "releases that .* does not have")

    def test_while_another_run_is_at_work(self, kept, tmp_path):
        with FileLock(kept.data / ".lock"), pytest.raises(locking.Busy):
            backup.backup(kept.data, tmp_path / "copy")

    def test_a_folder_without_evidence(self, tmp_path):
        self.refused(tmp_path / "none", tmp_path / "copy", "no evidence here")


def test_from_a_backup_one_begins_anew(released, tmp_path):
    """Copied to a new data folder, a refresh there finds nothing new, and latest is whole."""
    data = tmp_path / "data"
    shutil.copytree(released, data, ignore=shutil.ignore_patterns("staged"))
    os.utime(data / "place")
    backup.backup(data, tmp_path / "copy")
    anew = tmp_path / "anew"
    shutil.copytree(tmp_path / "copy", anew)
    outcome = refresh(Request(place="exampleshire", data=str(anew), offline=True))
    assert (outcome.state, outcome.code) == ("nothing new", 0)
    assert tree(anew / "latest") == tree(released / "latest")
    assert releases.newest_release(anew).name == releases.newest_release(released).name
