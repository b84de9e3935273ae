"""The online voice: gTTS's tokeniser and request builder, sent through a session of our own.

gTTS sends with TLS checking switched off, waits for ever unless told, cuts at every comma and takes a captcha page for
silence; so it builds the requests and we send them: certificates checked, time-outs, back-off as the service asks, and
every answer is sound or an error. The service is unofficial and may end any day. It has one Vietnamese voice; region
and gender cannot be chosen.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from threading import Event

import requests
from gtts import gTTS
from gtts.tokenizer import Tokenizer
from gtts.tokenizer.core import RegexBuilder

from audio import codec
from audio.errors import CodecError, VoiceError
from audio.pcm import Pcm
from audio.spec import VoiceChoice
from audio.voices.contract import Line, Probe

#: code points the service takes at a time
LONGEST_CHUNK: int = gTTS.GOOGLE_TTS_MAX_CHARS
# seconds to connect, and between bytes of the answer
_TIMEOUT_S = (5.0, 15.0)
_TRIES = 3
_BACKOFF_S = 1.0
# a service that asks for more than this is down for the present bulletin
_LONGEST_WAIT_S = 10.0
# half a second a request is what others found to keep 429 away
_BETWEEN_S = 0.3
_LARGEST_ANSWER_BYTES = 4 << 20
# below this wish for slowness the service's one slow speed is used
_SLOW_BELOW = 0.75
_AUDIO = re.compile(rb'jQ1olc","\[\\"([^"\\]*)\\"]')


def _after_a_mark() -> re.Pattern[str]:
    """A case of gTTS's tokeniser: cut after a mark, and keep it, because the voice needs its commas."""
    found: re.Pattern[str] = RegexBuilder(pattern_args=".,;:!?\u2026", pattern_func=r"(?<={})\s".format).regex
    return found


_CLAUSES = Tokenizer([_after_a_mark])


class Gtts:
    """Google's reading voice by way of gTTS."""

    name = "gtts"
    online = True
    seconds_per_char = 0.075

    def __init__(
        self,
        choice: VoiceChoice,
        *,
        tld: str = "com",
        session: requests.Session | None = None,
        wait: Callable[[float], object] | None = None,
        today: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.speed = 1.0
        self._slow = choice.speed < _SLOW_BELOW
        self._tld = tld
        self._session = session or requests.Session()
        self._wait = wait or Event().wait
        self._today = today
        self._asked = self._heard = False

    @property
    def id(self) -> str:
        """What a cached sentence depends on; what Google changes behind it, nobody tells."""
        return f"gtts|{version('gTTS')}|vi|{self._tld}|{'slow' if self._slow else 'normal'}"

    def probe(self) -> Probe:
        """Always ready to be tried."""
        return Probe(ok=True, detail=self.id)

    def synth(self, lines: Sequence[Line]) -> list[Pcm]:
        """Each line by one request for every 100 characters.

        Raises VoiceError: `rate` (429), `refused`, `server`, `timeout`, `network`, `tls`, `html`, `empty`, `big`,
        `sound`.
        """
        return [self._line(line) for line in lines]

    def _line(self, line: Line) -> Pcm:
        pieces: list[Pcm] = []
        for chunk in chunks(line.text):
            speech = gTTS(
                chunk, lang="vi", tld=self._tld, slow=self._slow, lang_check=False, pre_processor_funcs=[],
                tokenizer_func=chunks,
            )  # fmt: skip
            # the library's own way to see its requests before they are sent; no public one keeps the headers
            pieces += [self._ask(request) for request in speech._prepare_requests()]  # noqa: SLF001
        return Pcm.join(pieces)

    def _ask(self, request: requests.PreparedRequest) -> Pcm:
        for attempt in range(1, _TRIES + 1):
            if self._asked:
                self._wait(_BETWEEN_S)
            self._asked = True
            try:
                sound = _sound(self._send(request))
            except VoiceError as error:
                if error.code == "network" and not self._heard:
                    # a machine without a network is known by its first request; waiting would help no one
                    raise
                pause = error.retry_after_s if error.retry_after_s is not None else _BACKOFF_S * 2 ** (attempt - 1)
                if not error.retryable or attempt == _TRIES or pause > _LONGEST_WAIT_S:
                    raise
                self._wait(pause)
            else:
                self._heard = True
                return sound
        raise AssertionError("the last attempt returns or raises")

    def _send(self, request: requests.PreparedRequest) -> bytes:
        # proxies and a company's certificates come from the environment, as everywhere with requests
        send = self._session.merge_environment_settings(request.url, {}, True, True, None)
        try:
            with self._session.send(request, timeout=_TIMEOUT_S, allow_redirects=False, **send) as reply:
                self._refuse(reply)
                body = b""
                for block in reply.iter_content(1 << 16):
                    body += block
                    if len(body) > _LARGEST_ANSWER_BYTES:
                        raise VoiceError(f"an answer over {_LARGEST_ANSWER_BYTES} bytes", code="big")
                return body
        except requests.exceptions.SSLError as error:
            raise VoiceError(f"the certificate does not hold: {error}", code="tls") from error
        except requests.exceptions.Timeout as error:
            raise VoiceError("no answer in time", code="timeout", retryable=True) from error
        except requests.exceptions.RequestException as error:
            raise VoiceError(f"no connection: {type(error).__name__}", code="network", retryable=True) from error

    def _refuse(self, reply: requests.Response) -> None:
        status = reply.status_code
        if status == 200:
            return
        after = self._retry_after(reply.headers.get("Retry-After", ""))
        if status == 429:
            raise VoiceError("too many requests (429)", code="rate", retryable=True, retry_after_s=after)
        if status >= 500:
            raise VoiceError(f"the service failed ({status})", code="server", retryable=True, retry_after_s=after)
        # a redirect leads to a captcha, 403 and 404 to nothing: asking again at once helps none of them
        raise VoiceError(f"the service refused ({status})", code="refused", retry_after_s=after)

    def _retry_after(self, text: str) -> float | None:
        """Seconds, or a date, as RFC 9110 allows both."""
        if text.strip().isdigit():
            return float(text)
        try:
            at = parsedate_to_datetime(text)
        except ValueError:
            return None
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        return max(0.0, (at - self._today()).total_seconds())


def chunks(text: str) -> list[str]:
    """Clauses packed into chunks of at most 100 code points, marks kept; a longer clause is cut between words."""
    out: list[str] = []
    for clause in _CLAUSES.run(text.strip()):
        for piece in _short(clause.strip()):
            if out and len(out[-1]) + 1 + len(piece) <= LONGEST_CHUNK:
                out[-1] = f"{out[-1]} {piece}"
            elif piece:
                out.append(piece)
    return [chunk for chunk in out if any(ch.isalnum() for ch in chunk)]


def _short(clause: str) -> list[str]:
    pieces = []
    while len(clause) > LONGEST_CHUNK:
        at = clause.rfind(" ", 1, LONGEST_CHUNK + 1)
        at = at if at > 0 else LONGEST_CHUNK
        pieces.append(clause[:at].strip())
        clause = clause[at:].strip()
    return [*pieces, clause]


def _sound(body: bytes) -> Pcm:
    """The MP3 inside the service's answer; never silence in place of an error."""
    found = _AUDIO.findall(body)
    if not any(found):
        page = body.lstrip()[:1] == b"<"
        raise VoiceError(
            "a web page in place of sound" if page else "an answer without sound", code="html" if page else "empty"
        )
    try:
        return codec.decode(b"".join(base64.b64decode(part, validate=True) for part in found if part))
    except (binascii.Error, CodecError) as error:
        raise VoiceError(f"the sound cannot be read: {error}", code="sound", retryable=True) from error
