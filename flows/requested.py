"""What may be asked of a refresh, and how it ended."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

MONTH = r"^(|\d{4}-(0[1-9]|1[0-2]))$"
TODAY, PERIOD = "today", "period"
INLINE, THREADS = "inline", "threads"
RUNNER = r"^(inline|threads|dask|(tcp|tls)://[^\s:]+:\d+)$"
RUNNER_VARIABLE = "EVIDENCE_RUNNER"


class Request(BaseModel):
    """What to refresh. Months are YYYY-MM, both included; empty means all that the sources have."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    place: str = Field("exampleshire", title="Place", description="A folder under geo/.")
    data: str = Field("data", title="Data folder", description="Where snapshots and releases go.")
    since: str = Field("", title="First month", pattern=MONTH, description="YYYY-MM, or empty.")
    until: str = Field("", title="Last month", pattern=MONTH, description="YYYY-MM, or empty.")
    themes: tuple[str, ...] = Field((), title="Themes", description="Theme ids; none means all.")
    inbox: str = Field("", title="Inbox", description="A folder of files downloaded by hand.")
    offline: bool = Field(False, title="Offline", description="Never touch the network.")
    boundaries: str = Field(
        "today",
        title="Boundaries",
        pattern=r"^(today|period|\d{4}-\d{2}-\d{2})$",
        description="Those in force today, on a day (YYYY-MM-DD), or at the end of each period.",
    )
    hold: Literal["never", "when warned", "always"] = Field(
        "never", title="Hold for sign-off", description="Whether what is new waits for a person."
    )
    repull: bool = Field(
        False, title="Pull everything again", description="Also what has not changed."
    )
    runner: str = Field(
        THREADS,
        title="Runner",
        pattern=RUNNER,
        description="Who stages files: inline, threads, dask, or a Dask scheduler's address.",
    )
    areas: str = Field(
        "", title="More areas", description="A file of kinds of locality to add for this run."
    )

    @field_validator("boundaries")
    @classmethod
    def _is_a_day(cls, asked: str) -> str:
        if asked not in (TODAY, PERIOD):
            date.fromisoformat(asked)
        return asked


class Spent(BaseModel):
    """What a step took by the clock, and how much of it went into imports."""

    model_config = ConfigDict(frozen=True)
    seconds: float = 0.0
    imports: float = 0.0


class Outcome(BaseModel):
    """How a refresh ended: ``code`` is the command's exit code, ``draft`` the number of the draft
    that was made (0 if none)."""

    state: Literal[
        *("published", "held", "nothing new", "study"),
        *("checks failed", "not protected", "source failed"),
    ]
    code: int
    release: str = ""
    draft: int = 0
    folder: str = ""
    latest: str = ""
    faults: list[str] = []
    warnings: list[str] = []
    set_aside: list[str] = []
    gaps: list[str] = []
    notes: list[str] = []
    rows: int = 0
    seconds: dict[str, Spent] = {}  # by step, from the start of the process
