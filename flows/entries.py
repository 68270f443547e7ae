"""What an entry of the catalogue may say: frozen models, unknown keys forbidden."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import Field

from flows.places import Identifier, Model, Place, Sentence
from flows.wording import nearest

CrossCutting = Literal[
    "vulnerable_people",
    "vulnerable_places",
    "access_to_services",
    "rural",
    "equalities",
    "efficiencies",
    "sport_and_culture",
]
Tier = Literal["county", "district", "police", "NHS", "fire", "joint"]
Polarity = Literal["low", "high", "neither"]
Method = Literal["count", "rate", "proportion", "median", "weighted_mean", "as_published"]
Period = Literal["month", "rolling_12_months", "year", "as_published"]
MONTH = r"^\d{4}-(0[1-9]|1[0-2])$"
Rows = Literal["events", "observations", "published", "lookup"]


class Theme(Model):
    id: Identifier
    label: Sentence
    partnership: Sentence


class Indicator(Model):
    """One entry, one indicator. ``polarity`` names the good end: low, high, or neither."""

    id: Identifier
    label: Sentence
    source: Identifier
    measure: Identifier
    method: Method
    unit: Sentence
    polarity: Polarity
    tier: Tier
    owner: Sentence
    why: Sentence
    denominator: str = Field("", pattern=r"^([a-z0-9_]+\.)?[a-z0-9_]*$")
    per: Literal[1, 100, 1_000, 10_000, 100_000] = 1
    period: Period = "as_published"
    themes: tuple[Identifier, ...] = ()  # beside the one whose file it stands in
    cross_cutting: tuple[CrossCutting, ...] = ()
    caveat: str = ""
    plausible: tuple[float, float]
    area_kinds: tuple[str, ...] = ("any",)

    @property
    def denominator_source(self) -> str:
        return self.denominator.rpartition(".")[0] or self.source

    @property
    def denominator_measure(self) -> str:
        return self.denominator.rpartition(".")[2]


class Measure(Model):
    """What a source lets be counted: patterns for the publisher's column or word, best first."""

    id: Identifier
    label: Sentence
    counts: Literal[
        *("people", "households", "children", "crimes", "sales", "collisions", "admissions"),
        *("score", "attribute"),
    ]
    columns: tuple[str, ...] = Field(min_length=1)
    parts: tuple[int, ...] = ()  # how many columns each pattern must find, where it sums several
    leave_out: str = ""  # a word that `columns` fits but that is not counted
    equals: int | None = None  # 1 where the value is this, 0 elsewhere
    times: Identifier | None = None  # multiplied by this measure of the same row
    weighted: bool = False  # each event counts by its weight, not as one


class Table(Model):
    """One layout of a source's files: our column names, and the publisher's names over the
    years."""

    id: Identifier
    format: Literal["csv", "xlsx", "json", "boundaries", "return"]
    columns: dict[Identifier, tuple[str, ...]] = Field(default_factory=dict)
    optional: dict[Identifier, tuple[str, ...]] = Field(default_factory=dict)
    names: tuple[Identifier, ...] = ()  # of a file without a header
    wide: bool = False  # every other column is a value


class KnownGap(Model):
    """Months that a part of a source (a police force, say) is known not to have published."""

    part: Sentence
    since: str = Field(pattern=MONTH)
    until: str = Field("", pattern=r"^$|" + MONTH)  # empty: to this day
    reason: Sentence


class Source(Model):
    id: Identifier
    label: Sentence
    publisher: Sentence
    page: Sentence
    licence: Sentence
    attribution: Sentence
    inbox: Sentence
    caveat: Sentence
    rows: Rows
    required: bool = False
    off: bool = False  # asked for only where the place says so: switched_on
    late_after: int = 0  # days after the end of its newest period; 0: it has no next one
    threshold: int = 1  # counts from 1 to one below it are withheld
    gap: str = ""  # why no figure of it is shown, where that is known beforehand
    needs: tuple[Identifier, ...] = ()
    known_gaps: tuple[KnownGap, ...] = ()
    tables: tuple[Table, ...] = ()
    measures: tuple[Measure, ...] = ()


class Book(Model):
    """Everything a refresh is asked to do: a place, its themes, and what they need."""

    themes: tuple[Theme, ...]
    indicators: tuple[Indicator, ...]
    sources: tuple[Source, ...]
    returns: tuple[Source, ...] = ()  # of partners, a source each; their files are partner_return's
    place: Place
    place_folder: Path
    areas_folder: Path | None = None  # of the file that --areas names
    added: frozenset[str] = frozenset()  # the kinds that it adds
    version: str  # a hash of all that was read

    @cached_property
    def source(self) -> dict[str, Source]:
        return {source.id: source for source in (*self.sources, *self.returns)}

    def needed_sources(self) -> list[Source]:
        """The sources of the chosen indicators and what those rest on, in the catalogue's order;
        what partners handed over is in ``partner_return``."""
        wanted = {s.id for s in self.sources if s.required}
        for indicator in self.indicators:
            wanted |= {indicator.source, indicator.denominator_source}
        wanted |= self.place.needed_sources()
        for source in (*self.returns, *self.sources):
            if source.id in wanted:
                wanted |= set(source.needs)
        return [s for s in self.sources if s.id in wanted and s.id not in self.switched_off()]

    def switched_off(self) -> set[str]:
        """The sources that are asked for only where a place says so, and this one does not."""
        return {s.id for s in self.sources if s.off and s.id not in self.place.switched_on}


def indicator_misfits(
    indicator: Indicator, sources: dict[str, Source], themes: list[str], unread: set[str]
) -> Iterator[str]:
    """What an indicator asks for that its source, its method or the themes do not have."""
    for theme in indicator.themes:
        if theme not in themes and theme not in unread:
            yield f"themes: '{theme}' is not a theme.{nearest(theme, themes)}"
    wanted = [("source", indicator.source, "measure", indicator.measure)]
    if indicator.denominator:
        source, measure = indicator.denominator_source, indicator.denominator_measure
        wanted.append(("denominator", source, "denominator", measure))
    for key, source, measure_key, measure in wanted:
        if source in unread:
            continue
        if source not in sources:
            yield f"{key}: '{source}' is not a source.{nearest(source, list(sources))}"
            continue
        known = [m.id for m in sources[source].measures]
        if measure not in known:
            yield (
                f"{measure_key}: '{measure}' is not a measure of {source}.{nearest(measure, known)}"
                f" They are listed in flows/sources/{source}.toml."
            )
            continue
        counts = next(m.counts for m in sources[source].measures if m.id == measure)
        fits = ("score",) if indicator.method in ("weighted_mean", "as_published") else ()
        if counts in ("score", "attribute") and (key == "denominator" or counts not in fits):
            yield f"{measure_key}: '{measure}' is a {counts}: it cannot be counted or divided by."
        elif key == "denominator" and sources[source].rows == "published":
            yield f"denominator: {source} is published for areas: it cannot be divided by."
    needs_denominator = indicator.method in ("rate", "proportion", "weighted_mean")
    if needs_denominator != bool(indicator.denominator):
        verb = "needs a" if needs_denominator else "takes no"
        yield f"method '{indicator.method}' {verb} denominator."
    if indicator.method == "rate" and indicator.per == 1:
        yield "method 'rate' needs per, for example per = 1000."
    if indicator.plausible[0] > indicator.plausible[1]:
        yield "plausible: the first number is above the second. Give [lowest, highest]."
    if indicator.source in sources:
        yield from _wrong_rows(indicator, sources[indicator.source].rows)


def _wrong_rows(indicator: Indicator, rows: str) -> Iterator[str]:
    """A method or period that the source's kind of rows cannot give."""
    if (indicator.method == "as_published") != (rows == "published"):
        yield f"method '{indicator.method}' does not fit a source whose rows are {rows}."
    if (indicator.period == "as_published") == (rows == "events"):
        fits = "month, rolling_12_months or year" if rows == "events" else "as_published"
        yield f"period '{indicator.period}' does not fit a source of {rows}: use {fits}."
    if indicator.method == "median" and rows != "events":
        yield "method 'median' needs single events: medians of areas are never combined."
    if indicator.method == "weighted_mean" and rows != "observations":
        yield "method 'weighted_mean' needs values of small areas."
