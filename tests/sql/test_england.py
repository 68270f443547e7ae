"""England's figures: where a source has all but a handful of its small areas, or publishes it."""

import pytest

ALL = {2011: 32_844, 2021: 33_755}  # small areas of England, by vintage
ENOUGH = {2011: 32_812, 2021: 33_722}  # of which 999 in 1,000 are so many


class TestEngland:
    @pytest.fixture(autouse=True)
    def indicators(self, warehouse):
        warehouse.given(
            "catalogue.indicators",
            """
            indicator_id | source | source_rows  | measure | method        | per  | denominator_source | denominator_measure
            renters      | census | observations | rented  | proportion    | 100  | census             | homes
            claims       | dwp    | observations | claims  | rate          | 1000 | census             | people
            claimants    | dwp    | observations | claims  | count         | 1    | dwp                | ''
            hardship     | iod    | observations | score   | weighted_mean | 1    | iod                | people
            smoking      | phe    | published    | smokers | as_published  | 1    | phe                | ''
            """,
        )
        warehouse.given(
            "evidence.denominator_periods",
            """
            indicator_id | period | denominator_period
            renters      | 2021   | 2021
            claims       | 2024   | 2021
            hardship     | 2025   | 2025
            """,
        )

    def observed(self, warehouse, source, measure, period, value, vintage=2021, first=1, last=None):
        """One row for each small area from ``first`` to ``last`` (all, if it is not said)."""
        warehouse.con.execute(
            "insert into core.observations (source, measure, period, vintage, small_area_code, value)"
            f" select $source, $measure, $period, $vintage, format('E01{{:06d}}', n), {value}"
            " from range($first, $last + 1) as r (n)",
            {"source": source, "measure": measure, "period": period, "vintage": vintage}
            | {"first": first, "last": last or ALL[vintage]},
        )

    def expect_none(self, warehouse):
        warehouse.expect("evidence.england", "indicator_id | value")

    def test_counts_of_every_small_area_are_added_up_and_divided_once(self, warehouse):
        """Every second small area rents 20 of its 40 homes, the others none of their 60."""
        self.observed(warehouse, "census", "rented", "2021", "20 * (n % 2)")
        self.observed(warehouse, "census", "homes", "2021", "60 - 20 * (n % 2)")
        rented, homes = 20 * 16_878, 60 * 33_755 - 20 * 16_878
        warehouse.expect(
            "evidence.england",
            f"indicator_id | period | value\nrenters | 2021 | {100 * rented / homes:.6f}",
        )

    def test_what_is_divided_by_may_be_of_another_period(self, warehouse):
        """Claims of 2024 among the people of 2021; a count has nothing to be set against."""
        self.observed(warehouse, "dwp", "claims", "2024", "3")
        self.observed(warehouse, "census", "people", "2021", "100")
        self.observed(warehouse, "census", "people", "2011", "1")
        warehouse.expect("evidence.england", "indicator_id | period | value\nclaims | 2024 | 30")

    def test_but_not_of_another_set_of_small_areas(self, warehouse):
        self.observed(warehouse, "dwp", "claims", "2024", "3", vintage=2011)
        self.observed(warehouse, "census", "people", "2021", "100", vintage=2021)
        self.expect_none(warehouse)

    @pytest.mark.parametrize("vintage", ALL)
    @pytest.mark.parametrize("lacking", ["rented", "homes"])
    def test_a_handful_may_lack_and_is_left_out_on_both_sides(self, warehouse, vintage, lacking):
        """What lacks would count ten times; one small area more, and there is no England."""
        for measure in ("rented", "homes"):
            last = ENOUGH[vintage] if measure == lacking else ALL[vintage]
            value = f"case when n > {ENOUGH[vintage]} then 10 else 1 end"
            self.observed(warehouse, "census", measure, "2021", value, vintage, last=last)
        warehouse.expect("evidence.england", "indicator_id | value\nrenters | 100")
        warehouse.con.execute(
            "update core.observations set value = null"
            " where measure = $lacking and small_area_code = 'E01000001'",
            {"lacking": lacking},
        )
        self.expect_none(warehouse)

    def test_one_beyond_england_does_not_make_up_for_one(self, warehouse):
        for measure in ("rented", "homes"):
            self.observed(warehouse, "census", measure, "2021", "1", last=ENOUGH[2021] - 1)
        warehouse.given(
            "core.observations",
            """
            source | measure | period | vintage | small_area_code | value
            census | rented  | 2021   | 2021    | W01000001       | 1
            census | homes   | 2021   | 2021    | W01000001       | 1
            """,
        )
        self.expect_none(warehouse)

    def test_a_county_s_own_list_is_never_england(self, warehouse):
        self.observed(warehouse, "census", "rented", "2021", "1", last=650)
        self.observed(warehouse, "census", "homes", "2021", "2", last=650)
        self.expect_none(warehouse)

    def test_as_many_as_the_other_set_has_are_not_all(self, warehouse):
        for measure in ("rented", "homes"):
            self.observed(warehouse, "census", measure, "2021", "1", 2021, last=ALL[2011])
        self.expect_none(warehouse)

    def test_a_score_is_weighted_by_people(self, warehouse):
        """One small area in 33,755 has a score of 50 and ten times the people."""
        self.observed(warehouse, "iod", "score", "2025", "case when n = 1 then 50 else 20 end")
        self.observed(warehouse, "iod", "people", "2025", "case when n = 1 then 1000 else 100 end")
        self.observed(warehouse, "iod", "people", "2019", "n")
        rest = ALL[2021] - 1
        value = (50 * 1000 + 20 * 100 * rest) / (1000 + 100 * rest)
        warehouse.expect(
            "evidence.england", f"indicator_id | period | value\nhardship | 2025 | {value:.6f}"
        )

    def test_what_is_published_is_known_by_the_code_of_england(self, warehouse):
        """E92000001; X92000001 is that of the invented country, and E12000004 a region."""
        warehouse.given(
            "core.published",
            """
            source | measure | area_code  | period | publisher_value
            phe    | smokers | E92000001  | 2024   | 12.5
            phe    | smokers | E92000001  | 2025   | -
            phe    | smokers | X92000001  | 2023   | 13.5
            phe    | smokers | E12000004  | 2022   | 15.5
            phe    | smokers | E920000012 | 2021   | 99
            phe    | other   | E92000001  | 2020   | 99
            """,
        )
        warehouse.expect(
            "evidence.england",
            "indicator_id | period | value\nsmoking | 2024 | 12.5\nsmoking | 2023 | 13.5",
        )
