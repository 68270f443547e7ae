"""How small areas fall into localities: by the declared rule, and by every other that defends."""

import numpy as np
import pytest
from shapely.geometry import Polygon, box
from tilings import kind_of, layer, moved

from geo import weights
from geo.areas import Kind, Part, put_together
from geo.weights import Residents, small_area_weights

KILOMETRES = layer([box(1000 * x, 0, 1000 * x + 1000, 1000) for x in range(3)])
A, B, C = KILOMETRES["area_code"]
MIDDLES = {A: (500.0, 500.0), B: (1500.0, 500.0), C: (2500.0, 500.0)}

CENTROID = "best fit by population-weighted centroid"
PEOPLE = "population share"
GROUND = "area share"
FOR_WANT = "area share, for nothing tells where its people live"


def living(*rows):
    """Residents from (east, small area, people, households, children), all on one line."""
    east, small_area, *numbers = zip(*rows, strict=True)
    north = np.full(len(rows), 500.0)
    counts = (np.array(n, dtype=float) for n in numbers)
    return Residents(np.array(east, dtype=float), north, np.array(small_area, object), *counts)


def lines(found):
    """Every row as "area small_area assignment weight[/households/children]"."""
    assert tuple(found.columns) == weights.COLUMNS
    told = []
    for row in found.itertuples(index=False):
        three = [f"{w:g}" for w in (row.weight, row.weight_households, row.weight_children)]
        shown = three[0] if len(set(three)) == 1 else "/".join(three)
        told.append(f"{row.area_code} {row.small_area_code} {row.assignment} {shown}")
    return told


def by(assignment, found):
    """The same for one assignment, without its name."""
    return [
        line.replace(f" {assignment}", "")
        for line in lines(found[found["assignment"] == assignment])
    ]


# Lists and rules -------------------------------------------------------------------------------


def test_a_list_has_the_declared_weights_only_in_a_fixed_order():
    parts = {"F2": [Part(B), Part(A)], "F1": [Part(C), Part(B)]}
    found = small_area_weights(Kind("forum", parts=parts), KILOMETRES, MIDDLES, "area_share")
    assert lines(found) == [
        f"F1 {B} declared 1",
        f"F1 {C} declared 1",
        f"F2 {A} declared 1",
        f"F2 {B} declared 1",
    ]
    assert set(found["rule"]) == {"exact membership"}


def test_a_list_that_splits_small_areas_has_a_best_fit_of_whole_ones_too():
    """For what cannot be split: a crime known by its small area only."""
    parts = {
        "F1": [Part(A), Part(B, 0.4, 0.3, 0.2)],
        "F2": [Part(B, 0.6, 0.7, 0.8)],
        "F3": [Part(C, 0.5, 0.5, 0.5)],
    }
    kind = Kind("forum", parts=parts, rule="population share of output areas")
    found = small_area_weights(kind, KILOMETRES, MIDDLES, "area_share")
    assert by("declared", found) == [
        f"F1 {A} 1",
        f"F1 {B} 0.4/0.3/0.2",
        f"F2 {B} 0.6/0.7/0.8",
        f"F3 {C} 0.5",
    ]
    assert by("best_fit", found) == [f"F1 {A} 1", f"F2 {B} 1"]
    assert dict(zip(found["assignment"], found["rule"], strict=True)) == {
        "declared": "population share of output areas",
        "best_fit": "best fit: where most of its residents are",
    }


def test_a_kind_without_areas_has_no_weights_but_the_columns():
    for kind in (Kind("forum"), kind_of([]), kind_of([], partition=True)):
        found = small_area_weights(kind, KILOMETRES, MIDDLES, "centroid", living((500, A, 1, 1, 1)))
        assert lines(found) == []


# The declared rule and its alternatives --------------------------------------------------------

TOWN = kind_of([box(0, 0, 1250, 1000)])
HERE = living((100, A, 30, 10, 5), (900, A, 10, 10, 0), (1100, B, 20, 5, 9), (1400, B, 80, 15, 1))


@pytest.mark.parametrize("declared", ["centroid", "population_share", "area_share"])
def test_the_declared_rule_is_called_so_and_the_others_by_their_own_names(declared):
    found = small_area_weights(TOWN, KILOMETRES, MIDDLES, declared, HERE)
    expected = {
        "centroid": [f"T00 {A} 1"],
        "population_share": [f"T00 {A} 1", f"T00 {B} 0.2/0.25/0.9"],
        "area_share": [f"T00 {A} 1", f"T00 {B} 0.25"],
    }
    for rule, told in expected.items():
        assert by("declared" if rule == declared else rule, found) == told
    assert len(found) == 5


def test_every_rule_is_said_in_words():
    found = small_area_weights(TOWN, KILOMETRES, MIDDLES, "centroid", HERE)
    told = dict(zip(found["assignment"], found["rule"], strict=True))
    assert told == {"declared": CENTROID, "population_share": PEOPLE, "area_share": GROUND}


def test_rows_are_in_the_order_of_area_small_area_and_assignment():
    kind = kind_of([box(900, 0, 3000, 1000), box(0, 0, 1100, 1000)])
    kind.polygons = kind.polygons.iloc[::-1]
    found = small_area_weights(kind, KILOMETRES.iloc[::-1], MIDDLES, "area_share", HERE)
    keys = ["area_code", "small_area_code", "assignment"]
    assert found[keys].equals(found[keys].sort_values(keys))
    assert not found.duplicated(keys).any()
    assert found.index.to_list() == list(range(len(found)))


def test_where_nobody_s_home_is_known_population_shares_are_left_out_unless_declared():
    found = small_area_weights(TOWN, KILOMETRES, MIDDLES, "centroid")
    assert set(found["assignment"]) == {"declared", "area_share"}
    found = small_area_weights(TOWN, KILOMETRES, MIDDLES, "population_share")
    assert by("declared", found) == [f"T00 {A} 1", f"T00 {B} 0.25"]
    assert set(found.loc[found["assignment"] == "declared", "rule"]) == {FOR_WANT}


# Centroids -------------------------------------------------------------------------------------


def test_best_fit_gives_a_whole_small_area_to_where_its_people_are():
    towns = kind_of([box(0, 0, 1200, 1000), box(1100, 0, 2400, 1000)])
    homes = {A: (900.0, 500.0), B: (1150.0, 500.0), C: (2900.0, 500.0), "E01999999": (1.0, 1.0)}
    assert by("declared", small_area_weights(towns, KILOMETRES, homes, "centroid")) == [
        f"T00 {A} 1",
        f"T00 {B} 1",
        f"T01 {B} 1",  # overlapping towns each count it
    ]


def test_a_small_area_without_a_centroid_is_best_fitted_nowhere():
    found = small_area_weights(
        kind_of([box(0, 0, 3000, 1000)]), KILOMETRES, {B: (1500, 500)}, "centroid"
    )
    assert by("declared", found) == [f"T00 {B} 1"]
    assert by("area_share", found) == [f"T00 {A} 1", f"T00 {B} 1", f"T00 {C} 1"]


@pytest.mark.parametrize(("partition", "homes"), [(True, ["T00"]), (False, ["T00", "T01"])])
def test_a_centroid_on_a_shared_edge_counts_once_in_a_partition(partition, homes):
    wards = kind_of([box(0, 0, 1500, 1000), box(1500, 0, 3000, 1000)], partition)
    found = small_area_weights(wards, KILOMETRES, {B: (1500.0, 500.0)}, "centroid")
    assert found.loc[found["assignment"] == "declared", "area_code"].to_list() == homes


def test_a_centroid_in_a_sliver_of_a_partition_goes_to_the_nearest():
    wards = [box(0, 0, 1490, 1000), box(1520, 0, 3000, 1000)]
    middle = {B: (1500.0, 500.0)}
    found = small_area_weights(kind_of(wards, partition=True), KILOMETRES, middle, "centroid")
    assert by("declared", found) == [f"T00 {B} 1"]
    found = small_area_weights(kind_of(wards), KILOMETRES, middle, "centroid")
    assert by("declared", found) == []


# Ground ----------------------------------------------------------------------------------------


def ground(kind, small_areas=KILOMETRES):
    return by("area_share", small_area_weights(kind, small_areas, {}))


def test_area_shares_are_the_share_of_the_small_area_not_of_the_locality():
    towns = kind_of([box(500, 0, 2000, 1000), box(-1e5, -1e5, 250, 1e5)])
    assert ground(towns) == [f"T00 {A} 0.5", f"T00 {B} 1", f"T01 {A} 0.25"]


def test_a_small_area_inside_and_one_with_a_hole_in_it():
    pond = box(1400, 400, 1600, 600)
    towns = kind_of([box(-1, -1, 2001, 1001).difference(pond), pond])
    assert ground(towns) == [f"T00 {A} 1", f"T00 {B} 0.96", f"T00 {C} 0.001", f"T01 {B} 0.04"]


def test_neighbours_that_only_touch_or_overlap_by_a_hair_share_nothing():
    assert ground(kind_of([box(1000, 0, 2000, 1000)])) == [f"T00 {B} 1"]
    assert ground(kind_of([box(1000 - 1e-7, 0, 2000, 1000)])) == [f"T00 {B} 1"]
    assert ground(kind_of([box(1000, 0, 2000 - 1e-7, 1000)])) == [f"T00 {B} 1"]


def test_in_a_partition_slivers_are_shared_out():
    """Between two wards 40 m are in neither, and further on 100 m are in both."""
    wards = [box(0, 0, 1480, 1000), box(1520, 0, 2600, 1000), box(2500, 0, 3000, 1000)]
    assert ground(kind_of(wards)) == [
        f"T00 {A} 1",
        f"T00 {B} 0.48",
        f"T01 {B} 0.48",
        f"T01 {C} 0.6",
        f"T02 {C} 0.5",
    ]
    shared = small_area_weights(kind_of(wards, partition=True), KILOMETRES, {})
    assert by("area_share", shared) == [
        f"T00 {A} 1",
        f"T00 {B} 0.5",
        f"T01 {B} 0.5",
        f"T01 {C} 0.545455",
        f"T02 {C} 0.454545",
    ]
    assert shared.groupby("small_area_code")["weight"].sum().to_list() == pytest.approx([1, 1, 1])


def test_slivers_of_small_areas_beyond_the_place_are_not_blown_up_to_the_whole():
    """C is of another authority, within reach of localities; the wards cover the place only."""
    small_areas = KILOMETRES.assign(in_place=[True, True, False])
    wards = kind_of([box(0, 0, 990, 1000), box(1000, 0, 2010, 1000)], partition=True)
    here = living((500, A, 1, 1, 1), (1500, B, 1, 1, 1), (2005, C, 1, 1, 1), (2500, C, 9, 9, 9))
    found = small_area_weights(wards, small_areas, {}, "area_share", here)
    assert by("declared", found) == [f"T00 {A} 1", f"T01 {B} 1", f"T01 {C} 0.01"]
    assert by("population_share", found) == [f"T00 {A} 1", f"T01 {B} 1", f"T01 {C} 0.1"]


# People ----------------------------------------------------------------------------------------

HALVES = kind_of([box(0, 0, 1500, 1000), box(1500, 0, 3000, 1000)])


def people(residents, kind=HALVES, small_areas=KILOMETRES):
    return small_area_weights(kind, small_areas, {}, "population_share", residents)


def test_people_households_and_children_each_have_their_own_share():
    found = people(living((1100, B, 60, 10, 0), (1900, B, 40, 30, 25)))
    assert by("declared", found)[1:3] == [f"T00 {B} 0.6/0.25/0", f"T01 {B} 0.4/0.75/1"]


def test_where_households_or_children_are_not_known_of_all_people_speak_for_them():
    found = people(living((1100, B, 60, np.nan, 5), (1900, B, 40, 30, 15)))
    assert by("declared", found)[1:3] == [f"T00 {B} 0.6/0.6/0.25", f"T01 {B} 0.4/0.4/0.75"]


def test_where_there_are_no_children_people_speak_for_them():
    found = people(living((1100, B, 60, 10, 0), (1900, B, 40, 10, 0)))
    assert by("declared", found)[1:3] == [f"T00 {B} 0.6/0.5/0.6", f"T01 {B} 0.4/0.5/0.4"]


def test_postcodes_count_as_one_each():
    rows = [(east, B, 1, np.nan, np.nan) for east in (1050, 1100, 1200, 1900)]
    assert by("declared", people(living(*rows)))[1:3] == [f"T00 {B} 0.75", f"T01 {B} 0.25"]


@pytest.mark.parametrize(
    "here",
    [
        living((500, A, 5, 5, 5)),  # none in B
        living((500, A, 5, 5, 5), (1100, B, np.nan, 5, 5), (1900, B, 7, 5, 5)),  # one not counted
        living((500, A, 5, 5, 5), (1100, B, 0, 0, 0)),  # nobody lives there
    ],
)
def test_a_small_area_whose_people_are_not_known_falls_back_to_its_ground_and_says_so(here):
    found = people(here)
    found = found[found["assignment"] == "declared"]
    assert by("declared", found) == [
        f"T00 {A} 1",
        f"T00 {B} 0.5",
        f"T01 {B} 0.5",
        f"T01 {C} 1",
    ]
    assert found["rule"].to_list() == [PEOPLE, FOR_WANT, FOR_WANT, FOR_WANT]


def test_a_home_where_nobody_lives_now_brings_no_weight():
    found = people(living((1100, B, 5, 5, 5), (1900, B, 0, 0, 0)))
    assert by("declared", found)[1:] == [f"T00 {B} 1", f"T01 {C} 1"]
    found = people(living((1100, B, 5, 5, 5), (1900, B, 0, 5, 0)))
    assert by("declared", found)[1:3] == [f"T00 {B} 1/0.5/1", f"T01 {B} 0/0.5/0"]


def test_ground_where_nobody_lives_counts_for_nothing():
    found = people(living((100, A, 5, 5, 5), (1600, B, 5, 5, 5), (2500, C, 5, 5, 5)))
    assert by("declared", found) == [f"T00 {A} 1", f"T01 {B} 1", f"T01 {C} 1"]


def test_people_outside_every_area_are_counted_in_none():
    town = kind_of([box(0, 0, 500, 1000)])
    found = people(living((100, A, 25, 1, 1), (900, A, 75, 3, 0)), town)
    assert by("declared", found) == [f"T00 {A} 0.25/0.25/1"]


def test_people_in_overlapping_areas_are_counted_in_each():
    towns = kind_of([box(0, 0, 1000, 1000), box(500, 0, 3000, 1000)])
    found = people(living((100, A, 25, 25, 25), (900, A, 75, 75, 75)), towns)
    assert by("declared", found)[:2] == [f"T00 {A} 1", f"T01 {A} 0.75"]


def test_in_a_partition_nobody_lives_outside_though_an_edge_may_say_so():
    wards = [box(0, 0, 900, 1000), box(1000, 0, 3000, 1000)]
    here = living((100, A, 40, 40, 40), (950, A, 40, 40, 40), (990, A, 20, 20, 20))
    found = people(here, kind_of(wards))
    assert by("declared", found)[0] == f"T00 {A} 0.4"
    found = people(here, kind_of(wards, partition=True))
    # one is too far from either ward to be given to it, one is ten metres from the second
    assert by("declared", found)[:2] == [f"T00 {A} 0.666667", f"T01 {A} 0.333333"]


def test_shares_of_thirds_and_tenths_add_up_to_exactly_the_whole():
    rows = [(1000 + 10 * i, B, 0.1, 0.1, 0.1) for i in range(1, 11)]
    found = people(living(*rows), kind_of([box(0, 0, 3000, 1000)]))
    assert found["weight"].eq(1.0).all()


# Whole small areas -----------------------------------------------------------------------------


def test_an_area_made_of_whole_small_areas_has_a_range_of_no_width():
    """Whatever the rule, its small areas count exactly one and no others count at all."""
    corner = (1003.3, 998.7)  # where the four meet
    ring = [
        (0.1, 0.2),
        (1001.1, 3.3),
        (1999.9, 1.7),
        (2003, 1001),
        (1997, 2001),
        (998, 2003),
        (3, 1999),
        (7, 1001),
    ]
    tiles = [Polygon([ring[7], ring[0], ring[1], corner])] + [
        Polygon([ring[2 * i - 1], ring[2 * i], ring[2 * i + 1], corner]) for i in (1, 2, 3)
    ]
    small_areas = moved(layer(tiles), 450_000.37, 300_000.73)
    codes = small_areas["area_code"].to_list()
    members = {"F1": [codes[0], codes[1]], "F2": [codes[2], codes[3]]}
    shapes = put_together(members, {"F1": "North", "F2": "South"}, small_areas)
    kind = Kind("forum", names={"F1": "North", "F2": "South"}, polygons=shapes)
    inside = small_areas.geometry.representative_point()
    middles = dict(zip(codes, zip(inside.x, inside.y, strict=True), strict=True))
    ones = np.ones(4)
    here = Residents(
        inside.x.to_numpy(), inside.y.to_numpy(), np.array(codes, object), ones, ones, ones
    )
    found = small_area_weights(kind, small_areas, middles, "centroid", here)
    for _, one_rule in found.groupby("assignment"):
        counted = one_rule.groupby("area_code")["small_area_code"].apply(sorted).to_dict()
        assert counted == members
    assert found["assignment"].nunique() == 3
    assert found[["weight", "weight_households", "weight_children"]].eq(1.0).all(axis=None)
