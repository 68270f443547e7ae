"""Looking back, and keeping house: how everything stands, every release on record, what moved
between two, what was known on a day; what may go, and a copy of what must not."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from flows.commands import DataOption, DebugOption, JsonOption, QuietOption, say
from flows.failures import Stop

commands = typer.Typer()
ONE = "A release, or the part of its name that no other has; latest; or a draft, like draft:7."


@commands.command()
def status(
    data: DataOption = "data",
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    debug: DebugOption = False,
) -> None:
    """How everything stands: releases, drafts, the last run and the next, sources, disk."""
    from flows.lookback import standing

    found = standing.status(Path(data).resolve())
    say(found, as_json=as_json, lines=list(standing.sentences(found, quiet=quiet)))


@commands.command()
def releases(
    data: DataOption = "data",
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    debug: DebugOption = False,
) -> None:
    """Every release on record, the newest first."""
    from flows.lookback import listing

    rows = listing.rows(Path(data).resolve())
    say(rows, as_json=as_json, lines=list(listing.lines(rows, quiet=quiet)))


@commands.command()
def diff(
    older: Annotated[str, typer.Argument(metavar="A", help=ONE)],
    newer: Annotated[str, typer.Argument(metavar="B", help="The other.")],
    to: Annotated[
        str, typer.Option(help="Write every cell that moved into this CSV.", metavar="FILE.csv")
    ] = "",
    data: DataOption = "data",
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    debug: DebugOption = False,
) -> None:
    """What moved between two releases, by theme and reason: new data, a publisher's revision, a
    boundary or a method."""
    from flows.lookback import diffing

    found = diffing.between(Path(data).resolve(), older, newer, Path(to) if to else None)
    told = found.told() | {"file": to}
    say(told, as_json=as_json, lines=list(diffing.sentences(found, to, quiet=quiet)))


@commands.command("as-of")
def as_of(
    day: Annotated[str, typer.Argument(metavar="DAY", help="YYYY-MM-DD, to its end.")],
    indicator: Annotated[
        str, typer.Argument(metavar="[INDICATOR]", help="A figure to tell, then and now.")
    ] = "",
    area: Annotated[str, typer.Option(help="An area code.")] = "",
    period: Annotated[str, typer.Option(help="A period, as the tables show it.")] = "",
    kind: Annotated[str, typer.Option(help="The kind of area, where a code is of several.")] = "",
    data: DataOption = "data",
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    debug: DebugOption = False,
) -> None:
    """What was known on a day: the latest release then, what it rested on, what came since."""
    from flows.lookback import past

    if not indicator and (area or period or kind):
        raise Stop(2, ["--area, --kind and --period want an indicator: evidence as-of DAY ID"])
    answer = past.as_of(Path(data).resolve(), _day(day), indicator, area, kind, period)
    say(answer, as_json=as_json, lines=list(past.sentences(answer, indicator, quiet=quiet)))


@commands.command("open")
def open_(
    release: Annotated[str, typer.Argument(metavar="[RELEASE]", help=ONE)] = "latest",
    data: DataOption = "data",
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    debug: DebugOption = False,
) -> None:
    """Open a release's pages in the browser."""
    from flows.lookback import listing

    page = listing.show(Path(data).resolve(), release)
    say({"release": release, "page": str(page)}, as_json=as_json, lines=[str(page)])


@commands.command()
def prune(
    keep: Annotated[int, typer.Option(help="How many of the newest releases stay whole.")] = 12,
    yes: Annotated[bool, typer.Option("--yes", help="Remove it.")] = False,
    data: DataOption = "data",
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    debug: DebugOption = False,
) -> None:
    """Say what may go (typed copies, leftovers, old releases' tables); with --yes, remove it.
    What was pulled is never removed."""
    from flows.housekeeping import keeping

    found = keeping.prune(Path(data).resolve(), keep, remove=yes)
    lines = list(keeping.sentences(found, removed=yes))
    told = {"removed": yes, "bytes": found.bytes, **asdict(found)}
    say(told, as_json=as_json, lines=lines[-1:] if quiet else lines)


@commands.command("backup")
def backup_(
    folder: Annotated[str, typer.Argument(metavar="DIR", help="Outside the data folder.")],
    data: DataOption = "data",
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    debug: DebugOption = False,
) -> None:
    """Copy what cannot be made again into a folder; a second time only what is new."""
    from flows.housekeeping import backup

    saved = backup.backup(Path(data).resolve(), Path(folder).resolve())
    lines = list(backup.sentences(saved))
    say(asdict(saved), as_json=as_json, lines=lines[:1] if quiet else lines)


def _day(told: str) -> date:
    try:
        return date.fromisoformat(told)
    except ValueError:
        raise Stop(2, [f"'{told}' is not a day. Write it like 2026-05-31."]) from None
