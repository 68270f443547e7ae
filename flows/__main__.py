"""The command line ``evidence``: arguments in, sentences and an exit code out. No logic lives here.

Exit codes: 0 done or nothing new, 1 unexpected, 2 usage, catalogue or place, 3 built but critical
checks failed, 4 a source failed, 5 another run holds the lock.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from flows import failures
from flows.failures import Stop

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Neighbourhood evidence for English local partnerships.",
)
DEMO = "exampleshire"

PlaceOption = Annotated[str, typer.Option("--place", help="A place under geo/, or a folder.")]
DataOption = Annotated[str, typer.Option("--data", help="The data folder.", envvar="EVIDENCE_DATA")]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]
QuietOption = Annotated[bool, typer.Option("--quiet", help="Only the verdict.")]
DebugOption = Annotated[
    bool, typer.Option("--debug", help="Show a traceback for what is unexpected.")
]


@app.command()
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
        "data": data,
    }
    _months(since, until)
    _day(boundaries)
    _settings(Path(data), quiet=quiet or as_json)
    from flows import report

    outcome = report.run(asked, on_server=bool(os.environ.get("PREFECT_API_URL")))
    if as_json:
        typer.echo(json.dumps(outcome.model_dump(), indent=2, ensure_ascii=False))
    else:
        for line in report.progress(outcome) if not quiet else ():
            typer.echo(line, err=True)
        for line in outcome.faults:
            typer.echo(line, err=True)
        for line in report.verdict(outcome, asked, quiet=quiet):
            typer.echo(line)
    raise typer.Exit(outcome.code)


@app.command()
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


@app.command("list")
def list_(
    question: Annotated[
        str, typer.Argument(help="With --asks: what you are about to ask a partner for.")
    ] = "",
    asks: Annotated[
        bool, typer.Option("--asks", help="What partners gave, and what need not be asked.")
    ] = False,
    data: DataOption = "data",
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    debug: DebugOption = False,
) -> None:
    """List themes and indicators, sources and what is in hand of each, and places."""
    from flows import report
    from flows.returns import asked

    if question and not asks:
        raise Stop(2, [f"'{question}' is a question for --asks: evidence list --asks '{question}'"])
    if asks:
        answer = asked.found(Path(data), question)
        told = json.dumps(answer, indent=2, ensure_ascii=False)
        typer.echo(told if as_json else "\n".join(asked.sentences(answer)))
        return
    listed = report.listed(Path(data))
    if as_json:
        typer.echo(json.dumps(listed, indent=2, ensure_ascii=False, default=str))
    else:
        report.show_list(listed, quiet=quiet)


@app.command()
def explain(
    indicator: Annotated[str, typer.Argument(help="An indicator id.")],
    area: Annotated[str, typer.Option(help="An area code.")] = "",
    period: Annotated[str, typer.Option(help="A period, as the tables show it.")] = "",
    kind: Annotated[str, typer.Option(help="The kind of area, where a code is of several.")] = "",
    data: DataOption = "data",
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    debug: DebugOption = False,
) -> None:
    """Walk a published figure back: how it was made, of which places, rows and files."""
    from flows import explaining, lineage

    chain = lineage.explain(Path(data), indicator, area, period, kind)
    if as_json:
        typer.echo(json.dumps(chain, indent=2, ensure_ascii=False, default=lineage.plain))
    else:
        for line in explaining.page(chain, quiet=quiet):
            typer.echo(line)


@app.command(context_settings={"ignore_unknown_options": True})  # a longitude is no option
def where(
    place: Annotated[
        list[str],
        typer.Argument(
            help='A postcode ("LE11 1AA"), LAT,LON, EASTING,NORTHING or a small area.',
            show_default=False,
        ),
    ],
    data: DataOption = "data",
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    debug: DebugOption = False,
) -> None:
    """Say which localities of every kind contain a postcode, a point or a small area."""
    from flows import where as asked

    answer = asked.where(Path(data), " ".join(place))
    if as_json:
        typer.echo(json.dumps(answer, indent=2, ensure_ascii=False))
    else:
        for line in asked.sentences(answer, quiet=quiet):
            typer.echo(line)


@app.command()
def briefings(
    to: Annotated[str, typer.Option(help="The folder; by default briefings/ in the data.")] = "",
    data: DataOption = "data",
    debug: DebugOption = False,
) -> None:
    """Print the two-page briefing of every locality in the latest release as a PDF."""
    from flows import printing

    folder = Path(to) if to else Path(data) / "briefings"
    done = list(printing.print_briefings(Path(data), folder))
    typer.echo(f"Printed {len(done)} briefings: {folder}")


@app.command()
def doctor(
    data: DataOption = "data",
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    debug: DebugOption = False,
) -> None:
    """Check this machine: versions, the spatial extension, write access, disk."""
    from flows import report

    findings = report.examined(Path(data))
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


def _settings(data: Path, *, quiet: bool) -> None:
    """The environment of a run: no telemetry, and Prefect's own files inside the data folder."""
    os.environ.setdefault("DO_NOT_TRACK", "1")
    os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    os.environ.setdefault("PREFECT_HOME", str(data.resolve() / "prefect"))
    os.environ.setdefault("PREFECT_LOGGING_LEVEL", "WARNING")
    logging.basicConfig(stream=sys.stderr, format="%(message)s", level=logging.WARNING)
    logging.getLogger("evidence").setLevel(logging.WARNING if quiet else logging.INFO)


def main(arguments: list[str] | None = None) -> None:
    """Run the command; every foreseen failure is a sentence and a code, never a traceback."""
    given = sys.argv[1:] if arguments is None else arguments
    try:
        code = app(args=given, standalone_mode=False)
    except Exception as why:
        raise SystemExit(
            failures.told(why, debug="--debug" in given, as_json="--json" in given)
        ) from None
    raise SystemExit(code if isinstance(code, int) else 0)


if __name__ == "__main__":
    main()
