"""How long the street files of a folder take to stage on a runner: seconds, as JSON. Wants
``PREFECT_API_URL``: ``python -m bench.staging_on threads build/bench/county``."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

from prefect import flow

from bench.methods.house import as_kept
from flows import catalogue, runners, staging
from flows.snapshots import Store


@flow
def stage(runner: str, folder: str) -> dict[str, float]:
    """Seconds, how many units, and how many files."""
    source = catalogue.read("exampleshire").source["police_crime"]
    street = sorted((Path(folder) / "police").glob("*/*-street.csv"))
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        store, staged = Store(Path(scratch).resolve()), Path(scratch).resolve() / "staged"
        units = staging.units(as_kept(store, file, str(at)) for at, file in enumerate(street))
        began = time.perf_counter()
        work = partial(staging.stage_unit, source, store, staged)
        runners.spread("stage", work, units, runner)
        took = time.perf_counter() - began
        there = len(list(staged.rglob("*.parquet")))
    if there != len(street):
        raise RuntimeError(f"{there} of {len(street)} files are staged")
    return {"seconds": took, "units": len(units), "files": there}


if __name__ == "__main__":
    print(json.dumps(stage(*sys.argv[1:])))
