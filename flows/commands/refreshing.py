"""``evidence refresh`` and what goes before it: check, doctor."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated

import typer

from flows.commands import (
    DEMO,
    DataOption,
    DebugOption,
    JsonOption,
    PlaceOption,
    QuietOption,
    settle,
)
from flows.failures import Stop
from flows.requested import INLINE, RUNNER, RUNNER_VARIABLE, THREADS

commands = typer.Typer()


@commands.command()
def refresh(
    place: PlaceOption = DEMO,
    since: Annotated[str, typer.Option(help="First month, YYYY-MM.")] = "",
    until: Annotated[str, typer.Option(help="Last month, YYYY-MM.")] = "",
    themes: Annotated[str, typer.Option(help="Theme ids, with commas between.")] = "",
    inbox: Annotated[
        str, typer.Option(help="A folder with <source>/<file> downloaded by hand.")
    ] = "",
    offline: Annotated[bool, typer.Option("--offline", help="Never touch the network.")] = False,
    boundaries: Annotated[
        str, typer.Option(help="today, period (as at the end of each), or a day, YYYY-MM-DD.")
    ] = "today",
    areas: Annotated[str, typer.Option(help="A TOML file of kinds to add for this run.")] = "",
    draft: Annotated[
        bool, typer.Option("--draft", help="Make a draft to be signed off; publish nothing.")
    ] = False,
    repull: Annotated[
        bool, typer.Option("--repull", help="Ask for everything again, changed or not.")
    ] = False,
    runner: Annotated[
        str,
        typer.Option(
            envvar=RUNNER_VARIABLE,
            help="Who stages files: inline, threads, dask, or a Dask scheduler (tcp://host:port).",
        ),
    ] = "threads",
    data: DataOption = "data",
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    debug: DebugOption = False,
) -> None:
    """Pull what is new, build, check and publish a place's evidence."""
    asked = {
        "place": place,
        "since": since,
        "until": until,
        "themes": [t.strip() for t in themes.split(",") if t.strip()],
        "inbox": inbox,
        "offline": offline,
        "boundaries": boundaries,
        "areas": areas,
        "hold": "always" if draft else "never",
        "repull": repull,
        "runner": runner,
        "data": data,
    }
    _months(since, until)
    _day(boundaries)
    _runner(runner)
    settle(Path(data), quiet=quiet or as_json)
    from flows import loading, report

    outcome = report.run(asked, on_server=bool(os.environ.get("PREFECT_API_URL")))
    if as_json:
        typer.echo(json.dumps(outcome.model_dump(), indent=2, ensure_ascii=False))
    else:
        for line in (
            (*report.progress(outcome), *loading.table(outcome.seconds)) if not quiet else ()
        ):
            typer.echo(line, err=True)
        for line in outcome.faults:
            typer.echo(line, err=True)
        for line in report.verdict(outcome, asked, quiet=quiet):
            typer.echo(line)
    raise typer.Exit(outcome.code)


@commands.command()
def check(
    place: PlaceOption = DEMO,
    inbox: Annotated[str, typer.Option(help="A folder with files downloaded by hand.")] = "",
    fix: Annotated[
        str, typer.Option(help="Write the place's boundaries, mended, to this new .gpkg file.")
    ] = "",
    live: Annotated[
        bool, typer.Option("--live", help="Ask the publishers: is all as we believe it to be?")
    ] = False,
    data: DataOption = "data",
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    debug: DebugOption = False,
) -> None:
    """Check the catalogue, the suites and a place with its boundaries, without building
    anything."""
    from flows import preflight, report

    if live:
        lines, faults = report.asked_live(place, Path(data))
        last = f"{len(lines)} as believed, {len(faults)} to look at: {data}/live-check.json"
    elif fix:
        mended = preflight.mend(place, inbox, Path(fix))
        lines, faults = mended.lines, mended.faults
        last = "Left to you: see above." if faults else "All that could be mended is."
    else:
        lines, faults = report.checked(place, Path(data), inbox)
        last = f"All well. Next: evidence refresh --place {place}"
        if faults:
            last = f"{len(faults)} faults in boundaries and lists: mend them, or see --fix."
    if as_json:
        found = {"place": place, "faults": faults, "found": [*lines, last]}
        typer.echo(json.dumps(found, indent=2, ensure_ascii=False))
    else:
        for line in () if quiet else lines:
            typer.echo(line)
        for line in faults:
            typer.echo(line, err=True)
        typer.echo(last)
    raise typer.Exit((4 if live else 2) if faults else 0)


@commands.command()
def doctor(
    data: DataOption = "data",
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    debug: DebugOption = False,
) -> None:
    """Check this machine: versions, the spatial extension, write access, disk, the desk."""
    from flows import doctor as asked

    findings = asked.examined(Path(data))
    if as_json:
        typer.echo(json.dumps(findings, indent=2, ensure_ascii=False))
    else:
        for finding in findings if not quiet else [f for f in findings if not f["ok"]]:
            typer.echo(f"{'ok ' if finding['ok'] else 'BAD'} {finding['what']}: {finding['found']}")
    raise typer.Exit(0 if all(f["ok"] for f in findings) else 1)


def _months(since: str, until: str) -> None:
    import re

    for option, month in (("--since", since), ("--until", until)):
        if month and not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", month):
            raise Stop(
                2, [f"{option}: '{month}' is not a month. Write it as YYYY-MM, like 2025-01."]
            )
    if since and until and since > until:
        raise Stop(2, [f"--since {since} is after --until {until}. Swap them."])


def _day(boundaries: str) -> None:
    from datetime import date

    if boundaries in ("today", "period"):
        return
    try:
        date.fromisoformat(boundaries)
    except ValueError:
        raise Stop(
            2, [f"--boundaries: '{boundaries}' is not today, period or a day like 2009-06-01."]
        ) from None


def _runner(runner: str) -> None:
    import re

    if not re.match(RUNNER, runner):
        told = "is not inline, threads, dask or a Dask scheduler's address like tcp://host:8786"
        raise Stop(2, [f"--runner ({RUNNER_VARIABLE}): '{runner}' {told}."])
    if runner not in (INLINE, THREADS) and not os.environ.get("PREFECT_API_URL"):
        told = "works for a Prefect server only: name one in the environment (PREFECT_API_URL)"
        raise Stop(2, [f"--runner ({RUNNER_VARIABLE}): '{runner}' {told}."])
