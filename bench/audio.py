"""What a bulletin of 1, 5 and 15 minutes costs with the voice that is always there, warm. Run alone with
`python -m bench.audio`.

A bulletin is chimes, an opening, items of some five sentences read by a woman and a man in turn, a closing. For each
length, in an audio process that has already made one and with an empty cache: made anew, the same again, and with one
sentence changed (median of five changes); beside them the voice and the MP3 encoder alone. Goals (issue 5, part 3): 5
minutes anew within 8 s, again within 1 s, a changed sentence within 5 % of anew; wall time within 2.2 times voice and
encoder alone; the process within 260 MB at its peak. Last, 5 minutes with a recording of 5 minutes more put in.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import yaml

from audio import codec
from audio.bulletin import Bulletin, BulletinReport, Segment, make
from audio.child import AudioChild
from audio.settings import worker_options
from audio.spec import VoiceChoice
from audio.voices.contract import Line
from audio.voices.espeak import Espeak

CASES = Path(__file__).resolve().parent.parent / "tests" / "audio" / "normalise" / "cases.yaml"
LENGTHS_S = (60, 300, 900)
#: characters as written that last a second, to choose a text of about the wished length
CHARS_PER_S = 6.0
CHANGES = 5
#: sentences an item has
ITEM = 5
#: of a recording put in, and of the speech around it
RECORDED_S = 300
HELLO = "Xin chào bà con."


@dataclass(slots=True)
class Bench:
    """One audio process and the most memory it held, in MB of 10^6 bytes."""

    child: AudioChild
    rss_mb: float = 0.0

    async def bulletin(self, sentences: list[str], recording: str = "") -> tuple[float, BulletinReport, bytes]:
        """Make a bulletin: wall seconds, its report, its file."""
        made = Bulletin(
            tuple(segments(sentences, recording)),
            {"": VoiceChoice("espeak", gender="nu"), "nam": VoiceChoice("espeak", gender="nam")},
            accept_residue=True,
        )
        began = time.perf_counter()
        report, files = await make(self.child, made, self._watch)
        spent = time.perf_counter() - began
        self._watch(0, 0)
        return spent, report, files["mp3"]

    def _watch(self, done: int, _total: int) -> None:
        if not self.child.pid or done % 10:
            return
        status = Path(f"/proc/{self.child.pid}/status")
        if status.exists():
            # the kernel's own mark of the most that was held at once
            (peak,) = (line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
            self.rss_mb = int(peak.split()[1]) * 1024 / 1e6
        else:
            self.rss_mb = max(self.rss_mb, psutil.Process(self.child.pid).memory_info().rss / 1e6)


def segments(sentences: list[str], recording: str = "") -> Iterator[Segment]:
    """A bulletin of these sentences."""
    yield Segment("chime", "mo", pause_ms=300)
    yield Segment("speech", "chao", text=HELLO)
    for number, at in enumerate(range(0, len(sentences), ITEM)):
        text = "\n".join(sentences[at : at + ITEM])
        yield Segment("speech", f"tin-{number}", text=text, role="nam" if number % 2 else "", pause_ms=500)
    if recording:
        yield Segment("recording", "thu", file=recording, accepted=True)
    yield Segment("chime", "ket", chime="ket")


async def _length(seconds: int, sentences: list[str]) -> dict[str, float]:
    texts = _texts(seconds, sentences)
    with tempfile.TemporaryDirectory(prefix="loathon-bench-") as folder:
        bench = Bench(AudioChild(worker_options({}, Path(folder))))
        try:
            await bench.bulletin([HELLO])
            anew, report, mp3 = await bench.bulletin(texts)
            again, same, _ = await bench.bulletin(texts)
            changes = []
            for n in range(CHANGES):
                at = (n * 7 + 3) % len(texts)
                changed = [*texts[:at], f"{texts[at].rstrip('.')}, {n + 2}.", *texts[at + 1 :]]
                changes.append((await bench.bulletin(changed))[0])
        finally:
            await bench.child.close()
    sound = codec.decode(mp3)
    began = time.perf_counter()
    codec.to_mp3(sound)
    encoder = time.perf_counter() - began
    voice, change = report.clip.timings_s["voice"], statistics.median(changes)
    return {
        "seconds": report.clip.seconds,
        "pieces": report.clip.pieces,
        "anew_s": anew,
        "again_s": again,
        "again_cached_pieces": same.clip.cached,
        "change_s": change,
        "change_of_anew_percent": 100 * change / anew,
        "voice_s": voice,
        "encoder_s": encoder,
        "anew_to_voice_and_encoder": anew / (voice + encoder),
        "rss_mb": bench.rss_mb,
        "lufs": report.clip.lufs,
        "true_peak_dbtp": report.clip.true_peak_dbtp,
    }


async def _recorded(sentences: list[str]) -> dict[str, float]:
    """The same with a long recording in it: what the process needs, and what a changed sentence costs beside it."""
    with tempfile.TemporaryDirectory(prefix="loathon-bench-") as folder:
        path = Path(folder) / "thu.wav"
        spoken = Espeak(VoiceChoice(gender="nam")).synth([Line(text) for text in _texts(RECORDED_S, sentences)])
        path.write_bytes(codec.to_wav(codec.assemble(spoken, codec.MP3_RATE)))
        texts = _texts(RECORDED_S, sentences)
        bench = Bench(AudioChild(worker_options({}, Path(folder) / "cache")))
        try:
            await bench.bulletin([HELLO])
            anew, report, _ = await bench.bulletin(texts, str(path))
            change, _, _ = await bench.bulletin([f"{texts[0].rstrip('.')}, 2.", *texts[1:]], str(path))
        finally:
            await bench.child.close()
    return {
        "seconds": report.clip.seconds,
        "anew_s": anew,
        "change_of_anew_percent": 100 * change / anew,
        "rss_mb": bench.rss_mb,
    }


def _texts(seconds: int, sentences: list[str]) -> list[str]:
    texts: list[str] = []
    chars = 0
    while chars < seconds * CHARS_PER_S:
        n = len(texts)
        text = sentences[n % len(sentences)]
        # a second round of the same sentences is made of other ones
        texts.append(text if n < len(sentences) else f"{n // len(sentences)}. {text}")
        chars += len(text)
    return texts


def run() -> dict[str, float]:
    """Print and return the figures of each length, named like `300_anew_s`."""
    groups = yaml.safe_load(CASES.read_text(encoding="utf-8")).values()
    sentences = [case["in"] for group in groups for case in group if 8 <= len(case["in"].split()) <= 30]
    figures: dict[str, float] = {}
    for seconds in LENGTHS_S:
        for name, value in asyncio.run(_length(seconds, sentences)).items():
            figures[f"{seconds}_{name}"] = round(float(value), 3)
            print(f"audio {seconds}_{name}: {figures[f'{seconds}_{name}']}")
    for name, value in asyncio.run(_recorded(sentences)).items():
        figures[f"recorded_{name}"] = round(float(value), 3)
        print(f"audio recorded_{name}: {figures[f'recorded_{name}']}")
    return figures


if __name__ == "__main__":
    run()
