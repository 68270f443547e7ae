"""What GOV.UK's content API lists, and how it misleads (contract, sections 7, 8.3 and 13.1)."""

import publisher_files as pf
import pytest
from conftest import asked, web_in
from publishers import Internet, attachments

from flows.pull import pull
from flows.snapshots import Store
from flows.sources import SOURCES, fuel_poverty, indices_of_deprivation
from flows.sources.files import Ask, Fault, File
from flows.sources.services import govuk

ASK = Ask((), ())
CONTENT = "https://www.gov.uk/api/content/government/statistics/english-indices-of-deprivation-"
ASSETS = "https://assets.publishing.service.gov.uk/media/"
OCTOBER = f"{ASSETS}68ff5daabcb10f6bf9bef911/File_7_IoD2025_All_Ranks_Scores_Deciles_Population_Denominators.csv"
NOVEMBER = OCTOBER.replace("68ff5daabcb10f6bf9bef911", "691ded56d140bbbaa59a2a7d")
OF_2019 = f"{ASSETS}5dc407b440f0b6379a7acc8d/File_7_-_All_IoD2019_Scores__Ranks__Deciles_and_Population_Denominators_3.csv"
CORRECTED = pf.FILE_7_2025.replace(b"Hartlepool 009A", b"Hartlepool 009B")


@pytest.fixture
def net(internet):
    """Both editions of the indices, as they lie there."""
    net = Internet()
    net.at(f"{CONTENT}2025", attachments(f"{ASSETS}1/File_1_IoD2025.xlsx", NOVEMBER))
    net.at(f"{CONTENT}2019", attachments(OF_2019))
    net.at(NOVEMBER, CORRECTED)
    net.at(OF_2019, pf.FILE_7_2019)
    net.behind(internet)
    return net


def fetched(web, source="indices_of_deprivation"):
    return list(SOURCES[source].fetch(web, ASK))


def test_both_editions_of_file_7_are_taken_from_what_the_pages_list_today(web, net):
    files = fetched(web)
    assert [f.url for f in files] == [NOVEMBER, OF_2019]
    replies = [r for f in files for r in indices_of_deprivation.recognise(f, ASK)]
    assert [(r.table, r.name) for r in replies] == [
        ("file_7", "file-7-2025.csv"),
        ("file_7_earlier", "file-7-2019.csv"),
    ]


def test_an_asset_replaced_under_a_new_media_id_is_pulled_and_the_old_one_left_alone(
    tmp_path, internet, net
):
    """The old asset stays reachable with the old numbers: an address is never remembered."""
    net.at(OCTOBER, pf.FILE_7_2025)
    net.at(f"{CONTENT}2025", attachments(OCTOBER))
    store, learned = Store(tmp_path / "snapshots"), {}

    def refresh(number):
        web = web_in(tmp_path / f"w{number}", learned)
        pulled = pull("indices_of_deprivation", indices_of_deprivation, store, ASK, None, web, bool)
        assert pulled.faults == []
        learned.update(web.learned)
        return [s.url for s in pulled.new]

    assert refresh(1) == [OCTOBER, OF_2019]
    assert refresh(2) == []
    net.at(f"{CONTENT}2025", attachments(NOVEMBER))
    internet.clear_log()
    assert refresh(3) == [NOVEMBER]
    assert OCTOBER.removeprefix("https:/") not in asked(internet)
    held = store.current("indices_of_deprivation")["file-7-2025.csv"]
    assert store.path(held).read_bytes() == CORRECTED and held.url == NOVEMBER


@pytest.mark.parametrize(
    ("listed", "count"),
    [
        ((), 0),
        ((f"{ASSETS}1/File_1_IoD2025.csv", f"{ASSETS}7/File_7_notes.pdf"), 0),
        ((NOVEMBER, f"{ASSETS}9/File_7_IoD2025_v2.csv"), 2),
        ((OCTOBER, NOVEMBER), 2),
    ],
)
def test_no_file_7_or_two_candidates_is_a_fault_and_nothing_is_guessed(
    web, internet, net, listed, count
):
    net.at(f"{CONTENT}2025", attachments(*listed))
    first, second = fetched(web)
    assert isinstance(first, Fault) and f"lists {count} files named File 7" in str(first)
    assert "--inbox" in str(first) and isinstance(second, File)
    assert not any("File_7_IoD2025" in path for path in asked(internet))


def test_file_70_and_a_page_without_a_file_are_no_candidates(web, net):
    listed = attachments(NOVEMBER, f"{ASSETS}3/File_10_IoD2025.csv", f"{ASSETS}3/File_14_v2.csv")
    listed["details"]["attachments"] += [{"title": "a page without a file"}, None, {"url": 3}]
    net.at(f"{CONTENT}2025", listed)
    assert [f.url for f in fetched(web)] == [NOVEMBER, OF_2019]


@pytest.mark.parametrize(
    "page", [{}, {"details": None}, {"details": {"attachments": {}}}, {"details": []}]
)
def test_a_page_of_another_shape_is_a_fault_and_the_other_edition_is_had(web, net, page):
    net.at(f"{CONTENT}2025", page)
    first, second = fetched(web)
    assert "lists no attachments" in str(first) and second.url == OF_2019


def test_one_edition_s_file_at_the_other_s_address_is_a_fault(tmp_path, web, net):
    """Else the new edition would lack without a word."""
    net.at(NOVEMBER, pf.FILE_7_2019 + b"\n")
    store = Store(tmp_path / "snapshots")
    pulled = pull("indices_of_deprivation", indices_of_deprivation, store, ASK, None, web, bool)
    assert [s.name for s in pulled.new] == ["file-7-2019.csv"]
    (fault,) = pulled.faults
    assert "2019" in fault and "2025 was asked for" in fault
    assert pulled.taken == {OF_2019}


# Fuel poverty -----------------------------------------------------------------------------------

COLLECTION = (
    "https://www.gov.uk/api/content/government/collections/fuel-poverty-sub-regional-statistics"
)
PAGE = "https://www.gov.uk/api/content/government/statistics/"
NEWEST = "sub-regional-fuel-poverty-data-2026-2024-data"


def collection(*slugs):
    return {"links": {"documents": [{"api_url": f"{PAGE}{slug}"} for slug in slugs]}}


@pytest.fixture
def fuel(internet):
    net = Internet()
    earlier = "sub-regional-fuel-poverty-data-2025-2023-data"
    net.at(COLLECTION, collection("fuel-poverty-trends-2026", NEWEST, earlier))
    net.at(f"{PAGE}{NEWEST}", attachments(f"{ASSETS}f/fuel_2026.xlsx", f"{ASSETS}f/notes.pdf"))
    net.at(f"{ASSETS}f/fuel_2026.xlsx", pf.WORKBOOK)
    net.behind(internet)
    return net


def test_fuel_poverty_takes_the_workbook_of_the_newest_page_whose_slug_holds_two_years(web, fuel):
    (file,) = fetched(web, "fuel_poverty")
    assert (file.name, file.url) == ("fuel_2026.xlsx", f"{ASSETS}f/fuel_2026.xlsx")


@pytest.mark.parametrize("names", [(), ("a.xlsx", "b.xlsx"), ("a.ods",)])
def test_fuel_poverty_does_not_guess_between_workbooks(web, fuel, names):
    fuel.at(f"{PAGE}{NEWEST}", attachments(*(f"{ASSETS}f/{name}" for name in names)))
    count = sum(name.endswith(".xlsx") for name in names)
    with pytest.raises(Fault, match=f"lists {count} files named .*where one is expected"):
        fetched(web, "fuel_poverty")


@pytest.mark.parametrize("slugs", [(), ("annual-fuel-poverty-statistics-2026",)])
def test_fuel_poverty_says_when_no_page_is_listed(web, fuel, slugs):
    fuel.at(COLLECTION, collection(*slugs))
    with pytest.raises(Fault, match="no sub-regional page"):
        fetched(web, "fuel_poverty")


def test_a_web_page_in_place_of_the_workbook_is_a_fault(web, fuel):
    fuel.at(f"{ASSETS}f/fuel_2026.xlsx", pf.HTML)
    (fault,) = fetched(web, "fuel_poverty")
    assert "web page" in str(fault)


def test_only_is_strict_about_what_one_means():
    with pytest.raises(Fault, match="lists 2 files"):
        govuk.only("page", [{"url": "a.xlsx"}, {"url": "a.xlsx"}], r"\.xlsx$", "x")


def test_the_connectors_name_no_asset_of_gov_uk_by_its_address():
    """Its media id changes with every correction."""
    import inspect

    for module in (fuel_poverty, indices_of_deprivation, govuk):
        assert "assets.publishing" not in inspect.getsource(module)
