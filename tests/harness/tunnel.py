"""The way to an https server through a proxy that tunnels (HTTP CONNECT), as offices have it, on this machine alone."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import ssl
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Papers:
    """An authority of our own and a certificate it gave. `serving` shows the certificate, `trusting` believes it."""

    serving: ssl.SSLContext
    trusting: ssl.SSLContext

    @classmethod
    def of(cls, folder: Path, *names: str) -> Papers:
        """For these host names."""
        now = dt.datetime.now(dt.UTC)
        root_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
        root_name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test root")])
        about = (
            x509.CertificateBuilder().not_valid_before(now - _DAY).not_valid_after(now + _DAY).issuer_name(root_name)
        )
        is_root = x509.BasicConstraints(ca=True, path_length=0)
        signs = x509.KeyUsage(
            digital_signature=False, content_commitment=False, key_encipherment=False, data_encipherment=False,
            key_agreement=False, key_cert_sign=True, crl_sign=True, encipher_only=False, decipher_only=False,
        )  # fmt: skip
        identifier = x509.SubjectKeyIdentifier.from_public_key(root_key.public_key())
        root = (
            about.subject_name(root_name)
            .public_key(root_key.public_key())
            .serial_number(1)
            .add_extension(is_root, critical=True)
            .add_extension(signs, critical=True)
            .add_extension(identifier, critical=False)
            .sign(root_key, hashes.SHA256())
        )
        leaf = (
            about.subject_name(x509.Name([]))
            .public_key(key.public_key())
            .serial_number(2)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=True)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), critical=False)
            .sign(root_key, hashes.SHA256())
        )
        pem = serialization.Encoding.PEM
        shown = folder / "leaf.pem"
        plain = serialization.NoEncryption()
        shown.write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain) + leaf.public_bytes(pem))
        serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        serving.load_cert_chain(shown)
        return cls(serving, ssl.create_default_context(cadata=root.public_bytes(pem).decode()))


@dataclass
class Tunnel:
    """A proxy that brings every CONNECT to one port of this machine, over TLS of its own when given `papers`.

    `asked` are the request lines, `shown` the credentials; `refuses` is a status to answer instead.
    """

    port_behind: int
    papers: Papers | None = None
    refuses: int = 0
    asked: list[str] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    #: everything that went through towards the server, as the proxy sees it
    seen: bytearray = field(default_factory=bytearray)
    port: int = 0
    _server: asyncio.Server | None = None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def __aenter__(self) -> Self:
        tls = self.papers.serving if self.papers else None
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server:
            await _end(self._server, self._tasks)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with _kept(self._tasks), _let_go(writer):
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            self.asked.append(head[0])
            self.shown += [line.partition(": ")[2] for line in head if line.lower().startswith("proxy-authorization:")]
            if self.refuses:
                writer.write(f"HTTP/1.1 {self.refuses} No\r\ncontent-length: 0\r\n\r\n".encode())
                await writer.drain()
                # until the other side has read it and goes
                await reader.read()
                return
            there, towards = await asyncio.open_connection("127.0.0.1", self.port_behind)
            with _let_go(towards):
                writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
                await _both(_carry(reader, towards, self.seen), _carry(there, writer))


class TlsFront:
    """TLS with these papers in front of a port of this machine."""

    def __init__(self, port_behind: int, papers: Papers) -> None:
        self._port_behind, self._papers = port_behind, papers
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> int:
        """The port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._papers.serving)
        return int(self._server.sockets[0].getsockname()[1])

    async def __aexit__(self, *_: object) -> None:
        await _end(self._server, self._tasks)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with _kept(self._tasks), _let_go(writer):
            there, towards = await asyncio.open_connection("127.0.0.1", self._port_behind)
            with _let_go(towards):
                await _both(_carry(reader, towards), _carry(there, writer))


async def _end(server: asyncio.Server, tasks: set[asyncio.Task[None]]) -> None:
    server.close()
    under_way = tuple(tasks)
    for task in under_way:
        task.cancel()
    await asyncio.gather(*under_way, return_exceptions=True)
    for _ in range(3):
        # sockets close in the loop's next turns
        await asyncio.sleep(0)


@contextlib.contextmanager
def _kept(tasks: set[asyncio.Task[None]]) -> Iterator[None]:
    """The task that serves a connection, as long as it does."""
    task = asyncio.current_task()
    assert task
    tasks.add(task)
    try:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            yield
    finally:
        tasks.discard(task)


@contextlib.contextmanager
def _let_go(writer: asyncio.StreamWriter) -> Iterator[None]:
    try:
        yield
    finally:
        writer.transport.abort()


async def _both(*ways: Coroutine[None, None, None]) -> None:
    """Until one way has ended."""
    tasks = [asyncio.ensure_future(way) for way in ways]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seen: bytearray | None = None) -> None:
    while data := await reader.read(1 << 16):
        if seen is not None:
            seen += data
        writer.write(data)
        await writer.drain()
