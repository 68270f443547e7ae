"""What the command line says: verdicts, lists, and what the doctor finds."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows import catalogue, freshness
from flows.snapshots import Store

if TYPE_CHECKING:
    from flows.evidence import Outcome


def run(asked: dict[str, Any], *, on_server: bool) -> Outcome:
    """The flow, in this process; on the server's books too where one is configured."""
    more = Path(asked["areas"]) if asked["areas"] else None
    # a fault is told before any slow import
    catalogue.read(asked["place"], tuple(asked["themes"]), areas=more)
    Path(asked["data"]).mkdir(parents=True, exist_ok=True)  # Prefect's home will lie in it
    from flows.evidence import NotPublished, Request

    if on_server:
        from flows.on_server import refresh
    else:
        from flows.evidence import refresh
    try:
        return refresh(Request(**asked))
    except NotPublished as why:
        return why.outcome


def progress(outcome: Outcome) -> Iterator[str]:
    """What an officer should know beside the verdict."""
    yield from (f"set aside: {line}" for line in outcome.set_aside)
    yield from (f"warning: {line}" for line in outcome.warnings)
    yield from (f"gap: {line}" for line in outcome.gaps)
    yield from outcome.notes


def verdict(outcome: Outcome, asked: dict[str, Any], *, quiet: bool) -> Iterator[str]:
    """The verdict, where the tables are, a short summary, and the next command."""
    if outcome.state == "source failed":
        yield f"Not published: {len(outcome.faults)} faults in sources. The last release stays."
        yield "Next: mend the files named above, then run the same command again."
        return
    if outcome.state == "checks failed":
        yield "Not published: critical checks failed. The last release stays."
        yield f"Next: read {outcome.folder}, mend what it names, and run the same command again."
        return
    if outcome.state == "not protected":
        yield "Not published: single people could be told from it. The last release stays."
        yield "Next: do what is said above, and run the same command again."
        return
    if outcome.state == "held":
        yield from _held(outcome, asked, quiet=quiet)
        return
    if outcome.state == "nothing new":
        yield f"Nothing new: release {outcome.release} stands."
    else:
        counted = (
            f"{outcome.rows:,} rows, {len(outcome.warnings)} warnings, {len(outcome.gaps)} gaps"
        )
        if outcome.state == "study":
            yield f"Study {outcome.release}: {counted}. What readers see is as it was."
        else:
            yield f"Published release {outcome.release}: {counted}."
    yield f"Tables: {outcome.latest}"
    if quiet or outcome.state == "study":
        return
    if outcome.state == "published":
        yield from summary(Path(outcome.latest))
    yield f"Next: {_command()} explain crime_rate_12_months{_data(asked['data'])}"


def _held(outcome: Outcome, asked: dict[str, Any], *, quiet: bool) -> Iterator[str]:
    data = _data(asked["data"])
    yield (
        f"Draft {outcome.draft} waits to be signed off: {outcome.rows:,} rows,"
        f" {len(outcome.warnings)} warnings, {len(outcome.gaps)} gaps."
        " What readers see is as it was."
    )
    yield f"Read: {Path(outcome.folder) / 'site' / 'index.html'}"
    if not quiet:
        yield from _moves(Path(asked["data"]), outcome.draft)
    yield f'Next: {_command()} publish {outcome.draft} --by "A. Name"{data}'
    yield f'  or: {_command()} refuse {outcome.draft} --by "A. Name" --why "..."{data}'


def waiting(data: Path, number: int) -> list[str]:
    """What a person should have read before a draft is signed off."""
    from flows import drafts

    draft = drafts.read(data, number)
    warned = [f"warning: {line}" for line in draft.warnings]
    since = f"compared with {draft.before}" if draft.before else "the first release"
    told = f"Draft {number}, built {draft.made_at[:16].replace('T', ' ')} UTC, {since}:"
    return [told, *warned, *_moves(data, number), f"Read: {draft.site}"]


def _moves(data: Path, number: int) -> list[str]:
    """What a draft would change, in a few lines: no number of crimes without its rate."""
    from flows.lookback import diffing, moves, records

    draft = records.found(data, f"{records.OF_DRAFT}{number}")
    if not draft.before:
        return ["Everything is new: it is the first release."]
    changed = draft.folder / "changes.csv"
    if not changed.exists():
        return []
    return list(moves.sentences(moves.of(changed, diffing.bare_counts(data, draft))))


def _data(folder: str) -> str:
    """The option that names a data folder, where it is not the usual one."""
    return "" if folder == "data" else f" --data {folder}"


def _command() -> str:
    """The command as it can be typed here: by its path where the environment is not activated."""
    if shutil.which("evidence") or not Path(sys.argv[0]).is_file():
        return "evidence"
    return os.path.relpath(sys.argv[0])


def summary(release: Path) -> Iterator[str]:
    """The newest headline figures of the widest kind of locality below the whole place."""
    import duckdb

    from flows.publish.datapackage import INVENTED
    from flows.releases import manifest

    about = manifest(release)
    yield ""
    if about.get("invented"):
        yield INVENTED
    yield f"{about.get('place_name', '')}, newest figures against the whole place:"
    rows = duckdb.execute(
        "with newest as ("
        "  select * from read_parquet($table)"
        "  where list_contains(['crime_rate_12_months', 'imd_score', 'fuel_poor_households',"
        "    'aged_65_and_over'], indicator_id)"
        "    and list_contains(['place', 'district'], area_kind) and value is not null"
        "  qualify period_end = max(period_end) over (partition by indicator_id))"
        " select indicator, period, unit, area_name, area_kind = 'place', value, compared"
        " from newest order by indicator_id, area_kind = 'place' desc, area_code",
        {"table": str(release / "evidence.parquet")},
    ).fetchall()
    shown = ""
    for indicator, period, unit, area, whole, value, compared in rows:
        if indicator != shown:
            yield f"  {indicator}, {period} ({unit})"
            shown = indicator
        yield f"    {area:<32} {value:>10,.1f}  {'' if whole else compared or ''}".rstrip()
    yield ""


def checked(place: str, data: Path, inbox: str) -> tuple[list[str], list[str]]:
    """What the catalogue, the suites and a place hold, and the faults of its boundaries and lists;
    raises all faults of the first two."""
    from expectations import checks

    book = catalogue.read(place)
    suites = checks.suites()
    from flows import preflight

    found = preflight.survey_place(book, place, data, inbox)
    return [
        f"catalogue: {len(book.themes)} themes, {len(book.indicators)} indicators,"
        f" {len(book.sources)} sources",
        f"expectations: {sum(map(len, suites.values()))} in {len(suites)} suites",
        f"place: {book.place.name}, {len(book.place.authorities)} authorities, kinds of locality: "
        + ", ".join(k.id for k in book.place.area_kinds),
        *found.lines,
    ], found.faults


def asked_live(place: str, data: Path) -> tuple[list[str], list[str]]:
    """What publishers serve as we believe, and what differs or does not answer, a line each."""
    from flows import live
    from flows.jobs import job
    from flows.requested import Request

    found = list(live.check(job(Request(place=place, data=str(data)))))
    lines = [f"{f.word}: {f.what}. {f.told}" for f in found]
    good = [line for line, f in zip(lines, found, strict=True) if f.word == live.GOOD]
    return good, [line for line in lines if line not in good]


def listed(data: Path) -> dict[str, Any]:
    """Themes with their indicators, sources with what is in hand, and places."""
    places = sorted(p.parent.name for p in catalogue.PLACES.glob("*/place.toml"))
    mark = data / "place"
    owner = mark.read_text("utf-8").strip() if mark.exists() else ""
    book = catalogue.read(owner if owner in places else places[0])
    store, today, off = Store(data / "snapshots"), datetime.now(UTC).date(), book.switched_off()
    used = {s.id for s in book.needed_sources()}
    sources = [
        freshness.standing(s, store, today, used=s.id in used, off=s.id in off)
        for s in book.sources
    ]
    themes = [
        {
            "id": theme.id,
            "label": theme.label,
            "indicators": [
                {"id": i.id, "label": i.label, "source": i.source, "unit": i.unit}
                for i in book.indicators
                if theme.id in i.themes
            ],
        }
        for theme in book.themes
    ]
    return {"themes": themes, "sources": sources, "places": places}


def show_list(listed: dict[str, Any], *, quiet: bool) -> None:
    """Tables for a person."""
    from rich.console import Console
    from rich.table import Table

    console = Console(width=None if sys.stdout.isatty() else 140)
    if not quiet:
        for theme in listed["themes"]:
            table = Table(title=theme["label"], title_justify="left", box=None)
            for column in ("indicator", "what", "source", "unit"):
                table.add_column(column, overflow="fold")
            for row in theme["indicators"]:
                table.add_row(row["id"], row["label"], row["source"], row["unit"])
            console.print(table)
    table = Table(title="Sources", title_justify="left", box=None)
    columns = ("id", "state", "newest_period_end", "last_pulled", "rows", "files", "licence")
    for column in columns:
        table.add_column(column.replace("_", " "), overflow="fold")
    for row in listed["sources"]:
        shown = (f"{row[c]:,}" if c in ("rows", "files") else str(row[c]) for c in columns)
        table.add_row(*shown)
    console.print(table)
    for row in listed["sources"]:
        for fault in row["faults"]:
            console.print(f"failing: {fault}", highlight=False, markup=False)
    console.print(f"Places: {', '.join(listed['places'])}")
