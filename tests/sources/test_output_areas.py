"""Output areas: which files are theirs, by what name each is kept, and what is asked for."""

import csv
import re

import publisher_files as pf
import pytest
from publishers import PORTAL, SEARCH, Answer, Internet, Layer, search

from flows.sources import output_areas
from flows.sources.files import Ask, Fault, File, SetAside
from flows.sources.output_areas import CENTROIDS, HIERARCHY, recognise

ASK = Ask(authorities=(), police_forces=())
POINTS = b"FID,OA21CD,GlobalID,x,y\n1,E00060274,c733509f,449000.5,531000.25\n"
OLD_POINTS = b"X,Y,OBJECTID,OA21CD\n449000.5,531000.25,1,E00060274\n"
BY_HAND = b"oa_code,lsoa_code,msoa_code,population\nE00068657,E01013604,E02002829,458\n"
DISABILITY = (
    b"date,geography,geography code,Disability: Total: All usual residents\n"
    b"2021,E00060274,E00060274,301\n"
)
CENSUS_ZIP = {
    "census2021-ts038-lsoa.csv": pf.CENSUS,
    "census2021-ts038-oa.csv": DISABILITY,
    "census2021-ts038-rgn.csv": pf.CENSUS,
    "metadata/ts038-2021.txt": b"notes",
}


def file_of(folder, name, content):
    path = folder / name
    path.write_bytes(content)
    return File(path, f"https://publisher.example/{name}")


def only(folder, name, content):
    (reply,) = recognise(file_of(folder, name, content), ASK)
    return reply


GOOD = [
    ("OA_LSOA_MSOA_EW_DEC_2021_LU_v3.csv", pf.HIERARCHY, "lookup", HIERARCHY),
    ("any name.CSV", pf.HIERARCHY.replace(b"OA21CD,", b'"OA21CD",', 1), "lookup", HIERARCHY),
    ("oas of the county.csv", BY_HAND, "lookup", "oas of the county.csv"),
    ("points.csv", POINTS, "centroids", CENTROIDS),
    ("points.csv", OLD_POINTS, "centroids", CENTROIDS),
    ("points.csv", pf.BOM + OLD_POINTS, "centroids", CENTROIDS),
    ("points.csv", pf.BOM + "ï»¿".encode() + POINTS, "centroids", CENTROIDS),
    ("census2021-ts038-oa.csv", DISABILITY, "people", "census2021-ts038-oa.csv"),
    ("Copy of Census2021-TS054-OA.CSV", DISABILITY, "households", "census2021-ts054-oa.csv"),
    ("census2021-ts007a-oa.csv", DISABILITY, "children", "census2021-ts007a-oa.csv"),
]


@pytest.mark.parametrize(("name", "content", "table", "kept_by"), GOOD)
def test_a_good_file_is_kept_as_it_came(tmp_path, name, content, table, kept_by):
    reply = only(tmp_path, name, content)
    assert (reply.table, reply.name) == (table, kept_by)
    assert reply.content.read_bytes() == content
    assert reply.url == f"https://publisher.example/{name}"


def test_of_a_census_zip_the_output_areas_are_taken_and_nothing_else(tmp_path):
    reply = only(tmp_path, "census2021-ts038.zip", pf.zip_of(CENSUS_ZIP))
    assert (reply.table, reply.name) == ("people", "census2021-ts038-oa.csv")
    assert reply.content == DISABILITY
    assert reply.url.endswith("/census2021-ts038.zip!census2021-ts038-oa.csv")


def test_of_a_zip_with_several_tables_those_that_are_weights_are_taken(tmp_path):
    tables = ("ts007a", "ts011", "ts038", "ts054")
    zipped = pf.zip_of({f"oa/census2021-{table}-oa.csv": DISABILITY for table in tables})
    found = recognise(file_of(tmp_path, "my census.zip", zipped), ASK)
    assert [reply.table for reply in found] == ["children", "people", "households"]


SET_ASIDE = [
    ("notes.txt", b"remember to ask Jo\n", "not a CSV file"),
    ("msoa.csv", b"MSOA21CD,MSOA21NM\nE02002491,Hartlepool 009\n", "OA21CD"),
    ("oas of 2011.csv", b"OA11CD,LSOA11CD\nE00060274,E01011949\n", "OA21CD"),
    ("wards.csv", b"OA21CD,WD22CD\nE00060274,E05013546\n", "LSOA21CD"),
    ("changes.csv", b"OA11CD,OA21CD,CHNGIND\nE00060274,E00060274,U\n", "LSOA21CD"),
    ("NSPL_AUG_2026_UK.csv", pf.NSPL, "postcodes"),
    ("census2021-ts011-oa.csv", pf.CENSUS, "ts038"),
    ("census2021-ts038-lsoa.csv", pf.CENSUS, "OA21CD"),
    ("census2021-ts011.zip", pf.zip_of({"census2021-ts011-oa.csv": pf.CENSUS}), "holds no"),
    ("other.zip", pf.zip_of({"readme.txt": b"hello"}), "holds no"),
]


@pytest.mark.parametrize(("name", "content", "told"), SET_ASIDE)
def test_a_file_of_another_kind_is_set_aside_with_the_reason(tmp_path, name, content, told):
    with pytest.raises(SetAside, match=told):
        list(recognise(file_of(tmp_path, name, content), ASK))


ZIPPED = pf.zip_of(CENSUS_ZIP)
BROKEN = [
    ("lookup.csv", pf.HTML, "web page"),
    ("lookup.csv", b"\n", "empty"),
    ("census2021-ts038.zip", pf.HTML, "web page"),
    ("census2021-ts038.zip", ZIPPED[: len(ZIPPED) // 2], "cut short"),
    ("census2021-ts038.zip", pf.zip_of({"census2021-ts038-lsoa.csv": pf.CENSUS}), "holds no"),
    (
        "census2021-ts038.zip",
        pf.damage(pf.stored_zip(CENSUS_ZIP), DISABILITY),
        "ts038.zip!census2021-ts038-oa.csv",
    ),
]


@pytest.mark.parametrize(("name", "content", "told"), BROKEN)
def test_a_file_that_should_be_ours_and_is_broken_is_a_fault(tmp_path, name, content, told):
    with pytest.raises(Fault, match=re.escape(told)) as raised:
        list(recognise(file_of(tmp_path, name, content), ASK))
    assert str(raised.value).startswith(name) and str(raised.value).endswith(".")


# What is asked for -----------------------------------------------------------------------------

OAS = [f"E0006027{n}" for n in range(5)]


POINTS_OF = {n: {"x": 449000.5 + n, "y": 531000} for n in range(5)}
PEOPLE_ZIP = "https://www.nomisweb.co.uk/output/census/2021/"


def bulk(asked):
    table = re.search("ts[0-9a-z]+", asked.path)[0]
    content = DISABILITY + table.encode()  # each table's rows are its own
    return Answer(pf.zip_of({f"census2021-{table}-oa.csv": content}))


@pytest.fixture
def portal(internet):
    """The portal and Nomis: layers in pages of two, a zip a table."""
    net = Internet()
    lookup = [{"ObjectId": n, "OA21CD": oa, "LSOA21CD": "E01011949"} for n, oa in enumerate(OAS)]
    points = [{"FID": n, "OA21CD": oa} for n, oa in enumerate(OAS)]
    layers = {
        HIERARCHY: Layer(lookup, most=2),
        CENTROIDS: Layer(points, key="FID", points=POINTS_OF, most=2),
    }
    for name, layer in layers.items():
        net.at(f"{PORTAL}{output_areas.LAYERS[name]}/FeatureServer/0", layer)
    net.at(PORTAL, {"error": {"code": 400, "message": "Invalid URL"}})
    net.at(SEARCH, search())
    net.at(PEOPLE_ZIP, bulk)
    net.behind(internet)
    return net


def test_all_that_a_weight_needs_is_asked_for_and_recognised(web, portal):
    replies = [r for f in output_areas.fetch(web, ASK) for r in recognise(f, ASK)]
    assert [(r.table, r.name) for r in replies] == [
        ("lookup", HIERARCHY),
        ("centroids", CENTROIDS),
        ("people", "census2021-ts038-oa.csv"),
        ("households", "census2021-ts054-oa.csv"),
        ("children", "census2021-ts007a-oa.csv"),
    ]
    for reply, column in zip(replies[:2], ("LSOA21CD", "x"), strict=True):
        with reply.content.open(newline="") as stream:
            rows = list(csv.DictReader(stream))
        assert [row["OA21CD"] for row in rows] == OAS
        assert all(row[column] for row in rows)


def test_centroids_under_another_name_are_a_fault_that_says_how_to_get_them(
    web, portal, monkeypatch
):
    """ONS answers a service that is not there with status 200; the rest is fetched all the same."""
    monkeypatch.setitem(output_areas.LAYERS, CENTROIDS, "renamed")
    found = list(output_areas.fetch(web, ASK))
    (fault,) = [f for f in found if isinstance(f, Fault)]
    assert str(fault).startswith(f"{PORTAL}renamed/FeatureServer/0")
    for word in (
        "Invalid URL",
        "Population Weighted Centroids",
        "as CSV",
        "folder output_areas",
        "--inbox",
    ):
        assert word in str(fault)
    assert [f.name for f in found if isinstance(f, File)] == [
        HIERARCHY,
        "census2021-ts038.zip",
        "census2021-ts054.zip",
        "census2021-ts007a.zip",
    ]


def test_a_newer_version_of_a_layer_is_found_by_the_search(web, portal):
    newer = f"{PORTAL}Output_Areas_2021_PWC_V4"
    portal.at(f"{newer}/FeatureServer/0", Layer([{"FID": 1, "OA21CD": OAS[0]}], key="FID"))
    portal.at(SEARCH, search("Output_Areas_2021_PWC_V4"))
    found = list(output_areas.fetch(web, ASK))
    assert found[1].url == f"{newer}/FeatureServer/0"


def test_a_zip_with_another_table_s_rows_is_a_fault_for_else_one_weight_would_lack(web, portal):
    other = pf.zip_of({"census2021-ts038-oa.csv": DISABILITY})
    portal.at(f"{PEOPLE_ZIP}census2021-ts054.zip", other)
    found = [f for f in output_areas.fetch(web, ASK) if f.name == "census2021-ts054.zip"]
    with pytest.raises(Fault, match=r"census2021-ts054-oa\.csv"):
        list(recognise(found[0], ASK))
