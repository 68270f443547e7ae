"""What the comparison of two releases is told beside their cells: what was withheld altogether, which
localities are gone, what the manifests lack."""

import json

import pytest

from flows.lookback import diffing, moves
from sql import models

CELLS = "indicator_id | area_code | period | value | marker"
STAYS = "imd_score | T1 | 2024 | 9 | -"


@pytest.fixture
def moved(shelf, tmp_path):
    """The cells that moved between two releases, given as text tables without the columns."""

    def between(before, after, **newer):
        shelf.release("older", "", f"{CELLS}\n{STAYS}\n{before}")
        shelf.release("newer", "", f"{CELLS}\n{STAYS}\n{after}", **newer)
        diffing.between(shelf.data, "older", "newer", tmp_path / "moved.csv")
        return list(moves.read(tmp_path / "moved.csv"))

    return between


def test_a_kind_that_is_withheld_altogether_tells_no_figure(shelf, tmp_path):
    cell = "crime_rate_12_months | T1 | 2025 | 7 | -"
    gaps = "indicator_id,area_kind,gap\ncrime_rate_12_months,town,withheld\n"
    named = "indicator_id,source,denominator_source,method\n"
    named += "imd_score,indices_of_deprivation,,\ncrime_rate_12_months,police_crime,,\n"
    shelf.release("older", "", f"{CELLS}\n{STAYS}\n{cell}")
    newer = shelf.release("newer", "", f"{CELLS}\n{STAYS}", beside={"gaps.csv": gaps})
    (newer / "indicators.csv").write_text(named)
    diffing.between(shelf.data, "older", "newer", tmp_path / "moved.csv")
    (row,) = moves.read(tmp_path / "moved.csv")
    assert (row["change"], row["value_before"], row["why"]) == ("now withheld", "", "protection")


def test_where_some_of_a_kind_are_withheld_the_rest_is_told(moved):
    gaps = "indicator_id,area_kind,gap\nimd_score,town,withheld\n"
    (row,) = moved("imd_score | T1 | 2025 | 7 | -", "", beside={"gaps.csv": gaps})
    assert (row["change"], row["value_before"]) == ("withdrawn", "7.0")


class TestALocality:
    GONE = "new boundary: the locality or its edition is gone"
    NAMED = "area_kind,area_code\ntown,T1\ntown,T9\n"

    def test_that_is_in_no_table_is_gone(self, moved):
        (row,) = moved("imd_score | T9 | 2024 | 7 | -", "")
        assert (row["change"], row["why"]) == ("withdrawn", self.GONE)

    def test_that_is_named_and_has_no_figure_is_not(self, moved):
        cell = "imd_score | T9 | 2024 | 7 | -"
        (row,) = moved(cell, "", beside={"localities.csv": self.NAMED})
        assert (row["change"], row["why"].partition(":")[0]) == ("withdrawn", "not known")

    def test_whose_kind_has_editions_is_named_for_none_of_them(self, moved):
        editions = [{"area_kind": "town", "edition": e} for e in ("2008", "2013")]
        cell = "imd_score | T9 | 2024 | 7 | -"
        (row,) = moved(cell, "", beside={"localities.csv": self.NAMED}, editions=editions)
        assert row["why"].startswith("new boundary")


def test_a_comparison_that_would_tell_what_is_withheld_is_not_shown(shelf, monkeypatch, tmp_path):
    """The audit of changes.csv judges this one too, however it was made."""
    shown = "case when not (c.was_kept_back or c.is_kept_back) then c.value_before end"
    text = models.models()["evidence.changes"]
    assert shown in text
    monkeypatch.setitem(models.models(), "evidence.changes", text.replace(shown, "c.value_before"))
    shelf.release("older", "", f"{CELLS}\n{STAYS}\nimd_score | T1 | 2025 | 7 | -")
    shelf.release("newer", "", f"{CELLS}\n{STAYS}\nimd_score | T1 | 2025 | - | [c]")
    with pytest.raises(diffing.NotProtected, match="beside one that is withheld"):
        diffing.between(shelf.data, "older", "newer", tmp_path / "moved.csv")
    assert not (tmp_path / "moved.csv").exists()


def test_a_manifest_without_a_word_breaks_nothing(shelf, tmp_path):
    for name, value in (("older", 7), ("newer", 8)):
        shelf.release(name, "", f"{CELLS}\nimd_score | T1 | 2025 | {value} | -")
        folder = shelf.data / "releases" / name
        (folder / "manifest.json").write_text(json.dumps({"release": name}))
        (folder / "indicators.csv").unlink()
    told = diffing.between(shelf.data, "older", "newer")
    assert (told.moves.cells, told.moves.causes["not known"]) == (1, 1)
