"""The deployments, read from ``prefect.yaml``: what they are called, do, and when they run is said
there only."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from prefect.deployments.runner import RunnerDeployment

FILE = Path(__file__).parents[2] / "prefect.yaml"


def entries() -> list[dict[str, Any]]:
    """The deployments as they are written down."""
    import yaml

    return list(yaml.safe_load(FILE.read_text("utf-8"))["deployments"])


def environment() -> dict[str, str]:
    """What every run has in its environment, but for what is filled in on a shared server."""
    env: dict[str, str] = {}
    for entry in entries():
        env |= entry["work_pool"]["job_variables"]["env"]
    return {name: value for name, value in env.items() if "{{" not in value}


def served(place: str) -> list[RunnerDeployment]:
    """The deployments for one machine and a place. Their folder is the one of the environment."""
    from prefect.deployments.runner import RunnerDeployment

    return [
        RunnerDeployment.from_entrypoint(
            entry["entrypoint"],
            name=entry["name"],
            description=entry["description"],
            tags=entry["tags"],
            parameters=_parameters(entry, place),
            schedules=[_schedule(schedule) for schedule in entry.get("schedules", ())],
        )
        for entry in entries()
    ]


def _parameters(entry: dict[str, Any], place: str) -> dict[str, Any]:
    settings = dict(entry.get("parameters", {}).get("settings", {}))
    if "place" in settings:
        settings["place"] = place
    return {"settings": settings} if settings else {}


def _schedule(written: dict[str, Any]) -> Any:
    from prefect.schedules import Cron

    more = {name: value for name, value in written.items() if name != "cron"}
    return Cron(written["cron"], **more)
