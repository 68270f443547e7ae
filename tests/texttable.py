"""Text tables: what a model is given, and what it must make of it, as a person would write it down.

    area | month   | events
    A1   | 2026-01 | 3
    A2   | 2026-01 | -

Cells stand between bars, ``-`` is null and ``''`` is an empty text. Columns that are not given are
null (or the catalogue's own default), columns that are not expected are not looked at, and rows
have no order. A column has its type from a real warehouse, which the real models build empty.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path

import duckdb

from sql import models

SOURCES = Path(__file__).parents[1] / "flows" / "sources"

# Made by the hall, not by a SELECT. test_shapes.py holds them against what the hall really makes.
MADE_BY_THE_HALL = {
    "catalogue.place": "place_code varchar, place_name varchar",
    "catalogue.authorities": "authority_code varchar, authority_name varchar,"
    " in_place boolean default true",
    "catalogue.forces": "force varchar, is_home boolean",
    "catalogue.window": "since date, until date",
    "catalogue.sources": "source varchar, label varchar",
    "catalogue.source_gaps": "source varchar, reason varchar",
    "catalogue.stale": "indicator_id varchar, note varchar",
    "catalogue.known_gaps": "source varchar, part varchar, since date, until date, reason varchar",
    "catalogue.measures": "source varchar, measure varchar, counts varchar default 'people',"
    " priority integer default 0, pattern varchar, parts integer default 1,"
    " leave_out varchar default '',"
    " equals integer, times varchar, weighted boolean default false",
    "catalogue.files": "source varchar, file varchar, position bigint default 0",
    "catalogue.themes": "theme_id varchar, label varchar, position integer default 0",
    "catalogue.indicators": "position integer default 0, indicator_id varchar, label varchar,"
    " themes varchar[], source varchar, source_rows varchar, measure varchar, method varchar,"
    " unit varchar, per integer default 1, polarity varchar, period_rule varchar,"
    " denominator_source varchar default '', denominator_measure varchar default '',"
    " plausible_low double, plausible_high double, threshold integer default 1,"
    " base integer default 1, modelled boolean default false, tier varchar default 'joint'",
    "catalogue.indicator_area_kinds": "indicator_id varchar, area_kind varchar",
    "catalogue.area_kinds": "area_kind varchar, label varchar, position integer default 0,"
    " is_partition boolean default false, is_built boolean default true,"
    " is_exact boolean default true",
    "geo.areas": "area_kind varchar, edition varchar default '', area_code varchar,"
    " area_name varchar, area_note varchar, in_force_from date default '0001-01-01',"
    " in_force_to date default '9999-12-31'",
    "geo.area_weights": "area_kind varchar, edition varchar default '', area_code varchar,"
    " small_area_code varchar, assignment varchar default 'declared',"
    " rule varchar default 'exact membership', weight decimal(12,10) default 1,"
    " weight_households decimal(12,10) default 1, weight_children decimal(12,10) default 1",
    "geo.point_areas": "point_id bigint, area_kind varchar, edition varchar default '',"
    " area_code varchar, by_edge boolean default true, near_edge boolean default false,"
    " by_small_area boolean default true, near_small_area boolean default false",
    "geo.point_small_areas": "point_id bigint, small_area_code varchar",
    "catalogue.kinds_kept_back": "indicator_id varchar, area_kind varchar",
    "catalogue.breaks": "indicator_id varchar, on_date date,"
    " of_denominator boolean default false, reason varchar, reference varchar",
    "evidence.judgements": "indicator_id varchar, area_kind varchar,"
    " edition varchar default '', area_code varchar, period varchar, lower_ci double,"
    " upper_ci double, lower_998 double, upper_998 double, compared varchar,"
    " compared_adjusted varchar, compared_parent varchar, compared_england varchar,"
    " peer_median double, peer_rank integer, peer_rank_low integer, peer_rank_high integer,"
    " peer_count integer, trend varchar, trend_note varchar, earlier_period varchar,"
    " earlier_value double, ratio_to_earlier double, ratio_lower double, ratio_upper double,"
    " changed varchar, value_smoothed double, sensitive boolean",
    "evidence.peer_members": "coverage varchar, area_kind varchar, edition varchar default '',"
    " area_code varchar, peer integer, distance double, small_area_code varchar,"
    " is_centre boolean",
    "evidence.dispersions": "source varchar, measure varchar, area_kind varchar,"
    " edition varchar default '', areas integer, months integer, own_dispersion double,"
    " dispersion double",
    "evidence.funnels": "indicator_id varchar, area_kind varchar, edition varchar default '',"
    " area_code varchar, period varchar, value double, comparator_value double, lower double,"
    " upper double, lower_998 double, upper_998 double, adjusted_lower double,"
    " adjusted_upper double, adjusted_lower_998 double, adjusted_upper_998 double, phi double,"
    " tau2 double",
    "catalogue.moved_sources": "source varchar, reason varchar",
    "catalogue.moved_kinds": "area_kind varchar, reason varchar",
    "catalogue.moved_indicators": "indicator_id varchar, reason varchar",
    "evidence.earlier_cells": "theme varchar[], indicator_id varchar, indicator varchar,"
    " area_kind varchar, edition varchar, area_code varchar, area_name varchar, period varchar,"
    " period_start date, value double, marker varchar, unit varchar, source varchar",
}
EARLIER = "evidence.earlier_cells"  # of the release before
JUDGED = [t for t in MADE_BY_THE_HALL if t.startswith("evidence.") and t != EARLIER]
# What a row of any model has where a test does not say: most places have one edition only.
USUAL = {"edition": "", "parent_edition": "", "assignment": "declared", "residents_by": "declared"}


def read(text: str) -> tuple[list[str], list[list[str | None]]]:
    """The columns and the rows of a text table."""
    lines = [line.strip() for line in text.strip().splitlines() if line.strip()]
    columns = [cell.strip() for cell in lines[0].split("|")]
    rows = [[_cell(cell.strip()) for cell in line.split("|")] for line in lines[1:]]
    for row in rows:
        if len(row) != len(columns):
            raise ValueError(f"{len(row)} cells under {len(columns)} columns: {row}")
    return columns, rows


def _cell(cell: str) -> str | None:
    return None if cell == "-" else "" if cell == "''" else cell


def write(columns: Sequence[str], rows: Iterable[Sequence[str | None]]) -> str:
    """A text table, its rows sorted."""
    shown = [["-" if c is None else c or "''" for c in row] for row in rows]
    table = [list(columns), *sorted(shown)]
    widths = [max(len(row[i]) for row in table) for i in range(len(columns))]
    lines = (" | ".join(c.ljust(w) for c, w in zip(r, widths, strict=True)) for r in table)
    return "\n".join(line.rstrip() for line in lines)


class Warehouse:
    """A warehouse of empty tables, and one test's rows in it."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self.con = con
        self.staged = False

    def given(self, table: str, text: str) -> None:
        """Put rows into a table; a ``raw`` one is made anew, of text, as the raw reader does."""
        columns, rows = read(text)
        self.staged |= table.startswith("stage.")
        if table.startswith("raw."):
            columns, rows = self._raw(table, columns, rows)
        self._insert(table, columns, rows)

    def _insert(self, table: str, columns: Sequence[str], rows: Sequence[Sequence]) -> None:
        """One statement for many rows: a statement each takes ten times as long."""
        names, row = ", ".join(map(_quoted, columns)), f"({', '.join('?' * len(columns))})"
        for start in range(0, len(rows), 500):
            part = rows[start : start + 500]
            self.con.execute(
                f"insert into {table} ({names}) values {', '.join([row] * len(part))}",
                [cell for line in part for cell in line],
            )

    def _raw(
        self, table: str, columns: list[str], rows: list[list[str | None]]
    ) -> tuple[list[str], list[list[str | None]]]:
        absent = [c for c in every_column(table.removeprefix("raw.")) if c not in columns]
        shape = ["row_number bigint", "file varchar", "title varchar", "no_value varchar"]
        shape = [s for s in shape if s.split()[0] not in columns]
        shape += [f"{_quoted(c)} varchar" for c in [*columns, *absent]]
        self.con.execute(f"create or replace table {table} ({', '.join(shape)})")
        numbered = [[*row, str(n)] for n, row in enumerate(rows, 1)]
        return [*columns, "row_number"], numbered

    def given_measures(self, source: str, *, parts: bool = False) -> None:
        """The measures of a source's own entry in the catalogue; with ``parts``, each pattern must
        find as many columns as it says.
        """
        rows = [
            [
                source,
                measure["id"],
                measure["counts"],
                priority,
                pattern,
                measure["parts"][priority] if parts and "parts" in measure else 1,
                measure.get("leave_out", ""),
                measure.get("equals"),
                measure.get("times"),
                measure.get("weighted", False),
            ]
            for measure in _entry(source)["measure"]
            for priority, pattern in enumerate(measure["columns"])
        ]
        self._insert("catalogue.measures", self.con.table("catalogue.measures").columns, rows)

    def build(self, *names: str) -> None:
        """Fill tables by their own models, one after the other, from what was given."""
        for name in names:
            self._gather()
            self.con.execute(f"insert into {name} {models.models()[name]}")

    def judge(self, *models_too: str) -> None:
        """Judge the given cells; by these models, if any are named, anew from what they read."""
        from flows.judging import judge

        self._gather()
        for table in (*JUDGED, *models_too):
            self.con.execute(f"drop table {table}")
        judge(self.con)

    def _gather(self) -> None:
        """Bring the given figures of small areas together, as the models read them."""
        if self.staged:
            gathered = models.models()["core.staged_values"]
            self.con.execute(
                f"delete from core.staged_values; insert into core.staged_values {gathered}"
            )

    def expect(self, model: str, text: str, *, only: str = "true") -> None:
        """Hold what one model's SELECT makes of the given tables against a text table."""
        self._gather()
        made = models.models()[model]
        # the same model made the empty table: to ask it for its columns takes no planning
        shape = self.con.sql(made) if model.startswith("stage.") else self.con.table(model)
        self._hold(model, f"({made})", shape, text, only)

    def holds(self, table: str, text: str, *, only: str = "true") -> None:
        """Hold what stands in a table against a text table."""
        self._hold(table, table, self.con.table(table), text, only)

    def _hold(
        self, name: str, made: str, shape: duckdb.DuckDBPyRelation, text: str, only: str
    ) -> None:
        columns, rows = read(text)
        types = dict(zip(shape.columns, map(str, shape.types), strict=True))
        unknown = [c for c in columns if c not in types]
        assert not unknown, f"{name} has no column {', '.join(unknown)}: {', '.join(types)}"
        shown = ", ".join(_as_text(c, types[c]) for c in columns)
        found = self.con.execute(f"select {shown} from {made} as made where {only}").fetchall()
        wanted = []
        if rows:
            row = f"({', '.join(f'?::{types[c]}' for c in columns)})"
            self.con.execute(
                f"select {shown} from (values {', '.join([row] * len(rows))})"
                f" as wanted ({', '.join(map(_quoted, columns))})",
                [cell for line in rows for cell in line],
            )
            wanted = self.con.fetchall()
        assert write(columns, found) == write(columns, wanted)


def _as_text(column: str, kind: str) -> str:
    """A column as text: a double to six decimals, and no idle zeros after a decimal point."""
    shown = f"round({_quoted(column)}, 6)" if kind == "DOUBLE" else _quoted(column)
    if kind == "DOUBLE" or kind.startswith("DECIMAL"):
        return rf"regexp_replace({shown}::varchar, '\.0*$|(\.\d*?[1-9])0+$', '\1')"
    return f"{shown}::varchar"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _entry(source: str) -> dict:
    return tomllib.loads((SOURCES / f"{source}.toml").read_text("utf-8"))


def layout(source: str, table: str) -> dict:
    """One layout of a source, with every key that the raw reader looks at."""
    found = next(t for t in _entry(source)["table"] if t["id"] == table)
    return {"columns": {}, "optional": {}, "names": [], "wide": False} | found


def every_column(source: str) -> list[str]:
    """The columns that any layout of a source has."""
    found: dict[str, None] = {}
    for table in _entry(source)["table"]:
        for part in ("columns", "optional", "names"):
            found |= dict.fromkeys(table.get(part, ()))
    return list(found)


def empty_warehouse() -> duckdb.DuckDBPyConnection:
    """Every stage, catalogue, geo, core and evidence table: real columns and types, no row."""
    con = models.connect(threads=1)
    for path in sorted(SOURCES.glob("*.toml")):
        models.load_stage(con, path.stem, [], every_column(path.stem))
    models.load_quarantine(con, {})
    for table, shape in MADE_BY_THE_HALL.items():
        con.execute(f"create table {table} ({shape})")
    for model in models.build(con):
        for column in USUAL.keys() & set(con.table(model).columns):
            usual = f"alter table {model} alter {column} set default '{USUAL[column]}'"
            con.execute(usual)
    return con
