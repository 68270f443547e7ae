"""What an entry of the catalogue may say: frozen models, unknown keys forbidden."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import Field

from flows.places import Identifier, Model, Place, Sentence

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
    # open: published as it is; threshold: rounded; restricted: for some kinds of area only
    disclosure: Literal["open", "threshold", "restricted"]
    threshold: int = 1  # groups from 1 to one below it are nobody's to find
    base: int = 1  # what counts are rounded to
    shown_for: tuple[str, ...] = ()  # the kinds of locality it is kept to; none means all
    modelled: bool = False  # estimates: no interval by counting, and no comparison
    gap: str = ""  # why no figure of it is shown, where that is known beforehand
    needs: tuple[Identifier, ...] = ()
    known_gaps: tuple[KnownGap, ...] = ()
    tables: tuple[Table, ...] = ()
    measures: tuple[Measure, ...] = ()


class Break(Model):
    """What makes figures before and after it unlike: no trend or change is read across it.

    Of all measures of a source, or those named; everywhere, or where a police force or an
    authority (by its code) is the place's. Between two days, or between any two periods.
    """

    source: Identifier
    measures: tuple[Identifier, ...] = ()
    areas: tuple[Sentence, ...] = ()
    on: date | None = None  # the first day of what is new
    between_all_periods: bool = False
    reason: Sentence
    reference: Sentence

    def concerns(self, place: Place) -> bool:
        """Whether it is everywhere, or in a police force or authority of the place."""
        ours = {place.code, *place.home_forces, *(a.code for a in place.authorities)}
        return not self.areas or bool(ours & set(self.areas))


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
    breaks: tuple[Break, ...] = ()  # those that concern the place
    version: str  # a hash of all that was read

    @cached_property
    def source(self) -> dict[str, Source]:
        return {source.id: source for source in (*self.sources, *self.returns)}

    @cached_property
    def bare_counts(self) -> dict[str, str]:
        """The indicators that count crimes, and the rate of the same crimes, empty if there is
        none: such a number is never shown without its rate, what that is set against, and when."""
        rates = {
            (i.source, i.measure): i.id for i in reversed(self.indicators) if i.method == "rate"
        }
        crimes = {
            (s, m.id) for s in self.source for m in self.source[s].measures if m.counts == "crimes"
        }
        return {
            i.id: rates.get((i.source, i.measure), "")
            for i in self.indicators
            if i.method == "count" and (i.source, i.measure) in crimes
        }

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
