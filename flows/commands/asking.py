"""Questions about what is published and in hand: list, explain, where, briefings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from flows.commands import (
    DataOption,
    DebugOption,
    JsonOption,
    QuietOption,
)
from flows.failures import Stop

commands = typer.Typer()


@commands.command("list")
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


@commands.command()
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


@commands.command(context_settings={"ignore_unknown_options": True})  # a longitude is no option
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


@commands.command()
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
