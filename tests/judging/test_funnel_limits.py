"""Control limits for the newest figures, and how much more than chance each kind of crime varies."""

import numpy as np
import pytest
from scipy import stats

from flows import statistics
from flows.judging import others

INDICATORS = """
indicator_id | themes  | source       | source_rows  | measure  | method     | per  | polarity | modelled
crime_rate   | [safer] | police_crime | events       | burglary | rate       | 1000 | low      | false
renters      | [older] | census       | observations | rented   | proportion | 100  | neither  | false
homes        | [older] | census       | observations | homes    | count      | 1    | neither  | false
fuel         | [older] | model        | observations | poor     | proportion | 100  | low      | true
"""
HEAD = (
    "indicator_id | area_kind | area_code | period | numerator | denominator | comparator_value\n"
)
SHAPE = dict.fromkeys(("indicator_id", "area_kind", "edition", "area_code", "period"), "VARCHAR")


@pytest.fixture(autouse=True)
def indicators(warehouse):
    warehouse.given("catalogue.indicators", INDICATORS)


@pytest.fixture
def drawn(warehouse, cells):
    """Draws the funnels of cells and holds them against a text table."""

    def draw(rows, expected):
        cells(HEAD + rows)
        warehouse.judge()
        warehouse.holds("evidence.funnels", expected)

    return draw


class TestFunnels:
    def test_limits_lie_about_the_comparator_for_each_size(self, warehouse, drawn):
        """20 of 1,000 are expected, then 80 of 4,000: exact Poisson; 25% of 400: normal. Of fewer
        than ten areas nothing is known of what they differ by beyond chance."""
        poisson = [
            limit / size * 1000
            for size, expected in ((1000, 20), (4000, 80))
            for tail in (0.025, 0.001)
            for limit in (
                stats.chi2.ppf(tail, 2 * expected) / 2,
                stats.chi2.ppf(1 - tail, 2 * expected + 2) / 2,
            )
        ]
        normal = [
            25 + side * stats.norm.ppf(1 - tail) * np.sqrt(0.25 * 0.75 / 400) * 100
            for tail in (0.025, 0.001)
            for side in (-1, 1)
        ]
        shown = [" | ".join(f"{v:.6f}" for v in of) for of in (poisson[:4], poisson[4:], normal)]
        drawn(
            """
            crime_rate | forum | F1 | 2025 | 25  | 1000 | 20
            crime_rate | forum | F2 | 2025 | 90  | 4000 | 20
            renters    | forum | F1 | 2025 | 130 | 400  | 25
            """,
            f"""
            indicator_id | area_code | value | comparator_value | lower | upper | lower_998 | upper_998 | adjusted_lower | adjusted_upper | phi | tau2
            crime_rate   | F1        | 25    | 20               | {shown[0]} | - | - | - | -
            crime_rate   | F2        | 22.5  | 20               | {shown[1]} | - | - | - | -
            renters      | F1        | 32.5  | 25               | {shown[2]} | - | - | - | -
            """,
        )

    def test_only_the_newest_figures_are_drawn_and_those_that_can_be(self, warehouse, drawn):
        """Not the place itself, nor counts, estimates, gaps, or shares above their whole."""
        drawn(
            """
            crime_rate | place | P  | 2025 | 115 | 5000 | -
            crime_rate | forum | F1 | 2025 | 25  | 1000 | 20
            crime_rate | forum | F1 | 2024 | 25  | 1000 | 20
            crime_rate | forum | F2 | 2025 | 25  | 0    | 20
            crime_rate | forum | F3 | 2025 | -   | 1000 | 20
            renters    | forum | F1 | 2024 | 130 | 400  | 25
            renters    | forum | F2 | 2024 | 401 | 400  | 25
            renters    | ward  | W1 | 2024 | 130 | 400  | 100.5
            homes      | forum | F1 | 2025 | 400 | -    | 5000
            fuel       | forum | F1 | 2025 | 130 | 400  | 25
            """,
            """
            indicator_id | area_kind | area_code | period
            crime_rate   | forum     | F1        | 2025
            renters      | forum     | F1        | 2024
            """,
        )

    def kinds(self, spread):
        """Twelve forums as chance has them, and twelve wards that differ by ``spread`` as well."""
        draw = np.random.default_rng(12)
        people = draw.integers(2_000, 9_000, (2, 12))
        truly = 20 * np.exp(np.array([[0.0], [spread]]) * draw.normal(size=12))
        counts = draw.poisson(people * truly / 1000)
        return people, counts

    def test_where_areas_of_a_kind_differ_beyond_chance_their_limits_are_wider(
        self, warehouse, cells
    ):
        """Each kind by what its own areas differ by."""
        people, counts = self.kinds(spread=0.4)
        rows = "".join(
            f"crime_rate | {kind} | A{n} | 2025 | {counts[k, n]} | {people[k, n]} | 20\n"
            for n in range(12)
            for k, kind in enumerate(("forum", "ward"))
        )
        cells(HEAD + rows)
        warehouse.judge()
        for k, kind in enumerate(("forum", "ward")):
            found = warehouse.con.sql(
                "select value, lower, upper, adjusted_lower, adjusted_upper, phi, tau2"
                f" from evidence.funnels where area_kind = '{kind}' order by area_code[2:]::int"
            ).fetchnumpy()
            scores = statistics.funnel_scores(counts[k], people[k], 20, "rate", 1000)
            wanted = statistics.overdispersion(*scores)
            limits = statistics.funnel(20, people[k], "rate", 1000, wanted)
            assert found["value"] == pytest.approx(counts[k] / people[k] * 1000, abs=1e-6)
            assert found["phi"] == pytest.approx(np.full(12, wanted.phi), abs=1e-6)
            assert found["tau2"] == pytest.approx(np.full(12, wanted.tau2), abs=1e-6)
            assert found["adjusted_lower"] == pytest.approx(limits.lower, abs=1e-6)
            assert found["adjusted_upper"] == pytest.approx(limits.upper, abs=1e-6)
            out = ((found["value"] < found["lower"]) | (found["value"] > found["upper"])).sum()
            assert (out > 4) == (kind == "ward")
            wider = found["adjusted_upper"] - found["upper"]
            assert (wider > 1).all() if kind == "ward" else (wider < 1).all()

    @pytest.mark.parametrize("areas", [0, 2, 12])
    def test_the_table_has_one_shape_whatever_it_holds(self, empty_tables, warehouse, cells, areas):
        """Where nothing is known of a column it is still one of numbers."""
        expected = list(map(str, empty_tables.table("evidence.funnels").types))
        rows = "".join(f"crime_rate|forum|F{n}|2025|{20 + n}|1000|20\n" for n in range(areas))
        cells(HEAD + rows + "homes | forum | F1 | 2025 | 400 | - | 5000")
        warehouse.judge()
        made = warehouse.con.table("evidence.funnels")
        assert len(made) == areas
        assert list(map(str, made.types)) == expected


class TestDispersions:
    """Six forums over twelve months; of each month's crimes every forum has its usual share."""

    @pytest.fixture(autouse=True)
    def place(self, warehouse):
        forums = "".join(f"forum | '' | F{n}\n" for n in range(6))
        warehouse.given("geo.areas", f"area_kind | edition | area_code\n{forums}place | '' | P")
        covered = "".join(f"police_crime | 2025-{month:02}-01\n" for month in range(1, 13))
        warehouse.given("core.coverage", f"source | month\n{covered}price_paid | 2026-01-01")

    def given(self, warehouse, counts):
        rows = "".join(
            f"police_crime | burglary | 2025-{month:02}-01 | forum | F{n} | {counts[n, month - 1]}\n"
            for n in range(6)
            for month in range(1, 13)
            if counts[n, month - 1] > 0
        )
        warehouse.given(
            "core.monthly_events",
            f"source | measure | month | area_kind | area_code|bricks\n{rows}",
        )

    def found(self, warehouse):
        warehouse.con.execute("drop table evidence.dispersions")
        others.dispersions(warehouse.con)
        return warehouse.con.sql(
            "select areas, months, own_dispersion from evidence.dispersions"
            " where area_kind = 'forum' and measure = 'burglary'"
        ).fetchone()

    def by_hand(self, counts):
        """Pearson's statistic over its degrees of freedom, never below that of chance."""
        chi2 = stats.contingency.chi2_contingency(counts, correction=False).statistic
        return max(chi2 / ((counts.shape[0] - 1) * (counts.shape[1] - 1)), 1.0)

    def test_counts_that_vary_three_times_as_much_as_chance_are_found_out(self, warehouse):
        mean = np.full((6, 12), 60.0)
        counts = np.random.default_rng(3).negative_binomial(mean / 2, 1 / 3)
        self.given(warehouse, counts)
        areas, months, dispersion = self.found(warehouse)
        assert (areas, months) == (6, 12)
        assert dispersion == pytest.approx(self.by_hand(counts), rel=1e-9)
        assert 2 < dispersion < 4.5

    def test_a_season_that_all_share_and_a_level_of_their_own_are_no_dispersion(self, warehouse):
        usual, season = np.array([10, 20, 40, 60, 80, 100]), np.linspace(1, 3, 12)
        self.given(warehouse, np.round(np.outer(usual, season)).astype(int))
        assert self.found(warehouse) == (6, 12, 1)

    def test_a_month_with_no_crime_is_a_zero_and_a_silent_month_is_left_out(self, warehouse):
        """F0 had none in March; of April nothing is known there, and nobody's April is looked at."""
        counts = np.random.default_rng(4).poisson(30, (6, 12))
        counts[0, [2, 3]] = 0
        self.given(warehouse, counts)
        *_, as_zeros = self.found(warehouse)
        assert as_zeros == pytest.approx(self.by_hand(counts), rel=1e-9)
        warehouse.given(
            "core.silent_months",
            "source | month | area_kind | area_code\npolice_crime | 2025-04-01 | forum | F0",
        )
        *_, told = self.found(warehouse)
        assert told == pytest.approx(self.by_hand(np.delete(counts, 3, axis=1)), rel=1e-9)

    def test_one_area_has_nobody_to_differ_from_and_takes_the_widest_of_other_kinds(
        self, warehouse
    ):
        """Wards vary twice as much as chance, or more; of robbery no kind tells anything."""
        warehouse.given(
            "catalogue.indicators",
            "indicator_id|source|source_rows|measure\nrobbery|police_crime|events|robbery",
        )
        warehouse.given("geo.areas", "area_kind | area_code\nward | W1\nward | W2\nward | W3")
        self.given(warehouse, np.full((6, 12), 60))
        rows = "".join(
            f"police_crime | burglary | 2025-{month:02}-01 | ward | W{n} | {60 + 15 * sign}\n"
            for n, signs in ((1, (1, -1)), (2, (-1, 1)), (3, (0, 0)))
            for month in range(1, 13)
            for sign in (signs[month % 2],)
        )
        warehouse.given(
            "core.monthly_events",
            f"source | measure | month | area_kind | area_code|bricks\n{rows}",
        )
        self.found(warehouse)
        wards = np.array([[75, 45] * 6, [45, 75] * 6, [60, 60] * 6])
        wider = self.by_hand(wards)
        assert wider > 2
        warehouse.holds(
            "evidence.dispersions",
            f"""
            source       | measure  | area_kind | edition | areas | months | own_dispersion | dispersion
            police_crime | burglary | forum     | ''      | 6     | 12     | 1              | 1
            police_crime | burglary | ward      | ''      | 3     | 12     | {wider:.9f}    | {wider:.9f}
            police_crime | burglary | place     | ''      | 1     | 12     | -              | {wider:.9f}
            police_crime | robbery  | forum     | ''      | 6     | 12     | -              | -
            police_crime | robbery  | ward      | ''      | 3     | 12     | -              | -
            police_crime | robbery  | place     | ''      | 1     | 12     | -              | -
            """,
        )

    def test_only_recorded_crime_is_looked_at(self, warehouse):
        warehouse.con.execute("delete from catalogue.indicators where source = 'police_crime'")
        warehouse.given(
            "catalogue.indicators",
            "indicator_id | source | source_rows | measure\nsales | price_paid | events | sales",
        )
        assert self.found(warehouse) is None
