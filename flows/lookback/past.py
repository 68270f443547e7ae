"""As it was: what was published at the end of a day, on what it rested, and what it says today."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

import duckdb

from flows.cells import Row, Unknown, cell_of, released
from flows.entries import Book
from flows.figures import many, plain, spoken, valued
from flows.lookback import diffing, records
from flows.lookback.records import Record
from flows.place_files import PLACE_FILES

KEPT_BACK = ("[c]", "[low]")
KEY = ("indicator_id", "area_kind", "area_code", "edition", "period")
OWN = "The place's own boundaries and lists"
NOT_AGAIN = "it is withheld in one of the two, and neither figure is told beside that"


def as_of(
    data: Path, day: date, indicator: str = "", area: str = "", kind: str = "", period: str = ""
) -> Row:
    """What was known at the end of a day in this country: ``release`` (empty before the first),
    ``first_on`` (of all), when, by whom and with which note it was published, ``tables`` (there
    or pruned), ``pages``, ``sources``, ``since`` (how many releases came out, and the latest), and
    ``figure``, then and now, if an indicator is asked for: Unknown if that release has no such
    figure."""
    every = records.every(data)
    found = records.as_of(data, day)
    answer: Row = {"day": day.isoformat(), "release": found.name if found else ""}
    answer["first_on"] = every[0].day.isoformat() if every else ""
    if found is None:
        return answer
    told = found.published
    newer = every[[record.name for record in every].index(found.name) + 1 :]
    answer |= {
        "published_at": found.at,
        "published_on": found.day.isoformat(),
        **{word: told.get(word, "") for word in ("by", "note", "how")},
        "draft": told.get("draft") or 0,
        "tables": "there" if found.tables else "pruned",
        "pages": str(found.site or ""),
        "invented": bool(found.about.get("invented")),
        "sources": list(_sources(found)),
        "since": {"releases": len(newer), "latest": every[-1].name},
        "figure": None,
    }
    if indicator and found.tables:
        answer["figure"] = _figure(data, found, every[-1], (indicator, area, period, kind))
    return answer


def sentences(answer: Row, asked: str = "", *, quiet: bool = False) -> Iterator[str]:
    """The same for the command line."""
    day = _day(answer["day"])
    if not answer["release"]:
        first = answer["first_on"]
        later = f" The first release came out on {_day(first)}." if first else ""
        yield f"On {day} nothing had been published yet.{later}"
        return
    yield (
        f"On {day} the latest release was {answer['release']}, published on"
        f" {_day(answer['published_on'])}{_signed(answer)}."
    )
    if answer["invented"]:
        yield "INVENTED FIGURES about an invented county: no fact about any real place."
    if answer["tables"] == "pruned":
        yield (
            f"Its tables were pruned: evidence rebuild {answer['release']} makes them again."
            + (f" Then ask for {asked} once more." if asked else "")
        )
    yield from _told(answer["figure"]) if answer["figure"] else ()
    if quiet:
        return
    if answer["pages"]:
        yield f"Its pages: {answer['pages']}"
    yield "It rested on:"
    for one in answer["sources"]:
        files = many(one["files"], "file")
        yield f"  {one['label']}: {one['newest_file']}, fetched {_day(one['fetched_at'])} ({files})"
    since = answer["since"]
    if not since["releases"]:
        yield "It is the latest to this day."
        return
    yield f"Since then {many(since['releases'], 'release')} came out, the latest {since['latest']}."
    yield f"Next: evidence diff {answer['release']} {since['latest']}"


def _sources(found: Record) -> Iterator[Row]:
    """What a release was made from: each source with its newest file, and when that came."""
    by_source: dict[str, list[Row]] = {}
    for snapshot in found.about.get("snapshots", ()):
        by_source.setdefault(snapshot["source"], []).append(snapshot)
    labels = found.about.get("entries", {}).get("sources") or {}
    book = None if by_source.keys() <= {*labels, PLACE_FILES} else diffing.book_of(found)
    for source, files in by_source.items():
        newest = max(files, key=lambda file: (file.get("fetched_at", ""), file["name"]))
        label = labels.get(source) or _label(book, source)
        yield {"source": source, "label": label, "files": len(files)} | {
            "newest_file": newest["name"],
            "fetched_at": newest.get("fetched_at", ""),
        }


def _label(book: Book | None, source: str) -> str:
    if source == PLACE_FILES:
        return OWN
    return book.source[source].label if book and source in book.source else source


def _figure(data: Path, found: Record, latest: Record, asked: tuple[str, ...]) -> Row:
    """A figure then and now: the values that both releases may tell, and why they differ."""
    indicator, area, period, kind = asked
    then = _cell(found, indicator, area, period, kind)
    told = {name: then[name] for name in (*KEY, "indicator", "area_name", "unit")}
    figure: Row = told | {"then": _said(then), "now": None, "change": "", "why": "", "note": ""}
    if latest.name == found.name:
        figure |= {"now": figure["then"], "change": "unchanged"}
    else:
        figure |= _since(found, latest, then)
    bare = diffing.bare_counts(data, latest) | diffing.bare_counts(data, found)
    if indicator in bare:
        _beside_rates(figure, found, latest, bare[indicator])
    return figure


def _cell(found: Record, indicator: str, area: str, period: str, kind: str) -> Row:
    try:
        cell = cell_of(_tables(found), indicator, area, period, kind)
        return dict.fromkeys((*KEY, "marker", "unit")) | cell
    except Unknown as why:
        told = re.sub(r"^The latest release", f"Release {found.name}", str(why))
        raise Unknown(told.replace(" Run evidence refresh.", "")) from why


def _since(found: Record, latest: Record, then: Row) -> Row:
    """What became of a cell, in the words of the comparison of the two releases, which tells no
    value beside one that is withheld."""
    with diffing.compared(found, latest) as con:
        ours = duckdb.ColumnExpression("indicator_id").isin(
            duckdb.ConstantExpression(then["indicator_id"])
        )
        rows = con.table("evidence.changes").filter(ours)
        moved = [dict(zip(rows.columns, row, strict=True)) for row in rows.fetchall()]
    same = [row for row in moved if all(row[name] == then[name] for name in KEY)]
    if same:
        row = same[0]
        hidden = row["change"] in ("now withheld", "now shown") or (
            {row["marker_before"], row["marker_after"]} & set(KEPT_BACK)
        )
        return {
            "then": {"value": row["value_before"], "marker": row["marker_before"] or ""},
            "now": {"value": row["value_after"], "marker": row["marker_after"] or ""},
            "change": row["change"],
            "why": row["why"],
            "note": NOT_AGAIN if hidden else "",
        }
    today = _of_area(latest, then["indicator_id"], then)
    if any(row["period"] == then["period"] for row in today):
        return {"now": _said(then), "change": "unchanged"}
    if then["period"] is None:
        return {"note": "no figure of any period was in hand then"}
    return {  # not even by its name
        **{"indicator": then["indicator_id"], "unit": "", "then": None, "change": "taken back"},
        "note": "it is no figure of the latest release, and is not told once more",
    }


def _tables(record: Record) -> Path:
    if record.tables is None:
        raise diffing.NoTables(diffing.pruned(record))
    return record.tables


def _of_area(record: Record, indicator: str, then: Row) -> list[Row]:
    """Every period of an indicator in a cell's locality; a column that an older release lacks is
    not in the rows."""
    rows = released(
        "select * from read_parquet($table) where indicator_id = $indicator"
        " and area_kind = $area_kind and area_code = $area_code order by period",
        {"table": str(_tables(record) / records.TIDY), "indicator": indicator}
        | {name: then[name] for name in ("area_kind", "area_code")},
    )
    return [row for row in rows if row.get("edition") == then["edition"]]


def _beside_rates(figure: Row, found: Record, latest: Record, rate: str) -> None:
    """A number of crimes is told beside its rate and that of the whole place, or not at all."""
    for when, record in (("then", found), ("now", latest)):
        beside = _rate(record, rate, figure) if figure[when] and rate else None
        if figure[when] and figure[when]["value"] is not None:
            figure[when] |= {"rate": beside} if beside else {"value": None, "marker": ""}
            if not beside:
                figure["note"] = "a number of crimes is told beside its rate only, and it has none"


def _rate(record: Record, rate: str, figure: Row) -> Row | None:
    """The rate of the first period that ends with the figure's or after it, else of the last
    before."""
    counted = _of_area(record, figure["indicator_id"], figure)
    ends = [row["period_end"] for row in counted if row["period"] == figure["period"]]
    every = _of_area(record, rate, figure)
    rates = [row for row in every if row["value"] is not None and row["period_end"]]
    if not rates or not ends or not (end := ends[0]):
        return None
    near = min(rates, key=lambda row: (row["period_end"] < end, abs(row["period_end"] - end)))
    return {name: near[name] for name in ("value", "unit", "period")} | {
        "whole_place": near.get("comparator_value")
    }


def _said(cell: Row) -> Row:
    return {"value": cell["value"], "marker": cell["marker"] or ""}


def _told(figure: Row) -> Iterable[str]:
    unit = figure["unit"] or ""
    yield f"{figure['indicator']}, {plain(figure['area_name'])}, {spoken(figure['period'])}:"
    for when in ("then", "now"):
        if figure[when]:
            yield f"  {when}: {_valued(figure[when], unit)}"
    if figure["note"]:
        yield f"  {figure['note']}"
    if figure["change"] == "unchanged":
        yield "  It says the same today."
    elif figure["why"]:
        yield f"  {figure['change']}: {figure['why']}"


def _valued(told: Row, unit: str) -> str:
    value = "not told" if told["value"] is None else valued(told["value"], unit)
    marked = f" {told['marker']}" if told["marker"] else ""
    if not (rate := told.get("rate")):
        return value + marked
    whole = rate["whole_place"]
    against = f", the whole place {valued(whole, rate['unit'])}" if whole is not None else ""
    period = spoken(rate["period"])
    return f"{value}{marked} ({valued(rate['value'], rate['unit'])} in {period}{against})"


def _signed(answer: Row) -> str:
    who = f" by {answer['by']}" if answer["by"] else ""
    how = " at once, without a sign-off" if answer["how"] == "at once" else ""
    return f"{who}{how}" + (f": {answer['note']}" if answer["note"] else "")


def _day(told: str) -> str:
    """A day as one says it."""
    if not re.match(r"\d{4}-\d{2}-\d{2}", told):
        return told or "an unknown day"
    day = date.fromisoformat(told[:10])
    return f"{day.day} {day:%B %Y}"
