"""A bulletin: segments in order, several readers, recordings put in; made as one clip, told segment by segment.

No numpy: the service builds a bulletin, the audio process makes it. A bulletin is JSON (`to_json`, `bulletin_from`), so
that it can lie in a row and be made again word for word.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from audio.child import AudioChild, Progress
from audio.errors import SpecError
from audio.normalise import Lexicon
from audio.script import script
from audio.spec import ClipReport, ClipSpec, Part, Tags, VoiceChoice, text_sha256

KINDS = ("chime", "speech", "recording", "pause")
# a chime of ours lasts 1.5 s closing, 2.4 s opening
_CHIME_S = 2.0
# seconds a spoken character takes, between the embedded voice (0.060) and the online one (0.075)
_SECONDS_PER_CHAR = 0.068
# what stays around a line when its ends are trimmed
_ENDS_S = 0.1
# between the first and the second time a recording is heard; a text said twice waits as long
_AGAIN_MS = 1200


@dataclass(frozen=True, slots=True)
class Segment:
    """One stretch of a bulletin.

    `kind`: chime (`chime`: mo or ket), speech (`text`), recording (`file`: a path; `text`: what is said in it) or pause
    (`pause_ms`). `key`: the caller's own name for it; `title`: for run sheet and chapters; `role`: who reads, a key of
    the bulletin's voices; `twice`: heard two times; `private`: words that go to no online voice; `accepted`: an official
    heard the recording and lets its faults pass; `pause_ms` after the others: silence behind them; `seconds`: a
    recording's length where it is known, for the estimate only.
    """

    kind: str
    key: str = ""
    title: str = ""
    text: str = ""
    role: str = ""
    twice: bool = False
    file: str = ""
    chime: str = "mo"
    pause_ms: int = 0
    private: bool = False
    accepted: bool = False
    seconds: float = 0.0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise SpecError(f"segment {self.kind!r} is none of {', '.join(KINDS)}")
        if self.kind == "speech" and not self.text.strip():
            raise SpecError(f"segment {self.key!r} has no text")
        if self.kind == "recording" and not self.file:
            raise SpecError(f"segment {self.key!r} names no file")


@dataclass(frozen=True, slots=True)
class Bulletin:
    """A bulletin for one outlet.

    `voices`: role to reader; the role "" is the unit's own reader. `text_sha256`: what was approved (see `script_hash`);
    other words are refused. `accept_residue`: an official said that what could not be read may stand.
    """

    segments: tuple[Segment, ...]
    voices: Mapping[str, VoiceChoice] = field(default_factory=dict)
    profile: str = "loa"
    formats: tuple[str, ...] = ("mp3",)
    tags: Tags = field(default_factory=Tags)
    text_sha256: str = ""
    accept_residue: bool = False

    def __post_init__(self) -> None:
        unknown = {segment.role for segment in self.segments if segment.role} - set(self.voices)
        if unknown:
            raise SpecError(f"no voice for {', '.join(sorted(unknown))}")


@dataclass(frozen=True, slots=True)
class SegmentReport:
    """A segment as it came out: where it begins, how long it is in seconds, who read it, what could not be read."""

    key: str
    kind: str
    title: str
    start_s: float
    seconds: float
    voice: str
    voice_id: str
    lesser: bool
    residue: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BulletinReport:
    """The clip's report (verdict, faults, loudness, peak, hashes, fallbacks) and each segment's."""

    clip: ClipReport
    segments: tuple[SegmentReport, ...]

    @property
    def ok(self) -> bool:
        """Whether it may be published as far as the sound goes."""
        return self.clip.ok


def to_json(bulletin: Bulletin) -> str:
    """One line of JSON."""
    return json.dumps(asdict(bulletin), ensure_ascii=False)


def bulletin_from(data: Mapping[str, Any]) -> Bulletin:
    """A bulletin of decoded JSON. Raises SpecError for unknown keys or values."""
    try:
        rest = dict(data)
        return Bulletin(
            segments=tuple(Segment(**segment) for segment in rest.pop("segments")),
            voices={role: VoiceChoice(**voice) for role, voice in rest.pop("voices", {}).items()},
            formats=tuple(rest.pop("formats", ("mp3",))),
            tags=Tags(**rest.pop("tags", {})),
            **rest,
        )
    except (AttributeError, KeyError, TypeError) as error:
        raise SpecError(f"not a bulletin: {error}") from error


def script_hash(bulletin: Bulletin) -> str:
    """Hash of all words heard, in order: what an approval of the text is bound to. Equal to the report's."""
    return text_sha256(clip_spec(bulletin)[0].parts)


def clip_spec(bulletin: Bulletin) -> tuple[ClipSpec, dict[str, str], tuple[int, ...]]:
    """The clip to make, the paths of its recordings by name, and for each part the index of its segment."""
    parts: list[Part] = []
    owners: list[int] = []
    files: dict[str, str] = {}
    names: dict[str, str] = {}
    for i, segment in enumerate(bulletin.segments):
        if segment.kind == "recording":
            name = names.setdefault(segment.file, segment.key or f"recording-{i + 1}")
            if files.setdefault(name, segment.file) != segment.file:
                raise SpecError(f"two recordings are named {name!r}")
        own = tuple(_parts(bulletin, segment, names.get(segment.file, "")))
        parts += own
        owners += [i] * len(own)
    spec = ClipSpec(
        tuple(parts),
        bulletin.profile,
        bulletin.formats,
        bulletin.voices.get("", VoiceChoice()),
        bulletin.tags,
        bulletin.text_sha256,
        bulletin.accept_residue,
    )
    return spec, files, tuple(owners)


def estimated_s(segment: Segment, speed: float = 1.0, lexicon: Lexicon | None = None) -> float:
    """About how many seconds a segment will last, without making it; within a fifth for speech.

    `speed` is the reader's, horns included (0.92). A recording counts what its `seconds` say.
    """
    pause_s = segment.pause_ms / 1000
    if segment.kind == "pause":
        return pause_s
    if segment.kind == "chime":
        return _CHIME_S + pause_s
    if segment.kind == "recording":
        return segment.seconds * (2 if segment.twice else 1) + pause_s + (_AGAIN_MS / 1000 if segment.twice else 0)
    units = script(segment.text, lexicon, twice=segment.twice).units
    said = sum(len(unit.text) * _SECONDS_PER_CHAR / unit.speed + _ENDS_S + unit.pause_ms / 1000 for unit in units)
    return said / speed + pause_s


async def make(
    child: AudioChild, bulletin: Bulletin, progress: Progress | None = None
) -> tuple[BulletinReport, dict[str, bytes]]:
    """Make a bulletin in the audio process: its report, and its files by format.

    With faults in the report the files are for listening, not for publishing. `progress` gets lines done and in all.
    Raises SpecError (a recording that is not there among them), CodecError with the recording's name (`format`: m4a, amr
    and webm are played as they came, not put into a bulletin), ChildError.
    """
    spec, files, owners = clip_spec(bulletin)
    report, made = await child.make(spec, progress=progress, files=files)
    return BulletinReport(report, tuple(_told(bulletin, report, owners))), made


def _parts(bulletin: Bulletin, segment: Segment, attachment: str) -> list[Part]:
    if segment.kind == "pause":
        return [Part("pause", pause_ms=segment.pause_ms)]
    if segment.kind == "chime":
        return [Part("chime", chime=segment.chime, pause_ms=segment.pause_ms)]
    if segment.kind == "recording":
        once = Part("recording", segment.text, attachment, pause_ms=segment.pause_ms, accepted=segment.accepted)
        if not segment.twice:
            return [once]
        # the words count once, as those of a voice that says them twice
        again = Part("recording", "", attachment, pause_ms=segment.pause_ms, accepted=segment.accepted)
        return [replace(once, pause_ms=_AGAIN_MS), again]
    voice = bulletin.voices[segment.role] if segment.role else None
    said = Part("say", segment.text, private=segment.private, twice=segment.twice, voice=voice)
    return [said, Part("pause", pause_ms=segment.pause_ms)] if segment.pause_ms else [said]


def _told(bulletin: Bulletin, report: ClipReport, owners: tuple[int, ...]) -> list[SegmentReport]:
    told = []
    for i, segment in enumerate(bulletin.segments):
        own = [part for part, owner in zip(report.parts, owners, strict=True) if owner == i]
        heard = next((part for part in own if part.voice), own[0])
        told.append(
            SegmentReport(
                segment.key,
                segment.kind,
                segment.title,
                own[0].start_s,
                round(sum(part.seconds for part in own), 2),
                heard.voice,
                heard.voice_id,
                heard.lesser,
                tuple(left for part in own for left in part.residue),
            )
        )
    return told
