"""The output areas (OA 2021) of Exampleshire, three to five in each small area.

They are shared out from what the county's small areas already have, by a random stream of their
own: people and households add up to the census of the small area, children to its residents of
that age, and the mean of the centroids by people is the small area's own. The three are shared
out unevenly, and each otherwise, so that it matters which of them is taken for a weight.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from random import Random

from county_files import Row, csv_bytes, zip_bytes
from county_geography import (
    DISTRICTS,
    Place,
    SmallArea,
    apportion,
    chance,
    invented,
    place_inside,
    residents,
)
from county_statistics import (
    CENSUS,
    CensusTable,
    by_code,
    census_counts,
    census_leaves,
    census_names,
)
from shapely.geometry import Point
from shapely.ops import nearest_points

BANDS = [(first, first + 4) for first in range(0, 85, 5)] + [(85, 90)]
APART = 200.0  # metres between two centroids of a small area, at least, where there is room
# Nomis writes these three tables without "; measures: Value", and the total with its population.
TOTALS = {"ts038": "Total: All usual residents", "ts054": "Total: All households"}


@dataclass(frozen=True)
class OutputArea:
    """An OA 2021: `ages` by five-year band; `people` may differ from their sum by one."""

    code: str
    area: SmallArea
    centre: Place
    ages: tuple[int, ...]
    people: int
    households: int


@cache
def output_areas() -> tuple[OutputArea, ...]:
    """All output areas, in the order of their codes."""
    found = [oa for area in by_code() for oa in parts_of(area)]
    return tuple(sorted(found, key=lambda oa: oa.code))


def parts_of(area: SmallArea) -> list[OutputArea]:
    """The output areas of a small area; the last has the code that the postcode directory gives."""
    rng = chance("output areas", area.code)
    number = rng.randint(3, 5)
    sizes = [rng.uniform(0.7, 1.4) for _ in range(number)]
    young = [rng.uniform(0.5, 1.8) for _ in range(number)]
    crowded = [rng.uniform(0.8, 1.25) for _ in range(number)]
    bands = [
        apportion(
            residents(area, 2021, first, last),
            [size * (y if last < 15 else 1) for size, y in zip(sizes, young, strict=True)],
        )
        for first, last in BANDS
    ]
    ages = list(zip(*bands, strict=True))
    people = [sum(counts) for counts in ages]
    people[0] += total("ts038", area) - sum(people)
    per_home = [p / c for p, c in zip(people, crowded, strict=True)]
    homes = apportion(total("ts054", area), per_home)
    last = int(area.code[3:]) * 5
    codes = [f"X00{last - number + 1 + n:06}" for n in range(number)]
    centres = centroids(area, people, rng)
    return [
        OutputArea(code, area, *rest)
        for code, *rest in zip(codes, centres, ages, people, homes, strict=True)
    ]


def table_of(number: str) -> CensusTable:
    return next(table for table in CENSUS if table.number == number)


def total(number: str, area: SmallArea) -> int:
    """What the census table of small areas says in its first column."""
    return census_counts(table_of(number), area)[0]


def centroids(area: SmallArea, people: list[int], rng: Random) -> list[Place]:
    """A point for each output area, inside the small area; their mean by people is its centre.

    Points are drawn at random and all moved together until the mean is right; those that are then
    outside are taken back to the nearest place inside, and so on until none is. Where the centre
    lies in a corner there is little room, so each new draw may be a little closer together.
    """
    inner, core = area.polygon.buffer(-45), area.polygon.buffer(-30)
    for attempt in range(50):
        apart = APART * 0.95**attempt
        points = [Point(place_inside(area.polygon, rng)) for _ in people]
        for _ in range(200):
            points = moved(points, people, area.centre)
            near = min(a.distance(b) for a, b in combinations(points, 2))
            if near >= apart and all(core.contains(point) for point in points):
                return [(round(point.x, 4), round(point.y, 4)) for point in points]
            points = [nearest_points(inner, point)[0] for point in points]
    raise ValueError(f"{area.code}: no room for {len(people)} centroids")


def moved(points: list[Point], people: list[int], centre: Place) -> list[Point]:
    """The points, all moved by the same step that brings their mean by people to the centre."""
    east = sum(n * point.x for n, point in zip(people, points, strict=True)) / sum(people)
    north = sum(n * point.y for n, point in zip(people, points, strict=True)) / sum(people)
    return [Point(p.x + centre[0] - east, p.y + centre[1] - north) for p in points]


# --- Files --------------------------------------------------------------------------------------


def output_area_files() -> dict[str, bytes]:
    """The ONS's hierarchy and centroids, and three census tables, as their publishers have them."""
    return {
        "output_areas/OA_LSOA_MSOA_EW_DEC_2021_LU_v3.csv": csv_bytes(hierarchy(), bom=True),
        "output_areas/Output_Areas_2021_PWC_V3.csv": csv_bytes(centres(), newline="\r\n", bom=True),
        **dict(
            bulk(number, rows)
            for number, rows in (
                ("ts007a", age_rows()),
                ("ts038", topic_rows("ts038")),
                ("ts054", topic_rows("ts054")),
            )
        ),
    }


def hierarchy() -> Iterator[Row]:
    """Output area to small area, MSOA and district."""
    header = "OA21CD,LSOA21CD,LSOA21NM,LSOA21NMW,MSOA21CD,MSOA21NM,MSOA21NMW"
    yield [*header.split(","), "LAD22CD", "LAD22NM", "LAD22NMW", "ObjectId"]
    for number, oa in enumerate(output_areas(), 1):
        area = oa.area
        district = DISTRICTS["NMSE"[area.msoa // 4]][1]
        msoa = (f"X02{area.msoa + 1:06}", invented(f"{district} {area.msoa % 4 + 1:03}"), "")
        place = (area.district_code, area.district_name, "")
        yield [oa.code, area.code, area.name, "", *msoa, *place, number]


def centres() -> Iterator[Row]:
    """Population-weighted centroids."""
    yield ["FID", "OA21CD", "GlobalID", "x", "y"]
    for number, oa in enumerate(output_areas(), 1):
        key = uuid.UUID(int=chance("output area", oa.code).getrandbits(128), version=4)
        yield [number, oa.code, key, *oa.centre]


def bulk(number: str, rows: Iterator[Row]) -> tuple[str, bytes]:
    """The path in the inbox and the bytes of a bulk archive with its output-area member."""
    stem = f"census2021-{number}"
    return f"output_areas/{stem}.zip", zip_bytes({f"{stem}-oa.csv": csv_bytes(rows)})


def age_rows() -> Iterator[Row]:
    """TS007A: residents by five-year age band."""
    names = ["Total", "Aged 4 years and under"]
    names += [f"Aged {first} to {last} years" for first, last in BANDS[1:-1]]
    columns = [f"Age: {name}" for name in (*names, "Aged 85 years and over")]
    yield ["date", "geography", "geography code", *columns]
    for oa in output_areas():
        yield [2021, oa.code, oa.code, sum(oa.ages), *oa.ages]


def topic_rows(number: str) -> Iterator[Row]:
    """TS038 or TS054: the total of each output area, its categories as in its small area."""
    table = table_of(number)
    columns = [f"{table.variable}: {name}" for name in (TOTALS[number], *census_names(table)[1:])]
    yield ["date", "geography", "geography code", *columns]
    for oa in output_areas():
        whole = oa.people if number == "ts038" else oa.households
        leaves = apportion(whole, census_leaves(table, oa.area, chance(number, oa.area.code)))
        counts = [whole]
        for place, leaf in enumerate(leaves):
            counts += [sum(leaves[a : b + 1]) for _, a, b in table.sums if a == place]
            counts.append(leaf)
        yield [2021, oa.code, oa.code, *counts]
