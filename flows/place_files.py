"""The place's own boundary files and lists: found, kept like any reply, accepted once proved."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from flows.entries import Book
from flows.kinds import Chosen
from flows.snapshots import Snapshot, Store
from flows.sources import ons_geography
from flows.sources.files import Fault
from flows.sources.web import Web
from geo import boundaries

PLACE_FILES = "place_files"  # their name among the snapshots


@dataclass(frozen=True)
class Kept:
    """The place's files by edition, and why some could not be had from the portal."""

    files: dict[str, Snapshot]
    lacking: list[str]


def keep_files(
    book: Book, store: Store, inbox: Path | None, chosen: list[Chosen], web: Web | None = None
) -> Kept:
    """The file of each edition that has one, by its key: newly kept from the inbox or the place's
    folder, else the one accepted last, else pulled from the portal where that is named (an
    official layer never changes under its name). They are accepted once they proved whole.
    """
    held = {s.table: s for s in store.current(PLACE_FILES).values()}
    files: dict[str, Snapshot] = {}
    faults: list[str] = []
    lacking: list[str] = []
    for one in chosen:
        key, pattern = one.key, one.edition.file
        portal = one.edition.polygons.portal if one.edition.polygons else ""
        found = _find(pattern, one, book, inbox) if pattern else []
        if len(found) > 1:
            names = ", ".join(f.name for f in found)
            many = f"{found[0].parent.name}/{pattern}: {len(found)} files fit ({names})."
            faults.append(f"{many} Leave the one to use.")
        path = found[0] if found else None
        if path is not None:
            name = key + (".shp.zip" if path.suffix == ".shp" else path.suffix)
            content = _shapefile(path) if path.suffix == ".shp" else path
            where = f"{path.parent.name}/{path.name}"
            files[key] = store.keep(PLACE_FILES, key, name, where, content, "")
        elif pattern and key in held and _fits(held[key], pattern, portal):
            files[key] = held[key]
        elif portal and web is not None:
            try:
                file = ons_geography.layer(web, portal)
            except Fault as why:
                lacking.append(f"{one.kind.label} could not be pulled from the portal. {why}")
                continue
            files[key] = store.keep(PLACE_FILES, key, f"{key}.geojson", file.url, file.path, "")
    if faults:
        raise boundaries.BoundaryFaults(faults)
    return Kept(files, lacking)


def accept(files: dict[str, Snapshot], store: Store) -> None:
    """Enter the place's files, now that the kinds could be made from them."""
    for snapshot in files.values():
        store.accept(snapshot)


def _fits(held: Snapshot, pattern: str, portal: str) -> bool:
    """Whether a file kept earlier is the one that is asked for now."""
    pulled = portal and held.url == ons_geography.LAYER.format(service=portal)
    name = held.url.rpartition("/")[2]
    return bool(pulled) or fnmatch(name, pattern.rpartition("/")[2])


def _find(pattern: str, one: Chosen, book: Book, inbox: Path | None) -> list[Path]:
    """The files that fit, in the first folder that has one: the inbox's for the place, then the
    place's own. What ``--areas`` adds has its files beside that file, and the place's kinds never
    have them there: else a proposal would change what it is set against."""
    beside = (inbox / book.place.id if inbox else None, book.place_folder)
    for folder in (book.areas_folder, *beside) if one.added else beside:
        if folder is None:
            continue
        home = folder.resolve()
        found = (f for f in folder.glob(pattern) if f.is_file())
        if fitting := sorted(f for f in found if f.resolve().is_relative_to(home)):
            return fitting
    return []


def _shapefile(path: Path) -> bytes:
    """A shapefile's parts in one zip, for it is one boundary layer in four files or more."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as bundle:
        for part in sorted(path.parent.glob(f"{path.stem}.*")):
            entry = zipfile.ZipInfo(part.name)
            bundle.writestr(entry, part.read_bytes())
    return out.getvalue()
