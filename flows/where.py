"""Which localities contain a postcode, a point or a small area: the question, and the answer in
words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flows import catalogue, lineage
from flows.cells import Unknown
from flows.figures import plain, share
from flows.whereabouts import Ground

Row = dict[str, Any]
NUMBER = r"[+-]?\d+(?:\.\d*)?"
PAIR = re.compile(rf"({NUMBER})(?:\s*,\s*|\s+)({NUMBER})")
SMALL_AREA = re.compile(r"[A-Z]01\d{6}")
POSTCODE = re.compile(r"[A-Z]{1,2}\d[A-Z\d]?\d[A-Z]{2}")
LATITUDES, LONGITUDES = (49.0, 61.5), (-9.0, 3.0)  # of the United Kingdom
FORMS = (
    'a postcode ("LE11 1AA"), latitude and longitude (52.77,-1.2), easting and northing'
    " (453000,319000) or a small area (E01025701)"
)
CHANGED = {"S": "was split into", "M": "was merged into", "U": "is now called"}


@dataclass(frozen=True)
class Asked:
    """What was asked for: postcode, degrees, metres or small area; its code or its two numbers."""

    form: str
    text: str
    code: str = ""
    x: float = 0.0  # easting, or longitude
    y: float = 0.0


def read(text: str) -> Asked:
    """What a person wrote; Unknown, with the four forms, if it is none of them."""
    text = " ".join(text.split())
    code = text.replace(" ", "").upper()
    if SMALL_AREA.fullmatch(code):
        return Asked("small area", code, code)
    if POSTCODE.fullmatch(code):
        return Asked("postcode", f"{code[:-3]} {code[-3:]}", code)
    pair = PAIR.fullmatch(text)
    if pair is None:
        raise Unknown(f"'{text}' cannot be read as a place. Write {FORMS}.")
    first, second = float(pair[1]), float(pair[2])
    if _is_within(first, LONGITUDES) and _is_within(second, LATITUDES):
        raise Unknown(
            f"'{text}' looks like longitude and latitude. Write the latitude first:"
            f" {pair[2]},{pair[1]}."
        )
    if abs(first) <= 90 and abs(second) <= 180:
        return Asked("degrees", f"{pair[1]},{pair[2]}", x=second, y=first)
    return Asked("metres", f"{pair[1]},{pair[2]}", x=first, y=second)


def _is_within(number: float, limits: tuple[float, float]) -> bool:
    return limits[0] <= number <= limits[1]


def where(data: Path, text: str) -> Row:
    """The localities of every kind that contain a place; Unknown if it is in no file in hand.

    Keys: asked, form, remark, place, release, invented, and ``found``: an entry for the point or
    small area asked for (several for a 2011 small area that became several; none outside the
    United Kingdom), with easting, northing, small_area_code, small_area_name, in_place and
    ``kinds``. A kind has area_kind, label, edition, has_own_boundary and ``areas``: area_code,
    area_name, contains, the rule and weight by which its small area's residents are counted there
    (None if they are not), and is_near_edge (within 50 m) or share_of_ground.
    """
    asked = read(text)
    release, about = lineage.latest(data)
    ground = Ground(data, release, about, catalogue.read(about["request"]["place"]))
    found, remark = _found(ground, asked)
    return {
        "asked": asked.text,
        "form": asked.form,
        "remark": remark,
        "place": about["place_name"],
        "found": found,
        "release": about["release"],
        "invented": about["invented"],
    }


def _found(ground: Ground, asked: Asked) -> tuple[list[Row], str]:
    """What is there, and a sentence on what was asked for."""
    if asked.form == "small area":
        parts = ground.became(asked.code)
        codes = [code for code, _ in parts]
        how = CHANGED.get(parts[0][1], "was redrawn irregularly, not comparably, into")
        told = f"{asked.code} is a small area of 2011: it {how} {' and '.join(codes)}."
        return [ground.small_area(c) for c in codes], "" if codes == [asked.code] else told
    if asked.form == "postcode":
        east, north, ended = ground.postcode(asked.code)
        told = f"This postcode ended in {ended[:4]}-{ended[4:6]}. " if ended else ""
        return [ground.point(east, north)], told + ground.book.source["postcodes"].caveat
    if asked.form == "metres":
        return [ground.point(asked.x, asked.y)], ""
    if not (_is_within(asked.y, LATITUDES) and _is_within(asked.x, LONGITUDES)):
        return [], ""
    return [ground.point(*ground.grid(asked.x, asked.y))], ""


def sentences(answer: Row, *, quiet: bool) -> Iterator[str]:
    """The answer in words; ``quiet``: the names of the localities in one line."""
    if answer["invented"]:
        yield "INVENTED places of an invented county."
    if quiet:
        areas = [a for one in answer["found"] for k in one["kinds"] for a in k["areas"]]
        named = dict.fromkeys(_named(a) for a in areas if a["contains"])
        yield ", ".join(named) or f"{answer['asked']} lies outside {plain(answer['place'])}."
        return
    if answer["remark"]:
        yield answer["remark"]
    if not answer["found"]:
        yield f"{answer['asked']} lies outside {plain(answer['place'])}, and far from it."
    for one in answer["found"]:
        yield from _one(answer, one)
    yield f"By release {answer['release']}."


def _one(answer: Row, one: Row) -> Iterator[str]:
    """A point or small area: where it stands, and a line for each kind."""
    is_point = answer["form"] != "small area"
    name = f" ({plain(one['small_area_name'])})" if one["small_area_name"] else ""
    at = f"easting {one['easting']:.0f}, northing {one['northing']:.0f}"
    if not is_point:
        stands = f"The small area {one['small_area_code']}{name} lies around {at}"
    else:
        home = f"in the small area {one['small_area_code']}{name}"
        stands = f"{answer['asked']} stands at {at}, "
        stands += home if one["small_area_code"] else "in no small area in hand"
    contained = any(a["contains"] for kind in one["kinds"] for a in kind["areas"])
    if not one["in_place"] and not contained:
        near = [_named(a) for k in one["kinds"] for a in k["areas"] if a.get("is_near_edge")]
        told = f", though within 50 m of the edge of {' and '.join(near)}" if near else ""
        yield f"{stands}: outside {plain(answer['place'])}{told}."
        return
    yield f"{stands}."
    for kind in one["kinds"]:
        edition = f", edition {kind['edition']}" if kind["edition"] else ""
        tell = _at_point if is_point else _of_small_area
        yield f"  {kind['label']}{edition}: {'; '.join(tell(kind)) or 'in none'}."


def _named(area: Row) -> str:
    return f"{plain(area['area_name'])} ({area['area_code']})"


def _at_point(kind: Row) -> Iterator[str]:
    """How a point lies to the areas of a kind that contain it, count its small area, or are
    near."""
    contained = [a for a in kind["areas"] if a["contains"]]
    for area in contained:
        if kind["has_own_boundary"]:
            how = f"inside its own boundary; {_counted(area, kind)}"
        else:
            how = f"with its small area ({_how(area, 'of its residents')})"
        yield f"{_named(area)}, {how}"
        if area["is_near_edge"]:
            yield "within 50 m of the edge: a crime here may be counted on the other side"
    for area in () if contained else kind["areas"]:
        if area["weight"]:
            yield (
                f"in none, but the residents of its small area are counted in {_named(area)}"
                f" ({_how(area)})"
            )
        if area["is_near_edge"]:
            near = f"within 50 m of the edge of {_named(area)}"
            yield f"{near}: a crime here may be counted in it"


def _counted(area: Row, kind: Row) -> str:
    """Where the residents of a point's small area are counted, for an area that it lies inside."""
    if area["weight"]:
        return f"the residents of its small area are counted there too ({_how(area)})"
    others = [_named(a) for a in kind["areas"] if a["weight"]]
    elsewhere = f"in {' and '.join(others)}" if others else "in none of this kind"
    return f"but the residents of its small area are counted {elsewhere}"


def _how(area: Row, of_whom: str = "of them") -> str:
    """The rule, and the share of the small area's residents if it does not count whole."""
    weight, rule = area["weight"], area["rule"]
    return rule if weight == 1 else f"{share(weight)} {of_whom}, by {rule}"


def _of_small_area(kind: Row) -> Iterator[str]:
    """How a small area is counted in the areas of a kind."""
    for area in kind["areas"]:
        ground = area["share_of_ground"]
        inside = f"{share(ground)} of its ground lies inside" if ground is not None else ""
        if area["weight"]:
            how = _how(area, "of its residents")
            yield f"{_named(area)} ({how})" + (f", and {inside}" if inside else "")
        else:
            yield f"{inside} {_named(area)}, but its residents are not counted there"
