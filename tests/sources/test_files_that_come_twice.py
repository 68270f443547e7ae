"""A copy, a file downloaded again, a broken file of a far force: none of them moves a figure in silence."""

import shutil
from pathlib import Path

import pytest

from flows.pull import pull
from flows.snapshots import Store
from flows.sources import SOURCES
from flows.sources.files import Ask, Fault, File, SetAside

HEADER = "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,Crime type,Last outcome category,Context\n"
ASK = Ask(authorities=(), police_forces=("alpha",))


def crimes(folder, name, rows=1):
    folder.mkdir(parents=True, exist_ok=True)
    row = ",2026-01,A,A,1.5,54.0,On or near X,X01000001,X,Drugs,,\n"
    (folder / name).write_text(HEADER + row * rows)


@pytest.fixture
def pulled(tmp_path):
    inbox = tmp_path / "inbox"

    def run(stage=lambda snapshot: None):
        store = Store(tmp_path / "snapshots")
        return store, pull("police_crime", SOURCES["police_crime"], store, ASK, inbox, None, stage)

    return inbox / "police_crime", run


def test_a_copy_of_a_month_is_that_month_and_no_second_one(pulled):
    folder, run = pulled
    crimes(folder, "2026-01-alpha-street.csv")
    crimes(folder, "Copy of 2026-01-alpha-street.csv")
    crimes(folder, "2026-01-ALPHA-street.CSV")
    store, found = run()
    assert list(store.current("police_crime")) == ["2026-01-alpha-street.csv"]
    assert found.faults == []


def test_a_copy_that_differs_is_told(pulled):
    folder, run = pulled
    crimes(folder, "2026-01-alpha-street.csv")
    crimes(folder, "old_2026-01-alpha-street.csv", rows=2)
    _, found = run()
    assert any("both give 2026-01-alpha-street.csv, and differ" in fault for fault in found.faults)


def test_a_far_forces_broken_file_is_told_and_stops_nothing(pulled):
    folder, run = pulled
    crimes(folder, "2026-01-alpha-street.csv")
    crimes(folder, "2026-01-far-street.csv")

    def stage(snapshot):
        if "far" in snapshot.name:
            raise Fault(snapshot.name, "it is broken", "Mend it.")

    store, found = run(stage)
    assert found.faults == [] and any("2026-01-far-street.csv" in s for s in found.set_aside)
    assert list(store.current("police_crime")) == ["2026-01-alpha-street.csv"]


def test_a_file_downloaded_again_is_the_newer(tmp_path):
    """A browser names it "x (1).csv", which sorts before "x.csv"."""
    folder = tmp_path / "inbox" / "population"
    folder.mkdir(parents=True)
    for name in ("table.csv", "table (1).csv", "table (10).csv", "table (2).csv"):
        (folder / name).write_text("GEOGRAPHY_CODE,OBS_VALUE\nX01000001,1\n")
    store = Store(tmp_path / "snapshots")
    pull("population", SOURCES["population"], store, ASK, tmp_path / "inbox", None, lambda s: None)
    order = store.positions("population")
    names = ["table.csv", "table (1).csv", "table (2).csv", "table (10).csv"]
    assert sorted(order, key=order.get) == names


def test_every_change_file_of_the_register_stays(tmp_path):
    source, row = SOURCES["price_paid"], '"{A}","1","2024-01-01 00:00","ZZ1 1AA"' + ',""' * 12
    names = []
    for status in "CD":
        path = tmp_path / "pp-monthly-update-new-version.csv"
        path.write_text(f"{row[:-2]}{status}\n".replace(',"C', ',"C"').replace(',"D', ',"D"'))
        names += [reply.name for reply in source.recognise(File(path, path.name), ASK)]
        shutil.move(path, tmp_path / status)
    assert len(set(names)) == 2
    assert all(Path(name).name.startswith("pp-monthly-update-") for name in names)


def test_half_a_year_of_the_register_is_set_aside(tmp_path):
    path = tmp_path / "pp-2018-part1.csv"
    path.write_text('"{A}","1","2018-01-01 00:00","ZZ1 1AA"' + ',""' * 12 + "\n")
    with pytest.raises(SetAside, match="half of a year"):
        list(SOURCES["price_paid"].recognise(File(path, path.name), ASK))
