"""The ground of Exampleshire, an invented county in the open North Sea.

Small areas and how they were in 2011, towns, residents, the points of the police, postcodes.

Nothing here is a real place. The county is a tiling of six-sided cells, drawn as two small maps
of letters below; every corner and every bent edge is made once and shared, so the areas have no
gaps and no overlaps.
All randomness comes from `chance`, seeded by text, so the same ground is made on every run.
Coordinates are EPSG:27700 metres unless a name says `lon` or `lat` (EPSG:4326, degrees).
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from functools import cache

import shapely
from pyproj import Transformer
from shapely.geometry import Point, Polygon

# The north row first; a letter a small area (LSOA 2021). N Northmarch, M Midvale, S Southfen.
DISTRICT_MAP = ("NNNNNNNN", "NNNNNMNN", "MMNMMMMM", "MMMMMMSM", "SSSMSSSS", "SSSSSSSS")
FORUM_MAP = ("11112222", "11112422", "33134444", "33334464", "55536666", "55556666")
COLUMNS, ROWS = 8, 6

DISTRICTS = {
    "N": ("X07000001", "Northmarch"),
    "M": ("X07000002", "Midvale"),
    "S": ("X07000003", "Southfen"),
    "E": ("X07000099", "Elsewhere"),
}
FORUMS = {
    "1": "Fellside",
    "2": "Larkmoor",
    "3": "Mill Vale",
    "4": "Orchard",
    "5": "Reed Water",
    "6": "Fenside",
}
PRIORITY = (  # name and members as (column, row), row 0 in the south
    ("Old Wharf and Castle", ((1, 5), (2, 5), (2, 4))),
    ("Foundry Bridge", ((3, 2), (4, 2), (4, 3))),  # straddles forums 3 and 4
    ("Saltings", ((5, 0), (5, 1))),
)
WORST = (3, 2)  # the small area that stands out in every source
# Name, then centre in cell columns and rows.
TOWNS = (("Larkhaven", 2.5, 5.0), ("Midvale Cross", 4.1, 2.8), ("Fenbridge", 5.8, 1.0))
WARDS = (  # four small areas each
    *("Beacon", "Copperfield", "Gorse Hill", "Lantern"),
    *("Applegarth", "Dovecote", "Mere", "Thistledown"),
    *("Bulrush", "Heron", "Kingfisher", "Otter"),
    *("Farshore", "Further", "Beyond"),
)
# The LSOA 2011 of the first cell became both cells. The second pair straddles forums 1 and 2.
SPLITS = (((4, 2), (5, 2)), ((3, 5), (4, 5)))
MERGED = (1, 1)  # two LSOA 2011, west and east, became this cell
OUTSIDE_GROUPS = (3, 3, 2, 3, 3, 2, 3, 3, 2, 3, 3, 2)  # ring cells a neighbouring small area

CELL_WIDTH, CELL_HEIGHT, ORIGIN = 2600.0, 2700.0, (563950.0, 454400.0)
TO_DEGREES = Transformer.from_crs("EPSG:27700", "EPSG:4326", always_xy=True)

Cell = tuple[int, int]
Place = tuple[float, float]


def invented(name: str) -> str:
    """`name` as it is published here: plainly fictional."""
    return f"{name} (invented)"


def chance(*key: object) -> random.Random:
    """A random stream of its own for each key, the same on every run and machine."""
    return random.Random("exampleshire:" + ":".join(map(str, key)))


def apportion(total: int, weights: list[float]) -> list[int]:
    """`total` shared out in whole numbers by weight (largest remainder); the parts sum to it."""
    exact = [total * w / sum(weights) for w in weights]
    parts = [int(x) for x in exact]
    for i in sorted(range(len(exact)), key=lambda i: parts[i] - exact[i])[: total - sum(parts)]:
        parts[i] += 1
    return parts


@dataclass(frozen=True)
class Lsoa11:
    """A small area of 2011: `change` is U, S or M, `share` its part of the 2021 area it became."""

    code: str
    name: str
    change: str
    share: float


@dataclass(frozen=True)
class SmallArea:
    """An LSOA 2021. `need` (0 to 1) drives all its figures; `centre` is population weighted."""

    code: str
    name: str
    district: str
    forum: str
    ward: int
    msoa: int
    rural: bool
    ruc: tuple[str, str]
    need: float
    cells: tuple[Cell, ...]
    polygon: Polygon
    centre: Place
    lsoa11: tuple[Lsoa11, ...]

    @property
    def inside(self) -> bool:
        return self.district != "E"

    @property
    def district_code(self) -> str:
        return DISTRICTS[self.district][0]

    @property
    def district_name(self) -> str:
        return invented(DISTRICTS[self.district][1])

    def lsoa11_at(self, x: float) -> Lsoa11:
        """The LSOA 2011 at easting `x`; the merged area has two, west and east of its centre."""
        return self.lsoa11[-1] if len(self.lsoa11) == 2 and x > self.centre[0] else self.lsoa11[0]


@dataclass(frozen=True)
class SnapPoint:
    """One of the fixed places on which the police put crimes."""

    lon: float
    lat: float
    location: str
    area: SmallArea
    lsoa11: Lsoa11
    weight: float


# --- The tiling ---------------------------------------------------------------------------------


def ground(column: float, row: float) -> Place:
    """Cell coordinates to metres, drawn in towards the towns, where small areas are small."""
    dx = dy = 0.0
    for _, east, north in TOWNS:
        pull = 0.45 * math.exp(-((column - east) ** 2 + (row - north) ** 2) / 2.2)
        dx, dy = dx + pull * (east - column), dy + pull * (north - row)
    x, y = ORIGIN[0] + (column + dx) * CELL_WIDTH, ORIGIN[1] + (row + dy) * CELL_HEIGHT
    return round(x, 1), round(y, 1)


@cache
def corner(half_column: int, row: int) -> tuple[float, float]:
    """A jittered corner of the tiling in cell coordinates, the same for every cell that has it."""
    rng = chance("corner", half_column, row)
    return half_column / 2 + rng.uniform(-0.15, 0.15), row + rng.uniform(-0.2, 0.2)


@cache
def edge(start: Cell, end: Cell) -> list[Place]:
    """The bent line from one corner up to, not with, the next; the same line both ways."""
    if end < start:
        return [ground(*corner(*start)), *reversed(edge(end, start)[1:])]
    (x0, y0), (x1, y1) = corner(*start), corner(*end)
    rng, line = chance("edge", start, end), [ground(x0, y0)]
    for along in (0.25, 0.5, 0.75):
        bend = rng.uniform(-0.11, 0.11)
        x = x0 + along * (x1 - x0) - bend * (y1 - y0)
        y = y0 + along * (y1 - y0) + bend * (x1 - x0)
        line.append(ground(x, y))
    return line


def cell_polygon(cell: Cell) -> Polygon:
    """The polygon of one cell: bricks laid in rows, so that each has six neighbours."""
    left, row = 2 * cell[0] + cell[1] % 2, cell[1]
    corners = [(left, row), (left + 1, row), (left + 2, row)]
    corners += [(x, row + 1) for x, _ in reversed(corners)]
    pairs = zip(corners, corners[1:] + corners[:1], strict=True)
    return Polygon([place for start, end in pairs for place in edge(start, end)])


def ring_cells() -> list[Cell]:
    """The cells round the county, in walking order."""
    south = [(c, -1) for c in range(-1, COLUMNS + 1)]
    east = [(COLUMNS, r) for r in range(ROWS)]
    north = [(c, ROWS) for c in range(COLUMNS, -2, -1)]
    return south + east + north + [(-1, r) for r in range(ROWS - 1, -1, -1)]


def letter(letters: tuple[str, ...], cell: Cell) -> str:
    """What a letter map says about a cell inside the county."""
    return letters[ROWS - 1 - cell[1]][cell[0]]


def place_inside(polygon: Polygon, rng: random.Random) -> Place:
    """A point well inside a polygon."""
    core = polygon.buffer(-60)
    west, south, east, north = core.bounds
    while True:
        x, y = rng.uniform(west, east), rng.uniform(south, north)
        if core.contains(Point(x, y)):
            return x, y


def town_distance(place: Place) -> float:
    """Metres from a place to the nearest town."""
    return min(math.dist(place, ground(column, row)) for _, column, row in TOWNS)


def town_polygons() -> list[tuple[str, str, Polygon]]:
    """(code, name, polygon) of each town: twenty sides that take no notice of small areas."""
    towns = []
    for number, (name, column, row) in enumerate(TOWNS, 1):
        (x, y), rng, size = ground(column, row), chance("town", name), 2650 - 300 * number
        rim = [(math.tau * i / 20, size * rng.uniform(0.7, 1.15)) for i in range(20)]
        outline = [(x + far * math.cos(turn), y + far * math.sin(turn)) for turn, far in rim]
        polygon = Polygon([(round(x, 1), round(y, 1)) for x, y in outline])
        towns.append((f"X63{number:06}", invented(name), polygon))
    return towns


# --- The small areas ----------------------------------------------------------------------------

# The cells of the county by district, column and row: the order of their codes.
INSIDE = [(c, r) for c in range(COLUMNS) for r in range(ROWS)]
ORDER = [cell for code in "NMS" for cell in INSIDE if letter(DISTRICT_MAP, cell) == code]
# The same cells in rows: wards are four of these in turn, so they cut across MSOAs.
WARD_ORDER = sorted(ORDER, key=lambda c: ("NMS".index(letter(DISTRICT_MAP, c)), c[1], c[0]))


@cache
def small_areas() -> tuple[SmallArea, ...]:
    """The 48 small areas of the county, by district, then the 12 round it."""
    ring = iter(ring_cells())
    groups = [(cell,) for cell in ORDER]
    groups += [tuple(next(ring) for _ in range(size)) for size in OUTSIDE_GROUPS]
    polygons = [shapely.union_all([cell_polygon(cell) for cell in cells]) for cells in groups]
    distances = [town_distance((p.centroid.x, p.centroid.y)) for p in polygons]
    far = sorted(distances[: len(ORDER)])[31]
    return tuple(
        small_area(i, cells, polygons[i], distances[i] > far) for i, cells in enumerate(groups)
    )


def small_area(index: int, cells: tuple[Cell, ...], polygon: Polygon, rural: bool) -> SmallArea:
    """The small area made of `cells`, with invented needs: greatest in and near the towns."""
    cell, inside, rng = cells[0], index < len(ORDER), chance("area", index)
    code, name, lsoa11 = codes(index, cell)
    near_town = max(0.0, 1 - town_distance((polygon.centroid.x, polygon.centroid.y)) / 6000)
    in_priority = any(cell in members for _, members in PRIORITY)
    need = 0.15 + 0.35 * near_town + rng.uniform(-0.12, 0.12) + 0.3 * in_priority
    return SmallArea(
        code=code,
        name=name,
        district=letter(DISTRICT_MAP, cell) if inside else "E",
        forum=letter(FORUM_MAP, cell) if inside else "",
        ward=(WARD_ORDER.index(cell) if inside else index) // 4,
        msoa=index // 4,
        rural=rural,
        ruc=settlement(rural, rng),
        need=1.0 if cell == WORST else min(0.9, need),
        cells=cells,
        polygon=polygon,
        centre=min((place_inside(polygon, rng) for _ in range(3)), key=town_distance),
        lsoa11=lsoa11,
    )


def settlement(rural: bool, rng: random.Random) -> tuple[str, str]:
    """The rural-urban class (code, name) of a small area."""
    if not rural:
        return "UN1", "Urban: Nearer to a major town or city"
    if rng.random() < 0.5:
        return "RLN1", "Larger rural: Nearer to a major town or city"
    return "RSN1", "Smaller rural: Nearer to a major town or city"


def named(index: int, suffix: str = "") -> str:
    """The name of the small area with this number; `suffix` replaces its letter A to D."""
    district = "NMSE"[index // 16]
    stem = f"{DISTRICTS[district][1]} {index % 16 // 4 + 1:03}"
    return invented(stem + (suffix or "ABCD"[index % 4]))


def codes(index: int, cell: Cell) -> tuple[str, str, tuple[Lsoa11, ...]]:
    """Code, name and 2011 forerunners: unchanged areas keep their code, the others have a new one.

    New codes are X01000101 to 104 (the halves of two splits) and X01000105 (a merger).
    """
    code, halves = f"X01{index + 1:06}", [half for split in SPLITS for half in split]
    if index < len(ORDER) and cell == MERGED:
        west = Lsoa11(code, named(index), "M", 0.45)
        east = Lsoa11("X01000061", named(index, "E"), "M", 0.55)
        return "X01000105", named(index, "F"), (west, east)
    if index < len(ORDER) and cell in halves:
        half = halves.index(cell)
        parent = ORDER.index(halves[half - half % 2])
        before = Lsoa11(f"X01{parent + 1:06}", named(parent), "S", 1.0)
        return f"X01{101 + half:06}", named(parent, "EF"[half % 2]), (before,)
    return code, named(index), (Lsoa11(code, named(index), "U", 1.0),)


# --- People, points and postcodes ---------------------------------------------------------------


@cache
def single_years(area: SmallArea, year: int) -> tuple[int, ...]:
    """Residents at each age 0 to 89 and 90+ in mid-`year`; older people in the country."""
    rng = chance("people", area.code)
    start = rng.randint(1250, 1700) if area.rural else rng.randint(1450, 2250)
    total = round(start * (1 + rng.uniform(-0.004, 0.014)) ** (year - 2020))
    weights = []
    for age in range(91):
        weight = 1.0 if age < 60 else math.exp(-(((age - 60) / (26 if area.rural else 21)) ** 2))
        weight *= 1 + (0.45 if 18 <= age < 40 else 0.25 if age < 16 else 0) * area.need
        weight *= 1.35 if area.rural and 50 <= age < 75 else 1.0
        weights.append(weight * rng.uniform(0.8, 1.2) * (2.0 if age == 90 else 1.0))
    return tuple(apportion(total, weights))


def residents(area: SmallArea, year: int, first: int = 0, last: int = 90) -> int:
    """Residents from age `first` to age `last`, both included."""
    return sum(single_years(area, year)[first : last + 1])


STREETS = [
    f"{first} {last}"
    for last in ("Lane", "Row", "Street", "Close", "Walk", "Rise")
    for first in (
        *("Larkspur", "Teasel", "Samphire", "Copper", "Lantern", "Wren"),
        *("Gannet", "Quince", "Medlar", "Chandler", "Sandpiper", "Barley"),
        *("Clover", "Harbour", "Juniper", "Marram", "Pippin", "Tern"),
    )
]
PUBLIC_PLACES = ("Supermarket", "Parking Area", "Shopping Area", "Petrol Station")


@cache
def snap_points() -> tuple[SnapPoint, ...]:
    """About 210 fixed points: five in an urban small area, two in a rural one or outside."""
    points = []
    for area in small_areas():
        rng = chance("snap", area.code)
        for number in range(5 if area.inside and not area.rural else 2):
            x, y = place_inside(area.polygon, rng)
            lon, lat = TO_DEGREES.transform(x, y)
            public = number == 0 and not area.rural
            name = rng.choice(PUBLIC_PLACES) if public else rng.choice(STREETS)
            weight = (0.35 if area.rural else 0.6 + 2.2 * area.need**2) * rng.uniform(0.5, 1.5)
            weight *= (1.8 if public else 1.0) * (1.7 if area.need == 1 else 1.0)
            place = (round(lon, 6), round(lat, 6), f"On or near {name}")
            points.append(SnapPoint(*place, area, area.lsoa11_at(x), weight))
    return tuple(points)


@dataclass(frozen=True)
class Postcode:
    """A postcode in the invented area ZZ; `ended` is YYYYMM or blank; one is not `located`."""

    outward: str
    inward: str
    area: SmallArea
    x: float
    y: float
    started: str
    ended: str
    located: bool

    @property
    def text(self) -> str:
        return f"{self.outward} {self.inward}"


@cache
def postcodes() -> tuple[Postcode, ...]:
    """180 postcodes, three in each small area; every twelfth is terminated, one has no place."""
    found = []
    for index, area in enumerate(small_areas()):
        rng = chance("postcode", area.code)
        for number in range(3):
            serial = 3 * index + number
            inward = f"{serial % 9 + 1}{'ABDEFGHJLN'[serial // 18]}{'PQRSTU'[serial % 6]}"
            x, y = place_inside(area.polygon, rng)
            started = rng.choice(("198001", "198001", "199806", "201203"))
            ended = rng.choice(("202311", "202406", "201909")) if serial % 12 == 5 else ""
            district = "ZZ" + str({"N": 1, "M": 2, "S": 10, "E": 20}[area.district])
            located = serial != 100
            found.append(Postcode(district, inward, area, x, y, started, ended, located))
    return tuple(found)
