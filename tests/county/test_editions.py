"""Boundaries that were redrawn: which edition a figure is on, and an older release made again."""

import csv
import json
import shutil
from pathlib import Path

import duckdb
import pytest

from flows.releases import TABLES

COUNTY = Path(__file__).parents[2] / "geo" / "exampleshire"
FORUMS = """
[[area_kind]]
id = "community_forum_area"
label = "Community forum areas"
partition = true
membership = { file = "community_forums.csv" }
"""
OLD = """
[[area_kind.edition]]
id = "2019"
valid_from = 2019-04-01
valid_to = 2023-12-31
membership = { file = "forums_2019.csv" }
"""
NEW = """
[[area_kind.edition]]
id = "2024"
valid_from = 2024-01-01
membership = { file = "community_forums.csv" }
"""


def redrawn(folder: Path, *editions: str) -> Path:
    """The county with forums in editions; in 2019 the first forum had two small areas more."""
    place = folder / "exampleshire"
    if not place.exists():
        shutil.copytree(COUNTY, place, ignore=shutil.ignore_patterns("partner_return"))
    toml = (COUNTY / "place.toml").read_text("utf-8")
    kind = FORUMS.replace('membership = { file = "community_forums.csv" }\n', "")
    assert FORUMS in toml
    (place / "place.toml").write_text(toml.replace(FORUMS, kind + "".join(editions)), "utf-8")
    rows = list(csv.DictReader((COUNTY / "community_forums.csv").open(encoding="utf-8")))
    second = [r for r in rows if r["area_code"] == "X-F2"][:2]
    for row in second:
        row["area_code"], row["area_name"] = "X-F1", "Fellside Forum (invented)"
    with (place / "forums_2019.csv").open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return place


def run(place, data, **asked):
    from flows.evidence import Request, refresh

    request = Request(place=str(place), data=str(data), themes=("safer_communities",), **asked)
    return refresh(request)


def residents(folder, code="X-F1"):
    """The denominators of a forum's crime rate by the last day of the period, with the edition."""
    rows = duckdb.execute(
        "select period_end::varchar, denominator, edition from read_parquet($table)"
        " where indicator_id = 'crime_rate_12_months' and area_code = $code order by period_end",
        {"table": f"{folder}/evidence.parquet", "code": code},
    ).fetchall()
    return {day: (float(people), edition) for day, people, edition in rows}


@pytest.fixture(scope="module")
def releases(tmp_path_factory, begun):
    """In 2020: one edition. Then the map is redrawn, and three refreshes are asked for."""
    folder = tmp_path_factory.mktemp("redrawn")
    data = begun(folder / "data")
    first = OLD.replace("valid_to = 2023-12-31\n", "")
    before = run(redrawn(folder, first), data)
    place = redrawn(folder, OLD, NEW)
    after = run(place, data)
    again = run(place, data, boundaries="2020-06-01")
    each = run(place, data, boundaries="period")
    return {"before": before, "after": after, "again": again, "each": each, "data": data}


def manifest(outcome):
    return json.loads((Path(outcome.folder) / "manifest.json").read_text("utf-8"))


def test_todays_edition_is_used_for_every_period_and_named(releases):
    told = residents(releases["after"].folder)
    assert {edition for _, edition in told.values()} == {"2024"}
    said = "Community forum areas: boundaries of edition 2024 (in force from 2024-01-01 to now)."
    assert said in releases["after"].notes
    (used,) = [
        e
        for e in manifest(releases["after"])["editions"]
        if e["area_kind"] == "community_forum_area"
    ]
    assert used == {
        "area_kind": "community_forum_area",
        "edition": "2024",
        "valid_from": "2024-01-01",
        "valid_to": None,
    }


def test_an_older_release_is_made_again_on_its_own_edition_byte_for_byte(releases):
    before, again = releases["before"], releases["again"]
    assert before.state == "published" and again.state == "study"
    assert tables(before) == tables(again) != tables(releases["after"])


def tables(outcome):
    """Every table's bytes. The layers are left out: they say since when an edition ends."""
    folder = Path(outcome.folder)
    names = [*TABLES, *(p.relative_to(folder).as_posix() for p in folder.glob("themes/*.csv"))]
    return {name: (folder / name).read_bytes() for name in names}


def test_a_study_leaves_what_readers_see_as_it_is(releases):
    latest = json.loads((releases["data"] / "latest" / "manifest.json").read_text("utf-8"))
    assert latest["release"] == releases["each"].release
    assert releases["again"].release != latest["release"]
    assert Path(releases["again"].folder).parent.name == "studies"


def test_each_period_on_the_edition_in_force_at_its_end(releases):
    old, new = residents(releases["before"].folder), residents(releases["after"].folder)
    each = residents(releases["each"].folder)
    assert set(each) == set(new) and min(each) < "2023-12-31" < max(each)
    for day, figure in each.items():
        assert figure == (old[day] if day <= "2023-12-31" else new[day])
    assert old["2023-12-31"][0] > new["2023-12-31"][0]


def test_the_ledger_and_the_layers_name_the_edition(releases):
    import geopandas as gpd

    folder = releases["each"].folder
    editions = duckdb.execute(
        "select distinct edition from read_parquet($table)"
        " where area_kind = 'community_forum_area' order by 1",
        {"table": f"{folder}/assignment_ledger.parquet"},
    ).fetchall()
    assert editions == [("2019",), ("2024",)]
    layer = gpd.read_file(f"{folder}/localities.gpkg", layer="community_forum_area")
    days = layer.groupby("edition")[["valid_from", "valid_to"]].first().to_dict("index")
    told = {name: str(day)[:10] for name, day in days["2019"].items()}
    assert told == {"valid_from": "2019-04-01", "valid_to": "2023-12-31"}
    assert len(layer) == 12


def test_nothing_in_force_is_a_gap_with_its_reason(begun, tmp_path):
    data = begun(tmp_path / "data")
    outcome = run(redrawn(tmp_path, NEW), data, boundaries="2020-06-01")
    assert "Community forum areas: no edition is in force on 2020-06-01." in outcome.gaps
    assert residents(outcome.folder) == {}
