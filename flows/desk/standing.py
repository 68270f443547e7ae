"""What the desk knows of a place and its data folder without building anything. No Prefect."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flows import catalogue, freshness
from flows.desk.choices import places
from flows.figures import plain
from flows.snapshots import Store


def place_of(data: Path, asked: str = "") -> str:
    """The place a desk is for: the one asked for, else the one that the data folder belongs to,
    else the first of those under ``geo/``."""
    mark = data / "place"
    owner = mark.read_text("utf-8").strip() if mark.exists() else ""
    known = places()
    return asked or (owner if owner in known else known[0])


def name_of(place: str) -> str:
    """What a place is called, without what is said once only; the word itself if unknown."""
    folder = catalogue.PLACES / place  # a path elsewhere stays what it is
    try:
        return plain(tomllib.loads((folder / "place.toml").read_text("utf-8"))["place"]["name"])
    except (OSError, ValueError, KeyError, TypeError):
        return Path(place).name


def sources(place: str, data: Path, themes: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """How each source that a place's themes need stands today (``freshness.standing``)."""
    book, store = catalogue.read(place, themes), Store(data / "snapshots")
    today, off = datetime.now(UTC).date(), book.switched_off()
    used = book.needed_sources()
    found = [freshness.standing(s, store, today, off=s.id in off) for s in used]
    return [source for source in found if source["state"] != "switched off"]


def bare(place: str) -> set[str]:
    """The indicators that count crimes: they are not told without the rate beside them. None is
    known of a place that is not here any more."""
    try:
        book = catalogue.read(next((p for p in places() if Path(p).name == place), place))
    except catalogue.CatalogueFaults:
        return set()
    return set(book.bare_counts)
