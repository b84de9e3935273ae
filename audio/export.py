"""A clip's pieces as files: MP3 with its tags, Ogg Opus, WAV."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from audio import codec, mastering, tags, wording
from audio import cover as covers
from audio.cache import MASTERED, Cache
from audio.pcm import Pcm
from audio.pieces import Piece
from audio.spec import ClipSpec


@dataclass(frozen=True, slots=True)
class Made:
    """A piece, the cache name of its sound before encoding, and the pause after it in seconds."""

    piece: Piece
    mastered: str
    pause_s: float


def is_uncoded(spec: ClipSpec) -> bool:
    """Whether a format is made from the mastered sound itself rather than from kept frames."""
    return any(name != "mp3" for name in spec.formats)


def files(
    spec: ClipSpec,
    attachments: Mapping[str, codec.Source],
    cache: Cache,
    made: Sequence[Made],
    *,
    readers: Sequence[str],
    hashed: str,
) -> dict[str, bytes]:
    """Each format of the spec, tagged. `readers`: names of the voices heard; `hashed`: the script's hash."""
    told = spec.tags
    label = wording.label() if spec.synthetic else wording.voice_name("recorded")
    comment = "; ".join(text for text in (label, told.byline) if text)
    out: dict[str, bytes] = {}
    for name in spec.formats:
        if name == "opus":
            comments = {
                "title": told.title,
                "artist": told.artist,
                "album": told.album,
                "date": told.sent_on,
                "comment": f"{comment}; {hashed}",
            }
            out[name] = codec.to_opus(_mastered(cache, made), comments)
        elif name == "wav":
            out[name] = codec.to_wav(codec.assemble(_mastered(cache, made), mastering.RATE))
        else:
            extra = {
                "approver": told.approver,
                "voice": ", ".join(readers) or "recorded",
                "label": label,
                "byline": told.byline,
                "sent_on": told.sent_on,
                "text_sha256": hashed,
            }
            cover = _bytes(attachments[told.cover]) if told.cover else covers.cover()
            out[name] = tags.tagged(
                b"".join(piece.piece.frames for piece in made),
                tags.FileTags(
                    told.title, told.artist, told.album, told.track, told.sent_on[:4], comment, extra=extra, cover=cover
                ),
            )
    return out


def _bytes(data: codec.Source) -> bytes:
    return data.read_bytes() if isinstance(data, Path) else bytes(data)


def _mastered(cache: Cache, made: Sequence[Made]) -> Iterator[Pcm]:
    """The sound of each piece before its encoding, from the cache; from its frames if the cache had no room for it."""
    for piece in made:
        data = cache.get(MASTERED, piece.mastered)
        if data is None:
            yield codec.decode(piece.piece.frames)
        else:
            yield codec.decode(data).followed_by_silence(piece.pause_s)
