"""A place's own files: found, kept, and official layers pulled from the portal once."""

import json
from datetime import date

import pytest
from werkzeug import Response

from flows import catalogue, kinds, place_files
from flows.snapshots import Store
from flows.sources import ons_geography
from flows.sources.files import Fault
from flows.sources.web import Web
from geo import boundaries

PLACE = """
[place]
name = "Somewhere"
code = "E10000099"
authorities = [{ code = "E07000001", name = "One" }]
police_forces = ["somewhere"]
[[area_kind]]
id = "place"
label = "All"
rule = { group_by = "place" }
[[area_kind]]
id = "ward"
label = "Wards"
polygons = { portal = "Wards_May_2025", code = "WD25CD", name = "WD25NM" }
[[area_kind]]
id = "forum"
label = "Forums"
membership = { file = "forums*.csv" }
"""


def ward(number):
    west = 450_000 + 1000 * number
    ring = [[west, 300_000], [west + 1000, 300_000], [west + 1000, 301_000], [west, 300_000]]
    return {
        "type": "Feature",
        "properties": {"FID": number, "WD25CD": f"E0500000{number}", "WD25NM": f"Ward {number}"},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


def serve(httpserver, wards, count=None):
    """A feature service that gives two features a page, and says so where GeoJSON has it."""
    asked = []

    def answer(request):
        asked.append(dict(request.args))
        if not request.path.endswith("query"):
            return Response(json.dumps({"objectIdField": "FID"}))
        if "returnCountOnly" in request.args:
            return Response(json.dumps({"count": len(wards) if count is None else count}))
        start = int(request.args["resultOffset"])
        page = {"type": "FeatureCollection", "features": wards[start : start + 2]}
        more = start + 2 < len(wards)
        return Response(json.dumps(page | {"properties": {"exceededTransferLimit": more}}))

    httpserver.expect_request("/Wards_May_2025").respond_with_handler(answer)
    httpserver.expect_request("/Wards_May_2025/query").respond_with_handler(answer)
    return asked


@pytest.fixture
def place(tmp_path, httpserver, monkeypatch):
    monkeypatch.setattr(ons_geography, "LAYER", httpserver.url_for("/") + "{service}")
    folder = tmp_path / "somewhere"
    folder.mkdir()
    (folder / "place.toml").write_text(PLACE, "utf-8")
    book = catalogue.read(str(folder))
    chosen, _ = kinds.choose(book, "today", date(2026, 11, 22))
    return book, chosen, Store(tmp_path / "snapshots"), Web(tmp_path, "test")


def test_an_official_layer_is_pulled_whole_and_reads_as_polygons(place, httpserver):
    book, chosen, store, web = place
    asked = serve(httpserver, [ward(n) for n in range(1, 6)])
    files = place_files.keep_files(book, store, None, chosen, web)
    layer = boundaries.read_polygons(store.path(files["ward"]), "WD25CD", "WD25NM")
    assert list(layer["area_name"]) == [f"Ward {n}" for n in range(1, 6)]
    assert layer.crs.to_epsg() == 27700 and layer.total_bounds[0] == 451_000
    pages = [a for a in asked if a.get("f") == "geojson"]
    assert {(a["outSR"], a["orderByFields"]) for a in pages} == {("27700", "FID")}


def test_once_accepted_it_is_never_asked_for_again(place, httpserver):
    book, chosen, store, web = place
    serve(httpserver, [ward(1)])
    first = place_files.keep_files(book, store, None, chosen, web)
    place_files.accept(first, store)
    httpserver.clear()
    assert place_files.keep_files(book, store, None, chosen, web) == first


def test_a_layer_under_another_name_is_another_layer(place, httpserver):
    book, chosen, store, web = place
    serve(httpserver, [ward(1)])
    place_files.accept(place_files.keep_files(book, store, None, chosen, web), store)
    path = book.place_folder / "place.toml"
    path.write_text(PLACE.replace("Wards_May_2025", "Wards_May_2026"), "utf-8")
    book = catalogue.read(str(book.place_folder))
    chosen, _ = kinds.choose(book, "today", date(2026, 11, 22))
    assert "ward" not in place_files.keep_files(book, store, None, chosen, None)


def test_a_layer_cut_short_is_a_fault(place, httpserver):
    book, chosen, store, web = place
    serve(httpserver, [ward(1), ward(2), ward(3)], count=4)
    with pytest.raises(Fault, match="counts 4 rows and gave 3"):
        place_files.keep_files(book, store, None, chosen, web)


def test_a_file_by_hand_goes_before_the_portal(place):
    book, chosen, store, web = place
    layer = {"type": "FeatureCollection", "features": [ward(7)]}
    by_hand = book.place_folder / "Wards_May_2025_by_hand.geojson"
    by_hand.write_text(json.dumps(layer), "utf-8")
    files = place_files.keep_files(book, store, None, chosen, web)
    assert files["ward"].url == "somewhere/Wards_May_2025_by_hand.geojson"


def test_without_the_network_nor_a_file_there_is_none(place):
    book, chosen, store, _ = place
    assert place_files.keep_files(book, store, None, chosen, None) == {}


def test_every_pattern_that_fits_several_files_is_told(place):
    book, chosen, store, _ = place
    for name in ("forums_1.csv", "forums_2.csv"):
        (book.place_folder / name).write_text("", "utf-8")
    for name in ("Wards_May_2025_a.gpkg", "Wards_May_2025_b.gpkg"):
        (book.place_folder / name).write_text("", "utf-8")
    with pytest.raises(boundaries.BoundaryFaults) as told:
        place_files.keep_files(book, store, None, chosen, None)
    assert len(told.value.faults) == 2
    assert "2 files fit (forums_1.csv, forums_2.csv)" in "".join(told.value.faults)
