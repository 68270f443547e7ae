"""The bench measures what it says: every method counts the same, and one that does not is noticed."""

import duckdb
import numpy as np
import pyproj
import pytest

from bench import make_data, months, refreshes, rounds
from bench.methods import ground

METHODS = ("ours", "geopandas_sjoin", "house")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bench") / "tiny"
    make_data.make(make_data.sized("tiny"), folder)
    return folder


def test_the_same_seed_gives_the_same_bytes(tiny, tmp_path):
    make_data.make(make_data.sized("tiny"), tmp_path / "again")
    files = sorted(p.relative_to(tiny) for p in tiny.rglob("*.csv"))
    assert len(files) > 2
    for name in files:
        assert (tiny / name).read_bytes() == (tmp_path / "again" / name).read_bytes()


@pytest.mark.slow
def test_every_method_counts_the_same_and_a_wrong_count_is_noticed(tiny):
    found = rounds.measure(METHODS, tiny, 1)
    assert [name for name in METHODS if found[name].why_not] == []
    ours, wrong = tiny / "counts" / "ours", tiny / "counts" / "wrong"
    duckdb.read_parquet(str(ours)).project("code, month, type, n + 1 as n").write_parquet(
        str(wrong)
    )
    with pytest.raises(rounds.NotTheSame):
        rounds.compare(ours, wrong, "the wrong one")


def test_the_grid_is_that_of_proj():
    degrees = np.random.default_rng(1).uniform((-5.5, 50), (1.7, 58), (1000, 2)).T
    theirs = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:27700", always_xy=True)
    assert np.array_equal(ground.metres(*degrees), theirs.transform(*degrees))


@pytest.mark.slow
def test_a_new_month_is_counted_with_what_was_kept(tiny):
    _, bars = months.measure(tiny, 1)  # NotTheSame, if the counts differ from ours
    assert [bar.holds for bar in bars if "rows" in bar.says] == [True]


def test_the_steps_of_a_refresh_are_medians():
    laps = [{"place": {"seconds": s, "imports": s / 2}} for s in (1.0, 9.0, 2.0)]
    assert "| place | 2.00 s | 1.00 s           |" in refreshes._steps(laps)
