"""Releases on disk: one writer at a time, and whole again after an interruption at any point."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from flows import releases
from flows.releases import DRAFT, INCOMING, LATEST, OUTGOING

OLD, NEW = "2026-09-01-aaaaaaaa", "2026-10-01-bbbbbbbb"


def written(folder, name, value):
    """A complete draft: a manifest, a table, a theme in a subfolder."""
    (folder / "themes").mkdir(parents=True)
    (folder / "manifest.json").write_text(json.dumps({"release": name}), encoding="utf-8")
    (folder / "evidence_table.parquet").write_bytes(value * 2000)
    (folder / "themes" / "safer.csv").write_bytes(value)
    return folder


def drafted_in(data, name, value):
    """A complete draft where a run would write it."""
    folder = data / "releases" / f"{DRAFT}{os.getpid()}"
    shutil.rmtree(folder, ignore_errors=True)
    return written(folder, name, value)


def publish(data, name, value):
    return releases.finish(data, drafted_in(data, name, value), name)


def tree(folder):
    """Every file under a folder with its bytes."""
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()
    }


@pytest.fixture
def data(tmp_path):
    """A data folder in which one release was finished."""
    publish(tmp_path, OLD, b"old")
    return tmp_path


def is_whole(data):
    """latest is a full copy of the newest finished release, and nothing half done lies about."""
    newest = releases.newest_release(data)
    assert tree(data / LATEST) == tree(newest)
    assert not (data / INCOMING).exists() and not (data / OUTGOING).exists()
    assert not list((data / "releases").glob(f"{DRAFT}*"))
    return newest.name


def test_a_finished_release_is_latest_and_the_older_one_stays(data):
    release = publish(data, NEW, b"new")
    assert is_whole(data) == NEW
    assert tree(release) == tree(data / LATEST)
    assert releases.manifest(data / "releases" / OLD) == {"release": OLD}
    assert (data / "releases" / "order.txt").read_text("utf-8").split() == [OLD, NEW]


def test_a_folder_without_releases_is_left_without(tmp_path):
    releases.heal(tmp_path)
    assert releases.newest_release(tmp_path) is None
    assert releases.manifest(None) == {}
    assert list(tmp_path.iterdir()) == []


def test_a_release_is_listed_but_gone_the_one_before_it_counts(data):
    shutil.rmtree(publish(data, NEW, b"new"))
    releases.heal(data)
    assert is_whole(data) == OLD


def test_a_draft_is_empty_beside_the_releases_and_gone_if_it_is_not_finished(data):
    drafted_in(data, NEW, b"left by an earlier run")
    with releases.draft(data) as drafted:
        assert list(drafted.iterdir()) == []
        assert drafted.parent == data / "releases"
        (drafted / "half.csv").write_bytes(b"x")
    assert not drafted.exists()
    assert is_whole(data) == OLD


def test_a_draft_that_was_finished_stays_a_release(data):
    with releases.draft(data) as drafted:
        shutil.copytree(written(data / "made", NEW, b"new"), drafted, dirs_exist_ok=True)
        release = releases.finish(data, drafted, NEW)
    assert is_whole(data) == release.name == NEW


# The lock --------------------------------------------------------------------------------------


def hold(data, place="exampleshire"):
    """Take the lock and give it back at once."""
    with releases.lock(data, place):
        pass


def test_a_second_holder_is_refused_and_told_to_wait(tmp_path):
    with (
        releases.lock(tmp_path, "exampleshire"),
        pytest.raises(releases.Busy, match=r"another refresh is running\. Wait"),
    ):
        hold(tmp_path)
    hold(tmp_path)


def test_another_process_is_refused_too(tmp_path):
    code = (
        "import sys\nfrom pathlib import Path\nfrom flows import releases\n"
        "try:\n    releases.lock(Path(sys.argv[1]), 'exampleshire').__enter__()\n"
        "except releases.Busy:\n    sys.exit(7)"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    house = Path(releases.__file__).parents[1]
    with releases.lock(tmp_path, "exampleshire"):
        assert subprocess.run(command, cwd=house, check=False).returncode == 7
    assert subprocess.run(command, cwd=house, check=False).returncode == 0


def test_the_lock_is_given_back_when_a_run_fails(tmp_path):
    with pytest.raises(ZeroDivisionError), releases.lock(tmp_path, "exampleshire"):
        raise ZeroDivisionError
    hold(tmp_path)


def test_a_folder_belongs_to_one_place(tmp_path):
    hold(tmp_path, "leicestershire")
    told = r"'leicestershire', not of 'exampleshire'.*--data"
    with pytest.raises(releases.OtherPlace, match=told):
        hold(tmp_path, "exampleshire")
    hold(tmp_path, "leicestershire")


def test_a_mark_that_a_full_disk_left_empty_belongs_to_nobody(tmp_path):
    (tmp_path / "place").write_text("", encoding="utf-8")
    hold(tmp_path, "leicestershire")
    with pytest.raises(releases.OtherPlace):
        hold(tmp_path, "exampleshire")


def test_another_place_s_folder_is_not_even_healed(data):
    (data / "place").write_text("leicestershire\n", encoding="utf-8")
    (data / LATEST).rename(data / OUTGOING)
    with pytest.raises(releases.OtherPlace):
        hold(data, "exampleshire")
    assert (data / OUTGOING).exists()


def test_taking_the_lock_heals(data):
    (data / LATEST).rename(data / OUTGOING)
    with releases.lock(data, "exampleshire"):
        assert is_whole(data) == OLD


# Interruptions ---------------------------------------------------------------------------------


def incoming_half_copied(data):
    written(data / INCOMING, NEW, b"new")
    (data / INCOMING / "evidence_table.parquet").write_bytes(b"ne")


def incoming_complete(data):
    shutil.copytree(publish_without_latest(data), data / INCOMING)


def latest_moved_out(data):
    incoming_complete(data)
    (data / LATEST).rename(data / OUTGOING)


def latest_moved_out_without_incoming(data):
    (data / LATEST).rename(data / OUTGOING)


def swapped_but_outgoing_left(data):
    latest_moved_out(data)
    (data / INCOMING).rename(data / LATEST)


def outgoing_half_removed(data):
    swapped_but_outgoing_left(data)
    (data / OUTGOING / "evidence_table.parquet").unlink()


def listed_but_not_swapped(data):
    publish_without_latest(data)


def renamed_but_not_listed(data):
    written(data / "releases" / NEW, NEW, b"new")


def draft_left(data):
    written(data / "releases" / f"{DRAFT}4711", NEW, b"new")


def draft_half_written(data):
    draft_left(data)
    (data / "releases" / f"{DRAFT}4711" / "manifest.json").unlink()


def listed_half(data):
    renamed_but_not_listed(data)
    with (data / "releases" / "order.txt").open("a", encoding="utf-8") as order:
        order.write(NEW[:7])


def publish_without_latest(data):
    """A release that is finished and in the list, while latest still shows the one before."""
    release = written(data / "releases" / NEW, NEW, b"new")
    with (data / "releases" / "order.txt").open("a", encoding="utf-8") as order:
        order.write(NEW + "\n")
    return release


STATES = [
    (incoming_half_copied, OLD),
    (incoming_complete, NEW),
    (latest_moved_out, NEW),
    (latest_moved_out_without_incoming, OLD),
    (swapped_but_outgoing_left, NEW),
    (outgoing_half_removed, NEW),
    (listed_but_not_swapped, NEW),
    (renamed_but_not_listed, OLD),
    (draft_left, OLD),
    (draft_half_written, OLD),
    (listed_half, OLD),
]


@pytest.mark.parametrize(("state", "shown"), STATES)
def test_after_an_interruption_latest_is_a_whole_release(data, state, shown):
    state(data)
    releases.heal(data)
    assert is_whole(data) == shown
    before = tree(data)
    releases.heal(data)  # healing what is whole changes nothing
    assert tree(data) == before


@pytest.mark.parametrize(("state", "shown"), STATES)
def test_after_an_interruption_the_next_refresh_publishes_for_good(data, state, shown):
    state(data)
    releases.heal(data)
    publish(data, NEW, b"new")
    releases.heal(data)
    assert is_whole(data) == NEW


LAST_CHANGE = 11  # how many changes on disk `finish` makes, as counted by killed_at


class Killed(BaseException):
    """A kill, as far as Python code can see one."""


def killed_at(monkeypatch, step):
    """Let a run's ``step``-th change on disk be its last, half done if it can be."""
    left = [step]

    def counting(change, half=None):
        def call(*args, **named):
            left[0] -= 1
            if left[0] == 0 and half:
                half(*args)
            if left[0] <= 0:
                raise Killed
            return change(*args, **named)

        return call

    def half_copied(source, target, *rest, **named):
        Path(target).mkdir()
        (Path(target) / "manifest.json").write_bytes(b"{")

    def half_removed(folder, **named):
        (Path(folder) / "manifest.json").unlink(missing_ok=True)

    monkeypatch.setattr(releases.shutil, "copytree", counting(shutil.copytree, half_copied))
    monkeypatch.setattr(releases.shutil, "rmtree", counting(shutil.rmtree, half_removed))
    monkeypatch.setattr(Path, "rename", counting(Path.rename))
    monkeypatch.setattr(releases, "to_disk", counting(releases.to_disk))


@pytest.mark.parametrize("step", range(1, LAST_CHANGE + 2))
@pytest.mark.parametrize("first", [True, False], ids=["first release", "second release"])
def test_a_kill_at_any_change_on_disk_is_healed(tmp_path, monkeypatch, step, first):
    if not first:
        publish(tmp_path, OLD, b"old")
    drafted = drafted_in(tmp_path, NEW, b"new")
    with monkeypatch.context() as patch:
        killed_at(patch, step)
        try:
            releases.finish(tmp_path, drafted, NEW)
            survived = True
        except Killed:
            survived = False
    releases.heal(tmp_path)
    newest = releases.newest_release(tmp_path)
    if newest:
        assert is_whole(tmp_path) == (NEW if survived else newest.name)
    else:
        assert first and not survived and not (tmp_path / LATEST).exists()
    publish(tmp_path, NEW, b"new")
    releases.heal(tmp_path)
    assert is_whole(tmp_path) == NEW


def test_kills_were_tried_from_the_first_change_to_beyond_the_last(tmp_path, monkeypatch):
    publish(tmp_path, OLD, b"old")
    drafted = drafted_in(tmp_path, NEW, b"new")
    killed_at(monkeypatch, LAST_CHANGE + 1)
    releases.finish(tmp_path, drafted, NEW)


def test_a_run_killed_after_its_release_was_named_is_finished_by_the_next_one(data):
    renamed_but_not_listed(data)
    release = publish(data, NEW, b"new")
    assert release.name == is_whole(data) == NEW


def test_what_a_release_was_made_from_is_remembered_whole_or_not_at_all(data):
    assert releases.last_key(data) == ("", "")
    releases.remember_key(data, "0123", OLD)
    releases.remember_key(data, "4567", OLD)
    assert releases.last_key(data) == ("4567", OLD)
    (data / "releases" / "last_key.txt").write_text("4567", encoding="utf-8")
    assert releases.last_key(data) == ("", "")


def test_the_same_tables_give_the_same_hash_whatever_lies_beside_them(tmp_path):
    one, two = written(tmp_path / "1", OLD, b"x"), written(tmp_path / "2", NEW, b"x")
    assert releases.hash_of_tables(one) == releases.hash_of_tables(two)
    (two / "themes" / "safer.csv").write_bytes(b"y")
    assert releases.hash_of_tables(one) != releases.hash_of_tables(two)
    (two / "themes" / "safer.csv").rename(two / "themes" / "cleaner.csv")
    (two / "themes" / "cleaner.csv").write_bytes(b"x")
    assert releases.hash_of_tables(one) != releases.hash_of_tables(two)


def test_the_same_figures_with_other_reasons_are_another_release(tmp_path):
    one, two = written(tmp_path / "1", OLD, b"x"), written(tmp_path / "2", NEW, b"x")
    (one / "gaps.csv").write_text("crimes,no file is in hand", encoding="utf-8")
    (two / "gaps.csv").write_text("crimes,no file is in hand", encoding="utf-8")
    assert releases.hash_of_tables(one) == releases.hash_of_tables(two)
    (two / "gaps.csv").write_text("crimes,half a file is in hand", encoding="utf-8")
    assert releases.hash_of_tables(one) != releases.hash_of_tables(two)
