"""``evidence list --asks``: who gave what, what became of it, and what need not be asked."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flows import catalogue
from flows.returns import covering, ledger

SHOWN = 3  # tables told of each return


def found(data: Path, question: str) -> dict[str, Any]:
    """``asks``: the ledger's returns, newest first, each with ``covered_by``: the open measures
    that say the same; ``answers``: to a question that somebody is about to ask."""
    places = sorted(p.parent.name for p in catalogue.PLACES.glob("*/place.toml"))
    book = catalogue.read(places[0])  # the sources are those of any place
    asks = ledger.asks(data, datetime.now(UTC).date())
    for one in asks:
        both = (covering.open_measures(one[key], book) for key in ("label", "counts"))
        one["covered_by"] = list(dict.fromkeys(name for names in both for name in names))
    answers = covering.sentences(question, book, asks) if question else []
    return {"question": question, "asks": asks, "answers": answers}


def sentences(answer: dict[str, Any]) -> Iterator[str]:
    """The same for a person."""
    if answer["question"]:
        yield from answer["answers"]
        return
    if not answer["asks"]:
        yield "Nothing has been asked of a partner yet: README.md, 'Figures from partners'."
    for one in answer["asks"]:
        yield f"{one['label']} ({one['id']}), shared as {one['sharing']}"
        ends = "EXPIRED on" if one["expired"] else "expires on"
        lines = [
            f"given by {one['owner']}, {one['organisation']}, on {one['given_on']};"
            f" {ends} {one['expires']}{': ask again' if one['expired'] else ''}",
            f"for: {one['purpose']}",
            _reused(one["tables"], one["used"]),
            *(f"an open source already covers this: {name}" for name in one["covered_by"]),
        ]
        for line in lines:
            yield from textwrap.wrap(
                line, 100, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False
            )


def _reused(tables: list[str], releases: int) -> str:
    if not tables:
        return "not used in any table yet"
    newest = ", ".join(tables[::-1][:SHOWN]) + (" and others" if len(tables) > SHOWN else "")
    times = "once" if releases == 1 else f"{releases} times"
    return f"used {times}, in {newest}"
