"""Single members of a large zip archive on a host that serves ranges (contract, section 2.7): one
request for the directory, one for each member, instead of the whole."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import IO, TYPE_CHECKING, Any

from flows.sources.files import CHUNK, LARGEST_MEMBER, Fault, File
from flows.sources.parts import Again, NoRanges, TooMuch
from flows.sources.web import LATER, Web

if TYPE_CHECKING:
    from zipfile import ZipInfo

    from remotezip import PartialBuffer, RemoteZip

__all__ = ["Archive", "NoRanges", "Replaced", "opened", "token"]
DIRECTORY = 1 << 20  # bytes from the end: holds the directory of some 10,000 members


def token(member: ZipInfo) -> str:
    """What tells a member of an archive from another edition of it: its CRC and size."""
    return f"crc:{member.CRC:08x}:{member.file_size}"


class Replaced(Fault):
    """An archive is not the one any more whose directory was read."""


class Archive:
    """An archive that is read from afar: what is in it, and its members one by one.

    ``members`` gives for each name a token of its CRC and size: it says between two archives
    which members changed.
    """

    def __init__(self, web: Web, url: str, zipped: RemoteZip) -> None:
        self.web, self.url, self.zipped = web, url, zipped
        self.members = {info.filename: token(info) for info in zipped.infolist()}

    def member(self, name: str, as_name: str, edition: str) -> File:
        """One member as a file, its CRC checked; a Fault if it cannot be had whole."""
        path, where = self.web.folder / as_name, f"{self.url}!{name}"
        if self.zipped.getinfo(name).file_size > LARGEST_MEMBER:
            raise Fault(where, "the member is over 8 GiB", "Check where it came from.")

        def read() -> None:
            with _faithfully(where), self.zipped.open(name) as stream, path.open("wb") as out:
                _copy(stream, out)

        self.web.tried(read, where)
        return File(path, self.web.plain(where), edition, self.members[name])


@contextmanager
def opened(web: Web, url: str) -> Iterator[Archive]:
    """The archive at an address, its directory read; a Fault if there is none, NoRanges if the
    host serves none."""
    from remotezip import RemoteZip

    where, tag = web.landed(url)  # a redirect followed once, not at each request

    def read() -> RemoteZip:
        with _faithfully(url):
            fetcher = partial(_Ranges, web=web, tag=tag)
            return RemoteZip(where, initial_buffer_size=DIRECTORY, fetcher=fetcher)

    with web.tried(read, url) as zipped:
        yield Archive(web, url, zipped)


class _Ranges:
    """The ranges of an address for remotezip, asked for in the one polite way: its own would not
    wait as long as it is told, would ask again after a refusal, and knows no deadline."""

    def __init__(self, url: str, session: Any, *, web: Web, tag: str, **_: Any) -> None:
        self.url, self.web, self.tag = url, web, tag

    def fetch(self, wanted: tuple[int, int | None], stream: bool = False) -> PartialBuffer:
        from remotezip import PartialBuffer

        begins, content = self.web.piece(self.url, *wanted, self.tag)
        return PartialBuffer(io.BytesIO(content), begins, len(content), stream)


def _copy(stream: IO[bytes], out: IO[bytes]) -> None:
    while chunk := stream.read(CHUNK):
        out.write(chunk)


@contextmanager
def _faithfully(where: str) -> Iterator[None]:
    """What may be wrong with the bytes of an archive, as something to try again or a Fault."""
    try:
        yield
    except (Fault, Again):
        raise
    except TooMuch as why:
        raise Replaced(where, "the archive was replaced while it was read", LATER) from why
    except Exception as why:  # zlib.error has no common base with the others
        raise Again(why) from why
