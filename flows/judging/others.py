"""Each figure among others: how much more than chance they vary, similar places, funnels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from flows import statistics
from flows.judging.peers import PEERS
from flows.judging.table import Cells, Floats, limits

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

CELL = ["indicator_id", "area_kind", "edition", "area_code", "period"]
FUNNEL = ["indicator_id", "area_kind", "edition", "period"]


def dispersions(con: duckdb.DuckDBPyConnection) -> None:
    """Make ``evidence.dispersions``: for each type of recorded crime and kind of locality, how many
    times the variance of chance its months have; null where no kind tells."""
    import pandas as pd

    monthly = con.sql("""
        select a.source, a.measure, k.area_kind, k.edition, k.area_code, c.month,
            case when s.month is null then coalesce(m.bricks, 0)::double end as events
        from (
            select distinct source, measure from catalogue.indicators
            where source = 'police_crime' and source_rows = 'events'
        ) as a
        join core.coverage as c on c.source = a.source
        cross join geo.areas as k
        left join core.monthly_events as m
            on m.source = a.source and m.measure = a.measure and m.month = c.month
            and m.area_kind = k.area_kind and m.edition = k.edition and m.area_code = k.area_code
        left join core.silent_months as s
            on s.source = a.source and s.month = c.month and s.area_kind = k.area_kind
            and s.edition = k.edition and s.area_code = k.area_code
        order by all
    """).df()
    rows = []
    for key, of in monthly.groupby(["source", "measure", "area_kind", "edition"], sort=True):
        counts = of.pivot(index="area_code", columns="month", values="events").to_numpy(float)
        rows.append((*key, *counts.shape, float(statistics.monthly_dispersion(counts))))
    names = ["source", "measure", "area_kind", "edition", "areas", "months", "dispersion"]
    found = pd.DataFrame(rows, columns=names)  # noqa: F841 read by name
    con.sql("""
        select
            source::varchar as source, measure::varchar as measure,
            area_kind::varchar as area_kind, edition::varchar as edition,
            areas::integer as areas, months::integer as months,
            nullif(dispersion::double, 'nan'::double) as own_dispersion,
            -- too few localities to tell: the widest of the other kinds, for it grows with size
            coalesce(
                own_dispersion, max(own_dispersion) over (partition by source, measure)
            ) as dispersion
        from found
    """).create("evidence.dispersions")


def standing(
    cells: Cells, lower: Floats, upper: Floats, con: duckdb.DuckDBPyConnection
) -> dict[str, NDArray]:
    """The median of similar places, and where each figure ranks among them (1 is the lowest), with
    the ranks that the intervals leave open."""
    of = con.sql("""
        select p.*, i.method, i.per, i.modelled
        from evidence.peer_values as p join catalogue.indicators as i using (indicator_id)
    """).df()
    value, low, high = (np.full((len(cells), PEERS + 1), np.nan) for _ in range(3))
    own = cells.comparable
    value[:, 0] = np.where(own, cells.number("value"), np.nan)
    low[:, 0], high[:, 0] = np.where(own, lower, np.nan), np.where(own, upper, np.nan)
    if len(of):
        at = _places(cells).get_indexer(_places(Cells(of)))
        there, number = at >= 0, of["peer"].to_numpy(int)
        lowest, highest = limits(Cells(of), 0.95)
        for to, found in ((value, of["value"].to_numpy(float)), (low, lowest), (high, highest)):
            to[at[there], number[there]] = found[there]
    count = np.count_nonzero(~np.isnan(value[:, 1:]), axis=1)
    ranked = (count > 0) & own
    rank = statistics.rank_interval(value, low, high)
    median = np.full(len(cells), np.nan)
    median[ranked] = np.nanmedian(value[ranked, 1:], axis=1)
    return {
        "peer_median": median,
        "peer_rank": np.where(ranked, rank.rank[:, 0], np.nan),
        "peer_rank_low": np.where(ranked, rank.lowest[:, 0], np.nan),
        "peer_rank_high": np.where(ranked, rank.highest[:, 0], np.nan),
        "peer_count": np.where(ranked, count, None),
    }


def _places(cells: Cells) -> pd.MultiIndex:
    import pandas as pd

    return pd.MultiIndex.from_frame(cells.rows[CELL].fillna(""))


def funnels(con: duckdb.DuckDBPyConnection, cells: Cells) -> None:
    """Make ``evidence.funnels``: control limits for the newest figure of every locality, as chance
    alone would draw them, and as much wider as localities of the kind differ beyond chance."""
    asked = cells.comparable & np.isin(cells.text("method"), ("rate", "proportion"))
    asked &= ~np.isnan(cells.number("comparator_value")) & (cells.number("denominator") > 0)
    whole = cells.number("numerator") <= cells.number("denominator")
    whole &= cells.number("comparator_value") <= 100
    asked &= (cells.text("method") == "rate") | whole
    asked &= ~cells.rows["period_end"].isna().to_numpy()
    rows = cells.rows[asked]
    newest = rows.groupby("indicator_id")["period_end"].transform("max")
    rows = rows[rows["period_end"] == newest].reset_index(drop=True)
    drawn = rows[[*CELL, "value", "comparator_value"]].copy()
    for name in DRAWN:
        drawn[name] = np.nan
    for _, of in rows.groupby(["method", "per"], sort=True):
        drawn.loc[of.index, DRAWN] = _drawn(Cells(of.reset_index(drop=True)))
    drawn[CELL] = drawn[CELL].astype("string")
    figures = [c for c in drawn.columns if c not in CELL]
    # a column of which nothing is known is one of numbers all the same
    drawn[figures] = drawn[figures].astype(float).round(6).astype("Float64")
    con.sql("from drawn").create("evidence.funnels")


LIMITS = ("lower", "upper", "lower_998", "upper_998")
DRAWN = [*LIMITS, *(f"adjusted_{name}" for name in LIMITS), "phi", "tau2"]


def _drawn(of: Cells) -> NDArray[np.float64]:
    """The columns DRAWN of cells of one method and unit; overdispersion is that of each funnel."""
    kind, per = of.text("method")[0], of.number("per")[0]
    known, n = of.number("comparator_value"), of.number("denominator")
    scores = statistics.funnel_scores(of.number("numerator"), n, known, kind, per)
    by = of.rows.groupby(FUNNEL, sort=True)
    group, place = by.ngroup().to_numpy(), by.cumcount().to_numpy()
    z, error = (np.full((by.ngroups, place.max() + 1), np.nan) for _ in range(2))
    z[group, place] = scores.z
    error[group, place] = scores.standard_error
    spread = statistics.overdispersion(z, error)
    own = statistics.Dispersion(*(np.atleast_1d(values)[group] for values in spread))
    limits = (*statistics.funnel(known, n, kind, per), *statistics.funnel(known, n, kind, per, own))
    return np.column_stack([*limits, own.phi, own.tau2])
