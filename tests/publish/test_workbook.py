"""The Government Analysis Function's checklist for spreadsheets, held by a program that reads
workbooks (openpyxl) against workbooks of content that nobody hopes for."""

import hashlib
import math
import re
from decimal import ROUND_HALF_UP, Decimal

import openpyxl
import pytest
from pandas import Timestamp
from small_release import TOWNS, cell, layer, release

from flows.figures import number
from flows.publish import workbook
from flows.publish.datapackage import INVENTED
from flows.publish.workbook.columns import FORMATS, formats

MARKERS = {"[c]", "[x]", "[z]", "[low]", "[e]"}
HOSTILE = [
    "=1+1",
    "@SUM(A1)",
    "+44",
    "-1",
    "[x](http://evil.example)",
    "http://evil.example",
    "internal:'Cover'!A1",
    "<r><t>not bold</t></r>",
    "a\x00b\x07c\x1fd\ufffe",
    "tab\tand\nline",
    "_x0041_ & <b> \"quoted\" 'too'",
    "{=1}",
    "Long " * 60,
    "Grüße 漢字 🙂" * 3_000,
    "\ud800 half of a pair",
    " ",
]
# as they are released: six decimals
EXACT = [0.0, 0.333333, 0.3, 1e-6, 0.0427, 123456.789, 2.0**53 - 1, 999999999.999999, 17.0, 99.95]


def hostile_book(book):
    """The county, two of whose kinds have the same label, that of a sheet and too long."""
    kinds = [
        k.model_copy(update={"label": "Notes: [all] / of * them? and more than fits a name"})
        if k.id in ("town", "place")
        else k
        for k in book.place.area_kinds
    ]
    named = {"area_kinds": tuple(kinds), "contact": "=HYPERLINK()", "name": "=" + "Shire " * 60}
    return book.model_copy(update={"place": book.place.model_copy(update=named)})


def cells():
    told = [cell(area_code=f"H{n}", area_name=name, note=name) for n, name in enumerate(HOSTILE)]
    told += [cell(area_code=f"E{n}", value=v, lower_ci=v) for n, v in enumerate(EXACT)]
    told += [
        cell(area_code="M1", value=None, marker="[c]", note="withheld"),
        cell(area_code="M2", value=None),
        cell(area_code="M3", value=math.nan, marker="[low]"),
        cell(area_code="M4", value=2.0, marker="[e]"),
        cell(area_code="X10000001", comparator=None, comparator_value=None),
        cell(indicator_id="crimes_month", period="2025-06", value=7.0, comparator_value=None),
    ]
    return told


@pytest.fixture(scope="module")
def given():
    plain = release(cells())
    return release(cells(), book=hostile_book(plain.book))


@pytest.fixture(scope="module")
def folder(given, tmp_path_factory):
    folder = tmp_path_factory.mktemp("workbooks")
    workbook.write(given, folder)
    return folder


@pytest.fixture(scope="module")
def books(folder):
    paths = sorted(folder.rglob("*.xlsx"))
    return {p.relative_to(folder).as_posix(): openpyxl.load_workbook(p) for p in paths}


@pytest.fixture(scope="module")
def sheets(books):
    return [(f"{name}: {s.title}", s) for name, book in books.items() for s in book.worksheets]


def the_table(sheet):
    (table,) = sheet.tables.values()
    return table


def rows_of(sheet):
    """The rows of a sheet's table, by heading."""
    headings, *rows = [[c.value for c in row] for row in sheet[the_table(sheet).ref]]
    return [dict(zip(headings, row, strict=True)) for row in rows]


class TestTheChecklist:
    def test_a_workbook_for_each_theme_with_figures_and_one_for_everything(self, books):
        assert set(books) == {
            "evidence.xlsx",
            "themes/safer_communities.xlsx",
            "themes/stronger_communities.xlsx",
        }

    def test_cover_contents_and_notes_come_first(self, books):
        for book in books.values():
            assert book.sheetnames[:3] == ["Cover", "Contents", "Notes"]

    def test_the_workbook_opens_on_its_cover_in_cell_a1(self, books):
        for book in books.values():
            assert book.active.title == "Cover"
            assert book.active.sheet_view.selection[0].activeCell == "A1"

    def test_names_of_sheets_fit_and_no_two_are_alike(self, books):
        for book in books.values():
            assert len({n.lower() for n in book.sheetnames}) == len(book.sheetnames)
            for name in book.sheetnames:
                assert len(name) <= 31
                assert not re.search(r"[\[\]:*?/\\]", name)

    def test_every_table_has_a_name_of_its_own(self, books):
        for book in books.values():
            names = [t for sheet in book for t in sheet.tables]
            assert len({n.lower() for n in names}) == len(names)
            assert all(n.startswith("tbl_") for n in names)

    def test_one_marked_table_a_sheet_below_its_title_down_to_the_end(self, sheets):
        for where, sheet in sheets:
            if sheet.title == "Cover":
                assert not sheet.tables
                continue
            table = the_table(sheet)
            start, end = table.ref.split(":")
            assert start.startswith("A"), where
            assert end == sheet.cell(sheet.max_row, sheet.max_column).coordinate, where
            assert table.headerRowCount in (None, 1)
            heads = [c.value for c in sheet[table.ref][0]]
            assert [c.name for c in table.tableColumns] == heads, where
            assert sheet["A2"].value == "This worksheet contains one table.", where

    def test_no_cell_is_empty_and_nothing_stands_beside_the_lines_above(self, sheets):
        for where, sheet in sheets:
            head = 0 if sheet.title == "Cover" else int(re.search(r"\d+", the_table(sheet).ref)[0])
            for row in sheet.iter_rows():
                told = [c.value for c in row]
                if head and row[0].row >= head:
                    assert all(v not in (None, "") for v in told), f"{where} {row[0].row}"
                else:
                    assert told[0], f"{where} {row[0].row}"
                    assert not any(told[1:]), where

    def test_nothing_is_merged_frozen_filtered_hidden_or_filled(self, sheets):
        for where, sheet in sheets:
            assert not sheet.merged_cells.ranges, where
            assert sheet.freeze_panes is None, where
            assert sheet.auto_filter.ref is None, where
            assert sheet.sheet_state == "visible"
            assert not any(t.autoFilter for t in sheet.tables.values()), where
            assert not any(d.hidden for d in sheet.column_dimensions.values()), where
            assert not any(d.hidden for d in sheet.row_dimensions.values()), where
            assert not sheet._images and not sheet._charts
            assert not sheet.oddHeader.center.text and not sheet.oddFooter.center.text
            for row in sheet.iter_rows():
                assert all(c.fill.fill_type is None for c in row), where

    def test_letters_are_arial_of_twelve_points_or_more(self, sheets):
        fonts = {(c.font.name, c.font.size) for _, s in sheets for r in s.iter_rows() for c in r}
        assert {name for name, _ in fonts} == {"Arial"}
        assert min(size for _, size in fonts) == 12

    def test_headings_are_wrapped_in_rows_high_enough_and_columns_wide_enough(self, sheets):
        for where, sheet in sheets:
            if sheet.title == "Cover":
                continue
            head = sheet[the_table(sheet).ref][0]
            assert all(c.alignment.wrap_text and c.font.bold for c in head), where
            assert sheet.row_dimensions[head[0].row].height >= 15, where
            for c in head:
                assert 8 <= sheet.column_dimensions[c.column_letter].width <= 110, where
            assert max(d.height or 0 for d in sheet.row_dimensions.values()) <= 409

    def test_it_prints_on_landscape_a4_with_its_headings_on_each_page(self, sheets):
        for where, sheet in sheets:
            assert sheet.page_setup.orientation == "landscape", where
            assert str(sheet.page_setup.paperSize) == "9", where
            assert sheet.sheet_properties.pageSetUpPr.fitToPage, where
            assert (sheet.page_setup.fitToWidth or 1) == 1
            assert sheet.page_setup.fitToHeight == 0
            if sheet.title != "Cover":
                head = re.search(r"\d+", the_table(sheet).ref)[0]
                assert sheet.print_title_rows == f"${head}:${head}", where

    def test_links_lead_to_sheets_and_say_where(self, sheets, books):
        for where, sheet in sheets:
            for row in sheet.iter_rows():
                for c in row:
                    if c.hyperlink:
                        assert c.hyperlink.target is None, where
                        to = re.fullmatch(r"'(.+)'!A1", c.hyperlink.location)[1]
                        assert to.replace("''", "'") in sheet.parent.sheetnames
                        assert to in c.value and len(c.value) > 3
        for book in books.values():
            listed = [row["Worksheet"] for row in rows_of(book["Contents"])]
            assert listed == book.sheetnames[2:]
            for sheet in book.worksheets[2:]:
                head = sheet[the_table(sheet).ref][0][0].row
                assert sheet.cell(head - 1, 1).hyperlink, sheet.title

    def test_document_properties(self, books, given):
        for book in books.values():
            told = book.properties
            assert told.title.startswith("Neighbourhood evidence for =Shire")
            assert told.creator.startswith("=Shire")
            assert told.created.date() == given.as_of

    def test_the_first_line_says_that_it_is_invented(self, books):
        for book in books.values():
            assert book["Cover"]["A1"].value.startswith(INVENTED)

    def test_shorthand_is_explained_where_it_stands_and_nowhere_else(self, sheets):
        for where, sheet in sheets:
            if sheet.title == "Cover":
                continue
            used = {v for row in rows_of(sheet) for v in row.values() if v in MARKERS}
            above = [c.value for c in sheet["A"][: sheet[the_table(sheet).ref][0][0].row - 1]]
            told = re.findall(r"Shorthand: (\[\w+\]) means", "\n".join(above))
            assert sorted(told) == sorted(used), where

    def test_notes_are_those_that_are_used(self, books):
        for book in books.values():
            used = {
                note
                for sheet in book.worksheets[3:]
                for row in rows_of(sheet)
                for note in re.findall(r"\[(note \d+)\]", str(row.get("Notes", "")))
            }
            assert sorted(used) == sorted(row["Note"] for row in rows_of(book["Notes"]))

    def test_same_release_same_bytes(self, given, folder, tmp_path):
        workbook.write(given, tmp_path)
        for path in folder.rglob("*.xlsx"):
            again = tmp_path / path.relative_to(folder)
            assert digest(again) == digest(path), path.name


class TestContent:
    def test_text_is_text_whatever_it_begins_with(self, sheets):
        for where, sheet in sheets:
            for row in sheet.iter_rows():
                for c in row:
                    assert c.data_type in ("s", "n"), f"{where} {c.coordinate}: {c.data_type}"

    def test_names_come_through(self, books):
        names = {row["Locality"] for row in rows_of(books["evidence.xlsx"]["Over time"])}
        for name in HOSTILE[:7]:
            assert name in names
        assert "abcd" in names
        assert "tab and line" in names
        assert "[x]" in names  # of a blank name
        assert all(len(n.encode("utf-16-le")) <= 2 * 32_767 for n in names)

    def test_every_number_is_that_of_its_cell(self, books):
        rows = {r["Locality code"]: r for r in rows_of(books["evidence.xlsx"]["Over time"])}
        for n, value in enumerate(EXACT):
            assert rows[f"E{n}"]["Value"] == value
            assert rows[f"E{n}"]["Lower 95% limit"] == value

    def test_missing_is_a_marker_and_zero_is_zero(self, books):
        rows = {r["Locality code"]: r for r in rows_of(books["evidence.xlsx"]["Over time"])}
        assert [rows[f"M{n}"]["Value"] for n in (1, 2, 3)] == ["[c]", "[x]", "[low]"]
        assert rows["E0"]["Value"] == 0
        assert (rows["M4"]["Value"], rows["M4"]["Marker"]) == (2, "[e]")
        assert rows["E0"]["Marker"] == "none"

    def test_kinds_with_the_same_label_have_sheets_of_their_own(self, books):
        names = books["evidence.xlsx"].sheetnames[3:5]
        assert names == ["Notes all of them and more than", "Notes all of them and more th 2"]

    def test_the_whole_place_is_not_set_against_itself(self, books):
        town, place = books["evidence.xlsx"].worksheets[3:5]
        assert "Compared with Exampleshire" in rows_of(town)[0]
        assert not any(heading.startswith("Compared") for heading in rows_of(place)[0])

    @pytest.mark.parametrize(
        "value", [0, 7, 1234.5, 123.456, 99.95, 12.3, 0.5, 0.1, 0.0427, 0.05, 0.00427, -3.25]
    )
    def test_as_many_digits_are_shown_as_anywhere(self, value):
        (which,) = formats(pytest.importorskip("numpy").array([float(value)]))
        assert shown(value, FORMATS[which]) == number(value)


class TestCountsOfCrimes:
    def sheets_of(self, tmp_path, told):
        workbook.write(release(told), tmp_path)
        return openpyxl.load_workbook(tmp_path / "evidence.xlsx")

    def test_a_count_stands_beside_its_rate_and_that_of_the_whole_place(self, tmp_path):
        told = [
            count("2025-05", 6.0),
            count("2025-06", 7.0),
            rate("2024-06 to 2025-05", 9.0, of_all=11.0),
            rate("2024-07 to 2025-06", 10.0, of_all=12.0, compared="better"),
        ]
        book = self.sheets_of(tmp_path, told)
        asked = ("Period of the count", "Count", "Rate", "Period of the rate")
        asked += ("Rate of Exampleshire", "Rate compared")
        rows = rows_of(book["Monthly crime counts"])
        found = [tuple(r[heading] for heading in asked) for r in rows]
        assert found == [
            ("2025-05", 6, 9, "2024-06 to 2025-05", 11, "not compared"),
            ("2025-06", 7, 10, "2024-07 to 2025-06", 12, "better"),
        ]

    def test_the_rate_is_the_next_in_hand_and_else_the_last(self, tmp_path):
        told = [
            count("2024-12", 5.0),
            count("2025-07", 8.0),
            rate("2024-07 to 2025-06", 10.0, of_all=12.0),
        ]
        rows = rows_of(self.sheets_of(tmp_path, told)["Monthly crime counts"])
        assert [r["Period of the rate"] for r in rows] == ["2024-07 to 2025-06"] * 2

    @pytest.mark.parametrize(
        "other",
        [
            [],
            [("T2", 10.0, 12.0)],  # another town's
            [("T1", None, 12.0)],
            [("T1", 10.0, None)],
        ],
    )
    def test_a_count_without_any_rate_stands_nowhere(self, tmp_path, other):
        told = [count("2025-06", 777.0), cell(indicator_id="imd_score", period="2025")]
        told += [rate("2024-07 to 2025-06", v, of_all=p, area_code=c) for c, v, p in other]
        book = self.sheets_of(tmp_path, told)
        assert not [c.coordinate for s in book for r in s.iter_rows() for c in r if c.value == 777]

    def test_no_other_sheet_has_a_bare_count(self, tmp_path):
        told = [count("2025-06", 777.0), rate("2024-07 to 2025-06", 10.0, of_all=12.0)]
        book = self.sheets_of(tmp_path, told)
        where = {s.title for s in book for r in s.iter_rows() for c in r if c.value == 777}
        assert where == {"Monthly crime counts"}

    def test_of_the_whole_place_the_rate_is_its_own(self, tmp_path):
        place = {"area_code": "X10000001", "comparator": None}
        told = [
            count("2025-06", 30.0, **place),
            rate("2024-07 to 2025-06", 12.0, of_all=None, **place),
        ]
        (row,) = rows_of(self.sheets_of(tmp_path, told)["Monthly crime counts"])
        assert (row["Count"], row["Rate"]) == (30, 12)
        assert [v for k, v in row.items() if k.startswith("Rate of ")] == [12]


def test_only_newest_figures_stand_on_a_kinds_sheet(tmp_path):
    told = [
        cell(period="2023-07 to 2024-06", period_end=Timestamp("2024-06-30"), value=8.0),
        cell(value=9.0),
    ]
    workbook.write(release(told), tmp_path)
    book = openpyxl.load_workbook(tmp_path / "evidence.xlsx")
    assert [r["Value"] for r in rows_of(book["Towns"])] == [9]
    assert [r["Value"] for r in rows_of(book["Over time"])] == [8, 9]


def test_editions_are_told_where_a_kind_has_several(tmp_path):
    told = [cell(edition="2010"), cell(edition="2024", value=11.0)]
    workbook.write(release(told, layers={"town": layer(TOWNS)}), tmp_path)
    book = openpyxl.load_workbook(tmp_path / "evidence.xlsx")
    assert [r["Edition of its boundary"] for r in rows_of(book["Towns"])] == ["2010", "2024"]


def count(month, value, **told):
    return cell(
        indicator_id="crimes_month",
        period=month,
        period_start=Timestamp(f"{month}-01"),
        period_end=Timestamp(f"{month}-30"),
        value=value,
        **({"comparator_value": None} | told),
    )


def rate(period, value, of_all, **told):
    start, end = period.split(" to ")
    dates = {"period_start": Timestamp(f"{start}-01"), "period_end": Timestamp(f"{end}-30")}
    return cell(period=period, value=value, comparator_value=of_all, **(dates | told))


def shown(value, form):
    """A number as Excel shows it in one of our formats."""
    after = form.partition(".")[2]
    digits = Decimal(1).scaleb(-len(after))
    text = f"{Decimal(repr(value)).quantize(digits, ROUND_HALF_UP):,f}"
    for _ in range(after.count("#")):
        text = text.removesuffix("0")
    return text


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()
