from __future__ import annotations

import io

import numpy as np
import pytest
import soundfile

from audio import codec, mpeg
from audio.errors import CodecError
from audio.pcm import Pcm


def test_mp3_is_constant_bit_rate_mono_and_as_long_as_the_sound(murmur):
    data = codec.to_mp3(murmur(7.3, 44_100))
    kinds = {(frame.kbit, frame.rate, frame.mono) for frame in mpeg.frames(data)}
    assert kinds == {(128, 44_100, True)}
    assert codec.decode(data).seconds == pytest.approx(7.3, abs=0.09)
    assert data[:2] == b"\xff\xfb"
    assert b"Xing" not in data[:500]
    assert b"Info" not in data[:500]


def test_mp3_keeps_the_level(tone):
    sound = tone(1000, 3, 44_100, 0.25)
    heard = codec.decode(codec.to_mp3(sound)).samples[22_050:88_200]
    assert 20 * np.log10(np.sqrt(np.square(heard).mean()) / (0.25 / np.sqrt(2))) == pytest.approx(0, abs=0.1)


def test_pieces_encoded_apart_join_byte_by_byte(murmur):
    pieces = [codec.to_mp3(murmur(1.7, 44_100, seed)) for seed in (1, 2, 3)]
    assert all(next(mpeg.frames(piece)).reservoir == 0 for piece in pieces)
    joined = codec.decode(b"".join(pieces))
    assert len(joined.samples) == sum(len(codec.decode(piece).samples) for piece in pieces)


def test_opus_is_a_voice_note(murmur):
    data = codec.to_opus([murmur(4, 22_050), murmur(6, 44_100)], {"title": "Vay vốn", "comment": "giọng đọc tổng hợp"})
    assert data[:4] == b"OggS"
    assert b"OpusHead" in data[:64]
    assert 20_000 < len(data) * 8 / 10 < 40_000
    assert codec.decode(data).seconds == pytest.approx(10, abs=0.05)
    assert codec.comments(data)["title"] == "Vay vốn"
    assert codec.comments(data)["comment"] == "giọng đọc tổng hợp"


@pytest.mark.parametrize("encode", [codec.to_wav, codec.to_flac])
def test_exact_formats_give_back_what_went_in(encode, murmur):
    sound = murmur(1, 22_050)
    back = codec.decode(encode(sound))
    assert back.rate == 22_050
    assert np.abs(back.samples - sound.samples).max() < 1 / 32_000


@pytest.mark.parametrize(
    ("kind", "subtype"),
    [("WAV", "PCM_24"), ("WAV", "FLOAT"), ("FLAC", "PCM_16"), ("AIFF", "PCM_16"), ("OGG", "VORBIS")],
)
def test_uploads_of_two_channels_are_read_as_one(kind, subtype, tone):
    left = tone(440, 1, 48_000, 0.4).samples
    out = io.BytesIO()
    soundfile.write(out, np.stack([left, np.zeros_like(left)], axis=1), 48_000, format=kind, subtype=subtype)
    heard = codec.decode(out.getvalue())
    assert (heard.rate, heard.samples.ndim) == (48_000, 1)
    assert heard.seconds == pytest.approx(1, abs=0.01)
    assert np.abs(heard.samples[4800:43_200]).max() == pytest.approx(0.2, abs=0.02)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"<html>captcha</html>" * 50, "format"),
        (b"\0" * 4096, "format"),
        (b"ID3\x03\0\0\0\0\0\0", "format"),
    ],
)
def test_what_is_no_sound_is_refused_by_name(data, code):
    with pytest.raises(CodecError) as error:
        codec.decode(data)
    assert error.value.code == code


def test_an_empty_wav_is_refused():
    with pytest.raises(CodecError) as error:
        codec.decode(codec.to_wav(Pcm(np.zeros(0, np.float32), 8000)))
    assert error.value.code == "empty"


def test_a_recording_without_end_is_refused(tone):
    with pytest.raises(CodecError) as error:
        codec.decode(codec.to_wav(tone(100, 3, 8000)), longest_s=2)
    assert error.value.code == "long"


def test_a_cut_is_as_asked_and_starts_from_nothing(tone):
    piece = codec.cut(tone(440, 3, 44_100), 1.0, 2.5)
    assert piece.seconds == pytest.approx(1.5, abs=0.001)
    assert abs(piece.samples[0]) < 0.01
    assert np.abs(piece.samples[22_050:]).max() == pytest.approx(0.5, abs=0.01)


def test_assembling_brings_all_to_one_rate(tone):
    whole = codec.assemble([tone(440, 1, 22_050), Pcm.silence(0.5, 44_100), tone(440, 1, 48_000)], 44_100)
    assert whole.rate == 44_100
    assert whole.seconds == pytest.approx(2.5, abs=0.001)


def test_overlay_adds_and_keeps_the_length(tone):
    base = Pcm.silence(2, 44_100)
    mixed = codec.overlay(base, [(0.5, tone(440, 1, 44_100, 0.2)), (1.0, tone(660, 1, 44_100, 0.2))])
    assert len(mixed.samples) == len(base.samples)
    assert np.abs(mixed.samples[:22_000]).max() == 0
    assert np.abs(mixed.samples[45_000:60_000]).max() > 0.3


def test_pcm_joins_one_rate_only(tone):
    with pytest.raises(ValueError, match="rates"):
        Pcm.join([tone(1, 1, 8000), tone(1, 1, 16_000)])
