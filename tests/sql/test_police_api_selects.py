"""The police API's records, typed and held against the archive's."""

import pytest


def test_a_record_has_its_locality_from_the_name_of_its_answer(warehouse):
    warehouse.given(
        "raw.police_api",
        """
        file                          | record_id | month   | category | longitude | latitude
        2026-07@town@E34001234.json   | 81012437  | 2026-07 | burglary | -1.132073 | 52.629909
        """,
    )
    warehouse.expect(
        "stage.police_api",
        """
        area_kind | area_code | record_id | month      | category | longitude | latitude  | fault
        town      | E34001234 | 81012437  | 2026-07-01 | burglary | -1.132073 | 52.629909 | -
        """,
    )


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("-  | 2026-07 | -1.1 | 52.6", "it has no id"),
        ("1  | 2026-06 | -1.1 | 52.6", "month 2026-06 stands in the answer of 2026-07"),
        ("1  | -       | -1.1 | 52.6", "month blank stands in the answer of 2026-07"),
        ("1  | 2026-07 | ''   | 52.6", "it has no coordinates"),
        ("1  | 2026-07 | 52.6 | -1.1", "its coordinates are outside the United Kingdom"),
    ],
)
def test_what_cannot_be_read_says_why(warehouse, row, fault):
    warehouse.given(
        "raw.police_api",
        f"file | record_id | month | longitude | latitude\n2026-07@town@E34001234.json | {row}",
    )
    warehouse.expect("stage.police_api", f"fault\n{fault}")


def test_both_ways_are_placed_alike_and_compared_by_locality_and_month(warehouse):
    """Points 1 and 2 lie in T1, point 3 in its neighbour. The API gives a crime of the neighbour's
    too, for it is asked a little beyond the edge; the archive has one crime more at point 2."""
    warehouse.given("catalogue.window", "since | until\n2000-01-01 | 2100-01-01")
    warehouse.given(
        "catalogue.files",
        """
        source     | file
        police_api | 2026-07@town@T1.json
        police_api | 2026-07@town@T9.json
        police_api | 2026-06@town@T1.json
        """,
    )
    warehouse.given(
        "stage.police_api",
        """
        file                 | area_kind | area_code | record_id | month      | longitude | latitude
        2026-07@town@T1.json | town      | T1        | 1         | 2026-07-01 | -1.1      | 52.6
        2026-07@town@T1.json | town      | T1        | 2         | 2026-07-01 | -1.2      | 52.6
        2026-07@town@T1.json | town      | T1        | 3         | 2026-07-01 | -1.3      | 52.6
        """,
    )
    warehouse.given(
        "core.located_events",
        """
        source       | file | row_number | month      | x    | y    | crs
        police_crime | a    | 1          | 2026-07-01 | -1.1 | 52.6 | EPSG:4326
        police_crime | a    | 2          | 2026-07-01 | -1.2 | 52.6 | EPSG:4326
        police_crime | a    | 3          | 2026-07-01 | -1.2 | 52.6 | EPSG:4326
        police_crime | a    | 4          | 2026-07-01 | -1.3 | 52.6 | EPSG:4326
        police_crime | a    | 5          | 2026-07-01 | -    | -    | EPSG:4326
        stats19      | b    | 1          | 2026-07-01 | -1.1 | 52.6 | EPSG:4326
        """,
    )
    warehouse.given(
        "core.points",
        """
        point_id | x    | y    | crs
        1        | -1.1 | 52.6 | EPSG:4326
        2        | -1.2 | 52.6 | EPSG:4326
        3        | -1.3 | 52.6 | EPSG:4326
        """,
    )
    warehouse.given(
        "geo.point_areas",
        """
        point_id | area_kind | area_code | by_edge
        1        | town      | T1        | true
        2        | town      | T1        | true
        2        | forum     | T1        | true
        3        | town      | T2        | true
        3        | town      | T1        | false
        """,
    )
    # June has left the archive in hand: nothing to reconcile with, which is not a difference
    warehouse.given("core.coverage", "source | month\npolice_crime | 2026-07-01")
    warehouse.expect(
        "core.api_agreement",
        """
        area_kind | area_code | month      | crimes_by_api | crimes_by_archive | difference | difference_share
        town      | T1        | 2026-07-01 | 2             | 3                 | -1         | 0.3333
        town      | T9        | 2026-07-01 | 0             | 0                 | 0          | 0
        """,
    )
