"""Into which classes a map puts its figures, and how their limits are said."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from flows.figures import number

MOST = 5
# palest first; of fewer than five classes those that are farthest apart. Told apart by every kind
# of colour vision, and when printed in grey; the palest is still seen on white.
RAMP = ("#dbe9f6", "#a9cdea", "#6aa3d5", "#2c6fb0", "#0a3566")
SHADES = {0: (), 1: (1,), 2: (1, 3), 3: (0, 2, 4), 4: (0, 1, 3, 4), 5: (0, 1, 2, 3, 4)}


@dataclass(frozen=True)
class Classes:
    """The limits between the classes, lowest first: a class has its lower limit and not its
    upper. No class at all where there is no figure."""

    limits: tuple[Decimal, ...] = ()
    lowest: float | None = None
    highest: float | None = None

    @property
    def count(self) -> int:
        return 0 if self.lowest is None else len(self.limits) + 1

    @property
    def colours(self) -> list[str]:
        return [RAMP[shade] for shade in SHADES[self.count]]

    def of(self, value: float) -> int:
        """The shade of a figure's class: its place in the ramp."""
        return SHADES[self.count][sum(float(limit) <= value for limit in self.limits)]

    @property
    def ranges(self) -> list[tuple[Decimal | None, Decimal | None]]:
        """From and below what each class is; None where it is open."""
        if not self.count:
            return []
        return list(zip((None, *self.limits), (*self.limits, None), strict=True))

    def words(self, unit: str) -> list[str]:
        """Each class as one says it."""
        return [self._said(low, high, unit) for low, high in self.ranges]

    def _said(self, low: Decimal | None, high: Decimal | None, unit: str) -> str:
        if low is None and high is None:
            same = self.lowest == self.highest
            return _with_unit(number(self.lowest), unit) if same else "All figures"
        if low is None:
            return f"Under {_plain(high, unit)}"
        if high is None:
            return f"{_plain(low, unit)} or more"
        return f"{_plain(low, unit)} to under {_plain(high, unit)}"


def classes(values: Iterable[float]) -> Classes:
    """Up to five classes of about as many localities each (quantiles), with limits as round as
    the figures allow. The same figure is never in two classes. What is missing is in none."""
    import numpy as np

    told = np.asarray(list(values), dtype=float)
    told = told[np.isfinite(told)]
    distinct = np.unique(told)
    if not len(distinct):
        return Classes()
    if len(distinct) <= MOST:
        firsts = np.arange(1, len(distinct))
    else:
        edges = np.unique(np.quantile(told, np.arange(1, MOST) / MOST))
        which = np.searchsorted(edges, distinct, side="left")  # a figure on an edge is below it
        firsts = np.flatnonzero(np.diff(which)) + 1
    limits = tuple(between(float(distinct[at - 1]), float(distinct[at])) for at in firsts)
    return Classes(limits, float(distinct[0]), float(distinct[-1]))


def between(low: float, high: float) -> Decimal:
    """The roundest number that is above ``low`` and not above ``high``: the multiple of the
    largest power of ten, of several the nearest to their middle."""
    below, above = Decimal(repr(low)), Decimal(repr(high))
    middle = (below + above) / 2
    power = max(below.adjusted(), above.adjusted()) + 1
    while True:
        step = Decimal(1).scaleb(power)
        nearest = (middle / step).to_integral_value() * step
        for found in (nearest, nearest + step, nearest - step):
            if below < found <= above and low < float(found):
                return found
        power -= 1


def _plain(limit: Decimal | None, unit: str) -> str:
    return _with_unit(f"{limit or Decimal(0):,f}", unit)


def _with_unit(said: str, unit: str) -> str:
    if unit == "£":
        return f"£{said}".replace("£-", "-£")
    return f"{said}%" if unit.startswith("%") else said
