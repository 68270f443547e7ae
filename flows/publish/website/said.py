"""Figures in words and marks. Each number that a reader sees carries the address of its cell:
``data-cell="indicator|kind|code|period|column"``."""

from __future__ import annotations

from markupsafe import Markup, escape

from flows.figures import number, plain, spoken, valued
from flows.publish.website.facts import Cell, Facts

SHAPES = {1: "▲", 0: "▬", -1: "▽"}
NOT_SHOWN = "not shown"


def address(cell: Cell, column: str = "value") -> str:
    """Where a number stands in the tidy table."""
    parts = (cell["indicator_id"], cell["area_kind"], cell["area_code"], cell["period"] or "")
    return "|".join((*parts, column))


def fig(cell: Cell, column: str = "value") -> Markup:
    """A number of a cell, without its unit; the marker where there is none."""
    value = cell[column]
    if value is None:
        told = cell["marker"] or "[x]" if column == "value" else "–"
        return Markup('<span class="no">{}</span>').format(told)
    pound = "£" if cell["unit"] == "£" and column not in COUNTED else ""
    return _span(cell, column, f"{pound}{number(value)}") + _mark(cell, column)


def with_unit(cell: Cell, column: str = "value") -> Markup:
    """A number of a cell with its unit, as one says it."""
    if cell[column] is None:
        return fig(cell, column)
    return _span(cell, column, valued(cell[column], cell["unit"])) + _mark(cell, column)


def _mark(cell: Cell, column: str) -> Markup:
    """The marker of a figure that is an estimate."""
    if column != "value" or not cell["marker"]:
        return Markup("")
    return Markup(' <span class="no">{}</span>').format(cell["marker"])


def when(cell: Cell, column: str = "period") -> Markup:
    """A period of a cell."""
    if not cell[column]:
        return Markup("–")
    return _span(cell, column, spoken(cell[column]))


def _span(cell: Cell, column: str, text: str) -> Markup:
    # the inmost piece of every page: put together by hand, which is five times as fast
    return Markup(f'<span data-cell="{escape(address(cell, column))}">{escape(text)}</span>')


def standing(cell: Cell, against: str = "comparator_value", word: str = "compared") -> Markup:
    """A shape for the direction and the word for it; lighter where it may be chance after all."""
    told, other, value = cell[word], cell[against], cell["value"]
    if value is None:
        return Markup("–")
    if not told or other is None:
        return Markup('<span class="no">not compared</span>')
    shape = SHAPES[0 if told == "similar" else (value > other) - (value < other)]
    mark = Markup('<span class="mark" aria-hidden="true">{}</span> {}').format(shape, told)
    if word == "compared" and told != "similar" and cell["compared_adjusted"] != told:
        return mark + Markup(" <small>may be chance among so many</small>")
    return mark


def sentence(cell: Cell, facts: Facts, *, who: Markup | str = "") -> Markup:
    """A finding in words, from one cell: what, how much, when, against what."""
    label = facts.indicators[cell["indicator_id"]].label
    higher = cell["value"] > cell["comparator_value"]
    word = cell["compared_adjusted"]
    judged = f"{'higher' if higher else 'lower'}" + (
        f", which is {word}," if word in ("better", "worse") else ""
    )
    return Markup("{}{}: {} in {}, {} than {} as a whole ({}).").format(
        Markup("{}: ").format(who) if who else "",
        link_indicator(cell, label),
        with_unit(cell),
        when(cell),
        judged,
        plain(cell["comparator"]),
        fig(cell, "comparator_value"),
    )


def link_indicator(cell: Cell, label: str) -> Markup:
    return Markup('<a href="indicator-{}.html">{}</a>').format(cell["indicator_id"], label)


def change(cell: Cell) -> Markup:
    """How a figure moved since the period before; empty where nothing is told."""
    if cell["earlier_value"] is None or not cell["changed"]:
        return Markup("")
    word = {"similar": "no clear change"}.get(cell["changed"], cell["changed"])
    return Markup("{} since {} ({})").format(
        word, when(cell, "earlier_period"), fig(cell, "earlier_value")
    )


def notes(cell: Cell) -> list[str]:
    """A cell's note in its parts; why there is no figure comes first."""
    told = (cell["note"] or "").removeprefix("no figure: ")
    return [part for part in told.split("; ") if part]


COUNTED = ("numerator", "denominator", "peer_rank", "peer_count")
