"""The bench measures what it says: every method counts the same, and one that does not is noticed."""

import duckdb
import pytest

from bench import make_data, run

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
    found = run.measure(METHODS, tiny, 1)
    assert [name for name in METHODS if found[name].why_not] == []
    ours, wrong = tiny / "counts" / "ours", tiny / "counts" / "wrong"
    duckdb.read_parquet(str(ours)).project("code, month, type, n + 1 as n").write_parquet(
        str(wrong)
    )
    with pytest.raises(run.NotTheSame):
        run.compare(ours, wrong, "the wrong one")
