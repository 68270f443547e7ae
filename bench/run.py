"""Measure: ``python -m bench.run county`` (or national, real, scale, parts, month, refresh,
runners). Ends with 1 if a bar fails, with 2 if two methods do not count the same."""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Mapping
from pathlib import Path

from bench import machine, make_data, methods, results
from bench.results import Bar
from bench.rounds import GIB, Measured, NotTheSame, compare, measure, once, ratios

OUR_WAY = ("polars_signatures", "staged", "house")
SLOW = (
    "sedona_every_row",
    "duckdb_every_row",
    "geopandas_sjoin",
    "postgis",
    "house",
)  # one round where it is national
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
    """What a user would pick instead: not our own way in polars, nor the house's whole way."""
    return [name for name in found if name not in ("floor", "ours", *OUR_WAY)]


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
    return f"{as_table(found)}\n\n{_in_polars(found)}", bars


def _in_polars(found: Mapping[str, Measured]) -> str:
    """Our way with another engine is not what a user would pick instead: it has no bar."""
    if not found.get("polars_signatures", Measured()).rounds:
        return ""
    seen = ratios(found, "ours", "polars_signatures")
    return f"ours takes {seen:.2f} times as long as the same way with polars in DuckDB's place."


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


def runners(told: argparse.Namespace) -> tuple[str, list[Bar]]:
    """Staging in line, on threads and on a Dask cluster of this machine."""
    from bench import refreshes

    folder = told.data / told.of
    make_data.make(make_data.sized(told.of), folder)
    return refreshes.runners(folder, told.repeat)


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
    "runners": runners,
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
    of = f" of {told.of}" if told.what in ("scale", "parts", "month", "runners") else ""
    body = f"{text}\n\n{results.bars(bars)}\n\n{about}"
    print(body)
    results.keep(told.what + of, body)
    raise SystemExit(any(bar.holds is False for bar in bars))


if __name__ == "__main__":
    main()
