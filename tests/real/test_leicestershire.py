"""The real county: what must hold of the figures, judged by programs that share no code with ours."""

import io
import zipfile
from decimal import Decimal

import geopandas as gpd
import pandas as pd
import pytest

DISTRICTS = {f"E0700{n}" for n in range(129, 136)} | {f"E07000{n}" for n in range(129, 136)}


@pytest.fixture(scope="module")
def archive_rows(shared):
    """Every row of every street file of both archives, as pandas reads them."""
    frames = []
    for name in ("2025-12.zip", "2022-10.zip"):
        with zipfile.ZipFile(shared / "police_crime" / name) as archive:
            for member in archive.namelist():
                if member.endswith("-street.csv"):
                    rows = pd.read_csv(io.BytesIO(archive.read(member)), dtype=str)
                    frames.append(rows.assign(file=member.rpartition("/")[2]))
    return pd.concat(frames, ignore_index=True)


@pytest.fixture(scope="module")
def joined(archive_rows, leicestershire):
    """The same points put into the published polygons by geopandas: one row per point and locality."""
    located = archive_rows.dropna(subset=["Longitude", "Latitude"])
    east, north = located["Longitude"].astype(float), located["Latitude"].astype(float)
    points = gpd.GeoDataFrame(
        located[["Month", "Crime type"]], geometry=gpd.points_from_xy(east, north), crs="EPSG:4326"
    ).to_crs("EPSG:27700")
    kinds = []
    for kind in ("place", "district", "community_forum_area", "priority_neighbourhood", "town"):
        areas = gpd.read_file(leicestershire[1] / "latest" / "localities.gpkg", layer=kind)
        kinds.append(points.sjoin(areas, predicate="within"))
    return pd.concat(kinds)


def published(evidence, indicator):
    return evidence.execute(
        "select period, area_kind, area_code, numerator from evidence where indicator_id = $i",
        {"i": indicator},
    ).fetchall()


@pytest.mark.parametrize("indicator", ["crimes_month", "asb_incidents_month"])
def test_counts_equal_an_independent_spatial_join_to_the_row(evidence, joined, indicator):
    is_asb = joined["Crime type"] == "Anti-social behaviour"
    counted = joined[is_asb if indicator.startswith("asb") else ~is_asb]
    expected = counted.groupby(["Month", "area_kind", "area_code"]).size().to_dict()
    ours = {row[:3]: row[3] for row in published(evidence, indicator)}
    judged = {k: v for k, v in ours.items() if k[1] != "rural_area"}
    assert len(judged) > 47 * 30
    silent = {k for k, count in judged.items() if count is None}
    assert len(silent) < 5 and not silent & set(expected)  # no crime where ten were to be expected
    for key, count in judged.items():
        assert key in silent or count == expected.get(key, 0), key
    assert set(expected) <= set(judged)


@pytest.mark.parametrize("kind", ["district", "community_forum_area"])
def test_a_partition_adds_up_to_the_county_in_every_month(evidence, kind):
    for indicator in ("crimes_month", "asb_incidents_month"):
        rows = published(evidence, indicator)
        county = {p: n for p, k, _, n in rows if k == "place"}
        sums = dict.fromkeys(county, Decimal(0))
        for period, area_kind, _, count in rows:
            if area_kind == kind:
                sums[period] += count or 0  # missing where none was recorded at all
        assert sums == county and len(county) == 47


def test_every_row_read_is_placed_inside_outside_or_counted_as_unplaced(warehouse, archive_rows):
    read, inside, outside, nowhere = warehouse.sql(
        "select sum(rows_read), sum(placed_inside), sum(placed_outside), sum(unplaced)"
        " from core.placement"
    ).fetchone()
    assert inside + outside + nowhere == read
    quarantined = warehouse.sql(
        "select count(*) from core.quarantine where source = 'police_crime'"
    ).fetchone()[0]
    assert read + quarantined == len(archive_rows)
    assert nowhere == archive_rows["Longitude"].isna().sum()


def test_each_file_is_accounted_for_by_itself(warehouse, archive_rows):
    ours = warehouse.sql("select file, rows_read from core.placement").fetchall()
    assert dict(ours) == archive_rows.groupby("file").size().to_dict()


def test_both_archives_land_and_the_gap_between_them_is_absent(evidence):
    months = {p for p, k, _, _ in published(evidence, "crimes_month") if k == "place"}
    expected = [str(m) for m in pd.period_range("2019-12", "2022-10", freq="M")]
    expected += [str(m) for m in pd.period_range("2025-01", "2025-12", freq="M")]
    assert months == set(expected)
    rolling = {p for p, k, _, _ in published(evidence, "crime_rate_12_months") if k == "place"}
    assert "2025-01 to 2025-12" in rolling
    assert not any("2022-11" <= p[11:] < "2025-12" for p in rolling)


def test_each_small_area_is_in_one_forum_and_one_district(warehouse):
    counted = warehouse.sql(
        "select area_kind, count(*), count(distinct small_area_code) from geo.area_weights"
        " where area_kind in ('district', 'community_forum_area', 'place') group by 1"
    ).fetchall()
    assert sorted(counted) == [
        ("community_forum_area", 408, 408),
        ("district", 408, 408),
        ("place", 408, 408),
    ]


def test_a_proportion_is_the_sum_of_its_small_areas_divided_once(evidence, shared):
    census = pd.read_csv(shared / "census_2021" / "census2021-ts054-lsoa.csv")
    forums = pd.read_csv(shared / "leicestershire" / "community_forums_stand_in.csv")
    rented = [c for c in census.columns if ": Social rented" in c]
    total = "Tenure of household: Total; measures: Value"
    joined = forums.merge(census, left_on="lsoa21_code", right_on="geography code")
    sums = joined.groupby("area_code")[[*rented, total]].sum()
    expected = (sums[rented].sum(axis=1) / sums[total] * 100).to_dict()
    ours = evidence.sql(
        "select area_code, value from evidence where indicator_id = 'social_rented_households'"
        " and area_kind = 'community_forum_area'"
    ).fetchall()
    assert dict(ours) == pytest.approx(expected, abs=1e-6)
    assert len(ours) == 25


def test_population_on_2011_small_areas_keeps_its_total(evidence, shared):
    """Splits, merges and all: the county's people in 2020 are those of its 2011 small areas."""
    lookup = pd.read_csv(shared / "ons_geography" / "LSOA11_LSOA21_LAD22_EW_v1.csv", dtype=str)
    people = pd.read_csv(shared / "population" / "mid-2020-lsoa11-single-year-of-age.csv")
    county = set(lookup.loc[lookup["LAD22CD"].isin(DISTRICTS), "F_LSOA11CD"])
    ages = [str(age) for age in range(85, 90)] + ["90+"]
    expected = people.loc[people["lsoa11_code"].isin(county), ages].to_numpy().sum()
    ours = evidence.sql(
        "select area_kind, sum(numerator) from evidence where indicator_id = 'aged_85_and_over'"
        " and area_kind in ('place', 'district', 'community_forum_area') group by 1"
    ).fetchall()
    assert len(ours) == 3
    for kind, total in ours:
        assert float(total) == pytest.approx(expected, abs=0.01), kind


def test_deprivation_summary_equals_pandas(evidence, shared):
    iod = pd.read_csv(
        shared / "indices_of_deprivation" / "File_7_IoD2025_rebuilt_from_real_values.csv"
    )
    district = iod["Local Authority District code (2024)"]
    ours = iod[district.isin(DISTRICTS)].copy()
    people = ours["Total population: mid 2022"]
    score = ours["Index of Multiple Deprivation (IMD) Score"]
    decile = ours[next(c for c in ours.columns if "(IMD) Decile" in c)]
    by = ours["Local Authority District code (2024)"]
    mean = ((score * people).groupby(by).sum() / people.groupby(by).sum()).to_dict()
    told = evidence.sql(
        "select area_code, value from evidence where indicator_id = 'imd_score'"
        " and area_kind = 'district'"
    ).fetchall()
    assert dict(told) == pytest.approx(mean, abs=1e-6)
    shares = evidence.sql(
        "select sum(value) from evidence where indicator_id like 'imd_people_decile_%'"
        " and area_kind = 'place'"
    ).fetchone()[0]
    assert shares == pytest.approx(100, abs=1e-4)
    first = (people[decile == 1].sum() / people.sum()) * 100
    told = evidence.sql(
        "select value from evidence where indicator_id = 'imd_people_decile_01'"
        " and area_kind = 'place'"
    ).fetchone()[0]
    assert told == pytest.approx(first, abs=1e-6)


def test_fuel_poverty_in_both_vintages(evidence, shared):
    """2020 is on 2011 small areas, 2022 on 2021 ones: both give a share for the county."""
    told = dict(
        evidence.sql(
            "select period, value from evidence where indicator_id = 'fuel_poor_households'"
            " and area_kind = 'place'"
        ).fetchall()
    )
    assert set(told) == {"2020", "2021", "2022"}
    book = pd.read_excel(
        shared / "fuel_poverty" / "2022_Sub-Regional-Data-LILEE.xlsx",
        sheet_name="Table 3",
        header=2,
        engine="calamine",
    )
    county = book[book["LA Code"].isin(DISTRICTS)]
    poor = county["Number of households in fuel poverty"].sum()
    expected = poor / county["Number of households"].sum() * 100
    assert told["2022"] == pytest.approx(expected, abs=1e-6)


def test_smoking_is_as_published_and_never_below_the_district(evidence, shared):
    rows = evidence.sql(
        "select area_kind, area_code, period, value, lower_ci from evidence"
        " where indicator_id = 'smoking_prevalence' and value is not null"
    ).fetchall()
    assert {kind for kind, *_ in rows} == {"district", "place"}
    raw = pd.read_csv(shared / "fingertips" / "HEEC_91547_smoking_qof_allareas.csv", dtype=str)
    raw = raw[
        raw["Category Type"].isna() & (raw["Sex"] == "Persons") & raw["Age"].ne("Not applicable")
    ]
    by = {(r["Area Code"], r["Time period"]): r for r in raw.to_dict("records")}
    for _, code, period, value, lower in rows:
        source = by[code, period]
        assert value == pytest.approx(float(source["Value"]), abs=1e-6)
        assert lower == pytest.approx(float(source["Lower CI 95.0 limit"]), abs=1e-6)


def test_what_is_not_in_hand_is_a_gap_with_its_reason(evidence, leicestershire):
    values, notes = evidence.sql(
        "select count(value), count(note) filter (note like 'no figure:%price_paid%') from evidence"
        " where source = 'price_paid'"
    ).fetchone()
    assert values == 0 and notes > 60
    outcome, _ = leicestershire
    assert any("Price Paid" in gap for gap in outcome.gaps)
    silent = evidence.sql("select count(*) from evidence where value is null and note is null")
    assert silent.fetchone() == (0,)


def test_no_area_of_another_county_is_published(evidence):
    names = evidence.sql(
        "select distinct area_name from evidence where area_kind = 'town'"
    ).fetchall()
    assert len(names) > 10 and "Leicester BUA" not in {n for (n,) in names}
