"""The site: every number in it is a cell's, every link leads somewhere, nothing asks the network."""

import json
import re
import tomllib
from pathlib import Path

import duckdb
import pages
import pytest
from shapely.geometry import box
from small_release import cell, layer, release

from flows.figures import begun, number, plain, spoken, valued
from flows.publish import website
from flows.publish.website import charts, maps
from flows.publish.website.facts import facts
from flows.publish.website.others import FILES

TEMPLATES = Path(website.__file__).parent / "templates"


def built(tmp_path, cells, **other):
    website.write(release(cells, **other), tmp_path)
    return tmp_path / "site"


def whole(**told):
    return cell(
        area_code="X10000001", comparator=None, comparator_value=None, compared=None, **told
    )


@pytest.fixture(scope="module")
def county(released, cells_of):
    """The pages of the invented county, and the cells they were made from by their addresses."""
    latest = released / "latest"
    cells = cells_of(latest / "evidence.parquet")
    read = {
        p.name: pages.read(p.read_text("utf-8")) for p in sorted((latest / "site").glob("*.html"))
    }
    return latest, read, cells


def known_words(latest, cells):
    """What may stand on a page with a digit in it and is no figure: labels, names, units, notes,
    reasons, periods in notes, the release's name, and the words of the templates."""
    words = set()
    for one in cells.values():
        for column in ("indicator", "area_name", "unit", "trend_note", "comparator", "parent"):
            words.add(one[column] or "")
            words.add(plain(one[column]))
        words |= set((one["note"] or "").removeprefix("no figure: ").split("; "))
        words |= {spoken(one["period"]), one["area_code"], one["indicator_id"]}
    for name in ("gaps", "breaks", "changes"):
        rows = duckdb.sql(
            f"select * from read_csv('{latest / name}.csv', all_varchar=true)"
        ).fetchall()
        words |= {str(v) for row in rows for v in row if v} | {
            str(v).rstrip(".") for row in rows for v in row if v
        }
        words |= {spoken(str(v)) for row in rows for v in row if v}
    for template in TEMPLATES.glob("*.html"):
        bare = re.sub(r"\{[{%#].*?[}%#]\}", "\n", template.read_text("utf-8"), flags=re.S)
        words |= {line.strip() for line in re.split(r"<[^>]*>|\n", bare)}
    return words


def described(latest):
    """The words of the catalogue, the glossary and the checks."""
    from flows import catalogue
    from flows.publish.datapackage import columns

    book = catalogue.read("exampleshire")
    manifest = json.loads((latest / "manifest.json").read_text())
    words = {
        manifest["release"],
        *(c["description"] for c in columns()),
        *(c["name"] for c in columns()),
    }
    for i in book.indicators:
        words |= {i.why, i.caveat, i.label, i.unit, i.owner}
    for s in (*book.sources, *book.returns):
        words |= {s.label, s.publisher, s.attribution, s.caveat, s.licence, s.page}
        words |= {m.label for m in s.measures}
    checks = json.loads((latest / "quality" / "expectations.json").read_text())
    words |= {c[k] for c in checks for k in ("because", "id", "table", "told")}
    words |= {c["table"].partition(".")[2].replace("_", " ").capitalize() for c in checks}
    words |= set((latest / "quality" / "remarks.txt").read_text().splitlines())
    package = json.loads((latest / "datapackage.json").read_text())
    words |= {a["text"].rpartition(": ")[2] for a in package["attributions"]}
    words |= set(FILES.values())
    words |= set(
        re.findall(r'means = "(.*)"', (Path(website.__file__).parent / "glossary.toml").read_text())
    )
    return words


class TestEveryNumberIsACell:
    def test_what_carries_an_address_says_what_the_cell_says(self, county):
        _, read, cells = county
        checked = 0
        for name, root in read.items():
            for node, kind, (*key, column) in pages.told(root):
                if kind != "data-cell" or node.tag == "circle":
                    continue
                one = cells[tuple(key)]
                value = one[column]
                if column in ("period", "earlier_period"):
                    assert node.text == spoken(value), (name, key)
                    continue
                assert value is not None, (name, key, column)
                pound = "£" if one["unit"] == "£" else ""
                said = {number(value), pound + number(value), valued(value, one["unit"])}
                assert node.text in said, (name, key, column)
                checked += 1
        assert checked > 10_000

    def test_a_dot_is_a_cell_and_stands_where_it_belongs(self, county):
        _, read, cells = county
        for name, root in read.items():
            for svg in (n for n in root.all() if n.told.get("class") == "dots"):
                dots = [n for n in svg.all() if n.tag == "circle"]
                told = [
                    (
                        float(n.told["cx"]),
                        cells[tuple(n.told["data-cell"].split("|")[:-1])]["value"],
                    )
                    for n in dots
                ]
                assert sorted(told) == sorted(told, key=lambda one: one[1]), name

    def test_no_number_stands_without_an_address(self, county):
        latest, read, cells = county
        words = known_words(latest, cells) | described(latest)
        words = sorted(words | {begun(w) for w in words}, key=len, reverse=True)
        words = [w for w in words if re.search(r"\d", w)]
        found = {(name, text) for name, root in read.items() for text in pages.loose(root, words)}
        day = r"from files in hand on \d{1,2} [A-Z][a-z]+ \d{4}\."
        left = {(n, t) for n, t in found if re.search(r"\d", re.sub(day, "", t))}
        assert not left, sorted(left)[:20]

    def test_a_test_of_this_kind_can_fail(self):
        root = pages.read(
            "<p>Crime rose by 12%</p><p data-cell='a|b|c|d|value'>9</p><p>in 2024</p>"
        )
        assert list(pages.loose(root, ["in 2024"])) == ["Crime rose by 12%"]


def bare_counts(root, cells, rates):
    """Numbers of crimes without a rate, what that is set against and its period in the same row
    or sentence."""
    for node, kind, (*key, column) in pages.told(root):
        one = cells.get(tuple(key))
        if kind != "data-cell" or not one or column not in ("value", "numerator"):
            continue
        if (one["source"], one["method"]) != ("police_crime", "count") and column != "numerator":
            continue
        if one["source"] != "police_crime":
            continue
        around = next(n for n in node.above() if n.tag in ("td", "li", "p", "dd", "body", ""))
        beside = {(k[0], c) for _, _, (*k, c) in pages.told(around)}
        if not any({(r, "value"), (r, "comparator_value"), (r, "period")} <= beside for r in rates):
            yield node.text, key


class TestNobodyIsFrightened:
    def test_a_number_of_crimes_is_never_shown_by_itself(self, county):
        _, read, cells = county
        rates = {
            k[0]
            for k, one in cells.items()
            if one["source"] == "police_crime" and one["method"] == "rate"
        }
        found = [
            (name, *one) for name, root in read.items() for one in bare_counts(root, cells, rates)
        ]
        assert not found, found[:10]

    def test_and_that_test_can_fail(self):
        cells = {
            ("crimes_month", "town", "T1", "2025-06"): {"source": "police_crime", "method": "count"}
        }
        root = pages.read(
            "<p>There were <b data-cell='crimes_month|town|T1|2025-06|value'>35</b> crimes</p>"
        )
        assert list(bare_counts(root, cells, {"crime_rate_12_months"}))

    def test_where_no_rate_is_in_hand_the_number_is_not_told(self, tmp_path):
        shown = built(tmp_path, [cell(indicator_id="crimes_month", value=35.0, period="2025-06")])
        assert (
            "35"
            not in (shown / "locality-town-T1.html")
            .read_text()
            .split("<main")[1]
            .split("</main")[0]
        )

    def test_nor_among_what_changed(self, tmp_path):
        import pandas

        told = {
            "theme": "x",
            "indicator": "Crimes",
            "area_kind": "town",
            "area_code": "T1",
            "area_name": "Barnwick",
        }
        told |= {
            "edition": None,
            "period": "2025-06",
            "change": "revised",
            "marker_before": None,
            "marker_after": None,
        }
        rows = [
            told
            | {
                "indicator_id": "crimes_month",
                "value_before": 771.0,
                "value_after": 772.0,
                "unit": "crimes",
                "why": "new data",
            },
            told
            | {
                "indicator_id": "crime_rate_12_months",
                "value_before": 8.81,
                "value_after": 8.82,
                "unit": "per 1,000 residents",
                "why": "new data",
            },
        ]
        cells = [cell(), cell(indicator_id="crimes_month", period="2025-06", value=772.0), whole()]
        shown = built(tmp_path, cells, changes=pandas.DataFrame(rows), before="2025-12-01-aaaaaaaa")
        for page in ("changes.html", "theme-safer_communities.html"):
            text = (shown / page).read_text().split("<main")[1].split("</main")[0]
            assert "771" not in text and "8.81" in text, page

    def test_no_map_is_red(self):
        sheet = (Path(website.__file__).parent / "assets" / "site.css").read_text()
        for colour in re.findall(r"#([0-9a-f]{6})\b", sheet):
            red, green, blue = (int(colour[n : n + 2], 16) for n in (0, 2, 4))
            assert not (red > 150 and red > green * 1.6 and red > blue * 1.6), colour


class TestOnAFileShare:
    def test_every_link_leads_to_a_file(self, county):
        latest, read, _ = county
        for name, root in read.items():
            ids = {n.told["id"] for n in root.all() if "id" in n.told}
            for tag, href in pages.links(root):
                if href.startswith(("https://", "http://", "data:,")):
                    assert tag in ("a", "link"), (name, href)
                    continue
                file, _, anchor = href.partition("#")
                assert not file or (latest / "site" / file).resolve().is_file(), (name, href)
                if anchor and not file:
                    assert anchor in ids, (name, href)

    def test_nothing_is_loaded_from_the_network(self, county):
        latest, read, _ = county
        for name, root in read.items():
            for tag, href in pages.links(root):
                assert tag == "a" or not href.startswith(("http", "//")), (name, href)
        for asset in (latest / "site" / "assets").iterdir():
            text = asset.read_text("utf-8")
            assert not re.search(r"https?://|fetch\(|XMLHttpRequest|import |type=.module", text), (
                asset.name
            )

    def test_no_id_is_used_twice(self, county):
        for name, root in county[1].items():
            ids = [n.told["id"] for n in root.all() if "id" in n.told]
            assert len(ids) == len(set(ids)), name

    def test_file_names_are_safe_and_apart_on_any_disk(self, tmp_path):
        codes = ["a/b", "a b", "A-B", "../x", "ü"]
        shapes = {code: (f"N{n}", box(n, 0, n + 1, 1)) for n, code in enumerate(codes)}
        cells = [cell(area_code=code) for code in codes]
        shown = built(tmp_path, cells, layers={"town": layer(shapes)})
        names = [p.name.lower() for p in shown.glob("locality-town-*.html")]
        assert len(names) == len(set(names)) == len(codes)
        assert all(re.fullmatch(r"[a-z0-9_.-]+", name) for name in names)


class TestWhatNamesSay:
    HOSTILE = "<script>alert(1)</script>&\"'</title>"

    def test_a_name_is_text_wherever_it_stands(self, tmp_path):
        shapes = {"T1": (self.HOSTILE, box(0, 0, 1, 1)), "T2": ("b", box(1, 0, 2, 1))}
        cells = [
            cell(
                area_name=self.HOSTILE,
                note=f"no figure: {self.HOSTILE}",
                compared="worse",
                compared_adjusted="worse",
                lower_ci=9.0,
                upper_ci=11.0,
            ),
            cell(area_code="T2", value=12.0),
            whole(),
        ]
        shown = built(tmp_path, cells, layers={"town": layer(shapes)})
        for page in shown.glob("*.html"):
            root = pages.read(page.read_text("utf-8"))
            assert all("alert" not in n.text for n in root.all() if n.tag == "script"), page.name
        for script in (shown / "data").glob("*.js"):
            assert "</" not in script.read_text("utf-8").replace("<\\/", "")


def test_a_locality_of_older_boundaries_has_no_page_and_breaks_none(tmp_path):
    import pandas

    old = cell(
        area_code="T9", period="2020-07 to 2021-06", period_end=pandas.Timestamp("2021-06-30")
    )
    shown = built(tmp_path, [old, cell(), cell(area_code="T2", value=12.0), whole()])
    assert not list(shown.glob("*T9*")) and (shown / "locality-town-T1.html").exists()


def test_where_no_period_has_a_figure_the_newest_says_why():
    import pandas

    months = {"2025-05": "2025-05-31", "2025-06": "2025-06-30"}
    cells = [
        cell(period=m, period_end=pandas.Timestamp(d), value=None, note=f"no figure: {m}")
        for m, d in months.items()
    ]
    assert release(cells).newest["note"].tolist() == ["no figure: 2025-06"]


def test_an_estimate_is_marked_wherever_it_stands(tmp_path):
    told = {"lower_ci": 9.0, "upper_ci": 11.0, "compared": "better", "compared_adjusted": "better"}
    cells = [cell(marker="[e]", **told), cell(area_code="T2", value=12.0), whole()]
    shown = built(tmp_path, cells)
    for page in (
        "locality-town-T1",
        "theme-safer_communities-town",
        "compare",
        "explore",
        "briefing-town-T1",
    ):
        text = (shown / f"{page}.html").read_text().split("<main")[1]
        assert ' <span class="no">[e]</span>' in text, page
    assert '"m":"[e]"' in (shown / "data" / "town-T1.js").read_text()


def test_what_a_locality_has_no_row_for_is_told_as_unknown(tmp_path):
    cells = [
        cell(),
        cell(area_code="T2", value=12.0),
        whole(),
        whole(indicator_id="imd_score", period="2025"),
    ]
    page = (built(tmp_path, cells) / "locality-town-T1.html").read_text()
    assert "Index of Multiple Deprivation" in page.split('id="unknown"')[1]


def test_a_name_that_a_spreadsheet_would_run_is_text_in_the_table_of_a_locality(tmp_path):
    cells = [cell(area_name="=1+1"), cell(area_code="T2"), whole()]
    assert ",'=1+1," in (built(tmp_path, cells) / "data" / "town-T1.csv").read_text()


def test_older_boundaries_are_not_drawn():
    import pandas

    shapes = {
        "T1": ("a", box(0, 0, 1, 1)),
        "T2": ("b", box(1, 0, 2, 1)),
        "T9": ("gone", box(0, 0, 2, 1)),
    }
    drawn = layer(shapes).assign(edition=["2023", "2023", "2011"])
    cells = [cell(edition="2023"), cell(area_code="T2", edition="2023")]
    cells += [
        cell(
            area_code="T9", edition="2011", period="2010", period_end=pandas.Timestamp("2010-12-31")
        )
    ]
    known = facts(release(cells, layers={"town": drawn}))
    assert set(maps.atlas(known.released.layers, known.editions).paths["town"]) == {"T1", "T2"}


def test_a_release_without_any_period_still_has_its_pages(tmp_path):
    import pandas

    none = {
        "period": None,
        "period_start": pandas.NaT,
        "period_end": pandas.NaT,
        "value": None,
        "comparator_value": None,
    }
    cells = [cell(note="no figure: no file is in hand", **none), cell(area_code="T2", **none)]
    assert "No file is in hand" in (built(tmp_path, cells) / "locality-town-T1.html").read_text()


@pytest.mark.parametrize(
    "value,said",
    [
        (0.365, "0.37"),
        (2.675, "2.68"),
        (1234.5, "1,235"),
        (-0.365, "-0.37"),
        (17.0, "17"),
        (0.0427, "0.0427"),
        (123.45, "123.5"),
        (0, "0"),
        (0.0, "0"),
        (0.000027, "0.000027"),
        (-0.00427, "-0.00427"),
        (0.05, "0.05"),
    ],
)
def test_halves_are_rounded_as_browsers_and_spreadsheets_do(value, said):
    assert number(value) == said


def test_the_glossary_says_what_the_project_s_says():
    """One fact, two places: the site's words are those of GLOSSARY.md, without its code marks."""
    house = Path(website.__file__).parents[3]
    rows = re.findall(r"^\| ([^|]+?) \| ([^|]+?) \|$", (house / "GLOSSARY.md").read_text(), re.M)
    ours = {word: means.replace("`", "") for word, means in rows}
    told = tomllib.loads((Path(website.__file__).parent / "glossary.toml").read_text())["word"]
    assert len(told) > 20
    for one in told:
        assert ours[one["word"]] == one["means"], one["word"]


def test_the_same_cells_give_the_same_bytes(tmp_path):
    cells = [cell(), cell(area_code="T2", value=12.0, lower_ci=10.0, upper_ci=14.0), whole()]
    one, two = built(tmp_path / "1", cells), built(tmp_path / "2", cells)
    for path in sorted(p for p in one.rglob("*") if p.is_file()):
        assert path.read_bytes() == (two / path.relative_to(one)).read_bytes(), path.name


def test_what_stands_out_survived_the_adjustment(tmp_path):
    told = {"lower_ci": 9.0, "upper_ci": 11.0, "compared": "better"}
    shown = built(
        tmp_path,
        [
            cell(compared_adjusted="similar", **told),
            cell(area_code="T2", compared_adjusted="better", **told),
            whole(),
        ],
    )
    chance, stands = ((shown / f"locality-town-{t}.html").read_text() for t in ("T1", "T2"))
    assert "nothing differs" in chance and "may be chance" in chance
    assert "lower, which is better, than Exampleshire" in stands


class TestMaps:
    def test_the_same_value_is_never_in_two_classes(self):
        cells = [
            cell(area_code=f"T{n}", value=float(v))
            for n, v in enumerate([1, 1, 1, 1, 1, 2, 3, 9, 9, 9])
        ]
        found = maps.bands(cells)
        seen = [c["value"] for band in found for c in band.cells]
        assert seen == sorted(seen) and len(seen) == len(cells)
        of = {}
        for band in found:
            for one in band.cells:
                assert of.setdefault(one["value"], band.number) == band.number

    def test_one_value_is_one_class_and_none_is_none(self):
        assert [b.number for b in maps.bands([cell(value=3.0), cell(value=3.0)])] == [1]
        assert maps.bands([cell(value=None)]) == []

    def test_a_locality_without_a_figure_is_hatched_not_left_out(self, tmp_path):
        shown = built(tmp_path, [cell(), cell(area_code="T2", value=None, marker="[c]"), whole()])
        # a map needs two figures; with one there is the table alone
        page = (shown / "theme-safer_communities-town.html").read_text()
        assert "url(#hatch)" in page and "No figure is shown" in page

    def test_outlines_keep_their_place(self):
        known = facts(release([cell(), cell(area_code="T2"), whole()]))
        made = maps.atlas(known.released.layers, known.editions)
        west, east = made.boxes["town"]["T1"], made.boxes["town"]["T2"]
        assert west[2] == east[0], "neighbours still touch"
        assert made.width == maps.ACROSS


class TestCharts:
    def series(self, values, months):
        cells = [
            cell(period=m, value=v, period_start=f"{m}-01", period_end=f"{m}-28")
            for m, v in zip(months, values, strict=True)
        ]
        made = release(cells)
        frame = made.cells
        import pandas

        frame["period_end"] = pandas.to_datetime(frame["period_end"])
        frame["period_start"] = pandas.to_datetime(frame["period_start"])
        return facts(made).series["crime_rate_12_months", "town", "T1"]

    def test_a_gap_is_a_gap(self):
        months = [f"2025-0{n}" for n in range(1, 9)]
        drawn = charts.spark(self.series([1, 2, 3, None, 5, 6, 7, 8], months))
        assert drawn.count("M") == 2

    def test_a_month_that_is_not_even_named_is_a_gap_too(self):
        drawn = charts.spark(
            self.series([1, 2, 3, 5, 6], ["2025-01", "2025-02", "2025-03", "2025-07", "2025-08"])
        )
        assert drawn.count("M") == 2

    def broken(self, on_date):
        import pandas

        told = {
            "indicator_id": "crime_rate_12_months",
            "on_date": on_date,
            "reason": "x",
            "reference": "y",
        }
        months = [f"2025-0{n}" for n in range(1, 8)]
        cells = [
            cell(
                period=m,
                value=float(n),
                period_start=pandas.Timestamp(f"{m}-01"),
                period_end=pandas.Timestamp(f"{m}-28"),
            )
            for n, m in enumerate(months)
        ]
        breaks = pandas.DataFrame([told]).astype({"on_date": "datetime64[us]"})
        return facts(release(cells, breaks=breaks)).series["crime_rate_12_months", "town", "T1"]

    def test_a_line_stops_at_a_break(self):
        import pandas

        drawn = charts.spark(self.broken(pandas.Timestamp("2025-04-01")))
        assert drawn.count("M") == 2

    def test_where_no_two_periods_are_alike_there_is_no_line(self):
        assert "not alike" in charts.spark(self.broken(None))

    def test_too_many_gaps_draw_no_line(self):
        months = [f"2025-0{n}" for n in range(1, 6)]
        assert "too many" in charts.spark(self.series([1, None, None, 4, 5], months))

    @pytest.mark.parametrize(
        "low,high", [(0, 1), (3.2, 3.3), (-5, 1e6), (7, 7), (0, 0), (1e-9, 3e-9)]
    )
    def test_the_marks_of_an_axis_hold_its_values(self, low, high):
        marks = charts.ticks(low, high)
        assert marks[0] <= low + 1e-9 and marks[-1] >= high - 1e-9 and 2 <= len(marks) <= 8
        assert marks == sorted(set(marks))
