"""Settings of the audio process, read from the environment. The service adds `NAMES` to its own list."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from audio.errors import SpecError
from audio.spec import WorkerOptions

#: name -> default as text
NAMES: Mapping[str, str] = {
    "LOATHON_VOICE_ONLINE": "on",
    "LOATHON_VOICE_GTTS_TLD": "com",
    "LOATHON_VOICE_PIPER": "",
    "LOATHON_VOICE_VIENEU": "",
    "LOATHON_AUDIO_CACHE_MB": "1024",
}


def worker_options(env: Mapping[str, str], cache_dir: Path, lexicons: tuple[Path, ...] = ()) -> WorkerOptions:
    """How the audio process is set up.

    `LOATHON_VOICE_ONLINE` on lets announcements (never citizens' words) be read by gTTS when there is a network;
    `LOATHON_VOICE_PIPER` is a model file (`.onnx`),
    `LOATHON_VOICE_VIENEU` a folder; `LOATHON_AUDIO_CACHE_MB` the room for kept sound. Raises SpecError naming the
    setting.
    """
    value = {name: env.get(name, "").strip() or default for name, default in NAMES.items()}
    online = value["LOATHON_VOICE_ONLINE"].lower()
    if online not in {"on", "off"}:
        raise SpecError("LOATHON_VOICE_ONLINE is on or off")
    room = value["LOATHON_AUDIO_CACHE_MB"]
    if not room.isdecimal():
        raise SpecError("LOATHON_AUDIO_CACHE_MB is a whole number of megabytes")
    for name, is_there in (("LOATHON_VOICE_PIPER", Path.is_file), ("LOATHON_VOICE_VIENEU", Path.is_dir)):
        if value[name] and not is_there(Path(value[name]).expanduser()):
            raise SpecError(f"{name}={value[name]}", code="no-voice")
    return WorkerOptions(
        cache_dir=str(cache_dir),
        cache_bytes=int(room) << 20,
        online=online == "on",
        gtts_tld=value["LOATHON_VOICE_GTTS_TLD"],
        piper_model=_path(value["LOATHON_VOICE_PIPER"]),
        vieneu_dir=_path(value["LOATHON_VOICE_VIENEU"]),
        lexicons=tuple(str(path) for path in lexicons),
    )


def _path(text: str) -> str:
    return str(Path(text).expanduser().resolve()) if text else ""
