"""Boundaries and lists as officers send them: the right is read, the wrong is said at once."""

import json

import geopandas as gpd
import pytest
from shapely.affinity import translate
from shapely.geometry import MultiPolygon, Point, Polygon, box

from geo import areas
from geo.areas import METRES, BoundaryFaults, Kind

EAST, NORTH = 450_000, 300_000  # in Leicestershire
BOW_TIE = Polygon([(0, 0), (1000, 1000), (1000, 0), (0, 1000)])


def square(column, row=0, size=1000):
    west, south = EAST + size * column, NORTH + size * row
    return box(west, south, west + size, south + size)


def layer(shapes, codes=None, names=None, crs=METRES):
    codes = codes or [f"A{i}" for i in range(len(shapes))]
    names = names or [f"Town {c}" for c in codes]
    return gpd.GeoDataFrame({"town_code": codes, "town_name": names}, geometry=shapes, crs=crs)


@pytest.fixture
def save(tmp_path):
    """Write a layer to a file, by its ending."""

    def to(frame, name="towns.gpkg", **named):
        frame.to_file(tmp_path / name, **named)
        return tmp_path / name

    return to


def read(path, **named):
    return areas.read_polygons(path, "town_code", "town_name", **named)


def faults_of(path, **named):
    with pytest.raises(BoundaryFaults) as raised:
        read(path, **named)
    assert str(raised.value) == "\n".join(raised.value.faults)
    assert all(fault.startswith(f"{path.name}: ") for fault in raised.value.faults)
    return raised.value.faults


# Good boundaries -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["towns.gpkg", "towns.geojson", "towns.shp"])
def test_every_format_is_read_by_code_in_metres(save, name):
    frame = layer([square(1), square(0)], ["B", "A"], ["Beacon", "Ashby"])
    found = read(save(frame.to_crs(4326) if name.endswith("json") else frame, name))
    assert list(found.columns) == ["area_code", "area_name", "geometry"]
    assert list(found["area_code"]) == ["A", "B"]
    assert list(found["area_name"]) == ["Ashby", "Beacon"]
    assert found.crs == METRES
    assert found.geometry.area.to_list() == pytest.approx([1e6, 1e6], rel=1e-4)


def test_codes_that_are_numbers_and_names_with_spaces_are_read_as_text(save):
    found = read(save(layer([square(0), square(1)], [12, 7], [" Ashby ", "Beacon"])))
    assert list(found["area_code"]) == ["12", "7"]
    assert list(found["area_name"]) == ["Ashby", "Beacon"]


def test_the_layer_asked_for_is_the_one_read(save):
    path = save(layer([square(0)], ["A"]), layer="towns")
    save(layer([square(0)], ["Z"]), layer="villages", mode="a")
    assert list(read(path, layer="villages")["area_code"]) == ["Z"]
    assert "cannot be read as a boundary file" in faults_of(path, layer="parishes")[0]


def test_without_a_name_field_the_code_is_the_name(save):
    found = areas.read_polygons(save(layer([square(0)], ["A"])), "town_code", "")
    assert list(found["area_name"]) == ["A"]


def test_an_area_in_parts_and_with_a_hole_keeps_its_size(save):
    holed = square(0).difference(box(EAST + 400, NORTH + 400, EAST + 600, NORTH + 600))
    found = read(save(layer([MultiPolygon([holed, square(5)])])))
    assert found.geometry.area[0] == pytest.approx(1e6 - 4e4 + 1e6)


def test_a_ring_whose_fault_moves_no_ground_is_mended(save):
    """A ring that touches itself in a point: drawing programs make a hole that way."""
    bag = Polygon([(0, 0), (900, 0), (900, 900), (0, 900), (0, 450), (9, 500), (9, 400), (0, 450)])
    assert not bag.is_valid
    found = read(save(layer([translate(bag, EAST, NORTH)])))
    assert found.geometry.is_valid.all()
    assert found.geometry.area[0] == pytest.approx(bag.area)


def lobed(size):
    """A kilometre square whose corner is drawn as a little loop."""
    loop = [(0, 1000), (-size, 1000 + size), (5 * size, 1000 - size)]
    return translate(Polygon([(0, 0), (1000, 0), (1000, 1000), *loop]), EAST, NORTH)


def test_a_loop_of_a_millimetre_is_mended_and_one_of_ten_metres_is_refused(save):
    """The share of ground that a mend may move is one in a million."""
    assert not lobed(0.001).is_valid
    found = read(save(layer([lobed(0.001)])))
    assert found.geometry.is_valid.all()
    assert found.geometry.area[0] == pytest.approx(1e6, rel=1e-5)
    assert "crosses itself" in faults_of(save(layer([lobed(10)]), "large.gpkg"))[0]


# Wrong boundaries ------------------------------------------------------------------------------


def test_a_boundary_without_a_reference_system_is_told_how_to_set_it(save):
    (fault,) = faults_of(save(layer([square(0)], crs=None), "towns.shp"))
    assert "coordinate reference system" in fault and "EPSG:27700" in fault and "QGIS" in fault


def test_degrees_under_a_reference_system_in_metres_are_noticed(save):
    shape = box(-1.2, 52.6, -1.1, 52.7)
    (fault,) = faults_of(save(layer([shape], crs=METRES)))
    assert "its CRS is in metres but its coordinates look like degrees" in fault


@pytest.mark.parametrize("name", ["towns.gpkg", "towns.geojson"])
def test_metres_under_a_reference_system_in_degrees_are_noticed(save, name):
    (fault,) = faults_of(save(layer([square(0)], crs=4326), name))
    assert "its CRS is in degrees but its coordinates look like metres" in fault


def test_swapped_latitude_and_longitude_are_noticed(save):
    (fault,) = faults_of(save(layer([box(52.6, -1.2, 52.7, -1.1)], crs=4326)))
    assert "latitude and longitude are swapped" in fault


def test_a_polygon_that_crosses_itself_is_refused_with_the_mend(save):
    (fault,) = faults_of(save(layer([square(5), translate(BOW_TIE, EAST, NORTH)], ["A", "B"])))
    assert "the boundary of area B crosses itself" in fault
    assert f"[{EAST + 500} {NORTH + 500}]" in fault  # where
    assert "Fix geometries" in fault


def test_every_shape_s_fault_is_said_in_one_pass(save):
    shapes = [
        translate(BOW_TIE, EAST, NORTH),
        Polygon(),
        Point(EAST, NORTH),
        square(3),
        square(4).boundary,
        None,
    ]
    faults = faults_of(save(layer(shapes, list("ABCDEF"))))
    assert len(faults) == 5
    for told in (
        "area A crosses itself",
        "area B has no shape. Draw it or take it out.",
        "area C is a Point, not a polygon",
        "area E is a LineString, not a polygon",
        "area F has no shape",
    ):
        assert sum(told in fault for fault in faults) == 1, told


@pytest.mark.parametrize("crs", [METRES, 4326])
@pytest.mark.parametrize("shape", [Polygon(), None])
def test_a_file_whose_only_area_has_no_shape_is_told_that(save, crs, shape):
    (fault,) = faults_of(save(layer([shape], ["A"], crs=crs)))
    assert "area A has no shape" in fault


def test_a_file_without_any_area_is_a_fault(save):
    assert faults_of(save(layer([square(0)]).iloc[:0]))


def test_two_areas_with_one_code_and_an_area_without_are_said(save):
    frame = layer([square(0), square(1), square(2), square(3)], ["A", "A", "", None])
    faults = faults_of(save(frame))
    assert sum("two areas have the code A" in f for f in faults) == 1
    assert sum("an area has no code" in f for f in faults) == 2


def test_an_area_without_a_name_is_never_published_as_none(save):
    path = save(layer([square(0), square(1)], ["A", "B"], ["Ashby", None]))
    try:
        found = read(path)
    except BoundaryFaults as why:
        assert "B" in why.faults[0]
    else:
        assert list(found["area_name"]) == ["Ashby", "B"]


def test_faults_of_codes_and_of_shapes_are_said_together(save):
    faults = faults_of(save(layer([square(0), translate(BOW_TIE, EAST, NORTH)], ["A", "A"])))
    assert any("two areas have the code A" in fault for fault in faults)
    assert any("crosses itself" in fault for fault in faults)


def test_a_missing_field_is_said_with_the_fields_and_the_nearest(save):
    frame = layer([square(0)]).rename(columns={"town_code": "town_cod"})
    (fault,) = faults_of(save(frame))
    assert fault == (
        "towns.gpkg: no field 'town_code'. Its fields are town_cod, town_name (nearest: town_cod)."
    )


def test_two_missing_fields_are_each_said_with_their_own_nearest(save):
    frame = layer([square(0)]).rename(columns={"town_code": "twn_code", "town_name": "twn_name"})
    code, name = faults_of(save(frame))
    assert "no field 'town_code'" in code and "(nearest: twn_code)" in code
    assert "no field 'town_name'" in name and "(nearest: twn_name)" in name


def test_a_missing_field_with_nothing_like_it_says_so(save):
    frame = layer([square(0)]).rename(columns={"town_code": "zzz", "town_name": "qqq"})
    assert "(nearest: none near)" in faults_of(save(frame))[0]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("towns.gpkg", b"not a geopackage"),
        ("towns.geojson", b'{"type": "FeatureCollection", "features": [{'),
        ("towns.geojson", b"<html>"),
        ("towns.shp", b"\x00\x00\x27\x0a"),
        ("towns.gpkg", b""),
    ],
)
def test_a_file_that_cannot_be_read_is_a_fault(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    assert "Export it again as GeoPackage or GeoJSON" in faults_of(tmp_path / name)[0]


def test_a_table_without_shapes_is_a_fault(tmp_path):
    path = tmp_path / "towns.csv"
    path.write_text("town_code,town_name\nA,Ashby\n", encoding="utf-8")
    assert faults_of(path)


def test_a_geojson_whose_features_have_no_geometry_is_a_fault(tmp_path):
    path = tmp_path / "towns.geojson"
    feature = {"type": "Feature", "properties": {"town_code": "A", "town_name": "Ashby"}}
    content = {"type": "FeatureCollection", "features": [{**feature, "geometry": None}]}
    path.write_text(json.dumps(content), encoding="utf-8")
    assert "area A has no shape" in faults_of(path)[0]


# Membership lists ------------------------------------------------------------------------------

KNOWN = {f"E0100000{i}": f"Ashby 00{i}A" for i in range(1, 7)}


@pytest.fixture
def listed(tmp_path):
    """Read a membership list, typed as text."""

    def read_list(text, encoding="utf-8", name="forums.csv"):
        path = tmp_path / name
        path.write_bytes(text.encode(encoding))
        return areas.read_membership(path, "lsoa21_code", "area_code", "area_name", KNOWN)

    return read_list


def list_faults(listed, text):
    with pytest.raises(BoundaryFaults) as raised:
        listed(text)
    assert all(fault.startswith("forums.csv") for fault in raised.value.faults)
    return raised.value.faults


def test_a_list_is_read_whatever_its_columns_order_and_byte_order_mark(listed):
    kind = listed(
        "\ufeffarea_name,lsoa21_code,note,area_code\r\n"
        "Ashby,E01000001,x,F1\r\nAshby, E01000002 ,,F1\r\nCoalville,E01000003,,F2\r\n"
    )
    assert kind.names == {"F1": "Ashby", "F2": "Coalville"}
    assert kind.members == {"F1": ["E01000001", "E01000002"], "F2": ["E01000003"]}
    assert kind.rule == "exact membership"


def test_a_small_area_may_be_in_two_areas_of_a_list(listed):
    kind = listed("lsoa21_code,area_code,area_name\nE01000001,F1,Ashby\nE01000001,F2,Coalville\n")
    assert kind.members == {"F1": ["E01000001"], "F2": ["E01000001"]}


def test_everything_wrong_with_a_list_is_said_with_its_line(listed):
    faults = list_faults(
        listed,
        "lsoa21_code,area_code,area_name\n"
        "E01000001,F1,Ashby\n"
        "E0100002,F1,Ashby\n"  # 3: a digit short
        "E01000001,F1,Ashby\n"  # 4: twice
        "E01000003,,Coalville\n"  # 5: no area
        "E01000004,F1,Coalville\n"  # 6: another name for F1
        ",F2,Coalville\n"  # 7: no small area
        "W01000001,F2,Coalville\n"  # 8: in Wales
        "E01000005\n",  # 9: a row that breaks off
    )
    assert [f.partition(":")[0] for f in faults] == [f"forums.csv, line {n}" for n in range(3, 10)]
    for fault, told in zip(
        faults,
        (
            "E0100002 is not a small area of the place. Did you mean E0100000",
            "E01000001 stands twice in F1. Take one out.",
            "E01000003 has no area_code. Give it one.",
            "two areas have the code F1: 'Ashby' and 'Coalville'",
            "a blank is not a small area of the place.",
            "W01000001 is not a small area of the place.",
            "E01000005 has no area_code",
        ),
        strict=True,
    ):
        assert told in fault


def test_a_code_of_another_year_is_said_without_a_guess_if_nothing_is_near(listed):
    faults = list_faults(listed, "lsoa21_code,area_code,area_name\nzzzz,F1,Ashby\n")
    assert faults == ["forums.csv, line 2: zzzz is not a small area of the place."]


def test_blank_lines_do_not_shift_the_numbers_of_the_lines(listed):
    text = "lsoa21_code,area_code,area_name\n\nE01000001,F1,Ashby\n\n\nzzzz,F1,Ashby\n"
    assert list_faults(listed, text)[0].startswith("forums.csv, line 6: ")


def test_a_list_with_other_columns_is_told_each_missing_one(listed):
    faults = list_faults(listed, "lsoa,area_code,forum\nE01000001,F1,Ashby\n")
    assert len(faults) == 2
    assert "no column 'lsoa21_code'. Its columns are lsoa, area_code, forum." in faults[0]
    assert "no column 'area_name'" in faults[1]


@pytest.mark.parametrize("text", ["", "\n", "lsoa21_code,area_code,area_name\n"])
def test_a_list_without_a_row_is_a_fault(listed, text):
    assert list_faults(listed, text)


def test_a_list_that_excel_saved_in_its_own_encoding_keeps_its_names_or_is_refused(listed):
    text = "lsoa21_code,area_code,area_name\nE01000001,F1,Café Quarter\n"
    try:
        kind = listed(text, encoding="cp1252")
    except BoundaryFaults as why:
        assert "UTF-8" in why.faults[0]
    else:
        assert kind.names == {"F1": "Café Quarter"}


# Partitions ------------------------------------------------------------------------------------


def partition(**members):
    return Kind("forum", names={c: c for c in members}, members=members)


def test_a_partition_that_holds_each_small_area_once_has_no_fault():
    kind = partition(F1=["E01000001", "E01000002", "E01000003"], F2=list(KNOWN)[3:])
    assert areas.partition_faults(kind, KNOWN, "forums.csv") == []


def test_small_areas_in_two_areas_of_a_partition_or_in_none_are_said():
    kind = partition(F1=["E01000001", "E01000002"], F2=["E01000002", "E01000003"], F3=["E01000002"])
    twice, out = areas.partition_faults(kind, KNOWN, "forums.csv")
    assert twice == (
        "forums.csv: E01000002 is in F1 and F2 and F3, but forum is declared a partition."
        " Keep it in one."
    )
    assert "3 small areas are in no forum (E01000004, E01000005, E01000006)" in out
    assert "take out partition = true" in out


def test_only_the_first_few_left_out_are_listed():
    (out,) = areas.partition_faults(partition(F1=[]), KNOWN, "forums.csv")
    assert "6 small areas" in out and "E01000005, ...)" in out and "E01000006" not in out


# Rules -----------------------------------------------------------------------------------------

COUNTY = ("E10000018", "Leicestershire")


def small(code, authority, flag):
    return {
        "small_area_code": code,
        "authority_code": f"E0700013{authority}",
        "authority_name": ["Charnwood", "Harborough", "Hinckley"][authority],
        "rural_or_urban": flag,
    }


SMALL_AREAS = [
    small("E01000001", 0, "Urban"),
    small("E01000002", 0, "Rural"),
    small("E01000003", 1, "Rural"),
    small("E01000004", 1, "Rural"),
    small("E01000005", 2, "Urban"),
    small("E01000006", 2, None),
]


def test_a_rule_by_authority_makes_a_partition():
    kind = areas.from_rule(SMALL_AREAS, COUNTY, "authority", "", (), "{group}")
    assert kind.names == {
        "E07000130": "Charnwood",
        "E07000131": "Harborough",
        "E07000132": "Hinckley",
    }
    assert areas.partition_faults(kind, KNOWN, "place.toml") == []


def test_a_rule_by_place_puts_everything_into_one_area():
    kind = areas.from_rule(SMALL_AREAS, COUNTY, "place", "", (), "{group}")
    assert kind.names == {"E10000018": "Leicestershire"}
    assert kind.members == {"E10000018": list(KNOWN)}


def test_a_rule_with_an_attribute_takes_those_that_have_it_and_no_others():
    kind = areas.from_rule(
        SMALL_AREAS, COUNTY, "authority", "rural_or_urban", ("Rural",), "Rural {group}"
    )
    assert kind.members == {
        "E07000130-rural": ["E01000002"],
        "E07000131-rural": ["E01000003", "E01000004"],
    }
    assert kind.names["E07000131-rural"] == "Rural Harborough"


def test_an_attribute_that_nobody_has_makes_no_area():
    kind = areas.from_rule(SMALL_AREAS, COUNTY, "place", "rural_or_urban", ("Sea",), "{group}")
    assert (kind.names, kind.members) == ({}, {})


# Shapes ----------------------------------------------------------------------------------------


def bricks(count):
    codes = list(KNOWN)[:count]
    return gpd.GeoDataFrame(
        {"area_code": codes, "area_name": codes},
        geometry=[square(i) for i in range(count)],
        crs=METRES,
    )


def test_an_area_made_of_small_areas_is_their_ground_put_together():
    kind = partition(F2=["E01000003"], F1=["E01000001", "E01000002"])
    found = areas.shapes(kind, bricks(3))
    assert list(found["area_code"]) == ["F1", "F2"]
    assert list(found["area_name"]) == ["F1", "F2"]
    assert found.geometry[0].equals(square(0).union(square(1)))
    assert found.geometry[0].geom_type == "Polygon"
    assert found.crs == METRES


def test_an_area_with_a_polygon_of_its_own_keeps_it():
    own = layer([square(9)]).rename(columns={"town_code": "area_code", "town_name": "area_name"})
    assert areas.shapes(Kind("town", polygons=own), bricks(3)) is own


def test_a_small_area_in_two_areas_is_in_both_shapes():
    found = areas.shapes(partition(F1=["E01000001"], F2=["E01000001"]), bricks(1))
    assert found.geometry[0].equals(found.geometry[1])
