"""One row of the released tidy table, found by what is asked; where there is none, why, and what
there is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

from flows.wording import nearest

Row = dict[str, Any]
LISTED = 6  # codes or periods named in a sentence


class Unknown(Exception):
    """A question about something that is not in the latest release."""


def released(query: str, given: Row) -> list[Row]:
    """The answer of a query on released Parquet, a mapping for each row."""
    answer = duckdb.query(query, params=given)
    return [dict(zip(answer.columns, row, strict=True)) for row in answer.fetchall()]


def cell_of(release: Path, indicator: str, area: str, period: str, kind: str) -> Row:
    """The one row of the tidy table that is asked for; Unknown, with what there is, if none is."""
    rows = released(
        "select * from read_parquet($table) where indicator_id = $indicator"
        " order by period_end desc nulls last, area_kind, area_code",
        {"table": str(release / "evidence.parquet"), "indicator": indicator},
    )
    if not rows:
        raise Unknown(
            f"The latest release has no figure of {indicator}: it was made for other themes, or"
            " before the indicator was added. Run evidence refresh."
        )
    kinds = list(dict.fromkeys(row["area_kind"] for row in rows))
    if kind and kind not in kinds:
        raise Unknown(
            f"There is no kind '{kind}' among the areas of {indicator}.{nearest(kind, kinds)}"
            f" Its kinds are {', '.join(kinds)}."
        )
    wanted = kind or ("" if area else "place")
    of_area = [
        row
        for row in rows
        if (not wanted or row["area_kind"] == wanted) and area in ("", row["area_code"])
    ]
    codes = sorted({(row["area_kind"], row["area_code"]) for row in of_area})
    if not codes:
        raise Unknown(_no_area(release, rows, area, wanted))
    if len(codes) > 1 and area:
        raise Unknown(
            f"{area} is the code of an area of {len(codes)} kinds. Say which one with --kind:"
            f" {', '.join(one for one, _ in codes)}."
        )
    if len(codes) > 1:
        raise Unknown(f"Say which area with --area: {_named(of_area)}.")
    found = next((row for row in of_area if period in ("", row["period"])), None)
    if found is None:
        raise Unknown(_no_period(of_area, period))
    return found


def _named(rows: list[Row]) -> str:
    """Codes with their names, the first few."""
    names = {row["area_code"]: row["area_name"] for row in rows}
    shown = [f"{code} ({name})" for code, name in sorted(names.items())]
    return ", ".join(shown[:LISTED]) + (" and more" if len(shown) > LISTED else "")


def _no_area(release: Path, rows: list[Row], area: str, kind: str) -> str:
    """Why an indicator has no such area: a slip of the pen, a name, or not made for its kind."""
    every = released(
        "select distinct area_kind, area_code, area_name from read_parquet($table)",
        {"table": str(release / "evidence.parquet")},
    )
    indicator = rows[0]["indicator_id"]
    elsewhere = sorted({r["area_kind"] for r in every if r["area_code"] == area})
    made_for = list(dict.fromkeys(row["area_kind"] for row in rows))
    if elsewhere and kind in made_for:
        return f"{area} is no {kind}, but a {' and a '.join(elsewhere)}. Mend --kind."
    if elsewhere:
        return (
            f"{indicator} has no figures for areas of the kind {elsewhere[0]}, which {area} is:"
            f" only for {', '.join(made_for)}."
        )
    among = [row for row in rows if not kind or not area or row["area_kind"] == kind]
    names = {row["area_name"].lower().removesuffix(" (invented)"): row for row in among}
    named = [row for name, row in names.items() if area.lower() in name]
    if named:
        return f"--area wants a code, and '{area}' is in these names: {_named(named)}."
    close = nearest(area.upper(), sorted({row["area_code"] for row in among}))
    told = close or f" There are {_named(among)}."
    return f"There is no area '{area}' among the figures of {indicator}.{told}"


def _no_period(rows: list[Row], period: str) -> str:
    """The periods that there are, the newest first."""
    periods = [row["period"] for row in rows if row["period"]]
    named = f"{rows[0]['indicator_id']} of {rows[0]['area_name']}"
    if not periods:
        return f"{named} has no period at all: {rows[0]['note']}"
    shown = ", ".join(f"'{p}'" for p in periods[:LISTED])
    more = f" and {len(periods) - LISTED} more back to '{periods[-1]}'"
    return (
        f"There is no period '{period}' of {named}.{nearest(period, periods)}"
        f" There {'is' if len(periods) == 1 else 'are'} {shown}"
        f"{more if len(periods) > LISTED else ''}."
    )
