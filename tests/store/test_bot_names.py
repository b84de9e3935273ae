"""Names of bots, heard by one process and told by others."""

from __future__ import annotations

from bot.store import Store, bot_names


async def test_a_name_is_kept_changed_and_forgotten(store: Store) -> None:
    async with store.write() as tx:
        assert await bot_names.known(tx) == {}
        await bot_names.keep(tx, "7", "", "loa_thon_bot")
        await bot_names.keep(tx, "8", "xa-dak-doa", "dak_doa_bot")
        await bot_names.keep(tx, "8", "xa-dak-doa", "dak_doa_moi_bot")
        await bot_names.keep(tx, "9", "xa-tu-ky", "")
    async with store.read() as tx:
        assert await bot_names.known(tx) == {"": "loa_thon_bot", "xa-dak-doa": "dak_doa_moi_bot"}
    async with store.write() as tx:
        await bot_names.forget_others(tx, ["8"])
        assert await bot_names.known(tx) == {"xa-dak-doa": "dak_doa_moi_bot"}
        await bot_names.forget_others(tx, [])
        assert await bot_names.known(tx) == {}
