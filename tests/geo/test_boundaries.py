"""Reading, checking and mending boundaries, piece by piece; whole files in test_broken_boundaries."""

import subprocess
import sys
import tempfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.affinity import translate
from shapely.geometry import LineString, MultiPolygon, Point, Polygon, box

from geo import boundaries, polygons, repairs
from geo.boundaries import METRES, BoundaryFaults

QUICK = settings(deadline=None, max_examples=40)
SHARED = Path(__file__).parents[3] / "shared" / "data"
EAST, NORTH = 450_000, 300_000  # in Leicestershire
STEP = 1024  # metres between the corners of a grid, before they are moved


def here(west, south, east, north):
    """A rectangle, in metres from a corner in Leicestershire."""
    return box(EAST + west, NORTH + south, EAST + east, NORTH + north)


def frame(*shapes, codes=None, **fields):
    codes = codes or [f"A{i}" for i in range(len(shapes))]
    named = {"area_code": codes, "area_name": [f"Town {c}" for c in codes], **fields}
    return gpd.GeoDataFrame(named, geometry=list(shapes), crs=METRES)


def objects(*values):
    found = np.empty(len(values), dtype=object)
    found[:] = values
    return found


@st.composite
def tilings(draw):
    """A grid of quadrilaterals whose inner corners are moved by up to 0.4 steps."""
    columns, rows = draw(st.integers(2, 4)), draw(st.integers(1, 4))
    moves = st.integers(-int(STEP * 0.4), int(STEP * 0.4))
    corner = {}
    for x in range(columns + 1):
        for y in range(rows + 1):
            right, up = draw(moves) * (0 < x < columns), draw(moves) * (0 < y < rows)
            corner[x, y] = (EAST + STEP * x + right, NORTH + STEP * y + up)
    return [
        Polygon([corner[x, y], corner[x + 1, y], corner[x + 1, y + 1], corner[x, y + 1]])
        for y in range(rows)
        for x in range(columns)
    ]


@st.composite
def drawn_twice(draw):
    """A layer, and the same with its rows in another order and each ring begun elsewhere."""
    tiles = draw(tilings())
    grown = draw(st.integers(0, 2))  # tiles drawn over their neighbours
    tiles[:grown] = [tile.buffer(200, join_style="mitre") for tile in tiles[:grown]]
    random = draw(st.randoms(use_true_random=False))
    turned = []
    for tile in tiles:
        ring = list(tile.exterior.coords)[:-1]
        start = random.randrange(len(ring))
        ring = ring[start:] + ring[:start]
        turned.append(Polygon(ring[::-1] if random.random() < 0.5 else ring))
    again = frame(*turned)
    order = random.sample(range(len(tiles)), len(tiles))
    return frame(*tiles), again.iloc[order].reset_index(drop=True)


# Reading ---------------------------------------------------------------------------------------


def read_again(layer, folder, name):
    layer.to_file(folder / name)
    return boundaries.read_polygons(folder / name, "area_code", "area_name")


@settings(deadline=None, max_examples=20)
@given(drawn_twice())
def test_what_is_read_hangs_on_no_order_of_rows_nor_on_where_a_ring_begins(layers):
    with tempfile.TemporaryDirectory() as folder:
        one, two = (
            read_again(f, Path(folder), n)
            for f, n in zip(layers, ("1.gpkg", "2.gpkg"), strict=True)
        )
    assert one.to_wkb().equals(two.to_wkb())
    assert one.geometry.is_valid.all()


def test_a_shapefile_s_grid_is_the_grid_to_the_last_digit(tmp_path):
    square = here(0, 0, 1000.125, 1000.25)
    frame(square).to_file(tmp_path / "towns.shp")
    found = boundaries.read_polygons(tmp_path / "towns.shp", "area_code", "area_code")
    assert found.geometry[0].normalize().equals_exact(square.normalize(), 0)


@pytest.mark.parametrize("name", ["3fa9.geojson", "3fa9.shp"])
def test_a_format_of_one_layer_is_read_whatever_layer_is_named(tmp_path, name):
    """A kept file is named by its hash, and such a format's layer by the file."""
    frame(here(0, 0, 500, 500)).to_file(tmp_path / name)
    assert len(boundaries.read_polygons(tmp_path / name, "area_code", "", "towns")) == 1


def test_a_file_with_an_area_code_of_its_own_is_read_by_the_field_that_is_named(tmp_path):
    frame(here(0, 0, 9, 9), town=["T"]).to_file(tmp_path / "towns.gpkg")
    found = boundaries.read_polygons(tmp_path / "towns.gpkg", "town", "area_code")
    assert found[["area_code", "area_name"]].to_numpy().tolist() == [["T", "A0"]]


def test_what_is_wrong_with_a_code_that_is_the_name_too_is_told_once(tmp_path):
    frame(here(0, 0, 9, 9), codes=["A\u200b"]).to_file(tmp_path / "towns.gpkg")
    with pytest.raises(BoundaryFaults) as raised:
        boundaries.read_polygons(tmp_path / "towns.gpkg", "area_code", "area_code")
    (fault,) = raised.value.faults
    assert "the code of area A\ufffd has a hidden character, U+200B" in fault


def test_two_areas_may_have_one_name(tmp_path):
    layer = frame(here(0, 0, 9, 9), here(9, 0, 18, 9)).assign(area_name="Newtown")
    assert list(read_again(layer, tmp_path, "towns.gpkg")["area_name"]) == ["Newtown", "Newtown"]


def test_heights_are_left_out(tmp_path):
    found = read_again(frame(shapely.force_3d(here(0, 0, 9, 9), 80)), tmp_path, "towns.gpkg")
    assert not found.geometry.has_z.any()


@pytest.mark.parametrize("crs", [4326, 4277, 3857, 7405, 32630])
def test_any_system_that_leads_to_the_grid_is_welcome(tmp_path, crs):
    layer = frame(here(0, 0, 1000, 1000))
    found = read_again(layer.to_crs(crs), tmp_path, "towns.gpkg")
    assert found.crs == METRES
    assert found.geometry[0].hausdorff_distance(layer.geometry[0]) < 0.01


def test_fields_that_differ_in_case_only_are_told_apart(tmp_path):
    text = (
        '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties":'
        ' {"Code": "A", "code": "B"}, "geometry": {"type": "Polygon", "coordinates":'
        " [[[-1, 52], [-1.1, 52], [-1, 52.1], [-1, 52]]]}}]}"
    )
    (tmp_path / "towns.geojson").write_text(text, "utf-8")
    for field, value in (("Code", "A"), ("code", "B")):
        found = boundaries.read_polygons(tmp_path / "towns.geojson", field, "")
        assert list(found["area_code"]) == [value]


def test_a_start_does_not_wait_for_geopandas():
    asked = "import sys, geo.boundaries, geo.repairs; sys.exit('geopandas' in sys.modules)"
    assert (
        subprocess.run([sys.executable, "-c", asked], cwd=Path(__file__).parents[2]).returncode == 0
    )


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([101.0, 7.5, None], ["101", "7.5", ""]),
        ([101, 7], ["101", "7"]),
        (["101.0", " E05 ", "", None], ["101.0", "E05", "", ""]),
        (["\xa0Ashby\xa0Parva\n"], ["Ashby Parva"]),
        ([1e15, 10.0**17], ["1000000000000000", "100000000000000000"]),
        ([float("inf")], ["inf"]),
    ],
)
def test_values_become_text(values, words):
    assert boundaries.text(pd.Series(values)).tolist() == words


# Where shapes lie ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shape", "look"),
    [
        (here(0, 0, 9, 9), METRES),
        (box(-1.3, 52.6, -1.2, 52.7), "EPSG:4326"),
        (box(1.2, 52.6, 1.3, 52.7), "EPSG:4326"),  # Norwich, where both are positive
        (box(52.6, -1.3, 52.7, -1.2), "swapped"),
        (box(52.6, 1.2, 52.7, 1.3), "swapped"),
        (box(2.3, 48.8, 2.4, 48.9), "degrees"),  # Paris
        (box(-140_000, 6.9e6, -130_000, 6.95e6), "EPSG:3857"),
        (box(5e6, 5e6, 6e6, 6e6), ""),
        (box(-200, 52, 3, 53), ""),
    ],
)
def test_what_coordinates_look_like(shape, look):
    assert polygons.looks_like(objects(shape)) == [look]


@pytest.mark.parametrize(
    ("shape", "drawn"),
    [
        (here(0, 0, 9, 9), True),
        (Point(1, 1), True),
        (None, False),
        (Polygon(), False),
        (Point(np.nan, 1), False),
        (LineString([(0, 0), (1, np.inf)]), False),
        (Point(1e300, 1), False),
    ],
)
def test_what_counts_as_drawn(shape, drawn):
    assert polygons.are_drawn(objects(here(0, 0, 1, 1), shape)).tolist() == [True, drawn]


PLACE = here(0, 0, 10_000, 10_000)


@pytest.mark.parametrize(
    ("east", "north", "way"),
    [
        (0, 20, "20 km to the north of it"),
        (20, 20, "28 km to the north-east of it"),
        (20, 0, "20 km to the east of it"),
        (30, -30, "42 km to the south-east of it"),
        (0, -250, "250 km to the south of it"),
        (-20, -20, "28 km to the south-west of it"),
        (-20, 1, "20 km to the west of it"),
        (-20, 20, "28 km to the north-west of it"),
    ],
)
def test_a_file_of_another_place_is_said_to_lie_so_far_that_way(east, north, way):
    elsewhere = [translate(PLACE, east * 1000, north * 1000)]
    (fault,) = boundaries.place_faults(frame(*elsewhere), PLACE, "towns.gpkg")
    assert fault == (
        f"towns.gpkg: all its areas lie outside the place, {way}."
        " Put this place's own file there, or mend its CRS."
    )


@pytest.mark.parametrize(
    "shapes",
    [
        [here(2000, 2000, 3000, 3000), here(90_000, 0, 91_000, 1000)],  # one in, one out
        [here(9000, 0, 19_000, 1000)],  # a tenth of it in
        [here(-500_000, -200_000, 500_000, 200_000)],  # the place is in it
        [],
    ],
)
def test_a_file_that_reaches_into_the_place_is_not_of_another(shapes):
    assert boundaries.place_faults(frame(*shapes), PLACE, "towns.gpkg") == []


def test_neighbours_that_touch_the_place_are_outside():
    neighbours = frame(here(10_000, 0, 20_000, 10_000), here(-9_000, 0, 30, 9_000))
    assert "outside the place" in boundaries.place_faults(neighbours, PLACE, "towns.gpkg")[0]


def test_northings_before_eastings_are_said_to_be_swapped_and_nothing_else():
    layer = frame(here(0, 0, 5000, 5000), here(5000, 0, 9000, 5000))
    layer.geometry = polygons.swapped(layer.geometry.to_numpy())
    assert boundaries.place_faults(layer, PLACE, "towns.gpkg") == [
        "towns.gpkg: its eastings and northings are swapped. Save it with eastings first."
    ]


# Partitions ------------------------------------------------------------------------------------


def partition_faults(*shapes, place=PLACE):
    return boundaries.polygon_partition_faults("ward", frame(*shapes), place, "wards.gpkg")


def test_an_overlap_is_told_with_both_codes_its_size_and_where_it_is():
    assert partition_faults(here(0, 0, 5200, 10_000), here(5000, 0, 10_000, 10_000)) == [
        "wards.gpkg: A0 and A1 overlap by 200.0 ha around 455100, 305000, but ward is declared a"
        " partition. Give that ground to one of them, or take out partition = true."
    ]


def test_a_gap_is_told_with_its_size_its_neighbours_and_where_it_is():
    assert partition_faults(here(0, 0, 4800, 10_000), here(5000, 0, 10_000, 10_000)) == [
        "wards.gpkg: 200.0 ha around 454900, 305000 are in no ward, but ward is declared a"
        " partition. Give that ground to its neighbour (A0, A1), or add the area that lacks, or"
        " take out partition = true."
    ]


def test_an_area_wholly_within_another_overlaps_it():
    (fault,) = partition_faults(PLACE, here(2000, 2000, 2500, 2500))
    assert "A0 and A1 overlap by 25.0 ha" in fault


@pytest.mark.parametrize(("width", "told"), [(79, False), (81, True)])
def test_what_is_narrower_than_80_metres_is_a_sliver(width, told):
    """Two drawings of one edge, each within 20 m of it, twice over."""
    strip = here(4000, 4000, 4000 + width, 5000)
    assert bool(partition_faults(PLACE.difference(strip))) is told
    assert bool(partition_faults(PLACE, strip)) is told


def test_a_gap_that_runs_on_as_a_sliver_is_told_by_its_wide_part():
    """Between the edge of a generalised layer and that of its place a sliver runs all the way."""
    inner = PLACE.buffer(-2, join_style="mitre").difference(here(0, 4000, 500, 5000))
    (fault,) = partition_faults(inner)
    assert "50.0 ha around 450250, 304500 are in no ward" in fault


def test_two_gaps_that_a_sliver_joins_are_told_each():
    inner = PLACE.buffer(-2, join_style="mitre")
    inner = inner.difference(here(0, 4000, 500, 5000)).difference(here(9000, 0, 10_000, 1000))
    large, small = partition_faults(inner)
    assert "100.0 ha around 459500" in large and "50.0 ha around 450250" in small


def test_the_biggest_come_first_and_after_ten_the_rest_are_counted():
    holes = [here(700 * i, 0, 700 * i + 100 + 10 * i, 500) for i in range(13)]
    faults = partition_faults(PLACE.difference(shapely.union_all(holes)))
    assert [f.split()[1] for f in faults[:3]] == ["11.0", "10.5", "10.0"]
    assert len(faults) == 11
    assert faults[-1] == "wards.gpkg: its areas leave out ground in 3 more places."


@pytest.mark.parametrize(("strips", "told"), [(9, False), (11, True)])
def test_slivers_are_told_together_once_they_are_a_thousandth_of_the_place(strips, told):
    doubled = [here(500 * i, 0, 500 * i + 10, 1000) for i in range(strips)]  # a hectare each
    faults = partition_faults(PLACE, MultiPolygon(doubled))
    assert faults == (
        [
            "wards.gpkg: its areas overlap in slivers of 11.0 ha in all, the largest 1.0 ha around"
            " 450005, 300500. Draw their edges from one layer, or take out partition = true."
        ]
        if told
        else []
    )


@pytest.mark.parametrize(("short", "told"), [(4, False), (6, True)])
def test_a_small_place_has_much_edge_for_its_ground(short, told):
    """Slivers left out along the edge may come to five metres of it."""
    place = here(0, 0, 1000, 1000)
    faults = partition_faults(place.buffer(-short, join_style="mitre"), place=place)
    assert ["leave out ground in slivers" in fault for fault in faults] == [True] * told


def test_no_area_at_all_leaves_out_the_whole_place():
    (fault,) = partition_faults()
    assert "10,000.0 ha around 455000, 305000 are in no ward" in fault


@QUICK
@given(tilings(), st.data())
def test_a_tiling_is_a_partition_until_one_tile_is_taken_out(tiles, data):
    place = shapely.union_all(tiles)
    assert partition_faults(*tiles, place=place) == []
    lost = data.draw(st.integers(0, len(tiles) - 1))
    rest = [tile for i, tile in enumerate(tiles) if i != lost]
    (fault,) = partition_faults(*rest, place=place)
    told = float(fault.split()[1])
    assert told == pytest.approx(tiles[lost].area / 1e4, abs=3), "the tips of sharp corners lack"


@QUICK
@given(drawn_twice())
def test_what_is_told_of_a_partition_hangs_on_no_order_of_rows_nor_of_corners(layers):
    one, two = (boundaries.polygon_partition_faults("w", f, PLACE, "f") for f in layers)
    assert one == two
    assert one, "the place is larger than any tiling"


def test_edges_that_all_but_touch_do_not_lead_astray():
    """GEOS 3.14 without a grid gives 2 ha as the ground that these two have in common."""
    one = Polygon(
        [
            (215932.23565118713, 211071.86821354346),
            (215925.92359894735, 211031.86962503704),
            (214951.92038203054, 210925.43438838492),
        ]
    )
    other = MultiPolygon(
        [
            Polygon(
                [
                    (216990.96824947128, 210966.18133553665),
                    (216992.0850069155, 210922.21609013263),
                    (215988.98610772964, 211957.47573479358),
                ]
            ),
            Polygon(
                [
                    (215928.06912512862, 211069.58769934022),
                    (215929.08356621367, 211069.143555654),
                    (215968.78611883117, 211051.7609413933),
                ]
            ),
        ]
    )
    _, _, pieces = polygons.overlaps(objects(one, other))
    assert shapely.area(pieces).sum() < 1


@QUICK
@given(tilings(), st.integers(1, 30))
def test_overlaps_are_those_that_a_look_at_every_pair_finds(tiles, grown):
    shapes = objects(*(t.buffer(grown, join_style="mitre") for t in tiles[::2]), *tiles[1::2])
    first, second, pieces = polygons.overlaps(shapes)
    found = {}
    for i, j, piece in zip(first, second, pieces, strict=True):
        found[i, j] = found.get((i, j), 0.0) + piece.area
    pairs = [(i, j) for i in range(len(shapes)) for j in range(i + 1, len(shapes))]
    areas = {(i, j): shapes[i].intersection(shapes[j]).area for i, j in pairs}
    assert found == pytest.approx({pair: a for pair, a in areas.items() if a > 0}, abs=5)


# Mending ---------------------------------------------------------------------------------------


def mended(layer, folder, name="towns.gpkg", code="area_code", **named):
    layer.to_file(folder / name)
    return repairs.mend(folder / name, code, "area_name", **named)


def test_a_layer_with_nothing_wrong_is_left_as_it_is(tmp_path):
    layer = frame(here(0, 0, 500, 500), here(500, 0, 900, 500), note=["x", None])
    found, done, left = mended(layer, tmp_path, partition=True, place=here(0, 0, 900, 500))
    assert (done, left) == ([], [])
    assert found.crs == METRES
    assert found.geometry.geom_equals(layer.geometry).all()
    assert found.drop(columns="geometry").to_dict("list") == (
        layer.drop(columns="geometry").to_dict("list")
    )


def test_own_fields_are_kept_and_those_asked_for_mended(tmp_path):
    layer = frame(here(0, 0, 500, 500), Town=[" T  1 "], FID=[7], geom=["g"])
    found, done, left = mended(layer, tmp_path, "towns.geojson", code="town")
    assert left == []
    assert done[:2] == [
        "towns.geojson: its field Town is called town, as place.toml has it.",
        "towns.geojson: area T 1 is rid of stray spaces and hidden characters in code and name.",
    ]
    out = tmp_path / "mended.gpkg"
    repairs.write_mended({"town": found}, out)
    written = gpd.read_file(out).drop(columns="geometry").to_dict("records")
    assert written == [
        {"area_code": "T 1", "area_name": "Town A0", "town": "T 1", "FID": 7, "geom": "g"}
    ]


def test_a_field_that_geopackage_would_take_for_another_is_left_out_with_a_word(tmp_path):
    layer = frame(here(0, 0, 500, 500), town=["T"], Town=["other"])
    found, done, left = mended(layer, tmp_path, "towns.geojson", code="town")
    assert list(found.columns) == ["area_code", "area_name", "town", "geometry"]
    assert (found["area_code"][0], left) == ("T", [])
    told = "its fields area_code, Town are left out, for others have those names."
    assert f"towns.geojson: {told}" in done


def test_lists_in_a_geojson_become_text(tmp_path):
    text = (
        '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties":'
        ' {"area_code": "A", "wards": [1, 2], "more": {"a": 1}}, "geometry": {"type": "Polygon",'
        ' "coordinates": [[[-1, 52], [-1.1, 52], [-1, 52.1], [-1, 52]]]}}]}'
    )
    (tmp_path / "towns.geojson").write_text(text, "utf-8")
    found, _, left = repairs.mend(tmp_path / "towns.geojson", "area_code", "")
    assert left == []
    repairs.write_mended({"town": found}, tmp_path / "mended.gpkg")
    assert gpd.read_file(tmp_path / "mended.gpkg")["wards"][0] == "[1 2]"


def test_areas_are_named_up_to_five_and_then_counted(tmp_path):
    layer = frame(*(here(100 * i, 0, 100 * i + 100, 100) for i in range(8)))
    layer.loc[1:, "area_name"] += "\t"
    _, done, _ = mended(layer.assign(area_name=layer["area_name"] + "."), tmp_path)
    assert done == [
        "towns.gpkg: A1, A2, A3, A4, A5 and 2 more are rid of stray spaces and hidden characters"
        " in code and name."
    ]


def shares(layer):
    return dict(zip(layer["area_code"], layer.geometry.area / 1e4, strict=True))


def test_the_lower_code_keeps_ground_that_two_share_whatever_the_order_of_rows(tmp_path):
    layer = frame(here(500, 0, 1000, 1000), here(0, 0, 520, 1000), codes=["B", "A"])
    found, done, left = mended(layer, tmp_path, partition=True, place=here(0, 0, 1000, 1000))
    assert left == []
    assert shares(found) == pytest.approx({"B": 48, "A": 52})
    assert done == [
        "towns.gpkg: overlaps (2.0 ha in all, the largest 2.0 ha around 450510, 300500) are given"
        " to the lower code."
    ]


def test_the_lower_code_keeps_even_a_tongue_into_the_other(tmp_path):
    tongue = here(500, 480, 560, 520)
    layer = frame(here(0, 0, 500, 1000).union(tongue), here(500, 0, 1000, 1000))
    found, _, left = mended(layer, tmp_path, partition=True, place=here(0, 0, 1000, 1000))
    assert left == []
    assert shares(found) == pytest.approx({"A0": 50.24, "A1": 49.76})


def test_a_gap_goes_to_the_neighbour_with_the_longest_edge_along_it(tmp_path):
    gap = here(490, 200, 510, 800)
    west, east = here(0, 0, 500, 1000).difference(gap), here(500, 0, 1000, 1000).difference(gap)
    nick = here(470, 400, 490, 600)
    layer = frame(west.difference(nick), east, nick)
    found, done, left = mended(layer, tmp_path, partition=True, place=here(0, 0, 1000, 1000))
    assert left == []
    assert shares(found) == pytest.approx({"A0": 49.0, "A1": 50.6, "A2": 0.4})
    assert done == [
        "towns.gpkg: gaps (1.2 ha in all, the largest 1.2 ha around 450500, 300500) are given to"
        " the neighbour with most edge along it."
    ]


def test_a_city_that_the_county_leaves_out_is_no_gap_to_be_filled(tmp_path):
    city = here(4000, 4000, 5000, 5000)
    county = frame(
        here(0, 0, 4500, 9000).difference(city), here(4500, 0, 9000, 9000).difference(city)
    )
    place = here(0, 0, 9000, 9000).difference(city)
    found, done, left = mended(county, tmp_path, partition=True, place=place)
    assert (done, left) == ([], [])
    assert found.geometry.area.sum() == pytest.approx(place.area)
    _, _, left = mended(county, tmp_path, partition=True)
    assert "100.0 ha" in left[0], "without the place nobody knows: a person is asked"


def test_slivers_wait_until_a_person_has_decided_on_a_larger_overlap(tmp_path):
    layer = frame(here(0, 0, 520, 1000), here(500, 0, 1200, 1000), here(1000, 0, 2000, 1000))
    found, done, left = mended(
        layer, tmp_path, partition=True, place=here(0, 0, 2000, 1000), kind_id="ward"
    )
    assert done == []
    assert "A1 and A2 overlap by 20.0 ha" in left[0] and "but ward is declared" in left[0]
    assert found.geometry.geom_equals(layer.geometry).all()


def test_slivers_are_mended_in_a_partition_only(tmp_path):
    layer = frame(here(0, 0, 520, 1000), here(500, 0, 1000, 1000))
    found, done, left = mended(layer, tmp_path)
    assert (done, left) == ([], [])
    assert found.geometry.geom_equals(layer.geometry).all()


@settings(deadline=None, max_examples=15)
@given(tilings(), st.integers(1, 15))
def test_a_tiling_drawn_anew_tile_by_tile_is_mended_into_a_tiling(tiles, metres):
    """Every other tile is drawn a few metres too large, as separate drawings are."""
    place = shapely.union_all(tiles)
    drawn = [
        t.buffer(metres, join_style="mitre").intersection(place) if i % 2 else t
        for i, t in enumerate(tiles)
    ]
    with tempfile.TemporaryDirectory() as folder:
        found, _, left = mended(frame(*drawn), Path(folder), partition=True, place=place)
    assert left == []
    assert shapely.coverage_is_valid(found.geometry.to_numpy())
    assert found.geometry.area.sum() == pytest.approx(place.area, rel=1e-6)


def refusal(layers, out):
    with pytest.raises(BoundaryFaults) as raised:
        repairs.write_mended(layers, out)
    (fault,) = raised.value.faults
    return fault


def test_a_file_that_is_there_is_never_written_over(tmp_path):
    out = tmp_path / "towns.gpkg"
    out.write_bytes(b"mine")
    fault = refusal({"town": frame(here(0, 0, 9, 9))}, out)
    assert fault == (
        "towns.gpkg: it is there already, and nothing is written over. Give another name."
    )
    assert [p.name for p in tmp_path.iterdir()] == ["towns.gpkg"]
    assert out.read_bytes() == b"mine"


@pytest.mark.parametrize(
    ("name", "layers", "told"),
    [
        ("towns.shp", 1, "towns.shp: a mended layer is a GeoPackage. Give it a name that ends in"),
        ("mended/towns.gpkg", 1, "towns.gpkg: there is no folder "),
        ("towns.gpkg", 0, "towns.gpkg: there is no layer to write"),
    ],
)
def test_what_cannot_be_written_is_said_and_leaves_nothing_behind(tmp_path, name, layers, told):
    rows = frame(here(0, 0, 9, 9)).iloc[:layers]
    assert refusal({"town": rows}, tmp_path / name).startswith(told)
    assert list(tmp_path.iterdir()) == []


def test_each_kind_is_a_layer_and_a_file_that_could_not_be_read_is_none(tmp_path):
    out = tmp_path / "mended.gpkg"
    town, ward = frame(here(0, 0, 9, 9)), frame(here(0, 0, 9, 9), here(9, 0, 18, 9))
    repairs.write_mended({"town": town, "ward": ward, "forum": town.iloc[:0]}, out)
    assert gpd.list_layers(out)["name"].to_list() == ["town", "ward"]
    assert len(boundaries.read_polygons(out, "area_code", "area_name", "ward")) == 2
    assert [p.name for p in tmp_path.iterdir()] == ["mended.gpkg"]


def test_what_a_run_that_was_killed_left_half_written_is_no_hindrance(tmp_path):
    frame(here(0, 0, 9, 9)).to_file(tmp_path / "mended.part.gpkg", layer="forum")
    repairs.write_mended({"town": frame(here(0, 0, 9, 9))}, tmp_path / "mended.gpkg")
    assert gpd.list_layers(tmp_path / "mended.gpkg")["name"].to_list() == ["town"]
    assert [p.name for p in tmp_path.iterdir()] == ["mended.gpkg"]


def test_a_write_that_fails_half_way_is_told_and_leaves_nothing_behind(tmp_path, monkeypatch):
    town, out = frame(here(0, 0, 9, 9)), tmp_path / "mended.gpkg"
    write = gpd.GeoDataFrame.to_file

    def fails_at_the_second(self, path, layer, **named):
        if layer == "ward":
            raise OSError("No space left on device")
        write(self, path, layer=layer, **named)

    monkeypatch.setattr(gpd.GeoDataFrame, "to_file", fails_at_the_second)
    fault = refusal({"town": town, "ward": town}, out)
    assert fault == (
        "mended.gpkg: it cannot be written (No space left on device). Give another place for it."
    )
    assert list(tmp_path.iterdir()) == []


# Real boundaries -------------------------------------------------------------------------------

REAL = {
    "ward": "WD25",
    "lsoa11": "LSOA11",
    "lsoa21": "LSOA21",
    "msoa11": "MSOA11",
    "msoa21": "MSOA21",
}
DISTRICTS = [f"E0700{n}" for n in range(129, 136)] + ["E06000016", "E06000017"]
real = pytest.mark.skipif(
    not SHARED.is_dir(), reason="needs the real public data in ../shared/data (see its README.md)"
)


@pytest.fixture(scope="module")
def layers():
    """The ONS layers of Leicestershire, Leicester and Rutland, with the district of each area."""
    found = {}
    for kind, stem in REAL.items():
        path = SHARED / "ons_geography" / f"police_area_{kind}.geojson"
        raw = gpd.read_file(path, ignore_geometry=True)
        home = dict(zip(raw[f"{stem}CD"], raw["lad"], strict=True))
        read = boundaries.read_polygons(path, f"{stem}CD", f"{stem}NM")
        found[kind] = read.assign(district=read["area_code"].map(home))
    return found


@real
@pytest.mark.parametrize("district", [*DISTRICTS, "E0"])
@pytest.mark.parametrize("kind", REAL)
def test_real_layers_are_partitions_of_each_others_ground(layers, kind, district):
    """Wards, small areas of 2011 and of 2021: each was generalised by itself."""
    ours = {k: f[f["district"].str.startswith(district)] for k, f in layers.items()}
    for ground in ("lsoa21", "ward"):
        place = ours[ground].union_all()
        assert boundaries.polygon_partition_faults(kind, ours[kind], place, kind) == []


@real
def test_any_of_the_real_small_areas_would_be_missed_if_it_lacked(layers):
    """None is so narrow that it would pass for a sliver."""
    shapes = layers["lsoa21"].geometry.to_numpy()
    assert set(polygons.wide_parts(shapes)[0]) == set(range(634))


@real
def test_a_small_area_that_lacks_is_found_among_the_slivers_of_another_layer(layers):
    place = layers["ward"].union_all()
    largest = layers["lsoa21"].geometry.area.nlargest(2)
    rest = layers["lsoa21"].drop(index=largest.index)
    faults = boundaries.polygon_partition_faults("lsoa", rest, place, "lsoa.geojson")
    told = [float(fault.split()[1].replace(",", "")) for fault in faults]
    assert told == pytest.approx([area / 1e4 for area in largest], rel=0.01)


@real
def test_real_layers_need_no_mending(layers):
    path = SHARED / "ons_geography" / "police_area_ward.geojson"
    place = layers["lsoa21"].union_all()
    found, done, left = repairs.mend(path, "WD25CD", "WD25NM", partition=True, place=place)
    assert left == []
    assert done == [f"{path.name}: all its areas are turned from WGS 84 into EPSG:27700."]
    assert len(found) == 176


@real
def test_real_towns_reach_over_the_edge_of_the_county_and_are_no_file_of_another(layers):
    path = SHARED / "leicestershire" / "towns_built_up_areas_2011.geojson"
    towns = boundaries.read_polygons(path, "AREACD", "AREANM")
    county = layers["lsoa21"][layers["lsoa21"]["district"].str.startswith("E07")].union_all()
    assert len(towns) == 29
    assert boundaries.place_faults(towns, county, path.name) == []
    rutland = layers["ward"][layers["ward"]["district"] == "E06000017"]
    (fault,) = boundaries.place_faults(rutland, county, "rutland.geojson")
    assert "31 km to the east of it" in fault
