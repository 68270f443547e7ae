"""Each figure against its own past: what is read of it, and why nothing is."""

import pytest

COLUMNS = "indicator_id | source | source_rows | measure | method | per | polarity | themes"
YEARS = range(2021, 2026)


def indicator(warehouse, method="count", polarity="low", source="fires", modelled="false", per=1):
    rows = "events" if source == "police_crime" else "observations"
    warehouse.given(
        "catalogue.indicators",
        f"{COLUMNS} | modelled\n"
        f"some | {source} | {rows} | all | {method} | {per} | {polarity} | [safer] | {modelled}",
    )


def series(*counts, code="F1", kind="forum", edition="''", denominator="-", last=2025):
    """Rows of one area's counts of years, the last one ``last``; '-' for a gap."""
    first = last - len(counts) + 1
    return "".join(
        f"some | {kind} | {edition} | {code} | {first + n} | {count} | {denominator}\n"
        for n, count in enumerate(counts)
    )


HEAD = "indicator_id | area_kind | edition | area_code | period | numerator | denominator\n"


@pytest.fixture
def judge(warehouse, cells):
    """Judges rows of cells; their earlier periods are worked out anew."""

    def judged(rows, expected, *, head=HEAD, only="true"):
        cells(head + rows)
        warehouse.judge("evidence.earlier_periods")
        warehouse.holds("evidence.judgements", expected, only=only)

    return judged


NEWEST = "period = '2025'"


class TestTrend:
    @pytest.mark.parametrize(
        ("polarity", "word"),
        [
            ("low", "increasing, getting worse"),
            ("high", "increasing, getting better"),
            ("neither", "increasing"),
        ],
    )
    def test_five_years_that_rise_are_a_rise(self, warehouse, judge, polarity, word):
        indicator(warehouse, polarity=polarity)
        judge(
            series(100, 140, 180, 220, 260),
            f"period | trend | trend_note\n2025 | {word} | -",
            only=NEWEST,
        )

    def test_the_oldest_comes_first_and_rows_may_stand_in_any_order(self, warehouse, judge):
        indicator(warehouse)
        rows = series(260, 220, 180, 140, 100).splitlines()
        shuffled = "\n".join(rows[n] for n in (3, 0, 4, 2, 1))
        judge(
            shuffled,
            "period | trend\n2025 | decreasing, getting better",
            only=NEWEST,
        )

    def test_what_chance_would_do_is_no_trend(self, warehouse, judge):
        indicator(warehouse)
        judge(
            series(100, 104, 99, 103, 106),
            "period | trend | trend_note\n2025 | no significant change | -",
            only=NEWEST,
        )

    def test_only_the_latest_five_years_are_looked_at(self, warehouse, judge):
        indicator(warehouse)
        judge(
            series(900, 800, 100, 104, 99, 103, 106),
            "period | trend\n2025 | no significant change",
            only=NEWEST,
        )

    def test_shares_are_read_by_what_was_counted_of_how_many(self, warehouse, judge):
        indicator(warehouse, method="proportion", polarity="high", per=100)
        judge(
            series(200, 240, 280, 320, 360, denominator=1000)
            + series(20, 24, 28, 32, 36, code="F2", denominator=100),
            """
            area_code | trend
            F1        | increasing, getting better
            F2        | no significant change
            """,
            only=NEWEST,
        )

    def test_a_part_above_its_whole_is_no_share_and_stops_nothing(self, warehouse, judge):
        """Publishers' small random changes made 101 of 100 in one year."""
        indicator(warehouse, method="proportion", per=100)
        judge(
            series(80, 90, 101, 80, 90, denominator=100),
            "trend | trend_note\ncannot be calculated | fewer than 5 points",
            only=NEWEST,
        )

    def test_each_area_has_its_own_past(self, warehouse, judge):
        indicator(warehouse, polarity="neither")
        judge(
            series(100, 140, 180, 220, 260)
            + series(260, 220, 180, 140, 100, code="F2")
            + series(260, 220, 180, 140, 100, kind="ward"),
            """
            area_kind | area_code | trend
            forum     | F1        | increasing
            forum     | F2        | decreasing
            ward      | F1        | decreasing
            """,
            only=NEWEST,
        )

    def test_recorded_crime_is_read_by_its_own_variation(self, warehouse, judge, cells):
        """The months of F2 swing to and fro: of years that rise so, no more is sure."""
        indicator(warehouse, source="police_crime", polarity="neither")
        rows = series(900, 960, 1020, 1080, 1140)
        warehouse.given("core.coverage", "source | month\n" + months("police_crime"))
        warehouse.given("geo.areas", "area_kind | area_code\n" + areas(4))
        warehouse.given("core.monthly_events", monthly(4, lambda area, month: 40))
        judge(rows, "trend\nincreasing", only=NEWEST)
        warehouse.con.execute("delete from evidence.cells")
        warehouse.con.execute(
            "update core.monthly_events set bricks = bricks * 3"
            " where (area_code[2]::int + month(month)) % 2 = 0"
        )
        judge(rows, "trend\nno significant change", only=NEWEST)


def months(source):
    return "".join(f"{source} | 2025-{month:02}-01\n" for month in range(1, 13))


def areas(number):
    return "".join(f"forum | F{n}\n" for n in range(1, number + 1))


def monthly(number, events):
    rows = "".join(
        f"police_crime | all | 2025-{month:02}-01 | forum | F{n} | {events(n, month)}\n"
        for n in range(1, number + 1)
        for month in range(1, 13)
    )
    return f"source | measure | month | area_kind | area_code | bricks\n{rows}"


class TestWhyThereIsNoTrend:
    def refused(self, judge, rows, note, **how):
        judge(rows, f"trend | trend_note\ncannot be calculated | {note}", only=NEWEST, **how)

    @pytest.mark.parametrize(
        ("counts", "in_hand"),
        [((100,), 1), ((100, 140, 180, 220), 4), ((100, 140, "-", 220, 260), 2)],
    )
    def test_it_takes_five_years_and_a_gap_is_none(self, warehouse, judge, counts, in_hand):
        indicator(warehouse)
        self.refused(
            judge,
            series(*counts),
            f"it takes five years that do not overlap: {in_hand} in hand",
        )

    def test_a_cell_without_a_figure_has_neither_trend_nor_reason(self, warehouse, judge):
        indicator(warehouse)
        judge(series(1, 2, 3, 4, "-"), "trend | trend_note\n- | -", only=NEWEST)

    @pytest.mark.parametrize("on", ["2024-07-01", "2025-12-31", "2021-01-02"])
    def test_a_break_refuses_it_with_its_reason(self, warehouse, judge, on):
        indicator(warehouse)
        warehouse.given(
            "catalogue.breaks", f"indicator_id | on_date | reason\nsome | {on} | new points"
        )
        self.refused(judge, series(100, 140, 180, 220, 260), "refused: new points")

    @pytest.mark.parametrize("on", ["2021-01-01", "2026-01-01"])
    def test_a_break_before_or_after_all_five_does_not(self, warehouse, judge, on):
        indicator(warehouse)
        warehouse.given("catalogue.breaks", f"indicator_id | on_date | reason\nsome | {on} | b")
        judge(series(100, 140, 180, 220, 260), "trend_note\n-", only=NEWEST)

    def test_a_break_is_told_before_the_want_of_years(self, warehouse, judge):
        """It does not pass with another year in hand."""
        indicator(warehouse)
        warehouse.given("catalogue.breaks", "indicator_id | on_date | reason\nsome | - | anew")
        self.refused(judge, series(100, 140), "refused: anew")

    def test_of_two_breaks_the_nearer_one_refuses(self, warehouse, judge):
        indicator(warehouse)
        warehouse.given(
            "catalogue.breaks",
            """
            indicator_id | on_date    | reason
            some         | 2022-07-01 | the farther
            some         | 2024-07-01 | the nearer
            """,
        )
        self.refused(judge, series(100, 140, 180, 220, 260), "refused: the nearer")

    def test_boundaries_of_another_edition_are_a_break(self, warehouse, judge):
        indicator(warehouse)
        self.refused(
            judge,
            series(100, 140, edition="2008", last=2022) + series(180, 220, 260, edition="2023"),
            "refused: its boundaries are those of another edition",
        )

    @pytest.mark.parametrize("year", [2024, 2025])
    def test_a_month_has_none_even_in_the_first_year(self, warehouse, judge, year):
        indicator(warehouse)
        judge(
            "some | forum | F1 | 2025-03 | 2025-03-01 | 2025-03-31 | 9\n"
            f"some | forum | F1 | {year}-01 | {year}-01-01 | {year}-01-31 | 9",
            "trend | trend_note\ncannot be calculated | a month has no trend: see the year",
            head="indicator_id | area_kind | area_code | period | period_start | period_end"
            " | numerator\n",
            only="period = '2025-03'",
        )

    def test_what_is_counted_on_a_day_each_year_has_one(self, warehouse, judge):
        indicator(warehouse, polarity="neither")
        rows = "".join(
            f"some | forum | F1 | mid-{year} | {year}-06-30 | {year}-06-30 | {100 * n}\n"
            for n, year in enumerate(YEARS, 1)
        )
        judge(
            rows,
            "trend | trend_note | earlier_period\nincreasing | - | mid-2024",
            head="indicator_id | area_kind | area_code | period | period_start | period_end"
            " | numerator\n",
            only="period = 'mid-2025'",
        )

    def test_what_comes_out_of_a_model_has_none(self, warehouse, judge):
        indicator(warehouse, modelled="true")
        self.refused(judge, series(100, 140, 180, 220, 260), "estimated by a model, not counted")

    def test_recorded_crime_whose_variation_is_not_known_has_none(self, warehouse, judge):
        indicator(warehouse, source="police_crime")
        self.refused(
            judge,
            series(100, 140, 180, 220, 260),
            "how much its months vary by themselves is not known",
        )

    def test_a_figure_without_an_interval_has_none(self, warehouse, judge):
        indicator(warehouse, method="weighted_mean")
        self.refused(
            judge,
            series(100, 140, 180, 220, 260, denominator=1000),
            "fewer than 5 points",
        )


class TestChange:
    def test_the_ratio_to_the_year_before_with_its_limits(self, warehouse, judge):
        """150 after 100: the limits are those of the exact conditional test."""
        indicator(warehouse)
        judge(
            series(100, 150),
            """
            period | earlier_period | earlier_value | ratio_to_earlier | ratio_lower | ratio_upper | changed
            2024   | -              | -             | -                | -           | -           | -
            2025   | 2024           | 100           | 1.5              | 1.156948    | 1.951745    | worse
            """,
        )

    @pytest.mark.parametrize(("method", "per"), [("rate", 1000), ("proportion", 100)])
    def test_it_is_set_against_the_people_of_each_year(self, warehouse, judge, method, per):
        """Twice as many among twice the people are no change."""
        indicator(warehouse, method=method, per=per)
        judge(
            series(100, denominator=1000, last=2024) + series(200, denominator=2000),
            f"earlier_value | ratio_to_earlier | changed\n{per / 10} | 1 | similar",
            only=NEWEST,
        )

    @pytest.mark.parametrize(
        ("counts", "shown"),
        [
            ((0, 0), "0 | - | similar"),
            ((0, 1), "0 | - | similar"),
            ((0, 20), "0 | - | worse"),
            ((20, 0), "20 | 0 | better"),
            ((1, 0), "1 | 0 | similar"),
        ],
    )
    def test_after_none_there_is_no_ratio_but_there_may_be_a_rise(
        self, warehouse, judge, counts, shown
    ):
        indicator(warehouse)
        judge(
            series(*counts),
            f"earlier_value | ratio_to_earlier | changed\n{shown}",
            only=NEWEST,
        )

    def test_across_a_break_nothing_is_compared(self, warehouse, judge):
        indicator(warehouse)
        warehouse.given(
            "catalogue.breaks", "indicator_id | on_date | reason\nsome | 2025-01-01 | anew"
        )
        judge(
            series(100, 150),
            "earlier_period | earlier_value | ratio_to_earlier | ratio_upper | changed"
            "\n- | - | - | - | -",
            only=NEWEST,
        )

    def test_nor_is_it_across_editions_or_gaps(self, warehouse, judge):
        indicator(warehouse)
        judge(
            series(100, edition="2008", last=2024)
            + series(150, edition="2013")
            + series(100, "-", 150, code="F2"),
            "earlier_period | ratio_to_earlier | changed\n- | - | -\n- | - | -",
            only=NEWEST,
        )

    def test_what_is_not_counted_has_changed_if_its_intervals_do_not_overlap(
        self, warehouse, judge
    ):
        """A published figure of 10 (9 to 11) is above 8 (7 to 8.9), and not surely above 9.5."""
        indicator(warehouse, method="as_published", polarity="high")
        judge(
            """
            some | forum | A | 2024 | 8   | 7 | 8.9
            some | forum | A | 2025 | 10  | 9 | 11
            some | forum | B | 2024 | 9.5 | 9 | 10
            some | forum | B | 2025 | 10  | 9 | 11
            some | forum | C | 2024 | 9.5 | - | -
            some | forum | C | 2025 | 10  | 9 | 11
            """,
            """
            area_code | earlier_value | ratio_to_earlier | changed
            A         | 8             | -                | better
            B         | 9.5           | -                | similar
            C         | 9.5           | -                | -
            """,
            head="indicator_id | area_kind | area_code | period | value | published_lower"
            " | published_upper\n",
            only=NEWEST,
        )

    def test_recorded_crime_changes_by_its_own_variation(self, warehouse, judge):
        """40 a month in 2024 and 46 in 2025 are more than chance, but not more than is usual."""
        indicator(warehouse, source="police_crime")
        warehouse.given("core.coverage", "source | month\n" + months("police_crime"))
        warehouse.given("geo.areas", "area_kind | area_code\n" + areas(4))
        warehouse.given("core.monthly_events", monthly(4, lambda area, month: 40))
        judge(series(480, 552), "ratio_to_earlier | changed\n1.15 | worse", only=NEWEST)
        warehouse.con.execute("delete from evidence.cells")
        warehouse.con.execute(
            "update core.monthly_events set bricks = bricks * 3"
            " where (area_code[2]::int + month(month)) % 2 = 0"
        )
        judge(series(480, 552), "ratio_to_earlier | changed\n1.15 | similar", only=NEWEST)

    def test_what_comes_out_of_a_model_is_not_set_against_its_past(self, warehouse, judge):
        indicator(warehouse, modelled="true")
        judge(series(100, 150), "earlier_period | changed\n- | -", only=NEWEST)
