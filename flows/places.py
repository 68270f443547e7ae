"""What a place.toml may say: its authorities, its kinds of locality, and the editions of their
boundaries."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
Sentence = Annotated[str, StringConstraints(min_length=1)]
EVER = date(1, 1, 1), date(9999, 12, 31)


class Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Listed(Model):
    """An area of a list that is written into place.toml itself."""

    code: Sentence
    name: Sentence
    members: tuple[Sentence, ...] = Field(min_length=1)


class Membership(Model):
    """A list of what each area is made of: a CSV with a row for each member, or ``areas``.

    ``of`` says what the members are codes of, with their vintage: oa21, lsoa21, lsoa11, wd24
    (wards as the lookup in hand has them), authority, or another kind of locality.
    """

    of: Identifier = "lsoa21"
    file: str = ""
    areas: tuple[Listed, ...] = ()
    member: str = ""  # the column of the members' codes, if not <of>_code
    code: str = "area_code"
    name: str = "area_name"
    where_to_put: str = ""

    @property
    def member_column(self) -> str:
        return self.member or f"{self.of}_code"


class Polygons(Model):
    """A boundary file (GeoJSON, GeoPackage or shapefile), or a layer of the ONS Open Geography
    Portal by its service name.

    ``assign`` is how small areas fall into the polygons: whole, by their population-weighted
    centroid; by the share of their people, households or children; or, as the last resort, of
    their ground.
    """

    file: str = ""
    portal: str = Field("", pattern=r"^[A-Za-z0-9_]*$")
    code: Sentence
    name: Sentence
    layer: str = ""
    assign: Literal["centroid", "population_share", "area_share"] = "centroid"
    where_to_put: str = ""


class Rule(Model):
    """Small areas chosen by what is known of them and gathered by authority, into one area, or
    with those that they adjoin.

    ``where`` is like ``imd_decile <= 2 and ruc21 in (UN1, UF1)``; empty takes all. A group of
    adjoining small areas has the name that ``names`` gives to any one of them.
    """

    where: str = ""
    group_by: Literal["authority", "place", "adjoining"]
    code: str = "{group}"
    name: str = "{group}"
    names: dict[str, str] = {}


class Definition(Model):
    """Where the boundaries of a kind come from: one of three ways."""

    membership: Membership | None = None
    polygons: Polygons | None = None
    rule: Rule | None = None

    @property
    def ways(self) -> list[str]:
        return [way for way in ("membership", "polygons", "rule") if getattr(self, way)]

    @property
    def file(self) -> str:
        """The pattern of the file that is wanted, empty where none is."""
        if self.polygons and self.polygons.portal:
            return f"{self.polygons.portal}*.g*"
        wanted = self.membership or self.polygons
        return wanted.file if wanted else ""

    @property
    def where_to_put(self) -> str:
        wanted = self.membership or self.polygons
        return wanted.where_to_put if wanted else ""


class Edition(Definition):
    """The boundaries of a kind as they were in force, both days included; open where no day is
    given."""

    id: str = Field("", pattern=r"^[A-Za-z0-9_-]*$")
    valid_from: date = EVER[0]
    valid_to: date = EVER[1]


class AreaKind(Definition):
    id: Identifier
    label: Sentence
    partition: bool = False
    edition: tuple[Edition, ...] = ()

    @property
    def editions(self) -> tuple[Edition, ...]:
        """The editions, oldest first; a kind that names none has one, in force for ever."""
        own = Edition(membership=self.membership, polygons=self.polygons, rule=self.rule)
        return tuple(sorted(self.edition, key=lambda e: e.valid_from)) or (own,)

    def key(self, edition: Edition) -> str:
        """What the file of an edition is called among the snapshots."""
        return f"{self.id}@{edition.id}" if edition.id else self.id


class Authority(Model):
    code: Sentence
    name: Sentence


class Beyond(Authority):
    """An authority outside the place, and the force that polices it: its crimes are whole only
    where that force has published."""

    police_force: Sentence


class Footprint(Model):
    """What ``--areas`` adds for one run: kinds, and authorities beyond the place that they need."""

    beyond: tuple[Beyond, ...] = ()
    area_kinds: tuple[AreaKind, ...] = Field(min_length=1)


class Place(Model):
    id: Identifier
    name: Sentence
    code: Sentence
    invented: bool = False
    contact: str = ""
    authorities: tuple[Authority, ...] = Field(min_length=1)
    police_forces: tuple[str, ...] = Field(min_length=1)
    neighbouring_forces: tuple[str, ...] = ()
    switched_on: tuple[Identifier, ...] = ()  # sources that are off unless a place wants them
    police_api: tuple[Identifier, ...] = ()  # kinds whose crimes are reconciled with the police API
    publish_at_once: bool = False  # a scheduled refresh that nothing warned of needs no sign-off
    must_be_fresh: tuple[Identifier, ...] = ()  # sources without which nothing is published
    beyond: tuple[Beyond, ...] = ()  # not of the place, but a locality may reach into them
    area_kinds: tuple[AreaKind, ...] = Field(min_length=1)

    @property
    def home_forces(self) -> tuple[str, ...]:
        """The forces whose files must all be in hand for a month to be whole."""
        return tuple(dict.fromkeys((*self.police_forces, *(b.police_force for b in self.beyond))))

    @property
    def other_forces(self) -> tuple[str, ...]:
        return tuple(f for f in self.neighbouring_forces if f not in self.home_forces)

    def needed_sources(self) -> set[str]:
        """The sources that the kinds themselves rest on, beside those of the indicators."""
        wanted = {"police_api"} if self.police_api else set()
        for edition in (e for kind in self.area_kinds for e in kind.editions):
            if edition.polygons or (edition.membership and edition.membership.of == "oa21"):
                wanted.add("output_areas")
            if edition.rule and "imd_decile" in edition.rule.where:
                wanted.add("indices_of_deprivation")
        return wanted


def _is_beside(pattern: str) -> bool:
    """Whether a pattern names files in a folder or below it, and nowhere else."""
    parts = pattern.split("/")
    return "\0" not in pattern and not any(p in ("", ".", "..", "**") or ":" in p for p in parts)


def misfits(kind: AreaKind) -> Iterator[str]:
    """What is wrong with a kind's definition and its editions, beyond the single keys."""
    if kind.edition and kind.ways:
        yield (
            f"it has both {' and '.join(kind.ways)} and editions."
            " Put the definition into an [[area_kind.edition]]."
        )
    for edition in kind.editions:
        named = f"edition '{edition.id}': " if kind.edition else ""
        if len(edition.ways) != 1:
            yield (
                f"{named}it has {len(edition.ways)} definitions"
                f" ({', '.join(edition.ways) or 'none'}). Give one of membership, polygons, rule."
            )
        if edition.membership and bool(edition.membership.file) == bool(edition.membership.areas):
            yield f"{named}membership: give either a file or areas."
        if edition.file and not _is_beside(edition.file):
            yield (
                f"{named}file: '{edition.file}' is not the name of a file beside place.toml or in"
                " the inbox. Give one like forums*.csv."
            )
        if edition.polygons and bool(edition.polygons.file) == bool(edition.polygons.portal):
            yield f"{named}polygons: give either a file or the portal's service name."
        if kind.edition and not edition.id:
            yield 'an edition has no id. Give it one, for example id = "2010".'
        if edition.valid_from > edition.valid_to:
            yield f"{named}valid_from {edition.valid_from} is after valid_to {edition.valid_to}."
    ids = [e.id for e in kind.edition if e.id]
    for twice in sorted({i for i in ids if ids.count(i) > 1}):
        yield f"edition '{twice}' stands twice. Give one of them another id."
    for one, next_one in zip(kind.editions, kind.editions[1:], strict=False):
        if one.valid_to >= next_one.valid_from:
            yield (
                f"editions '{one.id}' and '{next_one.id}' are both in force on"
                f" {next_one.valid_from}. End the first the day before."
            )


def in_force(kind: AreaKind, boundaries: str, today: date) -> list[tuple[Edition, date, date]]:
    """The editions that a refresh uses, and for which periods (by their last day).

    ``boundaries`` is ``today`` (all periods on the edition in force now), a day (on that of the
    day), or ``period`` (each period on the edition in force on its last day).
    """
    if boundaries == "period":
        return [(e, e.valid_from, e.valid_to) for e in kind.editions]
    day = today if boundaries == "today" else date.fromisoformat(boundaries)
    return [(e, *EVER) for e in kind.editions if e.valid_from <= day <= e.valid_to]
