"""What a person reads after a run, as Markdown and as rows of tables. No Prefect in here."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows.desk.tables import OUTPUTS, UNWELL, ordered
from flows.desk.words import code, plain, section, table
from flows.figures import many

if TYPE_CHECKING:
    from flows.drafts import Draft
    from flows.requested import Outcome

LARGEST = 12  # moves
THEMES = 60  # lines of what changed by theme
WITHHELD = ("[c]", "[low]")
VERDICTS = {
    "source failed": "Nothing was published: a source that is needed failed.",
    "checks failed": "Nothing was published: critical checks failed.",
    "not protected": "Nothing was published: single people could be told from it.",
}
STAYS = "What readers see is as it was."


def verdict(outcome: Outcome) -> str:
    """How a build ended, and what that means for readers, in a sentence or two."""
    told = f"{many(len(outcome.warnings), 'warning')} and {many(len(outcome.gaps), 'gap')}"
    if outcome.state in ("held", "published"):
        stays = f" {STAYS}" if outcome.state == "held" else ""
        return f"{headline(outcome)} It has {told}.{stays}"
    return f"{headline(outcome)} {STAYS}"


def headline(outcome: Outcome) -> str:
    """How a build ended, in a sentence."""
    if outcome.state == "held":
        return f"Draft {outcome.draft} waits to be signed off."
    if outcome.state == "published":
        return f"Release {outcome.release} is published."
    if outcome.state == "nothing new":
        return f"Nothing new: release {outcome.release} stands."
    return VERDICTS[outcome.state]


def built(
    outcome: Outcome,
    draft: Draft | None,
    sources: Sequence[Mapping[str, Any]],
    data: Path,
    bare: Collection[str] = (),
) -> str:
    """The summary of a build: the verdict, what to do next, and what to know before that.
    ``bare``: the indicators that count crimes, which are not among the largest moves."""
    stale = [source_told(s) for s in ordered(sources) if s["state"] in UNWELL]
    return "\n".join(
        [
            *(
                f"# {plain(headline(outcome))}",
                "",
                verdict(outcome).removeprefix(headline(outcome)),
            ),
            *(invented(draft.files) if draft else ()),
            *following(outcome, data),
            *section("What went wrong", outcome.faults),
            *(changed(draft, bare) if draft else ()),
            *section("Warnings", outcome.warnings),
            *section("Files that were set aside", outcome.set_aside),
            *section("Sources to look after", stale),
            *section("What is missing", outcome.gaps),
            *(withheld(draft.files) if draft else ()),
            *section("Also", outcome.notes),
            *(places(draft.files) if draft else ()),
        ]
    )


def invented(files: Path) -> list[str]:
    """That the figures are of no real place, where they are not."""
    mark = files / "INVENTED.txt"
    return ["", f"**{plain(mark.read_text('utf-8').strip())}**"] if mark.exists() else []


def following(outcome: Outcome, data: Path) -> list[str]:
    """The next thing to do, as a line on the page and as a command."""
    if outcome.state == "held":
        n = outcome.draft
        said = f'{n} --by "Your Name"'
        typed = (
            code(f"evidence publish {said}{_data(data)}"),
            code(f'evidence refuse {said} --why "..."{_data(data)}'),
        )
        return [
            "",
            "**Next:** look at the draft (below: where it is). Then run **2 Publish a draft** with"
            f" number **{n}** and your name, and choose *publish* or *refuse*.",
            f"Or type {typed[0]}, or {typed[1]}.",
        ]
    if outcome.code:
        return [
            "",
            "**Next:** mend what is named below, then run **1 Build a draft release** again.",
        ]
    if outcome.state == "published":
        return ["", "**Next:** open the site (below: where it is), and tell the partnership."]
    return ["", "**Next:** nothing is to be done."]


def changed(draft: Draft, bare: Collection[str]) -> list[str]:
    """What a draft changes for readers: how much of what, by theme, and the largest moves."""
    from flows.lookback import moves

    head = ["", "## What changes for readers", ""]
    if not draft.before:
        return [*head, "Everything is new: it is the first release."]
    found = moves.of(draft.files / "changes.csv", bare, LARGEST)
    if not found.cells:
        return [*head, "No figure moves."]
    themes = [(m.theme, m.change, m.why, f"{m.cells:,}") for m in found.by_theme]
    return [
        *head,
        f"{many(found.cells, 'figure')} moved since {plain(draft.before)}:"
        f" {_listed(found.counts)}.",
        f"What moved them: {_listed(found.causes)}.",
        *table(("Theme", "Change", "Why", "Figures#"), themes[:THEMES]),
        *(["", "### The largest moves", ""] if found.largest else []),
        *(f"- {plain(moves.sentence(move))}" for move in found.largest),
    ]


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {plain(word)}" for word, count in counts.items() if count)


def withheld(files: Path) -> list[str]:
    """How many figures of a release are withheld, by theme."""
    counts: Counter[str] = Counter()
    for path in sorted((files / "themes").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as lines:
            counts[path.stem] = sum(row["marker"] in WITHHELD for row in csv.DictReader(lines))
    told = [f"{theme}: {many(count, 'figure')}" for theme, count in counts.items() if count]
    if not told:
        return ["", "## What is withheld", "", "No figure is withheld."]
    return section("What is withheld, against disclosure or for a licence", told)


def places(files: Path) -> list[str]:
    """Where the outputs lie, as text: Prefect's page opens no files of this machine."""
    found = [
        f"- {label}: {code(files / name)}" for label, name in OUTPUTS if (files / name).exists()
    ]
    return ["", "## Where it is", "", *found] if found else []


def decided(draft: Draft, data: Path, bare: Collection[str] = ()) -> str:
    """The summary of a decision on a draft."""
    note = ["", f"Note: {plain(draft.note)}"] if draft.note else []
    if draft.state == "refused":
        return "\n".join(
            [
                f"# Draft {draft.number} is refused. {STAYS}",
                *("", f"By {plain(draft.by)}. It stays on record, and is never published.", *note),
                *("", "**Next:** when what was wrong is mended, run **1 Build a draft release**."),
                *places(draft.files),
            ]
        )
    return "\n".join(
        [
            f"# Release {plain(draft.release)} is published: readers see it now.",
            *("", f"It was draft {draft.number}, signed off by {plain(draft.by)}.", *note),
            *invented(draft.files),
            *("", "**Next:** open what readers open, and tell the partnership:"),
            *("", code(data / "latest" / "site" / "index.html")),
            *changed(draft, bare),
            *places(draft.files),
        ]
    )


def checked(sources: Sequence[Mapping[str, Any]], live: Sequence[str], place: str) -> str:
    """The summary of a look at the sources."""
    lines = [source_told(s) for s in ordered(sources) if s["state"] in UNWELL]
    head = f"# {plain(sources_told(sources, live))}"
    later = "**Next:** nothing is to be done."
    if lines or live:
        later = "**Next:** wait for the publisher, or put the file into the inbox and build."
    return "\n".join(
        [
            *(head, "", f"Place: {plain(place)}.", "", later),
            *section("Sources to look after", lines),
            *section("Publishers that do not serve what we believe", live),
        ]
    )


def sources_told(sources: Sequence[Mapping[str, Any]], live: Sequence[str] = ()) -> str:
    """How the sources stand, in a sentence."""
    counts = Counter(s["state"] for s in sources if s["state"] in UNWELL)
    told = [f"{many(counts[word], 'source')} {word}" for word in UNWELL if counts[word]]
    told += [f"{many(len(live), 'publisher')} to look at"] if live else []
    return (
        f"Look at the sources: {', '.join(told)}." if told else "All sources are as they should be."
    )


def needs_telling(source: Mapping[str, Any]) -> bool:
    """Whether somebody should be told of a source: it is late, or failing."""
    return source["state"] in ("late", "failing")


def source_told(source: Mapping[str, Any]) -> str:
    """How a source stands, in a line."""
    newest = source["newest_period_end"]
    reach = f", its newest figures end {newest}" if newest else ""
    faults = f": {' '.join(source['faults'])}" if source["faults"] else ""
    return f"{source['label']}: {source['state']}{reach}{faults}"


def wrong(sentences: Sequence[str], *, unforeseen: str = "") -> str:
    """What went wrong, for a person; and for whoever mends the program, what it did not foresee."""
    head = ["# What went wrong", "", *(f"- {plain(line)}" for line in sentences), "", STAYS]
    if not unforeseen:
        return "\n".join([*head, "", "**Next:** mend what is named above, then run it again."])
    fenced = unforeseen.replace("```", "'''")
    later = (
        "**Next:** run it again. If it comes again, send what follows to whoever looks after this."
    )
    return "\n".join([*head, "", later, "", "```", fenced, "```"])


def first(sentences: Sequence[str]) -> str:
    """The first of several sentences, and how many more there are."""
    told = " ".join(str(sentences[0]).split()) if sentences else ""
    more = f" And {len(sentences) - 1} more: see the page." if len(sentences) > 1 else ""
    return told + more


def decision(draft: Draft) -> str:
    """How a decision went, in a sentence."""
    if draft.state == "refused":
        return f"Draft {draft.number} is refused by {draft.by}: {draft.note.rstrip('.')}. {STAYS}"
    return f"Release {draft.release} is published, signed off by {draft.by}."


def equality(release: str, equal: bool) -> str:
    """How a rebuilt release compares, in a sentence."""
    return f"Release {release} was made again, and {'is the same' if equal else 'differs'}."


def rebuilt(release: str, equal: bool, folder: Path, differs: list[str], told: list[str]) -> str:
    """The summary of a rebuilt release."""
    lines = [
        f"# {equality(release, equal)}",
        *section("What was found", told),
        *section("What differs", differs),
    ]
    return "\n".join([*lines, "", f"It is in {code(folder)}. {STAYS}"])


def _data(data: Path) -> str:
    return "" if data == Path("data").resolve() else f" --data {data}"
