"""Each figure among similar places: the median, the rank, and the ranks that are left open."""

import pytest

INDICATORS = """
indicator_id | themes  | source | source_rows  | measure | method        | per  | polarity | modelled
renters      | [older] | census | observations | rented  | proportion    | 100  | neither  | false
crime_rate   | [safer] | police | events       | all     | rate          | 1000 | low      | false
hardship     | [older] | iod    | observations | score   | weighted_mean | 1    | low      | false
homes        | [older] | census | observations | homes   | count         | 1    | neither  | false
fuel         | [older] | model  | observations | poor    | proportion    | 100  | low      | true
"""
OWN = "indicator_id | area_kind | area_code | period | numerator | denominator\n"
PEER = "indicator_id | area_kind | area_code | period | peer | numerator | denominator | value\n"
TOLD = "peer_median | peer_rank | peer_rank_low | peer_rank_high | peer_count\n"


@pytest.fixture(autouse=True)
def indicators(warehouse):
    warehouse.given("catalogue.indicators", INDICATORS)


def peers(warehouse, indicator, denominator, *counts, period="2025", per=100):
    rows = "".join(
        f"{indicator} | forum | F1 | {period} | {n} | {count} | {denominator} |"
        f" {count / denominator * per}\n"
        for n, count in enumerate(counts, 1)
    )
    warehouse.given("evidence.peer_values", PEER + rows)


class TestAmongPeers:
    def test_the_rank_counts_those_below_and_its_range_those_that_are_surely_so(
        self, warehouse, judged
    ):
        """30% of 1,000 is surely above 10% and 20%, below 50%, and may be level with 29 and 32%."""
        peers(warehouse, "renters", 1000, 320, 100, 500, 290, 200)
        judged(OWN + "renters | forum | F1 | 2025 | 300 | 1000", TOLD + "29 | 4 | 3 | 5 | 5")

    def test_equals_share_a_rank(self, warehouse, judged):
        peers(warehouse, "renters", 1000, 300, 300, 900)
        judged(OWN + "renters | forum | F1 | 2025 | 300 | 1000", TOLD + "30 | 1 | 1 | 3 | 3")

    def test_no_league_table_is_built_from_small_numbers(self, warehouse, judged):
        """Three in ten may stand anywhere among these."""
        peers(warehouse, "renters", 10, 2, 4, 5, 1)
        judged(OWN + "renters | forum | F1 | 2025 | 3 | 10", TOLD + "30 | 3 | 1 | 5 | 4")

    def test_a_rate_is_ranked_among_rates_of_its_own_unit(self, warehouse, judged):
        peers(warehouse, "crime_rate", 10_000, 100, 500, 900, per=1000)
        judged(OWN + "crime_rate | forum | F1 | 2025 | 700 | 10000", TOLD + "50 | 3 | 3 | 3 | 3")

    def test_where_there_is_no_interval_the_rank_stands_alone(self, warehouse, judged, cells):
        warehouse.given(
            "evidence.peer_values",
            "indicator_id | area_kind | area_code | period | peer | value\n"
            "hardship|forum|F1|2025|1|10\nhardship|forum|F1|2025|2|30",
        )
        judged(OWN + "hardship | forum | F1 | 2025 | 40000 | 2000", TOLD + "20 | 2 | - | - | 2")

    def test_peers_are_those_of_the_area_its_edition_indicator_and_period(self, warehouse, judged):
        """F2 has none, and the figures of other years and editions are not F1's of 2025."""
        peers(warehouse, "renters", 1000, 100, 200)
        peers(warehouse, "renters", 1000, 900, 900, 900, period="2024")
        warehouse.given(
            "evidence.peer_values",
            PEER.replace("area_code", "edition | area_code")
            + "renters | forum | 2008 | F1 | 2025 | 3 | 999 | 1000 | 99.9",
        )
        judged(
            OWN
            + """
            renters | forum | F1 | 2025 | 300 | 1000
            renters | forum | F2 | 2025 | 300 | 1000
            renters | ward  | F1 | 2025 | 300 | 1000
            """,
            "area_kind | area_code | " + TOLD + "forum | F1 | 15 | 3 | 3 | 3 | 2\n"
            "forum | F2 | - | - | - | - | -\nward | F1 | - | - | - | - | -",
        )

    @pytest.mark.parametrize(
        "row",
        [
            "homes   | forum | F1 | 2025 | 300 | -",
            "fuel    | forum | F1 | 2025 | 300 | 1000",
            "renters | forum | F1 | 2025 | -   | -",
        ],
    )
    def test_a_count_an_estimate_or_a_gap_is_never_ranked(self, warehouse, judged, row):
        """A gap may be 'not applicable': what a tier does not deliver is not its figure."""
        for indicator in ("homes", "fuel", "renters"):
            peers(warehouse, indicator, 1000, 100, 200)
        judged(OWN + row, TOLD + "- | - | - | - | -")


SMOOTHED = "indicator_id | area_kind | edition | area_code | period | numerator | denominator\n"


class TestSmoothed:
    """Marshall's empirical Bayes, worked out by hand for each group of areas."""

    def marshall(self, counts, people, per):
        """m = 45 of 3,000; each rate drawn by a / (a + m / its people)."""
        usual = sum(counts) / sum(people)
        rates = [count / n for count, n in zip(counts, people, strict=True)]
        pairs = list(zip(rates, people, strict=True))
        variance = sum(n * (rate - usual) ** 2 for rate, n in pairs) / sum(people)
        between = max(variance - usual / (sum(people) / len(people)), 0)
        return [
            per * (usual + (rate - usual) * between / (between + usual / n)) for rate, n in pairs
        ]

    @pytest.mark.parametrize(("indicator", "per"), [("crime_rate", 1000), ("renters", 100)])
    def test_the_smaller_an_area_the_nearer_to_all_of_its_kind(self, judged, indicator, per):
        """A place is no locality, and takes no part."""
        counts, people = [5, 10, 100, 130], [200, 1000, 4000, 2000]
        rows = "".join(
            f"{indicator} | forum | '' | F{n} | 2025 | {count} | {number}\n"
            for n, (count, number) in enumerate(zip(counts, people, strict=True))
        )
        told = self.marshall(counts, people, per)
        raw = [per * count / number for count, number in zip(counts, people, strict=True)]
        usual = per * 245 / 7200
        drawn = [(of - usual) / (own - usual) for of, own in zip(told, raw, strict=True)]
        assert 0.6 < drawn[0] < drawn[1] < drawn[3] < drawn[2] < 1
        judged(
            SMOOTHED + rows + f"{indicator} | place | '' | P | 2025 | 999 | 7200",
            "area_code | value_smoothed\nP | -\n"
            + "".join(f"F{n} | {value:.9f}\n" for n, value in enumerate(told)),
        )

    def test_each_kind_edition_indicator_and_period_is_a_group_of_its_own(self, warehouse, judged):
        """Each of four groups has three areas; a gap in one takes no part in it."""
        counts, people = [5, 60, 200], [200, 1000, 2000]
        groups = ("forum | '' | 2025", "ward | '' | 2025", "ward | 2008 | 2025", "ward | '' | 2024")
        rows, wanted = "", ""
        for g, group in enumerate(groups):
            kind, edition, period = group.split(" | ")
            times = g + 1
            for n, (count, number) in enumerate(zip(counts, people, strict=True)):
                rows += f"crime_rate | {kind} | {edition} | F{n} | {period} | {count * times}"
                rows += f" | {number * times}\n"
            of_group = self.marshall([c * times for c in counts], [n * times for n in people], 1000)
            wanted += "".join(
                f"{kind} | {edition} | F{n} | {period} | {value:.9f}\n"
                for n, value in enumerate(of_group)
            )
        rows += "crime_rate | forum | '' | GAP | 2025 | - | 1000\n"
        wanted += "forum | '' | GAP | 2025 | -\n"
        judged(
            SMOOTHED + rows, f"area_kind | edition | area_code | period | value_smoothed\n{wanted}"
        )

    def test_counts_estimates_and_scores_are_not_drawn(self, warehouse, judged):
        rows = "".join(
            f"{name} | forum | '' | F{n} | 2025 | {40 + n} | 1000\n"
            for name in ("homes", "fuel", "hardship")
            for n in range(4)
        )
        judged(SMOOTHED + rows, "value_smoothed\n" + "-\n" * 12, only="indicator_id <> 'x'")
