"""How everything stands, in one look: releases, drafts, runs, sources, disk."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flows import catalogue, drafts, freshness, locking, runs
from flows.desk import upcoming
from flows.drafts import Draft
from flows.figures import many
from flows.lookback import records
from flows.lookback.records import ZONE, Record
from flows.snapshots import Store

FOLDERS = ("snapshots", "staged", "releases", "drafts", "latest", "prefect", "rebuilt")
WAREHOUSE = "warehouse.duckdb"
NOT_SERVING = "nothing is scheduled: evidence serve is not running"
TOLD = ("late", "failing", "waiting for a file")  # the states of a source that want somebody
Row = dict[str, Any]


def status(data: Path) -> Row:
    """How a data folder stands; all of it is there for an empty one too, blank.

    Keys: data, place, releases (how many), latest (name, at, by, note, warnings), drafts (those
    held: number, release, made_at, rows, warnings, overtaken), run (the last; ``state``
    "interrupted" where it was killed), sources (counts by state; those late, failing or waiting
    by name; None where the place's catalogue cannot be read), next_run, disk (bytes by folder).
    """
    every = records.every(data)
    newest = every[-1] if every else None
    place = owner(data)
    return {
        "data": str(data),
        "place": place,
        "releases": len(every),
        "latest": _latest(newest) if newest else None,
        "drafts": [_held(d, newest) for d in drafts.every(data) if d.state == "held"],
        "run": _last_run(data),
        "sources": _sources(data, newest) if place else None,
        "next_run": next_run(data),
        "disk": dict(_disk(data)),
    }


def owner(data: Path) -> str:
    """The place that a data folder belongs to; empty for a new one."""
    mark = data / "place"
    return mark.read_text("utf-8").strip() if mark.exists() else ""


def overtaken(draft: Draft, newest: Record | None) -> bool:
    """Whether another release came out since a held draft was compared: it can no longer be
    published."""
    return draft.state == "held" and draft.before != (newest.name if newest else "")


def next_run(data: Path) -> Row:
    """The next run that is scheduled (``at``, UTC, and its ``name``), as the desk that serves this
    folder says; ``why`` there is none."""
    address = upcoming.address(data)
    if not address or not upcoming.answers(address):
        return {"at": "", "name": "", "why": NOT_SERVING}
    at, name = upcoming.scheduled(address) or ("", "")
    return {"at": at, "name": name, "why": "" if at else "nothing is scheduled"}


def _latest(newest: Record) -> Row:
    told = {word: newest.published.get(word, "") for word in ("by", "note", "how")}
    return {"name": newest.name, "at": newest.at, **told, "warnings": newest.warnings}


def _held(draft: Draft, newest: Record | None) -> Row:
    return {
        "number": draft.number,
        "release": draft.release,
        "made_at": draft.made_at,
        "rows": draft.rows,
        "warnings": draft.warnings,
        "overtaken": overtaken(draft, newest),
    }


def _last_run(data: Path) -> Row | None:
    every = runs.read(data)
    asked = [run for run in every if run["what"] != "rebuild"]  # which is about the past
    if not asked:
        return None
    run = dict(asked[-1])
    if not run["ended"]:
        run["state"] = "running" if locking.is_busy(data) else "interrupted"
    return run


def _sources(data: Path, newest: Record | None) -> Row | None:
    """The sources that the place uses, by how fresh they are."""
    asked = newest.about.get("request", {}) if newest else {}
    try:
        book = catalogue.read(asked.get("place") or owner(data), tuple(asked.get("themes", ())))
    except catalogue.CatalogueFaults:
        return None
    store, today = Store(data / "snapshots"), datetime.now(UTC).date()
    standings = [freshness.standing(s, store, today) for s in book.needed_sources()]
    return {
        "counts": dict(Counter(one["state"] for one in standings)),
        **{word: [one["label"] for one in standings if one["state"] == word] for word in TOLD},
    }


def _disk(data: Path) -> Iterator[tuple[str, int]]:
    """Bytes by folder, as far as it is there."""
    for name in FOLDERS:
        if (data / name).is_dir():
            yield name, size(data / name)
    if (data / WAREHOUSE).exists():
        yield WAREHOUSE, (data / WAREHOUSE).stat().st_size


def size(folder: Path) -> int:
    """The bytes of all files below a folder; what vanishes meanwhile does not count."""
    found = 0
    for home, _, names in os.walk(folder):
        for name in names:
            try:
                found += (Path(home) / name).stat().st_size
            except OSError:
                continue
    return found


def in_words(count: int) -> str:
    """A number of bytes as one says it."""
    for unit, bytes_ in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= bytes_:
            return f"{count / bytes_:,.1f} {unit}"
    return many(count, "byte")


def moment(told: str) -> str:
    """A time in UTC as the clock on the wall shows it; a day as it is."""
    try:
        known = datetime.fromisoformat(told.replace("Z", "+00:00"))
    except ValueError:
        return told
    return f"{known.astimezone(ZONE):%Y-%m-%d %H:%M}" if known.tzinfo else told


def sentences(found: Row, *, quiet: bool = False) -> Iterator[str]:
    """The same for the command line."""
    latest = found["latest"]
    if latest is None:
        yield f"{found['data']}: there is no release yet."
    else:
        by = f" by {latest['by']}" if latest["by"] else ""
        yield (
            f"Latest: {latest['name']}, published {moment(latest['at'])}{by}"
            f" ({many(found['releases'], 'release')} in all)."
        )
    yield from _of_drafts(found["drafts"])
    if quiet:
        return
    if not found["place"]:
        yield "Next: evidence refresh"
        return
    yield from _of_run(found["run"])
    yield from _of_sources(found["sources"])
    after = found["next_run"]
    yield f"Next run: {moment(after['at'])}, {after['name']}." if after["at"] else _begun(after)
    disk = found["disk"]
    told = ", ".join(f"{name} {in_words(count)}" for name, count in disk.items())
    yield f"Disk: {in_words(sum(disk.values()))}" + (f" ({told})" if told else "")


def _of_drafts(held: Iterable[Row]) -> Iterator[str]:
    for draft in held:
        number, warnings = draft["number"], draft["warnings"]
        made = f"Draft {number}, made {moment(draft['made_at'])}"
        if draft["overtaken"]:
            yield (
                f"{made}, was overtaken by a newer release and cannot be published:"
                f' evidence refuse {number} --by "A. Name" --why "overtaken"'
            )
            continue
        warned = many(len(warnings), "warning") if warnings else "no warnings"
        sign = f'evidence publish {number} --by "A. Name"'
        yield f"{made}, waits to be signed off ({warned}): {sign}"
        yield from (f"  warning: {line}" for line in warnings)


def _of_run(run: Row | None) -> Iterator[str]:
    if run is None:
        yield "No run is on record."
        return
    began = f"Last run: {run['what']}, begun {moment(run['began'])}"
    if run["state"] == "running":
        yield f"{began}, is at work now."
    elif run["state"] == "interrupted":
        yield f"{began}, was interrupted. Nothing is lost: the next run heals what it left."
    else:
        code = f", exit code {run['code']}" if run["code"] else ""
        yield f"{began}, ended {moment(run['ended'])}: {run['state']}{code}."
    yield from (f"  {line}" for line in run["faults"])


def _of_sources(sources: Row | None) -> Iterator[str]:
    if sources is None:
        yield "Sources: not known, for there is no catalogue of the place. See evidence check."
        return
    counts = ", ".join(f"{count} {word}" for word, count in sorted(sources["counts"].items()))
    yield f"Sources: {counts or 'none'}."
    for word in TOLD:
        if sources[word]:
            yield f"  {word}: {', '.join(sources[word])}"


def _begun(after: Row) -> str:
    return after["why"][:1].upper() + after["why"][1:] + "."
