"""A stand-in for the online service, on this machine."""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import gtts.tts
import pytest

Answer = Callable[[BaseHTTPRequestHandler], None]


class Standin:
    """Answers in order; the last one again and again. Keeps the texts it was asked for."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.asked: list[str] = []
        self.headers: list[dict[str, str]] = []
        standin = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                standin.asked.append(parse_qs(body)["f.req"][0])
                standin.headers.append(dict(self.headers))
                answer = standin.answers.pop(0) if len(standin.answers) > 1 else standin.answers[0]
                answer(self)

            def log_message(self, *_args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]


def body(data: bytes, kind: str = "application/json; charset=utf-8", status: int = 200, **headers: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Type", kind)
        handler.send_header("Content-Length", str(len(data)))
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(data)

    return answer


def sound(mp3: bytes) -> Answer:
    inner = base64.b64encode(mp3).decode()
    return body(f')]}}\'\n\n123\n[["wrb.fr","jQ1olc","[\\"{inner}\\"]",null,null,null,"generic"]]\n'.encode())


@pytest.fixture
def standin(monkeypatch: pytest.MonkeyPatch) -> Iterator[Standin]:
    made = Standin()
    monkeypatch.setattr(gtts.tts, "_translate_url", lambda tld="com", path="": f"http://127.0.0.1:{made.port}/{path}")
    thread = threading.Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()
    thread.join()
