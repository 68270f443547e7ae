"""Rules: which small areas they choose, and how those are gathered into areas."""

import geopandas as gpd
import pytest
from shapely.geometry import box

from geo.areas import EXACT, Part
from geo.boundaries import BoundaryFaults
from geo.polygons import METRES
from geo.rules import Lacking, adjoining, choose, from_rule, read_where

TABLE = """
A | E07000129 | Blaby   | Urban | UN1 | 1 | E05000001
B | E07000129 | Blaby   | Rural | RLN | 2 | E05000001
C | E07000130 | Melton  | Rural | RSN | 3 | E05000002
D | E07000130 | Melton  | Rural | RLN | 9 | E05000003
E | E07000130 | Melton  | Urban | UF1 | - | -
"""


def row(line):
    code, authority, name, flag, ruc, decile, ward = (
        None if cell.strip() == "-" else cell.strip() for cell in line.split("|")
    )
    return {
        "small_area_code": code,
        "small_area_name": f"Small area {code}",
        "authority_code": authority,
        "authority_name": name,
        "rural_or_urban": flag,
        "rural_urban_class": ruc,
        "imd_decile": decile and int(decile),
        "ward_code": ward,
    }


ROWS = [row(line) for line in TABLE.strip().splitlines()]
PLACE = ("E10000018", "Leicestershire")


def chosen(where, rows=ROWS):
    return "".join(r["small_area_code"] for r in choose(rows, where)[0])


# Which small areas -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("", "ABCDE"),
        ("  ", "ABCDE"),
        ("imd_decile <= 2", "AB"),
        ("imd_decile < 2", "A"),
        ("imd_decile >= 3", "CD"),
        ("imd_decile > 3", "D"),
        ("imd_decile = 3", "C"),
        ("imd_decile=3", "C"),
        ("imd_decile <= 2.5", "AB"),
        ("imd_decile in (1, 9)", "AD"),
        ("imd_decile in (1)", "A"),
        ("imd_decile in 9", "D"),
        ("ruc21 in (UN1, UF1)", "AE"),
        ("ruc21 in(UN1,UF1)", "AE"),
        ("ruc21 in ('RLN', \"UN1\")", "ABD"),
        ("ruc21 = RLN", "BD"),
        ("rural_or_urban = 'Rural'", "BCD"),
        ("authority = E07000130", "CDE"),
        ("ward in (E05000001, E05000003)", "ABD"),
        ("rural_or_urban in (Rural) and imd_decile <= 3", "BC"),
        ("authority = E07000130\n and  rural_or_urban = Rural and imd_decile > 3", "D"),
    ],
)
def test_a_rule_chooses_the_small_areas_for_which_all_of_it_holds(where, expected):
    assert chosen(where) == expected


@pytest.mark.parametrize("whole", [1.0, "1"])
def test_a_decile_is_a_number_however_it_came(whole):
    """Where some are missing, a column of whole numbers may come as floating point."""
    rows = [ROWS[0] | {"imd_decile": whole}, ROWS[1] | {"imd_decile": float("nan")}]
    assert chosen("imd_decile in (1, 2)", rows) == "A"
    assert chosen("imd_decile = 1", rows) == "A"


NO_CONDITION = "is not a condition. Write one like imd_decile <= 2 or ruc21 in (UN1, UF1)."


@pytest.mark.parametrize(
    ("where", "told"),
    [
        ("banana", f"where: 'banana' {NO_CONDITION}"),
        ("imd_decile", f"where: 'imd_decile' {NO_CONDITION}"),
        ("imd_decile <=", f"where: 'imd_decile <=' {NO_CONDITION}"),
        ("imd_decile == 2", f"where: 'imd_decile == 2' {NO_CONDITION}"),
        (
            "imd_decile <= 2 or imd_decile = 9",
            f"where: 'imd_decile <= 2 or imd_decile = 9' {NO_CONDITION}",
        ),
        (
            "imd_decile <= 2 AND ruc21 = RLN",
            f"where: 'imd_decile <= 2 AND ruc21 = RLN' {NO_CONDITION}",
        ),
        ("imd_decile <= (1, 2)", f"where: 'imd_decile <= (1, 2)' {NO_CONDITION}"),
        ("ruc21 in ()", f"where: 'ruc21 in ()' {NO_CONDITION}"),
        ("ruc21 in (UN1", f"where: 'ruc21 in (UN1' {NO_CONDITION}"),
        ("ruc21 in UN1, UF1", f"where: 'ruc21 in UN1, UF1' {NO_CONDITION}"),
        (
            "ruc21 in (UN1) or ruc21 in (UF1)",
            f"where: 'ruc21 in (UN1) or ruc21 in (UF1)' {NO_CONDITION}",
        ),
        ("imd_decile <= few", "where: 'imd_decile <= few': few is no number."),
        ("imd_decile in (1, two)", "where: 'imd_decile in (1, two)': (1, two) is no number."),
        ("imd_decile = 1.2.3", "where: 'imd_decile = 1.2.3': 1.2.3 is no number."),
        ("ruc21 <= 2", "where: 'ruc21 <= 2': ruc21 has no order. Write ruc21 in (...)."),
        (
            "ruc11 in (A1)",
            "where: 'ruc11' is not known."
            " Known: ruc21, rural_or_urban, imd_decile, authority, ward.",
        ),
    ],
)
def test_a_rule_that_cannot_be_read_is_told(where, told):
    with pytest.raises(BoundaryFaults) as raised:
        read_where(where)
    assert raised.value.faults == [told]


def test_every_condition_that_cannot_be_read_is_told_at_once():
    with pytest.raises(BoundaryFaults) as raised:
        read_where("banana and imd_decile <= few and ruc21 = RLN and town = Ashby")
    assert [fault.split()[1] for fault in raised.value.faults] == [
        "'banana'",
        "'imd_decile",
        "'town'",
    ]


def test_a_word_has_no_order_even_if_it_looks_like_a_number():
    assert chosen("rural_or_urban = 3") == ""


def test_small_areas_of_which_nothing_is_known_are_left_out_with_a_remark():
    found, remarks = choose(ROWS, "imd_decile >= 1 and ward in (E05000001)")
    assert [r["small_area_code"] for r in found] == ["A", "B"]
    assert remarks == ["1 small areas have no imd_decile: left out."]


def test_a_condition_that_leaves_nothing_is_remarked_on():
    assert choose(ROWS, "ruc21 in (UX9)") == ([], ["no small area is left by 'ruc21 in (UX9)'."])


def test_what_no_file_says_is_lacking():
    blank = [r | {"imd_decile": None, "ward_code": ""} for r in ROWS]
    with pytest.raises(Lacking, match="no file in hand says the imd_decile of any small area"):
        choose(blank, "imd_decile <= 2")
    with pytest.raises(Lacking, match="the ward of any small area"):
        choose(blank, "ruc21 = RLN and ward = E05000001")


def test_what_is_not_known_of_those_that_are_left_is_not_lacking():
    found, remarks = choose(ROWS, "ruc21 = UF1 and imd_decile <= 2")
    assert (found, remarks) == ([], ["1 small areas have no imd_decile: left out."])


def test_a_place_without_small_areas_lacks_nothing():
    assert choose([], "imd_decile <= 2") == ([], [])


# By authority, or all in one -------------------------------------------------------------------


def test_small_areas_are_gathered_by_authority():
    kind = from_rule(ROWS, PLACE, "authority", "{group}", "{group}")
    assert kind.names == {"E07000129": "Blaby", "E07000130": "Melton"}
    assert kind.parts == {
        "E07000129": [Part("A"), Part("B")],
        "E07000130": [Part("C"), Part("D"), Part("E")],
    }
    assert kind.rule == EXACT


def test_code_and_name_are_made_from_the_group_s():
    kind = from_rule(ROWS[1:4], PLACE, "authority", "{group}-rural", "Rural {group}")
    assert kind.names == {"E07000129-rural": "Rural Blaby", "E07000130-rural": "Rural Melton"}
    assert kind.parts["E07000129-rural"] == [Part("B")]


def test_or_all_are_put_into_one_area_of_the_place():
    kind = from_rule(ROWS, PLACE, "place", "{group}", "{group}")
    assert kind.names == {"E10000018": "Leicestershire"}
    assert kind.parts == {"E10000018": [Part(c) for c in "ABCDE"]}


def test_an_area_of_the_place_may_have_any_code():
    assert from_rule(ROWS, PLACE, "place", "poor", "Poor areas").names == {"poor": "Poor areas"}


def test_two_authorities_with_one_code_are_a_fault():
    with pytest.raises(BoundaryFaults) as raised:
        from_rule(ROWS, PLACE, "authority", "rural", "Rural {group}")
    assert raised.value.faults == [
        "code: 'rural' would be the code of 2 areas. Put {group} into it."
    ]
    assert list(from_rule(ROWS[:2], PLACE, "authority", "rural", "x").parts) == ["rural"]


def test_nothing_chosen_makes_no_area():
    for group_by in ("authority", "place"):
        kind = from_rule([], PLACE, group_by, "{group}", "{group}")
        assert (kind.names, kind.parts) == ({}, {})


# With those that they adjoin -------------------------------------------------------------------

MAP = """
a b . c
. . d .
e . . f
. g h .
"""


def ground():
    """A kilometre square for each letter of the map."""
    cells = {
        letter: box(1000 * x, -1000 * y, 1000 * x + 1000, 1000 - 1000 * y)
        for y, line in enumerate(MAP.strip().splitlines())
        for x, letter in enumerate(line.split())
        if letter != "."
    }
    return gpd.GeoDataFrame(
        {"area_code": list(cells)}, geometry=list(cells.values()), crs=METRES
    ).sort_values("area_code", ascending=False)


def joined(codes, code="{group}", shapes=None, **names):
    rows = [{"small_area_code": c, "small_area_name": f"Small {c}"} for c in codes]
    return adjoining(rows, ground() if shapes is None else shapes, code, names)


def groups(kind):
    return {code: "".join(p.small_area for p in parts) for code, parts in kind.parts.items()}


def test_small_areas_that_share_an_edge_are_one_area_and_those_that_meet_in_a_corner_are_not():
    kind = joined("abcdefgh")
    assert groups(kind) == {"a": "ab", "c": "c", "d": "d", "e": "e", "f": "f", "g": "gh"}
    assert kind.names["a"] == "Small a and 1 adjoining"
    assert kind.names["c"] == "Small c"
    assert kind.rule == EXACT


def test_a_chain_is_one_area_in_whatever_order_it_was_chosen():
    strip = gpd.GeoDataFrame(
        {"area_code": list("badc")},
        geometry=[box(x, 0, x + 1, 9) for x in (1, 0, 3, 2)],
        crs=METRES,
    )
    for order in ("abcd", "dbca"):
        assert groups(joined(order, shapes=strip)) == {"a": "abcd"}
    assert groups(joined("acd", shapes=strip)) == {"a": "a", "c": "cd"}


@pytest.mark.parametrize(("shared", "one_area"), [(0.9, False), (1.1, True)])
def test_an_edge_of_less_than_a_metre_is_a_corner(shared, one_area):
    pair = [box(0, 0, 10, 10), box(10, 10 - shared, 20, 20)]
    shapes = gpd.GeoDataFrame({"area_code": ["a", "b"]}, geometry=pair, crs=METRES)
    assert (len(joined("ab", shapes=shapes).parts) == 1) is one_area


def test_the_code_is_the_lowest_small_area_s_in_the_words_of_the_rule():
    assert groups(joined("hgba", code="PN-{group}")) == {"PN-a": "ab", "PN-g": "gh"}


def test_a_group_has_the_name_given_to_any_one_of_it():
    kind = joined("abcgh", b="Saffron Lane", c="Coalville", g="Thorpe", h="Thorpe")
    assert kind.names == {"a": "Saffron Lane", "c": "Coalville", "g": "Thorpe"}


@pytest.mark.parametrize("blank", [None, "", float("nan")])
def test_a_small_area_without_a_name_lends_its_code(blank):
    rows = [{"small_area_code": c, "small_area_name": blank} for c in "ab"]
    assert adjoining(rows, ground(), "{group}", {}).names == {"a": "a and 1 adjoining"}


def test_names_that_do_not_fit_and_a_code_for_several_are_told_at_once():
    with pytest.raises(BoundaryFaults) as raised:
        joined("abc", code="estate", a="Ashby", b="Beacon", z="Zouch", f="Far")
    assert raised.value.faults == [
        "code: 'estate' would be the code of 2 areas. Put {group} into it.",
        "names: f is not among the small areas chosen by the rule. Take it out, or name another"
        " of its group.",
        "names: z is not among the small areas chosen by the rule. Take it out, or name another"
        " of its group.",
        "names: Ashby and Beacon name one and the same group. Keep one.",
    ]


def test_nothing_chosen_adjoins_nothing():
    assert joined("").parts == {}
