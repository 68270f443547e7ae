"""How a number, a period, a place's name and a count of things are said, everywhere the same."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

INVENTED = " (invented)"  # said once, at the top of the page
MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August"),
    *("September", "October", "November", "December"),
)
MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")


def number(value: Any) -> str:
    """A number with its thousands apart, and no digits that say nothing; halves are rounded away
    from zero, as people, spreadsheets and browsers do."""
    exact = Decimal(str(value))
    size = abs(exact)
    digits = 0 if size >= 1000 or exact == int(exact) else 1 if size >= 100 else 2
    if 0 < size < Decimal("0.1"):
        digits = 2 - exact.adjusted()  # three that say something
    told = exact.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    return f"{told.normalize() if size < Decimal('0.1') else told:,f}"


def valued(value: Any, unit: str) -> str:
    """A figure with its unit, as one says it."""
    if value is None:
        return "no figure"
    if unit == "£":
        return f"£{number(value)}".replace("£-", "-£")
    if unit == "score":
        return f"a score of {number(value)}"
    if unit.startswith("%"):
        return f"{number(value)}{unit}"
    single = value == 1 and not unit.startswith("per ")
    return f"{number(value)} {unit.removesuffix('s') if single else unit}"


def share(value: Any) -> str:
    """A share as a percentage, and one below 1% not as nothing."""
    return f"{value:.1%}" if 0 < value < 0.01 else f"{value:.0%}"


def many(count: int, one: str, more: str = "") -> str:
    """A count with its noun."""
    return f"{count:,} {one if count == 1 else more or one + 's'}"


def plain(name: str | None) -> str:
    """A name without the mark that the top of the page bears."""
    return (name or "").removesuffix(INVENTED)


def spoken(period: str | None) -> str:
    """A period as one says it: ``2024-12 to 2025-11`` is December 2024 to November 2025."""
    told = MONTH.sub(lambda found: f"{MONTHS[int(found[2]) - 1]} {found[1]}", period or "")
    return told or "no period"


def begun(sentence: str) -> str:
    """A sentence with a capital at its beginning."""
    return sentence[:1].upper() + sentence[1:]
