"""Which period a figure is set against in its own past, and which break lies between the two."""

import pytest


def cells(warehouse, *rows):
    """Rows of: period | its first day | its last day; of one indicator and one area."""
    warehouse.given(
        "evidence.cells",
        "area_code | period | period_start | period_end\n" + "\n".join(f"F1 | {r}" for r in rows),
    )
    warehouse.con.execute("update evidence.cells set indicator_id = 'some'")


def years(warehouse, first, last):
    cells(warehouse, *(f"{y} | {y}-01-01 | {y}-12-31" for y in range(first, last + 1)))


class TestSteps:
    def test_before_a_year_lies_the_year_before_four_times_over(self, warehouse):
        years(warehouse, 2019, 2025)
        warehouse.expect(
            "evidence.earlier_periods",
            """
            indicator_id | period | period_end | months | step | earlier_period | earlier_start
            some         | 2025   | 2025-12-31 | 12     | 1    | 2024           | 2024-01-01
            some         | 2025   | 2025-12-31 | 12     | 2    | 2023           | 2023-01-01
            some         | 2025   | 2025-12-31 | 12     | 3    | 2022           | 2022-01-01
            some         | 2025   | 2025-12-31 | 12     | 4    | 2021           | 2021-01-01
            """,
            only="period = '2025'",
        )
        warehouse.expect(
            "evidence.earlier_periods",
            "period | step | earlier_period\n2021 | 1 | 2020\n2021 | 2 | 2019",
            only="period = '2021'",
        )

    def test_a_missing_year_ends_the_way_back(self, warehouse):
        years(warehouse, 2020, 2021)
        years(warehouse, 2023, 2025)
        warehouse.expect(
            "evidence.earlier_periods",
            "step | earlier_period\n1 | 2024\n2 | 2023",
            only="period = '2025'",
        )

    def test_twelve_months_are_set_against_the_twelve_that_do_not_overlap_them(self, warehouse):
        cells(
            warehouse,
            "2025-01 to 2025-12 | 2025-01-01 | 2025-12-31",
            "2024-12 to 2025-11 | 2024-12-01 | 2025-11-30",
            "2024-02 to 2025-01 | 2024-02-01 | 2025-01-31",
            "2024-01 to 2024-12 | 2024-01-01 | 2024-12-31",
            "2023-12 to 2024-11 | 2023-12-01 | 2024-11-30",
        )
        warehouse.expect(
            "evidence.earlier_periods",
            """
            period             | months | step | earlier_period
            2025-01 to 2025-12 | 12     | 1    | 2024-01 to 2024-12
            2024-12 to 2025-11 | 12     | 1    | 2023-12 to 2024-11
            """,
        )

    def test_a_month_is_set_against_the_same_month_of_the_year_before(self, warehouse):
        """Burglary has its seasons. February 2024 was a day longer."""
        cells(
            warehouse,
            "2025-02 | 2025-02-01 | 2025-02-28",
            "2025-01 | 2025-01-01 | 2025-01-31",
            "2024-02 | 2024-02-01 | 2024-02-29",
            "2023-02 | 2023-02-01 | 2023-02-28",
        )
        warehouse.expect(
            "evidence.earlier_periods",
            """
            period  | months | step | earlier_period
            2025-02 | 1      | 1    | 2024-02
            2025-02 | 1      | 2    | 2023-02
            2024-02 | 1      | 1    | 2023-02
            """,
        )

    def test_what_is_counted_on_a_day_is_set_against_the_same_day_of_the_year_before(
        self, warehouse
    ):
        """An estimate of mid-year is no month, though 30 June is the last day of one."""
        cells(
            warehouse,
            "mid-2020 | 2020-06-30 | 2020-06-30",
            "mid-2019 | 2019-06-30 | 2019-06-30",
            "June     | 2019-06-01 | 2019-06-30",
            "census   | 2021-03-21 | 2021-03-21",
            "earlier  | 2011-03-27 | 2011-03-27",
            "first    | 2020-03-01 | 2020-03-01",
            "before   | 2019-03-01 | 2019-03-01",
        )
        warehouse.expect(
            "evidence.earlier_periods",
            """
            period   | months | step | earlier_period
            mid-2020 | 0      | 1    | mid-2019
            first    | 0      | 1    | before
            """,
        )

    def test_only_periods_as_long_as_each_other_are_set_against_each_other(self, warehouse):
        """Three years pooled, a year, a financial year and a quarter."""
        cells(
            warehouse,
            "2021 - 23 | 2021-01-01 | 2023-12-31",
            "2020      | 2020-01-01 | 2020-12-31",
            "2020 - 22 | 2020-01-01 | 2022-12-31",
            "2018 - 20 | 2018-01-01 | 2020-12-31",
            "2021/22   | 2021-04-01 | 2022-03-31",
            "2020/21   | 2020-04-01 | 2021-03-31",
            "autumn    | 2020-10-01 | 2020-12-31",
            "summer    | 2020-07-01 | 2020-09-30",
        )
        warehouse.expect(
            "evidence.earlier_periods",
            """
            period    | months | earlier_period
            2021 - 23 | 36     | 2018 - 20
            2021/22   | 12     | 2020/21
            autumn    | 3      | summer
            """,
        )

    def test_two_names_of_one_period_are_one(self, warehouse):
        cells(
            warehouse,
            "2025     | 2025-01-01 | 2025-12-31",
            "2024     | 2024-01-01 | 2024-12-31",
            "in 2024  | 2024-01-01 | 2024-12-31",
        )
        warehouse.expect("evidence.earlier_periods", "period | earlier_period\n2025 | 2024")

    def test_each_indicator_has_its_own_past_and_a_gap_has_none(self, warehouse):
        years(warehouse, 2025, 2025)
        warehouse.given(
            "evidence.cells",
            """
            indicator_id | area_code | period | period_start | period_end
            other        | F1        | 2024   | 2024-01-01   | 2024-12-31
            other        | F2        | -      | -            | -
            """,
        )
        warehouse.expect("evidence.earlier_periods", "indicator_id | earlier_period")

    def test_a_period_of_several_areas_stands_once(self, warehouse):
        years(warehouse, 2024, 2025)
        years(warehouse, 2024, 2025)
        warehouse.expect("evidence.earlier_periods", "period | earlier_period\n2025 | 2024")


class TestBreaks:
    """2020 to 2025 are in hand; each row says which break lies between 2025 and a year before it."""

    def broken(self, warehouse, *entries):
        years(warehouse, 2021, 2025)
        rows = "".join(f"some | {entry}\n" for entry in entries)
        warehouse.given("catalogue.breaks", f"indicator_id | on_date | reason\n{rows}")
        warehouse.given("catalogue.breaks", "indicator_id | on_date | reason\nother | - | another")

    def expect(self, warehouse, *reasons):
        rows = "".join(f"{n} | {reason}\n" for n, reason in enumerate(reasons, 1))
        warehouse.expect(
            "evidence.earlier_periods", f"step | break_between\n{rows}", only="period = '2025'"
        )

    def test_a_break_lies_between_all_that_began_before_it_and_all_that_ended_since(
        self, warehouse
    ):
        self.broken(warehouse, "2023-07-01 | new points")
        self.expect(warehouse, "-", "new points", "new points", "new points")

    @pytest.mark.parametrize(
        ("on", "reasons"),
        [
            ("2025-12-31", ["b"] * 4),  # its last day is of the new kind
            ("2026-01-01", ["-"] * 4),
            ("2025-06-15", ["b"] * 4),
            ("2024-01-02", ["b"] * 4),
            ("2024-01-01", ["-", "b", "b", "b"]),  # all of 2024 is of the new kind
        ],
    )
    def test_it_is_the_first_day_of_what_is_new(self, warehouse, on, reasons):
        self.broken(warehouse, f"{on} | b")
        self.expect(warehouse, *reasons)

    def test_of_several_the_first_is_told(self, warehouse):
        self.broken(warehouse, "2024-07-01 | second", "2022-07-01 | first")
        self.expect(warehouse, "second", "second", "first", "first")

    def test_of_two_on_one_day_always_the_same_is_told(self, warehouse):
        self.broken(warehouse, "2025-01-01 | beta", "2025-01-01 | alpha")
        self.expect(warehouse, *["alpha"] * 4)

    def test_without_a_day_it_lies_between_any_two_periods(self, warehouse):
        self.broken(warehouse, "- | modelled anew", "2023-07-01 | new points")
        self.expect(warehouse, *["modelled anew"] * 4)


class TestBreaksBeneath:
    """The rates of 2023 and 2024 are divided by the estimate of 2022, those of 2025 by another."""

    @pytest.fixture(autouse=True)
    def rates(self, warehouse):
        years(warehouse, 2022, 2025)
        warehouse.given(
            "evidence.denominator_periods",
            """
            indicator_id | period | denominator_period | denominator_start
            some         | 2022   | 2021               | 2021-06-30
            some         | 2023   | 2022               | 2022-06-30
            some         | 2024   | 2022               | 2022-06-30
            some         | 2025   | 2025               | 2025-06-30
            """,
        )

    def expect(self, warehouse, on, text):
        warehouse.given(
            "catalogue.breaks",
            f"indicator_id | on_date | of_denominator | reason\nsome | {on} | true | b",
        )
        warehouse.expect(
            "evidence.earlier_periods",
            f"period | earlier_period | break_between\n{text}",
            only="step = 1",
        )

    @pytest.mark.parametrize("on", ["2025-06-30", "2024-02-02", "2022-07-01"])
    def test_it_lies_between_the_estimates_not_between_the_events(self, warehouse, on):
        self.expect(warehouse, on, "2025 | 2024 | b\n2024 | 2023 | -\n2023 | 2022 | -")

    @pytest.mark.parametrize("on", ["2025-07-01", "2021-06-30"])
    def test_an_estimate_on_its_day_is_the_first_of_the_new_kind(self, warehouse, on):
        self.expect(warehouse, on, "2025 | 2024 | -\n2024 | 2023 | -\n2023 | 2022 | -")

    def test_one_estimate_beneath_both_is_like_itself(self, warehouse):
        self.expect(warehouse, "-", "2025 | 2024 | b\n2024 | 2023 | -\n2023 | 2022 | b")
