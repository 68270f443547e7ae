"""A changes.csv counted and told: by change, by cause, by theme; the largest moves."""

import csv

import pytest
from texttable import read

from flows import changes
from flows.lookback import moves

USUAL = {"theme": "safer", "indicator": "Thefts", "indicator_id": "thefts", "area_kind": "town"}
USUAL |= {"area_code": "T1", "area_name": "Reedham (invented)", "period": "2025", "edition": ""}
USUAL |= {"change": "revised", "unit": "per 1,000", "why": "new data: Crime"}


@pytest.fixture
def moved(tmp_path):
    """What is told of rows, given as a text table."""

    def of(table, **asked):
        names, rows = read(table)
        path = tmp_path / "changes.csv"
        with path.open("w", newline="") as stream:
            out = csv.DictWriter(stream, changes.COLUMNS, restval="")
            out.writeheader()
            out.writerows(USUAL | dict(zip(names, row, strict=True)) for row in rows)
        return moves.of(path, **asked)

    return of


def test_cells_are_counted_by_change_and_cause_and_each_once(moved):
    told = moved(
        """
        theme          | change   | why
        safer          | revised  | new data: Crime
        safer; cleaner | revised  | publisher's revision: People; new boundary: Towns
        cleaner        | new      | new data: Crime
        cleaner        | new      | new data: Crime
        """
    )
    assert told.cells == 4
    assert {c: n for c, n in told.counts.items() if n} == {"revised": 2, "new": 2}
    causes = {"new data": 3, "publisher's revision": 1, "new boundary": 1}
    assert {c: n for c, n in told.causes.items() if n} == causes
    assert tuple(told.counts) == moves.CHANGES
    assert [(t.theme, t.change, t.cells) for t in told.by_theme] == [
        ("cleaner", "new", 2),
        ("cleaner", "revised", 1),
        ("safer", "revised", 1),
        ("safer", "revised", 1),
    ]


def test_a_cause_is_what_a_reason_begins_with(moved):
    assert moves.causes_of("protection") == ["protection"]
    assert moves.causes_of("publisher's revision: a new boundary: no; method: x") == [
        "publisher's revision",
        "method",
    ]


class TestTheLargest:
    COLUMNS = "area_code | value_before | value_after"

    def largest(self, told):
        return [move.area_code for move in told.largest]

    def test_are_those_that_moved_most_for_what_they_were(self, moved):
        told = moved(f"{self.COLUMNS}\nT1 | 100 | 150\nT2 | 1 | 3\nT3 | 10 | 9")
        assert self.largest(told) == ["T2", "T1", "T3"]

    def test_from_nothing_a_figure_counts_as_doubled(self, moved):
        told = moved(f"{self.COLUMNS}\nT1 | 0 | 0.1\nT2 | 1 | 3\nT3 | 10 | 19")
        assert self.largest(told) == ["T2", "T1", "T3"]

    def test_of_equals_the_larger_then_the_lower_code_is_first(self, moved):
        told = moved(f"{self.COLUMNS}\nT9 | 1 | 2\nT3 | 10 | 20\nT1 | 1 | 2")
        assert self.largest(told) == ["T3", "T1", "T9"]

    def test_have_both_values_in_one_unit(self, moved):
        told = moved(
            """
            area_code | value_before | value_after | unit
            T1        | ''           | 4           | per 1,000
            T2        | 4            | ''          | per 1,000
            T3        | 4            | 40          | per 10,000 (before: per 1,000)
            T4        | 4            | 4           | per 1,000
            T5        | 4            | 5           | per 1,000
            """
        )
        assert self.largest(told) == ["T5"]

    def test_numbers_of_crimes_are_never_among_them(self, moved):
        rows = f"indicator_id | {self.COLUMNS}\ncrimes | T1 | 1 | 90\nthefts | T2 | 1 | 2"
        assert self.largest(moved(rows, bare={"crimes"})) == ["T2"]

    def test_a_locality_is_told_once_for_the_period_that_moved_most(self, moved):
        told = moved(
            f"period | {self.COLUMNS}\n2023 | T1 | 1 | 2\n2024 | T1 | 1 | 5\n2025 | T1 | 1 | 3"
        )
        assert [move.period for move in told.largest] == ["2024"]

    def test_one_indicator_does_not_hide_the_others(self, moved):
        burglary = "\n".join(f"burglary | T{n} | 1 | {90 + n}" for n in range(9))
        told = moved(f"indicator_id | {self.COLUMNS}\n{burglary}\nthefts | T1 | 1 | 2", most=4)
        assert [move.indicator_id for move in told.largest] == ["burglary"] * 3 + ["thefts"]


class TestSentences:
    def test_nothing(self, moved, tmp_path):
        assert list(moves.sentences(moved("theme"))) == ["No cell moved."]
        assert moves.of(tmp_path / "none.csv").cells == 0

    def test_say_how_many_why_and_the_largest(self, moved):
        table = "change | value_before | value_after | why\nnew | '' | 4 | new data: Crime\n"
        table += "revised | 1 | 2.5 | publisher's revision: People"
        assert list(moves.sentences(moved(table))) == [
            "2 cells moved: 1 new, 1 revised.",
            "What moved them: 1 new data, 1 publisher's revision.",
            "  safer, new: 1 cell (new data: Crime)",
            "  safer, revised: 1 cell (publisher's revision: People)",
            "The largest moves:",
            "  Thefts, Reedham, 2025: 2.50 per 1,000, before 1 per 1,000"
            " (publisher's revision: People)",
        ]
