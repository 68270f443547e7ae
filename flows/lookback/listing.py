"""Every release on record as a table, and its pages in the browser."""

from __future__ import annotations

import webbrowser
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from flows.lookback import records
from flows.lookback.standing import moment

Row = dict[str, Any]
WIDTH = 140  # where nobody says how wide the page is
COLUMNS = {
    "release": "name",
    "published": "at",
    "by": "by",
    "note": "note",
    "draft": "draft",
    "rows": "rows",
    "moved": "moved",
    "warnings": "warnings",
    "tables": "tables",
}


class NoPages(Exception):
    """A release without pages to open."""


def rows(data: Path) -> list[Row]:
    """A row for each release, the newest first: name, at (UTC), by, note, how, draft, rows (None
    where nobody knows), moved (cells since the one before), warnings, tables (there or pruned),
    before, folder."""
    return [
        {
            "name": record.name,
            "at": record.at,
            **{word: record.published.get(word, "") for word in ("by", "note", "how")},
            "draft": record.published.get("draft") or None,
            "rows": record.rows,
            "moved": record.moved,
            "warnings": record.warnings,
            "tables": "there" if record.tables else "pruned",
            "before": record.before,
            "folder": str(record.folder),
        }
        for record in reversed(records.every(data))
    ]


def lines(found: Iterable[Row], *, quiet: bool = False) -> Iterator[str]:
    """The same for a person; quietly, the names alone."""
    found = list(found)
    if quiet or not found:
        yield from (row["name"] for row in found)
        if not found:
            yield "There is no release yet. Run evidence refresh."
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None)
    for column in COLUMNS:
        right = column in ("draft", "rows", "moved", "warnings")
        table.add_column(column, justify="right" if right else "left", overflow="fold")
    for row in found:
        # the text as it is: a note is not to be taken for markup
        table.add_row(*(_cell(row, key).replace("[", r"\[") for key in COLUMNS.values()))
    console = Console(no_color=True, highlight=False)
    if not console.is_terminal:
        console.width = WIDTH
    with console.capture() as captured:
        console.print(table)
    yield from (line.rstrip() for line in captured.get().splitlines())


def show(data: Path, asked: str) -> Path:
    """Open the pages of a release or draft in the browser, and say where they are; NoRelease or
    NoPages if there are none."""
    record = records.found(data, asked)
    if record.site is None:
        again = "" if record.number else f" evidence rebuild {record.name} makes them again."
        raise NoPages(f"{record.name} has no pages: they were pruned, or never made.{again}")
    webbrowser.open(record.site.as_uri())
    return record.site


def _cell(row: Row, key: str) -> str:
    value = row[key]
    if key == "at":
        return moment(value)
    if key == "by" and not value:
        return row["how"]
    if isinstance(value, int):
        return f"{value:,}"
    return str(value or "")
