"""Differences of time, earlier releases, and what to leave out."""

import numpy as np
import pytest
from practices import exact, named, published, suppressed, to_five

from flows.disclosure import Public, audit, remedy

MONTHS = 13
TO_DECEMBER = np.arange(MONTHS) < 12
TO_JANUARY = np.arange(MONTHS) > 0
FIRST_JANUARY = np.arange(MONTHS) == 0
# One district: 6 in the first January, 2 a month, 3 in the second January.
COUNTS = np.array([[6] + [2] * 11 + [3]])


def release(practice, *periods):
    return published(practice, [[1]], COUNTS, np.array(periods))


class TestTwelveMonthsPublishedEveryMonth:
    """Twelve months to December, twelve to January: they differ by one month at either end."""

    @pytest.mark.parametrize("practice", [exact, suppressed])
    def test_each_release_is_safe_and_the_pair_is_not(self, practice):
        assert audit(release(practice, TO_DECEMBER, FIRST_JANUARY), COUNTS).passed
        assert audit(release(practice, TO_JANUARY), COUNTS).passed
        audited = audit(release(practice, TO_DECEMBER, FIRST_JANUARY, TO_JANUARY), COUNTS)
        (exposure,) = audited.exposures
        assert (exposure.base_periods, exposure.lowest, exposure.highest) == ((12,), 3, 3)

    def test_rounded_the_pair_is_safe(self):
        assert audit(release(to_five, TO_DECEMBER, FIRST_JANUARY, TO_JANUARY), COUNTS).passed

    def test_the_difference_of_the_two_is_a_difference_of_months(self):
        """Without the first January only this is known: a year ago it was 3 fewer."""
        assert audit(release(exact, TO_DECEMBER, TO_JANUARY), COUNTS).passed

    def test_a_year_to_date_tells_each_month(self):
        periods = np.tri(3, dtype=bool)
        counts = [[7, 2, 9]]
        audited = audit(published(exact, [[1]], counts, periods), counts)
        assert [(e.base_periods, e.lowest) for e in audited.exposures] == [((1,), 2)]


FORUM = {"forum Thorpe": "a b c", "priority Thorpe East": "b c"}
THREE_OUTSIDE = {"a": 3, "b": 20, "c": 9}


class TestEarlierReleases:
    def test_what_the_publisher_has_revised_since_cannot_be_combined(self):
        """The forum had 40 when it was first published and has 32 now: 40 is left out."""
        public, counts = named(exact, FORUM, THREE_OUTSIDE)
        before = Public(**{**public.__dict__, "lowest": [40, 29], "highest": [40, 29]})
        audited = audit(before, counts)
        assert (audited.passed, audited.contradictory) == (True, 1)

    def test_the_cells_that_are_named_are_those_that_were_handed_in(self):
        """Though an earlier one was left out."""
        public, counts = named(exact, FORUM, THREE_OUTSIDE)
        cells = {"area": [0, 0, 1], "period": [0, 0, 0], "out": [True, False, False]}
        limits = {"lowest": [40, 32, 29], "highest": [40, 32, 29]}
        (exposure,) = audit(Public(**{**public.__dict__, **cells, **limits}), counts).exposures
        assert exposure.cells == (1, 2)

    def test_two_figures_of_one_cell_leave_what_both_leave(self):
        """3 to 7 by the one release, 3 to 4 by the other."""
        public, counts = named(exact, {"hamlet A": "a"}, {"a": 3})
        cells = {"area": [0, 0], "period": [0, 0], "out": [True, False]}
        twice = Public(**{**public.__dict__, **cells, "lowest": [3, 3], "highest": [7, 4]})
        (exposure,) = audit(twice, counts).exposures
        assert (exposure.lowest, exposure.highest) == (3, 4)

    def test_the_number_of_groups_that_is_told_does_not_tell_of_a_revision(self):
        public, counts = named(exact, FORUM, {"a": 6, "b": 20, "c": 9})
        before = Public(**{**public.__dict__, "lowest": [40, 29], "highest": [40, 29]})
        assert audit(before, counts).contradictory == 1
        assert audit(before, counts).published() == audit(public, counts).published()


PARISH = {"parish All": "a b", "hamlet A": "a", "hamlet B": "b", "town T": "t"}
BRICKS = {"a": 1, "b": 2, "t": 50}


class TestRemedy:
    """Two hamlets of 1 and 2 in a parish of theirs, and a town of 50 besides."""

    def test_nothing_is_left_out_of_what_is_safe(self):
        public, counts = named(to_five, {"town T": "t"}, {"t": 50})
        found = remedy(public, counts)
        assert (found.kinds, found.rules, found.lost, found.audits) == ((), (), 0, 1)

    def test_the_kind_that_costs_least_is_left_out(self):
        """Without hamlets 2 cells are lost and the parish is 3 to 7; without the parish only 1."""
        public, counts = named(to_five, PARISH, BRICKS)
        found = remedy(public, counts)
        assert (found.kinds, found.rules, found.lost) == (("parish",), (), 1)
        assert found.audit.passed

    def test_what_is_out_cannot_be_taken_back(self):
        """The parish is out: now the hamlets have to go."""
        public, counts = named(to_five, PARISH, BRICKS, out=[True, False, False, False])
        found = remedy(public, counts)
        assert (found.kinds, found.lost) == (("hamlet",), 2)

    def test_nothing_helps_if_what_is_out_is_enough(self):
        public, counts = named(to_five, PARISH, BRICKS, out=[True, True, True, False])
        assert remedy(public, counts) is None

    def test_nothing_new_is_no_remedy(self):
        public, counts = named(to_five, {"parish All": "a"}, {"a": 3}, ceiling=[4])
        assert remedy(public, counts) is None

    def test_months_are_left_out_and_years_kept(self):
        """Each month a hamlet of 1 or 2 in a parish of 3; in the year 17 and 19."""
        counts = np.array([[1] * 12 + [5], [2] * 11 + [0, 7]])[:, :12]
        periods = np.vstack([np.eye(12), np.ones((1, 12))])
        public = published(
            to_five,
            [[1, 1], [1, 0], [0, 1]],
            counts,
            periods,
            area_kinds=("parish", "hamlet", "hamlet"),
            period_rules=("month",) * 12 + ("year",),
        )
        # Of the areas the parish would have to go: 13 cells, 39 with the months' 36 the months.
        found = remedy(public, counts)
        assert (found.kinds, found.rules, found.lost) == (("parish",), (), 13)
        public = Public(**{**public.__dict__, "area_kinds": ("district",) * 3})
        found = remedy(public, counts)
        assert (found.kinds, found.rules, found.lost) == ((), ("month",), 36)

    def test_two_things_are_left_out_where_one_does_not_do(self):
        """The hamlets are out, and parish and district would say the same of them: both must go."""
        areas = {"hamlet A": "a", "hamlet B": "b", "parish All": "a b", "district All": "a b"}
        out = [True, True, False, False, False]
        public, counts = named(to_five, areas | {"town T": "t"}, BRICKS, out=out)
        found = remedy(public, counts)
        assert (found.kinds, found.lost) == (("district", "parish"), 2)

    def test_the_answer_is_always_the_same(self):
        public, counts = named(to_five, PARISH, BRICKS)
        assert remedy(public, counts) == remedy(public, counts)

    def test_proofs_that_still_stand_spare_an_audit(self):
        public, counts = named(to_five, PARISH, BRICKS)
        assert remedy(public, counts).audits == 2, "the town has nothing to do with it"
