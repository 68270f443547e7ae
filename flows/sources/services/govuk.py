"""GOV.UK's content API: what a page offers today (contract, sections 7 and 13.1). The address of a
file changes with every correction, and the old one may stay with the old figures."""

from __future__ import annotations

import re
from typing import Any

from flows.sources.files import Fault
from flows.sources.web import Web

BY_HAND = "Download the file by hand and use --inbox."


def attachments(web: Web, page: str) -> list[dict[str, Any]]:
    """The attachments of a page of the content API."""
    details = web.json(page).get("details")
    found = details.get("attachments") if isinstance(details, dict) else None
    if not isinstance(found, list):
        raise Fault(page, "the page lists no attachments", BY_HAND)
    return [a for a in found if isinstance(a, dict) and isinstance(a.get("url"), str)]


def only(page: str, listed: list[dict[str, Any]], pattern: str, what: str) -> str:
    """The one address that fits a pattern; a Fault if there is none or more than one."""
    found = [a["url"] for a in listed if re.search(pattern, a["url"])]
    if len(found) != 1:
        said = f"the page lists {len(found)} files named {what} where one is expected"
        raise Fault(page, said, BY_HAND)
    return str(found[0])
