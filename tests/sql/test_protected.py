"""Protected sources: counts of whole small areas, rounded, the small ones too."""

import pytest

RULE = "threshold | base"


@pytest.fixture(autouse=True)
def place(warehouse):
    warehouse.given("catalogue.place", "place_code | place_name\nP | Exampleshire")
    warehouse.given("geo.areas", "area_kind | area_code\nforum | F1\ntown | T1")


def indicator(warehouse, columns, row):
    """One protected indicator, asked for by every kind of locality of these tests."""
    warehouse.given("catalogue.indicators", f"{columns}\n{row}")
    name = row.split("|")[0].strip()
    warehouse.given(
        "catalogue.indicator_area_kinds", f"indicator_id | area_kind\n{name} | forum\n{name} | town"
    )


class TestRounding:
    """Noise is counted for whole areas here, where the rounding can be seen without more ado."""

    def given(self, warehouse, threshold, base, *values):
        indicator(
            warehouse,
            f"indicator_id | source | source_rows | measure | method | {RULE}",
            f"fires | fires | published | fires | as_published | {threshold} | {base}",
        )
        rows = "".join(f"fires|fires|F1|{n}|2025-12-31|{v}\n" for n, v in enumerate(values))
        warehouse.given(
            "core.published",
            f"source | measure | area_code | period | period_end | publisher_value\n{rows}",
        )

    @pytest.mark.parametrize(
        ("threshold", "base", "shown"),
        [
            (5, 5, [None] * 3 + ["5"] * 5 + ["10"] * 5),
            (3, 3, [None] * 2 + ["3"] * 3 + ["6"] * 3 + ["9"] * 3),
            (10, 10, [None] * 5 + ["10"] * 10 + ["20"] * 10),
            (5, 10, [None] * 5 + ["10"] * 10),
            (1, 1, ["0", "1", "2", "3", "4"]),  # not protected: as it is, small ones included
        ],
    )
    def test_every_count_goes_to_the_nearest_multiple_and_half_goes_up(
        self, warehouse, threshold, base, shown
    ):
        self.given(warehouse, threshold, base, *range(len(shown)))
        warehouse.build("evidence.indicator_values")
        found = warehouse.con.sql(
            "select value::integer::varchar, note from evidence.indicator_values order by period::int"
        ).fetchall()
        assert [value for value, _ in found] == shown
        least = len([v for v in shown if v is None]) - 1
        low, rounded = f"low: from 0 to {least}, rounded to {base}", f"rounded to {base}"
        told = {low if v is None else rounded for v in shown} if threshold > 1 else {None}
        assert {note for _, note in found} == told

    def test_a_gap_of_the_publisher_stays_its_gap(self, warehouse):
        self.given(warehouse, 5, 5, "-")
        warehouse.expect(
            "evidence.indicator_values", "value | note\n- | the publisher gives no value"
        )

    def test_what_is_no_whole_number_is_withheld(self, warehouse):
        self.given(warehouse, 5, 5, "7.5", "7")
        warehouse.expect(
            "evidence.indicator_values",
            """
            period | value | note
            0      | -     | withheld: it is no whole number, and cannot be rounded against disclosure
            1      | 5     | rounded to 5
            """,
        )

    def test_low_and_withheld_are_both_gaps_of_what_is_withheld(self, warehouse):
        self.given(warehouse, 5, 5, "1", "7.5", "8", "-")
        warehouse.build("evidence.indicator_values")
        warehouse.expect(
            "evidence.cells",
            """
            period | value | gap
            0      | -     | withheld
            1      | -     | withheld
            2      | 10    | -
            3      | -     | not published
            """,
            only="area_code = 'F1'",
        )

    @pytest.mark.parametrize("method", ["median", "weighted_mean"])
    def test_what_is_made_of_no_count_cannot_be_rounded(self, warehouse, method):
        """The five sales behind a median of 182,000 pounds are not its value."""
        indicator(
            warehouse,
            f"indicator_id | source | source_rows | measure | method | {RULE}",
            f"odd | register | {'events' if method == 'median' else 'x'} | sales | {method} | 5 | 5",
        )
        warehouse.given(
            "core.area_events",
            "source | measure | period | period_end | area_kind | area_code | events\n"
            "register | sales | 2024 | 2024-12-31 | forum | F1 | 9",
        )
        warehouse.given(
            "core.area_amounts",
            "source | measure | period | area_kind | area_code | assignment | median_amount\n"
            "register | sales | 2024 | forum | F1 | declared | 182000",
        )
        warehouse.con.execute("update core.area_events set period_rule = 'year'")
        warehouse.con.execute("update core.area_amounts set period_rule = 'year'")
        warehouse.con.execute("update catalogue.indicators set period_rule = 'year'")
        warehouse.given(
            "core.weighted_totals",
            "indicator_id | period | period_end | area_kind | area_code | score_times_people | people\n"
            "odd | 2024 | 2024-12-31 | forum | F1 | 40000 | 2000",
        )
        if method == "median":
            warehouse.con.execute("delete from core.weighted_totals")
        warehouse.expect(
            "evidence.indicator_values",
            "numerator | value | note\n- | - | withheld: only counts, and what is made of counts,"
            " can be rounded against disclosure",
        )


class TestWholeSmallAreas:
    def noise(self, warehouse, rows, threshold=5):
        indicator(
            warehouse,
            f"indicator_id | source | source_rows | measure | method | period_rule | {RULE}",
            f"noise | noise | {rows} | noise | count | year | {threshold} | {threshold}",
        )

    def test_events_are_those_of_whole_small_areas_even_for_a_count(self, warehouse):
        """An open source counts what lies inside the edge, and says what other edges would make."""
        warehouse.given("core.bricks", "area_kind | area_code | assignment\nforum | F1 | declared")
        for name, threshold in (("noise", 5), ("litter", 1)):
            indicator(
                warehouse,
                f"indicator_id | source | source_rows | measure | method | period_rule | {RULE}",
                f"{name} | {name} | events | {name} | count | year | {threshold} | {threshold}",
            )
        rows = "".join(
            f"{name} | {name} | year | 2025 | 2025-12-31 | forum | F1 | {how}\n"
            for name in ("noise", "litter")
            for how in ("declared | 41 | 23", "50 m in | 33 | 17", "50 m out | 55 | 29")
        )
        warehouse.given(
            "core.area_events",
            "source | measure | period_rule | period | period_end | area_kind | area_code"
            f" | assignment | events | events_in_small_areas\n{rows}",
        )
        warehouse.expect(
            "evidence.indicator_values",
            """
            indicator_id | assignment | numerator | value | note
            noise        | declared   | 25        | 25    | rounded to 5
            litter       | declared   | 41        | 41    | -
            litter       | 50 m in    | 33        | 33    | -
            litter       | 50 m out   | 55        | 55    | -
            """,
        )

    def test_observations_are_those_of_whole_small_areas_where_a_list_splits_them(self, warehouse):
        """The town has 12 by shares of people and 18 by whole small areas; the second is told."""
        self.noise(warehouse, "observations")
        warehouse.given(
            "core.bricks",
            "area_kind | area_code | assignment\nforum | F1 | declared\ntown | T1 | best_fit",
        )
        warehouse.given(
            "core.area_totals",
            """
            source | measure | period | period_end | area_kind | area_code | assignment | total
            noise  | noise   | 2025   | 2025-12-31 | forum     | F1        | declared   | 33
            noise  | noise   | 2025   | 2025-12-31 | town      | T1        | declared   | 12
            noise  | noise   | 2025   | 2025-12-31 | town      | T1        | best_fit   | 18
            noise  | noise   | 2025   | 2025-12-31 | town      | T1        | area_share | 10
            """,
        )
        warehouse.expect(
            "evidence.indicator_values",
            """
            area_code | assignment | numerator | value
            F1        | declared   | 35        | 35
            T1        | declared   | 20        | 20
            """,
        )

    @pytest.mark.parametrize("rows", ["events", "observations"])
    def test_a_kind_of_which_no_small_area_is_whole_has_no_protected_figure(self, warehouse, rows):
        """Its counts would be of other ground than the attack is told."""
        self.noise(warehouse, rows)
        warehouse.given("core.bricks", "area_kind | area_code | assignment\nforum | F1 | declared")
        warehouse.given(
            "core.area_events",
            """
            source | measure | period_rule | period | period_end | area_kind | area_code | events | events_in_small_areas
            noise  | noise   | year        | 2025   | 2025-12-31 | town      | T1        | 20     | 20
            """,
        )
        warehouse.given(
            "core.area_totals",
            """
            source | measure | period | period_end | area_kind | area_code | assignment | total
            noise  | noise   | 2025   | 2025-12-31 | town      | T1        | declared   | 20
            """,
        )
        warehouse.given("geo.area_weights", "area_kind | area_code | small_area_code\ntown|T1|L1")
        warehouse.build("evidence.indicator_values")
        warehouse.expect("evidence.indicator_values", "area_code | value")
        warehouse.expect(
            "evidence.cells",
            """
            area_code | value | gap                | note
            T1        | -     | cannot be computed | no figure: no small area is counted whole in it: what is protected is counted in whole ones only
            """,
            only="area_code = 'T1'",
        )

    def test_a_2011_small_area_that_was_split_gives_its_count_to_the_part_where_most_live(
        self, warehouse
    ):
        """Of an open source the same figure is shared out; of equals the first code has it."""
        for name, threshold in (("noise", 5), ("litter", 1)):
            warehouse.given(
                "catalogue.indicators", f"source | measure | threshold\n{name} | all | {threshold}"
            )
        warehouse.given(
            "core.small_area_changes",
            """
            code_2011 | code_2021 | change | share_people | share_households
            K1        | K1        | U      | 1            | 1
            OLD_S     | S1        | S      | 0.375        | 0.75
            OLD_S     | S2        | S      | 0.625        | 0.25
            OLD_E     | E2        | S      | 0.5          | 0.5
            OLD_E     | E1        | S      | 0.5          | 0.5
            OLD_M1    | M1        | M      | 1            | 1
            OLD_M2    | M1        | M      | 1            | 1
            OLD_X     | X1        | X      | -            | -
            """,
        )
        rows = "".join(
            f"{name} | all | households | 2011 | {code} | 2020 | 8\n"
            for name in ("noise", "litter")
            for code in ("K1", "OLD_S", "OLD_E", "OLD_M1", "OLD_M2", "OLD_X")
        )
        columns = "source | measure | counts | vintage | small_area_code | period | value"
        warehouse.given("core.observations", f"{columns}\n{rows}")
        warehouse.expect(
            "core.small_area_values",
            """
            source | small_area_code | value | shared_out | irregular
            noise  | K1              | 8     | false      | false
            noise  | S1              | 0     | false      | false
            noise  | S2              | 8     | false      | false
            noise  | E1              | 8     | false      | false
            noise  | E2              | 0     | false      | false
            noise  | M1              | 16    | false      | false
            noise  | X1              | -     | false      | true
            litter | K1              | 8     | false      | false
            litter | S1              | 6     | true       | false
            litter | S2              | 2     | true       | false
            litter | E1              | 4     | true       | false
            litter | E2              | 4     | true       | false
            litter | M1              | 16    | false      | false
            litter | X1              | -     | false      | true
            """,
        )
