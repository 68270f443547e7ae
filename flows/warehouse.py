"""One refresh's warehouse: what the catalogue says goes in, evidence comes out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from flows.entries import Book, Source
from sql import models

if TYPE_CHECKING:
    import duckdb
    import numpy as np
    import pandas as pd

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
    table(
        "indicator_area_kinds",
        {"indicator_id": text, "area_kind": text},
        [
            {"indicator_id": i.id, "area_kind": k}
            for i in book.indicators
            for k in kinds
            if k in i.area_kinds or "any" in i.area_kinds
        ],
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
        yield {
            "position": position,
            "indicator_id": indicator.id,
            "label": indicator.label,
            "themes": list(indicator.themes),
            "source": indicator.source,
            "source_rows": book.source[indicator.source].rows,
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
            "threshold": book.source[indicator.source].threshold,
        }


NUMBERS = ("numerator", "denominator", "value", "comparator_value")
PUBLISHED = ("published_lower", "published_upper", "assignment_low", "assignment_high")
PEERS = ["indicator_id", "area_kind", "edition", "period"]


def judge(con: duckdb.DuckDBPyConnection) -> None:
    """Make ``evidence.intervals``: limits and comparison of every cell of ``evidence.cells``."""
    import numpy as np
    import pandas as pd

    from flows import statistics

    models.build(con, ["evidence.cells"], already=models.built(con))
    cells = con.sql("from evidence.cells").df()
    number = {
        c: pd.to_numeric(cells[c], errors="coerce").to_numpy(float) for c in (*NUMBERS, *PUBLISHED)
    }
    lower, upper = _limits(cells, number)
    comparable = np.where(cells["method"] == "count", np.nan, number["comparator_value"])
    compared = statistics.compare(
        number["value"], lower, upper, comparable, polarity=cells["polarity"].to_numpy(str)
    )
    cells["lower_ci"], cells["upper_ci"], cells["compared"] = lower, upper, compared
    cells["sensitive"] = _sensitive(cells, number)
    con.sql(
        "select indicator_id, area_kind, area_code, period,"
        " nullif(lower_ci, 'nan'::double) as lower_ci, nullif(upper_ci, 'nan'::double) as upper_ci,"
        " nullif(compared, '') as compared, sensitive::boolean as sensitive from cells"
    ).create("evidence.intervals")


def _sensitive(cells: pd.DataFrame, number: dict[str, np.ndarray]) -> np.ndarray:
    """Whether a figure's rank among its peers would change by more than a third of them, if its
    area were drawn or counted otherwise; None where there is no range."""
    import numpy as np

    from flows import statistics

    value, low, high = (number[n] for n in ("value", "assignment_low", "assignment_high"))
    told = np.full(len(cells), None, dtype=object)
    ranged = ~np.isnan(value) & ~np.isnan(low)
    for peers in cells[ranged].groupby(PEERS, sort=False).indices.values():
        of = np.flatnonzero(ranged)[peers]
        moved = statistics.rank_shift(value[of], low[of], high[of])
        told[of] = moved > len(of) / 3
    return told


def _limits(cells: pd.DataFrame, number: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Lower and upper 95% limits of each cell by its method, NaN where there are none."""
    import numpy as np

    from flows import statistics

    lower, upper = np.full(len(cells), np.nan), np.full(len(cells), np.nan)
    method, per = cells["method"].to_numpy(), cells["per"].to_numpy(float)
    n, d, known = number["numerator"], number["denominator"], ~np.isnan(number["value"])

    def limits(which: np.ndarray, found: statistics.Interval) -> None:
        lower[which], upper[which] = found.lower, found.upper

    # publishers' small random changes can leave a part above its whole, which has no interval
    whole = known & (method == "proportion") & (n <= d)
    limits(whole, statistics.proportion(n[whole], d[whole], multiplier=100))
    for one in np.unique(per[method == "rate"]):
        rates = known & (method == "rate") & (per == one)
        limits(rates, statistics.rate(n[rates], d[rates], multiplier=one))
    counts = known & (method == "count")
    limits(counts, statistics.rate(n[counts], np.ones(int(counts.sum())), multiplier=1))
    for i in np.flatnonzero(known & (method == "median")):
        limits(
            np.array([i]),
            statistics.median_interval(np.asarray(cells["amounts"].iloc[i], dtype=float)),
        )
    published = method == "as_published"
    lower[published] = number["published_lower"][published]
    upper[published] = number["published_upper"][published]
    return lower, upper


def finish(con: duckdb.DuckDBPyConnection) -> None:
    """Build every model that is not there yet."""
    models.build(con, already=models.built(con))
