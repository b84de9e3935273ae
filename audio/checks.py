"""Automatic acceptance: what fails here is not published, and says why."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from audio import codec, mpeg, tags
from audio.errors import CodecError
from audio.loudness import integrated
from audio.pieces import Piece, joined_energies, longest_silence, measure, sounding_energies
from audio.profiles import FINAL_CEILING_DBTP, Profile
from audio.spec import Fault

LOUDNESS_LU = 1.0
SILENCE_S = 2.0
# a block of 400 ms that is half pause is quieter and still passes the gate: of a few words such blocks are the greater part
SHORT_S = 10.0
# engines differ in pace and slow passages add to it; a sentence lost or said twice is more than this in most
# announcements
DURATION_SHARE = 0.4
# a clip of a few words has too little to judge by share
DURATION_S = 2.0


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured of a whole clip: seconds, LUFS, dBTP, the longest silence in seconds and where it begins."""

    seconds: float
    lufs: float
    true_peak_dbtp: float
    longest_silence_s: float
    silence_at_s: float


def figures_of(pieces: Sequence[Piece]) -> Figures:
    """Figures of pieces one after another, without decoding: each was decoded when it was made.

    What is shorter than `SHORT_S` is as loud as what sounds of it: pauses around a few words do not count.
    """
    seconds = sum(piece.seconds for piece in pieces)
    silent, at = longest_silence(pieces)
    return Figures(
        seconds,
        integrated(sounding_energies(pieces) if seconds < SHORT_S else joined_energies(pieces)),
        max((piece.peak_dbtp for piece in pieces), default=float("-inf")),
        silent,
        at,
    )


def judge(figures: Figures, profile: Profile, expected_s: float, longest_pause_s: float = 0.0) -> list[Fault]:
    """Faults `empty`, `duration`, `loudness`, `peak`, `silence`.

    A pause that was asked for may last as long as asked.
    """
    if figures.seconds <= 0 or figures.lufs < -100:
        return [Fault("empty")]
    faults = []
    if abs(figures.seconds - expected_s) > max(DURATION_SHARE * expected_s, DURATION_S):
        faults.append(Fault("duration", f"{figures.seconds:.1f}", f"{expected_s:.1f}"))
    if abs(figures.lufs - profile.target_lufs) > LOUDNESS_LU:
        faults.append(Fault("loudness", f"{figures.lufs:.1f}", f"{profile.target_lufs:.0f} ± {LOUDNESS_LU:.0f}"))
    if figures.true_peak_dbtp > FINAL_CEILING_DBTP:
        faults.append(Fault("peak", f"{figures.true_peak_dbtp:.1f}", f"{FINAL_CEILING_DBTP:.0f}"))
    allowed = max(SILENCE_S, longest_pause_s)
    if figures.longest_silence_s > allowed:
        faults.append(
            Fault("silence", f"{figures.longest_silence_s:.1f}", f"{allowed:.1f}", f"{figures.silence_at_s:.0f}")
        )
    return faults


def structure(mp3: bytes, text_sha256: str) -> list[Fault]:
    """Every frame header read: one bit rate, one rate, mono, nothing between frames; and the script's hash in
    the tag.
    """
    faults = []
    if not mpeg.is_even(mp3, codec.MP3_KBIT, codec.MP3_RATE):
        try:
            _, kinds = mpeg.survey(mp3)
        except CodecError as error:
            return [Fault("frames", where=error.detail)]
        faults.append(Fault("frames", str(sorted(kinds)), where="header"))
    if text_sha256 and tags.read_extra(mp3).get("text_sha256") != text_sha256:
        faults.append(Fault("tags"))
    return faults


def examine(data: bytes, profile: Profile, text_sha256: str = "") -> tuple[Figures | None, list[Fault]]:
    """A finished MP3 judged from its bytes alone, by decoding all of it: what is done before a clip is published."""
    faults = structure(data, text_sha256)
    start, end = mpeg.sound_span(data)
    pieces = []
    try:
        for block in codec.decode_blocks(data[start:end]):
            pieces.append(Piece(b"", block.seconds, *measure(block)))  # noqa: PERF401 - a decoder error may come midway
    except CodecError as error:
        return None, [*faults, Fault("decode", error.detail)]
    figures = figures_of(pieces)
    return figures, [*faults, *judge(figures, profile, figures.seconds)]


def digest(data: bytes) -> str:
    """SHA-256 in hexadecimal: what an approval of the sound is bound to."""
    return hashlib.sha256(data).hexdigest()
