"""Areal shares of small areas in localities: the house's own, tobler's, and geopandas.overlay's."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench import results
from bench.one import peak_memory
from bench.results import Bar

if TYPE_CHECKING:
    import geopandas as gpd
    import numpy as np
    from numpy.typing import NDArray

    Shares = dict[str, NDArray[Any]]  # area, small_area (numbers), share

WAYS = ("house", "tobler", "overlay")
CLOSE = 1e-9


def house(small: gpd.GeoDataFrame, areas: gpd.GeoDataFrame) -> Shares:
    """``geo.weights.small_area_weights``'s part for ground, as a kind of its own."""
    from geo import weights
    from geo.areas import Kind

    kind = Kind("bench", names={c: c for c in areas["area_code"]}, polygons=areas)
    found = weights._area_shares(kind, small)
    return {
        "area": _at(areas, found["area_code"]),
        "small_area": _at(small, found["small_area_code"]),
        "share": found["weight"].to_numpy(),
    }


def _at(frame: gpd.GeoDataFrame, codes: Any) -> NDArray[np.intp]:
    import pandas as pd

    return pd.Index(frame["area_code"]).get_indexer(codes)


def tobler(small: gpd.GeoDataFrame, areas: gpd.GeoDataFrame) -> Shares:
    """tobler's table of areas, divided by the small areas' own; kept in 64 bits, as it works them
    out, not in the 32 that it would put them away in."""
    module = import_module("tobler.area_weighted.area_interpolate")

    def in_full(*held: Any, dtype: Any, **more: Any) -> Any:
        return kept(*held, **more)

    kept, module.coo_matrix = module.coo_matrix, in_full
    found = module._area_tables_binning(small, areas, spatial_index="auto").tocoo()
    share = found.data / small.area.to_numpy()[found.row]
    return {"area": found.col, "small_area": found.row, "share": share}


def overlay(small: gpd.GeoDataFrame, areas: gpd.GeoDataFrame) -> Shares:
    """``geopandas.overlay``, pieces divided by the small areas they are of."""
    import geopandas as gpd
    import numpy as np

    pieces = gpd.overlay(
        small[["geometry"]].assign(small_area=np.arange(len(small)), whole=small.area),
        areas[["geometry"]].assign(area=np.arange(len(areas))),
        how="intersection",
    )
    share = (pieces.area / pieces["whole"]).to_numpy()
    return {
        "area": pieces["area"].to_numpy(),
        "small_area": pieces["small_area"].to_numpy(),
        "share": share,
    }


def measure(folder: Path, repeat: int) -> tuple[str, list[Bar]]:
    """Rounds in which each way runs once in a process of its own, and the bars."""
    seen: dict[str, list[dict[str, Any]]] = {way: [] for way in WAYS}
    out = folder / "counts"
    out.mkdir(exist_ok=True)
    for _ in range(repeat):
        for way in WAYS:
            done = subprocess.run(
                [sys.executable, "-m", "bench.apportion", way, str(folder), str(out / way)],
                capture_output=True,
                text=True,
                check=True,
            )
            seen[way].append(json.loads(done.stdout.splitlines()[-1]))
            print(f"{way} {seen[way][-1]['compute_s']:.1f} s", file=sys.stderr)
    rows, bars = [], []
    for way, rounds in seen.items():
        pairs = zip(rounds, seen["house"], strict=True)
        ratio = statistics.median(r["compute_s"] / h["compute_s"] for r, h in pairs)
        median = statistics.median(r["compute_s"] for r in rounds)
        cpu = statistics.median(r["cpu_s"] for r in rounds)
        memory = max(r["memory"] for r in rounds) / 2**30
        rows.append([way, f"{median:.1f} s", f"{cpu:.1f} s", f"{ratio:.2f}", f"{memory:.2f} GB"])
        if way != "house":
            says = f"house at least 3 times faster than {way}"
            bars.append(Bar(says, f"{ratio:.2f}", ratio >= 3))
            off = _apart(out / "house.npz", out / f"{way}.npz")
            bars.append(Bar(f"each share equal to {way}'s to 1e-9", f"{off:.1e}", off <= CLOSE))
    return results.table(["way", "compute", "CPU", "to the house", "memory"], rows), bars


def _apart(one: Path, other: Path) -> float:
    """The largest difference of a share, where a pair that one lacks has none."""
    import numpy as np
    import scipy.sparse as sparse

    matrices = []
    for path in (one, other):
        with np.load(path) as found:
            at = (found["small_area"], found["area"])
            matrices.append(sparse.coo_array((found["share"], at), shape=tuple(found["shape"])))
    first, second = (m.astype(float).tocsr() for m in matrices)
    return float(abs(first - second).max())


def main() -> None:
    """One way, in this process."""
    import geopandas as gpd
    import numpy as np

    way, folder, out = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    small = gpd.read_file(folder / "small_areas.gpkg").rename(columns={"code": "area_code"})
    areas = gpd.read_file(folder / "localities.gpkg").rename(columns={"code": "area_code"})
    if way == "tobler":
        import tobler.area_weighted  # noqa: F401 its import is not to be timed
    began, cpu = time.perf_counter(), time.process_time()
    found = globals()[way](small, areas)
    told = {
        "compute_s": time.perf_counter() - began,
        "cpu_s": time.process_time() - cpu,
        "memory": peak_memory(),
    }
    np.savez(out, shape=np.array([len(small), len(areas)]), **found)
    print(json.dumps(told))


if __name__ == "__main__":
    main()
