"""Street files as DuckDB reads them fastest: nothing sniffed, four columns wanted."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

# The first bound value makes DuckDB import pandas and pyarrow if they are there: seconds. That is
# import time, and is not to be counted as reading.
with duckdb.connect() as _con:
    _con.execute("select $warm", {"warm": 1})

# Not con.sql(..., params): that gathers every row into a result first, and reads it slowly again.
READ = (
    " read_csv($files, columns = $columns, header = true, auto_detect = false, delim = ',',"
    " quote = '\"', escape = '\"') "
)
COLUMNS = {
    "crime_id": "VARCHAR",
    "month": "VARCHAR",
    "reported_by": "VARCHAR",
    "falls_within": "VARCHAR",
    "longitude": "DECIMAL(9, 6)",
    "latitude": "DECIMAL(9, 6)",
    "location": "VARCHAR",
    "lsoa_code": "VARCHAR",
    "lsoa_name": "VARCHAR",
    "type": "VARCHAR",
    "outcome": "VARCHAR",
    "context": "VARCHAR",
}


def params(street: Sequence[Path]) -> dict[str, Any]:
    """What READ asks for."""
    return {"files": [str(f) for f in street], "columns": COLUMNS}
