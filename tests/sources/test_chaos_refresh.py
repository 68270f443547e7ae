"""The second half of test_chaos.py: a few seeds through the whole flow.

The place is a copy of the invented county that is not said to be invented, so that it asks the
network; its publishers are county_publishers.py behind unruly.py. Each run begins with a good release
of what they served first; then they publish something new (one file of each of four sources), and
the second refresh is disturbed. What holds then, by place:

* where every source must be fresh: either the tables of the undisturbed second refresh, or code 4
  with the source named, and what readers see is the first release still;
* else: either those tables, or each numerator and denominator is that of the first or of the second
  release and of no other, the figures of a source that failed say that they are stale, and the source
  is named in the warnings.
"""

import re
import shutil

import duckdb
import pytest
from conftest import lead_to
from county_publishers import INBOX, county
from unruly import Unruly

from flows import releases
from flows.evidence import NotPublished, Request, refresh
from flows.sources import police_crime
from flows.sources.services import archives

pytestmark = pytest.mark.usefixtures("judged_once")
THEME = "stronger_communities"
CHANGED = ("police_crime", "price_paid", "population", "claimant_count")
SOURCES = (
    *("census_2021", "claimant_count", "indices_of_deprivation", "ons_geography", "output_areas"),
    *("police_crime", "population", "postcodes", "price_paid"),
)


def later(name, content):
    """What the publishers serve the second time: one file of each of four sources is another."""
    if name.endswith("2025-06-exampleshire-street.csv"):
        head, *rows = content.splitlines(keepends=True)
        return head + b"".join(rows[: len(rows) // 2])
    if name == "pp-2024.csv":
        return b"".join(content.splitlines(keepends=True)[: len(content.splitlines()) * 2 // 3])
    if name.startswith("nomis-"):
        return re.sub(rb'("X0100000\d".*"2024",2\d\d,"[^"]*",)(\d)', rb"\g<1>1\g<2>", content)
    if name.startswith("claimants-"):
        return re.sub(rb'("X0100000\d".*"2025-06",1,0,0,)(\d)', rb"\g<1>1\g<2>", content)
    return content


@pytest.fixture(scope="module")
def publishers():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("flows.sources.web._sleep", lambda seconds: None)
        patch.setattr("flows.sources.web.TIMEOUT", (2, 0.3))
        patch.setattr(police_crime, "WINDOW", 24)
        patch.setattr(archives, "DIRECTORY", 8192)
        server = Unruly(county(window=24))
        lead_to(patch, server.address)
        yield server
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A function that makes the county's folder, and a real place of it."""

    def make(must_be_fresh=""):
        folder = tmp_path_factory.mktemp("place") / "exampleshire"
        shutil.copytree(INBOX.parent, folder, ignore=shutil.ignore_patterns("inbox"))
        text = (folder / "place.toml").read_text("utf-8")
        contact = 'contact = "Exampleshire Council research@council.example"'
        said = text.replace("invented = true", f"invented = false\n{contact}\n{must_be_fresh}")
        assert said != text
        (folder / "place.toml").write_text(said, "utf-8")
        return folder

    return make


def refreshed(place, data):
    request = Request(place=str(place), data=str(data), themes=(THEME,))
    try:
        return refresh(request)
    except NotPublished as why:
        return why.outcome


def tables(data):
    return releases.hash_of_tables(data / "latest")


KEY = ("indicator_id", "area_kind", "area_code", "edition", "period")
SHOWN = ("numerator", "denominator", "source", "note")


def cells(data):
    """Each published cell: its numerator, denominator, source and note."""
    found = duckdb.read_parquet(str(data / "latest" / "evidence.parquet"))
    rows = found.project(", ".join((*KEY, *SHOWN))).fetchall()
    return {row[: len(KEY)]: row[len(KEY) :] for row in rows}


@pytest.fixture(scope="module")
def undisturbed(publishers, place, tmp_path_factory):
    """The data folders of a first refresh, and of a second one after the publishers went on."""
    first, second = (tmp_path_factory.mktemp(name) / "data" for name in ("first", "second"))
    outcome = refreshed(place(), first)
    assert (outcome.state, outcome.faults, outcome.warnings) == ("published", [], [])
    publishers.net = county(later, window=24)
    shutil.copytree(first, second)
    outcome = refreshed(place(), second)
    assert (outcome.state, outcome.faults, outcome.warnings) == ("published", [], [])
    return first, second


def disturbed(publishers, place, first, data, seed, rate):
    """How a second refresh ended whose answers were spoiled."""
    shutil.copytree(first, data)
    if seed % 2:  # all is asked for anew
        for state in data.glob("snapshots/*/state.json"):
            state.unlink()
    publishers.misbehave(seed, rate)
    try:
        outcome = refreshed(place, data)
    finally:
        publishers.behave()
    print(f"seed {seed}: {outcome.state}, {len(publishers.done)} faults, {outcome.warnings}")
    return outcome


def test_what_the_publishers_changed_changes_figures_of_each_of_the_four_sources(undisturbed):
    before, after = map(cells, undisturbed)
    changed = {before[k][2] for k in before if before[k][:2] != after[k][:2]}
    assert len(changed) >= 3 and before.keys() == after.keys()
    denominators = {k for k in before if before[k][1] != after[k][1]}
    assert denominators


@pytest.mark.parametrize(("seed", "rate"), enumerate((0.01, 0.2, 0.1, 0.4)))
def test_where_every_source_must_be_fresh_the_tables_are_right_or_nothing_is_published(
    publishers, place, undisturbed, tmp_path, seed, rate
):
    first, second = undisturbed
    named = ", ".join(f'"{source}"' for source in SOURCES)
    strict, data = place(f"must_be_fresh = [{named}]"), tmp_path / "data"
    outcome = disturbed(publishers, strict, first, data, seed, rate)
    if outcome.code == 0:
        assert outcome.warnings == [] and tables(data) == tables(second), publishers.done
        return
    assert (outcome.code, outcome.state) == (4, "source failed"), (outcome, publishers.done)
    assert outcome.faults and all(f.partition(":")[0] in SOURCES for f in outcome.faults)
    assert tables(data) == tables(first) and cells(data) == cells(first)


@pytest.mark.parametrize(("seed", "rate"), enumerate((0.03, 0.05, 0.2, 1.0), start=10))
def test_elsewhere_a_source_that_failed_keeps_its_figures_and_says_that_they_are_stale(
    publishers, place, undisturbed, tmp_path, seed, rate
):
    first, second = undisturbed
    data = tmp_path / "data"
    outcome = disturbed(publishers, place(), first, data, seed, rate)
    assert outcome.code == 0 and outcome.faults == [], (outcome, publishers.done)
    late = [w for w in outcome.warnings if "could not be pulled" in w]
    if not late:
        assert tables(data) == tables(second), publishers.done
        return
    assert all("stand as of" in warning for warning in late)
    labels = {warning.partition(" could not be pulled")[0] for warning in late}
    before, after, found = cells(first), cells(second), cells(data)
    assert found.keys() == before.keys()
    for key, (numerator, denominator, source, note) in found.items():
        known = before[key], after[key]
        told = f"{key} of {source}: {publishers.done}"
        assert numerator in [cell[0] for cell in known], told
        assert denominator in [cell[1] for cell in known], told
        stale = any(f"stale: {label} as of" in (note or "") for label in labels)
        if (numerator, denominator) != after[key][:2]:
            assert stale, told  # it is of the first release, and says so
    assert any("stale: " in (cell[3] or "") for cell in found.values())
    if rate == 1.0:  # nothing at all could be had
        assert {k: v[:2] for k, v in found.items()} == {k: v[:2] for k, v in before.items()}
        assert all("stale: " in (cell[3] or "") for cell in found.values() if cell[0] is not None)
