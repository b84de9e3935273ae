"""What is asked of the audio process, and what comes back.

No numpy: the service builds these and writes them as JSON.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from audio.errors import SpecError
from audio.profiles import PROFILES

REGIONS = ("bac", "trung", "nam")
GENDERS = ("nu", "nam")
VOICES = ("auto", "gtts", "vieneu", "piper", "espeak")
FORMATS = ("mp3", "opus", "wav")
CHIMES = ("mo", "ket")


@dataclass(frozen=True, slots=True)
class VoiceChoice:
    """A unit's wish: engine, region, gender and speed (1 = as the voice speaks; 0.5–1.5)."""

    engine: str = "auto"
    region: str = "bac"
    gender: str = "nu"
    speed: float = 1.0

    def __post_init__(self) -> None:
        _one_of("engine", self.engine, VOICES)
        _one_of("region", self.region, REGIONS)
        _one_of("gender", self.gender, GENDERS)
        if not 0.5 <= self.speed <= 1.5:
            raise SpecError(f"speed {self.speed} is not within 0.5 and 1.5", code="speed")


@dataclass(frozen=True, slots=True)
class Part:
    """One stretch of a clip: `kind` say (text), recording (attachment), chime (mo, ket) or pause (ms).

    `private`: a citizen's words, or a story not yet signed: never to an online voice. `twice`: read again at once.
    A recording may name its `text`, which is then part of the script. `accepted`: an official heard the recording and
    lets its faults pass. `voice`: another reader than the clip's own.
    """

    kind: str
    text: str = ""
    attachment: str = ""
    chime: str = ""
    pause_ms: int = 0
    private: bool = False
    twice: bool = False
    accepted: bool = False
    voice: VoiceChoice | None = None

    def __post_init__(self) -> None:
        _one_of("part", self.kind, ("say", "recording", "chime", "pause"))
        if self.kind == "say" and not self.text.strip():
            raise SpecError("a spoken part has no text", code="no-text")
        if self.kind == "recording" and not self.attachment:
            raise SpecError("a recorded part names no attachment")
        if self.kind == "chime":
            _one_of("chime", self.chime, CHIMES)
        if not 0 <= self.pause_ms <= 60_000:
            raise SpecError(f"pause of {self.pause_ms} ms is not within 0 and 60000")


@dataclass(frozen=True, slots=True)
class Tags:
    """What the file says of itself.

    `sent_on` is a date as YYYY-MM-DD; `cover` names a JPEG attachment; `byline` says who wrote or edited it.
    """

    title: str = ""
    artist: str = ""
    album: str = ""
    track: int = 0
    sent_on: str = ""
    approver: str = ""
    cover: str = ""
    byline: str = ""


@dataclass(frozen=True, slots=True)
class ClipSpec:
    """One clip.

    `text_sha256`, when given, is what was approved: other text is refused. `accept_residue`: an official said so.
    """

    parts: tuple[Part, ...]
    profile: str = "loa"
    formats: tuple[str, ...] = ("mp3",)
    voice: VoiceChoice = field(default_factory=VoiceChoice)
    tags: Tags = field(default_factory=Tags)
    text_sha256: str = ""
    accept_residue: bool = False

    def __post_init__(self) -> None:
        _one_of("profile", self.profile, tuple(PROFILES))
        for name in self.formats:
            _one_of("format", name, FORMATS)
        if not self.parts or not self.formats:
            raise SpecError("a clip needs at least one part and one format")

    def reader(self, part: Part) -> VoiceChoice:
        """The wish for whoever reads a part."""
        return part.voice or self.voice

    @property
    def synthetic(self) -> bool:
        """Whether a machine reads any of it."""
        return any(part.kind == "say" for part in self.parts)


@dataclass(frozen=True, slots=True)
class Fallback:
    """A voice that was passed over, and why (`code` of VoiceError, or offline-only, not-asked…)."""

    voice: str
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Fault:
    """A reason not to publish: its code, the figure found and the limit, and where (seconds, or an excerpt)."""

    code: str
    found: str = ""
    limit: str = ""
    where: str = ""


@dataclass(frozen=True, slots=True)
class PartReport:
    """One part as it came out: where it begins and how long it is in seconds, who read it, what could not be read.

    `voice` is empty for chimes and pauses, `recorded` for a person.
    """

    start_s: float
    seconds: float
    voice: str = ""
    voice_id: str = ""
    lesser: bool = False
    residue: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ClipReport:
    """What was made, measured and refused. `bytes_of` gives the lengths of the files that follow, by format.

    `voice` and `voice_id` are the first reader's; `parts` tells them all, in the order of the spec's. `lesser`: a voice
    before one of these in the chain could not speak; make the clip again when it can.
    """

    ok: bool
    faults: tuple[Fault, ...]
    profile: str
    voice: str
    voice_id: str
    lesser: bool
    fallbacks: tuple[Fallback, ...]
    synthetic: bool
    label: str
    seconds: float
    expected_s: float
    lufs: float
    true_peak_dbtp: float
    longest_silence_s: float
    text_sha256: str
    residue: tuple[str, ...]
    sha256: Mapping[str, str]
    bytes_of: Mapping[str, int]
    pieces: int
    cached: int
    timings_s: Mapping[str, float]
    parts: tuple[PartReport, ...] = ()


def text_sha256(parts: Sequence[Part]) -> str:
    """Hash of the script as written: what an approval is bound to. Layout outside the texts does not count."""
    script = [unicodedata.normalize("NFC", part.text).strip() for part in parts if part.text.strip()]
    return hashlib.sha256("\n".join(script).encode()).hexdigest()


def to_json(thing: ClipSpec | ClipReport | WorkerOptions) -> str:
    """One line of JSON."""
    return json.dumps(asdict(thing), ensure_ascii=False)


def spec_from(data: Mapping[str, Any]) -> ClipSpec:
    """A spec of decoded JSON. Raises SpecError for unknown keys or values."""
    try:
        rest = dict(data)
        return ClipSpec(
            parts=tuple(_part(part) for part in rest.pop("parts")),
            formats=tuple(rest.pop("formats", ("mp3",))),
            voice=VoiceChoice(**rest.pop("voice", {})),
            tags=Tags(**rest.pop("tags", {})),
            **rest,
        )
    except (KeyError, TypeError) as error:
        raise SpecError(f"not a clip's spec: {error}") from error


def report_from(data: Mapping[str, Any]) -> ClipReport:
    """A report of decoded JSON."""
    rest = dict(data)
    return ClipReport(
        faults=tuple(Fault(**fault) for fault in rest.pop("faults")),
        fallbacks=tuple(Fallback(**fallback) for fallback in rest.pop("fallbacks")),
        residue=tuple(rest.pop("residue")),
        parts=tuple(PartReport(**{**part, "residue": tuple(part["residue"])}) for part in rest.pop("parts", ())),
        **rest,
    )


def _part(data: Mapping[str, Any]) -> Part:
    voice = data.get("voice")
    return Part(**{**data, "voice": VoiceChoice(**voice) if voice else None})


@dataclass(frozen=True, slots=True)
class WorkerOptions:
    """How an audio process is set up. Empty paths switch the thing off; times in seconds.

    `online` lets gTTS be tried at all; `lexicons` are a commune's own reading tables.
    """

    cache_dir: str = ""
    cache_bytes: int = 1 << 30
    online: bool = False
    gtts_tld: str = "com"
    piper_model: str = ""
    vieneu_dir: str = ""
    lexicons: tuple[str, ...] = ()
    threads: int = 2
    idle_s: float = 300.0


def options_from(data: Mapping[str, Any]) -> WorkerOptions:
    """Options of decoded JSON."""
    rest = dict(data)
    return WorkerOptions(lexicons=tuple(rest.pop("lexicons", ())), **rest)


def _one_of(what: str, value: str, allowed: Sequence[str]) -> None:
    if value not in allowed:
        raise SpecError(f"{what} {value!r} is none of {', '.join(allowed)}")
