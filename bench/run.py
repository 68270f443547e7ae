"""Measure: ``python -m bench.run county`` (or national, real, scale, parts, month, refresh). Ends
with 1 if a bar fails, with 2 if two methods do not count the same."""

from __future__ import annotations

import argparse
import importlib
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

from bench import machine, make_data, methods, postgres, results
from bench.results import Bar

SLOW = ("duckdb_every_row", "geopandas_sjoin", "postgis", "house")  # one round where it is national
GIB = 2**30
LIBRARIES = (
    "duckdb",
    "duckdb-extension-spatial",
    "geopandas",
    "numpy",
    "pandas",
    "polars",
    "psycopg",
    "pyarrow",
    "pyogrio",
    "pyproj",
    "sedonadb",
    "shapely",
    "tobler",
)


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


def as_table(found: Mapping[str, Measured]) -> str:
    """A row for each method."""
    rows = []
    for name, m in found.items():
        if not m.rounds:
            rows.append([name, *"------", m.why_not])
            continue
        client = " (client alone)" if name == "postgis" else ""
        rows.append(
            [
                name,
                f"{m.median():.2f} s",
                f"{ratios(found, name, 'floor'):.2f}",
                f"{m.median('cpu_s'):.2f} s" if not client else "-",
                f"{ratios(found, name, 'floor', 'cpu_s'):.2f}" if not client else "-",
                f"{m.median('imports_s'):.1f} s",
                f"{m.median('memory') / GIB:.2f} GB{client}",
                f"{len(m.rounds)} round{'s' * (len(m.rounds) > 1)}",
            ]
        )
    times = ["compute", "to the floor", "CPU", "to the floor"]
    header = ["method", *times, "imports", "memory", ""]
    return results.table(header, rows)


def at_most(found: Mapping[str, Measured], limit: float) -> Bar:
    """Ours against the floor."""
    seen = ratios(found, "ours", "floor")
    return Bar(f"ours at most {limit:g} times the floor", f"{seen:.2f}", seen <= limit)


def faster(found: Mapping[str, Measured], peer: str, times: float) -> Bar:
    """Ours against a peer."""
    says = f"ours {f'{times:g} times ' if times > 1 else ''}faster than {peer}"
    if not found[peer].rounds:
        return Bar(says, found[peer].why_not, None)
    seen = ratios(found, peer, "ours")
    return Bar(says, f"{seen:.2f} times", seen > times)


def peers(found: Mapping[str, Measured]) -> list[str]:
    return [name for name in found if name not in ("floor", "ours", "house")]


def county(told: argparse.Namespace) -> tuple[str, list[Bar]]:
    """The county and the real archives: every method, every round."""
    folder = told.data / told.what
    if told.what == "county":
        make_data.make(make_data.sized("county"), folder)
    else:
        from bench import real

        real.make(told.shared, folder)
    found = measure(told.methods, folder, told.repeat)
    bars = [at_most(found, 3), *(faster(found, peer, 1) for peer in peers(found))]
    return as_table(found), bars


def national(told: argparse.Namespace) -> tuple[str, list[Bar]]:
    """The country; what takes very long runs in the first round only."""
    folder = told.data / "national"
    make_data.make(make_data.sized("national"), folder)
    found = measure(told.methods, folder, told.repeat, once_only=SLOW)
    bars = [at_most(found, 2)]
    for peer, times in (("sedona_every_row", 4), ("postgis", 10), ("geopandas_sjoin", 10)):
        if peer in found:
            bars.append(faster(found, peer, times))
    memory = found["ours"].median("memory") / GIB
    bars.append(Bar("ours in at most 2.5 GB", f"{memory:.2f} GB", memory <= 2.5))
    limited = once("ours", folder, folder / "counts" / "limited", BENCH_MEMORY="400MB")
    says = "a run that is limited to 1 GB ends, with the same counts"
    if "failed" in limited:
        return as_table(found), [*bars, Bar(says, limited["failed"], False)]
    compare(folder / "counts" / "ours", folder / "counts" / "limited", "the limited run")
    most = limited["memory"] / GIB
    seen = f"{limited['compute_s']:.1f} s, {most:.2f} GB"
    return as_table(found), [*bars, Bar(says, seen, most <= 1)]


def scale(told: argparse.Namespace) -> tuple[str, list[Bar]]:
    """Ours on twice the rows, and on twice the localities."""
    sizes = {
        "as it is": make_data.sized(told.of),
        "rows x 2": make_data.sized(told.of, rows_times=2),
        "localities x 2": make_data.sized(told.of, localities_times=2),
    }
    seen: dict[str, list[float]] = {name: [] for name in sizes}
    for size in sizes.values():
        make_data.make(size, told.data / size.name)
    for _ in range(told.repeat):
        for name, size in sizes.items():
            seen[name].append(once("ours", told.data / size.name, None)["compute_s"])
    grew = {
        name: statistics.median(a / b for a, b in zip(times, seen["as it is"], strict=True))
        for name, times in seen.items()
    }
    rows = [[n, f"{statistics.median(seen[n]):.2f} s", f"{grew[n]:.2f}"] for n in sizes]
    bars = [
        Bar(f"{name} takes at most {limit} times as long", f"{grew[name]:.2f}", grew[name] <= limit)
        for name, limit in (("rows x 2", 2.2), ("localities x 2", 1.3))
    ]
    return results.table([told.of, "compute", "times"], rows), bars


def parts(told: argparse.Namespace) -> tuple[str, list[Bar]]:
    """Areal shares, against tobler and geopandas.overlay."""
    from bench import apportion

    folder = told.data / told.of
    make_data.make(make_data.sized(told.of), folder)
    return apportion.measure(folder, told.repeat)


def month(told: argparse.Namespace) -> tuple[str, list[Bar]]:
    """One new month after all the others."""
    from bench import months

    folder = told.data / told.of
    make_data.make(make_data.sized(told.of), folder)
    (folder / "counts").mkdir(exist_ok=True)
    return months.measure(folder, told.repeat)


def refresh(told: argparse.Namespace) -> tuple[str, list[Bar]]:
    """Commands and a refresh of the demo, and what Prefect adds to it."""
    from bench import refreshes

    return refreshes.measure(told.repeat)


WHAT = {
    "county": county,
    "real": county,
    "national": national,
    "scale": scale,
    "parts": parts,
    "month": month,
    "refresh": refresh,
}


def main() -> None:
    """Measure one thing, print it and keep it in results.md."""
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("what", choices=WHAT)
    ask.add_argument("--repeat", type=int, default=5)
    ask.add_argument(
        "--of", default="national", choices=make_data.SIZES, help="scale, parts, month"
    )
    ask.add_argument("--data", type=Path, default=Path("build/bench"))
    ask.add_argument("--shared", type=Path, default=Path("../shared/data"))
    ask.add_argument("--methods", nargs="+", choices=methods.ALL, default=methods.ALL)
    told = ask.parse_args()
    try:
        text, bars = WHAT[told.what](told)
    except NotTheSame as why:
        print(why)
        raise SystemExit(2) from None
    about = f"{machine.described()}. {machine.versions(LIBRARIES)}."
    of = f" of {told.of}" if told.what in ("scale", "parts", "month") else ""
    body = f"{text}\n\n{results.bars(bars)}\n\n{about}"
    print(body)
    results.keep(told.what + of, body)
    raise SystemExit(any(bar.holds is False for bar in bars))


if __name__ == "__main__":
    main()
