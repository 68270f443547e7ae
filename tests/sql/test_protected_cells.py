"""What the attack on our own tables is told: the true counts, and what would be public of them."""

import pytest


class TestProtectedCounts:
    """What every geography is made from: the true counts that an attack may not find."""

    def test_events_are_counted_by_small_area_and_month(self, warehouse):
        """Point 3 lies in no small area; litter is open."""
        warehouse.given(
            "catalogue.indicators",
            """
            indicator_id | source | source_rows | measure | threshold
            noise        | noise  | events      | noise   | 5
            noise_rate   | noise  | events      | noise   | 5
            litter       | litter | events      | litter  | 1
            """,
        )
        warehouse.given(
            "core.measure_columns",
            "source | file | publisher_column | measure\nnoise|''|noise|noise\nlitter|''|litter|litter",
        )
        warehouse.given("geo.point_small_areas", "point_id | small_area_code\n1|L1\n2|L1\n4|L2")
        warehouse.given(
            "core.event_counts",
            """
            source | kind   | month      | point_id | events
            noise  | noise  | 2025-01-01 | 1        | 2
            noise  | noise  | 2025-01-01 | 2        | 1
            noise  | noise  | 2025-02-01 | 1        | 4
            noise  | noise  | 2025-01-01 | 3        | 9
            noise  | noise  | 2025-01-01 | 4        | 5
            noise  | noise  | 2025-01-01 | -        | 9
            litter | litter | 2025-01-01 | 1        | 9
            """,
        )
        warehouse.expect(
            "core.protected_counts",
            """
            source | measure | brick | span       | people
            noise  | noise   | L1    | 2025-01-01 | 3
            noise  | noise   | L1    | 2025-02-01 | 4
            noise  | noise   | L2    | 2025-01-01 | 5
            """,
        )

    def test_figures_of_small_areas_and_of_whole_areas_are_counted_as_they_are_given(
        self, warehouse
    ):
        warehouse.given(
            "catalogue.indicators",
            """
            indicator_id | source | source_rows  | measure | threshold
            noise        | noise  | observations | noise   | 5
            fires        | fires  | published    | fires   | 5
            litter       | litter | observations | litter  | 1
            """,
        )
        warehouse.given(
            "core.small_area_values",
            """
            source | measure | small_area_code | period | value
            noise  | noise   | L1              | 2025   | 3
            noise  | noise   | L2              | 2025   | -
            noise  | another | L1              | 2025   | 9
            litter | litter  | L1              | 2025   | 9
            """,
        )
        warehouse.given(
            "core.published",
            """
            source | measure | area_code | period | publisher_value
            fires  | fires   | F1        | 2025   | 7
            fires  | fires   | F2        | 2025   | -
            """,
        )
        warehouse.expect(
            "core.protected_counts",
            """
            source | brick | span | people
            noise  | L1    | 2025 | 3
            fires  | F1    | 2025 | 7
            """,
        )


class TestProtectedCells:
    """What would be public of them: which small areas and spans a figure adds up."""

    @pytest.fixture(autouse=True)
    def noise(self, warehouse):
        warehouse.given(
            "catalogue.indicators",
            """
            position | indicator_id | source | source_rows  | measure | period_rule | threshold | base
            1        | noise        | noise  | events       | noise   | quarter     | 5         | 5
            2        | pupils       | pupils | observations | pupils  | as_published| 10        | 20
            3        | fires        | fires  | published    | fires   | as_published| 5         | 5
            4        | litter       | litter | events       | litter  | quarter     | 1         | 1
            """,
        )
        warehouse.given(
            "core.windows",
            """
            source | period_rule | period | month
            noise  | quarter     | winter | 2025-02-01
            noise  | quarter     | winter | 2025-01-01
            noise  | quarter     | spring | 2025-04-01
            noise  | month       | winter | 2025-09-01
            litter | quarter     | winter | 2025-01-01
            """,
        )
        warehouse.given(
            "core.bricks",
            """
            area_kind | edition | area_code | small_area_code
            forum     | ''      | F1        | L2
            forum     | ''      | F1        | L1
            forum     | 2008    | F1        | L9
            """,
        )

    def given(self, warehouse, rows):
        columns = "indicator_id | area_kind | area_code | period | numerator | denominator | value"
        warehouse.given("evidence.cells", f"{columns} | note\n{rows}")

    def test_a_figure_adds_up_its_small_areas_and_its_months(self, warehouse):
        """A rate tells its numerator; what is low is told to be low; litter is open."""
        self.given(
            warehouse,
            """
            noise  | forum | F1 | winter | 25 | 2000 | 12.5 | rounded to 5
            noise  | forum | F1 | spring | -  | 1000 | -  | low: from 0 to 2, rounded to 5
            litter | forum | F1 | winter | 3  | 1000 | 3  | -
            """,
        )
        warehouse.expect(
            "evidence.protected_cells",
            """
            source | measure | indicator_id | area_kind | edition | area_code | period | period_rule | bricks   | spans                    | shown | base
            noise  | noise   | noise        | forum     | ''      | F1        | winter | quarter     | [L1, L2] | [2025-01-01, 2025-02-01] | 25    | 5
            noise  | noise   | noise        | forum     | ''      | F1        | spring | quarter     | [L1, L2] | [2025-04-01]             | 0     | 5
            """,
        )

    def test_of_small_areas_figures_the_span_is_the_period_and_of_whole_areas_the_area(
        self, warehouse
    ):
        self.given(
            warehouse,
            """
            pupils | forum | F1 | 2024/25 | 40 | -    | 40 | rounded to 20
            fires  | forum | F1 | 2025    | -  | -    | 15 | rounded to 5
            fires  | forum | F8 | 2025    | -  | -    | -  | low: from 0 to 2, rounded to 5
            """,
        )
        warehouse.expect(
            "evidence.protected_cells",
            """
            indicator_id | area_code | bricks   | spans     | shown | base
            pupils       | F1        | [L1, L2] | [2024/25] | 40    | 20
            fires        | F1        | [F1]     | [2025]    | 15    | 5
            fires        | F8        | [F8]     | [2025]    | 0     | 5
            """,
        )

    def test_what_shows_nothing_tells_nothing(self, warehouse):
        self.given(
            warehouse,
            """
            noise | forum | F1 | winter | - | 4 | - | withheld: fewer than 5 to divide by
            noise | forum | F1 | spring | - | - | - | no figure to divide by
            noise | forum | F1 | -      | - | - | - | no figure: the file is not in hand
            """,
        )
        warehouse.expect("evidence.protected_cells", "area_code | period")
