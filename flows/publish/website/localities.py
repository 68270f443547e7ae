"""The page of a locality, and its two-page briefing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from markupsafe import Markup

from flows.entries import Indicator
from flows.figures import many, plain
from flows.publish.website import charts, maps, said
from flows.publish.website.facts import WHOLE, Cell, Facts, Locality
from flows.publish.website.maps import ACROSS, Atlas

FINDINGS = 6
OF_A_SOURCE = 2
IN_A_BRIEFING = 4  # indicators a theme
NAMED = 6  # indicators without a figure, in a briefing
LABELLED = 12  # a kind with more localities than that is not named on a map


def locality(facts: Facts, atlas: Atlas, one: Locality) -> dict[str, Any]:
    """What ``locality.html`` shows."""
    cells = [facts.row(i, one) for i in facts.indicators]
    themes = [(theme, list(_rows(facts, one, ours))) for theme, ours in facts.homes()]
    used = {cell["source"] for cell in cells if cell}
    return {
        **_about(facts, atlas, one),
        "title": one.name,
        "other": "England" if one.kind == WHOLE else plain(facts.released.book.place.name),
        "themes": [(theme, rows) for theme, rows in themes if rows],
        "findings": [said.sentence(c, facts) for c in _findings(facts, cells)],
        "nothing": nothing(facts, cells, one),
        "unknown": facts.not_told(one, because(c for c in cells if c and c["value"] is None)),
        "notes": because(c for c in cells if c and c["value"] is not None),
        "sources": [s for s in facts.released.used if s.id in used],
    }


def briefing(facts: Facts, atlas: Atlas, one: Locality) -> dict[str, Any]:
    """What ``briefing.html`` shows: what stands out, what moved, and the first indicators of each
    theme that are known."""
    cells = [facts.row(i, one) for i in facts.indicators]
    clear = (c for c in cells if c and c["changed"] not in (None, "similar"))
    moved = [c for c in clear if c["indicator_id"] not in facts.released.book.bare_counts]
    pairs = zip(facts.indicators.values(), cells, strict=True)
    lacking = [i.label for i, c in pairs if not c or c["value"] is None]
    themes = []
    for theme, ours in facts.homes():
        there = (r for r in _rows(facts, one, ours) if not r["counts"])
        rows = [r for r in there if r["cell"]["value"] is not None]
        if rows:
            themes.append((theme, rows[:IN_A_BRIEFING]))
    return {
        **_about(facts, atlas, one),
        "title": f"Briefing: {one.name}",
        "themes": themes,
        "findings": [said.sentence(c, facts) for c in _findings(facts, cells)],
        "nothing": nothing(facts, cells, one),
        "moved": [_moved(c, facts) for c in moved[:4]],
        "unknown_said": _lacking(lacking, len(facts.indicators)),
    }


def _about(facts: Facts, atlas: Atlas, one: Locality) -> dict[str, Any]:
    return {
        "one": one,
        "nav": "localities.html",
        "crumbs": [("index.html", "Home"), ("localities.html", "Localities"), ("", one.name)],
        "kind_label": facts.kinds[one.kind],
        "residents": facts.residents(one),
        "map": where(facts, atlas, one),
    }


def _findings(facts: Facts, cells: Iterable[Cell | None]) -> list[Cell]:
    return facts.findings(cells, FINDINGS, OF_A_SOURCE, "source")


def _moved(cell: Cell, facts: Facts) -> Markup:
    label = facts.indicators[cell["indicator_id"]].label
    whole = Markup("; {} as a whole {}").format(
        plain(cell["comparator"]), said.fig(cell, "comparator_value")
    )
    return Markup("{}: {} in {}: {}{}.").format(
        said.link_indicator(cell, label),
        said.with_unit(cell),
        said.when(cell),
        said.change(cell),
        whole if cell["comparator_value"] is not None else "",
    )


def nothing(facts: Facts, cells: Iterable[Cell | None], one: Locality | None = None) -> str:
    """What is said where nothing stands out: for nothing could be compared, or for nothing
    differs."""
    place = plain(facts.released.book.place.name)
    if one and one.kind == WHOLE:
        return "This is the whole place, which the localities are set against."
    if not any(c and c["compared"] for c in cells):
        return f"Nothing could be compared with {place} as a whole."
    told = f"nothing differs from {place} as a whole by more than chance explains."
    return f"Of what could be compared, {told}"


def _lacking(labels: list[str], all_of_them: int) -> Markup:
    if not labels:
        return Markup("Every indicator has a figure here.")
    named = labels[:NAMED]
    counted = Markup('<span data-count="{}">{}</span>')
    return Markup("{} of {}: {}.").format(
        counted.format("lacking", many(len(labels), "indicator")),
        counted.format("all", all_of_them),
        "; ".join(named + ["others"] * (len(labels) > NAMED)),
    )


def _rows(facts: Facts, one: Locality, ours: Iterable[Indicator]) -> Iterator[dict[str, Any]]:
    """A row of a theme's table for each indicator that has a cell here."""
    for indicator in ours:
        if cell := facts.row(indicator.id, one):
            yield row(facts, indicator, one, cell)


def row(facts: Facts, indicator: Indicator, one: Locality, cell: Cell) -> dict[str, Any]:
    """A cell with what stands beside it; the whole place is set against England. Made once: it is
    on the pages of a locality, its briefing, the indicator and, of the whole place, the theme."""
    if found := facts.rows_made.get((indicator.id, *one.key)):
        return found
    rate, crimes = facts.companion(indicator), facts.counts_crimes(indicator)
    beside = facts.row(rate.id, one) if rate else None
    hidden = crimes and (beside is None or None in (beside["value"], beside["comparator_value"]))
    whole = one.kind == WHOLE
    facts.rows_made[indicator.id, *one.key] = found = {
        "cell": cell,
        "one": one,
        "counts": indicator.method == "count",
        "crimes": crimes,
        "rate": beside,
        "hidden": hidden,  # a number of crimes that nothing can be set beside
        "change": "" if hidden else said.change(cell),
        "against": "comparator_england" if whole else "comparator_value",
        "word": "compared_england" if whole else "compared",
        "spark": charts.spark(facts.series.get((indicator.id, *one.key))),
        "refused": cell["trend_note"] if (cell["trend_note"] or "").startswith("refused") else "",
    }
    return found


def because(cells: Iterable[Cell]) -> list[tuple[str, list[str]]]:
    """Each part of the cells' notes once, with the indicators that it is about."""
    found: dict[str, list[str]] = {}
    for cell in cells:
        for part in said.notes(cell):
            found.setdefault(part, []).append(cell["indicator"])
    return list(found.items())


def where(facts: Facts, atlas: Atlas, one: Locality) -> dict[str, Any]:
    """The place with its localities of a kind, and this one dark; enlarged where it is small."""
    shapes = atlas.paths.get(one.kind, {})
    drawn = "".join(
        f'<path class="{"me" if code == one.code else "near"}" d="{shapes[code]}"/>'
        for code in sorted(shapes, key=lambda code: code == one.code)  # the last is on top
    )
    there = one.code in atlas.paths.get(one.kind, {})
    small = there and max(maps.sides(atlas.boxes[one.kind][one.code])) < ACROSS * 0.15
    outline = Markup('<path class="near" d="{}"/>')
    return {
        **frame(facts, atlas, one),
        "shapes": Markup(drawn if one.kind != WHOLE else ""),
        "window": atlas.window(one.kind, one.code) if small else "",
        "close": outline.format(atlas.paths[one.kind][one.code]) if small else "",
    }


def frame(facts: Facts, atlas: Atlas, unnamed: Locality | None = None) -> dict[str, Any]:
    """What each map of the whole place has: its view, its ground, names and a bar for scale."""
    bar, told = maps.scale_bar(atlas)
    cut = [kind.id for kind in facts.released.book.place.area_kinds if kind.partition]
    few = (k for k in (maps.TOWN, *cut, *facts.below) if 0 < len(facts.of_kind(k)) <= LABELLED)
    named = next((k for k in few if k in atlas.paths), "")
    there = atlas.inside[named] if named else {}
    places = [p for p in facts.of_kind(named) if p.code in there and p != unnamed]
    return {
        "view": atlas.view,
        "ground": maps.ground(atlas),
        "names": maps.names(atlas, places, ACROSS // 34),
        "bar": bar,
        "bar_said": told,
        "at": atlas.height + ACROSS // 28,
        "size": ACROSS // 38,
    }
