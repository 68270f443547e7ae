"""How a figure stands to others and to its own past, in sentences."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flows.figures import number, plain

Row = dict[str, Any]


def standing(chain: Row) -> Iterable[str]:
    """Against the locality around it, England, similar places and its past; and what forbids it."""
    cell = chain["cell"]
    pound = "£" if cell["unit"] == "£" else ""

    def shown(value: Any) -> str:
        return f"{pound}{number(value)}"

    if cell["compared"] and cell["compared"] != "similar":
        yield _among_many(cell)
    if cell["parent_value"] is not None:
        told = _word(cell["compared_parent"])
        yield f"{plain(cell['parent'])}, which it lies in: {shown(cell['parent_value'])}.{told}"
    if cell["comparator_england"] is not None:
        told = _word(cell["compared_england"])
        yield f"England: {shown(cell['comparator_england'])}.{told}"
    if cell["peer_median"] is not None:
        yield (
            f"The middle of {cell['peer_count']} similar places: {shown(cell['peer_median'])}."
            f"{_rank(cell)}"
        )
    if cell["earlier_value"] is not None:
        yield f"{cell['earlier_period']}: {shown(cell['earlier_value'])}.{_changed(cell)}"
    if cell["trend"] and not (cell["trend_note"] or "").startswith("it takes five years"):
        why = f" ({cell['trend_note']})" if cell["trend_note"] else ""
        yield f"Trend of five years: {cell['trend']}{why}."
    if chain["breaks"]:
        days = [one["on_date"] or "any two periods" for one in chain["breaks"]]
        yield f"Nothing is compared across {', '.join(dict.fromkeys(days))}: see breaks.csv."


def _among_many(cell: Row) -> str:
    if cell["compared_adjusted"] == cell["compared"]:
        return "Its difference from the whole place stands among all comparisons of its theme."
    return "Among all comparisons of its theme its difference from the whole place may be chance."


def _word(word: str | None) -> str:
    if not word:
        return ""
    told = f" The figure here is {word}"
    return f"{told}: the difference may be chance." if word == "similar" else f"{told}."


def _rank(cell: Row) -> str:
    if cell["peer_rank_low"] is None:
        return ""
    low, high, of = cell["peer_rank_low"], cell["peer_rank_high"], cell["peer_count"] + 1
    if low == high:
        return f" Rank from the lowest: {low} of {of}."
    return f" Rank from the lowest: {low} to {high} of {of}."


def _changed(cell: Row) -> str:
    ratio = cell["ratio_to_earlier"]
    if ratio is None:
        return _word(cell["changed"]).replace("here", "now")
    limits = f"{number(cell['ratio_lower'])} to {number(cell['ratio_upper'])}"
    told = f" Now it is {number(ratio)} times that (95% interval {limits})"
    return f"{told}: chance may explain it." if cell["changed"] == "similar" else f"{told}."
