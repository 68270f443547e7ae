"""One polite way to the network, for every source: asked again where that helps, resumed where it
broke off, unchanged files left alone, and pages in place of data refused (contract, section 13)."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from flows.sources.files import CHUNK, Fault, File, Gone, unlike
from flows.sources.parts import Again, Misplaced, NoRanges, Part, TooMuch, Unchanged, begins

if TYPE_CHECKING:
    import requests

TRIES = 5
TRIES_IN_SILENCE = 3  # of a host that does not answer at all
PATIENCE = 60  # seconds: a host that wants us to wait longer is asked again another day
TIMEOUT = 10, 60  # seconds to connect, and between two pieces of an answer
DEADLINE = {"answer": 120, "file": 3600}  # seconds for the whole of it
LARGEST = {"answer": 64 << 20, "file": 8 << 30}  # bytes
BUSY = (500, 502, 503, 504)
ON_SIGHT = "Check the network, or download the file by hand and use --inbox."
LATER = "Run the refresh again later."
T = TypeVar("T")


def _sleep(seconds: float) -> None:
    time.sleep(seconds)


class Web:
    """The network, for one source in one refresh.

    ``known`` holds change tokens (ETag, date, hash) by address, from when each was last pulled
    whole; ``learned`` those of this time. ``keys`` are secrets by name, never logged or kept.
    """

    def __init__(
        self,
        folder: Path,
        contact: str,
        known: Mapping[str, str] | None = None,
        keys: Mapping[str, str] | None = None,
    ) -> None:
        from flows.sources import manners

        self.folder = folder
        self.known = dict(known or {})
        self.learned: dict[str, str] = {}
        self.keys = {name: value for name, value in (keys or {}).items() if value}
        self.session = manners.session(contact)
        self.silent: set[str] = set()  # hosts that did not answer at all
        self.timeout: tuple[float, float] = TIMEOUT
        self._words = manners
        manners.hush(self.keys.values())

    def key(self, name: str) -> str:
        """A secret of the environment, empty if there is none."""
        return self.keys.get(name, "")

    def plain(self, text: object) -> str:
        """A text that may be shown: without secrets."""
        return self._words.redacted(str(text), self.keys.values())

    def knows(self, what: str, token: str) -> bool:
        """Whether it was pulled whole when its change token was this one."""
        self.learned[what] = token
        return bool(token) and self.known.get(what) == token

    def forget(self, what: str) -> None:
        """Have it asked for again next time, whatever its token."""
        self.learned[what] = ""

    def files(self, wanted: Iterable[tuple[str, str]]) -> Iterator[File | Fault]:
        """Each (address, name) that has changed since it was last pulled, or its Fault: one that
        fails does not stop the rest."""
        for url, name in wanted:
            since = self.known.get(self.plain(url), "")
            try:
                file = self.download(url, name, since=since)
            except Unchanged:
                self.learned[self.plain(url)] = since
            except Fault as why:
                yield why
            else:
                self.learned[file.url] = file.token
                yield file

    def json(self, url: str, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
        """The parsed JSON object at an address; a Fault if it is none."""
        found = self.answer(url, headers)
        if not isinstance(found, dict):
            raise Fault(self.plain(url), "the answer has another shape than expected", LATER)
        return found

    def answer(
        self,
        url: str,
        headers: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        too_much: tuple[int, ...] = (),
    ) -> Any:
        """The parsed JSON at an address, asked for by POST with a ``form``; Fault, or TooMuch at
        a status that the caller named so."""
        content = self.tried(lambda: self._body(url, headers, form, too_much), url)
        try:
            return json.loads(content)
        except ValueError as why:
            raise Fault(self.plain(url), "the answer is not JSON", LATER) from why

    def download(
        self, url: str, name: str = "", headers: Mapping[str, str] | None = None, since: str = ""
    ) -> File:
        """Stream an address to a file in the folder; Fault if it fails, comes back short or is
        not what its name says; Unchanged if it is as the token ``since`` says."""
        path = self.folder / (name or PurePosixPath(url.split("?")[0]).name)
        part = Part(path, since)
        token = self.tried(lambda: self._stream(url, part, dict(headers or {})), url)
        if wrong := unlike(path):
            raise Fault(self.plain(url), wrong, ON_SIGHT)
        return File(path, self.plain(url), token=token)

    def landed(self, url: str) -> tuple[str, str]:
        """Where an address leads to, and the strong ETag of what lies there (or nothing)."""

        def ask() -> tuple[str, str]:
            with self._ask(url, {"Accept-Encoding": "identity", "Range": "bytes=0-0"}) as answer:
                return answer.url, answer.headers.get("ETag", "")

        return self.tried(ask, url)

    def peek(self, url: str, size: int = 1 << 14) -> bytes:
        """The first bytes of what lies at an address; a Fault if there is none."""

        def ask() -> bytes:
            headers = {"Accept-Encoding": "identity", "Range": f"bytes=0-{size - 1}"}
            with self._ask(url, headers) as answer:
                found = bytearray()
                for chunk in self._chunks(answer, url, "file", time.monotonic()):
                    found += chunk
                    if len(found) >= size:
                        break
                return bytes(found[:size])

        return self.tried(ask, url)

    def piece(self, url: str, first: int, last: int | None, tag: str) -> tuple[int, bytes]:
        """Where a part of a file begins, and its bytes: ``first`` to ``last``, or as many as
        ``-first`` at the end. NoRanges, or TooMuch if its ETag is not ``tag`` any more."""
        span = f"bytes={first}" if first < 0 else f"bytes={first}-{last}"
        same = {"If-Match": tag} if tag and not tag.startswith("W/") else {}
        headers = {"Accept-Encoding": "identity", "Range": span} | same

        def ask() -> tuple[int, bytes]:
            started = time.monotonic()
            with self._ask(url, headers, too_much=(412,)) as answer:
                if answer.status_code != 206:
                    raise NoRanges(self.plain(url), "its host serves no ranges", ON_SIGHT)
                if same and answer.headers.get("ETag", tag) != tag:
                    raise TooMuch("another ETag")
                found = b"".join(self._chunks(answer, url, "answer", started))
            return begins(answer.headers.get("Content-Range", ""), first, last, len(found)), found

        return self.tried(ask, url)

    def tried(self, ask: Callable[[], T], url: str) -> T:
        """What ``ask`` gives, asked up to five times; a Fault that names the address."""
        from tenacity import Retrying, retry_if_exception_type
        from tenacity.wait import wait_exponential_jitter

        host = urlsplit(url).netloc
        usual = wait_exponential_jitter(initial=1, max=PATIENCE, jitter=1)

        def wait(state: Any) -> float:
            named = state.outcome.exception().wait
            return usual(state) if named is None else float(named)

        def stop(state: Any) -> bool:
            most = TRIES_IN_SILENCE if state.outcome.exception().silent else TRIES
            return state.attempt_number >= (1 if host in self.silent else most)

        try:
            found = Retrying(
                retry=retry_if_exception_type(Again),
                stop=stop,
                wait=wait,
                sleep=_sleep,
                reraise=True,
            )(ask)
            self.silent.discard(host)
            return found
        except Again as why:
            if why.silent:  # the next address there is not waited for as long
                self.silent.add(host)
            raise Fault(self.plain(url), f"no good answer ({self.plain(why)})", ON_SIGHT) from None

    def _body(
        self,
        url: str,
        headers: Mapping[str, str] | None,
        form: Mapping[str, str] | None,
        too_much: tuple[int, ...],
    ) -> bytes:
        started, whole = time.monotonic(), bytearray()
        with self._ask(url, dict(headers or {}), form, too_much) as answer:
            for chunk in self._chunks(answer, url, "answer", started):
                whole += chunk
        return bytes(whole)

    def _stream(self, url: str, part: Part, headers: dict[str, str]) -> str:
        """One try at a download, going on where the last one broke off; its change token."""
        started = time.monotonic()
        try:
            answer = self._ask(url, headers | part.headers())
        except Misplaced:
            part.drop()
            raise
        with answer:
            part.begin(answer)
            with part.path.open("ab") as out:
                for chunk in self._chunks(answer, url, "file", started):
                    out.write(chunk)
            _ends_itself = answer.raw.chunked or "Content-Length" in answer.headers
        return part.finish(ended_itself=_ends_itself)

    def _chunks(
        self, answer: requests.Response, url: str, what: str, started: float
    ) -> Iterator[bytes]:
        """The pieces of an answer; Again if it breaks off, a Fault if it is too long or slow."""
        import requests
        from urllib3.exceptions import HTTPError

        largest, seen = LARGEST[what], 0
        claimed = answer.headers.get("Content-Length", "")
        if claimed.isdigit() and int(claimed) > largest:
            raise Fault(self.plain(url), f"it says to be {claimed} bytes long", "Look at it.")
        try:
            # what has come, not what fills a chunk: else a slow drip would outlast the deadline
            while chunk := answer.raw.read1(CHUNK, decode_content=True):
                seen += len(chunk)
                if seen > largest:
                    raise Fault(self.plain(url), f"it goes on after {largest} bytes", "Look at it.")
                if time.monotonic() - started > DEADLINE[what]:
                    said = f"it was not there whole after {DEADLINE[what]} s"
                    raise Fault(self.plain(url), said, LATER)
                yield chunk
        except (requests.RequestException, HTTPError, OSError) as why:
            raise Again(f"it broke off: {why}") from why

    def _ask(
        self,
        url: str,
        headers: dict[str, str],
        form: Mapping[str, str] | None = None,
        too_much: tuple[int, ...] = (),
    ) -> requests.Response:
        import requests
        from urllib3.exceptions import HTTPError

        method = "GET" if form is None else "POST"
        try:
            answer = self.session.request(
                method, url, headers=headers, data=form, stream=True, timeout=self.timeout
            )
        except (requests.ConnectionError, requests.Timeout, HTTPError) as why:
            raise Again(self._words.plainly(why), silent=True) from why  # or a redirect broke off
        except requests.RequestException as why:
            raise Fault(self.plain(url), f"it cannot be asked ({self.plain(why)})", LATER) from why
        if answer.status_code in (200, 206):
            return answer
        with answer:
            raise self._refusal(url, answer, too_much)

    def _refusal(self, url: str, answer: requests.Response, too_much: tuple[int, ...]) -> Exception:
        """What an answer without the data means."""
        status, said = answer.status_code, f"status {answer.status_code} {answer.reason or ''}"
        if status in too_much:
            return TooMuch(said)
        if status == 304:
            return Unchanged(url)
        if status == 416:  # what is here already is not a beginning of what is there
            return Misplaced(said, 0)
        if status == 202 or status == 429 or status in BUSY:
            wait = self._words.seconds(answer.headers.get("Retry-After", ""))
            if wait is not None and wait > PATIENCE:
                asked = f"it asks to be left alone for {wait:.0f} s ({said.strip()})"
                return Fault(self.plain(url), asked, LATER)
            ready = "the file is not ready, " if status == 202 else ""
            return Again(ready + said.strip(), wait)
        kind = Gone if status in (404, 410) else Fault
        return kind(self.plain(url), f"no good answer ({said.strip()})", ON_SIGHT)
