"""Our own connections: whatever a server answers, in however many pieces, and when it goes away."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bot.channels.telegram import line
from bot.channels.telegram.line import LineError, Lines, Patience

PATIENT = Patience(5.0, 5.0, 5.0)
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Server:
    """Answers each request with the next of `answers`, a list of pieces; None hangs up, and so does the end of a list."""

    def __init__(self) -> None:
        self.answers: list[list[bytes | None]] = []
        self.requests: list[bytes] = []
        self.met = 0
        self.came, self.left = asyncio.Event(), asyncio.Event()
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.met += 1
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
                self.requests.append(head + await reader.readexactly(length))
                self.came.set()
                for piece in self.answers.pop(0):
                    if piece is None:
                        return
                    writer.write(piece)
                    await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()
            self.left.set()


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    its = Server()
    listening = await asyncio.start_server(its.serve, "127.0.0.1", 0)
    its.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/bot1:a/getMe"
    yield its
    listening.close()


@asynccontextmanager
async def opened(connections: int = 4, keep_alive_s: float = 15.0) -> AsyncIterator[Lines]:
    lines = Lines(connections, keep_alive_s=keep_alive_s, agent="test")
    yield lines
    lines.close()


async def ask(
    lines: Lines, server: Server, patience: Patience = PATIENT, written: Callable[[], None] = lambda: None
) -> tuple[int, bytes]:
    return await lines.post(server.url, '{"a":"ế"}'.encode(), patience, written)


async def test_a_connection_is_kept(server: Server) -> None:
    server.answers = [[OK], [OK]]
    async with opened() as lines:
        assert await ask(lines, server) == (200, b"ok")
        assert await ask(lines, server) == (200, b"ok")
    assert server.met == 1
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /bot1:a/getMe HTTP/1.1\r\nHost: 127.0.0.1:")
    assert body.decode() == '{"a":"ế"}'


@pytest.mark.parametrize(
    "pieces",
    [
        [bytes([byte]) for byte in OK],
        [b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length:2\r\n\r\n", b"ok"],
        [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n", b"o\r\n1;x=y\r\nk\r\n0\r", b"\n\r\n"],
        [b"HTTP/1.1 200 OK\r\n\r\n", b"o", b"k", None],
        [b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok"],
        [OK + b"and more"],
    ],
)
async def test_answers_come_in_many_ways(server: Server, pieces: list[bytes | None]) -> None:
    server.answers = [pieces, [OK]]
    async with opened() as lines:
        assert await ask(lines, server) == (200, b"ok")
        assert await ask(lines, server) == (200, b"ok")


@pytest.mark.parametrize(
    "pieces",
    [
        [None],
        [b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok", None],
        [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nno number\r\n"],
        [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n", None],
        [b"SSH-2.0\r\n\r\n"],
    ],
)
async def test_what_is_no_answer_fails_after_it_was_written(server: Server, pieces: list[bytes | None]) -> None:
    server.answers = [pieces, [OK]]
    written: list[int] = []
    async with opened() as lines:
        with pytest.raises(LineError):
            await ask(lines, server, written=lambda: written.append(1))
        assert written == [1]
        assert await ask(lines, server) == (200, b"ok")
    assert len(server.requests) == 2


async def test_words_nobody_asked_for_end_a_connection(server: Server) -> None:
    server.answers = [[OK, b"HTTP/1.1 408 Request Timeout\r\n\r\n"], [OK]]
    async with opened() as lines:
        assert await ask(lines, server) == (200, b"ok")
        await server.left.wait()
        assert await ask(lines, server) == (200, b"ok")
    assert server.met == 2


async def test_an_old_connection_is_not_used_again(server: Server) -> None:
    server.answers = [[OK], [OK]]
    async with opened(keep_alive_s=0.0) as lines:
        await ask(lines, server)
        await ask(lines, server)
    assert server.met == 2


async def test_an_answer_too_late(server: Server) -> None:
    server.answers = [[b"HTTP/1.1 200 OK\r\n"], [OK]]
    async with opened() as lines:
        with pytest.raises(TimeoutError):
            await ask(lines, server, Patience(5.0, 5.0, 0.05))
        assert await ask(lines, server) == (200, b"ok")


async def test_waiting_for_a_free_connection(server: Server) -> None:
    server.answers = [[b"HTTP/1.1 200 OK\r\n"], [OK], [OK]]
    written: list[int] = []
    async with opened(connections=1) as lines:
        first = asyncio.create_task(ask(lines, server, written=lambda: written.append(1)))
        await server.came.wait()
        with pytest.raises(TimeoutError):
            await ask(lines, server, Patience(0.05, 5.0, 5.0), lambda: written.append(2))
        second = asyncio.create_task(ask(lines, server))
        third = asyncio.create_task(ask(lines, server))
        first.cancel()
        assert await asyncio.gather(second, third) == [(200, b"ok")] * 2
    assert written == [1]


async def test_a_name_and_password_in_the_address(server: Server) -> None:
    server.answers = [[OK]]
    server.url = server.url.replace("http://", "http://lan:m%40t@")
    async with opened() as lines:
        await ask(lines, server)
    assert b"Authorization: Basic bGFuOm1AdA==\r\n" in server.requests[0]
    assert b"@127" not in server.requests[0]


def certified(folder: Path) -> Path:
    """A certificate for 127.0.0.1 that vouches for itself, with its key in the same file."""
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .sign(private, hashes.SHA256())
    )
    path = folder / "both.pem"
    secret = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + secret)
    return path


@pytest.mark.parametrize("trusted", [True, False])
async def test_over_tls_to_whom_the_machine_trusts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trusted: bool
) -> None:
    both = certified(tmp_path)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(both))
    line.tls.cache_clear()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(both)
    server = Server()
    server.answers = [[OK], [OK]]
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0, ssl=context)
    server.url = f"https://127.0.0.1:{listening.sockets[0].getsockname()[1]}/bot1:a/getMe"
    written: list[int] = []
    async with opened() as lines:
        if trusted:
            assert [await ask(lines, server) for _ in range(2)] == [(200, b"ok")] * 2
            assert server.met == 1
        else:
            with pytest.raises(ssl.SSLCertVerificationError):
                await ask(lines, server, written=lambda: written.append(1))
    assert not written
    listening.close()
    line.tls.cache_clear()
