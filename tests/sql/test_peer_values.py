"""What places are called alike by, and the figures of those that are."""

import pytest


class TestSmallAreaFeatures:
    @pytest.fixture(autouse=True)
    def places(self, warehouse):
        warehouse.given(
            "core.small_areas",
            """
            small_area_code | rural_or_urban
            L1              | Rural
            L2              | Urban
            L3              | -
            """,
        )

    def test_a_share_has_what_it_counts_and_of_how_many(self, warehouse):
        """The newest figures in hand, of each side; a small area lacking one side has no share."""
        warehouse.given(
            "core.small_area_values",
            """
            source     | measure      | small_area_code | period_end | value
            population | aged_0_to_15 | L1              | 2022-06-30 | 300
            population | aged_0_to_15 | L1              | 2021-06-30 | 999
            population | all_ages     | L1              | 2022-06-30 | 1500
            population | aged_0_to_15 | L2              | 2022-06-30 | 200
            population | aged_0_to_15 | L3              | 2022-06-30 | 100
            population | all_ages     | L3              | 2022-06-30 | 0
            """,
        )
        warehouse.expect(
            "core.small_area_features",
            """
            position | feature                | small_area_code | numerator | denominator
            1        | residents aged 0 to 15 | L1              | 300       | 1500
            """,
            only="position < 10",
        )

    def test_a_score_is_weighted_by_its_people(self, warehouse):
        warehouse.given(
            "core.small_area_values",
            """
            source                 | measure        | small_area_code | period_end | value
            indices_of_deprivation | barriers_score | L1              | 2025-10-30 | 20.5
            indices_of_deprivation | population     | L1              | 2025-10-30 | 1000
            """,
        )
        warehouse.expect(
            "core.small_area_features",
            """
            position | feature                           | numerator | denominator
            8        | barriers to housing and services  | 20500     | 1000
            10       | residents in rural small areas    | 1000      | 1000
            """,
        )

    def test_a_place_is_as_rural_as_the_share_of_its_people_who_live_so(self, warehouse):
        """Residents are those of the estimate, else of the indices. Of L3 the class is not known."""
        warehouse.given(
            "core.small_area_values",
            """
            source                 | measure    | small_area_code | period_end | value
            population             | all_ages   | L1              | 2022-06-30 | 1500
            indices_of_deprivation | population | L1              | 2025-10-30 | 1
            indices_of_deprivation | population | L2              | 2025-10-30 | 1400
            population             | all_ages   | L3              | 2022-06-30 | 1300
            """,
        )
        warehouse.expect(
            "core.small_area_features",
            """
            position | small_area_code | numerator | denominator
            10       | L1              | 1500      | 1500
            10       | L2              | 0         | 1400
            """,
        )

    def test_what_no_lookup_knows_is_nowhere(self, warehouse):
        warehouse.given(
            "core.small_area_values",
            """
            source     | measure          | small_area_code | period_end | value
            population | aged_65_and_over | L9              | 2022-06-30 | 300
            population | all_ages         | L9              | 2022-06-30 | 900
            """,
        )
        warehouse.expect("core.small_area_features", "position | small_area_code")


INDICATORS = """
indicator_id | source       | source_rows  | measure | method        | per  | period_rule  | denominator_source | denominator_measure | threshold | modelled
crime_rate   | police_crime | events       | all     | rate          | 1000 | month        | population         | all_ages            | 1         | false
renters      | census       | observations | rented  | proportion    | 100  | as_published | census             | homes               | 1         | false
hardship     | iod          | observations | score   | weighted_mean | 1    | as_published | iod                | people              | 1         | false
crimes       | police_crime | events       | all     | count         | 1    | month        | police_crime       | ''                  | 1         | false
"""
COLUMNS = INDICATORS.strip().splitlines()[0]


class Peers:
    """The forum F1 has the peers 1 (L1, L2) and 2 (L3, L4), by either coverage."""

    @pytest.fixture(autouse=True)
    def peers(self, warehouse):
        warehouse.given("catalogue.indicators", INDICATORS)
        warehouse.given(
            "evidence.peer_members",
            "coverage | area_kind | area_code | peer | small_area_code\n"
            + "".join(
                f"{coverage} | forum | F1 | {peer} | {code}\n"
                for coverage in ("whole", "place")
                for peer, code in ((1, "L1"), (1, "L2"), (2, "L3"), (2, "L4"))
            ),
        )
        warehouse.given(
            "evidence.denominator_periods",
            """
            indicator_id | period  | denominator_period
            crime_rate   | 2026-01 | 2022
            renters      | 2021    | 2021
            """,
        )

    def values(self, warehouse, source, measure, period, *values):
        rows = "".join(
            f"{source} | {measure} | {period} | L{n} | {value}\n"
            for n, value in enumerate(values, 1)
        )
        warehouse.given(
            "core.small_area_values", f"source | measure | period | small_area_code | value\n{rows}"
        )


class TestPeersOfSmallAreaFigures(Peers):
    def test_a_share_is_added_up_and_divided_once(self, warehouse):
        self.values(warehouse, "census", "rented", "2021", 10, 90, 20, 0)
        self.values(warehouse, "census", "homes", "2021", 100, 300, 100, 100)
        warehouse.expect(
            "evidence.peer_values",
            """
            indicator_id | period | area_kind | edition | area_code | peer | numerator | denominator | value
            renters      | 2021   | forum     | ''      | F1        | 1    | 100       | 400         | 25
            renters      | 2021   | forum     | ''      | F1        | 2    | 20        | 200         | 10
            """,
        )

    @pytest.mark.parametrize("lacking", ["rented", "homes"])
    def test_a_peer_of_which_a_small_area_has_no_figure_is_left_out(self, warehouse, lacking):
        self.values(warehouse, "census", "rented", "2021", 10, 90, 20, 0)
        self.values(warehouse, "census", "homes", "2021", 100, 300, 100, 100)
        without = "delete from core.small_area_values where small_area_code = 'L2' and measure = "
        warehouse.con.execute(f"{without} $lacking", {"lacking": lacking})
        warehouse.expect("evidence.peer_values", "peer | value\n2 | 10")

    def test_nor_is_one_with_a_gap(self, warehouse):
        self.values(warehouse, "census", "rented", "2021", 10, 90, 20, "-")
        self.values(warehouse, "census", "homes", "2021", 100, 300, 100, 100)
        warehouse.expect("evidence.peer_values", "peer | value\n1 | 25")

    def test_a_score_is_weighted_by_people_of_its_own_period(self, warehouse):
        """Of L3 no people are known in 2025, though they were in 2019."""
        self.values(warehouse, "iod", "score", "2025", 10, 40, 20, 20)
        self.values(warehouse, "iod", "people", "2025", 100, 300, "-", 100)
        self.values(warehouse, "iod", "people", "2019", 300, 100, 100, 100)
        warehouse.expect(
            "evidence.peer_values",
            """
            indicator_id | period | peer | numerator | denominator | value
            hardship     | 2025   | 1    | -         | -           | 32.5
            """,
        )

    def test_people_of_nobody_are_not_divided_by(self, warehouse):
        self.values(warehouse, "census", "rented", "2021", 0, 0, 20, 0)
        self.values(warehouse, "census", "homes", "2021", 0, 0, 100, 100)
        self.values(warehouse, "iod", "score", "2025", 10, 40, 20, 30)
        self.values(warehouse, "iod", "people", "2025", 0, 0, 100, 100)
        warehouse.expect(
            "evidence.peer_values", "indicator_id | peer | value\nrenters | 2 | 10\nhardship | 2|25"
        )

    def test_they_lie_anywhere_in_what_the_source_covers(self, warehouse):
        """By the other coverage the same figures are not counted a second time."""
        warehouse.con.execute("delete from evidence.peer_members where coverage = 'place'")
        self.values(warehouse, "census", "rented", "2021", 10, 90, 20, 0)
        self.values(warehouse, "census", "homes", "2021", 100, 300, 100, 100)
        warehouse.expect("evidence.peer_values", "peer | value\n1 | 25\n2 | 10")
        warehouse.con.execute("update evidence.peer_members set coverage = 'place'")
        warehouse.expect("evidence.peer_values", "peer | value")

    @pytest.mark.parametrize(
        "left_out",
        [
            "kids | noise | observations | rented | proportion | 100 | as_published | census | homes | 5 | false",
            "kids | noise | observations | rented | proportion | 100 | as_published | census | homes | 1 | true",
            "kids | noise | observations | rented | count      | 1   | as_published | noise  | ''    | 1 | false",
        ],
    )
    def test_what_is_protected_estimated_or_a_count_is_not_compared(self, warehouse, left_out):
        """Of the same figures the share would be."""
        warehouse.given(
            "evidence.denominator_periods",
            "indicator_id | period | denominator_period\nkids | 2021 | 2021",
        )
        self.values(warehouse, "noise", "rented", "2021", 10, 90, 20, 0)
        self.values(warehouse, "census", "homes", "2021", 100, 300, 100, 100)
        open_share = left_out.replace("count      | 1  ", "proportion | 100")
        open_share = open_share.replace("noise  | ''   ", "census | homes")
        open_share = open_share.replace("| 5 |", "| 1 |").replace("true", "false")
        warehouse.given("catalogue.indicators", f"{COLUMNS}\n{left_out}")
        warehouse.expect("evidence.peer_values", "indicator_id | peer")
        warehouse.con.execute("delete from catalogue.indicators where indicator_id = 'kids'")
        warehouse.given("catalogue.indicators", f"{COLUMNS}\n{open_share}")
        warehouse.expect("evidence.peer_values", "indicator_id | peer\nkids | 1\nkids | 2")

    def test_what_makes_places_alike_is_not_compared_between_them(self, warehouse):
        """Renters are a feature as soon as the register of features names the measure."""
        self.values(warehouse, "census", "rented", "2021", 10, 90, 20, 0)
        self.values(warehouse, "census", "homes", "2021", 100, 300, 100, 100)
        warehouse.given(
            "core.peer_features", "feature | source | measure\nrenting | census | rented"
        )
        warehouse.expect("evidence.peer_values", "indicator_id | peer")


class TestPeersOfEvents(Peers):
    @pytest.fixture(autouse=True)
    def january(self, warehouse):
        """Point 1 lies in L1, 2 in L2, 3 in L3; in L4 nothing happens."""
        warehouse.given("geo.point_small_areas", "point_id | small_area_code\n1|L1\n2|L2\n3|L3")
        warehouse.given_measures("police_crime")
        warehouse.given(
            "core.measure_columns",
            """
            source       | file | publisher_column | measure
            police_crime | ''   | Burglary         | all
            police_crime | ''   | Drugs            | all
            police_crime | ''   | Burglary         | burglary
            """,
        )
        warehouse.given("catalogue.measures", "source | measure\npolice_crime | all")
        warehouse.given(
            "core.windows",
            """
            source       | period_rule | period  | month
            police_crime | month       | 2026-01 | 2026-01-01
            police_crime | month       | 2026-02 | 2026-02-01
            """,
        )
        warehouse.given(
            "core.event_counts",
            """
            source       | kind     | month      | point_id | events
            police_crime | Burglary | 2026-01-01 | 1        | 2
            police_crime | Drugs    | 2026-01-01 | 2        | 3
            police_crime | Burglary | 2026-02-01 | 1        | 70
            police_crime | Arson    | 2026-01-01 | 1        | 70
            police_crime | Burglary | 2026-01-01 | 9        | 70
            """,
        )
        warehouse.given(
            "evidence.cells",
            "indicator_id | area_code | period | value\ncrime_rate | F9 | 2026-01 | 4",
        )
        self.values(warehouse, "population", "all_ages", "2022", 400, 600, 700, 300)
        self.values(warehouse, "population", "all_ages", "2021", 1, 1, 1, 1)

    def test_a_rate_is_events_of_its_small_areas_over_their_people(self, warehouse):
        """No event in a covered month is none: peer 2 has a rate of 0."""
        warehouse.expect(
            "evidence.peer_values",
            """
            indicator_id | period  | peer | numerator | denominator | value
            crime_rate   | 2026-01 | 1    | 5         | 1000        | 5
            crime_rate   | 2026-01 | 2    | 0         | 1000        | 0
            """,
        )

    def test_a_period_of_which_no_area_has_a_figure_is_not_covered(self, warehouse):
        warehouse.con.execute("update evidence.cells set value = null")
        warehouse.expect("evidence.peer_values", "peer | value")

    def test_only_what_lies_in_the_place_is_in_hand(self, warehouse):
        """Elsewhere a small area without crimes is one whose crimes were not asked for."""
        warehouse.con.execute("delete from evidence.peer_members where coverage = 'place'")
        warehouse.expect("evidence.peer_values", "peer | value")

    def test_the_months_of_a_longer_period_are_added_up(self, warehouse):
        warehouse.given(
            "core.windows",
            """
            source       | period_rule | period | month
            police_crime | both        | both   | 2026-01-01
            police_crime | both        | both   | 2026-02-01
            """,
        )
        warehouse.given(
            "catalogue.indicators",
            f"{COLUMNS}\nyear | police_crime | events | all | rate | 100 | both | population"
            " | all_ages | 1 | false",
        )
        warehouse.given(
            "evidence.denominator_periods",
            "indicator_id | period | denominator_period\nyear | both | 2022",
        )
        warehouse.given(
            "evidence.cells", "indicator_id | area_code | period | value\nyear | F9 | both | 4"
        )
        warehouse.expect(
            "evidence.peer_values",
            "peer | numerator | value\n1 | 75 | 7.5\n2 | 0 | 0",
            only="indicator_id = 'year'",
        )

    def test_a_weighted_measure_adds_up_weights(self, warehouse):
        warehouse.con.execute("update catalogue.measures set weighted = true where measure = 'all'")
        warehouse.con.execute("update core.event_counts set weight = 0.5")
        warehouse.expect("evidence.peer_values", "peer | numerator\n1 | 1\n2 | 0")


def test_similar_places_are_published_with_where_they_lie_and_how_far_off_they_are(warehouse):
    warehouse.given("catalogue.area_kinds", "area_kind | position\nforum | 0")
    warehouse.given("geo.areas", "area_kind | area_code | area_name\nforum | F1 | =First")
    warehouse.given(
        "core.small_areas", "small_area_code | small_area_name\nL4|North 1D\nL5|-\nL9|-"
    )
    warehouse.given(
        "evidence.peer_members",
        """
        coverage | area_kind | area_code | peer | distance  | small_area_code | is_centre
        whole    | forum     | F1        | 1    | 0.1234567 | L4              | true
        whole    | forum     | F1        | 1    | 0.1234567 | L3              | false
        whole    | forum     | F1        | 2    | 0.5       | L9              | true
        whole    | forum     | F1        | 2    | 0.5       | L8              | false
        place    | forum     | F1        | 1    | 0.25      | L5              | true
        place    | forum     | F1        | 1    | 0.25      | L6              | false
        """,
    )
    warehouse.expect(
        "evidence.similar_places",
        """
        area_kind | area_code | area_name | edition | coverage | peer | distance | centre_code | centre_name | small_areas | small_area_codes
        forum     | F1        | '=First   | -       | whole    | 1    | 0.123457 | L4          | North 1D    | 2           | L3 L4
        forum     | F1        | '=First   | -       | whole    | 2    | 0.5      | L9          | -           | 2           | L8 L9
        forum     | F1        | '=First   | -       | place    | 1    | 0.25     | L5          | -           | 2           | L5 L6
        """,
    )
