"""What each source asks the network for, and what it makes of the answers."""

import re
import tomllib

import publisher_files as pf
import pytest

from flows.catalogue import SOURCES as FOLDER
from flows.pull import pull
from flows.snapshots import Store
from flows.sources import (
    SOURCES,
    census_2021,
    fingertips,
    fuel_poverty,
    indices_of_deprivation,
    ons_geography,
    police_crime,
    population,
    postcodes,
    price_paid,
)
from flows.sources.files import Ask, Fault, File
from flows.sources.web import Web

ASK = Ask(("E07000129", "E07000130"), ("leicestershire",))
FILE_7 = "/media/691d/File_7_IoD2025_All_Ranks_Scores_Deciles.csv"


@pytest.fixture
def client(tmp_path, monkeypatch):
    monkeypatch.setattr("urllib3.util.retry.time.sleep", lambda seconds: None)
    return Web(tmp_path, "locality-evidence/0.1 (tests)")


@pytest.fixture
def police_date(client, httpserver, monkeypatch):
    """The police API's word on its newest month, answered by the local server."""
    asked = client.json
    httpserver.expect_request("/police").respond_with_json({"date": "2026-07-01"})
    police = "https://data.police.uk/api/crime-last-updated"
    here = httpserver.url_for("/police")
    monkeypatch.setattr(client, "json", lambda url: asked(here if url == police else url))


def paths(httpserver):
    return [request.path for request, _ in httpserver.log]


def fetched(source, client, ask=ASK):
    return list(SOURCES[source].fetch(client, ask))


def test_police_asks_for_the_newest_archive_and_names_it_after_its_month(
    client, httpserver, monkeypatch, police_date
):
    monkeypatch.setattr(police_crime, "ARCHIVE", httpserver.url_for("/archive/latest.zip"))
    content = pf.zip_of({"2026-07/2026-07-leicestershire-street.csv": pf.STREET})
    httpserver.expect_request("/archive/latest.zip").respond_with_data(content)
    (file,) = fetched("police_crime", client)
    assert file.name == "2026-07.zip"
    (reply,) = police_crime.recognise(file, ASK)
    assert reply.edition == "2026-07"


def test_census_asks_for_a_zip_a_table(client, httpserver, monkeypatch):
    monkeypatch.setattr(census_2021, "BULK", httpserver.url_for("/census2021-{table}.zip"))
    httpserver.expect_request(re.compile("/census2021-.*")).respond_with_data(b"PK")
    names = [file.name for file in fetched("census_2021", client)]
    assert names == [f"census2021-{table}.zip" for table in census_2021.TABLES]


def attachments(httpserver, *addresses):
    return {"details": {"attachments": [{"url": httpserver.url_for(a)} for a in addresses]}}


def test_indices_resolve_file_7_by_what_the_page_lists_today(client, httpserver, monkeypatch):
    monkeypatch.setattr(indices_of_deprivation, "PAGE", httpserver.url_for("/content"))
    listed = attachments(httpserver, "/media/1/File_1_IoD2025.xlsx", FILE_7, "/media/7/File_10.csv")
    listed["details"]["attachments"].append({"title": "a page without a file"})
    httpserver.expect_request("/content").respond_with_json(listed)
    httpserver.expect_request(FILE_7).respond_with_data(pf.FILE_7_2025)
    (file,) = fetched("indices_of_deprivation", client)
    assert file.url == httpserver.url_for(FILE_7)
    assert [r.table for r in indices_of_deprivation.recognise(file, ASK)] == ["file_7"]


@pytest.mark.parametrize(
    ("listed", "count"),
    [((), "0"), (("/a/File_1.csv",), "0"), ((FILE_7, "/b/File_7_IoD2025_v2.csv"), "2")],
)
def test_no_file_7_or_two_is_a_fault_and_nothing_is_guessed(
    client, httpserver, monkeypatch, listed, count
):
    monkeypatch.setattr(indices_of_deprivation, "PAGE", httpserver.url_for("/content"))
    httpserver.expect_request("/content").respond_with_json(attachments(httpserver, *listed))
    with pytest.raises(Fault, match=f"lists {count} files named File 7.*--inbox"):
        fetched("indices_of_deprivation", client)
    assert paths(httpserver) == ["/content"]


def test_fuel_poverty_takes_the_workbook_of_the_newest_page(client, httpserver, monkeypatch):
    monkeypatch.setattr(fuel_poverty, "COLLECTION", httpserver.url_for("/collection"))
    slugs = ["sub-regional-fuel-poverty-data-2024", "sub-regional-fuel-poverty-data-2026-2024-data"]
    pages = [{"api_url": httpserver.url_for(f"/page/{s}")} for s in (*reversed(slugs), "other")]
    httpserver.expect_request("/collection").respond_with_json({"links": {"documents": pages}})
    httpserver.expect_request(f"/page/{slugs[1]}").respond_with_json(
        attachments(httpserver, "/media/fuel_2026.xlsx", "/media/notes.pdf")
    )
    httpserver.expect_request("/media/fuel_2026.xlsx").respond_with_data(pf.WORKBOOK)
    (file,) = fetched("fuel_poverty", client)
    assert file.name == "fuel_2026.xlsx"


@pytest.mark.parametrize("workbooks", [(), ("/media/a.xlsx", "/media/b.xlsx")])
def test_fuel_poverty_does_not_guess_between_workbooks(client, httpserver, monkeypatch, workbooks):
    monkeypatch.setattr(fuel_poverty, "COLLECTION", httpserver.url_for("/collection"))
    page = httpserver.url_for("/sub-regional-fuel-poverty-data-2026")
    httpserver.expect_request("/collection").respond_with_json(
        {"links": {"documents": [{"api_url": page}]}}
    )
    httpserver.expect_request("/sub-regional-fuel-poverty-data-2026").respond_with_json(
        attachments(httpserver, *workbooks)
    )
    with pytest.raises(Fault, match=f"{len(workbooks)} workbooks where one is expected"):
        fetched("fuel_poverty", client)


def test_fuel_poverty_says_when_no_page_is_listed(client, httpserver, monkeypatch):
    monkeypatch.setattr(fuel_poverty, "COLLECTION", httpserver.url_for("/collection"))
    httpserver.expect_request("/collection").respond_with_json({"links": {"documents": []}})
    with pytest.raises(Fault, match="no sub-regional page"):
        fetched("fuel_poverty", client)


def test_population_asks_for_an_authority_a_call_to_stay_under_the_guest_limit(
    client, httpserver, monkeypatch
):
    query = population.QUERY.partition("?")[2]
    monkeypatch.setattr(population, "QUERY", httpserver.url_for("/nomis") + "?" + query)
    httpserver.expect_request("/nomis").respond_with_data(pf.NOMIS)
    names = [file.name for file in fetched("population", client)]
    assert names == ["population-E07000129.csv", "population-E07000130.csv"]
    asked = [request.args["geography"] for request, _ in httpserver.log]
    assert asked == ["E07000129TYPE151", "E07000130TYPE151"]
    assert all("RECORD_COUNT" in request.args["select"] for request, _ in httpserver.log)


def test_postcodes_search_for_the_newest_lookup(client, httpserver, monkeypatch):
    monkeypatch.setattr(postcodes, "SEARCH", httpserver.url_for("/search"))
    monkeypatch.setattr(postcodes, "ITEM", httpserver.url_for("/items/") + "{item}")
    results = [
        {"id": "guide", "type": "PDF"},
        {"id": "aug26", "type": "CSV Collection"},
        {"id": "may26", "type": "CSV Collection"},
    ]
    httpserver.expect_request("/search").respond_with_json({"results": results})
    httpserver.expect_request("/items/aug26").respond_with_data(b"PK")
    (file,) = fetched("postcodes", client)
    assert file.name == "nspl.zip"


def test_postcodes_say_when_nothing_is_listed(client, httpserver, monkeypatch):
    monkeypatch.setattr(postcodes, "SEARCH", httpserver.url_for("/search"))
    httpserver.expect_request("/search").respond_with_json({"results": []})
    with pytest.raises(Fault, match="no postcode lookup"):
        fetched("postcodes", client)


PRICE_PAID_YEARS = [
    (Ask((), ()), range(2022, 2027)),
    (Ask((), (), since="2024-04"), range(2024, 2027)),
    (Ask((), (), since="2021-01", until="2022-12"), range(2021, 2023)),
    (Ask((), (), until="2025-06"), range(2021, 2026)),
]


@pytest.mark.parametrize(("ask", "years"), PRICE_PAID_YEARS)
def test_price_paid_asks_for_the_change_file_and_the_years(
    client, httpserver, monkeypatch, police_date, ask, years
):
    monkeypatch.setattr(price_paid, "HOST", httpserver.url_for("/"))
    httpserver.expect_request(re.compile(r"/pp-.*\.csv")).respond_with_data(pf.PRICE_PAID)
    names = [file.name for file in fetched("price_paid", client, ask)]
    assert names == ["pp-monthly-update-new-version.csv", *(f"pp-{year}.csv" for year in years)]


def test_fingertips_asks_for_districts_and_counties(client, httpserver, monkeypatch):
    monkeypatch.setattr(fingertips, "BASE", httpserver.url_for("/api/"))
    httpserver.expect_request("/api/all_data/csv/by_indicator_id").respond_with_data(
        pf.FINGERTIPS_27
    )
    files = fetched("fingertips", client)
    asked = [(r.args["indicator_ids"], r.args["child_area_type_id"]) for r, _ in httpserver.log]
    assert asked == [(i, t) for i in fingertips.INDICATORS for t in ("501", "502")]
    assert len({file.name for file in files}) == len(files)


def measures(source):
    return tomllib.loads((FOLDER / f"{source}.toml").read_text("utf-8"))["measure"]


@pytest.mark.parametrize("measure", measures("fingertips"), ids=lambda m: m["id"])
def test_every_fingertips_measure_is_asked_for(measure):
    numbers = {n for n in measure["columns"] if not n.startswith("999")}  # 999...: invented
    assert numbers <= set(fingertips.INDICATORS)


@pytest.mark.parametrize("measure", measures("census_2021"), ids=lambda m: m["id"])
def test_every_census_measure_s_table_is_asked_for(measure):
    assert measure["id"].partition("_")[0] in census_2021.TABLES


NOMIS_AGES = {  # measure -> the c_age that gives it whole (contract, section 6.3)
    "all_ages": ["200"],
    "aged_0_to_15": ["201"],
    "aged_16_to_64": ["203"],
    "aged_65_and_over": ["209"],
    "aged_85_and_over": [str(101 + age) for age in range(85, 91)],
}


@pytest.mark.parametrize("measure", measures("population"), ids=lambda m: m["id"])
def test_every_population_measure_is_asked_for(measure):
    asked = re.search(r"c_age=([\d,.]+)", population.QUERY)[1].split(",")
    assert set(NOMIS_AGES[measure["id"]]) <= set(asked)


LOOKUPS = {
    "lsoa11-lsoa21-exact.csv": pf.EXACT,
    "lsoa21-ward-authority.csv": pf.WARDS,
    "lsoa21-rural-urban.csv": pf.RURAL_URBAN,
    "lsoa21-population-weighted-centroids.csv": pf.CENTROIDS,
}


@pytest.mark.parametrize("lookup", LOOKUPS)
def test_ons_geography_asks_for_every_lookup_under_the_name_it_will_be_kept_by(tmp_path, lookup):
    assert lookup in ons_geography.LOOKUPS
    (tmp_path / "any name.csv").write_bytes(LOOKUPS[lookup])
    (reply,) = ons_geography.recognise(File(tmp_path / "any name.csv", ""), ASK)
    assert reply.name == lookup


@pytest.mark.parametrize("answer", [{}, {"count": 0, "features": []}, {"count": None}, []])
def test_a_lookup_service_that_answers_otherwise_is_a_fault(
    client, httpserver, monkeypatch, answer
):
    httpserver.expect_request("/boundaries").respond_with_data(pf.BOUNDARIES)
    httpserver.expect_request(re.compile("/layer.*")).respond_with_json(answer)
    monkeypatch.setattr(ons_geography, "BOUNDARIES", httpserver.url_for("/boundaries"))
    monkeypatch.setattr(ons_geography, "LAYER", httpserver.url_for("/layer"))
    with pytest.raises(Fault):
        fetched("ons_geography", client)


# A publisher's API that answers with JSON of another shape: a Fault, never a traceback.
JSON_SOURCES = ["police_crime", "indices_of_deprivation", "fuel_poverty", "postcodes"]


@pytest.mark.parametrize("source", JSON_SOURCES)
@pytest.mark.parametrize("answer", [{"error": {"code": 498}}, [], None])
def test_json_of_another_shape_is_a_fault(client, httpserver, monkeypatch, source, answer):
    httpserver.expect_request("/json").respond_with_json(answer)
    here, asked = httpserver.url_for("/json"), client.json
    monkeypatch.setattr(client, "json", lambda url: asked(here))
    with pytest.raises(Fault):
        fetched(source, client)


MOVED = {
    "population": "QUERY",
    "census_2021": "BULK",
    "fingertips": "BASE",
    "ons_geography": "BOUNDARIES",
}


@pytest.mark.parametrize("source", MOVED)
def test_a_publisher_who_has_moved_the_file_is_a_fault(
    client, httpserver, monkeypatch, tmp_path, source
):
    httpserver.expect_request(re.compile("/.*")).respond_with_data("gone", status=404)
    monkeypatch.setattr(SOURCES[source], MOVED[source], httpserver.url_for("/gone"))
    store = Store(tmp_path / "snapshots")
    pulled = pull(source, SOURCES[source], store, ASK, None, client, lambda snapshot: None)
    assert pulled.new == [] and pulled.faults
    assert all(f.startswith(f"{source}: http://") and "404" in f for f in pulled.faults)
