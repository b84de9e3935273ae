"""The audio process: requests in on its standard input, sound out on its standard output, no database, gone when idle.

`python -m audio.worker`, always a child. First message `{"op": "open", "options": {…}}`, then any of

- `make`: `spec`; `attachments` as [[name, bytes], …] with the bytes joined behind; `files` as {name: path}; answers
  `progress` messages, then `made` with the `report` and the files joined in the order of the spec's formats;
- `take`: a recording behind it and the `script` it should be; answers `taken` with figures, faults and the cut sound
  as WAV;
- `join`: `files`, a list of paths of takes; answers `joined` with `seconds` and one FLAC of them;
- `examine`: an MP3 behind it, `profile`, `text_sha256`; answers `examined` with figures and faults;
- `voices`: a `choice`; answers `voices` with what each would say to it.

A failure answers `failed` with `kind` (the error's class), `code` and `detail`, and the process goes on.
"""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from time import monotonic
from typing import Any, BinaryIO

from audio import checks, clip, codec, frames
from audio.cache import FolderCache
from audio.errors import AudioError, ChildError, SpecError
from audio.normalise import Lexicon, LexiconError
from audio.profiles import PROFILES
from audio.spec import Fallback, VoiceChoice, WorkerOptions, options_from, spec_from
from audio.voices.chain import ORDER, chain
from audio.voices.recorded import joined, take

# the bot answers people meanwhile
_NICENESS = 5
# what an unprivileged process may ask for on Linux (pipe(7))
_PIPE_BYTES = 1 << 20
# of one request, told while it goes on
_STEPS = 20

Message = Mapping[str, Any]


def main() -> int:
    """Serve the pipes of this process until they close or nothing is asked for `idle_s`."""
    # libraries that print would spoil the answers: keep the pipe, send prints to the log
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    _widen(answers)
    os.dup2(2, 1)
    # an interrupt at the keyboard reaches both; the parent decides, and its pipe's end is the word
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(OSError, AttributeError):
        os.nice(_NICENESS)
    return serve(os.fdopen(os.dup(0), "rb", buffering=0), answers)


def _widen(pipe: BinaryIO) -> None:
    """Let a file of some megabytes through in a few steps instead of hundreds; Linux only, as far as it allows."""
    if sys.platform != "linux":
        return
    import fcntl  # noqa: PLC0415 - there is none elsewhere

    with contextlib.suppress(OSError):
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)


def serve(requests: BinaryIO, answers: BinaryIO) -> int:
    """Answer messages until the end; 0 at the end of the pipe or when idle, 2 when the talk makes no sense."""
    waiting: queue.SimpleQueue[tuple[dict[str, Any], bytearray] | ChildError | None] = queue.SimpleQueue()
    # a thread reads, so that waiting can end: pipes have no time-out on every system
    threading.Thread(target=_read, args=(requests, waiting), daemon=True).start()
    first = waiting.get()
    if first is None or isinstance(first, ChildError) or first[0].get("op") != "open":
        return 2
    with tempfile.TemporaryDirectory(prefix="loathon-audio-") as scratch:
        options = options_from(first[0].get("options", {}))
        try:
            desk = _Desk(options, Path(options.cache_dir or scratch))
        except LexiconError as error:
            _send(answers, _failed("ChildError", "lexicon", str(error)))
            return 2
        _send(answers, {"op": "open"})
        while True:
            try:
                asked = waiting.get(timeout=options.idle_s)
            except queue.Empty:
                return 0
            if asked is None:
                return 0
            if isinstance(asked, ChildError):
                return 2
            desk.answer(asked[0], asked[1], answers)


def _read(requests: BinaryIO, waiting: queue.SimpleQueue[tuple[dict[str, Any], bytearray] | ChildError | None]) -> None:
    while True:
        try:
            asked = frames.read(requests)
        except (ChildError, OSError) as error:
            waiting.put(error if isinstance(error, ChildError) else ChildError(str(error)))
            return
        waiting.put(asked)
        if asked is None:
            return


class _Desk:
    """What one process holds between requests."""

    def __init__(self, options: WorkerOptions, cache_dir: Path) -> None:
        lexicon = Lexicon.load([Path(path) for path in options.lexicons]) if options.lexicons else None
        self._studio = clip.Studio(
            chain(options, monotonic),
            FolderCache(cache_dir, options.cache_bytes),
            lexicon,
            ThreadPoolExecutor(max(1, options.threads)),
        )

    def answer(self, asked: Message, blob: bytearray, answers: BinaryIO) -> None:
        try:
            reply, sound = self._do(asked, blob, answers)
        except AudioError as error:
            reply, sound = _failed(type(error).__name__, error.code, error.detail), b""
        except (KeyError, TypeError, ValueError, MemoryError) as error:
            # a request gone wrong costs that request; the parent logs what it was
            reply, sound = _failed("ChildError", "fault", f"{type(error).__name__}: {error}"), b""
        _send(answers, reply, sound)

    def _do(self, asked: Message, blob: bytearray, answers: BinaryIO) -> tuple[dict[str, Any], bytes]:
        op = asked.get("op")
        if op == "make":
            spec = spec_from(asked["spec"])
            report, files = clip.make(
                spec, self._studio, _attachments(asked, blob), lambda done, total: _tell(answers, done, total)
            )
            return {"op": "made", "report": asdict(report)}, _joined([files[name] for name in spec.formats])
        if op == "take":
            made = take(blob, asked.get("script", ""))
            told = made.figures
            figures = {"seconds": told.seconds, "snr_db": told.snr_db, "level_dbfs": told.level_dbfs}
            return {
                "op": "taken",
                **figures,
                "faults": [asdict(fault) for fault in told.faults],
            }, codec.to_wav(made.pcm)
        if op == "join":
            whole = joined([_file(path) for path in asked["files"]])
            return {"op": "joined", "seconds": whole.seconds}, codec.to_flac(whole)
        if op == "examine":
            found, faults = checks.examine(bytes(blob), PROFILES[asked["profile"]], asked.get("text_sha256", ""))
            return {
                "op": "examined",
                "figures": asdict(found) if found else None,
                "faults": [asdict(fault) for fault in faults],
            }, b""
        if op == "voices":
            return {"op": "voices", "voices": self._voices(VoiceChoice(**asked.get("choice", {})))}, b""
        raise SpecError(f"nothing is known of {op!r}")

    def _voices(self, choice: VoiceChoice) -> list[dict[str, Any]]:
        passed_over: list[Fallback] = []
        ready = {
            voice.name: voice.id
            for voice in self._studio.chain.candidates(choice, private=False, passed_over=passed_over)
        }
        why = {fallback.voice: fallback for fallback in passed_over}
        return [
            {"voice": name, "ok": name in ready, "detail": ready.get(name) or why[name].detail}
            for name in ORDER
            if name in ready or name in why
        ]


def _joined(files: Sequence[bytes]) -> bytes:
    return files[0] if len(files) == 1 else b"".join(files)


def _failed(kind: str, code: str, detail: str) -> dict[str, Any]:
    return {"op": "failed", "kind": kind, "code": code, "detail": detail}


def _attachments(asked: Message, blob: bytearray) -> dict[str, codec.Source]:
    whole, out = memoryview(blob), dict[str, codec.Source]()
    at = 0
    for name, size in asked.get("attachments", ()):
        out[name] = whole[at : at + size]
        at += size
    if at != len(blob):
        raise SpecError("the attachments' sizes do not add up")
    for name, path in asked.get("files", {}).items():
        # read where it lies, a stretch at a time
        out[name] = _file(path, f"{name}: ")
    return out


def _file(path: str, whose: str = "") -> Path:
    if not Path(path).is_file():
        raise SpecError(f"{whose}no file {Path(path).name}")
    return Path(path)


def _tell(answers: BinaryIO, done: int, total: int) -> None:
    # a step is told when it is seen on a bar: lines from the cache come faster than anybody reads
    if done == total or done * _STEPS // total > (done - 1) * _STEPS // total:
        _send(answers, {"op": "progress", "done": done, "total": total})


def _send(answers: BinaryIO, reply: Message, blob: bytes = b"") -> None:
    for part in (frames.head(reply, blob), blob):
        data = memoryview(part)
        while data:
            # an unbuffered pipe takes what it has room for
            data = data[answers.write(data) or 0 :]


if __name__ == "__main__":
    raise SystemExit(main())
