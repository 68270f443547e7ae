"""The rows of the publishers' files behind a figure, as the warehouse of the newest refresh has
them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

from flows.entries import Indicator
from sql import models

Row = dict[str, Any]
EXAMPLES = 3  # crimes or sales told, to be looked up
LARGEST = 2  # small areas told of each measure


def behind(warehouse: Path, cell: Row, entry: Indicator, rows: str) -> Row | None:
    """What the warehouse tells of a published cell; None if it holds another figure, or none.

    ``assignments``: the figure by each rule and edge. For crimes and sales ``events``: how many by
    month and file, by small area, at how many map points, and some rows. For figures of small
    areas ``figures``: for numerator and denominator the files, how many small areas they speak
    for, and some rows. For published ones ``published``: their rows.
    """
    if not warehouse.exists():
        return None
    try:
        with models.look_into(warehouse) as con:
            return _told(con, cell, entry, rows) if _holds(con, cell) else None
    except (duckdb.IOException, duckdb.CatalogException, duckdb.BinderException):
        return None  # in use, or made by another version


def _told(con: duckdb.DuckDBPyConnection, cell: Row, entry: Indicator, rows: str) -> Row:
    found: Row = {"assignments": _assignments(con, cell)}
    if rows == "events" and cell["value"] is not None:
        found["events"] = _events(con, cell, entry)
    if rows == "published":
        found["published"] = _published(con, cell, entry)
    elif cell["value"] is not None:
        found["figures"] = [
            _figures(con, cell, part, *asked) for part, asked in _parts(con, cell, entry, rows)
        ]
    return found


def _rows(con: duckdb.DuckDBPyConnection) -> list[Row]:
    """The answer of the statement just run, a mapping for each row."""
    names = [d[0] for d in con.description or ()]
    return [dict(zip(names, row, strict=True)) for row in con.fetchall()]


def _key(cell: Row) -> Row:
    """What names a cell's area, as the warehouse has it."""
    return {
        "kind": cell["area_kind"],
        "edition": cell["edition"] or "",
        "area": cell["area_code"],
    }


def _holds(con: duckdb.DuckDBPyConnection, cell: Row) -> bool:
    """Whether the warehouse has the same figure: a later refresh may have failed its checks, or
    changed nothing but this."""
    con.execute(
        "select count(*) from evidence.evidence_table where indicator_id = $indicator"
        " and area_kind = $kind and area_code = $area and coalesce(edition, '') = $edition"
        " and period is not distinct from $period and value is not distinct from $value"
        " and numerator is not distinct from $numerator"
        " and denominator is not distinct from $denominator",
        _key(cell)
        | {"indicator": cell["indicator_id"]}
        | {k: cell[k] for k in ("period", "value", "numerator", "denominator")},
    )
    return con.fetchall() == [(1,)]


def _assignments(con: duckdb.DuckDBPyConnection, cell: Row) -> list[Row]:
    con.execute(
        "select assignment, numerator, denominator, round(value, 6) as value"
        " from evidence.indicator_values where indicator_id = $indicator and area_kind = $kind"
        " and area_code = $area and edition = $edition and period = $period"
        " order by assignment = 'declared' desc, assignment",
        _key(cell) | {"indicator": cell["indicator_id"], "period": cell["period"]},
    )
    return _rows(con)


def _events(con: duckdb.DuckDBPyConnection, cell: Row, entry: Indicator) -> Row:
    """The crimes or sales of a cell. A rate takes those in the small areas whose residents it
    divides by; other figures those inside the area's own edge."""
    by = "by_small_area" if entry.method == "rate" else "by_edge"
    con.execute(
        "create temp table near as"
        " select e.file, e.row_number, e.month, e.kind, e.amount, p.point_id,"
        " p.easting, p.northing, h.small_area_code, a.by_edge, a.by_small_area,"
        " case $by when 'by_edge' then a.by_edge else a.by_small_area end as is_counted"
        " from core.located_events as e"
        " join core.measure_columns as c"
        " on c.source = e.source and c.publisher_column = e.kind and c.measure = $measure"
        " join core.points as p on p.x = e.x and p.y = e.y and p.crs = e.crs"
        " join geo.point_areas as a on a.point_id = p.point_id and a.area_kind = $kind"
        " and a.edition = $edition and a.area_code = $area"
        " left join geo.point_small_areas as h on h.point_id = p.point_id"
        " where e.source = $source and e.month between $first and $last",
        _key(cell)
        | {"by": by, "source": entry.source, "measure": entry.measure}
        | {"first": cell["period_start"], "last": cell["period_end"]},
    )
    if entry.source == "price_paid":
        _name_sales(con)
    con.execute(
        "select count(*) filter (is_counted) as counted,"
        " count(distinct point_id) filter (is_counted) as map_points,"
        " count(*) filter (is_counted and not by_edge) as outside_its_edge,"
        " count(*) filter (by_edge and not is_counted) as inside_but_not_counted from near"
    )
    (told,) = _rows(con)
    con.execute(
        "select month, file, count(*) as rows from near where is_counted"
        " group by all order by month, file"
    )
    told["by_file"] = _rows(con)
    con.execute(
        "select small_area_code, count(*) as rows from near where is_counted"
        " group by all order by rows desc, small_area_code"
    )
    told["by_small_area"] = _rows(con)
    con.execute(
        "select file, row_number, month, kind, amount, easting, northing, small_area_code"
        " from near where is_counted order by month desc,"
        " count(*) over (partition by month, file) desc, file, row_number limit $n",
        {"n": EXAMPLES},
    )
    return told | {"examples": _rows(con)}


def _name_sales(con: duckdb.DuckDBPyConnection) -> None:
    """Give each sale the file and row of its newest record; it is known by its own number only."""
    con.execute("""
        create or replace temp table near as
        with newest as (
            select s.transaction_id, s.file, s.row_number
            from stage.price_paid as s
            left join catalogue.files as l on l.source = 'price_paid' and l.file = s.file
            semi join near on near.file = s.transaction_id
            qualify row_number() over (
                partition by s.transaction_id
                order by l.position desc, s.is_update desc, s.file desc, s.row_number desc
            ) = 1
        )
        select near.* replace (newest.file as file, newest.row_number as row_number)
        from near join newest on newest.transaction_id = near.file
    """)


def _published(con: duckdb.DuckDBPyConnection, cell: Row, entry: Indicator) -> list[Row]:
    staged = con.table(f"stage.{entry.source}")  # noqa: F841 read by name
    con.execute(
        "select s.file, s.row_number, s.publisher_column, s.publisher_value"
        " from staged as s join core.measure_columns as c"
        " on c.source = $source and c.publisher_column = s.publisher_column"
        " where c.measure = $measure and s.area_code = $area and s.period = $period"
        " and round(s.publisher_value::double, 6) is not distinct from $value"
        " order by s.file, s.row_number limit $n",
        {"source": entry.source, "measure": entry.measure, "n": EXAMPLES}
        | {"area": cell["area_code"], "period": cell["period"], "value": cell["value"]},
    )
    return _rows(con)


def _parts(
    con: duckdb.DuckDBPyConnection, cell: Row, entry: Indicator, rows: str
) -> list[tuple[str, tuple[str, str, str]]]:
    """Numerator and denominator as (source, measure, period), where they are of small areas."""
    parts = []
    if rows == "observations":
        parts.append(("numerator", (entry.source, entry.measure, cell["period"])))
    if cell["denominator"] is not None and entry.denominator_measure:
        source, measure = entry.denominator_source, entry.denominator_measure
        con.execute(
            "select period from core.area_totals where source = $source and measure = $measure"
            " and area_kind = $kind and edition = $edition and area_code = $area"
            " and assignment = 'declared' and round(total, 4) = $total"
            " order by period_start <= $last desc, abs(date_diff('day', period_start, $last))"
            " limit 1",
            _key(cell)
            | {"source": source, "measure": measure}
            | {"total": cell["denominator"], "last": cell["period_end"]},
        )
        parts += [("denominator", (source, measure, period)) for (period,) in con.fetchall()]
    return parts


def _figures(
    con: duckdb.DuckDBPyConnection, cell: Row, part: str, source: str, measure: str, period: str
) -> Row:
    """The small areas' figures behind a numerator or denominator: their files, and some rows."""
    asked = {"source": source, "measure": measure, "period": period}
    con.execute(
        "create or replace temp table figures as"
        " with ours as ("
        " select small_area_code, weight from geo.area_weights where area_kind = $kind"
        " and edition = $edition and area_code = $area and assignment = 'declared'),"
        " reported as ("
        " select 2021 as vintage, small_area_code from ours union"
        " select 2011, c.code_2011 from core.small_area_changes as c"
        " join ours on ours.small_area_code = c.code_2021)"
        " select o.file, o.vintage, o.small_area_code, o.value from core.observations as o"
        " semi join reported as r using (vintage, small_area_code)"
        " where o.source = $source and o.measure = $measure and o.period = $period",
        _key(cell) | asked,
    )
    con.execute(
        "select file, vintage, count(*) as small_areas from figures group by all order by all"
    )
    files = _rows(con)
    staged = con.table(f"stage.{source}")
    if "small_area_code" not in staged.columns:  # published for larger areas, or home by home
        return {"part": part, **asked, "files": files, "examples": []}
    con.execute(
        "select s.file, min(s.row_number) as row_number, s.small_area_code,"
        " min(s.publisher_column) as publisher_column, count(*) as columns,"
        " sum(s.publisher_value)::double as publisher_value"
        " from staged as s join core.measure_columns as c on c.source = $source and c.file = s.file"
        " and c.publisher_column = s.publisher_column and c.measure = $measure"
        " join figures as f on f.file = s.file and f.small_area_code = s.small_area_code"
        " where s.period = $period group by s.file, s.small_area_code, f.value"
        " order by f.value desc, s.file, s.small_area_code limit $n",
        asked | {"n": LARGEST},
    )
    return {"part": part, **asked, "files": files, "examples": _rows(con)}
