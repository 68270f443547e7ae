"""A local internet: every publisher's address leads to one server on this machine, which behaves,
and misbehaves, as the publishers' do."""

import re
import socket
import threading
from urllib.parse import urlsplit

import pytest
import requests
from werkzeug import Response

from flows.sources import manners
from flows.sources.web import Web

AGENT = "Exampleshire Council research@council.example"


@pytest.fixture
def waits(monkeypatch):
    """What the retries would have slept, in seconds; nobody sleeps."""
    slept = []
    monkeypatch.setattr("flows.sources.web._sleep", slept.append)
    return slept


def lead_to(monkeypatch, server):
    """Have every https address asked of a local server, ``http://host:port``."""
    real = requests.adapters.HTTPAdapter.send

    def send(self, request, **named):
        asked, parts = request, urlsplit(request.url)
        if parts.hostname not in ("127.0.0.1", "localhost"):
            request = request.copy()
            query = f"?{parts.query}" if parts.query else ""
            request.url = f"{server}/{parts.hostname}{parts.path}{query}"
        answer = real(self, request, **named)
        # as if it had come from there: redirects and their headers hang on it
        answer.url, answer.request = asked.url, asked
        return answer

    monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", send)
    monkeypatch.setattr(manners, "RATES", dict.fromkeys(manners.RATES, (10_000, 1)))


@pytest.fixture
def internet(httpserver, monkeypatch, waits):
    """The server; ``https://host/path`` is asked of it as ``/host/path``, and looks as if it had
    come from there."""
    lead_to(monkeypatch, httpserver.url_for("").rstrip("/"))
    return httpserver


@pytest.fixture
def web(internet, tmp_path):
    """The network as a source sees it in a first refresh."""
    return web_in(tmp_path / "downloads")


def web_in(folder, known=None, keys=None):
    """The network, with what earlier refreshes learned and the keys of the environment."""
    folder.mkdir(exist_ok=True)
    return Web(folder, AGENT, known, keys)


def at(address):
    """Where the local server finds an address, without its query."""
    return address.partition("?")[0].removeprefix("https:/")


def asked(server, host=""):
    """What was asked for, oldest first: paths with the host in front, those of one host if named."""
    return [r.path for r, _ in server.log if r.path.startswith(f"/{host}")]


def in_turn(server, address, *answers):
    """An address that answers otherwise each time, and from then on as the last time. An answer is
    a body, a status, a werkzeug Response, or a function of the request."""
    left = list(answers)

    def handler(request):
        answer = left.pop(0) if len(left) > 1 else left[0]
        if callable(answer) and not isinstance(answer, Response):
            answer = answer(request)
        if isinstance(answer, int):
            return Response(b"", status=answer)
        return Response(answer) if isinstance(answer, bytes | str) else answer

    server.expect_request(re.compile(re.escape(at(address)) + "$")).respond_with_handler(handler)


@pytest.fixture
def wire(waits):
    """A server of bare bytes, for what no honest server sends: ``wire(first, second, ...)`` gives
    its address. Each caller gets the next answer, the last one from then on; an answer is bytes,
    or a function of the connection. What was asked is in ``wire.heard``."""
    listener = socket.create_server(("127.0.0.1", 0))
    answers, heard = [], []

    def serve():
        while True:
            try:
                caller, _ = listener.accept()
            except OSError:
                return
            with caller:
                try:
                    heard.append(caller.recv(65536).decode())
                    answer = answers.pop(0) if len(answers) > 1 else answers[0]
                    answer(caller) if callable(answer) else caller.sendall(answer)
                except OSError:
                    pass  # the caller had enough

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()

    def answering(*said, name="pp-2006.csv"):
        answers[:] = said
        host, port = listener.getsockname()
        return f"http://{host}:{port}/{name}"

    answering.heard = heard
    yield answering
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(5)
