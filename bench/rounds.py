"""Rounds: each method once in a process of its own, again and again; all must count the same."""

from __future__ import annotations

import importlib.util
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from bench import methods, postgres

GIB = 2**30


class NotTheSame(Exception):
    """Two methods that count differently, and where."""


@dataclass
class Measured:
    """The rounds of one method, or why there are none."""

    rounds: list[dict[str, Any]] = field(default_factory=list)
    why_not: str = ""

    def median(self, what: str = "compute_s") -> float:
        return statistics.median(r[what] for r in self.rounds)


def missing(method: str) -> str:
    """Why a method cannot run here; empty if it can."""
    source = Path(methods.__file__).with_name(f"{method}.py").read_text("utf-8")
    line = next(x for x in source.splitlines() if x.startswith("NEEDS = "))
    needs = [n.strip("\"' ") for n in line.split("(", 1)[1].rstrip(")").split(",")]
    lacking = [n for n in needs if n and importlib.util.find_spec(n) is None]
    if lacking:
        return f"not installed: {', '.join(lacking)}"
    return postgres.why_not() if method == "postgis" else ""


def once(method: str, folder: Path, out: Path | None, **environment: str) -> dict[str, Any]:
    """One method on one folder in a new process."""
    command = [sys.executable, "-m", "bench.one", method, str(folder)]
    if out:
        command += ["--out", str(out)]
    done = subprocess.run(
        command, capture_output=True, text=True, env=os.environ | environment, check=False
    )
    if done.returncode:
        print(done.stderr, file=sys.stderr)
        tail = done.stderr.strip().splitlines()[-1:] or [f"ended with {done.returncode}"]
        return {"failed": tail[0]}
    return json.loads(done.stdout.splitlines()[-1])


def measure(
    names: Iterable[str], folder: Path, repeat: int, *, once_only: Iterable[str] = ()
) -> dict[str, Measured]:
    """Rounds in which each method runs once. NotTheSame if one does not count what ours counts."""
    every = dict.fromkeys(("floor", "ours", *names))
    found = {name: Measured(why_not=missing(name)) for name in every}
    work = folder / "counts"
    work.mkdir(exist_ok=True)
    with ExitStack() as stack:
        environment = {}
        if "postgis" in found and not found["postgis"].why_not:
            environment["BENCH_POSTGRES"] = stack.enter_context(postgres.server(folder))
        for number in range(repeat):
            for name, measured in found.items():
                if measured.why_not or (number and name in once_only):
                    continue
                told = once(name, folder, None if number else work / name, **environment)
                if "failed" in told:
                    measured.why_not = told["failed"]
                    continue
                measured.rounds.append(told)
                print(f"round {number + 1}: {name} {told['compute_s']:.2f} s", file=sys.stderr)
    for name in found:
        if name not in ("ours", "floor") and found[name].rounds:
            compare(work / "ours", work / name, name)
    return found


def compare(ours: Path, theirs: Path, name: str) -> None:
    """NotTheSame, naming the first cells that differ."""
    with duckdb.connect() as con:
        con.read_parquet(str(ours)).create_view("ours")
        con.read_parquet(str(theirs)).create_view("theirs")
        differ = con.sql(
            "select code, month, type, o.n as ours, t.n as theirs"
            " from ours as o full join theirs as t using (code, month, type)"
            " where o.n is distinct from t.n order by all"
        )
        if count := len(differ):
            raise NotTheSame(f"{name} differs from ours in {count} cells, first\n{differ.limit(5)}")


def ratios(found: Mapping[str, Measured], name: str, to: str, what: str = "compute_s") -> float:
    """The median over rounds of one method's time to another's in the same round."""
    pairs = zip(found[name].rounds, found[to].rounds, strict=False)
    return statistics.median(a[what] / b[what] for a, b in pairs)
