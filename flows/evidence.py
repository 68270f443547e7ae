"""The one flow: catalogue -> pull -> keep -> stage -> place -> build -> check -> publish.

``refresh`` is a Prefect flow; ``refresh.fn`` is the same body without a server, where each step
is a plain call. With a server configured (``PREFECT_API_URL``) each step is a task run that can
be seen there.
"""

from __future__ import annotations

import hashlib
import logging
import tempfile
import time
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from functools import wraps
from pathlib import Path
from typing import Any, Literal

from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.context import FlowRunContext
from pydantic import BaseModel, ConfigDict, Field

from flows import catalogue, localities, outputs, place_files, releases, staging, warehouse
from flows.entries import Book, Source
from flows.pull import Pulled, pull
from flows.snapshots import Snapshot, Store
from flows.sources import SOURCES
from flows.sources.web import Ask, Web
from sql import models

log = logging.getLogger("evidence")
HOUSE = Path(__file__).parents[1]
MONTH = r"^(|\d{4}-(0[1-9]|1[0-2]))$"


class Request(BaseModel):
    """What to refresh. Months are YYYY-MM, both included; empty means all that the sources have."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    place: str = Field("exampleshire", title="Place", description="A folder under geo/.")
    data: str = Field("data", title="Data folder", description="Where snapshots and releases go.")
    since: str = Field("", title="First month", pattern=MONTH, description="YYYY-MM, or empty.")
    until: str = Field("", title="Last month", pattern=MONTH, description="YYYY-MM, or empty.")
    themes: tuple[str, ...] = Field((), title="Themes", description="Theme ids; none means all.")
    inbox: str = Field("", title="Inbox", description="A folder of files downloaded by hand.")
    offline: bool = Field(False, title="Offline", description="Never touch the network.")


class Outcome(BaseModel):
    """How a refresh ended: ``code`` is the command's exit code."""

    state: Literal["published", "nothing new", "checks failed", "source failed"]
    code: int
    release: str = ""
    folder: str = ""
    latest: str = ""
    faults: list[str] = []
    warnings: list[str] = []
    set_aside: list[str] = []
    gaps: list[str] = []
    rows: int = 0
    seconds: dict[str, float] = {}

    def timed(self, clock: _Clock) -> Outcome:
        """The same, with the seconds that each part took."""
        return self.model_copy(update={"seconds": clock.laps})


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
    book = catalogue.read(request.place, tuple(request.themes))
    data = Path(request.data).resolve()
    inbox = _inbox(request, book)
    store = Store(data / "snapshots")
    with releases.lock(data, book.place.id):
        files = place_files.keep_files(book, store, inbox)
        pulled = [
            pull_source(source.id, book, store, request, inbox, data)
            for source in _with_bar(book.needed_sources())
        ]
        clock.lap("pull and stage")
        aside = [line for p in pulled for line in p.set_aside]
        faults = [line for p in pulled for line in p.faults]
        if faults:
            return Outcome(state="source failed", code=4, faults=faults, set_aside=aside)
        key = _key(book, store, files, request)
        newest = releases.newest_release(data)
        if newest and releases.last_key(data) == (key, newest.name):
            return _nothing_new(newest, data).model_copy(update={"set_aside": aside})
        log.info("new: %d files", sum(len(p.new) for p in pulled))
        return build_and_publish(book, store, files, request, data, key, aside, clock)


@step("pull")
def pull_source(
    source: str, book: Book, store: Store, request: Request, inbox: Path | None, data: Path
) -> Pulled:
    """Ask one source, or look into the inbox; keep and stage what it gave."""
    log.info("pulling %s", source)
    ask = Ask(
        authorities=tuple(a.code for a in book.place.authorities),
        police_forces=(*book.place.police_forces, *book.place.neighbouring_forces),
        since=request.since or "0000-00",
        until=request.until or "9999-99",
    )
    stage = staging.stager(book.source[source], store, data / "staged")
    with tempfile.TemporaryDirectory() as folder:
        contact = book.place.contact or "locality-evidence"
        by_hand = inbox is not None and (inbox / source).is_dir()
        online = not (request.offline or by_hand or book.place.invented)
        web = Web(Path(folder), f"locality-evidence/0.1 ({contact})") if online else None
        pulled = pull(source, SOURCES[source], store, ask, inbox, web, stage)
    for snapshot in store.current(source).values():
        stage(snapshot)  # kept long ago, staged by an older version
    return pulled


@step("build and publish")
def build_and_publish(
    book: Book,
    store: Store,
    files: dict[str, Snapshot],
    request: Request,
    data: Path,
    key: str,
    aside: list[str],
    clock: _Clock,
) -> Outcome:
    """Build the warehouse in a new file, check it, and publish it whole or not at all."""
    building = data / "warehouse.building"
    for leftover in (building, building.with_name(building.name + ".wal")):
        leftover.unlink(missing_ok=True)
    with models.connect(building) as con, releases.draft(data) as drafted:
        gaps = _gaps(book, store)
        staging.load(con, book, store, data / "staged")
        warehouse.load_catalogue(con, book, _day(request.since), _day(request.until), gaps)
        placed = localities.place(con, book, store, files, data / "staged")
        place_files.accept(files, store)
        clock.lap("place")
        warehouse.judge(con)
        warehouse.finish(con)
        clock.lap("build")
        outcomes = outputs.check(con, book, store)
        clock.lap("check")
        lines = [*(f"{book.source[s].label}: {r}" for s, r in gaps.items()), *placed.absent]
        told = {"warnings": _broken(outcomes, "warning"), "gaps": lines, "set_aside": aside}
        if critical := _broken(outcomes, "critical"):
            report = str(outputs.write_failed(outcomes, data))
            return Outcome(
                state="checks failed", code=3, faults=critical, folder=report, **told
            ).timed(clock)
        remarks = [*told["warnings"], *lines]
        rows = outputs.write(con, book, store, placed, outcomes, remarks, drafted)
        con.close()
        building.replace(data / "warehouse.duckdb")
        outcome = publish(drafted, book, store, request, data, key)
        clock.lap("publish")
        return outcome.model_copy(update={**told, "rows": rows}).timed(clock)


def publish(
    drafted: Path, book: Book, store: Store, request: Request, data: Path, key: str
) -> Outcome:
    """Name the draft and show it as latest, unless it says what the newest release says."""
    tables = releases.hash_of_tables(drafted)
    newest = releases.newest_release(data)
    if newest and releases.manifest(newest).get("tables") == tables:
        releases.remember_key(data, key, newest.name)
        return _nothing_new(newest, data)
    name = f"{datetime.now(UTC):%Y-%m-%d}-{tables[:8]}"
    about = {"release": name, "key": key, "tables": tables, "request": request.model_dump()}
    outputs.write_manifest(drafted, book, store, about)
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


def _inbox(request: Request, book: Book) -> Path | None:
    """The folder asked for, or the one that an invented place brings with it."""
    if request.inbox:
        inbox = Path(request.inbox).resolve()
        if not inbox.is_dir():
            raise catalogue.CatalogueFaults([f"--inbox: {request.inbox} is not a folder."])
        return inbox
    own = book.place_folder / "inbox"
    return own if book.place.invented and own.is_dir() else None


def _nothing_new(newest: Path, data: Path) -> Outcome:
    latest = str(data / releases.LATEST)
    return Outcome(
        state="nothing new", code=0, release=newest.name, folder=str(newest), latest=latest
    )


def _gaps(book: Book, store: Store) -> dict[str, str]:
    """The needed sources without a file in hand, and what an officer can do about it."""
    gaps = {
        source.id: f"no file is in hand. Put into the inbox, under {source.id}/: {source.inbox}"
        for source in book.needed_sources()
        if not store.current(source.id)
    }
    for source in book.needed_sources():
        lacking = [n for n in source.needs if n in gaps and source.rows == "events"]
        if source.id not in gaps and lacking:
            gaps[source.id] = f"it cannot be placed without {lacking[0]}: {gaps[lacking[0]]}"
    return gaps


def _key(book: Book, store: Store, files: dict[str, Snapshot], request: Request) -> str:
    """Changes when a release could: the catalogue, the code, what was asked, and every snapshot."""
    digest = hashlib.sha256(code_version().encode())
    digest.update(book.version.encode())
    digest.update(f"{request.since} {request.until} {sorted(request.themes)}".encode())
    used = [s for source in book.needed_sources() for s in store.current(source.id).values()]
    for snapshot in [*used, *sorted(files.values(), key=lambda s: s.name)]:
        digest.update(f"{snapshot.source} {snapshot.name} {snapshot.sha256}\n".encode())
    return digest.hexdigest()


def code_version() -> str:
    """A hash of the code and SQL that make a figure."""
    digest = hashlib.sha256()
    for room in ("flows", "geo", "sql", "expectations"):
        for path in sorted((HOUSE / room).rglob("*")):
            if path.suffix in (".py", ".sql") or path.match("expectations/*.toml"):
                digest.update(path.relative_to(HOUSE).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:16]


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
