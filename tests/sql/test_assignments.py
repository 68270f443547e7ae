"""Editions, moved edges and other rules: what an area's figure would be, were it drawn otherwise."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

DECLARED, IN, OUT = "declared", "50 m in", "50 m out"


class TestAreaEvents:
    @pytest.fixture(autouse=True)
    def burglaries(self, warehouse):
        warehouse.given(
            "catalogue.indicators",
            """
            source       | source_rows | measure  | period_rule
            police_crime | events      | burglary | month
            """,
        )
        warehouse.given(
            "core.measure_columns",
            """
            source       | file | publisher_column | measure
            police_crime | ''   | Burglary         | burglary
            """,
        )

    def given(self, warehouse, points, events):
        """``points``: where they lie; ``events``: how many happened at each in each month."""
        warehouse.given("geo.point_areas", points)
        warehouse.given("core.event_counts", events)
        warehouse.con.execute("update core.event_counts set source = 'police_crime'")
        warehouse.con.execute("update core.event_counts set kind = 'Burglary'")

    def months(self, warehouse, *rows):
        columns = "period | month | period_start | period_end\n"
        warehouse.given("core.windows", columns + "\n".join(rows))
        warehouse.con.execute("update core.windows set source = 'police_crime'")
        warehouse.con.execute("update core.windows set period_rule = 'month'")

    def january(self, warehouse):
        self.months(warehouse, "2026-01 | 2026-01-01 | 2026-01-01 | 2026-01-31")

    def test_a_moved_edge_loses_what_lies_near_it_within_and_gains_what_lies_near_beyond(
        self, warehouse
    ):
        """Point 1 lies deep in F1, 2 just within its edge to F2, and 3 far from both."""
        self.january(warehouse)
        warehouse.given("geo.areas", "area_kind | area_code\nforum | F1\nforum | F2")
        self.given(
            warehouse,
            """
            point_id | area_kind | area_code | by_edge | near_edge | by_small_area | near_small_area
            1        | forum     | F1        | true    | false     | true          | false
            2        | forum     | F1        | true    | true      | true          | true
            2        | forum     | F2        | false   | true      | false         | true
            """,
            """
            month      | point_id | events
            2026-01-01 | 1        | 2
            2026-01-01 | 2        | 7
            2026-01-01 | 3        | 90
            """,
        )
        warehouse.build("core.monthly_events")
        warehouse.expect(
            "core.area_events",
            """
            area_code | assignment | events | events_in_small_areas | residents_by
            F1        | declared   | 9      | 9                     | declared
            F1        | 50 m in    | 2      | 2                     | declared
            F1        | 50 m out   | 9      | 9                     | declared
            F2        | declared   | 0      | 0                     | declared
            F2        | 50 m in    | 0      | 0                     | declared
            F2        | 50 m out   | 7      | 7                     | declared
            """,
        )

    def test_the_edge_of_an_area_and_that_of_its_small_areas_are_moved_each_for_itself(
        self, warehouse
    ):
        """A town takes whole small areas for its rates, and has an edge of its own for its counts."""
        self.january(warehouse)
        warehouse.given("geo.areas", "area_kind | area_code\ntown | T1")
        self.given(
            warehouse,
            """
            point_id | area_kind | area_code | by_edge | near_edge | by_small_area | near_small_area
            1        | town      | T1        | true    | true      | true          | false
            2        | town      | T1        | true    | false     | false         | true
            3        | town      | T1        | false   | true      | true          | true
            4        | town      | T1        | false   | false     | true          | false
            """,
            """
            month      | point_id | events
            2026-01-01 | 1        | 1
            2026-01-01 | 2        | 10
            2026-01-01 | 3        | 100
            2026-01-01 | 4        | 1000
            """,
        )
        warehouse.build("core.monthly_events")
        warehouse.expect(
            "core.area_events",
            """
            area_code | assignment | events | events_in_small_areas
            T1        | declared   | 11     | 1101
            T1        | 50 m in    | 10     | 1001
            T1        | 50 m out   | 111    | 1111
            """,
        )

    def test_where_residents_are_shared_by_another_rule_the_events_are_those_in_its_own_edge(
        self, warehouse
    ):
        """Of the forum no other rule is known: a list means what it says."""
        self.january(warehouse)
        warehouse.given("geo.areas", "area_kind | area_code\ntown | T1\nforum | F1")
        warehouse.given(
            "geo.area_weights",
            """
            area_kind | area_code | small_area_code | assignment
            town      | T1        | L1              | declared
            town      | T1        | L1              | area_share
            town      | T1        | L2              | area_share
            forum     | F1        | L1              | declared
            """,
        )
        self.given(
            warehouse,
            """
            point_id | area_kind | area_code | by_edge | by_small_area
            1        | town      | T1        | true    | false
            2        | town      | T1        | false   | true
            1        | forum     | F1        | true    | true
            """,
            """
            month      | point_id | events
            2026-01-01 | 1        | 5
            2026-01-01 | 2        | 30
            """,
        )
        warehouse.build("core.monthly_events")
        warehouse.expect(
            "core.area_events",
            """
            area_code | assignment | residents_by | events | events_in_small_areas
            T1        | declared   | declared     | 5      | 30
            T1        | area_share | area_share   | 5      | 5
            F1        | declared   | declared     | 5      | 5
            """,
            only="assignment not in ('50 m in', '50 m out')",
        )

    def test_a_month_is_counted_on_the_edition_in_force_at_its_end_and_on_no_other(self, warehouse):
        """The ward W1 moved from point 1 to point 2 on the last day of January; W2 was given up."""
        self.months(
            warehouse,
            "2026-01 | 2026-01-01 | 2026-01-01 | 2026-01-31",
            "2026-02 | 2026-02-01 | 2026-02-01 | 2026-02-28",
            "both    | 2026-01-01 | 2026-01-01 | 2026-02-28",
            "both    | 2026-02-01 | 2026-01-01 | 2026-02-28",
        )
        warehouse.given(
            "geo.areas",
            """
            area_kind | edition | area_code | in_force_from | in_force_to
            ward      | 2008    | W1        | 2008-05-01    | 2026-01-31
            ward      | 2008    | W2        | 2008-05-01    | 2026-01-31
            ward      | 2026    | W1        | 2026-02-01    | 9999-12-31
            """,
        )
        warehouse.given(
            "geo.area_weights",
            """
            area_kind | edition | area_code | small_area_code | assignment
            ward      | 2008    | W1        | L1              | area_share
            """,
        )
        self.given(
            warehouse,
            """
            point_id | area_kind | edition | area_code
            1        | ward      | 2008    | W1
            2        | ward      | 2008    | W2
            2        | ward      | 2026    | W1
            """,
            """
            month      | point_id | events
            2026-01-01 | 1        | 2
            2026-01-01 | 2        | 30
            2026-02-01 | 1        | 500
            2026-02-01 | 2        | 7000
            """,
        )
        warehouse.build("core.monthly_events")
        warehouse.expect(
            "core.area_events",
            """
            period  | edition | area_code | assignment | events
            2026-01 | 2008    | W1        | declared   | 2
            2026-01 | 2008    | W1        | area_share | 2
            2026-01 | 2008    | W2        | declared   | 30
            2026-01 | 2008    | W2        | area_share | 30
            2026-02 | 2026    | W1        | declared   | 7000
            both    | 2026    | W1        | declared   | 7030
            """,
            only="assignment not in ('50 m in', '50 m out')",
        )


class TestAgreement:
    """Small areas K1, S1 and S2 lie in the place, each with one point of the same number (1, 2, 3);
    S1 and S2 were OLD_S in 2011. Point 4 lies beyond the place, and 5 in no small area.
    """

    @pytest.fixture(autouse=True)
    def place(self, warehouse):
        warehouse.given(
            "core.points", "point_id | x | y | crs\n" + "\n".join(f"{n}|{n}|0|m" for n in range(6))
        )
        warehouse.given(
            "geo.point_small_areas",
            """
            point_id | small_area_code
            1        | K1
            2        | S1
            3        | S2
            4        | FAR
            """,
        )
        warehouse.given(
            "core.small_areas",
            """
            small_area_code | in_place | in_reach
            K1              | true     | true
            S1              | true     | true
            S2              | true     | true
            FAR             | false    | true
            """,
        )
        warehouse.given(
            "core.small_area_changes",
            """
            code_2011 | code_2021 | change
            K1        | K1        | U
            OLD_S     | S1        | S
            OLD_S     | S2        | S
            """,
        )

    def given(self, warehouse, *rows):
        """Rows of: month, the code that the police wrote, the point, how often."""
        crimes = [
            f"2026-{month:02d}-01 | {code} | {point} | {'-' if point == '-' else 0} | m"
            for month, code, point, times in rows
            for _ in range(times)
        ]
        warehouse.given(
            "core.located_events", "month | lsoa_code | x | y | crs\n" + "\n".join(crimes)
        )

    def test_a_code_of_2021_agrees_where_its_point_lies_in_that_small_area(self, warehouse):
        self.given(warehouse, (1, "K1", 1, 1), (1, "S1", 2, 2), (1, "S1", 3, 1))
        warehouse.expect(
            "core.agreement",
            """
            month      | vintage | events | events_agreeing | agreement
            2026-01-01 | 2021    | 4      | 3               | 0.75
            """,
        )

    def test_a_code_of_2011_that_was_split_agrees_with_each_of_its_parts(self, warehouse):
        self.given(
            warehouse, (1, "OLD_S", 2, 2), (1, "OLD_S", 3, 1), (1, "OLD_S", 1, 1), (1, "K1", 1, 1)
        )
        warehouse.expect(
            "core.agreement",
            """
            month      | vintage | events | events_agreeing | agreement
            2026-01-01 | 2011    | 5      | 4               | 0.8
            """,
        )

    def test_the_codes_that_only_one_set_has_tell_which_set_a_month_is_of(self, warehouse):
        """A code of the other set agrees with nothing; codes of both, and a draw, decide nothing."""
        self.given(warehouse, (1, "OLD_S", 2, 2), (1, "S1", 2, 1), (1, "K1", 1, 5))
        self.given(warehouse, (2, "OLD_S", 2, 1), (2, "S1", 2, 2), (2, "K1", 1, 5))
        self.given(warehouse, (3, "K1", 1, 5))
        self.given(warehouse, (4, "OLD_S", 3, 1), (4, "K1", 3, 3))
        self.given(warehouse, (5, "OLD_S", 3, 2), (5, "S2", 3, 2))
        warehouse.expect(
            "core.agreement",
            """
            month      | vintage | events | events_agreeing
            2026-01-01 | 2011    | 8      | 7
            2026-02-01 | 2021    | 8      | 7
            2026-03-01 | 2021    | 5      | 5
            2026-04-01 | 2011    | 4      | 1
            2026-05-01 | 2021    | 4      | 2
            """,
        )

    def test_what_has_no_code_no_point_or_none_in_the_place_is_not_counted(self, warehouse):
        self.given(
            warehouse,
            (1, "K1", 1, 1),
            (1, "-", 1, 1),
            (1, "K1", "-", 1),
            (1, "K1", 4, 1),
            (1, "FAR", 4, 1),
            (1, "K1", 5, 1),
            (2, "-", 1, 9),
        )
        warehouse.expect("core.agreement", "month | events | events_agreeing\n2026-01-01 | 1 | 1")

    def test_a_month_without_any_agreement_is_there_with_nothing(self, warehouse):
        self.given(warehouse, (1, "K1", 3, 2))
        warehouse.expect("core.agreement", "events | events_agreeing | agreement\n2 | 0 | 0")

    def test_a_fall_is_against_the_usual_month_of_the_same_set_of_codes(self, warehouse):
        """The middle one of three months; a month of 2011 codes is compared with its like only."""
        for month, agreeing in ((1, 10), (2, 9), (3, 5)):
            self.given(warehouse, (month, "K1", 1, agreeing), (month, "K1", 2, 10 - agreeing))
        self.given(warehouse, (4, "OLD_S", 2, 4), (4, "OLD_S", 1, 1))
        warehouse.expect(
            "core.agreement",
            """
            month      | vintage | agreement | usual_agreement | fall
            2026-01-01 | 2021    | 1         | 0.9             | -0.1
            2026-02-01 | 2021    | 0.9       | 0.9             | 0
            2026-03-01 | 2021    | 0.5       | 0.9             | 0.4
            2026-04-01 | 2011    | 0.8       | 0.8             | 0
            """,
        )


# The range contains every rule's value ---------------------------------------------------------

SMALL_AREAS, AREAS = ("L1", "L2", "L3"), ("T1", "T2")
OTHERS = ("area_share", "population_share")
shares = st.integers(0, 8).map(lambda eighths: eighths / 8)
weights = st.dictionaries(
    st.tuples(st.sampled_from(AREAS), st.sampled_from(SMALL_AREAS)),
    st.tuples(shares, shares),  # of people, of households
)
flags = st.tuples(*[st.booleans()] * 4)  # by edge, near edge, by small area, near small area
located = st.dictionaries(st.tuples(st.integers(0, 3), st.sampled_from(AREAS)), flags)


def judged(rules, points, events, people, homes):
    """Every value of each area, declared first, worked out one by one."""

    def total(area, rule, counted, which):
        mine = {b: w[which] for (a, b), w in rules[rule].items() if a == area}
        if not mine or any(counted[b] is None for b in mine):
            return None
        return sum(counted[b] * share for b, share in mine.items())

    def count(area, inside):
        return sum(events[p] for (p, a), f in points.items() if a == area and inside(*f))

    def rate(number, base):
        return None if not base else number / base * 1000

    own_edge = {
        DECLARED: lambda by, near, _, __: by,
        IN: lambda by, near, _, __: by and not near,
        OUT: lambda by, near, _, __: by or near,
    }
    bricks = {
        DECLARED: lambda _, __, by, near: by,
        IN: lambda _, __, by, near: by and not near,
        OUT: lambda _, __, by, near: by or near,
    }
    for area in AREAS:
        residents = {rule: total(area, rule, people, 0) for rule in rules}
        yield "crimes", area, [count(area, inside) for inside in own_edge.values()]
        rates = [rate(count(area, inside), residents[DECLARED]) for inside in bricks.values()]
        in_edge = count(area, own_edge[DECLARED])
        yield "crime_rate", area, rates + [rate(in_edge, residents[r]) for r in OTHERS]
        yield "homes", area, [total(area, rule, homes, 1) for rule in (DECLARED, *OTHERS)]


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    rules=st.fixed_dictionaries({DECLARED: weights} | dict.fromkeys(OTHERS, weights)),
    points=located,
    events=st.lists(st.integers(0, 50), min_size=4, max_size=4),
    people=st.fixed_dictionaries(dict.fromkeys(SMALL_AREAS, st.none() | st.integers(0, 2000))),
    homes=st.fixed_dictionaries(dict.fromkeys(SMALL_AREAS, st.integers(0, 900))),
)
def test_a_range_contains_what_every_rule_and_edge_would_make(
    warehouse, rules, points, events, people, homes
):
    warehouse.con.rollback()
    warehouse.con.begin()
    fill(warehouse, rules, points, events, people, homes)
    warehouse.build(
        "core.monthly_events",
        "core.area_events",
        "core.area_totals",
        "core.bricks",
        "evidence.denominator_periods",
        "evidence.denominators",
        "evidence.indicator_values",
        "evidence.cells",
    )
    found = warehouse.con.sql(
        "select indicator_id, area_code, value, assignment_low, assignment_high"
        " from evidence.cells where period is not null"
    ).fetchall()
    made = {(indicator, area): figures for indicator, area, *figures in found}
    for indicator, area, (declared, *other) in judged(rules, points, events, people, homes):
        known = [v for v in (declared, *other) if v is not None]
        wanted = None if declared is None else (declared, min(known), max(known))
        value, low, high = made.get((indicator, area), (None, None, None))
        if wanted is None:
            assert (value, low, high) == (None, None, None)
        else:
            assert (value, low, high) == pytest.approx(wanted, rel=1e-9)
            assert low <= value <= high


def fill(warehouse, rules, points, events, people, homes):
    """Two towns, one month and one census day."""

    def table(name, columns, rows):
        shown = ["|".join("-" if v is None else str(v) for v in row) for row in rows]
        warehouse.given(name, f"{columns}\n" + "\n".join(shown))

    table("catalogue.place", "place_code | place_name", [("P", "Exampleshire")])
    table("catalogue.sources", "source | label", [("population", "Estimates")])
    table("catalogue.indicator_area_kinds", "indicator_id | area_kind", [])
    table(
        "catalogue.indicators",
        "indicator_id | source | source_rows | measure | method | per | period_rule"
        " | denominator_source | denominator_measure",
        [
            ("crimes", "police", "events", "all", "count", 1, "month", "police", "''"),
            ("crime_rate", "police", "events", "all", "rate", 1000, "month", "population", "all"),
            ("homes", "census", "observations", "homes", "count", 1, "day", "census", "''"),
        ],
    )
    for indicator in ("crimes", "crime_rate", "homes"):
        table("catalogue.indicator_area_kinds", "indicator_id | area_kind", [(indicator, "town")])
    table("geo.areas", "area_kind | area_code", [("town", area) for area in AREAS])
    table(
        "geo.area_weights",
        "area_kind | area_code | small_area_code | assignment | weight | weight_households",
        [
            ("town", area, brick, rule, *both)
            for rule, pairs in rules.items()
            for (area, brick), both in pairs.items()
        ],
    )
    for rule in OTHERS:  # the kind is shared out by every rule, though one area may be in none
        table(
            "geo.area_weights",
            "area_kind | area_code | small_area_code | assignment",
            [("town", "T9", "L1", rule)],
        )
    table(
        "geo.point_areas",
        "point_id | area_kind | area_code | by_edge | near_edge | by_small_area | near_small_area",
        [(point, "town", area, *told) for (point, area), told in points.items()],
    )
    january = ("2026-01", "2026-01-01", "2026-01-01", "2026-01-31")
    table(
        "core.windows",
        "source | period_rule | period | month | period_start | period_end",
        [("police", "month", *january)],
    )
    table(
        "core.measure_columns",
        "source | file | publisher_column | measure",
        [("police", "''", "Burglary", "all")],
    )
    table(
        "core.event_counts",
        "source | kind | month | point_id | events",
        [("police", "Burglary", "2026-01-01", point, n) for point, n in enumerate(events)],
    )
    day = ("2021", "2021-03-21", "2021-03-21")
    table(
        "core.small_area_values",
        "source | measure | counts | small_area_code | value | period | period_start | period_end",
        [("population", "all", "people", brick, n, *day) for brick, n in people.items()]
        + [("census", "homes", "households", brick, n, *day) for brick, n in homes.items()],
    )


# Sensitive -------------------------------------------------------------------------------------


class TestSensitive:
    def judged(self, warehouse, text):
        """What the hall makes of given cells."""
        warehouse.given("catalogue.indicators", "indicator_id | themes\ncrimes | []\n9 | []")
        warehouse.given("evidence.cells", text)
        warehouse.con.execute("update evidence.cells set method = 'count', polarity = 'low'")
        warehouse.con.execute("update evidence.cells set per = 1, numerator = value")
        warehouse.judge()
        made = warehouse.con.sql(
            "select area_code, sensitive from evidence.judgements order by area_code"
        )
        return dict(made.fetchall())

    def test_a_figure_whose_rank_moves_by_more_than_a_third_of_its_peers_is_marked(self, warehouse):
        """Of six, A may pass two and B three; F may fall behind one."""
        found = self.judged(
            warehouse,
            """
            indicator_id | area_kind | area_code | period | value | assignment_low | assignment_high
            crimes       | forum     | A         | 2025   | 10    | 10             | 35
            crimes       | forum     | B         | 2025   | 20    | 20             | 55
            crimes       | forum     | C         | 2025   | 30    | 30             | 30
            crimes       | forum     | D         | 2025   | 40    | 40             | 40
            crimes       | forum     | E         | 2025   | 50    | 15             | 50
            crimes       | forum     | F         | 2025   | 60    | 45             | 60
            """,
        )
        assert found == {"A": False, "B": True, "C": False, "D": False, "E": True, "F": False}

    def test_where_there_is_no_value_or_no_range_nothing_is_said_and_nobody_is_a_peer(
        self, warehouse
    ):
        """A passes one of three, which is no more than a third. F and G it would pass too."""
        found = self.judged(
            warehouse,
            """
            indicator_id | area_kind | area_code | period | value | assignment_low | assignment_high
            crimes       | forum     | D         | 2025   | -     | -              | -
            crimes       | forum     | E         | -      | -     | -              | -
            crimes       | forum     | A         | 2025   | 10    | 10             | 25
            crimes       | forum     | B         | 2025   | 20    | 20             | 20
            crimes       | forum     | C         | 2025   | 30    | 30             | 30
            crimes       | forum     | F         | 2025   | 21    | -              | -
            crimes       | forum     | G         | 2025   | 22    | -              | -
            """,
        )
        assert found == {
            "A": False, "B": False, "C": False, "D": None, "E": None, "F": None, "G": None,
        }  # fmt: skip

    @pytest.mark.parametrize("apart", ["indicator_id", "area_kind", "edition", "period"])
    def test_peers_are_the_areas_of_one_kind_edition_indicator_and_period(self, warehouse, apart):
        """Among its like A would pass everybody; the other one has none to pass."""
        cell = {
            "indicator_id": "crimes",
            "area_kind": "forum",
            "edition": "2013",
            "period": "2025",
        }
        columns = "area_code | value | assignment_low | assignment_high | " + " | ".join(cell)
        alike, other = " | ".join(cell.values()), " | ".join((cell | {apart: "9"}).values())
        found = self.judged(
            warehouse,
            f"{columns}\nA | 10 | 10 | 45 | {alike}\nB | 20 | 20 | 20 | {alike}"
            f"\nC | 40 | 5 | 40 | {other}",
        )
        assert found == {"A": True, "B": False, "C": False}

    def test_if_no_cell_has_a_range_the_column_is_still_there_and_empty(self, warehouse):
        found = self.judged(
            warehouse,
            "indicator_id | area_kind | area_code | period | value\ncrimes | forum | A | 2025 | 1",
        )
        assert found == {"A": None}
        assert str(warehouse.con.table("evidence.judgements").types[-1]) == "BOOLEAN"

    @settings(
        max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )
    @given(
        cells=st.lists(
            st.lists(st.integers(0, 9), min_size=3, max_size=3).map(sorted),
            min_size=1,
            max_size=9,
        ),
        random=st.randoms(),
    )
    def test_it_is_what_ranking_all_areas_anew_would_say_in_any_order(
        self, warehouse, cells, random
    ):
        warehouse.con.rollback()
        warehouse.con.begin()
        wanted = {}
        for n, (_, value, _) in enumerate(cells):
            others = [v for m, (_, v, _) in enumerate(cells) if m != n]
            places = [sum(other < drawn for other in others) for drawn in cells[n]]
            own = sum(other < value for other in others)
            wanted[f"F{n}"] = max(abs(place - own) for place in places) > len(cells) / 3
        shown = [
            f"crimes|forum|F{n}|2025|{v}|{low}|{high}" for n, (low, v, high) in enumerate(cells)
        ]
        random.shuffle(shown)
        columns = (
            "indicator_id | area_kind | area_code | period | value | assignment_low"
            " | assignment_high\n"
        )
        assert self.judged(warehouse, columns + "\n".join(shown)) == wanted
