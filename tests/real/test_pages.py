"""The pages of a real county of the size that the site is made for: 84 localities, 59 indicators,
four years of months."""

import re
from html import unescape

import pytest

from flows.figures import number, spoken, valued

HEAVIEST = 300_000  # bytes that a page may load
NUMBER = re.compile(r'data-cell="([^"]+)">([^<]*)<')


@pytest.fixture(scope="module")
def site(leicestershire):
    return leicestershire[1] / "latest" / "site"


def weigh(*paths):
    return sum(path.stat().st_size for path in paths)


def test_every_page_loads_little(site):
    assets = site / "assets"
    shared = weigh(assets / "site.css", assets / "site.js")
    pages = {p.name: weigh(p) + shared for p in site.glob("*.html")}
    assert len(pages) > 250
    heaviest = max(pages, key=pages.get)
    assert pages[heaviest] < HEAVIEST, (heaviest, pages[heaviest])
    index, figures = (
        site / "data" / "index.js",
        sorted((site / "data").glob("indicator-*.js"), key=weigh),
    )
    explore = pages["explore.html"] + weigh(assets / "explore.js", index, figures[-1])
    assert explore < HEAVIEST, explore
    places = sorted((p for p in (site / "data").glob("*.js") if p not in figures), key=weigh)
    compare = pages["compare.html"] + weigh(assets / "compare.js", index, *places[-5:])
    assert compare < HEAVIEST, compare


def test_every_number_on_every_page_is_that_of_its_cell(site, cells_of):
    cells = cells_of(site.parent / "evidence.parquet")
    seen = 0
    for page in site.glob("*.html"):
        for address, text in NUMBER.findall(page.read_text("utf-8")):
            *key, column = unescape(address).split("|")
            one = cells[tuple(key)]
            value = one[column]
            if column in ("period", "earlier_period"):
                assert unescape(text) == spoken(value), (page.name, address)
                continue
            said = {number(value), valued(value, one["unit"])}
            assert unescape(text).removeprefix("£") in said | {s.removeprefix("£") for s in said}
            seen += 1
    assert seen > 25_000, seen
