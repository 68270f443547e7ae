"""What moved since the release before, in words; each number with the address of its change."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from flows.figures import number, plain, spoken, valued
from flows.publish.released import Released

Row = dict[str, Any]


def moved(row: Row, column: str) -> Markup:
    """A number or a period of a change; the marker where there is no number."""
    value = row[column]
    if column == "period":
        return _span(row, column, spoken(value))
    if value is None:
        marker = row[column.replace("value", "marker")]
        return Markup('<span class="no">{}</span>').format(marker or "–")
    return _span(row, column, ("£" if (row["unit"] or "").startswith("£") else "") + number(value))


def _span(row: Row, column: str, told: str) -> Markup:
    key = (row["indicator_id"], row["area_kind"], row["area_code"], row["period"] or "", column)
    return Markup('<span data-change="{}">{}</span>').format("|".join(key), told)


def line(row: Row) -> Markup:
    """A change as a sentence; of an indicator that has a page."""
    before, after = row["value_before"], row["value_after"]
    figures = Markup("")
    if before is not None and after is not None:
        figures = Markup(": {}, before {}").format(
            _span(row, "value_after", valued(after, row["unit"] or "")), moved(row, "value_before")
        )
    elif after is not None:
        figures = Markup(": {}").format(_span(row, "value_after", valued(after, row["unit"] or "")))
    return Markup('<a href="indicator-{}.html">{}</a>, {}, {}: {}{} ({}).').format(
        row["indicator_id"],
        row["indicator"],
        plain(row["area_name"]),
        moved(row, "period"),
        row["change"],
        figures,
        row["why"],
    )


def no_changes(released: Released) -> str:
    if not released.before:
        return "There is no earlier release that it could be compared with."
    return "No figure of this theme moved since the release before."
