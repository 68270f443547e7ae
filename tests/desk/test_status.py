"""How everything stands, in one look, and quickly."""

import json
import subprocess
import sys

import pytest
from filelock import FileLock

from flows import runs
from flows.lookback import standing

PUBLISHED = "2026-05-31T23:30:00+00:00"
HEAVY = ("prefect", "great_expectations", "geopandas", "pandas", "duckdb", "numpy", "requests")


def told(data):
    return "\n".join(standing.sentences(standing.status(data)))


def test_of_an_empty_folder_there_is_little_to_say(tmp_path):
    assert "there is no release yet" in told(tmp_path / "none")
    assert not (tmp_path / "none").exists()


class TestReleasesAndDrafts:
    def test_the_latest_when_in_this_country_and_by_whom(self, shelf):
        shelf.release("one", PUBLISHED)
        shelf.release("two", PUBLISHED, by="Ann Other")
        said = "Latest: two, published 2026-06-01 00:30 by Ann Other (2 releases in all)."
        assert said in told(shelf.data)

    def test_drafts_that_wait_with_their_warnings_and_those_overtaken(self, shelf):
        shelf.release("one", PUBLISHED)
        shelf.draft(1, state="refused")
        shelf.draft(2, before="zero")
        shelf.draft(3, warnings=["few rows"])
        found = standing.status(shelf.data)["drafts"]
        assert [(d["number"], d["overtaken"]) for d in found] == [(2, True), (3, False)]
        said = told(shelf.data)
        assert "Draft 2, made 2027-01-01 09:00, was overtaken" in said
        assert "Draft 3, made 2027-01-01 09:00, waits to be signed off (1 warning)" in said
        assert "warning: few rows" in said


class TestTheLastRun:
    def test_how_it_ended(self, shelf):
        with pytest.raises(ValueError), runs.noted(shelf.data, "refresh"):
            raise ValueError("no disk")
        said = told(shelf.data)
        assert "Last run: refresh, begun" in said
        assert ": failed, exit code 1.\n  ValueError: no disk" in said

    def test_one_without_an_end_is_at_work_or_was_interrupted(self, shelf):
        line = {"run": "a", "what": "refresh", "pid": 1, "began": PUBLISHED}
        (shelf.data / runs.NAME).write_text(json.dumps(line) + "\n")
        assert standing.status(shelf.data)["run"]["state"] == "interrupted"
        assert "was interrupted. Nothing is lost" in told(shelf.data)
        with FileLock(shelf.data / ".lock"):
            assert standing.status(shelf.data)["run"]["state"] == "running"


class TestSources:
    def test_those_that_want_somebody_are_named(self, shelf):
        shelf.release("one", PUBLISHED)
        found = standing.status(shelf.data)["sources"]
        assert "Street-level crime" in found["waiting for a file"]
        assert f"waiting for a file: {found['waiting for a file'][0]}" in told(shelf.data)

    def test_of_a_place_without_a_catalogue_that_is_said(self, shelf):
        (shelf.data / "place").write_text("atlantis\n")
        assert standing.status(shelf.data)["sources"] is None
        assert "Sources: not known" in told(shelf.data)


class TestTheNextRun:
    @pytest.fixture
    def serving(self, shelf, httpserver):
        """A server that answers as Prefect does, and says where it is in the data folder."""
        (shelf.data / "prefect").mkdir()
        address = httpserver.url_for("").rstrip("/")
        told = json.dumps({"address": address, "pid": 1})
        (shelf.data / "prefect" / "server.json").write_text(told)
        httpserver.expect_request("/api/health").respond_with_json(True)
        return httpserver

    def test_is_what_the_server_says(self, shelf, serving):
        found = {"expected_start_time": "2026-06-02T05:00:00Z", "deployment_id": "d"}
        serving.expect_request("/api/flow_runs/filter", "POST").respond_with_json([found])
        named = [{"name": "1 Build a draft release"}]
        serving.expect_request("/api/deployments/filter", "POST").respond_with_json(named)
        assert "Next run: 2026-06-02 06:00, 1 Build a draft release." in told(shelf.data)

    def test_or_that_there_is_none(self, shelf, serving):
        serving.expect_request("/api/flow_runs/filter").respond_with_json([])
        assert "Nothing is scheduled.\n" in told(shelf.data)

    @pytest.mark.parametrize("content", ["", "{}", '{"address": "http://127.0.0.1:9"}', "[]"])
    def test_where_no_server_answers_none_is_scheduled(self, shelf, content):
        (shelf.data / "prefect").mkdir()
        (shelf.data / "prefect" / "server.json").write_text(content)
        assert standing.next_run(shelf.data)["why"] == standing.NOT_SERVING

    def test_a_server_that_answers_nonsense_has_nothing_scheduled(self, shelf, serving):
        serving.expect_request("/api/flow_runs/filter").respond_with_data("<html>")
        assert standing.next_run(shelf.data)["why"] == "nothing is scheduled"


def test_disk_is_counted_by_folder(shelf):
    (shelf.data / "snapshots").mkdir()
    (shelf.data / "snapshots" / "a.csv").write_bytes(b"x" * 2500)
    assert standing.status(shelf.data)["disk"]["snapshots"] == 2500
    assert "snapshots 2.5 kB" in told(shelf.data)
    assert standing.in_words(1) == "1 byte"
    assert standing.in_words(3_210_000_000) == "3.2 GB"


def test_it_waits_for_no_library(shelf):
    shelf.release("one", PUBLISHED)
    code = (
        "import sys; from pathlib import Path; from flows.lookback import standing;"
        f"standing.status(Path({str(shelf.data)!r}));"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr
