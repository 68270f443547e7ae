"""A real Prefect server, a real worker: the officer's desk as prefect.yaml deploys it.

The tests run in this order on one desk, as an officer's months do.
"""

import json
import os
import signal
import subprocess
import sys
from importlib.metadata import version

import pytest
from desks import until

from flows import drafts

FELLSIDE, LARKMOOR = "X-F1,Fellside Forum (invented)", "X-F2,Larkmoor Forum (invented)"
pytestmark = pytest.mark.slow


def message(run):
    return run["state"]["message"] or ""


def test_all_deployments_are_there_without_limits(desk, written):
    there = desk.deployments()
    assert there.keys() == written.keys()
    for name, deployment in there.items():
        assert deployment["entrypoint"] == written[name]["entrypoint"]
        assert deployment["tags"] == ["evidence"]
        assert deployment["concurrency_limit"] is None  # they crash runs
        assert deployment["global_concurrency_limit"] is None
        assert deployment["enforce_parameter_schema"] is True


def test_the_schedules_make_runs(desk, written):
    """Under a newer sqlalchemy schedules are saved and never fire: a run must be seen."""
    for name, entry in written.items():
        wanted = entry.get("schedules", [])
        runs = until(120, lambda n=name: desk.scheduled(n)) if wanted else desk.scheduled(name)
        assert bool(runs) == bool(wanted), name
        assert all(run["auto_scheduled"] for run in runs)


def test_a_draft_is_built_and_read_and_published(desk, told):
    run = desk.ended(desk.build())
    assert run["state"]["type"] == "COMPLETED", message(run)
    assert message(run).startswith("Draft 1 waits to be signed off.")
    assert run["name"].startswith("Build Exampleshire, ")
    assert desk.latest == ""

    names = {task["name"] for task in desk.tasks(run["id"])}
    assert "pull population" in names
    assert not [name for name in names if "-" in name.rpartition(" ")[2]]  # no pull-3f2
    assert len(names) == len(desk.tasks(run["id"])) <= 30

    left = desk.artifacts(run["id"])
    assert "# Draft 1 waits to be signed off" in left["evidence-summary"]
    assert "2 Publish a draft" in left["evidence-summary"]
    assert "evidence publish 1" in left["evidence-summary"]
    assert str(drafts.read(desk.data, 1).site) in left["evidence-summary"]
    results = [row["result"] for row in left["evidence-expectations"]]
    assert set(results[:-1]) == {"good"}
    assert len(results) == 99
    assert results[-1].endswith("more")  # rows than the page shows well
    assert {row["state"] for row in left["evidence-sources"]} <= {"fresh", "late"}
    assert all(len(rows) < 100 for rows in left.values() if isinstance(rows, list))
    said = until(60, lambda: (log := desk.log(run["id"])) and "Read more: " in log[-1] and log)
    assert said[-1].endswith(f"/artifacts/artifact/{left['ids']['evidence-summary']}")

    signed = {"draft": 1, "approver": "A. Officer", "note": "seen with the board"}
    run = desk.ended(desk.start("2 Publish a draft", **signed))
    assert run["state"]["type"] == "COMPLETED", message(run)
    assert run["name"] == "Publish draft 1"
    release = drafts.read(desk.data, 1).release
    assert message(run) == f"Release {release} is published, signed off by A. Officer."
    assert desk.latest == release
    manifest = json.loads((desk.data / "latest" / "manifest.json").read_text("utf-8"))
    assert manifest["published"]["by"] == "A. Officer"
    assert "readers see it now" in desk.artifacts(run["id"])["evidence-summary"]


def test_the_command_shows_its_run_on_a_configured_server(desk):
    asked = ["refresh", "--place", str(desk.place), "--themes", "older_people", "--quiet"]
    ended = subprocess.run(
        [sys.executable, "-m", "flows", *asked],
        env=desk.environment, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    assert "Nothing new" in ended.stdout
    done = {"state": {"type": {"any_": ["COMPLETED"]}}}
    runs = desk.post("flow_runs/filter", flow_runs=done)
    assert any("request" in run["parameters"] for run in runs)


def test_a_past_release_is_made_again_and_is_the_same(desk):
    run = desk.ended(desk.start("rebuild a past release", release=desk.latest))
    assert run["state"]["type"] == "COMPLETED", message(run)
    assert run["name"] == f"Rebuild {desk.latest}"
    assert message(run) == f"Release {desk.latest} was made again, and is the same."


def test_a_killed_run_leaves_what_readers_see_and_the_next_run_works(desk, told):
    before = desk.latest
    desk.move("X01000001", LARKMOOR)
    killed = desk.build()
    until(180, lambda: [t for t in desk.tasks(killed) if t["name"].startswith("build")])
    pid = int(desk.run(killed)["infrastructure_pid"].rpartition(":")[2])
    os.kill(pid, signal.SIGKILL)
    run = desk.ended(killed)
    assert run["state"]["type"] == "CRASHED"
    assert desk.latest == before
    assert [draft.number for draft in drafts.every(desk.data)] == [1]

    run = desk.ended(desk.build())
    assert message(run).startswith("Draft 2 waits to be signed off.")
    summary = desk.artifacts(run["id"])["evidence-summary"]
    assert "new boundary: Community forum areas" in summary
    assert "### The largest moves" in summary
    assert not list((desk.data / drafts.FOLDER).glob(f"{drafts.BUILDING}*"))


def test_a_draft_that_is_refused_stays_on_record_and_changes_nothing(desk):
    before = desk.latest
    refusal = {"draft": 2, "decision": "refuse", "approver": "A. Officer"}
    run = desk.ended(desk.start("2 Publish a draft", **refusal))
    assert run["state"]["type"] == "FAILED"
    assert message(run) == "To refuse a draft, say why in the note."
    assert drafts.read(desk.data, 2).state == "held"

    run = desk.ended(desk.start("2 Publish a draft", **refusal, note="a forum is wrong"))
    assert run["state"]["type"] == "COMPLETED", message(run)
    assert run["name"] == "Refuse draft 2"
    assert "refused by A. Officer: a forum is wrong" in message(run)
    draft = drafts.read(desk.data, 2)
    assert (draft.state, draft.by, draft.note) == ("refused", "A. Officer", "a forum is wrong")
    assert desk.latest == before


def test_a_build_that_fails_says_so_plainly(desk, told):
    before = desk.latest
    (desk.place / "community_forums.csv").write_text("one,two\n1,2\n", encoding="utf-8")
    run = desk.ended(desk.build())
    assert run["state"]["type"] == "FAILED"
    assert "community_forums.csv" in message(run)
    assert "Traceback" not in message(run)
    assert "\n" not in message(run)
    assert not [line for line in desk.log(run["id"]) if "Traceback" in line]
    page = desk.artifacts(run["id"])["evidence-what-went-wrong"]
    assert page.startswith("# What went wrong")
    assert "Traceback" not in page
    assert desk.latest == before


def test_sources_are_looked_at_and_the_late_ones_are_told(desk, told):
    run = desk.ended(desk.start("check sources", place=str(desk.place)))
    assert run["state"]["type"] == "COMPLETED", message(run)
    rows = desk.artifacts(run["id"])["evidence-sources"]
    late = [row["source"] for row in rows if row["state"] == "late"]
    assert late
    said = until(180, lambda: [t for t in told if t["what"] == "source late"])
    assert any(late[0] in one["text"] for one in said)


def test_the_automations_told_of_what_failed_and_of_what_waits(desk, told):
    wanted = {"Failed", "Crashed"}
    failed = until(
        180,
        lambda: (
            (f := [t for t in told if t["what"] == "refresh failed"])
            and wanted <= {t["state"] for t in f}
            and f
        ),
    )
    assert any("community_forums.csv" in one["text"] for one in failed)
    assert all("/runs/flow-run/" in one["page"] for one in failed)
    waits = until(180, lambda: [t for t in told if t["what"] == "held for sign-off"])
    assert {one["draft"] for one in waits} == {1, 2}
    assert "Draft 1 waits to be signed off" in waits[0]["text"]


def test_a_form_that_is_filled_in_wrongly_is_refused_before_it_runs(desk):
    with pytest.raises(AssertionError, match="2024-13"):
        desk.build(since="2024-13")
    with pytest.raises(AssertionError, match="atlantis"):
        desk.build(place="atlantis")


def test_the_pins_of_fastapi_and_sqlalchemy_hold():
    """Newer ones break the server or its client (see CONTRIBUTING.md)."""
    assert (0, 139) <= tuple(map(int, version("fastapi").split(".")[:2])) < (0, 151)
    assert tuple(map(int, version("sqlalchemy").split(".")[:2])) < (2, 1)
