"""The police API, by a server that answers as data.police.uk does: wrongly, with status 200."""

import json
from collections import Counter

import pytest
from shapely.geometry import Point, Polygon, box, mapping
from werkzeug import Response

from flows.sources import police_api
from flows.sources.files import Ask, Fault, File

SLUGS = ["all-crime", "burglary", "violent-crime", "anti-social-behaviour"]
SQUARE = box(-1.2, 52.6, -1.1, 52.7)


class Police:
    """The API over a handful of crimes; more than ``most`` in a polygon is too many for it."""

    def __init__(self, server, most=10_000):
        self.crimes, self.most, self.asked, self.fails = [], most, [], False
        self.tampered = lambda records: records
        host = "/data.police.uk/api"
        server.expect_request(f"{host}/crime-last-updated").respond_with_handler(self.updated)
        dates = [{"date": f"2026-0{m}", "stop-and-search": []} for m in (7, 6, 5)]
        server.expect_request(f"{host}/crimes-street-dates").respond_with_json(dates)
        kinds = [{"url": slug, "name": slug.title()} for slug in SLUGS]
        server.expect_request(f"{host}/crime-categories").respond_with_json(kinds)
        self.server, self.host = server, host
        street = server.expect_request(f"{host}/crimes-street/all-crime", method="POST")
        street.respond_with_handler(self.street)

    def updated(self, request):
        down = self.fails and self.asked
        return Response(status=503) if down else Response(json.dumps({"date": "2026-07-01"}))

    def add(self, lng, lat, month="2026-07", category="burglary"):
        self.crimes.append((len(self.crimes), lng, lat, month, category))

    def street(self, request):
        corners = [tuple(map(float, c.split(","))) for c in request.form["poly"].split(":")]
        assert all(50 < lat < 56 for lat, _ in corners), "longitude first is the trap"
        area = Polygon([(lng, lat) for lat, lng in corners])
        month = request.form["date"]
        inside = [c for c in self.crimes if area.covers(Point(c[1], c[2]))]
        self.asked.append((month, len(inside)))
        if len(inside) > self.most:  # whatever the month or the category
            return Response(status=503)
        records = [
            {
                "id": i,
                "month": when,
                "category": kind,
                "location": {"latitude": f"{lat:.6f}", "longitude": f"{lng:.6f}"},
            }
            for i, lng, lat, when, kind in inside
            if when == month
        ]
        return Response(json.dumps(self.tampered(records)), content_type="application/json")


@pytest.fixture
def police(internet):
    return Police(internet)


def ask(**more):
    return Ask((), (), polygons={"town@E34001234": mapping(SQUARE)}, **more)


def records(file):
    return json.loads(file.path.read_bytes())


def test_the_newest_months_are_asked_for_by_post_latitude_first(web, police):
    police.add(-1.15, 52.65)
    june, july = police_api.fetch(web, ask())
    assert (june.name, july.name) == ("2026-06@town@E34001234.json", "2026-07@town@E34001234.json")
    assert records(june) == [] and [r["id"] for r in records(july)] == [0]


def test_asked_for_months_are_the_months_asked(web, police):
    assert [f.name[:7] for f in police_api.fetch(web, ask(since="2026-05"))] == [
        "2026-05",
        "2026-06",
        "2026-07",
    ]
    assert [f.name[:7] for f in police_api.fetch(web, ask(until="2026-05"))] == ["2026-05"]


def test_too_many_crimes_are_asked_for_in_quarters_and_each_is_kept_once(web, police):
    police.most = 10
    for east in range(10):
        for north in range(10):
            # the crime in the middle lies on the seams of all four quarters
            police.add(-1.2 + east * 0.01, 52.6 + north * 0.01)
    (file,) = police_api.fetch(web, ask(since="2026-07"))
    assert Counter(r["id"] for r in records(file)) == Counter(range(100))
    assert sum(found > 10 for _, found in police.asked) > 1


def test_a_503_is_no_reason_to_ask_the_same_again(web, police, waits):
    police.most = 0
    police.add(-1.15, 52.65)
    police.add(-1.15, 52.65)
    (fault,) = police_api.fetch(web, ask(since="2026-07"))
    assert isinstance(fault, Fault) and "too many crimes for an answer" in str(fault)
    assert waits == []
    assert (
        len({p for p, _ in police.asked}) == 1 and len(police.asked) <= 4 * police_api.DEEPEST + 4
    )


def test_when_the_whole_api_is_down_nothing_is_split(web, police, waits):
    police.most, police.fails = -1, True
    (fault,) = police_api.fetch(web, ask(since="2026-07"))
    assert "crime-last-updated" in str(fault) and len(police.asked) == 1


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ({"month": "2026-06", "category": "burglary", "id": 1}, "a record of 2026-06"),
        ({"month": "2026-07", "category": "piracy", "id": 1}, "'piracy'"),
        ({"month": "2026-07", "category": "burglary"}, "a record"),
    ],
)
def test_a_record_of_another_month_or_category_is_a_fault(web, police, record, said):
    """A misspelt date gives the latest month, an unknown category gives all crime: status 200."""
    police.tampered = lambda records: [record]
    (fault,) = police_api.fetch(web, ask(since="2026-07"))
    assert isinstance(fault, Fault) and said in str(fault)


def test_what_was_asked_for_since_the_last_update_is_not_asked_again(web, police):
    list(police_api.fetch(web, ask()))
    web.known, before = dict(web.learned), len(police.asked)
    assert list(police_api.fetch(web, ask())) == [] and len(police.asked) == before
    moved = Ask((), (), polygons={"town@E34001234": mapping(SQUARE.buffer(0.01))})
    assert len(list(police_api.fetch(web, moved))) == 2


def test_a_polygon_in_parts_with_holes_is_covered(web, police):
    island = box(-1.3, 52.6, -1.25, 52.65).union(SQUARE.difference(SQUARE.buffer(-0.02)))
    for lng, lat in ((-1.27, 52.62), (-1.19, 52.65)):
        police.add(lng, lat)
    parts = Ask((), (), since="2026-07", polygons={"town@E1": mapping(island)})
    (file,) = police_api.fetch(web, parts)
    assert len(records(file)) == 2


def test_an_answer_is_recognised_by_its_name(tmp_path):
    path = tmp_path / "2026-07@town@E34001234.json"
    path.write_text("[]")
    (reply,) = police_api.recognise(File(path, "u"), ask())
    assert (reply.table, reply.name) == ("crimes", path.name)
