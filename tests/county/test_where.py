"""`evidence where`: every form of the question, against the refresh itself and against geopandas."""

import csv
import itertools
import json
import shutil
from pathlib import Path

import duckdb
import geopandas as gpd
import pytest
import shapely

from flows import catalogue, lineage, where
from flows.whereabouts import Ground

COUNTY = Path(__file__).parents[2] / "geo" / "exampleshire"
FORMS = ("LE11 1AA", "52.77,-1.2", "453000,319000", "E01025701")


@pytest.fixture(scope="session")
def warehouse(released):
    with duckdb.connect(str(released / "warehouse.duckdb"), read_only=True) as con:
        yield con


@pytest.fixture(scope="session")
def ground(released):
    release, about = lineage.latest(released)
    return Ground(released, release, about, catalogue.read("exampleshire"))


@pytest.fixture(scope="session")
def shapes():
    """The publisher's polygons of small areas, in metres."""
    (path,) = (COUNTY / "inbox" / "ons_geography").glob("*.geojson")
    return gpd.read_file(path).to_crs(27700).sort_values("LSOA21CD", ignore_index=True)


@pytest.fixture(scope="session")
def forums():
    with (COUNTY / "community_forums.csv").open(encoding="utf-8") as file:
        return {r["lsoa21_code"]: (r["area_code"], r["area_name"]) for r in csv.DictReader(file)}


@pytest.fixture(scope="session")
def towns(released):
    return gpd.read_file(released / "latest" / "localities.gpkg", layer="town")


@pytest.fixture(scope="session")
def residents(released):
    """Which town counts each small area's residents, by the ledger."""
    ledger = duckdb.read_parquet(str(released / "latest" / "assignment_ledger.parquet"))
    mine = ledger.filter("area_kind = 'town' and counted = 'residents'")
    return dict(mine.select("small_area_code, area_code").fetchall())


@pytest.fixture(scope="session")
def postcode(warehouse):
    """A live postcode in the county: (postcode, easting, northing)."""
    with (COUNTY / "inbox" / "postcodes" / "NSPL_AUG_2026_UK.csv").open() as file:
        rows = [r for r in csv.DictReader(file) if not r["doterm"] and r["lad26cd"] == "X07000002"]
    return rows[0]["pcds"], int(rows[0]["east1m"]), int(rows[0]["north1m"])


@pytest.fixture
def ask(released, command):
    """(exit code, lines of the answer, standard error)."""

    def run(*words):
        code, out, err = command("where", *words, "--data", released)
        return code, out.splitlines(), err

    return run


def line_of(lines, label):
    (line,) = [one for one in lines if one.startswith(f"  {label}: ")]
    return line.removeprefix(f"  {label}: ")


class TestTheQuestion:
    @pytest.mark.parametrize("spell", [str, str.lower, lambda p: p.replace(" ", "")])
    def test_a_postcode_in_any_spelling(self, ask, postcode, shapes, forums, spell):
        text, east, north = postcode
        code, lines, _ = ask(spell(text))
        assert code == 0
        assert lines[0].startswith("INVENTED")
        (home,) = shapes["LSOA21CD"][shapes.contains(shapely.Point(east, north))]
        stands = f"{text} stands at easting {east}, northing {north}, in the small area {home}"
        assert any(line.startswith(stands) for line in lines)
        forum, name = forums[home]
        told = (
            f"{name.removesuffix(' (invented)')} ({forum}), with its small area (exact membership)"
        )
        assert line_of(lines, "Community forum areas").startswith(told)
        assert line_of(lines, "Districts").startswith("Midvale (X07000002), ")

    def test_a_postcode_in_two_words_needs_no_quotes(self, ask, postcode):
        assert ask(*postcode[0].split()) == ask(postcode[0])

    @pytest.mark.parametrize(
        "words", [("{},{}",), ("{}, {}",), ("{} {}",), ("{}", "{}"), ("{},", "{}")]
    )
    def test_easting_and_northing(self, ask, postcode, words):
        _, east, north = postcode
        numbers = iter((east, north))
        asked = [word.format(*(next(numbers) for _ in range(word.count("{}")))) for word in words]
        code, lines, _ = ask(*asked)
        assert code == 0
        assert lines[1].startswith(f"{east},{north} stands at easting {east}, northing {north}, in")
        assert lines[2:] == ask(postcode[0])[1][3:], "the same place, by its postcode"

    @pytest.mark.parametrize("separate", [False, True])
    def test_latitude_and_longitude_as_the_refresh_turns_them(self, ask, warehouse, separate):
        """The same metres as the crime's, and within a metre of pyproj."""
        lon, lat, east, north = warehouse.sql(
            "select x, y, easting, northing from core.points where crs = 'EPSG:4326'"
            " order by point_id limit 1 offset 100"
        ).fetchone()
        code, lines, _ = ask(*((str(lat), str(lon)) if separate else (f"{lat},{lon}",)))
        assert code == 0
        assert f"at easting {east:.0f}, northing {north:.0f}, in" in lines[1]
        (peer,) = gpd.points_from_xy([float(lon)], [float(lat)], crs=4326).to_crs(27700)
        assert peer.distance(shapely.Point(east, north)) < 1

    def test_a_longitude_west_of_greenwich_is_no_option(self, ask):
        code, lines, err = ask("52.77", "-1.2")
        assert code == 0 and err == ""
        assert lines[1].startswith("52.77,-1.2 stands at easting 454071, northing 319456, in no")

    @pytest.mark.parametrize("asked", ["X01000004", "x01000004", " X01000004 "])
    def test_a_small_area(self, ask, released, asked, shapes, towns, residents):
        code, lines, _ = ask(asked)
        assert code == 0
        assert lines[1].startswith(
            "The small area X01000004 (Northmarch 001D) lies around easting "
        )
        assert line_of(lines, "Priority neighbourhoods") == (
            "Old Wharf and Castle (X-PN1) (exact membership)."
        )
        own = shapes.geometry[shapes["LSOA21CD"] == "X01000004"].iloc[0]
        town = towns[towns["area_code"] == residents["X01000004"]].geometry.iloc[0]
        share = own.intersection(town).area / own.area
        assert 0.01 < share < 1
        assert line_of(lines, "Towns") == (
            "Larkhaven (X63000001) (best fit by population-weighted centroid),"
            f" and {share:.0%} of its ground lies inside."
        )

    @pytest.mark.parametrize(
        ("old", "sentence", "forum"),
        [
            ("X01000009", "it was split into X01000103 and X01000104.", "X-F1"),
            ("X01000036", "it was merged into X01000105.", "X-F5"),
        ],
    )
    def test_a_small_area_of_2011_is_followed(self, ask, old, sentence, forum):
        code, lines, _ = ask(old)
        assert code == 0
        assert lines[1] == f"{old} is a small area of 2011: {sentence}"
        told = [line for line in lines if line.startswith("  Community forum areas: ")]
        assert f"({forum})" in told[0]
        assert len(told) == sentence.count("X01")

    @pytest.mark.parametrize(
        "words", ["hello", "LE11", "52.77", "52.77,-1.2,3", "E0102570", "1e5,2e5", "nan,nan", "--"]
    )
    def test_what_is_none_of_the_four_shows_the_four(self, ask, words):
        code, lines, err = ask(words)
        assert code == 2 and lines == []
        assert len(err.splitlines()) == 1
        if words != "--":
            assert all(form in err for form in FORMS)

    def test_longitude_first_is_told(self, ask):
        code, _, err = ask("-1.2,52.77")
        assert code == 2 and "Write the latitude first: 52.77,-1.2." in err

    @pytest.mark.parametrize(
        ("words", "sentence"),
        [
            ("ZZ9 9ZZ", "ZZ9 9ZZ is not in the postcode files in hand (nspl.csv)."),
            ("X01999999", "X01999999 is no small area of 2021"),
        ],
    )
    def test_what_no_file_has_is_one_sentence(self, ask, words, sentence):
        code, lines, err = ask(words)
        assert code == 2 and lines == [] and sentence in err
        assert len(err.splitlines()) == 1


class TestTheAnswer:
    def test_is_how_the_refresh_counts_a_crime(self, ground, warehouse):
        """Every point near an edge, and each tenth of the others: areas, edges and small areas."""
        points = warehouse.sql(
            "select point_id, easting, northing from core.points as p"
            " where point_id % 10 = 3 or exists (from geo.point_areas as a"
            " where a.point_id = p.point_id and a.near_edge) order by point_id"
        ).fetchall()
        homes = dict(warehouse.sql("from geo.point_small_areas").fetchall())
        near = 0
        for point, east, north in points:
            expected = warehouse.execute(
                "select area_kind, area_code, by_edge, near_edge from geo.point_areas"
                " where point_id = ? and (by_edge or near_edge) order by all",
                [point],
            ).fetchall()
            answer = ground.point(east, north)
            found = sorted(
                (kind["area_kind"], area["area_code"], area["contains"], area["is_near_edge"])
                for kind in answer["kinds"]
                for area in kind["areas"]
                if area["contains"] or area["is_near_edge"]
            )
            assert found == expected, (east, north)
            assert answer["in_place"] == (point in homes)
            if answer["in_place"]:
                assert answer["small_area_code"] == homes[point]
            near += any(row[3] for row in found)
        assert near >= 5

    def test_a_point_on_a_shared_edge_is_in_the_lowest_code(self, ask, shapes, forums, released):
        """Corners where small areas of different forums meet, in the polygons of the refresh."""
        staged = gpd.read_file(next((released / "staged" / "ons_geography").glob("*.gpkg")))
        ours = staged[staged["area_code"].isin(forums.keys())]
        corners = {tuple(xy) for xy in shapely.get_coordinates(ours.geometry)}
        tried = 0
        for x, y in sorted(corners)[::7]:
            touching = sorted(staged["area_code"][staged.intersects(shapely.Point(x, y))])
            meet = {forums[code][0] for code in touching if code in forums}
            if len(meet) < 2 or touching[0] not in forums:
                continue
            code, lines, _ = ask(f"{float(x)!r},{float(y)!r}")
            assert code == 0
            assert f", in the small area {touching[0]} (" in lines[1]
            told = line_of(lines, "Community forum areas")
            assert f"({forums[touching[0]][0]}), with its small area" in told
            assert "within 50 m of the edge: a crime here may be counted on the other side" in told
            tried += 1
        assert tried >= 3

    def test_a_point_in_a_town_whose_residents_are_counted_elsewhere(
        self, ask, shapes, towns, residents
    ):
        for _, town in towns.iterrows():
            others = shapes[~shapes["LSOA21CD"].isin(residents.keys())]
            ground = others.geometry.intersection(town.geometry)
            if ground.area.max() > 10_000:
                inside = ground[ground.area.idxmax()].representative_point()
                break
        code, lines, _ = ask(f"{inside.x:.1f},{inside.y:.1f}")
        assert code == 0
        assert line_of(lines, "Towns").startswith(
            f"{town['area_name'].removesuffix(' (invented)')} ({town['area_code']}), inside its own"
            " boundary; but the residents of its small area are counted in none of this kind"
        )

    def test_a_point_outside_a_town_that_counts_its_residents(self, ask, shapes, towns, residents):
        members = shapes[shapes["LSOA21CD"].isin(residents.keys())]
        ground = members.geometry.difference(towns.union_all().buffer(60))
        outside = ground[ground.area.idxmax()].representative_point()
        home = shapes["LSOA21CD"][ground.area.idxmax()]
        code, lines, _ = ask(f"{outside.x:.1f},{outside.y:.1f}")
        assert code == 0
        told = line_of(lines, "Towns")
        assert told.startswith("in none, but the residents of its small area are counted in ")
        assert f"({residents[home]})" in told

    def test_a_point_inside_with_its_residents(self, ask, shapes, towns, residents):
        home, town = next(iter(sorted(residents.items())))
        polygon = towns[towns["area_code"] == town].geometry.iloc[0]
        own = shapes.geometry[shapes["LSOA21CD"] == home].iloc[0].intersection(polygon)
        inside = own.buffer(-60).representative_point()
        _, lines, _ = ask(f"{inside.x:.1f},{inside.y:.1f}")
        told = line_of(lines, "Towns")
        assert (
            "inside its own boundary; the residents of its small area are counted there too" in told
        )
        assert "50 m" not in told

    @pytest.mark.parametrize(("step", "inside"), [(-30, True), (30, False), (70, False)])
    def test_within_50_m_of_a_towns_edge(self, ask, towns, step, inside):
        """From the middle of a straight side, that many metres outwards."""
        town = towns.iloc[0]
        (outline,) = shapely.get_parts(shapely.boundary(town.geometry))
        sides = shapely.get_coordinates(outline)
        a, b = max(itertools.pairwise(sides), key=lambda s: ((s[1] - s[0]) ** 2).sum())
        along = (b - a) / ((b - a) ** 2).sum() ** 0.5
        out = along[::-1] * (1, -1)
        at = (a + b) / 2 + step * out
        if town.geometry.contains(shapely.Point((a + b) / 2 + out)):
            at = (a + b) / 2 - step * out
        assert town.geometry.contains(shapely.Point(at)) is inside
        _, lines, _ = ask(f"{at[0]:.2f},{at[1]:.2f}")
        told = line_of(lines, "Towns")
        if inside:
            assert "within 50 m of the edge: a crime here may be counted on the other side" in told
        else:
            near = f"within 50 m of the edge of {town['area_name'].removesuffix(' (invented)')}"
            assert (near in told) is (step < 50)

    @pytest.mark.parametrize(
        ("words", "sentence"),
        [
            ("0,0", "0,0 lies outside Exampleshire, and far from it."),
            ("-33.9,151.2", "-33.9,151.2 lies outside Exampleshire, and far from it."),
            ("453000,319000", "in no small area in hand: outside Exampleshire."),
            ("X01000059", "The small area X01000059 lies around easting "),
        ],
    )  # fmt: skip
    def test_outside_the_place_is_one_sentence_and_no_error(self, ask, words, sentence):
        code, lines, err = ask(words)
        assert code == 0 and err == ""
        assert len(lines) == 3
        _, told, release = lines
        assert sentence in told
        assert "outside Exampleshire" in told
        assert release.startswith("By release ")

    def test_outside_but_near_the_edge(self, ask, shapes, forums):
        county = shapes[shapes["LSOA21CD"].isin(forums.keys())].union_all()
        x, y = shapely.get_coordinates(county.convex_hull)[0]
        middle = county.centroid
        away = shapely.Point(x, y).distance(middle)
        at = x + 20 * (x - middle.x) / away, y + 20 * (y - middle.y) / away
        assert not county.contains(shapely.Point(at))
        _, lines, _ = ask(f"{at[0]:.1f},{at[1]:.1f}")
        assert "outside Exampleshire, though within 50 m of the edge of " in lines[1]
        assert "Exampleshire (X10000001)" in lines[1]


AREA = {"area_code": "T1", "area_name": "Town", "rule": "population share", "weight": 0.62}


class TestShares:
    """Small areas shared out between areas, which the invented county's own rules never do."""

    def told(self, form, **more):
        kind = {"area_kind": "town", "label": "Towns", "edition": None, "has_own_boundary": True}
        one = {"easting": 1.0, "northing": 2.0, "small_area_code": "X01000001"}
        one |= {"small_area_name": None, "in_place": True, "kinds": [kind | {"areas": [more]}]}
        answer = {"asked": "1,2", "form": form, "remark": "", "place": "P", "found": [one]}
        answer |= {"release": "r", "invented": False}
        return line_of(list(where.sentences(answer, quiet=False)), "Towns")

    @pytest.mark.parametrize(
        ("contains", "sentence"),
        [
            (True, "there too (62% of them, by population share)."),
            (False, "are counted in Town (T1) (62% of them, by population share)."),
        ],
    )
    def test_of_a_point(self, contains, sentence):
        told = self.told("metres", **AREA, contains=contains, is_near_edge=False)
        assert told.endswith(sentence)

    def test_of_a_small_area(self):
        told = self.told("small area", **AREA, contains=True, share_of_ground=0.003)
        assert told == (
            "Town (T1) (62% of its residents, by population share), and 0.3% of its ground lies"
            " inside."
        )
        none = AREA | {"weight": None, "rule": None}
        told = self.told("small area", **none, contains=False, share_of_ground=0.12)
        assert told == (
            "12% of its ground lies inside Town (T1), but its residents are not counted there."
        )


class TestTheCommand:
    def test_json_is_the_whole_answer(self, released, command, postcode):
        code, out, _ = command("where", postcode[0], "--data", released, "--json")
        assert code == 0
        answer = json.loads(out)
        assert (answer["form"], answer["asked"]) == ("postcode", postcode[0])
        (one,) = answer["found"]
        assert (one["easting"], one["northing"]) == postcode[1:]
        kinds = {kind["area_kind"]: kind for kind in one["kinds"]}
        assert list(kinds) == [k.id for k in catalogue.read("exampleshire").place.area_kinds]
        assert kinds["town"]["has_own_boundary"] is True
        assert kinds["district"]["has_own_boundary"] is False
        (place,) = kinds["place"]["areas"]
        assert (place["contains"], place["weight"], place["rule"]) == (True, 1, "exact membership")

    def test_quiet_is_the_names(self, released, command):
        code, out, _ = command("where", "X01000004", "--data", released, "--quiet")
        assert code == 0
        assert out.splitlines()[1] == (
            "Old Wharf and Castle (X-PN1), Fellside Forum (X-F1), Larkhaven (X63000001),"
            " Northmarch (X07000001), Exampleshire (X10000001)"
        )

    def test_a_terminated_postcode_says_so(self, ask):
        with (COUNTY / "inbox" / "postcodes" / "NSPL_AUG_2026_UK.csv").open() as file:
            row = next(r for r in csv.DictReader(file) if r["doterm"] and r["gridind"] != "9")
        code, lines, _ = ask(row["pcds"])
        assert code == 0
        ended = f"{row['doterm'][:4]}-{row['doterm'][4:]}"
        assert lines[1].startswith(
            f"This postcode ended in {ended}. A postcode stands at one point"
        )

    def test_the_data_folder_is_enough(self, tmp_path, released, command, postcode):
        """A data folder on a laptop, without warehouse and postcode file, says what it cannot."""
        data = tmp_path / "data"
        shutil.copytree(released, data, ignore=shutil.ignore_patterns("prefect", "police_crime"))
        (data / "warehouse.duckdb").unlink()
        (data / "snapshots" / "postcodes" / "index.jsonl").unlink()
        text, east, north = postcode
        code, out, _ = command("where", f"{east},{north}", "--data", data)
        assert code == 0 and "Midvale (X07000002)" in out
        code, _, err = command("where", text, "--data", data)
        assert code == 2 and "No postcode file is in hand." in err and "NSPL or ONSPD" in err
        code, _, err = command("where", "X01000009", "--data", data)
        assert code == 2 and "nor one of 2011 in the lookup" in err

    def test_before_the_first_release(self, tmp_path, command):
        code, _, err = command("where", "0,0", "--data", tmp_path)
        assert code == 2 and "Run evidence refresh first" in err


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("LE11 1AA", "postcode"),
        ("m1 1ae", "postcode"),
        ("EC1A1BB", "postcode"),
        ("52.77,-1.2", "degrees"),
        ("+52.77 , 1.2", "degrees"),
        ("453000 319000", "metres"),
        ("453000.5,319000.25", "metres"),
        ("e01025701", "small area"),
        ("W01000001", "small area"),
    ],
)
def test_the_form_of_a_question(text, form):
    asked = where.read(text)
    assert asked.form == form
    if form == "degrees":
        assert (asked.y, asked.x) in {(52.77, -1.2), (52.77, 1.2)}
