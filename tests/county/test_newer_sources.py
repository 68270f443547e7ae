"""Claimants, collisions, MSOAs and energy certificates of the invented county, counted again by other
means."""

import io
import json
import zipfile
from decimal import Decimal
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

INBOX = Path(__file__).parents[2] / "geo" / "exampleshire" / "inbox"
KINDS = ("place", "district", "community_forum_area", "priority_neighbourhood", "town")


def table(source, name):
    return pd.read_csv(INBOX / source / name, dtype=str)


@pytest.mark.parametrize("year", [2023, 2024])
def test_collisions_of_a_year_equal_geopandas_to_the_last_decimal(evidence, released, year):
    rows = table("stats19", f"dft-road-casualty-statistics-collision-{year}.csv")
    rows = rows[rows["location_easting_osgr"].notna()]
    (adjusted,) = [c for c in rows if "adjusted" in c and c.endswith("serious")]
    fatal = rows["collision_severity"] == "1"
    rows["weight"] = [
        Decimal(1) if f else Decimal(a) for f, a in zip(fatal, rows[adjusted], strict=True)
    ]
    east, north = (rows[f"location_{side}_osgr"].astype(float) for side in ("easting", "northing"))
    points = gpd.GeoDataFrame(rows[["weight"]], geometry=gpd.points_from_xy(east, north), crs=27700)
    for kind in KINDS:
        areas = gpd.read_file(released / "latest" / "localities.gpkg", layer=kind)
        inside = points.sjoin(areas, predicate="within").groupby("area_code")["weight"]
        ours = evidence.execute(
            "select indicator_id, area_code, numerator from evidence where source = 'stats19'"
            " and period = $year and area_kind = $kind and numerator > 0",
            {"year": str(year), "kind": kind},
        ).fetchall()
        counted = {c: int(n) for i, c, n in ours if i == "road_collisions_year"}
        weighed = {c: n for i, c, n in ours if i == "road_ksi_collisions_year"}
        assert counted == inside.size().to_dict(), kind
        assert weighed == {c: round(w.sum(), 4) for c, w in inside if w.sum()}, kind


def test_a_month_with_a_withheld_figure_has_none_and_the_others_add_up(evidence):
    rows = table("claimant_count", "claimants-exampleshire.csv")
    forums = table("../", "community_forums.csv").set_index("lsoa21_code")["area_code"]
    rows["area"] = rows["GEOGRAPHY_CODE"].map(forums)
    rows = rows.dropna(subset=["area"])
    (withheld,) = rows[rows["OBS_STATUS"] == "Q"][["area", "DATE"]].itertuples(
        index=False, name=None
    )
    expected = rows.groupby(["area", "DATE"])["OBS_VALUE"].apply(lambda v: v.astype(float).sum())
    ours = evidence.sql(
        "select area_code, period, value, note from evidence where indicator_id = 'claimants_month'"
        " and area_kind = 'community_forum_area'"
    ).fetchall()
    assert len(ours) == len(expected) == 6 * 24
    for code, month, value, note in ours:
        if (code, month) == withheld:
            assert value is None and "have no figure" in note
        else:
            assert value == expected[code, month]


def residents():
    """Residents of each small area in the census of output areas, and the MSOA it lies in."""
    lookup = table("output_areas", "OA_LSOA_MSOA_EW_DEC_2021_LU_v3.csv")
    with zipfile.ZipFile(INBOX / "output_areas" / "census2021-ts038.zip") as archive:
        census = pd.read_csv(io.BytesIO(archive.read("census2021-ts038-oa.csv")))
    lookup["people"] = lookup["OA21CD"].map(census.set_index("geography code").iloc[:, 2])
    return lookup.groupby(["LSOA21CD", "MSOA21CD"])["people"].sum().reset_index()


def test_a_ratio_is_all_that_was_observed_over_all_that_was_expected(evidence):
    """Never the mean of the MSOAs' ratios, and nothing where over half comes from parts of MSOAs."""
    places = residents()
    places["share"] = places["people"] / places.groupby("MSOA21CD")["people"].transform("sum")
    forums = table("../", "community_forums.csv").set_index("lsoa21_code")["area_code"]
    places["area"] = places["LSOA21CD"].map(forums)
    rows = table("local_health", "local-health-msoa.csv")
    rows = rows[(rows["Indicator ID"] == "999101") & (rows["Area Type"] == "MSOA")].set_index(
        "Area Code"
    )
    parts = places.groupby(["area", "MSOA21CD"])["share"].sum().reset_index()
    for side in ("Count", "Denominator"):
        parts[side] = parts["MSOA21CD"].map(rows[side].astype(float)) * parts["share"]
    partly = parts[parts["share"] < 0.999].groupby("area")["Count"].sum()
    sums = parts.groupby("area")[["Count", "Denominator"]].sum()
    ours = evidence.sql(
        "select area_code, numerator, value, note from evidence where area_kind ="
        " 'community_forum_area' and indicator_id = 'emergency_admissions_ratio'"
    ).fetchall()
    assert len(ours) == 6
    notes = []
    for code, numerator, value, note in ours:
        share = partly.get(code, 0) / sums.loc[code, "Count"]
        assert float(numerator) == pytest.approx(sums.loc[code, "Count"], abs=1e-3)
        ratio = 100 * sums.loc[code, "Count"] / sums.loc[code, "Denominator"]
        assert value == pytest.approx(ratio, abs=1e-4)
        told = f"indicative: {share:.0%} of it" if 0.2 < share <= 0.5 else ""
        assert (note or "").startswith(told) and bool(note) == bool(told)
        notes.append(bool(told))
    assert any(notes) and not all(notes)
    small = evidence.sql(
        "select value, numerator, note from evidence where area_kind = 'priority_neighbourhood'"
        " and indicator_id = 'emergency_admissions_ratio'"
    ).fetchall()
    assert small and all(v is None and n is None and "only partly" in t for v, n, t in small)


def test_what_is_not_open_leaves_the_house_nowhere(released, evidence):
    rows = evidence.sql(
        "select distinct numerator, denominator, value, lower_ci, assignment_low, comparator_value,"
        " starts_with(note, 'no figure: withheld: the publisher''s licence is not open') from evidence"
        " where indicator_id like 'life_expectancy%'"
    ).fetchall()
    assert rows == [(None,) * 6 + (True,)]
    values = table("local_health", "local-health-msoa.csv").query("`Indicator ID` == '999105'")[
        "Value"
    ]
    latest = released / "latest"
    texts = [p.read_text("utf-8") for p in latest.rglob("*.csv")]
    assert not [v for v in values for text in texts if v in text]


def test_of_two_editions_of_the_indices_each_cell_is_of_one(evidence):
    rows = evidence.sql(
        "select distinct indicator_id, period from evidence where source = 'indices_of_deprivation'"
        " and value is not null"
    ).fetchall()
    periods = dict(rows)
    assert len(periods) == len(rows)  # no indicator has two periods, so that none can be trended
    assert {i for i, p in rows if p == "2019"} == {"imd_score_2019", "imd_people_decile_01_2019"}


def test_homes_are_counted_once_by_their_newest_certificate(evidence):
    with zipfile.ZipFile(INBOX / "epc" / "domestic-csv.zip") as archive:
        frames = [
            pd.read_csv(archive.open(n), dtype=str, keep_default_na=False)
            for n in archive.namelist()
        ]
    rows = pd.concat(frames)
    rows["home"] = rows["ADDRESS1"].str.replace("  ", " ") + rows["POSTCODE"]
    newest = rows.sort_values("LODGEMENT_DATETIME").groupby("home").last()
    places = table("postcodes", "NSPL_AUG_2026_UK.csv").set_index("pcds")["lsoa21cd"]
    newest["small_area"] = newest["POSTCODE"].map(places)
    forums = table("../", "community_forums.csv").set_index("lsoa21_code")["area_code"]
    newest["area"] = newest["small_area"].map(forums)
    known = newest[newest["CURRENT_ENERGY_RATING"].isin(list("ABCDEFG"))]
    ours = evidence.sql(
        "select area_code, numerator::int, denominator::int from evidence where indicator_id ="
        " 'epc_band_c' and area_kind = 'community_forum_area'"
    ).fetchall()
    good = known[known["CURRENT_ENERGY_RATING"] <= "C"]
    assert {c: (n, d) for c, n, d in ours} == {
        area: (int((good["area"] == area).sum()), len(homes))
        for area, homes in known.groupby("area")
    }


def test_no_address_is_kept_anywhere(released):
    for path in released.rglob("*"):
        if path.is_file():
            assert b"Invented Row" not in path.read_bytes(), path
    manifest = json.loads((released / "latest" / "manifest.json").read_text())
    assert {s["name"] for s in manifest["snapshots"] if s["source"] == "epc"} == {
        *("certificates-2019.csv", "certificates-2024.csv"),
    }
