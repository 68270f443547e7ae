"""Invented police archives in the archive's own layout, with localities and small areas to put
them in: ``python -m bench.make_data county``.

The same seed gives the same bytes. Nothing in it is real: forces are called invented-aa and so on,
codes begin with X, and the towns stand where dice put them.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from string import ascii_lowercase
from typing import TYPE_CHECKING

import duckdb
import numpy as np

from bench import shapes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Whole = NDArray[np.int64]

SEED = 2007
MONTHS = [f"{2023 + n // 12}-{n % 12 + 1:02}" for n in range(36)]
SIDE_M = 60_000.0  # of the square that a force polices
TYPES = {  # shares as in the real archive
    "Violence and sexual offences": 0.357,
    "Anti-social behaviour": 0.134,
    "Public order": 0.091,
    "Criminal damage and arson": 0.087,
    "Shoplifting": 0.080,
    "Other theft": 0.065,
    "Vehicle crime": 0.058,
    "Burglary": 0.043,
    "Drugs": 0.029,
    "Other crime": 0.023,
    "Bicycle theft": 0.012,
    "Robbery": 0.008,
    "Theft from the person": 0.008,
    "Possession of weapons": 0.005,
}
ANTI_SOCIAL = list(TYPES).index("Anti-social behaviour")
OUTCOMES = {
    "Investigation complete; no suspect identified": 0.42,
    "Unable to prosecute suspect": 0.34,
    "Court result unavailable": 0.06,
    "Local resolution": 0.05,
    "Awaiting court outcome": 0.04,
    "Action to be taken by another organisation": 0.03,
    "Status update unavailable": 0.03,
    "Formal action is not in the public interest": 0.02,
    "Offender given a caution": 0.01,
}
UNPLACED = 0.03  # rows without coordinates
OUTSIDE = 0.02  # rows at points beyond the force's own square
HEADER = (
    "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,"
    "Crime type,Last outcome category,Context"
)


@dataclass(frozen=True)
class Size:
    """How much there is of everything; a force is a square with its own towns and localities."""

    name: str
    rows: int
    points: int
    forces: int
    small_areas: tuple[int, int]  # columns and rows of each force
    localities: shapes.Localities
    editions: int = 1  # of the localities: 2 doubles them


SIZES = {
    "tiny": Size("tiny", 6_000, 400, 2, (4, 5), shapes.Localities((2, 2), (3, 2), 2, 4, 0)),
    "county": Size(
        "county", 300_000, 12_000, 1, (18, 22), shapes.Localities((4, 2), (5, 5), 12, 14, 0)
    ),
    "national": Size(
        "national",
        18_000_000,
        735_000,
        43,
        (22, 37),
        shapes.Localities((4, 2), (6, 5), 12, 65, 12),
    ),
}


@dataclass(frozen=True)
class Force:
    """A force: its name, the south-west corner of its square, and how much of the whole it has."""

    name: str
    corner: tuple[float, float]
    rows: int
    points: int


def make(size: Size, out: Path) -> None:
    """Write ``out/police``, ``out/localities.gpkg`` and ``out/small_areas.gpkg``; nothing is done
    where they are there already."""
    done = out / "made.json"
    told = json.loads(json.dumps(asdict(size) | {"seed": SEED}))
    if done.exists() and json.loads(done.read_text()) == told:
        return
    out.mkdir(parents=True, exist_ok=True)
    forces = list(_forces(size))
    grounds = [_ground(size, number, force) for number, force in enumerate(forces)]
    pairs = list(zip(forces, grounds, strict=True))
    squares = [shapes.Square(f.corner, SIDE_M, g.towns, g.own) for f, g in pairs]
    rng = np.random.default_rng([SEED, 1])
    small = shapes.small_areas(squares, size.small_areas, rng)
    shapes.write(small, out / "small_areas.gpkg", "small_areas")
    editions = [
        shapes.localities(
            squares, size.localities, number, np.random.default_rng([SEED, 2, number])
        )
        for number in range(size.editions)
    ]
    shapes.write(shapes.stacked(editions), out / "localities.gpkg", "localities")
    homes = shapes.homes(small, np.concatenate([g.east_north for g in grounds]))
    starts = np.cumsum([0, *(len(g.east_north) for g in grounds)])
    with duckdb.connect() as con:
        for number, (force, ground) in enumerate(pairs):
            home = homes[starts[number] : starts[number + 1]]
            _write_force(con, number, force, ground, home, out / "police")
    done.write_text(json.dumps(told))


def _forces(size: Size) -> Iterator[Force]:
    """The forces in rows of seven, the first ones larger."""
    weight = 1 / np.sqrt(np.arange(1, size.forces + 1) + 3)
    weight /= weight.sum()
    rows = np.diff(np.round(np.r_[0, np.cumsum(weight)] * size.rows)).astype(int)
    points = np.diff(np.round(np.r_[0, np.cumsum(weight)] * size.points)).astype(int)
    letters = ascii_lowercase
    for n in range(size.forces):
        corner = (150_000.0 + SIDE_M * (n % 7), 60_000.0 + SIDE_M * (n // 7))
        name = f"invented-{letters[n // 26]}{letters[n % 26]}"
        yield Force(name, corner, int(rows[n]), int(points[n]))


@dataclass(frozen=True)
class Ground:
    """The map points of a force in metres, its own first, and how often each is used."""

    east_north: Floats
    own: Floats  # those inside its square
    weight: Floats  # of its own points; adds up to one
    towns: Floats  # east, north and spread of each town, the largest first


def _ground(size: Size, number: int, force: Force) -> Ground:
    rng = np.random.default_rng([SEED, 3, number])
    count = size.localities.towns
    corner = np.array(force.corner)
    centre = corner + SIDE_M * rng.uniform(0.12, 0.88, (count, 2))
    share = 1 / np.arange(1, count + 1)
    spread = 2_600 * np.sqrt(share)
    towns = np.column_stack([centre, spread])
    beyond = max(1, int(force.points * 0.03))
    own, town = _scattered(rng, force.points - beyond, corner, towns, share / share.sum())
    weight = rng.lognormal(0, 1.2, len(own)) * np.where(town < 0, 0.3, 1.0)
    around = corner + rng.uniform(-8_000, SIDE_M + 8_000, (beyond * 12, 2))
    inside = np.all((around > corner) & (around < corner + SIDE_M), axis=1)
    outside = np.round(around[~inside][:beyond])
    return Ground(np.concatenate([own, outside]), own, weight / weight.sum(), towns)


def _scattered(
    rng: np.random.Generator, wanted: int, corner: Floats, towns: Floats, share: Floats
) -> tuple[Floats, Whole]:
    """Distinct points on whole metres: five in six in towns; and the town of each, -1 for none."""
    many = int(wanted * 1.3) + 50
    town = rng.choice(len(towns), many, p=share)
    town[rng.random(many) < 1 / 6] = -1
    rural = corner + rng.uniform(0, SIDE_M, (many, 2))
    near = towns[town, :2] + rng.standard_normal((many, 2)) * towns[town, 2:]
    found = np.round(np.where(town[:, None] < 0, rural, near))
    kept = np.all((found > corner) & (found < corner + SIDE_M), axis=1)
    found, town = found[kept], town[kept]
    first = np.sort(np.unique(found, axis=0, return_index=True)[1])[:wanted]
    return found[first], town[first]


def _write_force(
    con: duckdb.DuckDBPyConnection,
    number: int,
    force: Force,
    ground: Ground,
    home: Whole,
    out: Path,
) -> None:
    """The force's file for each month."""
    rng = np.random.default_rng([SEED, 4, number])
    n, own, every = force.rows, len(ground.own), len(ground.east_north)
    point = rng.choice(own, n, p=ground.weight)
    point[rng.random(n) < OUTSIDE] = rng.integers(own, every)
    beyond = point >= own
    point[beyond] = rng.integers(own, every, beyond.sum())
    point[rng.random(n) < UNPLACED] = -1
    point[rng.permutation(n)[:every]] = np.arange(every)  # each point is used
    kind = rng.choice(len(TYPES), n, p=_shares(TYPES))
    season = 1 + 0.15 * np.sin(np.arange(36) * np.pi / 6)
    month = np.sort(rng.choice(36, n, p=season / season.sum()))
    outcome = rng.choice(len(OUTCOMES), n, p=_shares(OUTCOMES))
    serial = np.arange(n) + number * 100_000_000
    lon, lat = shapes.degrees(ground.east_north)
    rows = {"serial": serial, "month": month, "point": point, "kind": kind, "outcome": outcome}
    places = {
        "point": np.arange(every),
        "lon": np.round(lon * 1e6).astype(np.int64),
        "lat": np.round(lat * 1e6).astype(np.int64),
        "home": home,
        "street": rng.integers(1, 4_000, every),
    }
    types = {"kind": np.arange(len(TYPES)), "type": np.array(list(TYPES), dtype=object)}
    ends = {"outcome": np.arange(len(OUTCOMES)), "end": np.array(list(OUTCOMES), dtype=object)}
    for name, table in (("rows", rows), ("places", places), ("types", types), ("ends", ends)):
        con.register(f"{name}_seen", table)
        con.execute(f"create or replace table {name} as from {name}_seen")
        con.unregister(f"{name}_seen")
    label = force.name.replace("-", " ").title() + " Police"
    for at, text in enumerate(MONTHS):
        folder = out / text
        folder.mkdir(parents=True, exist_ok=True)
        chosen = con.sql(SELECT, params={"label": label, "month": text, "at": at})
        chosen.write_csv(str(folder / f"{text}-{force.name}-street.csv"), header=True)


SELECT = f"""
select
    case when r.kind <> {ANTI_SOCIAL} then sha256(r.serial::varchar) end as "Crime ID",
    $month as "Month",
    $label as "Reported by",
    $label as "Falls within",
    (p.lon / 1000000)::decimal(9, 6) as "Longitude",
    (p.lat / 1000000)::decimal(9, 6) as "Latitude",
    coalesce('On or near Invented Street ' || p.street, 'No Location') as "Location",
    'X01' || lpad(p.home::varchar, 6, '0') as "LSOA code",
    'Invented ' || p.home as "LSOA name",
    t.type as "Crime type",
    case when r.kind <> {ANTI_SOCIAL} then e.end end as "Last outcome category",
    null as "Context"
from rows as r
left join places as p using (point)
join types as t using (kind)
join ends as e using (outcome)
where r.month = $at
order by r.serial
"""


def _shares(of: dict[str, float]) -> Floats:
    found = np.array(list(of.values()))
    return found / found.sum()


def sized(name: str, rows_times: int = 1, localities_times: int = 1) -> Size:
    """A size by its name, perhaps with more rows, or with more editions of the localities."""
    size = SIZES[name]
    suffix = (f"-rows{rows_times}" if rows_times > 1 else "") + (
        f"-localities{localities_times}" if localities_times > 1 else ""
    )
    return replace(size, name=name + suffix, rows=size.rows * rows_times, editions=localities_times)


def main() -> None:
    """Make one size."""
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("size", choices=SIZES)
    ask.add_argument("--rows-times", type=int, default=1)
    ask.add_argument("--localities-times", type=int, default=1)
    ask.add_argument("--data", type=Path, default=Path("build/bench"))
    told = ask.parse_args()
    size = sized(told.size, told.rows_times, told.localities_times)
    began = time.perf_counter()
    make(size, told.data / size.name)
    print(f"{told.data / size.name}: {time.perf_counter() - began:.1f} s")


if __name__ == "__main__":
    main()
