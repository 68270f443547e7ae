"""How much of a table an expectation must see: frames that fit millions of rows, and tell the same.

Great Expectations takes pandas frames. A small table goes whole into one. Of a large one each
expectation gets what its verdict hangs on and no more: the number of rows, the names of the
columns, the distinct values of the columns that it names (with how often each stands there), the
values that stand there twice. Nothing is sampled: the verdict and the number of broken rows are
those of the whole table (tests hold the one against the other).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from expectations import checks

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

SMALL = 20_000  # rows
COUNT = "expect_table_row_count_to_be_between"
COLUMNS = "expect_table_columns_to_match_set"
NOT_NULL = "expect_column_values_to_not_be_null"
# broken by a value (or a pair), wherever in the table it stands
BY_VALUE = {
    "expect_column_values_to_be_null",
    "expect_column_values_to_be_in_set",
    "expect_column_values_to_not_be_in_set",
    "expect_column_values_to_be_between",
    "expect_column_values_to_match_regex",
    "expect_column_values_to_not_match_regex",
    "expect_column_pair_values_a_to_be_greater_than_b",
    "expect_column_pair_values_to_be_equal",
}
BY_REPEATING = {"expect_column_values_to_be_unique", "expect_compound_columns_to_be_unique"}
NAMING = ("column", "column_A", "column_B")


def judge(
    table: str, rows: duckdb.DuckDBPyRelation, entries: list[dict[str, Any]], small: int = SMALL
) -> list[checks.Outcome]:
    """Judge a table by its suite; the outcomes in the suite's order."""
    count = len(rows)
    if count <= small:
        return checks.check(table, rows.df(), entries)
    groups: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for entry in entries:
        groups.setdefault(_needs(entry, rows.columns), []).append(entry)
    found = {}
    for (kind, columns, condition), group in groups.items():
        frame, weights = _frame(kind, columns, _where(rows, columns, condition), count)
        asked = group if weights is None else [_of_all(entry) for entry in group]
        for entry, outcome in zip(group, checks.check(table, frame, asked, weights), strict=True):
            found[outcome.id] = _of_most(entry, outcome, frame, weights)
    return [found[entry["id"]] for entry in entries]


def _of_all(entry: dict[str, Any]) -> dict[str, Any]:
    """The same, asked of every row and not of most of them."""
    return entry | {"kwargs": {k: v for k, v in entry["kwargs"].items() if k != "mostly"}}


def _of_most(
    entry: Mapping[str, Any],
    outcome: checks.Outcome,
    frame: pd.DataFrame,
    weights: Sequence[int] | None,
) -> checks.Outcome:
    """What is asked of most rows holds if enough of those that the frame's rows stand for are not
    broken; a missing value is judged by nothing but whether it is there."""
    most = entry["kwargs"].get("mostly", 1)
    if weights is None or most == 1 or outcome.result != "broken":
        return outcome
    there = frame[entry["kwargs"]["column"]].notna() | (entry["type"] == NOT_NULL)
    judged = sum(weight for weight, counts in zip(weights, there, strict=True) if counts)
    held = (judged - outcome.broken_rows) / judged >= most
    return replace(outcome, result="held", told="") if held else outcome


def _needs(entry: Mapping[str, Any], there: list[str]) -> tuple[str, tuple[str, ...], str]:
    """What an expectation must see: the kind of frame, the columns in it, and the condition that
    chooses its rows."""
    kwargs, kind = entry["kwargs"], entry["type"]
    condition = kwargs.get("row_condition", "")
    named = [kwargs[key] for key in NAMING if key in kwargs] + list(kwargs.get("column_list", ()))
    spoken = [c for c in there if re.search(rf"\b{re.escape(c)}\b", condition)]
    columns = tuple(c for c in dict.fromkeys([*named, *spoken]) if c in there)
    if kind in (COUNT, COLUMNS):
        return ("columns" if kind == COLUMNS else "count"), (), ""
    most = "mostly" in kwargs and (bool(condition) or "column" not in kwargs)
    if kind == NOT_NULL and columns and not most:
        return "presence", columns, condition
    if kind in BY_VALUE and columns and not most:
        return "distinct", columns, condition
    if kind in BY_REPEATING and columns and not condition and "mostly" not in kwargs:
        return "repeated", columns, ""
    return "every row", columns, condition


def _frame(
    kind: str, columns: tuple[str, ...], rows: duckdb.DuckDBPyRelation, count: int
) -> tuple[pd.DataFrame, list[int] | None]:
    """A frame, and for how many rows of the table each of its rows stands."""
    import pandas as pd

    if kind == "count":
        return pd.DataFrame(index=pd.RangeIndex(count)), None
    if kind == "columns":
        return rows.limit(0).df(), None
    names = ", ".join(map(_quoted, columns))
    if kind == "every row":
        return rows.select(names or _quoted(rows.columns[0])).df(), None
    # the first column says whose a broken value is
    first = rows.columns[0]
    whose = "" if first in columns else f"min({_quoted(first)}) as {_quoted(first)}, "
    if kind == "presence":
        by = ", ".join([_is_null(rows, columns[0]), *map(_quoted, columns[1:])])
        others = "".join(f", {_quoted(c)}" for c in columns[1:])
        one = f"min({_quoted(columns[0])}) as {_quoted(columns[0])}"
        told = rows.aggregate(f"{whose}{one}{others}, count(*) as standing_for", by)
    else:
        told = rows.aggregate(f"{whose}{names}, count(*) as standing_for", names)
    if kind == "repeated":
        frame = told.filter("standing_for > 1").order(names).df()
        frame = frame.loc[frame.index.repeat(2)].reset_index(drop=True)
        frame.loc[1::2, "standing_for"] = 0  # all rows of a value stand with its first
    else:
        frame = told.order(names).df()
    weights = frame.pop("standing_for").astype(int).tolist()
    return frame, weights


def _where(
    rows: duckdb.DuckDBPyRelation, columns: tuple[str, ...], condition: str
) -> duckdb.DuckDBPyRelation:
    """The rows that a condition on one column of words may choose (Great Expectations chooses
    among them once more)."""
    spoken = [c for c in columns if re.search(rf"\b{re.escape(c)}\b", condition)]
    words = [c for c, t in zip(rows.columns, rows.types, strict=True) if str(t) == "VARCHAR"]
    if len(spoken) != 1 or spoken[0] not in words:
        return rows
    values = rows.select(_quoted(spoken[0])).distinct().df().dropna()
    chosen = values.query(condition)[spoken[0]].tolist()
    return rows.filter(f"{_quoted(spoken[0])} is null or {_any_of(spoken[0], chosen)}")


def _is_null(rows: duckdb.DuckDBPyRelation, column: str) -> str:
    """A condition: null, or (as pandas reads it) not a number."""
    kind = str(rows.types[rows.columns.index(column)])
    odd = f" or isnan({_quoted(column)})" if kind in ("DOUBLE", "FLOAT") else ""
    return f"({_quoted(column)} is null{odd})"


def _any_of(column: str, values: list[Any]) -> str:
    if not values:
        return "false"
    listed = ", ".join("'" + str(value).replace("'", "''") + "'" for value in values)
    return f"{_quoted(column)} in ({listed})"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
