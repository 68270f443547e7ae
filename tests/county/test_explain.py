"""`evidence explain`: every sentence of the page resolves to the released tables and kept files."""

import copy
import csv
import datetime
import json
import re
import shutil
from pathlib import Path

import duckdb
import geopandas as gpd
import pytest
import shapely

from flows import explaining, lineage
from flows.figures import number, valued

COUNTY = Path(__file__).parents[2] / "geo" / "exampleshire"
TOWN, FORUM = "X63000001", "X-F2"
QUESTIONS = [
    "How was it made?",
    "How does it stand to others, and to its past?",
    "Which places are counted, and by which rule?",
    "Which rows of the publishers' files are these?",
    "Would it change if the area were drawn or counted differently?",
    "Where does it come from, and who answers for it?",
]


def rows(con, query, **given):
    con.execute(query, given)
    names = [d[0] for d in con.description]
    return [dict(zip(names, row, strict=True)) for row in con.fetchall()]


@pytest.fixture(scope="session")
def tables(released):
    """The released tables, read independently of the code under test."""
    con = duckdb.connect()
    for name in ("evidence", "assignment_ledger"):
        path = released / "latest" / f"{name}.parquet"
        con.read_parquet(str(path)).create_view(name)
    return con


@pytest.fixture(scope="session")
def warehouse(released):
    with duckdb.connect(str(released / "warehouse.duckdb"), read_only=True) as con:
        yield con


@pytest.fixture(scope="session")
def explained(released):
    """The chain and the page of a figure, each made once."""
    made = {}

    def explain(*asked):
        if asked not in made:
            chain = lineage.explain(released, *asked)
            made[asked] = chain, list(explaining.page(chain, quiet=False))
        return made[asked]

    return explain


def newest(tables, indicator, area):
    return rows(
        tables,
        "from evidence where indicator_id = $i and area_code = $a order by period_end desc limit 1",
        i=indicator,
        a=area,
    )[0]


def flat(page):
    """The page as running text, so that a wrapped sentence can be looked for."""
    return " ".join(" ".join(page).split())


def kept(data, chain, name):
    """The kept bytes of a file, found by the name that the page gives."""
    (one,) = [s for s in chain["snapshots"] if s["name"] == name]
    return data / "snapshots" / one["source"] / f"{one['sha256']}{one['suffix']}"


def records(path, header=True):
    with path.open(encoding="utf-8-sig", newline="") as stream:
        read = list(csv.reader(stream))
    return [dict(zip(read[0], r, strict=True)) for r in read[1:]] if header else read


PAGES = [
    ("crime_rate_12_months", TOWN),
    ("crimes_month", FORUM),
    ("median_price_12_months", FORUM),
    ("deprived_households", TOWN),
    ("imd_score", TOWN),
    ("smoking_prevalence", "X07000001"),
    ("aged_85_and_over", ""),
]


@pytest.mark.parametrize("asked", PAGES)
def test_a_page_is_six_answers_that_fit_a_sheet_of_paper(explained, asked):
    _, page = explained(*asked)
    assert page[0].startswith("INVENTED FIGURE")
    assert [line for line in page if line.endswith("?")] == QUESTIONS
    assert max(map(len, page)) <= 100
    assert len(page) <= 75
    for word in (r"\bNone\b", r"\bnan\b", r"\{", r"\(\)", r" \.", r"\.\."):
        assert not re.search(word, re.sub(r"\.\.\.", "", "\n".join(page))), word


@pytest.mark.parametrize("asked", [a for a in PAGES if a[1]])
def test_the_figure_is_that_of_the_tidy_table(explained, tables, asked):
    cell = newest(tables, *asked)
    _, page = explained(*asked)
    text = flat(page)
    shown = valued(cell["value"], cell["unit"])
    assert f"{cell['indicator']}, {cell['area_name']}, {cell['period']}: {shown}" in text
    if cell["lower_ci"] is not None:
        low, high = (number(cell[k]) for k in ("lower_ci", "upper_ci"))
        pound = "£" if cell["unit"] == "£" else ""
        assert f"95% confidence interval: {pound}{low} to {pound}{high}." in text
    assert f"Exampleshire as a whole: {'£' * (cell['unit'] == '£')}" in text
    assert number(cell["comparator_value"]) in text
    if cell["compared"]:
        assert f"The figure here is {cell['compared']}" in text


class TestTheSum:
    def test_of_a_rate(self, explained, tables):
        cell = newest(tables, "crime_rate_12_months", TOWN)
        text = flat(explained("crime_rate_12_months", TOWN)[1])
        told = re.search(
            r"([\d,]+) crimes divided by ([\d,]+) residents, times 1,000: ([\d.]+)", text
        )
        crimes, residents, rate = (float(n.replace(",", "")) for n in told.groups())
        assert (crimes, residents) == (cell["numerator"], cell["denominator"])
        assert rate == pytest.approx(crimes / residents * 1000, abs=0.005)
        assert "Counted: Recorded crime, all types but anti-social behaviour" in text
        assert "Small-area mid-year population estimates, 2024" in text

    def test_of_a_proportion(self, explained, tables):
        cell = newest(tables, "deprived_households", TOWN)
        told = (
            f"{cell['numerator']:,.0f} households divided by {cell['denominator']:,.0f} households,"
            f" times 100: {cell['value']:.2f}% of households."
        )
        assert told in flat(explained("deprived_households", TOWN)[1])

    def test_of_a_count_a_median_a_mean_and_a_published_figure(self, explained, tables):
        crimes = newest(tables, "crimes_month", FORUM)["numerator"]
        assert f"{crimes:.0f} crime" in flat(explained("crimes_month", FORUM)[1])
        price = newest(tables, "median_price_12_months", FORUM)
        told = f"{price['numerator']:.0f} sales, put in order of price: the middle of them is £"
        assert told + f"{price['value']:,.0f}." in flat(
            explained("median_price_12_months", FORUM)[1]
        )
        score = newest(tables, "imd_score", TOWN)
        told = (
            f"add up to {score['numerator']:,.0f}; divided by {score['denominator']:,.0f} residents"
        )
        assert told in flat(explained("imd_score", TOWN)[1])
        published = newest(tables, "smoking_prevalence", "X07000001")
        told = (
            f"The publisher counted {published['numerator']:.0f} of {published['denominator']:.0f}."
        )
        assert told in flat(explained("smoking_prevalence", "X07000001")[1])

    def test_of_a_denominator_that_is_years_away(self, tables, released):
        (cell,) = rows(
            tables,
            "from evidence where note like '%(4 years before)%' and area_kind = 'district'"
            " order by all limit 1",
        )
        asked = (cell["indicator_id"], cell["area_code"], cell["period"])
        text = flat(explaining.page(lineage.explain(released, *asked), quiet=False))
        assert "4 years before the period: none nearer is in hand" in text
        assert "Divided by: Households" in text and "(Census 2021, 2021)" in text


class TestThePlaces:
    @pytest.mark.parametrize(
        ("asked", "sentence"),
        [
            (("deprived_households", TOWN), "best fit by population-weighted centroid"),
            (("deprived_households", FORUM), "it is on the partnership's list (community_forums.csv)"),
            (("deprived_households", "X07000001"), "A small area is counted if it is in that authority."),
            (
                ("deprived_households", "X07000001-rural"),
                "and this is true of it: rural_or_urban in (Rural)",
            ),
            (("crimes_month", TOWN), "where their point lies inside the area's own boundary"),
            (("crimes_month", FORUM), "where their point lies in such a small area"),
            (("crime_rate_12_months", TOWN), "with the same small areas as the residents"),
            (("smoking_prevalence", "X07000001"), "the publisher counted for the whole area"),
        ],
    )  # fmt: skip
    def test_the_rule_in_words(self, explained, asked, sentence):
        assert sentence in flat(explained(*asked)[1])

    @pytest.mark.parametrize("area", [TOWN, FORUM])
    def test_the_largest_small_areas_and_their_shares(self, explained, tables, area):
        _, page = explained("deprived_households", area)
        ledger = rows(
            tables,
            "select small_area_code, amount, share_of_area from assignment_ledger"
            " where area_code = $a and counted = 'residents' order by amount desc, 1",
            a=area,
        )
        assert any(line.startswith(f"    {len(ledger)} small areas ") for line in page)
        told = [line.split() for line in page if re.match(r"    X01\d{6}  ", line)]
        expected = [
            [r["small_area_code"], f"{r['amount']:,.0f}", f"({r['share_of_area']:.0%})"]
            for r in ledger[:5]
        ]
        assert [[t[0], *t[-2:]] for t in told] == expected

    def test_crimes_have_their_shares_and_their_part_in_the_figure(
        self, explained, tables, warehouse
    ):
        chain, page = explained("crime_rate_12_months", TOWN)
        told = {line.split()[0]: line for line in page if re.match(r"    X01\d{6}  ", line)}
        ledger = rows(
            tables,
            "select small_area_code, share_of_area from assignment_ledger"
            " where area_code = $a and counted = 'crimes and incidents'",
            a=TOWN,
        )
        for row in ledger:
            if line := told.get(row["small_area_code"]):
                assert f"({row['share_of_area']:.0%})" in line
        here = {code: int(line.split()[-1].replace(",", "")) for code, line in told.items()}
        assert sum(here.values()) == chain["cell"]["numerator"]
        counted = rows(
            tables,
            "select small_area_code from assignment_ledger"
            " where area_code = $a and counted = 'residents'",
            a=TOWN,
        )
        assert here.keys() == {row["small_area_code"] for row in counted}

    def test_crimes_that_best_fit_brings_in_or_leaves_out(self, explained, tables, released):
        """An independent count: kept files, the town's polygon and the small areas' polygons."""
        chain, page = explained("crime_rate_12_months", TOWN)
        cell = chain["cell"]
        crimes = []
        for one in chain["snapshots"]:
            if one["source"] == "police_crime":
                crimes += records(kept(released, chain, one["name"]))
        crimes = [
            c for c in crimes if c["Longitude"] and c["Crime type"] != "Anti-social behaviour"
        ]
        at = gpd.points_from_xy(
            [float(c["Longitude"]) for c in crimes],
            [float(c["Latitude"]) for c in crimes],
            crs=4326,
        ).to_crs(27700)
        town = gpd.read_file(released / "latest" / "localities.gpkg", layer="town")
        town = town[town["area_code"] == TOWN].geometry.iloc[0]
        shapes = gpd.read_file(next((COUNTY / "inbox" / "ons_geography").glob("*.geojson"))).to_crs(
            27700
        )
        members = {
            row["small_area_code"]
            for row in rows(
                tables,
                "select small_area_code from assignment_ledger"
                " where area_code = $a and counted = 'residents'",
                a=TOWN,
            )
        }
        whole = shapes[shapes["LSOA21CD"].isin(members)].union_all()
        in_town, in_whole = at.within(town), at.within(whole)
        assert in_whole.sum() == cell["numerator"]
        outside, left = (in_whole & ~in_town).sum(), (in_town & ~in_whole).sum()
        assert outside and left
        assert (
            f"So {outside} outside the area's own boundary count here and {left} inside it do not:"
            in flat(page)
        )

    def test_editions_irregular_changes_and_shares_are_said(self, explained):
        """What the invented county has none of: the same chain, with it."""
        chain = copy.deepcopy(explained("deprived_households", TOWN)[0])
        chain["edition"] |= {
            "edition": "2010", "valid_from": "2010-04-01", "valid_to": "2013-03-31",
        }  # fmt: skip
        own = [a for a in chain["small_areas"] if a["counted"] == "residents"]
        own[0]["is_comparable"] = False
        own[1] |= {"weight": 0.5, "weight_households": 0.43, "rule": "population share"}
        page = list(explaining.page(chain, quiet=False))
        text = flat(page)
        assert "Towns, edition 2010, in force from 1 April 2010 to 31 March 2013." in text
        unlike = own[0]["small_area_code"]
        assert f"they were redrawn irregularly: {unlike}." in text
        assert "that share of it counts (population share)" in text
        (line,) = [p for p in page if p.startswith(f"    {own[1]['small_area_code']}  ")]
        assert line.split()[-1] == "43%", "households are shared out by households"


class TestTheRows:
    def test_every_crime_is_counted_by_month_and_file(self, explained):
        chain, page = explained("crime_rate_12_months", TOWN)
        told = chain["rows"]["events"]
        assert sum(row["rows"] for row in told["by_file"]) == chain["cell"]["numerator"]
        text = flat(page)
        assert f"{chain['cell']['numerator']:.0f} rows, at {told['map_points']} map points." in text
        (own,) = re.findall(r"<month>-exampleshire-street.csv: (.+?)\. ", text)
        months = dict(pair.split(": ") for pair in own.split(", "))
        assert len(months) == 12
        expected = {
            row["month"].isoformat()[:7]: f"{row['rows']}"
            for row in told["by_file"]
            if row["file"].endswith("-exampleshire-street.csv")
        }
        assert months == expected

    def test_a_months_crimes_are_those_of_the_kept_file(self, released, tables):
        """Counted again from the bytes and the forum's polygon, for a whole kind."""
        forums = gpd.read_file(
            released / "latest" / "localities.gpkg", layer="community_forum_area"
        )
        for code, polygon in zip(forums["area_code"], forums.geometry, strict=True):
            chain = lineage.explain(released, "crimes_month", code, "2025-03")
            for row in chain["rows"]["events"]["by_file"]:
                crimes = [
                    c
                    for c in records(kept(released, chain, row["file"]))
                    if c["Longitude"] and c["Crime type"] != "Anti-social behaviour"
                ]
                at = gpd.points_from_xy(
                    [float(c["Longitude"]) for c in crimes],
                    [float(c["Latitude"]) for c in crimes],
                    crs=4326,
                ).to_crs(27700)
                assert at.within(polygon).sum() == row["rows"], (code, row["file"])

    @pytest.mark.parametrize("asked", [("crime_rate_12_months", TOWN), ("crimes_month", FORUM)])
    def test_a_crime_can_be_looked_up(self, explained, released, asked):
        chain, page = explained(*asked)
        assert chain["rows"]["events"]["examples"]
        for row in chain["rows"]["events"]["examples"]:
            record = records(kept(released, chain, row["file"]))[row["row_number"] - 1]
            assert record["Crime type"] == row["kind"]
            assert record["Month"] == row["month"].isoformat()[:7]
            at = gpd.points_from_xy(
                [float(record["Longitude"])], [float(record["Latitude"])], crs=4326
            ).to_crs(27700)
            where = f"{at[0].x:.0f},{at[0].y:.0f}"
            assert f"row {row['row_number']} of {row['file']}: {row['kind']}, at {where}" in flat(
                page
            )

    def test_a_sale_can_be_looked_up(self, explained, released):
        chain, page = explained("median_price_12_months", FORUM)
        told = chain["rows"]["events"]
        assert sum(row["rows"] for row in told["by_file"]) == chain["cell"]["numerator"]
        assert "(row 1 is the file's first line)" in flat(page)
        for row in told["examples"]:
            record = records(kept(released, chain, row["file"]), header=False)[
                row["row_number"] - 1
            ]
            assert int(record[1]) == row["amount"]
            assert f"row {row['row_number']} of {row['file']}: £{row['amount']:,}" in flat(page)

    def test_a_sale_that_was_corrected_is_told_from_the_change_file(self, explained, released):
        """A year's sales of the county, counted again by the file of each one's newest record."""
        chain, _ = explained("homes_sold_year", "")
        newest_record = {}
        files = [s["name"] for s in chain["snapshots"] if s["source"] == "price_paid"]
        assert files == sorted(files), "years first, the change file last"
        for name in files:
            for record in records(kept(released, chain, name), header=False):
                newest_record[record[0]] = (name, record)
        with (COUNTY / "inbox" / "postcodes" / "NSPL_AUG_2026_UK.csv").open() as file:
            listed = [r for r in csv.DictReader(file) if r["east1m"]]
        places = {r["pcds"]: (int(r["east1m"]), int(r["north1m"])) for r in listed}
        (county,) = gpd.read_file(released / "latest" / "localities.gpkg", layer="place").geometry
        expected = {}
        for name, record in newest_record.values():
            is_counted = record[15] != "D" and record[14] == "A" and record[4] in "DSTF"
            in_period = record[2][:4] == chain["cell"]["period"]
            at = places.get(record[3])
            if is_counted and in_period and at and county.contains(shapely.Point(at)):
                month = (record[2][:7], name)
                expected[month] = expected.get(month, 0) + 1
        told = chain["rows"]["events"]["by_file"]
        found = {(row["month"].isoformat()[:7], row["file"]): row["rows"] for row in told}
        assert found == expected
        assert len({name for _, name in found}) == 2, "one of them the change file"

    def test_small_areas_figures_add_up_from_the_kept_file(self, explained, released):
        chain, page = explained("deprived_households", TOWN)
        counted = {
            a["small_area_code"] for a in chain["small_areas"] if a["counted"] == "residents"
        }
        parts = {part["part"]: part for part in chain["rows"]["figures"]}
        for side, pattern in (
            ("numerator", r"deprived in (two|three|four) dimensions"),
            ("denominator", r"deprivation: Total"),
        ):
            (file,) = parts[side]["files"]
            assert file["small_areas"] == len(counted)
            total, largest = 0, {}
            for record in records(kept(released, chain, file["file"])):
                code = record["geography code"]
                value = sum(float(v) for k, v in record.items() if re.search(pattern, k))
                total += value * (code in counted)
                largest |= {code: value} if code in counted else {}
            assert total == chain["cell"][side]
            first = parts[side]["examples"][0]
            assert first["publisher_value"] == max(largest.values())
            assert f"{first['publisher_value']:,.0f} in row {first['row_number']}" in flat(page)
            record = records(kept(released, chain, file["file"]))[first["row_number"] - 1]
            assert record["geography code"] == first["small_area_code"]

    def test_a_published_figure_has_its_row(self, explained, released):
        chain, page = explained("smoking_prevalence", "X07000001")
        (row,) = chain["rows"]["published"]
        record = records(kept(released, chain, row["file"]))[row["row_number"] - 1]
        assert record["Area Code"] == "X07000001"
        assert float(record["Value"]) == pytest.approx(chain["cell"]["value"])
        assert f"row {row['row_number']} of {row['file']}: " in flat(page)

    def test_they_are_told_of_the_newest_refresh_only(self, county):
        """A release stays readable when the warehouse has moved on, or is gone."""
        _, data = county
        with duckdb.connect(str(data / "warehouse.duckdb")) as con:
            con.execute(
                "update evidence.evidence_table set value = value + 1"
                " where indicator_id = 'crime_rate_12_months' and area_code = 'X63000001'"
            )
        chain = lineage.explain(data, "crime_rate_12_months", TOWN)
        assert chain["rows"] is None
        other = lineage.explain(data, "crime_rate_12_months", "X63000002")
        assert other["rows"]["events"]["counted"] == other["cell"]["numerator"]
        (data / "warehouse.duckdb").unlink()
        gone = lineage.explain(data, "crime_rate_12_months", "X63000002")
        assert gone["rows"] is None
        for told in (chain, gone):
            text = flat(explaining.page(told, quiet=False))
            assert "only for the newest refresh" in text
            cell = told["cell"]
            low, high = number(cell["assignment_low"]), number(cell["assignment_high"])
            assert f"between {low} and {high} (per 1,000 residents)" in text


class TestTheRange:
    def test_each_rule_has_its_own_value(self, explained, tables, warehouse):
        _, page = explained("crime_rate_12_months", TOWN)
        cell = newest(tables, "crime_rate_12_months", TOWN)
        assert cell["assignment_low"] < cell["assignment_high"]
        low, high = number(cell["assignment_low"]), number(cell["assignment_high"])
        assert f"Yes: it would lie between {low} and {high} (per 1,000 residents)." in flat(page)
        told = {line.split()[0] for line in page if re.match(r"\s{6,}[\d.]+  \S", line)}
        every = rows(
            warehouse,
            "select distinct round(value, 6) as value from evidence.indicator_values"
            " where indicator_id = 'crime_rate_12_months' and area_code = $a and period = $p",
            a=TOWN,
            p=cell["period"],
        )
        assert told == {number(row["value"]) for row in every}
        assert {low, high, number(cell["value"])} <= told

    @pytest.mark.parametrize("sensitive", [True, False])
    def test_whether_its_rank_hangs_on_it(self, tables, released, sensitive):
        (cell,) = rows(
            tables,
            "from evidence where sensitive = $s and assignment_low < assignment_high"
            " and area_kind = 'town' and indicator_id = 'crime_rate_12_months'"
            " order by area_code, period limit 1",
            s=sensitive,
        )
        chain = lineage.explain(released, cell["indicator_id"], cell["area_code"], cell["period"])
        text = flat(explaining.page(chain, quiet=False))
        assert ("SENSITIVE: within that range its rank among the 3 areas" in text) is sensitive
        assert ("would change by no more than a third of them" in text) is not sensitive

    def test_whole_small_areas_have_none(self, explained):
        assert "No: its small areas are named one by one" in flat(
            explained("deprived_households", FORUM)[1]
        )
        assert "No. The publisher counted it" in flat(
            explained("smoking_prevalence", "X07000001")[1]
        )


class TestAGap:
    def test_it_says_why_and_makes_up_nothing(self, tables, released):
        (cell,) = rows(tables, "from evidence where value is null order by all limit 1")
        asked = (cell["indicator_id"], cell["area_code"], cell["period"] or "")
        chain = lineage.explain(released, *asked)
        page = list(explaining.page(chain, quiet=False))
        assert page[1].endswith(": no figure")
        why = cell["note"].removeprefix("no figure: ")
        assert f"Why there is none: {why}" in flat(page)
        assert not {QUESTIONS[1], *QUESTIONS[3:5]} & set(page)

    def test_a_source_without_a_file_says_what_to_put_where(self, tmp_path, begun, alone, command):
        shutil.rmtree(alone / "inbox" / "price_paid")
        data = begun(tmp_path / "data")
        command("refresh", "--place", alone, "--data", data, "--themes", "economic_development")
        code, out, _ = command("explain", "median_price_12_months", "--data", data)
        assert code == 0
        text = flat(out.splitlines())
        assert "no period: no figure" in text
        assert (
            "Why there is none: no file is in hand. Put into the inbox, under price_paid/" in text
        )


class TestTheOrigin:
    def test_publisher_licence_owner_and_hashes(self, explained, released):
        chain, page = explained("crime_rate_12_months", TOWN)
        text = flat(page)
        manifest = json.loads((released / "latest" / "manifest.json").read_text())
        assert (
            f"In release {manifest['release']} it rests on {len(chain['snapshots'])} kept" in text
        )
        assert "Home Office and police forces" in text and "Open Government Licence v3.0" in text
        assert "https://data.police.uk/data/archive/" in text
        assert "Small-area mid-year population estimates, by Office for National Statistics" in text
        assert "Who answers for it: Police performance analyst (police)." in text
        assert "Why it matters: Crime that residents and traders report" in text
        hashes = {s["name"]: s["sha256"] for s in manifest["snapshots"]}
        shown = re.findall(
            r"^    (\S+)  (\w+) ([0-9a-f]{12})  \d{4}-\d\d-\d\d", "\n".join(page), re.M
        )
        assert len(shown) == 5
        for name, _, digest in shown:
            assert hashes[name].startswith(digest)
        assert {name for name, source, _ in shown if source == "place_files"} == {"town.gpkg"}

    def test_only_files_of_the_period_and_the_kind_are_behind_it(self, explained):
        chain, _ = explained("crimes_month", FORUM)
        month = chain["cell"]["period"]
        names = [s["name"] for s in chain["snapshots"] if s["source"] == "police_crime"]
        assert names and all(name.startswith(month) for name in names)
        own = [s["name"] for s in chain["snapshots"] if s["source"] == "place_files"]
        assert own == ["community_forum_area.csv"]


class TestTheCommand:
    def test_json_is_the_whole_chain(self, released, command):
        code, out, _ = command(
            "explain", "crime_rate_12_months", "--area", TOWN, "--data", released, "--json"
        )
        assert code == 0
        chain = json.loads(out)
        keys = {"cell", "indicator", "source", "small_areas", "snapshots", "release", "invented"}
        assert keys | {"rows", "edition", "denominator", "peers"} <= chain.keys()
        assert chain["cell"]["numerator"] == 280
        assert chain["invented"] is True
        rates = {a["assignment"]: a["value"] for a in chain["rows"]["assignments"]}
        assert rates["declared"] == chain["cell"]["value"]
        assert {"50 m in", "50 m out", "population_share", "area_share"} < rates.keys()

    def test_quiet_is_the_figure(self, released, command, tables):
        cell = newest(tables, "imd_score", TOWN)
        code, out, _ = command(
            "explain", "imd_score", "--area", TOWN, "--data", released, "--quiet"
        )
        assert code == 0
        banner, figure = out.splitlines()
        assert banner.startswith("INVENTED")
        assert figure.endswith(f"Larkhaven (invented), 2025: a score of {cell['value']:.2f}")

    @pytest.mark.parametrize(
        ("asked", "sentence"),
        [
            (["crime_rate_12_month"], "Did you mean 'crime_rate_12_months'?"),
            (["crimes_month", "--area", "X-F7"], "Did you mean 'X-F"),
            (["crimes_month", "--area", "larkhaven"], "'larkhaven' is in these names: X63000001"),
            (["crimes_month", "--area", "Q"], "There are X-F1 (Fellside Forum (invented)), "),
            (["smoking_prevalence", "--area", "X-F1"], "only for district, place"),
            (["crimes_month", "--area", "X-F1", "--period", "2025-3"], "Did you mean '2025-03'?"),
            (["imd_score", "--period", "2019"], "There is '2025'."),
            (["crimes_month", "--kind", "forum"], "There is no kind 'forum'"),
            (["crimes_month", "--kind", "town"], "Say which area with --area: X63000001"),
            (["crimes_month", "--kind", "town", "--area", "X-F1"], "X-F1 is no town, but a"),
        ],
    )
    def test_what_is_not_known_is_one_sentence(self, released, command, asked, sentence):
        code, out, err = command("explain", *asked, "--data", released)
        assert code == 2 and out == ""
        assert sentence in err
        assert len(err.splitlines()) == 1

    def test_a_code_of_several_kinds_asks_for_the_kind(self, county, command):
        _, data = county
        path = data / "latest" / "evidence.parquet"
        con = duckdb.connect()
        con.execute(
            "create table twice as select * from read_parquet($p) union all by name"
            " select * replace ('town' as area_kind) from read_parquet($p)"
            " where area_code = 'X07000001'",
            {"p": str(path)},
        )
        con.table("twice").write_parquet(str(path))
        code, _, err = command("explain", "crimes_month", "--area", "X07000001", "--data", data)
        assert code == 2
        assert "code of an area of 2 kinds" in err and "--kind: district, town" in err
        code, out, _ = command(
            "explain", "crimes_month", "--area", "X07000001", "--kind", "district", "--data", data
        )
        assert code == 0 and "Northmarch (invented)" in out

    def test_before_the_first_release(self, tmp_path, command):
        code, _, err = command("explain", "imd_score", "--data", tmp_path)
        assert code == 2 and "Run evidence refresh first" in err


@pytest.mark.outputs  # the layers, which evidence where reads
def test_each_period_is_explained_on_the_boundaries_of_its_time(tmp_path, begun, alone, command):
    """Forums redrawn in 2024, and a refresh that keeps each period on its own boundaries."""
    place, data = alone, begun(tmp_path / "data")
    text = (place / "place.toml").read_text()
    whole = 'partition = true\nmembership = { file = "community_forums.csv" }\n'
    assert whole in text
    (place / "place.toml").write_text(
        text.replace(
            whole,
            "partition = true\n"
            '[[area_kind.edition]]\nid = "2010"\nvalid_to = 2023-12-31\n'
            'membership = { file = "community_forums.csv" }\n'
            '[[area_kind.edition]]\nid = "2024"\nvalid_from = 2024-01-01\n'
            'membership = { file = "redrawn.csv" }\n',
        )
    )
    listed = (place / "community_forums.csv").read_text()
    moved = listed.replace("X01000001,X-F1,Fellside", "X01000001,X-F2,Larkmoor")
    assert moved != listed
    (place / "redrawn.csv").write_text(moved)
    code, _, err = command(
        "refresh", "--place", place, "--data", data, "--boundaries", "period",
        "--themes", "safer_communities",
    )  # fmt: skip
    assert code == 0, err
    for period, edition, days, forum in (
        ("2023-06", "2010", "edition 2010, in force until 31 December 2023", "X-F1"),
        ("2025-06", "2024", "edition 2024, in force since 1 January 2024", "X-F2"),
    ):
        chain = lineage.explain(data, "crimes_month", forum, period)
        assert chain["edition"]["edition"] == edition
        codes = {a["small_area_code"] for a in chain["small_areas"]}
        assert "X01000001" in codes
        assert days in flat(explaining.page(chain, quiet=False))
        (own,) = [s for s in chain["snapshots"] if s["source"] == "place_files"]
        assert own["table"] == f"community_forum_area@{edition}"
        assert chain["cell"]["period_end"].year == datetime.date(int(period[:4]), 1, 1).year
    code, out, _ = command("where", "X01000001", "--data", data)
    assert code == 0
    assert "Community forum areas, edition 2010: Fellside Forum (X-F1)" in out
    assert "Community forum areas, edition 2024: Larkmoor Forum (X-F2)" in out
    # between two small areas of one forum, which the later edition put into two
    (path,) = (COUNTY / "inbox" / "ons_geography").glob("*.geojson")
    shapes = gpd.read_file(path).to_crs(27700).set_index("LSOA21CD").geometry
    first, second = (shapes[f"X0100000{n}"].buffer(5) for n in (1, 2))
    border = first.intersection(second).representative_point()
    assert first.intersects(second)
    code, out, _ = command("where", f"{border.x:.1f},{border.y:.1f}", "--data", data)
    assert code == 0
    told = {line.partition(":")[0]: line for line in out.splitlines()}
    for edition, is_near in (("2010", False), ("2024", True)):
        line = told[f"  Community forum areas, edition {edition}"]
        assert ("within 50 m of the edge" in line) is is_near


def test_every_rule_and_every_assignment_has_words_for_a_councillor():
    from flows.explaining.words import RULES, WAYS
    from geo import weights

    assert {*weights.RULES.values(), weights.BY_POSTCODES} <= RULES.keys()
    others = {"50 m in", "50 m out", *weights.RULES}
    assert {weights.DECLARED, weights.BEST_FIT, *others} == WAYS.keys()
