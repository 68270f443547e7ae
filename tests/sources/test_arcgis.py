"""ArcGIS feature services as they answer, and as they mislead (contract, section 5.1)."""

import csv
import json

import pytest
from publishers import PORTAL, SEARCH, Internet, Layer, search

from flows.sources.files import Fault
from flows.sources.services import arcgis

SERVICE = "LSOA21_RUC21_EW_LU"
LAYER = f"{PORTAL}{SERVICE}/FeatureServer/0"
ROWS = [{"ObjectId": n, "LSOA21CD": f"E0100000{n}", "RUC21CD": "UN1"} for n in range(1, 8)]


@pytest.fixture
def serve(internet):
    """Put a layer at the service's address; what was asked is in ``internet.log``."""

    def put(layer, service=SERVICE):
        net = Internet()
        net.at(f"{PORTAL}{service}/FeatureServer/0", layer)
        net.behind(internet)
        return layer

    return put


def read(file):
    with file.path.open(encoding="utf-8", newline="") as stream:
        return [row["LSOA21CD"] for row in csv.DictReader(stream)]


CODES = [row["LSOA21CD"] for row in ROWS]


def pages(internet):
    return [r.args for r, _ in internet.log if "resultOffset" in r.args]


def test_all_rows_come_once_each_page_after_page_in_the_order_of_the_object_id(
    web, internet, serve
):
    serve(Layer(ROWS, most=3))
    file = arcgis.rows_file(web, LAYER, "a.csv")
    assert read(file) == CODES and file.url == LAYER
    assert {(a["orderByFields"], a["outFields"], a["outSR"]) for a in pages(internet)} == {
        ("ObjectId", "*", "27700")
    }
    assert [a["resultOffset"] for a in pages(internet)] == ["0", "3", "6"]
    assert {a["resultRecordCount"] for a in pages(internet)} == {"3"}  # its own maximum


@pytest.mark.parametrize("place", ["top", "properties"])
@pytest.mark.parametrize("form", ["rows", "shapes"])
def test_exceeded_transfer_limit_is_seen_in_both_places(web, serve, place, form):
    """At top level with f=json, under properties with f=geojson; some services otherwise."""
    layer = serve(Layer(ROWS, most=3, counted=3, says_more=place))
    layer.shapes = {row["ObjectId"]: {"type": "Point", "coordinates": [1, 2]} for row in ROWS}
    with pytest.raises(Fault, match="counts 3 rows and gives more than 2"):
        (arcgis.rows_file if form == "rows" else arcgis.layer_file)(web, LAYER, "a.csv")


def test_pages_shorter_than_asked_for_without_a_word_are_followed_to_the_services_own_count(
    web, serve
):
    """A client that stops on a page shorter than its own size is silently cut."""
    serve(Layer(ROWS, most=2000, short=2, says_more="nowhere"))
    assert read(arcgis.rows_file(web, LAYER, "a.csv")) == CODES


def test_an_error_with_status_200_is_a_fault(web, serve):
    serve(Layer(ROWS, error={"code": 400, "message": "Invalid query", "details": []}))
    with pytest.raises(Fault, match="Invalid query"):
        arcgis.rows_file(web, LAYER, "a.csv")


@pytest.mark.parametrize("error", ["busy", {}, {"code": 499}, ["x"]])
def test_an_error_of_any_shape_is_a_fault(web, internet, error):
    net = Internet()
    net.at(LAYER, {"error": error})
    net.behind(internet)
    with pytest.raises(Fault, match="answered with an error"):
        arcgis.rows_file(web, LAYER, "a.csv")


def test_an_error_on_a_later_page_is_a_fault_too(web, internet):
    good, net = Layer(ROWS, most=3), Internet()
    error = Layer(ROWS, error={"code": 504, "message": "timed out"})
    net.at(LAYER, lambda asked: (error if asked.query.get("resultOffset") == "3" else good)(asked))
    net.behind(internet)
    with pytest.raises(Fault, match="timed out"):
        arcgis.rows_file(web, LAYER, "a.csv")


@pytest.mark.parametrize("most", [2, 3, 4, 5, 6])
def test_pages_that_overlap_for_want_of_an_order_never_give_a_row_twice_nor_lose_one(
    web, serve, most
):
    serve(Layer(ROWS, most=most, ordered=False))
    try:
        found = read(arcgis.rows_file(web, LAYER, "a.csv"))
    except Fault as why:
        assert "counts 7 rows and gave" in str(why)
    else:
        assert sorted(found) == CODES


def test_overlapping_pages_are_put_together(web, serve):
    """The second page begins with what the first ended in."""
    layer = serve(Layer(ROWS, most=4))
    page = layer._page
    layer._page = lambda query: page(
        {**query, "resultOffset": str(max(0, int(query["resultOffset"]) - 2))}
    )
    assert read(arcgis.rows_file(web, LAYER, "a.csv")) == CODES


def test_a_page_that_gives_a_row_twice_is_no_two_rows(web, serve):
    serve(Layer([ROWS[0], *ROWS], most=3, counted=len(ROWS)))
    try:
        found = read(arcgis.rows_file(web, LAYER, "a.csv"))
    except Fault:
        found = CODES
    assert found == CODES


@pytest.mark.parametrize("counted", [9, 700])
def test_fewer_rows_than_it_counts_is_a_fault(web, serve, counted):
    serve(Layer(ROWS, counted=counted))
    with pytest.raises(Fault, match=f"counts {counted} rows and gave 7"):
        arcgis.rows_file(web, LAYER, "a.csv")


def test_more_rows_than_it_counts_is_a_fault(web, serve):
    serve(Layer(ROWS, counted=5))
    with pytest.raises(Fault, match="counts 5 rows"):
        arcgis.rows_file(web, LAYER, "a.csv")


@pytest.mark.parametrize("answer", [{}, {"count": 0}, {"count": None}, {"count": "7"}, []])
def test_no_count_or_none_is_a_fault_and_no_empty_file(web, internet, answer):
    net = Internet()
    net.at(LAYER, Layer(ROWS))
    net.at(f"{LAYER}/query", answer)
    net.behind(internet)
    with pytest.raises(Fault):
        arcgis.rows_file(web, LAYER, "a.csv")


@pytest.mark.parametrize("form", ["rows", "shapes"])
def test_a_layer_without_rows_is_a_fault(web, serve, form):
    serve(Layer([]))
    with pytest.raises(Fault, match="no row"):
        (arcgis.rows_file if form == "rows" else arcgis.layer_file)(web, LAYER, "a.csv")


def test_a_page_of_another_layer_is_refused_even_if_it_has_as_many_rows(web, internet):
    """A cache in between mixed up two layers: same key, same count, other columns."""
    other = Layer([{"ObjectId": n, "LSOA21CD": "E", "x": 1} for n in range(1, 8)])
    good, net = Layer(ROWS), Internet()
    net.at(LAYER, lambda asked: (other if "resultOffset" in asked.query else good)(asked))
    net.behind(internet)
    with pytest.raises(Fault, match="other columns"):
        arcgis.rows_file(web, LAYER, "a.csv")


@pytest.mark.parametrize("key", ["FID", "OBJECTID", "ObjectId"])
def test_the_object_id_has_the_name_that_the_layer_says(web, serve, key):
    serve(Layer([{key: n, "LSOA21CD": c} for n, c in enumerate(CODES)], key=key, most=2))
    assert read(arcgis.rows_file(web, LAYER, "a.csv")) == CODES


def test_points_bring_their_coordinates_in_metres_of_the_grid(web, serve):
    serve(Layer(ROWS, points={row["ObjectId"]: {"x": 1.5, "y": 2.5} for row in ROWS}))
    with arcgis.rows_file(web, LAYER, "a.csv").path.open(newline="") as stream:
        assert {(row["x"], row["y"]) for row in csv.DictReader(stream)} == {("1.5", "2.5")}


def test_shapes_come_as_geojson_that_says_its_grid(web, internet, serve):
    """f=json polygons are flat lists of rings, clockwise or not: geojson is asked for."""
    ring = [[[450_000, 300_000], [451_000, 300_000], [451_000, 301_000], [450_000, 300_000]]]
    shapes = {row["ObjectId"]: {"type": "Polygon", "coordinates": ring} for row in ROWS}
    serve(Layer(ROWS, shapes=shapes, most=3))
    found = json.loads(arcgis.layer_file(web, LAYER, "a.geojson").path.read_bytes())
    assert [f["properties"]["LSOA21CD"] for f in found["features"]] == CODES
    assert found["features"][6]["geometry"]["coordinates"] == ring
    assert found["crs"]["properties"]["name"].endswith("27700")
    assert {a["f"] for a in pages(internet)} == {"geojson"}


# Unchanged layers -------------------------------------------------------------------------------


def changed(web):
    return list(arcgis.changed_file(web, LAYER, "a.csv"))


def test_a_layer_that_was_not_edited_since_is_not_pulled(web, internet, serve):
    layer = serve(Layer(ROWS))
    (file,) = changed(web)
    assert read(file) == CODES
    web.known = dict(web.learned)
    asked = len(internet.log)
    assert changed(web) == [] and len(internet.log) == asked + 1
    layer.edited += 1
    assert len(changed(web)) == 1


def test_a_layer_that_does_not_say_when_it_was_edited_is_pulled_each_time(web, serve):
    serve(Layer(ROWS, edited=0))
    changed(web)
    web.known = dict(web.learned)
    assert len(changed(web)) == 1


# Renamed layers ---------------------------------------------------------------------------------

EXACT = "LSOA11_LSOA21_LAD22_EW_LU"


@pytest.fixture
def portal(internet):
    """Services by name with their fields, and what the search lists."""

    def put(services, listed):
        net = Internet()
        for service, fields in services.items():
            layer = Layer([{"ObjectId": 1} | dict.fromkeys(fields, "x")])
            net.at(f"{PORTAL}{service}/FeatureServer/0", layer)
        net.at(SEARCH, listed)
        net.behind(internet)

    return put


def resolved(web, pinned, field):
    layer = arcgis.resolved(web, pinned, field)
    assert layer.startswith(PORTAL) and layer.endswith("/FeatureServer/0")
    return layer.removeprefix(PORTAL).removesuffix("/FeatureServer/0")


def test_a_service_that_was_renamed_v6_is_found_by_the_search(web, portal):
    portal({f"{EXACT}_V6": ["CHGIND"]}, search(f"{EXACT}_V6", "LSOA11_WD21_LU"))
    assert resolved(web, f"{EXACT}_v5", "CHGIND") == f"{EXACT}_V6"


@pytest.mark.parametrize("look_alike", ["v2", "v6", "V12"])
def test_a_best_fit_look_alike_without_the_field_is_passed_over(web, portal, look_alike):
    """The exact lookup is the fifth version of the name, the best fit its second."""
    services = {f"{EXACT}_v5": ["LSOA21CD", "CHGIND"], f"{EXACT}_{look_alike}": ["LSOA21CD"]}
    portal(services, search(f"{EXACT}_{look_alike}", f"{EXACT}_v5"))
    assert resolved(web, f"{EXACT}_v5", "CHGIND") == f"{EXACT}_v5"


def test_the_tenth_version_is_newer_than_the_ninth(web, portal):
    services = {f"{EXACT}_v9": ["CHGIND"], f"{EXACT}_v10": ["CHGIND"]}
    portal(services, search(*services))
    assert resolved(web, f"{EXACT}_v5", "CHGIND") == f"{EXACT}_v10"


def test_a_first_version_bears_no_number(web, portal):
    portal({SERVICE: ["RUC21CD"]}, search(SERVICE))
    assert resolved(web, SERVICE, "RUC21CD") == SERVICE
    portal({f"{SERVICE}_v2": ["RUC21CD"]}, search(SERVICE, f"{SERVICE}_v2"))


def test_a_field_with_its_vintage_is_known_by_pattern(web, portal):
    portal({"LSOA21_WD24_LAD24_EW_LU_v3": ["LAD24CD"]}, search("LSOA21_WD24_LAD24_EW_LU_v3"))
    found = resolved(web, "LSOA21_WD24_LAD24_EW_LU", r"LAD\d\dCD")
    assert found == "LSOA21_WD24_LAD24_EW_LU_v3"


def test_a_version_that_is_listed_but_withdrawn_is_passed_over(web, portal):
    portal({f"{EXACT}_v5": ["CHGIND"]}, search(f"{EXACT}_v6", f"{EXACT}_v5"))
    assert resolved(web, f"{EXACT}_v5", "CHGIND") == f"{EXACT}_v5"


@pytest.mark.parametrize(
    "listed",
    [
        {"error": {"code": 500}},
        {"results": []},
        {"results": [None, 3, {"url": None}, {"title": "x"}]},
        search(f"{EXACT}_BEST_v9", "MSOA11_MSOA21_LAD22_EW_LU_V2"),
        [],
    ],
    ids=["error", "nothing", "odd items", "others", "no object"],
)
def test_with_the_search_down_or_useless_the_pinned_name_is_asked(web, portal, listed):
    portal({f"{EXACT}_v5": ["CHGIND"]}, listed)
    assert resolved(web, f"{EXACT}_v5", "CHGIND") == f"{EXACT}_v5"


def test_the_search_asks_only_for_what_ons_owns(web, internet, portal):
    portal({}, search())
    resolved(web, f"{EXACT}_v5", "CHGIND")
    (query,) = [r.args["q"] for r, _ in internet.log]
    assert EXACT in query and "owner:ONSGeography_data" in query and "_v5" not in query
