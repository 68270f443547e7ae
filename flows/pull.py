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
) -> Pulled:
    """Keep every reply of a source that can be staged; all faults of all its files are gathered.

    With an inbox folder for the source its files are taken and the network is left alone; without
    either, nothing is asked. ``stage`` is called on each kept reply and raises Fault if it cannot
    be read: such a reply is not entered, so the last good one stays current. Where a publisher was
    asked and something failed, nothing in hand is replaced.
    """
    folder = inbox / source if inbox else None
    by_hand = folder is not None and folder.is_dir()
    pulled = Pulled(source, asked=web is not None and not by_hand)
    if pulled.asked:
        pulled.held = frozenset(store.current(source))
    seen: dict[tuple[str, str], tuple[str, str]] = {}
    try:
        files = _offered(folder) if folder and by_hand else _fetched(module, web, ask)
        for file in files:
            if isinstance(file, Fault):
                pulled.faults.append(f"{source}: {file}")
            else:
                _take(file, module, store, ask, stage, pulled, seen)
    except Fault as why:
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


def _take(
    file: File,
    module: ModuleType,
    store: Store,
    ask: Ask,
    stage: Callable[[Snapshot], None],
    pulled: Pulled,
    seen: dict[tuple[str, str], tuple[str, str]],
) -> None:
    whole = True
    try:
        for reply in module.recognise(file, ask):
            snapshot = store.keep(
                pulled.source,
                reply.table,
                reply.name,
                reply.url,
                reply.content,
                reply.edition,
                reply.token,
            )
            first = seen.setdefault((snapshot.name, snapshot.edition), (file.name, snapshot.sha256))
            if first[1] != snapshot.sha256:
                pulled.faults.append(
                    f"{pulled.source}: {first[0]} and {file.name} both give {snapshot.name}, and"
                    " differ. Leave the one to use."
                )
                whole = False
                continue
            try:
                stage(snapshot)
            except Fault as why:
                told = pulled.set_aside if reply.spare else pulled.faults
                told.append(f"{pulled.source}: {why}")
                whole = whole and reply.spare
                continue
            if snapshot.name in pulled.held:
                pulled.replacing.append((file.url, snapshot))
            elif store.accept(snapshot):
                pulled.new.append(snapshot)
        if whole and file.url not in {address for address, _ in pulled.replacing}:
            pulled.taken.add(file.url)
    except SetAside as why:
        pulled.set_aside.append(f"{pulled.source}/{file.name}: {why}")
    except Fault as why:
        pulled.faults.append(f"{pulled.source}: {why}")
    except UNFORESEEN as why:
        told = f"it has a shape that is not known here ({type(why).__name__}: {why})"
        pulled.faults.append(f"{pulled.source}: {file.name}: {told}. Look at the file.")
