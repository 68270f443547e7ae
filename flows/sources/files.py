"""What every source shares: a file as it came, and what was found in it.

A source module has two functions and knows neither DuckDB nor Prefect:

* ``fetch(web, ask)`` yields the :class:`File` objects that the publisher serves;
* ``recognise(file, ask)`` looks into one file, however it came, and yields its :class:`Reply`
  objects.

What is wrong with a file is said with :class:`Fault`; a file that is none of ours, with
:class:`SetAside`.
"""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

CHUNK = 1 << 20
LARGEST_MEMBER = 8 << 30  # bytes; a zip member that claims more is a bomb or a mistake


@dataclass(frozen=True)
class File:
    """A file as it came: where it lies now, the address it came from, and the publisher's own
    mark of its edition where the way it came tells one."""

    path: Path
    url: str
    edition: str = ""
    token: str = ""  # the publisher's own change token

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
    token: str = ""  # the publisher's own change token, where it marks this reply alone


@dataclass(frozen=True)
class Ask:
    """What a refresh needs from a source; months are first days as ``YYYY-MM``, both ends
    included."""

    authorities: tuple[str, ...]
    police_forces: tuple[str, ...]
    since: str = "0000-00"
    until: str = "9999-99"
    polygons: Mapping[str, Any] = field(default_factory=dict)  # GeoJSON geometries in degrees
    held: Mapping[str, str] = field(default_factory=dict)  # name in hand: its change token

    def wants(self, month: str) -> bool:
        return self.since <= month <= self.until


class Fault(Exception):
    """A file that should be ours is broken: which file, what is wrong, how to mend it."""

    def __init__(self, file: str, wrong: str, mend: str) -> None:
        super().__init__(f"{file}: {wrong}. {mend}")


class Gone(Fault):
    """There is nothing at an address."""


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


BEGINNINGS = {
    ".zip": (b"PK\x03\x04",),
    ".xlsx": (b"PK\x03\x04",),
    ".ods": (b"PK\x03\x04",),
    ".gpkg": (b"SQLite format 3\x00",),
    ".json": (b"{", b"["),
    ".geojson": (b"{",),
}


def unlike(path: Path) -> str:
    """What is wrong with a file's first bytes, given its ending; empty if nothing is."""
    with path.open("rb") as stream:
        head = stream.read(4096)
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    ending = path.suffix.lower()
    if not text:
        return "the answer is empty"
    if text[:1] == b"<":
        return "the answer is a web page (HTML or XML) in place of data"
    if ending in BEGINNINGS and not text.startswith(BEGINNINGS[ending]):
        return f"the answer is no {ending} file, by its first bytes"
    if ending in (".csv", ".txt") and (text[:1] in (b"{", b"[") or b"\x00" in head):
        return "the answer is no CSV, by its first bytes"
    return ""


def ends_in_a_row(path: Path) -> bool:
    """Whether the last row of a CSV file has as many cells as the first; other files do not say."""
    if path.suffix.lower() not in (".csv", ".txt"):
        return True
    with path.open("rb") as stream:
        head = stream.read(1 << 16)
        stream.seek(max(0, path.stat().st_size - (1 << 16)))
        tail = stream.read()
    first = next(csv.reader(head.decode("utf-8", "replace").splitlines()), [])
    last = tail.rstrip(b"\r\n").rpartition(b"\n")[2].decode("utf-8", "replace")
    return len(first) == len(next(csv.reader([last]), []))


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
