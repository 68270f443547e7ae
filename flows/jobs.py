"""A refresh under way: what it works with, and what it knows of its sources."""

from __future__ import annotations

import hashlib
import inspect
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from flows import catalogue, freshness, kinds
from flows.entries import Book
from flows.kinds import Chosen
from flows.pull import Pulled
from flows.releases import LATEST
from flows.requested import PERIOD, TODAY, Request
from flows.snapshots import Snapshot, Store
from flows.sources import SOURCES
from flows.sources.files import Ask
from flows.sources.web import Web
from geo import layers

HOUSE = Path(__file__).parents[1]
CONTACT = "EVIDENCE_CONTACT"  # an organisation and its e-mail, where the place names none
KEYS = ("NOMIS_UID", "EPC_TOKEN")  # secrets that a publisher hands out


@dataclass(frozen=True)
class Past:
    """What a release knew: the kept replies that it was made of (source, name, sha256, edition),
    and what was said beside the figures of sources that had failed."""

    snapshots: frozenset[tuple[str, str, str, str]]
    stale: dict[str, str]
    catalogue: dict[str, Any]  # the kept catalogue, as the manifest names it


@dataclass(frozen=True)
class Job:
    """A refresh under way: what was asked, the catalogue and place, and where everything is."""

    request: Request
    book: Book
    data: Path
    inbox: Path | None
    chosen: list[Chosen]
    remarks: list[str]  # what the choice of editions leaves out
    day: date  # on which it is done: what expired before is not used, what begins later neither
    files: dict[str, Snapshot] = field(default_factory=dict)  # the place's own, by edition
    failed: frozenset[str] = frozenset()  # the sources that could not be pulled this time
    unseen: frozenset[str] = frozenset()  # hashes of kept replies that it may not see
    past: Past | None = None  # where it makes a release again, that is long out

    @property
    def store(self) -> Store:
        only = self.past.snapshots if self.past else frozenset()
        return Store(self.data / "snapshots", self.unseen, only)

    @property
    def staged(self) -> Path:
        return self.data / "staged"

    @property
    def is_study(self) -> bool:
        """Whether it answers a single question, and so never becomes what readers see."""
        return bool(self.request.areas) or self.request.boundaries not in (TODAY, PERIOD)

    def ask(self, source: str = "") -> Ask:
        """What a source is asked for, and what of it is in hand."""
        place = self.book.place
        held = self.store.current(source).values() if source else ()
        return Ask(
            authorities=tuple(a.code for a in (*place.authorities, *place.beyond)),
            police_forces=(*place.home_forces, *place.other_forces),
            since=self.request.since or "0000-00",
            until=self.request.until or "9999-99",
            held={s.name: s.token for s in held if s.token and not self.request.repull},
            polygons=self.polygons() if source == "police_api" else {},
        )

    def polygons(self) -> dict[str, Any]:
        """The localities whose crimes the place wants reconciled, as the last release drew them:
        GeoJSON geometries in degrees by kind@code. None before the first release."""
        path = self.data / LATEST / "localities.gpkg"
        found = {}
        for kind in self.book.place.police_api if path.exists() else ():
            shapes = layers.open_layer(path, kind).to_crs("EPSG:4326")
            for code, shape in zip(shapes["area_code"], shapes.geometry, strict=True):
                found[f"{kind}@{code}"] = shape.__geo_interface__
        return found

    @contextmanager
    def web(self, source: str) -> Iterator[Web | None]:
        """The way to the network for a source, unless its files come by hand."""
        by_hand = self.inbox is not None and (self.inbox / source).is_dir()
        if self.request.offline or by_hand or self.book.place.invented:
            yield None
            return
        # from the environment, for a parameter of a run is kept and shown
        keys = {name: os.environ.get(name, "") for name in KEYS}
        known = freshness.tokens(self.store, source, self.basis(source))
        known = {} if self.request.repull else known
        with tempfile.TemporaryDirectory() as folder:
            yield Web(Path(folder), self.contact, known, keys)

    @property
    def contact(self) -> str:
        """Who asks: an organisation and its e-mail, of the place or of the environment."""
        return self.book.place.contact or os.environ.get(CONTACT, "")

    def basis(self, source: str) -> str:
        """Changes when what was pulled before may not be what would be pulled now."""
        connector = inspect.getsource(SOURCES[source]) if source in SOURCES else ""
        asked = repr(replace(self.ask(), held={}))
        return hashlib.sha256(f"{connector}{asked}".encode()).hexdigest()[:16]

    def unbearable(self, pulled: list[Pulled]) -> list[str]:
        """The faults that stop a refresh: those of files handed over, and of sources without
        which nothing is to be published. The others keep what they gave last."""
        fresh = self.book.place.must_be_fresh
        return [
            fault
            for one in pulled
            for fault in one.faults
            if not one.asked
            or one.source in fresh
            or (self.book.source[one.source].required and not self.store.current(one.source))
        ]

    def told(self, pulled: list[Pulled]) -> list[str]:
        """For each source that could not be pulled, what its figures rest on now, and why; and
        whether publishers know who asks."""
        lines = []
        for one in (p for p in pulled if p.faults):
            day = freshness.day(self.store, one.source)
            stands = f"its figures stand as of {day}" if day else "there is no figure of it"
            label = self.book.source[one.source].label
            lines += [f"{label} could not be pulled, {stands}. {fault}" for fault in one.faults]
        if any(one.asked for one in pulled) and not self.contact:
            lines.append(
                "The publishers were not told who asks: name an organisation and its e-mail as"
                f" contact in place.toml, or in the environment ({CONTACT})."
            )
        return lines

    def stale(self) -> dict[str, str]:
        """What is said beside each figure of a source that could not be pulled, by source."""
        if self.past:
            return self.past.stale
        days = {source: freshness.day(self.store, source) for source in sorted(self.failed)}
        return {
            source: f"stale: {self.book.source[source].label} as of {day}, not refreshed since"
            for source, day in days.items()
            if day
        }

    def gaps(self) -> dict[str, str]:
        """The needed sources without a file in hand, and what an officer can do about it."""
        needed = self.book.needed_sources()
        gaps = {
            source.id: ("it could not be pulled, and " if source.id in self.failed else "")
            + f"no file is in hand. Put into the inbox, under {source.id}/: {source.inbox}"
            for source in needed
            if not self.store.current(source.id)
        }
        for source in self.book.switched_off():
            gaps[source] = (
                "it is off unless a place asks for it."
                f' Put switched_on = ["{source}"] into place.toml'
            )
        for source in needed:
            lacking = [n for n in source.needs if n in gaps and source.rows == "events"]
            if source.id not in gaps and lacking:
                gaps[source.id] = f"it cannot be placed without {lacking[0]}: {gaps[lacking[0]]}"
        for source in self.book.returns:
            lacking = [n for n in source.needs if n in gaps]
            if source.gap or lacking:
                gaps[source.id] = source.gap or f"it cannot be placed without {lacking[0]}"
        return gaps

    def key(self) -> str:
        """Changes when a release could: the catalogue, the code, what was asked, the editions, and
        every snapshot."""
        asked = self.request
        digest = hashlib.sha256(code_version().encode())
        digest.update(self.book.version.encode())
        digest.update(f"{asked.since} {asked.until} {sorted(asked.themes)}".encode())
        digest.update(str(sorted(self.stale().items())).encode())
        digest.update(str([(c.key, c.first, c.last) for c in self.chosen]).encode())
        needed = self.book.needed_sources()
        used = [s for source in needed for s in self.store.current(source.id).values()]
        for snapshot in [*used, *sorted(self.files.values(), key=lambda s: s.name)]:
            digest.update(f"{snapshot.source} {snapshot.name} {snapshot.sha256}\n".encode())
        return digest.hexdigest()

    def notes(self) -> list[str]:
        """Which edition each kind that has several is on, in a sentence each."""
        return [
            f"{c.kind.label}: boundaries of edition {c.edition.id}"
            f" (in force from {_open(c.edition.valid_from) or 'ever'}"
            f" to {_open(c.edition.valid_to) or 'now'})."
            for c in self.chosen
            if c.edition.id
        ]

    def editions(self) -> list[dict[str, Any]]:
        """The editions used, for the manifest."""
        return [
            {"area_kind": c.kind.id, "edition": c.edition.id or None}
            | {"valid_from": _open(c.edition.valid_from), "valid_to": _open(c.edition.valid_to)}
            for c in self.chosen
        ]


def _open(day: date) -> str | None:
    return None if day in (date.min, date.max) else day.isoformat()


def job(request: Request, book: Book | None = None) -> Job:
    """A job as asked for; CatalogueFaults for all that is wrong with the catalogue or the place.
    ``book``: the catalogue, where it was read just now."""
    more = Path(request.areas) if request.areas else None
    if more and request.hold != "never":
        raise catalogue.CatalogueFaults(["--areas makes a study: there is no draft of it to hold."])
    book = book or catalogue.read(request.place, tuple(request.themes), areas=more)
    day = today()
    chosen, remarks = kinds.choose(book, request.boundaries, day)
    data = Path(request.data).resolve()
    return Job(request, book, data, _inbox(request, book), chosen, remarks, day)


def today() -> date:
    """The day of a refresh that begins now."""
    return datetime.now(UTC).date()


def _inbox(request: Request, book: Book) -> Path | None:
    """The folder asked for, or the one that an invented place brings with it."""
    if request.inbox:
        inbox = Path(request.inbox).resolve()
        if not inbox.is_dir():
            raise catalogue.CatalogueFaults([f"--inbox: {request.inbox} is not a folder."])
        return inbox
    own = book.place_folder / "inbox"
    return own if book.place.invented and own.is_dir() else None


def code_version() -> str:
    """A hash of the code and SQL that make a figure."""
    digest = hashlib.sha256()
    for room in ("flows", "geo", "sql", "expectations"):
        for path in sorted((HOUSE / room).rglob("*")):
            if path.suffix in (".py", ".sql") or path.match("expectations/*.toml"):
                digest.update(path.relative_to(HOUSE).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:16]
