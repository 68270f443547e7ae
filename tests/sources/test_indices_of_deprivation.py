"""Indices of Deprivation: two editions, each on its own small areas, and nothing in between."""

import csv
import io

import publisher_files as pf
import pytest

from flows.sources import indices_of_deprivation as indices
from flows.sources.files import Ask, Fault, File, SetAside

ASK = Ask(("E07000129",), ())
PAGE = "/www.gov.uk/api/content/government/statistics/english-indices-of-deprivation-{}"
HOST = "assets.publishing.service.gov.uk/media"
ADDRESS = {
    "2025": f"https://{HOST}/691d/File_7_IoD2025_All_Ranks_Scores_Deciles.csv",
    "2019": f"https://{HOST}/5dc4/File_7_-_All_IoD2019_Scores__Ranks__Deciles_3.csv",
}
CONTENT = {"2025": pf.FILE_7_2025, "2019": pf.FILE_7_2019}
TABLES = {"2025": "file_7", "2019": "file_7_earlier"}


def listed(*addresses):
    others = [{"url": f"https://{HOST}/1/File_1_IoD.xlsx"}, {"title": "a page without a file"}]
    return {"details": {"attachments": [*others, *({"url": a} for a in addresses)]}}


@pytest.fixture
def govuk(internet):
    for year, address in ADDRESS.items():
        internet.expect_request(PAGE.format(year)).respond_with_json(listed(address))
        path = address.removeprefix("https:/")
        internet.expect_request(path).respond_with_data(CONTENT[year])
    return internet


def test_both_editions_come_from_the_address_that_their_page_lists_today(govuk, web):
    files = list(indices.fetch(web, ASK))
    assert [f.url for f in files] == list(ADDRESS.values())
    for file, year in zip(files, ADDRESS, strict=True):
        (reply,) = indices.recognise(file, ASK)
        assert (reply.table, reply.name) == (TABLES[year], f"file-7-{year}.csv")


@pytest.mark.parametrize("addresses", [(), (ADDRESS["2025"], f"https://{HOST}/2/File_7_v2.csv")])
def test_no_file_7_or_two_is_a_fault_of_that_edition_only(govuk, web, addresses):
    govuk.clear()
    govuk.expect_request(PAGE.format("2025")).respond_with_json(listed(*addresses))
    govuk.expect_request(PAGE.format("2019")).respond_with_json(listed(ADDRESS["2019"]))
    govuk.expect_request(ADDRESS["2019"].removeprefix("https:/")).respond_with_data(pf.FILE_7_2019)
    fault, file = indices.fetch(web, ASK)
    assert isinstance(fault, Fault) and f"lists {len(addresses)} files named File 7" in str(fault)
    assert file.url == ADDRESS["2019"]


def file_of(folder, content, name="File_7.csv"):
    path = folder / name
    path.write_bytes(content)
    return File(path, name)


def recognised(folder, content):
    return list(indices.recognise(file_of(folder, content), ASK))


def rows_of(content):
    return list(csv.reader(io.StringIO(content.decode())))


def bytes_of(rows):
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue().encode()


@pytest.mark.parametrize("year", ADDRESS)
def test_an_edition_is_told_by_its_columns_not_by_its_name(tmp_path, year):
    (reply,) = indices.recognise(file_of(tmp_path, CONTENT[year], "renamed by hand.csv"), ASK)
    assert reply.name == f"file-7-{year}.csv"


def test_the_header_of_either_edition_is_read_whole_and_cut_short_where_it_is():
    shown = {year: rows_of(content)[0] for year, content in CONTENT.items()}
    assert {year: len(columns) for year, columns in shown.items()} == {"2025": 56, "2019": 57}
    assert any(column.endswith("of LSO") for column in shown["2025"])


def test_the_denominators_of_one_on_the_codes_of_the_other_are_refused(tmp_path):
    for content, old, new in (
        (pf.FILE_7_2025, "LSOA code (2021)", "LSOA code (2011)"),
        (pf.FILE_7_2019, "LSOA code (2011)", "LSOA code (2021)"),
    ):
        mixed = content.replace(old.encode(), new.encode())
        with pytest.raises(Fault, match="neither edition") as raised:
            recognised(tmp_path, mixed)
        assert str(raised.value).startswith("File_7.csv")


def test_the_edition_of_2015_is_on_2011_codes_too_and_is_refused(tmp_path):
    older = pf.FILE_7_2019.replace(b"mid 2015", b"mid 2012")
    with pytest.raises(Fault, match="mid 2012"):
        recognised(tmp_path, older)


def test_a_code_of_2021_only_in_the_earlier_edition_is_refused(tmp_path):
    columns, row = rows_of(pf.FILE_7_2019)
    content = bytes_of([columns, row, ["E01035001", *row[1:]]])
    with pytest.raises(Fault, match=r"says to be on 2011.*E01035001 is a code of 2021"):
        recognised(tmp_path, content)


def test_all_england_without_one_code_of_2021_is_on_2011_small_areas(tmp_path, monkeypatch):
    monkeypatch.setattr(indices, "WHOLE", 3)
    columns, row = rows_of(pf.FILE_7_2025)
    codes = ["E01000001", "E01000002", "E01033768"]
    content = bytes_of([columns, *([code, *row[1:]] for code in codes)])
    with pytest.raises(Fault, match=r"says to be on 2021.*on those of 2011"):
        recognised(tmp_path, content)
    with_a_new_one = bytes_of([columns, *([code, *row[1:]] for code in [*codes, "E01033769"])])
    assert len(recognised(tmp_path, with_a_new_one)) == 1


@pytest.mark.parametrize("content", [pf.FILE_1_2025, pf.FILE_2_2025])
def test_other_files_of_an_edition_are_set_aside(tmp_path, content):
    with pytest.raises(SetAside):
        list(indices.recognise(file_of(tmp_path, content, "iod.csv"), ASK))
