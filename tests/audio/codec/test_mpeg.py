from __future__ import annotations

import pytest

from audio import codec, mpeg, tags
from audio.errors import CodecError


@pytest.fixture(scope="module")
def data() -> bytes:
    from tests.audio.conftest import murmur

    return codec.to_mp3(murmur(2, 44_100))


def test_both_walks_agree(data):
    count, kinds = mpeg.survey(data)
    assert count == len(list(mpeg.frames(data)))
    assert kinds == {(128, 44_100, True)}


def test_tags_are_passed_over(data):
    tagged = tags.tagged(data, tags.FileTags("Vay vốn"))
    start, end = mpeg.sound_span(tagged)
    assert tagged[start:end] == data
    assert mpeg.survey(tagged) == mpeg.survey(data)
    assert mpeg.is_even(tagged, 128, 44_100)


@pytest.mark.parametrize(("kbit", "rate"), [(64, 44_100), (128, 48_000)])
def test_only_frames_of_the_kind_asked_for_are_even(data, kbit, rate):
    assert mpeg.is_even(data, 128, 44_100)
    assert not mpeg.is_even(data, kbit, rate)
    assert not mpeg.is_even(b"", kbit, rate)
    stereo = data[:3] + bytes([data[3] & 0x3F]) + data[4:]
    assert not mpeg.is_even(stereo, 128, 44_100)


@pytest.mark.parametrize("walk", [mpeg.survey, lambda data: list(mpeg.frames(data))])
@pytest.mark.parametrize("spoil", ["inserted", "cut", "page", "head"])
def test_damage_is_seen(data, spoil, walk):
    bad = {
        "inserted": data[:4180] + b"\0" + data[4180:],
        "cut": data[:-100],
        "page": b"<!DOCTYPE html>" + data,
        "head": data[:417] + b"\xff\xfb\xf0\xc4" + data[421:],
    }[spoil]
    assert not mpeg.is_even(bad, 128, 44_100)
    with pytest.raises(CodecError) as error:
        walk(bad)
    assert error.value.code == "frames"
