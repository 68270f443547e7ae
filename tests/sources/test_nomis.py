"""Nomis as it answers, and as it misleads (contract, section 6.1)."""

import csv
from dataclasses import replace
from types import SimpleNamespace

import pytest
from conftest import web_in
from publishers import NOMIS, Answer, Internet, Nomis

from flows.pull import pull
from flows.snapshots import Store
from flows.sources import population
from flows.sources.files import Ask, Fault, File
from flows.sources.services import nomis

DATASET = "NM_2014_1"
QUERY = {"geography": "E07000129TYPE151", "date": "latest"}
QUERY |= {"select": "GEOGRAPHY_CODE,DATE_NAME,OBS_VALUE"}
PARENTS = {f"E01{n:06d}": "E07000129" for n in range(60_000)}


def rows(count, first=0):
    return [
        {"GEOGRAPHY_CODE": f"E01{n:06d}", "DATE_NAME": "2024", "OBS_VALUE": n}
        for n in range(first, first + count)
    ]


@pytest.fixture
def serve(internet):
    """Put a data set, or a plain answer to every query for data, at Nomis's address."""

    def put(service, dataset=DATASET):
        net = Internet()
        if isinstance(service, bytes):
            body = service
            service = lambda asked: Answer(body)  # noqa: E731
        net.at(f"{NOMIS}{dataset}.", service)
        net.behind(internet)
        return service

    return put


def table(web, query=QUERY):
    return nomis.table(web, DATASET, query, "a.csv")


def read(file):
    with file.path.open(encoding="utf-8-sig", newline="") as stream:
        return [row["GEOGRAPHY_CODE"] for row in csv.DictReader(stream)]


def offsets(internet):
    return [r.args["RecordOffset"] for r, _ in internet.log if "RecordOffset" in r.args]


def fault(web):
    with pytest.raises(Fault) as raised:
        table(web)
    assert str(raised.value).startswith(f"{NOMIS}{DATASET}.data.csv?")
    return str(raised.value)


def test_a_table_is_one_call_and_record_count_is_asked_for(web, internet, serve):
    serve(Nomis(rows(3)))
    file = table(web)
    assert read(file) == ["E01000000", "E01000001", "E01000002"]
    assert internet.log[0][0].args["select"] == f"{QUERY['select']},RECORD_COUNT"
    assert offsets(internet) == ["0"]
    assert file.path.read_bytes().count(b"\r\n") == 4  # byte for byte as it came


def test_exactly_25000_rows_are_whole_and_cost_one_call(web, internet, serve):
    serve(Nomis(rows(25_000)))
    assert len(read(table(web))) == 25_000
    assert offsets(internet) == ["0"]


def test_25001_rows_come_in_two_pages(web, internet, serve):
    """Truncated silently at 25,000 in code order; RecordOffset gives the rest."""
    serve(Nomis(rows(25_001)))
    found = read(table(web))
    assert (len(found), len(set(found)), found[-1]) == (25_001, 25_001, "E01025000")
    assert offsets(internet) == ["0", "25000"]


def test_who_signs_in_gets_longer_pages_and_the_key_is_in_no_address_kept(
    tmp_path, internet, serve
):
    serve(Nomis(rows(25_001)))
    web = web_in(tmp_path / "w", keys={"NOMIS_UID": "0xs3cret"})
    file = table(web)
    assert len(read(file)) == 25_001 and offsets(internet) == ["0"]
    assert internet.log[0][0].args["uid"] == "0xs3cret" and "s3cret" not in file.url


def test_a_table_cut_short_with_status_200_is_a_fault(web, serve):
    serve(Nomis(rows(30), miscount=5))
    assert "header and no row" in fault(web) or "counts 35 rows and gave 30" in fault(web)


def test_more_rows_than_record_count_says_are_a_fault(web, serve):
    serve(Nomis(rows(30), miscount=-5))
    assert "counts 25 rows and gave 30" in fault(web)


def test_a_count_that_changes_from_page_to_page_is_a_fault(web, serve):
    """It was updated between two calls: half of one edition and half of another."""
    first, second = Nomis(rows(6), most=3), Nomis(rows(7), most=3)
    serve(lambda asked: (second if asked.query.get("RecordOffset") == "3" else first)(asked))
    assert "counts 6 rows, then 7" in fault(web)


def test_an_offset_that_is_ignored_is_a_fault_though_the_number_of_rows_fits(web, serve):
    whole = Nomis(rows(6), most=3)
    serve(lambda asked: whole(replace(asked, query={**asked.query, "RecordOffset": "0"})))
    assert "more than once" in fault(web)


def test_a_page_that_ends_without_a_line_break_does_not_swallow_a_row(web, serve):
    whole = Nomis(rows(6), most=3)
    serve(lambda asked: Answer(whole(asked).body.rstrip(b"\r\n")))
    assert len(read(table(web))) == 6


HEADER = b'"GEOGRAPHY_CODE","DATE_NAME","OBS_VALUE","RECORD_COUNT"\r\n'
ODD = {
    "empty (a typing error in the query)": (b"", "empty"),
    "a header alone (an impossible combination)": (HEADER, "header and no row"),
    "a header and a blank line": (HEADER + b"\r\n", "header and no row"),
    "HTML": (b"<!DOCTYPE html><html><body>Maintenance</body></html>", "web page"),
    "plain text (rate limited)": (b"You have been rate limited.\n", "rate limited"),
    "JSON": (b'{"error": "x"}', "no CSV"),
    "RECORD_COUNT is missing": (
        HEADER.replace(b',"RECORD_COUNT"', b"") + b'"E01000001","2024",3\r\n',
        "otherwise than in rows",
    ),
    "RECORD_COUNT is no number": (HEADER + b'"E01000001","2024",3,"many"\r\n', "no number"),
    "RECORD_COUNT is blank": (HEADER + b'"E01000001","2024",3,\r\n', "no number"),
    "another column": (
        HEADER.replace(b"DATE_NAME", b"DATE_CODE") + b'"E01000001","2024",3,1\r\n',
        "otherwise than in rows",
    ),
    "columns in another order": (
        b'"DATE_NAME","GEOGRAPHY_CODE","OBS_VALUE","RECORD_COUNT"\r\n"2024","E01000001",3,1\r\n',
        "otherwise than in rows",
    ),
}


@pytest.mark.parametrize(("body", "told"), ODD.values(), ids=list(ODD))
def test_status_200_with_something_else_is_a_fault(web, serve, body, told):
    serve(body)
    assert told in fault(web)


def test_a_suppressed_value_is_a_blank_that_is_kept_as_it_came(web, serve):
    """OBS_STATUS Q: missing or suppressed, never 0."""
    serve(HEADER + b'"E01000001","2024",,1\r\n')
    assert table(web).path.read_bytes().splitlines()[1] == b'"E01000001","2024",,1'


def test_a_byte_order_mark_is_no_other_column(web, serve):
    serve(b"\xef\xbb\xbf" + HEADER + b'"E01000001","2024",3,1\r\n')
    assert read(table(web)) == ["E01000001"]


MONTHS = [
    {"GEOGRAPHY_CODE": f"E01{n:06d}", "DATE": f"2026-{m:02d}", "OBS_VALUE": n}
    for n in range(3)
    for m in range(1, 9)
]


@pytest.mark.parametrize(
    ("asked", "given", "good"),
    [
        ("latest", "2026-08", True),
        ("latest", "2026-07,2026-08", False),  # another query's rows: which is the latest?
        ("2026-06,2026-07", "2026-06,2026-07", True),
        ("2026-06,2026-07", "2026-07", True),  # the table begins later
        ("2026-05,2026-06,2026-07", "2026-05,2026-07", False),  # one lacks in the middle
        ("2026-06,2026-07", "2026-06", False),  # and one at the end
        ("2026-06", "2026-06,2026-07", False),
        ("2026-05,2026-06", "2026-07,2026-08", False),  # a month that is not there: the latest
        ("latestMINUS1,latest", "2026-07,2026-08", True),
    ],
)
def test_the_dates_of_an_answer_are_those_asked_for(web, serve, asked, given, good):
    service = Nomis(MONTHS, narrowed_by={"date": "DATE"})
    serve(lambda a: service(replace(a, query={**a.query, "date": given})))
    select = "GEOGRAPHY_CODE,DATE,OBS_VALUE"
    query = {"geography": "E07000129TYPE151", "date": asked, "select": select}
    if good:
        assert len(read(table(web, query))) == 3 * len(given.split(","))
    else:
        with pytest.raises(Fault, match=f"asked for {asked}"):
            table(web, query)


# Unchanged data sets ----------------------------------------------------------------------------


def tables(web, *authorities):
    wanted = [
        (QUERY | {"geography": f"{authority}TYPE151"}, f"{authority}.csv")
        for authority in authorities
    ]
    return list(nomis.tables(web, DATASET, wanted))


TWO = {f"E01{n:06d}": f"E0700012{n // 3}" for n in range(6)}


def test_a_data_set_that_says_it_was_not_updated_is_not_asked_for_again(web, internet, serve):
    """There is no ETag and no Last-Modified: its own LastUpdated tells."""
    service = serve(Nomis(rows(6), parents=TWO))
    assert len(tables(web, "E07000120", "E07000121")) == 2
    web.known = dict(web.learned)
    asked = len(internet.log)
    assert tables(web, "E07000120", "E07000121") == []
    assert len(internet.log) == asked + 1
    service.updated = "2026-11-17 09:30:00"
    assert len(tables(web, "E07000120", "E07000121")) == 2


def test_another_query_of_an_unchanged_data_set_is_asked(web, serve):
    serve(Nomis(rows(6), parents=TWO))
    tables(web, "E07000120")
    web.known = dict(web.learned)
    assert [f.name for f in tables(web, "E07000120", "E07000121")] == ["E07000121.csv"]


@pytest.mark.parametrize("answer", [b"", b"{}", b"<html>", b'{"structure": [1, {"a": null}]}'])
def test_a_data_set_that_does_not_say_is_asked_for_each_time(web, serve, answer):
    service = Nomis(rows(3))
    serve(lambda a: Answer(answer) if a.path.endswith("json") else service(a))
    assert len(tables(web, "E07000129")) == 1
    web.known = dict(web.learned)
    assert len(tables(web, "E07000129")) == 1


def test_one_table_that_fails_does_not_stop_the_rest(web, serve):
    service = Nomis(rows(6), parents=TWO)
    serve(lambda a: Answer(b"") if "E07000120" in a.query.get("geography", "") else service(a))
    first, second = tables(web, "E07000120", "E07000121")
    assert isinstance(first, Fault) and isinstance(second, File)


def test_one_query_s_answer_to_another_is_believed_of_neither(web, serve):
    """A cache in between gives one authority's rows for another: the count fits, the header fits."""
    service = Nomis(rows(6), parents=TWO)

    def mixed_up(asked):
        query = {k: v.replace("E07000121", "E07000120") for k, v in asked.query.items()}
        return service(replace(asked, query=query))

    serve(mixed_up)
    found = tables(web, "E07000120", "E07000121")
    assert len(found) == 2 and all(isinstance(f, Fault) for f in found)
    assert all("another query too" in str(f) for f in found)


# The mid-year estimates -------------------------------------------------------------------------


def test_population_asks_for_an_authority_a_call_to_stay_under_the_guest_limit(
    web, internet, tmp_path
):
    ages = population.QUERY["c_age"].split(",")
    of = {"E01025610": "E07000129", "E01025700": "E07000130"}
    all_rows = [
        {"GEOGRAPHY_CODE": c, "GEOGRAPHY_NAME": c, "DATE_NAME": y}
        | {"C_AGE": a, "C_AGE_NAME": f"Aged {a}", "OBS_VALUE": 7}
        for c in of
        for y in ("2022", "2023", "2024")
        for a in ages
    ]
    net = Internet()
    net.at(f"{NOMIS}{DATASET}.", Nomis(all_rows, parents=of, narrowed_by={"c_age": "C_AGE"}))
    net.behind(internet)
    store, ask = Store(tmp_path / "s"), Ask(("E07000129", "E07000130"), ())
    pulled = pull("population", population, store, ask, None, web, lambda snapshot: None)
    assert (pulled.faults, pulled.set_aside) == ([], [])
    names = [s.name for s in pulled.new]
    assert names == ["population-E07000129.csv", "population-E07000130.csv"]
    asked = [r.args["geography"] for r, _ in internet.log if "geography" in r.args]
    assert asked == ["E07000129TYPE151", "E07000130TYPE151"]
    wanted = {"gender": "0", "measures": "20100", "date": "latestMINUS2,latestMINUS1,latest"}
    assert wanted.items() <= internet.log[-1][0].args.to_dict().items()


def test_the_geography_is_lsoa_of_2021(web):
    """TYPE151 is LSOA21; TYPE298, which several repositories label as 2021, is LSOA11."""
    seen = []
    spy = SimpleNamespace(
        tables=lambda web, dataset, wanted: (
            seen.extend((dataset, q["geography"]) for q, _ in wanted) or []
        )
    )
    original, population.nomis = population.nomis, spy
    try:
        list(population.fetch(web, Ask(("E07000129",), ())))
    finally:
        population.nomis = original
    assert seen == [("NM_2014_1", "E07000129TYPE151")]
