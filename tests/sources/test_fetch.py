"""What each source asks the network for, and what it makes of the answers. The services that
several sources ask have tests of their own: arcgis, nomis, govuk, archives."""

import json
import re
import tomllib
from datetime import UTC, datetime

import publisher_files as pf
import pytest
from conftest import asked, web_in
from publishers import PORTAL, Answer, Internet, Layer, search
from publishers import SEARCH as PORTAL_SEARCH

from flows.catalogue import SOURCES as FOLDER
from flows.pull import pull
from flows.snapshots import Store
from flows.sources import (
    SOURCES,
    census_2021,
    fingertips,
    ons_geography,
    population,
    postcodes,
    price_paid,
)
from flows.sources.files import Ask, Fault, File
from flows.sources.services import fingertips as tips

ASK = Ask(("E07000129", "E07000130"), ("leicestershire",))


@pytest.fixture
def net(internet):
    net = Internet()
    net.behind(internet)
    return net


def fetched(source, web, ask=ASK):
    return list(SOURCES[source].fetch(web, ask))


def pulled(source, web, folder, ask=ASK):
    return pull(source, SOURCES[source], Store(folder / "snapshots"), ask, None, web, bool)


def names(found):
    return [f.name for f in found if isinstance(f, File)]


# Census 2021 ------------------------------------------------------------------------------------

BULK = "https://www.nomisweb.co.uk/output/census/2021/census2021-"


def census(table, inside=""):
    return pf.zip_of({f"census2021-{inside or table}-lsoa.csv": pf.CENSUS + table.encode()})


@pytest.fixture
def bulk(net):
    for table in census_2021.TABLES:
        net.at(f"{BULK}{table}.zip", census(table))
    return net


def test_census_asks_for_a_zip_a_table(web, bulk):
    assert names(fetched("census_2021", web)) == [
        f"census2021-{table}.zip" for table in census_2021.TABLES
    ]


def test_a_zip_with_another_table_s_rows_is_a_fault_for_else_one_table_would_lack(
    web, bulk, tmp_path
):
    bulk.at(f"{BULK}ts011.zip", census("ts038"))
    found = pulled("census_2021", web, tmp_path)
    (fault,) = found.faults
    assert "census2021-ts011.zip" in fault and "no census2021-ts011-lsoa.csv" in fault
    assert len(found.new) == len(census_2021.TABLES) - 1


# Postcodes --------------------------------------------------------------------------------------

ITEMS = "https://www.arcgis.com/sharing/rest/content/items/"
NSPL_ZIP = pf.zip_of({"Data/NSPL_AUG_2026_UK.csv": pf.NSPL})


def lookup(title, item, kind="CSV Collection"):
    return {"title": f"National Statistics Postcode Lookup {title}", "id": item, "type": kind}


EDITIONS = {
    "an older edition touched later": (
        [lookup("(May 2026) for the UK", "may"), lookup("(August 2026) for the UK", "aug")],
        "aug",
    ),
    "November after August in the alphabet too": (
        [lookup("- November 2026", "nov"), lookup("- August 2027", "aug27")],
        "aug27",
    ),
    "a lookup on 2011 areas": (
        [lookup("- 2011 Census (November 2026)", "old"), lookup("- 2021 Census (May 2026)", "may")],
        "may",
    ),
    "guides beside it": (
        [lookup("User Guide (August 2026)", "pdf", "PDF"), lookup("(May 2026)", "may")],
        "may",
    ),
    "a title without an edition": ([lookup("", "x"), lookup("(May 2026)", "may")], "may"),
}


@pytest.mark.parametrize(("listed", "newest"), EDITIONS.values(), ids=list(EDITIONS))
def test_of_the_postcode_lookups_the_newest_edition_by_its_title_is_taken(
    web, internet, net, listed, newest
):
    """Sorted by when an item was last modified, an older one may come first."""
    net.at(PORTAL_SEARCH, {"results": listed})
    net.at(ITEMS, NSPL_ZIP)
    (file,) = fetched("postcodes", web)
    assert file.name == "nspl.zip"
    (reply,) = postcodes.recognise(file, ASK)
    assert (reply.name, reply.edition) == ("nspl.csv", "2026-08")
    assert asked(internet)[-1] == f"/www.arcgis.com/sharing/rest/content/items/{newest}/data"


@pytest.mark.parametrize(
    "answer", [{"results": []}, {"results": None}, {}, {"error": {"code": 498}}]
)
def test_postcodes_say_when_nothing_is_listed(web, net, answer):
    net.at(PORTAL_SEARCH, answer)
    with pytest.raises(Fault, match="no postcode lookup"):
        fetched("postcodes", web)


# Price Paid Data --------------------------------------------------------------------------------

HMLR = "https://price-paid-data.publicdata.landregistry.gov.uk/"


def register(year, words=b"112000"):
    return pf.PRICE_PAID.replace(b"2006-05-22", f"{year}-05-22".encode()).replace(b"112000", words)


@pytest.fixture
def today(monkeypatch):
    """A function that sets the day on which Price Paid Data is asked for."""

    def set_to(year, month, day=20):
        class Clock(datetime):
            @classmethod
            def now(cls, tz=None):
                return datetime(year, month, day, tzinfo=UTC)

        monkeypatch.setattr(price_paid, "datetime", Clock)

    return set_to


@pytest.fixture
def land(net, today):
    today(2026, 11)
    for year in range(1995, 2027):
        net.at(f"{HMLR}pp-{year}.csv", register(year))
    net.at(f"{HMLR}{price_paid.CHANGES}", register(2020, b"7"))
    return net


PRICE_PAID_YEARS = [
    (Ask((), ()), range(2022, 2027)),
    (Ask((), (), since="2024-04"), range(2024, 2027)),
    (Ask((), (), since="2021-01", until="2022-12"), range(2021, 2023)),
    (Ask((), (), until="2025-06"), range(2021, 2026)),
    (Ask((), (), since="1995-01", until="1996-12"), range(1995, 1997)),
]


@pytest.mark.parametrize(("ask", "years"), PRICE_PAID_YEARS)
def test_price_paid_asks_for_the_years_and_then_for_the_change_file(web, land, ask, years):
    """The change file last: accepted after the registers, it changes them."""
    found = fetched("price_paid", web, ask)
    assert names(found) == [*(f"pp-{year}.csv" for year in years), price_paid.CHANGES]
    assert len(found) == len(years) + 1


@pytest.mark.parametrize("month", [1, 2, 3])
def test_in_january_the_new_year_s_file_is_not_there_yet_and_that_is_no_fault(
    web, land, today, month
):
    today(2027, month)
    found = fetched("price_paid", web)
    assert names(found) == [*(f"pp-{y}.csv" for y in range(2023, 2027)), price_paid.CHANGES]
    assert len(found) == 5


def test_in_summer_a_year_that_is_not_there_is_a_fault(web, land, today):
    today(2027, 6)
    (fault,) = [f for f in fetched("price_paid", web) if isinstance(f, Fault)]
    assert "pp-2027.csv" in str(fault) and "404" in str(fault)


@pytest.mark.parametrize("status", [403, 503])
def test_in_january_a_host_that_refuses_is_a_fault_all_the_same(web, land, today, status):
    today(2027, 1)
    land.at(f"{HMLR}pp-2027.csv", lambda a: Answer(b"", status))
    assert [str(status) in str(f) for f in fetched("price_paid", web) if isinstance(f, Fault)] == [
        True
    ]


def test_another_year_s_file_in_january_that_is_gone_is_a_fault(web, land, today):
    today(2027, 1)
    del land.services[f"{HMLR}pp-2024.csv".removeprefix("https:/")]
    (fault,) = [f for f in fetched("price_paid", web) if isinstance(f, Fault)]
    assert "pp-2024.csv" in str(fault)


def test_price_paid_files_that_did_not_change_are_left_alone_by_their_etag(
    web, internet, land, tmp_path
):
    """S3's multipart ETag is no MD5, but a change token."""
    first = pulled("price_paid", web, tmp_path)
    assert len(first.new) == 6
    land.at(f"{HMLR}pp-2025.csv", register(2025, b"999"))
    again = pulled("price_paid", web_in(tmp_path / "again", web.learned), tmp_path)
    assert [s.name for s in again.new] == ["pp-2025.csv"] and again.faults == []
    assert [a.status_code for _, a in internet.log[6:]].count(304) == 5


def test_each_month_s_changes_stay_beside_the_next(web, land, tmp_path):
    """They touch any year, and none is undone by the next."""
    pulled("price_paid", web, tmp_path)
    land.at(f"{HMLR}{price_paid.CHANGES}", register(2019, b"8"))
    pulled("price_paid", web_in(tmp_path / "again", web.learned), tmp_path)
    kept = [n for n in Store(tmp_path / "snapshots").current("price_paid") if "monthly" in n]
    assert len(kept) == 2


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("pp-2024.csv", register(2023) * 3, "deeds of 2023"),
        ("pp-2024.csv", register(2024) + register(2023) + register(2024), "deeds of 2023"),
        (price_paid.CHANGES, register(2024) * 500, "no change file"),
    ],
)
def test_one_file_s_rows_under_another_s_name_are_a_fault(web, land, tmp_path, name, content, told):
    land.at(HMLR + name, content)
    found = pulled("price_paid", web, tmp_path)
    assert len(found.faults) == 1 and told in found.faults[0] and name in found.faults[0]
    assert len(found.new) == 5


# Fingertips -------------------------------------------------------------------------------------

FILES = 2 * len(fingertips.INDICATORS) + 1  # for districts, for counties, and what is said of all
KINDS = {501: "Districts & UAs (from Apr 2023)", 502: "Counties & UAs (from Apr 2023)"}


def download(indicator, kind, content=pf.FINGERTIPS_27):
    head, row = content.decode().splitlines()
    local = row.replace(",,,E92000001,England,England,", f",E92000001,England,E0,H,{KINDS[kind]},")
    return f"{head}\n{row}\n{local}\n".replace("91547,", f"{indicator},").encode()


class Profiles:
    """Fingertips, as it answers."""

    def __init__(self, net):
        self.uploaded = dict.fromkeys(fingertips.INDICATORS, "2026-08-04T09:00:00")
        self.answers = {}
        net.at(f"{tips.BASE}all_data/csv/by_indicator_id", self.data)
        net.at(f"{tips.BASE}indicator_metadata/by_indicator_id", self.changed)
        net.at(f"{tips.BASE}indicator_metadata/csv/by_indicator_id", self.metadata)

    def data(self, asked):
        pair = asked.query["indicator_ids"], int(asked.query["child_area_type_id"])
        answer = self.answers.get(pair, download(*pair))
        return answer if isinstance(answer, Answer) else Answer(answer)

    def changed(self, asked):
        indicator = asked.query["indicator_ids"]
        told = {indicator: {"DataChange": {"LastUploadedAt": self.uploaded[indicator]}}}
        return Answer(json.dumps(told).encode())

    def metadata(self, asked):
        rows = "".join(
            f"{i},Open Government Licence\n" for i in asked.query["indicator_ids"].split(",")
        )
        return Answer(f"Indicator ID,Data re-use\n{rows}".encode())


@pytest.fixture
def profiles(net):
    return Profiles(net)


def data_asked(internet):
    return [
        (r.args["indicator_ids"], r.args["child_area_type_id"])
        for r, _ in internet.log
        if "all_data" in r.path
    ]


def test_fingertips_asks_for_districts_and_counties_and_for_the_licences(
    web, internet, profiles, tmp_path
):
    found = pulled("fingertips", web, tmp_path)
    assert data_asked(internet) == [(i, t) for i in fingertips.INDICATORS for t in ("501", "502")]
    assert (found.faults, found.set_aside) == ([], [])
    assert len({s.name for s in found.new}) == FILES
    assert [s.table for s in found.new].count("metadata") == 1


def test_an_indicator_that_was_not_uploaded_anew_is_not_asked_for(
    web, internet, profiles, tmp_path
):
    """There is no ETag and no Last-Modified: DataChange.LastUploadedAt tells."""
    pulled("fingertips", web, tmp_path)
    profiles.uploaded["20602"] = "2026-11-03T09:00:00"
    internet.clear_log()
    again = web_in(tmp_path / "again", web.learned)
    assert pulled("fingertips", again, tmp_path).faults == []
    assert data_asked(internet) == [("20602", "501"), ("20602", "502")]


def test_data_in_place_of_what_is_said_of_the_indicators_is_a_fault(web, net, profiles, tmp_path):
    """Kept by that name it would be a second file with the same figures."""
    data = download("91547", 501)
    net.at(f"{tips.BASE}indicator_metadata/csv/by_indicator_id", lambda a: Answer(data))
    found = pulled("fingertips", web, tmp_path)
    assert len(found.faults) == 1 and "not what is said" in found.faults[0]
    assert "fingertips-metadata.csv" not in {s.name for s in found.new}


@pytest.mark.parametrize(
    "told", [b"{}", b'{"91547": null}', b'{"91547": {"DataChange": null}}', b""]
)
def test_without_a_date_of_upload_an_indicator_is_asked_for_each_time(
    web, internet, net, profiles, tmp_path, told
):
    net.at(f"{tips.BASE}indicator_metadata/by_indicator_id", lambda a: Answer(told))
    pulled("fingertips", web, tmp_path)
    internet.clear_log()
    pulled("fingertips", web_in(tmp_path / "again", web.learned), tmp_path)
    assert len(data_asked(internet)) == FILES - 1


HEADER_ONLY = pf.FINGERTIPS_27.splitlines(keepends=True)[0]
ODD = {
    "a header alone (a wrong pair of indicator and areas)": (HEADER_ONLY, "a header and no row"),
    "an empty body": (b"", "empty"),
    "an exception in plain text, with 500": (Answer(b"Object reference not set", 500), "500"),
    "HTML with 200": (pf.HTML, "web page"),
    "another indicator's rows": (download("20602", 501), "it holds indicator 20602"),
    "another kind of area": (download("91547", 502), "it holds rows of counties"),
    "another layout": (b"Area Code,Value\nE06000001,3\n", "Indicator ID"),
}


@pytest.mark.parametrize(("answer", "told"), ODD.values(), ids=list(ODD))
def test_an_odd_answer_for_one_indicator_is_a_fault_that_leaves_the_others(
    web, profiles, tmp_path, answer, told
):
    profiles.answers["91547", 501] = answer
    found = pulled("fingertips", web, tmp_path)
    assert len(found.faults) == 1 and told in found.faults[0]
    assert len(found.new) == FILES - 1


def test_the_same_answer_for_districts_and_counties_is_believed_of_neither(web, profiles, tmp_path):
    odd = download("91547", 502).replace(b"Counties & UAs", b"LAs")  # a kind that is not known
    profiles.answers["91547", 501] = profiles.answers["91547", 502] = odd
    found = pulled("fingertips", web, tmp_path)
    assert len(found.faults) == 2 and len(found.new) == FILES - 2


COLUMN_23 = (
    "Compared to Region value or percentiles",
    "Compared to percentiles",
    "Compared to parent value or percentiles",
)


@pytest.mark.parametrize("name", COLUMN_23)
@pytest.mark.parametrize("content", [pf.FINGERTIPS_26, pf.FINGERTIPS_27], ids=["26", "27"])
def test_26_and_27_columns_and_column_23_under_any_of_its_three_names_are_fingertips(
    tmp_path, content, name
):
    """Its name depends on the request: it is known by its position."""
    assert content.split(b"\n")[0].count(b",") + 1 in (26, 27)
    assert content.split(b"\n")[0].split(b",")[22] == COLUMN_23[0].encode()
    path = tmp_path / "data.csv"
    path.write_bytes(content.replace(COLUMN_23[0].encode(), name.encode(), 1))
    (reply,) = fingertips.recognise(File(path, "data.csv"), ASK)
    assert reply.table == "all_data"


# ONS geography ----------------------------------------------------------------------------------

GPKG = "https://geoportal.statistics.gov.uk/api/download/v1/items/"
LOOKUPS = {
    "lsoa11-lsoa21-exact.csv": pf.EXACT,
    "lsoa21-ward-authority.csv": pf.WARDS,
    "lsoa21-rural-urban.csv": pf.RURAL_URBAN,
    "lsoa21-population-weighted-centroids.csv": pf.CENTROIDS,
}


def layer_of(content):
    head, row = (line.split(",") for line in content.decode("utf-8-sig").splitlines())
    row = dict(zip(head, row, strict=True))
    key = next(c for c in head if c in ("ObjectId", "FID"))
    points = (
        {row[key]: {"x": float(row.pop("x")), "y": float(row.pop("y"))}} if "x" in row else None
    )
    return Layer([row], key=key, points=points)


@pytest.fixture
def portal(net):
    net.at(PORTAL_SEARCH, search())
    net.at(GPKG, b"SQLite format 3\x00 ... LSOA21CD")
    for name, (service, _) in ons_geography.LOOKUPS.items():
        net.at(f"{PORTAL}{service}/FeatureServer/0", layer_of(LOOKUPS[name]))
    shape = {1: json.loads(pf.BOUNDARIES)["features"][0]["geometry"]}
    rows = [{"FID": 1, "LSOA21CD": "E01011949", "LSOA21NM": "Hartlepool 009A"}]
    boundaries = f"{PORTAL}{ons_geography.BOUNDARY_LAYER}/FeatureServer/0"
    net.at(boundaries, Layer(rows, key="FID", shapes=shape))
    return net


@pytest.mark.parametrize("lookup", LOOKUPS)
def test_ons_geography_asks_for_every_lookup_under_the_name_it_will_be_kept_by(tmp_path, lookup):
    assert lookup in ons_geography.LOOKUPS
    (tmp_path / "any name.csv").write_bytes(LOOKUPS[lookup])
    (reply,) = ons_geography.recognise(File(tmp_path / "any name.csv", ""), ASK)
    assert reply.name == lookup


def test_boundaries_come_as_one_file_and_the_lookups_page_by_page(web, portal, tmp_path):
    found = pulled("ons_geography", web, tmp_path)
    assert (found.faults, found.set_aside) == ([], [])
    assert [s.name for s in found.new] == ["lsoa21-boundaries.gpkg", *ons_geography.LOOKUPS]


@pytest.mark.parametrize("answer", [404, 503, pf.HTML, b""], ids=["gone", "busy", "HTML", "empty"])
def test_boundaries_that_cannot_be_had_as_one_file_come_page_by_page(web, portal, tmp_path, answer):
    status = answer if isinstance(answer, int) else 200
    body = b"" if isinstance(answer, int) else answer
    portal.at(GPKG, lambda asked: Answer(body, status))
    found = pulled("ons_geography", web, tmp_path)
    assert found.faults == [] and found.new[0].name == "lsoa21-boundaries.geojson"


def test_nothing_that_did_not_change_is_pulled_again(web, internet, portal, tmp_path):
    pulled("ons_geography", web, tmp_path)
    internet.clear_log()
    again = pulled("ons_geography", web_in(tmp_path / "again", web.learned), tmp_path)
    assert (again.new, again.faults) == ([], [])
    assert not any(path.endswith("/query") for path in asked(internet))


def test_one_lookup_that_fails_does_not_stop_the_others(web, portal, tmp_path):
    service = ons_geography.LOOKUPS["lsoa21-rural-urban.csv"][0]
    error = {"code": 400, "message": "Invalid URL"}
    portal.at(f"{PORTAL}{service}/FeatureServer/0", Layer([], error=error))
    found = pulled("ons_geography", web, tmp_path)
    assert (
        len(found.faults) == 1 and service in found.faults[0] and "Invalid URL" in found.faults[0]
    )
    assert len(found.new) == 4


@pytest.mark.parametrize("answer", [{}, {"count": 0, "features": []}, {"count": None}, []])
def test_a_portal_that_answers_otherwise_is_a_fault_of_each_layer(web, portal, tmp_path, answer):
    portal.at(PORTAL, answer)
    for address in [a for a in portal.services if "/FeatureServer/" in a]:
        del portal.services[address]
    portal.at(GPKG, lambda asked: Answer(b"", 404))
    found = pulled("ons_geography", web, tmp_path)
    assert found.new == [] and len(found.faults) == 5


# What every source has in common ----------------------------------------------------------------


def measures(source):
    return tomllib.loads((FOLDER / f"{source}.toml").read_text("utf-8"))["measure"]


@pytest.mark.parametrize("measure", measures("fingertips"), ids=lambda m: m["id"])
def test_every_fingertips_measure_is_asked_for(measure):
    numbers = {n for c in measure["columns"] for n in re.findall(r"\d{5}\d?", c.partition(":")[0])}
    real = {n for n in numbers if not n.startswith("999")}  # 999...: invented
    assert real and real <= set(fingertips.INDICATORS)


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
    assert set(NOMIS_AGES[measure["id"]]) <= set(population.QUERY["c_age"].split(","))


# one must be signed in to, and one asks nobody: they have tests of their own
OPEN = sorted(set(SOURCES) - {"epc", "partner_return"})
SOME_MONTH = Ask(("E07000129",), ("leicestershire",), since="2025-01", until="2025-02")


@pytest.mark.parametrize("source", OPEN)
@pytest.mark.parametrize(
    "answer", [b'{"error": {"code": 498}}', b"[]", b"null", b'{"results": [1], "links": 3}']
)
def test_json_of_another_shape_is_a_fault_and_never_a_traceback(web, net, tmp_path, source, answer):
    net.at("https://", lambda asked: Answer(answer))
    found = pulled(source, web, tmp_path, SOME_MONTH)
    assert found.new == [] and found.faults


@pytest.mark.parametrize("source", OPEN)
@pytest.mark.parametrize(
    "answer", [pf.HTML, b"", b"PK\x03\x04", b"a,b\n1,2\n", b"\xff\xfe\x00,\x00"]
)
def test_bytes_of_another_kind_are_a_fault_and_never_a_traceback(
    web, net, tmp_path, source, answer
):
    net.at("https://", lambda asked: Answer(answer))
    found = pulled(source, web, tmp_path, SOME_MONTH)
    assert found.new == [] and found.faults


@pytest.mark.parametrize("source", OPEN)
@pytest.mark.parametrize("status", [404, 403, 503])
def test_a_publisher_who_has_moved_refuses_or_is_down_is_a_fault_with_the_source_named(
    web, net, tmp_path, source, status
):
    net.at("https://", lambda asked: Answer(b"gone", status))
    found = pulled(source, web, tmp_path, SOME_MONTH)
    assert found.new == [] and found.faults
    assert all(re.match(rf"{source}: https://", fault) for fault in found.faults)
    assert str(status) in " ".join(found.faults) or source == "postcodes"
