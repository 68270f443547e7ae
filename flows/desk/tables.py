"""The tables that a person reads after a run, as rows. No Prefect in here."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

ROWS = 99  # of a table that Prefect's page still shows well
UNWELL = ("failing", "late", "waiting for a file")
OUTPUTS = (
    ("The site: start here", "site/index.html"),
    ("The workbook", "evidence.xlsx"),
    ("The layers for QGIS and ArcGIS", "localities.gpkg"),
    ("The tables, a file for each theme", "themes"),
    ("What changed, cell by cell", "changes.csv"),
    ("What is missing, and why", "gaps.csv"),
)


def expectations(path: Path) -> list[dict[str, Any]]:
    """The results of the checks, those that are broken first."""
    if not path.exists():
        return []
    order = {"error": 0, "broken": 1}
    words = {"error": "could not be judged", "broken": "broken", "held": "good"}
    found = sorted(json.loads(path.read_text("utf-8")), key=lambda r: order.get(r["result"], 2))
    return [
        {
            "result": words[r["result"]],
            "if broken": r["severity"],
            "table": r["table"],
            "check": r["id"],
        }
        | {"because": r["because"], "rows": r["broken_rows"]}
        | {"such as": ", ".join(map(str, r["examples"]))}
        for r in found
    ]


def ordered(sources: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Sources, those that need somebody first."""
    order = {word: place for place, word in enumerate((*UNWELL, "fresh"))}
    return sorted(sources, key=lambda source: order.get(source["state"], len(order)))


def source_rows(sources: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """How each source stands."""
    return [
        {"source": s["label"], "state": s["state"], "newest figures end": s["newest_period_end"]}
        | {"last asked": s["last_pulled"], "rows": s["rows"], "files": s["files"]}
        | {"licence": s["licence"], "faults": " ".join(s["faults"])}
        for s in ordered(sources)
    ]


def outputs(files: Path) -> list[dict[str, Any]]:
    """What was made and where it lies."""
    found = [(label, files / name) for label, name in OUTPUTS if (files / name).exists()]
    return [{"what": label, "where": str(path)} for label, path in found]


def shortened(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """So many rows as a page bears; the last one says how many more there are."""
    if len(rows) <= ROWS:
        return rows
    last = dict.fromkeys(rows[0], "") | {next(iter(rows[0])): f"and {len(rows) - ROWS + 1} more"}
    return [*rows[: ROWS - 1], last]
