"""What to leave out so that nobody can be singled out: the smallest coarsening that passes."""

from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from flows.disclosure.auditing import THRESHOLD, audit
from flows.disclosure.public import Public

MOST = 2  # kinds and rules left out together: beyond that an officer should think, not a search


class Remedy(NamedTuple):
    """Kinds of area and rules of period that are not to be published of the topic."""

    kinds: tuple[str, ...]
    rules: tuple[str, ...]


def remedy(public: Public, counts: ArrayLike, threshold: int = THRESHOLD) -> Remedy | None:
    """The fewest kinds of area or rules of period to leave out so that the audit passes; of as few
    those that cost the fewest cells. Never single cells, which would tell by what is missing.

    Cells of earlier releases stay as they are. None if no one or two of them help while something
    is left to publish: then what is already out tells too much beside anything new.
    """
    kind = np.array(public.area_kinds)[public.area]
    rule = np.array(public.period_rules)[public.period]
    new = ~public.out
    choices = [("kind", one) for one in sorted(set(kind[new]))]
    choices += [("rule", one) for one in sorted(set(rule[new]))]
    tries = []
    for number in range(1, MOST + 1):
        for chosen in combinations(choices, number):
            kinds = tuple(str(name) for what, name in chosen if what == "kind")
            rules = tuple(str(name) for what, name in chosen if what == "rule")
            lost = new & (np.isin(kind, kinds) | np.isin(rule, rules))
            if (new & ~lost).any():
                tries.append((number, int(lost.sum()), Remedy(kinds, rules), lost))
    for _, _, found, lost in sorted(tries, key=lambda one: one[:3]):
        if audit(public.only(~lost), counts, threshold, enough=1).passed:
            return found
    return None
