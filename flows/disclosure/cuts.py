"""The smallest group that sums and differences of published areas single out."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from flows.disclosure.public import Bools

NEAR = 1e-6
SECONDS = 20  # for one group; one that is not settled by then is unknown


class Isolated(NamedTuple):
    """For each brick the smallest group around it that can be singled out."""

    people: NDArray[np.float64]  # bricks; NaN where nothing isolates the brick, or it is not known
    members: Bools  # bricks x bricks: row b is the group around brick b
    unknown: Bools  # bricks: the search was not finished


def smallest_isolated(
    membership: ArrayLike, people: ArrayLike, around: ArrayLike | None = None
) -> Isolated:
    """The group of fewest people around each brick that exactly published areas single out.

    ``membership`` is areas x bricks, true where a brick lies in an area; ``people`` a count for
    each brick; ``around`` the numbers of the bricks to ask for (all, if not given).

    Whoever knows the total of every area knows every sum of them with multipliers c. Such a sum is
    the total of a group of bricks if each brick counts once or not at all in it:

        least    sum of people[b] * y[b]
        where    y[b] = sum of c[a] over the areas a that brick b lies in,
                 0 <= y <= 1, y[asked brick] = 1, c free

    and y is whole. With two systems of areas that do not overlap within themselves, every brick is
    an edge between its area of the one and its area of the other (or the outside, a node of its
    own): y is the difference of two potentials, the group is a cut that parts the two ends of the
    asked edge, and the smallest group is the *minimum cut*. The matrix of such a programme is
    totally unimodular, so the linear programme's answer is whole by itself. With more systems, or
    areas that overlap within one, it need not be: then `scipy.optimize.milp` asks for whole y.

    Source: Costemalle (2019), Detecting geographical differencing problems in the context of
    spatial data dissemination, Statistical Journal of the IAOS 35(4), for the problem; Ford and
    Fulkerson (1956) for the cut; Hoffman and Kruskal (1956) for whole answers.
    """
    rows = np.asarray(membership, dtype=bool)
    weights = np.asarray(people, dtype=np.float64)
    if rows.ndim != 2 or weights.shape != rows.shape[1:]:
        raise ValueError("membership is areas x bricks, and people has one number for each brick")
    if not (weights >= 0).all():
        raise ValueError("people: every number must be 0 or more")
    size = rows.shape[1]
    asked = np.arange(size) if around is None else np.asarray(around, dtype=np.int64)
    found = Isolated(np.full(size, np.nan), np.zeros((size, size), bool), np.zeros(size, bool))
    for brick in asked:
        if rows[:, brick].any():
            group = _smallest(rows, weights, int(brick))
            found.unknown[brick] = group is None
            if group is not None and group.any():
                found.members[brick] = group
                found.people[brick] = weights[group].sum()
    return found


def _smallest(rows: Bools, weights: NDArray[np.float64], brick: int) -> Bools | None:
    """The group around one brick; empty if there is none, None if the search was cut short."""
    from scipy import sparse
    from scipy.optimize import Bounds, LinearConstraint, milp

    areas, bricks = rows.shape
    # Of groups of equally few people the one of fewest bricks, so that the answer is one.
    cost = weights * (bricks + 1) + 1
    # Unknowns: y of the bricks, then c of the areas.
    ties = sparse.hstack([sparse.eye(bricks), -sparse.csr_matrix(rows.T.astype(float))])
    lowest = np.concatenate([np.zeros(bricks), np.full(areas, -np.inf)])
    highest = np.concatenate([np.ones(bricks), np.full(areas, np.inf)])
    lowest[brick] = 1
    for whole in (0, 1):
        answer = milp(
            np.concatenate([cost, np.zeros(areas)]),
            constraints=LinearConstraint(ties.tocsc(), 0, 0),
            bounds=Bounds(lowest, highest),
            integrality=np.concatenate([np.full(bricks, whole), np.zeros(areas)]),
            options={"time_limit": SECONDS},
        )
        if answer.status == 2:
            return np.zeros(bricks, bool)
        if answer.status != 0:
            return None
        y = answer.x[:bricks]
        if (np.abs(y - np.round(y)) < NEAR).all():
            return y > 0.5
    return None
