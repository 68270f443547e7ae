"""The attack on our own tables before they go out, together with all that is out already.

Each release of protected figures keeps ``protected_cells.parquet``: which small areas and spans of
time each figure adds up, and what is shown of it. Nothing in it is not public; the next audit
reads it beside the new cells, so that two releases do not tell together what neither tells alone.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from flows.entries import Book, Source

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

    from flows.disclosure import Exposure, Public, Remedy

CELLS = "protected_cells.parquet"
WHERE_OUT = ("releases/*/quality", "studies/*/quality", "partner/[!.]*", "restricted/[!.]*")
REPORT = ("source", "measure", "base", "cells_out_before")
REPORT += ("threshold", "cells", "groups_examined", "passed")
ENOUGH = 20  # exposures: one is too many already
NAMED = 3  # groups that a sentence names


@dataclass
class Protection:
    """What the audit found: a row for each topic to publish; the faults that stop a release."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def audit(con: duckdb.DuckDBPyConnection, book: Book, data: Path) -> Protection:
    """Attack every protected topic of a finished warehouse with what would be public of it."""
    from flows import disclosure

    found = Protection()
    new = con.sql("from evidence.protected_cells").df()
    counts = con.sql("from core.protected_counts").df()
    broken = counts[counts["people"] % 1 != 0]
    for source in broken["source"].drop_duplicates():
        found.faults.append(
            f"{book.source[source].label}: it has counts that are not whole numbers, which cannot"
            " be protected. Ask for whole counts, or put threshold = 1 if it counts nobody."
        )
    before = _out(con, data) if len(new) else new
    for (source, measure), cells in new.groupby(["source", "measure"], sort=True):
        entry = book.source[str(source)]
        if entry.label in {fault.partition(":")[0] for fault in found.faults}:
            continue
        truth = counts[(counts["source"] == source) & (counts["measure"] == measure)]
        earlier = before[(before["source"] == source) & (before["measure"] == measure)]
        public, people = _public(cells, earlier, truth)
        result = disclosure.audit(public, people, entry.threshold, enough=ENOUGH)
        told = {"source": source, "measure": measure, "base": entry.base}
        told["cells_out_before"] = int(public.out.sum())
        found.rows.append(told | result.published())
        if not result.passed:
            remedy = disclosure.remedy(public, people, entry.threshold)
            found.faults.append(_told(entry, result.exposures, remedy, book))
    return found


def write(con: duckdb.DuckDBPyConnection, found: Protection, folder: Path) -> None:
    """The result, and the cells for the next audit, into a folder."""
    import pandas as pd

    rows = pd.DataFrame(found.rows, columns=list(REPORT))
    rows.to_csv(folder / "disclosure.csv", index=False, lineterminator="\n")
    if found.rows:
        con.table("evidence.protected_cells").write_parquet(str(folder / CELLS))


def hash_of_out(data: Path) -> str:
    """A hash of all protected cells that are out: it changes when anything more goes out."""
    digest = hashlib.sha256()
    for path in _files_out(data):
        digest.update(path.relative_to(data).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def _files_out(data: Path) -> list[Path]:
    return sorted(path for where in WHERE_OUT for path in data.glob(f"{where}/{CELLS}"))


def _out(con: duckdb.DuckDBPyConnection, data: Path) -> pd.DataFrame:
    """The protected cells of every release that is out, each once."""
    files = [str(path) for path in _files_out(data)]
    columns = con.table("evidence.protected_cells").columns
    if not files:
        return con.table("evidence.protected_cells").limit(0).df()
    return con.read_parquet(files).select(*columns).distinct().order("all").df()


def _public(
    new: pd.DataFrame, earlier: pd.DataFrame, truth: pd.DataFrame
) -> tuple[Public, np.ndarray]:
    """What would be public of a topic, and the true counts (bricks x spans). Of earlier cells only
    those whose small areas and spans are still in hand."""
    import pandas as pd

    from flows import disclosure

    table = truth.pivot(index="brick", columns="span", values="people").fillna(0)
    wanted = sorted({b for listed in new["bricks"] for b in listed} | set(table.index))
    spans = sorted({s for listed in new["spans"] for s in listed} | set(table.columns))
    table = table.reindex(index=wanted, columns=spans, fill_value=0)
    kept = [
        set(b) <= set(wanted) and set(s) <= set(spans)
        for b, s in zip(earlier["bricks"], earlier["spans"], strict=True)
    ]
    cells = pd.concat([new.assign(out=False), earlier[kept].assign(out=True)])
    area, areas, first_area = _members(cells, ["area_kind", "area_code", "bricks"], wanted)
    period, periods, first_period = _members(cells, ["period_rule", "period", "spans"], spans)
    lowest, highest = np.zeros(len(cells), int), np.zeros(len(cells), int)
    for base in cells["base"].unique():
        of = (cells["base"] == base).to_numpy()
        lowest[of], highest[of] = disclosure.bounds(cells["shown"].to_numpy()[of], int(base))
    rows = cells.reset_index(drop=True)
    return disclosure.Public(
        areas=areas,
        periods=periods,
        area=area,
        period=period,
        lowest=lowest,
        highest=highest,
        area_names=tuple(rows["area_code"][i] for i in first_area),
        area_kinds=tuple(rows["area_kind"][i] for i in first_area),
        period_names=tuple(rows["period"][i] for i in first_period),
        period_rules=tuple(rows["period_rule"][i] for i in first_period),
        out=rows["out"].to_numpy(bool),
    ), table.to_numpy(float)


def _members(
    cells: pd.DataFrame, key: list[str], names: list[str]
) -> tuple[np.ndarray, np.ndarray, list[int]]:
    """Which row of a membership matrix each cell's list (the last of ``key``) is; the matrix, lists
    x names; and the first cell of each row. Alike lists of two kinds are two rows: one kind may be
    left out, and not the other."""
    place = {name: i for i, name in enumerate(names)}
    rows: dict[tuple[Any, ...], int] = {}
    first: list[int] = []
    which = np.zeros(len(cells), dtype=int)
    for number, values in enumerate(cells[key].itertuples(index=False)):
        one = (*values[:-1], tuple(values[-1]))
        if one not in rows:
            rows[one] = len(rows)
            first.append(number)
        which[number] = rows[one]
    matrix = np.zeros((len(rows), len(names)), dtype=bool)
    for one, number in rows.items():
        matrix[number, [place[name] for name in one[-1]]] = True
    return which, matrix, first


def _told(entry: Source, exposures: tuple[Exposure, ...], remedy: Remedy | None, book: Book) -> str:
    """What the officer is told: where a small group shows, never how small; and what to do."""
    shown = " | ".join(f"{e.areas}; {e.periods}" for e in exposures[:NAMED])
    more = f" | and {len(exposures) - NAMED} more" if len(exposures) > NAMED else ""
    if remedy is None:
        what = (
            "What is out already tells it together with anything new: leave out the newest period,"
            " and take the older releases back where that can be done."
        )
    else:
        kinds = [k.id for k in book.place.area_kinds if k.id not in remedy.kinds]
        lines = []
        if remedy.kinds:
            lines.append("shown_for = [" + ", ".join(f'"{kind}"' for kind in kinds) + "]")
        if remedy.rules:
            lines.append('shown = "year", instead of ' + " and ".join(remedy.rules))
        what = f"Put into its TOML: {'; '.join(lines)}. With that nothing can be told."
    return (
        f"{entry.label}: its figures taken together would show that fewer than {entry.threshold}"
        f" are in a group: {shown}{more}. Nothing is published. {what}"
    )
