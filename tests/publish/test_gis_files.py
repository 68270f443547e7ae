"""What GIS officers open: every file says what the tidy table says, arrives with a look, and is the
same from the same input."""

import dataclasses
import hashlib
import json
import sqlite3
import zipfile
from contextlib import closing
from datetime import date
from decimal import Decimal
from xml.etree import ElementTree

import geopandas
import numpy
import pandas
import pytest
import shapely
from pyogrio import list_layers, read_dataframe, read_info
from shapely.geometry import MultiPolygon, Polygon, box
from small_release import COUNTED, COUNTY, TOWNS, cell, layer, release

from flows.publish import gis
from flows.publish.classes import between, classes
from flows.publish.datapackage import INVENTED
from flows.publish.gis import long, wide
from flows.publish.gis.fields import LONGEST, column, unlike
from flows.publish.gis.symbols import clean, xml
from flows.publish.released import SHORTHAND

LAYERED = ("localities.gpkg", "localities.gdb")
PRICE = "median_price_12_months"
HOSTILE = '=1+1 "O\'Brien" & <b>Sons</b>\nLtd [%1+1%] \x07'


@pytest.fixture(scope="module")
def con():
    from sql import models

    with models.connect() as con:
        yield con


@pytest.fixture
def made(con, tmp_path):
    """A function that writes the files of a release into a folder of its own, and gives the
    folder."""

    def write(released, name="release"):
        folder = tmp_path / name
        folder.mkdir()
        for path in gis.write(con, released, folder):
            assert (folder / path).exists()
        return folder

    return write


def two_towns(**other):
    """Two indicators: one with a figure and a withheld one, one without any figure."""
    cells = [
        cell(area_code="T1", value=10.25, compared="better"),
        cell(area_code="T2", value=None, marker="[c]", note="withheld"),
        cell(area_code="T1", period="2023-07 to 2024-06", value=7.5)
        | {"period_end": pandas.Timestamp("2024-06-30")},
        cell(area_code="X10000001", value=12.5),
        cell(area_code="T1", indicator_id=PRICE, value=None, marker="[x]", note="nobody told"),
    ]
    return release(cells, **other)


@pytest.fixture(scope="module")
def two(con, tmp_path_factory):
    """The files of ``two_towns``, written once: look, and do not touch."""
    folder = tmp_path_factory.mktemp("two")
    gis.write(con, two_towns(), folder)
    return folder


def sha(folder):
    """Each file's hash by its path."""
    return {
        p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(folder.rglob("*"))
        if p.is_file()
    }


def styles(folder):
    """The styles of a GeoPackage: (layer, name, QML, whether it is the default)."""
    with closing(sqlite3.connect(folder / "localities.gpkg")) as con:
        return con.execute(
            "select f_table_name, styleName, styleQML, useAsDefault from layer_styles order by id"
        ).fetchall()


def default(folder, name):
    (text,) = [qml for table, _, qml, first in styles(folder) if table == name and first]
    return ElementTree.fromstring(text)


def rules(style):
    """The rules of a style that draw: (words, filter)."""
    found = style.iterfind("renderer-v2/rules//rule[@symbol]")
    return [(rule.get("label"), rule.get("filter")) for rule in found]


def told(value):
    return None if pandas.isna(value) else value


class TestEveryFileSaysTheSame:
    @pytest.mark.parametrize(
        "name", ["localities.gpkg", "localities.gdb", "localities.geojson", "localities.fgb"]
    )
    def test_each_newest_figure_and_its_marker(self, two, name):
        released = two_towns()
        path = two / name
        layers = ["town", "place"] if name in LAYERED else [None]
        found = pandas.concat([read_dataframe(path, layer=la) for la in layers])
        expected = {
            (c.area_code, c.indicator_id): (told(c.value), told(c.marker))
            for c in released.newest.itertuples()
        }
        for row in found.to_dict("records"):
            for indicator in released.indicators:
                got = told(row[indicator]), told(row[f"{indicator}_marker"])
                assert got == expected.get((row["area_code"], indicator), (None, None))

    def test_in_parquet_too(self, con, two):
        folder = two
        rows = con.sql(
            f"select area_code, {COUNTED}, {COUNTED}_marker, {PRICE}_marker, {COUNTED}_compared"
            " from read_parquet($path) order by area_code",
            params={"path": str(folder / "localities.parquet")},
        ).fetchall()
        assert rows == [
            ("T1", 10.25, None, "[x]", "better"),
            ("T2", None, "[c]", None, None),
            ("X10000001", 12.5, None, None, None),
        ]

    @pytest.mark.parametrize("name", ["localities.gpkg", "localities.gdb"])
    def test_the_long_table_has_every_cell_of_every_period(self, two, name):
        released = two_towns()
        rows = read_dataframe(two / name, layer="figures")
        assert list(rows.columns) == list(long.FIGURES)
        for ours, theirs in zip(rows.itertuples(), released.cells.itertuples(), strict=True):
            for field in long.FIGURES:
                want = told(getattr(theirs, field))
                assert told(getattr(ours, field)) == want, field

    def test_a_float_is_kept_to_its_last_bit(self, made):
        value = 0.1 + 0.2
        folder = made(release([cell(area_code="T1", value=value)]))
        for name in ("localities.gpkg", "localities.gdb", "localities.geojson", "localities.fgb"):
            rows = read_dataframe(folder / name, layer="town" if name in LAYERED else None)
            assert rows.set_index("area_code").loc["T1", COUNTED] == value, name

    def test_nothing_is_zero_that_was_missing(self, two):
        rows = read_dataframe(two / "localities.gpkg", layer="town")
        assert rows[PRICE].isna().all()
        assert rows.set_index("area_code").loc["T2", COUNTED] != 0

    def test_it_is_geoparquet_in_the_national_grid(self, con, two):
        ((text,),) = con.sql(
            "select decode(value) from parquet_kv_metadata($path) where decode(key) = 'geo'",
            params={"path": str(two / "localities.parquet")},
        ).fetchall()
        about = json.loads(text)
        shape = about["columns"][about["primary_column"]]
        assert about["version"].startswith("1.")
        assert (shape["encoding"], shape["crs"]["id"]["code"]) == ("WKB", 27700)


class TestTheGeoPackage:
    def test_its_layers_and_columns(self, two):
        path = two / "localities.gpkg"
        names = [name for name, _ in list_layers(path)]
        assert names == ["town", "place", "small_areas", "indicators", "figures", "layer_styles"]
        about = read_info(path, layer="town")
        assert list(about["fields"])[:7] == [
            *("area_code", "area_name", "area_kind", "edition", "valid_from", "valid_to"),
            "area_ha",
        ]
        assert (about["crs"], about["geometry_type"]) == ("EPSG:27700", "MultiPolygon")
        assert (about["fid_column"], about["geometry_name"]) == ("fid", "geom")
        kinds = dict(zip(about["fields"], about["ogr_types"], strict=True))
        assert (kinds["valid_from"], kinds[COUNTED]) == ("OFTDate", "OFTReal")
        assert "OFTInteger64" not in kinds.values()

    def test_it_is_of_version_1_3_and_whole(self, two):
        with closing(sqlite3.connect(two / "localities.gpkg")) as con:
            assert con.execute("pragma user_version").fetchone() == (10300,)
            assert con.execute("pragma integrity_check").fetchone() == ("ok",)
            assert con.execute("pragma foreign_key_check").fetchall() == []
            (indexed,) = con.execute(
                "select count(*) from gpkg_extensions where extension_name = 'gpkg_rtree_index'"
            ).fetchone()
        assert indexed == 3

    def test_each_column_has_an_alias_and_a_description(self, two):
        with closing(sqlite3.connect(two / "localities.gpkg")) as con:
            rows = con.execute(
                "select column_name, name, description, constraint_name from gpkg_data_columns"
                " where table_name = 'town'"
            ).fetchall()
            words = dict(
                con.execute(
                    "select value, description from gpkg_data_column_constraints"
                ).fetchall()
            )
        there = {name: (alias, about, enum) for name, alias, about, enum in rows}
        assert words == SHORTHAND
        assert all(alias and about for alias, about, _ in there.values())
        alias, about, _ = there[COUNTED]
        assert alias == "Recorded crime, twelve months, per 1,000 residents, 2024-07 to 2025-06"
        assert "July 2024 to June 2025" in about
        assert there[f"{COUNTED}_marker"][2] == "marker"
        assert "(no figure in hand)" in there[PRICE][0]

    def test_it_says_whose_it_is_and_that_it_is_invented(self, two):
        released = two_towns()
        told = read_info(two / "localities.gpkg", layer="town")["dataset_metadata"]
        about = ElementTree.fromstring(told["GPKG_METADATA_ITEM_1"])
        core = "{http://purl.org/dc/elements/1.1/}"
        assert about.findtext(f"{core}description") == INVENTED
        assert about.findtext(f"{core}rights") == "Open Government Licence v3.0"
        assert about.findtext(f"{core}date") == "2026-01-04"
        assert [e.text for e in about.iter(f"{core}source")] == released.attributions

    def test_who_reads_it_leaves_nothing_beside_it(self, two):
        geopandas.read_file(two / "localities.gpkg", layer="town")
        assert not list(two.glob("*.aux.xml"))

    def test_residents_are_those_of_the_ledger(self, made):
        ledger = pandas.DataFrame(
            [
                *(("town", None, "T1", "residents", "S1", "Small 1", 0.6, 0.1),),
                *(("town", None, "T1", "residents", "S2", "Small 2", 1.0, 0.2),),
                *(("town", None, "T2", "residents", "S1", "Small 1", 0.4, 7.0),),
                *(("town", None, "T1", "sales", "S1", "Small 1", None, 99.0),),
            ],
            columns=[
                *("area_kind", "edition", "area_code", "counted", "small_area_code"),
                *("small_area_name", "weight", "amount"),
            ],
        )
        ground = layer({"S1": ("S1", box(0, 0, 5_000, 4_000)), "S2": ("S2", box(0, 0, 9, 9))})
        folder = made(
            two_towns(ledger=ledger, small_areas=ground[["area_code", "area_name", "geometry"]])
        )
        towns = read_dataframe(folder / "localities.gpkg", layer="town").set_index("area_code")
        assert towns["residents"].to_dict() == {"T1": 0.3, "T2": 7.0}
        small = read_dataframe(folder / "localities.gpkg", layer="small_areas")
        assert list(
            small[["small_area_code", "small_area_name", "town_code", "town_weight"]].itertuples(
                index=False, name=None
            )
        ) == [("S1", "Small 1", "T1", 0.6), ("S2", "Small 2", "T1", 1.0)]
        assert small["place_code"].isna().all()

    def test_without_residents_there_is_no_such_column(self, two):
        assert "residents" not in read_dataframe(two / "localities.gpkg", layer="town")


class TestTheLook:
    def test_each_layer_has_one_default_and_a_style_for_each_indicator(self, two):
        found = styles(two)
        firsts = [table for table, *_, first in found if first]
        assert firsts == ["town", "place", "small_areas", "indicators", "figures"]
        assert [name for table, name, *_ in found if table == "town"] == [
            "Recorded crime, twelve months",
            "Median price of homes sold, twelve months",
        ]

    def test_every_figure_is_in_one_class_and_the_missing_are_hatched(self, two):
        style = default(two, "town")
        assert rules(style) == [
            ("10.25", f'"{COUNTED}" IS NOT NULL'),
            ("Withheld or not available", f'"{COUNTED}" IS NULL'),
        ]
        assert [
            [la.get("class") for la in symbol.findall("layer")]
            for symbol in style.findall("renderer-v2/symbols/symbol")
        ] == [["SimpleFill"], ["SimpleFill", "LinePatternFill", "SimpleFill"]]

    def test_an_indicator_without_any_figure_is_hatched_all_over(self, two):
        (text,) = [q for t, n, q, _ in styles(two) if (t, n[:6]) == ("town", "Median")]
        style = ElementTree.fromstring(text)
        assert rules(style) == [("Withheld or not available", f'"{PRICE}" IS NULL')]
        assert style.find("aliases") is None  # else choosing it would take the names away

    def test_the_whole_place_is_an_outline(self, two):
        style = default(two, "place")
        assert rules(style) == [("Boundary", None)]
        settings = style.find("renderer-v2/symbols/symbol/layer/Option")
        assert settings.find("Option[@name='style']").get("value") == "no"

    def test_names_and_aliases_come_with_it(self, two):
        style = default(two, "town")
        assert "area_name" in style.find("labeling//text-style").get("fieldName")
        aliases = {a.get("field"): a.get("name") for a in style.findall("aliases/alias")}
        assert aliases["area_code"] == "Code"
        assert aliases[COUNTED].startswith("Recorded crime, twelve months")

    def test_no_map_is_red(self, two):
        for _, _, qml, _ in styles(two):
            for option in ElementTree.fromstring(qml).iter("Option"):
                if "color" in (option.get("name") or ""):
                    red, _, blue, _ = map(int, option.get("value").split(","))
                    assert red <= blue


class TestClasses:
    @pytest.mark.parametrize(
        ("values", "limits"),
        [
            ([], []),
            ([None, float("nan")], []),
            ([3, 3, 3], []),
            ([3, 5], ["4"]),
            ([0, 0, 0, 7], ["4"]),
            ([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], ["3", "5", "7", "9"]),
            ([1.5, None, 2.5, 8e9], ["2", "4E+9"]),
        ],
    )
    def test_limits(self, values, limits):
        found = classes(pandas.Series(values, dtype=float))
        assert [str(limit) for limit in found.limits] == limits
        assert (
            len(found.colours)
            == found.count
            == (len(limits) + 1 if len(values) > 2 or limits else 0)
        )

    @pytest.mark.parametrize("seed", range(20))
    def test_every_value_is_in_one_class_and_classes_are_about_as_full(self, seed):
        values = numpy.random.default_rng(seed).lognormal(3, 1, 5 + seed * 3).round(seed % 4)
        found = classes(values)
        often = [
            sum(
                (low is None or v >= float(low)) and (high is None or v < float(high))
                for v in values
            )
            for low, high in found.ranges
        ]
        assert sum(often) == len(values) and min(often) > 0
        assert found.count == min(5, len(set(values)))

    @pytest.mark.parametrize(
        ("low", "high", "round_one"),
        [
            (18.2, 18.4, "18.3"),
            (18.29, 18.31, "18.3"),
            (9.7, 12.4, "10"),
            (98, 131, "1E+2"),
            (0.0, 3.0, "2"),
            (-3.0, 0.0, "0"),
            (12.0, 13.0, "13"),
            (0.1, 0.30000000000000004, "0.2"),
            (1.0, 1.0000000000000002, "1.0000000000000002"),
        ],
    )
    def test_the_roundest_number_between_two_figures(self, low, high, round_one):
        found = between(low, high)
        assert low < float(found) <= high
        assert found == Decimal(round_one)

    def test_they_are_said_in_plain_words(self):
        assert classes([1000, 3000, 5000]).words("£") == [
            "Under £2,000",
            "£2,000 to under £4,000",
            "£4,000 or more",
        ]
        assert classes([1.5, 2.5]).words("% of residents") == ["Under 2%", "2% or more"]
        assert classes([12]).words("per 1,000 residents") == ["12"]


class TestNames:
    def test_an_id_is_its_column(self):
        assert column(COUNTED) == COUNTED

    def test_what_would_not_do_gets_a_hash_and_none_is_like_another(self):
        ids = [
            *("a" * LONGEST, "a" * (LONGEST + 1), "a" * (LONGEST + 2), "order", "area_code", "fid"),
            *("x", "x_marker", "x_compared", "y_marker_marker"),
        ]
        names = [f"{column(i)}{part}" for i in ids for part in ("", "_marker", "_compared")]
        assert len(set(names)) == len(names)
        assert all(len(name) <= 50 for name in names)
        assert column("order").startswith("order_") and column("x_marker") != "x_marker"

    def test_every_indicator_of_the_catalogue_keeps_its_id(self):
        released = two_towns()
        assert [i.id for i in released.book.indicators if column(i.id) != i.id] == []

    def test_aliases_that_stand_twice_are_told_apart(self):
        assert unlike(["Code", "Sales", "sales"], ["c", "s1", "s2"]) == [
            "Code",
            "Sales [s1]",
            "sales [s2]",
        ]


class TestWhatMustNotBreakIt:
    def test_hostile_names(self, made):
        towns = layer({"T1": (HOSTILE, box(0, 0, 9, 9)), "T2": ("", box(9, 0, 18, 9))})
        cells = [cell(area_code="T1", area_name=HOSTILE, note=HOSTILE), cell(area_code="T2")]
        released = release(cells, layers={"town": towns, "place": layer(COUNTY)})
        book = released.book
        entries = tuple(
            i.model_copy(update={"label": HOSTILE, "unit": HOSTILE}) if i.id == COUNTED else i
            for i in book.indicators
        )
        place = book.place.model_copy(update={"name": HOSTILE})
        book = book.model_copy(update={"indicators": entries, "place": place})
        folder = made(dataclasses.replace(released, book=book))
        for name in ("localities.gpkg", "localities.gdb"):
            rows = read_dataframe(folder / name, layer="town").set_index("area_code")
            assert rows.loc["T1", "area_name"] == HOSTILE, name
        for _, _, qml, _ in styles(folder):
            assert b"[%1+1" not in ElementTree.tostring(ElementTree.fromstring(qml))
        with zipfile.ZipFile(folder / "localities.qgz") as archive:
            project = ElementTree.fromstring(archive.read("localities.qgs"))
        (title,) = [
            i.get("labelText") for i in project.iter("LayoutItem") if i.get("id") == "title"
        ]
        assert "<b>Sons</b>" in title and "[%" not in title

    def test_a_text_stays_a_text_in_xml(self):
        assert xml(
            "a", "<\"&'>", b="<\"&'>\n"
        ) == "<a b='&lt;\"&amp;&apos;&gt;&#10;'>&lt;\"&amp;'&gt;</a>".replace(
            "b='&lt;\"&amp;&apos;&gt;&#10;'", 'b="&lt;&quot;&amp;\'&gt;&#10;"'
        )
        assert clean("a\x00b [%1%]") == "ab [ %1%]"

    def test_several_editions_of_a_kind(self, made):
        old = layer({"T1": ("Barnwick", box(0, 0, 4_000, 4_000))}).assign(
            edition="2019", valid_from="2019-04-01", valid_to="2023-12-31"
        )
        new = layer({"T1": ("Barnwick", box(0, 0, 5_000, 4_000))}).assign(
            edition="2024", valid_from="2024-01-01", valid_to=None
        )
        both = pandas.concat([new, old], ignore_index=True)
        cells = [
            cell(edition="2019", period="2023", value=3.0)
            | {"period_end": pandas.Timestamp("2023-12-31")},
            cell(edition="2024", value=4.0),
        ]
        folder = made(release(cells, layers={"town": both, "place": layer(COUNTY)}))
        rows = read_dataframe(folder / "localities.gpkg", layer="town").set_index("edition")
        assert {e: told(v) for e, v in rows[COUNTED].items()} == {"2019": None, "2024": 4.0}
        assert rows.loc["2019", "valid_to"] == pandas.Timestamp("2023-12-31")
        style = default(folder, "town")
        (heading, _) = style.findall("renderer-v2/rules/rule")
        assert heading.get("filter") == "\"edition\" = '2024'"
        assert rules(style)[-1][0] == "Another edition of the boundaries"
        assert style.find("labeling//rule").get("filter") == "\"edition\" = '2024'"

    def test_a_map_is_drawn_on_the_edition_that_its_figures_are_on(self, made):
        days = {"valid_from": "2019-04-01", "valid_to": "2023-12-31"}
        old = layer({"T1": ("Barnwick", box(0, 0, 9, 9))}).assign(edition="2019", **days)
        new = layer({"T1": ("Barnwick", box(0, 0, 8, 9))}).assign(
            edition="2024", valid_from="2024-01-01"
        )
        cells = [
            cell(edition="2024"),
            cell(edition="2019", indicator_id=PRICE, period="2021")
            | {"period_end": pandas.Timestamp("2021-12-31")},
        ]
        both = pandas.concat([old, new], ignore_index=True)
        folder = made(release(cells, layers={"town": both}))
        filters = [
            ElementTree.fromstring(qml).find("renderer-v2/rules/rule").get("filter")
            for table, _, qml, _ in styles(folder)
            if table == "town"
        ]
        assert sorted(filters) == ["\"edition\" = '2019'", "\"edition\" = '2024'"]

    def test_shapes_that_are_empty_or_cross_themselves(self, made):
        bow = Polygon([(0, 0), (1_000, 1_000), (1_000, 0), (0, 1_000)])
        towns = layer({"T1": ("Barnwick", bow), "T2": ("Nowhere", Polygon())})
        released = release([cell(), cell(area_code="T2")], layers={"town": towns})
        folder = made(released)
        for name in ("localities.gpkg", "localities.gdb"):
            rows = read_dataframe(folder / name, layer="town").set_index("area_code")
            assert rows[COUNTED].to_dict() == {"T1": 10.0, "T2": 10.0}
            assert rows.geometry["T2"] is None, name
        for name in ("localities.fgb", "localities.geojson"):
            assert set(read_dataframe(folder / name)["area_code"]) == {"T1", "T2"}

    def test_a_kind_that_is_called_like_a_table_of_ours(self, made):
        released = release([cell()], layers={"figures": layer(TOWNS), "town": layer(TOWNS)})
        names = [name for name, _ in list_layers(made(released) / "localities.gpkg")]
        assert names[:2] == ["town", "figures"] and "figures_table" in names

    def test_a_release_without_any_cell(self, made):
        rows = read_dataframe(made(release([])) / "localities.gpkg", layer="town")
        assert set(rows["area_code"]) == {"T1", "T2"}


class TestTheSameBytes:
    def test_twice_the_same(self, made):
        first, second = made(two_towns(), "first"), made(two_towns(), "second")
        assert sha(first) == sha(second)

    def test_the_day_is_that_of_the_data(self, made):
        folder = made(two_towns(as_of=date(2001, 2, 3)))
        with closing(sqlite3.connect(folder / "localities.gpkg")) as con:
            days = con.execute(
                "select last_change from gpkg_contents union select update_time from layer_styles"
                " union select timestamp from gpkg_metadata_reference"
            ).fetchall()
        assert {day[:10] for (day,) in days} == {"2001-02-03"}
        with zipfile.ZipFile(folder / "localities.qgz") as archive:
            assert archive.infolist()[0].date_time == (2001, 2, 3, 0, 0, 0)

    def test_the_clock_is_put_back(self, made):
        import pyogrio

        made(two_towns())
        assert pyogrio.get_gdal_config_option("OGR_CURRENT_DATE") is None


class TestGeoJson:
    def test_it_is_as_rfc_7946_asks(self, two):
        folder = two
        found = json.loads((folder / "localities.geojson").read_text("utf-8"))
        assert "crs" not in found and len(found["bbox"]) == 4
        assert "accurate to" in found["description"]
        west, south, east, north = found["bbox"]
        assert -10 < west < east < 3 and 49 < south < north < 61
        for feature in found["features"]:
            shape = shapely.geometry.shape(feature["geometry"])
            assert isinstance(shape, MultiPolygon)
            assert all(part.exterior.is_ccw for part in shape.geoms)
            for number in shapely.get_coordinates(shape).ravel():
                assert round(number, 6) == number

    def test_it_is_where_the_layer_is(self, made):
        town = layer({"T1": ("Barnwick", box(450_000, 300_000, 460_000, 310_000))})
        folder = made(release([cell()], layers={"town": town}))
        there = read_dataframe(folder / "localities.geojson").to_crs(27700).set_index("area_code")
        here = geopandas.read_file(folder / "localities.gpkg", layer="town").set_index("area_code")
        assert there.geometry["T1"].hausdorff_distance(here.geometry["T1"]) < 0.2

    def test_missing_is_null_and_heavy_columns_are_left_out(self, two):
        found = json.loads((two / "localities.geojson").read_text("utf-8"))
        by_code = {f["properties"]["area_code"]: f["properties"] for f in found["features"]}
        assert (by_code["T2"][COUNTED], by_code["T2"][f"{COUNTED}_marker"]) == (None, "[c]")
        assert f"{COUNTED}_compared" not in by_code["T1"]


class TestTheProject:
    @pytest.fixture
    def project(self, two):
        with zipfile.ZipFile(two / "localities.qgz") as archive:
            assert archive.namelist() == ["localities.qgs"]
            return ElementTree.fromstring(archive.read("localities.qgs"))

    def test_it_knows_no_machine(self, project):
        sources = [e.text for e in project.iter("datasource")]
        assert sources and all(s.startswith("./localities.gpkg|layername=") for s in sources)

    def test_the_outline_is_on_top_and_one_kind_is_ticked(self, project):
        leaves = project.findall("layer-tree-group/layer-tree-layer")
        assert [(e.get("name"), e.get("checked")[4:]) for e in leaves] == [
            ("The whole county", "Checked"),
            ("Towns", "Checked"),
            ("Small areas (LSOAs)", "Unchecked"),
            ("Indicators", "Unchecked"),
            ("All figures", "Unchecked"),
        ]

    def test_the_page_says_what_a_map_must(self, project):
        texts = [i.get("labelText") for i in project.iter("LayoutItem") if i.get("labelText")]
        assert texts[0].startswith("Neighbourhood evidence for ")
        assert INVENTED in texts[1] and "4 January 2026" in texts[1]
        for attribution in two_towns().attributions:
            assert attribution in texts[2]


class TestTheTableOfIndicators:
    def test_it_has_the_limits_of_the_maps(self, made):
        cells = [cell(area_code="T1", value=1_000.0), cell(area_code="T2", value=2_000.0)]
        rows = read_dataframe(made(release(cells)) / "localities.gpkg", layer="indicators")
        (town,) = rows[rows["area_kind"] == "town"].to_dict("records")
        assert town["field_name"] == COUNTED
        assert (town["classes"], town["lowest"], town["limit_1"], town["highest"]) == (
            *(2, 1_000, 2_000),
            2_000,
        )
        assert town["legend"] == "Under 2,000; 2,000 or more"
        assert town["period"] == "2024-07 to 2025-06"

    def test_the_newest_cell_is_one_where_no_period_has_a_figure(self):
        cells = [
            cell(period="2023", value=None, marker="[x]")
            | {"period_end": pandas.Timestamp("2023-12-31")},
            cell(period="2024", value=None, marker="[c]")
            | {"period_end": pandas.Timestamp("2024-12-31")},
        ]
        found = wide.newest(release(cells))
        assert found["marker"].to_list() == ["[c]"]
