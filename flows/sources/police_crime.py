"""Street-level crime from the police's monthly archive (contract, section 2).

Only ``*-street.csv`` members are kept, each on its own, so that a month or a force that did not
change costs nothing next time. The files of every force that could hold rows of the place are
read: neighbours' files hold rows of ours, and the transport police record everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from flows.sources.files import Ask, Fault, File, Reply, SetAside, header, member_bytes, members
from flows.sources.services import archives
from flows.sources.web import LATER, Web

ARCHIVE = "https://data.police.uk/data/archive/{name}.zip"
LATEST = "latest"
UPDATED = "https://data.police.uk/api/crime-last-updated"
STREET = re.compile(r"(?i)(?P<month>\d{4}-\d{2})-(?P<force>[a-z-]+)-street\.csv$")
EVERYWHERE = ("btp",)
WINDOW = 36  # months in an archive since 2017-05; the one before holds all since 2010-12
LAST_WHOLE = "2017-04"
FIRST_MONTH = "2010-12"
GIVEN_UP = 3  # members in a row that cannot be had: the host is down


def newest(web: Web) -> str:
    """The first day of the newest month, as the API says it."""
    date = str(web.json(UPDATED).get("date", ""))
    if not re.match(r"\d{4}-\d{2}", date):
        raise Fault(UPDATED, "it does not say the newest month", "Try again later.")
    return date


def fetch(web: Web, ask: Ask) -> Iterator[File | Fault]:
    """The members that changed since they were pulled, of the newest archive and, for months that
    have left it, of the newest that holds them."""
    date = newest(web)
    if web.knows(UPDATED, date):
        return
    try:
        with archives.opened(web, ARCHIVE.format(name=LATEST)) as archive:
            months = _months(archive.members)
            if not months:
                raise Fault(archive.url, "it holds no street-level file", "Use --inbox.")
            if months[-1] < date[:7]:
                web.forget(UPDATED)  # the archive lags behind: look again next time
            yield from _changed(archive, months[-1], ask)
    except archives.NoRanges:
        yield from _whole(web, date, ask)
        return
    for edition, missing in _older(ask, months[0]).items():
        url = ARCHIVE.format(name=edition)
        if web.knows(url, " ".join([*sorted(missing), *sorted(ask.police_forces)])):
            continue  # what is lacking is not in it
        try:
            with archives.opened(web, url) as archive:
                yield from _changed(archive, edition, ask, missing)
        except Fault as why:
            yield why


def _months(names: Iterable[str]) -> list[str]:
    """The months of the street files among these, oldest first."""
    return sorted({m["month"] for m in map(STREET.search, names) if m})


def _whole(web: Web, date: str, ask: Ask) -> Iterator[File | Fault]:
    """The newest archive in one file, marked with the month that it reaches to."""
    months, url = _months(ask.held), ARCHIVE.format(name=LATEST)
    for file in web.files([(url, f"{LATEST}.zip")]):
        if isinstance(file, File):
            months = _months(name for name, _ in members(file))
            file = replace(file, edition=max(months, default=""))
        yield file
    if max(months, default="") < date[:7]:
        web.forget(UPDATED)
    if months and (lacking := _older(ask, months[0])):
        told = f"months before {months[0]} lie in {len(lacking)} older archives"
        raise Fault(url, f"its host gives it only whole, and {told}", "Use --inbox for those.")


def _changed(
    archive: archives.Archive, edition: str, ask: Ask, only: frozenset[str] = frozenset()
) -> Iterator[File | Fault]:
    """The street members of the forces and months asked for, unless they are held as they are."""
    forces, failed = {*ask.police_forces, *EVERYWHERE}, 0
    for name, token in sorted(archive.members.items()):
        match = STREET.search(name)
        if match is None or not ask.wants(match["month"]):
            continue
        wanted = not ask.police_forces or match["force"].lower() in forces
        if not wanted or (only and match["month"] not in only):
            continue
        own = match[0].lower()
        if ask.held.get(own) != token:
            try:
                yield archive.member(name, own, edition)
                failed = 0
            except Fault as why:
                yield why
                failed += 1
                if failed == GIVEN_UP or isinstance(why, archives.Replaced):
                    yield Fault(archive.url, "its other members were not asked for", LATER)
                    return


def _older(ask: Ask, first: str) -> dict[str, frozenset[str]]:
    """For months before the newest archive's first that are not in hand of every force: the
    newest archive that holds each, and its months."""
    held = {(m["month"], m["force"]) for name in ask.held if (m := STREET.search(name))}
    months = {month for month, _ in held}
    begin = ask.since if ask.since > "0000-00" else min(months, default=first)
    wanted: dict[str, set[str]] = {}
    month = max(begin, FIRST_MONTH)
    while month < first and month <= ask.until:
        if month not in months or any((month, f) not in held for f in ask.police_forces):
            edition = max(later(month, WINDOW - 1), LAST_WHOLE)
            wanted.setdefault(edition, set()).add(month)
        month = later(month, 1)
    return {edition: frozenset(months) for edition, months in sorted(wanted.items())}


def later(month: str, months: int) -> str:
    """A month so many months later, as YYYY-MM."""
    years, rest = divmod(int(month[:4]) * 12 + int(month[5:7]) - 1 + months, 12)
    return f"{years:04d}-{rest + 1:02d}"


def recognise(file: File, ask: Ask) -> Iterator[Reply]:
    """The street members of an archive, or one street file, unpacked by hand or read from afar."""
    if STREET.search(file.name):
        header(file)
        content = file.path.read_bytes()
        yield _reply(file.name, file.url, content, file.edition, file.token, ask)
        return
    if file.suffix != ".zip":
        raise SetAside("not a monthly archive (YYYY-MM.zip) nor a YYYY-MM-force-street.csv file")
    named = file.path.stem if re.fullmatch(r"\d{4}-\d{2}", file.path.stem) else file.edition
    edition = named or max(_months(name for name, _ in members(file)), default="")
    found = 0
    for name, archive in members(file):
        if match := STREET.search(name):
            found += 1
            if ask.wants(match["month"]):
                content = member_bytes(file, archive, name)
                token = archives.token(archive.getinfo(name))
                yield _reply(name, f"{file.url}!{name}", content, edition, token, ask)
    if not found:
        raise Fault(
            file.name,
            "the archive holds no file named YYYY-MM-force-street.csv",
            "Download the monthly archive, with street-level crime, from data.police.uk.",
        )


def _reply(name: str, url: str, content: bytes, edition: str, token: str, ask: Ask) -> Reply:
    """One force's month. A far force's broken file must not stop the place's refresh."""
    match = STREET.search(name)
    if match is None:
        raise SetAside("not named YYYY-MM-force-street.csv")
    spare = bool(ask.police_forces) and match["force"].lower() not in ask.police_forces
    # the publisher's own name, so that "Copy of 2025-06-..." is not a second month
    return Reply("street", match[0].lower(), url, content, edition, spare, token)
