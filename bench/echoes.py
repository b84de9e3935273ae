"""Bare echo bots to stand beside ours: one message out for each that comes in, nothing kept.

`python -m bench.echoes ptb|ptb-ours|aiogram TOKEN URL` polls until it is ended. `ptb-ours` is python-telegram-bot's own
`Application` on our transport: what remains between it and our bot is the price of answering and of durability.
"""

from __future__ import annotations

import asyncio
import logging
import sys

#: updates one bot may have under way; the libraries' own default of one at a time would flatter ours
AT_ONCE = 256


def _ptb(token: str, url: str, *, ours: bool) -> None:
    from telegram import Update
    from telegram.ext import Application, CallbackQueryHandler, ContextTypes, MessageHandler, filters

    from bot.channels.telegram.transport import Transport

    async def echo(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        assert update.effective_chat is not None and update.message is not None
        await context.bot.send_message(update.effective_chat.id, update.message.text or "-")

    async def press(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        assert update.effective_chat is not None and update.callback_query is not None
        await update.callback_query.answer()
        await context.bot.send_message(update.effective_chat.id, update.callback_query.data or "-")

    builder = Application.builder().token(token).base_url(f"{url}/bot").concurrent_updates(AT_ONCE)
    if ours:
        builder = builder.request(Transport()).get_updates_request(Transport(connections=2))
    else:
        builder = builder.connection_pool_size(AT_ONCE).pool_timeout(60)
    application = builder.build()
    application.add_handler(MessageHandler(filters.TEXT, echo))
    application.add_handler(CallbackQueryHandler(press))
    application.run_polling()


async def _aiogram(token: str, url: str) -> None:
    from aiogram import Bot, Dispatcher
    from aiogram.client.session.aiohttp import AiohttpSession
    from aiogram.client.telegram import TelegramAPIServer
    from aiogram.types import CallbackQuery, Message

    dispatcher = Dispatcher()

    async def echo(message: Message) -> None:
        await message.answer(message.text or "-")

    async def press(query: CallbackQuery) -> None:
        await query.answer()
        assert query.message is not None
        await query.message.answer(query.data or "-")

    dispatcher.message.register(echo)
    dispatcher.callback_query.register(press)
    session = AiohttpSession(api=TelegramAPIServer.from_base(url))
    await dispatcher.start_polling(Bot(token, session=session))


def main(kind: str, token: str, url: str) -> None:
    """Run one echo bot until it is ended."""
    logging.disable(logging.INFO)
    if kind == "aiogram":
        asyncio.run(_aiogram(token, url))
    else:
        _ptb(token, url, ours=kind == "ptb-ours")


if __name__ == "__main__":
    main(*sys.argv[1:4])
