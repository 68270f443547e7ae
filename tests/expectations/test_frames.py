"""A large table is judged on what each expectation must see of it: nothing else may come out."""

import random

import duckdb
import pandas as pd
import pytest

from expectations import checks, frames

ROWS = pd.DataFrame(
    {
        "file": ["b", "a", "b", "a", "b", "a", "a", "b"],
        "code": ["x", "y", None, "y", "z", "?", "y", "x"],
        "low": [1.0, 2.0, 3.0, 2.0, None, 9.0, 2.0, 1.0],
        "high": [2.0, 2.0, 4.0, 2.0, 1.0, 3.0, 2.0, None],
    }
)


def entry(kind, **kwargs):
    told = {"severity": "warning", "action": "report", "because": "it matters"}
    return {"id": "X-01", "type": f"expect_{kind}", "kwargs": kwargs, **told}


def whole(rows, one):
    (outcome,) = checks.check("t", rows, [one])
    return outcome.result, outcome.broken_rows


def framed(rows, one):
    (outcome,) = frames.judge("t", duckdb.from_df(rows), [one], small=-1)
    return outcome.result, outcome.broken_rows


PAIR = {"column_A": "high", "column_B": "low", "or_equal": True}
KINDS = [
    (entry("table_row_count_to_be_between", min_value=9), 0),
    (entry("table_columns_to_match_set", column_set=["file", "code", "low"]), 0),
    (entry("column_values_to_not_be_null", column="code"), 1),
    (entry("column_values_to_be_null", column="code"), 7),
    (entry("column_values_to_be_in_set", column="code", value_set=["x", "?"]), 4),
    (entry("column_values_to_not_be_in_set", column="code", value_set=["y"]), 3),
    (entry("column_values_to_be_between", column="low", max_value=2), 2),
    (entry("column_values_to_match_regex", column="code", regex="^[x-z]$"), 1),
    (entry("column_values_to_not_match_regex", column="code", regex="y"), 3),
    (
        entry(
            "column_pair_values_a_to_be_greater_than_b",
            ignore_row_if="either_value_is_missing",
            **PAIR,
        ),
        1,
    ),
    (entry("column_values_to_be_unique", column="code"), 5),
    (
        entry("compound_columns_to_be_unique", column_list=["file", "code"], ignore_row_if="never"),
        5,
    ),
    # of seven that are there, five are not broken, and five sevenths are less than three quarters
    (entry("column_values_to_be_between", column="low", max_value=2, mostly=0.75), 2),
    (
        entry(
            "column_values_to_be_between",
            column="low",
            max_value=1,
            mostly=0.1,
            row_condition='file == "a"',
            condition_parser="pandas",
        ),
        4,
    ),
    (entry("column_values_to_not_be_null", column="code", mostly=0.95), 1),
    # a condition chooses rows by another column
    (
        entry(
            "column_values_to_be_between",
            column="low",
            max_value=1,
            row_condition='file == "a"',
            condition_parser="pandas",
        ),
        4,
    ),
    (
        entry(
            "column_values_to_be_unique",
            column="code",
            row_condition="low < 3",
            condition_parser="pandas",
        ),
        5,
    ),
]


@pytest.mark.parametrize(("one", "broken"), KINDS, ids=[k["type"] for k, _ in KINDS])
def test_the_verdict_and_the_broken_rows_are_those_of_the_whole_table(one, broken):
    assert framed(ROWS, one) == whole(ROWS, one) == ("broken", broken)


@pytest.mark.parametrize(
    ("one", "broken"),
    [
        (entry("column_values_to_be_between", column="low", max_value=2, mostly=0.71), 2),
        (entry("column_values_to_not_be_null", column="code", mostly=0.875), 1),
        (entry("column_values_to_be_in_set", column="code", value_set=["y"], mostly=0.4), 4),
    ],
)
def test_what_is_asked_of_most_rows_holds_if_most_hold(one, broken):
    assert framed(ROWS, one) == whole(ROWS, one) == ("held", broken)


@pytest.mark.parametrize("seed", range(3))
def test_of_any_table(seed):
    dice = random.Random(seed)
    rows = pd.DataFrame(
        {
            "file": dice.choices(["a", "b"], k=40),
            "code": dice.choices(["x", "y", "z", None], [20, 20, 1, 1], k=40),
            "low": dice.choices([1.0, 2.0, 3.0, None], [20, 20, 1, 1], k=40),
            "high": dice.choices([2.0, 3.0, None], [20, 20, 1], k=40),
        }
    )
    for one, _ in KINDS:
        assert framed(rows, one) == whole(rows, one), one


def test_a_broken_value_is_shown_with_the_first_column_of_one_of_its_rows():
    one = entry("column_values_to_be_between", column="low", max_value=2)
    (outcome,) = frames.judge("t", duckdb.from_df(ROWS), [one], small=-1)
    assert set(outcome.examples) == {"b: 3.0", "a: 9.0"}


def test_a_number_that_is_none_is_missing_in_a_frame_as_in_the_whole_table():
    rows = ROWS.assign(low=float("nan"))
    relation = duckdb.sql("select file, 'nan'::double as low from rows")
    one = entry("column_values_to_not_be_null", column="low")
    (outcome,) = frames.judge("t", relation, [one], small=-1)
    assert (outcome.result, outcome.broken_rows) == whole(rows, one) == ("broken", 8)


def test_a_misspelt_column_is_an_error_in_a_frame_too():
    one = entry("column_values_to_be_between", column="lou", max_value=2)
    assert framed(ROWS, one)[0] == "error"


def test_a_small_table_goes_whole(monkeypatch):
    monkeypatch.setattr(frames, "_frame", None)
    one = entry("column_values_to_not_be_null", column="file")
    (outcome,) = frames.judge("t", duckdb.from_df(ROWS), [one])
    assert outcome.result == "held"


def test_of_a_large_table_only_the_distinct_values_are_carried_out_of_it(monkeypatch):
    carried = []
    check = checks.check

    def seen(table, rows, *rest):
        carried.append(rows.shape)
        return check(table, rows, *rest)

    monkeypatch.setattr(checks, "check", seen)
    rows = duckdb.sql("select 'f' as file, i % 7 as code, i as number from range(100000) as t(i)")
    kinds = [
        entry("table_row_count_to_be_between", min_value=1),
        entry("table_columns_to_match_set", column_set=["file", "code", "number"]) | {"id": "X-02"},
        entry("column_values_to_not_be_null", column="code") | {"id": "X-03"},
        entry("column_values_to_be_unique", column="number") | {"id": "X-04"},
    ]
    outcomes = frames.judge("t", rows, kinds)
    assert {o.result for o in outcomes} == {"held"}
    assert carried == [(100000, 0), (0, 3), (1, 2), (0, 2)]
