"""One method on one folder in a process of its own: how long it computed (without imports), how
much memory it took at most, and what it counted."""

from __future__ import annotations

import argparse
import importlib
import json
import resource
import sys
import time
from pathlib import Path


def peak_memory() -> int:
    """The most bytes that this process had in memory; Linux keeps a parent's own peak out of it."""
    status = Path("/proc/self/status")
    if status.exists():
        told = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(told["VmHWM"].split()[0]) * 1024
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def main() -> None:
    """Print a line of JSON."""
    ask = argparse.ArgumentParser()
    ask.add_argument("method")
    ask.add_argument("folder", type=Path)
    ask.add_argument("--out", type=Path)
    told = ask.parse_args()
    began = time.perf_counter()
    method = importlib.import_module(f"bench.methods.{told.method}")
    imported = time.perf_counter()
    cpu = time.process_time()
    street = sorted((told.folder / "police").glob("*/*-street.csv"))
    found = method.counts(street, told.folder / "localities.gpkg")
    done = time.perf_counter()
    about = {
        "imports_s": imported - began,
        "compute_s": done - imported,
        "cpu_s": time.process_time() - cpu,
        "memory": peak_memory(),
    }
    if found is not None and told.out:
        _write(found, told.out)
    print(json.dumps(about | getattr(method, "TOLD", {})))


def _write(found: object, out: Path) -> None:
    """The counts as Parquet, sorted."""
    import duckdb

    if not isinstance(found, duckdb.DuckDBPyRelation):
        found = duckdb.sql("from found")
    part = found.project("code, month, type, n::bigint as n").order("code, month, type")
    part.write_parquet(str(out))


if __name__ == "__main__":
    main()
