"""Everything that leaves a finished warehouse: check results, tables, layers, descriptions,
manifest."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from expectations import checks, frames
from flows import catalogue_files, changes, drafts, releases, revisions
from flows.entries import Book
from flows.jobs import Job, code_version
from flows.localities import Placed
from flows.publish import datapackage, gis, shapes, tables, website, workbook
from flows.publish.released import Released
from flows.returns import sharing
from flows.returns.description import RETURNS
from flows.snapshots import Store

if TYPE_CHECKING:
    import duckdb

TOLD = (
    "core.placement",
    "core.force_coverage",
    "core.silent_months",
    "core.file_vintages",
    "core.reconciliation",
    "core.agreement",
    "core.api_agreement",
    "core.quarantine",
    "evidence.dispersions",
)
LIBRARIES = (
    *("duckdb", "geopandas", "great-expectations", "prefect", "scipy", "shapely"),
    *("jinja2", "xlsxwriter"),
)


def check(con: duckdb.DuckDBPyConnection, book: Book, store: Store) -> list[checks.Outcome]:
    """Judge every table that has a suite and rests on a source of which a file is in hand."""
    held = [s for s in book.needed_sources() if store.current(s.id)]
    there = {s.rows for s in held} | {s.id for s in held}
    needs = {
        "reconciliation": "events",
        "file_vintages": "observations",
        "agreement": "police_crime",
        "api_agreement": "police_api",
    }
    found = []
    for table, entries in checks.suites().items():
        schema, _, name = table.partition(".")
        rests_on = name if schema == "stage" else needs.get(name)
        if rests_on and rests_on not in there:
            continue
        found += frames.judge(table, con.table(table), entries)
    return found


def notes(con: duckdb.DuckDBPyConnection, job: Job, before: Path | None) -> list[str]:
    """How often our points and the police's own small-area codes agree, by vintage of the codes;
    and what publishers replaced since the release before."""
    rows = con.sql(
        "select vintage, sum(events)::bigint, sum(events_agreeing) / sum(events),"
        " arg_min(month, agreement), min(agreement) from core.agreement group by vintage order by 1"
    ).fetchall()
    last = releases.manifest(before)
    return [
        f"agreement with the police's {vintage} small areas: {share:.1%} of {events:,} rows;"
        f" lowest in {month:%Y-%m}: {lowest:.1%}"
        for vintage, events, share, month, lowest in rows
    ] + revisions.since(last, job.book, job.store)


def write_failed(outcomes: list[checks.Outcome], data: Path) -> Path:
    """Keep the results of a refresh that was stopped, outside the releases."""
    path = data / "failed-checks.json"
    path.write_text(_json([checks.as_row(o) for o in outcomes]), encoding="utf-8")
    return path


def write_tables(
    con: duckdb.DuckDBPyConnection,
    job: Job,
    placed: Placed,
    outcomes: list[checks.Outcome],
    remarks: list[str],
    folder: Path,
) -> dict[str, int]:
    """Write the released tables and shapes, which a release is named after, and what is known of
    their quality, into a folder; each table's path and its number of rows."""
    written = tables.write(con, folder)
    written[shapes.FILE] = shapes.write(con, placed.layers, folder)
    _quality(con, job, outcomes, remarks, folder / "quality")
    return written


def write_readers(
    con: duckdb.DuckDBPyConnection,
    job: Job,
    placed: Placed,
    written: dict[str, int],
    name: str,
    before: Path | None,
    folder: Path,
) -> None:
    """Write what readers open, all of it made from the released tables in the same folder:
    workbooks, layers, the site, and the descriptions of all."""
    book, store = job.book, job.store
    used = [s.id for s in book.needed_sources() if store.current(s.id)]
    used += [r.id for r in book.returns if not r.gap]
    released = Released(
        name=name,
        as_of=_as_of(job),
        book=book,
        used=tuple(book.source[s] for s in used),
        cells=con.table("evidence.evidence_table").df(),
        gaps=con.table("evidence.gaps").df(),
        breaks=con.table("evidence.breaks").df(),
        peers=con.table("evidence.similar_places").df(),
        funnels=con.table("evidence.funnel_limits").df(),
        changes=changes.since(con, job, before),
        ledger=con.table("evidence.assignment_ledger").df(),
        layers=placed.layers,
        small_areas=placed.small_areas,
        checks=tuple(json.loads((folder / "quality" / "expectations.json").read_text("utf-8"))),
        remarks=tuple((folder / "quality" / "remarks.txt").read_text("utf-8").splitlines()),
        before=before.name if before and len(con.table("evidence.earlier_cells")) else "",
    )
    gis.write(con, released, folder)
    written |= workbook.write(released, folder)
    website.write(released, folder)
    if book.place.invented:
        (folder / "INVENTED.txt").write_text(datapackage.INVENTED + "\n", encoding="utf-8")
    datapackage.write(released, written, folder)


def _as_of(job: Job) -> date:
    """The day on which the newest file behind a release was fetched or handed over."""
    needed = [s for n in job.book.needed_sources() for s in job.store.current(n.id).values()]
    days = [s.fetched_at[:10] for s in (*needed, *job.files.values())]
    return date.fromisoformat(max(days))


def _quality(
    con: duckdb.DuckDBPyConnection,
    job: Job,
    outcomes: list[checks.Outcome],
    remarks: list[str],
    folder: Path,
) -> None:
    folder.mkdir()
    rows = [checks.as_row(o) for o in outcomes]
    (folder / "expectations.json").write_text(_json(rows), encoding="utf-8")
    (folder / "remarks.txt").write_text("".join(f"{r}\n" for r in remarks), encoding="utf-8")
    for table in TOLD:
        name = table.partition(".")[2]
        con.table(table).order("all").write_csv(str(folder / f"{name}.csv"), header=True)
    revisions.write(con, job.book, job.store, job.staged, folder / "revisions.csv")


def write_manifest(folder: Path, job: Job, about: Mapping[str, Any]) -> None:
    """``manifest.json``: what the release was made from, so that it can be made again, and the hash
    of every other file, so that nobody changes one unseen."""
    book, store = job.book, job.store
    written = sorted(path for path in folder.rglob("*") if path.is_file())
    sources = [s.id for s in book.needed_sources()]
    kept = [asdict(snapshot) for s in sources for snapshot in store.current(s).values()]
    # of what partners handed over a few bytes more may tell that there is one person more
    kept = [s | {"size": None} if s["source"] == RETURNS else s for s in kept]
    kept += [asdict(snapshot) for _, snapshot in sorted(job.files.items())]
    manifest = {
        **about,
        "tables": releases.hash_of_tables(folder),
        "key": job.key(),
        "request": job.request.model_dump(exclude={"data", "inbox", "runner"}),
        "made_on": job.day.isoformat(),
        "editions": job.editions(),
        "place": book.place.id,
        "place_name": book.place.name,
        "invented": book.place.invented,
        "catalogue": book.version,
        "catalogue_files": job.past.catalogue
        if job.past
        else asdict(catalogue_files.keep(book, store)),
        "expired_returns": [asdict(s) | {"size": None} for s in sharing.expired(job)],
        "stale": job.stale(),
        "failed": sorted(job.failed),
        "code": code_version(),
        "entries": changes.entries(book),
        "versions": {
            "python": platform.python_version(),
            "locality-evidence": version("locality-evidence"),
        }
        | {name: version(name) for name in LIBRARIES},
        "snapshots": kept,
        "files": {p.relative_to(folder).as_posix(): drafts.hash_of(p) for p in written},
    }
    (folder / "manifest.json").write_text(_json(manifest), encoding="utf-8")


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False, default=str) + "\n"
