"""Who may see what: nothing of a return that is not open is in anything that is published.

Returns whose every word and number is a marker are handed over; then each file of the release is
read to the last cell, and so is what each publisher of outputs is given.
"""

import csv
import inspect
import json
import re
import shutil
import sqlite3
import zipfile
from datetime import date
from pathlib import Path

import duckdb
import pandas
import pytest
from county_geography import postcodes, small_areas

from flows import jobs
from flows.publish.released import Released
from flows.returns import held, sharing
from flows.snapshots import Store

COUNTY = Path(__file__).parents[2] / "geo" / "exampleshire"
# each stands for a part of a return; the numbers are totals that no figure of the county comes to
RESTRICTED = ("zebrafish", "wildebeest", "okapi", "narwhal", "38012160", "10150")
PARTNER = ("pangolin", "424240")
HEAD = """
id = "{id}"
label = "{id} label"
counts = "one {id}"
unit = "{id} units"
themes = ["safer_communities"]
organisation = "A hospital trust (invented)"
owner = "Data officer of {sharing} figures"
given_on = 2025-07-01
purpose = "to see {id}"
sharing = "{sharing}"
expires = 2045-01-01
threshold = 5
"""
RETURNS = {
    "zebrafish_file": HEAD.format(id="zebrafish", sharing="restricted")
    + 'by = "lsoa21"\nperiod = "2024"\nwithout_rows = "unknown"\ncaveat = "zebrafish caveat"\n'
    + '[columns]\ncode = "A"\ncount = "B"\n',
    "okapi_file": HEAD.format(id="okapi", sharing="restricted")
    + 'by = "postcode"\nperiod = "2024"\n[columns]\npostcode = "A"\ncount = "B"\n',
    "pangolin_file": HEAD.format(id="pangolin", sharing="partner")
    + 'by = "area"\narea_kind = "community_forum_area"\nperiod = "2024"\n'
    + '[columns]\ncode = "A"\ncount = "B"\n',
}
CODES = [area.code for area in small_areas() if area.inside]
HOMES = [p.text for p in postcodes() if p.located and p.area.inside][:26]
ROWS = {
    "zebrafish_file": "A,B\n"
    + "".join(f"{code},791920\n" for code in CODES)
    + "X01999999,wildebeest\n",
    "okapi_file": "A,B\n"
    + "".join(f"{home},{9975 if n == 0 else 7}\n" for n, home in enumerate(HOMES))
    + "ZZ99 9ZZ,3\nNARWHAL,2\n",
    "pangolin_file": "A,B\n" + "".join(f"X-F{n},424240\n" for n in range(1, 7)),
}


def hand_over(place, names=tuple(RETURNS)):
    folder = place / "inbox" / "partner_return"
    for name in names:
        (folder / f"{name}.toml").write_text(RETURNS[name])
        (folder / f"{name}.csv").write_text(ROWS[name])
    return folder


def refresh(place, data, themes=()):
    from flows.evidence import Request
    from flows.evidence import refresh as flow

    return flow(Request(place=str(place), data=str(data), themes=themes))


def cells(path):
    """Everything that a file says, as text; a kind of file not known here must be taught first."""
    if path.suffix == ".parquet":
        return "\n".join(
            map(str, duckdb.execute("from read_parquet($p)", {"p": str(path)}).fetchall())
        )
    if path.suffix == ".gpkg":
        with sqlite3.connect(path) as con:
            names = [
                n for (n,) in con.execute("select name from sqlite_master where type = 'table'")
            ]
            return str(names) + "".join(
                str(con.execute(f'select * from "{n}"').fetchall()) for n in names
            )
    if path.suffix in (".xlsx", ".qgz"):
        with zipfile.ZipFile(path) as packed:
            return "".join(packed.read(n).decode("utf-8", "replace") for n in packed.namelist())
    if path.suffix == ".fgb" or path.parent.suffix == ".gdb":
        return path.read_bytes().decode("utf-8", "replace")
    known = [
        ".csv",
        ".json",
        ".geojson",
        ".txt",
        ".toml",
        ".md",
        ".html",
        ".js",
        ".css",
        ".svg",
        ".qml",
    ]
    assert path.suffix in known, f"{path.name}: teach this test to read such a file"
    return path.read_text("utf-8")


def in_warehouse(con):
    names = con.sql("select schema_name || '.' || table_name from duckdb_tables()").fetchall()
    return "".join(f"{name} {con.table(name).fetchall()}" for (name,) in names)


def told(markers, text):
    """The markers in a text; a number as a whole number, for its digits may stand in any other."""
    whole, text = r"(?<![\d.]){}(?!\d|\.\d*[1-9])", text.lower()
    return sorted(
        m for m in markers if m in text and (not m.isdigit() or re.search(whole.format(m), text))
    )


def found(folder, markers=RESTRICTED + PARTNER):
    """The files of a folder that hold a marker in their name or anywhere in them."""
    return {
        path.relative_to(folder).as_posix(): hits
        for path in sorted(folder.rglob("*"))
        if path.is_file() and (hits := told(markers, f"{path.name} {cells(path)}"))
    }


@pytest.fixture(scope="module")
def shared(tmp_path_factory, begun):
    """The county with three more returns, refreshed once; all that each publisher was given."""
    folder = tmp_path_factory.mktemp("tiers")
    place, data = folder / "exampleshire", begun(folder / "data")
    shutil.copytree(COUNTY, place)
    hand_over(place)
    given: dict[str, list[str]] = {}
    with pytest.MonkeyPatch.context() as patch:
        for name, module in doors().items():
            for called, function in inspect.getmembers(module, inspect.isfunction):
                if function.__module__ == name and not called.startswith("_"):
                    patch.setattr(module, called, overheard(function, name, given))
        outcome = refresh(place, data)
    assert outcome.state == "published", outcome
    return data, outcome, given


def doors():
    """The modules of flows/publish that the hall calls: one that is written tomorrow is among them."""
    from flows import outputs

    there = {m.__name__: m for m in vars(outputs).values() if inspect.ismodule(m)}
    return {name: m for name, m in there.items() if name.startswith("flows.publish.")}


def overheard(function, name, given):
    """The same function; what it is called with is noted as text, a warehouse once in full."""

    def call(*args, **named):
        noted = given.setdefault(name, [])
        for thing in (*args, *named.values()):
            if isinstance(thing, Released):
                noted.append("".join(written(part) for part in vars(thing).values()))
            elif not isinstance(thing, duckdb.DuckDBPyConnection):
                noted.append(repr(thing))
            elif not any(
                text.startswith("warehouse: ") for texts in given.values() for text in texts
            ):
                noted.append(f"warehouse: {in_warehouse(thing)}")
        return function(*args, **named)

    return call


def written(part):
    """A part of what is released, as text in full."""
    return part.to_csv() if isinstance(part, pandas.DataFrame) else repr(part)


class TestNothingGetsOut:
    def test_no_file_of_the_release_holds_any_of_it(self, shared):
        data, _, _ = shared
        assert found(data / "latest") == {}
        assert found(data / "releases") == {}

    def test_no_publisher_is_given_any_of_it(self, shared):
        _, _, given = shared
        assert set(given) == set(doors()), "a publisher that no refresh calls is not tested"
        for name, texts in given.items():
            assert [told(RESTRICTED + PARTNER, text) for text in texts] == [[]] * len(texts), name

    def test_not_even_the_warehouse_holds_it(self, shared):
        data, _, _ = shared
        with duckdb.connect(str(data / "warehouse.duckdb"), read_only=True) as con:
            assert told(RESTRICTED + PARTNER, in_warehouse(con)) == []

    def test_what_a_run_tells_holds_none_but_where_it_was_written(self, shared):
        _, outcome, _ = shared
        assert told(RESTRICTED + PARTNER, outcome.model_dump_json()) == []

    def test_readers_are_told_whom_to_ask(self, shared):
        data, outcome, _ = shared
        remarks = (data / "latest" / "quality" / "remarks.txt").read_text()
        for tier in ("restricted", "partner"):
            line = (
                f"not published: ask Data officer of {tier} figures, A hospital trust (invented)."
            )
            assert line in remarks and any(line in gap for gap in outcome.gaps)

    def test_the_markers_would_be_seen(self, shared):
        """All of them are in what is held, so that the tests above look for what is there; but for
        what stood in rows that cannot be read, which is shown to nobody."""
        data, _, _ = shared
        seen = set(RESTRICTED) - {"wildebeest", "narwhal"}
        assert {m for hits in found(data / "restricted").values() for m in hits} == seen
        assert {m for hits in found(data / "partner").values() for m in hits} == set(PARTNER)

    @pytest.mark.parametrize("hole", ["the rule says yes to all", "the store hides nothing"])
    def test_a_hole_in_the_rule_is_noticed(self, tmp_path, begun, monkeypatch, hole):
        place, data = tmp_path / "exampleshire", begun(tmp_path / "data")
        monkeypatch.setattr(held, "build", lambda *given: [])  # what is open is looked at
        shutil.copytree(COUNTY, place)
        hand_over(place)
        if hole == "the rule says yes to all":
            monkeypatch.setattr(sharing, "may_see", lambda told, tier: True)
            leaks = {"evidence.parquet", "themes/safer_communities.csv", "manifest.json"}
            leaks |= {"datapackage.json", "quality/quarantine.csv"}
        else:
            everything = property(lambda job: Store(job.data / "snapshots"))
            monkeypatch.setattr(jobs.Job, "store", everything)
            leaks = {"quality/quarantine.csv"}
        assert refresh(place, data, ("safer_communities", "cleaner_greener")).state == "published"
        assert leaks <= set(found(data / "latest"))


class TestHeld:
    def test_each_tier_has_its_own_figures_and_none_of_the_other_s(self, shared):
        data, outcome, _ = shared
        for tier, ours, theirs in (
            ("restricted", RESTRICTED, PARTNER),
            ("partner", PARTNER, RESTRICTED),
        ):
            folder = data / tier / outcome.release
            assert found(folder, theirs) == {}
            rows = list(csv.DictReader((folder / "evidence.csv").open()))
            open_rows = (data / "latest" / "themes" / "safer_communities.csv").open()
            assert list(rows[0]) == next(csv.reader(open_rows))
            assert {r["indicator_id"] for r in rows} - {"domestic_incidents"} == {
                m for m in ours if m in RETURNS_IDS
            }

    def test_the_figures_are_right(self, shared):
        data, outcome, _ = shared
        rows = {
            (r["indicator_id"], r["area_kind"], r["area_code"]): r
            for tier in ("restricted", "partner")
            for r in csv.DictReader((data / tier / outcome.release / "evidence.csv").open())
        }
        whole = rows["zebrafish", "place", "X10000001"]
        assert (float(whole["value"]), whole["period"]) == (48 * 791920, "2024")
        assert float(rows["pangolin", "community_forum_area", "X-F1"]["value"]) == 424240
        assert not [
            key for key in rows if key[0] == "pangolin" and key[1] != "community_forum_area"
        ]
        counts = [float(r["value"]) for k, r in rows.items() if k[0] == "okapi" and r["value"]]
        assert counts and not [n for n in counts if 0 < n < 5]

    def test_a_readme_says_who_may_see_them_what_for_and_until_when(self, shared):
        data, outcome, _ = shared
        first, *rest = (
            (data / "restricted" / outcome.release / "README.txt").read_text().splitlines()
        )
        assert first.startswith("Who may see these figures: those whom the purpose below names")
        for said in (
            "purpose:   to see zebrafish",
            "expires:   2045-01-01",
            "Data officer of restr",
        ):
            assert any(said in line for line in rest), said
        assert any("INVENTED" in line for line in rest)

    def test_rows_that_cannot_be_used_are_told_to_those_who_may_see_them(self, shared):
        data, outcome, _ = shared
        lost = (data / "restricted" / outcome.release / "quarantine.csv").read_text()
        assert "not a number" in lost and "not a postcode" in lost
        assert "the postcode is not among those in hand" in lost
        # with its row, and without what stood in it: that may be where one person lives
        assert "ZZ999ZZ" not in lost and "wildebeest" not in lost

    def test_what_it_was_made_from_is_written_beside_it(self, shared):
        data, outcome, _ = shared
        about = json.loads((data / "restricted" / outcome.release / "manifest.json").read_text())
        names = {s["name"] for s in about["snapshots"] if s["source"] == "partner_return"}
        assert names == {"zebrafish.zip", "okapi.zip", "domestic_incidents.zip"}
        assert about["release"] == outcome.release


RETURNS_IDS = {"zebrafish", "okapi", "pangolin"}


class TestRefreshes:
    def test_a_new_restricted_return_is_written_though_the_open_release_stands(
        self, county, command
    ):
        place, data = county
        before = {p: p.read_bytes() for p in (data / "latest").rglob("*") if p.is_file()}
        (newest,) = (data / "releases").glob("20*")
        hand_over(place, ["zebrafish_file"])
        (place / "inbox" / "partner_return" / "zebrafish_file.csv").write_text(
            "A,B\n" + "".join(f"{code},791920\n" for code in CODES)
        )
        code, out, err = command("refresh", "--place", place, "--data", data)
        assert code == 0, err
        written = data / "restricted" / newest.name / "evidence.csv"
        assert "zebrafish" in written.read_text()
        assert (data / "restricted" / newest.name / "README.txt").exists()
        after = {p: p.read_bytes() for p in (data / "latest").rglob("*") if p.is_file()}
        tables = [p for p in before if p.suffix in (".parquet", ".csv", ".gpkg")]
        assert all(after[p] == before[p] for p in tables) and "Nothing new" in out
        stamp = written.stat().st_mtime_ns
        assert "Nothing new" in command("refresh", "--place", place, "--data", data)[1]
        assert written.stat().st_mtime_ns == stamp, "the same again is not written again"

    def test_a_broken_return_stops_with_a_sentence_and_the_last_release_stays(
        self, county, command
    ):
        place, data = county
        before = {
            p: p.read_bytes() for p in data.rglob("*") if p.is_file() and "releases" in p.parts
        }
        held = sorted((data / "restricted").rglob("*"))
        folder = hand_over(place, ["zebrafish_file"])
        (folder / "zebrafish_file.csv").write_text("A,B\nX01000001,-3\n")
        code, _, err = command("refresh", "--place", place, "--data", data)
        assert code == 4 and "a count below zero: -3" in err and "Traceback" not in err
        after = {
            p: p.read_bytes() for p in data.rglob("*") if p.is_file() and "releases" in p.parts
        }
        assert after == before and sorted((data / "restricted").rglob("*")) == held
        (folder / "zebrafish_file.csv").unlink()
        code, _, err = command("refresh", "--place", place, "--data", data)
        assert code == 4 and "describes a return that is not there" in err

    def test_what_has_expired_is_a_gap_that_says_so(self, county, command, monkeypatch):
        _, data = county
        monkeypatch.setattr(jobs, "today", lambda: date(2045, 8, 1))
        asked = ("--data", data, "--themes", "safer_communities,cleaner_greener")
        code, out, err = command("refresh", *asked)
        assert code == 0 and "Published release" in out, err
        why = "expired on 2045-07-31: ask Environmental health manager"
        rows = duckdb.execute(
            "select value, note from read_parquet($t) where indicator_id = 'noise_complaints'",
            {"t": str(data / "latest" / "evidence.parquet")},
        ).fetchall()
        assert len(rows) == 19 and all(value is None and why in note for value, note in rows)
        assert "expired on 2045-07-31: ask again Safeguarding" in err
        release = (data / "releases" / "order.txt").read_text().split()[-1]
        held = data / "restricted" / release
        values = [r["value"] for r in csv.DictReader((held / "evidence.csv").open())]
        assert values and set(values) == {""}
        assert "EXPIRED. Delete what was made of it" in (held / "README.txt").read_text()

    def test_a_return_that_becomes_restricted_leaves_no_older_open_one_behind(
        self, county, command
    ):
        """The newest hand-over may not be seen: the one before it must not take its place."""
        place, data = county
        path = place / "inbox" / "partner_return" / "noise_complaints.toml"
        text = path.read_text().replace('sharing = "open"', 'sharing = "partner"')
        path.write_text(text.replace("given_on = 2025-07-14", "given_on = 2025-07-15"))
        asked = ("--data", data, "--themes", "cleaner_greener")
        code, _, err = command("refresh", "--place", place, *asked)
        assert code == 0, err
        assert found(data / "latest", ["noise complaint"]) == {}
        release = (data / "releases" / "order.txt").read_text().split()[-1]
        assert "Noise complaints" in (data / "partner" / release / "evidence.csv").read_text()

    def test_a_study_holds_open_figures_only_and_writes_no_others(self, county, command):
        _, data = county
        held = sorted((data / "restricted").rglob("*"))
        asked = ("--themes", "safer_communities", "--boundaries", "2020-01-01", "--json")
        code, out, _ = command("refresh", "--data", data, *asked)
        assert code == 0
        study = Path(json.loads(out)["folder"])
        assert found(study, ["domestic incidents", "domestic_incidents"]) == {}
        assert sorted((data / "restricted").rglob("*")) == held


class TestExplain:
    def test_a_figure_that_is_not_open_is_refused(self, released, command):
        code, out, err = command("explain", "domestic_incidents", "--data", released)
        assert code == 2 and out == ""
        assert "'domestic_incidents' is no open figure: it is shared as restricted" in err
        assert "ask Safeguarding performance analyst, Exampleshire Police (invented)." in err

    def test_an_open_one_is_walked_back_but_for_the_partner_s_rows(self, released, command):
        code, out, err = command("explain", "noise_complaints", "--data", released)
        assert code == 0, err
        plain = " ".join(out.split())
        assert "Environmental health manager, Exampleshire district councils (invented)" in plain
        assert "noise_complaints.zip" in plain and "domestic" not in plain
        assert "They are in the return that the partner handed over" in plain
