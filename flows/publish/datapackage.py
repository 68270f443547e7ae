"""``datapackage.json``: what each file of a release is, column by column, and whose data it rests
on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from flows.publish import csv_metadata, shapes
from flows.publish.described import (
    FIELDS,
    INVENTED,
    KEYS,
    LEDGER,
    LICENCES,
    REFERENCES,
    about,
    columns,
    list_of,
)
from flows.publish.released import Released

__all__ = ["FIELDS", "INVENTED", "LEDGER", "LICENCES", "columns", "write"]
FILE = "datapackage.json"
SITE = "site/index.html"  # the way into the pages; they are one output, and no data
MEDIA = {
    ".csv": "text/csv",
    ".fgb": "application/vnd.flatgeobuf",
    ".geojson": "application/geo+json",
    ".gpkg": "application/geopackage+sqlite3",
    ".html": "text/html",
    ".json": "application/json",
    ".parquet": "application/vnd.apache.parquet",
    ".pdf": "application/pdf",
    ".qgz": "application/zip",
    ".txt": "text/plain",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_LEDGER_TYPES = {"vintage": "integer", "is_comparable": "boolean"} | dict.fromkeys(
    ("weight", "weight_households", "weight_children", "amount", "share_of_area"), "number"
)
_SHAPE_TYPES = {"area_ha": "number", "geometry": "any"}


def write(released: Released, written: dict[str, int], folder: Path) -> None:
    """Describe the files in a folder; ``written`` maps each table to its rows. Last of all, for
    it gives the bytes of every file."""
    csv_metadata.write(released, written, folder)
    book, used = released.book, released.used
    package: dict[str, Any] = {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": f"locality-evidence-{book.place.id.replace('_', '-')}",
        "title": released.title,
        "description": (INVENTED + " " if book.place.invented else "")
        + "Figures by theme partnership and locality. "
        + " ".join(released.attributions),
        "version": released.name,
        "created": f"{released.as_of.isoformat()}T00:00:00Z",
        "contributors": [
            {"title": f"Local partnership of {book.place.name}", "roles": ["publisher"]}
        ],
        "licenses": [LICENCES[name] for name in sorted({s.licence for s in used})],
        "sources": [{"title": f"{s.label}, {s.publisher}", "path": s.page} for s in used],
        "attributions": [{"source": s.id, "text": s.attribution} for s in used],
        "invented": book.place.invented,
        "resources": [
            *(_table(folder, name, rows, written) for name, rows in written.items()),
            *(_file(folder, name) for name in _others(folder, written)),
        ],
    }
    text = json.dumps(package, indent=2, ensure_ascii=False) + "\n"
    (folder / FILE).write_text(text, encoding="utf-8")


def _others(folder: Path, written: Collection[str]) -> Iterator[str]:
    """The files beside the tables, by path. A file geodatabase is a folder, which no resource is;
    of the site the way in stands for all its pages."""
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        name = path.relative_to(folder).as_posix()
        inside = any(part.endswith(".gdb") for part in name.split("/"))
        of_site = name.startswith("site/") and name != SITE
        if name not in written and name not in ("manifest.json", FILE) and not inside | of_site:
            yield name


def _file(folder: Path, name: str) -> dict[str, Any]:
    path = folder / name
    content = path.read_bytes()
    return {
        "name": _name(name),
        "path": name,
        "type": "file",
        "format": path.suffix[1:],
        "mediatype": MEDIA.get(path.suffix, "application/octet-stream"),
        "bytes": len(content),
        "hash": "sha256:" + hashlib.sha256(content).hexdigest(),
        "description": about(name),
    }


def _name(path: str) -> str:
    """A resource's name: stable, of small letters, and unlike that of any other path."""
    return path.removeprefix("themes/").lower().translate(str.maketrans("/._ ", "----"))


def _table(folder: Path, name: str, rows: int, written: Collection[str]) -> dict[str, Any]:
    told = _file(folder, name)
    if name.endswith(".csv"):
        schema = {"fields": columns(list_of(name)), **_keys(list_of(name), written)}
        return told | {"type": "table", "encoding": "utf-8", "rows": rows, "schema": schema}
    # what validators cannot open without an extra library is a file to them; its columns are told
    if name == "evidence.parquet":
        fields = [f | {"type": "array"} if f["name"] == "theme" else f for f in columns()]
    elif name == shapes.FILE:
        fields = _described(shapes.COLUMNS, _SHAPE_TYPES)
    else:
        fields = _described(LEDGER, _LEDGER_TYPES)
    return told | {"schema": {"fields": fields}}


def _keys(table: str, written: Collection[str]) -> dict[str, Any]:
    """What a row is known by, and which rows of which tables it names."""
    foreign = [
        {"fields": list(fields), "reference": {"resource": _name(name), "fields": list(fields)}}
        for name, fields in REFERENCES.get(table, {}).items()
        if name in written
    ]
    return {"primaryKey": list(KEYS[table])} | ({"foreignKeys": foreign} if foreign else {})


def _described(described: dict[str, str], types: dict[str, str]) -> list[dict[str, str]]:
    return [
        {"name": n, "type": types.get(n, "string"), "description": d} for n, d in described.items()
    ]
