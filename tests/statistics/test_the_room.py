"""What holds for the room as a whole: its names, its speed, and that it leaves things alone."""

import inspect
import subprocess
import sys
import time

import numpy as np
import pytest

import flows.statistics
from flows import statistics
from flows.statistics import ESP2013, Dispersion

FUNCTIONS = [name for name in statistics.__all__ if inspect.isfunction(getattr(statistics, name))]
ROWS = 100_000


def calls():
    """A call of each function on a table of ROWS rows."""
    random = np.random.default_rng(30)
    n = random.integers(50, 9000, ROWS).astype(float)
    x = random.binomial(n.astype(int), 0.02).astype(float)
    value, gap = x / n * 1000, random.uniform(0.1, 9, ROWS)
    families = random.integers(0, 300, ROWS)
    years = random.poisson(40, (ROWS, 6)) + 1.0
    band = random.poisson(3, (ROWS // 19, 19)).astype(float)
    spread = Dispersion(np.float64(3), np.float64(0.05), np.intp(60))
    return {
        "proportion": (x, n),
        "rate": (x, n),
        "median_interval": (value,),
        "compare": (value, value - gap, value + gap, 20.0, None, None, "low"),
        "rank_shift": (value, value - gap, value + gap),
        "rank_interval": (value, value - gap, value + gap),
        "standardised_rate": (band, band + 900),
        "standardised_ratio": (x, n / 50),
        "proportion_p": (x, n, 0.02),
        "rate_p": (x, n, 20.0, 1000, 2.5),
        "estimate_p": (value, value - gap, value + gap, 20.0),
        "median_p": (np.floor(x), 0, np.floor(n / 50)),
        "false_discoveries": (random.random(ROWS), families),
        "funnel": (20.0, n, "rate", 1000, spread),
        "funnel_scores": (x, n, 20.0, "rate", 1000),
        "overdispersion": (random.normal(size=ROWS), gap),
        "monthly_dispersion": (random.poisson(4, (ROWS // 36, 36)).astype(float),),
        "recent_trend": (years, years - 1, years + 1),
        "change": (x, n, x[::-1].copy(), n[::-1].copy(), 0.95, 2.0),
        "smoothed": (x, n, families),
    }


def test_every_function_is_tried_here():
    assert sorted(calls()) == sorted(FUNCTIONS)


@pytest.fixture(scope="module")
def tables():
    return calls()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_large_table_takes_no_time_and_stays_as_it_was(name, tables):
    before = [a.copy() if isinstance(a, np.ndarray) else a for a in tables[name]]
    start = time.perf_counter()
    getattr(statistics, name)(*tables[name])
    assert time.perf_counter() - start < 8  # a loop over rows would take longer than all of them
    for given, kept in zip(tables[name], before, strict=True):
        np.testing.assert_equal(given, kept)


def test_both_ways_in_lead_to_the_same_room():
    assert statistics is flows.statistics
    for name in statistics.__all__:
        assert getattr(flows.statistics, name) is not None
    assert ESP2013 is statistics.ESP2013


def test_importing_it_does_not_import_scipy_stats():
    code = "import flows.statistics, sys; sys.exit('scipy.stats' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
