"""A county whose publishers do not answer: what is in hand stands, and every figure says since when."""

import shutil

import duckdb
import pytest
import requests

from flows import freshness, jobs, report
from flows.catalogue import PLACES
from flows.evidence import NotPublished, Request, refresh
from flows.pull import Pulled
from flows.snapshots import Store
from flows.sources import manners

INBOX = PLACES / "exampleshire" / "inbox"
HELD = shutil.ignore_patterns("domestic_incidents.*")  # what is not open is for test_tiers


@pytest.fixture
def no_answer(monkeypatch):
    """Every host is silent, and nobody waits."""
    asked = []

    def send(self, request, **named):
        asked.append(request)
        raise requests.ConnectionError("NameResolutionError")

    monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", send)
    monkeypatch.setattr("flows.sources.web._sleep", lambda seconds: None)
    monkeypatch.setattr(manners, "RATES", dict.fromkeys(manners.RATES, (10_000, 1)))
    return asked


@pytest.fixture(scope="module")
def real_place(tmp_path_factory, begun):
    """Exampleshire as if it were real, refreshed once by hand: its folder, data and inbox."""
    folder = tmp_path_factory.mktemp("place") / "exampleshire"
    shutil.copytree(PLACES / "exampleshire", folder, ignore=shutil.ignore_patterns("inbox"))
    plan = folder / "place.toml"
    text = plan.read_text("utf-8").replace(
        "invented = true", 'contact = "Tests tests@council.example"'
    )
    plan.write_text(text, encoding="utf-8")
    data = begun(tmp_path_factory.mktemp("data"))
    inbox = shutil.copytree(INBOX, tmp_path_factory.mktemp("inbox") / "inbox", ignore=HELD)
    outcome = refresh(Request(place=str(folder), inbox=str(inbox), data=str(data)))
    assert outcome.code == 0
    return folder, data, inbox


def figures(release):
    """Indicator, area, period: value, and the note."""
    with duckdb.connect() as con:
        rows = con.read_parquet(str(release / "evidence.parquet")).fetchall()
        columns = con.read_parquet(str(release / "evidence.parquet")).columns
    at = [columns.index(c) for c in ("indicator_id", "area_kind", "area_code", "period")]
    value, note = columns.index("value"), columns.index("note")
    return {tuple(r[i] for i in at): (r[value], r[note] or "") for r in rows}


def test_silent_publishers_leave_every_figure_as_it_was_and_marked(real_place, no_answer, tmp_path):
    folder, data, inbox = real_place
    data = shutil.copytree(data, tmp_path / "data")
    before = figures(data / "latest")
    outcome = refresh(Request(place=str(folder), data=str(data)))
    assert outcome.state == "published" and no_answer
    agents = {request.headers["User-Agent"] for request in no_answer}
    assert agents == {"locality-evidence/0.1.0 (Tests tests@council.example)"}
    after = figures(data / "latest")
    assert {k: v for k, (v, _) in after.items()} == {k: v for k, (v, _) in before.items()}
    day = freshness.day(Store(data / "snapshots"), "police_crime")
    said = f"stale: Street-level crime as of {day}, not refreshed since"
    burglary = [n for (i, *_), (_, n) in after.items() if i == "burglary_rate_12_months"]
    assert burglary and all(said in note for note in burglary)
    assert all("stale: " in note for _, note in after.values())
    assert any(w.startswith("Street-level crime could not be pulled") for w in outcome.warnings)

    again = refresh(Request(place=str(folder), data=str(data)))
    assert (
        again.state == "nothing new" and again.warnings
    )  # the mark stands, and nothing else moved

    standing = {s["id"]: s for s in report.listed(data)["sources"]}
    assert standing["police_crime"]["state"] == "failing" and standing["police_crime"]["faults"]
    assert standing["police_crime"]["rows"] > 0

    by_hand = Request(place=str(folder), inbox=str(inbox), data=str(data))
    healed = refresh(by_hand)
    assert healed.state == "published"
    assert {s["state"] for s in report.listed(data)["sources"]} <= {"fresh", "late", "not used"}
    assert figures(data / "latest") == before


def test_a_source_that_must_be_fresh_stops_the_refresh(real_place, no_answer, tmp_path):
    folder, data, _ = real_place
    data, strict = shutil.copytree(data, tmp_path / "data"), tmp_path / "exampleshire"
    shutil.copytree(folder, strict)
    plan = strict / "place.toml"
    text = plan.read_text("utf-8").replace("[place]", '[place]\nmust_be_fresh = ["police_crime"]')
    plan.write_text(text, encoding="utf-8")
    with pytest.raises(NotPublished) as why:
        refresh(Request(place=str(strict), data=str(data)))
    outcome = why.value.outcome
    assert (outcome.state, outcome.code) == ("source failed", 4)
    assert {f.partition(":")[0] for f in outcome.faults} == {"police_crime"}
    assert (data / "latest" / "manifest.json").read_bytes() == (
        real_place[1] / "latest" / "manifest.json"
    ).read_bytes()


def test_on_a_first_day_without_an_answer_only_what_all_rests_on_stops_it(
    real_place, begun, no_answer, tmp_path
):
    folder = real_place[0]
    inbox = tmp_path / "inbox"
    for source in ("ons_geography", "census_2021", "output_areas", "population"):
        shutil.copytree(INBOX / source, inbox / source)
    with pytest.raises(NotPublished) as why:
        refresh(Request(place=str(folder), data=str(tmp_path / "none")))
    assert {f.partition(":")[0] for f in why.value.outcome.faults} == {"ons_geography"}
    some = begun(tmp_path / "some")
    asked = Request(place=str(folder), inbox=str(inbox), data=str(some))
    outcome = refresh(asked)
    assert outcome.state == "published"
    notes = {i: n for (i, *_), (_, n) in figures(some / "latest").items()}
    assert "it could not be pulled, and no file is in hand" in notes["burglary_rate_12_months"]
    assert any("Street-level crime: it could not be pulled" in g for g in outcome.gaps)


def test_an_officer_is_told_when_publishers_are_not_told_who_asks(monkeypatch, tmp_path):
    monkeypatch.delenv("EVIDENCE_CONTACT", raising=False)
    asked = jobs.job(Request(place="leicestershire", data=str(tmp_path)))
    by_hand, by_net = Pulled("police_crime"), Pulled("police_crime", asked=True)
    assert asked.told([by_hand]) == []
    (told,) = asked.told([by_hand, by_net])
    assert "EVIDENCE_CONTACT" in told
    monkeypatch.setenv("EVIDENCE_CONTACT", "Leicestershire County Council research@leics.example")
    assert asked.told([by_net]) == []
