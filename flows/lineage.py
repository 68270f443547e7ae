"""A published figure walked back: cell -> indicator -> small areas -> rows -> snapshots."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

from flows import catalogue, locking, releases, source_rows
from flows.cells import Unknown, cell_of, released
from flows.entries import Book, Indicator
from flows.places import AreaKind, Edition
from flows.returns import sharing
from flows.returns.description import RETURNS
from flows.wording import nearest

Row = dict[str, Any]
EVENTS = {  # as the ledger says it
    "police_crime": "crimes and incidents",
    "price_paid": "sales",
    "stats19": "collisions",
}


def explain(
    data: Path, indicator: str, area: str = "", period: str = "", kind: str = ""
) -> dict[str, Any]:
    """The chain of one figure in the latest release; the whole place and the newest period by
    default. Unknown, in a sentence, for what the release does not have.

    Keys: cell, indicator, measure, denominator, source, denominator_source, place, area_kind,
    edition, peers, breaks, events_are,
    small_areas (the ledger's rows), rows (see ``source_rows.behind``; None where the warehouse
    holds another release), snapshots, release, invented.
    """
    release, about = latest(data)
    book = sharing.published(catalogue.read(about["request"]["place"]), data, indicator)
    entries = {i.id: i for i in book.indicators}
    if indicator not in entries:
        close = nearest(indicator, list(entries))
        raise Unknown(f"'{indicator}' is not an indicator.{close} evidence list shows them all.")
    entry = entries[indicator]
    source = book.source[entry.source]
    cell = cell_of(release, indicator, area, period, kind)
    defined, edition = definition(book, cell["area_kind"], cell["edition"])
    handed = source in book.returns  # its rows are the partner's to show
    kept = data / "warehouse.duckdb"
    hidden = handed or source.threshold > 1
    behind = None if hidden else source_rows.behind(kept, cell, entry, source.rows)
    return {
        "cell": cell,
        "indicator": entry.model_dump(),
        "measure": _measure(book, entry.source, entry.measure),
        "denominator": _measure(book, entry.denominator_source, entry.denominator_measure),
        "source": _source(book, entry.source),
        "denominator_source": None
        if entry.denominator_source == entry.source
        else _source(book, entry.denominator_source),
        "place": about["place_name"],
        "area_kind": defined.model_dump(exclude={"edition"}) if defined else None,
        "edition": _dated(about, cell)
        | ({"definition": edition.model_dump(exclude_none=True)} if edition else {}),
        "peers": _peers(release, cell),
        "small_areas": ledger(release, cell["area_kind"], cell["area_code"], cell["edition"]),
        "events_are": EVENTS.get(entry.source, entry.source.replace("_", " ")),
        "rows": behind,
        "breaks": _breaks(release, indicator),
        "handed_over": entry.owner if handed else "",
        "snapshots": _snapshots(about, book, entry, cell),
        "release": about["release"],
        "invented": about["invented"],
    }


def latest(data: Path) -> tuple[Path, Row]:
    """The folder and the manifest of the latest release; Unknown if there is none."""
    locking.heal_if_idle(data)
    release = data / releases.LATEST
    about = releases.manifest(release)
    if not about:
        raise Unknown(f"{data}: there is no release yet. Run evidence refresh first.")
    return release, about


def definition(
    book: Book, kind: str, edition: str | None
) -> tuple[AreaKind | None, Edition | None]:
    """How place.toml defines a kind in an edition; None for what is no longer in it."""
    defined = next((k for k in book.place.area_kinds if k.id == kind), None)
    found = defined.editions if defined else ()
    return defined, next((e for e in found if e.id == (edition or "")), None)


def ledger(release: Path, kind: str, code: str, edition: str | None) -> list[Row]:
    """What is counted in an area: a row for each small area, and each of residents, crimes and
    sales."""
    return released(
        "select * exclude (area_kind, area_code, area_name, edition) from read_parquet($table)"
        " where area_kind = $kind and area_code = $code and edition is not distinct from $edition"
        " order by counted = 'residents' desc, counted, small_area_code",
        {"table": str(release / "assignment_ledger.parquet")}
        | {"kind": kind, "code": code, "edition": edition},
    )


def of_small_area(release: Path, small_area: str) -> list[Row]:
    """The ledger's rows of a small area: the localities that count its residents."""
    return released(
        "select * from read_parquet($table) where small_area_code = $code"
        " and counted = 'residents' order by area_kind, edition, area_code",
        {"table": str(release / "assignment_ledger.parquet"), "code": small_area},
    )


def rules(release: Path) -> dict[tuple[str, str | None], set[str]]:
    """The rules by which residents fall into the areas of each kind and edition."""
    found = released(
        "select area_kind, edition, list(distinct rule order by rule) as rules"
        " from read_parquet($table) where counted = 'residents' group by all order by all",
        {"table": str(release / "assignment_ledger.parquet")},
    )
    return {(row["area_kind"], row["edition"]): set(row["rules"]) for row in found}


def _source(book: Book, name: str) -> Row:
    source = book.source[name]
    kept = {"id", "label", "publisher", "page", "licence", "caveat", "rows"}
    has_header = not any(table.names for table in source.tables)
    return source.model_dump(include=kept) | {"has_header": has_header}


def _measure(book: Book, source: str, measure: str) -> Row | None:
    found = next((m for m in book.source[source].measures if m.id == measure), None)
    if found is None:
        return None
    label = book.source[source].label
    return {"source": source, "source_label": label} | found.model_dump(
        include={"id", "label", "counts"}
    )


def _breaks(release: Path, indicator: str) -> list[Row]:
    """The breaks in comparability that concern an indicator, as they are published."""
    return released(
        "select on_date, reason, reference from read_csv($table, header = true, all_varchar = true)"
        " where indicator_id = $indicator order by on_date nulls last, reason",
        {"table": str(release / "breaks.csv"), "indicator": indicator},
    )


def _dated(about: Row, cell: Row) -> Row:
    """The edition of the boundaries that a cell is on, with its days."""
    for edition in about.get("editions", []):
        if (edition["area_kind"], edition["edition"]) == (cell["area_kind"], cell["edition"]):
            return dict(edition)
    return {"area_kind": cell["area_kind"], "edition": cell["edition"]} | dict.fromkeys(
        ("valid_from", "valid_to")
    )


def _peers(release: Path, cell: Row) -> int:
    """How many areas of its kind have the figure, with a range: among these its rank is judged."""
    (row,) = released(
        "select count(*) as peers from read_parquet($table) where indicator_id = $indicator"
        " and area_kind = $kind and edition is not distinct from $edition"
        " and period is not distinct from $period and value is not null"
        " and assignment_low is not null",
        {"table": str(release / "evidence.parquet"), "indicator": cell["indicator_id"]}
        | {"kind": cell["area_kind"], "edition": cell["edition"], "period": cell["period"]},
    )
    return row["peers"]


def _snapshots(about: Row, book: Book, entry: Indicator, cell: Row) -> list[Row]:
    """The kept replies that the figure rests on: of its sources, and of its kind of locality."""
    needed = (entry.source, entry.denominator_source, *book.source[entry.source].needs)
    return [
        s
        for name in dict.fromkeys((*needed, "place_files", "ons_geography"))
        for s in about["snapshots"]
        if s["source"] == name
        and (name != RETURNS or s["name"] == f"{entry.source}.zip")
        and (_of_kind(s, book, cell) if name == "place_files" else _in_period(s["name"], cell))
    ]


def _of_kind(snapshot: Row, book: Book, cell: Row) -> bool:
    """Whether a file of the place is the one that a cell's kind is drawn from, or made of."""
    kinds = [cell["area_kind"]]
    for name in kinds:
        defined, _ = definition(book, name, None)
        lists = [e.membership.of for e in (defined.editions if defined else ()) if e.membership]
        kinds += [other for other in lists if other not in kinds]
    kind, _, edition = snapshot["table"].partition("@")
    return kind in kinds and (kind != cell["area_kind"] or edition == (cell["edition"] or ""))


def _in_period(name: str, cell: Row) -> bool:
    """Whether a file that is named by its month lies in the cell's period; others always do."""
    month = re.match(r"\d{4}-\d{2}(?=-)", name)
    if month is None or cell["period_start"] is None:
        return True
    first, last = (cell[k].isoformat()[:7] for k in ("period_start", "period_end"))
    return first <= month[0] <= last


def plain(value: Any) -> Any:
    """A value that JSON has no word for: decimals as numbers, the rest as text."""
    return float(value) if isinstance(value, Decimal) else str(value)
