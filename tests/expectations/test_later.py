"""Libraries that wait for their first use: the rest of the process finds them as they are."""

import subprocess
import sys

import pytest

from expectations.later import later


@pytest.fixture
def library(tmp_path, monkeypatch):
    """A library that nobody has loaded, and one that loads it."""
    (tmp_path / "heavy_charts.py").write_text("colour = 'blue'\n", encoding="utf-8")
    (tmp_path / "loads_charts.py").write_text("import heavy_charts as charts\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    yield "heavy_charts"
    for name in ("heavy_charts", "loads_charts"):
        sys.modules.pop(name, None)


def test_it_is_not_loaded_until_something_is_asked_of_it(library):
    with later(library):
        import loads_charts
    assert library not in sys.modules
    assert loads_charts.charts.colour == "blue"
    assert sys.modules[library].__file__.endswith("heavy_charts.py")


def test_somebody_else_who_loads_it_gets_it_whole(library):
    with later(library):
        from heavy_charts import colour
    assert colour == "blue"
    import heavy_charts

    assert sys.modules[library] is heavy_charts and heavy_charts.__file__


def test_what_is_loaded_already_stays(library):
    import heavy_charts

    with later(library):
        assert sys.modules[library] is heavy_charts
    assert sys.modules[library] is heavy_charts


def test_suites_are_judged_without_charts_and_tests_of_distributions():
    """A release of Great Expectations that uses them in what we ask would be slow, not wrong."""
    code = """
import sys
import pandas as pd
from expectations import checks
table = pd.DataFrame({"code": ["a"], "value": [1.0]})
kwargs = {"column": "value", "min_value": 0}
entry = {"id": "X", "type": "expect_column_values_to_be_between", "severity": "warning",
         "action": "report", "because": "", "kwargs": kwargs}
print(checks.check("core.things", table, [entry])[0].result)
print(*[name for name in ("altair", "scipy.stats") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.split() == ["held"], done.stderr
