"""Which places are counted in a figure, and by which rule."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from flows.explaining.words import GATHERED, RULES
from flows.figures import many, number, plain, share

Row = dict[str, Any]
LARGEST = 5  # small areas that a page names
WIDTH = 100


def places(chain: Row) -> Iterator[str]:
    """The edition, the rule, and the largest small areas."""
    if chain["source"]["rows"] == "published":
        yield "No places of ours: the publisher counted for the whole area that bears this code."
        return
    yield f"Boundaries: {_edition(chain)}."
    if _of_residents(chain) or _with_small_areas(chain):
        yield from (f"A small area is counted if {why}." for why in _rules(chain))
    if chain["source"]["rows"] == "events":
        yield from _points(chain)
    if chain["cell"]["value"] is not None:
        yield from _table(chain)
    unlike = sorted(a["small_area_code"] for a in _residents(chain) if not a["is_comparable"])
    if unlike:
        named = ", ".join(unlike[:LARGEST]) + (", ..." if len(unlike) > LARGEST else "")
        yield (
            f"Not comparable between 2011 and 2021, for they were redrawn irregularly: {named}."
            " Do not set figures of before beside later ones."
        )
    yield "Whether a street is among them: evidence where, with its postcode."


def _of_residents(chain: Row) -> bool:
    """Whether residents or households are counted in the figure."""
    return chain["source"]["rows"] == "observations" or chain["cell"]["method"] == "rate"


def _residents(chain: Row) -> list[Row]:
    return [a for a in chain["small_areas"] if a["counted"] == "residents"]


def _events(chain: Row) -> list[Row]:
    return [a for a in chain["small_areas"] if a["counted"] == chain["events_are"]]


def _is_built(chain: Row) -> bool:
    """Whether the area has no boundary but that of its small areas."""
    return all(a["rule"] == "point in its small area" for a in _events(chain))


def _with_small_areas(chain: Row) -> bool:
    """Whether crimes and sales are counted with their whole small areas, not by the area's edge."""
    whole = all(a["weight"] == 1 for a in _residents(chain))
    return _is_built(chain) or (chain["cell"]["method"] == "rate" and whole)


def _edition(chain: Row) -> str:
    """The kind and edition, with its days."""
    edition, kind = chain["edition"], chain["area_kind"]
    label = kind["label"] if kind else edition["area_kind"]
    named = f"{label}, edition {edition['edition']}" if edition["edition"] else label
    first, last = (edition[k] and _day(edition[k]) for k in ("valid_from", "valid_to"))
    if first and last:
        return f"{named}, in force from {first} to {last}"
    if first:
        return f"{named}, in force since {first}"
    return f"{named}, in force until {last}" if last else f"{named}, the only edition in hand"


def _day(written: str) -> str:
    day = date.fromisoformat(written)
    return f"{day.day} {day:%B %Y}"


def _rules(chain: Row) -> list[str]:
    """What makes a small area count, in words."""
    rules = sorted({a["rule"] for a in _residents(chain)})
    return [_exactly(chain) if r == "exact membership" else RULES.get(r, r) for r in rules]


def _exactly(chain: Row) -> str:
    """Why a small area is exactly a member: a list, or a rule that chooses it."""
    defined = chain["edition"].get("definition", {})
    if defined.get("rule"):
        where = defined["rule"]["where"]
        told = GATHERED[defined["rule"]["group_by"]]
        return f"{told} and this is true of it: {where}" if where else told
    listed = (defined.get("membership") or {}).get("file")
    return f"it is on the partnership's list ({listed or 'in place.toml'})"


def _points(chain: Row) -> Iterator[str]:
    """How crimes and sales fall in, and what that does to those near the edge."""
    noun = chain["events_are"].capitalize()
    if not _with_small_areas(chain):
        yield f"{noun} are counted where their point lies inside the area's own boundary."
        return
    if _is_built(chain):
        yield f"{noun} are counted where their point lies in such a small area."
        return
    yield f"{noun} are counted with the same small areas as the residents: of the same ground."
    told = (chain["rows"] or {}).get("events") or {}
    outside, left = told.get("outside_its_edge", 0), told.get("inside_but_not_counted", 0)
    parts = [f"{number(outside)} outside the area's own boundary count here"] if outside else []
    parts += [f"{number(left)} inside it do not"] if left else []
    if parts:
        yield f"So {' and '.join(parts)}: a small area counts whole or not at all."


def _table(chain: Row) -> Iterator[str]:
    """The largest small areas: their part of the residents, of all events, and of this figure."""
    people = {a["small_area_code"]: a for a in _residents(chain)}
    happened = {a["small_area_code"]: a for a in _events(chain)}
    told = (chain["rows"] or {}).get("events") or {}
    here = {row["small_area_code"]: row["rows"] for row in told.get("by_small_area", [])}
    of_events = chain["source"]["rows"] == "events"
    listed = people if _of_residents(chain) or _with_small_areas(chain) else here | happened
    if not listed:
        return
    columns = [("residents", 16, people)] if _of_residents(chain) else []
    columns += [(f"{chain['events_are']}*", 23, happened)] if of_events else []
    shared = _of_residents(chain) and _is_shared_out(chain)
    head = "".join(f"{label:>{width}}" for label, width, _ in columns)
    head += f"{'counted':>9}" * shared + f"{'this figure':>13}" * bool(here)
    room = min(WIDTH - 4 - len(head), 40)
    yield f"    {many(len(listed), 'small area'):<{room}}{head}"
    name = {a["small_area_code"]: plain(a["small_area_name"]) for a in chain["small_areas"]}
    found = [rows for *_, rows in columns]
    for code in sorted(listed, key=lambda c: (-here.get(c, 0), *_size(found, c), c or ""))[
        :LARGEST
    ]:
        named = f"{code or 'outside all'}  {name.get(code, '')}"
        line = "".join(f"{_part(rows.get(code)):>{width}}" for _, width, rows in columns)
        line += _weight(people.get(code), chain) * shared
        yield f"    {named[: room - 1]:<{room}}{line}{f'{here.get(code, 0):>13,}' * bool(here)}"
    if len(listed) > LARGEST:
        yield f"    and {len(listed) - LARGEST:,} more, in assignment_ledger.parquet"
    if of_events:
        where = "" if _is_built(chain) else ", inside the area's own boundary"
        yield f"    * of all kinds and months in hand{where}"


def _size(columns: list[dict[str | None, Row]], code: str | None) -> tuple[float, ...]:
    """What to sort small areas by: their share of the area, the largest first."""
    return tuple(-float((rows.get(code) or {}).get("share_of_area") or 0) for rows in columns)


def _part(row: Row | None) -> str:
    """An amount with its share of the area's total."""
    if row is None or row["amount"] is None:
        return "-"
    return f"{number(row['amount'])} ({share(row['share_of_area'] or 0)})"


def _is_shared_out(chain: Row) -> bool:
    return any(a["weight"] != 1 for a in _residents(chain))


def _weight(row: Row | None, chain: Row) -> str:
    """The share of a small area that is counted: of its people, or of the households or children
    that the figure counts."""
    counts = (chain["measure"] or {}).get("counts")
    weight = row.get(f"weight_{counts}", row["weight"]) if row else 0
    return f"{float(weight):>9.0%}"
