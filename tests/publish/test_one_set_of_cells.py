"""A figure is the same in every output of a release: each is held against the tidy table."""

import csv
import json
import math

import duckdb
import geopandas as gpd
import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

KEY = ["indicator_id", "area_kind", "area_code", "period"]


@pytest.fixture(scope="module")
def latest(released):
    return released / "latest"


@pytest.fixture(scope="module")
def tidy(latest):
    return duckdb.sql(f"select * from read_parquet('{latest / 'evidence.parquet'}')").df()


@pytest.fixture(scope="module")
def newest(tidy):
    """The value and marker of each cell of the newest period that has a figure, by its kind."""
    told = tidy["period_end"].where(tidy["value"].notna())
    groups = [tidy["indicator_id"], tidy["area_kind"]]
    last = told.groupby(groups).transform("max")
    last = last.fillna(tidy["period_end"].groupby(groups).transform("max"))
    rows = tidy[last.isna() | (tidy["period_end"] == last)]
    return {
        (r.area_kind, r.area_code, r.indicator_id): (r.value, r.marker) for r in rows.itertuples()
    }


def same(one, other):
    return one == other or (pd.isna(one) and pd.isna(other))


def test_the_themes_csv(latest, tidy):
    cells = {
        tuple("" if pd.isna(v) else v for v in row[:4]): row[4]
        for row in tidy[[*KEY, "value"]].itertuples(index=False)
    }
    seen = set()
    for path in (latest / "themes").glob("*.csv"):
        for row in csv.DictReader(path.open(encoding="utf-8")):
            key = tuple(row[name] for name in KEY)
            value = float(row["value"]) if row["value"] else math.nan
            assert same(value, cells[key]), key
            seen.add(key)
    assert seen == set(cells)


def test_the_workbook_of_everything(latest, tidy):
    """All periods of all indicators; a bare number of crimes stands on the sheet of its own."""
    labels = dict(zip(tidy["indicator_id"], tidy["indicator"], strict=True))
    wanted = {}
    for row in tidy.itertuples():
        key = (labels[row.indicator_id], row.area_code, "" if pd.isna(row.period) else row.period)
        wanted.setdefault(key, []).append(row.value)
    book = CalamineWorkbook.from_path(str(latest / "evidence.xlsx"))
    told = 0
    for sheet, value, period in (
        ("Over time", "Value", "Period"),
        ("Monthly crime counts", "Count", "Period of the count"),
    ):
        rows = book.get_sheet_by_name(sheet).to_python()
        head = next(n for n, row in enumerate(rows) if row[0] == "Indicator")
        names = rows[head]
        for row in rows[head + 1 :]:
            one = dict(zip(names, row, strict=True))
            when = "" if one[period] == "[x]" else one[period]
            found = one[value] if isinstance(one[value], (int, float)) else math.nan
            assert any(
                same(found, v) for v in wanted[one["Indicator"], one["Locality code"], when]
            ), one
            told += 1
    assert told > 0.9 * len(tidy)


@pytest.mark.parametrize("file", ["localities.gpkg", "localities.gdb"])
def test_the_layers(latest, newest, file):
    kinds = {kind for kind, _, _ in newest}
    for kind in kinds:
        layer = gpd.read_file(latest / file, layer=kind)
        check(layer.to_dict("records"), newest, kind)


@pytest.mark.parametrize("file", ["localities.geojson", "localities.fgb"])
def test_the_files_for_the_web(latest, newest, file):
    rows = gpd.read_file(latest / file).to_dict("records")
    check(rows, newest)


def test_geoparquet(latest, newest):
    path = latest / "localities.parquet"
    check(
        duckdb.sql(f"select * exclude (geometry) from read_parquet('{path}')")
        .df()
        .to_dict("records"),
        newest,
    )


def check(rows, newest, kind=""):
    seen = 0
    for row in rows:
        of = kind or row["area_kind"]
        ours = {
            i: told for (k, code, i), told in newest.items() if (k, code) == (of, row["area_code"])
        }
        assert ours
        for indicator, (value, marker) in ours.items():
            assert same(row[indicator], value), (of, row["area_code"], indicator)
            if f"{indicator}_marker" in row:
                assert same(row[f"{indicator}_marker"] or math.nan, marker)
            seen += 1
    assert seen


def test_the_figures_that_pages_load(latest, tidy):
    cells = {
        tuple("" if pd.isna(v) else v for v in row[:4]): row[4]
        for row in tidy[[*KEY, "value"]].itertuples(index=False)
    }
    seen = 0
    for path in (latest / "site" / "data").glob("indicator-*.js"):
        text = path.read_text("utf-8").replace("<\\/", "</")
        indicator, told = json.loads(
            f"[{text.removeprefix('evidence(').removesuffix(');' + chr(10))}]"
        )
        for kind, here in told["kinds"].items():
            for code, values in here["value"].items():
                for period, value in zip(here["periods"], values, strict=True):
                    wanted = cells.get((indicator, kind, code, period), math.nan)
                    assert same(math.nan if value is None else value, wanted)
                    seen += value is not None
    assert seen > 1000


def test_the_localities_own_tables(latest, tidy):
    cells = {
        tuple("" if pd.isna(v) else v for v in row): None
        for row in tidy[["indicator_id", "area_code", "period", "value"]].itertuples(index=False)
    }
    rows = [
        row
        for path in (latest / "site" / "data").glob("*.csv")
        for row in csv.DictReader(path.open(encoding="utf-8"))
    ]
    assert len(rows) == len(tidy)
    for row in rows:
        value = float(row["value"]) if row["value"] else ""
        assert (row["indicator_id"], row["area_code"], row["period"], value) in cells
