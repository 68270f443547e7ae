"""Real boundaries and lists: what must hold of weights and points, judged by other programs too."""

import duckdb
import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from peers import area_shares, overlay_shares, tobler_in_double

from flows import kinds
from geo import areas, lists, points, rules
from geo.areas import Kind
from geo.boundaries import BoundaryFaults, polygon_partition_faults, read_polygons
from geo.polygons import METRES
from geo.weights import Residents, small_area_weights

DISTRICTS = [f"E07000{n}" for n in range(129, 136)]
RULES = ["area_share", "centroid", "population_share"]


@pytest.fixture(scope="module")
def ons(shared):
    return shared / "ons_geography"


@pytest.fixture(scope="module")
def ground(ons):
    """What lists may name, from the lookups in hand, with the county as the place."""
    with duckdb.connect() as con:
        con.sql("create schema core")
        con.execute(
            "create table core.small_areas as select lsoa21_code as small_area_code,"
            " lsoa21_name as small_area_name, ltla24_code as authority_code,"
            " ltla24_name as authority_name, ward24_code as ward_code, '24' as ward_year,"
            " list_contains($districts, ltla24_code) as in_place, in_place as in_reach"
            " from read_csv($file)",
            {"districts": DISTRICTS, "file": str(ons / "LSOA21_WD24_LAD24_EW.csv")},
        )
        con.execute(
            "create table core.small_area_changes as select #1 as code_2011, #3 as code_2021"
            " from read_csv($file)",
            {"file": str(ons / "LSOA11_LSOA21_LAD22_EW_v1.csv")},
        )
        con.execute(
            "create table core.output_area_shares as select oa_code, lsoa_code,"
            " population / sum(population) over (partition by lsoa_code) as people,"
            " people as households, people as children from read_csv($file) order by oa_code",
            {"file": str(ons / "OA21_LSOA21_MSOA21_LAD_leicestershire.csv")},
        )
        return kinds.ground(con, None)


@pytest.fixture(scope="module")
def units(ground):
    return {unit.id: unit for unit in ground.units}


@pytest.fixture(scope="module")
def small_areas(ons, units):
    """The 408 small areas of the county."""
    every = read_polygons(ons / "police_area_lsoa21.geojson", "LSOA21CD", "LSOA21NM")
    return every[every["area_code"].isin(units["lsoa21"].parts)].reset_index(drop=True)


@pytest.fixture(scope="module")
def wards(ons):
    """The wards of the seven districts, as they were in 2025, declared a partition."""
    every = read_polygons(ons / "police_area_ward.geojson", "WD25CD", "WD25NM")
    district = gpd.read_file(ons / "police_area_ward.geojson", ignore_geometry=True)
    ours = set(district.loc[district["LAD25CD"].isin(DISTRICTS), "WD25CD"])
    polygons = every[every["area_code"].isin(ours)].reset_index(drop=True)
    names = dict(zip(polygons["area_code"], polygons["area_name"], strict=True))
    return Kind("ward", names=names, polygons=polygons, partition=True)


@pytest.fixture(scope="module")
def towns(shared):
    path = shared / "leicestershire" / "towns_built_up_areas_2011.geojson"
    polygons = read_polygons(path, "AREACD", "AREANM")
    names = dict(zip(polygons["area_code"], polygons["area_name"], strict=True))
    return Kind("town", names=names, polygons=polygons)


@pytest.fixture(scope="module")
def postcodes(shared):
    """East and north of every postcode that begins with LE."""
    path = shared / "postcodes" / "codepoint_open_2014_le.csv"
    found = pd.read_csv(path, header=None, usecols=[2, 3]).astype(float)
    return found[2].to_numpy(), found[3].to_numpy()


@pytest.fixture(scope="module")
def forums(shared):
    """The stand-in list of forums: (where, small area, forum, name)."""
    path = shared / "leicestershire" / "community_forums_stand_in.csv"
    return lists.read_list(path, "lsoa21_code", "area_code", "area_name")


@pytest.fixture(scope="module")
def lived_in(ons, small_areas, postcodes):
    """Population-weighted centroids, and a resident at each postcode."""
    centroids = pd.read_csv(ons / "LSOA21_PWC_EW.csv").set_index("LSOA21CD")[["x", "y"]]
    centroids = centroids.loc[small_areas["area_code"]]
    east, north = postcodes
    home = points.locate_once(east, north, small_areas.geometry.to_numpy())
    codes = small_areas["area_code"].to_numpy(object)
    unknown = np.full((home >= 0).sum(), np.nan)
    inside = home >= 0
    return (
        {code: (row.x, row.y) for code, row in centroids.iterrows()},
        Residents(
            east[inside], north[inside], codes[home[inside]], unknown * 0 + 1, unknown, unknown
        ),
    )


# Weights ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("localities", ["wards", "towns"])
def test_area_shares_are_those_of_tobler_and_of_a_geopandas_overlay(
    localities, small_areas, request
):
    kind = request.getfixturevalue(localities)
    kind = Kind(kind.id, names=kind.names, polygons=kind.polygons)
    ours = area_shares(kind, small_areas).to_numpy()
    assert ((ours > 0) & (ours < 1)).sum() > 100
    with tobler_in_double() as tobler:
        assert ours == pytest.approx(tobler(small_areas, kind.polygons), rel=1e-9, abs=1e-9)
    theirs = overlay_shares(kind, small_areas).to_numpy()
    assert ours == pytest.approx(theirs, rel=1e-9, abs=1e-9)


def test_wards_are_a_partition_of_the_districts(wards, small_areas):
    place = small_areas.union_all()
    assert polygon_partition_faults("ward", wards.polygons, place, "wards.geojson") == []


def test_every_small_area_is_counted_once_in_the_wards_by_every_rule(wards, small_areas, lived_in):
    found = small_area_weights(wards, small_areas, lived_in[0], "", lived_in[1])
    numbers = ["weight", "weight_households", "weight_children"]
    sums = found.groupby(["assignment", "small_area_code"])[numbers].sum()
    for rule in RULES:
        assert sums.loc[rule].index.to_list() == small_areas["area_code"].to_list()
    assert len(small_areas) == 408
    assert sums.to_numpy() == pytest.approx(1.0, abs=1e-9)


def test_forums_drawn_as_polygons_have_a_range_of_no_width(forums, units, small_areas, lived_in):
    listed = lists.from_list(forums, units["lsoa21"], [], "forums.csv")
    polygons = areas.shapes(listed, small_areas)
    drawn = Kind("forum", names=listed.names, polygons=polygons, partition=True)
    found = small_area_weights(drawn, small_areas, lived_in[0], "", lived_in[1])
    expected = {(code, p.small_area) for code, parts in listed.parts.items() for p in parts}
    assert len(expected) == 408
    for rule in RULES:
        one = found[found["assignment"] == rule]
        assert set(zip(one["area_code"], one["small_area_code"], strict=True)) == expected
    assert found["weight"].eq(1.0).all()


# Points ----------------------------------------------------------------------------------------


def test_homes_of_points_are_those_of_a_geopandas_join(small_areas, towns, postcodes):
    west, south, east, north = small_areas.total_bounds
    random = np.random.default_rng(2007)
    x = np.r_[postcodes[0], random.uniform(west, east, 20_000)]
    y = np.r_[postcodes[1], random.uniform(south, north, 20_000)]
    frame = gpd.GeoDataFrame(geometry=gpd.points_from_xy(x, y), crs=METRES)
    joined = frame.sjoin(small_areas, how="left", predicate="intersects")
    expected = joined.groupby(level=0)["index_right"].min().fillna(-1).astype(int)
    home = points.locate_once(x, y, small_areas.geometry.to_numpy())
    assert (home >= 0).sum() > 20_000
    np.testing.assert_array_equal(home, expected)
    joined = frame.sjoin(towns.polygons, predicate="intersects")
    point, town = points.locate(x, y, towns.polygons.geometry.to_numpy())
    assert list(zip(point, town, strict=True)) == sorted(
        zip(joined.index, joined["index_right"], strict=True)
    )


def test_points_near_an_edge_are_those_in_a_band_along_it(towns, postcodes):
    near = points.near_edge(*postcodes, towns.polygons.geometry.to_numpy())
    edges = towns.polygons.boundary
    frame = gpd.GeoDataFrame(geometry=gpd.points_from_xy(*postcodes), crs=METRES)
    pairs = frame.sjoin(edges.to_frame("geometry"), predicate="dwithin", distance=50)
    assert len(pairs) > 500
    assert set(zip(*near, strict=True)) == set(zip(pairs.index, pairs["index_right"], strict=True))


# Lists -----------------------------------------------------------------------------------------


def test_every_small_area_is_in_one_forum_and_in_one_district(forums, ground, units):
    place = {row["small_area_code"]: "" for row in ground.in_place}
    listed = lists.from_list(forums, units["lsoa21"], [], "forums.csv")
    place_itself = ("E10000018", "Leicestershire")
    districts = rules.from_rule(ground.in_place, place_itself, "authority", "{group}", "{group}")
    assert (len(place), len(listed.names), len(districts.names)) == (408, 25, 7)
    for kind in (listed, districts):
        assert areas.partition_faults(kind, place, "list") == []


@pytest.fixture(scope="module")
def in_2011(forums, units):
    """The same forums by the small areas of 2011."""
    old = {part.small_area: code for code, parts in units["lsoa11"].parts.items() for part in parts}
    codes = dict.fromkeys((old[member], area, name) for _, member, area, name in forums)
    return [(f"line {n}", *row) for n, row in enumerate(codes, 2)]


def test_a_list_of_2011_gives_the_same_areas_as_one_of_2021(forums, in_2011, units):
    """Twelve small areas of the county were split in 2021; none was merged."""
    assert (len(in_2011), len(forums)) == (396, 408)
    old = lists.from_list(in_2011, units["lsoa11"], [units["lsoa21"]], "forums.csv")
    new = lists.from_list(forums, units["lsoa21"], [units["lsoa11"]], "forums.csv")
    assert old.parts == new.parts and old.names == new.names


def test_a_list_of_2011_declared_as_of_2021_is_told_what_to_do(in_2011, units):
    with pytest.raises(BoundaryFaults) as raised:
        lists.from_list(in_2011, units["lsoa21"], [units["lsoa11"]], "forums.csv")
    first, *rest = raised.value.faults
    assert first.endswith('Write of = "lsoa11".')
    assert len(rest) == 12 and all("in 2021 it is E0103" in fault for fault in rest)


def test_output_areas_of_whole_small_areas_are_exactly_those(forums, units):
    home = {member: (area, name) for _, member, area, name in forums}
    rows = [
        ("", code, *home[part.small_area]) for code, (part,) in sorted(units["oa21"].parts.items())
    ]
    assert len(rows) > 2000
    by_output_area = lists.from_list(rows, units["oa21"], [], "forums.csv")
    by_small_area = lists.from_list(forums, units["lsoa21"], [], "forums.csv")
    assert by_output_area.parts == by_small_area.parts
    assert by_output_area.rule == by_small_area.rule == "exact membership"
