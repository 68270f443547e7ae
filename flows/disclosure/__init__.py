"""What may leave the house: rounding, and the attack on our own tables.

A table is protected by rounding every count, and is let out only if `audit` finds no small group in
all that is public of it; else `remedy` says which kind of area or rule of period to leave out.
"""

from flows.disclosure.auditing import THRESHOLD, Audit, Exposure, audit
from flows.disclosure.cuts import smallest_isolated
from flows.disclosure.public import Public
from flows.disclosure.remedies import Remedy, remedy
from flows.disclosure.rounding import BASE, bounds, rounded

__all__ = [
    "BASE",
    "THRESHOLD",
    "Audit",
    "Exposure",
    "Public",
    "Remedy",
    "audit",
    "bounds",
    "remedy",
    "rounded",
    "smallest_isolated",
]
