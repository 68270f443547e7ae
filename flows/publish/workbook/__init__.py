"""Workbooks for officers and analysts: one for each theme partnership, one for everything.

They follow the Government Analysis Function's "Releasing statistics in spreadsheets": a cover,
contents, notes, then one marked table a sheet. The modules of this package import pandas and
XlsxWriter: they are imported when a workbook is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from flows.entries import Indicator
from flows.publish.released import Released

if TYPE_CHECKING:
    from flows.publish.workbook.prepared import Prepared

EVERYTHING = "evidence.xlsx"


def write(released: Released, folder: Path) -> dict[str, int]:
    """Write ``themes/<theme>.xlsx`` for each theme that has figures, and ``evidence.xlsx``; each
    file's path within the folder, and how many rows of figures it has."""
    from flows.publish.workbook.prepared import Prepared

    prepared = Prepared(released)
    (folder / "themes").mkdir(parents=True, exist_ok=True)
    written = {}
    for theme in released.book.themes:
        indicators = released.of_theme(theme.id)
        if indicators:
            name = f"themes/{theme.id}.xlsx"
            written[name] = _workbook(
                prepared, folder / name, theme.label, f"{theme.partnership}.", indicators
            )
    everyone = "All theme partnerships: " + ", ".join(t.label for t in released.book.themes) + "."
    written[EVERYTHING] = _workbook(
        prepared, folder / EVERYTHING, "All themes", everyone, list(released.indicators.values())
    )
    return written


def _workbook(
    prepared: Prepared, path: Path, subject: str, audience: str, indicators: Sequence[Indicator]
) -> int:
    from flows.publish.workbook import front, listed, sheets
    from flows.publish.workbook.paper import Paper

    released, place = prepared.released, prepared.book.place
    used = listed.rests_on(released, indicators)
    found = sheets.sheets(prepared, subject, indicators)
    counted = any(i.id in prepared.bare for i in indicators)
    contents = sheets.contents(f"{subject}, {place.name}", found)
    paper = Paper(path, f"{released.title}: {subject}", place.name, subject, released.as_of)
    paper.cover("Cover", front.cover(released, subject, audience, used, counted), [front.CONTENTS])
    paper.table(contents.name, contents.lines, contents.table, contents.columns, linked=True)
    for sheet in found:
        paper.table(sheet.name, sheet.lines, sheet.table, sheet.columns)
    paper.close()
    return sum(s.rows for s in found if s.table in ("tbl_monthly_crime_counts", "tbl_over_time"))
