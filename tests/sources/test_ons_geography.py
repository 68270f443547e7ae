"""The ONS portal as it answers, and as it misleads: short pages, errors with status 200."""

import json

import pytest
from werkzeug import Response

from flows.sources import ons_geography
from flows.sources.files import Ask, Fault
from flows.sources.services.arcgis import layer_rows
from flows.sources.web import Web

ASK = Ask(authorities=(), police_forces=())
ROWS = [{"ObjectId": n, "LSOA21CD": f"E0100000{n}", "RUC21CD": "UN1"} for n in range(1, 6)]


def serve(httpserver, rows, page=2, count=None, geometry=False):
    """A feature service that gives at most ``page`` rows whatever it is asked for."""

    def answer(request):
        if request.path.endswith("/FeatureServer/0"):
            return Response(json.dumps({"objectIdField": "ObjectId", "maxRecordCount": page}))
        if "returnCountOnly" in request.args:
            return Response(json.dumps({"count": len(rows) if count is None else count}))
        start = int(request.args["resultOffset"])
        found = [{"attributes": r} for r in rows[start : start + page]]
        if geometry:
            found = [f | {"geometry": {"x": 1.5, "y": 2.5}} for f in found]
        return Response(json.dumps({"features": found}))

    httpserver.expect_request("/x/FeatureServer/0").respond_with_handler(answer)
    httpserver.expect_request("/x/FeatureServer/0/query").respond_with_handler(answer)
    return httpserver.url_for("/x/FeatureServer/0")


def test_pages_shorter_than_asked_for_are_followed_to_the_services_own_count(httpserver, tmp_path):
    layer = serve(httpserver, ROWS)
    assert list(layer_rows(Web(tmp_path, "test"), layer)) == ROWS


def test_points_bring_their_coordinates(httpserver, tmp_path):
    layer = serve(httpserver, ROWS, geometry=True)
    first = next(layer_rows(Web(tmp_path, "test"), layer))
    assert (first["x"], first["y"]) == (1.5, 2.5)


def test_fewer_rows_than_counted_is_a_fault(httpserver, tmp_path):
    layer = serve(httpserver, ROWS, count=9)
    with pytest.raises(Fault, match="counts 9 rows and gave 5"):
        list(layer_rows(Web(tmp_path, "test"), layer))


def test_an_error_with_status_200_is_a_fault(httpserver, tmp_path):
    httpserver.expect_request("/x/FeatureServer/0/query").respond_with_json(
        {"error": {"code": 400, "message": "Invalid query"}}
    )
    with pytest.raises(Fault, match="Invalid query"):
        list(layer_rows(Web(tmp_path, "t"), httpserver.url_for("/x/FeatureServer/0")))


def test_fetched_lookups_are_recognised(httpserver, tmp_path, monkeypatch):
    layer = serve(httpserver, ROWS)
    httpserver.expect_request("/gpkg").respond_with_data(b"SQLite format 3\x00 ... LSOA21CD")
    monkeypatch.setattr(ons_geography, "BOUNDARIES", httpserver.url_for("/gpkg"))
    monkeypatch.setattr(ons_geography, "LAYER", layer)
    monkeypatch.setattr(ons_geography, "LOOKUPS", {"lsoa21-rural-urban.csv": "x"})
    files = list(ons_geography.fetch(Web(tmp_path, "test"), ASK))
    replies = [r for f in files for r in ons_geography.recognise(f, ASK)]
    assert [r.name for r in replies] == ["lsoa21-boundaries.gpkg", "lsoa21-rural-urban.csv"]
