"""Lists of codes as officers send them: what they stand for, and all that is wrong at once."""

import pytest

from geo.areas import Part
from geo.boundaries import BoundaryFaults
from geo.lists import TOLD, Unit, from_list, read_list

A, B, C, D = (f"E0100000{i}" for i in range(1, 5))  # small areas as they were in 2011
LEFT, RIGHT, BOTH = "E01033001", "E01033002", "E01033003"  # new in 2021
SPLIT, ONE, OTHER = "E01000010", "E01000020", "E01000021"  # gone since 2011
FAR = "E01999999"  # exists, outside the place
IN_2021 = [A, B, C, D, LEFT, RIGHT, BOTH]

LSOA21 = Unit(
    "lsoa21",
    "2021 small area",
    {code: [Part(code)] for code in IN_2021},
    "exact membership",
    elsewhere=frozenset([FAR]),
)
LSOA11 = Unit(
    "lsoa11",
    "2011 small area",
    {code: [Part(code)] for code in (A, B, C, D)}
    | {
        SPLIT: [Part(LEFT), Part(RIGHT)],
        ONE: [Part(BOTH, 0.5, 0.5, 0.5)],
        OTHER: [Part(BOTH, 0.5, 0.5, 0.5)],
    },
    "exact membership by the 2011 lookup",
)
OA21 = Unit(
    "oa21",
    "2021 output area",
    {
        # shares of A's people, households and children, which add up to 0.9999999999999999
        "E00000001": [Part(A, 0.7, 0.2, 0.7)],
        "E00000002": [Part(A, 0.2, 0.7, 0.1)],
        "E00000003": [Part(A, 0.1, 0.1, 0.2)],
        "E00000004": [Part(B)],
    },
    "population share of output areas",
    may_split=True,
)
WARDS = Unit(
    "wd24", "ward of 2024", {"E05000001": [Part(A), Part(B)], "E05000002": [Part(C)]}, "best fit"
)
AUTHORITIES = Unit(
    "authority", "local authority", {"E07000129": [Part(c) for c in IN_2021]}, "exact membership"
)
FORUMS = Unit(
    "forum",
    "area of kind forum",
    {"F1": [Part(A), Part(B, 0.4, 0.3, 0.2)], "F2": [Part(B, 0.6, 0.7, 0.8)]},
    "population share of output areas",
    may_split=True,
)
UNITS = [LSOA21, LSOA11, OA21, WARDS, AUTHORITIES, FORUMS]


def made(unit, *rows):
    """The areas of rows written like "E01000001 F1 Ashby"; the name may be left out."""
    cells = [(*row.split(maxsplit=2), "", "")[:3] for row in rows]
    numbered = [(f"list.csv, line {n}", *row) for n, row in enumerate(cells, 2)]
    return from_list(numbered, unit, [u for u in UNITS if u is not unit], "list.csv")


def faults(unit, *rows):
    with pytest.raises(BoundaryFaults) as raised:
        made(unit, *rows)
    return raised.value.faults


# What a list stands for ------------------------------------------------------------------------


def test_small_areas_are_whole_members():
    kind = made(LSOA21, f"{B} F1 Ashby", f"{A} F1 Ashby", f"{C} F2 Coalville")
    assert kind.names == {"F1": "Ashby", "F2": "Coalville"}
    assert kind.parts == {"F1": [Part(A), Part(B)], "F2": [Part(C)]}
    assert kind.rule == "exact membership"
    assert kind.polygons is None


def test_a_small_area_may_be_in_two_areas():
    assert made(LSOA21, f"{A} F1", f"{A} F2").parts == {"F1": [Part(A)], "F2": [Part(A)]}


def test_an_area_without_a_name_is_called_by_its_code():
    assert made(LSOA21, f"{A} F1", f"{B} F2 Ashby").names == {"F1": "F1", "F2": "Ashby"}


@pytest.mark.parametrize("rows", [(f"{A} F1 Ashby", f"{B} F1"), (f"{A} F1", f"{B} F1 Ashby")])
def test_a_name_given_once_is_the_area_s_name(rows):
    assert made(LSOA21, *rows).names == {"F1": "Ashby"}


@pytest.mark.parametrize(
    ("listed", "stand_for"),
    [
        ([A], [A]),  # unchanged
        ([SPLIT], [LEFT, RIGHT]),  # split: all of its parts
        ([ONE, OTHER], [BOTH]),  # merged, both in the area: the whole
        ([D, OTHER, SPLIT, ONE], [D, LEFT, RIGHT, BOTH]),
    ],
)
def test_small_areas_of_2011_stand_for_those_of_2021(listed, stand_for):
    kind = made(LSOA11, *(f"{code} F1 Ashby" for code in listed))
    assert kind.parts == {"F1": [Part(code) for code in stand_for]}
    assert kind.rule == "exact membership by the 2011 lookup"


def test_half_of_a_merged_small_area_is_refused_with_both_ways_out():
    assert faults(LSOA11, f"{A} F1", f"{ONE} F1", f"{OTHER} F2", f"{B} F2") == [
        "list.csv: E01000020 of F1 became E01033003 together with E01000021, which the area does"
        ' not list. List E01033003 or not, with of = "lsoa21".',
        "list.csv: E01000021 of F2 became E01033003 together with E01000020, which the area does"
        ' not list. List E01033003 or not, with of = "lsoa21".',
    ]


def test_output_areas_count_their_share_of_people_households_and_children():
    kind = made(OA21, "E00000001 F1", "E00000003 F1", "E00000002 F2")
    (first,), (second,) = kind.parts["F1"], kind.parts["F2"]
    assert first.small_area == A
    assert first[1:] == pytest.approx((0.8, 0.3, 0.9), abs=1e-12)
    assert second == Part(A, 0.2, 0.7, 0.1)
    assert kind.rule == "population share of output areas"


def test_all_output_areas_of_a_small_area_are_exactly_the_whole():
    assert 0.7 + 0.2 + 0.1 < 1.0
    kind = made(OA21, "E00000001 F1", "E00000002 F1", "E00000003 F1", "E00000004 F2")
    assert kind.parts == {"F1": [Part(A, 1.0, 1.0, 1.0)], "F2": [Part(B, 1.0, 1.0, 1.0)]}
    assert kind.rule == "exact membership"


def test_wards_and_authorities_stand_for_their_small_areas():
    kind = made(WARDS, "E05000001 F1", "E05000002 F1")
    assert kind.parts == {"F1": [Part(A), Part(B), Part(C)]} and kind.rule == "best fit"
    kind = made(AUTHORITIES, "E07000129 F1")
    assert [p.small_area for p in kind.parts["F1"]] == IN_2021


def test_areas_of_another_kind_bring_their_own_shares():
    kind = made(FORUMS, "F1 North", "F2 South")
    assert kind.parts["South"] == [Part(B, 0.6, 0.7, 0.8)]
    assert kind.rule == "population share of output areas"
    whole = made(FORUMS, "F1 All", "F2 All")
    assert whole.parts == {"All": [Part(A), Part(B)]} and whole.rule == "exact membership"


# What is wrong with its codes ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (
            "EO1000001 F1",
            "EO1000001 is not a 2021 small area of the place. Did you mean E01000001?",
        ),
        ("E0100001 F1", "E0100001 is not a 2021 small area of the place. Did you mean E01000001?"),
        ("Oadby F1", "Oadby is not a 2021 small area of the place."),
        (f"{FAR} F1", "E01999999 is a 2021 small area outside the place. Take it out."),
        ("E07000129 F1", "E07000129 is a local authority, not a 2021 small area."),
        ("E00000001 F1", "E00000001 is a 2021 output area, not a 2021 small area."),
        (
            f"{SPLIT} F1",
            "E01000010 is a 2011 small area, not a 2021 small area;"
            " in 2021 it is E01033001 and E01033002.",
        ),
        (f"{A} F1 Ashby", "E01000001 stands twice in F1. Take one out."),
        (
            f"{B} F1 Coalville",
            "two areas have the code F1: 'Ashby' and 'Coalville'. Give each area its own code.",
        ),
        (f"{B}", "E01000002 has no area_code. Give it one."),
    ],
)
def test_a_code_is_told_with_its_line_and_what_it_is(row, told):
    assert f"list.csv, line 3: {told}" in faults(LSOA21, f"{A} F1 Ashby", row)


def test_the_unit_that_a_code_is_measured_by_is_the_declared_one():
    (fault,) = [f for f in faults(LSOA11, f"{A} F1", f"{FAR} F1") if "line 3" in f]
    assert fault.endswith("E01999999 is a 2021 small area outside the place. Take it out.")
    (fault,) = [f for f in faults(WARDS, "E05000001 F1", f"{LEFT} F1") if "line 3" in f]
    assert fault.endswith("E01033001 is a 2021 small area, not a ward of 2024.")


def test_codes_of_two_vintages_are_told_with_how_many_there_are_of_each():
    first, *rest = faults(LSOA21, f"{A} F1", f"{LEFT} F1", f"{ONE} F1", f"{OTHER} F1")
    assert first == (
        "list.csv: it mixes codes of a 2021 small area (2) and of a 2011 small area (2)."
        " Bring all of them to one."
    )
    assert [f.partition(":")[0] for f in rest] == ["list.csv, line 4", "list.csv, line 5"]


@pytest.mark.parametrize(
    "codes",
    [
        [SPLIT],
        [A, B, SPLIT],  # most codes of 2011 were carried over to 2021
        [A, SPLIT, "E01typo"],
        [A, SPLIT, FAR],
        [SPLIT, "E02000001"],
    ],
)
def test_a_list_wholly_of_another_vintage_is_told_what_to_declare(codes):
    assert faults(LSOA21, *(f"{code} F1" for code in codes))[0] == (
        "list.csv: its codes are those of a 2011 small area, but the list is declared to be of ="
        ' "lsoa21". Write of = "lsoa11".'
    )


def test_codes_that_nobody_knows_are_not_called_another_vintage():
    assert len(faults(LSOA21, "X1 F1", "X2 F1")) == 2


def test_an_empty_list_is_a_fault():
    assert faults(LSOA21) == [
        "list.csv: it lists no 2021 small area. Fill it, or take the file away."
    ]


def test_two_faults_of_one_row_are_both_told():
    assert faults(LSOA21, f"{A} F1 Ashby", "EO1000002 F1 Coalville") == [
        "list.csv, line 3: EO1000002 is not a 2021 small area of the place."
        " Did you mean E01000002?",
        "list.csv, line 3: two areas have the code F1: 'Ashby' and 'Coalville'."
        " Give each area its own code.",
    ]


def test_of_a_thousand_unknown_codes_the_first_hundred_are_told_and_the_rest_counted():
    """An officer may well put the list of the whole country there."""
    told = faults(LSOA21, *(f"Z{i:08d} F1" for i in range(1000)))
    assert len(told) == TOLD + 1
    assert told[-1] == "list.csv: 900 more of its codes are no 2021 small area."


# Reading a file --------------------------------------------------------------------------------


@pytest.fixture
def read(tmp_path):
    """Read a list from text or bytes; the faults are returned, not raised."""

    def rows_of(content):
        path = tmp_path / "forums.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        try:
            return read_list(path, "lsoa21_code", "area_code", "area_name")
        except BoundaryFaults as why:
            return why.faults

    return rows_of


def test_a_file_is_read_whatever_its_columns_order_line_ends_and_byte_order_mark(read):
    text = (
        "\ufeffarea_name,lsoa21_code,note,area_code\r\n"
        "Ashby,E01000001,x,F1\r\n"
        " Café Quarter , E01000002\xa0,,F1\r\n"
    )
    rows = [
        ("forums.csv, line 2", "E01000001", "F1", "Ashby"),
        ("forums.csv, line 3", "E01000002", "F1", "Café Quarter"),
    ]
    assert read(text) == rows
    assert read(text.replace("\r\n", "\n")) == rows
    assert read(text.replace("\r\n", "\r")) == rows


def test_a_cell_may_hold_commas_quotes_and_line_breaks(read):
    assert read(
        "lsoa21_code,area_code,area_name\n"
        'E01000001,F1,"Ashby, ""North""\nand East"\n'
        "E01000002,F2,Oadby\u2028West\n"
    ) == [
        ("forums.csv, line 3", "E01000001", "F1", 'Ashby, "North"\nand East'),
        ("forums.csv, line 4", "E01000002", "F2", "Oadby\u2028West"),
    ]


def test_rows_that_name_nothing_are_passed_over_and_still_counted_as_lines(read):
    rows = read("lsoa21_code,area_code,area_name\n\n,,\n\nE01000001,F1,Ashby\n , ,\n")
    assert rows == [("forums.csv, line 5", "E01000001", "F1", "Ashby")]


def test_a_row_that_breaks_off_has_blank_cells(read):
    rows = read("lsoa21_code,area_code,area_name\nE01000001\n,F1,Ashby\n")
    assert [row[1:] for row in rows] == [("E01000001", "", ""), ("", "F1", "Ashby")]
    with pytest.raises(BoundaryFaults) as raised:
        from_list(rows, LSOA21, [], "forums.csv")
    assert raised.value.faults == [
        "forums.csv, line 2: E01000001 has no area_code. Give it one.",
        "forums.csv, line 3: a blank is not a 2021 small area of the place.",
    ]


def test_every_missing_column_is_told_with_those_that_are_there(read):
    assert read("lsoa,area_code,forum\nE01000001,F1,Ashby\n") == [
        "forums.csv: no column 'lsoa21_code'. Its columns are lsoa, area_code, forum.",
        "forums.csv: no column 'area_name'. Its columns are lsoa, area_code, forum.",
    ]


def test_an_empty_file_has_no_columns(read):
    assert read("")[0] == "forums.csv: no column 'lsoa21_code'. Its columns are none."


def test_a_column_that_is_there_twice_is_a_fault(read):
    assert read("lsoa21_code,area_code,area_code,area_name\nE01000001,F1,F2,Ashby\n") == [
        "forums.csv: 2 columns are called 'area_code'. Keep one."
    ]


def test_a_comma_in_a_name_without_quotes_is_a_fault_not_half_a_name(read):
    assert read("lsoa21_code,area_code,area_name\nE01000001,F1,Ashby, North\n") == [
        "forums.csv, line 2: it has more cells than the header."
        " Put a name that has a comma in quotes."
    ]
    assert len(read("lsoa21_code,area_code,area_name\nE01000001,F1,Ashby,,\n")[0]) == 4


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("lsoa21_code,area_code,area_name\nE01000001,F1,Café\n".encode("cp1252"), "not in UTF-8"),
        ("lsoa21_code,area_code\nE01000001,F1\n".encode("utf-16"), "not in UTF-8"),
        ("lsoa21_code,area_code\nE01000001,F1\n".encode("utf-16-le"), "it is no text"),
        (b"PK\x03\x04\x14\x00\x06\x00\x08\x00\x00\x00!\x00", "it is no text"),
        (b"PK\x03\x04\xff\xfe", "not in UTF-8"),
        (b"lsoa21_code,area_code,area_name\nE0100\x000001,F1,Ashby\n", "it is no text"),
        ("lsoa21_code,area_code,area_name\n" + "x" * 200_000, "it is not a table"),
        ('lsoa21_code,area_code,area_name\n"' + "E01000001,F1,A\n" * 20_000, "it is not a table"),
    ],
)
def test_a_file_that_is_no_list_is_told_how_to_save_it(read, content, told):
    (fault,) = read(content)
    assert fault.startswith("forums.csv: ") and told in fault
    assert fault.endswith("Save it as CSV UTF-8.") and fault.isprintable()
