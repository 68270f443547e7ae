"""``evidence check``: boundaries and lists tried before anything is built, and mended on request."""

import json
import shutil
from pathlib import Path

import geopandas as gpd
import pytest
from shapely.geometry import Polygon

COUNTY = Path(__file__).parents[2] / "geo" / "exampleshire"


@pytest.fixture
def place(tmp_path):
    folder = tmp_path / "exampleshire"
    shutil.copytree(COUNTY, folder)
    return folder


def towns(place):
    return gpd.read_file(place / "towns.gpkg", layer="towns")


def put(place, layer):
    (place / "towns.gpkg").unlink()
    layer.to_file(place / "towns.gpkg", layer="towns")


def test_a_sound_place_is_said_kind_by_kind(command, tmp_path):
    code, out, err = command("check", "--data", tmp_path / "none")
    assert code == 0 and err == ""
    assert "community_forum_area: 6 areas by exact membership" in out
    assert "town: 3 areas by polygons" in out
    assert not (tmp_path / "none").exists()


def test_faults_of_several_files_are_told_in_one_run(command, place):
    layer = towns(place)
    layer.loc[0, "geometry"] = Polygon(
        [(570000, 460000), (572000, 462000), (572000, 460000), (570000, 462000)]
    )
    layer.loc[1, "town_code"] = layer.loc[2, "town_code"]
    put(place, layer)
    forums = place / "community_forums.csv"
    lines = forums.read_text("utf-8").replace("X01000001,", "X01000O01,", 1).splitlines()
    forums.write_text("\n".join(lines[:-1]) + "\n", "utf-8")
    code, out, err = command("check", "--place", place)
    assert code == 2
    assert "crosses itself" in err and "two areas have the code" in err
    assert "Did you mean X01000001?" in err
    assert "All well" not in out and "Traceback" not in err


def test_a_list_of_2011_codes_is_known_for_what_it_is(command, place):
    forums = place / "priority_neighbourhoods.csv"
    text = forums.read_text("utf-8")
    forums.write_text(text + "X01000025,X-PN9,Nowhere\n", "utf-8")
    code, _, err = command("check", "--place", place)
    assert code == 2
    assert "X01000025 is a 2011 small area" in err
    assert "in 2021 it is X01000101 and X01000102" in err


def test_without_a_lookup_in_hand_it_says_that_nothing_was_checked(command, tmp_path):
    code, out, _ = command("check", "--place", "leicestershire", "--data", tmp_path)
    assert code == 0
    assert "not checked, for no lookup of small areas is in hand" in out


def test_the_lookups_of_an_earlier_refresh_serve(command, county):
    place, data = county
    shutil.rmtree(place / "inbox")
    before = sorted(p.relative_to(data) for p in data.rglob("*"))
    code, out, _ = command("check", "--place", place, "--data", data)
    assert code == 0 and "town: 3 areas by polygons" in out
    assert sorted(p.relative_to(data) for p in data.rglob("*")) == before


def test_fix_writes_a_mended_layer_beside_and_says_what_it_did(command, place, tmp_path):
    bow = Polygon([(570000, 460000), (572000, 462000), (572000, 460000), (570000, 462000)])
    layer = towns(place)
    layer.loc[0, "geometry"] = bow
    put(place, layer)
    original = (place / "towns.gpkg").read_bytes()
    out_file = tmp_path / "mended.gpkg"
    code, out, _ = command("check", "--place", place, "--fix", out_file)
    assert code == 0 and "Written" in out
    mended = gpd.read_file(out_file, layer="town")
    assert mended.is_valid.all() and mended.crs.to_epsg() == 27700
    assert mended.geometry.area.min() > 0 and len(mended) == 3
    assert (place / "towns.gpkg").read_bytes() == original


def test_fix_never_writes_over_a_file(command, place):
    original = (place / "towns.gpkg").read_bytes()
    code, _, err = command("check", "--place", place, "--fix", place / "towns.gpkg")
    assert code == 2 and "nothing is written over" in err
    assert (place / "towns.gpkg").read_bytes() == original


def test_as_json(command, place):
    (place / "towns.gpkg").write_bytes(b"<html>no</html>")
    code, out, _ = command("check", "--place", place, "--json")
    told = json.loads(out)
    assert code == 2 and len(told["faults"]) == 1
    assert "cannot be read" in told["faults"][0]


EDITIONS = """
[[area_kind]]
id = "ward"
label = "Wards"
[[area_kind.edition]]
id = "a"
valid_to = 2020-01-01
rule = { group_by = "place" }
[[area_kind.edition]]
valid_from = 2020-01-01
valid_to = 2019-01-01
rule = { group_by = "place" }
polygons = { file = "x.gpkg", portal = "Y", code = "c", name = "n" }
"""


def test_all_that_is_wrong_with_editions_is_told_at_once(command, place):
    (place / "place.toml").write_text((place / "place.toml").read_text("utf-8") + EDITIONS, "utf-8")
    code, _, err = command("check", "--place", place)
    assert code == 2
    for told in (
        "an edition has no id",
        "it has 2 definitions (polygons, rule)",
        "give either a file or the portal's service name",
        "valid_from 2020-01-01 is after valid_to 2019-01-01",
        "both in force on 2020-01-01",
    ):
        assert told in err
