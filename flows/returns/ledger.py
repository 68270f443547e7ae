"""The ask-once ledger: who gave what, when, and every table it was used in.

``asks.jsonl`` in the data folder, only ever added to: a line for each hand-over that was accepted
(``given``), and one for each release that it was used in (``used``).
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from flows.returns.description import Description, Kept
from flows.snapshots import Snapshot

NAME = "asks.jsonl"
Line = dict[str, Any]


def read(data: Path) -> Iterator[Line]:
    """Every line, oldest first."""
    path = data / NAME
    for line in path.read_text("utf-8").splitlines() if path.exists() else ():
        try:
            yield json.loads(line)
        except json.JSONDecodeError:
            continue  # half written by a killed run; it is written again by the next


def _add(data: Path, lines: Iterable[Line]) -> None:
    path = data / NAME
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    if not text:
        return
    half = path.exists() and not path.read_bytes().endswith(b"\n")
    with path.open("a", encoding="utf-8") as ledger:
        ledger.write("\n" * half + text)
        ledger.flush()
        os.fsync(ledger.fileno())


def note_given(data: Path, returns: Iterable[Kept]) -> None:
    """Enter the hand-overs that are not in the ledger yet."""
    known = {(line["id"], line["sha256"]) for line in read(data) if line["event"] == "given"}
    now = datetime.now(UTC).isoformat(timespec="seconds")
    _add(
        data,
        [
            _given(one.told, one.snapshot, now)
            for one in returns
            if (one.told.id, one.snapshot.sha256) not in known
        ],
    )


def _given(told: Description, snapshot: Snapshot, now: str) -> Line:
    return {
        "event": "given",
        "id": told.id,
        "label": told.label,
        "counts": told.counts,
        "organisation": told.organisation,
        "owner": told.owner,
        "given_on": told.given_on.isoformat(),
        "accepted_at": now,
        "sha256": snapshot.sha256,
        "sharing": told.sharing,
        "purpose": told.purpose,
        "expires": told.expires.isoformat(),
    }


def uses(returns: Iterable[Kept], release: str, today: date) -> list[Line]:
    """The lines for the tables of a release that each return in force is used in."""
    used = {"event": "used", "release": release}
    return [
        used
        | {"id": one.told.id, "sha256": one.snapshot.sha256, "tables": _tables(one.told, release)}
        for one in returns
        if not one.told.expired(today)
    ]


def note_used(data: Path, lines: Iterable[Line]) -> None:
    """Enter such lines, once each, with those of the tables that are there."""
    known = {(u["sha256"], u["release"]) for u in read(data) if u["event"] == "used"}
    now = datetime.now(UTC).isoformat(timespec="seconds")
    there = [
        line | {"tables": [t for t in line["tables"] if (data / t).exists()], "at": now}
        for line in lines
        if (line["sha256"], line["release"]) not in known
    ]
    _add(data, [line for line in there if line["tables"]])


def _tables(told: Description, release: str) -> list[str]:
    """The tables of a release that hold a return, as paths below the data folder."""
    if told.is_open:
        names = ["evidence.parquet", *(f"themes/{theme}.csv" for theme in told.themes)]
        return [f"releases/{release}/{name}" for name in names]
    return [f"{told.sharing}/{release}/evidence.csv"]


def asks(data: Path, today: date) -> list[Line]:
    """Every hand-over, newest first, with where it was used and whether it has expired."""
    used: dict[str, list[Line]] = {}
    given = []
    for line in read(data):
        if line["event"] == "used":
            used.setdefault(line["sha256"], []).append(line)
        else:
            given.append(line)
    return [
        {k: v for k, v in line.items() if k != "event"}
        | {"expired": date.fromisoformat(line["expires"]) < today}
        | {"used": len(used.get(line["sha256"], []))}
        | {"tables": [t for u in used.get(line["sha256"], []) for t in u["tables"]]}
        for line in sorted(given, key=lambda g: (g["given_on"], g["id"]), reverse=True)
    ]
