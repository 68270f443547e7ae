"""More invented statistics of Exampleshire in their publishers' layouts: {path in the inbox: bytes}.

People who claim benefits, road collisions, the health of MSOAs with what is said of its licences,
and energy certificates. Each has a random stream of its own.
"""

from __future__ import annotations

from random import Random

from county_files import Row, csv_bytes, zip_bytes
from county_geography import (
    TO_DEGREES,
    Postcode,
    SmallArea,
    chance,
    invented,
    place_inside,
    postcodes,
    residents,
)
from county_statistics import HEALTH, HEALTH_COLUMNS, NATION, REGION, by_code

# --- Claimants ----------------------------------------------------------------------------------

CLAIM_MONTHS = [f"{2023 + (6 + i) // 12}-{(6 + i) % 12 + 1:02}" for i in range(24)]
WITHHELD = ("X01000020", "2024-02")  # a small area and month that the publisher gives no figure for


def claimants() -> dict[str, bytes]:
    """A Nomis answer for two years: figures rounded to 5, one of them withheld."""
    header = (
        "GEOGRAPHY_CODE,GEOGRAPHY_NAME,DATE,MEASURE,GENDER,AGE,OBS_VALUE,OBS_STATUS,RECORD_COUNT"
    )
    rows = [[*claim_row(area, month)] for month in CLAIM_MONTHS for area in by_code()]
    answer = [header.split(","), *([*row, len(rows)] for row in rows)]
    return {"claimant_count/claimants-exampleshire.csv": csv_bytes(answer, quote_text=True)}


def claim_row(area: SmallArea, month: str) -> Row:
    place = (area.code, area.name, month, 1, 0, 0)
    if (area.code, month) == WITHHELD:
        return (*place, "", "Q")
    rng = chance("claimants", area.code, month)
    share = 0.012 + 0.055 * area.need + (0.004 if month[5:] in ("01", "02") else 0)
    count = residents(area, 2023, 16, 64) * share * rng.uniform(0.9, 1.1)
    return (*place, 5 * round(count / 5), "A")


# --- Road collisions ----------------------------------------------------------------------------

COLLISION_COLUMNS = (
    *("collision_index", "collision_year", "collision_ref_no", "location_easting_osgr"),
    *("location_northing_osgr", "longitude", "latitude", "police_force"),
    *("collision_severity", "number_of_vehicles", "number_of_casualties", "date"),
    *("day_of_week", "time", "local_authority_district", "local_authority_ons_district"),
    *("local_authority_highway", "local_authority_highway_current", "first_road_class"),
    *("first_road_number", "road_type", "speed_limit", "junction_detail_historic"),
    *("junction_detail", "junction_control", "second_road_class", "second_road_number"),
    *("pedestrian_crossing_human_control_historic",),
    *("pedestrian_crossing_physical_facilities_historic", "pedestrian_crossing"),
    *("light_conditions", "weather_conditions", "road_surface_conditions"),
    *("special_conditions_at_site", "carriageway_hazards_historic", "carriageway_hazards"),
    *("urban_or_rural_area", "did_police_officer_attend_scene_of_accident"),
    *("trunk_road_flag", "lsoa_of_accident_location", "enhanced_severity_collision"),
    *("collision_injury_based", "collision_adjusted_severity_serious"),
    *("collision_adjusted_severity_slight",),
)
# The publisher's own guide writes some of them otherwise.
OTHER_WORDS = {
    "did_police_officer_attend_scene_of_accident": "did_police_officer_attend_scene_of_collision",
    "lsoa_of_accident_location": "lsoa_of_collision_location",
    "enhanced_severity_collision": "enhanced_collision_severity",
    "collision_adjusted_severity_serious": "collision_adjusted_serious",
    "collision_adjusted_severity_slight": "collision_adjusted_slight",
}
COLLISION_YEARS = (2023, 2024)


def collisions() -> dict[str, bytes]:
    """A year's collisions in each of two dialects; some have no coordinates."""
    files = {}
    for year in COLLISION_YEARS:
        words = OTHER_WORDS if year == 2023 else {}
        rows: list[Row] = [[words.get(c, c) for c in COLLISION_COLUMNS]]
        for number in range(108):
            found = collision(year, number, chance("collision", year, number))
            rows.append([found.get(column, "-1") for column in COLLISION_COLUMNS])
        name = f"dft-road-casualty-statistics-collision-{year}.csv"
        files[f"stats19/{name}"] = csv_bytes(rows)
    return files


def collision(year: int, number: int, rng: Random) -> dict[str, object]:
    """One collision, in a month of its turn: more where people are in need, a few outside."""
    areas = by_code()
    weights = [0.4 + area.need if area.inside else 0.5 for area in areas]
    area = rng.choices(areas, weights)[0]
    x, y = place_inside(area.polygon, rng)
    lon, lat = TO_DEGREES.transform(x, y)
    place: tuple[object, ...] = (round(x), round(y), f"{lon:.6f}", f"{lat:.6f}")
    if number % 36 == 7:
        place = ("NULL",) * 4 if number == 7 else ("", "", "", "")
    severity = rng.choices((1, 2, 3), (3, 27, 70))[0]
    serious = {1: 0.0, 2: 1.0, 3: round(rng.uniform(0.02, 0.35), 6)}[severity]
    enhanced = {1: 1, 2: rng.choice((5, 6, 7)), 3: 3}[severity]
    reference = f"X{number:06}"
    return {
        "collision_index": f"{year}{reference}",
        "collision_year": year,
        "collision_ref_no": reference,
        **dict(zip(COLLISION_COLUMNS[3:7], place, strict=True)),
        "police_force": 99,
        "collision_severity": severity,
        "number_of_vehicles": rng.randint(1, 3),
        "number_of_casualties": rng.randint(1, 3),
        "date": f"{rng.randint(1, 28):02}/{number % 12 + 1:02}/{year}",
        "time": f"{rng.randint(6, 22):02}:{rng.randrange(0, 60, 5):02}",
        "local_authority_ons_district": area.district_code,
        "lsoa_of_accident_location": area.code,
        "enhanced_severity_collision": enhanced,
        "collision_injury_based": 1,
        "collision_adjusted_severity_serious": serious,
        "collision_adjusted_severity_slight": 0.0 if severity == 1 else round(1 - serious, 6),
    }


# --- Local Health -------------------------------------------------------------------------------

# Id, name, and how many are expected of a thousand residents of 65 and over, and of the others.
ADMISSIONS = (
    (
        999101,
        "Emergency hospital admissions for all causes, standardised admission ratio",
        900,
        300,
    ),
    (999102, "Emergency hospital admissions for coronary heart disease (CHD), SAR", 40, 5),
    (999103, "Emergency hospital admissions for COPD, standardised admission ratio", 45, 4),
    (999104, "Emergency hospital admissions for hip fracture aged 65 years and over, SAR", 30, 0),
)
LIFE = (999105, "Life expectancy at birth, (5 year range)")
POOLED = "2019/20 - 23/24"
CATEGORY = ("Deprivation deciles (invented)", "Most deprived decile (invented)")
TOO_FEW = (999103, "X02000009")  # a figure that the publisher withholds
OPEN = "Open Government Licence v3.0 (invented metadata)"
NOT_OPEN = "Non commercial use only. (invented metadata)"


def local_health() -> dict[str, bytes]:
    """A Fingertips download for MSOAs, and what is said of the indicators of both profiles."""
    rows: list[Row] = [HEALTH_COLUMNS]
    for number, name, old, young in ADMISSIONS:
        of_all = (number, name, NATION, "England", ("Persons", "All ages"))
        rows.append(health_row(*of_all, "100.0", 4000, 4000))
        worst = health_row(*of_all, "131.0", 524, 400)
        rows.append((*worst[:9], *CATEGORY, *worst[11:]))
        rows += [admissions_row(number, name, old, young, code) for code in msoas()]
    for sex, years in (("Female", 84.5), ("Male", 80.5)):
        rows += [life_row(sex, years, code) for code in msoas()]
    return {
        "local_health/local-health-msoa.csv": csv_bytes(rows),
        "local_health/local-health-metadata.csv": metadata(
            [*((n, invented(name), OPEN) for n, name, _, _ in ADMISSIONS), (*LIFE, NOT_OPEN)]
        ),
        "fingertips/fingertips-metadata.csv": metadata([(h[0], h[1], OPEN) for h in HEALTH]),
    }


def metadata(indicators: list[tuple[int, str, str]]) -> bytes:
    """What is said of indicators, a few of its columns."""
    header = ("Indicator ID", "Indicator", "Definition", "Data source", "Data re-use", "Unit")
    rows = [(n, name, "Invented", "Invented", licence, "") for n, name, licence in indicators]
    return csv_bytes([header, *rows])


def msoas() -> dict[str, list[SmallArea]]:
    """Code of each MSOA to its small areas."""
    found: dict[str, list[SmallArea]] = {}
    for area in by_code():
        found.setdefault(f"X02{area.msoa + 1:06}", []).append(area)
    return dict(sorted(found.items()))


def admissions_row(number: int, name: str, old: int, young: int, code: str) -> Row:
    """What was observed follows need; what was expected follows ages alone."""
    rng, areas = chance("local health", number, code), msoas()[code]
    expected = sum(
        (residents(a, 2022, 65) * old + residents(a, 2022, 0, 64) * young) / 1000 for a in areas
    )
    need = sum(residents(a, 2022) * a.need for a in areas) / sum(residents(a, 2022) for a in areas)
    observed = round(expected * (0.6 + 0.9 * need) * rng.uniform(0.95, 1.05))
    place = (code, invented(f"MSOA {code[-3:]}"))
    if (number, code) == TOO_FEW:
        return health_row(number, name, place, "MSOA", ("Persons", "All ages"), "", "", "")
    ratio = f"{100 * observed / round(expected, 4):.6f}"
    expected_text = f"{expected:.4f}"
    return health_row(
        number, name, place, "MSOA", ("Persons", "All ages"), ratio, observed, expected_text
    )


def life_row(sex: str, years: float, code: str) -> Row:
    """Years, and the residents of five years that they rest on."""
    rng, areas = chance("life", sex, code), msoas()[code]
    people = sum(residents(a, 2022) for a in areas)
    need = sum(residents(a, 2022) * a.need for a in areas) / people
    value = f"{years - 6 * need + rng.uniform(-0.5, 0.5):.4f}"
    place = (code, invented(f"MSOA {code[-3:]}"))
    return health_row(*LIFE, place, "MSOA", (sex, "All ages"), value, "", round(people * 2.5))


def health_row(
    number: int,
    name: str,
    place: tuple[str, str],
    kind: str,
    who: tuple[str, str],
    value: str,
    count: object,
    denominator: object,
) -> Row:
    """One row of 27 columns, without intervals."""
    note = "" if value else "Value suppressed for disclosure control due to small count"
    parent = ("", "") if kind == "England" else REGION
    given = (value, "", "", "", "", count, denominator, note, "Cannot be calculated")
    rest = ("Not compared", "Not compared", 20190000, "", "", "5y")
    return (number, invented(name), *parent, *place, kind, *who, "", "", POOLED, *given, *rest)


# --- Energy certificates ------------------------------------------------------------------------

CERTIFICATE_COLUMNS = (  # a few of the 91
    *("CERTIFICATE_NUMBER", "ADDRESS1", "ADDRESS2", "ADDRESS3", "POSTCODE"),
    *("CURRENT_ENERGY_RATING", "POTENTIAL_ENERGY_RATING", "PROPERTY_TYPE", "LOCAL_AUTHORITY"),
    *("LODGEMENT_DATE", "LOCAL_AUTHORITY_LABEL", "LODGEMENT_DATETIME", "TENURE", "UPRN"),
    *("UPRN_SOURCE", "REPORT_TYPE"),
)
UNKNOWN = ("INVALID!", "NO DATA!", "N/A", "")


def certificates() -> dict[str, bytes]:
    """The service's zip with a CSV a year: homes with two certificates, and with unknown bands."""
    years: dict[int, list[Row]] = {2019: [], 2024: []}
    for code in postcodes():
        for home in range(1, 5):
            rng = chance("certificate", code.text, home)
            if rng.random() < 0.75:
                years[2019].append(certificate(code, home, 2019, rng))
            if rng.random() < 0.45:
                years[2024].append(certificate(code, home, 2024, rng))
    return {
        "epc/domestic-csv.zip": zip_bytes(
            {
                f"certificates-{year}.csv": csv_bytes([CERTIFICATE_COLUMNS, *rows])
                for year, rows in years.items()
            }
        )
    }


def certificate(code: Postcode, home: int, year: int, rng: Random) -> Row:
    """A certificate: better in later years and where there is less need; older ones lack UPRNs."""
    score = rng.gauss(66 - 12 * code.area.need + 0.8 * (year - 2019), 9)
    band = next(
        b
        for b, least in zip("ABCDEFG", (92, 81, 69, 55, 39, 21, -99), strict=True)
        if score >= least
    )
    if rng.random() < 0.03:
        band = rng.choice(UNKNOWN)
    serial = int.from_bytes(code.text.encode()[-6:], "big") % 10**9 * 10 + home
    uprn = "" if year == 2019 and rng.random() < 0.2 else str(serial)
    spaces = "  " if year == 2019 else " "
    number = "-".join(f"{rng.randrange(10**4):04}" for _ in range(5))
    day = f"{year}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"
    district = "" if rng.random() < 0.01 else code.area.district_code
    return (
        *(number, f"{home}{spaces}Invented Row", "", "", code.text, band, "B", "House", district),
        *(day, code.area.district_name, f"{day} 09:{rng.randint(10, 59)}:00", "NO DATA!", uprn),
        *("Energy Assessor", "100"),
    )
