"""What the README and the guides show is what the program reads."""

import re
import tomllib
from pathlib import Path

import pytest

from flows.places import AreaKind, Place, misfits
from flows.returns import description
from geo import rules

HOUSE = Path(__file__).parents[2]
PAGES = [HOUSE / "README.md", *sorted((HOUSE / "docs").glob("*.md"))]
TEXT = "\n".join(page.read_text("utf-8") for page in PAGES)
SHOWN = re.findall(r"```toml\n(.*?)```", TEXT, re.S)
BLOCKS = [b for b in SHOWN if "[[area_kind" in b]


def kinds():
    """The kinds that the guides show; the editions belong to a kind of their own."""
    for block in BLOCKS:
        read = tomllib.loads(block)["area_kind"]
        if isinstance(read, dict):
            read = [{"id": "forum", "label": "Forums"} | read]
        yield from (AreaKind.model_validate(k) for k in read)


@pytest.mark.parametrize("kind", kinds(), ids=lambda k: k.id)
def test_a_kind_as_shown_is_valid(kind):
    assert list(misfits(kind)) == []
    for edition in kind.editions:
        if edition.rule:
            assert rules.read_where(edition.rule.where)


def test_lists_polygons_rules_and_editions_are_all_shown():
    shown = list(kinds())
    ways = {way for k in shown for e in k.editions for way in e.ways}
    assert ways == {"membership", "polygons", "rule"}
    assert [e.id for k in shown for e in k.edition] == ["2007", "2010"]


def shown(word):
    """The block that speaks of a key."""
    (block,) = [b for b in SHOWN if word in b]
    return tomllib.loads(block)


def test_a_return_as_shown_is_valid():
    told = description.Description.model_validate(shown("sharing ="))
    assert list(description.misfits(told)) == [] and told.columns.period == "Year"


def test_the_options_of_a_place_are_as_shown():
    options = shown("must_be_fresh")
    assert options and set(options) <= set(Place.model_fields)
