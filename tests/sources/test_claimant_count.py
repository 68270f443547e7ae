"""Claimant count: what is asked of Nomis, and what of its answers is refused."""

import csv
import io

import pytest
from werkzeug import Response

from flows.sources import claimant_count
from flows.sources.files import Ask, Fault, File, SetAside

DATA = "/www.nomisweb.co.uk/api/v01/dataset/NM_162_1.data.csv"
ABOUT = "/www.nomisweb.co.uk/api/v01/dataset/NM_162_1.def.sdmx.json"
ASK = Ask(("E07000129", "E07000130"), ("leicestershire",))
COLUMNS = f"{claimant_count.SELECT},RECORD_COUNT".split(",")


def answer(months, codes=("E01025701", "E01025702"), cell=("10", "A"), most=None):
    """A Nomis answer: a row for each month and small area, cut where ``most`` says."""
    rows = [[c, "Somewhere", m, 1, 0, 0, *cell] for m in months for c in codes]
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
    table.writerow(COLUMNS)
    table.writerows([*row, len(rows)] for row in rows[:most])
    return out.getvalue()


def narrowed(text, select):
    """An answer with the columns that are asked for."""
    rows, out = csv.DictReader(io.StringIO(text)), io.StringIO()
    table = csv.DictWriter(out, select.split(","), extrasaction="ignore", lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    return out.getvalue()


def of(request):
    """Two small areas of the authority that is asked for."""
    number = request.args["geography"][6:9]
    return f"E01025{number}", f"E01026{number}"


@pytest.fixture
def nomis(internet):
    """Nomis, whose newest month is August 2026."""

    def respond(request):
        date = request.args["date"]
        if int(request.args["RecordOffset"]):
            return Response(",".join(COLUMNS) + "\n")
        if date == "latest":
            return Response(narrowed(answer(["2026-08"], of(request)), request.args["select"]))
        return Response(answer(date.split(","), of(request)))

    internet.expect_request(ABOUT).respond_with_json({"structure": {}})
    internet.expect_request(DATA).respond_with_handler(respond)
    return internet


def asked(internet):
    found = [r.args for r, _ in internet.log if r.path == DATA]
    return [a for a in found if a["date"] != "latest"]


def test_a_call_an_authority_and_year_covers_24_months_and_names_each(nomis, web):
    files = list(claimant_count.fetch(web, ASK))
    names = [f"claimants-{a}-{y}.csv" for a in ASK.authorities for y in (2024, 2025, 2026)]
    assert [f.name for f in files] == names
    dates = [a["date"].split(",") for a in asked(nomis)]
    assert dates[0] == [f"2024-{m:02d}" for m in range(1, 13)]
    assert dates[2] == [f"2026-{m:02d}" for m in range(1, 9)]  # none that is not there yet


def test_what_nomis_would_fill_in_by_itself_is_said(nomis, web):
    list(claimant_count.fetch(web, ASK))
    for args in asked(nomis):
        assert (args["measure"], args["gender"], args["age"], args["measures"]) == (
            *("1", "0", "0", "20100"),
        )
        assert args["geography"] in {f"{a}TYPE151" for a in ASK.authorities}
        assert "RECORD_COUNT" in args["select"]


def test_the_asked_months_say_which_years(nomis, web):
    ask = Ask(("E07000129",), (), since="2023-11", until="2024-02")
    files = list(claimant_count.fetch(web, ask))
    assert [f.name[-8:-4] for f in files] == ["2023", "2024"]


@pytest.mark.parametrize("body", ["", "<html>busy</html>", "too many requests", "a,b\n1,2\n"])
def test_an_answer_that_is_none_is_a_fault_although_status_200(internet, web, body):
    internet.expect_request(ABOUT).respond_with_json({})
    internet.expect_request(DATA).respond_with_data(body)
    with pytest.raises(Fault):
        list(claimant_count.fetch(web, ASK))


def test_an_authority_that_fails_does_not_stop_the_next(internet, web):
    def respond(request):
        if request.args["date"] == "latest":
            return Response(narrowed(answer(["2026-08"]), request.args["select"]))
        if request.args["geography"].startswith("E07000129"):
            return Response(",".join(COLUMNS) + "\n")
        return Response(answer(request.args["date"].split(","), of(request)))

    internet.expect_request(ABOUT).respond_with_json({})
    internet.expect_request(DATA).respond_with_handler(respond)
    found = list(claimant_count.fetch(web, ASK))
    assert [isinstance(f, Fault) for f in found] == [True] * 3 + [False] * 3


def file_of(folder, content, name="claimants.csv"):
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return File(path, name)


def recognised(file):
    return list(claimant_count.recognise(file, ASK))


def test_a_whole_answer_is_kept_as_it_came(tmp_path):
    (reply,) = recognised(file_of(tmp_path, answer(["2026-07", "2026-08"])))
    assert (reply.table, reply.name) == ("nomis", "claimants.csv")


def test_an_answer_cut_at_the_guest_s_limit_is_refused(tmp_path):
    with pytest.raises(Fault, match=r"counted 4 rows, the file holds 3"):
        recognised(file_of(tmp_path, answer(["2026-07", "2026-08"], most=3)))


def test_a_header_without_rows_is_refused(tmp_path):
    with pytest.raises(Fault, match="without rows"):
        recognised(file_of(tmp_path, answer([])))


def test_columns_that_were_taken_away_are_named(tmp_path):
    with pytest.raises(Fault, match="GEOGRAPHY_CODE, DATE, OBS_VALUE"):
        recognised(file_of(tmp_path, "GEOGRAPHY_CODE,OBS_VALUE\nE01025701,5\n"))


def test_residents_by_age_are_another_source_s(tmp_path):
    content = "GEOGRAPHY_CODE,DATE_NAME,C_AGE,OBS_VALUE\nE01025701,2024,200,5\n"
    with pytest.raises(SetAside, match="population"):
        recognised(file_of(tmp_path, content))
