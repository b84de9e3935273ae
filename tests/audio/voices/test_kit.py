"""Read-then-record: a script cut into breaths, and each line looked at as it comes."""

from __future__ import annotations

import numpy as np
import pytest

from audio import codec, wording
from audio.normalise import breath_lines
from audio.pcm import Pcm
from audio.voices.recorded import take

#: Gia Rai and Khmer, for their letters only
JRAI = "Tơlơi pơhing: ƀing gih mơnuih ƀun rin dưi čan prăk. Nao pơ wơ\u031fl anih bruă."
KHMER = "សូមជម្រាបសួរបងប្អូន។"


def test_a_script_is_cut_where_a_reader_breathes():
    lines = breath_lines(JRAI)
    assert "".join("".join(lines).split()) == "".join(JRAI.split())
    assert len(lines) == 2
    assert breath_lines(KHMER) == (KHMER,)
    long = breath_lines(", ".join(["mơnuih ƀun rin dưi čan prăk"] * 12))
    assert all(len(line.split()) <= 25 for line in long)
    assert breath_lines(" \n") == ()


@pytest.mark.parametrize(
    ("change", "code"),
    [("half", "length"), ("thrice", "length"), ("noise", "noisy"), ("loud", "clipped"), ("far", "quiet")],
)
def test_each_line_is_judged_in_plain_words(change, code, speech):
    said = "Hộ nghèo được vay vốn ở Ngân hàng Chính sách xã hội, trả dần trong năm năm."
    one, edge = speech[1].samples, np.zeros(8000, np.float32)
    sound = {
        "half": one[: len(one) // 3],
        "thrice": np.tile(one, 5),
        "noise": one,
        "loud": one * 30,
        "far": one * 0.005,
    }[change]
    whole = np.concatenate([edge, sound, edge])
    if change == "noise":
        whole += 0.08 * np.random.default_rng(2).standard_normal(len(whole)).astype(np.float32)
    made = take(codec.to_wav(Pcm(whole, speech[1].rate)), said)
    assert code in [fault.code for fault in made.figures.faults]
    assert all("{" not in wording.fault_text(fault) for fault in made.figures.faults)
