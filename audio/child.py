"""The parent's side of the audio process: start it when asked for, one request at a time, nothing of numpy here."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from audio import frames
from audio.errors import AudioError, ChildError, CodecError, SpecError, VoiceError
from audio.spec import ClipReport, ClipSpec, Fault, VoiceChoice, WorkerOptions, report_from

Progress = Callable[[int, int], None]

# the child gets what finding its libraries and the network needs, and none of the service's secrets
_ENVIRONMENT = (
    "PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "PYTHONPATH", "LD_LIBRARY_PATH",
    "HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy", "REQUESTS_CA_BUNDLE",
    "SSL_CERT_FILE",
)  # fmt: skip
_KINDS: Mapping[str, type[AudioError]] = {kind.__name__: kind for kind in (SpecError, CodecError, VoiceError)}
# a bulletin by the slowest voice takes minutes; nothing takes an hour
_LONGEST_S = 1800.0
_LEAVE_S = 5.0


@dataclass(frozen=True, slots=True)
class Taken:
    """A recording measured: seconds, speech over noise in dB, level in dBFS, what is wrong, and the cut sound
    as WAV.
    """

    seconds: float
    snr_db: float
    level_dbfs: float
    faults: tuple[Fault, ...]
    wav: bytes


class AudioChild:
    """A handle that outlives its processes: an idle child leaves, the next request starts another."""

    def __init__(self, options: WorkerOptions, *, python: str = sys.executable, longest_s: float = _LONGEST_S) -> None:
        self._options = options
        self._command: Sequence[str] = (python, "-m", "audio.worker")
        self._longest_s = longest_s
        self._process: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()

    @property
    def pid(self) -> int | None:
        """The living child's process id."""
        running = self._process is not None and self._process.returncode is None
        return self._process.pid if self._process and running else None

    async def make(
        self,
        spec: ClipSpec,
        attachments: Mapping[str, bytes] | None = None,
        progress: Progress | None = None,
        *,
        files: Mapping[str, str] | None = None,
    ) -> tuple[ClipReport, dict[str, bytes]]:
        """`audio.clip.make` in the child. Raises its errors, and ChildError when the child dies or takes too long.

        `attachments` go through the pipe; `files` (name to path) are opened by the child where they lie.
        """
        given = dict(attachments or {})
        request = {
            "op": "make",
            "spec": asdict(spec),
            "attachments": [[name, len(data)] for name, data in given.items()],
            "files": dict(files or {}),
        }
        reply, blob = await self._ask(request, b"".join(given.values()), progress)
        report = report_from(reply["report"])
        made: dict[str, bytes] = {}
        at = 0
        for name in spec.formats:
            made[name] = blob[at : at + report.bytes_of[name]]
            at += report.bytes_of[name]
        return report, made

    async def take(self, recording: bytes, script: str = "") -> Taken:
        """Measure and cut a recording. Raises CodecError for a format no bundled decoder reads."""
        reply, wav = await self._ask({"op": "take", "script": script}, recording)
        faults = tuple(Fault(**fault) for fault in reply["faults"])
        return Taken(reply["seconds"], reply["snr_db"], reply["level_dbfs"], faults, wav)

    async def join(self, takes: Sequence[str]) -> tuple[float, bytes]:
        """Takes of one text (paths) as one sound: its seconds and a FLAC. Raises SpecError for a file that is not there,
        CodecError for one no bundled decoder reads.
        """
        reply, flac = await self._ask({"op": "join", "files": list(takes)})
        return reply["seconds"], flac

    async def examine(self, mp3: bytes, profile: str, text_sha256: str = "") -> tuple[Fault, ...]:
        """Judge a finished file by decoding all of it: what is done before it is published. No faults = good."""
        reply, _ = await self._ask({"op": "examine", "profile": profile, "text_sha256": text_sha256}, mp3)
        return tuple(Fault(**fault) for fault in reply["faults"])

    async def voices(self, choice: VoiceChoice) -> list[dict[str, Any]]:
        """Each voice: `voice`, `ok`, `detail` (its version, or why not)."""
        reply, _ = await self._ask({"op": "voices", "choice": asdict(choice)})
        voices: list[dict[str, Any]] = reply["voices"]
        return voices

    async def close(self) -> None:
        """Let the child finish and leave; end it when it does not."""
        async with self._turn:
            process, self._process = self._process, None
            if process is None or process.returncode is not None:
                return
            if process.stdin:
                process.stdin.close()
            try:
                await asyncio.wait_for(process.wait(), _LEAVE_S)
            except TimeoutError:
                await _end(process)

    async def _ask(
        self, request: Mapping[str, Any], blob: bytes = b"", progress: Progress | None = None
    ) -> tuple[dict[str, Any], bytes]:
        async with self._turn:
            try:
                async with asyncio.timeout(self._longest_s):
                    process = await self._started()
                    reply, sound = await _exchange(process, request, blob, progress)
            except TimeoutError as error:
                await self._drop()
                raise ChildError(f"no answer in {self._longest_s:.0f} s") from error
            except (OSError, asyncio.IncompleteReadError, ChildError) as error:
                await self._drop()
                raise ChildError(f"the audio process ended in the middle of a request: {error}") from error
            except asyncio.CancelledError:
                # half an answer would be taken for the next one's
                await self._drop()
                raise
        if reply["op"] == "failed":
            raise _error(reply)
        return reply, sound

    async def _started(self) -> asyncio.subprocess.Process:
        if self._process is not None and self._process.returncode is None:
            # an idle child may be leaving this very moment; a fresh one is cheap beside a lost request
            if not (self._process.stdout and self._process.stdout.at_eof()):
                return self._process
            await self._drop()
        env = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
        self._process = await asyncio.create_subprocess_exec(
            *self._command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env=env,
            limit=1 << 20,
        )
        opened, _ = await _exchange(self._process, {"op": "open", "options": asdict(self._options)}, b"", None)
        if opened["op"] != "open":
            raise ChildError(str(opened.get("detail", "")))
        return self._process

    async def _drop(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            await _end(process)


async def _exchange(
    process: asyncio.subprocess.Process, request: Mapping[str, Any], blob: bytes, progress: Progress | None
) -> tuple[dict[str, Any], bytes]:
    pipe_in, pipe_out = process.stdin, process.stdout
    if pipe_in is None or pipe_out is None:
        raise ChildError("no pipes")
    pipe_in.write(frames.packed(request, blob))
    await pipe_in.drain()
    while True:
        text_size, blob_size = frames.sizes(await pipe_out.readexactly(frames.HEAD.size))
        reply = frames.message(await pipe_out.readexactly(text_size))
        sound = await pipe_out.readexactly(blob_size)
        if reply.get("op") != "progress":
            return reply, sound
        if progress is not None:
            progress(int(reply["done"]), int(reply["total"]))


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        try:
            process.kill()
        except ProcessLookupError:
            # it left by itself
            return
    await process.wait()


def _error(reply: Mapping[str, Any]) -> AudioError:
    kind = _KINDS.get(str(reply.get("kind")), ChildError)
    return kind(str(reply["detail"]), code=str(reply["code"]))
