"""Invented statistics of Exampleshire in their publishers' layouts: {path in the inbox: bytes}.

Every figure follows from a small area's residents and its `need`; none is an estimate of anything.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from random import Random
from statistics import NormalDist

from county_files import Row, csv_bytes, workbook_bytes, zip_bytes
from county_geography import (
    DISTRICTS,
    Lsoa11,
    SmallArea,
    apportion,
    chance,
    invented,
    residents,
    single_years,
    small_areas,
)

RANKS = 33755  # small areas in England: ranks are spread over as many
EARLIER_RANKS = 32844  # small areas of 2011
REGION = ("X12000001", invented("Eastern Inventland"))
COUNTY = ("X10000001", invented("Exampleshire"))
NATION = ("X92000001", invented("Inventland"))


def by_code() -> list[SmallArea]:
    """The 60 small areas in the order of their codes, as publishers have them."""
    return sorted(small_areas(), key=lambda area: area.code)


def households(area: SmallArea) -> int:
    """Households on census day 2021."""
    return round(residents(area, 2021) / (2.25 + 0.2 * area.need))


def by_lsoa11() -> dict[Lsoa11, list[tuple[SmallArea, float]]]:
    """Each LSOA 2011 by code, with the 2021 areas it shares people with and its share of each."""
    found: dict[str, tuple[Lsoa11, list[tuple[SmallArea, float]]]] = {}
    for area in small_areas():
        for old in area.lsoa11:
            found.setdefault(old.code, (old, []))[1].append((area, old.share))
    return {old: parts for _, (old, parts) in sorted(found.items())}


# --- Indices of Deprivation ---------------------------------------------------------------------

IMD = "Index of Multiple Deprivation (IMD)"
# Name, kind of score (points, rate or z), and how closely it follows need.
DOMAINS = (
    (IMD, "points", 0.9),
    ("Income", "rate", 0.9),
    ("Employment", "rate", 0.85),
    ("Education, Skills and Training", "points", 0.7),
    ("Health Deprivation and Disability", "z", 0.8),
    ("Crime", "z", 0.8),
    ("Barriers to Housing and Services", "points", -0.3),
    ("Living Environment", "points", 0.2),
    ("Income Deprivation Affecting Children Index (IDACI)", "rate", 0.85),
    ("Income Deprivation Affecting Older People (IDAOPI)", "rate", 0.7),
    ("Children and Young People Sub-domain", "z", 0.7),
    ("Adult Skills Sub-domain", "rate", 0.7),
    ("Geographical Barriers Sub-domain", "points", -0.8),
    ("Wider Barriers Sub-domain", "z", 0.6),
    ("Indoors Sub-domain", "z", 0.1),
    ("Outdoors Sub-domain", "z", 0.4),
)
DENOMINATORS = (
    ("Total population: mid 2022", 0, 90),
    ("Dependent Children aged 0-15: mid 2022", 0, 15),
    ("Older population aged 60 and over: mid 2022", 60, 90),
    (
        "Working age population 18-66 (for use with Employment Deprivation Domain): mid 2022",
        *(18, 66),
    ),
)


@cache
def ranks(domain: str) -> dict[str, int]:
    """Small area code to a rank between 1 (most deprived) and 33,755, no two alike."""
    follows = next(row[2] for row in DOMAINS if row[0] == domain)
    rng = chance("rank", domain)
    noise = 0.3 * (1 - abs(follows))
    order = sorted(by_code(), key=lambda a: -follows * a.need + rng.uniform(-noise, noise))
    step = RANKS / len(order)
    return {
        area.code: 1 + int(step * (place + rng.uniform(0.05, 0.95)))
        for place, area in enumerate(order)
    }


def score(kind: str, rank: int) -> float:
    """A score that falls as the rank rises, of about the size of the published ones."""
    high = 1 - (rank - 0.5) / RANKS
    if kind == "z":
        return round(0.9 * NormalDist().inv_cdf(high), 3)
    return round(0.01 + 0.5 * high**2.2, 3) if kind == "rate" else round(1 + 75 * high**2, 3)


def deprivation() -> dict[str, bytes]:
    """File 7 of the Indices 2025: 56 columns, one heading cut short as served."""
    header = ["LSOA code (2021)", "LSOA name (2021)"]
    header += [f"Local Authority District {part} (2024)" for part in ("code", "name")]
    for name, kind, _ in DOMAINS:
        header.append(f"{name} Score" + (" (rate)" if kind == "rate" and "Sub" not in name else ""))
        header.append(f"{name} Rank (where 1 is most deprived)")
        decile = f"{name} Decile (where 1 is most deprived 10% of LSOAs)"
        header.append(decile[:-3] if name.startswith("Children and") else decile)
    header += [name for name, _, _ in DENOMINATORS]
    rows: list[Row] = [header]
    for area in by_code():
        row: list[object] = [area.code, area.name, area.district_code, area.district_name]
        for name, kind, _ in DOMAINS:
            rank = ranks(name)[area.code]
            row += [score(kind, rank), rank, math.ceil(10 * rank / RANKS)]
        rows.append(row + [residents(area, 2022, first, last) for _, first, last in DENOMINATORS])
    stem = "File_7_IoD2025_All_Ranks_Scores_Deciles_Population_Denominators.csv"
    return {f"indices_of_deprivation/{stem}": csv_bytes(rows)}


EARLIER_DENOMINATORS = (
    ("Total population: mid 2015 (excluding prisoners)", 0, 90),
    ("Dependent Children aged 0-15: mid 2015 (excluding prisoners)", 0, 15),
    ("Population aged 16-59: mid 2015 (excluding prisoners)", 16, 59),
    ("Older population aged 60 and over: mid 2015 (excluding prisoners)", 60, 90),
    (
        "Working age population 18-59/64: for use with Employment Deprivation Domain (excluding "
        "prisoners)",
        *(18, 62),
    ),
)


def earlier_deprivation() -> dict[str, bytes]:
    """File 7 of the Indices 2019: 57 columns, on small areas of 2011."""
    header = ["LSOA code (2011)", "LSOA name (2011)"]
    header += [f"Local Authority District {part} (2019)" for part in ("code", "name")]
    for name, kind, _ in DOMAINS:
        header.append(f"{name} Score" + (" (rate)" if kind == "rate" and "Sub" not in name else ""))
        header.append(f"{name} Rank (where 1 is most deprived)")
        header.append(f"{name} Decile (where 1 is most deprived 10% of LSOAs)")
    header += [name for name, _, _ in EARLIER_DENOMINATORS]
    rows: list[Row] = [header]
    for old, parts in by_lsoa11().items():
        rng, area = chance("indices 2019", old.code), parts[0][0]
        row: list[object] = [old.code, old.name, area.district_code, area.district_name]
        for name, kind, _ in DOMAINS:
            rank = ranks(name)[area.code] + rng.randint(-2500, 2500)
            rank = min(max(rank, 1), EARLIER_RANKS)
            row += [score(kind, rank), rank, math.ceil(10 * rank / EARLIER_RANKS)]
        for _, first, last in EARLIER_DENOMINATORS:
            row.append(round(sum(residents(a, 2015, first, last) * s for a, s in parts)))
        rows.append(row)
    stem = "File_7_-_All_IoD2019_Scores__Ranks__Deciles_and_Population_Denominators_3.csv"
    return {f"indices_of_deprivation/{stem}": csv_bytes(rows)}


# --- Census 2021 --------------------------------------------------------------------------------


@dataclass(frozen=True)
class CensusTable:
    """A Nomis bulk table: each category's percentage where need is 0 and where it is 1.

    `sums` are published subtotals: heading -> first and last category of the sum, placed before it.
    """

    number: str
    variable: str
    total: str
    categories: tuple[tuple[str, float, float], ...]
    sums: tuple[tuple[str, int, int], ...] = ()


DISABLED = "Disabled under the Equality Act"
NOT_DISABLED = "Not disabled under the Equality Act"
CENSUS = (
    CensusTable(
        *("ts011", "Household deprivation", "Total"),
        (
            ("Household is not deprived in any dimension", 58, 22),
            ("Household is deprived in one dimension", 30, 34),
            ("Household is deprived in two dimensions", 10, 27),
            ("Household is deprived in three dimensions", 1.9, 15),
            ("Household is deprived in four dimensions", 0.1, 2),
        ),
    ),
    CensusTable(
        *("ts038", "Disability", "Total: All usual residents"),
        (
            (f"{DISABLED}: Day-to-day activities limited a lot", 5, 13),
            (f"{DISABLED}: Day-to-day activities limited a little", 9, 14),
            (
                f"{NOT_DISABLED}: Has long term physical or mental health "
                "condition but day-to-day activities are not limited",
                *(7, 6),
            ),
            (
                f"{NOT_DISABLED}: No long term physical or mental health conditions",
                *(79, 67),
            ),
        ),
        ((DISABLED, 0, 1), (NOT_DISABLED, 2, 3)),
    ),
    CensusTable(
        *("ts044", "Accommodation type", "Total"),
        (
            ("Detached", 48, 5),
            ("Semi-detached", 34, 30),
            ("Terraced", 12, 38),
            ("In a purpose-built block of flats or tenement", 3, 19),
            ("Part of a converted or shared house, including bedsits", 0.8, 5),
            (
                "Part of another converted building, for example, former school, church or "
                "warehouse",
                *(0.6, 1),
            ),
            (
                "In a commercial building, for example, in an office building, hotel or over a "
                "shop",
                *(0.6, 1.8),
            ),
            ("A caravan or other mobile or temporary structure", 1, 0.2),
        ),
    ),
    CensusTable(
        *("ts052", "Occupancy rating for bedrooms", "Total"),
        (
            ("+2 or more (under-occupied)", 48, 17),
            ("+1 (under-occupied)", 33, 32),
            ("0 (ideal)", 17.5, 42),
            ("-1 (overcrowded)", 1.3, 7),
            ("-2 or less (overcrowded)", 0.2, 2),
        ),
    ),
    CensusTable(
        *("ts054", "Tenure of household", "Total"),
        (
            ("Owned: Owns outright", 43, 15),
            ("Owned: Owns with a mortgage or loan", 37, 19),
            ("Shared ownership: Shared ownership", 1, 0.8),
            ("Social rented: Rents from council or Local Authority", 4, 26),
            ("Social rented: Other social rented", 2, 11),
            ("Private rented: Private landlord or letting agency", 11, 25),
            ("Private rented: Other private rented", 1, 2),
            ("Lives rent free", 1, 1.2),
        ),
    ),
)


def census() -> dict[str, bytes]:
    """Each table as its bulk archive: small areas, and authorities that nobody here needs."""
    found = {}
    for table in CENSUS:
        areas = [(a.name, a.code, census_counts(table, a)) for a in by_code()]
        authorities = []
        for letter, (code, name) in DISTRICTS.items():
            members = [census_counts(table, a) for a in by_code() if a.district == letter]
            sums = [sum(column) for column in zip(*members, strict=True)]
            authorities.append((invented(name), code, sums))
        stem = f"census2021-{table.number}"
        found[f"census_2021/{stem}.zip"] = zip_bytes(
            {
                f"{stem}-ltla.csv": csv_bytes(census_rows(table, authorities)),
                f"{stem}-lsoa.csv": csv_bytes(census_rows(table, areas)),
            }
        )
    return found


def census_rows(table: CensusTable, areas: list[tuple[str, str, list[int]]]) -> Iterator[Row]:
    """The header, then a row per area (name, code, counts)."""
    columns = [f"{table.variable}: {name}; measures: Value" for name in census_names(table)]
    yield ["date", "geography", "geography code", *columns]
    for name, code, counts in areas:
        yield [2021, name, code, *counts]


def census_names(table: CensusTable) -> list[str]:
    """The total, then each category after the subtotals that begin with it."""
    names = [table.total]
    for place, (category, _, _) in enumerate(table.categories):
        names += [name for name, first, _ in table.sums if first == place]
        names.append(category)
    return names


def census_leaves(table: CensusTable, area: SmallArea, rng: Random) -> list[int]:
    """The categories of a small area before they are perturbed; they sum to its total."""
    total = residents(area, 2021) if table.number == "ts038" else households(area)
    need = max(0.0, min(1.0, area.need + rng.uniform(-0.06, 0.06)))
    return apportion(total, [low + need * (high - low) for _, low, high in table.categories])


def census_counts(table: CensusTable, area: SmallArea) -> list[int]:
    """Total, then subtotals and categories; sums may differ by 2 (cell perturbation)."""
    rng = chance(table.number, area.code)
    leaves = census_leaves(table, area, rng)
    total = sum(leaves)
    limit = 1 if table.sums else 2
    counts = [total + (rng.randint(-limit, limit) if rng.random() < 0.4 else 0)]
    for place, leaf in enumerate(leaves):
        for _, first, last in table.sums:
            if first == place:
                shift = rng.choice((-1, 1)) if first == 0 and rng.random() < 0.3 else 0
                counts.append(sum(leaves[first : last + 1]) + shift)
        counts.append(leaf)
    return counts


# --- Fuel poverty -------------------------------------------------------------------------------

FUEL_COLUMNS = (
    "Number of households",
    "Number of households in fuel poverty",
    "Proportion of households fuel poor (%)",
)
CAUTION = (
    "Note A: Estimates of fuel poverty at Lower Super Output Area (LSOA) should be treated with "
    "caution. The estimates should only be used to look at general trends and identify areas of "
    "particularly high or low fuel poverty. "
)


def fuel_poverty() -> dict[str, bytes]:
    """The workbooks of 2024 (data 2022, LSOA 2021) and of 2022 (data 2020, LSOA 2011)."""
    new = [(a.code, a.name, a, households(a)) for a in by_code()]
    old = []
    for lsoa11, parts in by_lsoa11().items():
        count = round(sum(households(area) * share for area, share in parts))
        old.append((lsoa11.code, lsoa11.name, parts[0][0], count))
    stem = "fuel_poverty/Sub-regional_fuel_poverty"
    return {
        f"{stem}_2024_2022_data.xlsx": fuel_workbook(2022, "[Notes 4 and 6], 2022", new, []),
        f"{stem}_2022_2020_data.xlsx": fuel_workbook(
            2020, "[Note A], 2020 [Notes 3 and 4]", old, [[], [CAUTION]]
        ),
    }


def fuel_workbook(
    year: int, title: str, areas: list[tuple[str, str, SmallArea, int]], notes: list[Row]
) -> bytes:
    """One edition: a title, contents, notes, authorities and, on Table 3, small areas."""
    rows: list[Row] = []
    sums: dict[str, list[int]] = {}
    for code, name, area, count in areas:
        rng = chance("fuel", year, code)
        poor = round(
            count * (0.06 + 0.17 * area.need + 0.04 * area.rural + rng.uniform(-0.02, 0.02))
        )
        place = (code, name, area.district_code, area.district_name, REGION[1])
        rows.append((*place, count, poor, round(100 * poor / count, 3)))
        total = sums.setdefault(area.district, [0, 0])
        sums[area.district] = [total[0] + count, total[1] + poor]
    authorities = [
        (DISTRICTS[d][0], "", "", invented(DISTRICTS[d][1]), n, poor, round(100 * poor / n, 3))
        for d, (n, poor) in sums.items()
    ]
    small = ("LSOA Code", "LSOA Name", "LA Code", "LA Name", "Region", *FUEL_COLUMNS)
    return workbook_bytes(
        {
            "Title": fuel_title(year),
            "Contents": [
                (f"Statistics, {NATION[1]}: Sub-regional Tables, {year + 2}",),
                *([()] * 5),
                ("LSOA", "", "", f"Fuel Poverty by LSOA, {year}", *([""] * 5), "Table 3"),
            ],
            "Notes": [
                ("Notes: Supplementary notes for the Sub Regional tables",),
                ("All figures in this workbook are invented.",),
                ("Note number", "Description"),
                (1, "Please note that totals may not sum due to rounding."),
            ],
            "Table 2": [
                (f"Table 2: Fuel poor households by administrative area [Notes 3 and 4], {year}",),
                (),
                ("Area Codes", "Area names ", "", "", *FUEL_COLUMNS),
                *authorities,
            ],
            "Table 3": [
                *((f"Table 3: Fuel Poverty by LSOA {title}",), (), small, *rows),
                *(("", "", "", "", "", "", "", NATION[1]), *notes, (), ("Back to contents",)),
            ],
        }
    )


def fuel_title(year: int) -> list[Row]:
    """The title sheet of an edition: everything in its third column."""
    lines = ("Sub-regional Fuel Poverty", NATION[1], year + 2, f"({year} data)")
    return [*(("", "", line) for line in lines), *([()] * 8), ("Invented figures",)]


# --- Population ---------------------------------------------------------------------------------

AGES = (
    (200, "All Ages", 0, 90),
    (201, "Aged 0 to 15", 0, 15),
    (203, "Aged 16 to 64", 16, 64),
    (209, "Aged 65+", 65, 90),
)


def population() -> dict[str, bytes]:
    """Mid-year estimates: a Nomis answer (LSOA 2021) and single years of age (LSOA 2011)."""
    header = "GEOGRAPHY_CODE,GEOGRAPHY_NAME,DATE_NAME,C_AGE,C_AGE_NAME,OBS_VALUE,RECORD_COUNT"
    rows: list[Row] = [
        [a.code, a.name, str(year), age, name, residents(a, year, first, last)]
        for year in (2022, 2023, 2024)
        for a in by_code()
        for age, name, first, last in AGES
    ]
    answer = [header.split(","), *([*row, len(rows)] for row in rows)]
    single: list[Row] = [
        ["lsoa11_name", "lsoa11_code", "total_population", *range(90), "90+"],
    ]
    for lsoa11, parts in by_lsoa11().items():
        ages = [sum(lsoa11_share(area, lsoa11)[age] for area, _ in parts) for age in range(91)]
        single.append([lsoa11.name, lsoa11.code, float(sum(ages)), *map(float, ages)])
    return {
        "population/nomis-small-area-population.csv": csv_bytes(answer, quote_text=True),
        "population/mid-2020-lsoa11-single-year-of-age.csv": csv_bytes(single),
    }


def lsoa11_share(area: SmallArea, lsoa11: Lsoa11) -> list[int]:
    """The residents of mid-2020 in `area` that its forerunner `lsoa11` holds, by age."""
    ages = single_years(area, 2020)
    if len(area.lsoa11) == 1:
        return list(ages)
    west = [round(n * area.lsoa11[0].share) for n in ages]
    is_west = lsoa11.code == area.lsoa11[0].code
    return west if is_west else [n - w for n, w in zip(ages, west, strict=True)]


# --- Health -------------------------------------------------------------------------------------

HEALTH_COLUMNS = (
    *("Indicator ID", "Indicator Name", "Parent Code", "Parent Name", "Area Code", "Area Name"),
    *("Area Type", "Sex", "Age", "Category Type", "Category", "Time period", "Value"),
    *("Lower CI 95.0 limit", "Upper CI 95.0 limit", "Lower CI 99.8 limit", "Upper CI 99.8 limit"),
    *("Count", "Denominator", "Value note", "Recent Trend"),
    *("Compared to England value or percentiles", "Compared to Region value or percentiles"),
    *("Time period Sortable", "New data", "Compared to goal", "Time period range"),
)
# Id, name, age, percentage in the nation, people asked or measured per district.
HEALTH = (
    (999001, invented("Smoking prevalence in adults"), "18+ yrs", 12.5, 620),
    (999002, invented("Children overweight, year 6"), "10-11 yrs", 36.0, 290),
)
PERIODS = ("2021/22", "2022/23", "2023/24")
SUPPRESSED = (999002, "X07000001", "2021/22")
HIDDEN = "Value suppressed for disclosure control due to small count"


def health() -> dict[str, bytes]:
    """A Fingertips download: nation, county and districts, with inequality rows to be dropped."""
    rows: list[Row] = [HEALTH_COLUMNS]
    for indicator in HEALTH:
        for place, period in enumerate(PERIODS):
            rows += health_period(indicator, period, 1 - 0.025 * place)
    return {"fingertips/local-health-indicators.csv": csv_bytes(rows)}


def health_period(
    indicator: tuple[int, str, str, float, int], period: str, drift: float
) -> list[Row]:
    """The rows of one indicator and period; the county's counts are the sums of its districts'."""
    number, _, _, percent, people = indicator
    rng = chance("health", number, period)
    districts = []
    for letter, worse in (("N", 1.0), ("M", 1.3), ("S", 0.95)):
        asked = people + rng.randint(-40, 40)
        count = round(asked * percent * worse * drift * rng.uniform(0.95, 1.05) / 100)
        districts.append((DISTRICTS[letter][0], invented(DISTRICTS[letter][1]), count, asked))
    many = 250_000
    nation = (*NATION, round(many * percent * drift / 100), many)
    county = (*COUNTY, sum(d[2] for d in districts), sum(d[3] for d in districts))
    rows = [health_row(indicator, period, nation, "England", nation)]
    for decile in ("Most", "Second most", "Least"):
        count = round(nation[2] * {"Most": 0.13, "Second most": 0.12, "Least": 0.07}[decile])
        category = ("Deprivation deciles (invented)", f"{decile} deprived decile (invented)")
        area = (*NATION, count, many // 10)
        rows.append(health_row(indicator, period, area, "England", nation, category))
    rows.append(health_row(indicator, period, county, "Counties & UAs (from Apr 2023)", nation))
    kind = "Districts & UAs (from Apr 2023)"
    return rows + [health_row(indicator, period, area, kind, nation) for area in districts]


def health_row(
    indicator: tuple[int, str, str, float, int],
    period: str,
    area: tuple[str, str, int, int],
    area_type: str,
    nation: tuple[str, str, int, int],
    category: tuple[str, str] = ("", ""),
) -> Row:
    """One row of 27 columns with Wilson intervals; one value in the file is withheld."""
    number, name, age, _, _ = indicator
    code, area_name, count, asked = area
    parent = ("", "") if area_type == "England" else REGION
    limits = [*wilson(count, asked, 1.959964), *wilson(count, asked, 3.090232)]
    level = nation[2] / nation[3] * 100
    compared = "Worse" if limits[0] > level else "Better" if limits[1] < level else "Similar"
    if area_type == "England":
        compared = "Not compared"
    values: list[object] = [100 * count / asked, *limits, count, asked, ""]
    if (number, code, period) == SUPPRESSED:
        values, compared = [""] * 7 + [HIDDEN], ""
    start = int(period[:4]) * 10_000
    trend = "No significant change" if period == PERIODS[-1] else ""
    return [
        *(number, name, *parent, code, area_name, area_type, "Persons", age, *category, period),
        *(*values, trend, compared, "Not compared", start, "", "", "1y"),
    ]


def wilson(count: int, total: int, z: float) -> tuple[float, float]:
    """The Wilson score interval of a percentage (Wilson 1927)."""
    middle = count + z * z / 2
    spread = z * math.sqrt(count * (1 - count / total) + z * z / 4)
    return tuple(100 * (middle + sign * spread) / (total + z * z) for sign in (-1, 1))
