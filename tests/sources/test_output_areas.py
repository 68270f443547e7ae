"""Output areas: which files are theirs, by what name each is kept, and what is asked for."""

import csv
import json
import re

import publisher_files as pf
import pytest
from werkzeug import Response

from flows.sources import output_areas
from flows.sources.files import Ask, Fault, File, SetAside
from flows.sources.output_areas import CENTROIDS, HIERARCHY, recognise
from flows.sources.web import Web

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


@pytest.fixture
def publisher(httpserver, monkeypatch, tmp_path):
    """The portal and Nomis, here: layers in pages of two, a zip a table; a client that asks them."""
    monkeypatch.setattr("urllib3.util.retry.time.sleep", lambda seconds: None)
    layers = {
        output_areas.LAYERS[HIERARCHY]: [
            {"attributes": {"ObjectId": n, "OA21CD": oa, "LSOA21CD": "E01011949"}}
            for n, oa in enumerate(OAS)
        ],
        output_areas.LAYERS[CENTROIDS]: [
            {"attributes": {"FID": n, "OA21CD": oa}, "geometry": {"x": 449000.5 + n, "y": 531000}}
            for n, oa in enumerate(OAS)
        ],
    }

    def layer(request):
        rows = layers.get(request.path.split("/")[1])
        if rows is None:
            return Response(json.dumps({"error": {"code": 400, "message": "Invalid URL"}}))
        if request.path.endswith("/FeatureServer/0"):
            key = "FID" if "FID" in rows[0]["attributes"] else "ObjectId"
            return Response(json.dumps({"objectIdField": key}))
        if "returnCountOnly" in request.args:
            return Response(json.dumps({"count": len(rows)}))
        start = int(request.args["resultOffset"])
        return Response(json.dumps({"features": rows[start : start + 2]}))

    def bulk(request):
        table = re.search("ts[0-9a-z]+", request.path)[0]
        return Response(pf.zip_of({f"census2021-{table}-oa.csv": DISABILITY}))

    httpserver.expect_request(re.compile(".*/FeatureServer/.*")).respond_with_handler(layer)
    httpserver.expect_request(re.compile("/bulk/.*")).respond_with_handler(bulk)
    here = httpserver.url_for("/")
    monkeypatch.setattr(output_areas, "LAYER", here + "{service}/FeatureServer/0")
    monkeypatch.setattr(output_areas, "BULK", here + "bulk/census2021-{table}.zip")
    return Web(tmp_path, "locality-evidence/0.1 (tests)")


def test_all_that_a_weight_needs_is_asked_for_and_recognised(publisher):
    replies = [r for f in output_areas.fetch(publisher, ASK) for r in recognise(f, ASK)]
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
    publisher, httpserver, monkeypatch
):
    """ONS answers a service that is not there with status 200; the rest is fetched all the same."""
    monkeypatch.setitem(output_areas.LAYERS, CENTROIDS, "renamed")
    found = list(output_areas.fetch(publisher, ASK))
    (fault,) = [f for f in found if isinstance(f, Fault)]
    assert str(fault).startswith(httpserver.url_for("/renamed/FeatureServer/0"))
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
