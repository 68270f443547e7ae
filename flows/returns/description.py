"""What a partner says of a return in its TOML: a frozen model, unknown keys forbidden."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, field_validator

from flows.entries import (
    CrossCutting,
    Indicator,
    Measure,
    Polarity,
    Source,
    Tier,
)
from flows.misfits import indicator_misfits, source_misfits
from flows.places import Identifier, Model
from flows.snapshots import Snapshot
from flows.wording import nearest

Sharing = Literal["open", "partner", "restricted"]
OPEN = "open"
# what a spreadsheet would run as a formula must not begin a text that is published
Text = Annotated[str, StringConstraints(min_length=1, max_length=300, strip_whitespace=True)]
FIXED = re.compile(r"(\d{4})(?:-(0[1-9]|1[0-2]))?(?: to (\d{4})-(0[1-9]|1[0-2]))?")
NEEDS: dict[str, tuple[tuple[str, ...], ...]] = {
    "point": (("easting", "northing"), ("longitude", "latitude")),
    "postcode": (("postcode",),),
    "lsoa21": (("code",),),
    "lsoa11": (("code",),),
    "area": (("code",),),
}
ROWS = {"point": "events", "postcode": "events", "area": "published"}
USUAL_BASE = 5
RETURNS = "partner_return"  # the source that all of them are kept under


class Columns(Model):
    """Our word for a column, and the word that stands in the file's first row."""

    easting: Text | None = None
    northing: Text | None = None
    longitude: Text | None = None
    latitude: Text | None = None
    postcode: Text | None = None
    code: Text | None = None
    period: Text | None = None
    count: Text | None = None  # left out: each row is one


class Description(Model):
    """A return: what it counts, where and when, whose it is, and who may see it until when.

    ``sharing`` is who may see it: open (published), partner (the partnership), restricted (those
    whom the purpose names). ``threshold``: groups from 1 to one below it are nobody's to find, and
    so every count is rounded to ``base``; 1 where it counts nobody. ``shown_for``: the kinds of
    locality that it is kept to.
    ``tier`` is whose job it is, as in the themes.
    """

    id: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
    label: Text
    counts: Text
    unit: Text
    themes: tuple[Identifier, ...] = Field(min_length=1)
    organisation: Text
    owner: Text
    given_on: date
    purpose: Text
    sharing: Sharing
    expires: date
    by: Literal["point", "postcode", "lsoa21", "lsoa11", "area"]
    columns: Columns = Columns()
    area_kind: str = ""
    period: str = ""
    shown: Literal["as_given", "rolling_12_months", "year"] = "as_given"
    without_rows: Literal["unknown", "none"] = "unknown"  # small areas that are not in the file
    shared_out_by: Literal["people", "households", "children"] = "people"
    denominator: str = Field("", pattern=r"^([a-z0-9_]+\.[a-z0-9_]+)?$")
    per: Literal[1, 100, 1_000, 10_000, 100_000] = 1
    threshold: int = Field(5, ge=1, le=1000)
    base: int | None = Field(None, ge=2, le=1000)
    shown_for: tuple[str, ...] = ()
    tier: Tier = "joint"
    polarity: Polarity = "neither"
    cross_cutting: tuple[CrossCutting, ...] = ()
    plausible: tuple[float, float] = (0, 1e12)
    caveat: str = Field("", max_length=300)
    licence: Literal["OGL-UK-3.0"] = "OGL-UK-3.0"  # of an open return

    @field_validator("label", "counts", "unit", "organisation", "owner", "purpose", "caveat")
    @classmethod
    def _is_no_formula(cls, text: str) -> str:
        if re.match(r"[=+@\t\r-]", text):
            raise ValueError("it would run as a formula in a spreadsheet: begin it with a letter")
        return text

    @field_validator("owner")
    @classmethod
    def _is_a_post(cls, owner: str) -> str:
        if "@" in owner or re.match(r"(?i)(mr|mrs|ms|miss|dr|cllr|pc|sgt)\b", owner):
            raise ValueError("name the post that answers for it, not a person or an address")
        return owner

    @property
    def is_open(self) -> bool:
        return self.sharing == OPEN

    @property
    def snapshot(self) -> str:
        """The name that it is kept by."""
        return f"{self.id}.zip"

    def expired(self, today: date) -> bool:
        return self.expires < today

    @property
    def who(self) -> str:
        return f"{self.owner}, {self.organisation}"

    @property
    def rows(self) -> Literal["events", "observations", "published"]:
        return ROWS.get(self.by, "observations")  # type: ignore[return-value]

    @property
    def disclosure(self) -> Literal["open", "threshold", "restricted"]:
        return "threshold" if self.threshold > 1 else "restricted" if self.shown_for else "open"

    @property
    def rounds_to(self) -> int:
        """What counts are rounded to; 1 where they are not."""
        return (self.base or max(self.threshold, USUAL_BASE)) if self.threshold > 1 else 1

    def source(self, gap: str = "") -> Source:
        """The return as a source; ``gap`` is why no figure of it is shown."""
        given = f"handed over by {self.organisation} on {self.given_on.isoformat()}"
        return Source(
            id=self.id,
            label=self.label,
            publisher=self.organisation,
            page=f"inbox/{RETURNS}/{self.id}.csv",
            licence=self.licence,
            attribution=f"{self.label}: {given}.",
            inbox=f"a newer return from {self.who}",
            caveat=self.caveat or f"{self.counts}; {given}.",
            rows=self.rows,
            needs=(RETURNS, "postcodes") if self.by == "postcode" else (RETURNS,),
            measures=(
                Measure(
                    id=self.id, label=self.label, counts=self.shared_out_by, columns=(self.id,)
                ),
            ),
            disclosure=self.disclosure,
            threshold=self.threshold,
            base=self.rounds_to,
            shown_for=self.shown_for,
            gap=gap,
        )

    def indicator(self) -> Indicator:
        """The return as an entry of the catalogue, like any other."""
        method = "rate" if self.denominator else "count"
        period = "as_published" if self.shown == "as_given" else self.shown
        return Indicator(
            id=self.id,
            label=self.label,
            source=self.id,
            measure=self.id,
            method="as_published" if self.by == "area" else method,
            unit=self.unit,
            polarity=self.polarity,
            tier=self.tier,
            owner=self.who,
            why=self.purpose,
            denominator=self.denominator,
            per=self.per,
            period=period,
            themes=self.themes,
            cross_cutting=self.cross_cutting,
            caveat=self.caveat,
            plausible=self.plausible,
            area_kinds=(self.area_kind,) if self.by == "area" else ("any",),
        )


@dataclass(frozen=True)
class Kept:
    """A return as it is kept: its newest hand-over."""

    told: Description
    snapshot: Snapshot


def misfits(told: Description) -> Iterator[str]:
    """What does not go together within a description."""
    given = {name for name, column in told.columns if column is not None}
    needed = NEEDS[told.by]
    if not any(set(way) <= given for way in needed):
        ways = " or ".join(" and ".join(way) for way in needed)
        yield f"columns: by = '{told.by}' needs {ways}, each with the file's own column name."
    fitting = {name for way in needed for name in way} | {"period", "count"}
    for name in sorted(given - fitting):
        yield f"columns: '{name}' is not used with by = '{told.by}'. Take it out."
    if {"easting", "longitude"} <= given:
        yield "columns: give easting and northing, or longitude and latitude, not both."
    if bool(told.period) == bool(told.columns.period):
        yield "period: say it once: period for the whole file, or its column under columns."
    if told.period and (ends := _last_month(told.period)) is None:
        yield f"period: '{told.period}' is not 2025, 2025-04 or '2025-04 to 2026-03'."
    elif told.period and ends > told.given_on.isoformat()[:7]:
        yield f"period: it ends in {ends}, after the return was given ({told.given_on})."
    if (told.by == "area") != bool(told.area_kind):
        yield "area_kind: by = 'area' needs the kind of locality, and nothing else takes it."
    if told.by == "area" and told.denominator:
        yield "denominator: what is published for an area is not divided: ask for the rate itself."
    if bool(told.denominator) != (told.per > 1):
        yield "denominator and per go together, like 'population.all_ages' and 1000."
    if told.shown != "as_given" and (told.rows != "events" or not told.columns.period):
        yield f"shown: '{told.shown}' needs points or postcodes with a column of months."
    if told.rounds_to < told.threshold:
        yield (
            f"base: rounding to {told.base} proves a group to be under {told.threshold}."
            f" Give {told.threshold} or more, or leave it out."
        )
    if told.without_rows == "none" and told.rows != "observations":
        yield "without_rows: it is for small areas only."
    if told.expires <= told.given_on:
        yield f"expires: {told.expires} is not after given_on, {told.given_on}."
    if told.plausible[0] > told.plausible[1]:
        yield "plausible: the first number is above the second. Give [lowest, highest]."


def _last_month(period: str) -> str | None:
    """The last month of a period as it may be written, YYYY-MM; None for what is none."""
    found = FIXED.fullmatch(period)
    if found is None or (found[3] and not found[2]):
        return None
    first = f"{found[1]}-{found[2] or '01'}"
    last = f"{found[3]}-{found[4]}" if found[3] else f"{found[1]}-{found[2] or '12'}"
    return last if first <= last else None


def strangers(
    told: Description,
    sources: dict[str, Source],
    indicators: set[str],
    themes: list[str],
    kinds: list[str],
) -> Iterator[str]:
    """What a description names that the catalogue has not, or has already."""
    if told.id in indicators or told.id in sources:
        what = "an indicator" if told.id in indicators else "a source"
        yield f"id: '{told.id}' is {what} of the catalogue already. Give the return another id."
    if told.area_kind and told.area_kind not in kinds:
        yield (
            f"area_kind: '{told.area_kind}' is not a kind of this place."
            f"{nearest(told.area_kind, kinds)} Known: {', '.join(kinds)}."
        )
    yield from source_misfits(told.source(), kinds)
    known = {name: source for name, source in sources.items() if name != told.id}
    yield from indicator_misfits(told.indicator(), known, themes, {told.id})
