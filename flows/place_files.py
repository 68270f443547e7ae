"""The place's own boundary files and lists: found, kept like any reply, accepted once proved."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from flows.entries import Book
from flows.snapshots import Snapshot, Store
from geo import areas

PLACE_FILES = "place_files"  # their name among the snapshots


def keep_files(book: Book, store: Store, inbox: Path | None) -> dict[str, Snapshot]:
    """The file of each kind that has one, by kind: newly kept from the inbox or the place's folder,
    else the one accepted last. They are accepted (``accept``) once they proved whole.
    """
    files = {s.table: s for s in store.current(PLACE_FILES).values()}
    for kind in book.place.area_kinds:
        wanted = kind.membership or kind.polygons
        path = _find(wanted.file, book, inbox) if wanted else None
        if path is not None:
            name = kind.id + (".shp.zip" if path.suffix == ".shp" else path.suffix)
            content = _shapefile(path) if path.suffix == ".shp" else path
            where = f"{path.parent.name}/{path.name}"
            files[kind.id] = store.keep(PLACE_FILES, kind.id, name, where, content, "")
    return files


def accept(files: dict[str, Snapshot], store: Store) -> None:
    """Enter the place's files, now that the kinds could be made from them."""
    for snapshot in files.values():
        store.accept(snapshot)


def _find(pattern: str, book: Book, inbox: Path | None) -> Path | None:
    """The one file that fits: in the inbox's folder of the place first, then in the place's own."""
    for folder in (*((inbox / book.place.id,) if inbox else ()), book.place_folder):
        found = sorted(folder.glob(pattern))
        if len(found) > 1:
            names = ", ".join(f.name for f in found)
            raise areas.BoundaryFaults(
                [
                    f"{folder.name}/{pattern}: {len(found)} files fit ({names})."
                    " Leave the one to use."
                ]
            )
        if found:
            return found[0]
    return None


def _shapefile(path: Path) -> bytes:
    """A shapefile's parts in one zip, for it is one boundary layer in four files or more."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as bundle:
        for part in sorted(path.parent.glob(f"{path.stem}.*")):
            entry = zipfile.ZipInfo(part.name)
            bundle.writestr(entry, part.read_bytes())
    return out.getvalue()
