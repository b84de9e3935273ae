"""Whatever comes from outside is read or refused, never anything else: each reader against anything at all.

Others stand with what they read: Telegram's updates in `channels/telegram`, uploads in `jobs`, content in `library`,
sheets of hamlets in `library/test_hamlets.py`, the API's calls in `test_fuzz.py`.
"""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from audio.codec import decode
from audio.errors import AudioError
from bot.casework import inbox, receipt
from bot.casework.inbox import BadMarkError
from bot.channels.web import posted
from bot.channels.web.posted import RefusedError
from bot.channels.web.visitor import Visitor
from bot.engine.routes import parse, parse_start
from bot.errors import SettingError
from bot.model.codes import is_code
from bot.settings import NAMES, Settings
from bot.store import Store
from bot.store.blobs import Blobs
from bot.understand import Understanding
from desk import visit
from tests.api.conftest import LIBRARY
from tests.harness.db import SqliteFiles

AT = datetime(2026, 11, 21, 3, tzinfo=UTC)
VISITOR = Visitor("0" * 32, "loa.example", known=True)
UNDERSTANDING = Understanding.build(LIBRARY)
#: also halves of characters, which JSON may spell and no database keeps
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=60)
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ANY_TEXT, inner, max_size=4),
    max_leaves=12,
)
FILE = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("tag", "mime", "kind", "name", "size"), ANY_JSON) | {"sha256": st.just("a" * 64)}
)
MESSAGE = st.fixed_dictionaries(
    {"id": ANY_JSON | st.just("12345678")},
    optional={
        "text": ANY_TEXT | ANY_JSON,
        "press": ANY_TEXT | ANY_JSON,
        "start": ANY_TEXT | ANY_JSON,
        "files": st.lists(FILE | ANY_JSON, max_size=3) | ANY_JSON,
        "after": ANY_JSON,
    },
)
FEW = settings(max_examples=120, derandomize=True, deadline=None, database=None)


def whole(message: posted.Posted) -> None:
    """It becomes a message whose words any database keeps."""
    try:
        inbound = message.inbound(VISITOR, AT, b"s" * 16)
    except RefusedError:
        return
    (inbound.text + inbound.press + inbound.start).encode()
    assert "\0" not in inbound.text + inbound.press + inbound.start


@FEW
@given(MESSAGE)
@example({"id": "12345678", "files": [{"sha256": "a" * 64, "tag": "\ud800", "mime": "\udfff"}]})
def test_messages_of_the_script(body: Any) -> None:
    try:
        message = posted.from_json(json.dumps(body).encode(), VISITOR)
    except RefusedError:
        return
    whole(message)


@FEW
@given(st.binary(max_size=200))
@example(b"[" * 100_000)
@example(b"9" * 10_000)
def test_bytes_that_are_no_message(body: bytes) -> None:
    with pytest.raises(RefusedError):
        posted.from_json(body, VISITOR)


@FEW
@given(st.dictionaries(st.sampled_from(("id", "text", "press", "start", "after")), ANY_TEXT))
def test_messages_of_a_page_without_script(fields: dict[str, str]) -> None:
    try:
        message = posted.from_form(fields, ())
    except RefusedError:
        return
    whole(message)


@FEW
@given(ANY_TEXT)
def test_small_things_of_a_browser(told: str) -> None:
    assert posted.number(told) >= 0
    name = posted.file_name(told)
    name.encode()
    assert not set(name) & set("/\\\0\n")
    shown = visit._clean(told)
    assert "\0" not in shown
    parse(told)
    parse_start(told)


@FEW
@given(st.text(st.sampled_from("0123456789 -.abkmđĐ\u0661\u06f2²"), max_size=12) | ANY_TEXT)
def test_codes_read_from_words_have_their_check_digit(told: str) -> None:
    found = UNDERSTANDING.read(told, AT.date()).code
    assert not found or is_code(found)
    assert not is_code(told) or (told.isascii() and len(told) == 7)


@FEW
@given(ANY_TEXT | st.binary(max_size=40).map(lambda raw: inbox._marked(raw.hex(), 5)))
def test_marks_of_lists(told: str) -> None:
    try:
        first, number = inbox._mark(told)
        inbox._moment(first)
    except BadMarkError:
        return
    assert 0 <= number < 2**62


@pytest.fixture(scope="module")
def empty(sqlite_files: SqliteFiles, tmp_path_factory: pytest.TempPathFactory) -> str:
    return sqlite_files.fresh(tmp_path_factory.mktemp("parsers"))


def test_receipts_typed_by_anybody(empty: str, tmp_path: Path) -> None:
    with asyncio.Runner() as runner:
        store = runner.run(Store.open(empty, Blobs(tmp_path)))

        async def check(code: str, typed: str) -> bool:
            async with store.read() as tx:
                return (await receipt.receipt_holds(tx, code, typed)).holds

        @settings(max_examples=40, derandomize=True, deadline=None, database=None)
        @given(ANY_TEXT | st.just("5390002"), ANY_TEXT | st.text("0123456789abcdef ", min_size=16, max_size=70))
        def holds(code: str, typed: str) -> None:
            assert not runner.run(check(code, typed))

        holds()
        runner.run(store.close())


@FEW
@given(st.dictionaries(st.sampled_from(sorted(NAMES)), st.text(st.characters(exclude_characters="\0"), max_size=30)))
def test_settings(environment: dict[str, str]) -> None:
    try:
        Settings.from_env(environment)
    except SettingError:
        return


#: two samples of 16 bits at 8 kHz
HEAD = (
    b"RIFF\x28\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x40\x1f\x00\x00\x80\x3e\x00\x00\x02\x00\x10\x00"
    b"data\x04\x00\x00\x00\x01\x00\x02\x00"
)


@FEW
@given(st.binary(max_size=120), st.integers(0, len(HEAD) - 1), st.integers(0, 255))
def test_recordings(tail: bytes, where: int, value: int) -> None:
    broken = HEAD[:where] + bytes([value]) + HEAD[where + 1 :] + tail
    for data in (tail, broken):
        try:
            decode(data)
        except AudioError:
            continue
