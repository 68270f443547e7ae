"""Street-level crime from the police's monthly archive (contract, section 2).

Only ``*-street.csv`` members are kept, each on its own, so that a month or a force that did not
change costs nothing next time. Every force's file is taken: forces' files hold rows from
elsewhere, and neighbours' files hold rows of ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from flows.sources.files import Ask, Fault, File, Reply, SetAside, header, member_bytes, members
from flows.sources.web import Web

ARCHIVE = "https://data.police.uk/data/archive/latest.zip"
STREET = re.compile(r"(?i)(?P<month>\d{4}-\d{2})-(?P<force>[a-z-]+)-street\.csv$")


UPDATED = "https://data.police.uk/api/crime-last-updated"


def newest(web: Web) -> str:
    """The first day of the newest month, as the API says it."""
    date = str(web.json(UPDATED).get("date", ""))
    if not re.match(r"\d{4}-\d{2}", date):
        raise Fault(UPDATED, "it does not say the newest month", "Try again later.")
    return date


def fetch(web: Web, ask: Ask) -> Iterator[File]:
    """The newest archive: 36 months, all forces."""
    yield web.download(ARCHIVE, f"{newest(web)[:7]}.zip")


def recognise(file: File, ask: Ask) -> Iterator[Reply]:
    """The street members of an archive, or one street file that was unpacked by hand."""
    if STREET.search(file.name):
        header(file)
        yield _reply(file.name, file.url, file.path.read_bytes(), "", ask)
        return
    if file.suffix != ".zip":
        raise SetAside("not a monthly archive (YYYY-MM.zip) nor a YYYY-MM-force-street.csv file")
    edition = file.path.stem if re.fullmatch(r"\d{4}-\d{2}", file.path.stem) else ""
    found = 0
    for name, archive in members(file):
        if match := STREET.search(name):
            found += 1
            if ask.wants(match["month"]):
                content = member_bytes(file, archive, name)
                yield _reply(name, f"{file.url}!{name}", content, edition, ask)
    if not found:
        raise Fault(
            file.name,
            "the archive holds no file named YYYY-MM-force-street.csv",
            "Download the monthly archive, with street-level crime, from data.police.uk.",
        )


def _reply(name: str, url: str, content: bytes, edition: str, ask: Ask) -> Reply:
    """One force's month. A far force's broken file must not stop the place's refresh."""
    match = STREET.search(name)
    if match is None:
        raise SetAside("not named YYYY-MM-force-street.csv")
    spare = bool(ask.police_forces) and match["force"].lower() not in ask.police_forces
    # the publisher's own name, so that "Copy of 2025-06-..." is not a second month
    return Reply("street", match[0].lower(), url, content, edition, spare)
