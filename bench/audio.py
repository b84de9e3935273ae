"""What a loudspeaker clip of 1, 5 and 15 minutes costs with the voice that is always there, warm. Run alone with
`python -m bench.audio`.

For each length, in an audio process that has already made one clip and with an empty cache: the clip made anew, the same
again, and with one sentence changed (median of five changes); beside them the voice and the MP3 encoder alone. Goals
(issue 5, part 3): 5 minutes anew within 8 s, again within 1 s, a changed sentence within 5 % of anew; wall time within 2.2
times voice and encoder alone; the process within 260 MB.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psutil
import yaml

from audio import codec
from audio.child import AudioChild
from audio.settings import worker_options
from audio.spec import ClipReport, ClipSpec, Part, VoiceChoice

CASES = Path(__file__).resolve().parent.parent / "tests" / "audio" / "normalise" / "cases.yaml"
LENGTHS_S = (60, 300, 900)
#: characters as written that last a second, to choose a text of about the wished length
CHARS_PER_S = 6.0
CHANGES = 5
HELLO = "Xin chào bà con."


@dataclass(slots=True)
class Bench:
    """One audio process and the most memory it was seen to hold, in MB of 10^6 bytes."""

    child: AudioChild
    rss_mb: float = 0.0

    async def clip(self, sentences: list[str]) -> tuple[float, ClipReport, bytes]:
        """Make a clip: wall seconds, its report, its file."""
        spec = ClipSpec(
            (Part("chime", chime="mo"), *(Part("say", text) for text in sentences), Part("chime", chime="ket")),
            "loa",
            voice=VoiceChoice("espeak"),
            accept_residue=True,
        )
        began = time.perf_counter()
        report, files = await self.child.make(spec, progress=self._watch)
        spent = time.perf_counter() - began
        self._watch(0, 0)
        return spent, report, files["mp3"]

    def _watch(self, done: int, _total: int) -> None:
        if self.child.pid and done % 10 == 0:
            self.rss_mb = max(self.rss_mb, psutil.Process(self.child.pid).memory_info().rss / 1e6)


async def _length(seconds: int, sentences: list[str]) -> dict[str, float]:
    texts, chars = [], 0
    for n in range(100_000):
        text = sentences[n % len(sentences)]
        # a second round of the same sentences is made of other ones
        texts.append(text if n < len(sentences) else f"{n // len(sentences)}. {text}")
        chars += len(text)
        if chars >= seconds * CHARS_PER_S:
            break
    with tempfile.TemporaryDirectory(prefix="loathon-bench-") as folder:
        bench = Bench(AudioChild(worker_options({}, Path(folder))))
        try:
            await bench.clip([HELLO])
            anew, report, mp3 = await bench.clip(texts)
            again, same, _ = await bench.clip(texts)
            changes = []
            for n in range(CHANGES):
                at = (n * 7 + 3) % len(texts)
                changed = [*texts[:at], f"{texts[at].rstrip('.')}, {n + 2}.", *texts[at + 1 :]]
                changes.append((await bench.clip(changed))[0])
        finally:
            await bench.child.close()
    sound = codec.decode(mp3)
    began = time.perf_counter()
    codec.to_mp3(sound)
    encoder = time.perf_counter() - began
    voice, change = report.timings_s["voice"], statistics.median(changes)
    return {
        "seconds": report.seconds,
        "pieces": report.pieces,
        "anew_s": anew,
        "again_s": again,
        "again_cached_pieces": same.cached,
        "change_s": change,
        "change_of_anew_percent": 100 * change / anew,
        "voice_s": voice,
        "encoder_s": encoder,
        "anew_to_voice_and_encoder": anew / (voice + encoder),
        "rss_mb": bench.rss_mb,
        "lufs": report.lufs,
        "true_peak_dbtp": report.true_peak_dbtp,
    }


def run() -> dict[str, float]:
    """Print and return the figures of each length, named like `300_anew_s`."""
    groups = yaml.safe_load(CASES.read_text(encoding="utf-8")).values()
    sentences = [case["in"] for group in groups for case in group if 8 <= len(case["in"].split()) <= 30]
    figures: dict[str, float] = {}
    for seconds in LENGTHS_S:
        for name, value in asyncio.run(_length(seconds, sentences)).items():
            figures[f"{seconds}_{name}"] = round(float(value), 3)
            print(f"audio {seconds}_{name}: {figures[f'{seconds}_{name}']}")
    return figures


if __name__ == "__main__":
    run()
