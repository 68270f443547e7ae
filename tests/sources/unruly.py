"""A server between the flow and the publishers that does its worst: a fault for some of the requests,
which of them and what is drawn from a seed."""

import contextlib
import gzip
import random
import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from publishers import Answer, Asked, Internet

HTML = b"<!DOCTYPE html>\n<html><head><title>Service unavailable</title></head></html>\n"
STALL = 0.4  # seconds of silence, which is longer than anybody's patience in these tests
BYTES = (  # what goes wrong on the wire
    *("reset", "hang up", "silence", "stall", "cut", "cut chunk", "cut without a length"),
    *("no length", "packed", "packed and cut"),
)
STATUSES = (500, 502, 503, 504, 429, 404, 403, 400, 202)
WRONG = ("html", "empty", "error as json", "another answer", "no ranges", "left alone")
FAULTS = (*BYTES, *STATUSES, *WRONG)


class Unruly(ThreadingHTTPServer):
    """Publishers by day, and what they did to whom in ``done``. ``misbehave(seed)`` draws the faults
    of a run, ``behave()`` ends it."""

    daemon_threads = True

    def __init__(self, net: Internet) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.net, self.drawn, self.rate = net, random.Random(0), 0.0
        self.answers: dict[str, Answer] = {}  # those of a calm day, to mix them up
        self.done: list[tuple[str, str]] = []
        self.only: Callable[[Asked], bool] = lambda asked: True
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def misbehave(self, seed: int, rate: float) -> None:
        self.drawn, self.rate, self.done = random.Random(seed), rate, []

    def behave(self) -> None:
        self.rate = 0.0

    def fault(self, asked: Asked) -> str | int:
        if self.rate and self.only(asked) and self.drawn.random() < self.rate:
            found = self.drawn.choice(FAULTS)
            self.done.append((str(found), asked.path))
            return found
        return ""

    def another(self, asked: Asked, answer: Answer) -> Answer:
        """What some other request gets on a calm day, more often than not one of the same host."""
        host = "/".join(asked.path.split("/")[:2]) + "/"
        near = self.drawn.random() < 0.7
        others = [
            found
            for key, found in sorted(self.answers.items())
            if found.body != answer.body and (key.startswith(host) or not near)
        ]
        return self.drawn.choice(others) if others else answer

    def handle_error(self, request: object, client_address: object) -> None:
        pass  # the caller hung up: so it should


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Unruly

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        asked = Asked.of(self.path, self.headers)
        answer, fault = self.server.net(asked), self.server.fault(asked)
        if not self.server.rate and answer.status in (200, 206):
            key = f"{self.path} {self.headers.get('Range', '')}"
            self.server.answers[key] = answer
        with contextlib.suppress(OSError):
            self._answer(asked, answer, fault)

    def _answer(self, asked: Asked, answer: Answer, fault: str | int) -> None:
        body, size = answer.body, {"Content-Length": len(answer.body)}
        at = self.server.drawn.randrange(len(body)) if body and fault in BYTES else 0
        half, longer = body[:at], {"Content-Length": len(body) + 1}
        packed = gzip.compress(body, mtime=0) if str(fault).startswith("packed") else b""
        coded = {"Content-Encoding": "gzip", "Content-Length": len(packed)}
        match fault:
            case int():
                wait = {"Retry-After": "1"} if fault == 429 else {}
                self._send(Answer(b"<Error/>", fault, wait), b"<Error/>", {"Content-Length": 8})
            case "reset":
                linger = struct.pack("ii", 1, 0)
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                self.close_connection = True
            case "hang up":
                self.close_connection = True
            case "silence":
                self._fall_silent()
            case "stall":
                self._send(answer, half, longer)
                self._fall_silent()
            case "cut":
                self._send(answer, half, longer, last=True)
            case "cut chunk":
                chunk = b"%x\r\n" % (len(body) + 1) + half
                self._send(answer, chunk, {"Transfer-Encoding": "chunked"}, last=True)
            case "cut without a length":
                self._send(answer, half, {"Connection": "close"}, last=True)
            case "no length":
                self._send(answer, body, {"Connection": "close"}, last=True)
            case "packed":
                self._send(answer, packed, coded)
            case "packed and cut":
                self._send(answer, packed[: len(packed) // 2], coded, last=True)
            case "":
                self._send(answer, body, size)
            case _:
                other = self._wrong(asked, answer, fault)
                self._send(other, other.body, {"Content-Length": len(other.body)})

    def _wrong(self, asked: Asked, answer: Answer, fault: str) -> Answer:
        kept = {k: v for k, v in asked.headers.items() if k not in ("Range", "If-Match")}
        return {
            "html": lambda: Answer(HTML),
            "empty": lambda: Answer(b""),
            "error as json": lambda: Answer(b'{"error": {"code": 500, "message": "try later"}}'),
            "another answer": lambda: self.server.another(asked, answer),
            "no ranges": lambda: self.server.net(replace(asked, headers=kept)),
            "left alone": lambda: Answer(b"", 429, {"Retry-After": "86400"}),
        }[fault]()

    def _send(
        self, answer: Answer, body: bytes, framing: dict[str, object], *, last: bool = False
    ) -> None:
        self.close_connection = last
        self.send_response(answer.status)
        for name, value in {**answer.headers, **framing}.items():
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(body)

    def _fall_silent(self) -> None:
        self.wfile.flush()
        threading.Event().wait(STALL)
        self.close_connection = True
