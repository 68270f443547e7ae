"""What moved since the release before, cell by cell, and why.

The two releases are compared in ``sql/evidence/changes.sql``; what it reads beside the new tidy
table is made here: the cells that were released, and which files, boundaries and entries moved
since, from that release's manifest. An older release may lack a column, or the manifest a word:
then less is known of it, and nothing breaks.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows import releases
from flows.entries import Book, Indicator, Source
from flows.jobs import Job, code_version
from flows.place_files import PLACE_FILES
from flows.returns.description import RETURNS
from sql import models

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

log = logging.getLogger("evidence")

COLUMNS = (
    *("theme", "indicator_id", "indicator", "area_kind", "area_code", "area_name", "edition"),
    *("period", "change", "value_before", "value_after", "marker_before", "marker_after"),
    *("unit", "why"),
)
EARLIER = {
    "theme": ["VARCHAR"],
    **dict.fromkeys(("indicator_id", "indicator", "area_kind", "edition", "area_code"), "VARCHAR"),
    **{"area_name": "VARCHAR", "period": "VARCHAR", "period_start": "DATE", "value": "DOUBLE"},
    **{"marker": "VARCHAR", "unit": "VARCHAR", "source": "VARCHAR"},
}
MOVED = {
    "catalogue.moved_sources": "source",
    "catalogue.moved_kinds": "area_kind",
    "catalogue.moved_indicators": "indicator_id",
}
KEY = {"indicator_id", "area_kind", "area_code", "period", "value"}
GROUND = ("ons_geography", "output_areas", "postcodes")  # what all localities rest on
ENTRY = {"rows", "threshold", "base", "shown_for", "modelled", "gap", "known_gaps", "tables"}
ENTRY |= {"measures"}
FIGURE = {"source", "measure", "method", "unit", "tier", "denominator", "per", "period"}
FIGURE |= {"area_kinds"}


def since(con: duckdb.DuckDBPyConnection, job: Job, before: Path | None) -> pd.DataFrame:
    """A row for each cell that moved since the release ``before`` (``load`` was told of it before
    the tables were built): none without one."""
    return con.table("evidence.changes").df()


def empty(con: duckdb.DuckDBPyConnection) -> None:
    """The tables that the comparison reads, as of no earlier release."""
    models.load_rows(con, "evidence.earlier_cells", EARLIER, [])
    for table, name in MOVED.items():
        models.load_rows(con, table, {name: "VARCHAR", "reason": "VARCHAR"}, [])


def load(con: duckdb.DuckDBPyConnection, job: Job, before: Path | None) -> None:
    """The same, of the release ``before``: its cells, and what moved since. A study follows no
    release."""
    import pandas as pd

    empty(con)
    last = {} if job.is_study else releases.manifest(before)
    if before is None or not last:
        return
    _load_cells(con, before / "evidence.parquet")
    for table, found in zip(MOVED, (_moved_sources, _moved_kinds, _moved_indicators), strict=True):
        rows = pd.DataFrame(found(job, last), columns=["name", "reason"], dtype="str")
        con.from_df(rows).insert_into(table)


def entries(book: Book) -> dict[str, dict[str, str]]:
    """For the manifest: a hash of what the catalogue says of how each indicator and each kind of
    locality is made, so that the next release knows which of them changed."""
    return {
        "indicators": {i.id: _hash(_made(i, book)) for i in book.indicators},
        "area_kinds": {
            kind.id: _hash([kind.model_dump_json(exclude={"label"})])
            for kind in book.place.area_kinds
        },
    }


def _load_cells(con: duckdb.DuckDBPyConnection, path: Path) -> None:
    """``evidence.earlier_cells`` of a released table, as far as it has our columns."""
    import duckdb

    try:
        rows = con.read_parquet(str(path))
        there = dict(zip(rows.columns, map(str, rows.types), strict=True))
        if not there.keys() >= KEY:
            raise duckdb.BinderException(f"it has no {', '.join(sorted(KEY - there.keys()))}")
        chosen = [
            duckdb.ColumnExpression(name).cast(_type(kind)).alias(name)
            if name in there and there[name].endswith("[]") == isinstance(kind, list)
            else duckdb.ConstantExpression(None).cast(_type(kind)).alias(name)
            for name, kind in EARLIER.items()
        ]
        rows.select(*chosen).insert_into("evidence.earlier_cells")
    except (duckdb.Error, OSError) as why:
        log.warning("%s cannot be compared with: %s", path, why)


def _type(kind: str | list[str]) -> str:
    return f"{kind[0]}[]" if isinstance(kind, list) else kind


def _moved_sources(job: Job, last: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """The sources of which a file is new, or not the one it was."""
    held, was = _files(job), _listed(last)
    for source, now in held.items() if was else ():
        before, label = was.get(source, {}), job.book.source[source].label
        if any(now.get(name, "") != sha for name, sha in before.items()):
            yield source, f"publisher's revision: {label}"
        elif now.keys() - before.keys():
            yield source, f"new data: {label}"


def _moved_kinds(job: Job, last: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """The kinds of locality of which a boundary or list moved, or what all of them rest on."""
    was = {s["name"]: s["sha256"] for s in last.get("snapshots", ()) if s["source"] == PLACE_FILES}
    now = {s.name: s.sha256 for s in job.files.values()}
    files = {name for name, _ in was.items() ^ now.items()} if was else set()
    kinds = job.book.place.area_kinds
    told = {k.id: last.get("entries", {}).get("area_kinds", {}).get(k.id) for k in kinds}
    ours = entries(job.book)["area_kinds"]
    was_in_force = last.get("editions", job.editions())
    ground = [s for s, _ in _moved_sources(job, last)]
    for kind in kinds:
        mine = any(name.partition(".")[0].partition("@")[0] == kind.id for name in files)
        if mine or _editions(job.editions(), kind.id) != _editions(was_in_force, kind.id):
            yield kind.id, f"new boundary: {kind.label}"
        elif told[kind.id] and told[kind.id] != ours[kind.id]:
            yield kind.id, f"new boundary: {kind.label}, by another rule"
        deprived = any(e.rule and "imd_decile" in e.rule.where for e in kind.editions)
        for source in ground:
            if source in GROUND or (deprived and source == "indices_of_deprivation"):
                yield kind.id, f"new boundary: {job.book.source[source].label}"


def _moved_indicators(job: Job, last: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """The indicators that are not made as they were: by entry, by window of months, by program."""
    ours = entries(job.book)["indicators"]
    was = last.get("entries", {}).get("indicators")
    asked = last.get("request", {})
    window = [asked.get(end, "") for end in ("since", "until")]
    same_program = last.get("code") == code_version()
    for indicator, now in ours.items():
        # a release that kept no hashes: its catalogue as a whole is all that is known
        told = was.get(indicator, now) if was else now
        if told != now or (not was and last.get("catalogue") != job.book.version):
            yield indicator, "method: the catalogue's entry changed"
        if window != [job.request.since, job.request.until]:
            yield indicator, "method: other months were asked for"
        if not same_program:
            yield indicator, "method: the program changed"


def _files(job: Job) -> dict[str, dict[str, str]]:
    """By source the hash of each file in hand; a return of a partner is a source of its own."""
    held = {s.id: job.store.current(s.id) for s in job.book.needed_sources()}
    told = {one: {n: s.sha256 for n, s in files.items()} for one, files in held.items()}
    given = told.pop(RETURNS, {})
    return told | _returned(given, {r.id for r in job.book.returns})


def _listed(last: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """The same, of an earlier release."""
    told: dict[str, dict[str, str]] = {}
    for snapshot in last.get("snapshots", ()):
        told.setdefault(snapshot["source"], {})[snapshot["name"]] = snapshot["sha256"]
    given = told.pop(RETURNS, {})
    return told | _returned(given, {name.partition(".")[0] for name in given})


def _returned(files: Mapping[str, str], ids: Iterable[str]) -> dict[str, dict[str, str]]:
    return {i: {n: h for n, h in files.items() if n.partition(".")[0] == i} for i in ids}


def _editions(listed: Iterable[Mapping[str, Any]], kind: str) -> list[list[str]]:
    told = ("edition", "valid_from", "valid_to")
    return sorted([str(e.get(k)) for k in told] for e in listed if e["area_kind"] == kind)


def _made(indicator: Indicator, book: Book) -> list[str]:
    """What the catalogue says of how a figure is made, and of the files that it is made from."""
    sources: dict[str, Source] = {s: book.source[s] for s in _sources(indicator, book)}
    figure = indicator.model_dump_json(include=FIGURE)
    return [figure, *(source.model_dump_json(include=ENTRY) for source in sources.values())]


def _sources(indicator: Indicator, book: Book) -> list[str]:
    both = dict.fromkeys((indicator.source, indicator.denominator_source))
    return [source for source in both if source in book.source]


def _hash(parts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]
