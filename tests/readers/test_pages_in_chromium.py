"""Every page in a real browser: accessible, by keyboard alone, at any width, without scripts, from a
file share, and the numbers that scripts write are cells too."""

import re
import shutil
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from flows.figures import number, spoken

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [
    pytest.mark.readers,
    pytest.mark.skipif(not CHROMIUM, reason="needs Chromium (Debian: chromium)"),
]
playwright = pytest.importorskip("playwright.sync_api", reason="needs the readers extra")

QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
QUIET += ["--disable-component-update", "--no-first-run", "--disable-quic"]
HEAVIEST = 300_000  # bytes a page may load
TYPES = {
    "home": "index.html",
    "locality": "locality-town-X63000001.html",
    "whole place": "locality-place-X10000001.html",
    "briefing": "briefing-priority_neighbourhood-X-PN1.html",
    "theme": "theme-safer_communities.html",
    "table": "theme-safer_communities-community_forum_area.html",
    "indicator": "indicator-crime_rate_12_months.html",
    "count": "indicator-crimes_month.html",
    "list": "localities.html",
    "changes": "changes.html",
    "gaps": "gaps.html",
    "quality": "quality.html",
    "downloads": "downloads.html",
    "method": "method.html",
    "explore": "explore.html",
    "compare": "compare.html",
}


@pytest.fixture(scope="module")
def browser():
    with (
        playwright.sync_playwright() as tool,
        tool.chromium.launch(executable_path=CHROMIUM, args=QUIET) as opened,
    ):
        yield opened


@pytest.fixture(scope="module")
def site(released):
    return released / "latest" / "site"


@pytest.fixture
def page(browser):
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        asked, said = [], []
        shown = context.new_page()
        shown.on("request", lambda r: asked.append(r.url))
        shown.on("pageerror", lambda error: said.append(str(error)))
        shown.on("console", lambda m: said.append(m.text) if m.type == "error" else None)
        shown.asked, shown.said = asked, said
        yield shown
        assert not said, said
        assert all(url.startswith(("file://", "data:")) for url in asked), asked


def violations(page):
    from axe_playwright_python.sync_playwright import Axe

    rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    found = Axe().run(page, options={"runOnly": rules, "preload": False}).response["violations"]
    return [(v["id"], v["impact"], [n["html"][:160] for n in v["nodes"][:3]]) for v in found]


class TestAccessible:
    @pytest.mark.parametrize("name", TYPES.values(), ids=TYPES)
    def test_axe_finds_nothing(self, page, site, name):
        page.goto((site / name).as_uri())
        page.wait_for_load_state("load")
        assert violations(page) == []

    def test_and_axe_would_find_something(self, page, tmp_path):
        bad = tmp_path / "bad.html"
        bad.write_text("<html><body><img src='data:,'><p style='color:#ccc'>pale</p></body></html>")
        page.goto(bad.as_uri())
        assert {v[0] for v in violations(page)} >= {"image-alt", "html-has-lang"}
        page.said.clear()

    @pytest.mark.parametrize("width", [320, 640])  # 1280 at 400% and at 200%
    @pytest.mark.parametrize("name", TYPES.values(), ids=TYPES)
    def test_no_page_scrolls_sideways(self, page, site, name, width):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto((site / name).as_uri())
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{wide} px wide"

    @pytest.mark.parametrize("name", TYPES.values(), ids=TYPES)
    def test_the_keyboard_reaches_everything_and_shows_where_it_is(self, page, site, name):
        page.goto((site / name).as_uri())
        wanted = page.evaluate(
            "[...document.querySelectorAll('a[href],button,input,select,[tabindex=\"0\"]')]"
            ".filter(e => e.checkVisibility()).length"
        )
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        steps = min(wanted, 60)
        seen = set()
        for _ in range(steps):
            seen.add(
                page.evaluate("[...document.querySelectorAll('*')].indexOf(document.activeElement)")
            )
            outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert outline != "none", page.evaluate("document.activeElement.outerHTML")[:200]
            page.keyboard.press("Tab")
        assert len(seen) == steps, "the keyboard is caught"

    def test_the_skip_link_skips(self, page, site):
        page.goto((site / TYPES["indicator"]).as_uri())
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main"


class TestOnAnyDesk:
    @pytest.mark.parametrize("name", TYPES.values(), ids=TYPES)
    def test_a_page_loads_little(self, page, site, name):
        page.goto((site / name).as_uri())
        page.wait_for_load_state("load")
        files = {unquote(urlsplit(url).path) for url in page.asked if url.startswith("file:")}
        weight = sum(Path(path).stat().st_size for path in files)
        assert weight < HEAVIEST, f"{weight:,} bytes"

    @pytest.mark.parametrize("name", TYPES.values(), ids=TYPES)
    def test_without_scripts_a_page_says_the_same(self, browser, page, site, name):
        page.goto((site / name).as_uri())
        with browser.new_context(java_script_enabled=False) as context:
            bare = context.new_page()
            bare.goto((site / name).as_uri())
            without = set(re.findall(r'data-cell="([^"]+)"', bare.content()))
            assert bare.locator("h1").inner_text()
        if name in (TYPES["explore"], TYPES["compare"]):
            assert without, "there is a first choice to be read"
            return
        assert without == set(re.findall(r'data-cell="([^"]+)"', page.content()))

    @pytest.mark.parametrize("kind", ["priority_neighbourhood", "community_forum_area"])
    def test_a_briefing_prints_on_two_pages(self, page, site, kind):
        for path in sorted(site.glob(f"briefing-{kind}-*.html")):
            page.goto(path.as_uri())
            printed = page.pdf(prefer_css_page_size=True)
            pages = len(re.findall(rb"/Type\s*/Page\b", printed))
            assert 1 <= pages <= 2, f"{path.name}: {pages} pages"

    def test_a_map_is_drawn(self, page, site):
        page.goto((site / TYPES["table"]).as_uri())
        boxes = page.evaluate(
            "[...document.querySelectorAll('svg.map path')].map(p => p.getBoundingClientRect().width)"
        )
        assert len([b for b in boxes if b > 5]) >= 6
        assert (
            page.evaluate("getComputedStyle(document.querySelector('svg.map .c4')).fill")
            == "rgb(10, 53, 102)"
        )


class TestChoosing:
    @pytest.fixture(scope="class")
    def cells(self, released, cells_of):
        return cells_of(released / "latest" / "evidence.parquet")

    def addressed(self, page):
        return page.evaluate(
            "[...document.querySelectorAll('[data-cell]')].map(e => [e.dataset.cell, e.textContent])"
        )

    def check(self, page, cells):
        told = self.addressed(page)
        for address, text in told:
            *key, column = address.split("|")
            one = cells[tuple(key)]
            wanted = spoken(one[column]) if column == "period" else number(one[column])
            assert text in (wanted, f"£{wanted}"), (address, text, wanted)
        return told

    def test_explore_shows_the_cells_of_any_choice(self, page, site, cells):
        page.goto((site / "explore.html").as_uri())
        page.wait_for_function("document.querySelector('#period').options.length > 0")
        seen = 0
        for indicator in ("crime_rate_12_months", "median_price_12_months", "imd_score"):
            page.select_option("#indicator", indicator)
            page.wait_for_function("document.querySelector('#period').options.length > 0")
            for kind in ("town", "community_forum_area"):
                page.select_option("#kind", kind)
                for n in (0, page.evaluate("document.querySelector('#period').options.length") - 1):
                    page.select_option("#period", index=n)
                    seen += len(self.check(page, cells))
        assert seen > 100

    def test_explore_shows_no_bare_number_of_crimes(self, page, site, cells):
        page.goto((site / "explore.html").as_uri() + "#crimes_month")
        page.wait_for_function("!document.querySelector('#crimes').hidden")
        assert not page.is_visible("#rows")

    def test_a_choice_can_be_sent_as_an_address(self, page, site):
        page.goto((site / "explore.html").as_uri() + "#burglary_rate_12_months/town")
        page.wait_for_function("document.querySelector('#period').options.length > 0")
        assert "Burglary" in page.inner_text("#maptitle")
        assert "/town/" in page.url

    def test_compare_shows_the_cells_of_those_chosen(self, page, site, cells):
        page.goto((site / "compare.html").as_uri() + "#town-X63000001/district-X07000001")
        page.wait_for_function(
            "document.querySelector('#compared thead').textContent.includes('Larkhaven')"
        )
        told = self.check(page, cells)
        assert {a.split("|")[2] for a, _ in told} == {"X63000001", "X07000001", "X10000001"}
        page.select_option("#place0", "")
        page.wait_for_function(
            "!document.querySelector('#compared thead').textContent.includes('Larkhaven')"
        )
        assert not [a for a, _ in self.check(page, cells) if a.startswith("crimes_month|")]

    def test_a_table_sorts_by_number_with_what_is_missing_last(self, page, site):
        page.goto((site / TYPES["indicator"]).as_uri())
        table = page.locator("table[data-sort]").nth(1)
        button = table.locator("thead th").nth(2).locator("button")
        for order in ("descending", "ascending"):
            button.click()
            assert table.locator("thead th").nth(2).get_attribute("aria-sort") == order
            shown = table.locator("tbody td:nth-child(3)").evaluate_all(
                "all => all.map(e => e.dataset.value)"
            )
            known = [float(v) for v in shown if v is not None]
            assert known == sorted(known, reverse=order == "descending")
            assert None not in shown[: len(known)]

    def test_a_list_is_filtered_and_says_so(self, page, site):
        page.goto((site / "localities.html").as_uri())
        page.fill("#find", "FORUM")
        assert page.locator("li:visible a", has_text="Forum").count() == 6
        assert page.locator(".finder [role=status]").inner_text() == "Shown: 6"
        assert not page.locator("h2:visible", has_text="Towns").count()
