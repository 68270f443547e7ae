"""Independent judges: every table of whole numbers there is, one after the other."""

from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from practices import both, exact, published, suppressed, to_five, town

from flows.disclosure import Public, audit, searching
from flows.disclosure.public import ENDLESS, system
from flows.disclosure.solving import Block, Effort

PRACTICES = [exact, suppressed, to_five, both]
MOST = 7  # of a brick in a base period, in the tiny cases


def all_tables(public):
    """Every table of bricks x base periods that agrees with the public cells, brick by brick.

    Knows nothing of atoms, spans, blocks or solvers.
    """
    bricks, base_periods = public.areas.shape[1], public.periods.shape[1]
    ranges = [range(MOST + 1)] * (bricks * base_periods)
    tables = np.array(list(product(*ranges))).reshape(-1, bricks, base_periods)
    agree = np.ones(len(tables), bool)
    cells = zip(public.area, public.period, public.lowest, public.highest, strict=True)
    for area, period, lowest, highest in cells:
        totals = tables[:, public.areas[area]][:, :, public.periods[period]].sum(axis=(1, 2))
        agree &= (lowest <= totals) & (totals <= highest)
    if public.ceiling is not None:
        agree &= (tables <= public.ceiling[None, :, None]).all(axis=(1, 2))
    return tables[agree]


def given_away(tables, counts, groups):
    """Of the groups (bricks, base periods) those that all tables make small, with their bounds."""
    found = {}
    for bricks, base_periods in groups:
        place = np.ix_(bricks, base_periods)
        totals = tables[:, place[0], place[1]].sum(axis=(1, 2))
        if 1 <= counts[place].sum() <= 4 and totals.min() >= 1 and totals.max() <= 4:
            found[bricks, base_periods] = (totals.min(), totals.max())
    return found


def pieces(rows):
    """The rows, what each two have alone and share, and the sets of columns alike in all rows."""
    sets = [frozenset(np.flatnonzero(row)) for row in rows]
    found = set(sets)
    for one, other in combinations(sets, 2):
        if one & other:
            found |= {one - other, other - one, one & other}
    alike = {}
    for column in range(len(rows[0])):
        if rows[:, column].any():
            alike.setdefault(tuple(rows[:, column]), set()).add(column)
    plain = set(sets) | {frozenset(columns) for columns in alike.values()}
    return {p for p in found | plain if p}, {p for p in plain if p}


def to_be_examined(public):
    areas, plain_areas = pieces(public.areas)
    periods, plain_periods = pieces(public.periods)
    return {
        (tuple(map(int, sorted(a))), tuple(map(int, sorted(p))))
        for a in areas
        for p in periods
        if a in plain_areas or p in plain_periods
    }


@st.composite
def tiny_cases(draw):
    """2 to 4 bricks, 1 or 2 base periods, up to 4 areas, each practice, sometimes a cell unseen."""
    bricks, base_periods = draw(st.sampled_from([(2, 1), (3, 1), (4, 1), (2, 2)]))
    row = st.lists(st.booleans(), min_size=bricks, max_size=bricks).filter(any)
    areas = draw(st.lists(row, min_size=1, max_size=4))
    covered = np.array(areas).any(axis=0)
    areas += [list(~covered)] if not covered.all() else []  # so that all counts have an end
    small = st.lists(st.integers(0, 3), min_size=base_periods, max_size=base_periods)
    counts = np.array(draw(st.lists(small, min_size=bricks, max_size=bricks)))
    periods = np.vstack([np.eye(base_periods), np.ones((1, base_periods))])[: 2 * base_periods - 1]
    public = published(draw(st.sampled_from(PRACTICES)), areas, counts, periods)
    # No more than the enumeration can hold.
    assume((public.highest <= MOST).all())
    ceiling = draw(st.sampled_from([None, [MOST] * bricks, counts.max(axis=1)]))
    return Public(**{**public.__dict__, "ceiling": ceiling}), counts


@settings(max_examples=60, deadline=None)
@given(tiny_cases())
def test_the_audit_finds_what_enumeration_finds(case):
    public, counts = case
    judged = given_away(all_tables(public), counts, to_be_examined(public))
    audited = {
        (e.bricks, e.base_periods): (e.lowest, e.highest) for e in audit(public, counts).exposures
    }
    assert {group: audited.get(group) for group in judged} == judged
    # It looks at more groups (unions, cuts); what it says of those must be just as true.
    assert audited == given_away(all_tables(public), counts, audited)


@settings(max_examples=40, deadline=None)
@given(tiny_cases(), st.data())
def test_the_bounds_of_any_group_are_those_of_enumeration(case, data):
    public, counts = case
    reduced = system(public)
    shape = (reduced.areas.shape[1], reduced.periods.shape[1])
    mask = np.array(
        data.draw(
            st.lists(st.booleans(), min_size=shape[0] * shape[1], max_size=shape[0] * shape[1])
        )
    )
    mask = mask.reshape(shape).astype(float)
    tables = np.array([reduced.counts(table) for table in all_tables(public)])
    totals = (tables * mask).sum(axis=(1, 2))
    atoms, spans = np.arange(shape[0]), np.arange(shape[1])
    extent = Block(reduced, atoms, spans).extent(mask, Effort())
    assert extent == (totals.min(), totals.max())
    # A slice finds no more than there is, an extract proves no more than is so.
    some = data.draw(st.lists(st.sampled_from(atoms), min_size=1, unique=True).map(sorted))
    inside, part = mask[some], np.zeros(shape)
    part[some] = inside
    totals = (tables * part).sum(axis=(1, 2))
    slice_ = Block(reduced, np.array(some), spans, reduced.counts(counts)).extent(inside, Effort())
    extract = Block(reduced, np.array(some), spans).extent(inside, Effort())
    assert extract[0] <= totals.min() <= slice_[0] <= slice_[1] <= totals.max() <= extract[1]


def test_a_group_without_upper_limit_has_none():
    public = Public([[1, 0]], [[1]], [0], [0], [3], [np.inf])
    block = Block(system(public), np.arange(1), np.arange(1))
    assert block.extent(np.ones((1, 1)), Effort()) == (3, ENDLESS)


def test_cells_that_contradict_each_other_have_no_table():
    public = Public([[1], [1]], [[1]], [0, 1], [0, 0], [3, 6], [4, 7])
    block = Block(system(public), np.arange(1), np.arange(1))
    with pytest.raises(ValueError, match="contradict"):
        block.extent(np.ones((1, 1)), Effort())


YEARS = np.vstack([np.eye(3), [[1, 1, 0]], [[0, 1, 1]]])


@pytest.mark.parametrize("practice", [exact, suppressed, to_five])
@pytest.mark.parametrize("seed", range(2))
def test_small_blocks_come_to_the_same_as_the_whole(practice, seed, monkeypatch):
    """The way through a large system, made to go through a small one."""
    areas, kinds, counts = town(seed, bricks=9, forums=3, wards=2, periods=3, mean=0.7)
    public = published(practice, areas, counts, YEARS, area_kinds=kinds)
    at_once = {(e.bricks, e.base_periods): e for e in audit(public, counts).exposures}
    monkeypatch.setattr(searching, "WHOLE", 0)
    monkeypatch.setattr(searching, "WIDE", 9)
    monkeypatch.setattr(searching, "LADDER", (4, 12, 10_000))
    in_blocks = {(e.bricks, e.base_periods): e for e in audit(public, counts).exposures}
    assert set(in_blocks) == set(at_once)
    for group, exposure in in_blocks.items():
        assert exposure.finished
        exactly = at_once[group]
        assert 1 <= exposure.lowest <= exactly.lowest <= exactly.highest <= exposure.highest <= 4


def test_the_cells_that_are_named_suffice():
    """With the named cells alone the group is given away still."""
    tried = 0
    for seed in range(5):
        areas, kinds, counts = town(seed, bricks=10, periods=1)
        public = published(suppressed, areas, counts, area_kinds=kinds)
        bricks = np.arange(10)
        for exposure in [e for e in audit(public, counts).exposures if e.suffices][:5]:
            cells = list(exposure.cells)
            # Each brick is an area as well, of which nothing is told: so that each is an unknown.
            named = Public(
                areas=np.vstack([areas, np.eye(10)]),
                periods=public.periods,
                area=[*public.area[cells], *(len(areas) + bricks)],
                period=[0] * (len(cells) + 10),
                lowest=[*public.lowest[cells], *(0 * bricks)],
                highest=[*public.highest[cells], *(99 + bricks)],
            )
            block = Block(system(named), bricks, np.arange(1))
            mask = np.isin(bricks, exposure.bricks).astype(float)[:, None]
            lowest, highest = block.extent(mask, Effort())
            assert 1 <= lowest <= highest <= 4
            tried += 1
    assert tried > 10
