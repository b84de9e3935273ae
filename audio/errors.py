"""What can go wrong with sound. Each failure has a `code`; its sentence for people is in `audio/lexicon/clip.yaml`."""

from __future__ import annotations


class AudioError(Exception):
    """A failure with a stable `code` and a plain English `detail` for the log."""

    code = "audio"

    def __init__(self, detail: str, *, code: str = "") -> None:
        super().__init__(detail)
        self.detail = detail
        if code:
            self.code = code


class CodecError(AudioError):
    """Bytes that are not the sound they claim to be, or a format no bundled decoder reads."""

    code = "codec"


class SpecError(AudioError):
    """A request that cannot be meant: unknown profile, missing attachment, nothing to say."""

    code = "spec"


class ChildError(AudioError):
    """The audio process died, did not answer in time or answered nonsense."""

    code = "child"


class VoiceError(AudioError):
    """A voice could not speak. `retry_after_s` is what the service asked for, if it did."""

    code = "voice"

    def __init__(
        self, detail: str, *, code: str = "", retryable: bool = False, retry_after_s: float | None = None
    ) -> None:
        super().__init__(detail, code=code)
        self.retryable = retryable
        self.retry_after_s = retry_after_s
