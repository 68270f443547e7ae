"""Figures to be judged, as a person would write them down."""

import pytest

BY_ITS_INDICATOR = """
update evidence.cells as c
set
    method = i.method, per = i.per, polarity = i.polarity,
    value = coalesce(c.value, case when i.method = 'count' then numerator
        else numerator / nullif(denominator, 0) * i.per end),
    period_start = coalesce(period_start, make_date(try_cast(period as integer), 1, 1)),
    period_end = coalesce(period_end, make_date(try_cast(period as integer), 12, 31))
from catalogue.indicators as i
where i.indicator_id = c.indicator_id
"""


@pytest.fixture
def cells(warehouse):
    """Puts rows into ``evidence.cells``: method, unit and value come from the indicator and the
    counts, the days of a period from the year that it is, unless a row says otherwise."""

    def given(text):
        warehouse.given("evidence.cells", text)
        warehouse.con.execute(BY_ITS_INDICATOR)

    return given


@pytest.fixture
def judged(warehouse, cells):
    """Judges cells and holds ``evidence.judgements`` against a text table."""

    def judge(text, expected, *, only="true"):
        cells(text)
        warehouse.judge()
        warehouse.holds("evidence.judgements", expected, only=only)

    return judge
