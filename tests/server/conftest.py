"""A real Prefect server, and a desk on it: deployed from prefect.yaml, with a real worker."""

import json
import os
import shutil
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
import requests
import yaml
from desks import COUNTY, HOUSE, NOBODY, PREFECT, Desk, free_port, prefect, started, until


@pytest.fixture(scope="session")
def prefect_environment():
    """What the settings of every process of ours begin with."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PREFECT_", "EVIDENCE_"))}
    return kept | {
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "GX_ANALYTICS_ENABLED": "false",
        "EVIDENCE_HOME": str(HOUSE),
    }


@pytest.fixture(scope="module")
def desk(tmp_path_factory, prefect_environment):
    """The desk of a copy of the county, whose lists a test may change."""
    folder, port = tmp_path_factory.mktemp("desk"), free_port()
    place, data = folder / "exampleshire", folder / "data"
    shutil.copytree(COUNTY, place, ignore=shutil.ignore_patterns("partner_return"))
    data.mkdir()
    environment = prefect_environment | {
        "PREFECT_HOME": str(folder / "prefect"),
        "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
        "PREFECT_WORKER_QUERY_SECONDS": "1",
        "EVIDENCE_PLACE": str(place),
        "EVIDENCE_DATA": str(data),
    }
    api = environment["PREFECT_API_URL"]
    serving = [PREFECT, "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    working = [PREFECT, "worker", "start", "--pool", "evidence", "--limit", "1"]
    with started(serving, environment, folder / "server.log"):
        until(180, lambda: requests.get(f"{api}/health", timeout=5).ok)
        prefect(environment, "work-pool", "create", "evidence", "--type", "process")
        prefect(environment, "deploy", "--all")
        with started(working, environment, folder / "worker.log"):
            yield Desk(api, environment, place, data)


@pytest.fixture(scope="module")
def told(desk, tmp_path_factory):
    """What the automations of docs/automations.yaml tell a webhook, as they arrive."""
    heard, port = [], free_port()

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self):
            heard.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *given):
            pass

    listening = HTTPServer(("127.0.0.1", port), Hook)
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    block = (
        "from prefect.blocks.webhook import Webhook\n"
        f"block = Webhook(url='http://127.0.0.1:{port}/told', method='POST')\n"
        "print(block.save('evidence-desk'))"
    )
    made = subprocess.run(
        [sys.executable, "-c", block],
        env=desk.environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    number = made.stdout.split()[-1]
    text = (HOUSE / "docs" / "automations.yaml").read_text("utf-8")
    assert text.count(f"block_document_id: {NOBODY}") >= 3
    path = tmp_path_factory.mktemp("automations") / "automations.yaml"
    path.write_text(text.replace(NOBODY, number), encoding="utf-8")
    prefect(desk.environment, "automation", "create", "--from-file", str(path))
    yield heard
    listening.shutdown()


@pytest.fixture(scope="session")
def written():
    """The deployments as prefect.yaml has them, by name."""
    text = (HOUSE / "prefect.yaml").read_text("utf-8")
    return {d["name"]: d for d in yaml.safe_load(text)["deployments"]}
