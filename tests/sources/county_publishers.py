"""The invented county's files (geo/exampleshire/inbox) at the publishers' own addresses, each served
in that publisher's way: ranges of an archive, feature services in pages, tables by query, a content
API, files with ETags."""

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import geopandas as gpd
from publishers import (
    NOMIS,
    PORTAL,
    SEARCH,
    Answer,
    Asked,
    Internet,
    Layer,
    Nomis,
    attachments,
    search,
)

from flows.sources import (
    census_2021,
    fingertips,
    fuel_poverty,
    ons_geography,
    output_areas,
    stats19,
)
from flows.sources.services import fingertips as tips

INBOX = Path(__file__).parents[2] / "geo" / "exampleshire" / "inbox"
S3 = "https://policeuk-data.s3.amazonaws.com/archive/"
HMLR = "https://price-paid-data.publicdata.landregistry.gov.uk/"
ASSETS = "https://assets.publishing.service.gov.uk/media/"
CONTENT = "https://www.gov.uk/api/content/government/statistics/"
ITEM = "https://www.arcgis.com/sharing/rest/content/items/"
BULK = "https://www.nomisweb.co.uk/output/census/2021/census2021-{}.zip"
NEWEST, WINDOW = "2025-06", 4  # the police's newest archive, and the months in one
SINCE = "2025-01"  # so that two months come from older archives

Alter = Callable[[str, bytes], bytes]


def as_it_is(name: str, content: bytes) -> bytes:
    return content


def one(source: str, pattern: str) -> Path:
    (path,) = (INBOX / source).glob(pattern)
    return path


def table(path: Path) -> list[dict]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def zipped(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def inside(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def county(alter: Alter = as_it_is, window: int = WINDOW) -> Internet:
    """Every publisher; ``alter`` may give a file (by name) other bytes, as a later edition would:
    then their services say too that they have something new."""
    net = Internet()
    _police(net, alter, window)
    _portal(net)
    _nomis(net, alter)
    _census(net)
    _gov_uk(net)
    _land_registry(net, alter)
    _fingertips(net)
    _roads(net)
    return net


def _police(net: Internet, alter: Alter, span: int) -> None:
    members = inside(one("police_crime", "2023-06.zip")) | inside(
        one("police_crime", "2025-06.zip")
    )
    streets = {n: alter(n, c) for n, c in sorted(members.items()) if n.endswith("-street.csv")}
    # a force far away, whose members nobody here asks for
    streets |= {
        n.replace("elsewhere", "faraway"): c for n, c in streets.items() if "elsewhere" in n
    }
    months = sorted({n[:7] for n in streets})
    for at in range(span, len(months) + 1):
        window = months[at - span : at]
        archive = zipped({n: c for n, c in streets.items() if n[:7] in window})
        net.at(f"{S3}{window[-1]}.zip", archive)
    said = f"{NEWEST}-01" if alter is as_it_is else "2025-07-01"
    net.at("https://data.police.uk/api/crime-last-updated", {"date": said})

    def redirect(asked: Asked) -> Answer:
        name = asked.path.rpartition("/")[2].replace("latest", NEWEST)
        return Answer(b"", 302, {"Location": S3 + name})

    net.at("https://data.police.uk/data/archive/", redirect)


def _portal(net: Internet) -> None:
    for name, (service, _) in ons_geography.LOOKUPS.items():
        rows = table(one("ons_geography", f"{service.rpartition('_v')[0] or service}*.csv"))
        _layer(net, service, rows, edited=len(name))
    for at, service in enumerate(output_areas.LAYERS.values()):
        _layer(net, service, table(one("output_areas", f"{service}.csv")), edited=100 + at)
    grid = gpd.read_file(one("ons_geography", "*.geojson")).to_crs(27700)
    found = json.loads(grid.to_json())["features"]
    rows = [{"FID": n} | f["properties"] for n, f in enumerate(found, 1)]
    shapes = {n: f["geometry"] for n, f in enumerate(found, 1)}
    service = ons_geography.BOUNDARY_LAYER
    net.at(
        f"{PORTAL}{service}/FeatureServer/0", Layer(rows, "FID", shapes=shapes, most=25, edited=7)
    )
    net.at(PORTAL, {"error": {"code": 400, "message": "Invalid URL"}})
    directory = one("postcodes", "NSPL_*.csv")
    title = "National Statistics Postcode Lookup - 2021 Census (August 2026) for the UK"
    item = {"title": title, "type": "CSV Collection", "id": "9d8364ebae8b4439aa66cda440e54fc8"}
    named = [
        *(s for s, _ in ons_geography.LOOKUPS.values()),
        *output_areas.LAYERS.values(),
        service,
    ]

    def listed(asked: Asked) -> Answer:
        postcodes = "Postcode" in asked.query["q"]
        found = {"results": [item]} if postcodes else search(*named)
        return Answer(json.dumps(found).encode())

    net.at(SEARCH, listed)
    content = zipped({f"Data/{directory.name}": directory.read_bytes()})
    net.at(f"{ITEM}{item['id']}/data", content)


def _layer(net: Internet, service: str, rows: list[dict], edited: int) -> None:
    key = next(k for k in ("ObjectId", "FID") if k in rows[0])
    points = None
    if "x" in rows[0]:
        points = {r[key]: {"x": float(r.pop("x")), "y": float(r.pop("y"))} for r in rows}
    net.at(f"{PORTAL}{service}/FeatureServer/0", Layer(rows, key, points, most=100, edited=edited))


def _nomis(net: Internet, alter: Alter) -> None:
    wards = table(one("ons_geography", "LSOA21_WD24*.csv"))
    parents = {row["LSOA21CD"]: row["LAD24CD"] for row in wards}

    def rows(path: Path) -> list[dict]:
        content = alter(path.name, path.read_bytes())
        return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))

    ages = rows(one("population", "nomis-*.csv"))
    hour = "09:30:00" if alter is as_it_is else "16:00:00"
    estimates = Nomis(ages, f"2025-11-04 {hour}", {"c_age": "C_AGE"}, parents, most=100)
    net.at(f"{NOMIS}NM_2014_1.", estimates)
    claimants = rows(one("claimant_count", "*.csv"))
    counts = Nomis(claimants, f"2026-10-13 {hour}", {"date": "DATE"}, parents, most=100)
    newest = max(row["DATE"] for row in claimants)

    def dated(asked: Asked) -> Answer:
        query = dict(asked.query)
        if query.get("date") == "latest":
            query["date"] = newest
        return counts(Asked(asked.path, query, asked.headers))

    net.at(f"{NOMIS}NM_162_1.", dated)


def _census(net: Internet) -> None:
    every = {*census_2021.TABLES, *output_areas.TABLES}
    stand_in = inside(one("census_2021", "census2021-ts011.zip"))
    for name in sorted(every):
        members: dict[str, bytes] = {}
        for source in ("census_2021", "output_areas"):
            path = INBOX / source / f"census2021-{name}.zip"
            members |= inside(path) if path.exists() else {}
        if not members:  # the county has no rows of it: another table's under its name
            members = {n.replace("ts011", name): c for n, c in stand_in.items()}
        net.at(BULK.format(name), zipped(members))


def _gov_uk(net: Internet) -> None:
    for year in ("2025", "2019"):
        path = one("indices_of_deprivation", f"File_7*IoD{year}*.csv")
        net.at(f"{ASSETS}{year}a/{path.name}", path.read_bytes())
        listed = attachments(f"{ASSETS}1/File_1_IoD{year}.xlsx", f"{ASSETS}{year}a/{path.name}")
        net.at(f"{CONTENT}english-indices-of-deprivation-{year}", listed)
    slug = "sub-regional-fuel-poverty-data-2024-2022-data"
    path = one("fuel_poverty", "*2024*.xlsx")
    net.at(f"{ASSETS}fuel/{path.name}", path.read_bytes())
    net.at(CONTENT + slug, attachments(f"{ASSETS}fuel/{path.name}"))
    net.at(fuel_poverty.COLLECTION, {"links": {"documents": [{"api_url": CONTENT + slug}]}})


def _land_registry(net: Internet, alter: Alter) -> None:
    pattern = one("price_paid", "pp-2024.csv").read_bytes()
    for year in range(2018, datetime.now(UTC).year + 2):
        path = INBOX / "price_paid" / f"pp-{year}.csv"
        mine = f'"{{{year}'.encode()
        made = re.sub(rb'"\{[0-9A-F]{4}', mine, pattern).replace(b'"2024-', f'"{year}-'.encode())
        content = path.read_bytes() if path.exists() else made
        net.at(f"{HMLR}pp-{year}.csv", alter(f"pp-{year}.csv", content))
    changes = one("price_paid", "pp-monthly*.csv")
    net.at(HMLR + changes.name, changes.read_bytes())


def _fingertips(net: Internet) -> None:
    lines = (
        one("fingertips", "local-health-indicators.csv")
        .read_text("utf-8-sig")
        .splitlines(keepends=True)
    )
    kinds = {"501": "Districts & UAs", "502": "Counties & UAs"}

    def data(asked: Asked) -> Answer:
        indicator, kind = asked.query["indicator_ids"], kinds[asked.query["child_area_type_id"]]
        found = [x for x in lines[1:] if x.startswith("999001,") and ("England" in x or kind in x)]
        body = lines[0] + "".join(found).replace("999001,", f"{indicator},")
        return Answer(body.encode())

    def changed(asked: Asked) -> Answer:
        told = {"DataChange": {"LastUploadedAt": f"2026-08-04T{asked.query['indicator_ids'][:2]}"}}
        return Answer(json.dumps({asked.query["indicator_ids"]: told}).encode())

    said = "".join(f"{i},Open Government Licence v3.0\n" for i in fingertips.INDICATORS)
    net.at(f"{tips.BASE}all_data/csv/by_indicator_id", data)
    net.at(f"{tips.BASE}indicator_metadata/by_indicator_id", changed)
    metadata = f"Indicator ID,Data re-use\n{said}".encode()
    net.at(f"{tips.BASE}indicator_metadata/csv/by_indicator_id", metadata)


def _roads(net: Internet) -> None:
    paths = sorted((INBOX / "stats19").glob("*collision-20*.csv"))
    listed = [{"url": stats19.FILES + path.name} for path in paths]
    net.at(stats19.LISTING.partition("?")[0], {"result": {"resources": listed}})
    for path in paths:
        net.at(stats19.FILES + path.name, path.read_bytes())
