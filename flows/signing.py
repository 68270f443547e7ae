"""Signing off: a draft is published, or refused, by a person who gives a name.

What is published is what was looked at: every file is held against its hash, and the draft must
have been compared with, and attacked together with, exactly what is published now.
"""

from __future__ import annotations

from pathlib import Path

from flows import drafts, locking, protecting, releases, runs
from flows.drafts import Draft


class Refused(Exception):
    """A draft that cannot be published or refused, and why."""


def publish(data: Path, number: int, by: str, note: str = "") -> Draft:
    """Publish a draft, signed off by a person: ``latest`` shows it afterwards. Refused if it is
    decided already, was changed, or was overtaken by another release."""
    who = _named(by, f"Draft {number} is published by a person: give a name.")
    drafts.read(data, number)  # there is one, before anything is put on record
    with locking.lock(data), runs.noted(data, "publish") as run:
        draft = _open(data, number)
        if faults := [*drafts.faults(draft), *_overtaken(data, draft)]:
            raise Refused("\n".join([*faults, "Nothing was published. Build a new draft."]))
        done = approve(data, draft, "signed off", who, note)
        run |= {"state": "published", "draft": number, "release": done.release}
        return done


def refuse(data: Path, number: int, by: str, why: str) -> Draft:
    """Refuse a draft: it stays on record with the reason, and never becomes latest."""
    who = _named(by, f"Draft {number} is refused by a person: give a name.")
    if not why.strip():
        raise Refused(f"Say why draft {number} is refused: it stays on record.")
    drafts.read(data, number)
    with locking.lock(data), runs.noted(data, "refuse") as run:
        draft = _open(data, number)
        run |= {"state": "refused", "draft": number, "release": ""}
        return drafts.decide(draft, "refused", "signed off", who, why.strip())


def approve(data: Path, draft: Draft, how: str, by: str, note: str) -> Draft:
    """Publish a draft under a lock that is held already."""
    decided = drafts.decide(draft, "publishing", how, by, note.strip())
    return drafts.complete(data, decided)


def overtaken(data: Path, draft: Draft) -> bool:
    """Whether something was published since a draft was built, so that it cannot be any more."""
    return bool(_overtaken(data, draft))


def _overtaken(data: Path, draft: Draft) -> list[str]:
    newest = releases.newest_release(data)
    now = newest.name if newest else ""
    if now != draft.before and now != draft.release:
        return [
            f"Draft {draft.number} was compared with {draft.before or 'nothing'}, and {now} was"
            " published since: what changed would be told wrongly."
        ]
    if protecting.hash_of_out(data) != draft.out:
        return [
            f"Since draft {draft.number} was built, other figures of small groups went out: what"
            " both tell together was not examined."
        ]
    return []


def _open(data: Path, number: int) -> Draft:
    draft = drafts.read(data, number)
    if draft.state != "held":
        when = f"{draft.decided_at[:10]} by {draft.by}"
        told = f": {draft.note}" if draft.note else ""
        raise Refused(f"Draft {number} was {draft.state} on {when}{told}. That is not undone.")
    return draft


def _named(by: str, otherwise: str) -> str:
    if len(by.strip()) < 2:
        raise Refused(otherwise)
    return by.strip()
