"""The released tables: one tidy Parquet file, a CSV for each theme, the ledger of assignments, and
what stands beside the figures: gaps, breaks, similar places, funnels, what changed since the
release before, and the localities and indicators that all of them name."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

BESIDE = {
    "gaps.csv": "evidence.gaps",
    "breaks.csv": "evidence.breaks",
    "peers.csv": "evidence.similar_places",
    "funnels.csv": "evidence.funnel_limits",
    "changes.csv": "evidence.changes",
    "localities.csv": "evidence.localities",
    "indicators.csv": "evidence.indicators",
}


def write(con: duckdb.DuckDBPyConnection, folder: Path) -> dict[str, int]:
    """Write the tables into a folder; each file's path within it and its number of rows."""
    (folder / "themes").mkdir(parents=True)
    written = {}
    for name, table in (
        ("evidence.parquet", "evidence.evidence_table"),
        ("assignment_ledger.parquet", "evidence.assignment_ledger"),
    ):
        con.table(table).write_parquet(str(folder / name), compression="zstd")
        written[name] = _count(con, table)
    for name, table in BESIDE.items():
        con.table(table).write_csv(str(folder / name), header=True)
        written[name] = _count(con, table)
    for (theme,) in con.sql("select theme_id from catalogue.themes order by position").fetchall():
        rows = con.sql(
            "select * exclude (theme_id) from evidence.theme_rows where theme_id = $theme",
            params={"theme": theme},
        )
        rows.write_csv(str(folder / "themes" / f"{theme}.csv"), header=True)
        written[f"themes/{theme}.csv"] = len(rows)
    return written


def _count(con: duckdb.DuckDBPyConnection, table: str) -> int:
    return len(con.table(table))
