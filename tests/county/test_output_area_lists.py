"""A locality drawn through small areas by a list of output areas: people are shared, crimes are not."""

import csv
import io
import shutil
import zipfile
from pathlib import Path

import duckdb
import pytest

INBOX = Path(__file__).parents[2] / "geo" / "exampleshire" / "inbox" / "output_areas"
ONE, SPLIT, OTHER = "X01000001", "X01000002", "X01000003"


def members(small_area):
    path = INBOX / "OA_LSOA_MSOA_EW_DEC_2021_LU_v3.csv"
    rows = csv.DictReader(path.open(encoding="utf-8-sig"))
    return [r["OA21CD"] for r in rows if r["LSOA21CD"] == small_area]


def people():
    with zipfile.ZipFile(INBOX / "census2021-ts038.zip") as archive:
        text = archive.read("census2021-ts038-oa.csv").decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    total = next(c for c in rows[0] if "Total" in c)
    return {r["geography code"]: int(r[total]) for r in rows}


@pytest.fixture(scope="module")
def study(released, tmp_path_factory):
    """Area A has one small area and one output area of the split one; B has the rest of it."""
    from flows.evidence import Request, refresh

    folder = tmp_path_factory.mktemp("output_areas")
    shutil.copytree(released, folder / "data")
    lists = {
        "A": [*members(ONE), members(SPLIT)[0]],
        "B": [*members(SPLIT)[1:], *members(OTHER)],
        "C": [members(SPLIT)[0]],
    }
    areas = ", ".join(f'{{ code = "{c}", name = "{c}", members = {m} }}' for c, m in lists.items())
    (folder / "areas.toml").write_text(
        f'[[area_kind]]\nid = "drawn"\nlabel = "Drawn"\n'
        f'membership = {{ of = "oa21", areas = [{areas}] }}\n',
        encoding="utf-8",
    )
    asked = Request(
        place="exampleshire", data=str(folder / "data"), areas=str(folder / "areas.toml")
    )
    outcome = refresh(asked)
    assert outcome.state == "study", outcome
    return outcome


@pytest.fixture(scope="module")
def con(study):
    con = duckdb.connect()
    for name in ("evidence", "assignment_ledger"):
        con.read_parquet(f"{study.folder}/{name}.parquet").create_view(name)
    return con


def test_people_are_shared_out_by_output_areas(con):
    counts = people()
    whole = sum(counts[m] for m in members(SPLIT))
    share = counts[members(SPLIT)[0]] / whole
    weights = con.sql(
        "select area_code, small_area_code, weight, rule from assignment_ledger"
        " where area_kind = 'drawn' and counted = 'residents' order by all"
    ).fetchall()
    assert [(a, s, float(w)) for a, s, w, _ in weights] == [
        ("A", ONE, 1.0),
        ("A", SPLIT, pytest.approx(share, abs=1e-9)),
        ("B", SPLIT, pytest.approx(1 - share, abs=1e-9)),
        ("B", OTHER, 1.0),
        ("C", SPLIT, pytest.approx(share, abs=1e-9)),
    ]
    assert {rule for *_, rule in weights} == {"population share of output areas"}


def test_crimes_go_where_most_of_the_residents_are_and_so_do_those_they_are_divided_by(con, study):
    """The rate of B is that of its two whole small areas; the list's own share is another matter."""
    counted = con.sql(
        "select distinct area_code, small_area_code from assignment_ledger"
        " where area_kind = 'drawn' and counted = 'crimes and incidents' order by all"
    ).fetchall()
    assert counted == [("A", ONE), ("B", SPLIT), ("B", OTHER)]
    rate, note = con.sql(
        "select denominator, note from evidence where indicator_id = 'crime_rate_12_months'"
        " and area_kind = 'drawn' and area_code = 'B' order by period_end desc limit 1"
    ).fetchone()
    amount = con.sql(
        "select sum(amount / weight) from assignment_ledger where area_kind = 'drawn'"
        " and area_code = 'B' and counted = 'residents'"
    ).fetchone()[0]
    assert float(rate) == pytest.approx(amount)
    assert "where most of its residents are" in note
    assert any("small areas counted in part: 1." in gap for gap in study.gaps)


def test_the_range_holds_both_ways_of_counting(con):
    rows = con.sql(
        "select assignment_low, value, assignment_high from evidence where area_kind = 'drawn'"
        " and indicator_id = 'social_rented_households' order by area_code"
    ).fetchall()
    assert len(rows) == 3
    assert all(low <= value <= high for low, value, high in rows)
    assert all(low < high for low, _, high in rows[:2])


def test_crimes_of_the_lesser_part_of_a_small_area_are_a_gap_and_never_zero(con):
    rows = con.sql(
        "select value, note from evidence where area_kind = 'drawn' and area_code = 'C'"
        " and indicator_id in ('crimes_month', 'crime_rate_12_months', 'homes_sold_year')"
    ).fetchall()
    assert len(rows) == 3
    assert all(value is None and "the lesser part of each" in note for value, note in rows)
