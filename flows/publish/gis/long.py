"""The tables beside the layers: every figure of every period, and what each indicator is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from flows.publish.classes import Classes
from flows.publish.datapackage import columns
from flows.publish.gis.fields import Field, Table, array, column
from flows.publish.released import Released

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

FIGURES = {
    "indicator_id": "Indicator",
    "area_kind": "Kind of locality",
    "area_code": "Code",
    "area_name": "Name",
    "edition": "Edition of its boundaries",
    "period": "Period",
    "period_start": "First day of the period",
    "period_end": "Last day of the period",
    "value": "Value",
    "marker": "Marker",
    "lower_ci": "Lower 95% limit",
    "upper_ci": "Upper 95% limit",
    "comparator_value": "Whole place",
    "compared": "Compared with the whole place",
    "compared_adjusted": "Compared, adjusted for many comparisons",
    "trend": "Trend over five years",
    "note": "Note",
}
INDICATORS = {
    "indicator_id": ("Indicator", "Identifier of the indicator, as in the table figures."),
    "area_kind": ("Kind of locality", "The layer that the rest of the row is about."),
    "field_name": ("Column", "The indicator's column in that layer."),
    "label": ("Label", "What the figure is, in words."),
    "unit": ("Unit", "Unit of the figure and of the limits."),
    "period": ("Period", "Period that the layer shows; blank where there is no figure."),
    "polarity": ("Good end", "Which end of the figures is good: low, high or neither."),
    "owner": ("Owner", "Who answers for it."),
    "source": ("Source", "Source of the figure."),
    "caveat": ("Caveat", "What one must know before using it."),
    "classes": ("Classes", "How many classes the map has."),
    "lowest": ("Lowest figure", "Lowest figure in the layer."),
    "limit_1": ("Limit 1", "First figure of class 2; the limits make the same map in ArcGIS."),
    "limit_2": ("Limit 2", "First figure of class 3."),
    "limit_3": ("Limit 3", "First figure of class 4."),
    "limit_4": ("Limit 4", "First figure of class 5."),
    "highest": ("Highest figure", "Highest figure in the layer."),
    "legend": ("Legend", "The classes in words, palest first."),
    "colours": ("Colours", "The colours of the classes, palest first."),
}
NUMBERS = {"lowest", "highest", "limit_1", "limit_2", "limit_3", "limit_4"}
LIMITS = 4


def figures(released: Released, name: str) -> Table:
    """Every cell of the release: all indicators, localities and periods."""
    kinds = {c["name"]: (c["description"], c["type"]) for c in columns()}
    fields = tuple(Field(n, alias, kinds[n][0], _kind(kinds[n][1])) for n, alias in FIGURES.items())
    about = "Every figure, a row per indicator, locality and period. Join it by area_code."
    return Table(name, "All figures", about, fields, _arrays(released.cells, fields))


def _arrays(rows: pd.DataFrame, fields: Iterable[Field]) -> dict[str, np.ndarray]:
    return {field.name: array(rows[field.name], field.kind) for field in fields}


def _kind(kind: str) -> str:
    return {"number": "number", "date": "date"}.get(kind, "text")


def indicators(
    released: Released,
    name: str,
    told: dict[tuple[str, str], str],
    made: dict[tuple[str, str], Classes],
) -> Table:
    """What each indicator is, and the classes of its map, a row per indicator and kind."""
    import pandas as pd

    rows = []
    for indicator in released.indicators.values():
        source = released.book.source.get(indicator.source)
        for kind in released.layers:
            found = made[indicator.id, kind]
            limits = [float(limit) for limit in found.limits]
            rows.append(
                {
                    "indicator_id": indicator.id,
                    "area_kind": kind,
                    "field_name": column(indicator.id),
                    "label": indicator.label,
                    "unit": indicator.unit,
                    "period": told.get((indicator.id, kind)),
                    "polarity": indicator.polarity,
                    "owner": indicator.owner,
                    "source": f"{source.label}, {source.publisher}" if source else indicator.source,
                    "caveat": " ".join(filter(None, (indicator.caveat, source and source.caveat))),
                    "classes": found.count,
                    "lowest": found.lowest,
                    "highest": found.highest,
                    "legend": "; ".join(found.words(indicator.unit)),
                    "colours": " ".join(found.colours),
                }
                | {f"limit_{n + 1}": limits[n] if n < len(limits) else None for n in range(LIMITS)}
            )
    frame = pd.DataFrame(rows, columns=list(INDICATORS))
    frame = frame.astype({n: float for n in NUMBERS})
    fields = tuple(Field(n, a, d, _of(n)) for n, (a, d) in INDICATORS.items())
    about = "What each indicator is, and the class limits of its map in each layer."
    return Table(name, "Indicators", about, fields, _arrays(frame, fields))


def _of(name: str) -> str:
    return "number" if name in NUMBERS else "integer" if name == "classes" else "text"


def small_areas(released: Released, name: str, editions: dict[str, str | None]) -> Table:
    """The small areas, and in which locality of each kind the most of each is counted."""
    import pandas as pd

    layer = released.small_areas.sort_values("area_code", ignore_index=True)
    names = _names(released.ledger)
    rows = {
        "small_area_code": layer["area_code"],
        "small_area_name": layer["area_code"].map(names).fillna(layer["area_name"]),
    }
    fields = [
        Field("small_area_code", "Code of the small area", "Code of the small area (LSOA)."),
        Field("small_area_name", "Name of the small area", "Its name."),
    ]
    for kind, label in released.kinds.items():
        most = _most(released.ledger, kind, editions.get(kind))
        for part in ("code", "weight"):
            rows[f"{kind}_{part}"] = layer["area_code"].map(most[part])
        fields += [
            Field(f"{kind}_code", f"{label}: code", "Code of the locality that most of it is in."),
            Field(
                f"{kind}_weight",
                f"{label}: share",
                "Share of its people that is counted there, from 0 to 1.",
                "number",
            ),
        ]
    about = "The small areas (LSOAs), and the locality of each kind that most of each is in."
    columns = _arrays(pd.DataFrame(rows), fields)
    return Table(name, "Small areas (LSOAs)", about, tuple(fields), columns, layer.geometry)


def _names(ledger: pd.DataFrame) -> dict[str, str]:
    if "small_area_name" not in ledger:
        return {}
    named = ledger.dropna(subset=["small_area_code", "small_area_name"])
    named = named.drop_duplicates("small_area_code")
    return dict(zip(named["small_area_code"], named["small_area_name"], strict=True))


def _most(ledger: pd.DataFrame, kind: str, edition: str | None) -> dict[str, dict[str, object]]:
    """By small area: the locality of a kind that most of its people are counted in, and how
    many of them."""
    if "counted" not in ledger:
        return {"code": {}, "weight": {}}
    ours = ledger[(ledger["counted"] == "residents") & (ledger["area_kind"] == kind)]
    if edition is not None:
        ours = ours[ours["edition"] == edition]
    ours = ours.dropna(subset=["small_area_code", "weight"])
    ours = ours.sort_values(["weight", "area_code"], ascending=[False, True])
    ours = ours.drop_duplicates("small_area_code").set_index("small_area_code")
    return {"code": ours["area_code"].to_dict(), "weight": ours["weight"].to_dict()}
