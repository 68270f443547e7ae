"""The invented county end to end: what a release holds, and that it is the same every time."""

import contextlib
import csv
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from filelock import FileLock

from flows import drafts, releases, signing

HERE = Path(__file__).parent
GOLDEN = HERE / "golden.csv"
COLUMNS = [
    "theme",
    "indicator_id",
    "indicator",
    "area_kind",
    "area_code",
    "area_name",
    "edition",
    "period",
    "period_start",
    "period_end",
    "numerator",
    "denominator",
    "value",
    "marker",
    "unit",
    "lower_ci",
    "upper_ci",
    "lower_998",
    "upper_998",
    "value_smoothed",
    "assignment_low",
    "assignment_high",
    "sensitive",
    "comparator",
    "comparator_value",
    "compared",
    "compared_adjusted",
    "parent",
    "parent_value",
    "compared_parent",
    "comparator_england",
    "compared_england",
    "peer_median",
    "peer_rank",
    "peer_rank_low",
    "peer_rank_high",
    "peer_count",
    "earlier_period",
    "earlier_value",
    "ratio_to_earlier",
    "ratio_lower",
    "ratio_upper",
    "changed",
    "trend",
    "trend_note",
    "polarity",
    "source",
    "method",
    "note",
]


def tables(folder):
    return {
        p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in [*folder.glob("*.parquet"), *folder.glob("*.csv"), *folder.glob("themes/*.csv")]
    }


def newest(evidence):
    """The newest cell of each indicator and area, as the golden table shows it."""
    return evidence.sql(
        "select indicator_id, area_kind, area_code, period, numerator, denominator, value,"
        " marker, lower_ci, upper_ci, lower_998, upper_998, value_smoothed, assignment_low,"
        " assignment_high, sensitive, comparator_value, compared, compared_adjusted, parent,"
        " parent_value, compared_parent, comparator_england, compared_england, peer_median,"
        " peer_rank, peer_rank_low, peer_rank_high, peer_count, earlier_period, earlier_value,"
        " ratio_to_earlier, ratio_lower, ratio_upper, changed, trend, trend_note, note"
        " from evidence"
        " qualify row_number() over (partition by indicator_id, area_kind, area_code"
        " order by period_end desc, period desc) = 1 order by 1, 2, 3"
    )


def test_golden_table(evidence, tmp_path):
    """Look at a difference, and only then run: python tests/county/test_release.py."""
    newest(evidence).write_csv(str(tmp_path / "now.csv"), header=True)
    now = list(csv.DictReader((tmp_path / "now.csv").open()))
    golden = list(csv.DictReader(GOLDEN.open()))
    assert len(now) == len(golden)
    for ours, theirs in zip(now, golden, strict=True):
        assert ours == theirs


def test_the_tidy_tables_columns(evidence):
    assert evidence.sql("from evidence limit 0").columns == COLUMNS
    from flows.publish import datapackage

    assert [c["name"] for c in datapackage.columns()] == COLUMNS


def test_crimes_of_a_month_equal_pandas_and_geopandas(evidence, released):
    """An independent count from the archives' bytes and the published polygons."""
    import io
    import zipfile

    frames = []
    for name in ("2023-06.zip", "2025-06.zip"):
        inbox = HERE.parents[1] / "geo" / "exampleshire" / "inbox" / "police_crime"
        with zipfile.ZipFile(inbox / name) as archive:
            for member in archive.namelist():
                if member.endswith("-street.csv"):
                    frames.append(pd.read_csv(io.BytesIO(archive.read(member)), dtype=str))
    rows = pd.concat(frames).dropna(subset=["Longitude"])
    rows = rows[rows["Crime type"] != "Anti-social behaviour"]
    points = gpd.points_from_xy(rows["Longitude"].astype(float), rows["Latitude"].astype(float))
    located = gpd.GeoDataFrame(rows[["Month"]], geometry=points, crs=4326).to_crs(27700)
    for kind in ("place", "district", "community_forum_area", "priority_neighbourhood", "town"):
        areas = gpd.read_file(released / "latest" / "localities.gpkg", layer=kind)
        inside = located.sjoin(areas, predicate="within")
        inside = inside[inside["Month"] != "2024-02"]  # the county's own force did not publish
        expected = inside.groupby(["Month", "area_code"]).size().to_dict()
        ours = evidence.execute(
            "select period, area_code, numerator from evidence"
            " where indicator_id = 'crimes_month' and area_kind = $kind and numerator > 0",
            {"kind": kind},
        ).fetchall()
        assert {(p, c): int(n) for p, c, n in ours} == expected, kind


def test_every_theme_has_its_table_and_every_gap_its_reason(released, evidence):
    themes = sorted(p.stem for p in (released / "latest" / "themes").glob("*.csv"))
    assert len(themes) == 7
    for theme in themes:
        rows = list(csv.DictReader((released / "latest" / "themes" / f"{theme}.csv").open()))
        assert len({r["indicator_id"] for r in rows}) >= 2
        assert all(theme in r["theme"].split("; ") for r in rows)
        assert all(r["value"] or r["note"] for r in rows)
    kinds = evidence.sql("select distinct area_kind from evidence").fetchall()
    assert len(kinds) == 6


def test_every_indicator_and_kind_of_locality_has_a_figure_or_a_reason(released, evidence):
    """Judged from the released files alone, by the catalogue."""
    from flows import catalogue

    book = catalogue.read("exampleshire")
    with (released / "latest" / "gaps.csv").open() as stream:
        gaps = list(csv.DictReader(stream))
    figures = evidence.sql(
        "select distinct indicator_id, area_kind from evidence where value is not null"
    ).fetchall()
    told = {(g["indicator_id"], g["area_kind"]) for g in gaps}
    asked = {i.id for i in book.indicators if i.source not in book.switched_off()}
    lacking = {
        (i, k.id) for i in asked for k in book.place.area_kinds if (i, k.id) not in set(figures)
    }
    assert lacking and lacking <= told
    assert all(g["reason"] for g in gaps)


def test_a_month_that_the_county_s_force_did_not_publish_is_a_gap_with_its_reason(released):
    with (released / "latest" / "gaps.csv").open() as stream:
        gaps = [g for g in csv.DictReader(stream) if g["area_kind"] == "place"]
    keys = ("gap", "reason", "first_period", "last_period", "periods")
    why = ("period not covered", "exampleshire: no file of the force is in hand")
    by_id = {g["indicator_id"]: tuple(g[k] for k in keys) for g in gaps}
    assert by_id["crimes_month"] == (*why, "2024-02", "2024-02", "1")
    rolling = ("2023-03 to 2024-02", "2024-02 to 2025-01", "12")
    assert by_id["crime_rate_12_months"] == (*why, *rolling)
    path = released / "latest" / "quality" / "force_coverage.csv"
    months = list(csv.DictReader(path.open()))
    home = [m for m in months if m["force"] == "exampleshire"]
    assert len(home) == 36 and {m["is_home"] for m in home} == {"true"}
    assert [m["month"] for m in home if m["state"] != "whole"] == ["2024-02-01"]


def test_invented_is_marked_in_every_output(released, evidence):
    latest = released / "latest"
    unmarked = evidence.sql(
        "select count(*) from evidence where not contains(area_name, '(invented)')"
    )
    assert unmarked.fetchone() == (0,)
    for path in (latest / "themes").glob("*.csv"):
        rows = list(csv.DictReader(path.open()))
        assert all("(invented)" in r["area_name"] for r in rows)
    for kind in evidence_kinds(latest):
        names = gpd.read_file(latest / "localities.gpkg", layer=kind)["area_name"]
        assert names.str.contains("(invented)", regex=False).all()
    for page in (latest / "site").glob("*.html"):
        assert "INVENTED FIGURES" in page.read_text("utf-8"), page.name
    assert json.loads((latest / "datapackage.json").read_text())["invented"] is True
    assert json.loads((latest / "manifest.json").read_text())["invented"] is True
    assert "INVENTED" in (latest / "INVENTED.txt").read_text()
    ledger = evidence.read_parquet(str(latest / "assignment_ledger.parquet"))
    assert all("(invented)" in row[0] for row in ledger.select("area_name").fetchall())


def test_a_rerun_with_nothing_new_makes_no_new_release(county, command, monkeypatch):
    """Nor does it build anything: what is in hand says so by its hashes."""
    from flows import building

    monkeypatch.setattr(building, "build", None)
    _, data = county
    before = sorted(p.name for p in (data / "releases").iterdir())
    code, out, _ = command("refresh", "--data", data)
    assert code == 0 and "Nothing new" in out
    assert sorted(p.name for p in (data / "releases").iterdir()) == before


@pytest.mark.outputs
def test_same_input_same_bytes_in_one_thread_as_in_three(released, tmp_path, with_threads):
    """From the files to the release, and nothing in hand."""
    from flows.evidence import Request, refresh

    with_threads(1)
    outcome = refresh(Request(place="exampleshire", data=str(tmp_path)))
    assert outcome.state == "published"
    assert tables(tmp_path / "latest") == tables(released / "latest")
    gpkg = "localities.gpkg"
    assert (tmp_path / "latest" / gpkg).read_bytes() == (released / "latest" / gpkg).read_bytes()


def test_the_order_of_rows_in_a_file_changes_nothing(county, command, released):
    place, data = county
    path = place / "community_forums.csv"
    lines = path.read_text().splitlines()
    path.write_text("\n".join([lines[0], *reversed(lines[1:])]) + "\n")
    code, out, _ = command("refresh", "--place", place, "--data", data)
    assert code == 0 and "Nothing new" in out


def test_one_entry_adds_an_indicator(tmp_path, begun, alone, monkeypatch):
    """Nothing but one [[indicator]] entry in a theme file."""
    import duckdb

    from flows import catalogue
    from flows.evidence import Request, refresh

    themes = tmp_path / "themes"
    shutil.copytree(catalogue.THEMES, themes)
    with (themes / "safer_communities.toml").open("a") as file:
        file.write(
            """
[[indicator]]
id = "bicycle_theft_rate_12_months"
label = "Bicycle theft, twelve months"
source = "police_crime"
measure = "bicycle_theft"
method = "rate"
unit = "per 1,000 residents"
denominator = "population.all_ages"
per = 1000
period = "rolling_12_months"
polarity = "low"
tier = "police"
owner = "Police performance analyst"
why = "Cycling is worth little where a cycle cannot be left."
plausible = [0, 100]
"""
        )
    monkeypatch.setattr(catalogue, "THEMES", themes)
    data, theme = begun(tmp_path / "data"), ("safer_communities",)
    outcome = refresh(Request(place=str(alone), data=str(data), themes=theme))
    assert outcome.state == "published"
    rows = duckdb.execute(
        "select count(*), count(value), count(lower_ci) from read_parquet($t)"
        " where indicator_id = 'bicycle_theft_rate_12_months'",
        {"t": str(data / "latest" / "evidence.parquet")},
    ).fetchone()
    assert rows[0] == rows[1] == rows[2] == 19 * 13


def test_months_and_themes_asked_for_are_kept_to(tmp_path, begun, alone, command):
    data = begun(tmp_path / "data")
    code, out, _ = command(
        "refresh", "--place", alone, "--data", data, "--since", "2024-03", "--until", "2024-06",
        "--themes", "safer_communities,older_people", "--json",
    )  # fmt: skip
    assert code == 0
    assert json.loads(out)["state"] == "published"
    latest = data / "latest"
    assert sorted(p.stem for p in (latest / "themes").glob("*.csv")) == [
        "older_people",
        "safer_communities",
    ]
    rows = list(csv.DictReader((latest / "themes" / "safer_communities.csv").open()))
    months = {r["period"] for r in rows if r["indicator_id"] == "crimes_month"}
    assert months == {"2024-03", "2024-04", "2024-05", "2024-06"}
    rolling = [r for r in rows if r["indicator_id"] == "crime_rate_12_months"]
    assert rolling and all(r["value"] == "" and r["note"] for r in rolling)


def evidence_kinds(latest):
    import geopandas as gpd

    layers = set(gpd.list_layers(latest / "localities.gpkg")["name"])
    kinds = {e["area_kind"] for e in json.loads((latest / "manifest.json").read_text())["editions"]}
    assert kinds <= layers
    return kinds


def test_datapackage_is_valid_and_describes_every_file(released):
    from frictionless import Package

    latest = released / "latest"
    package = Package(str(latest / "datapackage.json"))
    report = package.validate()
    assert report.valid, report.flatten(["title", "note"])
    described = {r.path for r in package.resources}
    there = {p.relative_to(latest).as_posix() for p in latest.rglob("*") if p.is_file()}
    pages = {p for p in there if p.startswith("site/") and p != "site/index.html"}
    undescribed = {p for p in there if ".gdb/" in p} | {"datapackage.json", "manifest.json"}
    assert described == there - pages - undescribed
    raw = json.loads((latest / "datapackage.json").read_text())
    for resource in raw["resources"]:
        for field in resource.get("schema", {}).get("fields", []):
            assert field["description"]
    assert {s["title"].split(",")[0] for s in raw["sources"]} >= {"Census 2021"}
    assert all(a["text"] for a in raw["attributions"])


def test_ledger_columns_are_described(released, evidence):
    from flows.publish import datapackage

    ledger = evidence.read_parquet(str(released / "latest" / "assignment_ledger.parquet"))
    assert ledger.columns == list(datapackage.LEDGER)


def test_manifest_names_every_snapshot_behind_the_release(released):
    manifest = json.loads((released / "latest" / "manifest.json").read_text())
    for snapshot in manifest["snapshots"]:
        name = f"{snapshot['sha256']}{snapshot['suffix']}"
        content = (released / "snapshots" / snapshot["source"] / name).read_bytes()
        assert hashlib.sha256(content).hexdigest() == snapshot["sha256"]
        assert snapshot["url"] and snapshot["fetched_at"]
    assert {s["source"] for s in manifest["snapshots"]} >= {"police_crime", "place_files"}
    assert manifest["versions"]["duckdb"] == "1.5.5"


def test_latest_is_a_full_copy_without_links(released):
    latest, release = released / "latest", next((released / "releases").glob("20*"))
    assert not any(p.is_symlink() for p in [latest, *latest.rglob("*")])
    assert tables(latest) == tables(release)


def test_a_critical_expectation_stops_publication_and_a_warning_does_not(
    tmp_path, begun, alone, monkeypatch
):
    from expectations import checks
    from flows.evidence import NotPublished, Request, refresh

    suites = {k: [dict(e) for e in v] for k, v in checks.suites().items()}
    wanted = next(e for e in suites["evidence.plausibility"] if e["severity"] == "warning")
    wanted["kwargs"] = {"column": "cells", "min_value": 0, "max_value": 0}
    monkeypatch.setattr(checks, "suites", lambda: suites)
    data = begun(tmp_path / "data")
    asked = Request(place=str(alone), data=str(data), themes=("older_people",))
    outcome = refresh(asked)
    assert outcome.state == "published" and len(outcome.warnings) == 1
    assert wanted["because"] in (data / "latest" / "quality" / "remarks.txt").read_text()
    before = tables(data / "latest")
    wanted |= {"severity": "critical", "action": "stop"}
    (data / "releases" / "last_key.txt").unlink()
    with pytest.raises(NotPublished) as stopped:
        refresh(asked)
    assert stopped.value.outcome.code == 3
    assert wanted["because"] in stopped.value.outcome.faults[0]
    assert tables(data / "latest") == before


def test_exit_codes_of_usage_lock_and_place(county, command):
    _, data = county
    assert command("refresh", "--nonsense")[0] == 2
    assert command("refresh", "--since", "2024-13", "--data", data)[0] == 2
    code, _, err = command("refresh", "--place", "exampelshire", "--data", data)
    assert code == 2 and "Did you mean 'exampleshire'?" in err
    assert command("refresh", "--place", "leicestershire", "--data", data, "--offline")[0] == 2
    with FileLock(data / ".lock"):
        code, _, err = command("refresh", "--data", data)
    assert code == 5 and "another refresh is running" in err


def test_nothing_leaves_this_machine(first_refresh):
    """No telemetry of Prefect or Great Expectations, and no download, in a refresh of the county."""
    _, asked = first_refresh
    assert asked == []


# Begins a refresh, or the publication of a draft, in a process of its own for each request on standard
# input, and says which and, at its end, how. Judging tables writes nothing, and is left out; so are
# workbooks and layers, which are written into the same folder as the pages.
NURSERY = """
import json, os, sys
import geopandas, pyogrio, scipy.special  # once, and not in each process
from pathlib import Path
from flows import outputs, signing
from flows.evidence import Request, refresh
from flows.publish import gis, workbook

outputs.check = lambda con, book, store: []
gis.write = workbook.write = lambda *given: {}
for line in sys.stdin:
    child = os.fork()
    if not child:
        os.dup2(2, 1)
        asked = json.loads(line)
        if "draft" in asked:
            signing.publish(Path(asked["data"]), asked["draft"], "A. Name", "")
        else:
            refresh(Request(**asked))
        os._exit(0)
    print(child, flush=True)
    print(os.waitpid(child, 0)[1], flush=True)
"""


@pytest.fixture
def nursery(tmp_path):
    """A function that begins a refresh: its process, and a function that waits for its end."""
    with (tmp_path / "nursery.log").open("w") as log:
        running = subprocess.Popen(
            [sys.executable, "-c", NURSERY],
            cwd=HERE.parents[1], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True,
        )  # fmt: skip

        def begin(**request):
            running.stdin.write(json.dumps(request) + "\n")
            running.stdin.flush()
            return int(running.stdout.readline()), lambda: int(running.stdout.readline())

        with running:
            yield begin
            running.stdin.close()


@pytest.fixture
def two_lists(alone, tmp_path):
    """The county, and the county with a forum's list redrawn."""
    redrawn = tmp_path / "redrawn" / "exampleshire"
    shutil.copytree(alone, redrawn)
    moved = (alone / "community_forums.csv").read_text().replace("X01000001,X-F1", "X01000001,X-F2")
    moved = moved.replace("X-F2,Fellside", "X-F2,Larkmoor")
    (redrawn / "community_forums.csv").write_text(moved)
    return alone, redrawn


MOMENTS = 30


@pytest.mark.slow
def test_killed_at_any_moment_the_last_release_stands_or_heals(
    nursery, begun, two_lists, command, tmp_path
):
    """kill -9 at seeded moments, spread from the first to the last of a refresh that has something
    new to publish, held for sign-off or not, and of its publication: readers see one of the two
    releases, whole, or none until the next run."""
    data = begun(tmp_path / "data")

    def begin(place, hold="never"):
        # so that it dies while staging, too
        shutil.rmtree(data / "staged" / "population", ignore_errors=True)
        asked = {"place": str(place), "data": str(data), "themes": ["older_people"]}
        return (*nursery(**asked, hold=hold), time.monotonic())

    def shown():
        return releases.hash_of_tables(data / "latest") if (data / "latest").exists() else None

    tables_of = {}
    for place in two_lists:
        _, ended, since = begin(place)
        assert ended() == 0
        whole = time.monotonic() - since
        tables_of[place] = shown()
    assert len(set(tables_of.values())) == 2
    moments = random.Random(7)
    for k in range(MOMENTS):
        before, held = shown(), k % 3
        place = next(p for p in two_lists if tables_of[p] != before)
        if held:
            process, ended, _ = begin(place, hold="always")
        else:
            process, ended, _ = begin(place)
        time.sleep(whole * (k + moments.random()) / MOMENTS)
        with contextlib.suppress(ProcessLookupError):  # it had ended
            os.kill(process, signal.SIGKILL)
        ended()
        now = shown()
        assert now in (None, *tables_of.values())
        assert not held or now == before, "a draft was published that nobody signed off"
        waiting = [d for d in drafts.every(data) if d.state == "held"]
        if held == 2 and waiting and not signing.overtaken(data, waiting[-1]):
            process, ended = nursery(data=str(data), draft=waiting[-1].number)
            time.sleep(moments.random() * 0.2)
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
            ended()
            assert shown() in (None, *tables_of.values())
    first = two_lists[0]
    code, _, err = command(
        "refresh", "--place", first, "--data", data, "--themes", "older_people", "--quiet"
    )
    assert code == 0, err
    assert shown() == tables_of[first]
    assert not list((data / "drafts").glob(".building*"))
    assert not [d for d in drafts.every(data) if d.state == "publishing"]


if __name__ == "__main__":
    import tempfile

    import duckdb

    from flows.evidence import Request, refresh

    with tempfile.TemporaryDirectory() as folder:
        refresh(Request(place="exampleshire", data=folder))
        con = duckdb.connect()
        con.read_parquet(f"{folder}/latest/evidence.parquet").create_view("evidence")
        newest(con).write_csv(str(GOLDEN), header=True)
