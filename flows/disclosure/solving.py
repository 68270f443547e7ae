"""Whole-number tables that agree with the public cells: the least and the most a group can be.

The unknowns are whole numbers, the counts of atoms x spans; the public cells are limits on their
sums. Two small problems stand in for the large one, each exact in one direction:

* a *slice* holds everything outside a block of unknowns at the truth. Its solutions are tables
  that agree with all public cells: another table in which a group is 0, or large, proves that
  the group is not given away;
* an *extract* lets everything outside the block be anything. It keeps only what the public cells
  then still say of the block. What it proves of a group, the public cells prove.

In a block many sums are over the same unknowns; only the tightest limits on each are kept. That
loses nothing and makes a block of a whole county's atoms in three months small.

A linear programme (the relaxation, in which counts need not be whole) gives limits that are
rounded inwards; scipy's `milp` (HiGHS, branch and bound) decides where these leave doubt.
"""

from functools import cached_property
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from flows.disclosure.public import ENDLESS, Floats, Ints, System

if TYPE_CHECKING:
    from scipy.optimize import OptimizeResult
    from scipy.sparse import csr_matrix

NEAR = 1e-6  # what HiGHS calls equal
OPTIMAL, INFEASIBLE, UNBOUNDED = 0, 2, (3, 4)  # what scipy.optimize.milp answers


class Effort:
    """How long to try, and how often it was tried."""

    def __init__(self, nodes: int = 2000, seconds: float = 20) -> None:
        """Limits for each call: ``nodes`` of the search tree, which is the same on any machine,
        and ``seconds``, which is there so that no run hangs."""
        self.nodes, self.seconds, self.calls = nodes, seconds, 0

    def options(self, share: float = 1, gap: float = 0) -> dict[str, float]:
        self.calls += 1
        nodes = max(int(self.nodes * share), 1)
        return {"node_limit": nodes, "time_limit": self.seconds * share, "mip_rel_gap": gap}


class Rows(NamedTuple):
    """Limits on sums of the unknowns of a block, and the cells they come from."""

    matrix: "csr_matrix"  # rows x (atoms x spans)
    lowest: Floats
    highest: Floats
    lowest_cell: Ints
    highest_cell: Ints


class Block:
    """Some atoms and spans of a system, and what the public cells say of their counts."""

    def __init__(self, system: System, atoms: Ints, spans: Ints, truth: Ints | None = None) -> None:
        """A slice through ``truth`` (atoms x spans of the system); without it an extract."""
        self.system, self.atoms, self.spans, self.truth = system, atoms, spans, truth
        self.place, self.shape = (system, atoms, spans), (len(atoms), len(spans))
        self.ceiling = system.ceiling[np.ix_(atoms, spans)]

    @cached_property
    def rows(self) -> Rows:
        from scipy import sparse

        areas, area = np.unique(self.system.areas[:, self.atoms], axis=0, return_inverse=True)
        periods, period = np.unique(self.system.periods[:, self.spans], axis=0, return_inverse=True)
        number = area.reshape(-1, 1) * len(periods) + period.reshape(1, -1)
        lowest, highest = self._limits()
        size = len(areas) * len(periods)
        low, low_cell = _tightest(number, -lowest, self.system.lowest_cell, size)
        high, high_cell = _tightest(number, highest, self.system.highest_cell, size)
        low = -low
        some = np.outer(areas.any(axis=1), periods.any(axis=1)).ravel()
        keep = some & ((low > 0) | (high < ENDLESS))
        matrix = sparse.kron(
            sparse.csr_matrix(areas.astype(float)),
            sparse.csr_matrix(periods.astype(float)),
            format="csr",
        )
        return Rows(
            matrix[keep],
            np.where(low > 0, low, -np.inf)[keep],
            np.where(high < ENDLESS, high, np.inf)[keep],
            low_cell[keep],
            high_cell[keep],
        )

    def _limits(self) -> tuple[Ints, Ints]:
        """What each cell (areas x periods) leaves for its unknowns within the block."""
        system, inside = self.system, np.ix_(self.atoms, self.spans)
        if self.truth is not None:
            outside = self.truth.copy()
            outside[inside] = 0
            most = fixed = system.areas @ outside @ system.periods.T
        else:
            outside = system.ceiling.copy()
            outside[inside] = 0
            most, fixed = np.minimum(system.areas @ outside @ system.periods.T, ENDLESS), 0
        highest = np.where(system.highest < ENDLESS, system.highest - fixed, ENDLESS)
        return system.lowest - most, highest

    def least(self, weights: Floats, effort: Effort) -> tuple[float, Ints, bool]:
        """The least of a weighted sum by the relaxation; the cells that set it; whether a table of
        whole numbers gets there, so that it is exact.

        Minus infinity, and no cells, if nothing holds it or the solver did not get there.
        """
        from scipy.optimize import linprog

        matrix, most, cells = self._upper_limits
        found = linprog(
            weights.ravel(),
            A_ub=matrix,
            b_ub=most,
            bounds=np.column_stack([np.zeros(self.ceiling.size), self._ceilings()]),
            method="highs",
            options={"time_limit": effort.options()["time_limit"]},
        )
        if found.status != 0:
            return -np.inf, np.zeros(0, np.int64), False
        whole = np.abs(found.x - np.round(found.x)).max() < NEAR
        return found.fun, np.unique(cells[np.abs(found.ineqlin.marginals) > NEAR]), bool(whole)

    @cached_property
    def _upper_limits(self) -> tuple["csr_matrix", Floats, Ints]:
        """The rows as upper limits only, as `linprog` takes them, and the cells they come from."""
        from scipy import sparse

        rows = self.rows
        below, above = np.isfinite(rows.lowest), np.isfinite(rows.highest)
        return (
            sparse.vstack([-rows.matrix[below], rows.matrix[above]], format="csr"),
            np.concatenate([-rows.lowest[below], rows.highest[above]]),
            np.concatenate([rows.lowest_cell[below], rows.highest_cell[above]]),
        )

    def table(
        self, weights: Floats, effort: Effort, mask: Floats, at_least: int = 0
    ) -> tuple[Literal["found", "none", "unknown"], Ints | None]:
        """A table of the block in which a group is empty, or (``at_least``) at least so large.

        ``mask`` (0 or 1) is of the block's shape. "none" if no whole-number table of the block is
        such, "unknown" if time was up.
        """
        status, counts = self._rounded(weights, effort, mask, at_least)
        if status == OPTIMAL and counts is None:
            answer = self._solve(np.zeros(self.shape), effort.options(), mask, at_least)
            status = answer.status
            counts = None if answer.x is None else self._counts(answer.x)
        if counts is not None:
            return "found", counts
        return ("none" if status == INFEASIBLE else "unknown"), None

    def pushed(self, weights: Floats, effort: Effort) -> Ints | None:
        """A table of the block with a small weighted sum, not always the smallest; or nothing."""
        return self._rounded(weights, effort)[1]

    def _rounded(
        self, weights: Floats, effort: Effort, mask: Floats | None = None, at_least: int = 0
    ) -> tuple[int, Ints | None]:
        """The relaxation's status; and a table near its answer, the few broken counts mended.

        Most counts of the answer are whole. They are held, first all, then to within 1, while
        `milp` finds whole ones for the rest: many times faster than from nothing.
        """
        answer = self._solve(weights, effort.options(), mask, at_least, whole=False)
        if answer.status in UNBOUNDED:
            weights = np.maximum(weights, 0)
            answer = self._solve(weights, effort.options(), mask, at_least, whole=False)
        if answer.x is None:
            return answer.status, None
        whole, counts = np.abs(answer.x - np.round(answer.x)) < NEAR, np.round(answer.x)
        if whole.all():
            return answer.status, self._counts(counts)
        for give in (0, 1):
            held = (np.where(whole, counts - give, 0), np.where(whole, counts + give, np.inf))
            answer = self._solve(weights, effort.options(0.1, 0.2), mask, at_least, held=held)
            if answer.x is not None:
                return OPTIMAL, self._counts(answer.x)
        return OPTIMAL, None

    def extent(self, mask: Floats, effort: Effort) -> tuple[int, int]:
        """The least and the most that a group can be in the whole-number tables of the block.

        ``mask`` is of the block's shape. Exact; when time is up, limits outside which it cannot be.
        ENDLESS if nothing holds it above. ValueError if no table agrees with the cells.
        """
        ends = [0, ENDLESS]
        for end, sign in enumerate((1, -1)):
            answer = self._solve(sign * mask.astype(float), effort.options())
            if answer.status == INFEASIBLE:
                raise ValueError("the cells contradict each other: no table agrees with them all")
            if answer.status == OPTIMAL:
                ends[end] = sign * round(answer.fun)
            elif answer.mip_dual_bound is not None and np.isfinite(answer.mip_dual_bound):
                ends[end] = sign * int(np.ceil(answer.mip_dual_bound - NEAR))
        return max(ends[0], 0), min(ends[1], ENDLESS)

    def _solve(
        self,
        weights: Floats,
        options: dict[str, float],
        mask: Floats | None = None,
        at_least: int = 0,
        *,
        whole: bool = True,
        held: tuple[Floats, Floats] | None = None,
    ) -> "OptimizeResult":
        from scipy.optimize import Bounds, LinearConstraint, milp

        rows, limits = self.rows, []
        lowest, highest = np.zeros(self.ceiling.size), self._ceilings()
        if held is not None:
            lowest, highest = np.maximum(lowest, held[0]), np.minimum(highest, held[1])
        if rows.matrix.shape[0]:
            limits.append(LinearConstraint(rows.matrix, rows.lowest, rows.highest))
        if mask is not None and at_least:
            limits.append(LinearConstraint(mask.reshape(1, -1).astype(float), at_least, np.inf))
        elif mask is not None:
            lowest, highest = (np.where(mask.ravel() > 0, 0, ends) for ends in (lowest, highest))
        return milp(
            weights.ravel(),
            constraints=limits,
            bounds=Bounds(lowest, highest),
            integrality=np.full(highest.size, int(whole)),
            options=options,
        )

    def _counts(self, solution: Floats) -> Ints:
        return np.round(solution).astype(np.int64).reshape(self.shape)

    def _ceilings(self) -> Floats:
        return np.where(self.ceiling < ENDLESS, self.ceiling, np.inf).ravel()


def _tightest(number: Ints, limit: Ints, cell: Ints, size: int) -> tuple[Ints, Ints]:
    """The least limit of each number, and the cell that sets it."""
    flat, limit = number.ravel(), limit.ravel()
    order = np.lexsort((limit, flat))
    first = order[np.unique(flat[order], return_index=True)[1]]
    least, whose = np.full(size, ENDLESS), np.full(size, -1)
    least[flat[first]], whose[flat[first]] = limit[first], cell.ravel()[first]
    return least, whose
