"""Deliberately broken input: one clear sentence, a code that is not 0, and the last release as it was."""

import hashlib
import shutil
import zipfile
from pathlib import Path

import duckdb
import geopandas as gpd
import pytest
from shapely.geometry import Polygon

COUNTY = Path(__file__).parents[2] / "geo" / "exampleshire"


def wrong_header(place):
    path = place / "inbox" / "census_2021" / "census2021-ts054.zip"
    with zipfile.ZipFile(path) as archive:
        text = archive.read("census2021-ts054-lsoa.csv").decode()
    with zipfile.ZipFile(path, "w") as archive:
        text = text.replace("geography code", "area", 1)
        archive.writestr("census2021-ts054-lsoa.csv", text)


def truncated_zip(place):
    path = place / "inbox" / "police_crime" / "2025-06.zip"
    path.write_bytes(path.read_bytes()[:100_000])


def html_for_csv(place):
    path = place / "inbox" / "postcodes" / "NSPL_AUG_2026_UK.csv"
    path.write_text("<!DOCTYPE html><html><title>Access denied</title></html>")


def unknown_small_area_in_a_source(place):
    path = next((place / "inbox" / "indices_of_deprivation").glob("*.csv"))
    path.write_text(path.read_text().replace("X01000001,", "X01999999,", 1))


def unknown_small_area_in_a_list(place):
    path = place / "community_forums.csv"
    path.write_text(path.read_text().replace("X01000001,", "X01000O01,", 1))


def boundary_without_crs(place):
    path = place / "towns.gpkg"
    towns = gpd.read_file(path, layer="towns")
    path.unlink()
    towns.set_crs(None, allow_override=True).to_file(path, layer="towns")


def self_crossing_polygon(place):
    path = place / "towns.gpkg"
    towns = gpd.read_file(path, layer="towns")
    bow = Polygon([(570000, 460000), (572000, 462000), (572000, 460000), (570000, 462000)])
    towns.loc[0, "geometry"] = bow
    path.unlink()
    towns.to_file(path, layer="towns")


def two_areas_with_one_code(place):
    path = place / "towns.gpkg"
    towns = gpd.read_file(path, layer="towns")
    towns["town_code"] = towns["town_code"].iloc[0]
    path.unlink()
    towns.to_file(path, layer="towns")


def two_forums_with_one_code(place):
    path = place / "community_forums.csv"
    path.write_text(path.read_text().replace("X-F2", "X-F1"))


def a_small_area_left_out(place):
    path = place / "community_forums.csv"
    path.write_text("\n".join(path.read_text().splitlines()[:-1]) + "\n")


CASES = {
    wrong_header: (4, "census2021-ts054-lsoa.csv", "no column 'geography code'"),
    truncated_zip: (4, "2025-06.zip", "cut short or damaged"),
    html_for_csv: (4, "NSPL_AUG_2026_UK.csv", "web page"),
    unknown_small_area_in_a_source: (3, "file-7-2025.csv", "X01999999"),
    unknown_small_area_in_a_list: (2, "community_forums.csv", "Did you mean X01000001?"),
    boundary_without_crs: (2, "towns.gpkg", "Set it in QGIS"),
    self_crossing_polygon: (2, "towns.gpkg", "crosses itself"),
    two_areas_with_one_code: (2, "towns.gpkg", "Give each area its own code"),
    two_forums_with_one_code: (2, "community_forums.csv", "two areas have the code X-F1"),
    a_small_area_left_out: (2, "community_forums.csv", "1 small areas are in no"),
}


def fingerprint(folder):
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            digest.update(str(path.relative_to(folder)).encode() + path.read_bytes())
    return digest.hexdigest()


@pytest.mark.parametrize("broken", CASES, ids=lambda f: f.__name__)
def test_one_sentence_a_code_and_the_last_release_untouched(county, command, broken):
    place, data = county
    before = fingerprint(data / "latest"), fingerprint(data / "releases")
    broken(place)
    # the one that is found when all is built: in a theme that no return is held back from
    themes = ("--themes", "older_people") * (broken is unknown_small_area_in_a_source)
    code, out, err = command("refresh", "--place", place, "--data", data, *themes)
    wanted, file, said = CASES[broken]
    assert code == wanted, err
    assert file in err and said in err, err
    assert "Traceback" not in err + out
    assert (fingerprint(data / "latest"), fingerprint(data / "releases")) == before


def test_mending_the_file_publishes_again(county, command):
    place, data = county
    path = place / "inbox" / "police_crime" / "2025-06.zip"
    good = path.read_bytes()
    path.write_bytes(good[:5000])
    assert command("refresh", "--place", place, "--data", data)[0] == 4
    path.write_bytes(good)
    code, out, _ = command("refresh", "--place", place, "--data", data)
    assert code == 0 and "Nothing new" in out


def test_all_faults_of_all_sources_are_told_at_once(county, command):
    place, data = county
    html_for_csv(place)
    truncated_zip(place)
    wrong_header(place)
    code, _, err = command("refresh", "--place", place, "--data", data)
    assert code == 4
    assert all(word in err for word in ("NSPL_AUG_2026", "2025-06.zip", "ts054"))


def test_a_force_that_did_not_publish_makes_a_gap_and_not_zeros(county, command):
    """2024-02 is missing from the county's force; a neighbour's file alone covers nothing."""
    _, data = county
    months = duckdb.execute(
        "select count(*) from read_parquet($t) where period = '2024-02'"
        " and source = 'police_crime'",
        {"t": str(data / "latest" / "evidence.parquet")},
    ).fetchone()
    assert months == (0,)


def test_offline_without_any_file_says_what_to_put_where(tmp_path, command):
    place = tmp_path / "exampleshire"
    shutil.copytree(
        COUNTY,
        place,
        ignore=shutil.ignore_patterns("inbox"),
    )
    code, _, err = command("refresh", "--place", place, "--data", tmp_path / "data", "--offline")
    assert code == 2
    assert "ons_geography" in err and "inbox" in err
