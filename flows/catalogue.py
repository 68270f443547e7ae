"""The catalogue: themes, indicators, sources and a place, read from TOML (models: ``entries.py``).

Every fault in every file is found in one reading and said with file, entry, what is wrong and the
nearest known word (:class:`CatalogueFaults`).
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from flows.entries import Book, Break, Indicator, Source, Theme
from flows.misfits import break_misfits, indicator_misfits, place_misfits
from flows.places import AreaKind, Footprint, Model, Place, misfits
from flows.wording import nearest, sentence

HERE = Path(__file__).parent
THEMES = HERE / "themes"
SOURCES = HERE / "sources"
PLACES = HERE.parent / "geo"
BREAKS = HERE / "breaks.toml"
KINDS = (
    "priority_neighbourhood",
    "community_forum_area",
    "town",
    "rural_area",
    "district",
    "place",
)
M = TypeVar("M", bound=Model)


class CatalogueFaults(Exception):
    """All that is wrong with the catalogue or the place, a sentence each."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        super().__init__("\n".join(faults))


def read(
    place: str,
    themes: tuple[str, ...] = (),
    *,
    areas: Path | None = None,
    themes_folder: Path | None = None,
    sources_folder: Path | None = None,
    places_folder: Path | None = None,
    breaks_file: Path | None = None,
) -> Book:
    """The book for a place (a name under ``geo/`` or a folder), theme ids, and a file of areas to
    add for this run; CatalogueFaults if any."""
    reader = _Reader()
    sources = list(reader.sources(sources_folder or SOURCES))
    all_themes, indicators = reader.themes(themes_folder or THEMES, sources)
    breaks = reader.breaks(breaks_file or BREAKS, {s.id: s for s in sources})
    folder = reader.place_folder(place, places_folder or PLACES)
    the_place = reader.place(folder) if folder else None
    if areas is not None:
        the_place = reader.with_areas(the_place, areas)
    for theme in themes:
        known = [t.id for t in all_themes]
        if theme not in known:
            reader.faults.append(
                f"--themes: '{theme}' is not a theme.{nearest(theme, known)}"
                f" Known: {', '.join(known)}."
            )
    if the_place:
        reader.faults += place_misfits(the_place, sources, indicators, KINDS)
    if reader.faults or the_place is None or folder is None:
        raise CatalogueFaults(reader.faults)
    chosen = [i for i in indicators if not themes or set(i.themes) & set(themes)]
    return Book(
        themes=tuple(t for t in all_themes if not themes or t.id in themes),
        indicators=tuple(chosen),
        sources=tuple(sources),
        place=the_place,
        place_folder=folder,
        areas_folder=areas.resolve().parent if areas else None,
        added=frozenset(reader.added),
        version=reader.digest.hexdigest()[:16],
        breaks=tuple(b for b in breaks if b.concerns(the_place)),
    )


class _Reader:
    """Reads file after file and gathers every fault on the way."""

    def __init__(self) -> None:
        self.faults: list[str] = []
        self.digest = hashlib.sha256()
        self.added: set[str] = set()  # kinds of the file that --areas names
        self.unread: set[str] = set()  # sources and themes whose own fault is told already

    def toml(self, path: Path) -> dict[str, Any] | None:
        content = path.read_bytes()
        self.digest.update(path.name.encode() + b"\0" + content + b"\0")
        try:
            return tomllib.loads(content.decode("utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as why:
            self.faults.append(f"{_short(path)}: it is not valid TOML ({why}). Mend that line.")
            self.unread.add(path.stem)
            return None

    def entry(self, read: dict[str, Any], key: str, path: Path) -> dict[str, Any]:
        """The one ``[key]`` of a file, taken out of what was read."""
        found = read.pop(key, {})
        if isinstance(found, dict):
            return found
        self.faults.append(f"{_short(path)}: {key} is not one entry. Write [{key}], once.")
        return {}

    def lists(self, read: dict[str, Any], keys: tuple[str, ...], path: Path) -> dict[str, Any]:
        """The ``[[key]]`` entries under our plural; the plural itself is no entry of a file."""
        for key in keys:
            if read.pop(f"{key}s", None) is not None:
                self.faults.append(f"{_short(path)}: unknown entry '{key}s'. Did you mean '{key}'?")
        return {f"{key}s": read.pop(key, []) for key in keys}

    def model(self, kind: type[M], data: Any, where: str) -> M | None:
        try:
            return kind.model_validate(data)
        except ValidationError as why:
            self.faults += [f"{where}: {sentence(e, kind, data)}" for e in why.errors()]
            return None

    def sources(self, folder: Path) -> Iterator[Source]:
        for path in sorted(folder.glob("*.toml")):
            read = self.toml(path)
            if read is None:
                continue
            lists = self.lists(read, ("table", "measure", "known_gap"), path)
            data = {"id": path.stem, **lists, **self.entry(read, "source", path), **read}
            source = self.model(Source, data, _short(path))
            if source is None:
                self.unread.add(path.stem)
            else:
                self.twice([m.id for m in source.measures], f"{_short(path)}: measure")
                yield source

    def themes(self, folder: Path, sources: list[Source]) -> tuple[list[Theme], list[Indicator]]:
        themes, indicators, homes = [], [], []
        for path in sorted(folder.glob("*.toml")):
            read = self.toml(path)
            if read is None:
                continue
            theme = self.model(Theme, read.pop("theme", {}), f"{_short(path)}, [theme]")
            entries = read.pop("indicator", [])
            for unknown in read:
                known = nearest(unknown, ["theme", "indicator"])
                self.faults.append(f"{_short(path)}: unknown entry [{unknown}].{known}")
            if theme:
                themes.append(theme)
            else:
                self.unread.add(path.stem)
            for entry in entries if isinstance(entries, list) else [entries]:
                name = entry.get("id", "without an id") if isinstance(entry, dict) else entry
                where = f"{_short(path)}, indicator '{name}'"
                indicator = self.model(Indicator, entry, where)
                if indicator and theme:
                    others = tuple(t for t in indicator.themes if t != theme.id)
                    indicators.append(indicator.model_copy(update={"themes": (theme.id, *others)}))
                    homes.append(where)
        self.twice([t.id for t in themes], "flows/themes: theme")
        self.twice([i.id for i in indicators], "flows/themes: indicator")
        known_themes = [t.id for t in themes]
        for indicator, where in zip(indicators, homes, strict=True):
            found = indicator_misfits(
                indicator, {s.id: s for s in sources}, known_themes, self.unread
            )
            self.faults += [f"{where}: {sentence}" for sentence in found]
        return themes, indicators

    def breaks(self, path: Path, sources: dict[str, Source]) -> list[Break]:
        read, found = self.toml(path) or {}, []
        entries = self.lists(read, ("break",), path)["breaks"]
        for unknown in read:
            self.faults.append(f"{_short(path)}: unknown entry [{unknown}]. It takes [[break]].")
        for number, data in enumerate(entries if isinstance(entries, list) else [entries], 1):
            where = f"{_short(path)}, break {number}"
            entry = self.model(Break, data, where)
            if entry and entry.source not in self.unread:
                found.append(entry)
                self.faults += [f"{where}: {fault}" for fault in break_misfits(entry, sources)]
        return found

    def place_folder(self, name: str, places: Path) -> Path | None:
        for folder in (places / name, Path(name)):
            if (folder / "place.toml").is_file():
                return folder.resolve()
        known = sorted(p.parent.name for p in places.glob("*/place.toml"))
        self.faults.append(
            f"--place: no place '{name}' (a folder with a place.toml).{nearest(name, known)}"
            f" Known: {', '.join(known)}."
        )
        return None

    def place(self, folder: Path) -> Place | None:
        path = folder / "place.toml"
        read = self.toml(path)
        if read is None:
            return None
        kinds = self.lists(read, ("area_kind",), path)
        data = {"id": folder.name.lower(), **kinds, **self.entry(read, "place", path), **read}
        place = self.model(Place, data, _short(path))
        if place is None:
            return None
        self.twice([k.id for k in place.area_kinds], f"{_short(path)}: area_kind")
        whole = next((k.rule for k in place.area_kinds if k.id == "place"), None)
        if whole is None or whole.group_by != "place" or whole.where:
            self.faults.append(
                f'{_short(path)}: no [[area_kind]] with id = "place" that is all of it. Give it'
                ' rule = { group_by = "place" }: every figure is set against the whole place.'
            )
        self.kinds(place.area_kinds, path)
        return place

    def kinds(self, kinds: tuple[AreaKind, ...], path: Path) -> None:
        for kind in kinds:
            where = f"{_short(path)}, area_kind '{kind.id}'"
            self.faults += [f"{where}: {fault}" for fault in misfits(kind)]

    def with_areas(self, place: Place | None, path: Path) -> Place | None:
        """The place with the kinds of another file beside its own."""
        if not path.is_file():
            self.faults.append(f"--areas: {path} is not a file.")
            return place
        read = self.toml(path)
        if read is None:
            return place
        data = {**self.lists(read, ("area_kind",), path), **read}
        added = self.model(Footprint, data, _short(path))
        if added is None or place is None:
            return place
        self.kinds(added.area_kinds, path)
        both = (*place.area_kinds, *added.area_kinds)
        self.twice([k.id for k in both], f"{_short(path)}: area_kind")
        codes = [a.code for a in (*place.authorities, *place.beyond, *added.beyond)]
        self.twice(codes, f"{_short(path)}: authority")
        self.added = {k.id for k in added.area_kinds}
        return place.model_copy(
            update={"area_kinds": both, "beyond": (*place.beyond, *added.beyond)}
        )

    def twice(self, ids: list[str], where: str) -> None:
        for found in sorted({i for i in ids if ids.count(i) > 1}):
            self.faults.append(f"{where} '{found}' stands twice. Give one of them another id.")


def _short(path: Path) -> str:
    """A file as a reader of the project knows it: with its folder, without the machine's path."""
    return "/".join(path.parts[-3:] if path.parts[-3:-2] == ("flows",) else path.parts[-2:])
