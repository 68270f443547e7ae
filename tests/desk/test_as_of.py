"""What was known on a day: the release that was the latest at its end, and a figure then and now."""

import json
import shutil
from datetime import date

import pytest

from flows import releases
from flows.cells import Unknown
from flows.lookback import diffing, past, records

CELLS = "indicator_id | period | value | marker"
MAY, JUNE = "2026-05-31T22:30:00+00:00", "2026-05-31T23:30:00+00:00"  # in this country: 1 June


@pytest.fixture
def three(shelf):
    """Three releases: in March, and half an hour before and after midnight of 31 May."""
    rate = "crime_rate_12_months | 2025-12"
    shelf.release("march", "2026-03-02T10:00:00+00:00", f"{CELLS}\n{rate} | 4 | -")
    files = {"police_crime": {"2025-05.csv": "other"}}
    may = f"{CELLS}\n{rate} | 5 | -\nimd_score | 2025 | 20 | -"
    shelf.release("may", MAY, may, by="Ann Other", note="for the board", files=files)
    files = {"police_crime": {"2025-05.csv": "a third"}}
    shelf.release("june", JUNE, f"{CELLS}\n{rate} | 6 | -\nimd_score | 2025 | 20 | -", files=files)
    return shelf.data


def of(data, day, *asked):
    return past.as_of(data, date.fromisoformat(day), *asked)


def told(answer, asked="", quiet=False):
    return "\n".join(past.sentences(answer, asked, quiet=quiet))


class TestWhichRelease:
    @pytest.mark.parametrize(
        ("day", "release"),
        [
            ("2026-03-01", ""),
            ("2026-03-02", "march"),
            ("2026-05-30", "march"),
            ("2026-05-31", "may"),
            ("2026-06-01", "june"),
            ("2030-01-01", "june"),
        ],
    )
    def test_is_the_latest_at_the_end_of_the_day_in_this_country(self, three, day, release):
        assert of(three, day)["release"] == release

    def test_before_the_first_it_says_so(self, three):
        assert told(of(three, "2026-03-01")) == (
            "On 1 March 2026 nothing had been published yet. The first release came out on"
            " 2 March 2026."
        )

    def test_of_an_older_release_the_day_in_its_name_is_known(self, shelf):
        shelf.release("2025-11-03-0a1b2c3d")
        assert of(shelf.data, "2025-11-02")["release"] == ""
        assert of(shelf.data, "2025-11-03")["release"] == "2025-11-03-0a1b2c3d"

    def test_a_release_that_was_published_twice_is_told_where_it_came_last(self, three):
        with (three / "releases" / "order.txt").open("a") as order:
            order.write("march\n")
        assert [r.name for r in records.every(three)] == ["may", "june", "march"]


class TestWhatIsSaid:
    def test_who_published_it_what_it_rested_on_and_what_came_since(self, three):
        said = told(of(three, "2026-05-31"))
        assert (
            "the latest release was may, published on 31 May 2026 by Ann Other: for the board."
            in said
        )
        assert "Street-level crime: 2025-05.csv, fetched 2 January 2026 (1 file)" in said
        assert f"Its pages: {three / 'releases' / 'may' / 'site' / 'index.html'}" in said
        assert "Since then 1 release came out, the latest june." in said
        assert "It is the latest to this day." in told(of(three, "2026-06-01"))

    def test_a_figure_then_and_now_and_why(self, three):
        answer = of(three, "2026-04-01", "crime_rate_12_months", "T1", "town")
        figure = answer["figure"]
        assert (figure["then"]["value"], figure["now"]["value"]) == (4, 6)
        assert figure["why"] == "publisher's revision: Street-level crime"
        assert "  then: 4 per 1,000\n  now: 6 per 1,000\n  revised: publisher's" in told(answer)

    def test_one_that_did_not_move(self, three):
        answer = of(three, "2026-05-31", "imd_score", "T1", "town")
        assert "It says the same today." in told(answer, quiet=True)

    def test_one_that_was_not_there_yet(self, three):
        with pytest.raises(Unknown, match=r"^Release march has no figure of imd_score"):
            of(three, "2026-04-01", "imd_score", "T1", "town")


class TestWhatIsKeptBack:
    @pytest.mark.parametrize(
        ("before", "after"),
        [("7 | -", "- | [c]"), ("- | [low]", "7 | -"), ("- | [c]", "- | [low]")],
    )
    def test_no_figure_is_told_beside_one_that_is_withheld(self, shelf, before, after):
        stays = "imd_score | 2024 | 9 | -"
        shelf.release("may", MAY, f"{CELLS}\nimd_score | 2025 | {before}\n{stays}")
        shelf.release("june", JUNE, f"{CELLS}\nimd_score | 2025 | {after}\n{stays}")
        answer = of(shelf.data, "2026-05-31", "imd_score", "T1", "town", "2025")
        assert (answer["figure"]["then"]["value"], answer["figure"]["now"]["value"]) == (None, None)
        assert "7" not in told(answer, quiet=True)
        assert past.NOT_AGAIN in told(answer)

    def test_what_a_partner_took_back_is_not_told_again_not_even_by_its_name(self, shelf):
        stays = "imd_score | 2024 | 9 | -"
        shelf.release("may", MAY, f"{CELLS}\nfalls | 2025 | 7 | -\n{stays}")
        shelf.release("june", JUNE, f"{CELLS}\n{stays}")
        answer = of(shelf.data, "2026-05-31", "falls", "T1", "town")
        assert answer["figure"]["then"] is None
        assert not {"7", "Falls"} & set(told(answer, quiet=True).replace(",", "").split())


class TestNumbersOfCrimes:
    RATE = "crime_rate_12_months | 2025-05 | 17 | -\ncrime_rate_12_months | 2025-07 | 18 | -"

    def test_are_told_beside_their_rate(self, shelf):
        shelf.release("may", MAY, f"{CELLS}\ncrimes_month | 2025-06 | 38 | -\n{self.RATE}")
        answer = of(shelf.data, "2026-05-31", "crimes_month", "T1", "town")
        assert "then: 38 crimes (18 per 1,000 in July 2025)" in told(answer)

    def test_or_not_at_all(self, shelf):
        shelf.release("may", MAY, f"{CELLS}\ncrimes_month | 2025-06 | 38 | -")
        answer = of(shelf.data, "2026-05-31", "crimes_month", "T1", "town")
        assert answer["figure"]["then"]["value"] is None
        assert "38" not in told(answer, quiet=True)
        assert "beside its rate only" in told(answer)


class TestWhatWasPruned:
    @pytest.fixture
    def pruned(self, three):
        march = three / "releases" / "march"
        about = json.loads((march / "manifest.json").read_text())
        about["tables"] = releases.hash_of_tables(march)
        (march / "manifest.json").write_text(json.dumps(about))
        shutil.copytree(march, three / "rebuilt" / "march")
        (march / "evidence.parquet").unlink()
        return three

    def test_made_again_and_equal_it_tells_as_before(self, pruned):
        figure = of(pruned, "2026-03-02", "crime_rate_12_months", "T1", "town")["figure"]
        assert figure["then"]["value"] == 4

    def test_made_again_and_different_it_does_not(self, pruned):
        (pruned / "rebuilt" / "march" / "indicators.csv").write_text("other")
        assert of(pruned, "2026-03-02", "imd_score")["tables"] == "pruned"

    def test_it_says_how_to_make_it_again(self, pruned):
        shutil.rmtree(pruned / "rebuilt")
        said = told(of(pruned, "2026-03-02", "crime_rate_12_months"), "crime_rate_12_months")
        assert "Its tables were pruned: evidence rebuild march makes them again." in said
        with pytest.raises(diffing.NoTables, match="evidence rebuild march"):
            diffing.between(pruned, "march", "latest")


class TestNames:
    def test_a_part_that_no_other_has_is_enough(self, three):
        assert records.found(three, "arch").name == "march"
        assert records.found(three, "latest").name == "june"

    @pytest.mark.parametrize(
        ("asked", "said"),
        [("a", "in the names of 2"), ("jun1", "Did you mean 'june'"), ("draft:x", "like draft:7")],
    )
    def test_what_is_not_clear_is_said(self, three, asked, said):
        with pytest.raises(records.NoRelease, match=said):
            records.found(three, asked)

    def test_a_draft_is_newer_than_every_release_until_it_is_one(self, three, shelf):
        cells = f"{CELLS}\ncrime_rate_12_months | 2025-12 | 7 | -\nimd_score | 2025 | 20 | -"
        shelf.draft(3, cells=cells)
        diff = diffing.between(three, "draft:3", "latest")
        assert (diff.older.name, diff.newer.name, diff.moves.cells) == ("june", "draft:3", 1)
        shelf.draft(4, state="published", release="may")
        shutil.rmtree(three / "drafts" / "4" / "release")
        assert records.found(three, "draft:4").name == "may"
        shelf.draft(5, state="refused")
        shutil.rmtree(three / "drafts" / "5" / "release")
        with pytest.raises(
            records.NoRelease, match="Draft 5 was refused, and its files were pruned"
        ):
            records.found(three, "draft:5")
