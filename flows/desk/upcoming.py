"""What a running desk will do next: asked over HTTP, without Prefect, and without any library
where no desk was started."""

from __future__ import annotations

import json
from pathlib import Path

SERVER = Path("prefect") / "server.json"  # in the data folder
SHORT = 5  # seconds


def address(data: Path) -> str:
    """The address of the desk that serves a data folder; empty if none was started."""
    try:
        return str(json.loads((data / SERVER).read_text("utf-8"))["address"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def scheduled(address: str) -> tuple[str, str] | None:
    """When the next run of a desk begins (ISO, UTC) and what it does; None if nothing is scheduled
    or nobody answers."""
    import requests

    wanted = {
        "sort": "EXPECTED_START_TIME_ASC",
        "limit": 1,
        "flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}},
    }
    try:
        runs = _asked(f"{address}/api/flow_runs/filter", wanted)
        if not runs:
            return None
        one = {"deployments": {"id": {"any_": [runs[0]["deployment_id"]]}}}
        (deployment,) = _asked(f"{address}/api/deployments/filter", one)
        return runs[0]["expected_start_time"], deployment["name"]
    except (requests.RequestException, ValueError, KeyError, TypeError):
        return None


def answers(address: str) -> bool:
    """Whether a Prefect server answers at an address."""
    import requests

    try:
        with requests.Session() as session:
            session.trust_env = False
            told = session.get(f"{address}/api/health", timeout=SHORT)
            return told.ok and told.json() is True
    except (requests.RequestException, ValueError):
        return False


def _asked(url: str, wanted: dict[str, object]) -> list[dict[str, str]]:
    import requests

    with requests.Session() as session:
        session.trust_env = False  # no proxy stands between this machine and itself
        answer = session.post(url, json=wanted, timeout=SHORT)
    answer.raise_for_status()
    return list(answer.json())
