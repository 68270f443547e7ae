"""One polite way to the network, for every source."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from flows.sources.files import CHUNK, Fault, File


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
