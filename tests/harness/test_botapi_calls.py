"""The test server checked by python-telegram-bot's own client: what a real bot sends must pass, what is wrong must not."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator

import aiohttp
import pytest
from PIL import Image
from telegram import (
    Bot,
    BotCommand,
    CopyTextButton,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaDocument,
    MessageEntity,
    ReplyKeyboardMarkup,
    ReplyParameters,
)
from telegram.error import BadRequest, ChatMigrated, Forbidden

from tests.harness.botapi import BotApiServer


def picture(width: int = 40, height: int = 30) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), "red").save(out, "JPEG")
    return out.getvalue()


def keyboard(*rows: list[tuple[str, str]]) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup([[InlineKeyboardButton(t, callback_data=d) for t, d in row] for row in rows])


@pytest.fixture
async def server() -> AsyncIterator[BotApiServer]:
    async with BotApiServer(unit_s=0.01) as running:
        yield running


@pytest.fixture
async def bot(server: BotApiServer) -> AsyncIterator[Bot]:
    client = Bot(server.token, base_url=f"{server.url}/bot", base_file_url=f"{server.url}/file/bot")
    async with client:
        yield client


async def raw(server: BotApiServer, method: str, **payload: object) -> tuple[int, dict]:
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{server.url}/bot{server.token}/{method}", json=payload) as response,
    ):
        return response.status, await response.json()


async def test_a_conversation(server: BotApiServer, bot: Bot) -> None:
    lan = server.user(7, first_name="Lan")
    await lan.starts("xa-1")
    (update,) = await bot.get_updates(timeout=1)
    assert update.message.text == "/start xa-1"
    assert update.message.entities[0].type == "bot_command"

    await bot.send_message(
        7, "<b>Chào bà con</b> &amp; cả nhà", parse_mode="HTML", reply_markup=keyboard([("Chính sách", "p")])
    )
    heard = await lan.hears()
    assert heard.text == "Chào bà con & cả nhà"
    assert heard.message["entities"] == [{"type": "bold", "offset": 0, "length": 11}]
    assert heard.labels == ["Chính sách"]

    press = await lan.presses("Chính sách")
    (update,) = await bot.get_updates(offset=update.update_id + 1, timeout=1)
    assert update.callback_query.data == "p"
    await update.callback_query.answer("được")
    assert await press.answer() == "được"
    await update.callback_query.edit_message_text("Xong")
    assert (await lan.hears()).edited
    assert [h.text for h in lan.screen] == ["Xong"]
    assert server.violations == []


async def test_every_kind_of_update_is_what_the_written_api_says(server: BotApiServer, bot: Bot) -> None:
    lan = server.user(7)
    first = await lan.says("chào @ai_do")
    await lan.sends_photo(picture(), "ảnh")
    await lan.sends_voice(b"OggS1234")
    await lan.sends_audio(b"ID3")
    await lan.sends_document(b"%PDF", size=30_000_000)
    await lan.sends_location()
    await lan.sends_sticker()
    await lan.sends_contact()
    await lan.edits(first["message_id"], "chào bác")
    await lan.blocks()
    await lan.unblocks()
    await bot.send_message(7, "x", reply_markup=keyboard([("a", "b")]))
    await lan.presses("a")
    group = server.group(-100)
    await group.says(lan, "/start")
    await group.adds_bot(lan)
    await group.upgrades(lan, -1001)
    pending = list(server.bot.updates.pending)
    assert len(pending) == 17
    for update in pending:
        assert server.spec.check(("Update",), update, "update") == []
    assert [u.update_id for u in await bot.get_updates()] == [u["update_id"] for u in pending]
    assert server.violations == []


async def test_files_go_both_ways(server: BotApiServer, bot: Bot) -> None:
    lan = server.user(7)
    await lan.sends_voice(b"OggS" + b"x" * 100)
    (update,) = await bot.get_updates()
    file = await bot.get_file(update.message.voice.file_id)
    assert bytes(await file.download_as_bytearray()) == b"OggS" + b"x" * 100

    message = await bot.send_photo(7, picture(), caption="ảnh")
    heard = await lan.hears()
    assert lan.data(heard) == picture()
    assert heard.text == "ảnh"
    await bot.send_photo(7, message.photo[-1].file_id)
    await bot.send_voice(7, b"OggS...", duration=2)
    await bot.send_audio(7, b"ID3...", title="Loa", filename="loa.mp3")
    await bot.send_document(7, b"%PDF", filename="don.pdf")
    group = await bot.send_media_group(7, [InputMediaDocument(b"a"), InputMediaDocument(b"b", caption="hai")])
    assert len({m.media_group_id for m in group}) == 1
    assert server.violations == []
    assert [type_of(m.message) for m in lan.screen] == [
        "photo",
        "photo",
        "voice",
        "audio",
        "document",
        "document",
        "document",
    ]

    await lan.sends_document(b"", size=20 * 1024 * 1024 + 1)
    big = server.bot.files.by_id[list(server.bot.files.by_id)[-1]]
    with pytest.raises(BadRequest, match="File is too big"):
        await bot.get_file(big.file_id)
    with pytest.raises(BadRequest, match="Wrong file identifier"):
        await bot.send_photo(7, "AgACnobody")
    with pytest.raises(BadRequest, match="Image_process_failed"):
        await bot.send_photo(7, b"no picture")
    with pytest.raises(BadRequest, match=r"(?i)can't use file of type"):
        await bot.send_voice(7, message.photo[-1].file_id)
    assert [v.code for v in server.violations] == ["file-id", "photo", "file-id"]


def type_of(message: dict) -> str:
    return next(kind for kind in ("photo", "voice", "audio", "document", "text") if kind in message)


async def test_sounds_that_telegram_shows_as_files(server: BotApiServer, bot: Bot) -> None:
    await server.user(7).says("a")
    assert (await bot.send_voice(7, b"OggS" + bytes(1024 * 1024))).document
    assert (await bot.send_voice(7, b"RIFFxxxx")).document
    assert [v.code for v in server.violations] == ["voice-format"]


@pytest.mark.parametrize(
    ("method", "payload", "description", "code"),
    [
        ("sendMessage", {"chat_id": 7}, "message text is empty", "missing"),
        ("sendMessage", {"chat_id": 7, "text": " \n "}, "message text is empty", "empty-text"),
        ("sendMessage", {"text": "a"}, "chat_id is empty", "missing"),
        ("sendMessage", {"chat_id": 7, "text": "đ" * 4097}, "message is too long", "too-long"),
        ("sendMessage", {"chat_id": 7, "text": 5}, "wrong value of text: expected String", "type"),
        (
            "sendMessage",
            {"chat_id": 7, "text": "<x>", "parse_mode": "HTML"},
            "can't parse entities: Unsupported",
            "markup",
        ),
        (
            "sendMessage",
            {"chat_id": 7, "text": "a < b", "parse_mode": "HTML"},
            "can't parse entities: Unclosed",
            "markup",
        ),
        (
            "sendMessage",
            {"chat_id": 7, "text": "<b>a", "parse_mode": "HTML"},
            "can't parse entities: Can't find end",
            "markup",
        ),
        (
            "sendMessage",
            {"chat_id": 7, "text": "a.", "parse_mode": "MarkdownV2"},
            "can't parse entities: Character '.'",
            "markup",
        ),
        ("sendMessage", {"chat_id": 7, "text": "a\ud800"}, "strings must be encoded in UTF-8", "utf-8"),
        (
            "sendMessage",
            {"chat_id": 7, "text": "a", "entities": [{"type": "bold", "offset": 0, "length": 2}]},
            "entity bold at 0-2 is outside",
            "entities",
        ),
        (
            "sendMessage",
            {
                "chat_id": 7,
                "text": "a",
                "reply_markup": {"inline_keyboard": [[{"text": "a", "callback_data": "đ" * 33}]]},
            },
            "BUTTON_DATA_INVALID",
            "range",
        ),
        (
            "sendMessage",
            {"chat_id": 7, "text": "a", "reply_markup": {"inline_keyboard": [[{"text": "a"}]]}},
            "can't parse inline keyboard button: Text buttons",
            "keyboard",
        ),
        (
            "sendMessage",
            {
                "chat_id": 7,
                "text": "a",
                "reply_markup": {"inline_keyboard": [[{"text": "a", "url": "http://localhost/x"}]]},
            },
            "inline keyboard button URL 'http://localhost/x' is invalid",
            "keyboard",
        ),
        (
            "sendMessage",
            {
                "chat_id": 7,
                "text": "a",
                "reply_markup": {"inline_keyboard": [[{"text": "a", "callback_data": "b"}]] * 101},
            },
            "reply markup is too long",
            "keyboard",
        ),
        ("answerCallbackQuery", {"callback_query_id": "1", "text": "a" * 201}, "MESSAGE_TOO_LONG", "range"),
        ("answerCallbackQuery", {"callback_query_id": "1"}, "query is too old", "query-id"),
        ("setMyCommands", {"commands": [{"command": "Menu", "description": "x"}]}, "BOT_COMMAND_INVALID", "commands"),
        ("setMyCommands", {"commands": [{"command": "menu", "description": ""}]}, "BOT_COMMAND_DESCRIPTION", "range"),
        (
            "setMyCommands",
            {"commands": [{"command": "a", "description": "x"}] * 101},
            "BOT_COMMANDS_TOO_MUCH",
            "commands",
        ),
        ("sendChatAction", {"chat_id": 7, "action": "sing"}, "wrong parameter action", "action"),
        ("setWebhook", {"url": "http://example.org/x"}, "bad webhook: An HTTPS URL", "webhook-url"),
        ("setWebhook", {"url": "https://example.org:81/x"}, "bad webhook: Webhook can be set up only", "webhook-url"),
        ("setWebhook", {"url": "https://127.0.0.1/x", "secret_token": "a b"}, "secret token contains", "secret"),
    ],
)
async def test_refused_and_written_down(
    server: BotApiServer, method: str, payload: dict, description: str, code: str
) -> None:
    await server.user(7).says("a")
    status, body = await raw(server, method, **payload)
    assert status == body["error_code"] == 400
    assert body["description"].startswith(f"Bad Request: {description}")
    assert [v.code for v in server.violations] == [code]
    assert server.user(7).screen == []


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ({"colour": "red"}, "unknown-parameter"),
        ({"reply_markup": {"inline_keyboard": [[{"text": "a", "callback_data": "b", "hint": "c"}]]}}, "unknown-field"),
        ({"reply_markup": {"inline_keyboard": [[{"text": "a", "callback_data": "b"}] * 9]}}, "row-width"),
    ],
)
async def test_passed_but_written_down(server: BotApiServer, payload: dict, code: str) -> None:
    await server.user(7).says("a")
    status, _ = await raw(server, "sendMessage", chat_id=7, text="a", **payload)
    assert status == 200
    assert [v.code for v in server.violations] == [code]


async def test_markup_does_not_count(server: BotApiServer, bot: Bot) -> None:
    await server.user(7).says("a")
    await bot.send_message(7, f"<b>{'&lt;' * 4096}</b>", parse_mode="HTML")
    await bot.send_photo(7, picture(), caption=f"<i>{'a' * 1024}</i>", parse_mode="HTML")
    with pytest.raises(BadRequest, match="caption is too long"):
        await bot.send_photo(7, picture(), caption="a" * 1025)
    assert [v.code for v in server.violations] == ["too-long"]


async def test_clients_richer_messages_pass(server: BotApiServer, bot: Bot) -> None:
    lan = server.user(7)
    first = await lan.says("a")
    await bot.send_message(
        7,
        "*đậm* _nghiêng_ `mã` [trang](https://x.vn/a) \\. 😀",
        parse_mode="MarkdownV2",
        reply_parameters=ReplyParameters(first["message_id"]),
        reply_markup=InlineKeyboardMarkup(
            [
                [
                    InlineKeyboardButton("c", copy_text=CopyTextButton("123")),
                    InlineKeyboardButton("u", url="https://x.vn"),
                ]
            ]
        ),
        disable_web_page_preview=True,
    )
    await bot.send_message(7, "😀a", entities=[MessageEntity("bold", 2, 1)])
    await bot.send_message(7, "chọn", reply_markup=ReplyKeyboardMarkup([["Có", "Không"]]))
    await lan.presses("Có")
    await bot.set_my_commands([BotCommand("menu", "Mở bảng chọn")], language_code="vi")
    assert (await bot.get_my_commands(language_code="vi"))[0].command == "menu"
    await bot.send_chat_action(7, "typing")
    await bot.set_my_description("Máy trả lời")
    assert (await bot.get_my_description()).description == "Máy trả lời"
    assert (await bot.get_chat(7)).first_name == "User7"
    assert (await bot.copy_message(7, 7, first["message_id"])).message_id
    assert server.violations == []


async def test_normal_refusals_are_no_violations(server: BotApiServer, bot: Bot) -> None:
    lan = server.user(7)
    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.send_message(7, "a")
    await lan.says("a")
    sent = await bot.send_message(7, "a", reply_markup=keyboard([("x", "y")]))
    with pytest.raises(BadRequest, match="Message is not modified"):
        await sent.edit_text("a", reply_markup=keyboard([("x", "y")]))
    await sent.edit_reply_markup(None)
    await sent.delete()
    with pytest.raises(BadRequest, match="Message to delete not found"):
        await sent.delete()
    with pytest.raises(BadRequest, match="Message to edit not found"):
        await sent.edit_text("b")
    await lan.blocks()
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await bot.send_message(7, "a")
    await lan.unblocks()
    await bot.send_message(7, "a")
    lan.deactivates()
    with pytest.raises(Forbidden, match="user is deactivated"):
        await bot.send_message(7, "a")
    group = server.group(-5)
    await group.says(server.user(8), "/x")
    with pytest.raises(Forbidden, match="bot can't initiate conversation"):
        await bot.send_message(8, "a")
    await group.upgrades(server.user(8), -1005)
    with pytest.raises(ChatMigrated) as moved:
        await bot.send_message(-5, "a")
    await bot.send_message(moved.value.new_chat_id, "a")
    await server.group(-1005).removes_bot(server.user(8))
    with pytest.raises(Forbidden, match="bot was kicked from the supergroup chat"):
        await bot.send_message(-1005, "a")
    assert server.violations == []


async def test_messages_older_than_two_days_stay() -> None:
    now = 1_800_000_000.0
    async with BotApiServer(now=lambda: now) as server, Bot(server.token, base_url=f"{server.url}/bot") as bot:
        await server.user(7).says("a")
        sent = await bot.send_message(7, "a")
        now += 49 * 3600
        with pytest.raises(BadRequest, match="can't be deleted"):
            await sent.delete()


async def test_privacy_in_groups(server: BotApiServer, bot: Bot) -> None:
    group, lan = server.group(-5), server.user(7)
    await group.says(lan, "chuyện riêng")
    await group.says(lan, f"@{server.bot.username} hỏi")
    await group.says(lan, "/menu@other_bot")
    sent = await bot.send_message(-5, "nghe đây")
    await group.says(lan, "vâng", reply_to=sent.message_id)
    server.bot.privacy = False
    await group.says(lan, "ai cũng nghe")
    assert [u.message.text for u in await bot.get_updates()] == [f"@{server.bot.username} hỏi", "vâng", "ai cũng nghe"]


async def test_forms_and_queries_are_read_like_json(server: BotApiServer) -> None:
    await server.user(7).says("a")
    address = f"{server.url}/bot{server.token}/sendMessage"
    markup = '{"inline_keyboard": [[{"text": "a", "callback_data": "b"}]]}'
    async with aiohttp.ClientSession() as session:
        form = {"chat_id": "7", "text": "form", "disable_notification": "true", "reply_markup": markup}
        async with session.post(address, data=form) as response:
            assert response.status == 200
        async with session.get(address, params={"chat_id": "7", "text": "query"}) as response:
            assert response.status == 200
        async with session.post(address, data={"chat_id": "7", "text": "x", "reply_markup": "{"}) as response:
            assert (await response.json())["description"] == "Bad Request: can't parse reply markup JSON object"
    assert [h.text for h in server.user(7).screen] == ["form", "query"]
    assert [v.code for v in server.violations] == ["json"]
