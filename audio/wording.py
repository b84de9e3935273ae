"""The words a clip says of itself, from `audio/lexicon/clip.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from audio.errors import AudioError
from audio.spec import Fallback, Fault

_FILE = Path(__file__).resolve().parent / "lexicon" / "clip.yaml"


@lru_cache(maxsize=1)
def _words() -> Mapping[str, Any]:
    data: Mapping[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))["clip"]
    return data


def label() -> str:
    """How every clip a machine read is marked."""
    return str(_words()["label"])


def voice_name(name: str) -> str:
    """A voice for people."""
    return str(_words()["voices"][name])


def profile_name(name: str) -> str:
    """A profile for people."""
    return str(_words()["profiles"][name])


def fault_text(fault: Fault) -> str:
    """Why a clip or a take is refused, and what to do."""
    text = str(_words()["faults"][fault.code])
    return text.format(found=fault.found, limit=fault.limit, where=fault.where)


def fallback_text(fallback: Fallback) -> str:
    """Why a voice was passed over."""
    return f"{voice_name(fallback.voice)}: {_words()['fallbacks'][fallback.code]}"


def unset_text(name: str) -> str:
    """That a voice asked for by name is not set up, and how to."""
    return str(_words()["unset"][name]).format(voice=voice_name(name))


def error_text(error: AudioError) -> str:
    """Why nothing was made, and what to do; the log's detail for what people cannot mend."""
    text = _words()["errors"].get(error.code)
    return str(text).format(detail=error.detail) if text else error.detail
