"""What stands beside the figures in a workbook: indicators, gaps, breaks, sources."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from flows.entries import Book, Indicator, Source
from flows.figures import spoken
from flows.publish.datapackage import LICENCES
from flows.publish.released import Released
from flows.publish.workbook.columns import Column, numbers, text
from flows.publish.workbook.prepared import WITHOUT

GOOD_END = {
    "low": "a low value is good",
    "high": "a high value is good",
    "neither": "neither end is good",
}


def indicators(book: Book, chosen: Sequence[Indicator]) -> list[Column]:
    """What each indicator is, why it matters and who owns it."""
    measures = {(s.id, m.id): m.label for s in book.source.values() for m in s.measures}
    labels = {t.id: t.label for t in book.themes}  # those asked for: others have no workbook
    themes = [", ".join(labels[t] for t in i.themes if t in labels) for i in chosen]
    told: dict[str, tuple[list[Any], int]] = {
        "Indicator": ([i.label for i in chosen], 42),
        "Identifier": ([i.id for i in chosen], 36),
        "Unit": ([i.unit for i in chosen], 24),
        "What is counted": ([measures.get((i.source, i.measure), i.measure) for i in chosen], 30),
        "Why it matters": ([i.why for i in chosen], 50),
        "Which end is good": ([GOOD_END[i.polarity] for i in chosen], 24),
        "Source": ([book.source[i.source].label for i in chosen], 28),
        "Method": ([method(i) for i in chosen], 28),
        "Owner": ([i.owner for i in chosen], 26),
        "Tier": ([i.tier for i in chosen], 10),
        "Theme partnerships": (themes, 28),
        "Caveat": ([i.caveat or WITHOUT for i in chosen], 60),
    }
    return [text(heading, said, cap=cap) for heading, (said, cap) in told.items()]


def method(indicator: Indicator) -> str:
    """How its value is made, in words."""
    of = indicator.method
    if of == "rate":
        return f"rate: number counted for every {indicator.per:,} of those it is divided by"
    words = {
        "count": "count",
        "proportion": "proportion: number counted as a percentage of those it is divided by",
        "median": "median",
        "weighted_mean": "average of small areas, weighted by people",
        "as_published": "as its publisher gives it",
    }
    return words[of]


def gaps(released: Released, chosen: set[str]) -> list[Column]:
    """What the evidence does not say of these indicators, and why."""
    if released.gaps.empty:
        return []
    rows = released.gaps[released.gaps["indicator_id"].isin(chosen)]
    kinds = {kind.id: kind.label for kind in released.book.place.area_kinds}
    return [
        text("Indicator", rows["indicator"], cap=42),
        text("Kind of locality", rows["area_kind"].map(kinds).fillna(rows["area_kind"])),
        text("Gap", rows["gap"]),
        text("Reason", rows["reason"], cap=70),
        numbers("Localities without it", rows["areas"], "[x]"),
        text("Codes of those localities", rows["area_codes"], "the whole kind", cap=40),
        text("First period without it", rows["first_period"], "no period has it", cap=22),
        text("Last period without it", rows["last_period"], "no period has it", cap=22),
        numbers("Periods without it", rows["periods"], "[x]"),
    ]


def breaks(released: Released, chosen: set[str]) -> list[Column]:
    """Across what no trend or change of these indicators is read."""
    if released.breaks.empty:
        return []
    rows = released.breaks[released.breaks["indicator_id"].isin(chosen)]
    days = [
        None if pd.isna(day) else f"{day.day} {spoken(f'{day:%Y-%m}')}" for day in rows["on_date"]
    ]
    return [
        text("Indicator", rows["indicator"], cap=60),
        text("First day of what is new", days, "between all periods", cap=22),
        text("Why figures before and after are unlike", rows["reason"], cap=80),
        text("Where that is said", rows["reference"], cap=60),
    ]


def sources(used: Sequence[Source]) -> list[Column]:
    """Whose data the figures rest on."""
    told: dict[str, tuple[list[Any], int]] = {
        "Source": ([s.label for s in used], 36),
        "Publisher": ([s.publisher for s in used], 36),
        "Licence": ([licence(s) for s in used], 32),
        "Address of its page": ([s.page for s in used], 60),
        "What the licence asks to be said": ([s.attribution for s in used], 60),
        "Caveat": ([s.caveat for s in used], 60),
    }
    return [text(heading, said, cap=cap) for heading, (said, cap) in told.items()]


def licence(source: Source) -> str:
    return LICENCES.get(source.licence, {"title": source.licence})["title"]


def rests_on(released: Released, chosen: Sequence[Indicator]) -> list[Source]:
    """The sources in hand behind these indicators: their own, their denominators', and those that
    say where small areas and boundaries are."""
    wanted = {i.source for i in chosen} | {i.denominator_source for i in chosen}
    wanted |= released.book.place.needed_sources()
    wanted |= {needed for s in released.used if s.id in wanted for needed in s.needs}
    return [s for s in released.used if s.id in wanted or s.required or s.rows == "lookup"]
