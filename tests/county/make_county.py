"""Make the invented county of Exampleshire: `python tests/county/make_county.py [folder]`.

Writes the files that a place brings itself and an inbox of what its publishers would have sent,
byte for byte the same on every run (with one set of library versions). Needs xlsxwriter besides
the project's own dependencies. No place, person, sale or crime in it is real.
"""

from __future__ import annotations

import hashlib
import math
import sys
import uuid
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from random import Random

import geopandas
from county_files import Bare, Row, csv_bytes, geojson_bytes, geopackage_bytes, rim, zip_bytes
from county_geography import (
    DISTRICTS,
    FORUMS,
    PRIORITY,
    TO_DEGREES,
    TOWNS,
    WARDS,
    Postcode,
    SmallArea,
    SnapPoint,
    chance,
    ground,
    invented,
    postcodes,
    small_areas,
    snap_points,
    town_polygons,
)
from county_output_areas import output_area_files
from county_partners import partners
from county_sources import certificates, claimants, collisions, local_health
from county_statistics import (
    COUNTY,
    IMD,
    NATION,
    REGION,
    by_code,
    census,
    deprivation,
    earlier_deprivation,
    fuel_poverty,
    health,
    population,
    ranks,
)

HERE = Path(__file__).resolve().parents[2] / "geo" / "exampleshire"

# --- Boundaries, lookups and localities ---------------------------------------------------------


def localities() -> dict[str, bytes]:
    """What the partnership brings: forums, priority neighbourhoods, towns."""
    header = ("lsoa21_code", "area_code", "area_name")
    forums = [
        (a.code, f"X-F{a.forum}", invented(f"{FORUMS[a.forum]} Forum"))
        for a in by_code()
        if a.inside
    ]
    priority = [
        (area.code, f"X-PN{number}", invented(name))
        for number, (name, cells) in enumerate(PRIORITY, 1)
        for area in by_code()
        if area.inside and area.cells[0] in cells
    ]
    town_codes, names, polygons = zip(*town_polygons(), strict=True)
    towns = geopandas.GeoDataFrame(
        {"town_code": town_codes, "town_name": names}, geometry=list(polygons), crs="EPSG:27700"
    )
    return {
        "community_forums.csv": csv_bytes([header, *forums]),
        "priority_neighbourhoods.csv": csv_bytes([header, *priority]),
        "towns.gpkg": geopackage_bytes("towns", towns),
    }


def boundaries() -> dict[str, bytes]:
    """LSOA 2021 polygons and population-weighted centroids, as the ONS portal has them."""
    layer = "Lower_layer_Super_Output_Areas_December_2021_Boundaries_EW_BGC_V5"
    features = []
    centres: list[Row] = [("FID", "LSOA21CD", "GlobalID", "x", "y")]
    for number, area in enumerate(by_code(), 1):
        properties = {"FID": number, "LSOA21CD": area.code, "LSOA21NM": area.name}
        ring = [TO_DEGREES.transform(x, y) for x, y in rim(area.polygon)]
        features.append((properties, ring))
        key = uuid.UUID(int=chance("centre", area.code).getrandbits(128), version=4)
        x, y = area.centre
        centres.append((number, area.code, key, round(x, 4), round(y, 4)))
    return {
        f"{layer}.geojson": geojson_bytes(layer, features),
        "LSOA_PopCentroids_EW_2021_V4.csv": csv_bytes(centres, newline="\r\n", bom=True),
    }


def lookups() -> dict[str, bytes]:
    """LSOA 2011 to 2021, LSOA to ward and district, LSOA to rural-urban class."""
    change = "LSOA11CD,LSOA11NM,LSOA21CD,LSOA21NM,CHGIND,LAD22CD,LAD22NM,LAD22NMW,ObjectId"
    ward = "LSOA21CD,LSOA21NM,LSOA21NMW,WD24CD,WD24NM,WD24NMW,LAD24CD,LAD24NM,LAD24NMW,ObjectId"
    rural = "LSOA21CD,LSOA21NM,LSOA21NMW,RUC21CD,RUC21NM,Urban_rural_flag,ObjectId"
    changes, wards, rurals = [change.split(",")], [ward.split(",")], [rural.split(",")]
    for number, area in enumerate(by_code(), 1):
        place = (area.code, area.name)
        district = (area.district_code, area.district_name, "")
        for old in area.lsoa11:
            changes.append([old.code, old.name, *place, old.change, *district, len(changes)])
        ward_name = invented(WARDS[area.ward])
        wards.append([*place, "", ward_code(area), ward_name, "", *district, number])
        flag = "Rural" if area.rural else "Urban"
        rurals.append([*place, "", *area.ruc, flag, number])
    return {
        "LSOA11_LSOA21_LAD22_EW_LU_v5.csv": csv_bytes(changes, bom=True),
        "LSOA21_WD24_LAD24_EW_LU.csv": csv_bytes(wards, bom=True),
        "LSOA21_RUC21_EW_LU.csv": csv_bytes(rurals, bom=True),
    }


def ward_code(area: SmallArea) -> str:
    """The invented ward an area lies in."""
    return f"X05{area.ward + 1:06}"


# --- Police -------------------------------------------------------------------------------------

STREET_COLUMNS = (
    *("Crime ID", "Month", "Reported by", "Falls within", "Longitude", "Latitude", "Location"),
    *("LSOA code", "LSOA name", "Crime type", "Last outcome category", "Context"),
)
CRIME_TYPES = {
    "Violence and sexual offences": 36,
    "Anti-social behaviour": 13,
    "Public order": 10,
    "Criminal damage and arson": 9,
    "Shoplifting": 8,
    "Other theft": 6,
    "Vehicle crime": 5,
    "Burglary": 4.5,
    "Drugs": 3,
    "Other crime": 2.5,
    "Bicycle theft": 1.3,
    "Robbery": 1,
    "Possession of weapons": 1,
    "Theft from the person": 0.7,
}
OUTCOMES = {
    "Investigation complete; no suspect identified": 42,
    "Unable to prosecute suspect": 34,
    "Court result unavailable": 6,
    "Local resolution": 4,
    "Awaiting court outcome": 4,
    "Action to be taken by another organisation": 4,
    "Status update unavailable": 3,
    "Further action is not in the public interest": 2,
    "Offender given a caution": 1,
}
MONTHS = [f"{2022 + (6 + i) // 12}-{(6 + i) % 12 + 1:02}" for i in range(36)]
GAP = ("exampleshire", "2024-02")
NEW_CODES_FROM = "2023-07"
RISING_FORUM, MONTHLY_RISE = "4", 0.012


def pick(rng: Random, weights: dict[str, float]) -> str:
    """One of the keys, by weight."""
    return rng.choices(list(weights), list(weights.values()))[0]


@cache
def points(inside: bool) -> tuple[SnapPoint, ...]:
    """The snap points inside or outside the county."""
    return tuple(p for p in snap_points() if p.area.inside == inside)


def police() -> dict[str, bytes]:
    """Two archives: a year with LSOA 2011 codes and CRLF, then two with LSOA 2021 codes and LF."""
    archives: dict[str, dict[str, bytes]] = {"2023-06": {}, "2025-06": {}}
    for month in MONTHS:
        old = month < NEW_CODES_FROM
        members = archives["2023-06" if old else "2025-06"]
        newline = "\r\n" if old else "\n"
        for force in ("exampleshire", "elsewhere"):
            if (force, month) == GAP:
                continue
            rows = street_rows(force, month)
            stem = f"{month}/{month}-{force}"
            if force == "exampleshire" and month in ("2023-01", "2024-05"):
                members[f"{stem}-outcomes.csv"] = csv_bytes(outcome_rows(rows), newline=newline)
            members[f"{stem}-street.csv"] = csv_bytes([STREET_COLUMNS, *rows], newline=newline)
    return {f"police_crime/{name}.zip": zip_bytes(members) for name, members in archives.items()}


def month_weight(point: SnapPoint, elapsed: int) -> float:
    """How often crimes fall on a point after `elapsed` months: one forum slowly gets worse."""
    rising = point.area.forum == RISING_FORUM
    return point.weight * (1 + MONTHLY_RISE * elapsed * rising)


def street_rows(force: str, month: str) -> list[Row]:
    """A force's month, in order of place and type, with the oddities of the real files."""
    rng, elapsed = chance("police", force, month), MONTHS.index(month)
    weights = [month_weight(p, elapsed) for p in points(True)]
    season = 1 + 0.08 * math.sin(math.tau * (int(month[5:]) - 4) / 12)
    home = 132 * season * sum(weights) / sum(p.weight for p in points(True))
    inside, outside = (round(home), 5) if force == "exampleshire" else (3, 37)
    places = rng.choices(points(True), weights, k=inside)
    places += rng.choices(points(False), [p.weight for p in points(False)], k=outside)
    rows = [
        street_row(force, month, number, None if rng.random() < 0.03 else place, rng)
        for number, place in enumerate(places)
    ]
    if force == "exampleshire":
        rows += repeated(rows, rng)
    return sorted(rows, key=lambda row: (row[8] == "", row[8], row[9], row[0]))


def street_row(force: str, month: str, number: int, point: SnapPoint | None, rng: Random) -> Row:
    """One crime; without a point it has neither coordinates nor small area."""
    kind, outcome = pick(rng, CRIME_TYPES), pick(rng, OUTCOMES)
    key = hashlib.sha256(f"{force} {month} {number}".encode()).hexdigest()
    if kind == "Anti-social behaviour":
        key = outcome = ""
    elif month >= MONTHS[-2] and rng.random() < 0.7:
        outcome = "Under investigation"
    place: tuple[object, ...] = ("", "", "No Location", "", "")
    if point is not None:
        area = point.lsoa11 if month < NEW_CODES_FROM else point.area
        place = (f"{point.lon:.6f}", f"{point.lat:.6f}", point.location, area.code, area.name)
    reporter = invented(f"{force.title()} Police")
    return (key, month, reporter, reporter, *place, kind, outcome, "")


def repeated(rows: list[Row], rng: Random) -> list[Row]:
    """Rows that share a Crime ID with another, and an incident recorded twice alike."""
    crimes = [row for row in rows if row[0]]
    incidents = [row for row in rows if not row[0]]
    first, second = rng.sample(crimes, 2)
    again = (*second[:9], pick(rng, {k: 1 for k in CRIME_TYPES if k[0] in "VPC"}), *second[10:])
    return [first, again, *rng.sample(incidents, 1)]


def outcome_rows(rows: list[Row]) -> Iterator[Row]:
    """A short outcomes member, which a reader of street-level crime has to leave alone."""
    yield (*STREET_COLUMNS[:9], "Outcome type")
    for row in [row for row in rows if row[0]][:40]:
        yield (*row[:9], row[10])


# --- Postcodes and sales ------------------------------------------------------------------------

NSPL_COLUMNS = (
    "pcd7,pcd8,pcds,dointr,doterm,usrtypind,east1m,north1m,gridind,oa21cd,cty26cd,ced25cd,lad26cd,"
    "wd26cd,nhser24cd,ctry26cd,rgn26cd,pcon24cd,ttwa15cd,itl25cd,npark16cd,lsoa21cd,msoa21cd,"
    "wz11cd,sicbl26cd,bua24cd,ruc21ind,oac21ind,lat,long,lep21cd1,lep21cd2,pfa23cd,imd25ind,icb26cd"
)
NOWHERE = "X99999999"


def postcode_directory() -> dict[str, bytes]:
    """The National Statistics Postcode Lookup: text in quotes, coordinates and rank without."""
    rows = [[Bare(name) for name in NSPL_COLUMNS.split(",")], *map(postcode_row, postcodes())]
    text = csv_bytes(rows, newline="\r\n", quote_text=True)
    return {"postcodes/NSPL_AUG_2026_UK.csv": text}


def postcode_row(code: Postcode) -> Row:
    """One postcode in 35 columns; where it has no place, latitude is 99.999999."""
    area, outward = code.area, code.outward.ljust(4)
    names = (outward + code.inward, f"{outward} {code.inward}", code.text)
    if not code.located:
        blanks = [NOWHERE] * 17
        lost = (*names, code.started, code.ended, "0", "", "", "9", *blanks, "", "")
        return (*lost, Bare("99.999999"), Bare("0.000000"), NOWHERE, "", NOWHERE, 0, NOWHERE)
    lon, lat = TO_DEGREES.transform(code.x, code.y)
    place = ("0", f"{code.x:06.0f}", f"{code.y:07.0f}", "1")
    county = COUNTY[0] if area.inside else NOWHERE
    codes = (f"X00{int(area.code[3:]) * 5:06}", county, NOWHERE, area.district_code)
    wider = (ward_code(area), "X40000001", NATION[0], REGION[0], "X14000001", "X30000001", "TLX11")
    small = (NOWHERE, area.code, f"X02{area.msoa + 1:06}", "X33000001", "X38000001", NOWHERE)
    kinds = (area.ruc[0], "6A1", Bare(f"{lat:.6f}"), Bare(f"{lon:.6f}"), "X37000001", "")
    force = "X23000001" if area.inside else "X23000099"
    rest = (*codes, *wider, *small, *kinds, force, ranks(IMD)[area.code], "X54000001")
    return (*names, code.started, code.ended, *place, *rest)


BASE_PRICES = {"D": 345_000, "S": 242_000, "T": 192_000, "F": 138_000, "O": 260_000}
PROPERTY_TYPES = {"D": 27, "S": 33, "T": 26, "F": 12, "O": 2}


def sale(rng: Random, year: int, months: tuple[int, int] = (1, 12)) -> list[str]:
    """One sale in 16 columns: category A unless type O or one in ten others."""
    code = rng.choice(postcodes())
    while not code.area.inside and rng.random() < 0.7:
        code = rng.choice(postcodes())
    area, kind = code.area, pick(rng, PROPERTY_TYPES)
    growth = 1.035 ** (year - 2023) * math.exp(rng.gauss(0, 0.16))
    price = round(BASE_PRICES[kind] * (1.25 - 0.6 * area.need) * growth / 500) * 500
    key = str(uuid.UUID(int=rng.getrandbits(128), version=4)).upper()
    date = f"{year}-{rng.randint(*months):02}-{rng.randint(1, 28):02} 00:00"
    shown = pick(rng, {code.text: 0.95, "": 0.03, "ZZ3 7XX": 0.02})
    town = min(TOWNS, key=lambda town: math.dist(ground(*town[1:]), (code.x, code.y)))[0]
    county = COUNTY[1] if area.inside else area.district_name
    street = rng.choice(snap_points()).location.removeprefix("On or near ")
    flat = f"FLAT {rng.randint(1, 12)}" if kind == "F" else ""
    new, duration = pick(rng, {"N": 0.92, "Y": 0.08}), "L" if kind == "F" else "F"
    address = (str(rng.randint(1, 120)), flat, street, "", invented(town), area.district_name)
    category = "B" if kind == "O" or rng.random() < 0.1 else "A"
    upper = [part.upper() for part in (*address, county)]
    return [f"{{{key}}}", str(price), date, shown, kind, new, duration, *upper, category, "A"]


def price_paid() -> dict[str, bytes]:
    """Two yearly files and a monthly one that adds six sales, changes three and deletes three."""
    years = {y: [sale(chance("sale", y, i), y) for i in range(250)] for y in (2023, 2024)}
    monthly = [sale(chance("new sale", i), 2025, (3, 5)) for i in range(6)]
    for number, status in enumerate("CCCDDD"):
        row = list(years[2023 + number % 2][17 * number + 11])
        if status == "C":
            row[1] = str(int(row[1]) + 5_000)
        monthly.append([*row[:-1], status])
    files = {f"pp-{year}": rows for year, rows in years.items()}
    files["pp-monthly-update-new-version"] = monthly
    return {
        f"price_paid/{name}.csv": csv_bytes(rows, newline="\r\n", quote_text=True)
        for name, rows in files.items()
    }


# --- All of it ----------------------------------------------------------------------------------


def county_files() -> dict[str, bytes]:
    """Every file of the county: path below its folder to content."""
    inbox = {f"ons_geography/{name}": text for name, text in (boundaries() | lookups()).items()}
    sources = (police, deprivation, census, output_area_files, fuel_poverty, population, health)
    sources += (earlier_deprivation, claimants, collisions, local_health, certificates)
    for source in sources:
        inbox |= source()
    inbox |= postcode_directory() | price_paid() | partners()
    return localities() | {f"inbox/{name}": content for name, content in inbox.items()}


def main(folder: Path = HERE) -> None:
    """Write the county into `folder`, over what is there, and say what was written."""
    files = county_files()
    for name, content in sorted(files.items()):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        print(f"{len(content):>9,}  {name}")
    inside = sum(area.inside for area in small_areas())
    total = sum(map(len, files.values()))
    print(f"{total:>9,}  in all: {inside} small areas in {len(DISTRICTS) - 1} districts")


if __name__ == "__main__":
    main(*(Path(name) for name in sys.argv[1:2]))
