"""The door of the geography room: what an area is, and what keeps areas from being a partition.

An area comes from polygons (``boundaries``), from a list of codes (``lists``) or from a rule on
small areas (``rules``). Whatever is wrong with them is found in one pass and raised together
(:class:`geo.boundaries.BoundaryFaults`).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from geo.polygons import METRES

if TYPE_CHECKING:
    import geopandas as gpd

WHOLE = 1 - 1e-9  # shares are added up in floating point
EXACT = "exact membership"


class Part(NamedTuple):
    """A small area, and the shares of its people, households and children that are counted."""

    small_area: str
    people: float = 1.0
    households: float = 1.0
    children: float = 1.0


@dataclass
class Kind:
    """The areas of one edition of a kind: names by code, and what each is made of: parts of small
    areas, or polygons of its own."""

    id: str = ""
    edition: str = ""
    names: dict[str, str] = field(default_factory=dict)
    parts: dict[str, list[Part]] = field(default_factory=dict)
    polygons: gpd.GeoDataFrame | None = None  # columns area_code, area_name, geometry in EPSG:27700
    assign: str = "centroid"  # how small areas fall into polygons
    notes: dict[str, str] = field(default_factory=dict)  # what to know of an area, by code
    rule: str = EXACT  # how parts were given to areas, in words
    partition: bool = False  # every part of the place lies in exactly one area
    remarks: list[str] = field(default_factory=list)  # what was left out, a sentence each

    def bricks(self) -> dict[str, list[str]]:
        """The small areas that each area takes whole: those of which most people are in it; in a
        partition the one area with the largest share takes it, of equals the lowest code.

        A crime or a sale is known by its small area only, so that it cannot be shared out.
        """
        best: dict[str, tuple[float, str]] = {}
        for code, parts in sorted(self.parts.items()):
            for part in parts:
                if part.people > best.get(part.small_area, (0.0, ""))[0]:
                    best[part.small_area] = (part.people, code)
        return {
            code: sorted(
                p.small_area
                for p in parts
                if p.people > 0.5 or (self.partition and best[p.small_area][1] == code)
            )
            for code, parts in self.parts.items()
        }

    def splits(self) -> set[str]:
        """The small areas that are counted in part."""
        return {p.small_area for parts in self.parts.values() for p in parts if p.people < WHOLE}


def nearest_code(code: str, known: Iterable[str]) -> str:
    """The known code likely meant, letters read as the digits they look like; or nothing."""
    known = set(known)
    read = code[:1].upper() + code[1:].translate(str.maketrans("OoIlSsBZz", "001155822"))
    if read in known:
        return read
    near = (
        difflib.get_close_matches(c, sorted(known), n=1, cutoff=0.8)
        for c in dict.fromkeys((read, code))
    )
    return next((found[0] for found in near if found), "")


def partition_faults(kind: Kind, small_areas: Mapping[str, str], where: str) -> list[str]:
    """What keeps a kind from being a partition: small areas in two of its areas, or in none."""
    homes: dict[str, list[str]] = {}
    counted: dict[str, float] = {}
    for code, parts in kind.parts.items():
        for part in parts:
            homes.setdefault(part.small_area, []).append(code)
            counted[part.small_area] = counted.get(part.small_area, 0.0) + part.people
    faults = [
        f"{where}: {member} is in {' and '.join(homes[member])}, but {kind.id} is declared a"
        " partition. Keep it in one."
        for member, share in sorted(counted.items())
        if share > 2 - WHOLE
    ]
    faults += [
        f"{where}: only {min(share, 0.99):.0%} of the people of {member} are in a {kind.id}, but"
        " it is declared a partition. List what lacks."
        for member, share in sorted(counted.items())
        if share < WHOLE
    ]
    out = sorted(set(small_areas) - set(homes))
    if out:
        shown = ", ".join(out[:5]) + (", ..." if len(out) > 5 else "")
        faults.append(
            f"{where}: {len(out)} small areas are in no {kind.id} ({shown}), but it is declared a"
            " partition. Add them to the list, or take out partition = true."
        )
    return faults


def shapes(kind: Kind, small_areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """A polygon for each area of a kind in EPSG:27700: its own, or its small areas put together."""
    if kind.polygons is not None:
        return kind.polygons
    return put_together(kind.bricks(), kind.names, small_areas)


def put_together(
    bricks: Mapping[str, list[str]], names: Mapping[str, str], small_areas: gpd.GeoDataFrame
) -> gpd.GeoDataFrame:
    """A polygon for each area from its small areas (``area_code``, ``geometry``), by code."""
    import geopandas as gpd

    home = [(m, code) for code, members in bricks.items() for m in members]
    codes = dict(zip(small_areas["area_code"], small_areas.geometry, strict=True))
    frame = gpd.GeoDataFrame(
        {"area_code": [code for _, code in home]},
        geometry=[codes[member] for member, _ in home],
        crs=METRES,
    )
    joined = frame.dissolve("area_code", sort=True, method="unary").reset_index()
    joined["area_name"] = joined["area_code"].map(names)
    return joined[["area_code", "area_name", "geometry"]]
