"""Energy certificates: behind a token, the place's rows only, and no address."""

import csv

import publisher_files as pf
import pytest
from werkzeug import Response

from flows.sources import epc
from flows.sources.files import Ask, Fault, File, SetAside
from flows.sources.web import Web

ASK = Ask(("E07000129",), ())
API = "/api.get-energy-performance-data.communities.gov.uk/api/files/domestic/csv"
COLUMNS = [
    *("CERTIFICATE_NUMBER", "ADDRESS1", "ADDRESS2", "ADDRESS3", "POSTCODE"),
    *("CURRENT_ENERGY_RATING", "LOCAL_AUTHORITY", "LODGEMENT_DATETIME", "UPRN"),
]
HOME = ["1-1", "1 High Street", "", "", "LE1 1AA", "C", "E07000129", "2024-05-01 10:00:00", "1001"]


def table(*rows):
    return pf._table(COLUMNS, *rows)


def changed(**cells):
    row = list(HOME)
    for column, value in cells.items():
        row[COLUMNS.index(column)] = value
    return row


def signed(folder, token="secret-token", known=None):
    folder.mkdir(exist_ok=True)
    return Web(folder, "Council research@council.example", known, {"EPC_TOKEN": token})


@pytest.fixture
def service(internet):
    """The API, which sends on to a store that refuses those who sign in twice."""
    info = {"fileSize": 123, "lastUpdated": "2026-11-01T00:00:00Z"}
    internet.expect_request(f"{API}/info").respond_with_json(info)

    def send_on(request):
        if request.headers.get("Authorization") != "Bearer secret-token":
            return Response("who?", 401)
        return Response("", 302, {"Location": "https://store.example/certificates.zip?signed=1"})

    def stored(request):
        if "Authorization" in request.headers:
            return Response("only one auth mechanism allowed", 400)
        return Response(pf.zip_of({"certificates-2024.csv": table(HOME)}))

    internet.expect_request(API).respond_with_handler(send_on)
    internet.expect_request("/store.example/certificates.zip").respond_with_handler(stored)
    return internet


def test_without_a_token_it_says_how_to_get_one_and_asks_nobody(internet, web):
    with pytest.raises(Fault, match=r"EPC_TOKEN is not set.*One Login.*--inbox"):
        list(epc.fetch(web, ASK))
    assert not internet.log


def test_the_token_stays_with_the_service_and_does_not_go_to_the_store(service, tmp_path):
    (file,) = epc.fetch(signed(tmp_path / "new"), ASK)
    (reply,) = epc.recognise(file, ASK)
    assert reply.name == "certificates-2024.csv"
    assert "secret" not in file.url + reply.url


def test_a_file_that_was_not_made_anew_is_not_fetched_again(service, tmp_path):
    first = signed(tmp_path / "new")
    list(epc.fetch(first, ASK))
    again = signed(tmp_path / "again", known=first.learned)
    assert list(epc.fetch(again, ASK)) == []
    elsewhere = Ask(("E07000130",), ())  # of which nothing was kept then
    assert len(list(epc.fetch(signed(tmp_path / "else", known=first.learned), elsewhere))) == 1


def test_a_token_that_is_refused_is_a_fault_without_the_token(service, tmp_path):
    with pytest.raises(Fault) as raised:
        list(epc.fetch(signed(tmp_path / "new", "wrong-token"), ASK))
    assert "401" in str(raised.value) and "wrong-token" not in str(raised.value)


def file_of(folder, content, name="domestic-csv.zip"):
    path = folder / name
    path.write_bytes(content)
    return File(path, name)


def extracts(folder, content, name="domestic-csv.zip"):
    replies = list(epc.recognise(file_of(folder, content, name), ASK))
    return {r.name: list(csv.DictReader(r.content.decode().splitlines())) for r in replies}


def test_a_table_a_year_and_of_it_the_place_s_rows(tmp_path):
    content = pf.zip_of(
        {
            "certificates-2023.csv": table(HOME, changed(LOCAL_AUTHORITY="E07000130")),
            "certificates-2024.csv": table(changed(LOCAL_AUTHORITY="")),
            "certificates-2008.csv": table(changed(LOCAL_AUTHORITY="W06000001")),
            "recommendations-2024.csv": b"CERTIFICATE_NUMBER,IMPROVEMENT\n1,2\n",
            "README.txt": b"read me",
        }
    )
    found = extracts(tmp_path, content)
    assert {name: len(rows) for name, rows in found.items()} == {
        "certificates-2023.csv": 1,
        "certificates-2024.csv": 1,  # of no authority: its postcode will tell
    }


def test_no_address_is_kept_and_the_same_address_is_known_again(tmp_path):
    spaced = changed(CERTIFICATE_NUMBER="2-2", ADDRESS1=" 1  HIGH street", POSTCODE="LE11AA")
    other = changed(CERTIFICATE_NUMBER="3-3", ADDRESS1="11 High Street")
    rows = extracts(tmp_path, table(HOME, spaced, other), "domestic.csv")["domestic.csv"]
    assert set(rows[0]) == {*epc.KEPT, "ADDRESS_KEY"}
    keys = [row["ADDRESS_KEY"] for row in rows]
    assert keys[0] == keys[1] != keys[2]
    assert "high" not in str(rows).lower()


def test_a_home_without_an_address_has_no_key(tmp_path):
    (row,) = extracts(tmp_path, table(changed(ADDRESS1="")), "domestic.csv")["domestic.csv"]
    assert row["ADDRESS_KEY"] == ""


def test_a_file_of_elsewhere_is_a_fault(tmp_path):
    with pytest.raises(Fault, match="none of its 1 certificates is of the place's authorities"):
        extracts(tmp_path, table(changed(LOCAL_AUTHORITY="E07000001")), "domestic.csv")


def test_the_old_service_s_layout_is_refused_with_what_lacks(tmp_path):
    old = b"LMK_KEY,ADDRESS1,POSTCODE,CURRENT_ENERGY_RATING\n1,a,LE1 1AA,C\n"
    with pytest.raises(Fault, match="no column CERTIFICATE_NUMBER"):
        extracts(tmp_path, old, "certificates.csv")


def test_a_table_that_is_cut_short_is_refused(tmp_path):
    with pytest.raises(Fault, match=r"row 2 has \d cells"):
        extracts(tmp_path, table(HOME, HOME)[:-30], "domestic.csv")


def test_a_table_that_is_cut_short_in_a_row_of_elsewhere_is_refused(tmp_path):
    elsewhere = changed(LOCAL_AUTHORITY="E07000001")
    with pytest.raises(Fault, match=r"row 2, its last, is not whole"):
        extracts(tmp_path, table(HOME, elsewhere)[:-20], "domestic.csv")


def test_a_row_may_go_over_several_lines_and_a_blank_line_is_none(tmp_path):
    two_lines = changed(CERTIFICATE_NUMBER="2-2", ADDRESS2="Flat 1\nThe Mill, E07000001 Road")
    content = table(HOME, two_lines, changed(LOCAL_AUTHORITY="E07000001")) + b"\n"
    found = extracts(tmp_path, content, "domestic.csv")["domestic.csv"]
    assert [row["CERTIFICATE_NUMBER"] for row in found] == ["1-1", "2-2"]


def test_a_damaged_member_is_refused_by_its_name(tmp_path):
    content = table(*([HOME] * 400))
    broken = pf.damage(pf.stored_zip({"certificates-2024.csv": content}), content)
    with pytest.raises(Fault, match=r"domestic-csv\.zip!certificates-2024\.csv"):
        extracts(tmp_path, broken)


def test_another_kind_of_file_is_set_aside(tmp_path):
    with pytest.raises(SetAside):
        extracts(tmp_path, b"x", "notes.txt")
