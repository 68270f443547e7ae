"""What does not go together in the catalogue and the place, a sentence each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from flows.entries import Break, Indicator, Source
from flows.places import Place
from flows.wording import nearest


def place_misfits(
    place: Place, sources: list[Source], indicators: list[Indicator], kinds: Iterable[str]
) -> Iterator[str]:
    """What the catalogue and a place ask of each other in vain; ``kinds`` are those that any place
    may have."""
    yield from _unknown_kinds(indicators, place, kinds)
    yield from _unreconciled(place)
    yield from _unknown_sources(place, [s.id for s in sources])
    for source in sources:
        for fault in source_misfits(source, {*kinds, *(k.id for k in place.area_kinds)}):
            yield f"flows/sources/{source.id}.toml: {fault}"


def source_misfits(source: Source, kinds: Iterable[str]) -> Iterator[str]:
    """What does not go together in a source's rule of disclosure."""
    protects = source.disclosure == "threshold"
    if protects != (source.threshold > 1) or protects != (source.base > 1):
        yield (
            'disclosure = "threshold" goes together with a threshold and a base, such as 5 and 5;'
            " no other rule takes them."
        )
    if protects and source.base < source.threshold:
        yield (
            f"base: rounding to {source.base} proves a group to be under {source.threshold}."
            f" Give {source.threshold} or more."
        )
    if source.disclosure == "restricted" and not source.shown_for:
        yield 'disclosure = "restricted" needs shown_for: the kinds of locality it is kept to.'
    if source.disclosure == "open" and source.shown_for:
        yield 'shown_for: disclosure = "open" keeps nothing back. Say "restricted" or "threshold".'
    if protects and source.rows == "lookup":
        yield "disclosure: a lookup counts nobody."
    known = sorted(kinds)
    for kind in source.shown_for:
        if kind not in known:
            yield f"shown_for: '{kind}' is no kind of locality.{nearest(kind, known)}"


def break_misfits(entry: Break, sources: dict[str, Source]) -> Iterator[str]:
    """What a break names that the catalogue has not."""
    if (entry.on is None) != entry.between_all_periods:
        yield "give the day it happened (on), or between_all_periods = true: one of the two."
    if entry.source not in sources:
        yield f"source: '{entry.source}' is not a source.{nearest(entry.source, list(sources))}"
        return
    known = [m.id for m in sources[entry.source].measures]
    for measure in entry.measures:
        if measure not in known:
            yield f"measures: '{measure}' is not one of {entry.source}.{nearest(measure, known)}"


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
        elif key == "denominator" and sources[source].disclosure == "threshold":
            yield f"denominator: {source} is rounded against disclosure: divide by an open source."
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


def _unknown_kinds(
    indicators: list[Indicator], place: Place, kinds: Iterable[str]
) -> Iterator[str]:
    """Kinds of locality that an indicator names and that neither the place nor any other has."""
    known = sorted({"any", *kinds, *(k.id for k in place.area_kinds)})
    for indicator in indicators:
        for kind in indicator.area_kinds:
            if kind not in known:
                yield (
                    f"indicator '{indicator.id}': area_kinds: '{kind}' is not known."
                    f"{nearest(kind, known)} Known: {', '.join(known)}."
                )


def _unreconciled(place: Place) -> Iterator[str]:
    """Kinds that are to be reconciled with the police API and that the place does not have."""
    known = [k.id for k in place.area_kinds]
    for kind in place.police_api:
        if kind not in known:
            yield f"place.toml: police_api: '{kind}' is no kind here.{nearest(kind, known)}"


def _unknown_sources(place: Place, known: list[str]) -> Iterator[str]:
    """Sources that a place wants switched on or fresh, and that there are not."""
    for key in ("switched_on", "must_be_fresh"):
        for source in getattr(place, key):
            if source not in known:
                yield f"place.toml: {key}: '{source}' is not a source.{nearest(source, known)}"
