"""One refresh's warehouse: what the catalogue says goes in, evidence comes out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from flows.entries import Book, Source
from sql import models

if TYPE_CHECKING:
    import duckdb

ALWAYS = date(1900, 1, 1), date(2199, 12, 1)


def load_catalogue(
    con: duckdb.DuckDBPyConnection,
    book: Book,
    since: date | None,
    until: date | None,
    gaps: dict[str, str],
    stale: Mapping[str, str] | None = None,
) -> None:
    """Make the ``catalogue`` tables. ``since``, ``until``: first days of months. ``gaps``:
    source, reason. ``stale``: source, what is said beside its figures."""
    text, whole, true = "VARCHAR", "INTEGER", "BOOLEAN"

    def table(name: str, columns: dict[str, Any], rows: Iterable[dict[str, Any]]) -> None:
        models.load_rows(con, f"catalogue.{name}", columns, rows)

    table("place", {"place_code": text, "place_name": text}, [_place(book)])
    table(
        "authorities",
        {"authority_code": text, "authority_name": text, "in_place": true},
        [
            {"authority_code": a.code, "authority_name": a.name, "in_place": inside}
            for authorities, inside in ((book.place.authorities, True), (book.place.beyond, False))
            for a in authorities
        ],
    )
    table(
        "forces",
        {"force": text, "is_home": true},
        [{"force": f, "is_home": True} for f in book.place.home_forces]
        + [{"force": f, "is_home": False} for f in book.place.other_forces],
    )
    table(
        "window",
        {"since": "DATE", "until": "DATE"},
        [{"since": since or ALWAYS[0], "until": until or ALWAYS[1]}],
    )
    table("sources", {"source": text, "label": text}, [_source(s) for s in book.source.values()])
    table(
        "source_gaps",
        {"source": text, "reason": text},
        [{"source": s, "reason": r} for s, r in gaps.items()],
    )
    table(
        "known_gaps",
        {"source": text, "part": text, "since": "DATE", "until": "DATE", "reason": text},
        _known_gaps(book),
    )
    table(
        "stale",
        {"indicator_id": text, "note": text},
        [
            {"indicator_id": i.id, "note": (stale or {})[source]}
            for i in book.indicators
            for source in dict.fromkeys((i.source, i.denominator_source))
            if source in (stale or {})
        ],
    )
    measure = {"source": text, "measure": text, "counts": text, "priority": whole}
    table(
        "measures",
        measure
        | {"pattern": text, "parts": whole, "leave_out": text, "equals": whole, "times": text}
        | {"weighted": true},
        _measures(book),
    )
    table(
        "themes",
        {"theme_id": text, "label": text, "position": whole},
        [{"theme_id": t.id, "label": t.label, "position": i} for i, t in enumerate(book.themes)],
    )
    table("indicators", INDICATOR_COLUMNS, _indicators(book))
    kinds = [k.id for k in book.place.area_kinds]
    wanted = [
        {"indicator_id": i.id, "area_kind": k}
        for i in book.indicators
        for k in kinds
        if k in i.area_kinds or "any" in i.area_kinds
    ]
    names = {"indicator_id": text, "area_kind": text}
    table("indicator_area_kinds", names, [w for w in wanted if _may_show(book, **w)])
    table("kinds_kept_back", names, [w for w in wanted if not _may_show(book, **w)])
    table(
        "breaks",
        {"indicator_id": text, "on_date": "DATE", "of_denominator": true}
        | {"reason": text, "reference": text},
        _breaks(book),
    )


INDICATOR_COLUMNS = {
    "position": "INTEGER",
    "indicator_id": "VARCHAR",
    "label": "VARCHAR",
    "themes": ["VARCHAR"],
    "source": "VARCHAR",
    "source_rows": "VARCHAR",
    "measure": "VARCHAR",
    "method": "VARCHAR",
    "unit": "VARCHAR",
    "per": "INTEGER",
    "polarity": "VARCHAR",
    "period_rule": "VARCHAR",
    "denominator_source": "VARCHAR",
    "denominator_measure": "VARCHAR",
    "plausible_low": "DOUBLE",
    "plausible_high": "DOUBLE",
    "threshold": "INTEGER",
    "base": "INTEGER",
    "modelled": "BOOLEAN",
    "tier": "VARCHAR",
}


def _place(book: Book) -> dict[str, Any]:
    return {"place_code": book.place.code, "place_name": book.place.name}


def _source(source: Source) -> dict[str, Any]:
    return {"source": source.id, "label": source.label}


def _known_gaps(book: Book) -> Iterable[dict[str, Any]]:
    for source in book.sources:
        for gap in source.known_gaps:
            yield {
                "source": source.id,
                "part": gap.part,
                "since": f"{gap.since}-01",
                "until": f"{gap.until}-01" if gap.until else ALWAYS[1],
                "reason": gap.reason,
            }


def _may_show(book: Book, indicator_id: str, area_kind: str) -> bool:
    """Whether the source's rule of disclosure lets a kind of locality be shown."""
    (source,) = (book.source[i.source] for i in book.indicators if i.id == indicator_id)
    return not source.shown_for or area_kind in source.shown_for


def _breaks(book: Book) -> Iterable[dict[str, Any]]:
    """Each break with each indicator that it concerns; without a day, between any two periods."""
    for entry in book.breaks:
        for i in book.indicators:
            counted = (i.source, i.measure)
            divided_by = (i.denominator_source, i.denominator_measure)
            for (source, measure), beneath in ((counted, False), (divided_by, True)):
                if entry.source == source and (not entry.measures or measure in entry.measures):
                    told = {"reason": entry.reason, "reference": entry.reference}
                    yield {
                        "indicator_id": i.id,
                        "on_date": entry.on,
                        "of_denominator": beneath,
                    } | told
                    break


def _measures(book: Book) -> Iterable[dict[str, Any]]:
    for source in book.source.values():
        for measure in source.measures:
            for priority, pattern in enumerate(measure.columns):
                yield {
                    "source": source.id,
                    "measure": measure.id,
                    "counts": measure.counts,
                    "priority": priority,
                    "pattern": pattern,
                    "parts": measure.parts[priority] if measure.parts else 1,
                    "leave_out": measure.leave_out,
                    "equals": measure.equals,
                    "times": measure.times,
                    "weighted": measure.weighted,
                }


def _indicators(book: Book) -> Iterable[dict[str, Any]]:
    for position, indicator in enumerate(book.indicators):
        source = book.source[indicator.source]
        yield {
            "position": position,
            "indicator_id": indicator.id,
            "label": indicator.label,
            "themes": list(indicator.themes),
            "source": indicator.source,
            "source_rows": source.rows,
            "measure": indicator.measure,
            "method": indicator.method,
            "unit": indicator.unit,
            "per": 100 if indicator.method == "proportion" else indicator.per,
            "polarity": indicator.polarity,
            "period_rule": indicator.period,
            "denominator_source": indicator.denominator_source,
            "denominator_measure": indicator.denominator_measure,
            "plausible_low": indicator.plausible[0],
            "plausible_high": indicator.plausible[1],
            "threshold": source.threshold,
            "base": source.base,
            "modelled": source.modelled,
            "tier": indicator.tier,
        }


def finish(con: duckdb.DuckDBPyConnection) -> None:
    """Build every model that is not there yet."""
    models.build(con, already=models.built(con))
