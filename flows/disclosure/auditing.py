"""The audit: what somebody with all the published tables can find out about small groups."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from flows.disclosure.cuts import smallest_isolated
from flows.disclosure.families import Groups, family
from flows.disclosure.public import Bools, Ints, Public, System, system
from flows.disclosure.searching import Proof, Search
from flows.disclosure.solving import Effort

THRESHOLD = 5  # people; a group of 1 to 4 is small


@dataclass(frozen=True)
class Exposure:
    """A small group that is given away. For the officer only: it names the group and its count."""

    areas: str  # the group in words
    periods: str
    bricks: tuple[int, ...]  # and by number
    base_periods: tuple[int, ...]
    count: int
    lowest: int  # what the published cells prove
    highest: int
    finished: bool  # False: time was up before it was proved or disproved
    cells: tuple[int, ...]  # of Public, that set these limits
    suffices: bool  # these cells alone prove it (else whole numbers are needed, and more cells)
    sentence: str


@dataclass(frozen=True)
class Audit:
    """What an audit found. Only `published` may leave the house: the rest is about true counts."""

    threshold: int
    cells: int  # public cells
    shapes: int  # groups that were examined, as the shapes of areas and periods make them
    groups: int  # these and the smallest ones that can be isolated
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

        How many groups are small or could be singled out, how hard they were to settle and which
        older cells no longer hold would each tell something of the counts themselves.
        """
        return {
            "threshold": self.threshold,
            "cells": self.cells,
            "groups_examined": self.shapes,
            "passed": self.passed,
        }


def audit(
    public: Public,
    counts: ArrayLike,
    threshold: int = THRESHOLD,
    *,
    enough: int | None = None,
    seconds: float = 20,
) -> Audit:
    """Every small group that the public cells pin to one count, or prove to be small.

    ``counts`` are the true ones, bricks x base periods, whole and 0 or more. A group is small if
    its true count is 1 to ``threshold - 1``, and given away if every table of whole numbers that
    agrees with all public cells makes it 1 to ``threshold - 1``. A group for which the search did
    not finish counts as given away: ``seconds`` is the limit for each call of the solver. The
    search ends at ``enough`` exposures, if that is given.

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
    effort, whole = Effort(seconds=seconds), system(usable)
    truth = whole.counts(counts)
    parts = _parts(usable, whole, truth)
    searches = [
        Search(
            whole.part(*part[:4]), truth[part.atoms][:, part.spans], part.groups, threshold, effort
        )
        for part in parts
    ]
    shapes = parts if agrees.all() else _parts(public, system(public))
    exposures, complete = [], True
    for search, here, proof in _given_away(searches):
        exposures.append(_exposure(public, search, here, proof, kept))
        if enough is not None and len(exposures) >= enough:
            complete = False
            break
    return Audit(
        threshold=threshold,
        cells=len(public.area),
        shapes=sum(part.groups.shapes() for part in shapes),
        groups=sum(int(search.examined.sum()) for search in searches),
        small=sum(search.small for search in searches),
        calls=effort.calls,
        contradictory=int((~agrees).sum()) + broken,
        exposures=tuple(exposures),
        complete=complete,
    )


def _given_away(searches: list[Search]) -> Iterator[tuple[Search, tuple[int, int], Proof]]:
    """Plain groups first: where something is given away it shows there soonest."""
    for plain in (True, False):
        for search in searches:
            aim = search.groups.plain() if plain else search.examined
            search.sweep(aim)
            for here, proof in search.settle(aim):
                yield search, here, proof


def _exposure(
    public: Public, search: Search, here: tuple[int, int], proof: Proof, kept: Ints
) -> Exposure:
    (areas, periods), count = search.groups.words(here), int(search.true[here])
    bricks, base_periods = search.members(here)
    cells = tuple(int(kept[cell]) for cell in proof.cells)
    if not proof.finished:
        how = "whether the published cells give it away was not settled in time"
    else:
        sure = proof.lowest == proof.highest
        how = "give it away exactly" if sure else f"prove {proof.lowest} to {proof.highest}"
        how = f"the published cells {how}: {'; '.join(public.cell(cell) for cell in cells)}"
    return Exposure(
        areas=areas,
        periods=periods,
        bricks=bricks,
        base_periods=base_periods,
        count=count,
        lowest=proof.lowest,
        highest=proof.highest,
        finished=proof.finished,
        cells=cells,
        suffices=proof.linear and bool(cells),
        sentence=f"a group of {count} ({areas}; {periods}): {how}",
    )


class Part(NamedTuple):
    """Areas and periods, atoms and spans that no cell ties to others; and their groups."""

    areas: Ints
    periods: Ints
    atoms: Ints
    spans: Ints
    groups: Groups


def _parts(public: Public, whole: System, truth: Ints | None = None) -> list[Part]:
    """The parts of a system; with the ``truth`` (atoms x spans) also the groups it isolates."""
    in_space, in_time = [], []
    for rows, atoms in _tied(whole.areas):
        labels = [public.label("area", row) for row in rows]
        kinds = [public.area_kinds[row] for row in rows]
        members = whole.areas[np.ix_(rows, atoms)]
        isolated = None if truth is None else _isolated(members, truth[atoms].sum(axis=1))
        in_space.append((rows, atoms, family(members, labels, kinds, isolated)))
    for rows, spans in _tied(whole.periods):
        labels = [public.label("period", row) for row in rows]
        rules = [public.period_rules[row] for row in rows]
        in_time.append((rows, spans, family(whole.periods[np.ix_(rows, spans)], labels, rules)))
    return [
        Part(areas, periods, atoms, spans, Groups(of_area, of_time))
        for areas, atoms, of_area in in_space
        for periods, spans, of_time in in_time
    ]


def _isolated(membership: Ints, people: Ints) -> Bools:
    """The smallest groups around atoms; an atom that is itself an area is one already."""
    alone = (membership.sum(axis=1) == 1) @ membership > 0
    around = np.flatnonzero(~alone & (people > 0))
    members = smallest_isolated(membership, people, around).members
    return members[members.any(axis=1)]


def _tied(membership: Ints) -> list[tuple[Ints, Ints]]:
    """Rows and columns that hang together, part by part; rows without columns are in none."""
    from scipy import sparse
    from scipy.sparse.csgraph import connected_components

    rows, links = len(membership), sparse.csr_matrix(membership)
    both = sparse.bmat([[None, links], [links.T, None]], format="csr")
    number, part = connected_components(both, directed=False)
    found = [
        (np.flatnonzero(part[:rows] == p), np.flatnonzero(part[rows:] == p)) for p in range(number)
    ]
    return [(r, c) for r, c in found if len(r) and len(c)]
