"""The front door: who comes in, who waits, who is out."""

from __future__ import annotations

import asyncio
import hmac
import unicodedata

import pyotp
import pytest
from argon2 import PasswordHasher

from bot import officials, onetime, passwords, sessions
from bot.library import Library
from bot.model.official import Official
from bot.passwords import WeakPasswordError
from bot.sessions import DeadLinkError, Door, LockedError, SignedIn, WrongCodeError, WrongPasswordError
from bot.store import Store, audit
from bot.store import officials as rows
from bot.store.official_tables import official_links, official_sessions, recovery_codes
from bot.store.official_tables import officials as official_table
from tests.harness.clock import Hands
from tests.harness.officials import ON, made, role

WHERE = {"address": "203.0.113.7", "agent": "Firefox"}
PASSWORD = "lúa chín đầu đồng"


@pytest.fixture
def door(store: Store) -> Door:
    return Door(store)


@pytest.fixture
async def who(store: Store, library: Library, hands: Hands, door: Door) -> Official:
    official = await made(store, library, hands, "can-bo", role("can-bo-xu-ly"))
    async with store.write() as tx:
        link = await officials.new_link(tx, None, official, at=hands.at)
    entrance = await door.choose_password(link.token, PASSWORD, at=hands.at, **WHERE)
    async with store.write() as tx:
        signed_in = await _signed_in(store, library, entrance.token, hands)
        await sessions.revoke(tx, signed_in, signed_in.session_id, at=hands.at)
    return official


async def _signed_in(store: Store, library: Library, token: str, hands: Hands) -> SignedIn:
    found = await sessions.find(store, token, library, on=ON, at=hands.at)
    assert found is not None
    return found


async def come_in(door: Door, hands: Hands, password: str = PASSWORD, **where: str) -> sessions.Entrance:
    return await door.sign_in("can-bo", password, at=hands.at, **{**WHERE, **where})


async def test_a_right_password_comes_in(
    store: Store, library: Library, hands: Hands, door: Door, who: Official
) -> None:
    first, second = await come_in(door, hands), await door.sign_in(" Can-Bo ", PASSWORD, at=hands.at, **WHERE)
    assert first.token != second.token, "no token is used twice"
    signed_in = await _signed_in(store, library, first.token, hands)
    other = await _signed_in(store, library, second.token, hands)
    assert signed_in.official.id == who.id
    assert "case-answer" in signed_in.official.reach
    assert not hmac.compare_digest(signed_in.csrf, other.csrf)
    async with store.read() as tx:
        listed = await sessions.listed(tx, signed_in, at=hands.at)
    assert [(s.is_this, s.agent) for s in listed] == [(False, "Firefox"), (True, "Firefox")]


async def test_accents_typed_in_either_way_are_the_same(door: Door, hands: Hands, who: Official) -> None:
    await come_in(door, hands, unicodedata.normalize("NFD", PASSWORD))


@pytest.mark.parametrize(
    ("login", "password"), [("can-bo", "sai mật khẩu"), ("nobody", PASSWORD), ("", ""), ("\x00", "x")]
)
async def test_a_wrong_one_is_told_nothing_more(
    door: Door, hands: Hands, who: Official, login: str, password: str
) -> None:
    with pytest.raises(WrongPasswordError):
        await door.sign_in(login, password, at=hands.at, **WHERE)


async def test_the_wait_grows_and_passes(door: Door, hands: Hands, who: Official) -> None:
    for _ in range(sessions.FREE_TRIES):
        with pytest.raises(WrongPasswordError):
            await come_in(door, hands, "sai")
    waits = []
    for _ in range(10):
        with pytest.raises(LockedError) as locked:
            await come_in(door, hands)
        waits.append(locked.value.wait_s)
        hands.move(seconds=locked.value.wait_s)
        with pytest.raises(WrongPasswordError):
            await come_in(door, hands, "sai")
    assert waits == [5, 10, 20, 40, 80, 160, 320, 640, 900, 900]
    hands.move(seconds=900)
    await come_in(door, hands)
    await come_in(door, hands)


async def test_many_tries_at_once_are_all_counted(door: Door, hands: Hands, who: Official) -> None:
    tried = await asyncio.gather(*(come_in(door, hands, "sai") for _ in range(12)), return_exceptions=True)
    assert sum(isinstance(one, WrongPasswordError) for one in tried) == sessions.FREE_TRIES
    assert sum(isinstance(one, LockedError) for one in tried) == 12 - sessions.FREE_TRIES


async def test_an_address_that_tries_many_names_waits(door: Door, hands: Hands, who: Official) -> None:
    for number in range(sessions.FREE_TRIES_ADDRESS):
        with pytest.raises(WrongPasswordError):
            await door.sign_in(f"ten-{number}", "sai", at=hands.at, **WHERE)
    with pytest.raises(LockedError):
        await come_in(door, hands)
    await come_in(door, hands, address="198.51.100.9")


async def test_right_tries_cost_nothing(door: Door, hands: Hands, who: Official) -> None:
    for _ in range(sessions.FREE_TRIES_ADDRESS + 2):
        await come_in(door, hands)


async def test_a_session_ends_by_idling_and_by_age(
    store: Store, library: Library, hands: Hands, door: Door, who: Official
) -> None:
    entrance = await come_in(door, hands)
    for _ in range(20):
        hands.move(seconds=sessions.IDLE_FOR.total_seconds() - 1)
        await _signed_in(store, library, entrance.token, hands)
    hands.move(seconds=sessions.IDLE_FOR.total_seconds() - 1)
    assert hands.at > entrance.expires_at - sessions.IDLE_FOR
    hands.move(seconds=sessions.IDLE_FOR.total_seconds())
    assert await sessions.find(store, entrance.token, library, on=ON, at=hands.at) is None
    idle = await come_in(door, hands)
    hands.move(seconds=sessions.IDLE_FOR.total_seconds())
    assert await sessions.find(store, idle.token, library, on=ON, at=hands.at) is None


async def test_sessions_are_listed_and_revoked(
    store: Store, library: Library, hands: Hands, door: Door, who: Official
) -> None:
    tokens = [(await come_in(door, hands)).token for _ in range(3)]
    mine = await _signed_in(store, library, tokens[0], hands)
    other = await made(store, library, hands, "khac", role("nguoi-xem"))
    async with store.write() as tx:
        stranger = SignedIn(other, 999, "")
        assert not await sessions.revoke(tx, stranger, mine.session_id, at=hands.at)
        assert await sessions.revoke_others(tx, mine, at=hands.at) == 2
    assert await sessions.find(store, tokens[1], library, on=ON, at=hands.at) is None
    async with store.write() as tx:
        assert await sessions.revoke(tx, mine, mine.session_id, at=hands.at)
    assert await sessions.find(store, tokens[0], library, on=ON, at=hands.at) is None


async def test_another_password_ends_the_other_sessions(
    store: Store, library: Library, hands: Hands, door: Door, who: Official
) -> None:
    one, two = await come_in(door, hands), await come_in(door, hands)
    mine = await _signed_in(store, library, one.token, hands)
    with pytest.raises(WrongPasswordError):
        await door.change_password(mine, "không phải", "khoai lang nướng than", address="", at=hands.at)
    await door.change_password(mine, PASSWORD, "khoai lang nướng than", address="", at=hands.at)
    await _signed_in(store, library, one.token, hands)
    assert await sessions.find(store, two.token, library, on=ON, at=hands.at) is None
    with pytest.raises(WrongPasswordError):
        await come_in(door, hands)
    await come_in(door, hands, "khoai lang nướng than")


async def test_a_one_time_code_is_asked_and_works_once(
    store: Store, library: Library, hands: Hands, door: Door, who: Official
) -> None:
    secret = onetime.new_secret(lambda n: bytes(range(n)))
    totp = pyotp.TOTP(secret)
    async with store.write() as tx:
        with pytest.raises(WrongCodeError):
            await sessions.start_codes(tx, who, secret, "000000", at=hands.at)
        recovery = await sessions.start_codes(tx, who, secret, totp.at(hands.at), at=hands.at)
    assert len(set(recovery)) == onetime.RECOVERY_CODES
    half = await come_in(door, hands)
    assert half.needs_code
    assert await sessions.find(store, half.token, library, on=ON, at=hands.at) is None
    with pytest.raises(WrongCodeError):  # the code that started it was used
        await door.confirm_code(half.token, totp.at(hands.at), at=hands.at, **WHERE)
    hands.move(seconds=30)
    full = await door.confirm_code(half.token, totp.at(hands.at), at=hands.at, **WHERE)
    assert full.token != half.token
    await _signed_in(store, library, full.token, hands)
    with pytest.raises(DeadLinkError):
        await door.confirm_code(half.token, totp.at(hands.at), at=hands.at, **WHERE)
    by_paper = await door.confirm_code((await come_in(door, hands)).token, recovery[0].upper(), at=hands.at, **WHERE)
    await _signed_in(store, library, by_paper.token, hands)
    again = await come_in(door, hands)
    with pytest.raises(WrongCodeError):
        await door.confirm_code(again.token, recovery[0], at=hands.at, **WHERE)
    hands.move(minutes=6)
    with pytest.raises(DeadLinkError):
        await door.confirm_code(again.token, totp.at(hands.at), at=hands.at, **WHERE)


async def test_codes_are_not_guessed(store: Store, hands: Hands, door: Door, who: Official) -> None:
    secret = onetime.new_secret(lambda n: bytes(range(n)))
    async with store.write() as tx:
        await sessions.start_codes(tx, who, secret, pyotp.TOTP(secret).at(hands.at), at=hands.at)
    for _ in range(sessions.FREE_TRIES):
        with pytest.raises(WrongCodeError):
            await door.confirm_code((await come_in(door, hands)).token, "12345x", at=hands.at, **WHERE)
    with pytest.raises(LockedError):
        await door.confirm_code((await come_in(door, hands)).token, "123456", at=hands.at, **WHERE)


async def test_a_reset_still_asks_for_the_code(store: Store, hands: Hands, door: Door, who: Official) -> None:
    secret = onetime.new_secret(lambda n: bytes(range(n)))
    async with store.write() as tx:
        await sessions.start_codes(tx, who, secret, pyotp.TOTP(secret).at(hands.at), at=hands.at)
        link = await officials.new_link(tx, None, who, at=hands.at)
    assert (await door.choose_password(link.token, "khoai lang nướng than", at=hands.at, **WHERE)).needs_code
    async with store.write() as tx:
        await sessions.stop_codes(tx, None, who, at=hands.at)
    assert not (await come_in(door, hands, "khoai lang nướng than")).needs_code


async def test_no_secret_is_kept_readable(store: Store, hands: Hands, door: Door, who: Official) -> None:
    entrance = await come_in(door, hands)
    async with store.write() as tx:
        link = await officials.new_link(tx, None, who, at=hands.at)
        tables = (official_table, official_sessions, official_links, recovery_codes)
        kept = str([await tx.rows(table.select()) for table in tables])
        lines = str(await audit.page(tx, limit=100))
    for secret in (entrance.token, link.token, PASSWORD):
        assert secret not in kept
        assert secret not in lines
    assert "$argon2id$v=19$m=19456,t=2,p=1$" in kept


async def test_an_old_hash_is_made_again(store: Store, hands: Hands, door: Door, who: Official) -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    async with store.write() as tx:
        await rows.change(tx, who.id, password_hash=weak)
    await come_in(door, hands)
    async with store.read() as tx:
        now = await rows.secrets(tx, who.id)
    assert now is not None
    assert not passwords.Passwords.is_old(now.password_hash)


@pytest.mark.parametrize(
    "password", ["", "ngắn", "aaaaaaaaaaaa", "1234567890", "abcdefghijkl", "can-bo-2026!", "x" * 201]
)
def test_a_weak_password_is_refused(password: str) -> None:
    with pytest.raises(WeakPasswordError):
        passwords.check(password, "can-bo")


def test_the_picture_of_a_secret_is_plain_svg() -> None:
    secret = onetime.new_secret(bytes)
    told = onetime.picture(secret, "can-bo")
    assert told.startswith("<svg")
    assert "script" not in told
    assert "style" not in told
    assert "secret=" in onetime.address(secret, "can-bo")
