"""The one flow: catalogue, pull, keep, stage, place, build, judge, check, protect, publish.

``refresh`` is a Prefect flow; ``refresh.fn`` is the same body without a server, where each step
is a plain call. With a server configured (``PREFECT_API_URL``) each step is a task run that can
be seen there.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import wraps
from pathlib import Path
from typing import Any

from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.context import FlowRunContext

from flows import (
    changes,
    freshness,
    jobs,
    judging,
    localities,
    outputs,
    place_files,
    protecting,
    releases,
    staging,
    warehouse,
)
from flows.entries import Source
from flows.jobs import Job, Outcome, Request
from flows.pull import Pulled, pull
from flows.returns import held, ledger, sharing
from flows.returns.description import RETURNS
from flows.sources import SOURCES
from sql import models

log = logging.getLogger("evidence")


def step(name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A plain call outside a flow run, a task run inside one."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        as_task = task(name=name, cache_policy=NO_CACHE)(function)

        @wraps(function)
        def call(*args: Any, **named: Any) -> Any:
            if FlowRunContext.get():
                return as_task(*args, **named)
            return function(*args, **named)

        return call

    return decorate


class NotPublished(Exception):
    """A refresh that ended without a release: on a server its run is shown as failed."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome
        super().__init__("\n".join([outcome.state, *outcome.faults]))


@flow(name="evidence-refresh")
def refresh(request: Request) -> Outcome:
    """Refresh a place's evidence and publish it, if anything moved and every critical check
    holds."""
    outcome = _refreshed(request)
    if outcome.code:
        raise NotPublished(outcome)
    return outcome


def _refreshed(request: Request) -> Outcome:
    """The story, top to bottom."""
    clock = _Clock()
    job = jobs.job(request)
    with releases.lock(job.data, job.book.place.id):
        with job.web(place_files.PLACE_FILES) as web:
            kept = place_files.keep_files(job.book, job.store, job.inbox, job.chosen, web)
        job = replace(job, files=kept.files)
        pulled = [pull_source(RETURNS, job)]  # first: each return is an indicator more
        parted = sharing.part(job, _today())
        job, needed = parted.open, _needed(parted)
        pulled += [pull_source(s.id, job) for s in _with_bar(needed) if s.id != RETURNS]
        ledger.note_given(job.data, parted.kept)
        clock.lap("pull and stage")
        aside = [line for p in pulled for line in p.set_aside]
        if faults := [*parted.faults, *job.unbearable(pulled)]:
            return Outcome(state="source failed", code=4, faults=faults, set_aside=aside)
        parted = parted.without(frozenset(p.source for p in pulled if p.faults))
        job = parted.open
        late = [*job.told(pulled), *kept.lacking]
        newest = releases.newest_release(job.data)
        known = newest and releases.last_key(job.data) == (job.key(), newest.name)
        stands = newest.name if newest and known and not job.is_study else ""
        drafted = draft_held(parted, stands) if parted.held else []
        if drafted:
            clock.lap("figures that are not open")
        for state, faults in (
            ("checks failed", [line for one in drafted for line in one.faults]),
            ("not protected", [line for one in drafted for line in one.exposed]),
        ):
            if faults:
                return Outcome(state=state, code=3, faults=faults, set_aside=aside)
        if newest and stands:
            outcome = _nothing_new(newest, job.data)
        else:
            log.info("new: %d files", sum(len(p.new) for p in pulled))
            outcome = build_and_publish(job, clock)
        told = list(outcome.notes)
        if not outcome.code and not job.is_study:
            told += held.keep(drafted, outcome.release)
            ledger.note_used(job.data, parted.kept, outcome.release, _today())
        more = {"set_aside": aside, "warnings": [*late, *outcome.warnings], "notes": told}
        return outcome.model_copy(update=more | {"seconds": clock.laps})


@step("pull")
def pull_source(source: str, job: Job) -> Pulled:
    """Ask one source, or look into the inbox; keep and stage what it gave."""
    log.info("pulling %s", source)
    stage = staging.stager(job.book.source[source], job.store, job.staged)
    if source == RETURNS:
        stage = sharing.checked(job, stage, _today())
    began = datetime.now(UTC).isoformat(timespec="seconds")
    with job.web(source) as web:
        ask = job.ask(source)
        pulled = pull(source, SOURCES[source], job.store, ask, job.inbox, web, stage)
        if web is None and pulled.taken:
            freshness.note_by_hand(job.store, source)
        elif web is not None:
            learned = (web.learned, pulled.taken, pulled.faults)
            freshness.note_asked(job.store, source, job.basis(source), *learned, began)
    for snapshot in job.store.current(source).values():
        stage(snapshot)  # kept long ago, staged by an older version
    return pulled


@step("figures that are not open")
def draft_held(parted: sharing.Parted, stands: str) -> list[held.Draft]:
    """The figures that are shared with some only, beside the open release and not a part of it."""
    return held.drafts(parted.held, parted.kept, _today(), stands)


@step("build and publish")
def build_and_publish(job: Job, clock: _Clock) -> Outcome:
    """Build the warehouse in a new file, check it, and publish it whole or not at all."""
    building = job.data / "warehouse.building"
    for leftover in (building, building.with_name(building.name + ".wal")):
        leftover.unlink(missing_ok=True)
    since, until = (_day(month) for month in (job.request.since, job.request.until))
    with models.connect(building) as con, releases.draft(job.data) as drafted:
        gaps = job.gaps()
        staging.load(con, job.book, job.store, job.staged)
        for source in job.book.needed_sources():
            freshness.note_reach(job.store, source.id, *staging.reach(con, source.id))
        warehouse.load_catalogue(con, job.book, since, until, gaps, job.stale())
        placed = localities.place(con, job.book, job.store, job.files, job.staged, job.chosen)
        if not job.is_study:  # a study's files answer its question only
            place_files.accept(job.files, job.store)
        clock.lap("place")
        judging.judge(con)
        changes.load(con, job, releases.newest_release(job.data))
        warehouse.finish(con)
        clock.lap("build")
        outcomes = outputs.check(con, job.book, job.store)
        clock.lap("check")
        protection = protecting.audit(con, job.book, job.data)
        clock.lap("protect")
        lines = [f"{job.book.source[s].label}: {reason}" for s, reason in gaps.items()]
        lines += [*job.remarks, *placed.absent]
        told: dict[str, Any] = {"warnings": _broken(outcomes, "warning"), "gaps": lines}
        if critical := _broken(outcomes, "critical"):
            report = str(outputs.write_failed(outcomes, job.data))
            return Outcome(state="checks failed", code=3, faults=critical, folder=report, **told)
        if protection.faults:
            return Outcome(state="not protected", code=3, faults=protection.faults, **told)
        told["notes"] = [*job.notes(), *outputs.notes(con, job)]
        remarks = [*told["warnings"], *lines, *told["notes"]]
        written = outputs.write_tables(con, job, placed, outcomes, remarks, drafted)
        protecting.write(con, protection, drafted / "quality")
        name = name_of(drafted, job)
        if name:
            outputs.write_readers(con, job, placed, written, name, drafted)
        con.close()
        if job.is_study:
            building.unlink()
        else:
            building.replace(job.data / "warehouse.duckdb")
        outcome = publish(drafted, job, name)
        clock.lap("publish")
        return outcome.model_copy(update={**told, "rows": written["evidence.parquet"]})


def name_of(drafted: Path, job: Job) -> str:
    """What a draft is called, by its day and its tables; empty if it says what the newest release
    says, and is no study."""
    tables = releases.hash_of_tables(drafted)
    newest = releases.newest_release(job.data)
    if newest and not job.is_study and releases.manifest(newest).get("tables") == tables:
        return ""
    return f"{datetime.now(UTC):%Y-%m-%d}-{tables[:8]}"


def publish(drafted: Path, job: Job, name: str) -> Outcome:
    """Show a draft by its name as latest, or the newest release again if it has none; a study
    goes into a folder of its own."""
    key, data = job.key(), job.data
    newest = releases.newest_release(data)
    if newest and not name:
        releases.remember_key(data, key, newest.name)
        return _nothing_new(newest, data)
    about = {"release": name, "key": key, "tables": releases.hash_of_tables(drafted)}
    outputs.write_manifest(drafted, job, about | {"request": job.request.model_dump()})
    if job.is_study:
        study = str(releases.file_study(data, drafted, name))
        return Outcome(state="study", code=0, release=name, folder=study, latest=study)
    release = releases.finish(data, drafted, name)
    releases.remember_key(data, key, name)
    latest = str(data / releases.LATEST)
    return Outcome(state="published", code=0, release=name, folder=str(release), latest=latest)


def _broken(outcomes: list[Any], severity: str) -> list[str]:
    return [o.sentence for o in outcomes if o.result != "held" and o.severity == severity]


def _with_bar(sources: list[Source]) -> Iterable[Source]:
    """The same, with a bar on standard error where that is a terminal."""
    from rich.console import Console
    from rich.progress import track

    console = Console(stderr=True)
    hidden = not console.is_terminal
    return track(sources, "pulling", console=console, disable=hidden, transient=True)


def _needed(parted: sharing.Parted) -> list[Source]:
    """The sources that any of the jobs needs."""
    wanted = {s.id for job in parted.all() for s in job.book.needed_sources()}
    return [s for s in parted.open.book.sources if s.id in wanted]


def _today() -> date:
    return datetime.now(UTC).date()


def _nothing_new(newest: Path, data: Path) -> Outcome:
    latest = str(data / releases.LATEST)
    return Outcome(
        state="nothing new", code=0, release=newest.name, folder=str(newest), latest=latest
    )


def _day(month: str) -> date | None:
    return date.fromisoformat(f"{month}-01") if month else None


class _Clock:
    """Seconds from lap to lap."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self.last = time.perf_counter()

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.laps[name] = round(now - self.last, 2)
        self.last = now
