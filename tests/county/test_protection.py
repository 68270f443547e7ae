"""Nobody is singled out: a return of small numbers, from the partner's file to the release."""

import csv
import json
import shutil
from pathlib import Path

import duckdb
import pytest
from county_geography import small_areas

COUNTY = Path(__file__).parents[2] / "geo" / "exampleshire"
TOLD = """
id = "falls"
label = "Falls at home"
counts = "a resident who fell at home and was taken to hospital"
unit = "residents"
themes = ["cleaner_greener"]
organisation = "A hospital trust (invented)"
owner = "Falls prevention lead"
given_on = 2025-07-01
purpose = "to see where a handrail would help"
sharing = "open"
expires = 2045-01-01
by = "lsoa21"
period = "2024"
without_rows = "none"
{more}
[columns]
code = "LSOA"
count = "Falls"
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory, begun):
    """The county, to which one return only is handed over."""
    folder = tmp_path_factory.mktemp("falls")
    others = shutil.ignore_patterns("partner_return")
    shutil.copytree(COUNTY, folder / "exampleshire", ignore=others)
    (folder / "exampleshire" / "inbox" / "partner_return").mkdir()
    begun(folder / "data")
    return folder


def hand_over(folder, counts, more=""):
    inbox = folder / "exampleshire" / "inbox" / "partner_return"
    (inbox / "falls.toml").write_text(TOLD.format(more=more))
    rows = "".join(f"{code},{count}\n" for code, count in counts.items())
    (inbox / "falls.csv").write_text("LSOA,Falls\n" + rows)


def refresh(folder):
    from flows.evidence import NotPublished, Request
    from flows.evidence import refresh as flow

    request = Request(
        place=str(folder / "exampleshire"),
        data=str(folder / "data"),
        themes=("cleaner_greener",),
    )
    try:
        return flow(request)
    except NotPublished as why:
        return why.outcome


def forum(code):
    """The small areas of a forum, by the county's own list."""
    with (COUNTY / "community_forums.csv").open(encoding="utf-8-sig") as lines:
        rows = list(csv.DictReader(lines))
    column = next(c for c in rows[0] if c.startswith("lsoa"))
    return sorted(row[column] for row in rows if row["area_code"] == code)


def shown(folder):
    """(kind, code) -> numerator, value and marker of the falls in the latest release."""
    table = str(folder / "data" / "latest" / "evidence.parquet")
    rows = duckdb.execute(
        "select area_kind, area_code, numerator, value, marker, note from read_parquet($t)"
        " where indicator_id = 'falls'",
        {"t": table},
    ).fetchall()
    return {(kind, code): told for kind, code, *told in rows}


COUNTS = {forum("X-F1")[0]: 7, forum("X-F2")[0]: 1, forum("X-F5")[0]: 23}


class TestOneReturn:
    """In the first of two forums that make a district 7 fell, in the second 1. Rounded: 5, [low],
    and 10 in the district. Then at least 8 - 7 = 1 fell in the second, and at most 2."""

    def test_what_singles_out_a_group_is_not_published_and_the_verdict_says_what_to_do(
        self, place, capsys
    ):
        from flows.__main__ import main

        hand_over(place, COUNTS)
        with pytest.raises(SystemExit) as ended:
            main(
                [
                    *("refresh", "--place", str(place / "exampleshire")),
                    *("--data", str(place / "data"), "--themes", "cleaner_greener"),
                ]
            )
        told = capsys.readouterr()
        assert ended.value.code == 3
        assert not (place / "data" / "latest").exists()
        said = " ".join((told.out + told.err).split())
        assert "Falls at home: its figures taken together would show" in said
        assert "shown_for = [" in said
        assert "single people could be told" in said

    def test_what_it_says_helps_and_the_gap_table_tells_it(self, place):
        kinds = ["priority_neighbourhood", "community_forum_area", "town", "rural_area", "place"]
        more = f"shown_for = {kinds}".replace("'", '"')
        hand_over(place, COUNTS, more)
        outcome = refresh(place)
        assert outcome.state == "published", outcome.faults
        cells = shown(place)
        assert not [code for kind, code in cells if kind == "district"]
        latest = place / "data" / "latest"
        with (latest / "gaps.csv").open() as lines:
            gaps = [r for r in csv.DictReader(lines) if r["indicator_id"] == "falls"]
        (kept,) = [r for r in gaps if r["area_kind"] == "district"]
        assert kept["gap"] == "withheld"
        assert "against disclosure" in kept["reason"]
        with (latest / "quality" / "disclosure.csv").open() as lines:
            (row,) = [r for r in csv.DictReader(lines) if r["source"] == "falls"]
        assert row["passed"] == "True"
        assert int(row["groups_examined"]) > 10

    def test_counts_are_rounded_each_on_its_own_and_a_small_one_is_no_zero(self, place):
        cells = shown(place)
        assert cells["community_forum_area", "X-F1"][:3] == [5, 5, None]
        numerator, value, marker, note = cells["community_forum_area", "X-F2"]
        assert (numerator, value, marker) == (None, None, "[low]")
        assert note == "low: from 0 to 2, rounded to 5"
        assert cells["community_forum_area", "X-F5"][:2] == [25, 25]
        assert cells["place", "X10000001"][:2] == [30, 30]  # 31, not 5 + 0 + 25

    def test_nothing_beside_the_figures_tells_how_many_the_partner_gave(self, place):
        """Rows and bytes of two editions would tell of one person more."""
        latest = place / "data" / "latest"
        with (latest / "quality" / "revisions.csv").open() as lines:
            ours = [r for r in csv.DictReader(lines) if r["source"] == "partner_return"]
        assert {r[c] for r in ours for c in r if c.startswith(("rows_", "size_"))} <= {""}
        about = json.loads((latest / "manifest.json").read_text())
        assert {s["size"] for s in about["snapshots"] if s["source"] == "partner_return"} == {None}

    def test_a_true_zero_and_a_small_count_look_the_same(self, place):
        cells = shown(place)
        assert cells["community_forum_area", "X-F4"] == cells["community_forum_area", "X-F2"]

    def test_the_next_release_is_attacked_together_with_the_last(self, place):
        kinds = ["community_forum_area", "district", "place"]
        more = f"shown_for = {kinds}".replace("'", '"')
        hand_over(place, COUNTS, more)
        outcome = refresh(place)
        assert (outcome.state, outcome.code) == ("not protected", 3)
        hand_over(place, COUNTS, 'shown_for = ["district", "place"]')
        outcome = refresh(place)
        # the forums are out already: with the districts beside them the group would be told
        assert (outcome.state, outcome.code) == ("not protected", 3)
        assert "What is out already" in outcome.faults[0] or "shown_for" in outcome.faults[0]


def test_every_small_area_of_the_test_is_one_of_the_county():
    inside = {area.code for area in small_areas() if area.inside}
    assert set(COUNTS) <= inside
