"""The one story: catalogue, pull, keep, stage, place, build, judge, check, protect, draft, publish.

Without a server each step is a plain call; on one (``on_server.py``) a task run that can be seen.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from flows import (
    building,
    drafts,
    freshness,
    jobs,
    locking,
    place_files,
    protecting,
    releases,
    runners,
    runs,
    signing,
    staging,
)
from flows.building import Built, Clock
from flows.drafts import Draft
from flows.entries import Source
from flows.jobs import Job
from flows.pull import Pulled, pull
from flows.requested import Outcome, Request
from flows.returns import held, ledger, sharing
from flows.returns.description import RETURNS
from flows.snapshots import Snapshot, Store
from flows.sources import SOURCES
from flows.steps import step

log = logging.getLogger("evidence")


class NotPublished(Exception):
    """A refresh that ended without a release, and how it ended."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome
        super().__init__("\n".join([outcome.state, *outcome.faults]))


def refresh(request: Request) -> Outcome:
    """Refresh a place's evidence and publish it, if anything moved and every critical check
    holds; NotPublished, if not."""
    outcome = refreshed(request)
    if outcome.code:
        raise NotPublished(outcome)
    return outcome


def refreshed(request: Request) -> Outcome:
    """Refresh a place's evidence: a new draft, published at once unless it is to be signed off;
    or why there is none."""
    clock, job = Clock(), jobs.job(request)
    with locking.lock(job.data, job.book.place.id), runs.noted(job.data, "refresh") as run:
        outcome = _story(job, clock).model_copy(update={"seconds": clock.laps})
        run |= outcome.model_dump(include={"state", "code", "faults", "draft", "release"})
        return outcome


def _story(job: Job, clock: Clock) -> Outcome:
    """The story, top to bottom."""
    with job.web(place_files.PLACE_FILES) as web:
        kept = place_files.keep_files(job.book, job.store, job.inbox, job.chosen, web)
    job = replace(job, files=kept.files)
    pulled = [pull_source(RETURNS, job)]  # first: each return is an indicator more
    parted = sharing.part(job, job.day)
    job, needed = parted.open, _needed(parted)
    others = [source for source in needed if source.id != RETURNS]
    for number, source in enumerate(_with_bar(others), 1):
        log.info("Pulling %s, %d of %d sources.", source.label, number, len(others))
        pulled.append(pull_source(source.id, job))
    ledger.note_given(job.data, parted.kept)
    clock.lap("pull and stage")
    aside = [line for p in pulled for line in p.set_aside]
    if faults := [*parted.faults, *job.unbearable(pulled)]:
        return Outcome(state="source failed", code=4, faults=faults, set_aside=aside)
    parted = parted.without(frozenset(p.source for p in pulled if p.faults))
    log.info("%d files are new.", sum(len(p.new) for p in pulled))
    late = [*parted.open.told(pulled), *kept.lacking]
    outcome = _drafted(parted, late + aside, clock)
    more = {"set_aside": aside, "warnings": [*late, *outcome.warnings]}
    return outcome.model_copy(update=more)


def _drafted(parted: sharing.Parted, warned: list[str], clock: Clock) -> Outcome:
    """Build what is new, and publish it or have it wait; or say that nothing is."""
    job = parted.open
    newest = releases.newest_release(job.data)
    known = newest and releases.last_key(job.data) == (job.key(), newest.name)
    stands = newest.name if newest and known and not job.is_study else ""
    if waiting := _waiting(parted, stands):
        return _held(job, waiting, "nothing is new since this draft was built")
    tiers = build_held(parted, stands) if parted.held else []
    clock.lap("figures that are not open")
    for state, faults in (
        ("checks failed", [line for one in tiers for line in one.faults]),
        ("not protected", [line for one in tiers for line in one.exposed]),
    ):
        if faults:
            return Outcome(state=state, code=3, faults=faults)
    with drafts.building(job.data) as folder:
        before = None if job.is_study else newest
        built = Built() if stands else building.build(job, folder, clock, before)
        told = {"warnings": built.warnings, "gaps": built.gaps, "rows": built.rows}
        if built.state:
            return Outcome(
                state=built.state, code=3, faults=built.faults, folder=built.report, **told
            )
        if job.is_study:
            study = str(releases.file_study(job.data, folder / drafts.RELEASE, built.name))
            about = {"release": built.name, "folder": study, "latest": study, "notes": built.notes}
            return Outcome(state="study", code=0, **about, **told)
        outcome = _filed(parted, built, tiers, folder, warned)
        clock.lap("publish")
        return outcome.model_copy(update=told)


def _filed(
    parted: sharing.Parted, built: Built, tiers: list[held.Held], folder: Path, warned: list[str]
) -> Outcome:
    """File what was built as a draft, and publish it unless it must wait; nothing, if it says what
    the newest release says."""
    job, newest = parted.open, releases.newest_release(parted.open.data)
    if not built.name:  # the same figures; perhaps what is not open is new
        shutil.rmtree(folder / drafts.RELEASE)
    if newest and not built.name and not tiers:
        return _nothing_new(parted, newest, folder)
    name = built.name or (newest.name if newest else "")
    number = drafts.next_number(job.data)
    notes = [*built.notes, *held.keep(tiers, name, number)]
    about: dict[str, Any] = {
        "release": name,
        "before": newest.name if newest else "",
        "key": job.key(),
        "tables": releases.manifest(folder / drafts.RELEASE).get("tables", ""),
        "out": protecting.hash_of_out(job.data),
        "rows": built.rows,
        "place": job.book.place.id,
        "warnings": [*warned, *built.warnings],
        "gaps": built.gaps,
        "notes": notes,
        "tiers": {one.sharing: one.key for one in tiers},
        "used": ledger.uses(parted.kept, name, job.day),
    }
    draft = drafts.file(job.data, folder, number, about)
    if why := _must_wait(job, draft):
        return _held(job, draft, why)
    done = signing.approve(job.data, draft, "at once", "", "")
    return Outcome(
        state="published" if built.name else "nothing new",
        code=0,
        release=name,
        draft=draft.number,
        folder=str(done.files),
        latest=str(job.data / releases.LATEST),
        notes=notes,
    )


@step("pull {source}")
def pull_source(source: str, job: Job) -> Pulled:
    """Ask one source, or look into the inbox; keep and stage what it gave."""
    stage = staging.stager(job.book.source[source], job.store, job.staged)
    ahead = partial(_stage_ahead, source, job)
    if source == RETURNS:  # who may see a return is looked at before it is staged
        stage, ahead = sharing.checked(job, stage, job.day), None
    began = drafts.now()
    with job.web(source) as web:
        ask = job.ask(source)
        pulled = pull(source, SOURCES[source], job.store, ask, job.inbox, web, stage, ahead)
        if web is None and pulled.taken:
            freshness.note_by_hand(job.store, source)
        elif web is not None:
            learned = (web.learned, pulled.taken, pulled.faults)
            freshness.note_asked(job.store, source, job.basis(source), *learned, began)
    current = list(job.store.current(source).values())
    if ahead:
        ahead(current)
    for snapshot in current:
        stage(snapshot)  # kept long ago, staged by an older version
    return pulled


def _stage_ahead(source: str, job: Job, snapshots: list[Snapshot]) -> None:
    """Stage what is not staged yet, in units, wherever the request says."""
    entry, store = job.book.source[source], Store(job.store.folder.resolve())
    paths = {staging.staged_path(entry, s, job.staged): s for s in snapshots}
    units = staging.units(one for path, one in paths.items() if not path.exists())
    if len(units) > 1:  # a lone file has all cores where it is
        work = partial(staging.stage_unit, entry, store, job.staged.resolve())
        runners.spread(f"stage {entry.label}", work, units, job.request.runner)
        if not any(path.exists() for path in paths):
            log.warning("Nothing was staged by the runner %s: it is done here.", job.request.runner)


@step("figures that are not open")
def build_held(parted: sharing.Parted, stands: str) -> list[held.Held]:
    """The figures that are shared with some only, beside the open release and not a part of it."""
    log.info("Making the figures that are not open.")
    return held.build(parted.held, parted.kept, parted.open.day, stands)


def _waiting(parted: sharing.Parted, stands: str) -> Draft | None:
    """A draft of the very same that waits to be signed off, where this one would wait too."""
    job, wanted = parted.open, held.wanted(parted.held, stands)
    if job.request.hold == "never" or job.is_study or (stands and not wanted):
        return None
    asked = (job.key(), {sharing: one.key() for sharing, one in wanted.items()})
    waiting = [d for d in drafts.every(job.data) if d.state == "held"]
    same = [d for d in waiting if (d.key, d.tiers) == asked]
    return next((d for d in same if not signing.overtaken(job.data, d)), None)


def _must_wait(job: Job, draft: Draft) -> str:
    """Why a draft is not published at once; empty if it is."""
    if job.request.hold == "never":
        return ""
    if job.request.hold == "always":
        return "this was asked for"
    if not job.book.place.publish_at_once:
        return "place.toml does not say publish_at_once = true"
    return f"{len(draft.warnings)} warnings came with it" if draft.warnings else ""


def _held(job: Job, draft: Draft, why: str) -> Outcome:
    log.info("Draft %d waits to be signed off: %s.", draft.number, why)
    return Outcome(
        state="held",
        code=0,
        draft=draft.number,
        release=draft.release,
        folder=str(draft.files),
        latest=str(job.data / releases.LATEST),
        notes=[*draft.notes, f"Draft {draft.number} waits: {why}."],
        rows=draft.rows,
    )


def _nothing_new(parted: sharing.Parted, newest: Path, folder: Path) -> Outcome:
    """The newest release stands; what was built to find that out is used from now on."""
    job, data = parted.open, parted.open.data
    if (folder / drafts.WAREHOUSE).exists():
        (folder / drafts.WAREHOUSE).replace(data / drafts.WAREHOUSE)
    releases.remember_key(data, job.key(), newest.name)
    ledger.note_used(data, ledger.uses(parted.kept, newest.name, job.day))
    latest = str(data / releases.LATEST)
    return Outcome(
        state="nothing new", code=0, release=newest.name, folder=str(newest), latest=latest
    )


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
