"""Housekeeping: what may go, for it can be made again or nobody needs it, and what has to stay.

Snapshots always stay. Of an old release its manifest, what changed with it and its quality stay,
with the cells that the next disclosure audit reads (``protecting.WHERE_OUT``): what was published
is out for ever. ``evidence rebuild`` can make its tables again.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from flows import catalogue, drafts, locking, releases, staging
from flows.drafts import Draft
from flows.figures import many
from flows.lookback import records, standing
from flows.lookback.records import Record
from flows.lookback.standing import in_words
from flows.snapshots import Store
from sql import models

KEEP = 12  # releases that stay whole
STAYS = (releases.MANIFEST, releases.CHANGES, "quality", "INVENTED.txt")  # of a pruned release
TIERS = ("partner", "restricted")  # folders of figures that are not open
STAGED = "staged files that can be made again"
LEFT = "leftovers of interrupted runs"
DECIDED = "contents of drafts that are decided or overtaken (their records stay)"
OLD = "tables and pages of old releases (their manifests stay)"
AGAIN = "releases that were made again to look at"
WHAT = (STAGED, LEFT, DECIDED, OLD, AGAIN)


class NotPruned(Exception):
    """Something that could not be removed, or no folder to prune."""


@dataclass(frozen=True)
class Item:
    """Something that may go, and why."""

    path: Path
    what: str
    bytes: int


@dataclass(frozen=True)
class Plan:
    """What may go; the releases that this takes the tables of; and what was left alone because
    nobody could tell."""

    items: list[Item]
    releases: list[str]
    remarks: list[str]

    @property
    def bytes(self) -> int:
        return sum(item.bytes for item in self.items)


def prune(data: Path, keep: int = KEEP, *, remove: bool = False) -> Plan:
    """What may go of a data folder, under its lock; gone, if so asked. The newest ``keep`` releases
    stay whole, the last of each calendar year, the latest, and those that a draft which waits was
    compared with. NotPruned or Busy otherwise."""
    if keep < 1:
        raise NotPruned(f"--keep {keep}: at least one release stays. Say --keep 1 or more.")
    if not standing.owner(data):
        raise NotPruned(f"{data}: there is no evidence here, and nothing to prune.")
    with locking.lock(data):
        found = plan(data, keep)
        if remove:
            for item in found.items:
                _remove(item.path)
        return found


def plan(data: Path, keep: int = KEEP) -> Plan:
    """The same without a lock, and without removing anything."""
    every, listed = records.every(data), drafts.every(data)
    newest = every[-1] if every else None
    waiting = {d.number for d in listed if d.state == "held" and not standing.overtaken(d, newest)}
    needed, remarks = _staged_and_needed(data, newest)
    old = [record for record in every if record.name not in staying(every, listed, keep)]
    staged = [] if needed is None else [p for p in _files(data / "staged") if p not in needed]
    items = [
        *(_item(path, STAGED) for path in staged),
        *(_item(path, LEFT) for path in _left(data, listed)),
        *(_item(path, DECIDED) for path in _decided(data, listed, waiting)),
        *(_item(path, OLD) for record in old for path in _unneeded(record)),
        *(_item(path, AGAIN) for path in sorted((data / releases.REBUILT).glob("*"))),
    ]
    losing = {item.path.parent.name for item in items if item.what == OLD}
    return Plan(items, [r.name for r in old if r.name in losing], remarks)


def staying(every: list[Record], listed: Iterable[Draft], keep: int) -> set[str]:
    """The releases that stay whole, by name."""
    of_year = {record.day.year: record.name for record in every}  # the last of each
    compared = {draft.before for draft in listed if draft.state == "held"}
    return {record.name for record in every[-keep:]} | set(of_year.values()) | compared


def sentences(found: Plan, *, removed: bool) -> Iterator[str]:
    """What goes, by kind, with its size; and what to do next."""
    for what in WHAT:
        ours = [item for item in found.items if item.what == what]
        if ours:
            yield f"  {what}: {many(len(ours), 'item')}, {in_words(sum(i.bytes for i in ours))}"
    if found.releases:
        yield f"  of releases: {', '.join(found.releases)}"
    yield from (f"  {remark}" for remark in found.remarks)
    if not found.items:
        yield "There is nothing to prune."
    elif removed:
        yield f"Removed: {in_words(found.bytes)}. Every file that was pulled is kept."
    else:
        yield f"{in_words(found.bytes)} may go. Nothing was removed: say --yes to remove it."


def _staged_and_needed(data: Path, newest: Record | None) -> tuple[set[Path] | None, list[str]]:
    """The staged files that a current snapshot needs; None, with the reason, if nobody knows."""
    place = newest.about.get("request", {}).get("place", "") if newest else ""
    try:
        book = catalogue.read(place or standing.owner(data))
    except catalogue.CatalogueFaults:
        return None, ["staged files stay: the place's catalogue cannot be read (evidence check)"]
    store, needed = Store(data / "snapshots"), set[Path]()
    for source in book.sources:
        for snapshot in store.current(source.id).values():
            path = staging.staged_path(source, snapshot, data / "staged")
            needed |= {path, models.beside(path)}
    return needed, []


def _left(data: Path, listed: Iterable[Draft]) -> Iterator[Path]:
    """What killed runs left beside what is whole. Nobody is at work, for the lock is held."""
    in_use = {f"{drafts.HELD}{d.number}" for d in listed}
    for tier in TIERS:
        yield from (p for p in sorted((data / tier).glob(".*")) if p.name not in in_use)
    yield from sorted((data / "releases").glob(".*"))
    yield from sorted((data / drafts.FOLDER).glob(f"{drafts.BUILDING}*"))
    yield from sorted(data.glob("warehouse.building*"))
    for folder, pattern in (("snapshots", "*/*.part"), ("releases", "*.part"), ("", "*.part")):
        yield from sorted((data / folder).glob(pattern))


def _decided(data: Path, listed: Iterable[Draft], waiting: set[int]) -> Iterator[Path]:
    """All of the drafts that cannot be published any more, but their records."""
    for draft in listed:
        if draft.number in waiting or draft.state == "publishing":
            continue
        yield from (p for p in sorted(draft.folder.iterdir()) if p.name != drafts.RECORD)
        beside = (data / tier / f"{drafts.HELD}{draft.number}" for tier in TIERS)
        yield from (path for path in beside if path.exists())


def _unneeded(record: Record) -> Iterator[Path]:
    """What of an old release goes: its tables first, so that half a release is never taken for a
    whole one."""
    there = [path for path in record.folder.iterdir() if path.name not in STAYS]
    yield from sorted(there, key=lambda path: (path.name != records.TIDY, path.name))


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _item(path: Path, what: str) -> Item:
    return Item(path, what, standing.size(path) if path.is_dir() else path.stat().st_size)


def _remove(path: Path) -> None:
    try:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    except OSError as why:
        raise NotPruned(
            f"{path} could not be removed ({why.strerror}). Close what has it open, and run the"
            " same command again: it goes on from there."
        ) from why
