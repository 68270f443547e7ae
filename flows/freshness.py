"""How fresh each source is: when it was asked, what it said, how far its figures reach.

``snapshots/<source>/state.json`` holds what the last refresh learned of a source; it can be lost
without loss: the publisher is then asked for everything once more.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from flows.entries import Source
from flows.snapshots import Store, write_whole

STATE = "state.json"


@dataclass(frozen=True)
class State:
    """What is known of a source. Times are UTC; ``tokens`` are change tokens by address, good for
    what was asked then (``basis``)."""

    asked_at: str = ""
    answered_at: str = ""  # when it was last asked without a fault
    failing_since: str = ""
    faults: list[str] = field(default_factory=list)
    basis: str = ""
    tokens: dict[str, str] = field(default_factory=dict)
    rows: int = 0
    newest_period_end: str = ""


def read(store: Store, source: str) -> State:
    """The state of a source; a blank one where there is none that can be read."""
    try:
        return State(**json.loads(_path(store, source).read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return State()


def _write(store: Store, source: str, state: State) -> None:
    path = _path(store, source)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, json.dumps(asdict(state), indent=1) + "\n")


def _path(store: Store, source: str) -> Path:
    return store.folder / source / STATE


def day(store: Store, source: str) -> str:
    """The day as of which a source's kept files stand; empty if none is in hand. What came while
    it was failing does not make the rest any newer."""
    held, state = store.current(source).values(), read(store, source)
    whole = [s.fetched_at for s in held if s.fetched_at < (state.failing_since or "9999")]
    oldest = min((s.fetched_at for s in held), default="")
    return max([state.answered_at, *whole], default="")[:10] or oldest[:10] if held else ""


def tokens(store: Store, source: str, basis: str) -> dict[str, str]:
    """The change tokens that hold for what is asked now; none where something else was asked, or
    nothing is in hand."""
    state = read(store, source)
    return state.tokens if state.basis == basis and store.current(source) else {}


def note_asked(
    store: Store,
    source: str,
    basis: str,
    learned: Mapping[str, str],
    taken: set[str],
    faults: list[str],
    began: str,
) -> None:
    """Remember how a publisher was asked. Where something went wrong, only what came whole and
    could be read (``taken``), or had not changed, need not be asked for again. ``began``: when."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    before = read(store, source)
    good = {
        address: token
        for address, token in learned.items()
        if token and (not faults or address in taken or before.tokens.get(address) == token)
    }
    # what was not asked about this time stands as it was
    held = tokens(store, source, basis)
    good |= {address: token for address, token in held.items() if address not in learned}
    _write(
        store,
        source,
        replace(
            before,
            asked_at=now,
            answered_at=before.answered_at if faults else now,
            failing_since=(before.failing_since or began) if faults else "",
            faults=faults,
            basis=basis,
            tokens=good,
        ),
    )


def note_by_hand(store: Store, source: str) -> None:
    """A file that was handed over answers for a publisher who did not."""
    if (before := read(store, source)).faults:
        _write(store, source, replace(before, faults=[], failing_since=""))


def note_reach(store: Store, source: str, rows: int, newest: str) -> None:
    """Remember how many rows of a source are in hand and the last day that they reach."""
    before = read(store, source)
    if rows and (before.rows, before.newest_period_end) != (rows, newest):
        _write(store, source, replace(before, rows=rows, newest_period_end=newest))


def standing(
    source: Source, store: Store, today: date, *, used: bool = True, off: bool = False
) -> dict[str, Any]:
    """What an officer should know of a source in one row: its ``state`` is fresh, late, failing,
    waiting for a file, switched off, or not used (by the place)."""
    held, state = list(store.current(source.id).values()), read(store, source.id)
    newest = state.newest_period_end
    age = (today - date.fromisoformat(newest)).days if newest else 0
    if off:
        word = "switched off"
    elif not used and not held:
        word = "not used"
    elif state.faults:
        word = "failing"
    elif not held:
        word = "waiting for a file"
    else:
        word = "late" if source.late_after and age > source.late_after else "fresh"
    return {
        "id": source.id,
        "label": source.label,
        "state": word,
        "newest_period_end": newest,
        "last_pulled": day(store, source.id),
        "rows": state.rows if held else 0,
        "files": len(held),
        "newest_file": max((s.name for s in held), default=""),
        "licence": source.licence,
        "faults": state.faults,
    }
