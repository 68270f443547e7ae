"""Which rows of which files a figure is made of, and who published and kept them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from flows.figures import many, number

Row = dict[str, Any]
REPLIES, OF_ONE_SOURCE = 5, 2  # kept replies that a page names, of all and of one source
LICENCES = {"OGL-UK-3.0": "Open Government Licence v3.0"}
WIDTH = 100
FEW = 0.05  # share of the rows below which a file is not told month by month


def rows(chain: Row) -> Iterator[str]:
    """How many rows of which files, and some to look up."""
    told = chain["rows"]
    if told is None and chain["handed_over"]:
        yield f"They are in the return that the partner handed over: ask {chain['handed_over']}."
        return
    if told is None:
        yield (
            "They can be listed only for the newest refresh: warehouse.duckdb does not hold this"
            " figure. The release still names its files, below."
        )
        return
    if "events" in told:
        yield from _of_events(told["events"], has_header=chain["source"]["has_header"])
    for part in told.get("figures", []):
        yield from _of_small_areas(part, chain)
    for row in told.get("published", []):
        value = number(float(row["publisher_value"]))
        yield f"    row {row['row_number']} of {row['file']}: {value}"


def _of_events(told: Row, *, has_header: bool) -> Iterator[str]:
    """Rows by month and file: files that differ in their month only are told together, and those of
    few rows in short."""
    families: dict[str, dict[str, int]] = {}
    for row in told["by_file"]:
        month = row["month"].isoformat()[:7]
        family = re.sub(rf"^{month}(?=-)", "<month>", row["file"])
        families.setdefault(family, {})[month] = row["rows"]
    points = many(told["map_points"], "map point")
    yield f"{many(told['counted'], 'row')}, at {points}. By month, in the kept files:"
    few = []
    for family, months in families.items():
        if sum(months.values()) < FEW * told["counted"]:
            few.append(f"{sum(months.values()):,} of {family} ({many(len(months), 'month')})")
        else:
            shown = ", ".join(f"{month}:\u00a0{rows:,}" for month, rows in months.items())
            yield f"{family}: {shown}."
    if few:
        yield f"Besides: {', '.join(few)}."
    first = "is the first below the header" if has_header else "is the file's first line"
    if told["examples"]:
        yield f"The newest of them (row 1 {first}), with the easting and northing of the point:"
    for row in told["examples"]:
        what = row["kind"] if row["amount"] is None else f"£{number(row['amount'])}"
        at = f"{row['easting']:.0f},{row['northing']:.0f}"
        yield f"    row {row['row_number']} of {row['file']}: {what}, at {at}"


def _of_small_areas(part: Row, chain: Row) -> Iterator[str]:
    """The files of a numerator or denominator, and its largest rows."""
    what = chain["measure" if part["part"] == "numerator" else "denominator"]["label"]
    files = " and ".join(
        f"of {many(row['small_areas'], 'small area')} of {row['vintage']} in {row['file']}"
        for row in part["files"]
    )
    if not part["examples"]:
        files = files or "of the MSOAs that it lies in, each shared out by residents"
        yield f"{what}, {part['period']}: figures {files}."
        return
    largest = [
        f"{number(row['publisher_value'])} in row\u00a0{row['row_number']}"
        f" ({row['small_area_code']})"
        for row in part["examples"]
    ]
    columns = {(row["publisher_column"], row["columns"]) for row in part["examples"]}
    column, count = min(columns, default=("", 0))
    named = f"column '{column}'" if count == 1 else f"{count} columns, the first '{column}'"
    yield (
        f"{what}, {part['period']}: figures {files}. The largest: {' and '.join(largest)}; {named}."
    )


def origin(chain: Row) -> Iterator[str]:
    """Publishers, caveats, the people to ask, and the kept replies."""
    entry, sources = chain["indicator"], [chain["source"], chain["denominator_source"]]
    for source in (s for s in sources if s):
        licence = LICENCES.get(source["licence"], source["licence"])
        yield f"{source['label']}, by {source['publisher']} ({licence}): {source['page']}"
    for caveat in dict.fromkeys(c for c in (entry["caveat"], chain["source"]["caveat"]) if c):
        yield f"Mind: {caveat}"
    yield f"Why it matters: {entry['why']}"
    yield f"Who answers for it: {entry['owner']} ({entry['tier']})."
    replies = chain["snapshots"]
    kept = many(len(replies), "kept reply", "kept replies")
    yield f"In release {chain['release']} it rests on {kept} (source, sha256, day, address):"
    shown = _foremost(replies, _used(chain["rows"] or {}))
    for one in shown:
        yield _reply(one)
    if len(replies) > len(shown):
        yield f"    and {len(replies) - len(shown)} more: --json and manifest.json list them all"


def _used(told: Row) -> set[str]:
    """The names of the files whose rows are counted, as far as the warehouse tells."""
    used = {row["file"] for row in (told.get("events") or {}).get("by_file", [])}
    used |= {row["file"] for part in told.get("figures", []) for row in part["files"]}
    return used | {row["file"] for row in told.get("published", [])}


def _foremost(replies: list[Row], used: set[str]) -> list[Row]:
    """The replies to name, a few of each source: those whose rows are counted, where that is
    known."""
    known = {r["source"] for r in replies if r["name"] in used}
    found: list[Row] = []
    for one in sorted(replies, key=lambda r: r["name"] not in used):
        of_source = sum(f["source"] == one["source"] for f in found)
        if of_source < OF_ONE_SOURCE and (one["name"] in used or one["source"] not in known):
            found.append(one)
    return found[:REPLIES]


def _reply(one: Row) -> str:
    """A kept reply in one line; an address that is too long loses its end, which is mostly the name
    again."""
    head = f"    {one['name']}  {one['source']} {one['sha256'][:12]}  {one['fetched_at'][:10]}  "
    url, room = one["url"], WIDTH - len(head)
    return head + (url if len(url) <= room else f"{url[: max(room - 3, 0)]}...")
