"""The door of the SQL room: which SELECT reads which, their order, and what a file becomes."""

import re

import duckdb
import pytest
from texttable import SOURCES, every_column, layout

from sql import models, raw


class TestConnect:
    def test_another_duckdb_is_refused_with_a_plain_sentence(self, monkeypatch):
        monkeypatch.setattr(duckdb, "__version__", "9.9.9")
        with pytest.raises(models.EngineFault) as fault:
            models.connect()
        assert str(fault.value) == (
            f"duckdb 9.9.9 is installed, but its spatial extension loads only in {models.PINNED}."
            " Install the pinned pair again: pip install -c constraints.txt -e ."
        )

    def test_an_extension_that_does_not_load_is_said(self, monkeypatch, tmp_path):
        broken = tmp_path / "spatial.duckdb_extension"
        broken.write_bytes(b"not an extension")
        monkeypatch.setattr(models, "spatial_extension", lambda: broken)
        with pytest.raises(models.EngineFault, match="the spatial extension does not load"):
            models.connect()

    def test_a_missing_extension_is_said(self, monkeypatch):
        import importlib.util

        monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
        with pytest.raises(models.EngineFault, match="duckdb-extension-spatial is not installed"):
            models.spatial_extension()

    def test_a_warehouse_has_our_schemas_and_knows_shapes(self, empty_tables):
        found = {
            s for (s,) in empty_tables.sql("select schema_name from duckdb_schemas()").fetchall()
        }
        assert set(models.SCHEMAS) <= found
        assert empty_tables.sql("select st_astext(st_point(1, 2))").fetchone() == ("POINT (1 2)",)


class TestReads:
    @pytest.mark.parametrize(
        ("select", "tables"),
        [
            ("select 1", set()),
            ("from core.a", {"core.a"}),
            ("select * from core.a as x join geo.b using (k)", {"core.a", "geo.b"}),
            ("with a as (from core.b) select * from a", {"core.b"}),
            ("select (select max(k) from core.a) from core.b", {"core.a", "core.b"}),
            ("select * from core.a where k in (select k from core.b)", {"core.a", "core.b"}),
            ("from (select * from (from core.a)) as x", {"core.a"}),
            ("from core.a union all by name from core.b", {"core.a", "core.b"}),
            ("from core.a semi join core.b using (k)", {"core.a", "core.b"}),
            ("with l as (unpivot raw.a on columns(*)) from l", {"raw.a"}),
            ("select 'core.a' as not_a_table -- from core.b\nfrom core.c", {"core.c"}),
        ],
    )
    def test_the_parse_tree_tells_what_is_read(self, select, tables):
        assert models.reads(select) == tables

    def test_what_is_no_select_is_an_error(self):
        with pytest.raises(ValueError, match="syntax error"):
            models.reads("selec 1")


class TestOrder:
    def test_each_model_stands_after_those_it_reads(self):
        order = models.order()
        place = {name: at for at, name in enumerate(order)}
        for name in order:
            for read in models.reads(models.models()[name]) & place.keys():
                assert place[read] < place[name], f"{name} stands before {read}"

    def test_every_core_and_evidence_model_is_in_it_once(self):
        built = [n for n in models.models() if n.split(".")[0] in ("core", "evidence")]
        assert sorted(models.order()) == sorted(built)

    def test_of_some_models_only_they_and_what_they_rest_on(self):
        order = models.order(["core.points"])
        assert order[-2:] == ["core.located_events", "core.points"]
        assert set(order[:-2]) == {
            "core.postcodes",
            "core.returned",
            "core.sales",
            "core.small_area_codes",
        }

    def test_what_is_there_already_is_not_built_again(self, warehouse):
        warehouse.con.execute("drop table core.points")
        there = [name for name in models.order(["core.points"]) if name != "core.points"]
        assert models.build(warehouse.con, ["core.points"], already=there) == ["core.points"]


def lay_down(empty_tables, tmp_path, source, table, name, content):
    """Stage one file; how many rows were kept and lost, and the two Parquet files as relations."""
    path, out = tmp_path / name, tmp_path / "staged" / f"{source}.parquet"
    path.write_text(content, encoding="utf-8")
    con = empty_tables.cursor()
    shape, columns = layout(source, table), every_column(source)
    counts = models.stage_file(con, source, path, name, shape, columns, out)
    kept = con.read_parquet(str(out))
    lost = con.read_parquet(str(out.with_suffix(".quarantine.parquet")))
    return counts, kept, lost


CRIMES = """\
Month,Reported by,Longitude,Latitude,LSOA code,Crime type
2026-01,Alpha,-1.1,52.6,X01000001,Burglary
2026-01,Alpha
2026-13,Alpha,-1.1,52.6,X01000001,Burglary
2026-01,Alpha,-1.1,52.6,X01000001,Drugs
"""


class TestStageFile:
    @pytest.fixture
    def staged(self, empty_tables, tmp_path):
        name = "2026-01-alpha-street.csv"
        return lay_down(empty_tables, tmp_path, "police_crime", "street", name, CRIMES)

    def test_what_can_be_read_is_kept_and_the_rest_counted_with_its_reason(self, staged):
        counts, kept, lost = staged
        assert counts == (2, 2)
        assert kept.select("crime_type, month::varchar").order("crime_type").fetchall() == [
            ("Burglary", "2026-01-01"),
            ("Drugs", "2026-01-01"),
        ]
        faults = lost.order("row_number").fetchall()
        assert {file for file, _, _ in faults} == {"2026-01-alpha-street.csv"}
        assert "month is not YYYY-MM: 2026-13" in [fault for _, _, fault in faults]
        assert all(fault for _, _, fault in faults)

    def test_the_numbers_in_quarantine_lead_to_the_rows(self, staged):
        """The row with the bad month is the one after the short row."""
        _, _, lost = staged
        numbers = {fault.startswith("month"): number for _, number, fault in lost.fetchall()}
        assert numbers[True] - numbers[False] == 1

    def test_nothing_half_written_stays(self, staged, tmp_path):
        names = sorted(p.name for p in (tmp_path / "staged").iterdir())
        assert names == ["police_crime.parquet", "police_crime.quarantine.parquet"]

    def test_a_staged_file_and_an_empty_source_are_one_shape(self, staged, warehouse):
        _, kept, _ = staged
        empty = warehouse.con.table("stage.police_crime")
        assert list(zip(kept.columns, map(str, kept.types), strict=True)) == list(
            zip(empty.columns, map(str, empty.types), strict=True)
        )

    def test_the_quarantine_of_every_source_is_gathered(self, staged, warehouse, tmp_path):
        out = tmp_path / "staged" / "police_crime.parquet"
        warehouse.con.execute("drop table stage.quarantine")
        models.load_quarantine(warehouse.con, {"police_crime": [out], "population": []})
        found = warehouse.con.sql("select distinct source, file from stage.quarantine").fetchall()
        assert found == [("police_crime", "2026-01-alpha-street.csv")]
        warehouse.expect(
            "core.quarantine", "source | file\n" + "police_crime | 2026-01-alpha-street.csv\n" * 2
        )


def test_a_file_is_staged_anew_when_its_select_or_layout_or_reader_changes(monkeypatch):
    before = models.stage_version("population", "layouts")
    assert models.stage_version("population", "layouts") == before
    assert models.stage_version("population", "other layouts") != before
    assert models.stage_version("fuel_poverty", "layouts") != before
    getattr(models.stage_version, "cache_clear", lambda: None)()
    monkeypatch.setattr(raw, "VERSION", "changed")
    assert models.stage_version("population", "layouts") != before
    getattr(models.stage_version, "cache_clear", lambda: None)()


def test_a_small_table_is_typed_even_without_a_row(warehouse):
    columns = {"name": "VARCHAR", "day": "DATE", "tags": ["VARCHAR"]}
    models.load_rows(warehouse.con, "catalogue.some", columns, [])
    models.load_rows(
        warehouse.con,
        "catalogue.others",
        columns,
        [{"name": "a", "day": "2026-01-01", "tags": ["x", "y"]}, {"name": None}],
    )
    none, two = warehouse.con.table("catalogue.some"), warehouse.con.table("catalogue.others")
    assert (
        list(map(str, none.types)) == list(map(str, two.types)) == ["VARCHAR", "DATE", "VARCHAR[]"]
    )
    assert len(none) == 0
    assert two.select("name, day::varchar, tags").fetchall() == [
        ("a", "2026-01-01", ["x", "y"]),
        (None, None, None),
    ]


@pytest.mark.parametrize("source", sorted(p.stem for p in SOURCES.glob("*.toml")))
def test_a_stage_table_has_a_row_number_a_file_and_a_fault(empty_tables, source):
    made = empty_tables.cursor().sql(models.models()[f"stage.{source}"])
    assert {"file", "row_number", "fault"} <= set(made.columns)


def test_no_model_has_two_columns_of_one_name(empty_tables):
    for name in models.order():
        columns = [c.lower() for c in empty_tables.cursor().table(name).columns]
        assert len(set(columns)) == len(columns), name
        assert not [c for c in columns if not re.fullmatch(r"[a-z][a-z0-9_]*", c)], name
