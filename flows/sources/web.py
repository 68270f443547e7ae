"""What every source shares: a file as it came, what was found in it, and one polite way to the
network.

A source module has two functions and knows neither DuckDB nor Prefect:

* ``fetch(web, ask)`` yields the :class:`File` objects that the publisher serves;
* ``recognise(file, ask)`` looks into one file, however it came, and yields its :class:`Reply`
  objects.

What is wrong with a file is said with :class:`Fault`; a file that is none of ours, with
:class:`SetAside`.
"""

from __future__ import annotations

import csv
import json
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

CHUNK = 1 << 20
LARGEST_MEMBER = 8 << 30  # bytes; a zip member that claims more is a bomb or a mistake


@dataclass(frozen=True)
class File:
    """A file as it came: where it lies now, and the address it came from."""

    path: Path
    url: str

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def suffix(self) -> str:
        """The file's ending in lower case: Windows writes .CSV too."""
        return self.path.suffix.lower()


@dataclass(frozen=True)
class Reply:
    """One thing to keep. The newest ``edition`` of a ``name`` replaces the older ones."""

    table: str  # which of the source's tables it fills
    name: str
    url: str
    content: bytes | Path
    edition: str = ""
    spare: bool = False  # if it cannot be read the refresh goes on without it, and says so


@dataclass(frozen=True)
class Ask:
    """What a refresh needs from a source; months are first days as ``YYYY-MM``, both ends
    included."""

    authorities: tuple[str, ...]
    police_forces: tuple[str, ...]
    since: str = "0000-00"
    until: str = "9999-99"

    def wants(self, month: str) -> bool:
        return self.since <= month <= self.until


class Fault(Exception):
    """A file that should be ours is broken: which file, what is wrong, how to mend it."""

    def __init__(self, file: str, wrong: str, mend: str) -> None:
        super().__init__(f"{file}: {wrong}. {mend}")


class SetAside(Exception):
    """A file that this source does not use, and why: said, never a failure."""


def first_bytes(file: File, wanted: str) -> bytes:
    """The file's first 4 KiB, or a Fault where a web page or nothing stands in place of data."""
    with file.path.open("rb") as stream:
        head = stream.read(4096)
    if not head.strip():
        raise Fault(file.name, "the file is empty", "Download it again.")
    if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<":
        raise Fault(
            file.name,
            f"it is a web page (HTML or XML), not {wanted}",
            "The publisher or a proxy answered with a page: download the file itself again.",
        )
    return head


def header(file: File) -> str:
    """The first line of a text file, without byte-order marks, however many."""
    head = first_bytes(file, "a CSV file").decode("utf-8", errors="replace")
    return head.splitlines()[0].lstrip("\ufeff\u00ef\u00bb\u00bf")


def members(file: File) -> Iterator[tuple[str, zipfile.ZipFile]]:
    """Each member name of a zip file with the open archive; a Fault if it is not whole."""
    first_bytes(file, "a zip archive")
    try:
        archive = zipfile.ZipFile(file.path)
    except zipfile.BadZipFile as why:
        raise Fault(
            file.name, f"the zip archive is cut short or damaged ({why})", "Download it again."
        ) from why
    with archive:
        for name in sorted(archive.namelist()):
            parts = PurePosixPath(name).parts
            hidden = any(part.startswith((".", "__MACOSX")) for part in parts)
            if not name.endswith("/") and not hidden:
                yield name, archive


def member_bytes(file: File, archive: zipfile.ZipFile, name: str) -> bytes:
    """One member, its CRC checked; a Fault if it cannot be read whole."""
    if archive.getinfo(name).file_size > LARGEST_MEMBER:
        raise Fault(f"{file.name}!{name}", "the member is over 8 GiB", "Check where it came from.")
    try:
        return archive.read(name)
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, RuntimeError) as why:
        raise Fault(
            f"{file.name}!{name}",
            f"the member cannot be read ({why})",
            "Download the archive again.",
        ) from why
    except Exception as why:  # zlib.error has no common base with the others
        raise Fault(
            f"{file.name}!{name}", f"the member is damaged ({why})", "Download the archive again."
        ) from why


class Web:
    """A requests session that says who it is, streams to disk and refuses pages in place of
    data."""

    def __init__(self, folder: Path, user_agent: str) -> None:
        import requests
        from requests.adapters import HTTPAdapter
        from urllib3.util.retry import Retry

        retry = Retry(
            total=4,
            connect=2,
            backoff_factor=1.0,
            backoff_jitter=1.0,
            status_forcelist=(429, 500, 502, 503, 504),
            allowed_methods=("GET",),
            retry_after_max=60,
        )
        self.folder = folder
        self.session = requests.Session()
        self.session.headers["User-Agent"] = user_agent
        for scheme in ("https://", "http://"):
            self.session.mount(scheme, HTTPAdapter(max_retries=retry))

    def json(self, url: str) -> Any:
        """The parsed JSON at an address."""
        answer = self._get(url, stream=False)
        try:
            found = answer.json()
        except ValueError as why:
            raise Fault(url, "the answer is not JSON", "Try again later.") from why
        if not isinstance(found, dict):
            raise Fault(url, "the answer has another shape than expected", "Use --inbox.")
        return found

    def downloads(self, wanted: Iterable[tuple[str, str]]) -> Iterator[File | Fault]:
        """Each (address, name) downloaded, or its Fault: one that fails does not stop the rest."""
        for url, name in wanted:
            try:
                yield self.download(url, name)
            except Fault as why:
                yield why

    def download(self, url: str, name: str = "") -> File:
        """Stream an address to a file in the folder; a Fault if it fails or comes back short."""
        answer = self._get(url, stream=True)
        path = self.folder / (name or PurePosixPath(url.split("?")[0]).name)
        expected = answer.headers.get("Content-Length")
        coded = answer.headers.get("Content-Encoding")
        try:
            with path.open("wb") as out:
                for chunk in answer.iter_content(CHUNK):
                    out.write(chunk)
        except Exception as why:
            raise Fault(url, f"the download broke off ({why})", "Run the refresh again.") from why
        if expected and not coded and path.stat().st_size != int(expected):
            raise Fault(url, "the download came back short", "Run the refresh again.")
        return File(path, url)

    def _get(self, url: str, *, stream: bool) -> Any:
        import requests

        try:
            answer = self.session.get(url, stream=stream, timeout=(10, 60))
            answer.raise_for_status()
            if answer.status_code != 200:
                said = f"status {answer.status_code}, the file is not ready"
                raise Fault(url, said, "Run the refresh again later, or use --inbox.")
        except requests.RequestException as why:
            mend = "Check the network, or download the file by hand and use --inbox."
            raise Fault(url, f"no good answer ({why})", mend) from why
        return answer


def layer_rows(web: Web, layer: str) -> Iterator[dict[str, Any]]:
    """Every row of an ArcGIS layer; a point's ``x`` and ``y`` in metres of the grid beside it."""
    for feature in _features(web, layer, "json", "attributes"):
        point = feature.get("geometry") or {}
        yield feature["attributes"] | {k: point[k] for k in ("x", "y") if k in point}


def layer_file(web: Web, layer: str, path: Path) -> File:
    """An ArcGIS layer with its shapes as a GeoJSON file in metres of the grid (EPSG:27700)."""
    features = list(_features(web, layer, "geojson", "properties"))
    if not features:
        raise Fault(layer, "it has no row", "Download the layer by hand and use --inbox.")
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::27700"}}
    whole = {"type": "FeatureCollection", "crs": crs, "features": features}
    path.write_text(json.dumps(whole), encoding="utf-8")
    return File(path, layer)


def _features(web: Web, layer: str, form: str, attributes: str) -> Iterator[dict[str, Any]]:
    """Every feature of a layer by its object ids, counted against the service's own count.

    A server may give fewer rows than asked for and say nothing: the count alone says when it
    is done. Errors come with status 200.
    """
    query = f"{layer}/query?where=1%3D1"
    expected = _answer(web, f"{query}&f=json&returnCountOnly=true").get("count", 0)
    key = _answer(web, f"{layer}?f=json").get("objectIdField") or "ObjectId"
    seen: set[Any] = set()
    while len(seen) < expected:
        page = _answer(
            web,
            f"{query}&f={form}&outFields=*&outSR=27700&orderByFields={key}"
            f"&resultOffset={len(seen)}&resultRecordCount=2000",
        ).get("features", [])
        new = [f for f in page if f[attributes].get(key) not in seen]
        if not new:
            mend = "Download it by hand and use --inbox."
            raise Fault(layer, f"it counts {expected} rows and gave {len(seen)}", mend)
        for feature in new:
            seen.add(feature[attributes].get(key))
            yield feature


def rows_file(path: Path, layer: str, rows: Iterable[dict[str, Any]]) -> File:
    """The rows of a layer written to a CSV file; a Fault if there is none."""
    rows = iter(rows)
    first = next(rows, None)
    if first is None:
        raise Fault(layer, "it has no row", "Download the lookup by hand and use --inbox.")
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, fieldnames=list(first))
        writer.writeheader()
        writer.writerow(first)
        writer.writerows(rows)
    return File(path, layer)


def _answer(web: Web, url: str) -> dict[str, Any]:
    answer = web.json(url)
    if "error" in answer:
        told = answer["error"].get("message", "an error without a message")
        raise Fault(url, f"the service answered with an error: {told}", "Try again later.")
    if not isinstance(answer.get("count", 0), int):
        raise Fault(url, "the count is no number", "Try again later.")
    return answer
