"""How a layer arrives in QGIS: a rule for each class, one for what is not told, names, aliases."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from textwrap import fill as fill_lines

from flows.figures import INVENTED
from flows.publish.classes import Classes
from flows.publish.gis.fields import Field, Table
from flows.publish.gis.symbols import Xml, fill, hatched, labels, xml

DOCTYPE = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
VERSION = "3.22.0"
MISSING = "Withheld or not available"
SHOWN = f"coalesce(replace(\"area_name\", '{INVENTED}', ''), \"area_code\")"


NONE = Classes()
LEGEND_WIDTH = 44  # characters


@dataclass(frozen=True)
class Look:
    """What a map of a layer shows: a column in classes, or, without a column, outlines only."""

    name: str  # of the style
    heading: str
    column: str = ""
    unit: str = ""
    classes: Classes = NONE
    edition: str | None = None  # the one that the figures are on, where there are several
    outline: str = "0.6"
    named: bool = True
    beside: bool = False  # whether a name may stand beside its polygon

    @property
    def lines(self) -> str:
        """The heading in lines that fit a legend."""
        return fill_lines(self.heading, LEGEND_WIDTH, break_on_hyphens=False)

    @property
    def ours(self) -> str:
        """The rule that holds for the localities with these figures; '' where all may have."""
        return "" if self.edition is None else f'"edition" = {_quoted(self.edition)}'


def _quoted(text: str) -> str:
    doubled = text.replace("'", "''")
    return f"'{doubled}'"


def qml(look: Look | None, table: Table | None = None) -> str:
    """The style as a file; with the aliases of a table's columns where one is given, and nothing
    else where there is no look."""
    if look is None:
        inside, told = [fields(table.fields if table else ())], {}
    else:
        inside = appearance(look, table)
        told = {"labelsEnabled": "1" if look.named else "0"}
        # what a style without aliases does not speak of stays as it is
        told |= {} if table else {"styleCategories": "Symbology|Labeling|MapTips"}
    kind = xml("layerGeometryType", "4" if look is None else "2")
    return DOCTYPE + xml("qgis", *inside, kind, version=VERSION, **told)


def appearance(look: Look, table: Table | None) -> list[Xml]:
    """All that a layer's look is made of, as in a style and in a project alike."""
    made = [renderer(look)]
    if look.named:
        made.append(labels(SHOWN, look.ours, beside=look.beside))
    if table is not None:
        shown = SHOWN if look.named else f'"{table.fields[1].name}"'
        made += [fields(table.fields), xml("previewExpression", shown)]
        made.append(_tip(look.column, shown))
    elif look.named:
        made.append(_tip(look.column, SHOWN))
    return made


def fields(told: Iterable[Field]) -> Xml:
    """The aliases of columns."""
    inside = [
        xml("alias", field=field.name, index=str(at), name=field.alias)
        for at, field in enumerate(told, start=1)
    ]
    return xml("aliases", xml("alias", field="fid", index="0", name=""), *inside)


@cache
def _tip(column: str, shown: str) -> Xml:
    """What is shown where the mouse rests. Names come out of files: no mark-up in them counts."""
    escaped = f"replace(replace({shown}, '&', '&amp;'), '<', '&lt;')"
    tip = f"<b>[% {escaped} %]</b>"
    if column:
        value = f'coalesce(to_string("{column}"), {_quoted(MISSING)})'
        tip += f"<br>[% {value} || coalesce(' ' || \"{column}_marker\", '') %]"
    # not cleaned: these expressions are ours
    return Xml(f"<mapTip>{tip.replace('&', '&amp;').replace('<', '&lt;')}</mapTip>")


def renderer(look: Look) -> Xml:
    """The rules and their symbols."""
    rules, symbols = _outline(look) if not look.column else _figures(look)
    told = {"type": "RuleRenderer", "forceraster": "0", "symbollevels": "0"}
    return xml("renderer-v2", xml("rules", *rules, key="all"), xml("symbols", *symbols), **told)


def _outline(look: Look) -> tuple[list[Xml], list[Xml]]:
    rule = xml("rule", key="outline", symbol="0", label="Boundary")
    return [rule], [fill("0", None, look.outline)]


def _figures(look: Look) -> tuple[list[Xml], list[Xml]]:
    """The heading with a rule for each class below it, and one for what is missing."""
    rules, symbols = [], []
    for number, (rule, label, colour) in enumerate(_rules(look)):
        name = str(number)
        rules.append(xml("rule", key=f"class{number}", symbol=name, filter=rule, label=label))
        symbols.append(fill(name, colour) if colour else hatched(name))
    if not look.ours:
        return [xml("rule", *rules, key="figures", label=look.lines)], symbols
    newest = xml("rule", *rules, key="figures", label=look.lines, filter=look.ours)
    others = f'"edition" IS NULL OR NOT ({look.ours})'
    told = {"symbol": "e", "filter": others, "label": "Another edition of the boundaries"}
    symbols.append(fill("e", None, "0.2", "dot"))
    return [newest, xml("rule", key="others", **told)], symbols


def _rules(look: Look) -> Iterator[tuple[str, str, str]]:
    """Each class's rule, its words and its colour; last what is missing, without one."""
    words, ranges = look.classes.words(look.unit), look.classes.ranges
    for said, (low, high), colour in zip(words, ranges, look.classes.colours, strict=True):
        told = [f'"{look.column}" >= {low:f}'] if low is not None else []
        told += [f'"{look.column}" < {high:f}'] if high is not None else []
        yield " AND ".join(told) or f'"{look.column}" IS NOT NULL', said, colour
    yield f'"{look.column}" IS NULL', MISSING, ""
