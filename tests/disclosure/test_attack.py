"""What the published tables give away: small tables that one can read aloud, and a seeded family."""

import itertools

import numpy as np
import pytest

from flows.disclosure import Public, audit, bounds, remedy, rounded

ONE = np.ones((1, 1), bool)


def public(areas, counts, how, *, kinds=(), out=()):
    """Areas x bricks and true counts of one period, published in one of three ways."""
    areas, counts = np.asarray(areas, bool), np.asarray(counts)
    totals = areas.astype(int) @ counts
    if how == "exact":
        lowest, highest = totals, totals
    elif how == "suppressed":  # from 1 to 4 is left out, and everybody knows why
        small = (totals > 0) & (totals < 5)
        lowest, highest = np.where(small, 1, totals), np.where(small, 4, totals)
    else:
        lowest, highest = bounds(rounded(totals))
    return Public(
        areas=areas,
        periods=ONE,
        area=np.arange(len(areas)),
        period=np.zeros(len(areas), int),
        lowest=lowest,
        highest=highest,
        area_kinds=tuple(kinds),
        out=np.asarray(out, bool),
    )


class TestAForumAndTheNeighbourhoodInsideIt:
    """Three small areas: the neighbourhood has the first two, the forum all three; 3 fell in the
    third."""

    FORUM, NEIGHBOURHOOD = [1, 1, 1], [1, 1, 0]
    COUNTS = np.array([[6], [5], [3]])

    def attack(self, how):
        return audit(public([self.FORUM, self.NEIGHBOURHOOD], self.COUNTS[:, 0], how), self.COUNTS)

    def test_exact_counts_give_the_rest_away(self):
        (found,) = self.attack("exact").exposures
        assert (found.count, found.lowest, found.highest) == (3, 3, 3)

    def test_so_do_tables_in_which_only_small_numbers_are_left_out(self):
        """Neither number is small: 14 and 11 both stand."""
        (found,) = self.attack("suppressed").exposures
        assert (found.lowest, found.highest) == (3, 3)

    def test_rounded_it_may_be_nobody(self):
        """15 is 13 to 17 and 10 is 8 to 12: from 1 to 9 lie between, so more than four may."""
        assert self.attack("rounded").passed


def test_a_group_that_is_proved_small_is_given_away_though_its_number_is_not():
    """10 is 8 to 12, 5 is 3 to 7, and 0 is 0 to 2: the rest is at least 1, and at most 2."""
    counts = np.array([[7], [1]])
    told = audit(public([[1, 1], [1, 0], [0, 1]], counts[:, 0], "rounded"), counts)
    assert {(e.count, e.lowest, e.highest) for e in told.exposures} == {(1, 1, 2)}


def test_nobody_is_no_small_group():
    counts = np.array([[6], [0]])
    assert audit(public([[1, 1], [1, 0]], counts[:, 0], "exact"), counts).passed


def test_the_remedy_leaves_out_a_kind_and_never_a_cell():
    counts = np.array([[7], [1]])
    areas = [[1, 1], [1, 0], [0, 1]]
    before = public(areas, counts[:, 0], "rounded", kinds=("district", "forum", "forum"))
    found = remedy(before, counts)
    assert found is not None
    kept = before.only(~np.isin(np.array(before.area_kinds)[before.area], found.kinds))
    assert len(kept.area)
    assert audit(kept, counts).passed


def test_what_is_out_cannot_be_taken_back():
    counts = np.array([[7], [1]])
    areas = [[1, 1], [1, 0], [0, 1], [1, 1]]
    kinds = ("district", "forum", "forum", "place")
    told = public(areas, counts[:, 0], "rounded", kinds=kinds, out=[True, True, True, False])
    assert remedy(told, counts) is None


def test_two_releases_that_differ_by_a_month_are_attacked_as_a_pair():
    """Twelve months to May, and to June: of the months between only the difference is out, and
    exact sums tell that 3 more in June than in the June before."""
    periods = np.zeros((3, 13), bool)
    periods[0, :12], periods[1, 1:], periods[2, 1:12] = True, True, True
    counts = np.full((1, 13), 4)
    counts[0, 12], counts[0, 0] = 3, 2
    totals = (counts @ periods.T)[0]
    exact = Public(
        areas=ONE,
        periods=periods,
        area=np.zeros(3, int),
        period=np.arange(3),
        lowest=totals,
        highest=totals,
        out=np.array([True, False, True]),
    )
    assert {e.count for e in audit(exact, counts).exposures} == {2, 3}
    lowest, highest = bounds(rounded(totals))
    told = Public(
        areas=ONE,
        periods=periods,
        area=np.zeros(3, int),
        period=np.arange(3),
        lowest=lowest,
        highest=highest,
        out=np.array([True, False, True]),
    )
    assert audit(told, counts).passed


class TestAgainstEveryTable:
    """An independent judge: all tables of small numbers that agree with what is published."""

    @pytest.mark.parametrize("seed", range(12))
    def test_a_group_is_given_away_exactly_if_it_is_small_in_all_of_them(self, seed):
        rng = np.random.default_rng(seed)
        areas = np.unique(rng.random((5, 4)) < 0.6, axis=0)
        areas = areas[areas.any(axis=1)]
        counts = rng.poisson(2.2, 4)
        told = public(areas, counts, "rounded")
        tables = np.array(list(itertools.product(range(8), repeat=4)))
        sums = tables @ areas.T.astype(int)
        fits = tables[((sums >= told.lowest) & (sums <= told.highest)).all(axis=1)]
        # of bricks that no area tells apart the sum only is anybody's to find
        patterns, merged = np.unique(areas, axis=1, return_inverse=True)
        proved = set()
        for atom in range(patterns.shape[1]):
            of = merged.ravel() == atom
            here = fits[:, of].sum(axis=1)
            truth = counts[of].sum()
            if patterns[:, atom].any() and 0 < truth < 5 and here.min() >= 1 and here.max() <= 4:
                proved.add((int(truth), int(here.min()), int(here.max())))
        found = {(e.count, e.lowest, e.highest) for e in audit(told, counts[:, None]).exposures}
        assert proved <= found


class TestAFamilyOfTowns:
    """Forums, neighbourhoods and wards over 24 small areas with about one event each."""

    def town(self, seed):
        rng = np.random.default_rng(seed)
        where = rng.random((24, 2))
        rows, kinds = [], []
        for kind, number in (("forum", 4), ("ward", 6)):
            centres = rng.random((number, 2))
            near = ((where[:, None] - centres) ** 2).sum(axis=2).argmin(axis=1)
            rows += [near == i for i in range(number) if (near == i).any()]
            kinds += [kind] * (len(rows) - len(kinds))
        for _ in range(4):
            order = ((where - rng.random(2)) ** 2).sum(axis=1).argsort()
            rows.append(np.isin(np.arange(24), order[:4]))
            kinds.append("neighbourhood")
        rows.append(np.ones(24, bool))
        return np.array(rows), (*kinds, "place"), rng.poisson(1.0, 24)

    @pytest.fixture(scope="class")
    def given_away(self):
        found = {"exact": 0, "suppressed": 0, "rounded": 0, "protected": 0, "small": 0, "lost": 0}
        for seed in range(12):
            areas, kinds, counts = self.town(seed)
            people = counts[:, None]
            for how in ("exact", "suppressed", "rounded"):
                told = public(areas, counts, how, kinds=kinds)
                result = audit(told, people)
                found[how] += len(result.exposures)
            found["small"] += result.small
            if result.passed:
                continue
            out = remedy(told, people)
            assert out is not None
            keep = ~np.isin(np.array(kinds)[told.area], out.kinds)
            found["protected"] += len(audit(told.only(keep), people).exposures)
            found["lost"] += int((~keep).sum())
        return found

    def test_the_attack_has_teeth(self, given_away):
        assert given_away["exact"] > 100
        assert given_away["suppressed"] > 20

    def test_rounding_leaves_next_to_nothing_and_the_remedy_nothing(self, given_away):
        assert given_away["rounded"] < given_away["suppressed"] / 4
        assert given_away["protected"] == 0
