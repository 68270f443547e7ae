"""Drafts of the invented county: held, signed off, refused; what is published is what was looked at."""

import json
import shutil
from pathlib import Path

import pytest
from county_copies import without_returns

from flows import drafts, releases, report, runs, signing

THEMES = ("--themes", "older_people")


@pytest.fixture(scope="module")
def desk(tmp_path_factory, begun):
    """The county without returns, a list of it redrawn, and a data folder with one release and a draft
    of the redrawn one that waits: look, and copy to touch."""
    from flows.evidence import Request, refreshed

    home = tmp_path_factory.mktemp("desk")
    place = without_returns(home)
    redrawn = home / "redrawn" / "exampleshire"
    shutil.copytree(place, redrawn)
    path = redrawn / "community_forums.csv"
    path.write_text(path.read_text().replace("X01000001,X-F1,Fellside", "X01000001,X-F2,Larkmoor"))
    data = begun(home / "data")
    told = {"data": str(data), "themes": ("older_people",)}
    first = refreshed(Request(place=str(place), **told))
    second = refreshed(Request(place=str(redrawn), hold="always", **told))
    assert (first.state, second.state) == ("published", "held"), second
    return place, redrawn, data, first, second


@pytest.fixture
def waiting(desk, tmp_path):
    """A copy of the data folder, in which draft 2 waits."""
    data = tmp_path / "data"
    shutil.copytree(desk[2], data)
    return data


def of_latest(data):
    return releases.manifest(data / "latest")


class TestHeld:
    def test_a_draft_changes_nothing_that_readers_see(self, desk, waiting):
        _, _, _, first, second = desk
        assert of_latest(waiting)["release"] == first.release != second.release
        assert [p.name for p in releases.every(waiting)] == [first.release]
        draft = drafts.read(waiting, 2)
        assert (draft.state, draft.before, draft.release) == ("held", first.release, second.release)
        assert (draft.files / "changes.csv").exists() and drafts.faults(draft) == []

    def test_nothing_new_makes_no_second_draft(self, desk, waiting, command):
        asked = ("refresh", "--draft", "--place", desk[1], "--data", waiting, *THEMES)
        code, out, err = command(*asked)
        assert code == 0 and "Draft 2 waits to be signed off" in out, err
        assert "nothing is new since this draft was built" in err
        assert [d.number for d in drafts.every(waiting)] == [1, 2]

    def test_what_it_would_change_is_said(self, desk, waiting, command):
        code, out, _ = command("refresh", "--draft", "--place", desk[1], "--data", waiting, *THEMES)
        assert code == 0
        assert "revised" in out and "publish 2 --by" in out and "index.html" in out


class TestSignedOff:
    def test_published_it_is_latest_with_who_when_and_why(self, desk, waiting, command):
        code, out, err = command(
            "publish", "2", "--by", "A. Officer", "--note", "as agreed", "--yes", "--data", waiting
        )
        assert code == 0 and "signed off by A. Officer" in out, err
        told = of_latest(waiting)
        assert told["release"] == desk[4].release
        said = told["published"]
        assert (said["by"], said["note"], said["draft"], said["how"]) == (
            *("A. Officer", "as agreed", 2, "signed off"),
        )
        assert not (waiting / "drafts" / "2" / "release").exists()
        assert [r["what"] for r in runs.read(waiting)][-1] == "publish"
        code, out, _ = command("refresh", "--place", desk[1], "--data", waiting, *THEMES)
        assert code == 0 and "Nothing new" in out
        code, _, err = command("publish", "2", "--by", "B. Other", "--yes", "--data", waiting)
        assert code == 2 and "Draft 2 was published" in err and "A. Officer" in err

    def test_refused_it_stays_on_record_and_never_becomes_latest(self, desk, waiting, command):
        code, _, err = command("refuse", "2", "--by", "A. Officer", "--data", waiting)
        assert code == 2 and "Say why" in err
        why = "forum 2 is wrong"
        code, out, _ = command("refuse", "2", "--by", "A. Officer", "--why", why, "--data", waiting)
        assert code == 0 and why in out
        code, _, err = command("publish", "2", "--by", "A. Officer", "--yes", "--data", waiting)
        assert code == 2 and "Draft 2 was refused on" in err and why in err
        assert of_latest(waiting)["release"] == desk[3].release
        draft = drafts.read(waiting, 2)
        assert (draft.state, draft.by, draft.note) == ("refused", "A. Officer", why)

    def test_a_name_and_an_answer_are_wanted(self, waiting, command):
        code, _, err = command("publish", "2", "--data", waiting)
        assert code == 2 and "--by" in err
        code, _, err = command("publish", "2", "--by", "A. Officer", "--data", waiting)
        assert code == 2 and "say --yes" in err and "Draft 2, built" in err
        code, _, err = command("publish", "two", "--by", "A. Officer", "--data", waiting)
        assert code == 2 and "not the number of a draft" in err
        code, _, err = command("publish", "7", "--by", "A. Officer", "--yes", "--data", waiting)
        assert code == 2 and "no draft 7" in err and "signed off: 2" in err


def in_the_table(folder):
    path = folder / "evidence.parquet"
    path.write_bytes(path.read_bytes()[:-1] + b"x")


def in_the_manifest(folder):
    path = folder / "manifest.json"
    path.write_text(path.read_text().replace("Exampleshire", "Elsewhere"))


def one_file_less(folder):
    (folder / "gaps.csv").unlink()


def one_file_more(folder):
    (folder / "site" / "new.html").parent.mkdir(exist_ok=True)
    (folder / "site" / "new.html").write_text("")


class TestWhatIsPublishedIsWhatWasLookedAt:
    @pytest.mark.parametrize(
        ("change", "told"),
        [
            (in_the_table, "evidence.parquet is not what was built"),
            (in_the_manifest, "manifest.json is not the one"),
            (one_file_less, "gaps.csv is gone"),
            (one_file_more, "new.html was put there afterwards"),
        ],
    )
    def test_a_draft_that_was_touched_is_not_published(self, desk, waiting, change, told):
        change(drafts.read(waiting, 2).files)
        with pytest.raises(signing.Refused, match=told):
            signing.publish(waiting, 2, "A. Officer")
        assert of_latest(waiting)["release"] == desk[3].release
        assert drafts.read(waiting, 2).state == "held"

    def test_a_draft_compared_with_a_release_that_is_not_latest_any_more(self, waiting):
        other = waiting / "releases" / "2026-01-01-0123abcd"
        other.mkdir()
        (other / "manifest.json").write_text(json.dumps({"release": other.name}))
        releases.enter(waiting, other.name)
        with pytest.raises(signing.Refused, match="was published since"):
            signing.publish(waiting, 2, "A. Officer")
        assert of_latest(waiting)["release"] == other.name

    def test_a_draft_attacked_without_what_went_out_since(self, waiting):
        out = waiting / "studies" / "s1" / "quality" / "protected_cells.parquet"
        out.parent.mkdir(parents=True)
        out.write_bytes(b"more cells")
        with pytest.raises(signing.Refused, match="small groups went out"):
            signing.publish(waiting, 2, "A. Officer")


class TestAtOnce:
    @pytest.fixture
    def asked(self, desk, tmp_path, begun):
        from flows.evidence import Request, refreshed

        place = without_returns(tmp_path)
        data = begun(tmp_path / "data")

        def ask(allowed):
            plan = place / "place.toml"
            if allowed:
                plan.write_text(
                    plan.read_text().replace("[place]", "[place]\npublish_at_once = true")
                )
            told = {"data": str(data), "themes": ("older_people",), "hold": "when warned"}
            return refreshed(Request(place=str(place), **told))

        return ask

    def test_where_the_place_does_not_allow_it_a_draft_waits(self, asked):
        outcome = asked(False)
        assert outcome.state == "held"
        told = report.waiting(Path(outcome.latest).parent, outcome.draft)
        assert "Everything is new: it is the first release." in told

    def test_where_it_does_and_nothing_warned_it_is_published(self, asked):
        outcome = asked(True)
        assert outcome.state == "published", outcome


class TestMadeAgain:
    def test_a_past_release_is_equal_byte_for_byte_also_under_another_catalogue(
        self, desk, waiting, tmp_path, command, monkeypatch
    ):
        """After its successor was published, the staged files were pruned, and the catalogue of today
        says something else."""
        from flows import catalogue

        signing.publish(waiting, 2, "A. Officer")
        shutil.rmtree(waiting / "staged")
        themes = tmp_path / "themes"
        shutil.copytree(catalogue.THEMES, themes)
        path = themes / "older_people.toml"
        path.write_text(path.read_text().replace('label = "', 'label = "Other: ', 1))
        monkeypatch.setattr(catalogue, "THEMES", themes)
        code, out, err = command("rebuild", desk[3].release, "--data", waiting)
        assert code == 0 and "equal byte for byte" in out, out + err
        made = waiting / "rebuilt" / desk[3].release
        assert releases.hash_of_tables(made) == releases.hash_of_tables(
            waiting / "releases" / desk[3].release
        )
        assert of_latest(waiting)["release"] == desk[4].release

    def test_what_is_gone_is_named(self, desk, waiting, command):
        code, _, err = command("rebuild", "2020-01-01-nothing", "--data", waiting)
        assert code == 2 and desk[3].release in err
        kept = of_latest(waiting)["snapshots"][0]
        (waiting / "snapshots" / kept["source"] / f"{kept['sha256']}{kept['suffix']}").unlink()
        code, _, err = command("rebuild", desk[3].release, "--data", waiting)
        assert code == 2 and kept["name"] in err and "backup" in err


def test_figures_that_are_not_open_wait_too_where_the_open_release_stands(county, command):
    """A new hand-over of a restricted return: the pages stay as they are, and what its readers get
    waits to be signed off, once."""
    place, data = county
    before = of_latest(data)["release"]
    told = place / "inbox" / "partner_return" / "domestic_incidents.toml"
    told.write_text(told.read_text().replace("given_on = 2025-07-", "given_on = 2025-08-"))
    for _ in range(2):
        code, out, err = command("refresh", "--draft", "--place", place, "--data", data)
        assert code == 0 and "Draft 2 waits to be signed off" in out, out + err
    assert [d.number for d in drafts.every(data)] == [1, 2]
    assert (data / "restricted" / ".draft-2" / "evidence.csv").exists()
    old = (data / "restricted" / before / "manifest.json").read_text()
    signing.publish(data, 2, "A. Officer")
    assert of_latest(data)["release"] == before
    assert (data / "restricted" / before / "manifest.json").read_text() != old
    assert not (data / "restricted" / ".draft-2").exists()
    code, out, _ = command("refresh", "--draft", "--place", place, "--data", data)
    assert code == 0 and "Nothing new" in out


def test_a_decision_on_nothing_leaves_nothing_behind(tmp_path, command):
    data = tmp_path / "nowhere"
    code, _, err = command("publish", "1", "--by", "A. Officer", "--yes", "--data", data)
    assert code == 2 and "There is no draft 1" in err
    assert not data.exists()


def test_a_run_that_was_refused_is_on_record_in_plain_words(waiting):
    in_the_table(drafts.read(waiting, 2).files)
    with pytest.raises(signing.Refused):
        signing.publish(waiting, 2, "A. Officer")
    last = runs.read(waiting)[-1]
    assert (last["what"], last["state"], last["code"]) == ("publish", "failed", 2)
    assert "evidence.parquet is not what was built" in last["faults"][0]
