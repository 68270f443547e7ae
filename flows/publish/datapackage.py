"""``datapackage.json``: what each file of a release is, column by column, and whose data it rests
on."""

from __future__ import annotations

import hashlib
import json
import tomllib
from pathlib import Path
from typing import Any

from flows.entries import Book

COLUMNS = Path(__file__).with_name("columns.toml")
LEDGER = {
    "area_kind": "Kind of locality.",
    "edition": "Edition of its boundaries; blank where the kind has one only.",
    "area_code": "Code of the locality.",
    "area_name": "Name of the locality.",
    "counted": "What is counted: residents, crimes and incidents, or sales.",
    "small_area_code": "Code of the small area (LSOA) that it comes from; blank outside all.",
    "small_area_name": "Name of the small area.",
    "vintage": "Year of the small areas.",
    "rule": "Why it counts: exact membership, best fit by centroid, population share, area share,"
    " point in its small area, point inside its own boundary.",
    "weight": "Share of the small area's people that is counted here, from 0 to 1.",
    "weight_households": "The same for its households.",
    "weight_children": "The same for its children.",
    "amount": "People, events or sales (of all months) counted here from that small area.",
    "share_of_area": "Their share of all that are counted in the locality, from 0 to 1.",
    "is_comparable": "False if the small area changed irregularly between 2011 and 2021.",
}
LICENCES = {
    "OGL-UK-3.0": {
        "name": "OGL-UK-3.0",
        "title": "Open Government Licence v3.0",
        "path": "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/",
    }
}
INVENTED = "INVENTED FIGURES about an invented county: no fact about any real place."


def columns(table: str = "column") -> list[dict[str, str]]:
    """The columns of the tidy table (or of the gaps: ``gap_column``) in order: name, type,
    description."""
    return tomllib.loads(COLUMNS.read_text("utf-8"))[table]


def write(book: Book, sources: list[str], written: dict[str, int], folder: Path) -> None:
    """Describe the files in a folder; ``written`` maps each table to its rows, ``sources`` are
    those used."""
    used = [book.source[s] for s in sources]
    title = f"Locality evidence for {book.place.name}"
    package: dict[str, Any] = {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": f"locality-evidence-{book.place.id.replace('_', '-')}",
        "title": title,
        "description": (INVENTED + " " if book.place.invented else "")
        + "Figures by theme partnership and locality. "
        + " ".join(s.attribution for s in used),
        "licenses": [LICENCES[name] for name in sorted({s.licence for s in used})],
        "sources": [{"title": f"{s.label}, {s.publisher}", "path": s.page} for s in used],
        "attributions": [{"source": s.id, "text": s.attribution} for s in used],
        "invented": book.place.invented,
        "resources": [_resource(folder / name, name, rows) for name, rows in written.items()],
    }
    text = json.dumps(package, indent=2, ensure_ascii=False) + "\n"
    (folder / "datapackage.json").write_text(text, encoding="utf-8")


def _resource(path: Path, name: str, rows: int) -> dict[str, Any]:
    content = path.read_bytes()
    resource: dict[str, Any] = {
        "name": name.rpartition("/")[2].replace(".", "-").replace("_", "-"),
        "path": name,
        "format": path.suffix[1:],
        "mediatype": _MEDIA[path.suffix],
        "bytes": len(content),
        "hash": "sha256:" + hashlib.sha256(content).hexdigest(),
        "description": _DESCRIPTIONS.get(name, "The evidence table of one theme partnership."),
    }
    if path.suffix == ".csv":
        table = {"type": "table", "encoding": "utf-8", "rows": rows}
        fields = columns(FIELDS.get(name, "column"))
        return resource | table | {"schema": {"fields": fields}}
    # what validators cannot open without an extra library is a file to them; its columns are told
    resource["type"] = "file"
    if path.suffix == ".gpkg":
        return resource
    if name == "evidence.parquet":
        resource["schema"] = {"fields": _with_list(columns())}
    else:
        described = [
            {"name": n, "type": _LEDGER_TYPES.get(n, "string"), "description": d}
            for n, d in LEDGER.items()
        ]
        resource["schema"] = {"fields": described}
    return resource


def _with_list(fields: list[dict[str, str]]) -> list[dict[str, str]]:
    return [f | {"type": "array"} if f["name"] == "theme" else f for f in fields]


_LEDGER_TYPES = {"vintage": "integer", "is_comparable": "boolean"} | dict.fromkeys(
    ("weight", "weight_households", "weight_children", "amount", "share_of_area"), "number"
)
FIELDS = {
    "gaps.csv": "gap_column",
    "breaks.csv": "break_column",
    "peers.csv": "peer_column",
    "funnels.csv": "funnel_column",
}
_MEDIA = {
    ".csv": "text/csv",
    ".parquet": "application/vnd.apache.parquet",
    ".gpkg": "application/geopackage+sqlite3",
}
_DESCRIPTIONS = {
    "evidence.parquet": "The one tidy table: every figure of every theme, locality and period.",
    "assignment_ledger.parquet": "Which small areas are counted in which locality, by which rule.",
    "gaps.csv": "What the evidence does not say, and why: for every indicator and kind of locality"
    " there is a figure in the tidy table, or a row here, or both.",
    "breaks.csv": "Across what no trend or change is read, and why.",
    "peers.csv": "The places that each locality is set against as similar, and how alike they are.",
    "funnels.csv": "Control limits for the newest figures: as chance alone would draw them, and"
    " beside them as much wider as localities differ beyond chance.",
    "localities.gpkg": "Boundaries of the localities in EPSG:27700, a layer for each kind.",
}
