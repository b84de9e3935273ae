"""The test server also understands the other common client library."""

from __future__ import annotations

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import BufferedInputFile, InlineKeyboardButton, InlineKeyboardMarkup

from tests.harness.botapi import BotApiServer


async def test_a_conversation() -> None:
    async with BotApiServer() as server:
        lan = server.user(7, first_name="Lan")
        bot = Bot(server.token, session=AiohttpSession(api=TelegramAPIServer.from_base(server.url)))
        await lan.starts()
        (update,) = await bot.get_updates(timeout=1)
        assert update.message is not None
        assert update.message.text == "/start"
        rows = [[InlineKeyboardButton(text="Xem", callback_data="x")]]
        await bot.send_message(
            7, "<b>a</b>", parse_mode="HTML", reply_markup=InlineKeyboardMarkup(inline_keyboard=rows)
        )
        assert (await lan.hears()).text == "a"
        press = await lan.presses("Xem")
        (update,) = await bot.get_updates(offset=update.update_id + 1)
        assert update.callback_query is not None
        await bot.answer_callback_query(update.callback_query.id)
        assert await press.answer() == ""
        await bot.send_document(7, BufferedInputFile(b"%PDF", "a.pdf"))
        assert lan.data(await lan.hears()) == b"%PDF"
        await bot.session.close()
        assert server.violations == []
