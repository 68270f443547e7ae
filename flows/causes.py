"""Why figures may have moved between two releases: the files, boundaries and entries that are not
what they were, found from what two manifests say.

The newer of the two may be a refresh under way, as the manifest that it will have. An older
manifest may lack a word: then less is known of it, and nothing breaks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from flows.entries import Book
from flows.place_files import PLACE_FILES
from flows.returns.description import RETURNS

GROUND = ("ons_geography", "output_areas", "postcodes")  # what all localities rest on
NEW, REVISED = "new data", "publisher's revision"
BOUNDARY, METHOD = "new boundary", "method"
PROTECTED, UNKNOWN = "protection", "not known"
CAUSES = (NEW, REVISED, BOUNDARY, METHOD, PROTECTED, UNKNOWN)  # how the reason of a change begins

Manifest = Mapping[str, Any]
Cause = tuple[str, str]  # what it concerns, and the reason


def labels(book: Book) -> dict[str, Any]:
    """For the manifest: what the catalogue calls every source, and which are partners' returns."""
    return {
        "sources": {source: entry.label for source, entry in book.source.items()},
        "returns": [entry.id for entry in book.returns],
    }


def words(book: Book) -> dict[str, Any]:
    """The same; and which sources are events, what the kinds of locality are called, and which of
    them are drawn by deprivation."""
    kinds = book.place.area_kinds
    return labels(book) | {
        "events": [source.id for source in book.source.values() if source.rows == "events"],
        "kinds": {kind.id: kind.label for kind in kinds},
        "by_deprivation": [
            kind.id
            for kind in kinds
            if any(e.rule and "imd_decile" in e.rule.where for e in kind.editions)
        ],
    }


def completed(about: Manifest, book: Book | None) -> dict[str, Any]:
    """A manifest with the words that it lacks, as today's catalogue has them; without one, with
    identifiers instead."""
    entries = dict(about.get("entries", {}))
    for name, told in (words(book) if book else {}).items():
        entries.setdefault(name, told)
    kinds = dict(entries.get("area_kinds", {}))
    for edition in about.get("editions", ()):
        kinds.setdefault(edition["area_kind"], "")
    entries["area_kinds"] = kinds
    return {**about, "entries": entries}


def moved_sources(now: Manifest, last: Manifest) -> Iterator[Cause]:
    """The sources of which a file is new, or not the one it was; a return of a partner is a source
    of its own."""
    returns = _word(now, "returns")
    held, was = {one: {} for one in returns} | _files(now), _files(last)
    called = _word(now, "sources")
    for source, files in held.items() if was else ():
        if source == PLACE_FILES:
            continue
        before, label = was.get(source, {}), called.get(source, source)
        if any(files.get(name, "") != sha for name, sha in before.items()):
            yield source, f"{REVISED}: {label}"
        elif files.keys() - before.keys():
            yield source, f"{NEW}: {label}"


def moved_kinds(now: Manifest, last: Manifest) -> Iterator[Cause]:
    """The kinds of locality of which a boundary or list moved, or what all of them rest on."""
    was, held = _place_files(last), _place_files(now)
    files = {name for name, _ in was.items() ^ held.items()} if was else set()
    rules_before, called = _word(last, "area_kinds"), _word(now, "kinds")
    sources = _word(now, "sources")
    in_force = now.get("editions", ())
    was_in_force = last.get("editions", in_force)
    ground = [source for source, _ in moved_sources(now, last)]
    for kind, rule in _word(now, "area_kinds").items():
        label, before = called.get(kind, kind), rules_before.get(kind)
        mine = any(name.partition(".")[0].partition("@")[0] == kind for name in files)
        if mine or _editions(in_force, kind) != _editions(was_in_force, kind):
            yield kind, f"{BOUNDARY}: {label}"
        elif before and rule and before != rule:
            yield kind, f"{BOUNDARY}: {label}, by another rule"
        deprived = kind in _word(now, "by_deprivation")
        for source in ground:
            if source in GROUND or (deprived and source == "indices_of_deprivation"):
                yield kind, f"{BOUNDARY}: {sources.get(source, source)}"


def moved_indicators(now: Manifest, last: Manifest) -> Iterator[Cause]:
    """The indicators that are not made as they were: by entry, by window of months, by program."""
    was = _word(last, "indicators")
    same_catalogue = last.get("catalogue") == now.get("catalogue")
    same_program = last.get("code") == now.get("code")
    same_window = _window(last) == _window(now)
    for indicator, entry in _word(now, "indicators").items():
        # a release that kept no hashes: its catalogue as a whole is all that is known
        known = was and entry
        if was.get(indicator, entry) != entry if known else not same_catalogue:
            yield indicator, f"{METHOD}: the catalogue's entry changed"
        if not same_window:
            yield indicator, f"{METHOD}: other months were asked for"
        if not same_program:
            yield indicator, f"{METHOD}: the program changed"


def _word(about: Manifest, name: str) -> Any:
    return about.get("entries", {}).get(name) or {}


def _files(about: Manifest) -> dict[str, dict[str, str]]:
    """By source the hash of each of its files."""
    told: dict[str, dict[str, str]] = {}
    for snapshot in about.get("snapshots", ()):
        told.setdefault(snapshot["source"], {})[snapshot["name"]] = snapshot["sha256"]
    for name, sha256 in told.pop(RETURNS, {}).items():
        told.setdefault(name.partition(".")[0], {})[name] = sha256
    return told


def _place_files(about: Manifest) -> dict[str, str]:
    return _files(about).get(PLACE_FILES, {})


def _editions(listed: Iterable[Mapping[str, Any]], kind: str) -> list[list[str]]:
    told = ("edition", "valid_from", "valid_to")
    return sorted([str(e.get(k)) for k in told] for e in listed if e["area_kind"] == kind)


def _window(about: Manifest) -> list[str]:
    asked = about.get("request", {})
    return [asked.get(end, "") for end in ("since", "until")]


# in the order of the tables that the comparison reads: sources, kinds, indicators
MOVED = (moved_sources, moved_kinds, moved_indicators)
