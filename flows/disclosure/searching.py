"""Which small groups are safe: the search for another table, and the proof that there is none."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from flows.disclosure.families import Groups
from flows.disclosure.public import Bools, Floats, Ints, System
from flows.disclosure.solving import NEAR, Block, Effort

WHOLE = 400  # unknowns: a system of so few is solved as it is
WIDE = 900  # unknowns of a block in a sweep
LADDER = (300, 500, 900, 2500)  # unknowns of the blocks that a single group is tried in, in turn
FRUITFUL = 0.25  # a sweep that clears a smaller share of the groups left is the last


class Proof(NamedTuple):
    """What the public cells prove of a group's count, by which cells; or that nobody knows."""

    lowest: int
    highest: int
    finished: bool
    linear: bool  # proved by the cells alone; False: it takes whole numbers, perhaps more cells
    cells: Ints


class Search:
    """The small groups of a system that are not yet known to be safe.

    A group is safe once a table has been found that agrees with all public cells and in which it
    is 0 or at least the threshold. Each such table is checked in whole numbers, so that no group
    is ever called safe on a solver's word. What is neither safe nor proved to be given away counts
    as given away.
    """

    def __init__(
        self, system: System, truth: Ints, groups: Groups, threshold: int, effort: Effort
    ) -> None:
        self.system, self.groups, self.threshold, self.effort = system, groups, threshold, effort
        self.table = truth  # a table that agrees with all cells; it wanders
        self.totals = self.true = groups.totals(truth)
        self.examined = groups.examined()
        self.left = self.examined & (self.true > 0) & (self.true < threshold)
        self.small = int(self.left.sum())
        self.lowest, self.highest = groups.lowest(system.lowest), groups.highest(system.highest)
        self.atoms, self.spans = np.arange(truth.shape[0]), np.arange(truth.shape[1])
        self.everything = Block(system, self.atoms, self.spans)
        self.round = 0
        self.cells: dict[tuple[int, int], Ints] = {}  # that limit a group
        self.stepped: set[tuple[int, int]] = set()  # groups whose cells alone do not limit them
        self.far_atoms, self.far_spans = _distance(system.areas), _distance(system.periods)

    def members(self, here: tuple[int, int]) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The bricks and the base periods of a group, by number."""
        found = []
        for masks, numbers, at in (
            (self.groups.areas.masks, self.system.atom, here[0]),
            (self.groups.periods.masks, self.system.span, here[1]),
        ):
            inside = np.isin(numbers, np.flatnonzero(masks[at]))
            found.append(tuple(int(number) for number in np.flatnonzero(inside)))
        return found[0], found[1]

    def sweep(self, aim: Bools) -> None:
        """Tables that empty or fill as many groups of ``aim`` at once as can be, while fruitful."""
        before, now = np.inf, (self.left & aim).sum()
        while now and now < (1 - FRUITFUL) * before:
            before = now
            for turn in range(3):
                for atoms, spans in self._tiles(turn):
                    if (self.left & aim).any():
                        self._steer(atoms, spans, aim)
            self.round += 1
            now = (self.left & aim).sum()

    def _tiles(self, turn: int) -> list[tuple[Ints, Ints]]:
        """All unknowns in blocks: all atoms in a few spans, twice; a few atoms in all spans."""
        if self.table.size <= WHOLE:
            return [] if turn else [(self.atoms, self.spans)]
        if turn < 2 or len(self.spans) == 1:
            width = max(WIDE // len(self.atoms), 1)
            starts = range(-(turn * width // 2), len(self.spans), width)
            return [(self.atoms, self.spans[max(s, 0) : s + width]) for s in starts]
        tiles, waiting = [], np.ones(len(self.atoms), bool)
        while waiting.any():
            near = self.far_atoms[np.argmax(waiting)] + 2.0 * ~waiting
            tile = np.sort(np.argsort(near, kind="stable")[: max(WIDE // len(self.spans), 1)])
            waiting[tile] = False
            tiles.append((tile, self.spans))
        return tiles

    def _steer(self, atoms: Ints, spans: Ints, aim: Bools) -> None:
        """Within a block, and the rest as in the table, empty the groups left or fill them."""
        weights = self._pull(atoms, spans, aim)
        if weights.any():
            block = Block(self.system, atoms, spans, self.table)
            self._take(block, block.pushed(weights, self.effort))

    def _pull(self, atoms: Ints, spans: Ints, aim: Bools) -> Floats:
        """Weights of a block's unknowns whose least sum empties, and fills, the groups left."""
        empty = self._to_be_emptied()
        # What is nearly there weighs most.
        missing = np.where(empty, self.totals, self.totals - self.threshold)
        pull = (self.left & aim) / np.where(missing == 0, 1, missing)
        areas, periods = self.groups.areas.masks, self.groups.periods.masks
        weights = areas[:, atoms].T @ pull @ periods[:, spans]
        return weights / max(np.abs(weights).max(initial=0), 1e-9)

    def _to_be_emptied(self) -> Bools:
        """Groups to be made 0; the others are to be filled to the threshold."""
        can_be_empty, can_be_full = self.lowest <= 0, self.highest >= self.threshold
        nearer = (self.totals * 2 <= self.threshold) ^ (self.round % 3 == 2)
        return can_be_empty & (nearer | ~can_be_full)

    def _take(self, block: Block, counts: Ints | None) -> None:
        """Go over to another table, if it holds, and strike off the groups that it shows safe."""
        if counts is None:
            return
        table = self.table.copy()
        table[np.ix_(block.atoms, block.spans)] = counts
        if self.system.holds(table):
            self.table, self.totals = table, self.groups.totals(table)
            self.left &= (self.totals > 0) & (self.totals < self.threshold)

    def settle(self, aim: Bools) -> Iterator[tuple[tuple[int, int], Proof]]:
        """The groups of ``aim`` that are given away, or could not be settled, one by one."""
        for unknowns in LADDER:
            for area, period in np.argwhere(self.left & aim):
                here = int(area), int(period)
                if self.left[here] and (proof := self._try(here, unknowns)):
                    yield here, proof
        for area, period in np.argwhere(self.left & aim):
            here = int(area), int(period)
            yield here, self._proof(here, False)

    def _try(self, here: tuple[int, int], unknowns: int) -> Proof | None:
        """Try one group in blocks of so many unknowns: a proof if it is given away, else nothing.

        It stays in ``left`` if neither another table nor a proof was found.
        """
        mask = np.outer(self.groups.areas.masks[here[0]], self.groups.periods.masks[here[1]])
        for atoms, spans in self._around(mask, unknowns):
            extract = self.everything
            if (len(atoms), len(spans)) != extract.shape:
                extract = Block(self.system, atoms, spans)
            exact = self._relax(extract, mask, here)
            if not self._given_away(here) and not self._whole(extract):
                self._witness(Block(*extract.place, self.table), mask, here)
            if self._whole(extract) or unknowns == LADDER[-1]:
                self._witness(extract, mask, here)
            if self._given_away(here):
                linear = here not in self.stepped
                if self._whole(extract) and not exact:
                    self.lowest[here], self.highest[here] = extract.extent(mask, self.effort)
                return self._proof(here, True, linear)
            if not self.left[here]:
                break
        return None

    def _proof(self, here: tuple[int, int], finished: bool, linear: bool = False) -> Proof:
        """What is known of a group that is given away, or counts as given away."""
        self.left[here] = False
        cells = np.asarray(self.cells.get(here, []), np.int64)
        return Proof(int(self.lowest[here]), int(self.highest[here]), finished, linear, cells)

    def _whole(self, block: Block) -> bool:
        return block.shape == self.table.shape

    def _given_away(self, here: tuple[int, int]) -> bool:
        return bool(self.lowest[here] > 0 and self.highest[here] < self.threshold)

    def _around(self, mask: Floats, unknowns: int) -> list[tuple[Ints, Ints]]:
        """Blocks around a group: few atoms always, all atoms in few spans; or everything."""
        if self.table.size <= max(unknowns, WHOLE):
            return [(self.atoms, self.spans)]
        near_atoms = _nearest(self.far_atoms, mask.any(axis=1))
        near_spans = _nearest(self.far_spans, mask.any(axis=0))
        atoms, spans = mask.any(axis=1).sum(), mask.any(axis=0).sum()
        blocks = []
        for high in (unknowns // len(near_spans), len(near_atoms)):
            high = max(high, atoms, 1)
            wide = max(unknowns // high, spans)
            blocks.append((np.sort(near_atoms[:high]), np.sort(near_spans[:wide])))
        return blocks

    def _relax(self, block: Block, mask: Floats, here: tuple[int, int]) -> bool:
        """Limit a group by linear programmes, rounded inwards; whether whole numbers get there."""
        weights = mask[np.ix_(block.atoms, block.spans)]
        least, by, sharp = block.least(weights, self.effort)
        most, also_by, also_sharp = block.least(-weights, self.effort)
        if np.isfinite(least):
            self.lowest[here] = max(self.lowest[here], np.ceil(least - NEAR))
        if np.isfinite(most):
            self.highest[here] = min(self.highest[here], np.floor(-most + NEAR))
        if not (np.isfinite(least) and np.isfinite(most)):
            self.stepped.add(here)  # not every limit has its cells
        self.cells[here] = np.union1d(self.cells.get(here, []), np.union1d(by, also_by))
        return sharp and also_sharp

    def _witness(self, block: Block, mask: Floats, here: tuple[int, int]) -> None:
        """Ask for a table in which the group is empty, then for one in which it is large enough.

        An extract that has no such table proves that there is none.
        """
        place = np.ix_(block.atoms, block.spans)
        within, outside = mask[place], 0
        if block.truth is not None:
            outside = self.totals[here] - (self.table[place] * within).sum()
        for at_least in (0, self.threshold - outside):
            is_open = self.highest[here] >= self.threshold if at_least else self.lowest[here] <= 0
            if not is_open or (outside and not at_least) or not self.left[here]:
                continue
            pull = self._pull(block.atoms, block.spans, self.examined)
            answer, counts = block.table(pull, self.effort, within, int(at_least))
            if block.truth is not None or self._whole(block):
                self._take(block, counts)
            if answer == "none" and block.truth is None:
                self.stepped.add(here)
                if at_least:
                    self.highest[here] = self.threshold - 1
                else:
                    self.lowest[here] = 1


def _distance(membership: Ints) -> Floats:
    """How unlike two columns are (0 to 1): the share of their rows that they do not share."""
    rows = membership.astype(float)
    both = rows.T @ rows
    each = np.diag(both)
    return 1 - both / np.maximum(each[:, None] + each - both, 1)


def _nearest(far: Floats, core: Bools) -> Ints:
    """All columns, those of the core first, then the nearest to any of it."""
    distance = np.where(core, -1, far[core].min(axis=0))
    return np.argsort(distance, kind="stable")
