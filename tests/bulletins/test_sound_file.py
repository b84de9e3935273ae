"""The kind of a sound file is told by its content, and what our decoder reads is what the desk says."""

from __future__ import annotations

import io

import numpy as np
import pytest
import soundfile

from audio import codec
from audio.errors import CodecError
from bot.bulletins.sound_file import HEAD_BYTES, kind, kind_of

RATE = 48_000
TONE = (0.3 * np.sin(np.arange(RATE) * 0.05)).astype(np.float32)
#: (format, subtype, ending): real files, made here
READ = (
    ("WAV", "PCM_16", "wav"),
    ("WAV", "PCM_24", "wav"),
    ("WAV", "FLOAT", "wav"),
    ("WAV", "ALAW", "wav"),
    ("WAV", "IMA_ADPCM", "wav"),
    ("RF64", "PCM_16", "wav"),
    ("FLAC", "PCM_16", "flac"),
    ("OGG", "VORBIS", "ogg"),
    ("OGG", "OPUS", "ogg"),
    ("MP3", "MPEG_LAYER_III", "mp3"),
    ("AIFF", "PCM_16", "aiff"),
    ("CAF", "PCM_16", "caf"),
)
#: beginnings as telephones and computers write them
KEPT = (
    (b"\x00\x00\x00\x1cftypM4A \x00\x00\x00\x00M4A isommp42", "m4a"),
    (b"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00isomiso2mp41", "m4a"),
    (b"\x00\x00\x00\x18ftyp3gp4\x00\x00\x00\x00isom3gp4", "3gp"),
    (b"#!AMR\n\x3c\x91\x17\x16", "amr"),
    (b"#!AMR-WB\n\x04\x10", "amr"),
    (b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01", "webm"),
    (b"\xff\xf1\x50\x80\x02\x1f\xfc", "aac"),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9", "wma"),
)


@pytest.mark.parametrize(("form", "subtype", "ending"), READ)
def test_what_our_decoder_reads_is_known_by_name(form: str, subtype: str, ending: str) -> None:
    out = io.BytesIO()
    soundfile.write(out, TONE, RATE, format=form, subtype=subtype)
    data = out.getvalue()
    assert codec.decode(data).seconds == pytest.approx(1, abs=0.1)
    found = kind_of(data[:HEAD_BYTES])
    assert found is not None
    assert (found.ending, kind(ending)) == (ending, found)


@pytest.mark.parametrize(("head", "ending"), KEPT)
def test_what_it_does_not_read_is_known_too(head: bytes, ending: str) -> None:
    found = kind_of(head)
    assert found is not None
    assert (found.ending, found.media_type[:6]) == (ending, "audio/")
    with pytest.raises(CodecError) as error:
        codec.decode(head + bytes(range(256)) * 8)
    assert error.value.code == "format"


@pytest.mark.parametrize(
    "head", [b"", b"\xff", b"%PDF-1.7", b"\xff\xd8\xff\xe0", b"PK\x03\x04", b"<html>", b"MZ\x90\x00\x03\x00\x00\x00"]
)
def test_other_files_are_no_sound(head: bytes) -> None:
    assert kind_of(head) is None
