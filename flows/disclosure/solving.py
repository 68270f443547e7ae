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
from numpy.typing import NDArray

from flows.disclosure.public import ENDLESS, Ints, System

if TYPE_CHECKING:
    from scipy.optimize import OptimizeResult
    from scipy.sparse import csr_matrix

Floats = NDArray[np.float64]

NEAR = 1e-6  # what HiGHS calls equal
OPTIMAL, INFEASIBLE = 0, 2  # what scipy.optimize.milp answers


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

    def least(self, weights: Floats) -> tuple[float, Ints]:
        """The least of a weighted sum by the relaxation, and the cells that set it.

        Minus infinity, and no cells, if nothing holds it or the solver did not get there.
        """
        from scipy import sparse
        from scipy.optimize import linprog

        rows = self.rows
        below, above = np.isfinite(rows.lowest), np.isfinite(rows.highest)
        found = linprog(
            weights.ravel(),
            A_ub=sparse.vstack([-rows.matrix[below], rows.matrix[above]]),
            b_ub=np.concatenate([-rows.lowest[below], rows.highest[above]]),
            bounds=np.column_stack([np.zeros(self.ceiling.size), self._ceilings()]),
            method="highs",
        )
        if found.status != 0:
            return -np.inf, np.zeros(0, np.int64)
        cells = np.concatenate([rows.lowest_cell[below], rows.highest_cell[above]])
        return found.fun, np.unique(cells[np.abs(found.ineqlin.marginals) > NEAR])

    def table(
        self, effort: Effort, mask: Ints, at_least: int = 0
    ) -> tuple[Literal["found", "none", "unknown"], Ints | None]:
        """A table of the block in which a group is empty, or (``at_least``) at least so large.

        ``mask`` (0 or 1) is of the block's shape. "none" if no whole-number table of the block is
        such, "unknown" if time was up.
        """
        answer = self._solve(np.zeros(self.shape), effort.options(), mask, at_least)
        if answer.x is not None:
            return "found", self._counts(answer.x)
        return ("none" if answer.status == INFEASIBLE else "unknown"), None

    def pushed(self, weights: Floats, effort: Effort) -> Ints | None:
        """A table of the block with a small weighted sum, not always the smallest; or none."""
        answer = self._solve(weights, effort.options(share=0.1, gap=0.2))
        return None if answer.x is None else self._counts(answer.x)

    def extent(self, mask: Ints, effort: Effort) -> tuple[int, int]:
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
        self, weights: Floats, options: dict, mask: Ints | None = None, at_least: int = 0
    ) -> "OptimizeResult":
        from scipy.optimize import Bounds, LinearConstraint, milp

        rows, highest, limits = self.rows, self._ceilings(), []
        if rows.matrix.shape[0]:
            limits.append(LinearConstraint(rows.matrix, rows.lowest, rows.highest))
        if mask is not None and at_least:
            limits.append(LinearConstraint(mask.reshape(1, -1).astype(float), at_least, np.inf))
        elif mask is not None:
            highest = np.where(mask.ravel() > 0, 0, highest)
        return milp(
            weights.ravel(),
            constraints=limits,
            bounds=Bounds(0, highest),
            integrality=np.ones(highest.size),
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
