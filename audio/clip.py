"""One clip, from words to files: read, speak, master, encode, check. Runs in the audio process.

The unit of work and of the cache is a line of the script. Voices speak one line after another; two threads master and
encode behind them (numpy, soxr and LAME let go of the interpreter's lock). Only encoded lines are held in memory.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from time import perf_counter

from audio import checks, codec, export, mastering, pieces, wording
from audio import chime as chimes
from audio.cache import ENCODED, MASTERED, SPEECH, Cache, key
from audio.errors import CodecError, SpecError, VoiceError
from audio.normalise import Lexicon
from audio.pcm import Pcm
from audio.pieces import Piece
from audio.profiles import PROFILES, Profile
from audio.script import Unit, script
from audio.spec import ClipReport, ClipSpec, Fallback, Fault, Part, PartReport, VoiceChoice, text_sha256
from audio.voices import recorded
from audio.voices.chain import ORDER, Chain
from audio.voices.contract import Line, Voice
from audio.voices.gate import passed

Progress = Callable[[int, int], None]

#: horns want 130–140 words a minute where a room is content with 150
_HORN_SPEED = 0.92
# what trimming leaves around a line, for the expected length
_ENDS_S = 0.1
# lines under way behind the voice: enough to keep the threads busy, few enough to hold little
_AHEAD = 6
# encoded lines of the last clip kept in memory for the next: a quarter of an hour of frames
_RECENT_BYTES = 16_000_000
# reasons to pass a voice over that time will not change
_LASTING = frozenset({"private", "not-set-up", "same-voice"})


@dataclass(slots=True)
class Studio:
    """What clips are made with: voices, cache, a commune's reading tables, threads for mastering and encoding.

    `recent`: the encoded lines of the last clip by cache name; most of a changed bulletin is in it.
    """

    chain: Chain
    cache: Cache
    lexicon: Lexicon | None = None
    pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(2))
    recent: Mapping[str, Piece] = field(default_factory=dict)


@dataclass(slots=True)
class _Job:
    """A piece asked for: known at once from the cache, or under way. `mastered` is the cache name of its sound."""

    piece: Future[Piece] | Piece
    mastered: str
    pause_s: float

    def result(self) -> Piece:
        return self.piece.result() if isinstance(self.piece, Future) else self.piece

    def made(self) -> export.Made:
        return export.Made(self.result(), self.mastered, self.pause_s)


@dataclass(slots=True)
class _Tally:
    """What was done so far: lines, those of them from the cache, seconds of voice and expected seconds of sound."""

    done: int = 0
    cached: int = 0
    voice_s: float = 0.0
    expected_s: float = 0.0


@dataclass(frozen=True, slots=True)
class _Reader:
    """The voice that reads for a wish, and whether a better one could not."""

    voice: Voice
    lesser: bool


@dataclass(slots=True)
class _Work:
    """One clip being made."""

    studio: Studio
    spec: ClipSpec
    attachments: Mapping[str, codec.Source]
    profile: Profile
    keep_mastered: bool
    total: int = 0
    tally: _Tally = field(default_factory=_Tally)
    faults: list[Fault] = field(default_factory=list)
    passed_over: list[Fallback] = field(default_factory=list)
    readers: dict[VoiceChoice, _Reader] = field(default_factory=dict)
    known: dict[str, _Job] = field(default_factory=dict)
    under_way: deque[_Job] = field(default_factory=deque)
    keeping: list[Future[None]] = field(default_factory=list)
    progress: Progress = lambda _done, _total: None

    def count(self, **more: float) -> None:
        """Add to the tally."""
        for name, value in more.items():
            setattr(self.tally, name, getattr(self.tally, name) + value)

    def keep(self, level: str, name: str, data: Callable[[], bytes]) -> None:
        """Put something into the cache behind the work that waits for it: a lone changed line has a thread to spare."""
        self.keeping.append(self.studio.pool.submit(lambda: self.studio.cache.put(level, name, data())))


def make(
    spec: ClipSpec,
    studio: Studio,
    attachments: Mapping[str, codec.Source] | None = None,
    progress: Progress = lambda _done, _total: None,
) -> tuple[ClipReport, dict[str, bytes]]:
    """The clip's report and its files by format. With faults in the report the files are for listening, not for
    publishing.

    Raises SpecError for what cannot be meant, CodecError for a recording nobody can read, VoiceError only when the
    embedded voice itself fails.
    """
    began = perf_counter()
    given = attachments or {}
    missing = [p.attachment for p in spec.parts if p.kind == "recording" and p.attachment not in given]
    if spec.tags.cover and spec.tags.cover not in given:
        missing.append(spec.tags.cover)
    if missing:
        raise SpecError(f"missing attachments: {', '.join(missing)}")
    work = _Work(studio, spec, given, PROFILES[spec.profile], export.is_uncoded(spec), progress=progress)
    scripts = [script(p.text, studio.lexicon, twice=p.twice) if p.kind == "say" else None for p in spec.parts]
    parts = _parts(work, [said.units if said else () for said in scripts])
    made = [job.made() for jobs in parts for job in jobs]
    wait(work.keeping)
    studio.recent = _recent(work)
    read_s = perf_counter() - began
    hashed = text_sha256(spec.parts)
    residue = [left for said in scripts if said for left in said.residue]
    figures = checks.figures_of([piece.piece for piece in made])
    faults = [*work.faults, *checks.judge(figures, work.profile, work.tally.expected_s, _longest_pause_s(spec))]
    if spec.text_sha256 and spec.text_sha256 != hashed:
        faults.append(Fault("text"))
    if residue and not spec.accept_residue:
        faults.append(Fault("residue", where=", ".join(residue[:5])))
    readers = list(work.readers.values())
    names = list(dict.fromkeys(reader.voice.name for reader in readers))
    files = export.files(spec, given, studio.cache, made, readers=names, hashed=hashed)
    if "mp3" in files:
        faults += checks.structure(files["mp3"], hashed)
    return (
        ClipReport(
            ok=not faults,
            faults=tuple(faults),
            profile=spec.profile,
            voice=names[0] if names else "recorded",
            voice_id=readers[0].voice.id if readers else "",
            lesser=any(reader.lesser for reader in readers),
            fallbacks=tuple(work.passed_over),
            synthetic=spec.synthetic,
            label=wording.label() if spec.synthetic else "",
            seconds=round(figures.seconds, 2),
            expected_s=round(work.tally.expected_s, 2),
            lufs=round(figures.lufs, 2),
            true_peak_dbtp=round(figures.true_peak_dbtp, 2),
            longest_silence_s=round(figures.longest_silence_s, 2),
            text_sha256=hashed,
            residue=tuple(residue),
            sha256={name: checks.digest(data) for name, data in files.items()},
            bytes_of={name: len(data) for name, data in files.items()},
            pieces=len(made),
            cached=work.tally.cached,
            timings_s={
                "voice": round(work.tally.voice_s, 3),
                "pieces": round(read_s, 3),
                "all": round(perf_counter() - began, 3),
            },
            parts=tuple(_told(work, parts, [said.residue if said else () for said in scripts])),
        ),
        files,
    )


def _told(work: _Work, parts: Sequence[Sequence[_Job]], residue: Sequence[tuple[str, ...]]) -> Iterator[PartReport]:
    at = 0.0
    for part, jobs, left in zip(work.spec.parts, parts, residue, strict=True):
        seconds = sum(job.result().seconds for job in jobs)
        reader = work.readers[work.spec.reader(part)] if part.kind == "say" else None
        yield PartReport(
            round(at, 2),
            round(seconds, 2),
            reader.voice.name if reader else "recorded" if part.kind == "recording" else "",
            reader.voice.id if reader else "",
            reader.lesser if reader else False,
            left,
        )
        at += seconds


def _parts(work: _Work, lines: Sequence[tuple[Unit, ...]]) -> list[list[_Job]]:
    """The pieces of each part. Recordings first, because what cannot be read should cost no voice; then one reader
    after another, because a local voice holds one model at a time.
    """
    parts = work.spec.parts
    work.total = sum(len(units) or 1 for units in lines)
    jobs = [[] if part.kind == "say" else _gather(work, _sounds(work, part)) for part in parts]
    wishes = dict.fromkeys(work.spec.reader(part) for part in parts if part.kind == "say")
    for wish in wishes:
        mine = [i for i, part in enumerate(parts) if part.kind == "say" and work.spec.reader(part) == wish]
        for i, read in zip(mine, _read(work, wish, mine, lines), strict=True):
            jobs[i] = read
    return jobs


def _read(work: _Work, wish: VoiceChoice, mine: Sequence[int], lines: Sequence[tuple[Unit, ...]]) -> list[list[_Job]]:
    """All parts of one reader, with the first voice that can say all of them."""
    passed_over: list[Fallback] = []
    slowed = replace(wish, speed=max(0.5, wish.speed * (_HORN_SPEED if work.spec.profile.startswith("loa") else 1.0)))
    private = any(work.spec.parts[i].private for i in mine)
    before, chain = replace(work.tally), work.studio.chain
    taken = {reader.voice.id for other, reader in work.readers.items() if other.gender != wish.gender}
    for voice in chain.candidates(slowed, private=private, passed_over=passed_over):
        if voice.id in taken and voice.name != ORDER[-1]:
            # a woman and a man who sound the same are one reader to the listener
            passed_over.append(Fallback(voice.name, "same-voice", "already another reader's"))
            continue
        try:
            read = [_gather(work, _lines(work, voice, lines[i])) for i in mine]
        except VoiceError as error:
            # what it said so far was dear, and is kept for the next try
            wait([job.piece for job in work.under_way if isinstance(job.piece, Future)])
            passed_over.append(chain.failed(voice, error))
            work.tally = replace(before)
            continue
        work.readers[wish] = _Reader(voice, any(fallback.code not in _LASTING for fallback in passed_over))
        work.passed_over += [fallback for fallback in passed_over if fallback not in work.passed_over]
        return read
    raise VoiceError(f"no voice could speak: {passed_over}", code="silent")


def _gather(work: _Work, each: Iterable[_Job]) -> list[_Job]:
    """All jobs of a part. They go on while the next part is read: only so many lines at once are waited for."""
    jobs: list[_Job] = []
    for job in each:
        jobs.append(job)
        if isinstance(job.piece, Future):
            work.under_way.append(job)
        if len(work.under_way) > _AHEAD:
            work.under_way.popleft().result()
        work.count(done=1)
        work.progress(min(work.tally.done, work.total), work.total)
    return jobs


def _lines(work: _Work, voice: Voice, units: Iterable[Unit]) -> Iterator[_Job]:
    for unit in units:
        work.count(expected_s=_expected(unit, voice))
        yield _line(work, voice, unit)


def _sounds(work: _Work, part: Part) -> Iterator[_Job]:
    """A recording, a chime or a pause."""
    pause_s = part.pause_ms / 1000
    if part.kind == "recording":
        yield from _recording(work, part)
    elif part.kind == "chime":
        work.count(expected_s=chimes.seconds(part.chime) + pause_s)
        name = key("chime", chimes.VERSION, part.chime)
        yield _kept(work, name, pause_s, partial(chimes.chime, part.chime, work.profile))
    elif pause_s:
        work.count(expected_s=pause_s)
        yield _kept(work, "silence", 0.0, partial(Pcm.silence, pause_s, mastering.RATE), str(part.pause_ms))


def _expected(unit: Unit, voice: Voice) -> float:
    return len(unit.text) * voice.seconds_per_char / (voice.speed * unit.speed) + _ENDS_S + unit.pause_ms / 1000


def _line(work: _Work, voice: Voice, unit: Unit) -> _Job:
    speech_key = key("speech", voice.id, f"{unit.speed:.3f}", unit.text)

    def mastered() -> Pcm:
        return mastering.master(codec.decode(speech), work.profile)

    name = key(speech_key, mastering.VERSION, work.profile.key)
    job = _from_cache(work, name, unit.pause_ms / 1000)
    if job:
        return job
    cache = work.studio.cache
    kept = cache.get(SPEECH, speech_key)
    if kept is not None:
        speech = kept
        return _made(work, name, unit.pause_ms / 1000, mastered)
    work.studio.chain.allow(voice)
    began = perf_counter()
    line = Line(unit.text, unit.speed)
    (spoken,) = voice.synth([line])
    work.count(voice_s=perf_counter() - began)
    passed(line, spoken)
    work.studio.chain.spoke(voice)

    job = _made(work, name, unit.pause_ms / 1000, partial(mastering.master, spoken, work.profile))
    work.keep(SPEECH, speech_key, partial(codec.to_flac, spoken))
    return job


def _recording(work: _Work, part: Part) -> Iterator[_Job]:
    """A recording in stretches. What was measured of it is kept, so that a known one is not even decoded."""
    data, cache = work.attachments[part.attachment], work.studio.cache
    named = codec.content_hash(data)
    measured = key("take", named, part.text, recorded.VERSION)
    kept = cache.get(ENCODED, measured)
    if kept is None:
        try:
            kept = json.dumps(asdict(recorded.figures(data, part.text))).encode()
        except CodecError as error:
            raise CodecError(f"{part.attachment}: {error.detail}", code=error.code) from error
        cache.put(ENCODED, measured, kept)
    found = json.loads(kept)
    if not part.accepted:
        work.faults += [Fault(**fault) for fault in found["faults"]]
    work.count(expected_s=found["seconds"] + part.pause_ms / 1000)
    bounds = found["stretches"]
    cuts: Iterator[tuple[int, Pcm]] | None = None
    for i, (start, end) in enumerate(bounds):
        pause_s = part.pause_ms / 1000 if i == len(bounds) - 1 else 0.0
        name = key("recording", named, f"{start:.3f}-{end:.3f}", mastering.VERSION, work.profile.key)
        job = _from_cache(work, name, pause_s)
        if job is None:
            cuts = cuts or enumerate(codec.spans(data, bounds[i:]), i)
            stretch = next(pcm for n, pcm in cuts if n == i)
            job = _made(work, name, pause_s, partial(mastering.master, stretch, work.profile))
        yield job


def _kept(work: _Work, name: str, pause_s: float, sound: Callable[[], Pcm], *more: str) -> _Job:
    full = key(name, work.profile.key, *more)
    return _from_cache(work, full, pause_s) or _made(work, full, pause_s, sound)


def _from_cache(work: _Work, name: str, pause_s: float) -> _Job | None:
    full = _encoded_key(name, pause_s)
    if full in work.known:
        work.count(cached=1)
        return work.known[full]
    piece = work.studio.recent.get(full)
    if piece is None:
        data = work.studio.cache.get(ENCODED, full)
        piece = Piece.unpack(data) if data is not None else None
    if piece is None or (work.keep_mastered and work.studio.cache.get(MASTERED, name) is None):
        return None
    work.count(cached=1)
    job = work.known[full] = _Job(piece, name, pause_s)
    return job


def _recent(work: _Work) -> dict[str, Piece]:
    found = {name: job.result() for name, job in work.known.items()}
    return found if sum(len(piece.frames) for piece in found.values()) <= _RECENT_BYTES else {}


def _made(work: _Work, name: str, pause_s: float, sound: Callable[[], Pcm]) -> _Job:
    cache, keep = work.studio.cache, work.keep_mastered

    def run() -> Piece:
        mastered = sound()
        if keep:
            # read again as soon as all pieces are there
            cache.put(MASTERED, name, codec.to_flac(mastered))
        piece = pieces.encode(mastered.followed_by_silence(pause_s))
        work.keep(ENCODED, _encoded_key(name, pause_s), piece.pack)
        return piece

    job = work.known[_encoded_key(name, pause_s)] = _Job(work.studio.pool.submit(run), name, pause_s)
    return job


def _encoded_key(name: str, pause_s: float) -> str:
    return key(name, pieces.VERSION, f"{pause_s:.3f}")


def _longest_pause_s(spec: ClipSpec) -> float:
    """A pause the spec asks for is not a fault, nor are several in a row; a line's own pause comes on top."""
    longest_ms = run_ms = 0
    for part in spec.parts:
        run_ms = part.pause_ms + (run_ms if part.kind == "pause" else 0)
        longest_ms = max(longest_ms, run_ms)
    return longest_ms / 1000 + 1.0 if longest_ms else 0.0
