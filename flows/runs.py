"""Every run on record: when it began, how it ended, what it led to.

``runs.jsonl`` in the data folder, only ever added to: a line when a run begins and one when it
ends. A run that was killed has no second line, and says so by that. Prefect keeps a history too;
this one is there without a server, and goes with the data.
"""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flows import failures

NAME = "runs.jsonl"
Run = dict[str, Any]
BLANK: Run = {"ended": "", "state": "", "code": None, "faults": [], "draft": 0, "release": ""}


@contextmanager
def noted(data: Path, what: str) -> Iterator[Run]:
    """Note that something begins, and how it ended: what the block puts into the mapping (state,
    code, faults, draft, release), or the failure that it raised."""
    run = {"run": uuid.uuid4().hex[:12], "what": what, "pid": os.getpid()}
    _add(data, run | {"began": _now()})
    ended: Run = {"state": "done", "code": 0}
    try:
        yield ended
    except BaseException as why:
        told = failures.foreseen(why) or [f"{type(why).__name__}: {why}"]
        ended |= {"state": "failed", "code": failures.code_of(why), "faults": told}
        raise
    finally:
        _add(data, {"run": run["run"], "ended": _now(), **ended})


def read(data: Path) -> list[Run]:
    """Every run, the newest last: run, what, pid, began, ended (empty while it runs, and where it
    was interrupted), state, code, faults, draft, release."""
    path, found = data / NAME, dict[str, Run]()
    for line in path.read_text("utf-8").splitlines() if path.exists() else ():
        try:
            told = json.loads(line)
        except json.JSONDecodeError:
            continue  # half written by a killed run
        found[told["run"]] = found.get(told["run"], dict(BLANK)) | told
    return [run for run in found.values() if "began" in run]


def _add(data: Path, line: Run) -> None:
    path = data / NAME
    half = path.exists() and not path.read_bytes().endswith(b"\n")
    with path.open("a", encoding="utf-8") as listed:
        listed.write("\n" * half + json.dumps(line, ensure_ascii=False) + "\n")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
