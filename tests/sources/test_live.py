"""``evidence check --live`` against publishers that are as believed, and against ones that are not."""

import json
import re
from dataclasses import replace

import publisher_files as pf
import pytest
from werkzeug import Response

from flows import live
from flows.jobs import job
from flows.requested import Request

MONTHS = [f"{y}-{m:02d}" for y in (2023, 2024, 2025, 2026) for m in range(1, 13)][7:43]
STATS19 = (
    "collision_index,date,location_easting_osgr,location_northing_osgr,collision_severity,longitude,"
    "latitude,police_force,enhanced_severity_collision,collision_adjusted_severity_serious\r\n"
)


def ranged(content, tag='"a-2"'):
    """A host that serves ranges, also from the end."""

    def answer(request):
        span = re.fullmatch(r"bytes=(\d*)-(\d*)", request.headers.get("Range", "bytes=0-"))
        first, last = span[1], span[2]
        begin = int(first) if first else max(0, len(content) - int(last))
        end = min(int(last), len(content) - 1) if first and last else len(content) - 1
        headers = {"Content-Range": f"bytes {begin}-{end}/{len(content)}", "ETag": tag}
        return Response(content[begin : end + 1], 206, headers)

    return answer


@pytest.fixture
def publishers(internet):
    """All as the contract has it."""
    archive = {f"{m}/{m}-{f}-street.csv": pf.STREET for m in MONTHS for f in ("btp", "kent")}
    police = "/data.police.uk"
    serve = internet.expect_request
    serve(f"{police}/data/archive/latest.zip").respond_with_handler(ranged(pf.zip_of(archive)))
    serve(f"{police}/api/crime-last-updated").respond_with_json({"date": "2026-07-01"})
    serve(f"{police}/api/crimes-street/not-a-category").respond_with_json([{}] * 1448)
    tips = "/fingertips.phe.org.uk/api"
    serve(f"{tips}/all_data/csv/by_indicator_id").respond_with_data(pf.FINGERTIPS_27)
    serve(f"{tips}/indicator_metadata/csv/by_indicator_id").respond_with_data(
        'Indicator ID,Data re-use\r\n93283,"Non commercial use only. Crown Copyright"\r\n'
    )
    land = "/price-paid-data.publicdata.landregistry.gov.uk"
    serve(f"{land}/pp-monthly-update-new-version.csv").respond_with_data(pf.PRICE_PAID)
    serve("/www.arcgis.com/sharing/rest/search").respond_with_json({"results": []})
    for service, rows in live.ROWS.items():
        layer = f"/services1.arcgis.com/ESMARspQHYMw9BZ9/arcgis/rest/services/{service}"
        serve(f"{layer}/FeatureServer/0/query").respond_with_json({"count": rows})
    nomis = "/www.nomisweb.co.uk/api/v01/dataset"
    serve(re.compile(f"{nomis}/NM_2014_1.data.csv")).respond_with_data(
        "GEOGRAPHY_CODE,GEOGRAPHY_NAME,DATE_NAME,C_AGE,C_AGE_NAME,OBS_VALUE,RECORD_COUNT\n"
        "E01025610,Blaby 001A,2024,200,All ages,1700,1\n"
    )
    serve(re.compile(f"{nomis}/NM_162_1.data.csv")).respond_with_data(
        "GEOGRAPHY_CODE,DATE,OBS_VALUE,RECORD_COUNT\nE01025610,2026-10,25,1\n"
    )
    page = "/www.gov.uk/api/content/government/statistics/english-indices-of-deprivation-2025"
    files = [{"url": "https://assets.publishing.service.gov.uk/media/1/File_7_IoD2025.csv"}]
    serve(page).respond_with_json({"details": {"attachments": files}})
    dft = "/data.dft.gov.uk/road-accidents-safety-data/"
    name = "dft-road-casualty-statistics-collision-2024.csv"
    serve("/data.gov.uk/api/action/package_show").respond_with_json(
        {"result": {"resources": [{"url": f"https:/{dft}{name}"}]}}
    )
    serve(dft + name).respond_with_data(STATS19)
    serve("/digital.nhs.uk/data-and-information/publications").respond_with_data("<html>")
    return internet


@pytest.fixture
def real(tmp_path):
    asked = job(Request(place="leicestershire", data=str(tmp_path / "data")))
    return replace(asked, data=tmp_path / "data")


def words(found):
    return {f.what.partition(":")[0]: f.word for f in found}


def test_publishers_that_are_as_believed(publishers, real):
    found = list(live.check(real))
    assert {f.word for f in found} == {"as believed"}, found
    assert len(found) == 10
    kept = json.loads((real.data / "live-check.json").read_text("utf-8"))
    assert [k["what"] for k in kept] == [f.what for f in found]
    crcs = json.loads((real.data / "police-members.json").read_text("utf-8"))
    assert len(crcs) == 72 and all(re.match(r"crc:[0-9a-f]{8}:\d+$", t) for t in crcs.values())


# one publisher's address answered otherwise: which check sees it, and what it says
OTHERWISE = {
    "police archive": (
        "/data.police.uk/data/archive/latest.zip",
        ranged(pf.zip_of({"2026-07/2026-07-kent-street.csv": pf.STREET})),
        "1 months",
    ),
    "police API": (
        "/data.police.uk/api/crimes-street/not-a-category",
        lambda r: Response(status=404),
        "no longer needed",
    ),
    "Fingertips": (
        "/fingertips.phe.org.uk/api/all_data/csv/by_indicator_id",
        lambda r: Response("Indicator ID,Indicator Name,Value\n"),
        "3 columns where 27",
    ),
    "Price Paid": (
        "/price-paid-data.publicdata.landregistry.gov.uk/pp-monthly-update-new-version.csv",
        lambda r: Response('"{A}","1","2024-01-01 00:00"\r\n'),
        "3 columns",
    ),
    "ONS portal": (
        "/services1.arcgis.com/ESMARspQHYMw9BZ9/arcgis/rest/services/LSOA21_RUC21_EW_LU/FeatureServer/0/query",
        lambda r: Response('{"count": 35000}'),
        "35,000 of 35,672",
    ),
    "Indices of Deprivation": (
        "/www.gov.uk/api/content/government/statistics/english-indices-of-deprivation-2025",
        lambda r: Response('{"details": {"attachments": []}}'),
        "0 files named File 7",
    ),
    "STATS19": (
        "/data.dft.gov.uk/road-accidents-safety-data/dft-road-casualty-statistics-collision-2024.csv",
        lambda r: Response(STATS19.replace("collision_severity,", "harm,")),
        "no column for severity",
    ),
    "NHS Digital": (
        "/digital.nhs.uk/data-and-information/publications",
        lambda r: Response(status=403),
        "403",
    ),
}


@pytest.mark.parametrize("what", OTHERWISE)
def test_one_that_differs_is_named_and_the_others_are_asked_all_the_same(
    publishers, internet, real, what
):
    address, answer, told = OTHERWISE[what]
    handlers = internet.handlers  # the first that fits answers
    internet.expect_request(address).respond_with_handler(answer)
    handlers.insert(0, handlers.pop())
    found = list(live.check(real))
    (odd,) = [f for f in found if f.word != "as believed"]
    assert odd.what.startswith(what) and told in odd.told
    assert odd.word == (
        "no answer" if what in ("Indices of Deprivation", "NHS Digital") else "differs"
    )
