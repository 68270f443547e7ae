"""From a kept file to raw text: every cell a string, our column names, one row per record.

Publishers rename columns, add byte-order marks, change encodings and put titles above a table.
Here a file is matched to one of a source's declared layouts and laid out as ``raw.<source>``;
what it means is the business of ``sql/stage/<source>.sql``.
"""

from __future__ import annotations

import codecs
import csv
import json
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

VERSION = "3"  # raise it when the same file would be laid out differently
CHUNK = 1 << 20
# a byte-order mark, and one that was taken for text and encoded again
MARKS = (b"\xef\xbb\xbf", b"\xc3\xaf\xc2\xbb\xc2\xbf")
TITLE_ROWS = 12  # a header stands in the first rows of a sheet, under its titles


class HeaderFault(Exception):
    """A file whose columns are not those of the layout: what is missing and what was found."""


def lay_out(
    con: duckdb.DuckDBPyConnection,
    source: str,
    path: Path,
    name: str,
    layout: Mapping[str, Any],
    every_column: Sequence[str],
) -> list[tuple[int, str]]:
    """Make ``raw.<source>`` from one file; the rejected come back as (record number, reason).

    ``layout`` has ``format`` (csv, xlsx or json), ``columns`` and ``optional`` (our name: the
    publisher's), ``names`` (of a file without a header) and ``wide``. ``every_column`` lists the
    columns that any layout of the source has, so that each file gives the same table: absent ones
    are null. The table has besides ``file``, ``title`` (text above the header) and ``row_number``
    (records from 1).
    """
    con.execute("create schema if not exists raw")
    with tempfile.TemporaryDirectory() as folder:
        title = ""
        if layout["format"] == "xlsx":
            title, path = _sheet(path, layout["columns"], Path(folder) / "sheet.csv")
        if layout["format"] == "json":
            path = _records(path, layout["columns"], Path(folder) / "records.csv")
        path = _plain_text(path, Path(folder) / "plain.csv")
        with path.open(encoding="utf-8", errors="replace", newline="") as stream:
            found = next(csv.reader(stream), [])
        names = _our_names(found, layout)
        # what no layout speaks of is not read, but where each column is a figure
        wanted = names if layout["wide"] else [n for n in names if n in every_column]
        con.execute("drop table if exists reject_errors; drop table if exists reject_scans")
        rows = _records_of(con, path, names, header=not layout["names"])
        texts = {"file": name, "title": title}
        _create(con, source, rows, texts, wanted, [c for c in every_column if c not in names])
        rejected = _rejected(con, header=not layout["names"])
    if rejected:
        _renumber(con, source, [number for number, _ in rejected])
    return rejected


def empty(con: duckdb.DuckDBPyConnection, source: str, every_column: Sequence[str]) -> None:
    """``raw.<source>`` without a row, for a source that has no file in hand."""
    con.execute("create schema if not exists raw")
    nothing = con.sql("select 1 where false")
    _create(con, source, nothing, {"file": "", "title": ""}, [], list(every_column))


def _records_of(
    con: duckdb.DuckDBPyConnection, path: Path, names: list[str], *, header: bool
) -> duckdb.DuckDBPyRelation:
    """The records of a CSV file as text, without sniffing; read when they are asked for."""
    return con.read_csv(
        str(path),
        columns=dict.fromkeys(names, "VARCHAR"),
        header=header,
        auto_detect=False,
        sep=",",
        quotechar='"',
        escapechar='"',
        strict_mode=True,
        max_line_size=10_000_000,
        ignore_errors=True,
        store_rejects=True,
    )


def _create(
    con: duckdb.DuckDBPyConnection,
    source: str,
    rows: duckdb.DuckDBPyRelation,
    texts: Mapping[str, str],
    wanted: Sequence[str],
    absent: Sequence[str],
) -> None:
    # no_value: a wide table always has one column to turn, even when a file has no other
    nulls = [
        duckdb.ConstantExpression(None).cast("VARCHAR").alias(c) for c in ("no_value", *absent)
    ]
    # by the table's name and theirs: alone, a name with a dot in it would be taken for both
    shaped = rows.set_alias("records").select(
        *[duckdb.ConstantExpression(text).alias(name) for name, text in texts.items()],
        duckdb.SQLExpression("row_number() over ()").alias("row_number"),
        *nulls,
        *[duckdb.ColumnExpression("records", c) for c in wanted],
    )
    con.execute("drop table if exists raw." + _identifier(source))
    shaped.create(f"raw.{source}")


def _rejected(con: duckdb.DuckDBPyConnection, *, header: bool) -> list[tuple[int, str]]:
    """What is no record, by its number, and why."""
    found = con.execute(
        "select line, min(error_message) from reject_errors group by line order by line"
    ).fetchall()
    first = 1 if header else 0
    return [(int(line) - first, str(why).splitlines()[0]) for line, why in found]


def _renumber(con: duckdb.DuckDBPyConnection, source: str, rejected: list[int]) -> None:
    """Have the rejected count too in the numbers of those after them, so that a number leads to
    its row in the file."""
    kept = con.table(f"raw.{source}")
    numbers = _numbers(len(kept), rejected)  # noqa: F841 read by name
    con.sql(
        "select kept.* replace (numbers.row_number as row_number)"
        " from kept join numbers on numbers.kept = kept.row_number order by numbers.kept"
    ).create("renumbered")
    con.execute("drop table if exists raw." + _identifier(source))
    con.table("renumbered").create(f"raw.{source}")
    con.execute("drop table renumbered")


def _numbers(kept: int, rejected: list[int]) -> dict[str, Any]:
    """The record number of each kept row."""
    import numpy as np

    every = np.arange(1, kept + len(rejected) + 1)
    return {"kept": every[:kept], "row_number": np.setdiff1d(every, rejected)[:kept]}


def _identifier(word: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]*", word):
        raise ValueError(f"'{word}' is not a table name")
    return word


def _plain_text(path: Path, out: Path) -> Path:
    """The file itself if it is UTF-8 without byte-order marks, else a copy that is.

    What is not UTF-8 is taken for Windows' cp1252, which older publications are written in.
    """
    with path.open("rb") as stream:
        head = stream.read(64)
    bare = head
    while bare.startswith(MARKS):
        bare = bare[len(next(m for m in MARKS if bare.startswith(m))) :]
    encoding = "utf-8" if _is_utf8(path) else "cp1252"
    if bare == head and encoding == "utf-8":
        return path
    with path.open("rb") as stream:
        stream.seek(len(head) - len(bare))
        decoded = codecs.getreader(encoding)(stream, errors="replace")
        with out.open("w", encoding="utf-8", newline="") as copy:
            shutil.copyfileobj(decoded, copy, CHUNK)
    return out


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as stream:
        try:
            while chunk := stream.read(CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _our_names(found: list[str], layout: Mapping[str, Any]) -> list[str]:
    """Our name for each of the file's columns; HeaderFault for columns that are not there."""
    if layout["names"]:
        return _headerless(found, list(layout["names"]))
    plain = [_plain(f) for f in found]
    ours: dict[int, str] = {}
    missing = []
    for group, needed in ((layout["columns"], True), (layout["optional"], False)):
        for name, aliases in group.items():
            at = next((plain.index(_plain(a)) for a in aliases if _plain(a) in plain), None)
            if at is not None:
                ours[at] = name
            elif needed:
                missing.append(" or ".join(f"'{a}'" for a in aliases))
    if missing:
        shown = ", ".join(f"'{f.strip()}'" for f in found[:8]) + (", ..." if len(found) > 8 else "")
        raise HeaderFault(f"it has no column {', nor '.join(missing)}; its columns are {shown}")
    return list(_distinct(ours.get(i) or f.strip() or "_" for i, f in enumerate(found)))


def _headerless(found: list[str], names: list[str]) -> list[str]:
    """The given names, or one fewer: old Price Paid files lack the last column."""
    if len(found) not in (len(names), len(names) - 1):
        raise HeaderFault(f"its first row has {len(found)} columns where {len(names)} are expected")
    return names[: len(found)]


def _distinct(names: Iterator[str]) -> Iterator[str]:
    seen: dict[str, int] = {}
    for name in names:
        seen[name.lower()] = seen.get(name.lower(), 0) + 1
        yield name if seen[name.lower()] == 1 else f"{name} ({seen[name.lower()]})"


def _plain(header: str) -> str:
    return re.sub(r"\s+", " ", header.strip("\ufeff\u00ef\u00bb\u00bf \t")).lower()


def _sheet(path: Path, columns: Mapping[str, Sequence[str]], out: Path) -> tuple[str, Path]:
    """Write the sheet that has the wanted columns as CSV; its title rows joined, and the new
    path."""
    import python_calamine

    wanted = [{_plain(a) for a in aliases} for aliases in columns.values()]
    try:
        book = python_calamine.CalamineWorkbook.from_path(str(path))
        for sheet in book.sheet_names:
            rows = book.get_sheet_by_name(sheet).to_python()
            for at, row in enumerate(rows[:TITLE_ROWS]):
                cells = {_plain(str(c)) for c in row}
                if all(w & cells for w in wanted):
                    _write(out, rows[at:])
                    return " ".join(str(c) for r in rows[:at] for c in r if c != ""), out
    except (python_calamine.CalamineError, OSError) as why:
        raise HeaderFault(f"it cannot be read as a workbook ({why})") from why
    named = " and ".join(f"'{aliases[0]}'" for aliases in columns.values())
    raise HeaderFault(f"no sheet has a column {named} in its first {TITLE_ROWS} rows")


def _records(path: Path, columns: Mapping[str, Sequence[str]], out: Path) -> Path:
    """Write a JSON list of records as CSV, the value at each wanted dotted path; the new path."""
    try:
        records = json.loads(path.read_bytes())
    except ValueError as why:
        raise HeaderFault(f"it is not JSON ({why})") from why
    if not isinstance(records, list) or not all(isinstance(r, dict) for r in records):
        raise HeaderFault("it is not a list of records")
    wanted = [aliases[0] for aliases in columns.values()]
    _write(out, [wanted, *([_inside(r, name.split(".")) for name in wanted] for r in records)])
    return out


def _inside(record: Any, keys: Sequence[str]) -> Any:
    for key in keys:
        record = record.get(key) if isinstance(record, dict) else None
    return "" if record is None else record


def _write(out: Path, rows: list[list[Any]]) -> None:
    with out.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([_text(c) for c in row] for row in rows)


def _text(cell: Any) -> str:
    """A cell as the publisher meant it: whole numbers without a decimal point."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return " ".join(str(cell).split("\n"))
