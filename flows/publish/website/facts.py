"""A release laid out for pages: each cell at hand by its address, each locality with its page."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from flows.entries import Indicator
from flows.figures import plain
from flows.publish.released import Released
from flows.publish.website.series import Cell, Key, Series, breaks, every, records

if TYPE_CHECKING:
    pass

WHOLE = "place"
SAFE = re.compile(r"[A-Za-z0-9-]+")


@dataclass(frozen=True)
class Locality:
    """A locality with a page of its own: ``slug`` is the page's file name without its ending."""

    kind: str
    code: str
    name: str
    slug: str
    parent: str = ""

    @property
    def key(self) -> tuple[str, str]:
        return self.kind, self.code


@dataclass
class Facts:
    """What pages ask a release: ``newest`` and ``series`` by indicator, kind and code."""

    released: Released
    newest: dict[Key, Cell] = field(default_factory=dict)
    series: dict[Key, Series] = field(default_factory=dict)
    localities: dict[tuple[str, str], Locality] = field(default_factory=dict)
    editions: dict[tuple[str, str], str | None] = field(default_factory=dict)  # newest figures'
    rows_made: dict[Key, dict[str, Any]] = field(default_factory=dict)  # as tables show them

    @cached_property
    def indicators(self) -> dict[str, Indicator]:
        return self.released.indicators

    @cached_property
    def kinds(self) -> dict[str, str]:
        """The kinds of locality that have pages, in the place's order, the whole place last."""
        there = {kind for kind, _ in self.localities}
        named = {k.id: k.label for k in self.released.book.place.area_kinds if k.id in there}
        last = {WHOLE: named.pop(WHOLE)} if WHOLE in named else {}
        return named | last

    @cached_property
    def below(self) -> dict[str, str]:
        """The kinds below the whole place."""
        return {k: label for k, label in self.kinds.items() if k != WHOLE}

    @property
    def groups(self) -> list[tuple[str, str, list[Locality]]]:
        """Each kind, what it is called, and its localities."""
        return [(kind, label, self.of_kind(kind)) for kind, label in self.kinds.items()]

    @cached_property
    def whole(self) -> Locality | None:
        return next((one for one in self.localities.values() if one.kind == WHOLE), None)

    def of_kind(self, kind: str) -> list[Locality]:
        """The localities of a kind by name."""
        ours = [one for one in self.localities.values() if one.kind == kind]
        return sorted(ours, key=lambda one: (one.name, one.code))

    def row(self, indicator: str, locality: Locality) -> Cell | None:
        return self.newest.get((indicator, *locality.key))

    def rows(self, indicator: str, kind: str) -> list[Cell]:
        """The newest cells of an indicator in a kind, highest first, those without a value last."""
        found = [self.newest.get((indicator, *one.key)) for one in self.of_kind(kind)]
        there = [cell for cell in found if cell]
        return sorted(there, key=lambda c: (c["value"] is None, -(c["value"] or 0), c["area_name"]))

    def findings(self, cells: Iterable[Cell | None], most: int, each: int, by: str) -> list[Cell]:
        """The cells whose difference from the whole place stands among all comparisons: first
        those above it, then those below, half of ``most`` of either; the clearest, those that
        have a good end before others, and not more than ``each`` with the same ``by``."""
        told = [c for c in cells if c and c["compared_adjusted"] not in (None, "similar")]
        told.sort(key=lambda c: (c["polarity"] != "neither", *_clearness(c)), reverse=True)
        sides: tuple[list[Cell], list[Cell]] = ([], [])
        seen: Counter[str] = Counter()
        for cell in told:
            below = bool(cell["value"] < cell["comparator_value"])
            seen[cell[by]] += 1
            if seen[cell[by]] <= each:
                sides[below].append(cell)
        above = max(most // 2, most - len(sides[1]))
        kept = sides[0][:above]
        return [*kept, *sides[1][: most - len(kept)]]

    def residents(self, locality: Locality) -> Cell | None:
        """A cell whose denominator is all residents of a locality."""
        for indicator in self.indicators.values():
            if indicator.denominator_source == "population" and (
                indicator.denominator_measure == "all_ages"
            ):
                cell = self.row(indicator.id, locality)
                if cell and cell["denominator"] is not None and indicator.source == "population":
                    return cell
        return None

    def companion(self, indicator: Indicator) -> Indicator | None:
        """The rate of what an indicator counts, if it counts crimes."""
        return self.indicators.get(self.released.book.bare_counts.get(indicator.id, ""))

    def counts_crimes(self, indicator: Indicator) -> bool:
        """Whether its figure is a bare number of crimes."""
        return indicator.id in self.released.book.bare_counts

    @cached_property
    def changes(self) -> list[Cell]:
        """What moved since the release before, but for bare numbers of crimes, beside which no
        rate would stand: these are in changes.csv."""
        moved = records(self.released.changes)
        return [row for row in moved if row["indicator_id"] not in self.released.book.bare_counts]

    @cached_property
    def gaps(self) -> dict[str, list[Cell]]:
        """The rows of the gap table by indicator."""
        found: dict[str, list[Cell]] = {}
        for gap in records(self.released.gaps):
            found.setdefault(gap["indicator_id"], []).append(gap)
        return found

    def gaps_of(self, indicators: set[str]) -> list[tuple[str, list[str]]]:
        """Each reason for which one of these has no figure, with what has none and where."""
        found: dict[str, dict[str, list[str]]] = {}
        for indicator in self.indicators:
            for gap in self.gaps.get(indicator, ()) if indicator in indicators else ():
                if gap["gap"] != "period not covered":
                    kind = self.kinds.get(gap["area_kind"], gap["area_kind"]).lower()
                    told = found.setdefault(gap["reason"], {})
                    told.setdefault(gap["indicator"], []).append(kind)
        return [
            (reason, [f"{label} ({', '.join(dict.fromkeys(k))})" for label, k in told.items()])
            for reason, told in found.items()
        ]

    def not_told(
        self, one: Locality, because: list[tuple[str, list[str]]]
    ) -> list[tuple[str, list[str]]]:
        """The reasons why a locality lacks figures, and those of the gap table for indicators that
        have no row at all for its kind."""
        found = {reason: list(labels) for reason, labels in because}
        for indicator in self.indicators.values():
            if not self.row(indicator.id, one):
                gaps = [g for g in self.gaps.get(indicator.id, ()) if g["area_kind"] == one.kind]
                reason = gaps[0]["reason"] if gaps else "the publisher gives none for this area"
                found.setdefault(reason, []).append(indicator.label)
        return list(found.items())

    def homes(self) -> Iterator[tuple[Any, list[Indicator]]]:
        """Each theme with the indicators that stand in its own file, or in the first of those
        asked for: each indicator once."""
        themes = {theme.id for theme in self.released.book.themes}
        for theme in self.released.book.themes:
            ours = [
                i
                for i in self.indicators.values()
                if next((t for t in i.themes if t in themes), "") == theme.id
            ]
            if ours:
                yield theme, ours


def facts(released: Released) -> Facts:
    """Lay a release out."""
    found = Facts(released)
    for cell in records(released.newest):
        found.newest[cell["indicator_id"], cell["area_kind"], cell["area_code"]] = cell
    found.localities = _localities(found.newest)
    for cell in found.newest.values():
        if (
            cell["value"] is not None
            or (cell["area_kind"], cell["area_code"]) not in found.editions
        ):
            found.editions[cell["area_kind"], cell["area_code"]] = cell["edition"]
    found.series = dict(every(released.cells, breaks(released.breaks)))
    return found


def _localities(newest: dict[Key, Cell]) -> dict[tuple[str, str], Locality]:
    """Every locality with a cell; two whose codes differ by what a file name cannot show get
    different ones."""
    told: dict[tuple[str, str], Cell] = {}
    for cell in newest.values():
        known = told.setdefault((cell["area_kind"], cell["area_code"]), cell)
        if cell["parent"] and not known["parent"]:
            told[cell["area_kind"], cell["area_code"]] = cell
    taken: Counter[str] = Counter()
    found = {}
    for (kind, code), cell in sorted(told.items(), key=lambda one: one[0]):
        slug = f"{kind}-{'-'.join(SAFE.findall(code)) or 'x'}"
        taken[slug.lower()] += 1
        again = taken[slug.lower()]
        slug += f"--{again}" if again > 1 else ""
        found[kind, code] = Locality(
            kind, code, plain(cell["area_name"]), slug, plain(cell["parent"])
        )
    return found


def _clearness(cell: Cell) -> tuple[float, str]:
    """How far a figure lies from the whole place's, in the width of its interval."""
    value, other = cell["value"], cell["comparator_value"]
    low, high = cell["lower_ci"], cell["upper_ci"]
    if None in (value, other, low, high) or high <= low:
        return 0.0, cell["indicator_id"]
    return abs(value - other) / (high - low), cell["indicator_id"]
