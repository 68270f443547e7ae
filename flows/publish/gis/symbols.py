"""XML as QGIS writes it: symbols and labels. It is built element by element, so that a name with
quotes or angle brackets stays a name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from xml.sax.saxutils import escape, quoteattr

LINE = "#383f43"
HAIR = "0.15"  # millimetres
FONT = "Arial"
FONTS = (FONT, "Liberation Sans", "Helvetica", "Open Sans")
OUTSIDE, INSIDE = 1, 2  # QGIS's flags for where a polygon's name may be
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


class Xml(str):
    """A text that is XML already, made by ``xml``."""


def clean(text: str) -> str:
    """A text that XML can hold, and in which QGIS finds nothing to reckon out: it evaluates
    ``[% ... %]`` in titles and legends."""
    return CONTROL.sub("", text).replace("[%", "[ %")


def xml(tag: str, *inside: str, **told: str) -> Xml:
    """An element: attributes, and inside it other elements or a text, which is escaped."""
    attributes = "".join(f" {name}={quoteattr(clean(value))}" for name, value in told.items())
    content = "".join(i if isinstance(i, Xml) else escape(clean(i)) for i in inside)
    return Xml(f"<{tag}{attributes}>{content}</{tag}>" if content else f"<{tag}{attributes}/>")


def options(told: Mapping[str, str]) -> Xml:
    """A map of settings."""
    inside = (xml("Option", type="QString", name=n, value=v) for n, v in told.items())
    return xml("Option", *inside, type="Map")


def rgba(colour: str) -> str:
    """``#0a3566`` as QGIS says it."""
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"{red},{green},{blue},255"


@cache
def fill(name: str, colour: str | None, width: str = HAIR, style: str = "solid") -> Xml:
    """A polygon's symbol: a colour (None: nothing) and an outline."""
    return _symbol("fill", name, _fill_layer(colour, width, style))


@cache
def hatched(name: str) -> Xml:
    """A polygon's symbol for what is not told: thin lines on white."""
    line = {"line_color": rgba(LINE), "line_width": "0.18", "line_width_unit": "MM"}
    pattern = {"angle": "45", "distance": "1.4", "distance_unit": "MM", "color": rgba(LINE)}
    lines = _layer(
        "LinePatternFill", pattern, _symbol("line", f"@{name}@1", _layer("SimpleLine", line))
    )
    return _symbol("fill", name, _fill_layer("#ffffff"), lines, _fill_layer(None))


def _symbol(kind: str, name: str, *layers: Xml) -> Xml:
    told = {"type": kind, "name": name, "alpha": "1", "clip_to_extent": "1", "force_rhr": "0"}
    return xml("symbol", *layers, **told)


def _layer(kind: str, told: Mapping[str, str], *inside: Xml) -> Xml:
    return xml("layer", options(told), *inside, **{"class": kind, "enabled": "1", "locked": "0"})


def _fill_layer(colour: str | None, width: str = HAIR, style: str = "solid") -> Xml:
    told = {
        "color": rgba(colour or "#ffffff"),
        "style": "solid" if colour else "no",
        "outline_color": rgba(LINE),
        "outline_style": style,
        "outline_width": width,
        "outline_width_unit": "MM",
        "joinstyle": "round",
    }
    return _layer("SimpleFill", told)


@cache
def labels(expression: str, only: str = "", *, beside: bool = False) -> Xml:
    """Names in the polygons, on a white rim, no two over each other; ``beside`` puts the name of
    one that is too small for it next to it. Where there is no room, there is none: zooming in
    makes room. ``only`` is the rule for which."""
    written = {
        "fieldName": expression,
        "isExpression": "1",
        "fontFamily": FONT,
        "namedStyle": "Regular",
        "fontSize": "7.5",
        "fontSizeUnit": "Point",
        "fontWeight": "50",
        "textColor": "11,12,12,255",
        "textOpacity": "1",
        "multilineHeight": "0.9",
    }
    rim = {"bufferDraw": "1", "bufferSize": "0.6", "bufferSizeUnits": "MM", "bufferOpacity": "0.9"}
    rim |= {"bufferColor": "255,255,255,255", "bufferJoinStyle": "128"}
    flags = str(INSIDE | (OUTSIDE if beside else 0))
    at = {"placement": "4", "polygonPlacementFlags": flags, "placementFlags": "10"}
    at |= {"priority": "5", "centroidInside": "1", "fitInPolygonOnly": "0"}
    at |= {"dist": "1", "distUnits": "MM"} if beside else {}
    shown = {"drawLabels": "1", "displayAll": "0", "labelPerPart": "0", "scaleVisibility": "0"}
    shown |= {"obstacle": "1" if beside else "0", "obstacleFactor": "2", "obstacleType": "0"}
    settings = xml(
        "settings",
        xml("text-style", families(), xml("text-buffer", **rim), **written),
        xml("text-format", autoWrapLength="14", multilineAlign="1", wrapChar=""),
        xml("placement", **at),
        xml("rendering", minFeatureSize="1", **shown),
        calloutType="simple",
    )
    chosen = {"filter": only} if only else {}
    rule = xml("rule", settings, key="names", description="Names", **chosen)
    return xml("labeling", xml("rules", rule, key="labels"), type="rule-based")


def families() -> Xml:
    """The fonts to look for, in turn."""
    return xml("families", *(xml("family", name=name) for name in FONTS))
