"""What the forms of the officer's page ask for: a model a deployment, which explains itself.

Each flow takes one of these as its only parameter, ``settings``: Prefect shows the titles and
descriptions of a model's fields, and not those of a flow's own parameters. What can be chosen is
looked up when this is imported: a desk sets its environment before.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from flows.desk.choices import DATA, places, themes

A_MONTH = r"^(|\d{4}-(0[1-9]|1[0-2]))$"
A_RELEASE = r"^\d{4}-\d{2}-\d{2}-[0-9a-f]{8}(-\d+)?$"
ALWAYS, WARNED = "always", "only when something warned"
PUBLISH, REFUSE = "publish", "refuse"


# A choice of one is shown as a box to type into: the forms stay usable, and check what is typed.
APlace = Annotated[
    Literal[places()],
    Field(title="Place", description="The partnership whose evidence this is."),
]
Themes = Annotated[
    tuple[Literal[themes()], ...],
    Field(title="Themes", description="Choose none to build all of them."),
]
Data = Annotated[
    str,
    Field(
        title="Data folder",
        description="Leave this empty: the folder that this desk was started with is used.",
    ),
]


class Form(BaseModel):
    """What all forms have: nothing beside their questions is taken."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @property
    def folder(self) -> Path:
        """The data folder that is meant."""
        return Path(getattr(self, "data", "") or os.environ.get(DATA, "") or "data").resolve()


class Build(Form):
    """Pull what is new, build a release, check it, and keep it as a draft to look at. What readers
    see does not change until the draft is published."""

    place: APlace = places()[0]
    themes: Themes = ()
    since: str = Field(
        "",
        title="First month",
        pattern=A_MONTH,
        description="As YYYY-MM, like 2024-04. Empty: from the first month there is.",
    )
    until: str = Field(
        "",
        title="Last month",
        pattern=A_MONTH,
        description="As YYYY-MM, like 2025-03. Empty: to the newest month there is.",
    )
    repull: bool = Field(
        False,
        title="Pull everything again",
        description="Ask the publishers for every file, also for those that have not changed.",
    )
    offline: bool = Field(
        False,
        title="Stay off the network",
        description="Ask no publisher: use the files that are in hand.",
    )
    inbox: str = Field(
        "",
        title="Inbox",
        description="A folder of files downloaded by hand, each in a folder named after its"
        " source. Empty: none.",
    )
    sign_off: Literal["always", "only when something warned"] = Field(
        ALWAYS,
        title="Hold for sign-off",
        description="Always: nothing is published before somebody signs it off."
        " Only when something warned: a release without warnings is published at once, where"
        " the place allows that (publish_at_once in its place.toml).",
    )
    data: Data = ""

    @model_validator(mode="after")
    def _months_in_order(self) -> Build:
        if self.since and self.until and self.since > self.until:
            raise ValueError(
                f"The first month ({self.since}) is after the last ({self.until}). Swap them."
            )
        return self


class Publish(Form):
    """Sign a draft off, so that readers see it, or refuse it, so that they never do. Either way it
    stays on record with your name and note."""

    draft: int = Field(
        ...,
        ge=1,
        title="Number of the draft",
        description="The run that built the draft tells its number.",
    )
    decision: Literal["publish", "refuse"] = Field(
        PUBLISH, title="Decision", description="Publish: readers see it. Refuse: they never do."
    )
    approver: str = Field(
        ...,
        min_length=2,
        title="Your name",
        description="Who decides this. It is kept in the release's manifest.",
    )
    note: str = Field("", title="Note", description="Why, for the record. A refusal needs one.")
    data: Data = ""

    @model_validator(mode="after")
    def _a_refusal_says_why(self) -> Publish:
        if len(self.approver.strip()) < 2:
            raise ValueError("Write your name: a decision without one is not taken.")
        if self.decision == REFUSE and not self.note.strip():
            raise ValueError("To refuse a draft, say why in the note.")
        return self


class CheckSources(Form):
    """Look how fresh every source is. Nothing is built and nothing is published."""

    place: APlace = places()[0]
    live: bool = Field(
        False,
        title="Ask the publishers too",
        description="Hold what each publisher serves today against what is believed of it. This"
        " takes minutes.",
    )
    data: Data = ""


class Rebuild(Form):
    """Make a past release again from what was kept, and prove that it is the same. Nothing that
    readers see changes."""

    release: str = Field(
        ...,
        pattern=A_RELEASE,
        title="Release",
        description="Its name, like 2026-10-03-1a2b3c4d. 'evidence releases' lists them.",
    )
    data: Data = ""
