from __future__ import annotations

import asyncio

import psutil
import pytest
import pytest_asyncio

from audio import checks, codec
from audio.child import AudioChild
from audio.errors import ChildError, CodecError, SpecError
from audio.spec import ClipSpec, Part, VoiceChoice, WorkerOptions

HELLO = ClipSpec((Part("say", "Xin chào bà con, mời bà con nghe bản tin sáng nay."),))


# one process for most of them: starting one takes a second
pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def child(tmp_path_factory):
    made = AudioChild(WorkerOptions(cache_dir=str(tmp_path_factory.mktemp("cache"))))
    yield made
    await made.close()


async def test_a_clip_comes_over_the_pipes(child):
    seen = []
    report, files = await child.make(HELLO, progress=lambda done, total: seen.append((done, total)))
    assert report.ok, report.faults
    assert checks.digest(files["mp3"]) == report.sha256["mp3"]
    assert seen == [(1, 1)]
    assert await child.examine(files["mp3"], "loa", report.text_sha256) == ()
    assert [fault.code for fault in await child.examine(files["mp3"], "fm")] == ["loudness"]
    pid = child.pid
    again, _ = await child.make(HELLO)
    assert (again.cached, child.pid) == (1, pid)


async def test_several_files_and_attachments_keep_apart(child, speech):
    spec = ClipSpec((Part("recording", "", "một"), Part("recording", "", "hai")), "thoai", ("mp3", "opus"))
    takes = {"một": codec.to_wav(speech[0]), "hai": codec.to_flac(speech[2])}
    report, files = await child.make(spec, takes)
    assert files["mp3"][:3] == b"ID3"
    assert files["opus"][:4] == b"OggS"
    assert report.seconds == pytest.approx(speech[0].seconds + speech[2].seconds, abs=1)


async def test_a_take_is_measured_and_cut(child, speech):
    taken = await child.take(codec.to_wav(speech[2]), "Bà con hỏi trưởng thôn.")
    assert taken.seconds == pytest.approx(codec.decode(taken.wav).seconds, abs=0.01)
    assert taken.level_dbfs < 0


async def test_voices_are_told_with_reasons(child):
    told = {voice["voice"]: voice["ok"] for voice in await child.voices(VoiceChoice())}
    assert told == {"gtts": False, "vieneu": False, "piper": False, "espeak": True}


async def test_an_error_costs_the_request_and_not_the_process(child):
    await child.make(HELLO)
    pid = child.pid
    with pytest.raises(CodecError) as error:
        await child.make(ClipSpec((Part("recording", "", "a"),)), {"a": b"<html>"})
    assert error.value.code == "format"
    with pytest.raises(SpecError):
        await child.make(ClipSpec((Part("recording", "", "a"),)))
    with pytest.raises(ChildError):
        await child.examine(b"", "no such profile")
    assert (await child.make(HELLO))[0].ok
    assert child.pid == pid


async def test_a_killed_child_is_told_and_replaced(child):
    await child.make(HELLO)
    long = ClipSpec((Part("say", "Mời bà con nghe tin. " * 400),))
    started = asyncio.Event()
    task = asyncio.create_task(child.make(long, progress=lambda _done, _total: started.set()))
    await started.wait()
    psutil.Process(child.pid).kill()
    with pytest.raises(ChildError):
        await task
    assert (await child.make(HELLO))[0].ok


async def test_a_cancelled_request_leaves_no_half_answer(child):
    await child.make(HELLO)
    started = asyncio.Event()
    long = ClipSpec((Part("say", "Mời bà con nghe tin. " * 400),))
    task = asyncio.create_task(child.make(long, progress=lambda _done, _total: started.set()))
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await child.make(HELLO))[0].voice == "espeak"


async def test_too_long_is_ended():
    child = AudioChild(WorkerOptions(), longest_s=0.05)
    with pytest.raises(ChildError, match="no answer"):
        await child.make(HELLO)
    assert child.pid is None


async def test_an_idle_child_leaves_and_another_comes(tmp_path):
    child = AudioChild(WorkerOptions(cache_dir=str(tmp_path), idle_s=0.2))
    first, _ = await child.make(HELLO)
    process = psutil.Process(child.pid)
    await asyncio.to_thread(process.wait, 10)
    again, _ = await child.make(HELLO)
    assert (first.cached, again.cached) == (0, 1)
    await child.close()
    assert child.pid is None


async def test_the_child_knows_no_secret(child, monkeypatch):
    monkeypatch.setenv("LOATHON_TELEGRAM_TOKEN", "1:secret")
    await child.close()
    await child.make(HELLO)
    assert not [name for name in psutil.Process(child.pid).environ() if name.startswith("LOATHON")]
