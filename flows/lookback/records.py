"""Every release on record, with what its manifest and its folder tell of it; found by a name or a
day."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from flows import drafts, releases
from flows.wording import nearest

ZONE = ZoneInfo("Europe/London")  # days begin and end here
TIDY = "evidence.parquet"
OF_DRAFT = "draft:"


class NoRelease(Exception):
    """There is no such release or draft."""


@dataclass(frozen=True)
class Record:
    """A release, or a draft as if it were one (``name`` is then draft:<number>)."""

    name: str
    folder: Path
    number: int = 0  # of the draft, where it is no release yet

    @cached_property
    def about(self) -> Mapping[str, Any]:
        """Its manifest; an older one lacks words, and less is known."""
        return releases.manifest(self.folder)

    @property
    def published(self) -> Mapping[str, Any]:
        """When, by whom, how and with which note."""
        return self.about.get("published") or {}

    @property
    def at(self) -> str:
        """When it was published (a draft: made), in UTC; its day, if no more is known."""
        told = self.published.get("at") or self.about.get("made_at")
        return str(told or self.about.get("release", self.name)[:10])

    @property
    def day(self) -> date:
        """The same as a day in this country."""
        try:
            known = datetime.fromisoformat(self.at)
        except ValueError:
            return date.min
        return known.astimezone(ZONE).date() if known.tzinfo else known.date()

    @property
    def before(self) -> str:
        """The release that it was compared with; empty for none."""
        return str(self.about.get("before", ""))

    @cached_property
    def tables(self) -> Path | None:
        """The folder that holds its tables: its own; after it was pruned the one in which it was
        made again, if that is equal; else None."""
        if (self.folder / TIDY).exists():
            return self.folder
        again = self.folder.parents[1] / releases.REBUILT / self.name
        if (again / TIDY).exists():
            equal = releases.hash_of_tables(again) == self.about.get("tables")
            return again if equal else None
        return None

    @property
    def site(self) -> Path | None:
        """The page to open, if there is one."""
        page = (self.tables or self.folder) / "site" / "index.html"
        return page if page.exists() else None

    @cached_property
    def moved(self) -> int:
        """How many cells moved since the release before."""
        path = self.folder / releases.CHANGES
        if not path.exists():
            return 0
        with path.open(encoding="utf-8", newline="") as lines:
            return max(sum(1 for _ in csv.reader(lines)) - 1, 0)

    @cached_property
    def warnings(self) -> int:
        """How many expectations it broke that do not stop a release."""
        path = self.folder / "quality" / "expectations.json"
        checks = json.loads(path.read_text("utf-8")) if path.exists() else []
        return sum(1 for c in checks if c["severity"] == "warning" and c["result"] != "held")

    @cached_property
    def rows(self) -> int | None:
        """Of its tidy table; None where nobody knows any more."""
        if "rows" in self.about or not self.tables:
            return self.about.get("rows")
        from flows.cells import released

        query = "select count(*) as rows from read_parquet($table)"
        return int(released(query, {"table": str(self.tables / TIDY)})[0]["rows"])


def every(data: Path) -> list[Record]:
    """Every release, in the order in which they were published."""
    last = dict.fromkeys(folder.name for folder in reversed(releases.every(data)))
    return [Record(name, data / "releases" / name) for name in reversed(list(last))]


def found(data: Path, asked: str) -> Record:
    """The release of a name, or of as much of it as no other has; ``latest``; or a draft, as
    ``draft:7``. NoRelease otherwise."""
    if asked.startswith(OF_DRAFT):
        return _draft(data, asked)
    there = every(data)
    if not there:
        raise NoRelease(f"{data}: there is no release yet. Run evidence refresh first.")
    if asked == releases.LATEST:
        return there[-1]
    exact = [record for record in there if record.name == asked]
    fits = exact or [record for record in there if asked and asked in record.name]
    if len(fits) == 1:
        return fits[0]
    names = [record.name for record in there]
    if fits:
        raise NoRelease(f"'{asked}' is in the names of {len(fits)} releases. Say more of it.")
    close = nearest(asked, [*names, releases.LATEST])
    raise NoRelease(f"There is no release '{asked}'.{close} evidence releases shows them all.")


def _draft(data: Path, asked: str) -> Record:
    number = asked.removeprefix(OF_DRAFT).strip()
    if not number.isdigit():
        raise NoRelease(f"'{asked}' is no draft. Write its number, like draft:7.")
    draft = drafts.read(data, int(number))
    if draft.state == "published":  # it is a release now
        return Record(draft.release, draft.files)
    record = Record(f"{OF_DRAFT}{number}", draft.files, draft.number)
    if not record.about:
        raise NoRelease(f"Draft {number} was {draft.state}, and its files were pruned since.")
    return record


def as_of(data: Path, day: date) -> Record | None:
    """The release that was the latest at the end of a day; None before the first."""
    return next((record for record in reversed(every(data)) if record.day <= day), None)
