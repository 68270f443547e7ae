"""What stands beside a published figure, and what stands where there is none."""

import pytest


class TestMarkers:
    """The shorthand of official statistics: a figure's own sign."""

    @pytest.fixture(autouse=True)
    def one_area(self, warehouse):
        warehouse.given("catalogue.area_kinds", "area_kind\nforum")
        warehouse.given("geo.areas", "area_kind | area_code | area_name\nforum | F1 | First")

    def marked(self, warehouse, indicator, cell, marker):
        columns = "indicator_id | source_rows | method | modelled"
        warehouse.given("catalogue.indicators", f"{columns}\nsome | {indicator}")
        columns = "indicator_id | area_kind | area_code | period | numerator | value | gap | note"
        warehouse.given("evidence.cells", f"{columns}\nsome | forum | F1 | 2025 | {cell}")
        warehouse.expect("evidence.evidence_table", f"area_code | marker\nF1 | {marker}")

    @pytest.mark.parametrize(
        ("cell", "marker"),
        [
            ("- | - | withheld           | low: from 0 to 2, rounded to 5", "[low]"),
            ("- | - | withheld           | withheld: fewer than 5 to divide by", "[c]"),
            ("- | - | withheld           | Value suppressed for disclosure control", "[c]"),
            ("- | - | not applicable     | no figure: the county council does", "[z]"),
            ("- | - | not published      | the publisher gives no value", "[x]"),
            ("- | - | cannot be computed | low: a note of another gap", "[x]"),
            ("4 | 4 | -                  | low: a note of a figure", "-"),
        ],
    )
    def test_a_gap_has_a_sign_of_its_own(self, warehouse, cell, marker):
        self.marked(warehouse, "events | count | false", cell, marker)

    @pytest.mark.parametrize("method", ["count", "rate", "proportion"])
    def test_a_count_that_was_shared_out_is_an_estimate_if_it_is_not_whole(self, warehouse, method):
        self.marked(warehouse, f"observations | {method} | false", "4.5 | 9 | - | -", "[e]")

    def test_a_whole_one_is_a_count(self, warehouse):
        self.marked(warehouse, "observations | count | false", "4 | 4 | - | -", "-")

    def test_scores_times_people_are_nobody_s_count(self, warehouse):
        self.marked(warehouse, "observations | weighted_mean | false", "4.5 | 9 | - | -", "-")

    def test_what_comes_out_of_a_model_is_an_estimate_whole_or_not(self, warehouse):
        self.marked(warehouse, "observations | proportion | true", "4 | 9 | - | -", "[e]")

    def test_but_not_where_there_is_none(self, warehouse):
        cell = "- | - | not in hand | no figure: the file is not in hand"
        self.marked(warehouse, "observations | proportion | true", cell, "[x]")


class TestTiers:
    """What one council delivers is not applicable to another, unless the publisher gives it."""

    @pytest.fixture(autouse=True)
    def councils(self, warehouse):
        warehouse.given("catalogue.place", "place_code | place_name\nE10000018 | Leicestershire")
        codes = ("E10000018", "E07000130", "E06000016", "X07000001", "X10000001")
        areas = "".join(f"council | {code}\n" for code in codes)
        warehouse.given("geo.areas", f"area_kind | area_code\n{areas}")

    def asked(self, warehouse, tier, rows="published"):
        warehouse.given(
            "catalogue.indicators",
            f"indicator_id | source | source_rows | measure | method | tier\n"
            f"some | phe | {rows} | some | as_published | {tier}",
        )
        warehouse.given(
            "catalogue.indicator_area_kinds", "indicator_id | area_kind\nsome | council"
        )

    NOT_DISTRICT = "no figure: a district council does not deliver it: the county council does"
    NOT_COUNTY = "no figure: the county council does not deliver it: district councils do"
    NONE = "not published | no figure: the publisher gives none for this area"

    def test_a_county_s_service_is_not_applicable_to_districts(self, warehouse):
        self.asked(warehouse, "county")
        warehouse.expect(
            "evidence.cells",
            f"""
            area_code | gap            | note
            E10000018 | {self.NONE}
            E06000016 | {self.NONE}
            X10000001 | {self.NONE}
            E07000130 | not applicable | {self.NOT_DISTRICT}
            X07000001 | not applicable | {self.NOT_DISTRICT}
            """,
        )

    def test_a_district_s_service_is_not_applicable_to_counties(self, warehouse):
        self.asked(warehouse, "district")
        warehouse.expect(
            "evidence.cells",
            f"""
            area_code | gap            | note
            E07000130 | {self.NONE}
            E06000016 | {self.NONE}
            X07000001 | {self.NONE}
            E10000018 | not applicable | {self.NOT_COUNTY}
            X10000001 | not applicable | {self.NOT_COUNTY}
            """,
        )

    @pytest.mark.parametrize("tier", ["joint", "police", "NHS"])
    def test_what_no_council_or_both_deliver_is_applicable_to_all(self, warehouse, tier):
        self.asked(warehouse, tier)
        warehouse.expect(
            "evidence.cells", "area_code | gap", only="gap is distinct from 'not published'"
        )

    def test_figures_of_small_areas_are_of_whoever_lives_there(self, warehouse):
        self.asked(warehouse, "county", rows="observations")
        warehouse.expect("evidence.cells", "area_code | gap", only="gap = 'not applicable'")

    def test_a_file_that_is_not_in_hand_is_the_first_reason(self, warehouse):
        self.asked(warehouse, "county")
        warehouse.given("catalogue.source_gaps", "source | reason\nphe | no file of it")
        warehouse.expect("evidence.cells", "area_code | gap", only="gap <> 'not in hand'")

    def test_a_figure_that_is_published_all_the_same_is_shown(self, warehouse):
        self.asked(warehouse, "county")
        warehouse.given(
            "evidence.indicator_values",
            """
            indicator_id | area_kind | area_code | period | value
            some         | council   | E07000130 | 2025   | 4
            """,
        )
        warehouse.expect("evidence.cells", "value | gap\n4 | -", only="area_code = 'E07000130'")


class TestKindsKeptBack:
    @pytest.fixture(autouse=True)
    def noise(self, warehouse):
        warehouse.given(
            "catalogue.area_kinds", "area_kind | position\nforum | 0\nward | 1\ntown | 2"
        )
        warehouse.given("geo.areas", "area_kind | area_code\nforum | F1\nward | W1\ntown | T1")
        warehouse.given(
            "catalogue.indicators",
            "indicator_id | themes | source_rows | source\nnoise | [safer] | events | noise",
        )

    def test_a_kind_that_is_kept_back_is_withheld_and_not_merely_unasked(self, warehouse):
        """The town nobody asked for."""
        warehouse.given("catalogue.indicator_area_kinds", "indicator_id | area_kind\nnoise | forum")
        warehouse.given("catalogue.kinds_kept_back", "indicator_id | area_kind\nnoise | ward")
        warehouse.expect(
            "evidence.gaps",
            """
            indicator_id | area_kind | gap           | areas | reason
            noise        | ward      | withheld      | 1     | kept to forum against disclosure: together with those, this kind of locality could single out a few people
            noise        | town      | not asked for | 1     | its entry asks for forum only
            """,
        )

    def test_where_nothing_is_left_it_still_says_why(self, warehouse):
        warehouse.given("catalogue.kinds_kept_back", "indicator_id | area_kind\nnoise | ward")
        warehouse.expect(
            "evidence.gaps",
            """
            area_kind | gap      | reason
            ward      | withheld | kept to kinds of locality that its entry does not ask for, against disclosure
            """,
            only="gap = 'withheld'",
        )


class TestBesideAFigure:
    """One cell with all that is told of it; figures are rounded to six decimals once."""

    JUDGED = """
    lower_998 | upper_998 | value_smoothed | compared_adjusted | compared_parent | compared_england | peer_median | peer_rank | peer_rank_low | peer_rank_high | peer_count | earlier_period | earlier_value | ratio_to_earlier | ratio_lower | ratio_upper | changed | trend      | trend_note
    1.1234567 | 9.1234567 | 4.7654321      | similar           | higher          | lower            | 3.1234567   | 8         | 6             | 11             | 10         | 2024           | 2.1234567     | 1.1234567        | 0.1234567   | 2.1234567   | better  | increasing | -
    """
    SHOWN = """
    lower_998 | upper_998 | value_smoothed | compared_adjusted | compared_parent | compared_england | peer_median | peer_rank | peer_rank_low | peer_rank_high | peer_count | earlier_period | earlier_value | ratio_to_earlier | ratio_lower | ratio_upper | changed | trend      | trend_note | parent | parent_value | comparator_england
    1.123457  | 9.123457  | 4.765432       | similar           | higher          | lower            | 3.123457    | 8         | 6             | 11             | 10         | 2024           | 2.123457      | 1.123457         | 0.123457    | 2.123457    | better  | increasing | -          | {}     | 5.123457     | 6.123457
    """

    @pytest.fixture(autouse=True)
    def one_cell(self, warehouse):
        warehouse.given("catalogue.themes", "theme_id\nsafer")
        warehouse.given("catalogue.area_kinds", "area_kind\nforum")
        warehouse.given(
            "catalogue.indicators", "indicator_id | themes | source_rows\nrate | [safer] | events"
        )
        warehouse.given("geo.areas", "area_kind | area_code | area_name\nforum | F1 | First")
        warehouse.given(
            "evidence.cells",
            "indicator_id | area_kind | area_code | period | value\nrate | forum | F1 | 2025 | 4",
        )
        warehouse.given("evidence.judgements", self.JUDGED)
        warehouse.given(
            "evidence.comparators",
            "parent | parent_value | england_value\n+Town | 5.1234567 | 6.1234567",
        )
        key = "indicator_id = 'rate', area_kind = 'forum', area_code = 'F1', period = '2025'"
        for table in ("judgements", "comparators"):
            warehouse.con.execute(f"update evidence.{table} set {key}")

    def test_all_that_is_told_of_it_stands_in_its_row(self, warehouse):
        warehouse.expect("evidence.evidence_table", self.SHOWN.format("+Town"))

    def test_and_in_the_theme_s_table_where_no_name_runs_as_a_formula(self, warehouse):
        warehouse.build("evidence.evidence_table")
        warehouse.expect("evidence.theme_rows", self.SHOWN.format("'+Town"))

    @pytest.mark.parametrize("table", ["judgements", "comparators"])
    def test_it_is_told_of_its_own_edition_and_period_only(self, warehouse, table):
        shown = "peer_rank | parent\n{}"
        warehouse.con.execute(f"update evidence.{table} set edition = '2008'")
        there = {"judgements": "- | +Town", "comparators": "8 | -"}[table]
        warehouse.expect("evidence.evidence_table", shown.format(there))
        warehouse.con.execute(f"update evidence.{table} set edition = '', period = null")
        warehouse.expect("evidence.evidence_table", shown.format(there))


def test_the_register_of_breaks_names_each_indicator_that_it_concerns(warehouse):
    warehouse.given(
        "catalogue.indicators",
        """
        position | indicator_id | label    | source
        1        | crimes       | Crimes   | police_crime
        2        | burglary     | Burglary | police_crime
        """,
    )
    warehouse.given(
        "catalogue.breaks",
        """
        indicator_id | on_date    | reason     | reference
        crimes       | 2022-07-01 | new points | police.uk
        burglary     | 2022-07-01 | new points | police.uk
        burglary     | -          | always     | a book
        """,
    )
    warehouse.expect(
        "evidence.breaks",
        """
        indicator_id | indicator | source       | on_date    | reason     | reference
        crimes       | Crimes    | police_crime | 2022-07-01 | new points | police.uk
        burglary     | Burglary  | police_crime | 2022-07-01 | new points | police.uk
        burglary     | Burglary  | police_crime | -          | always     | a book
        """,
    )


def test_limits_of_a_funnel_are_published_with_the_names_of_their_areas(warehouse):
    warehouse.given("catalogue.area_kinds", "area_kind | position\nforum | 0")
    warehouse.given("catalogue.indicators", "indicator_id | label | unit\nrate | Rate | per 1,000")
    warehouse.given("geo.areas", "area_kind | area_code | area_name\nforum | F1 | -First")
    warehouse.given(
        "evidence.funnels",
        """
        indicator_id | area_kind | area_code | period | value | comparator_value | lower | upper | adjusted_lower | adjusted_upper_998 | phi | tau2
        rate         | forum     | F1        | 2025   | 4     | 5                | 2     | 8     | 1              | 12                 | 2.5 | 0.01
        """,
    )
    warehouse.expect(
        "evidence.funnel_limits",
        """
        indicator_id | indicator | area_code | area_name | edition | unit      | value | comparator_value | lower | upper | adjusted_lower | adjusted_upper_998 | phi | tau2
        rate         | Rate      | F1        | '-First   | -       | per 1,000 | 4     | 5                | 2     | 8     | 1              | 12                 | 2.5 | 0.01
        """,
    )
