"""From files in hand to a release in a folder: placed, built, judged, checked, attacked, written.

Nothing here is seen by readers: what comes of it is a draft's folder, or the reasons why there is
none.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from expectations import checks
from flows import (
    changes,
    drafts,
    freshness,
    judging,
    loading,
    localities,
    outputs,
    place_files,
    protecting,
    releases,
    staging,
    warehouse,
)
from flows.jobs import Job
from flows.localities import Placed
from flows.protecting import Protection
from flows.requested import Spent
from flows.steps import step
from sql import models

if TYPE_CHECKING:
    import duckdb

log = logging.getLogger("evidence")


class Clock:
    """Seconds from lap to lap, and how many of them went into imports. The first clock of a command
    begins with the process."""

    def __init__(self) -> None:
        self.laps: dict[str, Spent] = {}
        began = loading.process_began()
        self.last, self.loaded = began or time.perf_counter(), 0.0 if began else loading.seconds()
        if began:
            self.lap("start")

    def lap(self, name: str) -> None:
        """Note what was done since the last lap."""
        now, loaded = time.perf_counter(), loading.seconds()
        before = self.laps.get(name, Spent())
        self.laps[name] = Spent(
            seconds=round(before.seconds + now - self.last, 2),
            imports=round(before.imports + loaded - self.loaded, 2),
        )
        self.last, self.loaded = now, loaded


@dataclass
class Built:
    """What came of it: the release's name (empty if it says what the newest one says); or why it
    may not be published (``state``, as an Outcome has it, and faults)."""

    name: str = ""
    rows: int = 0
    state: str = ""
    report: str = ""  # where the faults stand in full
    faults: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def build(job: Job, folder: Path, clock: Clock, before: Path | None, name: str = "") -> Built:
    """Build the warehouse in a new file of a folder, check it, and write the release that it makes
    into ``folder/release``. ``before``: the release that it is compared with. ``name``: what it is
    called, if that is known already."""
    built, release = Built(), folder / drafts.RELEASE
    with models.connect(folder / drafts.WAREHOUSE) as con:
        placed = place(con, job)
        clock.lap("place")
        make(con, job, before)
        clock.lap("build")
        outcomes = check(con, job)
        clock.lap("check")
        protection = protect(con, job)
        clock.lap("protect")
        labels = job.book.source
        built.gaps = [f"{labels[s].label}: {reason}" for s, reason in job.gaps().items()]
        built.gaps += [*job.remarks, *placed.absent]
        built.warnings = _broken(outcomes, "warning")
        if critical := _broken(outcomes, "critical"):
            built.state, built.faults = "checks failed", critical
            built.report = str(outputs.write_failed(outcomes, job.data))
            return built
        if protection.faults:
            built.state, built.faults = "not protected", protection.faults
            return built
        built.notes = [*job.notes(), *outputs.notes(con, job, before)]
        remarks = [*built.warnings, *built.gaps, *built.notes]
        written = write_tables(con, job, placed, outcomes, remarks, release)
        protecting.write(con, protection, release / "quality")
        built.rows = written["evidence.parquet"]
        built.name = name or name_of(release, job, before)
        if built.name:
            write_readers(con, job, placed, written, built.name, before, release)
    about = {"release": built.name, "before": before.name if before else ""}
    outputs.write_manifest(release, job, about | {"made_at": drafts.now(), "rows": built.rows})
    clock.lap("write")
    return built


@step("place: what lies in which locality")
def place(con: duckdb.DuckDBPyConnection, job: Job) -> Placed:
    """Load what is in hand, and place every point and small area in its localities."""
    log.info("Placing points and small areas in their localities.")
    book, store = job.book, job.store
    since, until = (_day(month) for month in (job.request.since, job.request.until))
    staging.load(con, book, store, job.staged)
    for source in book.needed_sources() if not job.past else ():
        freshness.note_reach(store, source.id, *staging.reach(con, source.id))
    warehouse.load_catalogue(con, book, since, until, job.gaps(), job.stale())
    placed = localities.place(con, book, store, job.files, job.staged, job.chosen)
    if not job.is_study and not job.past:  # a study's files answer its question only
        place_files.accept(job.files, store)
    return placed


@step("build: figures, limits, comparisons")
def make(con: duckdb.DuckDBPyConnection, job: Job, before: Path | None) -> None:
    """Make every figure, and judge it."""
    log.info("Making figures and setting them against others.")
    judging.judge(con)
    changes.load(con, job, before)
    warehouse.finish(con)


@step("check: expectations")
def check(con: duckdb.DuckDBPyConnection, job: Job) -> list[checks.Outcome]:
    """Hold every table against its suite."""
    log.info("Checking tables against their expectations.")
    outcomes = outputs.check(con, job.book, job.store)
    broken = [o for o in outcomes if o.result != "held"]
    log.info("%d expectations, %d of them broken.", len(outcomes), len(broken))
    return outcomes


@step("protect: can anybody be singled out")
def protect(con: duckdb.DuckDBPyConnection, job: Job) -> Protection:
    """Attack the tables with all that would be public; not those that are out already."""
    if job.past:
        return Protection()
    log.info("Looking whether anybody could be singled out.")
    return protecting.audit(con, job.book, job.data)


@step("write the tables")
def write_tables(
    con: duckdb.DuckDBPyConnection,
    job: Job,
    placed: Placed,
    outcomes: list[checks.Outcome],
    remarks: list[str],
    release: Path,
) -> dict[str, int]:
    """Write what the release is named after."""
    log.info("Writing tables.")
    return outputs.write_tables(con, job, placed, outcomes, remarks, release)


@step("write pages, workbooks and layers")
def write_readers(
    con: duckdb.DuckDBPyConnection,
    job: Job,
    placed: Placed,
    written: dict[str, int],
    name: str,
    before: Path | None,
    release: Path,
) -> None:
    """Write what readers open."""
    log.info("Writing pages, workbooks and map layers of release %s.", name)
    outputs.write_readers(con, job, placed, written, name, before, release)


def name_of(release: Path, job: Job, before: Path | None) -> str:
    """What a new release is called, by its day and its tables; empty if it says what the release
    before says, and is no study."""
    tables = releases.hash_of_tables(release)
    if before and not job.is_study and releases.manifest(before).get("tables") == tables:
        return ""
    name = f"{job.day}-{tables[:8]}"
    taken = {path.name for path in (job.data / "releases").glob(f"{name}*")}
    again = (f"{name}-{n}" for n in range(2, len(taken) + 3))
    return next(one for one in (name, *again) if one not in taken)


def _broken(outcomes: list[checks.Outcome], severity: str) -> list[str]:
    return [o.sentence for o in outcomes if o.result != "held" and o.severity == severity]


def _day(month: str) -> date | None:
    return date.fromisoformat(f"{month}-01") if month else None
