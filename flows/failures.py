"""How a failure is told: sentences on standard error and an exit code, never a traceback."""

from __future__ import annotations

import json
from typing import Any

import typer


class Stop(Exception):
    """A user's mistake: sentences to say and the exit code."""

    def __init__(self, code: int, lines: list[str]) -> None:
        self.code, self.lines = code, lines
        super().__init__("\n".join(lines))


def told(why: Exception, *, debug: bool, as_json: bool) -> int:
    """Say what went wrong on standard error; the exit code."""
    code, lines = 1, [f"Unexpected: {type(why).__name__}: {why}"]
    if callable(usage := getattr(why, "format_message", None)):
        code, lines = 2, [usage()]
    elif isinstance(why, typer.Abort):
        lines = ["Stopped."]
    elif isinstance(why, Stop):
        code, lines = why.code, why.lines
    elif (known := _known(why)) is not None:
        code, lines = known
    elif debug:
        raise why
    else:
        lines.append("Run it again with --debug to see where, and please report it.")
    for line in lines:
        typer.echo(line, err=True)
    if as_json:
        answer: dict[str, Any] = {"state": "failed", "code": code, "faults": lines}
        typer.echo(json.dumps(answer, indent=2, ensure_ascii=False))
    return code


def foreseen(why: BaseException) -> list[str] | None:
    """The sentences of a failure that is foreseen; None for any other."""
    if isinstance(why, Stop):
        return why.lines
    known = _known(why)
    return known[1] if known else None


def code_of(why: BaseException) -> int:
    """The exit code of a failure."""
    if isinstance(why, Stop):
        return why.code
    known = _known(why)
    return known[0] if known else 1


def _known(why: BaseException) -> tuple[int, list[str]] | None:
    """The exit code and the sentences of the failures that the rooms foresee, by their names: to
    import them all would take seconds."""
    name = type(why).__name__
    faults = getattr(why, "faults", None)
    if name in ("CatalogueFaults", "BoundaryFaults") and isinstance(faults, list):
        return 2, faults
    codes = {
        "SuiteFault": 2,
        "OtherPlace": 2,
        "Unknown": 2,
        "NotOpen": 2,
        "NoDraft": 2,
        "Refused": 2,
        "NotKept": 2,
        "NoRelease": 2,
        "NoTables": 2,
        "NoPages": 2,
        "NotPruned": 2,
        "NotBackedUp": 2,
        "NotProtected": 3,
        "Fault": 4,
        "Busy": 5,
        "EngineFault": 1,
        "NotRun": 1,
    }
    return (codes[name], [str(why)]) if name in codes else None
