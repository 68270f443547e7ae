"""A published figure walked back: cell -> indicator -> small areas -> source -> snapshots."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb

from flows import catalogue, releases
from flows.wording import nearest


class Unknown(Exception):
    """A question about something that is not in the latest release."""


def explain(data: Path, indicator: str, area: str = "", period: str = "") -> dict[str, Any]:
    """The chain of one figure in the latest release; the whole place and the newest period by
    default."""
    releases.heal_if_idle(data)
    release = data / releases.LATEST
    about = releases.manifest(release)
    if not about:
        raise Unknown(f"{data}: there is no release yet. Run evidence refresh first.")
    book = catalogue.read(about["request"]["place"])
    entries = {i.id: i for i in book.indicators}
    if indicator not in entries:
        close = nearest(indicator, list(entries))
        raise Unknown(f"'{indicator}' is not an indicator.{close} evidence list shows them all.")
    entry = entries[indicator]
    source = book.source[entry.source]
    cell = _cell(release, indicator, area, period)
    needed = (entry.source, entry.denominator_source, "place_files", *source.needs, "ons_geography")
    return {
        "cell": cell,
        "indicator": entry.model_dump(),
        "source": source.model_dump(
            include={"id", "label", "publisher", "page", "licence", "caveat"}
        ),
        "small_areas": _ledger(release, cell["area_kind"], cell["area_code"]),
        "snapshots": [
            s
            for name in dict.fromkeys(needed)
            for s in about["snapshots"]
            if s["source"] == name and _in_period(s["name"], cell)
        ],
        "release": about["release"],
        "invented": about["invented"],
    }


def _in_period(name: str, cell: dict[str, Any]) -> bool:
    """Whether a file that is named by its month lies in the cell's period; others always do."""
    month = re.match(r"\d{4}-\d{2}(?=-)", name)
    if month is None or cell["period_start"] is None:
        return True
    first, last = (cell[k].isoformat()[:7] for k in ("period_start", "period_end"))
    return first <= month[0] <= last


def _cell(release: Path, indicator: str, area: str, period: str) -> dict[str, Any]:
    rows = duckdb.execute(
        "select * from read_parquet($table) where indicator_id = $indicator"
        " and (area_code = $area or ($area = '' and area_kind = 'place'))"
        " and ($period = '' or period = $period)"
        " order by period_end desc nulls last limit 1",
        {
            "table": str(release / "evidence.parquet"),
            "indicator": indicator,
            "area": area,
            "period": period,
        },
    )
    names = [d[0] for d in rows.description]
    found = rows.fetchone()
    if found is None:
        where = f" for area '{area}'" if area else ""
        when = f" in period '{period}'" if period else ""
        raise Unknown(f"The latest release has no row of {indicator}{where}{when}.")
    return dict(zip(names, found, strict=True))


def _ledger(release: Path, kind: str, code: str) -> list[dict[str, Any]]:
    rows = duckdb.execute(
        "select small_area_code, small_area_name, rule, weight from read_parquet($table)"
        " where area_kind = $kind and area_code = $code order by small_area_code",
        {"table": str(release / "assignment_ledger.parquet"), "kind": kind, "code": code},
    ).fetchall()
    keys = ("small_area_code", "small_area_name", "rule", "weight")
    return [dict(zip(keys, row, strict=True)) for row in rows]


def _shown(number: Any) -> str:
    """A number with its thousands apart, and no digits that say nothing."""
    text = f"{number:,.4f}"
    return text.rstrip("0").rstrip(".")


def sentences(chain: dict[str, Any], *, quiet: bool) -> Iterator[str]:
    """The chain in words."""
    cell, entry, source = chain["cell"], chain["indicator"], chain["source"]
    if chain["invented"]:
        yield "INVENTED FIGURE about an invented county: no fact about any real place."
    shown = "no figure" if cell["value"] is None else f"{cell['value']:,.4g} {cell['unit']}"
    yield f"{cell['indicator']}, {cell['area_name']}, {cell['period'] or 'no period'}: {shown}"
    if quiet:
        return
    if cell["lower_ci"] is not None:
        yield f"  95% confidence interval: {cell['lower_ci']:,.4g} to {cell['upper_ci']:,.4g}"
    if cell["comparator_value"] is not None:
        compared = cell["compared"] or "not compared"
        yield f"  against {cell['comparator']}: {cell['comparator_value']:,.4g} ({compared})"
    if cell["numerator"] is not None:
        by = "" if cell["denominator"] is None else f" divided by {_shown(cell['denominator'])}"
        yield f"  made by {cell['method']}: {_shown(cell['numerator'])}{by}"
    for label, text in (
        ("note", cell["note"]),
        ("why it matters", entry["why"]),
        ("caveat", entry["caveat"]),
        ("responsible", f"{entry['tier']}; owner: {entry['owner']}"),
    ):
        if text:
            yield f"  {label}: {text}"
    yield f"  source: {source['label']}, {source['publisher']} ({source['licence']})"
    yield f"  page of the source: {source['page']}"
    yield f"  caveat of the source: {source['caveat']}"
    areas = chain["small_areas"]
    rules = ", ".join(sorted({a["rule"] for a in areas})) or "none"
    codes = ", ".join(a["small_area_code"] for a in areas[:6]) + (", ..." if len(areas) > 6 else "")
    yield f"  small areas: {len(areas)} by {rules}: {codes}"
    yield f"  kept replies behind it: {len(chain['snapshots'])}, in release {chain['release']}"
    for snapshot in chain["snapshots"][:12]:
        yield (
            f"    {snapshot['source']}: {snapshot['name']} sha256 {snapshot['sha256'][:12]}"
            f" from {snapshot['url']} on {snapshot['fetched_at'][:10]}"
        )
    if len(chain["snapshots"]) > 12:
        yield f"    and {len(chain['snapshots']) - 12} more: manifest.json lists them all"
