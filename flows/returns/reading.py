"""A kept return, opened: its description, and its rows under our column names."""

from __future__ import annotations

import csv
import io
import re
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

from pydantic import ValidationError

from flows.returns.description import Columns, Description, Sharing, misfits
from flows.sources.files import Fault
from flows.sources.partner_return import DESCRIPTION, ROWS
from flows.wording import sentence

PLACED = tuple(Columns.model_fields)
SAME = ("return_id", "placed_by", "each_row", "without_rows", "area_kind", "given_on", "period")


def describe(kept: Path, name: str) -> Description:
    """What a kept return says of itself; Fault with everything that is wrong with it."""
    with zipfile.ZipFile(kept) as archive:
        text = archive.read(DESCRIPTION).decode("utf-8-sig")
    file = f"{name.removesuffix('.zip')} (its .toml)"
    told = tomllib.loads(text)
    faults = []
    try:
        description = Description.model_validate(told)
        faults = list(misfits(description))
    except ValidationError as why:
        faults = [sentence(e, Description, told) for e in why.errors()]
        if told.get("tier") in get_args(Sharing):
            faults.append("'tier' is whose job it is; who may see it is 'sharing'.")
    if faults:
        raise Fault(file, " ".join(faults).rstrip("."), "Mend the description.")
    return description


def unpack(kept: Path, name: str, folder: Path) -> tuple[Path, dict[str, Any]]:
    """The rows of a kept return as a CSV under our column names, in a folder, and its layout."""
    told = describe(kept, name)
    with zipfile.ZipFile(kept) as archive:
        text = _decoded(archive.read(ROWS), told)
    path = folder / "rows.csv"
    with path.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows(_ours(text, told))
    columns = {column: [column] for column in (*SAME[:-1], *PLACED)}
    shape = {"format": "csv", "columns": columns, "optional": {}, "names": [], "wide": False}
    return path, shape


def _decoded(content: bytes, told: Description) -> str:
    """UTF-8 or, as old Excel writes it, Windows' cp1252."""
    if b"\0" in content:
        raise _fault(told, "it is not plain text, or in UTF-16", "Save it as CSV UTF-8.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _ours(text: str, told: Description) -> Iterator[list[str]]:
    """Our header, then a record for each of the file's records, so that the numbers agree."""
    records = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        found = next(records, [])
        header = [_plain(cell) for cell in found]
        wanted = {our: theirs for our, theirs in told.columns if theirs is not None}
        absent = [theirs for theirs in wanted.values() if _plain(theirs) not in header]
        if absent:
            raise _no_column(told, absent, found)
        doubled = [theirs for theirs in wanted.values() if header.count(_plain(theirs)) > 1]
        if doubled:
            mend = "Rename one of them."
            raise _fault(told, f"two of its columns are called '{doubled[0]}'", mend)
        at = {our: header.index(_plain(theirs)) for our, theirs in wanted.items()}
        each_row = "a number" if told.columns.count else "one"
        same = [told.id, told.by, each_row, told.without_rows, told.area_kind]
        same.append(told.given_on.isoformat())
        yield [*SAME[:-1], *PLACED]
        for record in records:
            cells = {our: record[i].strip() if i < len(record) else "" for our, i in at.items()}
            if told.period:
                cells["period"] = told.period
            yield [*same, *(cells.get(our, "") for our in PLACED)] if record else []
    except csv.Error as why:
        mend = "Save the sheet as CSV again."
        raise _fault(told, f"line {records.line_num} is no CSV ({why})", mend) from why


def _no_column(told: Description, absent: list[str], header: list[str]) -> Fault:
    shown = ", ".join(f"'{cell}'" for cell in header[:8])
    named = ", nor ".join(f"'{column}'" for column in absent)
    if len(header) == 1 and re.search(r"[;\t]", header[0]):
        return _fault(
            told, "its columns have no commas between them", "Save it as CSV (comma delimited)."
        )
    mend = "Write the columns into its .toml as they stand in the file's first row."
    return _fault(told, f"it has no column {named}; its columns are {shown}", mend)


def _fault(told: Description, wrong: str, mend: str) -> Fault:
    return Fault(f"{told.id} (its .csv)", wrong, mend)


def _plain(header: str) -> str:
    return re.sub(r"\s+", " ", header).strip().lower()
