"""Finding by words, the same on both databases."""

from __future__ import annotations

import pytest

from bot.store import Store, search
from bot.store.search import Doc

DOCS = [
    Doc("case", "1", "Con ma ở cống đầu thôn, loa rè", unit="xa-a"),
    Doc("case", "2", "Mạ lúa bị ngập, cần má lúa giống", unit="xa-b", hidden_from="ong-ba"),
    Doc("case", "3", "Đường vào thôn hỏng, “gãy” cầu; 100% không đi được", unit="xa-a"),
    Doc("faq", "1", "Loa rè thì báo ai?", unit="xa-a"),
]


async def ids(store: Store, words: str, **limits: object) -> list[str]:
    async with store.read() as tx:
        return [ref for _kind, ref in await search.find(tx, words, **{"kinds": ["case"], **limits})]  # type: ignore[arg-type]


@pytest.fixture
async def filled(store: Store) -> Store:
    async with store.write() as tx:
        await search.put(tx, DOCS)
    return store


async def test_folded_words_find(filled: Store) -> None:
    assert await ids(filled, "duong hong") == ["3"]
    assert await ids(filled, "đường HỎNG") == ["3"]
    assert await ids(filled, "xe máy") == []


async def test_typed_accents_rank_first(filled: Store) -> None:
    assert (await ids(filled, "ma"))[0] == "1"
    assert (await ids(filled, "mạ"))[0] == "2"
    assert sorted(await ids(filled, "má")) == ["1", "2"]


async def test_limits_hold_inside_the_query(filled: Store) -> None:
    assert await ids(filled, "ma", units=["xa-a"]) == ["1"]
    assert await ids(filled, "ma", viewer="ong-ba") == ["1"]
    assert await ids(filled, "loa", kinds=["faq"]) == ["1"]
    assert len(await ids(filled, "ma", limit=1)) == 1


@pytest.mark.parametrize(
    "typed", ['"', "a OR b", "(((", "gãy*", "NEAR(a b)", "col:x", "'; drop table cases", "", "  ", "100%", "\\"]
)
async def test_signs_are_no_language(filled: Store, typed: str) -> None:
    assert isinstance(await ids(filled, typed), list)


async def test_what_is_replaced_or_dropped_is_not_found(filled: Store) -> None:
    async with filled.write() as tx:
        await search.put(tx, [Doc("case", "1", "Chuyện khác hẳn", unit="xa-a")])
        await search.drop(tx, "case", ["3"])
    assert await ids(filled, "cong") == []
    assert await ids(filled, "khac han") == ["1"]
    assert await ids(filled, "duong hong") == []
