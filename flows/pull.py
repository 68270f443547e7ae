"""Ask a source, or look into the inbox, and keep what it gave."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from zipfile import BadZipFile

from flows.snapshots import Snapshot, Store
from flows.sources.files import Ask, Fault, File, SetAside
from flows.sources.web import Web

# what comes of content that nobody foresaw
UNFORESEEN = (
    LookupError,
    TypeError,
    AttributeError,
    ValueError,
    RuntimeError,
    csv.Error,
    BadZipFile,
)


AT_ONCE = 64  # replies kept before they are staged: a killed refresh asks for no more again


@dataclass
class Kept:
    """A file's replies, kept byte for byte, and what stopped the reading of it, if anything did."""

    file: File
    # and whether the figures could do without; not the bytes: an archive has gigabytes of them
    replies: list[tuple[Snapshot, bool]] = field(default_factory=list)
    trouble: Exception | None = None


@dataclass
class Pulled:
    """What came of one source: new snapshots, files set aside with the reason, and faults."""

    source: str
    new: list[Snapshot] = field(default_factory=list)
    set_aside: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    asked: bool = False  # whether the publisher was asked, rather than an inbox looked into
    held: frozenset[str] = frozenset()  # names in hand before the publisher was asked
    # (address, snapshot) of what would replace one in hand: all of it or none, lest figures be made
    # of two editions, half and half
    replacing: list[tuple[str, Snapshot]] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)  # addresses of files that were used whole


def pull(
    source: str,
    module: ModuleType,
    store: Store,
    ask: Ask,
    inbox: Path | None,
    web: Web | None,
    stage: Callable[[Snapshot], None],
    ahead: Callable[[list[Snapshot]], None] | None = None,
) -> Pulled:
    """Keep every reply of a source that can be staged; all faults of all its files are gathered.

    With an inbox folder for the source its files are taken and the network is left alone; without
    either, nothing is asked. ``stage`` is called on each kept reply and raises Fault if it cannot
    be read: such a reply is not entered, so the last good one stays current. Where a publisher was
    asked and something failed, nothing in hand is replaced. ``ahead``, if given, is told of many
    replies before ``stage`` is called on each, and may do the work of it.
    """
    folder = inbox / source if inbox else None
    by_hand = folder is not None and folder.is_dir()
    pulled = Pulled(source, asked=web is not None and not by_hand)
    if pulled.asked:
        pulled.held = frozenset(store.current(source))
    taking = _Taking(store, stage, ahead or (lambda _: None), pulled)
    try:
        files = _offered(folder) if folder and by_hand else _fetched(module, web, ask)
        for file in files:
            taking.take(
                file if isinstance(file, Fault) else _keep(file, source, module, store, ask)
            )
        taking.enter()
    except Fault as why:
        taking.enter()
        pulled.faults.append(f"{source}: {why}")
    if not pulled.faults:
        pulled.new += [snapshot for _, snapshot in pulled.replacing if store.accept(snapshot)]
        pulled.taken |= {address for address, _ in pulled.replacing}
    return pulled


def _offered(folder: Path) -> Iterator[File]:
    for path in sorted(folder.iterdir(), key=_downloads_in_order):
        if path.is_file() and not path.name.startswith((".", "~$")):
            yield File(path, path.name)


def _downloads_in_order(path: Path) -> tuple[str, int, str]:
    """By name, but ``x (1).csv`` after ``x.csv``: so a browser names a file downloaded again."""
    again = re.fullmatch(r"(.*) \((\d+)\)", path.stem)
    stem, number = (again[1], int(again[2])) if again else (path.stem, 0)
    return stem, number, path.name


def _fetched(module: ModuleType, web: Web | None, ask: Ask) -> Iterator[File | Fault]:
    if web is not None:
        try:
            yield from module.fetch(web, ask)
        except UNFORESEEN as why:
            told = f"the answer has a shape that is not known here ({type(why).__name__}: {why})"
            raise Fault(module.__name__.rpartition(".")[2], told, "Use --inbox.") from why


def _keep(file: File, source: str, module: ModuleType, store: Store, ask: Ask) -> Kept:
    kept = Kept(file)
    try:
        for reply in module.recognise(file, ask):
            what = (reply.table, reply.name, reply.url, reply.content, reply.edition, reply.token)
            kept.replies.append((store.keep(source, *what), reply.spare))
    except (SetAside, Fault, *UNFORESEEN) as why:
        kept.trouble = why
    return kept


class _Taking:
    """Files on their way in: so many at a time are staged and entered, in the order they came."""

    def __init__(
        self,
        store: Store,
        stage: Callable[[Snapshot], None],
        ahead: Callable[[list[Snapshot]], None],
        pulled: Pulled,
    ) -> None:
        self.store, self.stage, self.ahead, self.pulled = store, stage, ahead, pulled
        self.waiting: list[Kept | Fault] = []
        self.seen: dict[tuple[str, str], tuple[str, str]] = {}

    def take(self, one: Kept | Fault) -> None:
        """A file, or why there is none."""
        self.waiting.append(one)
        if sum(len(kept.replies) for kept in self.waiting if isinstance(kept, Kept)) >= AT_ONCE:
            self.enter()

    def enter(self) -> None:
        """Stage what waits, and enter what can be read."""
        waiting, self.waiting = self.waiting, []
        files = [one for one in waiting if isinstance(one, Kept)]
        self.ahead([snapshot for kept in files for snapshot, _ in kept.replies])
        for one in waiting:
            if isinstance(one, Fault):
                self.pulled.faults.append(f"{self.pulled.source}: {one}")
            else:
                self._enter(one)

    def _enter(self, kept: Kept) -> None:
        pulled, file = self.pulled, kept.file
        whole = all([self._is_taken(file, *reply) for reply in kept.replies])  # each is looked at
        match kept.trouble:
            case None:
                if whole and file.url not in {address for address, _ in pulled.replacing}:
                    pulled.taken.add(file.url)
            case SetAside() as why:
                pulled.set_aside.append(f"{pulled.source}/{file.name}: {why}")
            case Fault() as why:
                pulled.faults.append(f"{pulled.source}: {why}")
            case why:
                self._odd(file, why)

    def _odd(self, file: File, why: Exception) -> None:
        told = f"it has a shape that is not known here ({type(why).__name__}: {why})"
        self.pulled.faults.append(f"{self.pulled.source}: {file.name}: {told}. Look at the file.")

    def _is_taken(self, file: File, snapshot: Snapshot, spare: bool) -> bool:
        """Whether a reply does not stand in the way of its file's being taken whole."""
        pulled = self.pulled
        first = self.seen.setdefault(
            (snapshot.name, snapshot.edition), (file.name, snapshot.sha256)
        )
        if first[1] != snapshot.sha256:
            pulled.faults.append(
                f"{pulled.source}: {first[0]} and {file.name} both give {snapshot.name}, and"
                " differ. Leave the one to use."
            )
            return False
        try:
            self.stage(snapshot)
        except Fault as why:
            told = pulled.set_aside if spare else pulled.faults
            told.append(f"{pulled.source}: {why}")
            return spare
        except UNFORESEEN as why:
            self._odd(file, why)
            return False
        if snapshot.name in pulled.held:
            pulled.replacing.append((file.url, snapshot))
        elif self.store.accept(snapshot):
            pulled.new.append(snapshot)
        return True
