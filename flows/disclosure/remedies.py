"""The smallest coarsening after which nothing is given away."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike

from flows.disclosure.auditing import THRESHOLD, Audit, audit
from flows.disclosure.public import Bools, Public

AT_MOST = 2  # kinds of area and rules of period that are left out together
PROOFS = 10  # exposures that are enough to give up a coarsening; each may rule out others as well


@dataclass(frozen=True)
class Remedy:
    """What is to be left out of the new release, and the audit of all that is then public."""

    kinds: tuple[str, ...]
    rules: tuple[str, ...]
    lost: int  # cells of the new release that are left out
    audit: Audit
    audits: int  # that it took


def remedy(
    public: Public, counts: ArrayLike, threshold: int = THRESHOLD, *, seconds: float = 20
) -> Remedy | None:
    """The least to leave out of a new release for the audit to pass: whole kinds and rules only.

    Tried are: nothing; one kind of area or one rule of period; two of these. Of as many things
    the one that loses the fewest cells comes first, then the first by name. Cells that are already
    out stay, as they cannot be taken back, and at least one new cell must remain. Single cells are
    never left out: a gap among its neighbours can be worked out from them, and says that it is one.

    None if nothing helps, what is already out being enough to give a group away, or these few
    things not being enough: then nothing new of the topic can be published. ``seconds`` is the
    limit for each call of the solver. ValueErrors are those of `audit`.
    """
    proofs: list[Bools] = []
    tried = 0
    for kinds, rules, keep in _coarsenings(public):
        # Whatever is proved by cells that are all kept is proved still.
        if any(keep[proof].all() for proof in proofs):
            continue
        found = audit(public.only(keep), counts, threshold, enough=PROOFS, seconds=seconds)
        tried += 1
        if found.passed:
            return Remedy(kinds, rules, int((~keep).sum()), found, tried)
        cells = np.flatnonzero(keep)
        for exposure in found.exposures:
            if exposure.suffices:
                proof = np.zeros(len(keep), bool)
                proof[cells[list(exposure.cells)]] = True
                proofs.append(proof)
    return None


def _coarsenings(public: Public) -> list[tuple[tuple[str, ...], tuple[str, ...], Bools]]:
    """Kinds to leave out, rules to leave out, and the cells that are kept, in order of trial."""
    kind = np.array(public.area_kinds, dtype=object)[public.area]
    rule = np.array(public.period_rules, dtype=object)[public.period]
    new = ~public.out
    things = [("kind", name) for name in sorted(set(kind[new]))]
    things += [("rule", name) for name in sorted(set(rule[new]))]
    found = []
    for size in range(AT_MOST + 1):
        for some in combinations(things, size):
            kinds = tuple(name for what, name in some if what == "kind")
            rules = tuple(name for what, name in some if what == "rule")
            keep = public.out | ~(np.isin(kind, kinds) | np.isin(rule, rules))
            if (keep & new).any():
                found.append((size, int((~keep).sum()), kinds, rules, keep))
    found.sort(key=lambda each: each[:4])
    return [each[2:] for each in found]
