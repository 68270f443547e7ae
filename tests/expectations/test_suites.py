"""Every shipped expectation holds on a good table and is broken by the fault it is there for."""

import json
from collections import Counter

import duckdb
import pandas as pd
import pytest

from expectations import checks, frames
from expectations.checks import SuiteFault
from flows.sources import SOURCES

SUITES = checks.suites()
ROWS = 10
LIKE = {  # a word for each pattern that a suite asks for
    r"^[A-Z]01\d{6}$": "E01000001",
    r"^[A-Z]00\d{6}$": "E00000001",
    r"^[A-Z]02\d{6}$": "E02000001",
    r"^[A-Z]0[6-9]\d{6}$": "E07000129",
    r"^[A-Z]05\d{6}$": "E05000001",
    r"^[1-9]\d{3,5}(?:\.\d+)?$": "458921.37",
    r"^[1-9]\d{3,6}(?:\.\d+)?$": "1204462",
    r"^(?:19|20)\d{4}$": "202412",
    r"^20\d{2}$": "2024",
}
CHOSEN = {  # for each condition that chooses rows: its column, a word that it chooses, and one not
    'publisher_column == "CHGIND"': ("publisher_column", "CHGIND", "FID"),
    'publisher_column == "x"': ("publisher_column", "x", "FID"),
    'publisher_column == "y"': ("publisher_column", "y", "FID"),
    'publisher_column == "Urban_rural_flag"': ("publisher_column", "Urban_rural_flag", "FID"),
    'publisher_column.str.fullmatch("(F_)?LSOA11CD")': ("publisher_column", "F_LSOA11CD", "FID"),
    'publisher_column.str.fullmatch("LAD[0-9]{2}CD")': ("publisher_column", "LAD24CD", "FID"),
    'publisher_column.str.fullmatch("WD[0-9]{2}CD")': ("publisher_column", "WD24CD", "FID"),
    'publisher_column.str.contains("Decile")': ("publisher_column", "Crime Decile (where 1", "FID"),
    'publisher_column.str.contains("Rank")': ("publisher_column", "Crime Rank (where 1", "FID"),
    'publisher_column.str.contains("(rate)", regex=False)': (
        "publisher_column",
        "Income Score (rate)",
        "FID",
    ),
    'publisher_column.str.contains("(IMD) Score", regex=False)': (
        "publisher_column",
        "2019: Index of Multiple Deprivation (IMD) Score",
        "FID",
    ),
    'publisher_column.str.contains("mid 20")': (
        "publisher_column",
        "Older people: mid 2022",
        "FID",
    ),
    'publisher_column.str.contains("Proportion")': ("publisher_column", "Proportion (%)", "FID"),
    'publisher_column.str.contains("Number of households")': (
        "publisher_column",
        "Number of households in fuel poverty",
        "FID",
    ),
    "is_update == False": ("is_update", False, True),
    "licence.isnull()": ("licence", None, "open"),
}


def conditional(entries):
    return [e for e in entries if "row_condition" in e["kwargs"]]


def good_table(entries):
    """A small table on which every expectation of a suite holds; an expectation with a condition
    has a row of its own at the end."""
    chosen = conditional(entries)
    table = plain_table([e for e in entries if e not in chosen], ROWS + len(chosen))
    for row, entry in enumerate(chosen, ROWS):
        kwargs = entry["kwargs"]
        at, word, other = CHOSEN[kwargs["row_condition"]]
        if row == ROWS:  # the other rows are chosen by no condition
            table[at] = other if isinstance(other, bool) else [f"{other} {n}" for n in table.index]
        table.loc[row, at] = word
        if "regex" in kwargs:
            good = LIKE[kwargs["regex"]]
        elif "value_set" in kwargs:
            good = kwargs["value_set"][0]
        elif "max_value" in kwargs:
            good = float(kwargs["max_value"])
        else:
            good = table[kwargs["column"]][row]
        if not isinstance(good, str) and table[kwargs["column"]].dtype != float:
            table[kwargs["column"]] = 1.0
        table.loc[row, kwargs["column"]] = good
    return table


def plain_table(entries, rows):
    """A small table on which every expectation of a suite holds, made from what the suite says."""
    (columns,) = (
        e["kwargs"]["column_set"] for e in entries if e["type"].endswith("columns_to_match_set")
    )
    table = pd.DataFrame({c: [f"{c} {row}" for row in range(rows)] for c in columns})
    numbers = {}
    for entry in entries:
        kwargs, kind = entry["kwargs"], entry["type"]
        if kind == "expect_column_values_to_be_in_set":
            words = kwargs["value_set"]
            table[kwargs["column"]] = [words[row % len(words)] for row in range(rows)]
        elif kind == "expect_column_values_to_be_between" and "column" in kwargs:
            lowest, highest = kwargs.get("min_value"), kwargs.get("max_value")
            ends = [n for n in (lowest, highest) if n is not None]
            numbers[kwargs["column"]] = sum(ends) / len(ends)
        elif kind == "expect_column_pair_values_a_to_be_greater_than_b":
            below = numbers.setdefault(kwargs["column_B"], 1)
            numbers.setdefault(kwargs["column_A"], below + 1)
        elif kind == "expect_column_values_to_be_null":
            table[kwargs["column"]] = None
        elif kind == "expect_column_values_to_match_regex":
            table[kwargs["column"]] = LIKE[kwargs["regex"]]
    for column, number in numbers.items():
        table[column] = float(number)
    return table


# What breaks an expectation of each type, and nothing else -------------------------------------


def no_rows(table, kwargs):
    if "min_value" in kwargs:
        return table.iloc[:0]
    times = kwargs["max_value"] // len(table) + 1
    more = pd.concat([table] * times, ignore_index=True)  # too many, each of another indicator
    return more.assign(indicator_id=[f"indicator {n}" for n in more.index])


def a_column_more(table, kwargs):
    return table.assign(surprise="x")


def nulls(table, kwargs):
    allowed = round((1 - kwargs.get("mostly", 1)) * len(table))
    table[kwargs["column"]] = table[kwargs["column"]].astype(object)
    if "row_condition" in kwargs:
        return with_value(table, kwargs["column"], None, own_row(table, kwargs))
    table.loc[:allowed, kwargs["column"]] = None  # one row more than may be without
    return table


def one_strange_value(table, kwargs):
    words = kwargs["value_set"]
    strange = max(words) + 1 if isinstance(words[0], int) else "surprise"
    if words == [False]:
        strange = True
    if words == ["A"]:
        strange = "D"  # good elsewhere
    return with_value(table, kwargs["column"], strange, own_row(table, kwargs))


def one_number_outside(table, kwargs):
    high = "max_value" in kwargs
    outside = kwargs["max_value"] + 0.5 if high else kwargs["min_value"] - 0.5
    return with_value(table, kwargs["column"], outside, own_row(table, kwargs))


def a_row_twice(table, kwargs):
    return pd.concat([table, table.iloc[[3]]], ignore_index=True)


def one_word_unlike(table, kwargs):
    return with_value(table, kwargs["column"], "E0100000", own_row(table, kwargs))


PAIRED = Counter(
    e["kwargs"][column]
    for entries in SUITES.values()
    for e in entries
    for column in ("column_A", "column_B")
    if column in e["kwargs"]
)


def one_pair_apart(table, kwargs, by):
    """The upper column of a pair stands so much above the lower one, in one row. That is moved
    which fewer pairs have: a value stands between several ends.
    """
    upper, lower = kwargs["column_A"], kwargs["column_B"]
    if PAIRED[lower] < PAIRED[upper]:
        return with_value(table, lower, table[upper][3] - by)
    return with_value(table, upper, table[lower][3] + by)


def one_pair_in_the_wrong_order(table, kwargs):
    return one_pair_apart(table, kwargs, -0.5)


def with_value(table, column, value, row=3):
    table.loc[row, column] = value
    return table


def own_row(table, kwargs):
    """The row that an expectation's condition chooses, or any."""
    return table.query(kwargs["row_condition"]).index[0] if "row_condition" in kwargs else 3


def one_value(table, kwargs):
    return with_value(table, kwargs["column"], "E01999999")


BREAKS = {
    "expect_table_row_count_to_be_between": no_rows,
    "expect_table_columns_to_match_set": a_column_more,
    "expect_column_values_to_not_be_null": nulls,
    "expect_column_values_to_be_null": one_value,
    "expect_column_values_to_be_in_set": one_strange_value,
    "expect_column_values_to_be_between": one_number_outside,
    "expect_compound_columns_to_be_unique": a_row_twice,
    "expect_column_values_to_match_regex": one_word_unlike,
    "expect_column_pair_values_a_to_be_greater_than_b": one_pair_in_the_wrong_order,
}
EVERY = [
    pytest.param(table, entry, id=f"{table} {entry['id']}")
    for table, entries in SUITES.items()
    for entry in entries
]


def test_the_suites_are_there():
    tables = {f"stage.{source}" for source in SOURCES}
    tables |= {"core.reconciliation", "core.agreement", "evidence.gaps", "evidence.answers"}
    assert tables | {"evidence.evidence_table"} <= set(SUITES)
    assert len(EVERY) >= 41


@pytest.mark.parametrize("table", SUITES)
def test_every_expectation_holds_on_a_good_table(table):
    outcomes = checks.check(table, good_table(SUITES[table]), SUITES[table])
    assert [o.id for o in outcomes] == [e["id"] for e in SUITES[table]]
    assert [o.sentence for o in outcomes if o.result != "held"] == []
    rows = duckdb.from_df(good_table(SUITES[table]))
    assert frames.judge(table, rows, SUITES[table], small=-1) == outcomes


@pytest.mark.parametrize(("table", "entry"), EVERY)
def test_every_expectation_is_broken_by_its_own_fault_and_says_why(table, entry):
    entries = SUITES[table]
    spoilt = BREAKS[entry["type"]](good_table(entries), entry["kwargs"])
    outcomes = {o.id: o for o in checks.check(table, spoilt, entries)}
    assert [i for i, o in outcomes.items() if o.result != "held"] == [entry["id"]]
    outcome = outcomes[entry["id"]]
    assert outcome.result == "broken"
    assert outcome.sentence.startswith(f"{table} {entry['id']}: {entry['because']}")
    assert (outcome.severity, outcome.action) == (entry["severity"], entry["action"])
    assert json.loads(json.dumps(checks.as_row(outcome)))["because"] == entry["because"]
    (in_frames,) = frames.judge(table, duckdb.from_df(spoilt), [entry], small=-1)
    assert (in_frames.result, in_frames.broken_rows) == ("broken", outcome.broken_rows)


WITH_MAX = [p for p in EVERY if {"min_value", "max_value"} <= set(p.values[1]["kwargs"])]


@pytest.mark.parametrize(("table", "entry"), WITH_MAX)
def test_a_range_is_broken_at_its_other_end_too(table, entry):
    below = entry["kwargs"]["min_value"] - 0.5
    good = good_table(SUITES[table])
    row = own_row(good, entry["kwargs"])
    spoilt = with_value(good, entry["kwargs"]["column"], below, row)
    (outcome,) = checks.check(table, spoilt, [entry])
    assert outcome.result == "broken"


PAIRS = [p for p in EVERY if "column_A" in p.values[1]["kwargs"]]


@pytest.mark.parametrize(("table", "entry"), PAIRS)
def test_a_value_at_the_very_end_of_its_range_is_in_it(table, entry):
    """A locality made of whole small areas has a range without width."""
    level = one_pair_apart(good_table(SUITES[table]), entry["kwargs"], 0)
    (outcome,) = checks.check(table, level, [entry])
    assert outcome.result == "held"


@pytest.mark.parametrize(("table", "entry"), PAIRS)
def test_where_there_is_no_range_there_is_nothing_to_be_outside_of(table, entry):
    for column in (entry["kwargs"]["column_A"], entry["kwargs"]["column_B"]):
        gap = with_value(good_table(SUITES[table]), column, None)
        (outcome,) = checks.check(table, gap, [entry])
        assert outcome.result == "held", column


@pytest.mark.parametrize("table", SUITES)
def test_a_table_without_one_of_its_columns_is_never_passed(table):
    entries = SUITES[table]
    (matches,) = (e for e in entries if e["type"].endswith("columns_to_match_set"))
    for column in matches["kwargs"]["column_set"]:
        (outcome,) = checks.check(table, good_table(entries).drop(columns=column), [matches])
        assert outcome.result == "broken", column


@pytest.mark.parametrize("table", SUITES)
def test_every_expectation_is_on_a_column_that_the_suite_promises(table):
    (columns,) = (
        set(e["kwargs"]["column_set"]) for e in SUITES[table] if "column_set" in e["kwargs"]
    )
    for entry in SUITES[table]:
        kwargs = entry["kwargs"]
        named = {kwargs[k] for k in ("column", "column_A", "column_B") if k in kwargs}
        assert named | set(kwargs.get("column_list", [])) <= columns


def test_an_id_stands_once_in_all_suites():
    ids = [e["id"] for entries in SUITES.values() for e in entries]
    assert len(ids) == len(set(ids))


# The sentence ----------------------------------------------------------------------------------


def test_a_sentence_names_the_rows_by_their_first_column():
    entries = SUITES["core.partition_weights"]
    table = good_table(entries)
    for row in range(5):
        table.loc[row, "weight_sum"] = 0.5
    outcome = checks.check("core.partition_weights", table, entries)[-1]
    assert outcome.broken_rows == 5
    first = table.columns[0]
    assert outcome.examples == tuple(f"{table[first][row]}: 0.5" for row in range(3))
    assert "(5 rows, such as " in outcome.sentence


def test_a_sentence_about_a_whole_table_says_what_was_found():
    entries = SUITES["core.partition_weights"]
    outcome = checks.check("core.partition_weights", good_table(entries).iloc[:0], entries)[0]
    assert outcome.sentence.endswith("Found: 0")


def test_an_expectation_that_cannot_be_judged_is_an_error_and_never_held():
    entries = SUITES["core.partition_weights"]
    table = good_table(entries).drop(columns="weight_sum")
    outcomes = checks.check("core.partition_weights", table, entries)
    assert [o.result for o in outcomes] == ["held", "broken", "error"]
    assert "It could not be judged: " in outcomes[-1].sentence


# The loader ------------------------------------------------------------------------------------

FIRST = """
[[expectation]]
id = "X-01"
type = "expect_table_row_count_to_be_between"
severity = "critical"
action = "stop"
because = "there must be rows"
kwargs = { min_value = 1 }

[[expectation]]
id = "X-02"
type = "expect_table_columns_to_match_set"
severity = "critical"
action = "stop"
because = "the columns must be there"
kwargs = { column_set = ["code", "value"] }
"""
THIRD = """
[[expectation]]
id = "X-03"
type = "expect_column_values_to_be_between"
severity = "warning"
action = "report"
because = "values are not negative"
kwargs = { column = "value", min_value = 0 }
"""
TABLE = pd.DataFrame({"code": ["a", "b"], "value": [1.0, 2.0]})


@pytest.fixture
def load(tmp_path):
    """Read one suite file from its text."""

    def read(text):
        (tmp_path / "core.things.toml").write_text(text, encoding="utf-8")
        return checks.suites(tmp_path)["core.things"]

    return read


def test_a_good_suite_is_read_in_its_order(load):
    entries = load(FIRST + THIRD)
    assert [e["id"] for e in entries] == ["X-01", "X-02", "X-03"]
    assert {o.result for o in checks.check("core.things", TABLE, entries)} == {"held"}


WRONG = [
    (FIRST + THIRD + "mostly = 0.9\n", "X-03: keys that are unknown or missing: mostly"),
    (FIRST + THIRD.replace("because", "becuase"), "unknown or missing: because, becuase"),
    (FIRST + THIRD.replace('action = "report"\n', ""), "unknown or missing: action"),
    (FIRST + THIRD.replace('id = "X-03"\n', ""), "an expectation without id"),
    (THIRD, "it must begin with expect_table_row_count_to_be_between"),
    (THIRD + FIRST, "it must begin with"),
    (FIRST.split('[[expectation]]\nid = "X-02"')[0] + THIRD, "it must begin with"),
    ("", "it must begin with"),
    (FIRST + THIRD.replace('"report"', '"stop"'), "severity critical goes with action stop"),
    (FIRST.replace('"stop"', '"report"', 1), "severity critical goes with action stop"),
    (FIRST + THIRD.replace('"warning"', '"severe"'), "severity critical goes with action stop"),
    (FIRST + THIRD.replace('"report"', '"quarantine"'), "severity critical goes with action stop"),
    (FIRST + THIRD.replace("X-03", "X-02"), "X-02: the id stands twice"),
    (FIRST + THIRD.replace("[[expectation]]", "[[expectaton]]"), "expectaton"),
    (FIRST + '\n[suite]\nname = "x"\n', "suite"),
    (FIRST + "[[expectation\n", "TOML"),
]


@pytest.mark.parametrize(("text", "told"), WRONG)
def test_a_suite_that_would_not_check_what_it_says_is_refused_with_the_reason(load, text, told):
    with pytest.raises(SuiteFault) as raised:
        load(text)
    assert str(raised.value).startswith("core.things.toml")
    assert told in str(raised.value)


@pytest.mark.parametrize(
    "text",
    [
        THIRD.replace("values_to_be_between", "values_to_be_betwixt"),
        THIRD.replace("min_value = 0", "minimum = 0"),
        THIRD.replace('column = "value", ', ""),
        THIRD.replace('column = "value"', 'colum = "value"'),
    ],
    ids=["unknown type", "unknown argument", "missing argument", "misspelt argument"],
)
def test_a_type_or_an_argument_that_nobody_knows_is_never_passed_over(load, text):
    with pytest.raises(Exception, match=r"betwixt|minimum|column|colum"):
        checks.check("core.things", TABLE, load(FIRST + text))


def test_the_same_expectation_under_two_ids_is_judged_twice_or_refused(load):
    entries = load(FIRST + THIRD + THIRD.replace("X-03", "X-04"))
    try:
        outcomes = checks.check("core.things", TABLE, entries)
    except SuiteFault:
        return
    assert [o.id for o in outcomes] == ["X-01", "X-02", "X-03", "X-04"]


def test_a_misspelt_column_is_an_error_and_never_held(load):
    entries = load(FIRST + THIRD.replace('"value"', '"valeu"'))
    assert checks.check("core.things", TABLE, entries)[-1].result == "error"
