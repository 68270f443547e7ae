"""The tables that the hall makes are as the text tables say: names, order and types."""

from datetime import date

import pytest
from texttable import JUDGED, MADE_BY_THE_HALL, read, write

from sql import models


def shapes(con, tables):
    return {
        t: list(zip(con.table(t).columns, map(str, con.table(t).types), strict=True))
        for t in tables
    }


@pytest.fixture(scope="module")
def made_by_the_hall():
    """Catalogue and geography as a refresh makes them, of one forum with one small area and one
    point; half of a second small area is in the town, and a hill has an edge of its own.
    """
    import geopandas as gpd
    import numpy as np
    import pandas as pd
    from shapely import box

    from flows import catalogue, changes, kinds, localities, places, staging, warehouse
    from geo import areas, points, weights

    book = catalogue.read("exampleshire")
    squares = gpd.GeoDataFrame(
        {"area_code": ["L1", "L2"]},
        geometry=[box(0, 0, 1000, 1000), box(1000, 0, 2000, 1000)],
        crs=areas.METRES,
    )
    forum = areas.Kind("community_forum_area", "2013", {"F1": "First"}, {"F1": [areas.Part("L1")]})
    part = areas.Part("L2", 0.5, 0.5, 0.5)
    town = areas.Kind("town", "", {"T1": "Market"}, {"T1": [areas.Part("L1"), part]})
    edge = {"area_code": ["N1"], "area_name": ["Hill"], "geometry": [box(0, 0, 900, 900)]}
    polygons = gpd.GeoDataFrame(edge, crs=areas.METRES)
    hill = areas.Kind("priority_neighbourhood", "", {"N1": "Hill"}, polygons=polygons)
    east, north, homes = np.array([500.0]), np.array([500.0]), np.array([0])
    shares, located = [], []
    for kind in (forum, town):
        same = {"area_kind": kind.id, "edition": kind.edition}
        pairs = points.point_areas(kind, kind, east, north, homes, squares)
        shares.append(weights.small_area_weights(kind, squares, {}).assign(**same))
        located.append(pairs.assign(point_id=pairs["point"] + 1, **same))
    spec = {kind.id: kind for kind in book.place.area_kinds}
    edition = places.Edition(id="2013")
    used = {
        (forum.id, "2013"): kinds.Chosen(spec[forum.id], edition, date(2013, 4, 1), date.max),
    }
    used |= {
        (kind.id, ""): kinds.Chosen(spec[kind.id], spec[kind.id].editions[0], *places.EVER)
        for kind in (hill, town)
    }
    at_home = pd.DataFrame({"point_id": [1], "code": ["L1"]})
    with models.connect() as con:
        warehouse.load_catalogue(con, book, None, None, {})
        changes.empty(con)
        models.load_rows(con, "catalogue.files", staging.FILE_COLUMNS, [])
        localities._load_areas(con, book, [hill, forum, town], used)
        localities._load(con, pd.concat(shares), pd.concat(located), at_home)
        yield con


@pytest.mark.parametrize("table", [t for t in MADE_BY_THE_HALL if t not in JUDGED])
def test_a_table_of_the_hall_is_what_the_tests_take_it_for(empty_tables, made_by_the_hall, table):
    assert shapes(made_by_the_hall, [table]) == shapes(empty_tables.cursor(), [table])


@pytest.mark.parametrize(
    ("table", "rows"),
    [
        (
            "geo.areas",
            """
            area_kind              | edition | area_code | area_name | in_force_from | in_force_to
            priority_neighbourhood | ''      | N1        | Hill      | 0001-01-01    | 9999-12-31
            community_forum_area   | 2013    | F1        | First     | 2013-04-01    | 9999-12-31
            town                   | ''      | T1        | Market    | 0001-01-01    | 9999-12-31
            """,
        ),
        (
            "geo.area_weights",
            """
            area_kind            | edition | small_area_code | assignment | rule             | weight       | weight_households | weight_children
            community_forum_area | 2013    | L1              | declared   | exact membership | 1.0000000000 | 1.0000000000      | 1.0000000000
            town                 | ''      | L1              | declared   | exact membership | 1.0000000000 | 1.0000000000      | 1.0000000000
            town                 | ''      | L2              | declared   | exact membership | 0.5000000000 | 0.5000000000      | 0.5000000000
            town                 | ''      | L1              | best_fit   | best fit: where most of its residents are | 1.0000000000 | 1.0000000000 | 1.0000000000
            """,
        ),
        (
            "geo.point_areas",
            """
            point_id | area_kind            | edition | area_code | by_edge | near_edge | by_small_area | near_small_area
            1        | community_forum_area | 2013    | F1        | true    | false     | true          | false
            1        | town                 | ''      | T1        | true    | false     | true          | false
            """,
        ),
        ("geo.point_small_areas", "point_id | small_area_code\n1 | L1"),
        (
            "catalogue.known_gaps",
            """
            source       | part               | since      | until
            police_crime | btp                | 2016-02-01 | 2016-12-01
            police_crime | btp                | 2025-02-01 | 2199-12-01
            police_crime | city-of-london     | 2022-06-01 | 2022-06-01
            police_crime | devon-and-cornwall | 2022-11-01 | 2022-12-01
            police_crime | greater-manchester | 2019-07-01 | 2199-12-01
            police_crime | gwent              | 2025-09-01 | 2025-12-01
            """,
        ),
        (
            "catalogue.area_kinds",
            """
            area_kind              | is_partition | is_built | is_exact
            priority_neighbourhood | false        | true     | false
            community_forum_area   | true         | true     | true
            town                   | false        | true     | true
            rural_area             | false        | false    | false
            district               | true         | false    | false
            place                  | false        | false    | false
            """,
        ),
    ],
)
def test_the_geography_is_in_the_hall_s_tables_as_it_was_found(made_by_the_hall, table, rows):
    """A kind is exact if points go with their small areas, and built if it could be made."""
    columns, wanted = read(rows)
    found = made_by_the_hall.table(table).select(", ".join(f"{c}::varchar" for c in columns))
    assert write(columns, found.fetchall()) == write(columns, wanted)


@pytest.mark.parametrize("of_polygons", ["2008", "2013"])
def test_a_kind_is_exact_only_if_all_its_editions_are(of_polygons):
    """Else an edition with an edge of its own is held against the place to the row, and stops all."""
    import geopandas as gpd

    from flows import catalogue, kinds, localities, places
    from geo import areas

    book = catalogue.read("exampleshire")
    (spec,) = (k for k in book.place.area_kinds if k.id == "community_forum_area")
    made = [areas.Kind(spec.id, edition, {"F1": "First"}) for edition in ("2008", "2013")]
    for kind in made:
        kind.polygons = gpd.GeoDataFrame() if kind.edition == of_polygons else None
    used = {
        (spec.id, kind.edition): kinds.Chosen(spec, places.Edition(id=kind.edition), *places.EVER)
        for kind in made
    }
    with models.connect() as con:
        localities._load_areas(con, book, made, used)
        told = con.table("catalogue.area_kinds").filter(f"area_kind = '{spec.id}'")
        assert told.select("is_exact").fetchall() == [(False,)]


def test_the_judgements_are_what_the_tests_take_them_for(empty_tables, warehouse):
    expected = shapes(empty_tables, JUDGED)
    warehouse.given(
        "catalogue.indicators",
        """
        indicator_id | themes  | source | source_rows | measure | method | per | polarity | period_rule
        crimes       | [safer] | police | events      | all     | count  | 1   | low      | month
        """,
    )
    warehouse.given("catalogue.indicator_area_kinds", "indicator_id | area_kind\ncrimes | forum")
    warehouse.given("catalogue.place", "place_code | place_name\nP | Exampleshire")
    warehouse.given("geo.areas", "area_kind | area_code\nforum | F1\nforum | F2")
    warehouse.given(
        "core.area_events",
        """
        source | measure | period_rule | period  | period_end | area_kind | area_code | events
        police | all     | month       | 2026-01 | 2026-01-31 | forum     | F1        | 4
        police | all     | month       | 2026-01 | 2026-01-31 | forum     | F2        | 0
        """,
    )
    warehouse.build("evidence.indicator_values")
    warehouse.judge("evidence.cells")
    assert shapes(warehouse.con, JUDGED) == expected
    assert len(warehouse.con.table("evidence.judgements")) == 2
