"""The short commands, from their words to what they print."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import re
import sys
from datetime import date
from pathlib import Path

import pytest
import yaml

from bot.cli import Discreet, main
from bot.cli_ask import ask, ask_file
from bot.cli_talk import talk
from bot.clock import Clock
from bot.errors import FileMissingError, LineError, say, traced
from bot.settings import Settings
from bot.store import RefusedError

CONTENT = Path(__file__).parents[2] / "content"
DAY = date(2026, 11, 21)


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LOATHON_DATA_DIR", str(tmp_path / "data"))
    return tmp_path


def test_ask_gives_ids_and_the_answer() -> None:
    out = io.StringIO()
    assert ask(CONTENT, "ho ngheo co duoc tien dien khong", DAY, "", out) == 0
    ids, _, rest = out.getvalue().partition("\n")
    assert ids.split()[0] == "ho-tro-tien-dien"
    assert "kWh" in rest


def test_ask_says_when_it_does_not_know() -> None:
    out = io.StringIO()
    assert ask(CONTENT, "giá vàng hôm nay bao nhiêu", DAY, "", out) == 0
    assert out.getvalue() == f"none\n{say('cli.ask_none')}\n"


def test_ask_jsonl_keeps_ids_and_order(tmp_path: Path) -> None:
    lines = [{"id": "Q2", "text": "ho ngheo co duoc tien dien khong"}, {"id": 1, "text": "giá vàng hôm nay"}]
    path = tmp_path / "questions.jsonl"
    path.write_text("\n\n".join(json.dumps(line, ensure_ascii=False) for line in lines), "utf-8")
    out = io.StringIO()
    assert ask_file(CONTENT, path, DAY, out) == 0
    told = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [line["id"] for line in told] == ["Q2", 1]
    assert told[0]["ranked"][0] == "ho-tro-tien-dien"
    assert told[1]["ranked"] == ["none"]


@pytest.mark.parametrize("line", ["{", '{"id": 1}', "[1]", "null", '"text"'])
def test_a_wrong_line_is_told_by_number(tmp_path: Path, line: str) -> None:
    path = tmp_path / "questions.jsonl"
    path.write_text('{"id": 1, "text": "a"}\n' + line, "utf-8")
    with pytest.raises(LineError) as told:
        ask_file(CONTENT, path, DAY, io.StringIO())
    assert "2" in str(told.value)
    with pytest.raises(FileMissingError):
        ask_file(CONTENT, tmp_path / "none", DAY, io.StringIO())


def test_talk_takes_a_deep_link_typed(tmp_path: Path) -> None:
    settings = Settings.from_env({"LOATHON_DATA_DIR": str(tmp_path / "untouched")})
    typed = io.StringIO("/start e_an-trua-tre-mau-giao\n/startle\n")
    repro = tmp_path / "thu.yaml"
    assert asyncio.run(talk(settings, Clock(), typed, io.StringIO(), repro=repro)) == 0
    first, link, other = yaml.safe_load(repro.read_text("utf-8"))["talk"]
    assert first == {"start": "", "says": "says/greet"}
    assert link == {"start": "e_an-trua-tre-mau-giao", "says": ["says/greet-short", "entry:an-trua-tre-mau-giao"]}
    assert "types" in other


def test_talk_plays_the_whole_house_and_keeps_a_transcript(tmp_path: Path) -> None:
    settings = Settings.from_env({"LOATHON_DATA_DIR": str(tmp_path / "untouched")})
    typed = io.StringIO("ho ngheo co duoc tien dien khong\n1\n\n")
    out, repro = io.StringIO(), tmp_path / "thu.yaml"
    assert asyncio.run(talk(settings, Clock(), typed, out, repro=repro)) == 0
    assert "kWh" in out.getvalue()
    told = yaml.safe_load(repro.read_text("utf-8"))
    assert [next(iter(step)) for step in told["talk"]] == ["start", "types", "presses", "types"]
    assert told["talk"][1]["says"] == "entry:ho-tro-tien-dien"
    assert isinstance(told["day"], date)
    assert not settings.data_dir.exists(), "the talk is thrown away"


def test_a_new_database_is_made_checked_and_copied(house: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["db", "upgrade"]) == 0
    assert main(["db", "upgrade"]) == 0
    assert main(["db", "check"]) == 0
    assert main(["db", "backup", str(house / "copy")]) == 0
    assert (house / "copy" / "loathon.db").exists()
    assert capsys.readouterr().err == ""


def test_content_check_is_clean(house: Path) -> None:
    assert main(["content", "check"]) == 0


def test_a_fault_is_one_sentence(
    house: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LOATHON_HTTP_PORT", "no")
    assert main(["db", "check"]) == 1
    told = capsys.readouterr()
    assert (told.out, told.err.count("\n")) == ("", 1)


@pytest.mark.parametrize("words", [[], ["no-such"], ["ask"], ["db"], ["content"], ["ask", "a", "--jsonl", "b"]])
def test_wrong_words_end_with_the_usage(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    told = capsys.readouterr().err
    assert told.startswith("cách gõ: loathon")
    assert told.rstrip().endswith("--help")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["talk", "--bogus"], "Không có lựa chọn nào là --bogus."),
        (["lung-tung"], "Không có lệnh “lung-tung”. Các lệnh: run, serve,"),
        (["db"], "Chưa ghi làm việc gì. Xin xem cách dùng: loathon db --help"),
        (["user", "add", "x"], "Còn thiếu: --name, --role."),
        (["ask"], "Cần một trong các thứ này"),
        (["ask", "a", "--jsonl", "b"], "không đi cùng nhau"),
        (["ask", "--jsonl"], "Sau --jsonl còn thiếu giá trị."),
        (["broadcast", "submit", "mười"], "không đọc được “mười”"),
        (["say", "a", "-o", "x.wav", "--profile", "to"], "không nhận “to”. Chọn một trong: loa, loa-cu, fm, thoai."),
        (["user", "add", "x", "--whole=1"], "--whole không nhận giá trị, mà ghi “1”."),
        (["bulletin", "make", "--u", "x", "--dat"], "Sau --date còn thiếu giá trị."),
    ],
)
def test_what_is_typed_wrong_is_told_in_vietnamese(
    words: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    err = capsys.readouterr().err
    assert told in err, err
    assert not re.search(r"usage|argument|error|invalid|required|expected", err.replace("--", "")), err


def test_help_is_in_vietnamese(capsys: pytest.CaptureFixture[str]) -> None:
    for words in ([], ["talk"], ["db", "backup"]):
        with pytest.raises(SystemExit) as ended:
            main([*words, "--help"])
        assert ended.value.code == 0
        told = capsys.readouterr().out
        assert told.startswith("cách gõ: loathon")
        assert not re.search(r"usage|options:|positional|show this", told), told


@pytest.mark.parametrize("level", ["info", "debug"])
def test_a_command_that_breaks_says_where_and_quotes_nobody(
    house: Path, level: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said = "chuyện nhà tôi"

    def broken(*_given: object) -> int:
        raise ValueError(said)

    monkeypatch.setenv("LOATHON_LOG", level)
    monkeypatch.setattr("bot.cli._content_check", broken)
    root = logging.getLogger()
    before = root.level
    root.setLevel(level.upper())
    try:
        assert main(["content", "check"]) == 1
    finally:
        root.setLevel(before)
    told = capsys.readouterr()
    assert told.out == ""
    assert "Lệnh dừng vì một lỗi chưa lường trước: ValueError at tests/cli/test_commands.py" in told.err
    assert "LOATHON_LOG=debug" in told.err
    assert said not in told.err
    assert ('File "' in told.err) is (level == "debug")


def test_a_failure_in_the_log_quotes_nobody() -> None:
    said = "chuyện nhà tôi"
    try:
        try:
            int(said)
        except ValueError as wrong:
            raise OSError(28, said) from wrong
    except OSError as wrong:
        record = logging.makeLogRecord({"msg": "it broke", "exc_info": sys.exc_info()})
        told = traced(ExceptionGroup(said, [wrong, LineError(file="x", line=3, problem=said)]))
    written = Discreet("%(message)s").format(record)
    assert said not in written + told
    first, cause, fault = written.splitlines()
    assert first == "it broke"
    assert cause.startswith("ValueError at ")
    assert cause.rpartition(":")[0].endswith("cli/test_commands.py")
    assert fault.startswith("OSError 28 at ")
    assert told.splitlines()[-2:] == [f"LineError {LineError().key}", "ExceptionGroup"]
    # those of the store hold no value of a row
    assert traced(RefusedError("23505 [insert into cases]")) == "RefusedError 23505 [insert into cases]"
