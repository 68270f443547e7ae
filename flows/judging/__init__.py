"""What a figure can bear: its limits, how it stands to others and to its own past.

``judge`` reads ``evidence.cells`` and makes ``evidence.judgements`` (a row for each cell),
``evidence.dispersions``, ``evidence.funnels`` and ``evidence.peer_members``. All mathematics is in
``flows.statistics``; here each figure meets its test.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from flows import statistics
from flows.judging import others, peers
from flows.judging.past import Past
from flows.judging.table import Cells, Floats, chances, limits
from sql import models

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

NEEDS = ("evidence.cells", "core.monthly_events", "core.silent_months", "core.coverage")
READS = ("evidence.comparators", "evidence.peer_values", "evidence.earlier_periods")
ALIKE = ["indicator_id", "area_kind", "edition", "period"]


def judge(con: duckdb.DuckDBPyConnection) -> None:
    """Judge every cell. Builds what it reads, if it is not there yet."""
    models.build(con, NEEDS, already=models.built(con))
    others.dispersions(con)
    peers.find(con)
    models.build(con, READS, already=models.built(con))
    cells = _cells(con)
    lower, upper = limits(cells, 0.95)
    lower_998, upper_998 = limits(cells, 0.998)
    told = cells.rows[["indicator_id", "area_kind", "edition", "area_code", "period"]].copy()
    told["lower_ci"], told["upper_ci"] = lower, upper
    told["lower_998"], told["upper_998"] = lower_998, upper_998
    told["sensitive"] = _sensitive(cells)
    for name, found in _compared(cells, lower, upper).items():
        told[name] = found
    for name, found in others.standing(cells, lower, upper, con).items():
        told[name] = found
    for name, found in _past(cells, lower, upper, con).items():
        told[name] = found
    told["value_smoothed"] = _smoothed(cells)
    _load(con, told)
    others.funnels(con, cells)


def _cells(con: duckdb.DuckDBPyConnection) -> Cells:
    rows = con.sql(
        "select c.*, i.modelled, i.themes, i.source, i.measure, o.parent, o.parent_value,"
        " o.england_value,"
        " case when i.source = 'police_crime' then d.dispersion else 1 end as dispersion"
        " from evidence.cells as c join catalogue.indicators as i using (indicator_id)"
        " left join evidence.comparators as o on o.indicator_id = c.indicator_id"
        " and o.area_kind = c.area_kind and o.edition = c.edition and o.area_code = c.area_code"
        " and o.period is not distinct from c.period"
        " left join evidence.dispersions as d on d.source = i.source and d.measure = i.measure"
        " and d.area_kind = c.area_kind and d.edition = c.edition"
        " order by c.indicator_id, c.area_kind, c.area_code, c.period_start nulls first, c.period"
    ).df()
    return Cells(rows)


def _compared(cells: Cells, lower: Floats, upper: Floats) -> dict[str, NDArray]:
    """How each figure stands to the whole place, its parent and England, in a word; and to the
    whole place once more, of so many comparisons only those that stand."""
    polarity, asked = cells.text("polarity"), cells.comparable
    value = np.where(asked, cells.number("value"), np.nan)

    def against(name: str) -> NDArray:
        return statistics.compare(value, lower, upper, cells.number(name), polarity=polarity)

    compared = against("comparator_value")
    p = chances(cells, cells.number("comparator_value"), lower, upper)
    stands = _stand(cells, p)
    level = np.where(np.isnan(p), "", "similar")
    return {
        "compared": compared,
        "compared_adjusted": np.where(stands & (compared != ""), compared, level),
        "compared_parent": against("parent_value"),
        "compared_england": against("england_value"),
    }


def _stand(cells: Cells, p: Floats) -> NDArray[np.bool_]:
    """Which comparisons stand when one in twenty of those that do may be chance, within each theme
    table that shows them."""
    of = cells.rows.groupby("indicator_id")["themes"].first()
    indicator, stands = cells.text("indicator_id"), ~np.isnan(p)
    for theme in sorted({t for listed in of for t in listed}):
        shown = np.isin(indicator, [name for name, listed in of.items() if theme in listed])
        stands[shown] &= statistics.false_discoveries(p[shown], theme)
    return stands


def _past(
    cells: Cells, lower: Floats, upper: Floats, con: duckdb.DuckDBPyConnection
) -> dict[str, NDArray]:
    past = Past(cells, con.sql("from evidence.earlier_periods").df())
    trend, note = past.trend(lower, upper)
    ratio, period, value = past.change()
    return {
        "trend": trend,
        "trend_note": note,
        "earlier_period": period,
        "earlier_value": value,
        "ratio_to_earlier": ratio.value,
        "ratio_lower": ratio.lower,
        "ratio_upper": ratio.upper,
        "changed": past.changed(ratio, lower, upper),
    }


def _smoothed(cells: Cells) -> Floats:
    """Rates and proportions drawn towards that of all localities of their kind, for ranking."""
    asked = cells.comparable & np.isin(cells.text("method"), ("rate", "proportion"))
    asked &= cells.text("area_kind") != "place"
    found = np.full(len(cells), np.nan)
    if asked.any():
        groups = cells.rows[asked].groupby(ALIKE, sort=False).ngroup().to_numpy()
        n, d = (cells.number(name)[asked] for name in ("numerator", "denominator"))
        found[asked] = statistics.smoothed(n, d, groups, 1) * cells.number("per")[asked]
    return found


def _sensitive(cells: Cells) -> NDArray:
    """Whether a figure's rank among its peers would change by more than a third of them, if its
    area were drawn or counted otherwise; None where there is no range."""
    value, low, high = (cells.number(n) for n in ("value", "assignment_low", "assignment_high"))
    told = np.full(len(cells), None, dtype=object)
    ranged = ~np.isnan(value) & ~np.isnan(low)
    for alike in cells.rows[ranged].groupby(ALIKE, sort=False).indices.values():
        of = np.flatnonzero(ranged)[alike]
        moved = statistics.rank_shift(value[of], low[of], high[of])
        told[of] = moved > len(of) / 3
    return told


TEXTS = ("indicator_id", "area_kind", "edition", "area_code", "period", "compared")
TEXTS += ("compared_adjusted", "compared_parent", "compared_england", "trend", "trend_note")
TEXTS += ("earlier_period", "changed")


def _load(con: duckdb.DuckDBPyConnection, told: pd.DataFrame) -> None:
    """Make ``evidence.judgements``: what is not known is null, whatever pandas calls it."""
    for name in TEXTS:
        if name != "edition":
            told[name] = told[name].where(told[name].notna() & (told[name] != ""), None)
    con.sql("""
        select
            indicator_id::varchar as indicator_id, area_kind::varchar as area_kind,
            edition::varchar as edition, area_code::varchar as area_code, period::varchar as period,
            nullif(lower_ci, 'nan'::double) as lower_ci,
            nullif(upper_ci, 'nan'::double) as upper_ci,
            nullif(lower_998, 'nan'::double) as lower_998,
            nullif(upper_998, 'nan'::double) as upper_998,
            compared::varchar as compared, compared_adjusted::varchar as compared_adjusted,
            compared_parent::varchar as compared_parent,
            compared_england::varchar as compared_england,
            nullif(peer_median, 'nan'::double) as peer_median,
            nullif(peer_rank, 'nan'::double)::integer as peer_rank,
            nullif(peer_rank_low, 'nan'::double)::integer as peer_rank_low,
            nullif(peer_rank_high, 'nan'::double)::integer as peer_rank_high,
            peer_count::integer as peer_count,
            trend::varchar as trend, trend_note::varchar as trend_note,
            earlier_period::varchar as earlier_period,
            nullif(earlier_value, 'nan'::double) as earlier_value,
            nullif(ratio_to_earlier, 'nan'::double) as ratio_to_earlier,
            nullif(ratio_lower, 'nan'::double) as ratio_lower,
            nullif(ratio_upper, 'nan'::double) as ratio_upper,
            changed::varchar as changed,
            nullif(value_smoothed, 'nan'::double) as value_smoothed,
            sensitive::boolean as sensitive
        from told
    """).create("evidence.judgements")
