"""The page of the project: an A4 map with title, legend, attribution, north arrow, scale bar."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import NAMESPACE_URL, uuid5

from flows.publish.gis.symbols import FONT, LINE, Xml, families, options, rgba, xml

WIDE, HIGH, RIM = 297, 210, 10  # millimetres: A4, lying
SIDE = 84  # of the legend
TOP = 24  # of the title
ARROW = (
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 40 60'>"
    "<path d='M20 0 34 44 20 36 6 44Z' fill='#383f43'/>"
    "<path d='M14 60V47h2.6l7 9V47H26v13h-2.6l-7-9v9z' fill='#383f43'/></svg>"
)
KINDS = {"page": 65638, "map": 65639, "picture": 65640, "label": 65641, "legend": 65642}
KINDS["scale"] = 65646
NAME = "Map to print (A4)"
INK = "#0b0c0c"
Box = tuple[float, float, float, float]  # left, top, width, height


@dataclass(frozen=True)
class Page:
    """What the page says, and the ground that it shows (west, south, east, north in metres)."""

    title: str
    subtitle: str
    notice: str
    attributions: Sequence[str]
    ground: tuple[float, float, float, float]

    @property
    def below(self) -> str:
        """What stands below the title."""
        return " ".join(filter(None, (self.notice, self.subtitle)))

    @property
    def foot(self) -> float:
        """Height of the attributions: as many lines of small print as they fill."""
        return 3 + 2.4 * (1 + len(" ".join(self.attributions)) // 250)

    @property
    def frame(self) -> Box:
        """Where the map is."""
        return RIM, TOP, WIDE - 2 * RIM - SIDE, HIGH - TOP - self.foot - RIM

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """The ground with a rim, in the proportions of the map."""
        west, south, east, north = self.ground
        _, _, wide, high = self.frame
        across = max((east - west) * 1.06, (north - south) * 1.06 * wide / high, 100)
        up = across * high / wide
        x, y = (west + east) / 2, (south + north) / 2
        return x - across / 2, y - up / 2, x + across / 2, y + up / 2


def made(page: Page) -> Xml:
    """The layout. Its map and its legend show what is ticked in the project."""
    left, top, wide, high = page.frame
    edge, foot = left + wide + 5, top + high + 3
    across = WIDE - 2 * RIM
    sources = " ".join(page.attributions)
    return xml(
        "Layout",
        xml("PageCollection", _sheet()),
        _map(page),
        _label("title", page.title, (RIM, 8, across, 8), 18, bold=True),
        _label("subtitle", page.below, (RIM, 16.5, across, 6), 9.5),
        _legend((edge, top, SIDE - 5, high - 26)),
        _arrow((edge, top + high - 19, 10, 15)),
        _scale(page, (edge + 14, top + high - 13, SIDE - 19, 12)),
        _label("attribution", sources, (RIM, foot, across, HIGH - foot - 4), 5.5),
        xml("Atlas", enabled="0", coverageLayer=""),
        name=NAME,
        units="mm",
        printResolution="300",
        worldFileMap="",
    )


def _key(name: str) -> str:
    return f"{{{uuid5(NAMESPACE_URL, f'layout/{name}')}}}"


def _item(kind: str, name: str, at: Box, *inside: Xml, **told: str) -> Xml:
    x, y, wide, high = at
    common = {
        "type": str(KINDS[kind]),
        "uuid": _key(name),
        "templateUuid": _key(name),
        "id": name,
        "position": f"{x:g},{y:g},mm",
        "positionOnPage": f"{x:g},{y:g},mm",
        "size": f"{wide:g},{high:g},mm",
        "referencePoint": "0",
        "visibility": "1",
        "opacity": "1",
        "frame": "false",
        "background": "false",
        "positionLock": "false",
        "excludeFromExports": "0",
    }
    return xml("LayoutItem", *inside, **(common | told))


def _sheet() -> Xml:
    white = options({"color": "255,255,255,255", "style": "solid", "outline_style": "no"})
    paper = xml("layer", white, **{"class": "SimpleFill", "enabled": "1", "locked": "0"})
    symbol = xml("symbol", paper, type="fill", name="", alpha="1")
    return _item("page", "sheet", (0, 0, WIDE, HIGH), symbol)


def _colour(tag: str, colour: str) -> Xml:
    red, green, blue, alpha = rgba(colour).split(",")
    return xml(tag, red=red, green=green, blue=blue, alpha=alpha)


def _map(page: Page) -> Xml:
    told = {"keepLayerSet": "false", "followPreset": "false", "drawCanvasItems": "true"}
    told |= {"frame": "true", "background": "true", "mapRotation": "0", "outlineWidthM": "0.2,mm"}
    box = zip(("xmin", "ymin", "xmax", "ymax"), page.extent, strict=True)
    extent = xml("Extent", **{name: f"{value:.3f}" for name, value in box})
    rim = _colour("FrameColor", LINE), _colour("BackgroundColor", "#ffffff")
    return _item("map", "map", page.frame, *rim, extent, **told)


def _label(name: str, text: str, at: Box, size: float, *, bold: bool = False) -> Xml:
    """A text as it stands: no mark-up in it counts."""
    font = xml("LabelFont", style="", description=_font(size, bold=bold))
    told = {"labelText": text, "htmlState": "0", "halign": "1", "valign": "32"}
    ink = _colour("FontColor", INK)
    return _item("label", name, at, font, ink, marginX="0", marginY="0", **told)


def _font(size: float, *, bold: bool = False) -> str:
    return f"{FONT},{size:g},-1,5,{75 if bold else 50},0,0,0,0,0"


def _legend(at: Box) -> Xml:
    styles = [
        xml(
            "style",
            xml("styleFont", style="", description=_font(size, bold=bold)),
            name=name,
            indent="0",
            alignment="1",
            marginTop=above,
            marginBottom=below,
            **({"marginLeft": "2"} if name == "symbolLabel" else {}),
        )
        for name, size, bold, above, below in (
            ("title", 11, True, "0", "0"),
            ("group", 11, True, "3", "1"),
            ("subgroup", 11, True, "4", "1.5"),
            ("symbol", 9, False, "1.5", "0"),
            ("symbolLabel", 9, False, "1.5", "0"),
        )
    ]
    told = {
        "title": "",
        "map_uuid": _key("map"),
        "legendFilterByAtlas": "0",
        "legendFilterByMap": "1",  # what is not ticked in the project is not in the legend
        "resizeToContents": "1",
        "columnCount": "1",
        "symbolWidth": "7",
        "symbolHeight": "4.5",
        "boxSpace": "0",
        "wrapChar": "\n",
        "symbolAlignment": "1",
        "titleAlignment": "1",
        "lineSpacing": "1",
    }
    return _item("legend", "legend", at, xml("styles", *styles), **told)


def _arrow(at: Box) -> Xml:
    picture = base64.b64encode(ARROW.encode()).decode()
    told = {"file": f"base64:{picture}", "mode": "0", "resizeMode": "0", "anchorPoint": "0"}
    told |= {"northMode": "0", "northOffset": "0", "pictureRotation": "0"}
    return _item("picture", "north arrow", at, mapUuid=_key("map"), **told)


def _scale(page: Page, at: Box) -> Xml:
    west, _, east, _ = page.extent
    ground = (east - west) / page.frame[2]  # metres in a millimetre of paper
    step = next(s for s in _rounds() if s >= ground * 14)
    unit, one = ("km", 1_000) if step >= 1_000 else ("m", 1)
    told = {
        "mapUuid": _key("map"),
        "style": "Single Box",
        "unitType": "km" if unit == "km" else "meters",
        "unitLabel": unit,
        "numUnitsPerSegment": f"{step / one:g}",
        "numMapUnitsPerScaleBarUnit": "1",
        "numSegments": "2",
        "numSegmentsLeft": "0",
        "segmentSizeMode": "0",
        "segmentMillimeters": f"{step / ground:.4f}",
        "numSubdivisions": "1",
        "subdivisionsHeight": "1.5",
        "minBarWidth": "20",
        "maxBarWidth": "60",
        "height": "2",
        "labelBarSpace": "1.5",
        "boxContentSpace": "0",
        "alignment": "0",
        "outlineWidth": "0.2",
    }
    font = {"fontFamily": FONT, "fontSize": "8", "fontSizeUnit": "Point", "fontWeight": "50"}
    written = xml("text-style", families(), textColor=rgba(INK), textOpacity="1", **font)
    colours = _colour("fillColor", LINE), _colour("fillColor2", "#ffffff")
    return _item("scale", "scale bar", at, written, *colours, _colour("strokeColor", LINE), **told)


def _rounds() -> list[int]:
    """Lengths that a scale bar may have, in metres."""
    return [n * 10**power for power in range(7) for n in (1, 2, 5)]
