"""One clip, from words to files: read, speak, master, encode, check. Runs in the audio process.

The unit of work and of the cache is a line of the script. Voices speak one line after another; two threads master and
encode behind them (numpy, soxr and LAME let go of the interpreter's lock). Only encoded lines are held in memory.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from functools import partial
from time import perf_counter

from audio import checks, codec, mastering, pieces, tags, wording
from audio import chime as chimes
from audio import cover as covers
from audio.cache import ENCODED, MASTERED, SPEECH, Cache, key
from audio.errors import SpecError, VoiceError
from audio.normalise import Lexicon
from audio.pcm import Pcm
from audio.pieces import Piece
from audio.profiles import PROFILES, Profile
from audio.script import Unit, script
from audio.spec import ClipReport, ClipSpec, Fallback, Fault, Part, text_sha256
from audio.voices.chain import Chain
from audio.voices.contract import Line, Voice
from audio.voices.gate import passed
from audio.voices.recorded import take

Progress = Callable[[int, int], None]

#: horns want 130–140 words a minute where a room is content with 150
_HORN_SPEED = 0.92
# what trimming leaves around a line, for the expected length
_ENDS_S = 0.1
# lines under way behind the voice: enough to keep the threads busy, few enough to hold little
_AHEAD = 6
# recordings are mastered in stretches, cut where they are quietest
_STRETCH_S = 25.0
_SEEK_S = 8.0


@dataclass(slots=True)
class Studio:
    """What clips are made with: voices, cache, a commune's reading tables, threads for mastering and encoding."""

    chain: Chain
    cache: Cache
    lexicon: Lexicon | None = None
    pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(2))


@dataclass(slots=True)
class _Job:
    """A piece asked for: known at once from the cache, or under way. `mastered` is the cache name of its sound."""

    piece: Future[Piece] | Piece
    mastered: str
    pause_s: float

    def result(self) -> Piece:
        return self.piece.result() if isinstance(self.piece, Future) else self.piece


@dataclass(slots=True)
class _Work:
    """One clip being made."""

    studio: Studio
    spec: ClipSpec
    attachments: Mapping[str, codec.Buffer]
    profile: Profile
    keep_mastered: bool
    total: int = 0
    done: int = 0
    cached: int = 0
    voice_s: float = 0.0
    expected_s: float = 0.0
    faults: list[Fault] = field(default_factory=list)
    residue: list[str] = field(default_factory=list)
    known: dict[str, _Job] = field(default_factory=dict)
    progress: Progress = lambda _done, _total: None


def make(
    spec: ClipSpec,
    studio: Studio,
    attachments: Mapping[str, codec.Buffer] | None = None,
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
    if missing or (spec.tags.cover and spec.tags.cover not in given):
        raise SpecError(f"missing attachments: {', '.join([*missing, spec.tags.cover])}")
    work = _Work(studio, spec, given, PROFILES[spec.profile], _uncoded(spec), progress=progress)
    jobs, voice, passed_over = _speak(work)
    made = [job.result() for job in jobs]
    read_s = perf_counter() - began
    hashed = text_sha256(spec.parts)
    figures = checks.figures_of(made)
    faults = [*work.faults, *checks.judge(figures, work.profile, work.expected_s, _longest_pause_s(spec))]
    if spec.text_sha256 and spec.text_sha256 != hashed:
        faults.append(Fault("text"))
    if work.residue and not spec.accept_residue:
        faults.append(Fault("residue", where=", ".join(work.residue[:5])))
    files = _files(work, jobs, voice, hashed)
    if "mp3" in files:
        faults += checks.structure(files["mp3"], hashed)
    return (
        ClipReport(
            ok=not faults,
            faults=tuple(faults),
            profile=spec.profile,
            voice=voice.name if voice else "recorded",
            voice_id=voice.id if voice else "",
            lesser=any(fallback.code not in {"private", "not-set-up"} for fallback in passed_over),
            fallbacks=tuple(passed_over),
            synthetic=spec.synthetic,
            label=wording.label() if spec.synthetic else "",
            seconds=round(figures.seconds, 2),
            expected_s=round(work.expected_s, 2),
            lufs=round(figures.lufs, 2),
            true_peak_dbtp=round(figures.true_peak_dbtp, 2),
            longest_silence_s=round(figures.longest_silence_s, 2),
            text_sha256=hashed,
            residue=tuple(work.residue),
            sha256={name: checks.digest(data) for name, data in files.items()},
            bytes_of={name: len(data) for name, data in files.items()},
            pieces=len(made),
            cached=work.cached,
            timings_s={
                "voice": round(work.voice_s, 3),
                "pieces": round(read_s, 3),
                "all": round(perf_counter() - began, 3),
            },
        ),
        files,
    )


def _speak(work: _Work) -> tuple[list[_Job], Voice | None, list[Fallback]]:
    """All parts with the first voice that can say all of them."""
    spec, passed_over = work.spec, list[Fallback]()
    scripts = {
        part: script(part.text, work.studio.lexicon, twice=part.twice) for part in spec.parts if part.kind == "say"
    }
    work.residue = [left for made in scripts.values() for left in made.residue]
    if not scripts:
        return _jobs(work, {}, None), None, passed_over
    horn = spec.profile.startswith("loa")
    wish = replace(spec.voice, speed=max(0.5, spec.voice.speed * (_HORN_SPEED if horn else 1.0)))
    chain = work.studio.chain
    lines = {part: made.units for part, made in scripts.items()}
    for voice in chain.candidates(wish, private=spec.private, passed_over=passed_over):
        try:
            jobs = _jobs(work, lines, voice)
        except VoiceError as error:
            passed_over.append(chain.failed(voice, error))
            continue
        return jobs, voice, passed_over
    raise VoiceError(f"no voice could speak: {passed_over}", code="silent")


def _jobs(work: _Work, lines: Mapping[Part, tuple[Unit, ...]], voice: Voice | None) -> list[_Job]:
    work.done = work.cached = 0
    work.voice_s = work.expected_s = 0.0
    work.faults.clear()
    work.total = sum(len(lines.get(part, ())) or 1 for part in work.spec.parts)
    jobs: list[_Job] = []
    under_way: deque[_Job] = deque()
    try:
        for job in _each(work, lines, voice):
            jobs.append(job)
            under_way.append(job)
            if len(under_way) > _AHEAD:
                under_way.popleft().result()
            work.done += 1
            work.progress(min(work.done, work.total), work.total)
    finally:
        # also when the voice failed: what it said so far was dear, and is kept for the next try
        wait([job.piece for job in under_way if isinstance(job.piece, Future)])
    return jobs


def _each(work: _Work, lines: Mapping[Part, tuple[Unit, ...]], voice: Voice | None) -> Iterator[_Job]:
    profile = work.profile
    for part in work.spec.parts:
        if part.kind == "say" and voice is not None:
            for unit in lines[part]:
                work.expected_s += _expected(unit, voice)
                yield _line(work, voice, unit)
        elif part.kind == "recording":
            yield from _recording(work, part)
        elif part.kind == "chime":
            pause_s = part.pause_ms / 1000
            work.expected_s += chimes.seconds(part.chime) + pause_s
            yield _kept(
                work, key("chime", chimes.VERSION, part.chime), pause_s, partial(chimes.chime, part.chime, profile)
            )
        elif part.kind == "pause" and part.pause_ms:
            work.expected_s += part.pause_ms / 1000
            yield _kept(
                work, "silence", 0.0, partial(Pcm.silence, part.pause_ms / 1000, mastering.RATE), str(part.pause_ms)
            )


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
    work.voice_s += perf_counter() - began
    passed(line, spoken)
    work.studio.chain.spoke(voice)

    def kept_and_mastered() -> Pcm:
        cache.put(SPEECH, speech_key, codec.to_flac(spoken))
        return mastering.master(spoken, work.profile)

    return _made(work, name, unit.pause_ms / 1000, kept_and_mastered)


def _recording(work: _Work, part: Part) -> Iterable[_Job]:
    data = work.attachments[part.attachment]
    made = take(data, part.text)
    work.faults += made.faults
    work.expected_s += made.seconds + part.pause_ms / 1000
    named = hashlib.sha256(data).hexdigest()
    bounds = _stretches(made.pcm)
    for i, (start, end) in enumerate(bounds):
        pause_s = part.pause_ms / 1000 if i == len(bounds) - 1 else 0.0
        stretch = codec.cut(made.pcm, start, end)
        name = key("recording", named, f"{start:.3f}-{end:.3f}", mastering.VERSION, work.profile.key)
        yield _kept(work, name, pause_s, partial(mastering.master, stretch, work.profile))


def _stretches(pcm: Pcm) -> list[tuple[float, float]]:
    """Bounds in seconds of stretches of at most 25 s, cut at the quietest 20 ms of the last 8 s of each."""
    step = 0.02
    levels = mastering.frame_levels(pcm, max(1, round(step * pcm.rate)))
    bounds, start = [], 0.0
    while pcm.seconds - start > _STRETCH_S:
        low, high = round((start + _STRETCH_S - _SEEK_S) / step), round((start + _STRETCH_S) / step)
        cut = (low + int(levels[low:high].argmin())) * step + step / 2
        bounds.append((start, cut))
        start = cut
    return [*bounds, (start, pcm.seconds)]


def _kept(work: _Work, name: str, pause_s: float, sound: Callable[[], Pcm], *more: str) -> _Job:
    full = key(name, work.profile.key, *more)
    return _from_cache(work, full, pause_s) or _made(work, full, pause_s, sound)


def _from_cache(work: _Work, name: str, pause_s: float) -> _Job | None:
    full = _encoded_key(name, pause_s)
    if full in work.known:
        work.cached += 1
        return work.known[full]
    data = work.studio.cache.get(ENCODED, full)
    if data is None or (work.keep_mastered and work.studio.cache.get(MASTERED, name) is None):
        return None
    work.cached += 1
    job = work.known[full] = _Job(Piece.unpack(data), name, pause_s)
    return job


def _made(work: _Work, name: str, pause_s: float, sound: Callable[[], Pcm]) -> _Job:
    cache, keep = work.studio.cache, work.keep_mastered

    def run() -> Piece:
        mastered = sound()
        if keep:
            cache.put(MASTERED, name, codec.to_flac(mastered))
        piece = pieces.encode(mastered.followed_by_silence(pause_s))
        cache.put(ENCODED, _encoded_key(name, pause_s), piece.pack())
        return piece

    job = work.known[_encoded_key(name, pause_s)] = _Job(work.studio.pool.submit(run), name, pause_s)
    return job


def _encoded_key(name: str, pause_s: float) -> str:
    return key(name, pieces.VERSION, f"{pause_s:.3f}")


def _uncoded(spec: ClipSpec) -> bool:
    """Whether a format is made from the mastered sound itself rather than from kept frames."""
    return any(name != "mp3" for name in spec.formats)


def _longest_pause_s(spec: ClipSpec) -> float:
    """A pause the spec asks for is not a fault; its neighbours' own pauses come on top."""
    longest = max((part.pause_ms for part in spec.parts), default=0) / 1000
    return longest + 1.0 if longest else 0.0


def _files(work: _Work, jobs: list[_Job], voice: Voice | None, hashed: str) -> dict[str, bytes]:
    spec, told = work.spec, work.spec.tags
    reader = wording.label() if spec.synthetic else wording.voice_name("recorded")
    files: dict[str, bytes] = {}
    for name in spec.formats:
        if name == "opus":
            comments = {
                "title": told.title,
                "artist": told.artist,
                "album": told.album,
                "date": told.sent_on,
                "comment": f"{reader}; {hashed}",
            }
            files[name] = codec.to_opus(_mastered(work, jobs), comments)
            continue
        if name == "wav":
            files[name] = codec.to_wav(codec.assemble(_mastered(work, jobs), mastering.RATE))
            continue
        extra = {
            "approver": told.approver,
            "voice": voice.name if voice else "recorded",
            "label": reader,
            "sent_on": told.sent_on,
            "text_sha256": hashed,
        }
        cover = bytes(work.attachments[told.cover]) if told.cover else covers.cover()
        files[name] = tags.tagged(
            b"".join(job.result().frames for job in jobs),
            tags.FileTags(
                told.title, told.artist, told.album, told.track, told.sent_on[:4], reader, extra=extra, cover=cover
            ),
        )
    return files


def _mastered(work: _Work, jobs: list[_Job]) -> Iterator[Pcm]:
    """The sound of each piece before its encoding, from the cache; from its frames if the cache had no room for it."""
    for job in jobs:
        data = work.studio.cache.get(MASTERED, job.mastered)
        if data is None:
            yield codec.decode(job.result().frames)
        else:
            yield codec.decode(data).followed_by_silence(job.pause_s)
