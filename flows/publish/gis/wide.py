"""A layer for each kind of locality: one row per locality, its newest figures side by side."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from flows.entries import Indicator
from flows.figures import spoken
from flows.publish import shapes
from flows.publish.gis.fields import PARTS, Field, Table, array, column, heading, unlike
from flows.publish.released import SHORTHAND, Released

if TYPE_CHECKING:
    import geopandas as gpd
    import numpy as np
    import pandas as pd

KEY = ["area_kind", "edition", "area_code"]
ALIASES = {
    "area_code": "Code",
    "area_name": "Name",
    "area_kind": "Kind of locality",
    "edition": "Edition of its boundaries",
    "valid_from": "In force from",
    "valid_to": "In force to",
    "area_ha": "Area (hectares)",
}
KINDS = {"valid_from": "date", "valid_to": "date", "area_ha": "number"}
RESIDENTS = Field(
    "residents",
    "Residents",
    "Residents by the population estimates of its small areas, each by the share of its people that"
    " is counted here (assignment_ledger.parquet).",
    "number",
)
COMPARED = (
    "better, similar or worse than the whole place where the indicator has a good end, else"
    " higher, similar or lower. Blank where nothing is compared."
)
MARKER = "Shorthand of official statistics: " + ", ".join(f"{m} {t}" for m, t in SHORTHAND.items())


def layers(
    released: Released, cells: pd.DataFrame, told: dict[tuple[str, str], str]
) -> dict[str, Table]:
    """The layers of all kinds, in the place's order, by the kind's id; of the ``newest`` cells
    and their ``periods``."""
    figures, people = _figures(released, cells), _residents(released)
    labels = released.kinds | {k: k for k in released.layers if k not in released.kinds}
    return {
        kind: _layer(released, kind, label, figures, people, told) for kind, label in labels.items()
    }


def _layer(
    released: Released,
    kind: str,
    label: str,
    figures: Figures,
    people: pd.Series | None,
    told: dict[tuple[str, str], str],
) -> Table:
    """One kind's layer."""
    import pandas as pd

    layer = shapes.together(kind, released.layers[kind])
    keys = pd.MultiIndex.from_frame(_keys(layer))
    words = shapes.COLUMNS | shapes.DAYS
    fields = [Field(n, ALIASES[n], words[n], KINDS.get(n, "text")) for n in ALIASES]
    columns = {f.name: array(layer[f.name], f.kind) for f in fields}
    if people is not None:
        fields.append(RESIDENTS)
        columns["residents"] = people.reindex(keys).to_numpy("float64")
    for indicator in released.indicators.values():
        fields += _fields(indicator, told.get((indicator.id, kind), ""))
    aliases = unlike([f.alias for f in fields], [f.name for f in fields])
    fields = [replace(field, alias=alias) for field, alias in zip(fields, aliases, strict=True)]
    described = (
        f"{label} of {released.book.place.name}, EPSG:27700, one row per locality, with the newest"
        " figure of each indicator. A figure is empty where it is missing, and then its marker says"
        f" why. {MARKER}. Release {released.name}."
    )
    columns |= figures.of(keys)
    return Table(kind, label, described, tuple(fields), columns, layer.geometry)


def _fields(indicator: Indicator, period: str) -> list[Field]:
    """An indicator's columns: value, marker, compared."""
    name = column(indicator.id)
    about = f"{indicator.label} ({indicator.unit}), {spoken(period)}. {indicator.caveat}".strip()
    return [
        Field(name, heading(indicator, period), about, "number"),
        Field(f"{name}_marker", f"{indicator.label}: marker", MARKER),
        Field(f"{name}_compared", f"{indicator.label}: compared", COMPARED),
    ]


def _keys(frame: pd.DataFrame) -> pd.DataFrame:
    """What a locality is known by; where its kind has one edition only, that is ''."""
    return frame[KEY].astype(object).where(frame[KEY].notna(), "")


def newest(released: Released) -> pd.DataFrame:
    """One cell per indicator and locality: the newest; where none of a kind has a figure, the
    last that is said of each."""
    cells = released.newest.sort_values("period_end", kind="stable", na_position="first")
    return cells.drop_duplicates(["indicator_id", *KEY], keep="last")


@dataclass(frozen=True)
class Figures:
    """The newest figures as tables of localities by indicators, one for each of ``PARTS``; their
    last row is what is said of a locality without any cell: nothing."""

    localities: pd.MultiIndex
    columns: list[str]
    parts: dict[str, np.ndarray]

    def of(self, keys: pd.MultiIndex) -> dict[str, np.ndarray]:
        """The columns of a layer's figures, in the order of its localities."""
        at = self.localities.get_indexer(keys)
        return {
            f"{name}{part}": cells[at, number]
            for number, name in enumerate(self.columns)
            for part, cells in self.parts.items()
        }


def _figures(released: Released, cells: pd.DataFrame) -> Figures:
    import numpy as np
    import pandas as pd

    keys = pd.MultiIndex.from_frame(_keys(cells))
    localities = keys.unique()
    size = len(localities) + 1, len(released.indicators)
    at = (
        localities.get_indexer(keys),
        pd.Index(released.indicators).get_indexer(cells["indicator_id"]),
    )
    parts = {}
    for part, held in zip(PARTS, ("value", "marker", "compared"), strict=True):
        kind = "text" if part else "number"
        parts[part] = np.full(size, None if part else np.nan, dtype=object if part else float)
        parts[part][at] = array(cells[held], kind)
    return Figures(localities, [column(i) for i in released.indicators], parts)


def periods(cells: pd.DataFrame) -> dict[tuple[str, str], str]:
    """The period that each indicator shows in each kind; none where there is no figure."""
    told = cells[cells["value"].notna()].drop_duplicates(["indicator_id", "area_kind"])
    return {
        (i, k): p
        for i, k, p in zip(told["indicator_id"], told["area_kind"], told["period"], strict=True)
    }


def editions(cells: pd.DataFrame) -> dict[tuple[str, str], str]:
    """The edition of the boundaries that each indicator's figures are on in each kind; none where
    there is no figure, or one edition only."""
    told = cells[cells["value"].notna() & cells["edition"].notna()]
    told = told.drop_duplicates(["indicator_id", "area_kind"])
    return {
        (i, k): e
        for i, k, e in zip(told["indicator_id"], told["area_kind"], told["edition"], strict=True)
    }


def _residents(released: Released) -> pd.Series | None:
    """Residents by locality; None where the ledger counts none."""
    ledger = released.ledger
    if "counted" not in ledger or not (ledger["counted"] == "residents").any():
        return None
    counted = ledger[ledger["counted"] == "residents"]
    counted = counted.assign(**_keys(counted))
    # people are counted in shares: six decimals rid the sum of what only binary fractions add
    return counted.groupby(KEY)["amount"].sum(min_count=1).round(6).rename("residents")


def in_force(layer: gpd.GeoDataFrame) -> str | None:
    """The last edition of a kind; None where it has one only."""
    named = layer[layer["edition"].notna()]
    if named.empty:
        return None
    since = named["valid_from"].fillna("").astype(str)
    return str(named.loc[since.sort_values(kind="stable").index[-1], "edition"])
