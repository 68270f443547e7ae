"""What the first sheets of a workbook say, and the lines above each table."""

from __future__ import annotations

from collections.abc import Sequence

from flows.entries import Source
from flows.figures import MONTHS
from flows.publish.datapackage import INVENTED
from flows.publish.released import SHORTHAND, Released
from flows.publish.workbook.columns import Column
from flows.publish.workbook.listed import licence
from flows.publish.workbook.prepared import WITHOUT

MEANINGS = SHORTHAND | {
    WITHOUT: "not applicable: a value that this tier of council does not deliver, or a column"
    " that does not go with the row"
}
CONTENTS = "Contents"
NOTES = "Notes"
Line = tuple[str, str]  # its style, and what it says


def cover(
    released: Released, subject: str, audience: str, used: Sequence[Source], counted: bool
) -> list[Line]:
    """The cover: what this is, for whom, how to read it, and whose data it rests on; ``counted``:
    it concerns bare counts of crimes."""
    place, day = released.book.place, released.as_of
    title = f"{released.title}: {subject}"
    lines = [
        ("title", f"{INVENTED} {title}" if place.invented else title),
        (
            "text",
            f"Release {released.name}, from files in hand on"
            f" {day.day} {MONTHS[day.month - 1]} {day.year}.",
        ),
        ("heading", "Who it is for"),
        ("text", audience),
        ("heading", "What it is"),
        (
            "text",
            f"Figures on the localities of {place.name}, one worksheet for each kind of locality"
            " with the newest figures, and one with all periods. The same figures stand in the"
            " tables, maps and pages of this release.",
        ),
        ("heading", "How to read it"),
        *(("text", said) for said in READING),
        *([("text", COUNTED)] if counted else []),
        ("heading", "Licence and sources"),
        (
            "text",
            "The figures rest on data under these licences: "
            + (", ".join(dict.fromkeys(licence(s) for s in used)) or "none")
            + ". Who uses them must say:",
        ),
        *(("text", said) for said in dict.fromkeys(s.attribution for s in used)),
    ]
    if place.contact:
        lines += [("heading", "Contact"), ("text", place.contact)]
    return lines


READING = (
    "Each worksheet holds one table. Its title is in cell A1, and the lines below the title say"
    " what the table holds and what the shorthand on that worksheet means.",
    "A missing figure is never zero and never blank: its cell says in square brackets why there is"
    " none. A zero is a true zero.",
    "References such as [note 1] are explained in the worksheet Notes.",
    "The 95% limits show how far a figure may be off by chance alone. Where the whole place's"
    " value lies between them, the locality is said to be similar.",
    "Better and worse are said only where one end is good; else the words are higher and lower."
    " Of many comparisons some differ by chance: read the column in which all comparisons are"
    " looked at together before making much of one.",
    "Cells hold the released number with all its digits; fewer are shown.",
)
COUNTED = (
    "A count of crimes tells how many people are about as much as how safe it is. Monthly counts"
    " therefore have a worksheet of their own, where each stands beside its rate; a count for"
    " which there is no rate is left out."
)


def above(
    title: str, about: Sequence[str], columns: Sequence[Column], noted: bool = False
) -> list[Line]:
    """The lines above a table, down to the link back to the contents; the shorthand is that which
    stands in it."""
    told = {word for column in columns for word in column.said} & set(MEANINGS)
    lines = [("title", title), ("line", "This worksheet contains one table.")]
    lines += [("line", said) for said in about]
    if noted:
        lines.append(("line", f"References such as [note 1] are explained in worksheet {NOTES}."))
    lines += [
        ("line", f"Shorthand: {word} means {MEANINGS[word]}.") for word in MEANINGS if word in told
    ]
    return [*lines, ("link", CONTENTS)]
