"""What may go and what stays: never what was pulled, never what is out, never the latest."""

import shutil

import pytest
from by_hand import PROTECTED, tree
from filelock import FileLock

from flows import drafts, locking, protecting, releases
from flows.housekeeping import keeping
from flows.lookback import records

YEARS = ("2023-02", "2023-11", "2024-05", "2025-01", "2025-06", "2026-01", "2026-02")


@pytest.fixture
def seven(shelf):
    """Seven releases in four years, the fourth of which a draft was compared with."""
    for month in YEARS:
        shelf.release(f"{month}-03-aaaa", f"{month}-03T10:00:00+00:00")
    return shelf


def whole(data):
    return [record.name[:7] for record in records.every(data) if record.tables]


class TestReleases:
    def test_the_newest_stay_and_the_last_of_each_year(self, seven):
        keeping.prune(seven.data, 2, remove=True)
        assert whole(seven.data) == ["2023-11", "2024-05", "2025-06", "2026-01", "2026-02"]

    def test_and_what_a_draft_that_waits_was_compared_with(self, seven):
        seven.draft(1, before="2025-01-03-aaaa")
        keeping.prune(seven.data, 1, remove=True)
        assert whole(seven.data) == ["2023-11", "2024-05", "2025-01", "2025-06", "2026-02"]

    def test_the_year_is_that_of_this_country(self, shelf):
        for name, at in (("a", "2025-06-30T23:30:00+00:00"), ("b", "2025-12-31T23:59:00+00:00")):
            shelf.release(name, at)
        shelf.release("c", "2026-01-01T00:01:00+00:00")
        keeping.prune(shelf.data, 1, remove=True)
        assert whole(shelf.data) == ["b", "c"]

    def test_of_a_pruned_one_its_record_its_changes_and_its_quality_stay(self, seven):
        before, out = tree(seven.data), protecting.hash_of_out(seven.data)
        keeping.prune(seven.data, 2, remove=True)
        left = tree(seven.data / "releases" / "2023-02-03-aaaa")
        stays = {"manifest.json", "changes.csv", "quality/expectations.json", PROTECTED}
        assert set(left) == stays
        assert all(before[f"releases/2023-02-03-aaaa/{n}"] == left[n] for n in stays)
        assert protecting.hash_of_out(seven.data) == out  # the audit goes on seeing all of it
        assert [r.name[:7] for r in records.every(seven.data)] == list(YEARS)

    def test_a_second_time_there_is_nothing_to_prune(self, seven):
        keeping.prune(seven.data, 2, remove=True)
        assert keeping.plan(seven.data, 2).items == []
        said = keeping.sentences(keeping.plan(seven.data, 2), removed=True)
        assert list(said) == ["There is nothing to prune."]

    def test_one_that_was_cut_off_goes_on_from_there(self, seven, monkeypatch):
        rmtree = shutil.rmtree

        def full(path, *a, **k):
            if path.name == "site":
                raise PermissionError(13, "in use")
            rmtree(path, *a, **k)

        monkeypatch.setattr(keeping.shutil, "rmtree", full)
        with pytest.raises(keeping.NotPruned, match=r"in use.*goes on from there"):
            keeping.prune(seven.data, 2, remove=True)
        assert "2023-02" not in whole(seven.data)  # its tables went first
        monkeypatch.undo()
        keeping.prune(seven.data, 2, remove=True)
        assert not (seven.data / "releases" / "2023-02-03-aaaa" / "site").exists()

    def test_the_latest_stays_as_people_read_it(self, seven):
        locking.heal(seven.data)
        before = tree(seven.data / "latest")
        keeping.prune(seven.data, 1, remove=True)
        assert tree(seven.data / "latest") == before
        assert releases.newest_release(seven.data).name == "2026-02-03-aaaa"


class TestUnlessToldSo:
    def test_nothing_is_removed(self, seven):
        locking.heal(seven.data)
        before = tree(seven.data)
        found = keeping.prune(seven.data, 2)
        assert found.releases == ["2023-02-03-aaaa", "2025-01-03-aaaa"]
        assert tree(seven.data) == before
        said = list(keeping.sentences(found, removed=False))
        assert said[-1].endswith("may go. Nothing was removed: say --yes to remove it.")

    def test_what_is_told_is_what_goes(self, seven):
        locking.heal(seven.data)
        before = sum(map(len, tree(seven.data).values()))
        told = keeping.prune(seven.data, 2).bytes
        assert keeping.prune(seven.data, 2, remove=True).bytes == told
        assert before - sum(map(len, tree(seven.data).values())) == told > 0


class TestDrafts:
    def test_of_those_decided_or_overtaken_the_record_stays_alone(self, seven):
        latest = "2026-02-03-aaaa"
        for number, state, before in (
            (1, "refused", latest),
            (2, "published", latest),
            (3, "held", "2026-01-03-aaaa"),
            (4, "held", latest),
        ):
            seven.draft(number, state=state, before=before)
            shutil.copytree(
                seven.data / "drafts" / str(number) / "release",
                seven.data / "restricted" / f".draft-{number}",
            )
        keeping.prune(seven.data, remove=True)
        left = {n: sorted(tree(seven.data / "drafts" / str(n))) for n in (1, 2, 3, 4)}
        assert left[1] == left[2] == left[3] == ["draft.json"]
        assert "release/evidence.parquet" in left[4]
        assert "warehouse.duckdb" in left[4]
        assert [d.number for d in drafts.every(seven.data)] == [1, 2, 3, 4]
        assert [p.name for p in (seven.data / "restricted").iterdir()] == [".draft-4"]

    def test_what_killed_runs_left_goes(self, seven):
        for path in ("partner/.draft/evidence.csv", "releases/.draft-77/evidence.parquet"):
            (seven.data / path).parent.mkdir(parents=True)
            (seven.data / path).write_text("half")
        (seven.data / "snapshots" / "epc").mkdir(parents=True)
        (seven.data / "snapshots" / "epc" / "aa.csv.part").write_text("half")
        (seven.data / "snapshots" / "epc" / "aa.csv").write_text("kept")
        keeping.prune(seven.data, remove=True)
        assert not (seven.data / "partner" / ".draft").exists()
        assert not (seven.data / "releases" / ".draft-77").exists()
        assert list(tree(seven.data / "snapshots")) == ["epc/aa.csv"]


class TestStaged:
    def test_only_what_a_current_reply_needs_stays(self, tmp_path, released):
        data = tmp_path / "data"
        for part in ("staged", "snapshots", "releases"):
            shutil.copytree(released / part, data / part)
        shutil.copy(released / "place", data / "place")
        before = tree(data)
        (data / "staged" / "population" / "people-0123-old.parquet").write_bytes(b"old")
        (data / "staged" / "gone_source").mkdir()
        (data / "staged" / "gone_source" / "x.part").write_bytes(b"half")
        found = keeping.prune(data, remove=True)
        assert [item.path.name for item in found.items] == ["x.part", "people-0123-old.parquet"]
        after = tree(data)
        assert {n: b for n, b in after.items() if not n.startswith("latest/")} == before

    def test_all_stays_where_nobody_can_tell(self, shelf):
        shelf.release("one", "2026-01-01T10:00:00+00:00", request={"place": "atlantis"})
        (shelf.data / "staged").mkdir()
        (shelf.data / "staged" / "a.parquet").write_bytes(b"x")
        found = keeping.prune(shelf.data, remove=True)
        assert (shelf.data / "staged" / "a.parquet").exists()
        assert "catalogue cannot be read" in found.remarks[0]


class TestRefused:
    def test_while_another_run_is_at_work(self, seven):
        with FileLock(seven.data / ".lock"), pytest.raises(locking.Busy):
            keeping.prune(seven.data, 2, remove=True)
        assert len(whole(seven.data)) == len(YEARS)

    def test_to_keep_none(self, seven):
        with pytest.raises(keeping.NotPruned, match="at least one"):
            keeping.prune(seven.data, 0, remove=True)

    def test_in_a_folder_without_evidence(self, tmp_path):
        with pytest.raises(keeping.NotPruned, match="no evidence here"):
            keeping.prune(tmp_path / "none")
        assert not (tmp_path / "none").exists()
