"""What may leave the house: small numbers, and what differences between tables tell of them.

A protected source counts people in small areas. What is published of it is rounded (`rounded`),
every count, small ones included. That alone does not do: whoever holds all tables of a topic, of
overlapping areas and overlapping periods, in this release and in earlier ones, can add and
subtract. `audit` does what they could do, to the end, and says which small groups are given away;
`remedy` finds the least to leave out so that none is.

Everything here is a pure function of arrays; numpy and scipy only.
"""

from flows.disclosure.auditing import THRESHOLD, Audit, Exposure, audit
from flows.disclosure.cuts import Isolated, smallest_isolated
from flows.disclosure.public import Public
from flows.disclosure.remedies import Remedy, remedy
from flows.disclosure.rounding import BASE, bounds, rounded

__all__ = [
    "BASE",
    "THRESHOLD",
    "Audit",
    "Exposure",
    "Isolated",
    "Public",
    "Remedy",
    "audit",
    "bounds",
    "remedy",
    "rounded",
    "smallest_isolated",
]
