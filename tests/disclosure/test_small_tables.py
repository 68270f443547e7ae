"""The audit on tables that one can read aloud."""

import numpy as np
import pytest
from practices import both, exact, named, published, suppressed, to_five

from flows.disclosure import Public, audit

FORUM = {"forum Thorpe": "a b c", "priority Thorpe East": "b c"}
THREE_OUTSIDE = {"a": 3, "b": 20, "c": 9}


def found(audit):
    """The groups given away: (bricks, lowest, highest)."""
    return {(e.bricks, e.lowest, e.highest) for e in audit.exposures}


class TestAForumAndThePriorityNeighbourhoodInIt:
    def test_exact_tables_give_away_the_three_outside(self):
        audited = audit(*named(exact, FORUM, THREE_OUTSIDE))
        assert found(audited) == {((0,), 3, 3)}
        assert not audited.passed

    def test_the_officer_is_told_who_and_by_what(self):
        (exposure,) = audit(*named(exact, FORUM, THREE_OUTSIDE)).exposures
        assert exposure.sentence == (
            "a group of 3 (forum Thorpe without priority Thorpe East; 2024): the published cells"
            " give it away exactly: forum Thorpe, 2024; priority Thorpe East, 2024"
        )
        assert (exposure.cells, exposure.suffices, exposure.base_periods) == ((0, 1), True, (0,))

    def test_suppression_changes_nothing_as_neither_figure_is_small(self):
        assert found(audit(*named(suppressed, FORUM, THREE_OUTSIDE))) == {((0,), 3, 3)}

    def test_rounding_protects_them(self):
        audited = audit(*named(to_five, FORUM, THREE_OUTSIDE))
        assert audited.passed
        assert (audited.small, audited.groups, audited.cells) == (1, 3, 2)

    def test_a_group_of_five_needs_no_protection(self):
        assert audit(*named(exact, FORUM, {"a": 5, "b": 20, "c": 9})).passed

    def test_nor_does_a_place_without_anybody(self):
        assert audit(*named(exact, FORUM, {"a": 0, "b": 20, "c": 9})).passed

    def test_but_it_does_at_a_threshold_of_ten(self):
        public, counts = named(exact, FORUM, {"a": 5, "b": 20, "c": 12})
        assert found(audit(public, counts, threshold=10)) == {((0,), 5, 5)}


class TestWhatWholeNumbersAndZeroesAddUpTo:
    def test_a_suppressed_cell_is_worked_out_from_its_total(self):
        """Suppressed is 1 to 4 each: three hamlets that share 12 between them have 4 each."""
        areas = {"parish All": "a b c", "hamlet A": "a", "hamlet B": "b", "hamlet C": "c"}
        audited = audit(*named(suppressed, areas, {"a": 4, "b": 4, "c": 4}))
        assert {((0,), 4, 4), ((1,), 4, 4), ((2,), 4, 4)} <= found(audited)

    def test_a_suppressed_cell_says_that_it_is_small(self):
        areas = {"hamlet A": "a", "hamlet B": "b"}
        assert found(audit(*named(suppressed, areas, {"a": 2, "b": 9}))) == {((0,), 1, 4)}

    def test_rounding_gives_it_away_where_three_fives_make_ten(self):
        """3 to 7 each, 12 at most together: none has more than 6; four in 12 have 3 each."""
        areas = {"parish All": "a b c d"} | {f"hamlet {x}": x for x in "abcd"}
        audited = audit(*named(to_five, areas, {"a": 3, "b": 3, "c": 3, "d": 3}))
        assert {((brick,), 3, 3) for brick in range(4)} <= found(audited)

    def test_two_nothings_that_make_something(self):
        """0 and 0, yet 5 together: 1 or 2 each, and nobody else in the parish."""
        areas = {"parish All": "a b", "hamlet A": "a", "hamlet B": "b"}
        audited = audit(*named(to_five, areas, {"a": 1, "b": 2}))
        assert found(audited) == {((0,), 1, 2), ((1,), 1, 2), ((0, 1), 3, 4)}

    def test_true_noughts_that_are_shown_as_such_undo_suppression_with_rounding(self):
        areas = {"hamlet A": "a", "hamlet B": "b"}
        assert not audit(*named(both, areas, {"a": 2, "b": 0})).passed

    def test_whole_numbers_prove_what_fractions_leave_open(self):
        """a and b are 6, b and c are 6: a is c, so a and c are an even number. Of 3 to 5 only 4 is.

        Without the rule that people are whole, a and c could be 5, at 2.5 each.
        """
        areas = np.array([[1, 1, 0], [0, 1, 1], [1, 0, 1]], bool)
        public = Public(areas, np.ones((1, 1)), [0, 1, 2], [0, 0, 0], [6, 6, 3], [6, 6, 5])
        audited = audit(public, [[2], [4], [2]])
        by_bricks = {e.bricks: e for e in audited.exposures}
        assert (by_bricks[0, 2].lowest, by_bricks[0, 2].highest) == (4, 4)
        assert not by_bricks[0, 2].suffices, "the three cells alone do not prove it"


HAMLET = {"hamlet A": "a"}


class TestWhatIsKnownBesides:
    def test_a_cell_that_is_not_shown_says_nothing(self):
        public, counts = named(exact, FORUM, THREE_OUTSIDE)
        assert audit(public.only(public.area == 0), counts).passed

    def test_the_residents_are_a_ceiling(self):
        """Rounded to 5 is 3 to 7; where 4 people live it is 3 or 4."""
        public, counts = named(to_five, HAMLET, {"a": 3})
        assert audit(public, counts).passed
        public, counts = named(to_five, HAMLET, {"a": 3}, ceiling=[4])
        assert found(audit(public, counts)) == {((0,), 3, 4)}

    def test_a_ceiling_holds_in_each_base_period(self):
        """Two months of at most 4: 8, so that 3 to 7 stands."""
        public = published(to_five, [[1]], [[3, 0]], [[1, 1]], ceiling=[4])
        assert audit(public, [[3, 0]]).passed

    def test_a_ceiling_that_is_exceeded_is_none(self):
        public, counts = named(to_five, HAMLET, {"a": 3}, ceiling=[2])
        audited = audit(public, counts)
        assert (audited.passed, audited.contradictory) == (True, 1)

    def test_a_cell_without_upper_limit(self):
        """At least 3, and no more than 4 in hamlet and wood together."""
        members = np.array([[1, 0], [1, 1]], bool)
        public = Public(members, np.ones((1, 1)), [0], [0], [3], [np.inf])
        assert audit(public, [[3], [0]]).passed
        public = Public(members, np.ones((1, 1)), [0, 1], [0, 0], [3, 0], [np.inf, 4])
        assert ((0,), 3, 4) in found(audit(public, [[3], [0]]))


class TestWhatIsMadePublic:
    def test_it_hangs_on_nothing_but_whether_the_audit_passed(self):
        told = [
            audit(*named(to_five, FORUM, bricks)).published()
            for bricks in (THREE_OUTSIDE, {"a": 0, "b": 0, "c": 0}, {"a": 6, "b": 9, "c": 1})
        ]
        assert told == [{"threshold": 5, "cells": 2, "groups_examined": 3, "passed": True}] * 3

    def test_nothing_is_published_where_nothing_is_public(self):
        public, counts = named(exact, FORUM, THREE_OUTSIDE)
        audited = audit(public.only([False, False]), counts)
        assert (audited.passed, audited.groups) == (True, 0)


class TestTheSearchIsCutShort:
    def test_what_is_not_settled_counts_as_given_away(self, monkeypatch):
        from flows.disclosure.solving import Block

        monkeypatch.setattr(Block, "table", lambda *_: ("unknown", None))
        monkeypatch.setattr(Block, "pushed", lambda *_: None)
        audited = audit(*named(to_five, FORUM, THREE_OUTSIDE))
        assert [(e.bricks, e.finished) for e in audited.exposures] == [((0,), False)]
        assert not audited.passed

    def test_a_table_that_breaks_a_cell_proves_nothing(self, monkeypatch):
        """Whatever a solver answers, it is checked against every cell in whole numbers."""
        from flows.disclosure.solving import Block

        nobody = np.zeros((2, 1), int)
        monkeypatch.setattr(Block, "table", lambda *_: ("found", nobody))
        monkeypatch.setattr(Block, "pushed", lambda *_: nobody)
        assert not audit(*named(to_five, FORUM, THREE_OUTSIDE)).passed

    def test_it_may_end_at_the_first_exposure(self):
        areas = {f"hamlet {x}": x for x in "abc"}
        public, counts = named(exact, areas, {"a": 1, "b": 2, "c": 3})
        audited = audit(public, counts, enough=1)
        assert (len(audited.exposures), audited.complete, audited.passed) == (1, False, False)
        assert audit(public, counts).complete


class TestWhatDoesNotFit:
    PUBLIC = named(exact, FORUM, THREE_OUTSIDE)[0]

    @pytest.mark.parametrize(
        ("counts", "fault"),
        [
            ([[1], [2]], "bricks x base periods"),
            ([[-1], [2], [3]], "0 or more"),
            ([[0.5], [2], [3]], "whole"),
            ([[np.nan], [2], [3]], "whole"),
        ],
    )
    def test_counts(self, counts, fault):
        with pytest.raises(ValueError, match=fault):
            audit(self.PUBLIC, counts)

    def test_a_threshold_that_makes_no_group_small(self):
        with pytest.raises(ValueError, match="threshold"):
            audit(self.PUBLIC, [[1], [2], [3]], threshold=1)

    @pytest.mark.parametrize(
        ("change", "fault"),
        [
            ({"area": [0]}, "one length"),
            ({"area": [0, 2]}, "not there"),
            ({"period": [0, 1]}, "not there"),
            ({"lowest": [40, 29]}, "above its highest"),
            ({"area_names": ("one",)}, "area_names"),
            ({"ceiling": [5]}, "each brick"),
            ({"areas": [1, 2]}, "two dimensions"),
        ],
    )
    def test_a_description(self, change, fault):
        with pytest.raises(ValueError, match=fault):
            Public(**{**self.PUBLIC.__dict__, **change})
