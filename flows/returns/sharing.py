"""Who may see which return: the one place where it is decided.

A refresh builds the open release from a job that does not see what is not open: to its store such a
return is not there, and its book has no indicator of it. So whatever is written from that job,
today's publishers or tomorrow's, cannot hold it. Each other sharing tier has a job of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import cache
from hashlib import sha256
from pathlib import Path

from flows import catalogue
from flows.entries import Book
from flows.jobs import Job
from flows.returns.description import OPEN, RETURNS, Description, Kept, strangers
from flows.returns.reading import describe
from flows.snapshots import Snapshot, Store
from flows.sources.files import Fault

TIERS = ("partner", "restricted")  # beside open; each is written to a folder of its own name


@dataclass(frozen=True)
class Parted:
    """A refresh parted by sharing tier: the open job, a job for each other tier that has a return,
    every return in hand, and what is wrong with them."""

    open: Job
    held: dict[str, Job]
    kept: list[Kept]
    faults: list[str] = field(default_factory=list)

    def all(self) -> Iterator[Job]:
        yield from (self.open, *self.held.values())

    def without(self, failed: frozenset[str]) -> Parted:
        """The same, knowing which sources could not be pulled this time."""
        held = {sharing: replace(job, failed=failed) for sharing, job in self.held.items()}
        return replace(self, open=replace(self.open, failed=failed), held=held)


def may_see(told: Description, sharing: str) -> bool:
    """Whether an output of a sharing tier may hold a return."""
    return told.sharing == sharing


def kept(store: Store) -> list[Kept]:
    """The newest hand-over of every return."""
    return [Kept(describe(store.path(s), s.name), s) for s in store.current(RETURNS).values()]


def part(job: Job, today: date) -> Parted:
    """The job as each sharing tier may see it."""
    returns, faults = kept(job.store), []
    if returns:
        whole = catalogue.read(job.request.place, areas=_areas(job))
        for one in returns:
            found = strange(one.told, whole)
            faults += [f"{RETURNS}: {one.told.id} (its .toml): {why}" for why in found]
    themes = {t.id for t in job.book.themes}
    wanted = [one for one in returns if themes & set(one.told.themes)]
    jobs = {sharing: _as_seen(job, wanted, sharing, today) for sharing in (OPEN, *TIERS)}
    held = {s: jobs[s] for s in TIERS if jobs[s].book.returns and not job.is_study}
    told = dict.fromkeys(_held(one.told, today) for one in wanted if not one.told.is_open)
    return Parted(replace(jobs[OPEN], remarks=[*job.remarks, *told]), held, returns, faults)


def seen_openly(job: Job, today: date) -> Job:
    """The job of the open release alone, as it was on a day: what is not open is not there."""
    themes = {t.id for t in job.book.themes}
    wanted = [one for one in kept(job.store) if themes & set(one.told.themes)]
    return _as_seen(job, wanted, OPEN, today)


def expired(job: Job) -> list[Snapshot]:
    """The open returns of a job of which it names nothing but that they expired."""
    names = {f"{source.id}.zip" for source in job.book.returns if source.gap}
    every = replace(job, unseen=frozenset()).store.current(RETURNS)
    return [snapshot for name, snapshot in every.items() if name in names]


def _held(told: Description, today: date) -> str:
    """What an open output says of a return that it may not hold: whom to ask, not what it is."""
    asked = f"expired on {told.expires.isoformat()}: ask again" if told.expired(today) else "ask"
    return f"a return is held for partners, not published: {asked} {told.who}."


def _as_seen(job: Job, returns: Iterable[Kept], sharing: str, today: date) -> Job:
    """A job that sees the returns of one sharing tier, those in force with their figures."""
    ours = [one for one in returns if may_see(one.told, sharing)]
    used = {one.snapshot.sha256 for one in ours if not one.told.expired(today)}
    # older hand-overs too: where the newest may not be seen, none may take its place
    every = {s.sha256 for s in job.store.history(RETURNS)}
    return replace(
        job, book=with_returns(job.book, ours, sharing, today), unseen=frozenset(every - used)
    )


def with_returns(book: Book, ours: list[Kept], sharing: str, today: date) -> Book:
    """The book with an indicator and a source for each return; of a tier that is not open, these
    alone."""
    known = {t.id for t in book.themes}
    entries = [
        one.told.indicator().model_copy(
            update={"themes": tuple(t for t in one.told.themes if t in known)}
        )
        for one in ours
    ]
    sources = tuple(one.told.source(_gap(one.told, today)) for one in ours)
    if sharing == OPEN and not ours:
        return book
    own = book.indicators if sharing == OPEN else ()
    marks = [f"{s.id} {one.snapshot.sha256} {s.gap}" for s, one in zip(sources, ours, strict=True)]
    version = sha256(" ".join([book.version, sharing, *marks]).encode()).hexdigest()[:16]
    changed = {"indicators": (*own, *entries), "returns": sources, "version": version}
    # model_copy would keep what is cached of the old one
    return Book(**({name: getattr(book, name) for name in Book.model_fields} | changed))


def _gap(told: Description, today: date) -> str:
    if not told.expired(today):
        return ""
    return f"expired on {told.expires.isoformat()}: ask {told.who} again"


def strange(told: Description, book: Book) -> list[str]:
    """What a return names that the catalogue or the place has not, or has already."""
    kinds = [k.id for k in book.place.area_kinds]
    taken = {i.id for i in book.indicators}
    return list(strangers(told, book.source, taken, [t.id for t in book.themes], kinds))


def checked(job: Job, stage: Callable[[Snapshot], None], today: date) -> Callable[[Snapshot], None]:
    """Before a hand-over is staged and accepted: Fault, with all of it, for what cannot be used."""
    whole = cache(lambda: catalogue.read(job.request.place, areas=_areas(job)))

    def check(snapshot: Snapshot) -> None:
        told = describe(job.store.path(snapshot), snapshot.name)
        faults = strange(told, whole())
        if told.given_on > today:
            faults.append(f"given_on: {told.given_on} is in the future.")
        held = job.store.current(RETURNS).get(snapshot.name)
        if told.expired(today) and (held is None or held.sha256 != snapshot.sha256):
            faults.append(f"expires: it expired on {told.expires}: ask {told.who} again.")
        if faults:
            wrong = " ".join(faults).rstrip(".")
            raise Fault(f"{told.id} (its .toml)", wrong, "Mend the description.")
        stage(snapshot)

    return check


def _areas(job: Job) -> Path | None:
    return Path(job.request.areas) if job.request.areas else None


class NotOpen(Exception):
    """A question about a figure that is shared with some only."""


def published(book: Book, data: Path, indicator: str) -> Book:
    """The book with the open returns of a data folder, of which its releases speak; NotOpen, with
    whom to ask, if the indicator in question is a return that is not open."""
    ours = []
    for one in kept(Store(data / "snapshots")):
        said = one.told
        if may_see(said, OPEN):
            ours.append(one)
        elif said.id == indicator:
            raise NotOpen(
                f"'{indicator}' is no open figure: it is shared as {said.sharing}, and is not"
                f" explained here. Its figures are in {data / said.sharing}; ask {said.who}."
            )
    return with_returns(book, ours, OPEN, datetime.now(UTC).date())
