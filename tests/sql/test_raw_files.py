"""Kept files as publishers make them: marks, encodings, short rows, renamed columns, titles."""

import pytest
import xlsxwriter
from texttable import every_column, layout

from sql import raw

POLICE = "Month,Reported by,Longitude,Latitude,LSOA code,Crime type\n"
UTF8_MARK = b"\xef\xbb\xbf"
MARK_TWICE = "\ufeffï»¿".encode()  # a mark read as Latin-1, written as UTF-8 under a new mark


@pytest.fixture
def read(empty_tables, tmp_path):
    """Lay a file out as raw text: its rows as mappings, and the lines that were rejected."""

    def lay_out(source, table, content, name="file.csv"):
        path = tmp_path / name
        if content is not None:
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        con = empty_tables.cursor()
        shape, columns = layout(source, table), every_column(source)
        rejected = raw.lay_out(con, source, path, name, shape, columns)
        made = con.sql(f"from raw.{source} order by row_number")
        rows = [dict(zip(made.columns, row, strict=True)) for row in made.fetchall()]
        con.close()
        return rows, rejected

    return lay_out


class TestColumns:
    def test_our_names_stand_for_the_publishers(self, read):
        rows, rejected = read("police_crime", "street", POLICE + "2026-01,Alpha,-1.1,52.6,,Drugs\n")
        assert rejected == []
        assert rows == [
            {
                "file": "file.csv",
                "title": "",
                "row_number": 1,
                "no_value": None,
                "month": "2026-01",
                "longitude": "-1.1",
                "latitude": "52.6",
                "lsoa_code": None,
                "crime_type": "Drugs",
            }
        ]

    def test_an_optional_column_and_any_order_are_welcome(self, read):
        found = "LSOA name (2021),LSOA code (2021),IMD Rank\nNorth,X01000001,7\n"
        rows, _ = read("indices_of_deprivation", "file_7", found)
        assert rows[0]["small_area_name"] == "North"
        assert rows[0]["small_area_code"] == "X01000001"
        assert rows[0]["authority_name"] is None

    def test_what_nobody_asks_for_is_kept_only_where_each_column_is_a_figure(self, read):
        rows, _ = read("police_crime", "street", "Context," + POLICE + "none,2026-01,A,1,2,X,D\n")
        assert rows[0]["month"] == "2026-01"
        assert "Context" not in rows[0]
        rows, _ = read("ons_geography", "lookup", "LSOA21CD,Context\nX01000001,some\n")
        assert rows[0]["Context"] == "some"

    def test_spaces_and_capitals_in_a_header_do_not_matter(self, read):
        header = POLICE.replace("Crime type", " crime  TYPE ")
        rows, _ = read("police_crime", "street", header + "2026-01,Alpha,1,2,X,Drugs\n")
        assert rows[0]["crime_type"] == "Drugs"

    def test_a_renamed_column_is_named_with_those_that_were_found(self, read):
        header = POLICE.replace("Crime type", "Offence").replace("Month", "When")
        with pytest.raises(raw.HeaderFault) as fault:
            read("police_crime", "street", header + "2026-01,Alpha,1,2,X,Drugs\n")
        assert str(fault.value) == (
            "it has no column 'Month', nor 'Crime type'; its columns are"
            " 'When', 'Reported by', 'Longitude', 'Latitude', 'LSOA code', 'Offence'"
        )

    def test_every_name_that_a_column_had_over_the_years_is_told(self, read):
        with pytest.raises(raw.HeaderFault, match="no column 'pcds' or 'pcd8' or 'pcd7' or 'pcd'"):
            read("postcodes", "directory", "code,east1m,north1m,gridind,doterm\nZZ1 1AP,1,1,1,\n")

    @pytest.mark.parametrize("name", ["1. Managers, etc.", 'so "called"', "*", "a.b.c"])
    def test_a_name_may_hold_dots_and_quotes(self, read, name):
        header = '"' + name.replace('"', '""') + '"'
        rows, _ = read("ons_geography", "lookup", f"LSOA21CD,{header}\nX01000001,7\n")
        assert rows[0][name] == "7"

    def test_two_columns_of_one_name_are_both_kept(self, read):
        rows, _ = read(
            "ons_geography", "lookup", "LSOA21CD,name,Name,\nX01000001,first,second,third\n"
        )
        assert rows[0]["name"] == "first"
        assert rows[0]["Name (2)"] == "second"
        assert rows[0]["_"] == "third"

    @pytest.mark.parametrize("name", ["file", "title", "ROW_NUMBER", "no_value"])
    def test_a_publishers_column_may_bear_a_name_of_ours(self, read, name):
        rows, _ = read("ons_geography", "lookup", f"LSOA21CD,{name}\nX01000001,theirs\n")
        assert rows[0]["file"] == "file.csv"
        assert rows[0]["row_number"] == 1
        assert "theirs" in rows[0].values()

    def test_a_table_of_headings_only_has_no_row(self, read):
        assert read("police_crime", "street", POLICE) == ([], [])

    def test_an_empty_file_has_no_column(self, read):
        with pytest.raises(raw.HeaderFault, match="no column 'Month'"):
            read("police_crime", "street", b"")


class TestBytes:
    ROW = "2026-01,Alpha,1,2,X,Drugs"

    @pytest.mark.parametrize("mark", [b"", UTF8_MARK, MARK_TWICE, MARK_TWICE[3:]])
    @pytest.mark.parametrize("end", ["\n", "\r\n"])
    def test_byte_order_marks_and_line_ends_leave_no_trace(self, read, mark, end):
        lines = (POLICE + self.ROW + "\n").replace("\n", end)
        rows, rejected = read("police_crime", "street", mark + lines.encode())
        assert rejected == []
        assert (rows[0]["month"], rows[0]["crime_type"]) == ("2026-01", "Drugs")

    @pytest.mark.parametrize("mark", [UTF8_MARK, MARK_TWICE])
    def test_nor_in_the_first_cell_of_a_file_without_a_header(self, read, mark):
        line = "ZZ1 1AP,10,564426,465860,E92,,,,,\n"
        rows, rejected = read("postcodes", "code_point", mark + line.encode())
        assert rejected == []
        assert rows[0]["postcode"] == "ZZ1 1AP"

    def test_utf_8_is_kept(self, read):
        line = "2026-01,Alpha,1,2,X,Heddlu Gwent – Tŷ\n"
        rows, _ = read("police_crime", "street", POLICE + line)
        assert rows[0]["crime_type"] == "Heddlu Gwent – Tŷ"

    def test_latin_1_is_read_as_it_was_meant(self, read):
        line = "2026-01,Alpha,1,2,X,Café £5\n"
        rows, rejected = read("police_crime", "street", (POLICE + line).encode("latin-1"))
        assert rejected == []
        assert rows[0]["crime_type"] == "Café £5"

    def test_so_is_what_windows_writes(self, read):
        line = "2026-01,Alpha,1,2,X,King’s Lynn – “East”\n"
        rows, rejected = read("police_crime", "street", (POLICE + line).encode("cp1252"))
        assert rejected == []
        assert rows[0]["crime_type"] == "King’s Lynn – “East”"

    def test_a_header_that_is_not_utf_8_is_read_with_the_rest(self, read):
        text = "LSOA21CD,Loyer en £\nX01000001,5\n"
        rows, _ = read("ons_geography", "lookup", text.encode("latin-1"))
        assert rows[0]["Loyer en £"] == "5"

    def test_utf_16_has_no_column_that_can_be_read(self, read):
        with pytest.raises(raw.HeaderFault, match="no column 'Month'"):
            read("police_crime", "street", (POLICE + self.ROW).encode("utf-16"))


class TestLines:
    GOOD = "2026-01,Alpha,1,2,X,Drugs\n"

    def test_short_and_long_rows_are_rejected_with_their_number(self, read):
        short, long = "2026-01,Alpha\n", "2026-01,Alpha,1,2,X,Drugs,more\n"
        rows, rejected = read(
            "police_crime", "street", POLICE + self.GOOD + short + self.GOOD + long + self.GOOD
        )
        assert len(rows) == 3
        assert [line for line, _ in rejected] == [2, 4]
        assert all(reason and "\n" not in reason for _, reason in rejected)

    @pytest.mark.parametrize("end", ["\n", "\r\n"])
    def test_a_cell_may_hold_commas_quotes_and_line_breaks(self, read, end):
        line = '2026-01,Alpha,1,2,X,"Drugs, ""A""{}and more"\n'
        lines = (POLICE + line + self.GOOD + "short\n").replace("\n", end).replace("{}", "\n")
        rows, rejected = read("police_crime", "street", lines)
        assert [row["crime_type"] for row in rows] == ['Drugs, "A"\nand more', "Drugs"]
        assert len(rejected) == 1

    def test_blank_lines_at_the_end_are_no_rows(self, read):
        rows, rejected = read("police_crime", "street", POLICE + self.GOOD + "\n\n")
        assert (len(rows), rejected) == (1, [])

    def test_a_last_line_without_its_end_is_a_row(self, read):
        rows, _ = read("police_crime", "street", POLICE + self.GOOD.rstrip())
        assert len(rows) == 1

    def test_the_faults_of_one_file_do_not_reach_the_next(self, read):
        assert len(read("police_crime", "street", POLICE + "short\n")[1]) == 1
        assert read("police_crime", "street", POLICE + self.GOOD)[1] == []


class TestWithoutHeader:
    LINE = "{A},100000,2024-01-05 00:00,ZZ1 1AP,D,N,F,1,,HIGH STREET,,TOWN,DISTRICT,COUNTY,A,A"

    def line(self, count):
        return ",".join(f'"{field}"' for field in self.LINE.split(",")[:count]) + "\r\n"

    def test_sixteen_columns_stand_in_their_order(self, read):
        rows, rejected = read("price_paid", "sales", self.line(16) * 2)
        assert rejected == []
        assert [row["transaction_id"] for row in rows] == ["{A}", "{A}"]
        assert (rows[0]["price"], rows[0]["category"], rows[0]["status"]) == ("100000", "A", "A")

    def test_fifteen_columns_are_an_old_file_without_the_status(self, read):
        rows, _ = read("price_paid", "sales", self.line(15))
        assert (rows[0]["category"], rows[0]["status"]) == ("A", None)

    @pytest.mark.parametrize("count", [14, 3])
    def test_any_other_number_is_another_file(self, read, count):
        with pytest.raises(raw.HeaderFault, match=f"first row has {count} columns where 16 are"):
            read("price_paid", "sales", self.line(count))


class TestWorkbooks:
    HEADER = ("LSOA Code", "LSOA Name", "Region", "Number of households")

    @pytest.fixture
    def workbook(self, tmp_path):
        def write(**sheets):
            book = xlsxwriter.Workbook(tmp_path / "file.xlsx")
            for name, rows in sheets.items():
                sheet = book.add_worksheet(name)
                for number, row in enumerate(rows):
                    sheet.write_row(number, 0, row)
            book.close()

        return write

    def test_the_sheet_with_the_columns_is_taken_and_its_title_kept(self, read, workbook):
        workbook(
            Contents=[["Sheet", "What"], ["Table 2", "Local authorities"], ["Table 4", "LSOA"]],
            Table2=[["Table 2, 2021"], ["LA Code", "LA Name"], ["X07000001", "Northmarch"]],
            Table4=[
                ["Table 4: Fuel poverty by LSOA [Notes 4 and 6], 2022"],
                ["This sheet has one table."],
                self.HEADER,
                ["X01000001", "Northmarch 001A", "East", 640],
                ["X01000002", "Northmarch 001B", "East", 12.5],
                ["1. Estimates are modelled."],
            ],
        )
        rows, rejected = read("fuel_poverty", "small_areas", None, "file.xlsx")
        assert rejected == []
        assert {row["title"] for row in rows} == {
            "Table 4: Fuel poverty by LSOA [Notes 4 and 6], 2022 This sheet has one table."
        }
        assert [
            (row["small_area_code"], row["region"], row["Number of households"]) for row in rows
        ] == [
            ("X01000001", "East", "640"),
            ("X01000002", "East", "12.5"),
            ("1. Estimates are modelled.", None, None),
        ]

    def test_a_heading_may_be_broken_over_lines(self, read, workbook):
        header = ("LSOA Code", "LSOA Name", "Number of\nhouseholds")
        workbook(Table4=[["Fuel poverty, 2022"], header, ["X01000001", "Northmarch 001A", 640]])
        rows, rejected = read("fuel_poverty", "small_areas", None, "file.xlsx")
        assert rejected == []
        assert rows[0]["Number of households"] == "640"

    def test_so_may_a_name_or_a_footnote(self, read, workbook):
        workbook(
            Table4=[
                ["Fuel poverty, 2022"],
                self.HEADER,
                ["X01000001", "Northmarch\n001A", "East", 640],
                ["X01000002", "Northmarch 001B", "East", 700],
                ["1. Estimates are modelled.\n2. See the notes."],
            ]
        )
        rows, rejected = read("fuel_poverty", "small_areas", None, "file.xlsx")
        assert rejected == []
        assert [row["Number of households"] for row in rows] == ["640", "700", None]

    def test_a_workbook_without_the_columns_says_which(self, read, workbook):
        workbook(Table2=[["LA Code", "LA Name"], ["X07000001", "Northmarch"]])
        with pytest.raises(raw.HeaderFault, match="no sheet has a column 'LSOA Code' and 'LSOA N"):
            read("fuel_poverty", "small_areas", None, "file.xlsx")

    @pytest.mark.parametrize("content", [b"", b"not a workbook", b"PK\x03\x04 half a workbook"])
    def test_what_is_no_workbook_is_said(self, read, content):
        with pytest.raises(raw.HeaderFault, match="it cannot be read as a workbook"):
            read("fuel_poverty", "small_areas", content, "file.xlsx")


def test_no_file_is_a_table_without_rows(empty_tables):
    con = empty_tables.cursor()
    raw.empty(con, "police_crime", every_column("police_crime"))
    found = con.table("raw.police_crime")
    assert len(found) == 0
    assert {"file", "title", "row_number", "month", "lsoa_code"} <= set(found.columns)
    con.close()


def test_a_source_that_is_no_table_name_is_refused(empty_tables):
    with pytest.raises(ValueError, match="not a table name"):
        raw.empty(empty_tables.cursor(), "x; drop schema core", [])
