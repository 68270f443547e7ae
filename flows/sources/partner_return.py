"""What a partner hands over: ``<name>.csv`` and, beside it, ``<name>.toml`` that says what it is.

Both are kept together, as they came, under the id that the description gives; a newer hand-over of
the same id replaces the older one. There is nothing to ask on the network.
"""

from __future__ import annotations

import io
import re
import tomllib
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from flows.sources.files import Ask, Fault, File, Reply, SetAside, first_bytes
from flows.sources.web import Web

ROWS, DESCRIPTION = "return.csv", "return.toml"  # as they are called once kept
COPY = "geo/exampleshire/inbox/partner_return/noise_complaints.toml is one to copy"
LARGEST = 100 << 20  # bytes
NEVER = (1980, 1, 1, 0, 0, 0)  # the time stamp of a member: the same files give the same bytes


def fetch(web: Web, ask: Ask) -> Iterator[File]:
    """Nothing: partners hand over, they do not serve."""
    yield from ()


def recognise(file: File, ask: Ask) -> Iterator[Reply]:
    """A CSV with its description; the description alone is a Fault, and so is the CSV."""
    if file.suffix == ".toml":
        if _beside(file, ".csv") is None:
            raise Fault(
                file.name,
                "it describes a return that is not there",
                f"Put the partner's figures beside it as {file.path.stem}.csv, or take it away.",
            )
        return
    if file.suffix != ".csv":
        raise SetAside("not a CSV file. Save the partner's sheet as CSV UTF-8")
    described = _beside(file, ".toml")
    if described is None:
        raise Fault(
            file.name,
            "nothing says what it counts and who may see it",
            f"Write {file.path.stem}.toml beside it: {COPY}.",
        )
    if file.path.stat().st_size > LARGEST:
        raise Fault(file.name, "it is over 100 MB", "Ask for counts in place of a list.")
    first_bytes(file, "a CSV file")
    name, given_on = _identity(described)
    content = _together(described.read_bytes(), file.path.read_bytes())
    yield Reply("handed_over", f"{name}.zip", file.url, content, given_on.isoformat())


def _beside(file: File, suffix: str) -> Path | None:
    """The other half, by the same name; Windows writes endings in capitals too."""
    for other in sorted(file.path.parent.iterdir()):
        if other.stem == file.path.stem and other.suffix.lower() == suffix:
            return other
    return None


def _identity(described: Path) -> tuple[str, date]:
    """The id and the day of a return: what it is kept by. All else is read later."""
    try:
        found = tomllib.loads(described.read_bytes().decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as why:
        raise Fault(described.name, f"it is not valid TOML ({why})", "Mend that line.") from why
    name, given_on = found.get("id"), found.get("given_on")
    if not isinstance(name, str) or not re.fullmatch(r"[a-z][a-z0-9_]{0,59}", name):
        raise Fault(
            described.name,
            f"id {name!r:.60} is no identifier" if name else "it has no id",
            'Write one of small letters, digits and _, like id = "noise_complaints".',
        )
    if type(given_on) is not date:
        raise Fault(
            described.name,
            "given_on is not a day",
            "Write the day of the hand-over without quotes, like given_on = 2026-01-31.",
        )
    return name, given_on


def _together(description: bytes, rows: bytes) -> bytes:
    """Both files in one archive, each byte for byte."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, content in ((DESCRIPTION, description), (ROWS, rows)):
            info = zipfile.ZipInfo(name, NEVER)
            info.create_system = 3
            archive.writestr(info, content)
    return out.getvalue()
