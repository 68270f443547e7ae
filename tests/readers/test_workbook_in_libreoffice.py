"""The county's workbooks opened, read back and printed by LibreOffice."""

import csv
import re
import shutil
import subprocess
from functools import cache

import pytest
from python_calamine import CalamineWorkbook

from flows import catalogue
from flows.publish.datapackage import INVENTED

OFFICE = shutil.which("soffice")
PRINTED = "children_young_people"
NUMBERS = {
    "Value": "value",
    "Lower 95% limit": "lower_ci",
    "Upper 95% limit": "upper_ci",
    "Value of Exampleshire (invented)": "comparator_value",
    "Value of England": "comparator_england",
    "Value of the earlier period": "earlier_value",
    "Number counted": "numerator",
    "Divided by": "denominator",
}
WORDS = {
    "Compared with Exampleshire (invented)": "compared",
    "Compared, all comparisons together": "compared_adjusted",
    "Change since the earlier period": "changed",
    "Trend over five years": "trend",
    "Unit": "unit",
    "Locality": "area_name",
}
SAID = {"", "none", "not compared", "[x]", "[z]"}  # where the tidy table is blank

pytestmark = [
    pytest.mark.readers,
    pytest.mark.skipif(not OFFICE, reason="LibreOffice (soffice) is not installed"),
]


def convert(paths, to, folder, profile):
    """What LibreOffice makes of some files."""
    asked = [OFFICE, f"-env:UserInstallation={profile.as_uri()}", "--headless"]
    asked += ["--convert-to", to, "--outdir", str(folder), *map(str, paths)]
    subprocess.run(asked, check=True, capture_output=True, timeout=600)
    return [folder / f"{path.stem}.{to}" for path in paths]


@pytest.fixture(scope="module")
def profile(tmp_path_factory):
    return tmp_path_factory.mktemp("office")


@pytest.fixture(scope="module")
def opened(released, profile, tmp_path_factory):
    """Each workbook as LibreOffice read it and wrote it in a format of its own."""
    latest = released / "latest"
    paths = [latest / "evidence.xlsx", *sorted((latest / "themes").glob("*.xlsx"))]
    assert len(paths) > 1
    folder = tmp_path_factory.mktemp("opened")
    made = convert(paths, "ods", folder, profile)
    return {path.stem: CalamineWorkbook.from_path(str(path)) for path in made}


@pytest.fixture(scope="module")
def tidy(released):
    """The rows of the themes' tables, each once, by indicator, kind, code and period."""
    rows = {}
    for path in sorted((released / "latest" / "themes").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                rows[key(row)] = row
    return rows


@pytest.fixture(scope="module")
def book():
    return catalogue.read("exampleshire")


def key(row):
    return row["indicator"], row["area_kind"], row["area_code"], row["period"]


@cache
def table(workbook, name):
    """The rows of a sheet's table, by heading."""
    rows = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
    head = next(n for n, row in enumerate(rows) if str(row[0]).startswith("Back to the")) + 1
    return [dict(zip(rows[head], row, strict=True)) for row in rows[head + 1 :]]


def labels(book):
    return {kind.id: kind.label for kind in book.place.area_kinds}


def test_every_figure_of_every_period_is_that_of_the_tidy_table(opened, tidy, book):
    kinds = {label: kind for kind, label in labels(book).items()}
    counted = book.bare_counts
    for name, workbook in opened.items():
        shown = [
            (r["Indicator"], kinds[r["Kind of locality"]], r["Locality code"], period(r["Period"]))
            for r in table(workbook, "Over time")
        ]
        wanted = [
            k
            for k, row in tidy.items()
            if row["indicator_id"] not in counted
            and (name == "evidence" or name in row["theme"].split("; "))
        ]
        assert sorted(shown) == sorted(wanted), name
        for row, at in zip(table(workbook, "Over time"), shown, strict=True):
            same(row, tidy[at])


def test_every_newest_figure_is_that_of_the_tidy_table(opened, tidy, book):
    for name, workbook in opened.items():
        seen = 0
        for kind, label in labels(book).items():
            for row in table(workbook, label) if label in workbook.sheet_names else ():
                told = tidy[row["Indicator"], kind, row["Locality code"], period(row["Period"])]
                same(row, told)
                seen += 1
        assert seen, name


def test_every_count_of_crimes_stands_beside_the_rates_of_the_tidy_table(opened, tidy, book):
    kinds = {label: kind for kind, label in labels(book).items()}
    of = {i.id: i.label for i in book.indicators}
    rates = {of[count]: of[rate] for count, rate in book.bare_counts.items()}
    rows = table(opened["safer_communities"], "Monthly crime counts")
    assert len(rows) > 100
    for row in rows:
        where = kinds[row["Kind of locality"]], row["Locality code"]
        count = tidy[row["Indicator"], *where, row["Period of the count"]]
        rate = tidy[rates[row["Indicator"]], *where, row["Period of the rate"]]
        assert row["Count"] == float(count["value"])
        assert row["Rate"] == float(rate["value"])
        whole = rate["comparator_value"] or rate["value"]
        assert row["Rate of Exampleshire (invented)"] == float(whole)


def test_it_prints_a_sheet_to_few_pages_with_nothing_cut(released, profile, tmp_path):
    path = released / "latest" / "themes" / f"{PRINTED}.xlsx"
    (printed,) = convert([path], "pdf", tmp_path, profile)
    for tool in ("pdfinfo", "pdftotext"):
        if not shutil.which(tool):
            pytest.skip(f"{tool} (poppler-utils) is not installed")
    about = said("pdfinfo", printed)
    assert re.search(r"Page size:\s+84\d\.\d+ x 59\d\.\d+ pts \(A4\)", about)
    assert re.search(r"Title:\s+Neighbourhood evidence for Exampleshire \(invented\)", about)
    pages = said("pdftotext", "-layout", printed, "-").split("\f")[:-1]
    sheets = CalamineWorkbook.from_path(str(path)).sheet_names
    assert len(sheets) <= len(pages) <= 3 * len(sheets)
    assert all(page.strip() for page in pages)
    assert INVENTED in " ".join(pages[0].split())
    titles = [p for p in pages if "This worksheet contains one table." in p]
    assert len(titles) == len(sheets) - 1
    for page in titles:  # a title that is cut has lost the end of the place's name
        assert "Exampleshire (invented)" in page.strip().splitlines()[0]
    over_time = [p for p in pages if "Lower" in p and "Kind of locality" in p]
    assert len(over_time) > 1  # the headings stand on each of its pages


def period(said):
    return "" if said == "[x]" else said


def same(row, told):
    """A sheet's row says what the tidy table's row says, in numbers and in words."""
    for heading, name in NUMBERS.items():
        if heading in row and told[name] == "":
            expected = {told["marker"], "[x]", "[z]"} - {""}
            assert row[heading] in expected, (heading, told)
        elif heading in row:
            assert row[heading] == float(told[name]), (heading, told)
    for heading, name in WORDS.items():
        if heading in row:
            assert row[heading] == told[name] or (not told[name] and row[heading] in SAID)
    assert row["Marker"] == (told["marker"] or "none")
    if told["value"] == "":
        assert row["Value"] == (told["marker"] or "[x]")


def said(*command):
    done = subprocess.run(list(map(str, command)), check=True, capture_output=True, text=True)
    return done.stdout
