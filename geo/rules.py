"""Areas by rule: small areas chosen by what is known of them, and gathered."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import shapely

from geo.areas import Kind, Part
from geo.boundaries import BoundaryFaults

if TYPE_CHECKING:
    import geopandas as gpd

# What a rule may ask about, and the column of core.small_areas that answers.
FIELDS = {
    "ruc21": "rural_urban_class",
    "rural_or_urban": "rural_or_urban",
    "imd_decile": "imd_decile",
    "authority": "authority_code",
    "ward": "ward_code",
}
COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
    "=": operator.eq,
}
NUMBERS = {"imd_decile"}  # all others are words, which have no order
WORD = r"""(?:'[^']*'|"[^"]*"|[^\s,()<>='"]+)"""
CONDITION = rf"(\w+)\s*(<=|>=|<|>|=|\bin\b)\s*({WORD}|\(\s*{WORD}(?:\s*,\s*{WORD})*\s*\))"
SHARED_EDGE_M = 1.0  # small areas that meet in a point only do not adjoin
Row = Mapping[str, Any]


class Lacking(Exception):
    """No file in hand says what a rule asks about."""


class Condition(NamedTuple):
    field: str
    holds: Callable[[Any], bool]
    text: str


def read_where(where: str) -> list[Condition]:
    """The conditions of a rule: ``imd_decile <= 2 and ruc21 in (UN1, UF1)``; BoundaryFaults if it
    cannot be read."""
    found, faults = [], []
    for text in re.split(r"\s+and\s+", where.strip()) if where.strip() else []:
        match = re.fullmatch(CONDITION, text)
        if match is None or (match[3].startswith("(") and match[2] != "in"):
            faults.append(
                f"where: '{text}' is not a condition. Write one like imd_decile <= 2 or"
                " ruc21 in (UN1, UF1)."
            )
            continue
        name, sign = match[1], match[2]
        words = [w.strip("'\"") for w in re.findall(WORD, match[3])]
        if name not in FIELDS:
            faults.append(f"where: '{name}' is not known. Known: {', '.join(FIELDS)}.")
        elif name in NUMBERS and not all(re.fullmatch(r"-?\d+(\.\d+)?", w) for w in words):
            faults.append(f"where: '{text}': {match[3]} is no number.")
        elif name not in NUMBERS and sign not in ("=", "in"):
            faults.append(f"where: '{text}': {name} has no order. Write {name} in (...).")
        else:
            found.append(Condition(name, _holds(name, sign, words), text))
    if faults:
        raise BoundaryFaults(faults)
    return found


def _holds(name: str, sign: str, words: list[str]) -> Callable[[Any], bool]:
    if name not in NUMBERS:
        return lambda known: str(known) in words
    numbers = [float(w) for w in words]
    if sign == "in":
        return lambda known: float(known) in numbers
    return lambda known: COMPARE[sign](float(known), numbers[0])


def choose(small_areas: Iterable[Row], where: str) -> tuple[list[Row], list[str]]:
    """The small areas for which every condition holds, and a remark for each condition that cannot
    be told of some, or that holds for none.

    Lacking if a condition asks for what no small area has.
    """
    every = list(small_areas)
    rows, remarks = every, []
    for field, holds, text in read_where(where):
        column = FIELDS[field]
        if every and all(_blank(r[column]) for r in every):
            raise Lacking(f"no file in hand says the {field} of any small area.")
        known = [r for r in rows if not _blank(r[column])]
        if len(known) < len(rows):
            remarks.append(f"{len(rows) - len(known)} small areas have no {field}: left out.")
        rows = [r for r in known if holds(r[column])]
        if known and not rows:
            remarks.append(f"no small area is left by '{text}'.")
    return rows, remarks


def _blank(value: Any) -> bool:
    return value is None or value != value or value == ""


def from_rule(
    chosen: Sequence[Row], place: tuple[str, str], group_by: str, code: str, name: str
) -> Kind:
    """Areas from chosen small areas, by authority or all in one; in ``code`` and ``name`` the
    words ``{group}`` stand for the authority's or the place's own. BoundaryFaults if several
    would have one code."""
    kind = Kind()
    groups = {row["authority_code"] for row in chosen} if group_by == "authority" else {place}
    if faults := _faults_of_code(code, len(groups)):
        raise BoundaryFaults(faults)
    for row in chosen:
        group = place if group_by == "place" else (row["authority_code"], row["authority_name"])
        area = code.replace("{group}", group[0])
        kind.names[area] = name.replace("{group}", group[1] or group[0])
        kind.parts.setdefault(area, []).append(Part(row["small_area_code"]))
    return kind


def _faults_of_code(code: str, groups: int) -> list[str]:
    """A sentence if several groups would have one code."""
    if groups > 1 and "{group}" not in code:
        return [f"code: '{code}' would be the code of {groups} areas. Put {{group}} into it."]
    return []


def adjoining(
    chosen: Sequence[Row], shapes: gpd.GeoDataFrame, code: str, names: Mapping[str, str]
) -> Kind:
    """Chosen small areas that share an edge, joined into areas.

    A group's code is its lowest small area's, put into ``code`` for ``{group}``; its name is what
    ``names`` gives to any one of its small areas, else its first small area's. BoundaryFaults if
    names do not fit, or if several groups would have one code.
    """
    title = {r["small_area_code"]: r["small_area_name"] for r in chosen}
    title = {code: code if _blank(name) else name for code, name in title.items()}
    ours = shapes[shapes["area_code"].isin(title)].sort_values("area_code")
    codes, polygons = ours["area_code"].tolist(), ours.geometry.to_numpy()
    groups = _connected(len(codes), *_neighbours(polygons))
    faults = _faults_of_code(code, len(groups)) + [
        f"names: {c} is not among the small areas chosen by the rule. Take it out, or name another"
        " of its group."
        for c in sorted(set(names) - set(codes))
    ]
    kind = Kind()
    for group in groups:
        members = [codes[i] for i in group]
        given = sorted({names[m] for m in members if m in names})
        if len(given) > 1:
            faults.append(f"names: {' and '.join(given)} name one and the same group. Keep one.")
        area = code.replace("{group}", members[0])
        more = f" and {len(members) - 1} adjoining" if len(members) > 1 else ""
        kind.names[area] = given[0] if given else f"{title[members[0]]}{more}"
        kind.parts[area] = [Part(m) for m in members]
    if faults:
        raise BoundaryFaults(faults)
    return kind


def _neighbours(polygons: Any) -> tuple[Any, Any]:
    """Index pairs of polygons that share more than a point of their edges."""
    one, other = shapely.STRtree(polygons).query(polygons, predicate="intersects")
    one, other = one[one < other], other[one < other]
    edges = shapely.boundary(polygons)
    shared = shapely.length(shapely.intersection(edges[one], edges[other])) >= SHARED_EDGE_M
    return one[shared], other[shared]


def _connected(count: int, one: Any, other: Any) -> list[list[int]]:
    """Groups of indices that pairs connect, each sorted, by their first."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    pairs = coo_matrix((np.ones(len(one)), (one, other)), shape=(count, count))
    _, label = connected_components(pairs, directed=False)
    groups: dict[int, list[int]] = {}
    for i, group in enumerate(label):
        groups.setdefault(int(group), []).append(i)
    return list(groups.values())
