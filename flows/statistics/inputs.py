"""What every function of this package does with the figures it is given."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

SUMMATION_NOISE = 1e-9  # relative: more than the order of adding up can make of the same figures
POLARITIES = ("low", "high", "neither")  # which end is good


def floats(values: ArrayLike) -> Floats:
    """As float64, missing as NaN: what lies under a mask (DuckDB's NULL) must not come to light."""
    if isinstance(values, np.ma.MaskedArray):
        return values.astype(np.float64).filled(np.nan)
    return np.asarray(values, dtype=np.float64)


def finite(name: str, values: ArrayLike) -> Floats:
    """As float64; ValueError for an infinite figure."""
    array = floats(values)
    refuse(np.isinf(array), f"{name} must be finite: infinite", array)
    return array


def counts(name: str, values: ArrayLike) -> Floats:
    """As float64; ValueError for a figure that is negative or infinite."""
    array = finite(name, values)
    refuse(array < 0, f"{name} must not be negative: negative", array)
    return array


def sizes(name: str, values: ArrayLike) -> Floats:
    """What is divided by: as `counts`, and 0 as NaN, for nothing has a rate among nobody."""
    array = counts(name, values)
    return np.where(array > 0, array, np.nan)


def parts(numerator: ArrayLike, denominator: ArrayLike) -> tuple[Floats, Floats]:
    """Numerator and denominator of a proportion; ValueError for a part above its whole.

    An excess of mere summation noise counts as equal; a denominator of 0 becomes NaN.
    """
    x, n = counts("numerator", numerator), counts("denominator", denominator)
    fault = "not a proportion (use a rate, or mend the data): numerator above denominator"
    refuse(x > n * (1 + SUMMATION_NOISE), fault, x, n)
    return np.minimum(x, n), np.where(n > 0, n, np.nan)


def dispersions(values: ArrayLike) -> Floats:
    """How many times the variance of independent events: ValueError for less than 1."""
    array = finite("dispersion", values)
    refuse(array < 1, "dispersion must be 1 or more: less", array)
    return array


def ordered(lower: ArrayLike, upper: ArrayLike, of: str = "") -> tuple[Floats, Floats]:
    """The limits of an interval; ValueError where the lower is above the upper."""
    low, high = floats(lower), floats(upper)
    refuse(low > high, f"{of}lower must not be above {'its ' if of else ''}upper: it is", low, high)
    return low, high


def tail_of(confidence: float, multiplier: float = 1) -> float:
    """The probability left out beyond each limit."""
    tail = (1 - confidence) / 2
    if not 0 < tail < 0.5:
        raise ValueError(f"confidence must be between 0 and 1, such as 0.95: found {confidence:g}")
    positive(multiplier)
    return tail


def positive(multiplier: float) -> float:
    """The multiplier as it was; ValueError unless it is above 0 and finite."""
    if not 0 < multiplier < np.inf:
        raise ValueError(f"multiplier must be positive, such as 1000: found {multiplier:g}")
    return multiplier


def worded(
    side: NDArray[np.int_], polarity: ArrayLike, words: dict[str, tuple[str, str, str]]
) -> NDArray[np.str_]:
    """The word of each polarity for a figure below (-1), level with (0) and above (1) another.

    ValueError for a polarity that is not one of POLARITIES.
    """
    polarities = np.asarray(polarity, dtype=str)
    unknown = sorted(set(np.unique(polarities).tolist()) - set(POLARITIES))
    if unknown:
        raise ValueError(f"polarity must be one of {', '.join(words)}: found {', '.join(unknown)}")
    answer = np.array("", dtype=str)
    for name in POLARITIES:
        answer = np.where(polarities == name, np.array(words[name])[side + 1], answer)
    return answer


def refuse(bad: NDArray[np.bool_], fault: str, *arrays: Floats) -> None:
    """ValueError with the fault, how often it is there and the first figures that have it."""
    if np.any(bad):
        found = [f"{np.broadcast_to(array, np.shape(bad))[bad][0]:g}" for array in arrays]
        places = f"in {np.count_nonzero(bad)} of {np.size(bad)} values"
        raise ValueError(f"{fault} {places}, the first {' against '.join(found)}")
