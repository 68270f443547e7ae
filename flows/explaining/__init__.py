"""A figure walked back, as a page that a councillor can read: questions, and answers in
sentences."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from flows.explaining import places, rows, standing
from flows.explaining.words import MOVED, RESIDENTS_BY, WAYS
from flows.figures import number, plain, valued

Row = dict[str, Any]
WIDTH = 100
NO_BREAK = "\u00a0"
DENOMINATOR = re.compile(r"denominator: (.+), ([^,]+?)(?: \((\d+) years (before|after)\))?$")
# what a note says that the page says elsewhere
SAID = ("numerator is ", "average of small areas, weighted by people", "both of its small areas")


def page(chain: Row, *, quiet: bool) -> Iterator[str]:
    """The chain of ``lineage.explain`` in words, lines of at most 100 characters; ``quiet``: the
    figure alone."""
    cell = chain["cell"]
    if chain["invented"]:
        yield "INVENTED FIGURE about an invented county: no fact about any real place."
    headline = f"{cell['indicator']}, {cell['area_name']}, {cell['period'] or 'no period'}"
    headline += f": {valued(cell['value'], cell['unit'])}"
    if quiet:
        yield headline
        return
    yield from textwrap.wrap(headline, WIDTH)
    told: list[tuple[str, Callable[[Row], Iterable[str]]]] = [
        ("", _figure),
        ("How was it made?", _sum),
        ("How does it stand to others, and to its past?", standing.standing),
        ("Which places are counted, and by which rule?", places.places),
        ("Which rows of the publishers' files are these?", rows.rows),
        ("Would it change if the area were drawn or counted differently?", _otherwise),
        ("Where does it come from, and who answers for it?", rows.origin),
    ]
    if cell["value"] is None:
        told = [o for o in told if o[1] not in (rows.rows, _otherwise, standing.standing)]
    for question, answer in told:
        yield from ("", question) if question else ()
        for line in answer(chain):
            yield from _laid_out(line)


def _laid_out(line: str) -> list[str]:
    """A line of an answer, wrapped under its question; a row of a table under itself."""
    indent = line[: len(line) - len(line.lstrip())]
    wrapped = textwrap.wrap(
        line.strip(),
        WIDTH,
        initial_indent=indent or "  ",
        subsequent_indent=f"{indent}    " if indent else "  ",
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [one.replace(NO_BREAK, " ") for one in wrapped]


def _figure(chain: Row) -> Iterator[str]:
    """What chance may do to it, how it stands to the whole place, and its note."""
    cell = chain["cell"]
    pound = "£" if cell["unit"] == "£" else ""
    if cell["lower_ci"] is not None:
        yield (
            f"95% confidence interval: {pound}{number(cell['lower_ci'])} to"
            f" {pound}{number(cell['upper_ci'])}. So far chance alone may move it."
        )
    if cell["comparator_value"] is not None:
        whole = f"{plain(cell['comparator'])} as a whole: {pound}{number(cell['comparator_value'])}"
        word = cell["compared"]
        told = f" The figure here is {word}, by more than chance explains." if word else ""
        if word == "similar":
            told = " The figure here is similar: the difference may be chance."
        if cell["method"] == "count":
            told = " Counts of places of different size are not compared."
        yield f"{whole}.{told}"
    yield from _notes(cell)


def _notes(cell: Row) -> Iterator[str]:
    """A cell's note in plain words; what the page says elsewhere is left out."""
    note = cell["note"] or ""
    if note.startswith("no figure: "):
        yield f"Why there is none: {note.removeprefix('no figure: ').rstrip('.')}."
        return
    for part in note.split("; ") if note else ():
        divided = DENOMINATOR.match(part)
        if divided and divided[3]:
            yield (
                f"It is divided by a count of {divided[2]}, {divided[3]} years {divided[4]} the"
                " period: none nearer is in hand."
            )
        elif part.startswith("partly shared out"):
            yield (
                "Some of its small areas were split since 2011: their older figures were shared"
                " out among the new ones, by residents or households."
            )
        elif not divided and not part.startswith(SAID):
            yield f"{'Why there is none' if cell['value'] is None else 'Note'}: {part}."


def _sum(chain: Row) -> Iterator[str]:
    """The sum in words, and what its two sides are."""
    cell, entry = chain["cell"], chain["indicator"]
    counted, of, value = cell["numerator"], cell["denominator"], cell["value"]
    noun, shown = _counted_noun(chain), valued(value, cell["unit"])
    divisor = f"{number(of)} {_divisor_noun(chain)}" if of is not None else ""
    if entry["method"] == "as_published":
        yield "It was not made here: it is the publisher's own figure, taken as it stands."
        if counted is not None and of is not None:
            yield f"The publisher counted {number(counted)} of {number(of)}."
    elif value is None and counted is None:
        yield "There is nothing to add up or divide."
    elif value is None:
        by = f", to be divided by {divisor}" if divisor else ""
        yield f"Counted were {number(counted)} {noun}{by}. That makes no figure."
    elif entry["method"] == "count":
        yield f"{number(counted)} {noun}, added up. Nothing is divided."
        if chain["source"]["rows"] == "events" and counted != int(counted):
            yield "Each counts by the weight that the publisher gives it, not as one."
    elif entry["method"] == "median":
        yield f"{number(counted)} {noun}, put in order of price: the middle of them is {shown}."
    elif entry["method"] == "weighted_mean":
        yield (
            "The average of its small areas' scores, where each counts by its residents: scores"
            f" times residents add up to {number(counted)}; divided by {divisor}, {shown}."
        )
    else:
        per = 100 if entry["method"] == "proportion" else entry["per"]
        yield f"{number(counted)} {noun} divided by {divisor}, times {number(per)}: {shown}."
    yield from _sides(chain)


def _sides(chain: Row) -> Iterator[str]:
    """The labels of what was counted, and of what it was divided by with its period."""
    measure, divisor = chain["measure"], chain["denominator"]
    if measure:
        yield f"Counted: {measure['label']} ({measure['source_label']})."
    if divisor and chain["cell"]["denominator"] is not None:
        notes = (chain["cell"]["note"] or "").split("; ")
        dated = next(filter(None, map(DENOMINATOR.match, notes)), None)
        period = dated[2] if dated else chain["cell"]["period"]
        yield f"Divided by: {divisor['label']} ({divisor['source_label']}, {period})."


def _counted_noun(chain: Row) -> str:
    """What was counted, in the plural, as one says it in a sum."""
    measure, unit = chain["measure"] or {}, chain["indicator"]["unit"]
    if chain["indicator"]["method"] == "count":
        return unit.removesuffix("s") if chain["cell"]["numerator"] == 1 else unit
    label = measure.get("label", "").lower()
    if chain["handed_over"]:
        return label
    if measure.get("counts") == "crimes" and "incidents" in label:
        return "crimes and incidents" if "crime" in label else "incidents"
    return measure.get("counts", "")


def _divisor_noun(chain: Row) -> str:
    """What it is divided by, from the unit where that says it (``per 1,000 residents``)."""
    said = re.match(r"(?:% of|per [\d,]+) (.+)", chain["indicator"]["unit"])
    counts = (chain["denominator"] or {}).get("counts", "")
    return said[1] if said else {"people": "residents"}.get(counts, counts)


def _otherwise(chain: Row) -> Iterator[str]:
    """The range over other rules and edges, each rule's own value, and what it does to the rank."""
    cell, of_events = chain["cell"], chain["source"]["rows"] == "events"
    low, high, unit = cell["assignment_low"], cell["assignment_high"], cell["unit"]
    if chain["source"]["rows"] == "published":
        yield "No. The publisher counted it for the whole area; it hangs on none of our rules."
        return
    if low is None:
        yield "Not told: of small numbers it would show what lies between the two edges."
        return
    told = [a for a in (chain["rows"] or {}).get("assignments", []) if a["value"] is not None]
    if low == high:
        yield _same(of_events, {a["assignment"] for a in told})
        return
    yield f"Yes: it would lie between {number(low)} and {number(high)} ({unit})."
    if of_events:
        yield MOVED.get(chain["indicator"]["source"], "")
    ways: dict[float, list[str]] = {}
    for one in told:
        how = WAYS.get(one["assignment"], one["assignment"])
        by_edge = of_events and one["assignment"] in RESIDENTS_BY
        ways.setdefault(one["value"], []).append(f"{how}, crimes by its edge" if by_edge else how)
    for value, hows in ways.items():
        yield f"    {number(value):>10}  {'; '.join(hows)}"
    if cell["sensitive"] and chain["peers"] > 1:
        yield (
            f"SENSITIVE: within that range its rank among the {chain['peers']} areas of its kind"
            " would change by more than a third of them. Rest no decision on its rank."
        )
    elif chain["peers"] > 1:
        yield (
            f"Within that range its rank among the {chain['peers']} areas of its kind would change"
            " by no more than a third of them."
        )


def _same(of_events: bool, ways: set[str]) -> str:
    """Why there is no range."""
    if of_events:
        rules = ", and by other rules of counting residents," if ways & {"area_share"} else ""
        return f"No: with its boundary moved 50 m in or out{rules} it is the same."
    if len(ways) > 1:
        return "No: every other rule of counting its small areas gives the same."
    return (
        "No: its small areas are named one by one and counted whole, so that there is no other way"
        " to count them."
    )
