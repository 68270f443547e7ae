"""A file on its way from a publisher: what of it is here, and whether it may be gone on with."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import TYPE_CHECKING

from flows.sources.files import Fault, ends_in_a_row

if TYPE_CHECKING:
    import requests


class Unchanged(Exception):
    """The publisher says that a file is as it was when it was last pulled."""


class Again(Exception):
    """An answer that may be better next time, or none at all (``silent``); ``wait`` in seconds,
    if the host names it."""

    def __init__(self, why: object, wait: float | None = None, *, silent: bool = False) -> None:
        self.wait, self.silent = wait, silent
        super().__init__(str(why))


class TooMuch(Exception):
    """A host answered with a status that the caller wants to handle by asking otherwise."""


class NoRanges(Fault):
    """A host gives a file whole or not at all."""


class Misplaced(Again):
    """What is here already is not a beginning of what is there: begin anew."""


def begins(content_range: str, first: int, last: int | None, length: int) -> int:
    """Where a part of a file begins, by its Content-Range; Again if it is not the part asked for
    (``first`` to ``last``, or the ``-first`` last bytes)."""
    found = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+)", content_range)
    start, end, whole = map(int, found.groups()) if found else (0, 0, 0)
    asked = (first, last) if first >= 0 else (max(0, whole + first), whole - 1)
    if not found or (start, end) != asked or length != end - start + 1:
        raise Again("another part was sent than the one asked for")
    return start


class Part:
    """A file on its way: what of it is here, and under which change token."""

    def __init__(self, path: Path, since: str) -> None:
        self.path, self.since, self.once, self.encoded = path, since, "", False
        self.drop()

    def drop(self) -> None:
        """Begin anew."""
        self.path.unlink(missing_ok=True)
        self.token = ""

    def headers(self) -> dict[str, str]:
        """Ask for the rest if that can be had safely, else for the whole, if it has changed."""
        have = self.path.stat().st_size if self.path.exists() else 0
        plain = {"Accept-Encoding": "identity"}  # so that bytes can be counted and asked for
        if have and self.token.startswith("etag:") and not self.encoded:
            return plain | {"Range": f"bytes={have}-", "If-Range": self.token[5:]}
        if self.since.startswith("etag:"):
            return plain | {"If-None-Match": self.since[5:]}
        if self.since.startswith("modified:"):
            return plain | {"If-Modified-Since": self.since[9:]}
        return plain

    def begin(self, answer: requests.Response) -> None:
        """Take note of the token; keep what is here only if the answer goes on exactly there."""
        have = self.path.stat().st_size if self.path.exists() else 0
        tag, modified = answer.headers.get("ETag", ""), answer.headers.get("Last-Modified", "")
        # a weak tag (W/) names a meaning, not bytes: no ground to go on from, nor to trust
        token = f"etag:{tag}" if tag and not tag.startswith("W/") else ""
        token = token or (f"modified:{modified}" if modified else "")
        goes_on = answer.headers.get("Content-Range", "").startswith(f"bytes {have}-")
        if answer.status_code == 206 and not (have and goes_on and token == self.token):
            self.drop()
            raise Again("another part was sent than the one asked for", 0)
        if answer.status_code == 200:
            self.path.unlink(missing_ok=True)
            if token and token == self.since:  # the host does not know 304
                raise Unchanged
        self.token = token
        # bytes are counted as they are kept: after decompression they are no place in the file
        self.encoded = answer.headers.get("Content-Encoding", "identity") != "identity"

    def finish(self, *, ended_itself: bool) -> str:
        """The change token of the whole file. A body that just stops may have been cut: it is
        believed when it comes the same twice."""
        with self.path.open("rb") as stream:
            content = f"sha256:{hashlib.file_digest(stream, 'sha256').hexdigest()}"
        if not ended_itself and (content != self.once or not ends_in_a_row(self.path)):
            self.once = content
            self.drop()  # else only what follows its end would be asked for
            raise Again("it does not say where it ends, so it is asked for twice", 0)
        if content == self.since:
            raise Unchanged
        return self.token or content
