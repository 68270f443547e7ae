"""Which sheets a workbook has, in what order, and what stands on each."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from flows.entries import Indicator
from flows.publish.workbook import listed
from flows.publish.workbook.columns import Column, clean, numbers, text
from flows.publish.workbook.front import CONTENTS, NOTES, Line, above
from flows.publish.workbook.prepared import Prepared, Rows

NEVER = {"history"}  # Excel keeps it for itself
LONGEST_NAME = 31
FIXED = ("Cover", CONTENTS, NOTES, "Monthly crime counts", "Over time")
FIXED += ("Indicators", "Gaps", "Breaks", "Sources")
UNIT = "Units are in the column Unit."
SOURCE = "Sources of all figures are in the worksheet Sources."


@dataclass(frozen=True)
class Sheet:
    """A sheet of one table."""

    name: str
    what: str  # it holds
    table: str
    lines: list[Line]
    columns: list[Column]

    @property
    def rows(self) -> int:
        return len(self.columns[0].codes)


def sheets(prepared: Prepared, subject: str, chosen: Sequence[Indicator]) -> list[Sheet]:
    """The sheets after the contents: notes first. ``subject`` is what the workbook is about."""
    positions = prepared.chosen(chosen)
    scope = f"{subject}, {prepared.book.place.name}"
    of = {name: _of(rows, positions) for name, rows in _tables(prepared).items()}
    notes = Notes(prepared, [rows.noted for rows in of.values()])
    found = []
    names = kind_names(prepared.kind_labels)
    for kind, label in prepared.kind_labels.items():
        rows = of["newest"]
        rows = _cut(rows, np.flatnonzero(rows.kinds == kind))
        if len(rows.kinds):
            what = f"{label}: newest figures"
            about = ["One row for each indicator and locality.", UNIT, SOURCE]
            if len(of["monthly"].kinds):
                about.insert(
                    1, "Monthly counts of crimes are in their own worksheet, beside rates."
                )
            columns = _without_comparator([*rows.columns, notes.column(rows)])
            found.append(_sheet(names[kind], what, scope, f"tbl_{kind}", about, columns))
    if len(of["monthly"].kinds):
        what = "Monthly counts of crimes, each beside its rate"
        about = [
            "One row for each count, locality and month. A count alone says little: read the rate.",
            "The rate is of the period that ends with the month or, failing that, next to it.",
            SOURCE,
        ]
        columns = [*of["monthly"].columns, notes.column(of["monthly"])]
        found.append(
            _sheet("Monthly crime counts", what, scope, "tbl_monthly_crime_counts", about, columns)
        )
    if len(of["over_time"].kinds):
        about = ["One row for each indicator, locality and period.", UNIT, SOURCE]
        columns = [*of["over_time"].columns, notes.column(of["over_time"])]
        found.append(
            _sheet("Over time", "Over time: all periods", scope, "tbl_over_time", about, columns)
        )
    return [*notes.sheet(scope), *found, *_beside(prepared, scope, chosen)]


def contents(scope: str, others: Sequence[Sheet]) -> Sheet:
    """The list of the sheets, with how many rows each has."""
    columns = [
        text("Worksheet", [s.name for s in others], cap=34),
        text("What it holds", [s.what for s in others], cap=90),
        numbers("Rows", [s.rows for s in others], "[x]"),
    ]
    about = ["The names in the first column are links to the worksheets."]
    lines = [line for line in above(f"Contents: {scope}", about, columns) if line[0] != "link"]
    return Sheet(CONTENTS, "contents", "tbl_contents", lines, columns)


def kind_names(labels: dict[str, str]) -> dict[str, str]:
    """The name of each kind's sheet: as Excel allows it, and no two alike."""
    taken = {name.lower() for name in FIXED} | NEVER
    names = {}
    for kind, label in labels.items():
        plain = re.sub(r"\s+", " ", re.sub(r"[\[\]:*?/\\']", " ", clean(label))).strip()
        plain = plain or kind
        for count in range(1, len(labels) + len(taken) + 1):
            end = f" {count}" if count > 1 else ""
            name = _cut_to(plain, LONGEST_NAME - len(end)).strip() + end
            if name.lower() not in taken:
                break
        taken.add(name.lower())
        names[kind] = name
    return names


class Notes:
    """The notes that a workbook uses, numbered for it."""

    def __init__(self, prepared: Prepared, noted: Sequence[np.ndarray]) -> None:
        self.sets = list(prepared.references)
        used = {note for at in np.unique(np.concatenate(noted)) for note in self.sets[at]}
        texts = list(prepared.notes)
        self.number = {note: count for count, note in enumerate(sorted(used), 1)}
        self.texts = [texts[note] for note in self.number]
        self.words = tuple(
            " ".join(f"[note {self.number[n]}]" for n in notes if n in self.number) or "none"
            for notes in self.sets
        )

    def column(self, rows: Rows) -> Column:
        return Column("Notes", rows.noted, self.words, cap=22)

    def sheet(self, scope: str) -> list[Sheet]:
        if not self.texts:
            return []
        columns = [
            text("Note", [f"note {number}" for number in self.number.values()]),
            text("What it is about", [ABOUT[about] for about, _ in self.texts], cap=34),
            text("What it says", [said for _, said in self.texts], cap=100),
        ]
        about = ["Other worksheets refer to these notes, as in [note 1]."]
        return [
            _sheet(NOTES, "Notes: what the references mean", scope, "tbl_notes", about, columns)
        ]


ABOUT = {
    "Caveat": "caveat of an indicator",
    "Value": "a value, or why there is none",
    "Trend": "a trend, or why there is none",
}


def _tables(prepared: Prepared) -> dict[str, Rows]:
    names = ("newest", "monthly", "over_time")
    return {name: getattr(prepared, name) for name in names}


def _of(rows: Rows, positions: np.ndarray) -> Rows:
    """The rows of some indicators."""
    wanted = np.isin(rows.indicators, positions)
    return rows if wanted.all() else _cut(rows, np.flatnonzero(wanted))


def _cut(rows: Rows, kept: np.ndarray) -> Rows:
    return replace(
        rows,
        indicators=rows.indicators[kept],
        kinds=rows.kinds[kept],
        columns=tuple(column.take(kept) for column in rows.columns),
        noted=rows.noted[kept],
    )


def _without_comparator(columns: list[Column]) -> list[Column]:
    """Without the columns of a comparator that no row of the sheet has: the whole place is not
    set against itself, and few sources tell England's value."""
    kept: list[Column] = []
    skipping = False
    for column in columns:
        if column.heading.startswith("Value of "):
            skipping = not (column.codes < 0).any() and "earlier" not in column.heading
        elif not column.heading.startswith("Compared"):
            skipping = False
        if not skipping:
            kept.append(column)
    return kept


def _beside(prepared: Prepared, scope: str, chosen: Sequence[Indicator]) -> list[Sheet]:
    """Indicators, gaps, breaks and sources, those that have a row."""
    released, ids = prepared.released, {i.id for i in chosen}
    told = [
        (
            *("Indicators", "what each figure is, why it matters and who owns it"),
            listed.indicators(prepared.book, chosen),
        ),
        (
            *("Gaps", "what the evidence does not say, and why"),
            listed.gaps(released, ids),
        ),
        (
            *("Breaks", "across what no trend or change is read"),
            listed.breaks(released, ids),
        ),
        (
            *("Sources", "whose data the figures rest on"),
            listed.sources(listed.rests_on(released, chosen)),
        ),
    ]
    return [
        _sheet(name, f"{name}: {what}", scope, f"tbl_{name.lower()}", [], columns)
        for name, what, columns in told
        if columns and len(columns[0].codes)
    ]


def _sheet(
    name: str, what: str, scope: str, table: str, about: list[str], columns: list[Column]
) -> Sheet:
    lines = above(f"{what}, {scope}", about, columns, columns[-1].heading == "Notes")
    return Sheet(name, what, re.sub(r"\W", "_", table), lines, columns)


def _cut_to(name: str, units: int) -> str:
    """The beginning of a name, in units of UTF-16 as Excel counts."""
    return name.encode("utf-16-le")[: 2 * units].decode("utf-16-le", errors="ignore")
