"""The commands that look back and keep house: what they say, as sentences and as JSON."""

import json

import pytest

from flows.lookback import listing

PUBLISHED = "2026-05-31T23:30:00+00:00"
CELLS = "indicator_id | period | value"


@pytest.fixture
def two(shelf):
    shelf.release("first", "2026-03-02T10:00:00+00:00", f"{CELLS}\nimd_score | 2025 | 20")
    files = {"police_crime": {"2025-05.csv": "a"}, "indices_of_deprivation": {"imd.csv": "x"}}
    cells = f"{CELLS}\nimd_score | 2025 | 21\nimd_score | 2024 | 9"
    shelf.release("second", PUBLISHED, cells, by="Ann Other", note="[for] the board", files=files)
    return shelf.data


class TestReleases:
    def test_are_a_table_the_newest_first(self, run, two):
        code, out, _ = run("releases", "--data", two)
        heads, newest, oldest = out.splitlines()
        assert (code, heads.split()) == (0, list(listing.COLUMNS))
        told = "second 2026-06-01 00:30 Ann Other [for] the board 1 2 2 1 there"
        assert newest.split() == told.split()
        told = "first 2026-03-02 10:00 signed off 1 1 2 1 there"
        assert oldest.split() == told.split()

    def test_or_json_or_their_names(self, run, two):
        rows = json.loads(run("releases", "--data", two, "--json")[1])
        assert [(r["name"], r["moved"], r["tables"]) for r in rows] == [
            ("second", 2, "there"),
            ("first", 2, "there"),
        ]
        assert run("releases", "--data", two, "--quiet")[1] == "second\nfirst\n"

    def test_of_none_that_is_said(self, run, tmp_path):
        assert run("releases", "--data", tmp_path)[1].startswith("There is no release yet.")


class TestDiff:
    def test_tells_what_moved_and_writes_each_cell(self, run, two, tmp_path):
        to = tmp_path / "new" / "moved.csv"
        code, out, _ = run("diff", "second", "first", "--data", two, "--to", to)
        assert (code, out.splitlines()[:3]) == (
            0,
            [
                "From first to second:",
                "2 cells moved: 1 new, 1 revised.",
                "What moved them: 2 new data.",
            ],
        )
        assert to.read_text("utf-8").count("new data: indices_of_deprivation") == 2

    def test_as_json(self, run, two):
        told = json.loads(run("diff", "first", "latest", "--data", two, "--json")[1])
        assert (told["older"], told["newer"], told["cells"]) == ("first", "second", 2)
        assert told["largest"][0]["after"] == 21

    def test_a_release_that_is_not_there_is_said(self, run, two):
        code, out, err = run("diff", "first", "third", "--data", two)
        assert (code != 0, out) == (True, "")
        assert "There is no release 'third'." in err


class TestAsOf:
    def test_tells_the_release_of_a_day(self, run, two):
        code, out, _ = run("as-of", "2026-05-31", "--data", two, "--quiet")
        assert (code, out) == (
            0,
            "On 31 May 2026 the latest release was first, published on 2 March 2026.\n",
        )

    def test_and_a_figure(self, run, two):
        options = ("--area", "T1", "--kind", "town", "--period", "2025", "--data", two, "--json")
        told = json.loads(run("as-of", "2026-05-31", "imd_score", *options)[1])
        assert (told["figure"]["then"]["value"], told["figure"]["now"]["value"]) == (20, 21)

    def test_what_is_no_day_is_said(self, run, two):
        code, _, err = run("as-of", "May", "--data", two)
        assert (code, err) == (2, "'May' is not a day. Write it like 2026-05-31.\n")

    def test_an_area_wants_an_indicator(self, run, two):
        assert run("as-of", "2026-05-31", "--area", "T1", "--data", two)[0] == 2


class TestOpen:
    @pytest.fixture
    def opened(self, monkeypatch):
        pages = []
        monkeypatch.setattr(listing.webbrowser, "open", pages.append)
        return pages

    def test_opens_the_latest_and_says_where_it_is(self, run, two, opened):
        page = two / "releases" / "second" / "site" / "index.html"
        assert run("open", "--data", two)[:2] == (0, f"{page}\n")
        assert opened == [page.as_uri()]

    def test_or_a_draft(self, run, shelf, two, opened):
        shelf.draft(7)
        run("open", "draft:7", "--data", two)
        assert opened == [(two / "drafts" / "7" / "release" / "site" / "index.html").as_uri()]

    def test_where_there_are_no_pages_that_is_said(self, run, two, opened):
        (two / "releases" / "first" / "site" / "index.html").unlink()
        code, _, err = run("open", "first", "--data", two)
        assert code != 0
        assert "evidence rebuild first makes them again" in err
        assert opened == []


def test_status_prune_and_backup_answer_as_json(run, two, tmp_path):
    assert json.loads(run("status", "--data", two, "--json")[1])["latest"]["name"] == "second"
    told = json.loads(run("prune", "--data", two, "--json")[1])
    assert (told["removed"], told["items"]) == (False, [])
    told = json.loads(run("backup", tmp_path / "copy", "--data", two, "--json")[1])
    assert told["copied"] > 10
    assert (tmp_path / "copy" / "releases" / "second" / "manifest.json").exists()
