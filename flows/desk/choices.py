"""What there is to choose from on the officer's page, and where a desk keeps what it is for."""

from __future__ import annotations

import os

from flows.catalogue import PLACES, THEMES
from flows.requested import RUNNER_VARIABLE, THREADS

DATA, PLACE, DEMO = "EVIDENCE_DATA", "EVIDENCE_PLACE", "exampleshire"


def places() -> tuple[str, ...]:
    """The places that a form offers: the one this desk was started for, which may be a folder
    elsewhere, and those under ``geo/``."""
    shipped = sorted(path.parent.name for path in PLACES.glob("*/place.toml"))
    own = [os.environ[PLACE]] if os.environ.get(PLACE) else []
    return tuple(dict.fromkeys([*own, *sorted(shipped, key=lambda name: name != DEMO)]))


def themes() -> tuple[str, ...]:
    """The ids of the themes that there are."""
    return tuple(sorted(path.stem for path in THEMES.glob("*.toml")))


def runner() -> str:
    """Where a desk has units of work done."""
    return os.environ.get(RUNNER_VARIABLE) or THREADS
