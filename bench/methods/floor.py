"""The floor: DuckDB reads the four columns that the job needs, with their types given."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from bench.methods.street_files import READ, params

NEEDS = ("duckdb",)
QUERY = "select count(month), count(longitude), count(latitude), count(type) from" + READ


def counts(street: Sequence[Path], localities: Path) -> None:
    """Read, count, and make nothing."""
    with duckdb.connect() as con:
        con.execute(QUERY, params(street)).fetchone()
