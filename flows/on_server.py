"""The refresh as a flow of Prefect's, for a machine that has a server (``PREFECT_API_URL``)."""

from __future__ import annotations

from prefect import flow

from flows import evidence
from flows.requested import Outcome, Request


@flow(name="evidence-refresh")
def refresh(request: Request) -> Outcome:
    """The same as ``evidence.refresh``; its steps are task runs, and NotPublished a failed run."""
    return evidence.refresh(request)
