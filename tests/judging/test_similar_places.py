"""Similar places: ten groups as large as the locality, the most alike first, and none of its own."""

import math
import random
from statistics import fmean, pstdev

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows.judging import peers

POSITIONS = (1, 2, 5, 8)


class Ground:
    """A made-up ground: small areas on a crooked grid, a kilometre or so apart, each with its
    people and shares of four features. ``codes`` in order of code."""

    def __init__(self, seed: int, number: int = 42, outside: int = 6):
        draw = random.Random(seed)
        self.codes = [f"L{n:02}" for n in range(number)]
        self.at, self.people, self.counted, self.inside = {}, {}, {}, {}
        for n, code in enumerate(self.codes):
            jitter = [draw.uniform(0, 400) for _ in range(2)]
            self.at[code] = (1000 * (n % 7) + jitter[0], 1000 * (n // 7) + jitter[1])
            self.people[code] = draw.randint(900, 2600)
            self.counted[code] = [draw.randint(0, self.people[code]) for _ in POSITIONS]
            self.inside[code] = n < number - outside

    def put(self, warehouse, localities, order=None):
        """Into the warehouse, rows in any order; ``localities``: code -> small areas."""
        shuffled = order or (lambda rows: rows)
        bricks = [("forum", area, code) for area, held in localities.items() for code in held]
        features = [
            (position, f"feature {position}", code, number, self.people[code])
            for code in self.codes
            for position, number in zip(POSITIONS, self.counted[code], strict=True)
        ]
        areas = [(code, *self.at[code], self.inside[code]) for code in self.codes]
        for table, columns, rows in (
            (
                "core.small_areas",
                "small_area_code, centroid_easting, centroid_northing, in_place",
                areas,
            ),
            (
                "core.small_area_features",
                "position, feature, small_area_code, numerator, denominator",
                features,
            ),
            ("core.bricks", "area_kind, area_code, small_area_code", bricks),
        ):
            values = ", ".join(str(row) for row in shuffled(rows))
            warehouse.con.execute(f"insert into {table} ({columns}) values {values}")


def find(warehouse):
    """(coverage, area) -> (distance, small areas with the centre first) of its peers in order."""
    warehouse.con.execute("drop table evidence.peer_members")
    peers.find(warehouse.con)
    found = {}
    rows = warehouse.con.sql(
        "select coverage, area_code, peer, any_value(distance), count(distinct distance),"
        " list(small_area_code order by is_centre desc, small_area_code),"
        " count(*) filter (is_centre)"
        " from evidence.peer_members group by all order by coverage, area_code, peer"
    ).fetchall()
    for coverage, area, peer, distance, distances, members, centres in rows:
        there = found.setdefault((coverage, area), [])
        assert (distances, centres, peer) == (1, 1, len(there) + 1)
        there.append((distance, members))
    return found


def by_hand(ground, localities, coverage):
    """The same, one small area at a time."""
    known = [c for c in ground.codes if coverage == "whole" or ground.inside[c]]

    def nearest(code, among, number):
        return sorted(among, key=lambda c: math.dist(ground.at[code], ground.at[c]))[:number]

    def density(code):
        around = nearest(code, ground.codes, 7)
        reach = max(math.dist(ground.at[code], ground.at[c]) for c in around)
        return math.log10(sum(ground.people[c] for c in around) / (math.pi * reach**2 / 10_000))

    dense = {code: density(code) for code in ground.codes}

    def told(members):
        people = sum(ground.people[c] for c in members)
        shares = [sum(ground.counted[c][f] for c in members) / people for f in range(4)]
        return [*shares, sum(dense[c] * ground.people[c] for c in members) / people]

    for area, held in sorted(localities.items()):
        if not set(held) <= set(known):
            continue
        groups = {code: nearest(code, known, len(held)) for code in known}
        columns = list(zip(*(told(members) for members in groups.values()), strict=True))
        spread = [(fmean(column), pstdev(column)) for column in columns]

        def apart(members, own=held, spread=spread):
            pairs = zip(told(members), told(own), spread, strict=True)
            return math.sqrt(sum(((a - b) / s) ** 2 for a, b, (_, s) in pairs))

        taken, alike = set(held), []
        for code in sorted(groups, key=lambda c: (round(apart(groups[c]), 9), c)):
            if taken.isdisjoint(groups[code]) and len(alike) < 10:
                alike.append((apart(groups[code]), [code, *sorted(set(groups[code]) - {code})]))
                taken |= set(groups[code])
        yield (coverage, area), alike


LOCALITIES = {
    "F1": ["L00"],
    "F2": ["L08", "L09"],
    "F3": ["L03", "L04", "L10"],
    "F4": ["L20", "L21", "L27", "L28"],
    "OUT": ["L35", "L36"],  # half of it beyond the place
}


class TestTheTenMostAlike:
    @pytest.mark.parametrize("seed", [1, 2, 3])
    def test_they_are_those_that_a_person_would_find_with_a_pencil(self, warehouse, seed):
        ground = Ground(seed)
        ground.put(warehouse, LOCALITIES)
        found = find(warehouse)
        wanted = dict(by_hand(ground, LOCALITIES, "whole"))
        wanted |= dict(by_hand(ground, LOCALITIES, "place"))
        assert found.keys() == {key for key, alike in wanted.items() if alike}
        for key, alike in found.items():
            assert [members for _, members in alike] == [m for _, m in wanted[key]], key
            assert [d for d, _ in alike] == pytest.approx([d for d, _ in wanted[key]], abs=1e-8)

    @settings(
        max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )
    @given(seed=st.integers(0, 10**6), size=st.integers(1, 8), shuffle=st.randoms())
    def test_of_any_ground(self, warehouse, seed, size, shuffle):
        """At most ten, the nearest first; none is the locality, shares a small area with it or with
        another that is chosen, or is smaller; however the rows are shuffled."""
        ground = Ground(seed, number=30)
        held = random.Random(seed).sample(ground.codes[:24], size)
        answers = []
        for order in (None, lambda rows: shuffle.sample(rows, len(rows))):
            warehouse.con.rollback()
            warehouse.con.begin()
            ground.put(warehouse, {"F1": held}, order)
            answers.append(find(warehouse))
        assert answers[0] == answers[1]
        for coverage, room in (("whole", 30), ("place", 24)):
            alike = answers[0].get((coverage, "F1"), [])
            assert len(alike) <= min(10, (room - size) // size)
            distances = [distance for distance, _ in alike]
            assert distances == sorted(distances) and all(d >= 0 for d in distances)
            members = [code for _, group in alike for code in group]
            assert {len(group) for _, group in alike} <= {size}
            assert len(set(members)) == len(members) and not set(members) & set(held)
            if coverage == "place":
                assert all(ground.inside[code] for code in members)

    def test_twins_are_at_no_distance_and_of_equals_the_first_code_comes_first(self, warehouse):
        """All small areas are alike, but L07, which differs in one feature."""
        ground = Ground(1, number=14, outside=0)
        for n, code in enumerate(ground.codes):
            ground.at[code] = (10_000.0 * n, 0.0)
            ground.people[code], ground.counted[code] = 1000, [100, 200, 300, 400]
        ground.counted["L07"] = [101, 200, 300, 400]
        warehouse.given("core.small_areas", "small_area_code | in_place\nNOWHERE | true")
        ground.put(warehouse, {"F1": ["L03"]})
        # a small area at either end has its neighbours on one side: it is less densely lived in
        alike = find(warehouse)["whole", "F1"]
        assert [distance for distance, _ in alike[:6]] == [0] * 6
        assert [code for _, (code,) in alike] == [
            "L04",
            "L05",
            "L06",
            "L08",
            "L09",
            "L10",
            "L02",
            "L11",
            "L01",
            "L12",
        ]

    def test_what_is_alike_everywhere_tells_nothing(self, warehouse):
        """The same answer with a score more, of 0.1 everywhere, though sums of it are not exact."""
        answers = []
        for constant in (False, True):
            warehouse.con.rollback()
            warehouse.con.begin()
            Ground(5).put(warehouse, LOCALITIES)
            if constant:
                warehouse.con.execute(
                    "insert into core.small_area_features select 9, 'same', small_area_code,"
                    " denominator * 0.1, denominator from core.small_area_features"
                    " where position = 1"
                )
            answers.append(find(warehouse))
        assert answers[0] == answers[1]

    def test_a_unit_of_a_feature_makes_no_difference(self, warehouse):
        """Ten times the score, in other units: distances are of what is standardised."""
        answers = []
        for times in (1, 10):
            warehouse.con.rollback()
            warehouse.con.begin()
            Ground(6).put(warehouse, LOCALITIES)
            warehouse.con.execute(
                "update core.small_area_features set numerator = numerator * ? where position = 8",
                [times],
            )
            answers.append(find(warehouse))
        assert [m for alike in answers[0].values() for _, m in alike] == [
            m for alike in answers[1].values() for _, m in alike
        ]


class TestWhereTooLittleIsKnown:
    def count(self, warehouse):
        return {key: len(alike) for key, alike in find(warehouse).items()}

    def test_by_fewer_than_three_features_nothing_is_called_alike(self, warehouse):
        Ground(1).put(warehouse, LOCALITIES)
        warehouse.con.execute("delete from core.small_area_features where position = 1")
        assert self.count(warehouse)["whole", "F1"] == 10
        warehouse.con.execute("delete from core.small_area_features where position = 2")
        assert find(warehouse) == {}

    def test_a_feature_that_a_small_area_of_the_place_lacks_is_not_looked_at(self, warehouse):
        """Three are left; one less, and nothing is called alike."""
        Ground(1).put(warehouse, LOCALITIES)
        without = "delete from core.small_area_features where small_area_code = 'L02' and position"
        warehouse.con.execute(f"{without} = 1")
        assert self.count(warehouse)["whole", "F1"] == 10
        warehouse.con.execute(f"{without} = 2")
        assert find(warehouse) == {}

    def test_a_small_area_beyond_the_place_that_lacks_one_is_in_no_group(self, warehouse):
        Ground(1).put(warehouse, LOCALITIES)
        warehouse.con.execute(
            "delete from core.small_area_features where small_area_code >= 'L36' and position = 1"
        )
        found = find(warehouse)
        assert {code for alike in found.values() for _, m in alike for code in m} < set(
            f"L{n:02}" for n in range(36)
        )
        assert ("whole", "OUT") not in found  # half of it is not known
        assert len(found["whole", "F1"]) == 10

    def test_a_locality_that_is_half_of_all_has_no_like(self, warehouse):
        ground = Ground(1, number=20, outside=0)
        ground.put(warehouse, {"F1": ground.codes[:10], "F2": ground.codes[:11]})
        found = find(warehouse)
        assert ("whole", "F2") not in found
        assert all(len(alike) == 1 for alike in found.values())

    def test_the_whole_place_is_like_none_of_its_parts(self, warehouse):
        Ground(1).put(warehouse, {"F1": ["L00"]})
        warehouse.given("core.bricks", "area_kind | area_code | small_area_code\nplace | P | L01")
        assert {area for _, area in find(warehouse)} == {"F1"}

    def test_without_any_small_area_there_is_an_empty_table(self, warehouse):
        assert find(warehouse) == {}
        assert warehouse.con.table("evidence.peer_members").columns[-1] == "is_centre"
