"""Work in parts, on all cores of the machine."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Part = TypeVar("Part")
Found = TypeVar("Found")


def by_all(work: Callable[[Part], Found], parts: Sequence[Part]) -> list[Found]:
    """What comes of each part, in their order; a lone part is worked on where it is. Threads serve,
    for shapely and numpy let others work while they do."""
    if len(parts) < 2:
        return [work(part) for part in parts]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(work, parts))
