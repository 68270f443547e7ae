"""The tables that the hall makes are as the text tables say: names, order and types."""

import pytest
from texttable import MADE_BY_THE_HALL

from sql import models


def shapes(con, tables):
    return {
        t: list(zip(con.table(t).columns, map(str, con.table(t).types), strict=True))
        for t in tables
    }


@pytest.fixture(scope="module")
def made_by_the_hall():
    """Catalogue and geography as a refresh makes them."""
    import pandas as pd

    from flows import catalogue, localities, staging, warehouse

    book = catalogue.read("exampleshire")
    with models.connect() as con:
        warehouse.load_catalogue(con, book, None, None, {})
        points = pd.DataFrame(
            {"point_id": [1], "area_kind": ["place"], "area_code": ["P"]}
            | {"by_edge": [True], "by_small_area": [True]}
        )
        models.load_rows(con, "catalogue.files", staging.FILE_COLUMNS, [])
        localities._load_geo(con, book, [], [], points, set())
        yield con


@pytest.mark.parametrize("table", [t for t in MADE_BY_THE_HALL if not t.startswith("evidence.")])
def test_a_table_of_the_hall_is_what_the_tests_take_it_for(empty_tables, made_by_the_hall, table):
    assert shapes(made_by_the_hall, [table]) == shapes(empty_tables.cursor(), [table])


def test_the_intervals_are_what_the_tests_take_them_for(empty_tables, warehouse):
    from flows.warehouse import judge

    expected = shapes(empty_tables, ["evidence.intervals"])
    warehouse.given(
        "catalogue.indicators",
        """
        indicator_id | source | source_rows | measure | method | per | polarity | period_rule
        crimes       | police | events      | all     | count  | 1   | low      | month
        """,
    )
    warehouse.given("catalogue.indicator_area_kinds", "indicator_id | area_kind\ncrimes | forum")
    warehouse.given("catalogue.place", "place_code | place_name\nP | Exampleshire")
    warehouse.given(
        "core.area_events",
        """
        source | measure | period_rule | period  | area_kind | area_code | events
        police | all     | month       | 2026-01 | forum     | F1        | 4
        police | all     | month       | 2026-01 | forum     | F2        | 0
        """,
    )
    warehouse.build("evidence.indicator_values")
    for table in ("evidence.intervals", "evidence.cells"):
        warehouse.con.execute(f"drop table {table}")
    judge(warehouse.con)
    assert shapes(warehouse.con, ["evidence.intervals"]) == expected
    assert len(warehouse.con.table("evidence.intervals")) == 2
