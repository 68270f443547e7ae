"""Intervals, comparisons and trends as the profession publishes them: pure functions on arrays.

The formulas are those of the OHID technical guidance (first published as APHO Technical Briefings),
which R's PHEindicatormethods carries out, of Fingertips, and of the sources named at each.

Every function takes scalars, sequences or numpy arrays. They broadcast, and the answer has the
broadcast shape (numpy scalars for scalars). Missing (NaN, None, masked) in, NaN or '' out: a gap
stays a gap. A count need not be whole: after apportionment the answer is that of the apportioned
count, and leaves out the uncertainty of the apportionment. ValueError, saying what is wrong and
where, for a count that is negative or infinite, a confidence outside (0, 1), a multiplier of 0 or
less.
"""

from flows.statistics.comparing import WORDS, Rank, compare, rank_interval, rank_shift
from flows.statistics.dispersion import Dispersion, monthly_dispersion, overdispersion
from flows.statistics.funnels import Limits, Scores, funnel, funnel_scores
from flows.statistics.inputs import SUMMATION_NOISE, Floats
from flows.statistics.intervals import (
    EXACT_BELOW,
    Interval,
    median_interval,
    proportion,
    rate,
)
from flows.statistics.significance import (
    estimate_p,
    false_discoveries,
    median_p,
    proportion_p,
    rate_p,
)
from flows.statistics.smoothing import smoothed
from flows.statistics.standardising import (
    ESP2013,
    Standardised,
    standardised_rate,
    standardised_ratio,
)
from flows.statistics.trends import TREND_WORDS, Change, Trend, change, recent_trend

__all__ = [
    "ESP2013",
    "EXACT_BELOW",
    "SUMMATION_NOISE",
    "TREND_WORDS",
    "WORDS",
    "Change",
    "Dispersion",
    "Floats",
    "Interval",
    "Limits",
    "Rank",
    "Scores",
    "Standardised",
    "Trend",
    "change",
    "compare",
    "estimate_p",
    "false_discoveries",
    "funnel",
    "funnel_scores",
    "median_interval",
    "median_p",
    "monthly_dispersion",
    "overdispersion",
    "proportion",
    "proportion_p",
    "rank_interval",
    "rank_shift",
    "rate",
    "rate_p",
    "recent_trend",
    "smoothed",
    "standardised_rate",
    "standardised_ratio",
]
