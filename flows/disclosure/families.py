"""The groups of people and events that somebody could try to single out."""

from itertools import combinations
from typing import NamedTuple

import numpy as np

from flows.disclosure.public import ENDLESS, Bools, Floats, Ints


class Family(NamedTuple):
    """Pieces of area, or of time: sets of atoms (or spans) that published rows single out."""

    masks: Floats  # pieces x atoms, 0 or 1; floats, as these multiply many times faster
    words: tuple[str, ...]  # for each piece: "ward Thorpe without ward Thorpe East"
    within: Bools  # pieces x rows: the row lies within the piece
    around: Bools  # pieces x rows: the piece lies within the row
    plain: Bools  # pieces: a row as it is published, or an atom
    shapes: int  # so many, the first, hang on nothing but the rows


def family(
    membership: Ints, labels: list[str], kinds: list[str], isolated: Bools | None = None
) -> Family:
    """The pieces that published rows make: ``membership`` is rows x atoms (or x spans), 0 or 1.

    They are: each row; of every two that overlap what they share and what each has alone; of every
    row and every other kind all of that kind within the row together, all of that kind that it
    touches, and the differences between those and the row; the groups ``isolated`` (groups x
    atoms) that are asked for besides; and each atom. Each once, in a fixed order, plainer first.
    """
    rows = membership.astype(bool)
    meet = membership @ membership.T
    named = [(rows[i], labels[i]) for i in range(len(rows))]
    for i, j in combinations(range(len(rows)), 2):
        if meet[i, j]:
            named.append((rows[i] & ~rows[j], f"{labels[i]} without {labels[j]}"))
            named.append((rows[j] & ~rows[i], f"{labels[j]} without {labels[i]}"))
            named.append((rows[i] & rows[j], f"what {labels[i]} and {labels[j]} share"))
    for i in range(len(rows)):
        named += _unions(i, rows, meet, labels, kinds)
    for atom in range(rows.shape[1]):
        named.append((np.arange(rows.shape[1]) == atom, _only(rows[:, atom], labels)))
    shapes = len(named)
    for mask in isolated if isolated is not None else ():
        touched = rows[:, mask].any(axis=1)
        named.append((mask, f"a group singled out by {_listed(touched, labels)}"))
    masks = np.array([mask for mask, _ in named]).astype(float)
    first = np.sort(np.unique(masks, axis=0, return_index=True)[1])
    first = first[masks[first].any(axis=1)]
    masks, size = masks[first], membership.sum(axis=1)
    shared = masks @ membership.T
    within, around = shared == size, shared == masks.sum(axis=1, keepdims=True)
    plain = (within & around).any(axis=1) | (masks.sum(axis=1) == 1)
    words = tuple(named[i][1] for i in first)
    return Family(masks, words, within, around, plain, int((first < shapes).sum()))


def _unions(
    row: int, rows: Bools, meet: Ints, labels: list[str], kinds: list[str]
) -> list[tuple[Bools, str]]:
    """A row and all of another kind that is within it, or that it touches."""
    found = []
    for kind in sorted(set(kinds) - {kinds[row]}):
        touching = [j for j, other in enumerate(kinds) if other == kind and meet[row, j]]
        inside = [j for j in touching if meet[row, j] == meet[j, j]]
        for some, how in ((inside, "inside"), (touching, "touching")):
            if len(some) > 1:
                union, words = rows[some].any(axis=0), f"every {kind} {how} {labels[row]}"
                found.append((union, words))
                found.append((rows[row] & ~union, f"{labels[row]} without {words}"))
                found.append((union & ~rows[row], f"{words}, without {labels[row]}"))
    return found


def _only(within: Bools, labels: list[str]) -> str:
    listed = _listed(within, labels)
    return f"what only {listed} share" if within.sum() > 1 else f"what lies in {listed} only"


def _listed(some: Bools, labels: list[str]) -> str:
    words = [label for label, there in zip(labels, some, strict=True) if there]
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


class Groups(NamedTuple):
    """Pieces of area with pieces of time."""

    areas: Family
    periods: Family

    def examined(self) -> Bools:
        """Pieces x pieces: every one with every one, but that one of the two must be plain.

        A difference of areas in a difference of periods takes four published cells, each of them
        off by up to half a base: by far the vaguest thing to be known, and by far the most groups.
        """
        return self.areas.plain[:, None] | self.periods.plain

    def shapes(self) -> int:
        """How many are examined that hang on nothing but the areas and periods themselves."""
        return int(self.examined()[: self.areas.shapes, : self.periods.shapes].sum())

    def plain(self) -> Bools:
        """Pieces x pieces: plain areas (and atoms) in plain periods (and spans)."""
        return self.areas.plain[:, None] & self.periods.plain

    def words(self, here: tuple[int, int]) -> tuple[str, str]:
        """A group's area and time in words."""
        return self.areas.words[here[0]], self.periods.words[here[1]]

    def totals(self, table: Ints) -> Ints:
        """The count of each group (pieces of area x pieces of time) in a table of atoms x spans."""
        return (self.areas.masks @ table.astype(float) @ self.periods.masks.T).astype(np.int64)

    def lowest(self, cells: Ints) -> Ints:
        """For each group the highest of the lower limits (rows x rows) of the cells within it."""
        half = np.zeros((len(self.areas.masks), cells.shape[1]), np.int64)
        for row, limits in enumerate(cells):
            inside = self.areas.within[:, row]
            half[inside] = np.maximum(half[inside], limits)
        whole = np.zeros((len(half), len(self.periods.masks)), np.int64)
        for row in range(cells.shape[1]):
            inside = self.periods.within[:, row]
            whole[:, inside] = np.maximum(whole[:, inside], half[:, row : row + 1])
        return whole

    def highest(self, cells: Ints) -> Ints:
        """For each group the lowest of the upper limits (rows x rows) of the cells around it."""
        half = np.full((len(self.areas.masks), cells.shape[1]), ENDLESS)
        for row, limits in enumerate(cells):
            inside = self.areas.around[:, row]
            half[inside] = np.minimum(half[inside], limits)
        whole = np.full((len(half), len(self.periods.masks)), ENDLESS)
        for row in range(cells.shape[1]):
            inside = self.periods.around[:, row]
            whole[:, inside] = np.minimum(whole[:, inside], half[:, row : row + 1])
        return whole
