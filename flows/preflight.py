"""``evidence check``: a place's boundaries, lists and rules tried before anything is pulled.

Nothing is written into the data folder: what is needed of it is linked into a temporary one.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from flows import place_files, staging, warehouse
from flows.entries import Book
from flows.jobs import Job, job
from flows.pull import Pulled, pull
from flows.requested import PERIOD, Request
from flows.snapshots import INDEX
from flows.sources import SOURCES
from geo import boundaries

GROUND = ("ons_geography", "output_areas", "indices_of_deprivation")


@dataclass
class Findings:
    """What ``check`` says: lines to read, and faults to mend."""

    lines: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def survey_place(book: Book, place: str, data: Path, inbox: str) -> Findings:
    """Every edition of every kind read and checked against the small areas in hand."""
    found = Findings()
    with _trial(place, data, inbox, book) as (trial, faults):
        found.faults += faults
        found.lines += [*_files(trial), *trial.remarks]
        if not trial.store.current("ons_geography"):
            found.lines.append(
                "boundaries and lists: not checked, for no lookup of small areas is in hand."
                " Give --inbox, or refresh once."
            )
            return found
        from flows.survey import survey
        from sql import models

        with models.connect(spatial=False, threads=1) as con:  # many small tables
            staging.load(con, trial.book, trial.store, trial.staged)
            warehouse.load_catalogue(con, trial.book, None, None, {})
            try:
                made, _, remarks = survey(
                    con, trial.book, trial.store, trial.files, trial.staged, trial.chosen
                )
            except boundaries.BoundaryFaults as why:
                found.faults += why.faults
                return found
    found.lines += remarks
    for kind in made:
        edition = f", edition {kind.edition}" if kind.edition else ""
        by = "polygons" if kind.polygons is not None else kind.rule
        found.lines.append(f"{kind.id}{edition}: {len(kind.names)} areas by {by}")
    return found


def mend(place: str, inbox: str, out: Path) -> Findings:
    """The polygons of every kind, mended as far as a program may, written to ``out``."""
    from geo import repairs

    found, layers = Findings(), {}
    with _trial(place, Path(), inbox) as (trial, _):
        for one in trial.chosen:
            spec = one.edition.polygons
            if spec is None or one.key not in trial.files:
                continue
            snapshot = trial.files[one.key]
            path = trial.store.path(snapshot)
            layer, done, left = repairs.mend(
                path,
                spec.code,
                spec.name,
                spec.layer,
                partition=one.kind.partition,
                kind_id=one.kind.id,
            )
            layers[one.key] = layer
            found.lines += [line.replace(path.name, snapshot.url) for line in done]
            found.faults += [line.replace(path.name, snapshot.url) for line in left]
        if not layers:
            found.faults.append(f"{place}: no boundary file is in hand, so there is none to mend.")
            return found
        repairs.write_mended(layers, out)
    found.lines.append(f"Written: {out}. Look at it in QGIS before you use it.")
    return found


@contextmanager
def _trial(
    place: str, data: Path, inbox: str, book: Book | None = None
) -> Iterator[tuple[Job, list[str]]]:
    """A job in a temporary folder, with the place's files and the ground they lie on in hand, and
    what is wrong with the files of that ground."""
    with tempfile.TemporaryDirectory() as folder:
        asked = Request(place=place, data=folder, inbox=inbox, offline=True, boundaries=PERIOD)
        trial = job(asked, book)
        needed = {"ons_geography", *trial.book.place.needed_sources()} & set(GROUND)
        for source in (*needed, place_files.PLACE_FILES):
            for part in ("snapshots", "staged"):
                if data != Path() and (data / part / source).is_dir():
                    shutil.copytree(
                        data / part / source, Path(folder) / part / source, copy_function=_link
                    )
        with ThreadPoolExecutor() as at_once:
            pulled = list(at_once.map(partial(_pull, trial), sorted(needed)))
        faults = [fault for one in pulled for fault in one.faults]
        kept = place_files.keep_files(trial.book, trial.store, trial.inbox, trial.chosen)
        yield replace(trial, files=kept.files), faults


def _pull(trial: Job, source: str) -> Pulled:
    """What lies in the inbox of one source, kept and staged."""
    stage = staging.stager(trial.book.source[source], trial.store, trial.staged, threads=1)
    return pull(source, SOURCES[source], trial.store, trial.ask(), trial.inbox, None, stage)


def _link(source: str, target: str) -> str:
    """A hard link where there can be one; the index is copied, for lines are added to it."""
    try:
        if not source.endswith(INDEX):
            os.link(source, target)
            return target
    except OSError:
        pass
    return str(shutil.copy2(source, target))


def _files(trial: Job) -> Iterator[str]:
    """For each edition that a file defines: the file, or where to put it."""
    for one in trial.chosen:
        if one.edition.file:
            held = trial.files.get(one.key)
            put = f"not here (the inbox may have it). {one.edition.where_to_put}".rstrip()
            yield f"{one.key}: {held.url if held else put}"
