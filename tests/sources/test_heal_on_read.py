"""A command that only reads finds the last release whole, also after a refresh was killed mid-swap."""

import json

from filelock import FileLock

from flows import locking, releases


def release(data, name):
    folder = data / "releases" / name
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text(json.dumps({"release": name}))
    (data / "releases" / "order.txt").write_text(f"{name}\n")
    return folder


def test_reading_heals_an_interrupted_swap(tmp_path):
    made = release(tmp_path, "2026-01-01-aaaaaaaa")
    releases.swap_latest(tmp_path, made)
    (tmp_path / releases.LATEST).rename(tmp_path / releases.OUTGOING)
    locking.heal_if_idle(tmp_path)
    assert releases.manifest(tmp_path / releases.LATEST)["release"] == made.name


def test_reading_leaves_a_working_refresh_alone(tmp_path):
    release(tmp_path, "2026-01-01-aaaaaaaa")
    with FileLock(tmp_path / ".lock"):
        locking.heal_if_idle(tmp_path)
    assert not (tmp_path / releases.LATEST).exists()


def test_a_folder_without_releases_is_left_empty(tmp_path):
    locking.heal_if_idle(tmp_path)
    assert list(tmp_path.iterdir()) == []
