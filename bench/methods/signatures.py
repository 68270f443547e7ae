"""Signatures: the sets of localities that points fall in, of which there are far fewer than
points."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Whole = NDArray[np.intp]


def signatures(point: Whole, polygon: Whole, points: int) -> tuple[Whole, Whole, Whole]:
    """The signature of each point (-1 for a point in no polygon), and the polygons of each
    signature as two arrays (signature, polygon).

    ``point`` and ``polygon`` are pairs sorted by point, then polygon. Sets are told apart by the
    sum of a random number for each polygon, and then compared, for two sums may be equal.
    """
    of_point = np.full(points, -1, dtype=np.intp)
    if not len(point):
        return of_point, point, polygon
    start = np.flatnonzero(np.r_[True, point[1:] != point[:-1]])
    size = np.diff(np.r_[start, len(point)])
    mark = np.random.default_rng(0).integers(0, 2**63, polygon.max() + 1, dtype=np.uint64)
    _, first, number = np.unique(
        np.add.reduceat(mark[polygon], start), return_index=True, return_inverse=True
    )
    offset = np.arange(len(point)) - np.repeat(start, size)
    same_size = np.array_equal(size, size[first][number])
    if not same_size or not np.array_equal(
        polygon, polygon[np.repeat(start[first][number], size) + offset]
    ):
        raise ValueError("two sets of localities have the same sum: choose another seed")
    of_point[point[start]] = number
    kept = np.repeat(first[number] == np.arange(len(start)), size)
    return of_point, np.repeat(number, size)[kept], polygon[kept]
