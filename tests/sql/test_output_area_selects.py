"""Output areas: what a row of each layout says, what is put together of several files, and whether
the invented county's and a real county's files add up."""

import csv
import zipfile
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from texttable import every_column, layout

from flows.sources import output_areas
from flows.sources.files import Ask, File
from sql import models

HOUSE = Path(__file__).parents[2]
INBOX = HOUSE / "geo" / "exampleshire" / "inbox"
REAL = HOUSE.parent / "shared/data/ons_geography/OA21_LSOA21_MSOA21_LAD_leicestershire.csv"


class TestStage:
    def test_each_layout_fills_its_own_columns(self, warehouse):
        warehouse.given(
            "raw.output_areas",
            """
            file      | output_area_code | small_area_code | easting     | northing | people | households | aged_0_to_4 | aged_5_to_9 | aged_10_to_14
            hierarchy | X00000001        | X01000001       | -           | -        | -      | -          | -           | -           | -
            by_hand   | X00000001        | X01000001       | -           | -        | 301    | -          | -           | -           | -
            centroids | X00000001        | -               | 565985.8399 | 466906.2 | -      | -          | -           | -           | -
            ts038     | X00000001        | -               | -           | -        | 300    | -          | -           | -           | -
            ts054     | X00000001        | -               | -           | -        | -      | 0          | -           | -           | -
            ts007a    | X00000001        | -               | -           | -        | -      | -          | 8           | 7           | 5
            """,
        )
        warehouse.expect(
            "stage.output_areas",
            """
            file      | row_number | output_area_code | small_area_code | easting     | northing | people | households | children | fault
            hierarchy | 1          | X00000001        | X01000001       | -           | -        | -      | -          | -        | -
            by_hand   | 2          | X00000001        | X01000001       | -           | -        | 301    | -          | -        | -
            centroids | 3          | X00000001        | -               | 565985.8399 | 466906.2 | -      | -          | -        | -
            ts038     | 4          | X00000001        | -               | -           | -        | 300    | -          | -        | -
            ts054     | 5          | X00000001        | -               | -           | -        | -      | 0          | -        | -
            ts007a    | 6          | X00000001        | -               | -           | -        | -      | -          | 20       | -
            """,
        )

    @pytest.mark.parametrize(
        ("row", "fault"),
        [
            ("E01000001 | X01000001 | - | - | -", "not an output-area code: E01000001"),
            ("E0000001 | X01000001 | - | - | -", "not an output-area code: E0000001"),
            ("- | X01000001 | - | - | -", "not an output-area code: blank"),
            ("E00000001 | E02000001 | - | - | -", "not a small-area code: E02000001"),
            ("E00000001 | Fellside | - | - | 3", "not a small-area code: Fellside"),
            ("E00000001 | - | 449000 | - | -", "only one of easting and northing is given"),
            ("E00000001 | - | west | 531000 | -", "easting is not a number: west"),
            ("E00000001 | - | 449000 | north | -", "northing is not a number: north"),
            ("E00000001 | - | -1.5 | 54.7 | -", "outside the British grid (in metres): -1.5, 54.7"),
            ("E00000001 | - | 0.5 | 51.5 | -", "outside the British grid (in metres): 0.5, 51.5"),
            (
                "E00000001 | - | 0.5 | 531000 | -",
                "outside the British grid (in metres): 0.5, 531000",
            ),
            (
                "E00000001 | - | 449000 | 52.9 | -",
                "outside the British grid (in metres): 449000, 52.9",
            ),
            ("E00000001 | - | 0 | 0 | -", "outside the British grid (in metres): 0, 0"),
            (
                "E00000001 | - | nan | 531000 | -",
                "outside the British grid (in metres): nan, 531000",
            ),
            (
                "E00000001 | - | 449000 | inf | -",
                "outside the British grid (in metres): 449000, inf",
            ),
            ("E00000001 | - | - | - | many", "not a number: many"),
            ("E00000001 | - | - | - | nan", "not a number: nan"),
            ("E00000001 | - | - | - | -3", "a count below zero: -3"),
            (
                "E00000001 | '' | - | '' | -",
                "it gives neither small area, nor coordinates, nor a count",
            ),
            ("W00000001 | W01000001 | - | - | -", "-"),
            ("X00000001 | - | 449000 | 531000 | -", "-"),
        ],
    )
    def test_what_cannot_be_a_weight_says_why(self, warehouse, row, fault):
        columns = "output_area_code | small_area_code | easting | northing | people"
        warehouse.given("raw.output_areas", f"{columns}\n{row}")
        warehouse.expect("stage.output_areas", f"fault\n{fault}")

    def test_children_with_an_age_band_missing_are_missing_not_fewer(self, warehouse):
        warehouse.given(
            "raw.output_areas",
            """
            output_area_code | people | aged_0_to_4 | aged_5_to_9 | aged_10_to_14
            X00000001        | 300    | 8           | -           | 5
            X00000002        | -      | 8           | -           | 5
            X00000003        | 300    | 8           | 7           | -1
            X00000004        | 300    | 0           | 0           | 0
            """,
        )
        warehouse.expect(
            "stage.output_areas",
            """
            output_area_code | people | children | fault
            X00000001        | 300    | -        | -
            X00000002        | -      | -        | it gives neither small area, nor coordinates, nor a count
            X00000003        | 300    | 14       | a count below zero: -1
            X00000004        | 300    | 0        | -
            """,
        )

    def test_an_output_area_counts_once_in_a_file(self, warehouse):
        warehouse.given(
            "raw.output_areas",
            """
            file  | output_area_code | people
            one   | X00000001        | few
            one   | X00000001        | 300
            one   | X00000001        | 310
            one   | X00000002        | 250
            other | X00000001        | 290
            """,
        )
        warehouse.expect(
            "stage.output_areas",
            """
            file  | row_number | people | fault
            one   | 1          | -      | not a number: few
            one   | 2          | 300    | -
            one   | 3          | 310    | the output area stands in the file already: X00000001
            one   | 4          | 250    | -
            other | 5          | 290    | -
            """,
        )


class TestCore:
    def test_each_column_comes_from_the_newest_file_that_has_it(self, warehouse):
        warehouse.given(
            "catalogue.files",
            """
            source       | file   | position
            output_areas | old    | 1
            output_areas | points | 2
            output_areas | new    | 3
            postcodes    | old    | 9
            """,
        )
        warehouse.given(
            "stage.output_areas",
            """
            file    | output_area_code | small_area_code | easting | northing | people | households | children
            old     | X00000001        | X01000001       | -       | -        | 300    | 120        | -
            old     | X00000002        | X01000002       | -       | -        | 200    | -          | -
            points  | X00000001        | -               | 565000  | 466000   | -      | -          | -
            new     | X00000001        | X01000009       | -       | -        | 310    | -          | 40
            unknown | X00000002        | -               | -       | -        | 900    | 90         | -
            """,
        )
        warehouse.expect(
            "core.output_areas",
            """
            output_area_code | small_area_code | easting | northing | people | households | children
            X00000001        | X01000009       | 565000  | 466000   | 310    | 120        | 40
            X00000002        | X01000002       | -       | -        | 200    | 90         | -
            """,
        )

    @settings(
        max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )
    @given(
        cells=st.dictionaries(
            st.tuples(st.integers(0, 3), st.integers(1, 4)),  # file, output area
            st.tuples(*[st.none() | st.integers(0, 500)] * 2),  # people, households
            min_size=1,
        ),
        positions=st.permutations(range(4)),
    )
    def test_the_last_accepted_word_counts_whatever_the_files_are_called(
        self, warehouse, cells, positions
    ):
        warehouse.con.rollback()
        warehouse.con.begin()
        files = [f"output_areas | f{n} | {place}" for n, place in enumerate(positions)]
        warehouse.given("catalogue.files", "source | file | position\n" + "\n".join(files))
        shown = [
            " | ".join([f"f{n}", f"X0000000{oa}", *("-" if v is None else str(v) for v in values)])
            for (n, oa), values in cells.items()
        ]
        columns = "file | output_area_code | people | households\n"
        warehouse.given("stage.output_areas", columns + "\n".join(shown))
        expected = {}
        for n in sorted(range(4), key=lambda n: positions[n]):
            for oa in range(1, 5):
                for at, value in enumerate(cells.get((n, oa), ())):
                    row = expected.setdefault(f"X0000000{oa}", [None, None])
                    row[at] = row[at] if value is None else value
        made = warehouse.con.sql(models.models()["core.output_areas"])
        found = made.project("output_area_code, people::integer, households::integer").fetchall()
        assert found == [(oa, *row) for oa, row in sorted(expected.items())]


class TestShares:
    def test_of_people_households_and_children_each_has_its_own_share(self, warehouse):
        warehouse.given(
            "core.output_areas",
            """
            output_area_code | small_area_code | people | households | children
            X00000001        | X01000001       | 300    | 100        | 20
            X00000002        | X01000001       | 100    | 100        | 60
            X00000003        | X01000002       | 250    | 90         | 30
            X00000004        | -               | 400    | 200        | 50
            """,
        )
        warehouse.expect(
            "core.output_area_shares",
            """
            output_area_code | small_area_code | share_people | share_households | share_children
            X00000001        | X01000001       | 0.75         | 0.5              | 0.25
            X00000002        | X01000001       | 0.25         | 0.5              | 0.75
            X00000003        | X01000002       | 1            | 1                | 1
            """,
        )

    def test_where_one_has_no_count_of_people_all_of_its_small_area_are_taken_to_be_alike(
        self, warehouse
    ):
        warehouse.given(
            "core.output_areas",
            """
            output_area_code | small_area_code | people | households | children
            X00000001        | X01000001       | 300    | 100        | -
            X00000002        | X01000001       | -      | 300        | -
            X00000003        | X01000002       | 30     | -          | -
            X00000004        | X01000002       | 10     | -          | -
            """,
        )
        warehouse.expect(
            "core.output_area_shares",
            """
            output_area_code | share_people | share_households | share_children
            X00000001        | 0.5          | 0.25             | 0.5
            X00000002        | 0.5          | 0.75             | 0.5
            X00000003        | 0.75         | 0.75             | 0.75
            X00000004        | 0.25         | 0.25             | 0.25
            """,
        )

    def test_where_one_has_no_count_of_households_or_children_people_speak_for_them(
        self, warehouse
    ):
        warehouse.given(
            "core.output_areas",
            """
            output_area_code | small_area_code | people | households | children
            X00000001        | X01000001       | 300    | 100        | 9
            X00000002        | X01000001       | 100    | -          | 1
            X00000003        | X01000002       | 300    | 10         | 9
            X00000004        | X01000002       | 100    | 10         | -
            """,
        )
        warehouse.expect(
            "core.output_area_shares",
            """
            output_area_code | share_people | share_households | share_children
            X00000001        | 0.75         | 0.75             | 0.9
            X00000002        | 0.25         | 0.25             | 0.1
            X00000003        | 0.75         | 0.5              | 0.75
            X00000004        | 0.25         | 0.5              | 0.25
            """,
        )

    def test_where_nobody_lives_output_areas_are_alike_and_no_share_is_divided_by_zero(
        self, warehouse
    ):
        """A holiday park has homes but no residents; a street has residents but no child."""
        warehouse.given(
            "core.output_areas",
            """
            output_area_code | small_area_code | people | households | children
            X00000001        | X01000001       | 0      | 0          | 0
            X00000002        | X01000001       | 0      | 0          | 0
            X00000003        | X01000002       | 0      | 30         | 0
            X00000004        | X01000002       | 0      | 10         | 0
            X00000005        | X01000003       | 80     | 10         | 0
            X00000006        | X01000003       | 20     | 10         | 0
            """,
        )
        warehouse.expect(
            "core.output_area_shares",
            """
            output_area_code | share_people | share_households | share_children
            X00000001        | 0.5          | 0.5              | 0.5
            X00000002        | 0.5          | 0.5              | 0.5
            X00000003        | 0.5          | 0.75             | 0.5
            X00000004        | 0.5          | 0.25             | 0.5
            X00000005        | 0.8          | 0.5              | 0.8
            X00000006        | 0.2          | 0.5              | 0.2
            """,
        )

    @settings(
        max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )
    @given(
        small_areas=st.lists(
            st.lists(st.tuples(*[st.none() | st.integers(0, 9)] * 3), min_size=1, max_size=5),
            min_size=1,
            max_size=4,
        )
    )
    def test_whatever_is_known_the_shares_of_a_small_area_add_up_to_one(
        self, warehouse, small_areas
    ):
        warehouse.con.rollback()
        warehouse.con.begin()
        rows = [
            " | ".join([f"X{n}{m}", f"L{n}", *("-" if v is None else str(v) for v in counts)])
            for n, output_areas_of in enumerate(small_areas)
            for m, counts in enumerate(output_areas_of)
        ]
        columns = "output_area_code | small_area_code | people | households | children\n"
        warehouse.given("core.output_areas", columns + "\n".join(rows))
        made = warehouse.con.sql(models.models()["core.output_area_shares"]).df()
        assert made.notna().all(axis=None)
        shares = made.filter(like="share_")
        assert (shares >= 0).all(axis=None)
        sums = shares.groupby(made["small_area_code"]).sum()
        assert (sums - 1).abs().max(axis=None) < 1e-12
        assert len(sums) == len(small_areas)


# Whole files -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def put_together(tmp_path_factory):
    """Files recognised, staged and put together: ``stage.output_areas`` and the core's table."""

    def make(*paths):
        con, folder, staged, names = models.connect(), tmp_path_factory.mktemp("oa"), [], []
        for path in paths:
            for reply in output_areas.recognise(File(path, path.name), Ask((), ())):
                kept = folder / reply.name
                content = reply.content
                kept.write_bytes(content if isinstance(content, bytes) else content.read_bytes())
                out = folder / f"{reply.name}.parquet"
                shape, columns = layout("output_areas", reply.table), every_column("output_areas")
                _, lost = models.stage_file(
                    con, "output_areas", kept, reply.name, shape, columns, out
                )
                assert lost == 0, reply.name
                staged.append(out)
                names.append(reply.name)
        models.load_stage(con, "output_areas", staged, every_column("output_areas"))
        files = [
            {"source": "output_areas", "file": name, "position": n} for n, name in enumerate(names)
        ]
        shape = {"source": "VARCHAR", "file": "VARCHAR", "position": "BIGINT"}
        models.load_rows(con, "catalogue.files", shape, files)
        return con.sql(models.models()["core.output_areas"]).df()

    return make


HEADINGS = [
    ("census2021-ts038-oa.csv", "people", ["Disability: Total: All usual residents"]),
    ("census2021-ts038-oa.csv", "people", ["Disability: Total"]),
    ("census2021-ts054-oa.csv", "households", ["Tenure of household: Total: All households"]),
    ("census2021-ts054-oa.csv", "households", ["Tenure of household: Total"]),
    (
        "census2021-ts007a-oa.csv",
        "children",
        [
            "Age: Total",
            "Age: Aged 4 years and under",
            "Age: Aged 5 to 9 years",
            "Age: Aged 10 to 14 years",
            "Age: Aged 15 to 19 years",
        ],
    ),
]


@pytest.mark.parametrize("ending", ["", "; measures: Value"])
@pytest.mark.parametrize(("name", "column", "headings"), HEADINGS)
def test_nomis_headings_are_known_in_either_spelling(
    put_together, tmp_path, name, column, headings, ending
):
    header = ["date", "geography", "geography code", *(h + ending for h in headings)]
    counts = [100, 10, 20, 30, 40][: len(headings)]
    path = tmp_path / "sent" / name
    path.parent.mkdir()
    path.write_text(",".join(header) + f"\n2021,E00000001,E00000001,{','.join(map(str, counts))}\n")
    (row,) = put_together(path).to_dict("records")
    assert row[column] == (60 if column == "children" else 100)
    assert sum(pd.notna(v) for v in row.values()) == 2  # that, and the output area's code


@pytest.mark.parametrize("mark", ["", "\ufeff", "\ufeffï»¿"])
@pytest.mark.parametrize(
    "header", ["FID,OA21CD,GlobalID,x,y", '"X","Y","FID","OA21CD"', "OA21CD,Y,X"]
)
def test_centroids_are_read_whatever_mark_and_order_the_portal_gives_them(
    put_together, tmp_path, mark, header
):
    cells = {"OA21CD": "E00000001", "X": "532124.5", "Y": "181745.25"}
    row = [cells.get(column.strip('"').upper(), "1") for column in header.split(",")]
    path = tmp_path / "points.csv"
    path.write_text(f"{mark}{header}\r\n{','.join(row)}\r\n", encoding="utf-8", newline="")
    (found,) = put_together(path).to_dict("records")
    assert (found["easting"], found["northing"]) == (532124.5, 181745.25)


def lsoa_table(table, heading):
    """A column of the county's own census by small area."""
    path = INBOX / "census_2021" / f"census2021-{table}.zip"
    with zipfile.ZipFile(path) as archive, archive.open(f"census2021-{table}-lsoa.csv") as member:
        return pd.read_csv(member).set_index("geography code")[f"{heading}; measures: Value"]


class TestInventedCounty:
    @pytest.fixture(scope="class")
    def county(self, put_together):
        return put_together(*sorted((INBOX / "output_areas").iterdir()))

    @pytest.fixture(scope="class")
    def small_areas(self):
        """Polygons on the grid, with each small area's own population-weighted centroid."""
        folder = INBOX / "ons_geography"
        (path,) = folder.glob("*.geojson")
        shapes = gpd.read_file(path).set_crs(4326, allow_override=True).to_crs(27700)
        centres = pd.read_csv(folder / "LSOA_PopCentroids_EW_2021_V4.csv", encoding="utf-8-sig")
        return shapes.merge(centres[["LSOA21CD", "x", "y"]], on="LSOA21CD").set_index("LSOA21CD")

    def test_every_output_area_has_everything_and_one_small_area(self, county, small_areas):
        assert county["output_area_code"].is_unique
        assert not county.isna().any(axis=None)
        sizes = county.groupby("small_area_code").size()
        assert sorted(sizes.index) == sorted(small_areas.index)
        assert sizes.between(3, 6).all()

    @pytest.mark.parametrize(
        ("column", "table", "heading"),
        [
            ("people", "ts038", "Disability: Total: All usual residents"),
            ("households", "ts054", "Tenure of household: Total"),
        ],
    )
    def test_they_add_up_to_the_census_of_their_small_area(self, county, column, table, heading):
        expected = lsoa_table(table, heading).to_dict()
        assert county.groupby("small_area_code")[column].sum().to_dict() == expected

    def test_the_mean_of_their_centroids_by_people_is_the_small_area_s_own(
        self, county, small_areas
    ):
        people = county["people"].astype(float)
        total = people.groupby(county["small_area_code"]).sum()
        for ours, own in (("easting", "x"), ("northing", "y")):
            mean = (county[ours] * people).groupby(county["small_area_code"]).sum() / total
            assert (mean - small_areas[own]).abs().max() < 1  # metre

    def test_each_centroid_lies_in_its_small_area_and_apart_from_the_others(
        self, county, small_areas
    ):
        points = gpd.GeoSeries.from_xy(county["easting"], county["northing"], crs=27700)
        polygons = small_areas.loc[county["small_area_code"], "geometry"].reset_index(drop=True)
        assert points.within(polygons).all()
        assert not points.duplicated().any()

    def test_people_households_and_children_are_shared_out_differently(self, county):
        """Else no test could tell which of them was taken for the weight."""
        counts = county.set_index("small_area_code")[["people", "households", "children"]]
        shares = counts.astype(float) / counts.astype(float).groupby(level=0).transform("sum")
        for one, other in (("people", "households"), ("people", "children")):
            apart = (shares[one] - shares[other]).abs().groupby(level=0).max()
            assert apart.min() > 0.005, f"{one} and {other}: {apart.idxmin()}"
        assert (county["children"] < county["people"]).all()

    def test_the_postcode_directory_names_output_areas_of_the_right_small_area(self, county):
        codes = pd.read_csv(INBOX / "postcodes" / "NSPL_AUG_2026_UK.csv", dtype=str)
        codes = codes[codes["gridind"] != "9"]
        ours = county.set_index("output_area_code")["small_area_code"]
        assert (ours.reindex(codes["oa21cd"]).to_numpy() == codes["lsoa21cd"].to_numpy()).all()


@pytest.mark.skipif(
    not REAL.exists(), reason="needs the real public data in ../shared/data (see its README.md)"
)
def test_the_real_county_s_list_is_read_whole(put_together):
    """Judged by a plain reading of the file: its rows, its people, one small area for each."""
    with REAL.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    made = put_together(REAL)
    assert len(made) == len(rows) == 3365
    assert made["output_area_code"].is_unique
    assert made["people"].sum() == sum(int(row["population"]) for row in rows)
    lies_in = dict(zip(made["output_area_code"], made["small_area_code"], strict=True))
    assert lies_in == {row["oa_code"]: row["lsoa_code"] for row in rows}
    assert made["small_area_code"].nunique() == 634
    assert made[["easting", "northing", "households", "children"]].isna().all(axis=None)
