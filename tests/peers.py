"""Other people's programs as judges of ours, and our answers in a shape that they can be held to."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import coo_matrix

from geo.weights import small_area_weights


def area_shares(kind, small_areas):
    """Our area shares: a row for each small area, a column for each area of the kind."""
    found = small_area_weights(kind, small_areas, {}, "area_share")
    table = found.pivot(index="small_area_code", columns="area_code", values="weight")
    return table.reindex(index=small_areas["area_code"], columns=list(kind.names)).fillna(0.0)


@contextmanager
def tobler_in_double() -> Iterator:
    """``shares(small_areas, polygons, allocate_total)`` by PySAL's ``area_interpolate``.

    Each small area is a variable that is one there and nought elsewhere: what comes out are its
    shares. tobler keeps areas in single precision, which is good to seven digits only; here it is
    told to keep them in double.
    """
    module = import_module("tobler.area_weighted.area_interpolate")  # takes seconds

    def shares(small_areas, polygons, allocate_total=False):
        codes = small_areas["area_code"].to_list()
        source = small_areas.reset_index(drop=True).join(
            pd.DataFrame(np.eye(len(codes)), columns=codes)
        )
        named = {"extensive_variables": codes, "allocate_total": allocate_total}
        return module.area_interpolate(source, polygons, **named)[codes].to_numpy().T

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "coo_matrix", lambda *held, dtype, **more: coo_matrix(*held, **more))
        yield shares


def overlay_shares(kind, small_areas):
    """Area shares by ``geopandas.overlay``."""
    import geopandas as gpd

    pieces = gpd.overlay(
        small_areas[["area_code", "geometry"]].rename(columns={"area_code": "small_area"}),
        kind.polygons[["area_code", "geometry"]],
        keep_geom_type=True,
    )
    ground = small_areas.set_index("area_code").area
    pieces["share"] = pieces.area / pieces["small_area"].map(ground)
    table = pieces.pivot_table("share", "small_area", "area_code", aggfunc="sum")
    return table.reindex(index=ground.index, columns=list(kind.names)).fillna(0.0)
