"""What need not be asked: open measures, and earlier returns, that a question's words fit."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from flows.entries import Book

# words that say how, where or how many, not what
IDLE = frozenset(
    re.findall(
        r"\w+",
        """
    a about above across adult after age aged all among an and any area as at attended bad below
    between but by case count counted county datum day district each england estimate every
    figure for force from given had has have home household how in incident including into is it
    item last level list live local low lower made many mean mid mile month more most much name
    neighbourhood new no not number of on one only open or our out over own part partnership
    people per percent percentage place police population postcode prevalence proportion
    published rate record recorded report reported resident row share single small street than
    that the their them there they this those three time to total town twelve two type under
    unit up ward we were what when where which who whose with within year yearly you zero
    """,
    )
)
SAME = {"theft": "stolen", "thefts": "stolen", "offence": "crime"}


def words(text: str) -> set[str]:
    """The words of a text that say what it is about, in the singular."""
    plain = re.sub(r"(?i)anti-?\s?social", "antisocial", text)
    plain = re.sub(r"\bASB\b", "antisocial behaviour", plain)
    plain = re.sub(r"\([^)]*\)", " ", plain)  # a table's number, a remark
    found = {_singular(w) for w in re.findall(r"[a-z]+|\d+", plain.lower())}
    return {SAME.get(word, word) for word in found - IDLE if len(word) > 1}


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3:
        return word[:-1]
    return word


def open_measures(asked: str, book: Book) -> list[str]:
    """The measures of open sources whose every word is in the question, the closest first."""
    wanted = words(asked)
    found = []
    for source in book.sources:
        for measure in source.measures:
            about = words(measure.label)
            if measure.counts != "attribute" and _answers(about, wanted):
                found.append((-len(about), f"{source.id}.{measure.id}", measure.label))
    return [f"{name} ('{label}')" for _, name, label in sorted(found)]


def _answers(about: set[str], wanted: set[str]) -> bool:
    """Whether a measure is what a question asks for: every word of it is asked for, and is half or
    more of the question. An age alone is no subject."""
    if not about or not about <= wanted:
        return False
    named = any(word.isalpha() for word in about)
    return about == wanted or (named and 2 * len(about) >= len(wanted))


def earlier(asked: str, asks: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The returns already given whose label, or what they count, fits the question."""
    wanted = words(asked)
    return [
        one
        for one in asks
        if (label := words(one["label"]))
        and (label <= wanted or (wanted and wanted <= label | words(one["counts"])))
    ]


def sentences(asked: str, book: Book, asks: list[dict[str, Any]]) -> list[str]:
    """What answers a question that somebody is about to put to a partner."""
    found = [f"an open source already covers this: {name}" for name in open_measures(asked, book)]
    for one in earlier(asked, asks):
        until = "expired on" if one["expired"] else "good until"
        found.append(
            f"already given: {one['label']}, by {one['owner']}, {one['organisation']}, on"
            f" {one['given_on']}; {until} {one['expires']}; shared as {one['sharing']}"
        )
    return found or [f"nothing in hand covers '{asked}': it has to be asked."]
