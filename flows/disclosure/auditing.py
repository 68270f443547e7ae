"""The audit: what somebody with all the published tables can find out about small groups."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from flows.disclosure.cuts import smallest_isolated
from flows.disclosure.families import Groups, family
from flows.disclosure.public import Bools, Ints, Public, system
from flows.disclosure.searching import Proof, Search
from flows.disclosure.solving import Effort

THRESHOLD = 5  # people; a group of 1 to 4 is small


@dataclass(frozen=True)
class Exposure:
    """A small group that is given away. For the officer only: it names the group and its count."""

    areas: str
    periods: str
    count: int
    lowest: int  # what the published cells prove
    highest: int
    finished: bool  # False: time was up before it was proved or disproved
    cells: tuple[int, ...]  # those of Public that prove it
    sentence: str


@dataclass(frozen=True)
class Audit:
    """What an audit found. Only `published` may leave the house: the rest is about true counts."""

    threshold: int
    cells: int  # public cells
    groups: int  # that were examined
    small: int  # of these: true count 1 to threshold - 1
    calls: int  # of the solver
    contradictory: int  # cells (and ceilings) left out, as the present counts contradict them
    exposures: tuple[Exposure, ...]
    complete: bool  # False: stopped at as many exposures as were asked for

    @property
    def passed(self) -> bool:
        return not self.exposures

    def published(self) -> dict[str, int | bool]:
        """What may be said in public: nothing that depends on the counts, but that it passed.

        How many groups are small, how hard they were to settle and which older cells no longer
        hold would each tell something of the counts themselves.
        """
        return {
            "threshold": self.threshold,
            "cells": self.cells,
            "groups_examined": self.groups,
            "passed": self.passed,
        }


def audit(
    public: Public,
    counts: ArrayLike,
    threshold: int = THRESHOLD,
    *,
    enough: int | None = None,
    effort: Effort | None = None,
) -> Audit:
    """Every small group that the public cells pin to one count, or prove to be small.

    ``counts`` are the true ones, bricks x base periods, whole and 0 or more. A group is small if
    its true count is 1 to ``threshold - 1``, and given away if every table of whole numbers that
    agrees with all public cells makes it 1 to ``threshold - 1``. A group for which the search did
    not finish counts as given away. The search ends at ``enough`` exposures, if that is given.

    Examined are the groups of `family`, and those of `smallest_isolated` by all counts together,
    in the periods that are published and the shortest spans that can be told apart; and plain
    areas in the differences of periods that overlap.

    Older cells may contradict the present counts, when the publisher has revised them since. They
    cannot be combined with the rest: they are left out and counted, and so are ceilings that are
    exceeded. ValueError for counts that do not fit, or a threshold under 2.
    """
    if threshold < 2:
        raise ValueError(f"a threshold of {threshold} makes no group small")
    counts = public.checked(counts)
    true = public.true(counts)
    agrees = (public.lowest <= true) & (true <= public.highest)
    # Numbers of cells that the officer is told are those of what was handed in.
    usable, kept = public.only(agrees), np.flatnonzero(agrees)
    usable, broken = usable.under(counts)
    effort = effort or Effort()
    searches = _searches(usable, counts, threshold, effort)
    exposures: list[Exposure] = []
    complete = True
    # Plain groups first: where something is given away it shows there soonest.
    for plain in (True, False):
        for search in searches:
            aim = search.groups.plain() if plain else search.examined
            if enough is None or len(exposures) < enough:
                search.sweep(aim)
                for here, proof in search.settle(aim):
                    exposures.append(_exposure(public, search, here, proof, kept))
                    if enough is not None and len(exposures) >= enough:
                        complete = False
                        break
    return Audit(
        threshold,
        len(public.area),
        sum(int(s.examined.sum()) for s in searches),
        sum(s.small for s in searches),
        effort.calls,
        int((~agrees).sum()) + broken,
        tuple(exposures),
        complete,
    )


def _exposure(
    public: Public, search: Search, here: tuple[int, int], proof: Proof, kept: Ints
) -> Exposure:
    areas = search.groups.areas.words[here[0]]
    periods = search.groups.periods.words[here[1]]
    cells = [int(kept[cell]) for cell in proof.cells]
    count = int(search.true[here])
    shown = "; ".join(
        f"{public.label('area', public.area[c])}, {public.label('period', public.period[c])}"
        for c in cells
    )
    if not proof.finished:
        how = "whether the published cells give it away was not settled in time"
    elif proof.lowest == proof.highest:
        how = f"the published cells give it away exactly: {shown}"
    else:
        how = f"the published cells prove {proof.lowest} to {proof.highest}: {shown}"
    sentence = f"a group of {count} ({areas}; {periods}): {how}"
    return Exposure(
        areas, periods, count, proof.lowest, proof.highest, proof.finished, tuple(cells), sentence
    )


def _searches(public: Public, counts: Ints, threshold: int, effort: Effort) -> list[Search]:
    """A search for each part of the system that no cell ties to the rest."""
    whole = system(public)
    truth = whole.counts(counts)
    area_families, period_families = [], []
    for rows, atoms in _parts(whole.areas):
        labels = [public.label("area", row) for row in rows]
        kinds = [public.area_kinds[row] for row in rows]
        part = whole.areas[np.ix_(rows, atoms)]
        isolated = _isolated(part, truth[atoms].sum(axis=1))
        area_families.append((rows, atoms, family(part, labels, kinds, isolated)))
    for rows, spans in _parts(whole.periods):
        labels = [public.label("period", row) for row in rows]
        rules = [public.period_rules[row] for row in rows]
        part = whole.periods[np.ix_(rows, spans)]
        period_families.append((rows, spans, family(part, labels, rules)))
    return [
        Search(
            whole.part(areas, periods, atoms, spans),
            truth[np.ix_(atoms, spans)],
            Groups(of_area, of_time),
            threshold,
            effort,
        )
        for areas, atoms, of_area in area_families
        for periods, spans, of_time in period_families
    ]


def _isolated(membership: Ints, people: Ints) -> Bools:
    """The smallest groups around atoms; an atom that is itself an area is one already."""
    alone = (membership.sum(axis=1) == 1) @ membership > 0
    around = np.flatnonzero(~alone & (people > 0))
    members = smallest_isolated(membership, people, around).members
    return members[members.any(axis=1)]


def _parts(membership: Ints) -> list[tuple[Ints, Ints]]:
    """Rows and columns that hang together, part by part; rows without columns are in none."""
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import connected_components

    rows, columns = membership.shape
    both = csr_matrix(
        np.block(
            [[np.zeros((rows, rows)), membership], [membership.T, np.zeros((columns, columns))]]
        )
    )
    number, part = connected_components(both, directed=False)
    found = [
        (np.flatnonzero(part[:rows] == p), np.flatnonzero(part[rows:] == p)) for p in range(number)
    ]
    return [(r, c) for r, c in found if len(r) and len(c)]
