"""The kinds of locality of a place, read from its files, lists and rules in the editions asked for.

The hall's errand to the geography room: `geo` knows shapes and codes, this knows the catalogue
and the warehouse.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows.entries import Book
from flows.places import AreaKind, Edition, Membership, Rule, in_force
from flows.snapshots import Snapshot, Store
from geo import areas, boundaries, lists, rules

if TYPE_CHECKING:
    import duckdb
    import geopandas as gpd

INVENTED = " (invented)"


@dataclass(frozen=True)
class Chosen:
    """An edition of a kind that a refresh uses, for the periods that end within its days."""

    kind: AreaKind
    edition: Edition
    first: date
    last: date
    added: bool = False  # by --areas

    @property
    def key(self) -> str:
        return self.kind.key(self.edition)


def choose(book: Book, boundaries_of: str, today: date) -> tuple[list[Chosen], list[str]]:
    """The editions that a refresh uses (see ``places.in_force``), and a sentence for each kind that
    has none in force."""
    chosen, told = [], []
    for kind in book.place.area_kinds:
        found = in_force(kind, boundaries_of, today)
        chosen += [Chosen(kind, *one, added=kind.id in book.added) for one in found]
        day = today.isoformat() if boundaries_of == "today" else boundaries_of
        if not found:
            told.append(f"{kind.label}: no edition is in force on {day}.")
        elif boundaries_of == "period" and found[0][1] != date.min:
            told.append(f"{kind.label}: no edition is in force before {found[0][1]}: no figures.")
    return chosen, told


@dataclass(frozen=True)
class Ground:
    """What areas can be made of: the small areas within reach of the place, and the units that
    lists may name.

    ``rows`` are those of ``core.small_areas`` in reach, ``shapes`` their polygons by code.
    """

    rows: list[dict[str, Any]]
    units: list[lists.Unit]
    shapes: gpd.GeoDataFrame | None

    @property
    def in_place(self) -> list[dict[str, Any]]:
        return [row for row in self.rows if row["in_place"]]

    def own(self) -> Ground:
        """The ground of the place alone, of which its own kinds are made."""
        inside = {row["small_area_code"] for row in self.in_place}
        if len(inside) == len(self.rows):
            return self
        units = []
        for unit in self.units:
            fit = {c: ps for c, ps in unit.parts.items() if all(p.small_area in inside for p in ps)}
            if fit:
                beyond = unit.elsewhere | (unit.parts.keys() - fit.keys())
                units.append(replace(unit, parts=fit, elsewhere=beyond))
        return Ground(self.in_place, units, self.shapes)


def ground(con: duckdb.DuckDBPyConnection, shapes: gpd.GeoDataFrame | None) -> Ground:
    """Read it from ``core.small_areas``, ``core.small_area_changes`` and
    ``core.output_area_shares``."""
    found = con.sql("from core.small_areas where in_reach")
    rows = [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]
    reach = {row["small_area_code"] for row in rows}
    every = con.sql("select small_area_code from core.small_areas").fetchall()
    elsewhere = frozenset(code for (code,) in every) - reach
    small = lists.Unit(
        "lsoa21",
        "2021 small area",
        {code: [areas.Part(code)] for code in sorted(reach)},
        areas.EXACT,
        elsewhere=elsewhere,
    )
    authorities = lists.Unit(
        "authority", "local authority", _gathered(rows, "authority_code"), areas.EXACT
    )
    units = [small, _of_2011(con, reach), authorities, _output_areas(con, reach)]
    for year in sorted({row["ward_year"] for row in rows if row["ward_year"]}):
        wards = _gathered([r for r in rows if r["ward_year"] == year], "ward_code")
        units.append(lists.Unit(f"wd{year}", f"ward of 20{year}", wards, "best fit of wards"))
    return Ground(rows, [u for u in units if u.parts], shapes)


def _gathered(rows: Iterable[Mapping[str, Any]], column: str) -> dict[str, list[areas.Part]]:
    found: dict[str, list[areas.Part]] = {}
    for row in rows:
        if row[column]:
            found.setdefault(row[column], []).append(areas.Part(row["small_area_code"]))
    return found


def _of_2011(con: duckdb.DuckDBPyConnection, reach: set[str]) -> lists.Unit:
    """2011 small areas by the exact lookup; of one made from several, each is an equal part."""
    pairs = con.sql(
        "select code_2011, code_2021, 1 / count(*) over (partition by code_2021) as share"
        " from core.small_area_changes order by all"
    ).fetchall()
    parts: dict[str, list[areas.Part]] = {}
    for old, new, share in pairs:
        if new in reach:
            parts.setdefault(old, []).append(areas.Part(new, share, share, share))
    rule, elsewhere = "exact membership by the 2011 lookup", frozenset(p[0] for p in pairs)
    return lists.Unit("lsoa11", "2011 small area", parts, rule, elsewhere=elsewhere - parts.keys())


def _output_areas(con: duckdb.DuckDBPyConnection, reach: set[str]) -> lists.Unit:
    every = con.sql("from core.output_area_shares").fetchall()
    parts = {code: [areas.Part(*part)] for code, *part in every if part[0] in reach}
    elsewhere = frozenset(code for code, *_ in every) - parts.keys()
    rule = "population share of output areas"
    return lists.Unit("oa21", "2021 output area", parts, rule, may_split=True, elsewhere=elsewhere)


def read_kinds(
    book: Book,
    store: Store,
    files: Mapping[str, Snapshot],
    chosen: Iterable[Chosen],
    base: Ground,
) -> tuple[list[areas.Kind], list[str], list[str]]:
    """Every kind that can be made; a sentence for each that cannot; all faults."""
    made: list[areas.Kind] = []
    absent, faults = [], []
    known = {row["small_area_code"]: row["small_area_name"] or "" for row in base.in_place}
    own = base.own()
    for one in chosen:
        spec, snapshot = one.edition, files.get(one.key)
        named = f"{one.kind.label} ({spec.id})" if spec.id else one.kind.label
        if spec.file and snapshot is None:
            told = f" {spec.where_to_put}" if spec.where_to_put else ""
            absent.append(f"{named}: no file {spec.file} in hand.{told}")
            continue
        path = store.path(snapshot) if snapshot else None
        where = snapshot.url if snapshot else f"area_kind '{one.kind.id}'"
        try:
            kind = _read(one, path, where, book, base if one.added else own, made)
        except rules.Lacking as why:
            absent.append(f"{named}: {why}")
            continue
        except boundaries.BoundaryFaults as why:
            faults += [_told(fault, where, path, one.kind.id) for fault in why.faults]
            continue
        kind.id, kind.edition, kind.partition = one.kind.id, spec.id, one.kind.partition
        if book.place.invented:
            kind.names = {c: n.removesuffix(INVENTED) + INVENTED for c, n in kind.names.items()}
        if kind.partition and kind.polygons is None:
            faults += areas.partition_faults(kind, known, where)
        if split := kind.splits():
            kind.remarks.append(
                f"small areas counted in part: {len(split)}. Their crimes and sales are counted"
                " where most of their residents are."
            )
        absent += [f"{named}: {remark}" for remark in kind.remarks]
        made.append(kind)
    return made, absent, faults


def _told(fault: str, where: str, path: Path | None, kind: str) -> str:
    """A fault with the file or entry that an officer knows, for she never sees our copy of it."""
    if path is not None:
        return fault.replace(path.name, f"{where} ({kind})")
    return fault if where in fault else f"{where}: {fault}"


def _read(
    one: Chosen, path: Path | None, where: str, book: Book, base: Ground, made: list[areas.Kind]
) -> areas.Kind:
    spec = one.edition
    if spec.rule:
        return _by_rule(spec.rule, book, base)
    if spec.membership:
        return _by_list(spec.membership, path, where, base, made)
    if spec.polygons is None or path is None:
        raise ValueError(f"area kind {one.key} has no definition")
    p = spec.polygons
    read = boundaries.read_polygons(path, p.code, p.name, p.layer)
    names = dict(zip(read["area_code"], read["area_name"], strict=True))
    return areas.Kind(names=names, polygons=read, assign=p.assign)


def _by_rule(rule: Rule, book: Book, base: Ground) -> areas.Kind:
    found, remarks = rules.choose(base.in_place, rule.where)
    if rule.group_by == "adjoining":
        if base.shapes is None:
            raise rules.Lacking("no boundaries of small areas are in hand, to see which adjoin.")
        kind = rules.adjoining(found, base.shapes, rule.code, rule.names)
    else:
        place = (book.place.code, book.place.name)
        kind = rules.from_rule(found, place, rule.group_by, rule.code, rule.name)
    kind.remarks = remarks
    return kind


def _by_list(
    spec: Membership, path: Path | None, where: str, base: Ground, made: list[areas.Kind]
) -> areas.Kind:
    editions = [k for k in made if k.id == spec.of]
    if len(editions) > 1:
        raise boundaries.BoundaryFaults(
            [
                f'of = "{spec.of}": it has several editions here. Give this kind editions of its'
                " own, or use the boundaries of one day."
            ]
        )
    other = editions[0] if editions else None
    units = list(base.units)
    if other is not None:
        units.append(
            lists.Unit(
                other.id,
                other.id,
                _parts(other),
                other.rule,
                may_split=True,
                may_overlap=not other.partition,
            )
        )
    unit = next((u for u in units if u.id == spec.of), None)
    if unit is None:
        known = ", ".join([*(u.id for u in units), *(k.id for k in made)])
        raise boundaries.BoundaryFaults(
            [f'of = "{spec.of}": no codes of it are in hand. Known here: {known}.']
        )
    if path is not None:
        rows = lists.read_list(path, spec.member_column, spec.code, spec.name)
        where = path.name
    else:
        rows = [(where, m, area.code, area.name) for area in spec.areas for m in area.members]
    others = [u for u in units if u is not unit]
    kind = lists.from_list(rows, unit, others, where, spec.code)
    if other is not None and other.polygons is not None:
        kind.polygons = _joined(other.polygons, rows, kind.names)
        kind.assign = other.assign
    return kind


def _parts(kind: areas.Kind) -> dict[str, list[areas.Part]]:
    """What each area of a kind stands for in a list; areas with polygons stand for their shapes."""
    return kind.parts if kind.polygons is None else {code: [] for code in kind.names}


def _joined(
    polygons: gpd.GeoDataFrame, rows: Iterable[lists.Row], names: dict[str, str]
) -> gpd.GeoDataFrame:
    """The polygons of listed areas, put together by the area that lists them."""
    members: dict[str, list[str]] = {}
    for _, member, area, _ in rows:
        members.setdefault(area, []).append(member)
    return areas.put_together(members, names, polygons)
