"""Local Health: rows of MSOAs and nothing else, on the MSOAs of 2021, and each with its licence."""

import pytest
from werkzeug import Response

from flows.sources import fingertips, local_health
from flows.sources.files import Ask, Fault, File, SetAside

ASK = Ask(("E07000129",), ())
API = "/fingertips.phe.org.uk/api/"
HEAD = (
    "Indicator ID,Indicator Name,Parent Code,Parent Name,Area Code,Area Name,Area Type,Sex,Age,"
    "Category Type,Category,Time period,Value,Lower CI 95.0 limit,Upper CI 95.0 limit,"
    "Lower CI 99.8 limit,Upper CI 99.8 limit,Count,Denominator,Value note,Recent Trend,"
    "Compared to England value or percentiles,{},Time period Sortable,New data,Compared to goal"
)
COLUMN_23 = "Compared to percentiles"
METADATA = (
    "Indicator ID,Indicator,Definition,Data re-use\n"
    '93227,"Emergency admissions, all causes",Text,Open Government Licence v3.0\n'
)


def row(code="E02005350", kind="MSOA", indicator=93227):
    return (
        f"{indicator},Emergency hospital admissions for all causes SAR,E92000001,England,{code},X,{kind},"
        "Persons,All ages,,,2018/19 - 22/23,110,,,,,110,100,,,Not compared,Not compared,20180000,,"
    )


def download(*rows, column_23=COLUMN_23, more=""):
    return "\n".join([HEAD.format(column_23) + more, *rows, ""])


def test_each_indicator_for_msoas_and_what_is_said_of_all(internet, web):
    internet.expect_request(f"{API}all_data/csv/by_indicator_id").respond_with_handler(
        lambda asked: Response(download(row(indicator=asked.args["indicator_ids"])))
    )
    internet.expect_request(f"{API}indicator_metadata/csv/by_indicator_id").respond_with_data(
        METADATA
    )
    files = list(local_health.fetch(web, ASK))
    data = [r.args for r, _ in internet.log if r.path == f"{API}all_data/csv/by_indicator_id"]
    assert {
        (a["indicator_ids"], a["child_area_type_id"], a["parent_area_type_id"]) for a in data
    } == {(i, "3", "15") for i in local_health.INDICATORS}
    tables = [reply.table for file in files for reply in local_health.recognise(file, ASK)]
    assert tables == ["all_data"] * len(local_health.INDICATORS) + ["metadata"]


def file_of(folder, content, name="local.csv"):
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return File(path, name)


def recognised(folder, content):
    return list(local_health.recognise(file_of(folder, content), ASK))


@pytest.mark.parametrize(
    "column_23",
    [
        "Compared to Region value or percentiles",
        "Compared to percentiles",
        "Compared to parent value or percentiles",
    ],
)
@pytest.mark.parametrize("more", ["", ",Time period range"])
def test_column_23_has_another_name_for_each_request(tmp_path, column_23, more):
    content = download(row(), column_23=column_23, more=more)
    assert [r.table for r in recognised(tmp_path, content)] == ["all_data"]


def test_a_file_with_another_column_23_is_not_fingertips(tmp_path):
    with pytest.raises(Fault, match="column 23"):
        recognised(tmp_path, download(row(), column_23="Something else"))


def test_a_header_alone_is_refused_although_status_200(tmp_path):
    with pytest.raises(Fault, match="a header and no row"):
        recognised(tmp_path, download())


def test_a_file_without_msoas_says_of_what_it_is(tmp_path):
    content = download(row("E07000129", "District"), row("E92000001", "England"))
    with pytest.raises(Fault, match="rows of District, England only"):
        recognised(tmp_path, content)


def test_several_kinds_of_area_in_a_file_are_well(tmp_path):
    content = download(row("E92000001", "England"), row())
    assert len(recognised(tmp_path, content)) == 1


def test_all_of_england_without_one_msoa_of_2021_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(local_health, "WHOLE", 2)
    old = download(row("E02000001"), row("E02006934"))
    with pytest.raises(Fault, match="those of 2011"):
        recognised(tmp_path, old)
    assert recognised(tmp_path, download(row("E02000001"), row("E02006935")))


def test_a_page_in_place_of_data_is_refused(tmp_path):
    with pytest.raises(Fault, match="web page"):
        recognised(tmp_path, "<html></html>")


def test_what_is_no_csv_is_set_aside(tmp_path):
    with pytest.raises(SetAside):
        list(local_health.recognise(file_of(tmp_path, "x", "notes.txt"), ASK))


@pytest.mark.parametrize("source", [fingertips, local_health])
def test_what_is_said_of_indicators_is_kept_beside_their_figures(tmp_path, source):
    (reply,) = source.recognise(file_of(tmp_path, METADATA, "metadata.csv"), ASK)
    assert (reply.table, reply.name) == ("metadata", "metadata.csv")
