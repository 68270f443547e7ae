"""CSV on the Web: for every CSV file the description that a reader of the format looks for beside
it (https://www.w3.org/TR/tabular-data-model/#locating-metadata).

A theme's table is often handed on by itself, and so is described by itself, in
``themes/<theme>.csv-metadata.json``; the tables beside them refer to each other, and are described
together, in ``csv-metadata.json``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from pathlib import Path
from typing import Any

from flows.publish.described import (
    INVENTED,
    KEYS,
    LICENCES,
    REFERENCES,
    about,
    columns,
    list_of,
)
from flows.publish.released import Released

TOGETHER = "csv-metadata.json"
CONTEXT = ["http://www.w3.org/ns/csvw", {"@language": "en"}]


def write(released: Released, written: Collection[str], folder: Path) -> list[str]:
    """Describe the CSV files among ``written``; the paths of the descriptions."""
    tables = [name for name in written if name.endswith(".csv")]
    beside = [name for name in tables if "/" not in name]
    themes = {theme.id: theme.label for theme in released.book.themes}
    made = {
        f"{name}-metadata.json": {
            "@context": CONTEXT,
            **_common(released),
            "dc:subject": themes.get(Path(name).stem, ""),
            **_table(name, ()),
        }
        for name in tables
        if name not in beside
    }
    if beside:
        group = {"tables": [_table(name, beside) for name in beside]}
        made[TOGETHER] = {"@context": CONTEXT, **_common(released), **group}
    for name, told in made.items():
        text = json.dumps(told, indent=2, ensure_ascii=False) + "\n"
        (folder / name).write_text(text, encoding="utf-8")
    return list(made)


def _common(released: Released) -> dict[str, Any]:
    """Whose data it is, and when it was made."""
    book = released.book
    licences = sorted({s.licence for s in released.used})
    said = [INVENTED] * book.place.invented
    return {
        "dc:title": released.title,
        "dc:description": " ".join([*said, "Figures by theme partnership and locality."]),
        "dc:publisher": f"Local partnership of {book.place.name}",
        "dc:license": [{"@id": LICENCES[name]["path"]} for name in licences],
        "dc:rights": " ".join([*said, *released.attributions]),
        "dc:source": [{"@id": page} for page in dict.fromkeys(s.page for s in released.used)],
        "dc:identifier": released.name,
        "dc:modified": {"@value": released.as_of.isoformat(), "@type": "xsd:date"},
    }


def _table(name: str, beside: Collection[str]) -> dict[str, Any]:
    """A table's description; of what its rows refer to, what is described ``beside`` it."""
    which = list_of(name)
    keys = [
        {
            "columnReference": list(fields),
            "reference": {"resource": target, "columnReference": list(fields)},
        }
        for target, fields in REFERENCES.get(which, {}).items()
        if target in beside
    ]
    schema = {
        "columns": [_column(told) for told in columns(which)],
        "primaryKey": list(KEYS[which]),
    }
    return {
        "url": name.rpartition("/")[2],
        "dc:abstract": about(name),
        "dialect": {"encoding": "utf-8", "header": True},
        "tableSchema": schema | ({"foreignKeys": keys} if keys else {}),
    }


def _column(told: dict[str, Any]) -> dict[str, Any]:
    """A column: its title is the header, as the format wants it."""
    column = {"name": told["name"], "titles": told["name"], "dc:description": told["description"]}
    holds = told.get("constraints", {})
    return column | {"datatype": _datatype(told["type"], holds), "null": ""} | _required(holds)


def _required(holds: dict[str, Any]) -> dict[str, bool]:
    return {"required": True} if holds.get("required") else {}


def _datatype(kind: str, holds: dict[str, Any]) -> dict[str, Any]:
    if kind == "date":
        return {"base": "date", "format": "yyyy-MM-dd"}
    if kind == "boolean":
        return {"base": "boolean", "format": "true|false"}
    if "enum" in holds:
        words = "|".join(re.sub(r"([\[\].])", r"\\\1", word) for word in holds["enum"])
        return {"base": kind, "format": f"^({words})$"}
    if "pattern" in holds:
        return {"base": kind, "format": f"^({holds['pattern']})$"}
    return {"base": kind} | {end: holds[end] for end in ("minimum", "maximum") if end in holds}
