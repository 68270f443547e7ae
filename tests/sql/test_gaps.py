"""The gap table: for every indicator and kind of locality there is a figure or a reason."""

import pytest

PLACE = """
area_kind | area_code
place     | P
forum     | F1
forum     | F2
"""


class Gaps:
    @pytest.fixture(autouse=True)
    def place(self, warehouse):
        warehouse.given(
            "catalogue.area_kinds", "area_kind | position\nplace | 2\nforum | 0\ntown | 1"
        )
        warehouse.given("geo.areas", PLACE)

    def asked(self, warehouse, indicator, *kinds):
        """One indicator, by these kinds of locality."""
        warehouse.given(
            "catalogue.indicators",
            "indicator_id | label | themes | source | source_rows | measure | method | period_rule\n"
            + indicator,
        )
        name = indicator.split("|")[0].strip()
        rows = "".join(f"{name} | {kind}\n" for kind in kinds)
        warehouse.given("catalogue.indicator_area_kinds", f"indicator_id | area_kind\n{rows}")


CRIMES = "crimes | Crimes | ['safer', 'stronger'] | police | events | all | count | month"
SMOKING = "smoking | Smokers | ['health'] | phe | published | smokers | as_published | as_published"
HOMES = "homes | Homes | ['older'] | census | observations | homes | count | as_published"


class TestWhyThereIsNoFigure(Gaps):
    def test_cells_without_a_value_are_one_row_for_each_reason(self, warehouse):
        self.asked(warehouse, CRIMES, "place", "forum")
        warehouse.given(
            "evidence.cells",
            """
            indicator_id | area_kind | area_code | period  | period_start | value | gap               | note
            crimes       | place     | P         | 2026-01 | 2026-01-01   | 9     | -                 | as is
            crimes       | forum     | F1        | 2026-01 | 2026-01-01   | -     | cannot be computed | no figure to divide by
            crimes       | forum     | F2        | 2026-01 | 2026-01-01   | 4     | -                 | -
            crimes       | forum     | F1        | 2025-12 | 2025-12-01   | -     | cannot be computed | no figure to divide by
            crimes       | forum     | F2        | 2025-12 | 2025-12-01   | -     | cannot be computed | the denominator is zero
            """,
        )
        warehouse.expect(
            "evidence.gaps",
            """
            theme           | indicator_id | indicator | source | area_kind | gap                | reason                  | areas | area_codes | first_period | last_period | periods
            safer; stronger | crimes       | Crimes    | police | forum     | cannot be computed | no figure to divide by  | 1     | F1         | 2025-12      | 2026-01     | 2
            safer; stronger | crimes       | Crimes    | police | forum     | cannot be computed | the denominator is zero | 1     | F2         | 2025-12      | 2025-12     | 1
            """,
            only="gap <> 'no localities' and gap <> 'not asked for'",
        )

    def test_a_whole_kind_is_not_listed_and_a_long_list_is_cut(self, warehouse):
        self.asked(warehouse, HOMES, "place", "forum", "town")
        codes = [f"T{n:02}" for n in range(1, 14)]
        warehouse.given(
            "geo.areas", "area_kind | area_code\n" + "".join(f"town | {c}\n" for c in codes)
        )
        rows = "".join(f"homes | town | {c} | cannot be computed | too small\n" for c in codes[1:])
        warehouse.given(
            "evidence.cells",
            f"""
            indicator_id | area_kind | area_code | gap         | note
            homes        | forum     | F1        | not in hand | no figure: no file
            homes        | forum     | F2        | not in hand | no figure: no file
            {rows}
            """,
        )
        warehouse.expect(
            "evidence.gaps",
            """
            area_kind | gap                | reason    | areas | area_codes                                                 | first_period | periods
            forum     | not in hand        | no file   | 2     | -                                                          | -            | 0
            town      | cannot be computed | too small | 12    | T02, T03, T04, T05, T06, T07, T08, T09, T10, T11 and 2 more | -            | 0
            """,
        )

    def test_absent_months_are_a_row_for_each_run_and_kind(self, warehouse):
        """Of a source that is not in hand the cells say so, and once is enough."""
        self.asked(warehouse, CRIMES, "place", "forum")
        self.asked(
            warehouse, "prices | Prices | ['x'] | register | events | all | median | month", "place"
        )
        warehouse.given("catalogue.source_gaps", "source | reason\nregister | no file")
        warehouse.given(
            "core.absent_periods",
            """
            source   | period_rule | reason         | first_period | last_period | periods
            police   | month       | alpha: no file | 2025-02      | 2025-04     | 3
            police   | month       | alpha: half    | 2025-06      | 2025-06     | 1
            police   | year        | alpha: no file | 2025         | 2025        | 1
            register | month       | no file        | 2025-02      | 2025-02     | 1
            """,
        )
        warehouse.expect(
            "evidence.gaps",
            """
            indicator_id | area_kind | gap                | reason         | areas | area_codes | first_period | last_period | periods
            crimes       | place     | period not covered | alpha: no file | 1     | -          | 2025-02      | 2025-04     | 3
            crimes       | place     | period not covered | alpha: half    | 1     | -          | 2025-06      | 2025-06     | 1
            crimes       | forum     | period not covered | alpha: no file | 2     | -          | 2025-02      | 2025-04     | 3
            crimes       | forum     | period not covered | alpha: half    | 2     | -          | 2025-06      | 2025-06     | 1
            """,
            only="gap <> 'not asked for'",
        )

    def test_months_before_a_word_was_used_and_after_are_no_zeros(self, warehouse):
        self.asked(warehouse, CRIMES, "place")
        days = [f"2026-0{n}" for n in range(1, 6)]
        rows = "".join(f"police | month | {d} | {d}-01\n" for d in days)
        warehouse.given("core.windows", f"source | period_rule | period | period_start\n{rows}")
        warehouse.given(
            "core.area_events",
            """
            source | measure | period_rule | period_start
            police | all     | month       | 2026-03-01
            police | all     | month       | 2026-04-01
            police | some    | month       | 2026-01-01
            """,
        )
        warehouse.expect(
            "evidence.gaps",
            """
            gap           | reason                                         | first_period | last_period | periods
            not published | the publisher did not name yet what it counts  | 2026-01      | 2026-02     | 2
            not published | the publisher no longer names what it counts   | 2026-05      | 2026-05     | 1
            """,
            only="gap <> 'not asked for'",
        )

    def test_what_is_published_for_some_areas_of_a_period_lacks_for_the_others(self, warehouse):
        """F2 has 2025 only; of F1's withheld figure the cell says so itself."""
        self.asked(warehouse, SMOKING, "forum")
        warehouse.given(
            "evidence.cells",
            """
            indicator_id | area_kind | area_code | period | period_start | period_end | value | gap      | note
            smoking      | forum     | F1        | 2024   | 2024-01-01   | 2024-12-31 | 9     | -        | -
            smoking      | forum     | F1        | 2025   | 2025-01-01   | 2025-12-31 | -     | withheld | =suppressed
            smoking      | forum     | F2        | 2025   | 2025-01-01   | 2025-12-31 | 8     | -        | -
            """,
        )
        warehouse.expect(
            "evidence.gaps",
            """
            gap           | reason                                            | area_codes | first_period | periods
            withheld      | '=suppressed                                      | F1         | 2025         | 1
            not published | the publisher gives none for this area and period | F2         | 2024         | 1
            """,
            only="gap <> 'not asked for'",
        )

    def test_a_kind_that_is_not_asked_for_and_one_without_localities_say_so(self, warehouse):
        self.asked(warehouse, SMOKING, "place", "town")
        self.asked(warehouse, HOMES, "forum", "place")
        published = "figures published for whole areas are not shared out to others: "
        warehouse.expect(
            "evidence.gaps",
            f"""
            indicator_id | area_kind | gap           | areas | area_codes | periods | reason
            smoking      | forum     | not asked for | 2     | -          | 0       | {published}its entry asks for town, place only
            smoking      | town      | no localities | 0     | -          | 0       | no locality of this kind is in hand: its boundaries or its list are missing
            homes        | town      | not asked for | 0     | -          | 0       | its entry asks for forum, place only
            """,
        )


class TestGapsOfCells(Gaps):
    """Each cell without a value says what kind of gap it is."""

    def test_what_a_publisher_withholds_and_what_it_does_not_have(self, warehouse):
        self.asked(warehouse, SMOKING, "forum")
        warehouse.given("catalogue.place", "place_name\nExampleshire")
        warehouse.given(
            "evidence.indicator_values",
            """
            indicator_id | area_kind | area_code | period | value | note
            smoking      | forum     | F1        | 2023   | 9     | Value suppressed once, now told
            smoking      | forum     | F1        | 2024   | -     | Value suppressed for disclosure control
            smoking      | forum     | F1        | 2025   | -     | Value missing in source data
            """,
        )
        warehouse.expect(
            "evidence.cells",
            """
            area_code | period | gap           | note
            F1        | 2023   | -             | Value suppressed once, now told
            F1        | 2024   | withheld      | Value suppressed for disclosure control
            F1        | 2025   | not published | Value missing in source data
            F2        | -      | not published | no figure: the publisher gives none for this area
            """,
        )

    def test_months_that_are_whole_but_never_name_what_is_counted(self, warehouse):
        self.asked(warehouse, CRIMES, "forum")
        warehouse.given("catalogue.place", "place_name\nExampleshire")
        warehouse.given("core.windows", "source | period_rule | period\npolice | month | 2026-01")
        warehouse.expect(
            "evidence.cells",
            """
            area_code | gap           | note
            F1        | not published | no figure: the files in hand do not name what it counts
            F2        | not published | no figure: the files in hand do not name what it counts
            """,
        )

    @pytest.mark.parametrize(
        ("indicator", "gap"), [(CRIMES, "period not covered"), (HOMES, "cannot be computed")]
    )
    def test_where_nothing_is_in_hand_it_is_the_period_or_the_area(self, warehouse, indicator, gap):
        self.asked(warehouse, indicator, "forum")
        warehouse.given("catalogue.place", "place_name\nExampleshire")
        warehouse.expect("evidence.cells", f"area_code | gap\nF1 | {gap}\nF2 | {gap}")


class TestAnswers(Gaps):
    def test_every_indicator_and_kind_has_a_figure_or_a_row_of_gaps(self, warehouse):
        self.asked(warehouse, HOMES, "place", "forum", "town")
        warehouse.given(
            "evidence.cells",
            """
            indicator_id | area_kind | area_code | value
            homes        | forum     | F1        | 4
            homes        | forum     | F2        | -
            """,
        )
        warehouse.given(
            "evidence.gaps",
            """
            indicator_id | area_kind
            homes        | forum
            homes        | place
            """,
        )
        warehouse.expect(
            "evidence.answers",
            """
            indicator_id | area_kind | figures | gaps | answers
            homes        | forum     | 1       | 1    | 2
            homes        | place     | 0       | 1    | 1
            homes        | town      | 0       | 0    | 0
            """,
        )
