"""What a new month costs after a full run, where what was found is kept. (A refresh keeps typed
files, and counts anew: ``methods/kept.py`` is how it would go.)"""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path

from bench import results, rounds
from bench.results import Bar

LAST = "2025-12"


def measure(folder: Path, repeat: int) -> tuple[str, list[Bar]]:
    """All months but the last; then all, of which one is new; then all, of which none is. What is
    counted is held against ours."""
    ways = ("a full run", "one new month", "nothing new")
    seen: dict[str, list[dict]] = {way: [] for way in ways}
    for number in range(repeat):
        with tempfile.TemporaryDirectory(dir=folder) as home:
            earlier = _without(folder, LAST, Path(home) / "earlier")
            seen[ways[0]].append(rounds.once("kept", earlier, None, BENCH_KEPT=home))
            out = folder / "counts" / "kept"
            seen[ways[1]].append(rounds.once("kept", folder, out, BENCH_KEPT=home))
            if not number:
                rounds.once("ours", folder, folder / "counts" / "ours")
                rounds.compare(folder / "counts" / "ours", out, "what was kept")
            seen[ways[2]].append(rounds.once("kept", folder, None, BENCH_KEPT=home))
    rows, share = [], {}
    for way, told in seen.items():
        pairs = list(zip(told, seen[ways[0]], strict=True))
        time = statistics.median(a["compute_s"] / b["compute_s"] for a, b in pairs)
        read = statistics.median(a["rows"] / b["rows"] for a, b in pairs)
        share[way] = (time, read)
        took = statistics.median(one["compute_s"] for one in told)
        rows.append([way, f"{took:.2f} s", f"{time:.1%}", f"{told[0]['rows']:,}", f"{read:.1%}"])
    time, read = share[ways[1]]
    bars = [
        Bar("one new month takes at most 20% of a full run", f"{time:.1%}", time <= 0.2),
        Bar("and reads at most 6% of its rows", f"{read:.1%}", read <= 0.06),
    ]
    return results.table(["months", "compute", "share", "located rows read", "share"], rows), bars


def _without(folder: Path, month: str, out: Path) -> Path:
    """The same folder but for a month, in links."""
    (out / "police").mkdir(parents=True)
    (out / "localities.gpkg").symlink_to((folder / "localities.gpkg").resolve())
    for one in (folder / "police").iterdir():
        if one.name != month:
            (out / "police" / one.name).symlink_to(one.resolve())
    return out
