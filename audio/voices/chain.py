"""Which voice speaks: chosen for a whole bulletin, never in the middle of one, with a reason kept for each
voice passed over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from audio.errors import VoiceError
from audio.spec import Fallback, VoiceChoice, WorkerOptions
from audio.voices.contract import Voice

#: from the best to the one that is always there
ORDER = ("gtts", "vieneu", "piper", "espeak")
# a voice that failed so often in a row is left alone for a while
_FAILURES = 2
_REST_S = 300.0

Maker = Callable[[VoiceChoice], Voice]


@dataclass(slots=True)
class _Breaker:
    failures: int = 0
    closed_until: float = 0.0


@dataclass(slots=True)
class Chain:
    """The voices of this installation and how they fared. `monotonic` counts seconds."""

    makers: Mapping[str, Maker]
    monotonic: Callable[[], float]
    _breakers: dict[str, _Breaker] = field(default_factory=dict)

    def candidates(self, choice: VoiceChoice, *, private: bool, passed_over: list[Fallback]) -> Iterator[Voice]:
        """Voices to try in order; why others are not is added to `passed_over`.

        A voice asked for by name goes first; the embedded one is always last. `private` words are offered to no online
        voice.
        """
        names = ORDER if choice.engine == "auto" else (choice.engine, "espeak")
        for name in dict.fromkeys(names):
            maker = self.makers.get(name)
            if maker is None:
                passed_over.append(Fallback(name, "not-set-up", "not set up on this machine"))
                continue
            voice = maker(choice)
            if private and voice.online:
                passed_over.append(Fallback(name, "private", "words that stay on this machine"))
                continue
            probe = voice.probe()
            if not probe.ok:
                passed_over.append(Fallback(name, "missing", probe.detail))
                continue
            yield voice

    def allow(self, voice: Voice) -> None:
        """Raises VoiceError (`resting`) while the voice is left alone.

        Ask before each request; what is cached needs no asking.
        """
        rest = self._breaker(voice).closed_until - self.monotonic()
        if rest > 0:
            raise VoiceError(f"failed before; left alone for {rest:.0f} s more", code="resting")

    def failed(self, voice: Voice, error: VoiceError) -> Fallback:
        """Count a failure and say it."""
        if error.code != "resting":
            breaker = self._breaker(voice)
            breaker.failures += 1
            if error.retry_after_s is not None or breaker.failures >= _FAILURES:
                breaker.closed_until = self.monotonic() + max(_REST_S, error.retry_after_s or 0.0)
                breaker.failures = 0
        return Fallback(voice.name, error.code, error.detail)

    def spoke(self, voice: Voice) -> None:
        """The voice is well again."""
        self._breaker(voice).failures = 0

    def _breaker(self, voice: Voice) -> _Breaker:
        return self._breakers.setdefault(voice.name, _Breaker())


def chain(options: WorkerOptions, monotonic: Callable[[], float]) -> Chain:
    """The voices these options allow. Engines are imported when first asked for."""
    makers: dict[str, Maker] = {}
    if options.online:
        makers["gtts"] = lambda choice: _gtts(choice, options.gtts_tld)
    if options.vieneu_dir:
        makers["vieneu"] = _kept(lambda choice: _vieneu(choice, Path(options.vieneu_dir)))
    if options.piper_model:
        makers["piper"] = _kept(lambda choice: _piper(choice, Path(options.piper_model)))
    makers["espeak"] = _espeak
    return Chain(makers, monotonic)


def _kept(maker: Maker) -> Maker:
    """The same voice for the same wish: a model is loaded once, and one at a time is held."""
    held: dict[VoiceChoice, Voice] = {}

    def make(choice: VoiceChoice) -> Voice:
        if choice not in held:
            held.clear()
            held[choice] = maker(choice)
        return held[choice]

    return make


def _gtts(choice: VoiceChoice, tld: str) -> Voice:
    from audio.voices.gtts import Gtts  # noqa: PLC0415 - only where it may go online

    return Gtts(choice, tld=tld)


def _vieneu(choice: VoiceChoice, folder: Path) -> Voice:
    from audio.voices.vieneu import Vieneu  # noqa: PLC0415 - only where its files are given

    return Vieneu(choice, folder)


def _piper(choice: VoiceChoice, model: Path) -> Voice:
    from audio.voices.piper import Piper  # noqa: PLC0415 - only where its files are given

    return Piper(choice, model)


def _espeak(choice: VoiceChoice) -> Voice:
    from audio.voices.espeak import Espeak  # noqa: PLC0415 - a C library with globals of its own

    return Espeak(choice)
