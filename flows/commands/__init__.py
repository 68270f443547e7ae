"""The command line ``evidence``: arguments in, sentences and an exit code out. No logic lives here.

A module for each of a user's errands (its ``commands``); ``app`` and the options that several share
are here.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

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


def say(answer: Any, *, as_json: bool, lines: list[str]) -> None:
    """Print an answer: as JSON, or as its lines."""
    told = json.dumps(answer, indent=2, ensure_ascii=False, default=str)
    typer.echo(told if as_json else "\n".join(lines))


def settle(data: Path, *, quiet: bool) -> None:
    """The environment of a run: no telemetry, and Prefect's own files inside the data folder."""
    os.environ.setdefault("DO_NOT_TRACK", "1")
    os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    os.environ.setdefault("PREFECT_HOME", str(data.resolve() / "prefect"))
    os.environ.setdefault("PREFECT_LOGGING_LEVEL", "WARNING")
    logging.basicConfig(stream=sys.stderr, format="%(message)s", level=logging.WARNING)
    logging.getLogger("evidence").setLevel(logging.WARNING if quiet else logging.INFO)
