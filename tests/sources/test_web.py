"""The one way to the network, against servers that misbehave as publishers' servers do."""

import gzip
import socket
import threading

import publisher_files as pf
import pytest
from werkzeug import Response

from flows.sources.files import Fault
from flows.sources.web import Web

AGENT = "locality-evidence/0.1 (research@council.example)"


@pytest.fixture
def waits(monkeypatch):
    """What the retries would have slept, in seconds; nobody sleeps."""
    slept = []
    monkeypatch.setattr("urllib3.util.retry.time.sleep", slept.append)
    return slept


@pytest.fixture
def client(tmp_path, waits):
    return Web(tmp_path, AGENT)


@pytest.fixture
def raw_server():
    """A server that answers every connection with the given bytes and hangs up."""
    listener = socket.create_server(("127.0.0.1", 0))
    answers = []

    def serve():
        while True:
            try:
                caller, _ = listener.accept()
            except OSError:
                return
            with caller:
                caller.recv(65536)
                caller.sendall(answers[0])

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()

    def answering(answer):
        answers[:] = [answer]
        host, port = listener.getsockname()
        return f"http://{host}:{port}/pp-2024.csv"

    yield answering
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(5)


def test_a_download_is_kept_byte_for_byte_under_its_own_name(client, httpserver):
    httpserver.expect_request("/media/pp-2024.csv").respond_with_data(pf.PRICE_PAID)
    file = client.download(httpserver.url_for("/media/pp-2024.csv?x=1"))
    assert file.path.read_bytes() == pf.PRICE_PAID
    assert file.name == "pp-2024.csv"
    assert file.url == httpserver.url_for("/media/pp-2024.csv?x=1")
    assert client.download(file.url, "other.csv").name == "other.csv"


def test_every_request_says_who_is_asking(client, httpserver):
    httpserver.expect_request("/a.csv").respond_with_data("x")
    httpserver.expect_request("/b").respond_with_json({})
    client.download(httpserver.url_for("/a.csv"))
    client.json(httpserver.url_for("/b"))
    assert [r.headers["User-Agent"] for r, _ in httpserver.log] == [AGENT, AGENT]


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_server_that_is_busy_for_a_moment_is_asked_again(client, httpserver, status):
    for _ in range(2):
        httpserver.expect_oneshot_request("/a.csv").respond_with_data("", status=status)
    httpserver.expect_request("/a.csv").respond_with_data(pf.PRICE_PAID)
    assert client.download(httpserver.url_for("/a.csv")).path.read_bytes() == pf.PRICE_PAID
    assert len(httpserver.log) == 3


def test_a_server_that_says_how_long_to_wait_is_obeyed_within_reason(client, httpserver, waits):
    httpserver.expect_oneshot_request("/a.csv").respond_with_data(
        "", status=429, headers={"Retry-After": "7"}
    )
    httpserver.expect_oneshot_request("/a.csv").respond_with_data(
        "", status=429, headers={"Retry-After": "86400"}
    )
    httpserver.expect_request("/a.csv").respond_with_data("x")
    client.download(httpserver.url_for("/a.csv"))
    assert waits[0] == 7
    assert max(waits) <= 60


def test_a_server_that_stays_busy_is_a_fault_after_five_tries(client, httpserver):
    httpserver.expect_request("/a.csv").respond_with_data("", status=503)
    with pytest.raises(Fault, match="--inbox"):
        client.download(httpserver.url_for("/a.csv"))
    assert len(httpserver.log) == 5


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_a_refusal_is_a_fault_at_once(client, httpserver, status):
    httpserver.expect_request("/a.csv").respond_with_data("no", status=status)
    url = httpserver.url_for("/a.csv")
    with pytest.raises(Fault) as raised:
        client.download(url)
    assert str(raised.value).startswith(url) and str(status) in str(raised.value)
    assert len(httpserver.log) == 1


def test_an_answer_that_is_not_ready_is_not_taken_for_the_file(client, httpserver):
    """The ONS portal says 202 and a line of JSON while it still makes the export."""
    httpserver.expect_request("/lsoa.geojson").respond_with_json({"status": "Pending"}, status=202)
    with pytest.raises(Fault):
        client.download(httpserver.url_for("/lsoa.geojson"))


def test_a_redirect_is_followed(client, httpserver):
    target = httpserver.url_for("/archive/2025-12.zip")
    httpserver.expect_request("/latest.zip").respond_with_response(
        Response(status=302, headers={"Location": target})
    )
    httpserver.expect_request("/archive/2025-12.zip").respond_with_data(b"PK")
    file = client.download(httpserver.url_for("/latest.zip"))
    assert (file.name, file.path.read_bytes()) == ("latest.zip", b"PK")


def test_a_compressed_answer_is_not_called_short(client, httpserver):
    body = gzip.compress(pf.PRICE_PAID * 100)
    httpserver.expect_request("/a.csv").respond_with_data(
        body, headers={"Content-Encoding": "gzip"}
    )
    file = client.download(httpserver.url_for("/a.csv"))
    assert file.path.read_bytes() == pf.PRICE_PAID * 100


CUT_SHORT = [
    b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\nConnection: close\r\n\r\n" + pf.PRICE_PAID,
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n40\r\nabc",
    b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 500\r\nConnection: close\r\n\r\n"
    + gzip.compress(pf.PRICE_PAID)[:20],
]


@pytest.mark.parametrize("answer", CUT_SHORT, ids=["length", "chunked", "gzip"])
def test_a_body_that_comes_back_short_is_a_fault(client, raw_server, answer):
    url = raw_server(answer)
    with pytest.raises(Fault, match=r"broke off|came back short") as raised:
        client.download(url)
    assert str(raised.value).startswith(url)
    with pytest.raises(Fault):
        client.json(url)


def test_nobody_at_the_address_is_a_fault(client):
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    with pytest.raises(Fault, match="no good answer"):
        client.download(f"http://127.0.0.1:{port}/a.csv")


def test_a_page_where_json_is_expected_is_a_fault(client, httpserver):
    httpserver.expect_request("/api").respond_with_data(pf.HTML, content_type="text/html")
    with pytest.raises(Fault, match="not JSON"):
        client.json(httpserver.url_for("/api"))
