"""`Delivery` → what goes over the line, as recorded by the test server, and what comes back of it."""

from __future__ import annotations

import io
import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest
from PIL import Image

from bot.channels.base import Delivery, SendError
from bot.channels.telegram import Limiter, TelegramChannel
from bot.model.inbound import Attachment, ConversationKey, MediaKind
from bot.model.outbound import Button, Outbound, OutMedia, OutMediaKind
from tests.harness.botapi import BotApiServer


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(out, "PNG")
    return out.getvalue()


@pytest.fixture
async def server() -> AsyncIterator[BotApiServer]:
    async with BotApiServer() as running:
        await running.user(7, first_name="Lan").says("a")
        yield running


@pytest.fixture
async def channel(server: BotApiServer) -> AsyncIterator[TelegramChannel]:
    one = TelegramChannel(server.token, api_url=server.url, limiter=Limiter(None))
    await one.open()
    yield one
    await one.close()


def delivery(outbound: Outbound, chat: str = "7", **more: Any) -> Delivery:
    return Delivery(1, ConversationKey("telegram", "700000001", chat), outbound, **more)


def inline(*rows: list[dict[str, str]]) -> dict[str, Any]:
    return {"inline_keyboard": list(rows)}


PREVIEW = {"link_preview_options": {"is_disabled": True}}
CASES: dict[str, tuple[Outbound, dict[str, Any]]] = {
    "plain": (Outbound("Chào bà con."), {"text": "Chào bà con.", **PREVIEW}),
    "escaped": (Outbound('1 < 2 & "a" <b>'), {"text": '1 &lt; 2 &amp; "a" &lt;b&gt;', **PREVIEW}),
    "heading": (Outbound("Có.", heading="Ai <được>?"), {"text": "<b>Ai &lt;được&gt;?</b>\nCó.", **PREVIEW}),
    "heading alone": (Outbound("", heading="Tin"), {"text": "<b>Tin</b>", **PREVIEW}),
    "buttons": (
        Outbound("Chọn:", rows=((Button("Có", "y"), Button("Không", "n")), (Button("Trang", url="https://x.vn/a"),))),
        {
            "text": "Chọn:",
            **PREVIEW,
            "reply_markup": inline(
                [{"text": "Có", "callback_data": "y"}, {"text": "Không", "callback_data": "n"}],
                [{"text": "Trang", "url": "https://x.vn/a"}],
            ),
        },
    ),
    "a link nobody could open is left out": (
        Outbound("x", rows=((Button("Trang", url="http://localhost:8080/a"),), (Button("0", "0"),))),
        {"text": "x", **PREVIEW, "reply_markup": inline([{"text": "0", "callback_data": "0"}])},
    ),
    "only such links": (Outbound("x", rows=((Button("Trang", url="http://[/"),),)), {"text": "x", **PREVIEW}),
}


@pytest.mark.parametrize("name", CASES)
async def test_text(name: str, server: BotApiServer, channel: TelegramChannel) -> None:
    outbound, expected = CASES[name]
    sent = await channel.send(delivery(outbound))
    (call,) = server.calls
    assert call.method == "sendMessage"
    assert call.args == {"chat_id": 7, "parse_mode": "HTML", **expected}
    assert sent.message_id == str(server.user(7).last.message_id)
    assert sent.media_handle == ""
    assert server.violations == []


MEDIA = [
    (OutMediaKind.PHOTO, "sendPhoto", "photo", picture()),
    (OutMediaKind.VOICE, "sendVoice", "voice", b"OggS..."),
    (OutMediaKind.AUDIO, "sendAudio", "audio", b"ID3..."),
    (OutMediaKind.FILE, "sendDocument", "document", b"%PDF"),
]


@pytest.mark.parametrize(("kind", "method", "name", "data"), MEDIA)
async def test_attachments_are_uploaded_once(
    kind: OutMediaKind, method: str, name: str, data: bytes, server: BotApiServer, channel: TelegramChannel
) -> None:
    outbound = Outbound("Nghe <nhé>", media=OutMedia(kind, "00", "loa.bin", ""), rows=((Button("0", "0"),),))
    first = await channel.send(delivery(outbound, media_bytes=data))
    again = await channel.send(delivery(outbound, media_handle=first.media_handle))
    assert again.media_handle == first.media_handle != ""
    upload, by_handle = server.calls
    assert upload.method == by_handle.method == method
    assert [u.data for u in upload.uploads.values()] == [data]
    assert by_handle.args[name] == first.media_handle
    assert by_handle.uploads == {}
    assert [h.text for h in server.user(7).screen] == ["Nghe <nhé>"] * 2
    assert server.user(7).last.labels == ["0"]
    assert server.violations == []


async def test_what_people_write_is_not_logged(
    server: BotApiServer, channel: TelegramChannel, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await channel.send(delivery(Outbound("chuyện riêng nhà tôi")))
    assert "chuyện riêng" not in caplog.text


async def test_a_large_attachment(server: BotApiServer, channel: TelegramChannel) -> None:
    data = b"ID3" + bytes(3 * 1024 * 1024)
    await channel.send(delivery(Outbound("", media=OutMedia(OutMediaKind.AUDIO, "00", "a.mp3", "")), media_bytes=data))
    assert server.user(7).data(server.user(7).last) == data


async def test_a_handle_telegram_forgot_is_replaced_by_an_upload(
    server: BotApiServer, channel: TelegramChannel
) -> None:
    outbound = Outbound("", media=OutMedia(OutMediaKind.FILE, "00", "a.pdf", ""))
    sent = await channel.send(delivery(outbound, media_handle="gone", media_bytes=b"%PDF"))
    assert sent.media_handle not in {"", "gone"}
    with pytest.raises(SendError, match="identifier") as failed:
        await channel.send(delivery(outbound, media_handle="gone"))
    assert not failed.value.retryable
    with pytest.raises(SendError, match="attachment missing"):
        await channel.send(delivery(outbound))


async def test_files_are_fetched(server: BotApiServer, channel: TelegramChannel) -> None:
    lan = server.user(7)
    message = await lan.sends_document(b"%PDF" * 1000)
    ref = message["document"]["file_id"]
    assert await channel.fetch(Attachment(MediaKind.FILE, ref)) == b"%PDF" * 1000

    with pytest.raises(SendError, match=r"(?i)too big"):
        await channel.fetch(Attachment(MediaKind.FILE, ref, size_bytes=20 * 1024 * 1024 + 1))
    big = await lan.sends_document(b"", size=20 * 1024 * 1024 + 1)
    with pytest.raises(SendError, match=r"(?i)too big"):
        await channel.fetch(Attachment(MediaKind.FILE, big["document"]["file_id"]))

    server.faults.drop("file", after=True, times=None)
    with pytest.raises(SendError):
        await channel.fetch(Attachment(MediaKind.FILE, ref))
    assert server.violations == []


async def test_one_message_to_many_chats_differs_in_the_chat_alone(
    server: BotApiServer, channel: TelegramChannel
) -> None:
    for chat in (8, 9):
        await server.user(chat).says("a")
    told, other = Outbound("Mai phát gạo", rows=((Button("Có", "y"),),)), Outbound("Tin khác")
    for chat, outbound in (("7", told), ("8", told), ("9", other), ("7", told)):
        await channel.send(delivery(outbound, chat))
    sent = [(call.chat_id, call.args["text"], "reply_markup" in call.args) for call in server.calls_of("sendMessage")]
    assert sent == [
        (7, "Mai phát gạo", True),
        (8, "Mai phát gạo", True),
        (9, "Tin khác", False),
        (7, "Mai phát gạo", True),
    ]
