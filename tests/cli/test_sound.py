"""The loudspeaker's sound from the command line, offline, with the voice that is always there."""

from __future__ import annotations

from pathlib import Path

import pytest

from audio import settings as audio_settings
from audio.codec import decode
from bot import settings
from bot.cli import main
from bot.errors import say


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LOATHON_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("LOATHON_VOICE_ONLINE", "off")
    return tmp_path


def test_say_makes_a_clip_that_plays(here: Path) -> None:
    out = here / "loa.mp3"
    text = "Kính thưa bà con! Hộ nghèo được hỗ trợ 360.000 đồng một tháng."
    assert main(["say", text, "-o", str(out), "--profile", "loa"]) == 0
    pcm = decode(out.read_bytes())
    assert 3.0 < len(pcm.samples) / pcm.rate < 12.0


def test_say_names_what_is_wrong(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["say", "Xin chào", "-o", str(here / "loa.txt")]) == 1
    assert "loa.txt" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["", "  \n", "😀 🎉!", "...", "‍"])
def test_say_has_nothing_to_say(here: Path, capsys: pytest.CaptureFixture[str], text: str) -> None:
    assert main(["say", text, "-o", str(here / "loa.mp3")]) == 1
    assert "chưa có chữ hay số nào để đọc" in capsys.readouterr().err
    assert not (here / "loa.mp3").exists()


def test_say_a_few_words_that_are_good(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["say", "Bà con", "-o", str(here / "loa.mp3")]) == 0
    assert "LUFS, cần" not in capsys.readouterr().err


def test_say_tells_of_a_voice_that_was_asked_for_and_is_not_there(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["say", "Mời bà con", "-o", str(here / "loa.mp3"), "--voice", "piper"]) == 0
    told = capsys.readouterr().err
    assert "eSpeak" in told
    assert "LOATHON_VOICE_PIPER" in told
    assert "VieNeu" not in told


def test_say_cannot_write_below_a_file(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "loa").write_text("")
    assert main(["say", "Mời bà con", "-o", str(here / "loa" / "a.mp3")]) == 1
    assert "không ghi được" in capsys.readouterr().err


def test_say_names_a_speed_no_voice_has(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["say", "Mời bà con", "-o", str(here / "a.mp3"), "--speed", "9"]) == 1
    assert "Tốc độ đọc" in capsys.readouterr().err


def test_clips_of_an_entry_that_is_none(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["clips", "make", "--entry", "khong-co"]) == 1
    assert capsys.readouterr().err == f"{say('bulletins.no_entry', entry='khong-co')}\n"


def test_clips_of_an_entry_that_has_ended(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LOATHON_NOW", "2031-01-05T08:00")
    assert main(["clips", "make", "--entry", "chuan-ngheo-2022-2026"]) == 1
    assert capsys.readouterr().err == f"{say('bulletins.no_words', entry='chuan-ngheo-2022-2026')}\n"


def test_say_names_the_setting_whose_voice_is_not_there(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LOATHON_VOICE_PIPER", str(here / "none.onnx"))
    assert main(["say", "Mời bà con", "-o", str(here / "a.mp3")]) == 1
    assert "theo cài đặt LOATHON_VOICE_PIPER=" in capsys.readouterr().err


def test_a_folder_that_is_not_there_is_told_and_not_made(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["say", "Mời bà con", "-o", str(here / "lao" / "a.mp3")]) == 1
    assert f"Không có thư mục {here / 'lao'}." in capsys.readouterr().err
    assert not (here / "lao").exists()


def test_the_two_lists_of_settings_agree() -> None:
    assert {name: settings.NAMES[name] for name in audio_settings.NAMES} == dict(audio_settings.NAMES)


@pytest.mark.parametrize("words", [["bulletin", "make", "-o", "loa"], ["usb", "loa"]])
def test_a_day_no_calendar_has_is_told(here: Path, capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    assert main([*words, "--date", "2026-02-30"]) == 1
    assert capsys.readouterr().err == f"{say('cli.wrong_day', text='2026-02-30')}\n"


@pytest.mark.parametrize("name", ["loa.txt", "loa.txt/loa"])
def test_a_file_in_place_of_the_folder_is_told_at_once(
    here: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    (here / "loa.txt").write_text("")
    assert main(["bulletin", "make", "--date", "2026-12-01", "-o", str(here / name)]) == 1
    assert capsys.readouterr().err == f"{say('cli.unwritable', path=here / name)}\n"
    assert not (here / "data").exists()
