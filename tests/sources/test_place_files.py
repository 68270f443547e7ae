"""A place's own files: found, kept, and official layers pulled from the portal once."""

import json
import re
from datetime import date

import pytest
from publishers import PORTAL, Internet, Layer

from flows import catalogue, kinds, place_files
from flows.snapshots import Store
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


def serve(internet, wards, counted=None):
    """A feature service that gives two features a page, and says so where GeoJSON has it."""
    rows = [w["properties"] for w in wards]
    shapes = {w["properties"]["FID"]: w["geometry"] for w in wards}
    net = Internet()
    layer = Layer(rows, key="FID", shapes=shapes, most=2, counted=counted)
    net.at(f"{PORTAL}Wards_May_2025/FeatureServer/0", layer)
    net.behind(internet)


@pytest.fixture
def place(tmp_path, web):
    folder = tmp_path / "somewhere"
    folder.mkdir()
    (folder / "place.toml").write_text(PLACE, "utf-8")
    book = catalogue.read(str(folder))
    chosen, _ = kinds.choose(book, "today", date(2026, 11, 22))
    return book, chosen, Store(tmp_path / "snapshots"), web


def test_an_official_layer_is_pulled_whole_and_reads_as_polygons(place, internet):
    book, chosen, store, web = place
    serve(internet, [ward(n) for n in range(1, 6)])
    kept = place_files.keep_files(book, store, None, chosen, web)
    files = kept.files
    assert kept.lacking == []
    layer = boundaries.read_polygons(store.path(files["ward"]), "WD25CD", "WD25NM")
    assert list(layer["area_name"]) == [f"Ward {n}" for n in range(1, 6)]
    assert layer.crs.to_epsg() == 27700 and layer.total_bounds[0] == 451_000
    pages = [r.args for r, _ in internet.log if r.args.get("f") == "geojson"]
    assert {(a["outSR"], a["orderByFields"]) for a in pages} == {("27700", "FID")}


def test_once_accepted_it_is_never_asked_for_again(place, internet):
    book, chosen, store, web = place
    serve(internet, [ward(1)])
    first = place_files.keep_files(book, store, None, chosen, web)
    place_files.accept(first.files, store)
    internet.clear()
    assert place_files.keep_files(book, store, None, chosen, web) == first


def test_a_layer_under_another_name_is_another_layer(place, internet):
    book, chosen, store, web = place
    serve(internet, [ward(1)])
    place_files.accept(place_files.keep_files(book, store, None, chosen, web).files, store)
    path = book.place_folder / "place.toml"
    path.write_text(PLACE.replace("Wards_May_2025", "Wards_May_2026"), "utf-8")
    book = catalogue.read(str(book.place_folder))
    chosen, _ = kinds.choose(book, "today", date(2026, 11, 22))
    assert "ward" not in place_files.keep_files(book, store, None, chosen, None).files


def test_a_layer_cut_short_is_lacking_and_says_so_and_the_other_kinds_are_kept(place, internet):
    """The portal's trouble must not keep the place's own lists from being read."""
    book, chosen, store, web = place
    (book.place_folder / "forums.csv").write_text("", "utf-8")
    serve(internet, [ward(1), ward(2), ward(3)], counted=4)
    kept = place_files.keep_files(book, store, None, chosen, web)
    assert list(kept.files) == ["forum"]
    (told,) = kept.lacking
    assert told.startswith("Wards could not be pulled") and "counts 4 rows and gave 3" in told


def test_an_accepted_layer_outlives_a_portal_that_is_down(place, internet):
    book, chosen, store, web = place
    serve(internet, [ward(1)])
    place_files.accept(place_files.keep_files(book, store, None, chosen, web).files, store)
    internet.clear()
    internet.expect_request(re.compile(".*")).respond_with_data("", status=503)
    kept = place_files.keep_files(book, store, None, chosen, web)
    assert list(kept.files) == ["ward"] and kept.lacking == []


def test_a_file_by_hand_goes_before_the_portal(place):
    book, chosen, store, web = place
    layer = {"type": "FeatureCollection", "features": [ward(7)]}
    by_hand = book.place_folder / "Wards_May_2025_by_hand.geojson"
    by_hand.write_text(json.dumps(layer), "utf-8")
    files = place_files.keep_files(book, store, None, chosen, web).files
    assert files["ward"].url == "somewhere/Wards_May_2025_by_hand.geojson"


def test_without_the_network_nor_a_file_there_is_none(place):
    book, chosen, store, _ = place
    kept = place_files.keep_files(book, store, None, chosen, None)
    assert (kept.files, kept.lacking) == ({}, [])


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
