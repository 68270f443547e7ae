"""Areas from lists of codes: output areas, small areas, wards, authorities, or other localities."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from geo.areas import WHOLE, Kind, Part, nearest_code
from geo.boundaries import BoundaryFaults, faults_of_words, shown

TOLD = 100  # unknown codes that are told one by one; a list of the whole country has thousands
Row = tuple[str, str, str, str]  # where it stands, member, area code, area name


@dataclass(frozen=True)
class Unit:
    """What a list may name: codes of one sort and vintage, each with what it stands for."""

    id: str  # as place.toml says it: oa21, lsoa21, lsoa11, wd24, authority, or a kind
    label: str  # in words, singular
    parts: Mapping[str, Sequence[Part]]  # by code, within reach of the place
    rule: str  # what the ledger says of it
    may_split: bool = False  # part of a small area can be counted, for its people are known
    may_overlap: bool = False  # two codes may stand for the same people
    elsewhere: frozenset[str] = frozenset()  # codes that exist, outside the place


LONGEST = 100_000  # characters of a cell: a quotation mark that is never closed goes on and on


def read_list(path: Path, member: str, code: str, name: str) -> list[Row]:
    """The rows of a CSV list that name anything; BoundaryFaults if it is none."""
    where, mend = path.name, "Save it as CSV UTF-8."
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as why:
        raise BoundaryFaults([f"{where}: it is not in UTF-8 ({why}). {mend}"]) from why
    if "\0" in text:
        raise BoundaryFaults([f"{where}: it is no text. {mend}"])
    rows = csv.DictReader(io.StringIO(text, newline=""))
    try:
        columns = list(rows.fieldnames or [])
        found = [(f"{where}, line {rows.line_num}", row) for row in rows]
        # csv has a limit of its own, but any library may lift it for all
        if any(len(str(cell)) > LONGEST for _, row in found for cell in row.values()):
            raise csv.Error(f"a cell of more than {LONGEST:,} characters")
    except csv.Error as why:
        raise BoundaryFaults([f"{where}: it is not a table ({why}). {mend}"]) from why
    faults, wanted = [], (member, code, name)
    for column in dict.fromkeys(wanted):
        if column not in columns:
            told = ", ".join(columns) or "none"
            faults.append(f"{where}: no column '{column}'. Its columns are {told}.")
        elif columns.count(column) > 1:
            faults.append(
                f"{where}: {columns.count(column)} columns are called '{column}'. Keep one."
            )
    faults += [
        f"{at}: it has more cells than the header. Put a name that has a comma in quotes."
        for at, row in found
        if any(cell.strip() for cell in row.get(None, ()))
    ]
    if faults:
        raise BoundaryFaults(faults)
    cells = [(at, *((row[c] or "").strip() for c in wanted)) for at, row in found]
    return [row for row in cells if any(row[1:])]


def from_list(
    rows: Sequence[Row], unit: Unit, others: Sequence[Unit], where: str, column: str = "area_code"
) -> Kind:
    """The areas of a list of ``unit`` codes; BoundaryFaults for all that is wrong with it.

    ``others`` are the other units, to say what a code is that does not exist in the stated one;
    ``column`` is what the list calls the code of an area.
    """
    kind, faults = Kind(rule=unit.rule), _mixed(rows, unit, others, where)
    members: dict[str, list[str]] = {}
    unknown = 0
    for at, member, area, title in rows:
        known = member in unit.parts
        unknown += not known
        if not known and unknown <= TOLD:
            faults.append(f"{at}: {_unknown(member, unit, others)}")
        if not area:
            faults.append(f"{at}: {member or 'a blank'} has no {column}. Give it one.")
            continue
        if title and kind.names.setdefault(area, title) != title:
            faults.append(
                f"{at}: two areas have the code {area}: '{kind.names[area]}' and '{title}'."
                " Give each area its own code."
            )
        if member in members.setdefault(area, []):
            faults.append(f"{at}: {member} stands twice in {area}. Take one out.")
        elif known:
            members[area].append(member)
    if unknown > TOLD:
        faults.append(f"{where}: {unknown - TOLD} more of its codes are no {unit.label}.")
    kind.names = {area: kind.names.get(area, area) for area in members}
    labels = [shown(area) for area in kind.names]
    faults += faults_of_words("code", kind.names.keys(), labels, where)
    faults += faults_of_words("name", kind.names.values(), labels, where)
    if not faults and not members:
        faults.append(f"{where}: it lists no {unit.label}. Fill it, or take the file away.")
    for area, listed in members.items():
        kind.parts[area] = _together(listed, unit)
        if unit.may_overlap:
            faults += _overlap_faults(area, listed, unit, where)
        if not unit.may_split:
            faults += _split_faults(area, kind.parts[area], listed, unit, where)
    if faults:
        raise BoundaryFaults(faults)
    if unit.may_split and all(p.people == 1.0 for parts in kind.parts.values() for p in parts):
        kind.rule = Kind.rule
    return kind


def _together(listed: Sequence[str], unit: Unit) -> list[Part]:
    """What the members of one area add up to, by small area; a whole one is exactly one."""
    sums: dict[str, list[float]] = {}
    for code in listed:
        for part in unit.parts[code]:
            held = sums.setdefault(part.small_area, [0.0, 0.0, 0.0])
            for i, share in enumerate(part[1:]):
                held[i] += share
    return [Part(c, *(1.0 if s > WHOLE else s for s in held)) for c, held in sorted(sums.items())]


def _overlap_faults(area: str, listed: Sequence[str], unit: Unit, where: str) -> Iterator[str]:
    """Small areas that two listed localities count in part: perhaps the same people."""
    holders: dict[str, list[str]] = {}
    partly = set()
    for code in listed:
        for part in unit.parts[code]:
            holders.setdefault(part.small_area, []).append(code)
            if part.people < WHOLE:
                partly.add(part.small_area)
    for small_area in sorted(partly):
        if len(both := holders[small_area]) > 1:
            yield (
                f"{where}: {' and '.join(both)} of {area} each count part of {small_area}, perhaps"
                f" the same people. List what {area} is made of by output areas."
            )


def _split_faults(
    area: str, parts: Sequence[Part], listed: Sequence[str], unit: Unit, where: str
) -> Iterator[str]:
    """Small areas of which the list names one half only, where nothing says how many live there."""
    for part in parts:
        if part.people > WHOLE:
            continue
        makers = sorted(
            c for c, made in unit.parts.items() if part.small_area in {p[0] for p in made}
        )
        held = [m for m in makers if m in listed]
        lacking = [m for m in makers if m not in listed]
        yield (
            f"{where}: {' and '.join(held)} of {area} became {part.small_area} together with"
            f" {' and '.join(lacking)}, which the area does not list. List {part.small_area} or"
            ' not, with of = "lsoa21".'
        )


def _mixed(rows: Sequence[Row], unit: Unit, others: Sequence[Unit], where: str) -> list[str]:
    """A sentence if some codes are of one unit only and others of another."""
    codes = {member for _, member, _, _ in rows}
    ours = {c for c in codes if c in unit.parts}
    for other in others:
        theirs = {c for c in codes - ours if c in other.parts}
        if theirs and ours <= set(other.parts):
            return [
                f"{where}: its codes are those of a {other.label}, but the list is declared to be"
                f' of = "{unit.id}". Write of = "{other.id}".'
            ]
        if theirs:
            return [
                f"{where}: it mixes codes of a {unit.label} ({len(ours)}) and of a {other.label}"
                f" ({len(theirs)}). Bring all of them to one."
            ]
    return []


def _unknown(member: str, unit: Unit, others: Sequence[Unit]) -> str:
    """What is wrong with a code that the unit does not have, and what was likely meant."""
    if member in unit.elsewhere:
        return f"{member} is a {unit.label} outside the place. Take it out."
    for other in others:
        if member in other.parts:
            stands_for = " and ".join(p.small_area for p in other.parts[member][:6])
            became = f"; in 2021 it is {stands_for}" if other.id == "lsoa11" else ""
            return f"{member} is a {other.label}, not a {unit.label}{became}."
        if member in other.elsewhere:
            return f"{member} is a {other.label} outside the place. Take it out."
    close = nearest_code(member, unit.parts)
    meant = f" Did you mean {close}?" if close else ""
    return f"{member or 'a blank'} is not a {unit.label} of the place.{meant}"
