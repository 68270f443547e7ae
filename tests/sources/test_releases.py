"""Releases on disk: one writer at a time, and whole again after an interruption at any point."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from flows import drafts, locking, releases
from flows.drafts import BUILDING, FOLDER, WAREHOUSE
from flows.releases import INCOMING, LATEST, OUTGOING

OLD, NEW, NEWER = "2026-09-01-aaaaaaaa", "2026-10-01-bbbbbbbb", "2026-11-01-cccccccc"


def written(folder, name, value):
    """A complete draft: a manifest, a table, a theme in a subfolder."""
    (folder / "themes").mkdir(parents=True)
    (folder / "manifest.json").write_text(json.dumps({"release": name}), encoding="utf-8")
    (folder / "evidence_table.parquet").write_bytes(value * 2000)
    (folder / "themes" / "safer.csv").write_bytes(value)
    return folder


def filed(data, name, value):
    """A draft that waits, with a warehouse and figures that are not open."""
    number = drafts.next_number(data)
    held = data / "partner" / f"{drafts.HELD}{number}"
    held.mkdir(parents=True)
    (held / "evidence.csv").write_bytes(value)
    newest = releases.newest_release(data)
    about = {"release": name, "before": newest.name if newest else "", "tiers": {"partner": "k"}}
    about |= dict.fromkeys(("key", "tables", "out", "place"), "") | {"rows": 1}
    with drafts.building(data) as folder:
        (folder / WAREHOUSE).write_bytes(value)
        (folder / drafts.RELEASE).rmdir()
        written(folder / drafts.RELEASE, name, value)
        return drafts.file(data, folder, number, about)


def approve(data, draft):
    return drafts.complete(data, drafts.decide(draft, "publishing", "signed off", "A. Name", ""))


def publish(data, name, value):
    return approve(data, filed(data, name, value)).files


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
    assert not list((data / FOLDER).glob(f"{BUILDING}*"))
    assert not [d for d in drafts.every(data) if d.state == "publishing"]
    return newest.name


def test_a_finished_release_is_latest_and_the_older_one_stays(data):
    release = publish(data, NEW, b"new")
    assert is_whole(data) == NEW
    assert tree(release) == tree(data / LATEST)
    assert releases.manifest(data / "releases" / OLD)["release"] == OLD
    assert (data / "releases" / "order.txt").read_text("utf-8").split() == [OLD, NEW]


def test_a_folder_without_releases_is_left_without(tmp_path):
    locking.heal(tmp_path)
    assert releases.newest_release(tmp_path) is None
    assert releases.manifest(None) == {}
    assert list(tmp_path.iterdir()) == []


def test_a_release_is_listed_but_gone_the_one_before_it_counts(data):
    shutil.rmtree(publish(data, NEW, b"new"))
    locking.heal(data)
    assert is_whole(data) == OLD


def test_a_draft_is_built_beside_and_gone_if_it_is_not_filed(data):
    with drafts.building(data) as folder:
        assert list(folder.iterdir()) == [folder / drafts.RELEASE]
        (folder / drafts.RELEASE / "half.csv").write_bytes(b"x")
    assert not folder.exists()
    assert is_whole(data) == OLD


def test_a_published_draft_is_on_record_with_who_and_when(data):
    release = publish(data, NEW, b"new")
    told = releases.manifest(release)["published"]
    assert (told["by"], told["how"], told["draft"]) == ("A. Name", "signed off", 2)
    assert drafts.read(data, 2).state == "published"
    assert (data / WAREHOUSE).read_bytes() == b"new"
    assert (data / "partner" / NEW / "evidence.csv").read_bytes() == b"new"


# The lock --------------------------------------------------------------------------------------


def hold(data, place="exampleshire"):
    """Take the lock and give it back at once."""
    with locking.lock(data, place):
        pass


def test_a_second_holder_is_refused_and_told_to_wait(tmp_path):
    with (
        locking.lock(tmp_path, "exampleshire"),
        pytest.raises(locking.Busy, match=r"another refresh is running\. Wait"),
    ):
        hold(tmp_path)
    hold(tmp_path)


def test_another_process_is_refused_too(tmp_path):
    code = (
        "import sys\nfrom pathlib import Path\nfrom flows import locking\n"
        "try:\n    locking.lock(Path(sys.argv[1]), 'exampleshire').__enter__()\n"
        "except locking.Busy:\n    sys.exit(7)"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    house = Path(locking.__file__).parents[1]
    with locking.lock(tmp_path, "exampleshire"):
        assert subprocess.run(command, cwd=house, check=False).returncode == 7
    assert subprocess.run(command, cwd=house, check=False).returncode == 0


def test_the_lock_is_given_back_when_a_run_fails(tmp_path):
    with pytest.raises(ZeroDivisionError), locking.lock(tmp_path, "exampleshire"):
        raise ZeroDivisionError
    hold(tmp_path)


def test_a_folder_belongs_to_one_place(tmp_path):
    hold(tmp_path, "leicestershire")
    told = r"'leicestershire', not of 'exampleshire'.*--data"
    with pytest.raises(locking.OtherPlace, match=told):
        hold(tmp_path, "exampleshire")
    hold(tmp_path, "leicestershire")


def test_a_mark_that_a_full_disk_left_empty_belongs_to_nobody(tmp_path):
    (tmp_path / "place").write_text("", encoding="utf-8")
    hold(tmp_path, "leicestershire")
    with pytest.raises(locking.OtherPlace):
        hold(tmp_path, "exampleshire")


def test_another_place_s_folder_is_not_even_healed(data):
    (data / "place").write_text("leicestershire\n", encoding="utf-8")
    (data / LATEST).rename(data / OUTGOING)
    with pytest.raises(locking.OtherPlace):
        hold(data, "exampleshire")
    assert (data / OUTGOING).exists()


def test_taking_the_lock_heals(data):
    (data / LATEST).rename(data / OUTGOING)
    with locking.lock(data, "exampleshire"):
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


def draft_half_built(data):
    written(data / FOLDER / f"{BUILDING}4711" / drafts.RELEASE, NEW, b"new")


def draft_waits(data):
    filed(data, NEW, b"new")


def draft_signed_off(data):
    drafts.decide(filed(data, NEW, b"new"), "publishing", "signed off", "A. Name", "")


def draft_half_published(data):
    draft_signed_off(data)
    (data / FOLDER / "2" / drafts.RELEASE).rename(data / "releases" / NEW)


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
    (draft_half_built, OLD),
    (draft_waits, OLD),
    (draft_signed_off, NEW),
    (draft_half_published, NEW),
    (listed_half, OLD),
]


@pytest.mark.parametrize(("state", "shown"), STATES)
def test_after_an_interruption_latest_is_a_whole_release(data, state, shown):
    state(data)
    locking.heal(data)
    assert is_whole(data) == shown
    before = tree(data)
    locking.heal(data)  # healing what is whole changes nothing
    assert tree(data) == before


@pytest.mark.parametrize(("state", "shown"), STATES)
def test_after_an_interruption_the_next_refresh_publishes_for_good(data, state, shown):
    state(data)
    locking.heal(data)
    publish(data, NEWER, b"newer")
    locking.heal(data)
    assert is_whole(data) == NEWER


class Killed(BaseException):
    """A kill, as far as Python code can see one."""


def killed_at(patch, step):
    """Let a run's ``step``-th change on disk be its last, half done if it can be; how many are left
    to be made."""
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

    patch.setattr(shutil, "copytree", counting(shutil.copytree, half_copied))
    patch.setattr(shutil, "rmtree", counting(shutil.rmtree, half_removed))
    patch.setattr(Path, "rename", counting(Path.rename))
    patch.setattr(Path, "replace", counting(Path.replace))
    return left


MOST = 25  # changes on disk that publishing could ever make


def test_a_kill_at_any_change_on_disk_is_healed(tmp_path):
    """What was signed off is published, by the next command if not by this one; before that, the
    release before stands. Nothing in between is ever seen."""
    for step in range(1, MOST):
        data = tmp_path / str(step)
        publish(data, OLD, b"old")
        draft = filed(data, NEW, b"new")
        with pytest.MonkeyPatch.context() as patch:
            left = killed_at(patch, step)
            survived = True
            try:
                approve(data, draft)
            except Killed:
                survived = False
        decided = drafts.read(data, 2).state != "held"
        locking.heal(data)
        assert is_whole(data) == (NEW if decided else OLD)
        assert not survived or decided
        if not decided:
            approve(data, draft)
        assert is_whole(data) == NEW
        assert (data / WAREHOUSE).read_bytes() == b"new"
        assert (data / "partner" / NEW / "evidence.csv").read_bytes() == b"new"
        if survived:
            assert step > 10 and left[0] > 0
            return
    raise AssertionError(f"publishing makes {MOST} changes and more")


def test_a_kill_while_a_draft_is_filed_leaves_none_or_all_of_it(tmp_path):
    for step in range(1, MOST):
        data = tmp_path / str(step)
        publish(data, OLD, b"old")
        with pytest.MonkeyPatch.context() as patch:
            killed_at(patch, step)
            try:
                filed(data, NEW, b"new")
                survived = True
            except Killed:
                survived = False
        locking.heal(data)
        assert is_whole(data) == OLD
        assert [d.state for d in drafts.every(data)] in (["published"], ["published", "held"])
        if survived:
            return
        shutil.rmtree(data / "partner" / f"{drafts.HELD}2", ignore_errors=True)
        approve(
            data, drafts.every(data)[1] if len(drafts.every(data)) > 1 else filed(data, NEW, b"n")
        )
        assert is_whole(data) == NEW
    raise AssertionError("it never came to its end")


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
