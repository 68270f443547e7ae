"""What the real county's figures can bear: breaks, comparisons, similar places."""

import duckdb
import pytest


@pytest.fixture(scope="module")
def ask(evidence):
    def ask(question):
        return evidence.sql(question).fetchall()

    return ask


def test_no_trend_or_change_is_read_across_the_new_map_points(ask):
    """Twelve months of 2022 against those of 2021: the police moved their points in July 2022."""
    crossed = ask(
        "select distinct trend, trend_note, earlier_period from evidence"
        " where indicator_id = 'crime_rate_12_months' and value is not null"
        " and period = '2021-10 to 2022-09'"
    )
    assert crossed
    for trend, note, earlier in crossed:
        assert trend == "cannot be calculated"
        assert note.startswith("refused: the police's map points were refreshed in July 2022")
        assert earlier is None


def test_a_change_that_crosses_nothing_is_told_and_the_figure_itself_stays(ask):
    ((told, crossed),) = ask(
        "select count(changed) filter (period = '2021-06 to 2022-05'),"
        " count(value) filter (period = '2021-10 to 2022-09') from evidence"
        " where indicator_id = 'crime_rate_12_months'"
    )
    assert told > 60
    assert crossed > 60


def test_fuel_poverty_has_no_trend_no_interval_and_no_comparison(ask):
    rows = ask(
        "select distinct trend, trend_note, lower_ci, compared, earlier_value, marker from evidence"
        " where indicator_id = 'fuel_poor_households' and value is not null and period = '2022'"
    )
    ((trend, note, *blank, marker),) = rows
    assert trend == "cannot be calculated"
    assert note.startswith("refused: ")
    assert "not be used to identify detailed trends" in note
    assert (blank, marker) == ([None, None, None], "[e]")


def test_a_locality_without_a_crime_in_a_month_is_missing_and_not_zero(warehouse, ask):
    """March 2020, of which the police could not place one row in seven."""
    silent = warehouse.sql("select area_kind, area_code, month from core.silent_months").fetchall()
    assert silent
    kind, code, month = silent[0]
    rows = ask(
        "select value, marker, note from evidence where indicator_id = 'crimes_month'"
        f" and area_kind = '{kind}' and area_code = '{code}' and period = '{month:%Y-%m}'"
    )
    assert rows
    for value, marker, note in rows:
        assert (value, marker) == (None, "[x]")
        assert "missing, not zero" in note


def test_recorded_crime_moves_more_than_chance(warehouse):
    ((lowest, types),) = warehouse.sql(
        "select min(own_dispersion), count(distinct measure) from evidence.dispersions"
        " where area_kind = 'community_forum_area'"
    ).fetchall()
    assert types >= 7
    assert lowest > 1.3


def test_fewer_comparisons_stand_than_are_told_and_none_that_is_not(ask):
    ((told, stand, strange),) = ask(
        "select count(*) filter (compared <> 'similar'),"
        " count(*) filter (compared_adjusted <> 'similar'),"
        " count(*) filter (compared_adjusted <> 'similar' and compared_adjusted <> compared)"
        " from evidence"
    )
    assert 0 < stand < told
    assert strange == 0


def test_a_similar_place_is_never_the_place_itself(warehouse):
    ((own,),) = warehouse.sql(
        "select count(*) from evidence.peer_members as p join core.bricks as b"
        " using (area_kind, edition, area_code, small_area_code)"
    ).fetchall()
    assert own == 0


def test_every_forum_has_ten_similar_places_by_what_covers_the_police_area(warehouse):
    counts = warehouse.sql(
        "select area_code, count(*) from evidence.similar_places"
        " where area_kind = 'community_forum_area' and coverage = 'whole' group by all"
    ).fetchall()
    assert len(counts) == 25
    assert {count for _, count in counts} == {10}


def test_england_is_added_up_from_every_small_area(ask, shared):
    """Against the file itself: the share of England's people who are income deprived."""
    file = next((shared / "indices_of_deprivation").glob("File_7*.csv"))
    with duckdb.connect() as con:
        listed = con.read_csv(str(file), header=True)
        people = next(c for c in listed.columns if c.startswith("Total population"))
        rate = next(c for c in listed.columns if c.startswith("Income Score"))
        ((share,),) = con.sql(
            f'select 100 * sum("{people}" * "{rate}") / sum("{people}") from listed'
        ).fetchall()
    ((england,),) = ask(
        "select distinct comparator_england from evidence"
        " where indicator_id = 'income_deprived_people' and comparator_england is not null"
    )
    assert england == pytest.approx(share, rel=1e-4)
