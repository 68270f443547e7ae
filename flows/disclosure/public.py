"""What the public can see of a topic, and the same in the fewest unknowns."""

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

ENDLESS = 10**9  # no upper limit; far above any count of people in small areas


@dataclass(frozen=True, eq=False)
class Public:
    """All the cells that are out, or about to be, of one topic: one source and one measure.

    A brick is a small area that counts are built of, a base period a month, say. Every published
    figure is the count over whole bricks and whole base periods. Several releases are simply more
    cells; a cell that tells nothing (suppressed, and no bound is known) is left out.

    ``areas`` is areas x bricks and ``periods`` periods x base periods, true where a brick lies in
    an area and a base period in a period (sparse or dense). The cells are four arrays of one
    length: the row in ``areas``, the row in ``periods``, the lowest and the highest count that the
    publication leaves possible (infinity where it sets no limit). ``out`` is true for the cells of
    earlier releases, which cannot be taken back. ``ceiling`` is, if given, a public count of
    residents for each brick, which the count of no brick in any base period can exceed.

    Names are for the officer's report; the kinds of area and rules of period ("ward", "month")
    are what `remedy` may leave out. ValueError, saying what is wrong, where these do not fit.
    """

    areas: Bools
    periods: Bools
    area: Ints
    period: Ints
    lowest: Ints
    highest: Ints
    area_names: tuple[str, ...] = ()
    area_kinds: tuple[str, ...] = ()
    period_names: tuple[str, ...] = ()
    period_rules: tuple[str, ...] = ()
    out: Bools = field(default_factory=lambda: np.zeros(0, bool))
    ceiling: Ints | None = None

    def __post_init__(self) -> None:
        def put(name: str, value: object) -> None:
            object.__setattr__(self, name, value)

        for name in ("areas", "periods"):
            put(name, _membership(name, getattr(self, name)))
        for name in ("area", "period", "lowest", "highest"):
            put(name, _whole(name, getattr(self, name)))
        put("out", np.asarray(self.out if len(self.out) else np.zeros(len(self.area)), bool))
        for name, rows in (("area", self.areas), ("period", self.periods)):
            numbers = tuple(f"{name} {i + 1}" for i in range(len(rows)))
            put(f"{name}_names", tuple(getattr(self, f"{name}_names")) or numbers)
        put("area_kinds", tuple(self.area_kinds) or ("area",) * len(self.areas))
        put("period_rules", tuple(self.period_rules) or ("period",) * len(self.periods))
        if self.ceiling is not None:
            put("ceiling", _whole("ceiling", self.ceiling))
        self._check()

    def _check(self) -> None:
        lengths = {len(c) for c in (self.area, self.period, self.lowest, self.highest, self.out)}
        if len(lengths) != 1:
            raise ValueError("the arrays of the cells are not of one length")
        for name, words, rows in (
            ("area_names", self.area_names, self.areas),
            ("area_kinds", self.area_kinds, self.areas),
            ("period_names", self.period_names, self.periods),
            ("period_rules", self.period_rules, self.periods),
        ):
            if len(words) != len(rows):
                raise ValueError(f"{name} has {len(words)} words for {len(rows)} rows")
        for name, index, rows in (
            ("area", self.area, self.areas),
            ("period", self.period, self.periods),
        ):
            if ((index < 0) | (index >= len(rows))).any():
                raise ValueError(f"a cell names a row of {name}s that is not there")
        if (self.lowest > self.highest).any():
            raise ValueError("a cell's lowest count is above its highest")
        if self.ceiling is not None and len(self.ceiling) != self.areas.shape[1]:
            raise ValueError("the ceiling must have one number for each brick")

    def only(self, keep: ArrayLike) -> "Public":
        """The same with only the cells for which ``keep`` (a boolean for each cell) is true."""
        keep = np.asarray(keep, bool)
        cells = {
            name: getattr(self, name)[keep]
            for name in ("area", "period", "lowest", "highest", "out")
        }
        return Public(**{**self.__dict__, **cells})

    def label(self, what: Literal["area", "period"], row: int) -> str:
        """An area as "ward Thorpe", a period as "2024-03"."""
        if what == "area":
            return f"{self.area_kinds[row]} {self.area_names[row]}"
        return self.period_names[row]

    def cell(self, number: int) -> str:
        """A cell in words: "ward Thorpe, 2024-03"."""
        area, period = self.area[number], self.period[number]
        return f"{self.label('area', area)}, {self.label('period', period)}"

    def under(self, counts: Ints) -> tuple["Public", int]:
        """The same without the ceilings that ``counts`` exceed, and how many these are."""
        if self.ceiling is None:
            return self, 0
        broken = counts.max(axis=1, initial=0) > self.ceiling
        ceiling = np.where(broken, ENDLESS, self.ceiling)
        return Public(**{**self.__dict__, "ceiling": ceiling}), int(broken.sum())

    def true(self, counts: ArrayLike) -> Ints:
        """The true count of each cell, from ``counts`` (bricks x base periods)."""
        totals = self.areas.astype(np.int64) @ self.checked(counts) @ self.periods.T
        return totals[self.area, self.period]

    def checked(self, counts: ArrayLike) -> Ints:
        """``counts`` as whole numbers; ValueError for another shape, negative, missing, broken."""
        counts = _whole("counts", counts)
        shape = (self.areas.shape[1], self.periods.shape[1])
        if counts.shape != shape:
            raise ValueError(f"counts are {counts.shape}, bricks x base periods are {shape}")
        return counts


class System(NamedTuple):
    """The public cells as limits on sums of the fewest unknowns.

    Bricks in the same published areas cannot be told apart from outside: together they are one
    atom. So are base periods in the same published periods: one span. The unknowns are the counts
    of atoms x spans. Bricks and base periods that no cell covers are in none.
    """

    areas: Ints  # areas x atoms, 0 or 1
    periods: Ints  # periods x spans, 0 or 1
    lowest: Ints  # areas x periods; 0 where nothing is published
    highest: Ints  # areas x periods; ENDLESS where nothing is published
    lowest_cell: Ints  # areas x periods: the cell that says so, -1 for none
    highest_cell: Ints
    ceiling: Ints  # atoms x spans
    atom: Ints  # for each brick, -1 for none
    span: Ints  # for each base period, -1 for none

    def counts(self, counts: Ints) -> Ints:
        """Counts of bricks x base periods as those of atoms x spans."""
        rows = _indicator(self.atom, self.areas.shape[1])
        columns = _indicator(self.span, self.periods.shape[1])
        return rows @ counts @ columns.T

    def part(self, areas: Ints, periods: Ints, atoms: Ints, spans: Ints) -> "System":
        """The system of some rows and columns that no cell ties to the rest."""
        cells, unknowns = np.ix_(areas, periods), np.ix_(atoms, spans)
        return System(
            self.areas[np.ix_(areas, atoms)],
            self.periods[np.ix_(periods, spans)],
            self.lowest[cells],
            self.highest[cells],
            self.lowest_cell[cells],
            self.highest_cell[cells],
            self.ceiling[unknowns],
            _renumbered(self.atom, atoms),
            _renumbered(self.span, spans),
        )

    def holds(self, table: Ints) -> bool:
        """Whether a table of atoms x spans agrees with everything that is public, exactly."""
        sums = self.areas @ table @ self.periods.T
        return bool(
            (table >= 0).all()
            and (table <= self.ceiling).all()
            and (sums >= self.lowest).all()
            and (sums <= self.highest).all()
        )


def system(public: Public) -> System:
    """The system of what is public; of several cells of one area and period the tighter limits."""
    areas, atom = _merged(public.areas, public.area)
    periods, span = _merged(public.periods, public.period)
    shape = (len(areas), len(periods))
    lowest, highest = np.zeros(shape, np.int64), np.full(shape, ENDLESS)
    lowest_cell, highest_cell = np.full(shape, -1), np.full(shape, -1)
    where = (public.area, public.period)
    np.maximum.at(lowest, where, public.lowest)
    np.minimum.at(highest, where, public.highest)
    for limit, mine, cell in (
        (lowest, public.lowest, lowest_cell),
        (highest, public.highest, highest_cell),
    ):
        says = np.flatnonzero(limit[where] == mine)[::-1]  # the first cell to say so stays
        cell[public.area[says], public.period[says]] = says
    residents = public.ceiling
    if residents is None:
        ceiling = np.full((areas.shape[1], periods.shape[1]), ENDLESS)
    else:
        rows = _indicator(atom, areas.shape[1]) @ residents
        ceiling = np.outer(rows, _indicator(span, periods.shape[1]).sum(axis=1))
    return System(
        areas,
        periods,
        lowest,
        highest,
        lowest_cell,
        highest_cell,
        np.minimum(ceiling, ENDLESS),
        atom,
        span,
    )


def _merged(membership: Bools, used: Ints) -> tuple[Ints, Ints]:
    """Columns alike in the used rows made one: rows x merged columns, and each column's new one."""
    seen = np.zeros(len(membership), bool)
    seen[used] = True
    membership = membership & seen[:, None]
    covered = membership.any(axis=0)
    if not covered.any():
        return np.zeros((len(membership), 0), np.int64), np.full(membership.shape[1], -1)
    patterns, number = np.unique(membership[:, covered], axis=1, return_inverse=True)
    merged = np.full(membership.shape[1], -1)
    # In the order of their first column, so that neighbours in time stay neighbours.
    first = np.full(patterns.shape[1], membership.shape[1])
    np.minimum.at(first, number.ravel(), np.flatnonzero(covered))
    order = np.argsort(first, kind="stable")
    merged[covered] = np.argsort(order, kind="stable")[number.ravel()]
    return patterns[:, order].astype(np.int64), merged


def _indicator(number: Ints, size: int) -> Ints:
    return (np.arange(size)[:, None] == number).astype(np.int64)


def _renumbered(number: Ints, kept: Ints) -> Ints:
    """Numbers as places in ``kept``; -1 for those that are not there."""
    found = np.searchsorted(kept, number)
    there = np.isin(number, kept)
    return np.where(there, found, -1)


def _membership(name: str, rows: object) -> Bools:
    dense = rows.toarray() if hasattr(rows, "toarray") else np.asarray(rows)
    if dense.ndim != 2:
        raise ValueError(f"{name} must have two dimensions")
    return dense.astype(bool)


def _whole(name: str, numbers: ArrayLike) -> Ints:
    """Whole numbers of 0 or more; infinity becomes ENDLESS. ValueError otherwise."""
    array = np.asarray(numbers, dtype=np.float64)
    array = np.where(np.isposinf(array), ENDLESS, array)
    if not (array >= 0).all() or (array != np.floor(array)).any():
        raise ValueError(f"{name}: every number must be whole, and 0 or more")
    return np.minimum(array, ENDLESS).astype(np.int64)
