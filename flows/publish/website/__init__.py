"""The site: static pages that open from a file share, made from the released cells.

``site/index.html`` is the way in. Every page lies beside it, with its style in ``assets`` and
what scripts load in ``data``; nothing asks the network.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

from jinja2 import BytecodeCache, Environment, FileSystemLoader, StrictUndefined
from jinja2.bccache import Bucket

from flows.figures import begun, plain, spoken
from flows.publish import jsonld
from flows.publish.datapackage import INVENTED
from flows.publish.released import SHORTHAND, Released
from flows.publish.website import changed, data, indicators, localities, maps, others, said, themes
from flows.publish.website.facts import WHOLE, Facts, facts

HERE = Path(__file__).parent
NAV = {
    "index.html": "Home",
    "localities.html": "Localities",
    "themes.html": "Themes",
    "indicators.html": "Indicators",
    "explore.html": "Explore",
    "compare.html": "Compare",
    "changes.html": "What changed",
    "gaps.html": "What is not known",
    "quality.html": "Data quality",
    "method.html": "Method",
    "downloads.html": "Downloads",
}


class Compiled(BytecodeCache):
    """Templates that this process has compiled already, for its next release."""

    kept: ClassVar[dict[str, bytes]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.kept:
            bucket.bytecode_from_string(self.kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.kept[bucket.key] = bucket.bytecode_to_string()


def write(released: Released, folder: Path) -> int:
    """Write ``site/`` into a release's folder; the number of pages."""
    site = folder / "site"
    shutil.copytree(HERE / "assets", site / "assets")
    known = facts(released)
    data.write(known, site / "data")
    templates, count = _templates(known), 0
    for file, template, shown in _pages(known):
        page = templates.get_template(template).render(here=file, **shown)
        (site / file).write_text(page, encoding="utf-8", newline="\n")
        count += 1
    return count


def _pages(known: Facts) -> Iterator[others.Page]:
    """Every page: its file, its template and what it shows."""
    atlas = maps.atlas(known.released.layers, known.editions)
    yield from others.pages(known, atlas, jsonld.dataset(known.released))
    for one in known.localities.values():
        yield f"locality-{one.slug}.html", "locality.html", localities.locality(known, atlas, one)
        if one.kind != WHOLE:
            told = localities.briefing(known, atlas, one)
            yield f"briefing-{one.slug}.html", "briefing.html", told
    for theme in known.released.book.themes:
        if not known.released.of_theme(theme.id):
            continue
        yield f"theme-{theme.id}.html", "theme.html", themes.theme(known, theme)
        for kind in known.below:
            file = f"theme-{theme.id}-{kind}.html"
            yield file, "table.html", themes.table(known, atlas, theme, kind)
    for entry in known.indicators.values():
        file = f"indicator-{entry.id}.html"
        yield file, "indicator.html", indicators.indicator(known, atlas, entry)


def _templates(known: Facts) -> Environment:
    """Templates that escape whatever a name or note says, and know how a figure is written."""
    released = known.released
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        bytecode_cache=Compiled(),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {
        "fig": said.fig,
        "with_unit": said.with_unit,
        "when": said.when,
        "standing": said.standing,
        "change": said.change,
        "small_mark": themes.small_mark,
        "moved": changed.moved,
        "plain": plain,
        "begun": begun,
        "dash": "–",
        "shorthand": SHORTHAND,
        "crumbs": [],
        "site": _about(released),
    }
    return made


def _about(released: Released) -> dict[str, Any]:
    place = released.book.place
    day = released.as_of
    return {
        "name": released.title,
        "place": plain(place.name),
        "invented": INVENTED if place.invented else "",
        "release": released.name,
        "as_of": f"{day.day} {spoken(day.isoformat()[:7])}",
        "attributions": released.attributions,
        "contact": place.contact,
        "nav": NAV.items(),
    }
