"""What the strategy officer decides: publish a draft or refuse it, make a past release again, and
the desk that schedules all of it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from flows.commands import (
    DataOption,
    DebugOption,
    JsonOption,
    QuietOption,
    say,
    settle,
)
from flows.failures import Stop

commands = typer.Typer()

NumberArgument = Annotated[
    str, typer.Argument(metavar="DRAFT", help="The number of a draft (evidence status).")
]
ByOption = Annotated[
    str, typer.Option("--by", help="Who decides: a name, for the record.", metavar="NAME")
]
YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


@commands.command()
def publish(
    draft: NumberArgument,
    by: ByOption = "",
    note: Annotated[str, typer.Option(help="For the record: why, or what to know.")] = "",
    yes: YesOption = False,
    data: DataOption = "data",
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    debug: DebugOption = False,
) -> None:
    """Sign a draft off: it becomes the latest release."""
    from flows import report, signing

    number, who = _number(draft), _who(by, "publish", draft)
    if not yes:
        _ask(report.waiting(Path(data), number), f"Publish draft {number}, signed off by {who}?")
    done = signing.publish(Path(data).resolve(), number, who, note)
    told = {"state": "published", "code": 0, "draft": number, "release": done.release, "by": who}
    lines = [
        f"Published release {done.release}, signed off by {who}.",
        f"Tables: {Path(data).resolve() / 'latest'}",
    ]
    say(told, as_json=as_json, lines=lines[:1] if quiet else lines)


@commands.command()
def refuse(
    draft: NumberArgument,
    why: Annotated[str, typer.Option("--why", help="The reason: it stays on record.")] = "",
    by: ByOption = "",
    data: DataOption = "data",
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    debug: DebugOption = False,
) -> None:
    """Refuse a draft: it stays on record, and never becomes latest."""
    from flows import signing

    number, who = _number(draft), _who(by, "refuse", draft)
    done = signing.refuse(Path(data).resolve(), number, who, why)
    told = {"state": "refused", "code": 0, "draft": number, "by": who, "why": done.note}
    say(told, as_json=as_json, lines=[f"Draft {number} is refused by {who}: {done.note}"])


@commands.command()
def rebuild(
    release: Annotated[str, typer.Argument(help="The name of a release (evidence releases).")],
    data: DataOption = "data",
    as_json: JsonOption = False,
    quiet: QuietOption = False,
    debug: DebugOption = False,
) -> None:
    """Make a past release again from what was kept, and hold it against what was published."""
    settle(Path(data), quiet=quiet or as_json)
    from flows import rebuilding

    made = rebuilding.rebuild(Path(data).resolve(), release)
    told = {"release": release, "equal": made.equal, "folder": str(made.folder)}
    lines = made.sentences[-1:] if quiet else made.sentences
    say(told | {"differs": made.differs}, as_json=as_json, lines=lines)
    raise typer.Exit(0 if made.equal else 3)


@commands.command()
def serve(
    place: Annotated[str, typer.Option("--place", help="The place of scheduled runs.")] = "",
    port: Annotated[int, typer.Option(help="The port of the page, on this machine only.")] = 4200,
    data: DataOption = "data",
    debug: DebugOption = False,
) -> None:
    """Start the officer's desk on this machine: a page to start, schedule and sign off from."""
    settle(Path(data), quiet=False)
    from flows.desk import serving

    raise typer.Exit(serving.serve(Path(data).resolve(), place, port))


def _number(draft: str) -> int:
    told = draft.removeprefix("draft:").removeprefix("draft")
    if not told.strip().isdigit():
        raise Stop(2, [f"'{draft}' is not the number of a draft. evidence status shows them."])
    return int(told)


def _who(by: str, what: str, draft: str) -> str:
    if not by.strip():
        raise Stop(
            2, [f'Who decides? A name, for the record: evidence {what} {draft} --by "A. Name"']
        )
    return by.strip()


def _ask(lines: list[str], question: str) -> None:
    for line in lines:
        typer.echo(line, err=True)
    if not sys.stdin.isatty():
        raise Stop(2, [f"{question} Nobody is there to answer: say --yes."])
    typer.confirm(question, abort=True, err=True)
