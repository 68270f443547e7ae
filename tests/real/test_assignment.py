"""The real county's assignments: one set of areas for all years, ranges, and agreement with the police."""

import pandas as pd


def test_crimes_of_both_archives_are_on_one_set_of_areas(evidence):
    """2019 to 2022 came on 2011 small areas and 2025 on 2021 ones: the localities are the same."""
    areas = {}
    for period in ("2020-06", "2025-06"):
        rows = evidence.execute(
            "select area_kind, area_code from evidence where indicator_id = 'crimes_month'"
            " and period = $period and value is not null",
            {"period": period},
        ).fetchall()
        areas[period] = set(rows)
    assert areas["2020-06"] == areas["2025-06"]
    assert len(areas["2025-06"]) == 1 + 7 + 25 + 20 + 6 + 25


def test_split_small_areas_are_whole_in_every_partition(warehouse, shared):
    lookup = pd.read_csv(shared / "ons_geography" / "LSOA11_LSOA21_LAD22_EW_v1.csv", dtype=str)
    ours = {
        c
        for (c,) in warehouse.sql(
            "select small_area_code from core.small_areas where in_place"
        ).fetchall()
    }
    split = lookup[(lookup["CHGIND"] == "S") & lookup["LSOA21CD"].isin(ours)]
    assert split["F_LSOA11CD"].nunique() == 12
    for kind in ("district", "community_forum_area"):
        counted = warehouse.execute(
            "select small_area_code, sum(weight) from geo.area_weights"
            " where area_kind = $kind and assignment = 'declared' group by 1",
            {"kind": kind},
        ).fetchall()
        assert {c: float(w) for c, w in counted if c in set(split["LSOA21CD"])} == dict.fromkeys(
            split["LSOA21CD"], 1.0
        )


def test_what_is_made_of_whole_small_areas_has_a_range_of_no_width(evidence):
    widths = evidence.sql(
        "select area_kind, count(*), max(assignment_high - assignment_low) from evidence"
        " where source in ('population', 'census_2021', 'indices_of_deprivation', 'fuel_poverty')"
        " and value is not null group by 1"
    ).fetchall()
    width = {kind: widest for kind, _, widest in widths}
    towns = width.pop("town")
    assert set(width) >= {"place", "district", "community_forum_area", "priority_neighbourhood"}
    assert set(width.values()) == {0.0} and towns > 0


def test_every_figure_that_is_ours_lies_in_its_range(evidence):
    outside, unranged, ranged = evidence.sql(
        "select count(*) filter (value < assignment_low or value > assignment_high),"
        " count(*) filter (value is not null and assignment_low is null and source <> 'fingertips'),"
        " count(assignment_low) from evidence"
    ).fetchone()
    assert (outside, unranged) == (0, 0) and ranged > 10_000


def test_points_agree_with_the_small_area_that_the_police_wrote(warehouse, leicestershire):
    rows = warehouse.sql("select month, vintage, agreement, fall from core.agreement").fetchall()
    assert len(rows) == 47
    assert {v for m, v, *_ in rows if m.year < 2023} == {2011}
    assert {v for m, v, *_ in rows if m.year == 2025} == {2021}
    assert all(0.94 < agreement < 0.985 for *_, agreement, _ in rows)
    assert any("agreement with the police's 2021 small areas" in n for n in leicestershire[0].notes)


def test_agreement_equals_an_independent_count(warehouse, shared):
    """December 2025, by geopandas: the code on the row against the polygon its point lies in."""
    import io
    import zipfile

    import geopandas as gpd

    with zipfile.ZipFile(shared / "police_crime" / "2025-12.zip") as archive:
        frames = [
            pd.read_csv(io.BytesIO(archive.read(m)), dtype=str)
            for m in archive.namelist()
            if m.endswith("-street.csv") and "2025-12" in m
        ]
    rows = pd.concat(frames).dropna(subset=["Longitude", "LSOA code"])
    points = gpd.GeoDataFrame(
        rows[["LSOA code"]],
        geometry=gpd.points_from_xy(
            rows["Longitude"].astype(float), rows["Latitude"].astype(float)
        ),
        crs="EPSG:4326",
    ).to_crs("EPSG:27700")
    polygons = gpd.read_file(shared / "ons_geography" / "police_area_lsoa21.geojson")
    ours = {
        c
        for (c,) in warehouse.sql(
            "select small_area_code from core.small_areas where in_place"
        ).fetchall()
    }
    polygons = polygons[polygons["LSOA21CD"].isin(ours)].to_crs("EPSG:27700")
    joined = points.sjoin(polygons[["LSOA21CD", "geometry"]], predicate="within")
    told = warehouse.sql(
        "select events, events_agreeing from core.agreement where month = date '2025-12-01'"
    ).fetchone()
    assert told == (len(joined), int((joined["LSOA code"] == joined["LSOA21CD"]).sum()))


def test_the_ledger_adds_up_to_each_areas_total(leicestershire, evidence):
    ledger = str(leicestershire[1] / "latest" / "assignment_ledger.parquet")
    worst = evidence.execute(
        "select max(abs(total - 1)), count(*) from (select sum(share_of_area) as total"
        " from read_parquet($ledger) group by area_kind, area_code, counted)",
        {"ledger": ledger},
    ).fetchone()
    assert worst[0] < 1e-6 and worst[1] > 150
