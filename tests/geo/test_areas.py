"""What an area is: the small areas it takes whole, its ground, and what keeps it from a partition."""

import geopandas as gpd
import pytest
from shapely.geometry import box

from geo import areas
from geo.areas import EXACT, Kind, Part
from geo.polygons import METRES

SMALL = {f"E0100000{i}": f"Ashby 00{i}A" for i in range(1, 7)}
A, B, C, D, E, F = SMALL


def kind(**parts):
    """A kind of forums; ``F1={A: 0.4}`` is two fifths of A's people, ``F1=[A]`` is all of A."""
    made = {
        code: [Part(m, held[m], held[m], held[m]) for m in held]
        if isinstance(held, dict)
        else [Part(m) for m in held]
        for code, held in parts.items()
    }
    return Kind("forum", names={code: f"Forum {code}" for code in made}, parts=made)


def test_a_part_is_the_whole_of_a_small_area_unless_said():
    assert Part("E01000001") == ("E01000001", 1.0, 1.0, 1.0)
    assert Kind().rule == EXACT == "exact membership"


# Bricks ----------------------------------------------------------------------------------------


def test_an_area_takes_whole_the_small_areas_of_which_most_people_are_in_it():
    found = kind(F1={B: 1.0, A: 0.51, C: 0.5}, F2={C: 0.5, A: 0.49})
    assert found.bricks() == {"F1": [A, B], "F2": []}


def test_it_is_people_that_decide_not_households_or_children():
    found = Kind(parts={"F1": [Part(A, 0.6, 0.1, 0.1), Part(B, 0.4, 0.9, 0.9)]})
    assert found.bricks() == {"F1": [A]}


def test_in_a_partition_the_largest_share_takes_it_and_of_equals_the_lowest_code():
    found = kind(F1={A: 0.3, B: 0.5}, F2={A: 0.4, B: 0.5}, F3={A: 0.3, C: 1.0})
    assert found.bricks() == {"F1": [], "F2": [], "F3": [C]}
    found.partition = True
    assert found.bricks() == {"F1": [B], "F2": [A], "F3": [C]}


def test_the_small_areas_counted_in_part_are_known():
    assert kind(F1=[A, B], F2=[B]).splits() == set()
    assert kind(F1={A: 1.0, B: 0.9}, F2={B: 0.1, C: 0.3}).splits() == {B, C}


# Partitions ------------------------------------------------------------------------------------


def faults(made):
    return areas.partition_faults(made, SMALL, "forums.csv")


def test_a_partition_that_holds_each_small_area_once_has_no_fault():
    assert faults(kind(F1=[A, B, C], F2=[D, E, F])) == []


def test_a_small_area_shared_out_to_the_last_person_has_no_fault():
    assert (
        faults(kind(F1={A: 0.1, B: 1.0, C: 1.0}, F2={A: 0.7, D: 1.0}, F3={A: 0.2, E: 1, F: 1}))
        == []
    )


def test_a_small_area_in_several_areas_is_said_with_all_of_them():
    assert faults(kind(F1=[A, B, C], F2=[C, D, E], F3=[C, F])) == [
        "forums.csv: E01000003 is in F1 and F2 and F3, but forum is declared a partition."
        " Keep it in one."
    ]


def test_a_small_area_counted_in_part_is_said_with_the_share():
    found = kind(F1={A: 0.25, B: 1}, F2={A: 0.5, C: 1, D: 1, E: 1, F: 1})
    assert faults(found) == [
        "forums.csv: only 75% of the people of E01000001 are in a forum, but it is declared a"
        " partition. List what lacks."
    ]


def test_a_share_a_little_under_the_whole_is_not_rounded_to_it():
    (fault,) = faults(kind(F1={A: 0.9999, B: 1, C: 1, D: 1, E: 1, F: 1}))
    assert "only 99% of the people" in fault


def test_small_areas_in_no_area_are_listed_with_two_ways_out():
    assert faults(kind(F1=[A, B, C])) == [
        "forums.csv: 3 small areas are in no forum (E01000004, E01000005, E01000006), but it is"
        " declared a partition. Add them to the list, or take out partition = true."
    ]


def test_only_the_first_few_left_out_are_listed():
    (fault,) = faults(kind(F1=[]))
    assert "6 small areas" in fault and "E01000005, ...)" in fault and F not in fault


def test_all_that_keeps_a_partition_from_being_one_is_said_at_once():
    twice, partly, out = faults(kind(F1=[A, B], F2={A: 1.0, C: 0.3}))
    assert "E01000001 is in F1 and F2" in twice
    assert "only 30% of the people of E01000003" in partly
    assert "3 small areas are in no forum" in out


# Shapes ----------------------------------------------------------------------------------------


def square(column):
    return box(1000 * column, 0, 1000 * column + 1000, 1000)


def squares(count):
    """The first small areas in a row, a kilometre square each."""
    codes = list(SMALL)[:count]
    shapes = [square(i) for i in range(count)]
    return gpd.GeoDataFrame({"area_code": codes}, geometry=shapes, crs=METRES)


def test_an_area_made_of_small_areas_is_their_ground_put_together():
    found = areas.shapes(kind(F2=[C], F1=[A, B]), squares(3))
    assert list(found.columns) == ["area_code", "area_name", "geometry"]
    assert found[["area_code", "area_name"]].to_numpy().tolist() == [
        ["F1", "Forum F1"],
        ["F2", "Forum F2"],
    ]
    assert found.geometry[0].equals(box(0, 0, 2000, 1000))
    assert found.geometry[0].geom_type == "Polygon"
    assert found.crs == METRES


def test_small_areas_apart_make_one_area_in_two_parts():
    found = areas.shapes(kind(F1=[A, C]), squares(3))
    assert found.geometry[0].geom_type == "MultiPolygon"
    assert found.geometry[0].area == 2e6


def test_a_small_area_in_two_areas_is_in_both_shapes():
    found = areas.shapes(kind(F1=[A], F2=[A, B]), squares(2))
    assert found.geometry.to_list() == [square(0), square(0).union(square(1))]


def test_the_shape_of_an_area_is_that_of_the_small_areas_it_takes_whole():
    found = areas.shapes(kind(F1={A: 1.0, B: 0.6, C: 0.4}), squares(3))
    assert found.geometry[0].equals(box(0, 0, 2000, 1000))


def test_an_area_with_a_polygon_of_its_own_keeps_it():
    own = squares(1).assign(area_name="Ashby")
    assert areas.shapes(Kind("town", polygons=own), squares(3)) is own


def test_a_kind_without_areas_is_a_layer_without_shapes():
    found = areas.shapes(Kind("town"), squares(2))
    assert list(found.columns) == ["area_code", "area_name", "geometry"]
    assert len(found) == 0 and found.crs == METRES


# The code likely meant -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("EO1OOOOO1", "E01000001"),  # letter O for nought
        ("E0l00000I", "E01000001"),  # small l and large I for one
        ("e01000001", "E01000001"),
        ("E010000O3", "E01000003"),
        ("E0100004", "E01000004"),  # a digit short
        ("E01 000005", "E01000005"),
        ("E100000O6", "E01000006"),  # two digits changed places, and a letter
        ("W01999999", ""),
        ("Ashby", ""),
        ("", ""),
    ],
)
def test_the_code_likely_meant(typed, meant):
    assert areas.nearest_code(typed, SMALL) == meant


def test_letters_that_are_meant_as_letters_are_found_too():
    assert areas.nearest_code("F1-Blabby", ["F1-Blaby", "F1-Oadby"]) == "F1-Blaby"
    assert areas.nearest_code("PNO1", ["PN01", "PN02"]) == "PN01"
