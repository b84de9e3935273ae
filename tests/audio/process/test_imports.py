from __future__ import annotations

import subprocess
import sys

import pytest


def test_the_parents_side_loads_no_numpy():
    code = (
        "import sys, audio.child, audio.spec, audio.settings, audio.say, audio.wording, audio.script;"
        "import audio.bulletin, audio.catalogue;"
        "print([m for m in ('numpy','scipy','soundfile','espeakng_loader','gtts') if m in sys.modules])"
    )
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert made.stdout.strip() == "[]"


@pytest.mark.parametrize("said", [b"", b"\xff" * 64, b"\0\0\0\x02\0\0\0\0{}"])
def test_a_worker_that_is_told_nonsense_leaves(said):
    made = subprocess.run(
        [sys.executable, "-m", "audio.worker"], input=said, capture_output=True, timeout=60, check=False
    )
    assert made.returncode == 2
    assert made.stdout == b""
