"""What the service may answer, each answer once, and what comes of it."""

from __future__ import annotations

import json
import socket
from datetime import UTC, datetime

import gtts.tts
import pytest
import requests

from audio import codec
from audio.errors import VoiceError
from audio.spec import VoiceChoice
from audio.voices.contract import Line
from audio.voices.gtts import Gtts, chunks

from .conftest import body, sound

LINE = Line("Kính thưa bà con, sáng mai thôn ta họp.")


@pytest.fixture
def mp3(murmur) -> bytes:
    return codec.to_mp3(murmur(2.5, 24_000))


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def voice(waits) -> Gtts:
    return Gtts(VoiceChoice(), wait=waits.append, today=lambda: datetime(2026, 11, 21, tzinfo=UTC))


def test_sound_comes_back(standin, voice, mp3):
    standin.answers = [sound(mp3)]
    (pcm,) = voice.synth([LINE])
    assert pcm.seconds == pytest.approx(2.5, abs=0.1)
    inner = json.loads(json.loads(standin.asked[0])[0][0][1])
    assert inner[:2] == [LINE.text, "vi"]


def test_several_pieces_in_one_answer_are_joined(standin, voice, mp3):
    import base64

    inner = "".join(f'jQ1olc","[\\"{base64.b64encode(mp3).decode()}\\"]\n' for _ in range(2))
    standin.answers = [body(inner.encode())]
    assert voice.synth([LINE])[0].seconds == pytest.approx(5, abs=0.2)


HTML = b"<!doctype html><html><body>unusual traffic</body></html>"
NULL = b'[["wrb.fr","jQ1olc",null,null,null,null,"generic"]]'


@pytest.mark.parametrize(
    ("answer", "code", "requests_sent"),
    [
        (body(HTML, "text/html"), "html", 1),
        (body(b"[]"), "empty", 1),
        (body(b""), "empty", 1),
        (body(NULL), "empty", 1),
        (body(b'jQ1olc","[\\"\\"]'), "empty", 1),
        (body(b'jQ1olc","[\\"!!!!\\"]'), "sound", 3),
        (sound(b"not an mp3 at all" * 20), "sound", 3),
        (body(b"x" * (5 << 20)), "big", 1),
        (body(HTML, "text/html", 403), "refused", 1),
        (body(b"", status=404), "refused", 1),
        (body(b"", status=302, Location="/sorry/index"), "refused", 1),
        (body(b"", status=429), "rate", 3),
        (body(b"", status=500), "server", 3),
        (body(b"", status=503), "server", 3),
    ],
    ids=lambda value: value if isinstance(value, str | int) else "",
)
def test_no_answer_is_taken_for_silence(answer, code, requests_sent, standin, voice):
    standin.answers = [answer]
    with pytest.raises(VoiceError) as error:
        voice.synth([LINE])
    assert error.value.code == code
    assert len(standin.asked) == requests_sent


def test_it_waits_as_long_as_it_is_told(standin, voice, mp3, waits):
    standin.answers = [body(b"", status=429, Retry_After="4"), sound(mp3)]
    assert voice.synth([LINE])
    assert 4.0 in waits


@pytest.mark.parametrize(("after", "seconds"), [("3600", 3600), ("Sat, 21 Nov 2026 00:30:00 GMT", 1800)])
def test_a_long_rest_is_not_waited_for_but_told(after, seconds, standin, voice, waits):
    standin.answers = [body(b"", status=429, Retry_After=after)]
    with pytest.raises(VoiceError) as error:
        voice.synth([LINE])
    assert (error.value.retry_after_s, len(standin.asked), waits) == (seconds, 1, [])


@pytest.mark.parametrize("after", ["soon", "", "-5"])
def test_a_meaningless_retry_after_is_no_reason_to_fail(after, standin, voice, mp3):
    standin.answers = [body(b"", status=429, Retry_After=after), sound(mp3)]
    assert voice.synth([LINE])


def test_a_passing_fault_is_tried_again(standin, voice, mp3, waits):
    standin.answers = [body(b"", status=502), body(b"", status=502), sound(mp3)]
    assert voice.synth([LINE])
    assert [wait for wait in waits if wait >= 1] == [1, 2]


def cut(handler):
    handler.send_response(200)
    handler.send_header("Content-Length", "5000")
    handler.end_headers()
    handler.wfile.write(b'jQ1olc","[\\"AAAA')
    handler.close_connection = True


def reset(handler):
    handler.connection.shutdown(socket.SHUT_RDWR)
    handler.close_connection = True


@pytest.mark.parametrize("answer", [cut, reset])
def test_a_broken_connection_is_network(answer, standin, voice):
    standin.answers = [answer]
    with pytest.raises(VoiceError) as error:
        voice.synth([LINE])
    assert error.value.code == "network"


def test_a_connection_lost_on_the_way_is_tried_again(standin, voice, mp3):
    standin.answers = [sound(mp3), reset, sound(mp3)]
    assert len(voice.synth([LINE, LINE])) == 2
    assert len(standin.asked) == 3


def test_no_network_is_told_as_such(monkeypatch, voice):
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
        monkeypatch.setattr(gtts.tts, "_translate_url", lambda tld="com", path="": f"http://127.0.0.1:{port}/{path}")
        with pytest.raises(VoiceError) as error:
            voice.synth([LINE])
    assert (error.value.code, error.value.retryable) == ("network", True)


class Spy(requests.Session):
    def __init__(self, failure: Exception | None = None) -> None:
        super().__init__()
        self.seen: list[dict] = []
        self.failure = failure

    def send(self, request, **how):
        self.seen.append(how)
        if self.failure:
            raise self.failure
        return super().send(request, **how)


def test_certificates_are_checked_and_time_is_limited(standin, mp3, monkeypatch):
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    standin.answers = [sound(mp3)]
    session = Spy()
    Gtts(VoiceChoice(), session=session).synth([LINE])
    (how,) = session.seen
    assert how["verify"] is True
    assert how["timeout"] == (5.0, 15.0)
    assert how["allow_redirects"] is False


@pytest.mark.parametrize(
    ("failure", "code", "sent"),
    [
        (requests.exceptions.SSLError("self-signed"), "tls", 1),
        (requests.exceptions.ReadTimeout(), "timeout", 3),
        (requests.exceptions.ConnectTimeout(), "timeout", 3),
        (requests.exceptions.ProxyError(), "network", 1),
    ],
)
def test_what_the_session_raises_has_a_name(failure, code, sent):
    session = Spy(failure)
    with pytest.raises(VoiceError) as error:
        Gtts(VoiceChoice(), session=session, wait=lambda _seconds: None).synth([LINE])
    assert (error.value.code, len(session.seen)) == (code, sent)


LONG = (
    "Hộ nghèo, hộ cận nghèo, hộ mới thoát nghèo được vay vốn: tối đa một trăm triệu đồng, lãi suất sáu phẩy sáu phần trăm "
    "một năm; bà con đến tổ tiết kiệm và vay vốn để hỏi. Mang theo giấy tờ!"
)


def test_chunks_fit_the_service_and_keep_every_mark():
    made = chunks(LONG)
    assert all(len(chunk) <= 100 for chunk in made)
    assert " ".join(made) == LONG
    assert all(chunk[-1] in ",.;:!" for chunk in made)
    assert len(made) == 3


def test_a_clause_without_marks_is_cut_between_words():
    made = chunks("rất " * 60 + "dài")
    assert all(len(chunk) <= 100 for chunk in made)
    assert " ".join(made).split() == ("rất " * 60 + "dài").split()
    assert [len(chunk) for chunk in chunks("a" * 250)] == [100, 100, 50]
    assert chunks(" , . ") == []


def test_the_five_hundred_characters_take_six_requests(standin, voice, mp3):
    standin.answers = [sound(mp3)]
    voice.synth([Line(LONG), Line(LONG)])
    assert len(standin.asked) == 6


def test_identity_names_all_that_can_be_known():
    assert Gtts(VoiceChoice()).id.startswith("gtts|2.")
    assert Gtts(VoiceChoice(speed=0.6)).id.endswith("slow")
    assert Gtts(VoiceChoice(), tld="com.vn").id != Gtts(VoiceChoice()).id
