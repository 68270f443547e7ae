"""What changed between two releases of the county: each cell that moved, why, and no more than the
two releases tell."""

import csv
import io
import itertools
import json
import shutil
import zipfile
from pathlib import Path

import duckdb
import pytest
from county_copies import without_returns
from test_protection import COUNTS, forum, hand_over
from test_protection import refresh as refresh_falls

from flows import catalogue, changes
from flows.evidence import Request, refresh
from flows.lookback import diffing, moves

THEME = "safer_communities"
KEY = ("indicator_id", "area_kind", "area_code", "edition", "period")


def published(data, place, theme=THEME):
    """Refresh one theme; the folder of its new release."""
    outcome = refresh(Request(place=str(place), data=str(data), themes=(theme,)))
    assert outcome.state == "published", outcome
    return Path(outcome.folder)


def changed(release):
    with (release / "changes.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def cells(release):
    """Each cell of a release by its key: value and marker."""
    table = duckdb.read_parquet(str(release / "evidence.parquet"))
    rows = table.select(*KEY, "value", "marker").fetchall()
    return {tuple(k or "" for k in key): (value, marker) for *key, value, marker in rows}


def number(told):
    return float(told) if told else None


def as_read(row):
    return tuple(row[k] for k in KEY)


def without_its_last_month(archive, month):
    """An archive of the police as it was a month before."""
    out = io.BytesIO()
    with zipfile.ZipFile(archive) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            if not name.startswith(month):
                new.writestr(name, old.read(name))
    return out.getvalue()


@pytest.fixture(scope="module")
def pair(tmp_path_factory, begun):
    """Two releases. Before the second a month came, the publisher put one small area's population
    right, a small area went to another forum, and burglaries are told by 10,000 households."""
    folder = tmp_path_factory.mktemp("changes")
    place, data = without_returns(folder), begun(folder / "data")
    police = place / "inbox" / "police_crime"
    newest = (police / "2025-06.zip").rename(folder / "2025-06.zip")
    (police / "2025-05.zip").write_bytes(without_its_last_month(newest, "2025-06"))
    first = published(data, place)
    shutil.move(newest, police / newest.name)
    people = place / "inbox" / "population" / "nomis-small-area-population.csv"
    replace(people, '"2023",200,"All Ages",', '"2023",200,"All Ages",9', count=1)
    fellside, larkmoor = "X-F1,Fellside Forum (invented)", "X-F2,Larkmoor Forum (invented)"
    replace(place / "community_forums.csv", f"X01000001,{fellside}", f"X01000001,{larkmoor}")
    themes = folder / "themes"
    shutil.copytree(catalogue.THEMES, themes)
    entry = 'denominator = "census_2021.ts054_households"\nper = 1000\n'
    replace(themes / f"{THEME}.toml", entry, entry.replace("1000", "10000"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(catalogue, "THEMES", themes)
        second = published(data, place)
    return first, second


def replace(path, old, new, count=-1):
    text = path.read_text("utf-8-sig")
    assert old in text
    path.write_text(text.replace(old, new, count), encoding="utf-8")


class TestThePair:
    def test_of_a_first_release_nothing_changed_and_the_table_has_its_columns(self, pair):
        first, _ = pair
        assert (first / "changes.csv").read_text("utf-8") == ",".join(changes.COLUMNS) + "\n"

    def test_every_cell_that_moved_is_there_with_both_its_figures(self, pair):
        before, after = (cells(release) for release in pair)
        moved = {k for k in before.keys() | after.keys() if before.get(k) != after.get(k) and k[-1]}
        rows = changed(pair[1])
        assert {as_read(row) for row in rows} == moved
        assert len(rows) == len(moved) > 100
        for row in rows:
            was, now = before.get(as_read(row), (None, None)), after.get(as_read(row), (None, None))
            assert (number(row["value_before"]), row["marker_before"]) == (was[0], was[1] or "")
            assert (number(row["value_after"]), row["marker_after"]) == (now[0], now[1] or "")

    def of(self, pair, **wanted):
        rows = [r for r in changed(pair[1]) if all(r[k] == v for k, v in wanted.items())]
        assert rows, wanted
        return rows

    def test_a_new_month_is_new_data(self, pair):
        rows = self.of(pair, indicator_id="crimes_month", period="2025-06")
        assert {(r["change"], r["why"]) for r in rows} == {("new", "new data: Street-level crime")}

    def test_a_file_that_was_replaced_is_the_publisher_s_revision(self, pair):
        rows = self.of(pair, indicator_id="crime_rate_12_months", area_kind="place")
        told = "publisher's revision: Small-area mid-year population estimates"
        assert {r["why"] for r in rows if r["change"] == "revised"} == {told}

    def test_a_list_that_changed_is_a_new_boundary_of_its_kind_only(self, pair):
        told = "new boundary: Community forum areas"
        for indicator in ("road_collisions_year", "asb_incidents_month"):
            rows = [r for r in self.of(pair, indicator_id=indicator) if r["change"] == "revised"]
            assert {(r["area_kind"], r["why"]) for r in rows} == {("community_forum_area", told)}
        assert {r["area_kind"] for r in changed(pair[1]) if told in r["why"]} == {
            "community_forum_area"
        }

    def test_an_entry_that_changed_is_method_of_its_indicator_only(self, pair):
        told = "method: the catalogue's entry changed"
        rows = [r for r in changed(pair[1]) if told in r["why"]]
        assert {r["indicator_id"] for r in rows} == {"burglary_rate_12_months"}
        tenfold = [r for r in rows if r["area_kind"] == "place" and r["value_before"]]
        assert tenfold
        for r in tenfold:
            assert float(r["value_after"]) == pytest.approx(10 * float(r["value_before"]), abs=1e-4)

    def test_the_same_files_again_change_nothing(self, pair):
        manifest = json.loads((pair[1] / "manifest.json").read_text())
        assert manifest["code"] and manifest["entries"]["indicators"].keys() >= {"crimes_month"}
        assert manifest["entries"]["area_kinds"].keys() >= {"town"}


@pytest.fixture(scope="module")
def chain(pair):
    """Three releases: after the pair burglaries are told as before, and the publisher puts the same
    small area's population right once more."""
    first, second = pair
    data, place = first.parents[1], first.parents[2] / "exampleshire"
    people = place / "inbox" / "population" / "nomis-small-area-population.csv"
    replace(people, '"2023",200,"All Ages",9', '"2023",200,"All Ages",8', count=1)
    return first, second, published(data, place)


def compared(tmp_path, older, newer):
    """The cells that ``evidence diff`` tells of two releases, and the Diff."""
    to = tmp_path / "diff.csv"
    diff = diffing.between(older.parents[1], older.name, newer.name, to)
    return list(moves.read(to)), diff


class TestAnyTwoReleases:
    def test_of_one_after_the_other_the_same_is_told_as_in_its_changes(self, chain, tmp_path):
        for older, newer in itertools.pairwise(chain):
            rows, diff = compared(tmp_path, older, newer)
            assert (tmp_path / "diff.csv").read_bytes() == (newer / "changes.csv").read_bytes()
            assert diff.moves == moves.of(newer / "changes.csv", diff.bare)
            assert diff.moves.cells == len(rows) > 100

    def test_of_two_that_are_further_apart_the_figures_are_those_of_the_two(self, chain, tmp_path):
        first, _, third = chain
        before, after = cells(first), cells(third)
        rows, _ = compared(tmp_path, first, third)
        moved = {k for k in before.keys() | after.keys() if before.get(k) != after.get(k) and k[-1]}
        assert {as_read(row) for row in rows} == moved
        for row in rows:
            told = (number(row["value_before"]), number(row["value_after"]))
            was, now = before.get(as_read(row), (None,)), after.get(as_read(row), (None,))
            assert told == (was[0], now[0])

    def test_and_the_reasons_are_those_of_the_releases_between(self, chain, tmp_path):
        first, second, third = chain
        steps = {}
        for row in [*changed(second), *changed(third)]:
            steps.setdefault(as_read(row), set()).update(moves.causes_of(row["why"]))
        rows, diff = compared(tmp_path, first, third)
        for row in rows:
            assert set(moves.causes_of(row["why"])) <= steps[as_read(row)], row
        told = {cause for cause, cells in diff.moves.causes.items() if cells}
        assert told == {"new data", "publisher's revision", "new boundary"}

    def test_an_entry_that_went_back_to_what_it_was_is_no_reason(self, chain, tmp_path):
        first, second, third = chain
        for older, newer, counted in (
            (first, second, True),
            (second, third, True),
            (first, third, False),
        ):
            rows, _ = compared(tmp_path, older, newer)
            method = {r["indicator_id"] for r in rows if "method: " in r["why"]}
            assert method == ({"burglary_rate_12_months"} if counted else set())

    def test_whichever_is_named_first_the_older_is_what_was_before(self, chain, tmp_path):
        first, _, third = chain
        diff = diffing.between(first.parents[1], "latest", first.name)
        assert (diff.older.name, diff.newer.name) == (first.name, third.name)

    def test_numbers_of_crimes_are_not_among_the_largest_moves(self, chain, tmp_path):
        first, _, third = chain
        _, diff = compared(tmp_path, first, third)
        assert diff.bare["crimes_month"] and diff.moves.largest
        assert not {move.indicator_id for move in diff.moves.largest} & diff.bare.keys()

    def test_without_the_place_s_catalogue_less_is_known_and_nothing_breaks(
        self, chain, tmp_path, monkeypatch
    ):
        first, second, _ = chain
        monkeypatch.setattr(diffing, "book_of", lambda record: None)
        rows, diff = compared(tmp_path, first, second)
        assert rows == changed(second)
        assert "crimes_month" in diff.bare

    def test_an_older_manifest_tells_what_it_can(self, chain, tmp_path):
        """Its entries had no words for sources and kinds of locality: today's catalogue has."""
        first, second, _ = chain
        data = tmp_path / "data"
        shutil.copytree(first.parent, data / "releases")
        path = data / "releases" / second.name / "manifest.json"
        about = json.loads(path.read_text("utf-8"))
        for word in ("sources", "returns", "events", "kinds", "by_deprivation"):
            del about["entries"][word]
        path.write_text(json.dumps(about), encoding="utf-8")
        diffing.between(data, first.name, second.name, tmp_path / "diff.csv")
        assert (tmp_path / "diff.csv").read_bytes() == (second / "changes.csv").read_bytes()


class TestAnOlderRelease:
    """What was released before there were markers, editions or hashes of entries."""

    @pytest.fixture
    def compared(self, warehouse, tmp_path):
        def compare(rows):
            path = tmp_path / "evidence.parquet"
            duckdb.sql(rows).write_parquet(str(path))
            warehouse.con.execute("drop table evidence.earlier_cells")
            changes.models.load_rows(warehouse.con, changes_table, changes.CELLS, [])
            changes.load_cells(warehouse.con, path)
            return warehouse.con.table(changes_table).select(*KEY, "value", "theme").fetchall()

        changes_table = "evidence.earlier_cells"
        return compare

    def test_columns_that_it_lacks_are_blank(self, compared):
        told = "select 'i' as indicator_id, 't' as area_kind, 'T1' as area_code,"
        told += " '2025' as period, 4::decimal(9, 2) as value, 'safer; older' as theme, 1 as odd"
        assert compared(told) == [("i", "t", "T1", None, "2025", 4.0, None)]

    def test_one_that_cannot_be_read_is_not_compared_with_and_breaks_nothing(
        self, compared, warehouse, tmp_path, caplog
    ):
        assert compared("select 1 as nothing_of_ours") == []
        (tmp_path / "evidence.parquet").write_bytes(b"no parquet")
        changes.load_cells(warehouse.con, tmp_path / "evidence.parquet")
        assert caplog.text.count("cannot be compared with") == 2


class TestProtectedReturns:
    """A hospital's falls, rounded to 5. In the second release the forum with one has eleven."""

    @pytest.fixture(scope="class")
    def falls(self, tmp_path_factory, begun):
        folder = tmp_path_factory.mktemp("falls")
        without_returns(folder)
        (folder / "exampleshire" / "inbox" / "partner_return").mkdir()
        begun(folder / "data")
        kinds = '"priority_neighbourhood", "community_forum_area", "town", "rural_area", "place"'
        more = f"shown_for = [{kinds}]"
        told = []
        for counts in (COUNTS, COUNTS | {forum("X-F2")[0]: 11, forum("X-F5")[0]: 1}):
            hand_over(folder, counts, more)
            outcome = refresh_falls(folder)
            assert outcome.state == "published", outcome.faults
            told.append(Path(outcome.folder))
        return told

    def test_changes_give_nothing_beyond_the_two_releases(self, falls):
        before, after = (cells(release) for release in falls)
        rows = [r for r in changed(falls[1]) if r["indicator_id"] == "falls"]
        assert {"revised", "now shown", "now withheld"} <= {r["change"] for r in rows}
        for row in rows:
            was, now = before.get(as_read(row), (None, None)), after.get(as_read(row), (None, None))
            told = (number(row["value_before"]), number(row["value_after"]))
            kept_back = {was[1], now[1]} & {"[c]", "[low]"}
            assert told == ((None, None) if kept_back else (was[0], now[0])), row
            assert ("protection" in row["why"]) == (row["change"] in ("now shown", "now withheld"))

    def test_nor_does_a_kind_that_is_kept_back(self, falls):
        assert not [
            r
            for r in changed(falls[1])
            if r["indicator_id"] == "falls" and r["area_kind"] == "district"
        ]

    def test_nor_does_a_comparison_that_is_asked_for(self, falls, tmp_path):
        compared(tmp_path, *falls)
        assert (tmp_path / "diff.csv").read_bytes() == (falls[1] / "changes.csv").read_bytes()

    def test_both_are_of_the_partner_s_new_file(self, falls):
        rows = [r for r in changed(falls[1]) if r["indicator_id"] == "falls"]
        assert all(r["why"].startswith("publisher's revision: Falls at home") for r in rows)
