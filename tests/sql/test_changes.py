"""What moved between two releases: what became of each cell, why, and that nothing kept back is told."""

import pytest

MARKED = "crimes | town | T1 | 2025"


@pytest.fixture(autouse=True)
def catalogue(warehouse):
    """Crimes and their rate, of two towns, in this release's catalogue."""
    warehouse.given("catalogue.area_kinds", "area_kind | position\ntown | 0\nforum | 1")
    warehouse.given("catalogue.sources", "source | label\npolice | Crime\npeople | Population")
    warehouse.given(
        "catalogue.indicators",
        """
        position | indicator_id | source | source_rows | denominator_source
        0        | crimes       | police | events      | police
        1        | rate         | police | events      | people
        """,
    )
    warehouse.given("geo.areas", "area_kind | area_code\ntown | T1\ntown | T2")


class TestWhatBecameOfACell:
    def compared(self, warehouse, before, after, told):
        """One cell of crimes (value, marker) in two releases, beside another that stays."""
        for table, cell in (("earlier_cells", before), ("evidence_table", after)):
            rows = "crimes | town | T2 | 2025 | 7 | - | crimes\n"
            rows += f"{MARKED} | {cell} | crimes\n" if cell else ""
            columns = "indicator_id | area_kind | area_code | period | value | marker | unit"
            warehouse.given(f"evidence.{table}", f"{columns}\n{rows}")
        columns = "area_code | change | value_before | value_after | marker_before | marker_after"
        warehouse.expect("evidence.changes", f"{columns}\n" + (f"T1 | {told}" if told else ""))

    @pytest.mark.parametrize(
        ("before", "after", "told"),
        [
            ("4 | -", "4 | -", ""),
            ("4 | -", "5 | -", "revised | 4 | 5 | - | -"),
            ("4 | -", "0 | -", "revised | 4 | 0 | - | -"),
            ("4 | -", "5 | [e]", "revised | 4 | 5 | - | [e]"),
            ("4 | -", "4 | [e]", "marker changed | 4 | 4 | - | [e]"),
            ("", "5 | -", "new | - | 5 | - | -"),
            ("", "- | [x]", "new | - | - | - | [x]"),
            ("- | [x]", "5 | -", "new | - | 5 | [x] | -"),
            ("5 | -", "- | [x]", "withdrawn | 5 | - | - | [x]"),
            ("5 | -", "", "withdrawn | 5 | - | - | -"),
            ("- | [x]", "- | [z]", "marker changed | - | - | [x] | [z]"),
        ],
    )
    def test_what_is_shown_in_both(self, warehouse, before, after, told):
        self.compared(warehouse, before, after, told)

    @pytest.mark.parametrize(
        ("before", "after", "told"),
        [
            ("5 | -", "- | [c]", "now withheld | - | - | - | [c]"),
            ("5 | [e]", "- | [low]", "now withheld | - | - | [e] | [low]"),
            ("- | [x]", "- | [c]", "now withheld | - | - | [x] | [c]"),
            ("- | [c]", "5 | -", "now shown | - | - | [c] | -"),
            ("- | [low]", "5 | [e]", "now shown | - | - | [low] | [e]"),
            ("- | [low]", "- | [c]", "marker changed | - | - | [low] | [c]"),
            ("- | [c]", "- | [x]", "marker changed | - | - | [c] | [x]"),
            ("- | [c]", "- | [c]", ""),
            ("", "- | [c]", "new | - | - | - | [c]"),
            ("- | [c]", "", "withdrawn | - | - | [c] | -"),
            # a release from before there were markers: it may have been kept back
            ("- | -", "5 | -", "now shown | - | - | - | -"),
        ],
    )
    def test_no_value_beside_one_that_is_kept_back(self, warehouse, before, after, told):
        self.compared(warehouse, before, after, told)

    def test_a_mark_without_a_period_is_of_all_periods(self, warehouse):
        """What was shown by year is now withheld as a whole, and what was withheld as a whole is
        now shown by year: neither tells its figures beside the mark."""
        columns = "indicator_id | area_kind | area_code | period | value | marker"
        before = "crimes | town | T1 | 2025 | 5 | -\ncrimes | town | T2 | - | - | [c]"
        after = "crimes | town | T1 | - | - | [c]\ncrimes | town | T2 | 2025 | 6 | -"
        warehouse.given("evidence.earlier_cells", f"{columns}\n{before}")
        warehouse.given("evidence.evidence_table", f"{columns}\n{after}")
        warehouse.expect(
            "evidence.changes",
            """
            area_code | period | change       | value_before | value_after | marker_before | marker_after
            T1        | 2025   | now withheld | -            | -           | -             | [c]
            T2        | 2025   | now shown    | -            | -           | [c]           | -
            """,
        )

    def test_a_kind_that_is_kept_back_altogether_has_no_row_and_tells_nothing(self, warehouse):
        columns = "indicator_id | area_kind | area_code | period | value"
        warehouse.given("evidence.earlier_cells", f"{columns}\n{MARKED} | 5")
        warehouse.given("catalogue.kinds_kept_back", "indicator_id | area_kind\ncrimes | town")
        warehouse.expect(
            "evidence.changes",
            "change | value_before | value_after | why\nnow withheld | - | - | protection",
            only="true",
        )

    def test_where_nothing_was_in_hand_no_cell_is_withdrawn(self, warehouse):
        columns = "indicator_id | area_kind | area_code | period | value | marker"
        warehouse.given("evidence.earlier_cells", f"{columns}\ncrimes | town | T1 | - | - | [x]")
        warehouse.given("evidence.evidence_table", f"{columns}\n{MARKED} | 5 | -")
        warehouse.expect(
            "evidence.changes",
            "period | change | value_after | marker_before\n2025 | new | 5 | [x]",
        )

    def test_editions_are_different_cells(self, warehouse):
        columns = "indicator_id | area_kind | area_code | period | edition | value"
        warehouse.given("evidence.earlier_cells", f"{columns}\n{MARKED} | 2008 | 5")
        warehouse.given("evidence.evidence_table", f"{columns}\n{MARKED} | 2013 | 6")
        warehouse.expect(
            "evidence.changes",
            "edition | change | why\n"
            "2008 | withdrawn | new boundary: the locality or its edition is gone\n"
            "2013 | new | new boundary: the locality or its edition is new",
        )

    def test_two_units_are_both_named(self, warehouse):
        columns = "indicator_id | area_kind | area_code | period | value | unit"
        warehouse.given("evidence.earlier_cells", f"{columns}\n{MARKED} | 5 | per 1,000")
        warehouse.given("evidence.evidence_table", f"{columns}\n{MARKED} | 50 | per 10,000")
        warehouse.expect("evidence.changes", "unit\nper 10,000 (before: per 1,000)")

    def test_without_an_earlier_release_nothing_changed(self, warehouse):
        columns = "indicator_id | area_kind | area_code | period | value"
        warehouse.given("evidence.evidence_table", f"{columns}\n{MARKED} | 5")
        warehouse.expect("evidence.changes", "change")

    def test_a_name_never_runs_as_a_formula(self, warehouse):
        columns = "indicator_id | area_kind | area_code | period | value | area_name"
        warehouse.given("evidence.earlier_cells", f"{columns}\n{MARKED} | 5 | =1+1")
        warehouse.expect("evidence.changes", "area_name\n'=1+1")


class TestWhy:
    """The same two towns; each test says what else is known of the two releases."""

    def given(self, warehouse, before, after):
        """Cells: indicator, town, period and value, in both releases."""
        for table, cells in (("earlier_cells", before), ("evidence_table", after)):
            rows = "\n".join(f"town | police | {cell}" for cell in cells)
            columns = "area_kind | source | indicator_id | area_code | period | value"
            warehouse.given(f"evidence.{table}", f"{columns}\n{rows}")

    def why(self, warehouse, why):
        warehouse.expect("evidence.changes", f"why\n{why}")

    def moved(self, warehouse, source, cause):
        warehouse.given("catalogue.moved_sources", f"source | reason\n{source} | {cause}")

    def test_a_file_of_what_is_counted_was_replaced(self, warehouse):
        self.given(warehouse, ["crimes | T1 | 2025 | 4"], ["crimes | T1 | 2025 | 5"])
        self.moved(warehouse, "police", "publisher's revision: Crime")
        self.moved(warehouse, "people", "publisher's revision: Population")
        self.why(warehouse, "publisher's revision: Crime")

    def test_or_of_what_it_is_divided_by(self, warehouse):
        self.given(warehouse, ["rate | T1 | 2025 | 4"], ["rate | T1 | 2025 | 5"])
        self.moved(warehouse, "people", "new data: Population")
        self.why(warehouse, "new data: Population")

    def test_a_file_of_another_month_revises_nothing_that_something_else_explains(self, warehouse):
        self.given(warehouse, ["rate | T1 | 2025 | 4"], ["rate | T1 | 2025 | 5"])
        self.moved(warehouse, "police", "new data: Crime")
        self.why(warehouse, "new data: Crime")
        warehouse.given("catalogue.moved_kinds", "area_kind | reason\ntown | new boundary: Towns")
        self.why(warehouse, "new boundary: Towns")

    def test_a_figure_that_was_missing_may_come_with_it(self, warehouse):
        columns = "area_kind | source | indicator_id | area_code | period | value | marker"
        cell = "town | police | crimes | T1 | 2025"
        warehouse.given("evidence.earlier_cells", f"{columns}\n{cell} | - | [x]")
        warehouse.given("evidence.evidence_table", f"{columns}\n{cell} | 5 | -")
        self.moved(warehouse, "police", "new data: Crime")
        warehouse.given("catalogue.moved_kinds", "area_kind | reason\ntown | new boundary: Towns")
        self.why(warehouse, "new data: Crime; new boundary: Towns")

    def test_several_causes_are_all_told(self, warehouse):
        self.given(warehouse, ["rate | T1 | 2025 | 4"], ["rate | T1 | 2025 | 5"])
        self.moved(warehouse, "police", "publisher's revision: Crime")
        self.moved(warehouse, "people", "new data: Population")
        warehouse.given("catalogue.moved_kinds", "area_kind | reason\ntown | new boundary: Towns")
        warehouse.given("catalogue.moved_indicators", "indicator_id | reason\nrate | method: x")
        told = "publisher's revision: Crime; new data: Population; new boundary: Towns; method: x"
        self.why(warehouse, told)

    def test_a_period_that_was_not_there_is_new_data_and_nothing_else(self, warehouse):
        before = ["crimes | T1 | 2024 | 4"]
        self.given(warehouse, before, [*before, "crimes | T1 | 2025 | 5"])
        self.moved(warehouse, "police", "publisher's revision: Crime")
        warehouse.given("catalogue.moved_indicators", "indicator_id | reason\ncrimes | method: x")
        self.why(warehouse, "new data: Crime")

    def test_a_period_that_was_there_for_another_town_is_not(self, warehouse):
        before = ["crimes | T1 | 2025 | 4", "crimes | T2 | 2024 | 4"]
        self.given(warehouse, before, [*before, "crimes | T2 | 2025 | 5"])
        self.moved(warehouse, "police", "publisher's revision: Crime")
        self.why(warehouse, "publisher's revision: Crime")

    def test_a_town_that_was_not_there(self, warehouse):
        before = ["crimes | T1 | 2025 | 4"]
        self.given(warehouse, before, [*before, "crimes | T2 | 2025 | 5"])
        self.moved(warehouse, "police", "publisher's revision: Crime")
        self.why(warehouse, "new boundary: the locality or its edition is new")

    def test_a_town_that_is_gone(self, warehouse):
        after = ["crimes | T1 | 2025 | 4"]
        self.given(warehouse, [*after, "crimes | T9 | 2025 | 5"], after)
        self.why(warehouse, "new boundary: the locality or its edition is gone")

    def test_an_indicator_that_was_not_there(self, warehouse):
        before = ["crimes | T1 | 2025 | 4"]
        self.given(warehouse, before, [*before, "rate | T1 | 2025 | 5"])
        self.moved(warehouse, "police", "new data: Crime")
        self.why(warehouse, "method: the indicator is new")

    def test_an_indicator_of_a_source_that_was_not_there(self, warehouse):
        self.given(warehouse, ["crimes | T1 | 2025 | 4"], ["crimes | T1 | 2025 | 4"])
        warehouse.given("catalogue.sources", "source | label\nfalls | Falls at home")
        columns = "position | indicator_id | source | denominator_source"
        warehouse.given("catalogue.indicators", f"{columns}\n2 | falls | falls | falls")
        self.moved(warehouse, "falls", "new data: Falls at home")
        columns = "area_kind | source | indicator_id | area_code | period | value"
        warehouse.given(
            "evidence.evidence_table", f"{columns}\ntown | falls | falls | T1 | 2025 | 3"
        )
        self.why(warehouse, "new data: Falls at home")

    def test_an_indicator_that_is_gone(self, warehouse):
        after = ["crimes | T1 | 2025 | 4"]
        self.given(warehouse, [*after, "gone | T1 | 2025 | 5"], after)
        self.why(warehouse, "method: it is no indicator of this release")

    def test_a_cell_that_moved_for_no_reason_says_so(self, warehouse):
        self.given(warehouse, ["crimes | T1 | 2025 | 4"], ["crimes | T1 | 2025 | 5"])
        told = "not known: no file, boundary or entry that it is made from has moved"
        self.why(warehouse, told)

    def test_protection_is_told_beside_what_moved_the_count(self, warehouse):
        columns = "indicator_id | area_kind | area_code | period | value | marker"
        warehouse.given("evidence.earlier_cells", f"{columns}\n{MARKED} | 5 | -")
        warehouse.given("evidence.evidence_table", f"{columns}\n{MARKED} | - | [c]")
        self.why(warehouse, "protection")
        self.moved(warehouse, "police", "publisher's revision: Crime")
        self.why(warehouse, "publisher's revision: Crime; protection")


class TestWhatChangesTell:
    """The audit looks at the two releases, and not at how the changes were made."""

    COLUMNS = "indicator_id | area_kind | area_code | period | value | marker"

    @pytest.mark.parametrize(
        ("before", "after", "beside"),
        [
            (f"{MARKED} | 4 | -", f"{MARKED} | 5 | -", 0),
            (f"{MARKED} | - | [c]", f"{MARKED} | 5 | -", 1),
            (f"{MARKED} | 4 | -", f"{MARKED} | - | [low]", 1),
            ("crimes | town | T1 | - | - | [c]", f"{MARKED} | 5 | -", 1),
            ("crimes | town | T2 | 2025 | - | [c]", f"{MARKED} | 5 | -", 0),
        ],
    )
    def test_a_value_beside_one_that_is_kept_back_is_found(self, warehouse, before, after, beside):
        warehouse.given("evidence.earlier_cells", f"{self.COLUMNS}\n{before}")
        warehouse.given("evidence.evidence_table", f"{self.COLUMNS}\n{after}")
        columns = "indicator_id | area_kind | area_code | period | change | value_after"
        warehouse.given("evidence.changes", f"{columns}\n{MARKED} | revised | 5")
        warehouse.expect(
            "evidence.changes_told",
            f"indicator_id | cells_moved | beside_withheld\ncrimes | 1 | {beside}\nrate | 0 | 0",
        )

    def test_and_of_our_own_changes_there_is_none(self, warehouse):
        warehouse.given("evidence.earlier_cells", f"{self.COLUMNS}\n{MARKED} | - | [c]")
        warehouse.given("evidence.evidence_table", f"{self.COLUMNS}\n{MARKED} | 5 | -")
        warehouse.build("evidence.changes")
        warehouse.expect(
            "evidence.changes_told",
            "indicator_id | cells_moved | beside_withheld\ncrimes | 1 | 0",
            only="indicator_id = 'crimes'",
        )
