"""What moved, counted and told: a ``changes.csv`` in a few lines that an officer can read."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from flows.causes import CAUSES
from flows.figures import many, plain, spoken, valued

CHANGES = ("new", "revised", "withdrawn", "now withheld", "now shown", "marker changed")
LARGEST = 10
OF_ONE = 3  # of one indicator: a method that moved all of its cells is not to hide the rest
UNITS_DIFFER = " (before: "  # so ``changes.sql`` writes a unit that is not the one it was
SHOWN = 12  # lines of themes on the command line


@dataclass(frozen=True)
class OfTheme:
    """How many cells of a theme became what, for one reason."""

    theme: str
    change: str
    why: str
    cells: int


@dataclass(frozen=True)
class Move:
    """A figure that has a value in both releases."""

    indicator_id: str
    indicator: str
    area_kind: str
    area_code: str
    area_name: str
    edition: str
    period: str
    before: float
    after: float
    unit: str
    why: str

    @property
    def size(self) -> float:
        """How far it moved, relative to what it was; from nothing it counts as doubled."""
        return abs(self.after - self.before) / abs(self.before) if self.before else 1.0


@dataclass(frozen=True)
class Moves:
    """What moved between two releases. ``counts`` and ``causes`` have every word, also with none;
    a cell of several themes counts in each of ``by_theme`` and once in all the rest, one that
    several causes moved under each of ``causes``."""

    cells: int
    counts: dict[str, int]
    causes: dict[str, int]
    by_theme: list[OfTheme]
    largest: list[Move]

    def told(self) -> dict[str, Any]:
        """The same for JSON."""
        return asdict(self)


def of(path: Path, bare: Collection[str] = (), most: int = LARGEST) -> Moves:
    """What a changes.csv says; nothing, where there is none. ``bare``: the indicators that count
    crimes, which are never among the largest moves, for their rates do not stand beside them.
    Of one indicator and locality the largest tell the one period that moved most."""
    counts, reasons, themes = Counter[str](), Counter[str](), Counter[tuple[str, str, str]]()
    largest: dict[tuple[str, ...], Move] = {}
    for row in read(path):
        counts[row["change"]] += 1
        reasons.update(causes_of(row["why"]))
        themes.update((t, row["change"], row["why"]) for t in row["theme"].split("; "))
        move = _move(row)
        if move and move.indicator_id not in bare:
            key = (move.indicator_id, move.area_kind, move.area_code)
            largest[key] = min(largest.get(key, move), move, key=_rank)
    return Moves(
        cells=counts.total(),
        counts={change: counts[change] for change in CHANGES},
        causes={cause: reasons[cause] for cause in CAUSES},
        by_theme=[OfTheme(*key, cells) for key, cells in sorted(themes.items(), key=_themes_first)],
        largest=list(islice(_varied(sorted(largest.values(), key=_rank)), most)),
    )


def _varied(ranked: Iterable[Move]) -> Iterator[Move]:
    """The same, but of each indicator the first few."""
    shown = Counter[str]()
    for move in ranked:
        shown[move.indicator_id] += 1
        if shown[move.indicator_id] <= OF_ONE:
            yield move


def read(path: Path) -> Iterator[dict[str, str]]:
    """The rows of a changes.csv."""
    if path.exists():
        with path.open(encoding="utf-8", newline="") as lines:
            yield from csv.DictReader(lines)


def causes_of(why: str) -> list[str]:
    """What moved a cell, in the words of ``CAUSES``."""
    return [cause for cause in CAUSES if f"; {cause}" in f"; {why}"]


def sentences(moves: Moves) -> Iterator[str]:
    """For the command line: how many cells moved, by change, cause and theme, and the largest."""
    if not moves.cells:
        yield "No cell moved."
        return
    yield f"{many(moves.cells, 'cell')} moved: {_listed(moves.counts)}."
    yield f"What moved them: {_listed(moves.causes)}."
    for row in moves.by_theme[:SHOWN]:
        yield f"  {row.theme}, {row.change}: {many(row.cells, 'cell')} ({row.why})"
    if (more := len(moves.by_theme) - SHOWN) > 0:
        yield f"  and {many(more, 'line')} more"
    if moves.largest:
        yield "The largest moves:"
    yield from (f"  {sentence(move)}" for move in moves.largest)


def sentence(move: Move) -> str:
    """A move as one says it."""
    return (
        f"{move.indicator}, {plain(move.area_name)}, {spoken(move.period)}:"
        f" {valued(move.after, move.unit)}, before {valued(move.before, move.unit)} ({move.why})"
    )


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {word}" for word, count in counts.items() if count)


def _move(row: Mapping[str, str]) -> Move | None:
    """A row that has both its values, in one unit."""
    told = row["value_before"] and row["value_after"]
    if not told or UNITS_DIFFER in row["unit"] or row["value_before"] == row["value_after"]:
        return None
    names = ("indicator_id", "indicator", "area_kind", "area_code", "area_name", "edition")
    return Move(
        **{name: row[name] for name in (*names, "period", "unit", "why")},
        before=float(row["value_before"]),
        after=float(row["value_after"]),
    )


def _rank(move: Move) -> tuple[Any, ...]:
    """The largest first; the rest is to have an order."""
    key = (move.indicator_id, move.area_kind, move.area_code, move.edition, move.period)
    return (-move.size, -abs(move.after - move.before), *key)


def _themes_first(item: tuple[tuple[str, str, str], int]) -> tuple[Any, ...]:
    """By theme, then in the order of the changes, the most cells first."""
    (theme, change, why), cells = item
    at = CHANGES.index(change) if change in CHANGES else len(CHANGES)
    return (theme, at, -cells, why)
