"""Bare counts of crimes, which nobody is to read without a rate, its period and the whole place's
rate: the partnership wishes to inform, not to frighten."""

from __future__ import annotations

import pandas as pd

from flows.publish.released import Released

LOCALITY = ["area_kind", "area_code", "edition"]


def beside_rates(released: Released) -> pd.DataFrame:
    """The cells of the bare counts, in the catalogue's order, with the columns ``rate``,
    ``rate_marker``, ``rate_unit``, ``rate_period``, ``rate_of_place`` and ``rate_compared``: of
    the first period in hand that ends with the month or after it, else of the last one before.

    A count for which there is no rate, or none of the whole place, is left out.
    """
    cells, place = released.cells, released.book.place.code
    counted = [
        _joined(cells, count, rate, place) for count, rate in released.book.bare_counts.items()
    ]
    if not counted:
        return _joined(cells, "", "", place)
    return pd.concat(counted, ignore_index=True)


def _joined(cells: pd.DataFrame, count: str, rate: str, place: str) -> pd.DataFrame:
    cells = cells.assign(edition=cells["edition"].fillna(""))
    counts = cells[cells["indicator_id"] == count].reset_index(drop=True)
    rates = cells[(cells["indicator_id"] == rate) & cells["period_end"].notna()]
    rates = pd.DataFrame(
        {
            **{name: rates[name] for name in (*LOCALITY, "period_end")},
            "rate": rates["value"],
            "rate_marker": rates["marker"].astype(object).where(rates["marker"].notna(), "[x]"),
            "rate_unit": rates["unit"],
            "rate_period": rates["period"],
            "rate_of_place": rates["comparator_value"].where(
                rates["area_code"] != place,
                rates["value"],  # it is its own comparator
            ),
            "rate_compared": rates["compared"],
        }
    ).sort_values("period_end", kind="stable")
    rates = rates[rates["rate"].notna() & rates["rate_of_place"].notna()]
    told = ["rate", "rate_marker", "rate_unit", "rate_period", "rate_of_place", "rate_compared"]
    for name in told:
        counts[name] = pd.Series(index=counts.index, dtype=rates[name].dtype)
    dated = counts[counts["period_end"].notna()].sort_values("period_end", kind="stable")
    for direction in ("backward", "forward"):  # the second overwrites the first where it finds any
        found = pd.merge_asof(
            dated[[*LOCALITY, "period_end"]],
            rates,
            on="period_end",
            by=LOCALITY,
            direction=direction,
        ).set_axis(dated.index)
        there = found.index[found["rate"].notna()]
        counts.loc[there, told] = found.loc[there, told]
    counts["edition"] = counts["edition"].replace("", None)
    counts["rate_marker"] = counts["rate_marker"].fillna("[x]")
    return counts[counts["rate"].notna() | counts["value"].isna()]
