"""How this program behaves towards publishers: who it says it is, how often it asks, what it keeps
to itself (contract, sections 13.2 and 13.3)."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from importlib.metadata import version
from urllib.parse import urljoin

import requests
from pyrate_limiter import InMemoryBucket, Limiter, Rate
from requests.adapters import HTTPAdapter
from requests_ratelimiter import HostBucketFactory, LimiterAdapter

# requests, and the seconds they may be spread over: a publisher's own limit where there is one
RATES = {
    "https://data.police.uk": (30, 2),  # 15 a second, 30 at once
    "https://policeuk-data.s3.amazonaws.com": (20, 2),
    "https://www.nomisweb.co.uk": (200, 60),
    "https://www.ons.gov.uk": (200, 60),
    "https://geoportal.statistics.gov.uk": (200, 60),
    "https://api.get-energy-performance-data.communities.gov.uk": (6000, 300),
    "https://": (5, 5),  # where none is published: one a second
    "http://": (5, 5),
}
OURSELVES = ("http://127.0.0.1", "http://localhost")
MOST_REDIRECTS = 5
SECRET = re.compile(
    r"(?i)(?P<name>[?&](?:uid|key|api_?key|(?:access_)?token|signature|sig|x-amz-[a-z-]+)=)[^&#\s'\")]+"
    r"|(?P<scheme>://)[^/@\s]+@|(?P<bearer>bearer )[\w.~+/=-]+"
)
TALKATIVE = ("urllib3.connectionpool", "urllib3.util.retry", "requests_ratelimiter", "evidence")


@cache
def _limiter(requests_: int, seconds: int) -> Limiter:
    """One for the whole process, so that all tasks together keep to a host's limit."""
    rates = [Rate(requests_, seconds * 1000)]
    return Limiter(HostBucketFactory(rates=rates, bucket_class=InMemoryBucket), buffer_ms=50)


class _Session(requests.Session):
    """Refuses to be led from a safe address to an open one."""

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        target = super().get_redirect_target(resp)
        if target and resp.url.startswith("https:"):
            there = urljoin(resp.url, target)
            if not there.startswith("https:"):
                raise requests.exceptions.InvalidURL(f"redirected away from https, to {there}")
        return target


def session(contact: str) -> requests.Session:
    """A session that says who asks and keeps to each host's limit."""
    made = _Session()
    made.max_redirects = MOST_REDIRECTS
    made.headers["User-Agent"] = user_agent(contact)
    for prefix, (number, seconds) in RATES.items():
        limits = LimiterAdapter(limiter=_limiter(number, seconds), limit_statuses=())
        made.mount(prefix, limits)
    for prefix in OURSELVES:
        made.mount(prefix, HTTPAdapter())
    return made


def user_agent(contact: str) -> str:
    """``locality-evidence/0.1 (organisation mail@organisation)``: plain ASCII, as ONS asks."""
    plain = contact.encode("ascii", "ignore").decode()
    said = " ".join(re.sub(r"[<>()\r\n]", " ", plain).split()) or "no contact given"
    return f"locality-evidence/{version('locality-evidence')} ({said})"


def redacted(text: str, secrets: Iterable[str] = ()) -> str:
    """A text without keys, tokens, signatures or passwords."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, "[kept secret]")
    return SECRET.sub(
        lambda m: (
            f"{m['name']}[kept secret]"
            if m["name"]
            else m["scheme"] or f"{m['bearer']}[kept secret]"
        ),
        text,
    )


class _Redaction(logging.Filter):
    """Takes secrets out of what is logged."""

    secrets: frozenset[str] = frozenset()

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = redacted(record.getMessage(), self.secrets), ()
        return True


_HUSHED = _Redaction()


def hush(secrets: Iterable[str]) -> None:
    """Have the loggers of the network say no secret, these and those of earlier calls."""
    _HUSHED.secrets |= {secret for secret in secrets if secret}
    for name in TALKATIVE:
        logging.getLogger(name).addFilter(_HUSHED)  # once, however often it is added


SILENCES = {  # in the words of requests and urllib3, the most telling first
    "NameResolution": "its name is not known here: is there a network, or a proxy in the way?",
    "Proxy": "the proxy does not let us through",
    "CERTIFICATE": "its certificate cannot be verified: a proxy may be in the way",
    "SSL": "no safe connection can be made",
    "ConnectTimeout": "it cannot be reached in time",
    "timed out": "it fell silent",
    "refused": "it refuses the connection",
    "reset": "it broke the connection off",
}


def plainly(why: Exception) -> str:
    """Why a host gave no answer, in a few words."""
    told = repr(why)
    return next((words for sign, words in SILENCES.items() if sign in told), told)


def seconds(retry_after: str) -> float | None:
    """What a Retry-After header says, in seconds from now; None where it says nothing."""
    if retry_after.strip().isdecimal():
        return float(retry_after)
    try:
        until = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max(0.0, (until - datetime.now(UTC)).total_seconds())
