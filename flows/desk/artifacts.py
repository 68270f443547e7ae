"""What a run leaves to read on Prefect's page, and what it tells whoever listens."""

from __future__ import annotations

from typing import Any

from flows.desk.tables import shortened
from flows.desk.words import inert

SUMMARY, WRONG = "evidence-summary", "evidence-what-went-wrong"
EXPECTATIONS, SOURCES, OUTPUTS = "evidence-expectations", "evidence-sources", "evidence-outputs"
LATE, HELD = "evidence.source.late", "evidence.draft.held"


def page(key: str, markdown: str, about: str) -> str:
    """Leave a page to read; its address, for Prefect's menu does not lead there."""
    from prefect.artifacts import create_markdown_artifact
    from prefect.settings import PREFECT_UI_URL

    made = create_markdown_artifact(markdown=markdown, key=key, description=about)
    return f"{str(PREFECT_UI_URL.value() or '').rstrip('/')}/artifacts/artifact/{made}"


def table(key: str, rows: list[dict[str, Any]], about: str) -> None:
    """Leave a table to read, if it has a row."""
    from prefect.artifacts import create_table_artifact

    told = [{name: inert(value) for name, value in row.items()} for row in shortened(rows)]
    if told:
        create_table_artifact(table=told, key=key, description=about)


def announce(event: str, about: str, label: str, **told: Any) -> None:
    """Tell whoever listens (docs/automations.yaml) that something happened to a thing."""
    from prefect.events import emit_event

    resource = {"prefect.resource.id": about, "prefect.resource.name": label}
    emit_event(event=event, resource=resource, payload=told)
