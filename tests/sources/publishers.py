"""The publishers' services as they answer when all is well, without a server: what each would say
to a request. Tests put them behind one, and make them misbehave."""

import csv
import hashlib
import io
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

from werkzeug import Response

PORTAL = "https://services1.arcgis.com/ESMARspQHYMw9BZ9/arcgis/rest/services/"
SEARCH = "https://www.arcgis.com/sharing/rest/search"
NOMIS = "https://www.nomisweb.co.uk/api/v01/dataset/"


@dataclass(frozen=True)
class Asked:
    """A request: its path with the host in front (``/host/path``), its query and headers."""

    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]

    @classmethod
    def of(cls, target: str, headers: Mapping[str, str]) -> "Asked":
        parts = urlsplit(target)
        return cls(parts.path, dict(parse_qsl(parts.query)), headers)


@dataclass(frozen=True)
class Answer:
    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


Service = Callable[[Asked], Answer]


def as_json(value: object) -> Answer:
    return Answer(json.dumps(value).encode(), headers={"Content-Type": "application/json"})


class Internet:
    """Services by address: the longest address that a request begins with answers it."""

    def __init__(self) -> None:
        self.services: dict[str, Service] = {}

    def at(self, address: str, service: Service | bytes | object) -> None:
        """Have a service, a file's bytes or a JSON value lie at an address."""
        if isinstance(service, bytes):
            content = service
            service = lambda asked: file(asked, content)  # noqa: E731
        elif not callable(service):
            value = service
            service = lambda asked: as_json(value)  # noqa: E731
        self.services[address.removeprefix("https:/")] = service

    def __call__(self, asked: Asked) -> Answer:
        fitting = [a for a in self.services if asked.path.startswith(a)]
        if not fitting:
            return Answer(b"not here", 404)
        return self.services[max(fitting, key=len)](asked)

    def behind(self, httpserver) -> None:
        """Have a pytest-httpserver answer as we would."""

        def handler(request):
            target = request.path + f"?{request.query_string.decode()}"
            answer = self(Asked.of(target, request.headers))
            return Response(answer.body, status=answer.status, headers=dict(answer.headers))

        httpserver.expect_request(re.compile(".*")).respond_with_handler(handler)


def file(asked: Asked, content: bytes, tag: str = "") -> Answer:
    """A file as S3 serves it: ETag, 304, ranges, 412 and 416."""
    tag = tag or f'"{hashlib.sha256(content).hexdigest()[:12]}-1"'
    headers = {"ETag": tag, "Accept-Ranges": "bytes"}
    wanted, size = asked.headers.get("Range", ""), len(content)
    if asked.headers.get("If-Match", tag) != tag:
        return Answer(b"<Error/>", 412)
    if asked.headers.get("If-None-Match") == tag:
        return Answer(b"", 304, headers)
    span = re.fullmatch(r"bytes=(\d*)-(\d*)", wanted)
    if span is None or asked.headers.get("If-Range", tag) != tag:
        return Answer(content, 200, headers)
    first = int(span[1]) if span[1] else max(0, size - int(span[2]))
    last = min(int(span[2]), size - 1) if span[1] and span[2] else size - 1
    if first >= size:
        return Answer(b"", 416, headers | {"Content-Range": f"bytes */{size}"})
    headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    return Answer(content[first : last + 1], 206, headers)


# ArcGIS -----------------------------------------------------------------------------------------


@dataclass
class Layer:
    """A feature service; what it may do wrong is a field."""

    rows: list[dict]
    key: str = "ObjectId"
    points: dict | None = None  # x and y, by key
    shapes: dict | None = None  # GeoJSON geometries, by key
    edited: int = 1_700_000_000_000
    most: int = 2000  # maxRecordCount
    short: int = 0  # rows that it really gives a page, whatever it says
    counted: int | None = None  # rows that it says to have
    says_more: str = "by form"  # "top", "properties", "nowhere", "always"
    error: dict | None = None
    ordered: bool = True
    begun: int = 0

    def __call__(self, asked: Asked) -> Answer:
        if self.error:
            return as_json({"error": self.error})
        if not asked.path.endswith("/query"):
            fields = [{"name": name} for name in self.rows[0]] if self.rows else []
            about = {"objectIdField": self.key, "fields": fields, "maxRecordCount": self.most}
            return as_json(about | {"editingInfo": {"dataLastEditDate": self.edited}})
        if "returnCountOnly" in asked.query:
            return as_json({"count": len(self.rows) if self.counted is None else self.counted})
        return as_json(self._page(asked.query))

    def _page(self, query: Mapping[str, str]) -> dict:
        start = int(query["resultOffset"])
        size = min(int(query["resultRecordCount"]), self.most, self.short or self.most)
        rows = self.rows
        if not self.ordered or query.get("orderByFields") != self.key:
            self.begun += 1  # in another order each time
            rows = rows[self.begun % 3 :] + rows[: self.begun % 3]
        more, form = start + size < len(rows), query["f"]
        found = rows[start : start + size]
        places = {"top": ["top"], "properties": ["properties"], "nowhere": []}
        said = places.get(self.says_more, ["top"] if form == "json" else ["properties"])
        page: dict = {"features": [self._feature(row, form) for row in found]}
        if (more and "top" in said) or self.says_more == "always":
            page["exceededTransferLimit"] = True
        if more and "properties" in said:
            page["properties"] = {"exceededTransferLimit": True}
        return page | ({"type": "FeatureCollection"} if form == "geojson" else {})

    def _feature(self, row: dict, form: str) -> dict:
        if form == "geojson":
            shape = (self.shapes or {}).get(row[self.key])
            return {"type": "Feature", "properties": row, "geometry": shape}
        point = (self.points or {}).get(row[self.key])
        return {"attributes": row} | ({"geometry": point} if point else {})


def search(*services: str, also: tuple = ()) -> object:
    """What the portal's search lists: items with the address of their service."""
    items = [{"title": s, "url": f"{PORTAL}{s}/FeatureServer"} for s in services]
    return {"results": [*items, *also]}


# Nomis ------------------------------------------------------------------------------------------


@dataclass
class Nomis:
    """A data set: rows by column, narrowed by what is asked for; 25,000 a call for a guest."""

    rows: list[dict]
    updated: str = "2026-10-13 09:30:00"
    narrowed_by: Mapping[str, str] = field(default_factory=dict)  # parameter: column
    parents: Mapping[str, str] = field(default_factory=dict)  # code: the authority it lies in
    most: int = 25_000
    keyed: int = 100_000  # rows a call for those who sign in
    miscount: int = 0

    def __call__(self, asked: Asked) -> Answer:
        if asked.path.endswith(".def.sdmx.json"):
            said = [{"annotationtitle": "LastUpdated", "annotationtext": self.updated}]
            family = {"keyfamily": [{"annotations": {"annotation": said}}]}
            return as_json({"structure": {"keyfamilies": family}})
        query = asked.query
        rows = [r for r in self.rows if self._wanted(r, query)]
        columns = query["select"].split(",")
        most = self.keyed if "uid" in query else self.most
        start = int(query.get("RecordOffset", 0))
        told = {"RECORD_COUNT": len(rows) + self.miscount}
        out = io.StringIO()
        writer = csv.DictWriter(
            out, columns, extrasaction="ignore", quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n"
        )
        writer.writeheader()
        writer.writerows(r | told for r in rows[start : start + most])
        return Answer(out.getvalue().encode(), headers={"Content-Type": "text/csv"})

    def _wanted(self, row: dict, query: Mapping[str, str]) -> bool:
        area = query["geography"].removesuffix("TYPE151")
        if self.parents and self.parents.get(row["GEOGRAPHY_CODE"]) != area:
            return False
        for parameter, column in self.narrowed_by.items():
            asked = query.get(parameter, "").split(",")
            if (
                parameter in query
                and "latest" not in query[parameter]
                and str(row[column]) not in asked
            ):
                return False
        return True


def attachments(*addresses: str) -> object:
    """A page of GOV.UK's content API."""
    listed = [{"title": a.rpartition("/")[2], "url": a} for a in addresses]
    return {"details": {"attachments": listed}}
