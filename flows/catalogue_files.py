"""The catalogue as it was: the TOML files behind a release, kept like any reply, and read again."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

from flows import catalogue
from flows.entries import Book
from flows.snapshots import Snapshot, Store

SOURCE, NAME = "catalogue", "catalogue.zip"
THEMES, SOURCES, BREAKS, PLACES = "themes", "sources", "breaks.toml", "places"


def keep(book: Book, store: Store) -> Snapshot:
    """Keep the themes, sources, breaks and the place that a book was read from, in one file: the
    same files give the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as bundle:
        for name, path in sorted(_files(book)):
            bundle.writestr(zipfile.ZipInfo(name), path.read_bytes(), zipfile.ZIP_DEFLATED)
    kept = store.keep(SOURCE, SOURCE, NAME, "", out.getvalue(), "")
    store.accept(kept)
    return kept


def read(kept: Path, place: str, themes: tuple[str, ...], folder: Path) -> Book:
    """The book that was read from kept files, which are unpacked into a folder."""
    with zipfile.ZipFile(kept) as bundle:
        for name in bundle.namelist():
            path = folder / name
            if not path.resolve().is_relative_to(folder.resolve()):
                raise ValueError(f"{kept}: {name} is not a file of a catalogue.")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(bundle.read(name))
    return catalogue.read(
        place,
        themes,
        themes_folder=folder / THEMES,
        sources_folder=folder / SOURCES,
        places_folder=folder / PLACES,
        breaks_file=folder / BREAKS,
    )


def _files(book: Book) -> Iterator[tuple[str, Path]]:
    for name, home in ((THEMES, catalogue.THEMES), (SOURCES, catalogue.SOURCES)):
        yield from ((f"{name}/{path.name}", path) for path in home.glob("*.toml"))
    yield BREAKS, catalogue.BREAKS
    place = book.place_folder
    yield f"{PLACES}/{place.name}/place.toml", place / "place.toml"
