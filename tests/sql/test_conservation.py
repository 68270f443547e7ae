"""Nobody is lost and nobody is counted twice on the way from 2011 small areas to localities."""

from decimal import Decimal
from itertools import pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sql import models

QUICK = settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
people = st.integers(1, 4000)
figures = st.decimals(0, 5000, places=6)

kept = st.tuples(st.just("U"), st.tuples(figures), st.tuples(people))
split = st.tuples(st.just("S"), st.tuples(figures), st.lists(people, min_size=2, max_size=5))
merged = st.tuples(st.just("M"), st.lists(figures, min_size=2, max_size=4), st.tuples(people))


def fill(warehouse, changes):
    """Changed small areas with their census and figures; the total, and how many 2021 ones."""
    lookup, census, values = [], [], []
    for n, (change, olds, news) in enumerate(changes):
        lookup += [
            (f"OLD{n}_{o}", f"NEW{n}_{w}", change)
            for o in range(len(olds))
            for w in range(len(news))
        ]
        census += [(f"NEW{n}_{w}", count) for w, count in enumerate(news)]
        values += [(f"OLD{n}_{o}", value) for o, value in enumerate(olds)]
    lookup_rows = [
        f"exact | {n} | {code_2021} | {column} | {text}"
        for n, (code_2011, code_2021, change) in enumerate(lookup)
        for column, text in (("LSOA11CD", code_2011), ("CHGIND", change))
    ]
    warehouse.given(
        "stage.ons_geography",
        "file | row_number | small_area_code | publisher_column | publisher_text\n"
        + "\n".join(lookup_rows),
    )
    everyone = "Disability: Total: All usual residents; measures: Value"
    homes = "Tenure of household: Total: All households; measures: Value"
    warehouse.given(
        "stage.census_2021",
        "file | small_area_code | publisher_column | publisher_value\n"
        + "\n".join(
            f"{file} | {code} | {column} | {count}"
            for code, count in census
            for file, column in (("ts038", everyone), ("ts054", homes))
        ),
    )
    for source in ("ons_geography", "census_2021"):
        warehouse.given_measures(source)
    warehouse.build("core.measure_columns", "core.small_area_changes")
    warehouse.given(
        "core.observations",
        "source | measure | counts | vintage | small_area_code | period | value\n"
        + "\n".join(
            f"s | {counts} | {counts} | 2011 | {code} | 2020 | {value}"
            for code, value in values
            for counts in ("people", "households")
        ),
    )
    return sum((value for _, value in values), Decimal(0)), len(census)


def forget(warehouse):
    """Roll back what the example before put in: hypothesis gives all of them one warehouse."""
    warehouse.con.rollback()
    warehouse.con.begin()


@QUICK
@given(changes=st.lists(st.one_of(kept, split, merged), min_size=1, max_size=6))
def test_sharing_out_keeps_the_total(warehouse, changes):
    """Figures have six decimals: each small area may round by one in the last, no more."""
    forget(warehouse)
    total, small_areas = fill(warehouse, changes)
    made = warehouse.con.sql(models.models()["core.small_area_values"])
    found = dict(made.aggregate("measure, sum(value)").fetchall())
    for measure in ("people", "households"):
        assert abs(found[measure] - total) <= Decimal("0.000001") * small_areas


@QUICK
@given(
    values=st.lists(figures, min_size=1, max_size=8),
    cuts=st.lists(st.integers(0, 10**10), min_size=1, max_size=4),
)
def test_the_areas_of_a_partition_add_up_to_the_whole(warehouse, values, cuts):
    """Every small area is cut into the same random shares, which sum to one."""
    forget(warehouse)
    edges = [0, *sorted(cuts), 10**10]
    shares = [Decimal(b - a) / 10**10 for a, b in pairwise(edges)]
    warehouse.given(
        "catalogue.indicators",
        "source | measure | source_rows\ns | people | observations",
    )
    warehouse.given(
        "core.small_area_values",
        "source | measure | small_area_code | period | value\n"
        + "\n".join(f"s | people | L{n} | 2020 | {v}" for n, v in enumerate(values)),
    )
    warehouse.given(
        "geo.area_weights",
        "area_kind | area_code | small_area_code | weight\n"
        + "\n".join(
            f"forum | F{a} | L{n} | {share:f}"
            for n in range(len(values))
            for a, share in enumerate(shares)
        ),
    )
    made = warehouse.con.sql(models.models()["core.area_totals"])
    (found,) = made.aggregate("sum(total)").fetchone()
    assert abs(found - sum(values)) <= Decimal("0.000001") * len(shares)
