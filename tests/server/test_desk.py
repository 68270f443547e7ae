"""The officer's desk without a server: what forms take, when schedules fire, what pages show."""

import json
import logging
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from prefect.server.schemas.schedules import CronSchedule
from pydantic import ValidationError

from flows.catalogue import THEMES, CatalogueFaults
from flows.desk import choices, runs, standing, summaries, tables, telling, words
from flows.desk.forms import Build, CheckSources, Publish, Rebuild
from flows.drafts import Draft
from flows.requested import Outcome, Request

NASTY = '<img src=x onerror="alert(1)"> [a](javascript:alert(1)) | *b* `c`\n# d https://e.org'


def fault(form, **given):
    with pytest.raises(ValidationError) as why:
        form(**given)
    return " ".join(runs._misfit(one) for one in why.value.errors())


class TestForms:
    def test_what_is_not_filled_in_is_what_a_careful_officer_wants(self):
        asked = Build()
        assert (asked.themes, asked.since, asked.until) == ((), "", "")
        assert (asked.repull, asked.offline, asked.sign_off) == (False, False, "always")

    def test_a_form_asks_what_a_refresh_can_be_asked(self):
        given = Build().model_dump(exclude={"sign_off", "data"})
        assert Request(**given, data="data", hold="always")

    @pytest.mark.parametrize(
        ("form", "given", "sentence"),
        [
            (Build, {"place": "atlantis"}, "The form, place: Input should be 'exampleshire'"),
            (Build, {"themes": ["fun"]}, "The form, themes.0: Input should be"),
            (Build, {"since": "2024-13"}, "The form, since: String should match"),
            (Build, {"since": "2025-02", "until": "2025-01"}, "The first month (2025-02) is after"),
            (Build, {"sign_off": "never"}, "The form, sign_off: Input should be 'always'"),
            (Build, {"themen": ["older_people"]}, "The form, themen: Extra inputs are not"),
            (
                Publish,
                {"draft": 0, "approver": "A. B."},
                "The form, draft: Input should be greater",
            ),
            (Publish, {"draft": 1}, "The form, approver: Field required"),
            (Publish, {"draft": 1, "approver": "  "}, "Write your name"),
            (
                Publish,
                {"draft": 1, "approver": "A. B.", "decision": "refuse", "note": " "},
                "To refuse a draft, say why in the note.",
            ),
            (Rebuild, {"release": "../../etc"}, "The form, release: String should match"),
            (CheckSources, {"live": "perhaps"}, "The form, live: Input should be"),
        ],
    )
    def test_what_cannot_be_is_told_in_a_sentence(self, form, given, sentence):
        assert sentence in fault(form, **given)

    @pytest.mark.parametrize("form", [Build, Publish, CheckSources, Rebuild])
    def test_every_question_explains_itself(self, form):
        schema = form.model_json_schema()
        assert schema["description"]
        assert schema["additionalProperties"] is False
        for name, field in schema["properties"].items():
            assert field["title"][0].isupper() and "_" not in field["title"], name
            assert field["description"].endswith("."), name
            assert "anyOf" not in field and "$ref" not in field, f"{name}: Prefect shows it badly"

    @pytest.mark.parametrize(
        "name", ["build_draft", "publish_draft", "check_sources", "rebuild_release"]
    )
    def test_a_flow_has_one_parameter(self, name):
        """Prefect shows the titles of a model's fields, and not those of parameters."""
        schema = getattr(runs, name).parameters
        assert list(schema.properties) == ["settings"]

    def test_the_choices_are_those_that_there_are(self):
        shown = Build.model_json_schema()["properties"]
        assert shown["place"]["enum"][0] == "exampleshire"
        assert set(shown["themes"]["items"]["enum"]) == {p.stem for p in THEMES.glob("*.toml")}

    def test_a_place_elsewhere_is_offered_where_the_desk_is_for_it(self, monkeypatch):
        monkeypatch.setenv(choices.PLACE, "/srv/our/place")
        assert choices.places()[:2] == ("/srv/our/place", "exampleshire")

    def test_the_data_folder_is_the_one_the_desk_was_started_with(self, monkeypatch, tmp_path):
        monkeypatch.setenv(choices.DATA, str(tmp_path))
        assert Build().folder == tmp_path
        assert Build(data=str(tmp_path / "other")).folder == tmp_path / "other"
        monkeypatch.delenv(choices.DATA)
        assert Build().folder == Path("data").resolve()


def days(written, name, year=2026):
    """The days of a year on which a deployment's schedules fire, and the hours on the clocks there."""
    begin = datetime(year, 1, 1, tzinfo=UTC)
    found = []
    for entry in written[name]["schedules"]:
        schedule = CronSchedule(
            cron=entry["cron"], timezone=entry["timezone"], day_or=entry.get("day_or", True)
        )
        dates = schedule._get_dates_generator(n=400, start=begin, end=begin + timedelta(days=365))
        found += [moment.astimezone(ZoneInfo("Europe/London")) for moment in dates]
    return sorted({moment.date() for moment in found}), {
        moment.strftime("%H:%M") for moment in found
    }


class TestSchedules:
    def test_builds_follow_the_publishers_calendar(self, written):
        built, hours = days(written, "1 Build a draft release")
        assert hours == {"06:00"}  # on the clock, in winter and summer
        thirds = [date(2026, month, 3) for month in range(1, 13)]
        after = [day for day in built if day not in thirds]
        assert [day for day in built if day in thirds] == thirds
        assert len(after) == 12
        for day in after:
            wednesday = day - timedelta(days=1)
            assert wednesday.weekday() == 2
            assert 15 <= wednesday.day <= 21, f"{wednesday} is not the third Wednesday"
        assert after[2] == date(2026, 3, 19)
        assert after[9] == date(2026, 10, 22)

    def test_sources_are_looked_at_every_day_also_when_the_clocks_change(self, written):
        looked, hours = days(written, "check sources")
        assert hours == {"07:30"}
        assert len(looked) == 365
        assert date(2026, 3, 29) in looked and date(2026, 10, 25) in looked

    def test_nothing_is_published_or_rebuilt_by_a_schedule(self, written):
        scheduled = [name for name, entry in written.items() if entry.get("schedules")]
        assert scheduled == ["1 Build a draft release", "check sources"]

    def test_no_deployment_has_a_limit_and_every_schedule_its_time_zone(self, written):
        for entry in written.values():
            assert "concurrency_limit" not in entry
            for schedule in entry.get("schedules", ()):
                assert schedule["timezone"] == "Europe/London"
        slugs = Counter(s["slug"] for e in written.values() for s in e.get("schedules", ()))
        assert set(slugs.values()) == {1}


class TestWords:
    def test_what_comes_from_data_is_text_and_no_more(self):
        shown = words.plain(NASTY)
        assert "<" not in shown and "\n" not in shown
        assert "\\[a\\]" in shown and "\\|" in shown and "\\*b\\*" in shown
        assert "://" not in shown

    @pytest.mark.parametrize(
        "text", ["1. first", "- listed", "# head", "> said", "= line", "(1) x"]
    )
    def test_a_line_does_not_become_a_list_or_a_heading(self, text):
        assert words.plain(text)[0] in "\\&(" or words.plain(text).startswith("1\\.")

    def test_a_cell_of_a_table_means_nothing_to_either_page(self):
        shown = words.inert(NASTY)
        assert not set("<>[]`*|") & set(shown)
        assert words.inert(12) == 12

    def test_a_path_stays_one(self):
        assert words.code("C:\\a`b\nc") == "`C:\\a b c`"


def draft(tmp_path, **more):
    folder = tmp_path / "drafts" / "7"
    (folder / "release").mkdir(parents=True)
    told = {"number": 7, "release": "2026-10-03-1a2b3c4d", "before": "2026-09-03-aaaaaaaa"}
    told |= {"made_at": "2026-10-03T06:00:00+00:00", "state": "held", "key": "", "tables": ""}
    told |= {"seal": "", "out": "", "rows": 3, "place": "exampleshire"}
    return Draft(folder=folder, **told | more)


CHANGES = f"""theme,indicator_id,indicator,area_kind,area_code,area_name,edition,period,change,value_before,value_after,marker_before,marker_after,unit,why
Older People,aged,People aged 65,town,T1,"{NASTY.replace('"', "'").replace(chr(10), " ")}",,2024,revised,10,20,,,people,publisher's revision: Census
Older People,aged,People aged 65,town,T2,Larkhaven,,2024,new,,5,,,people,new data: Census
Older People,crimes,Crimes,town,T2,Larkhaven,,2024,revised,1,90,,,crimes,new data: Crime
"""


class TestSummaries:
    def held(self, tmp_path):
        return Outcome(
            state="held", code=0, draft=7, warnings=[NASTY], gaps=["no file"], set_aside=["old.csv"]
        )

    def test_a_held_draft_says_what_changes_and_what_to_do(self, tmp_path):
        waiting = draft(tmp_path)
        (waiting.files / "changes.csv").write_text(CHANGES, encoding="utf-8")
        (waiting.files / "evidence.xlsx").touch()
        (waiting.files / "themes").mkdir()
        (waiting.files / "themes" / "older_people.csv").write_text(
            "marker\n[c]\n\n[low]\n", "utf-8"
        )
        late = {"id": "crime", "label": "Crime", "state": "late", "newest_period_end": "2026-01-31"}
        sources = [
            late | {"faults": [], "last_pulled": "", "rows": 0, "files": 0, "licence": "OGL"}
        ]
        page = summaries.built(self.held(tmp_path), waiting, sources, tmp_path, {"crimes"})
        assert page.startswith("# Draft 7 waits to be signed off.")
        assert "It has 1 warning and 1 gap. What readers see is as it was." in page
        assert "with number **7** and your name" in page
        assert f'`evidence publish 7 --by "Your Name" --data {tmp_path}`' in page
        assert "3 figures moved since 2026-09-03-aaaaaaaa: 1 new, 2 revised." in page
        largest = page.partition("### The largest moves")[2].partition("##")[0]
        assert "20 people, before 10 people" in largest
        assert "90 crimes" not in largest  # a count of crimes is not told without its rate
        assert "- Crime: late, its newest figures end 2026-01-31" in page
        assert "- old.csv" in page
        assert "- older\\_people: 2 figures" in page
        assert f"`{waiting.files / 'evidence.xlsx'}`" in page
        assert "<img" not in page and "[a](" not in page

    @pytest.mark.parametrize(
        ("state", "head"),
        [
            ("source failed", "Nothing was published: a source that is needed failed."),
            ("checks failed", "Nothing was published: critical checks failed."),
            ("not protected", "Nothing was published: single people could be told from it."),
        ],
    )
    def test_a_failed_build_says_that_nothing_changed(self, state, head, tmp_path):
        outcome = Outcome(state=state, code=3, faults=["towns.gpkg: broken."])
        page = summaries.built(outcome, None, [], tmp_path)
        assert page.startswith(f"# {head}")
        assert "What readers see is as it was." in page
        assert "- towns.gpkg: broken." in page
        assert "**1 Build a draft release** again" in page

    def test_nothing_new_is_said_so(self, tmp_path):
        outcome = Outcome(state="nothing new", code=0, release="2026-10-03-1a2b3c4d")
        page = summaries.built(outcome, None, [], tmp_path)
        assert page.startswith("# Nothing new: release 2026-10-03-1a2b3c4d stands.")

    def test_decisions_are_told_with_the_name_and_the_note(self, tmp_path):
        done = draft(tmp_path, state="refused", by="A. Officer", note=NASTY)
        page = summaries.decided(done, tmp_path)
        assert page.startswith("# Draft 7 is refused.")
        assert "By A. Officer." in page
        assert "<img" not in page

    def test_what_was_not_foreseen_comes_with_what_a_mender_needs(self):
        ending = summaries.wrong(["It broke."], unforeseen="Traceback ```x```")
        assert ending.count("```") == 2
        assert "- It broke." in ending

    def test_the_first_of_several_faults_is_told_in_one_line(self):
        assert summaries.first(["one\ntwo", "three", "four"]) == "one two And 2 more: see the page."


class TestTables:
    def test_broken_checks_come_first(self, tmp_path):
        path = tmp_path / "expectations.json"
        row = {"table": "t", "id": "T-1", "severity": "warning", "because": "so", "broken_rows": 0}
        rows = [row | {"result": result, "examples": []} for result in ("held", "broken", "error")]
        path.write_text(json.dumps(rows), encoding="utf-8")
        found = [one["result"] for one in tables.expectations(path)]
        assert found == ["could not be judged", "broken", "good"]
        assert tables.expectations(tmp_path / "none.json") == []

    def test_a_long_table_says_how_much_more_there_is(self):
        rows = [{"what": i, "where": ""} for i in range(250)]
        shown = tables.shortened(rows)
        assert len(shown) == 99
        assert shown[-1]["what"] == "and 152 more"
        assert tables.shortened(rows[:99]) == rows[:99]


class TestStanding:
    def test_a_place_has_its_name(self):
        assert standing.name_of("exampleshire") == "Exampleshire"
        assert standing.name_of("/nowhere/atlantis") == "atlantis"

    def test_a_desk_is_for_the_place_of_its_folder(self, tmp_path):
        assert standing.place_of(tmp_path) == "exampleshire"
        (tmp_path / "place").write_text("leicestershire\n", encoding="utf-8")
        assert standing.place_of(tmp_path) == "leicestershire"
        assert standing.place_of(tmp_path, "exampleshire") == "exampleshire"

    def test_counts_of_crimes_are_known(self):
        assert "crimes_month" in standing.bare("exampleshire")
        assert "aged_65_and_over" not in standing.bare("exampleshire")
        assert standing.bare("atlantis") == set()

    def test_sources_are_those_that_the_themes_need(self, tmp_path):
        asked = {s["id"] for s in standing.sources("exampleshire", tmp_path, ("older_people",))}
        assert "population" in asked
        assert "police_crime" not in asked


class TestTelling:
    def record(self, why):
        return logging.LogRecord(
            "prefect.task_runs", 40, "f", 1, "failed: %s", ("x",), (type(why), why, None)
        )

    def test_a_foreseen_failure_is_told_without_a_traceback(self):
        record = self.record(CatalogueFaults(["place.toml: no name.", "place.toml: no code."]))
        assert telling.Foreseen().filter(record)
        told = record.getMessage()
        assert told == "This step did not succeed: place.toml: no name. place.toml: no code."
        assert record.exc_info is None

    def test_a_step_s_failure_is_told_once(self):
        line = "Finished in state Failed('Task run encountered an exception')"
        again = logging.LogRecord("prefect.task_runs", 40, "f", 1, line, (), None)
        assert not telling.Foreseen().filter(again)

    def test_what_was_not_foreseen_keeps_all_that_a_mender_needs(self):
        record = self.record(ZeroDivisionError("oh"))
        assert telling.Foreseen().filter(record)
        assert record.getMessage() == "failed: x"
        assert record.exc_info
