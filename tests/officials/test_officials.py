"""Officials are invited, given roles, delegated to, closed; everything is in the audit, nothing goes beyond a right."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot import officials, rights, sessions
from bot.errors import LoaThonError
from bot.library import Library
from bot.model.official import Official, OfficialState
from bot.officials import (
    LastAdministratorError,
    LoginTakenError,
    NoDocumentError,
    OwnAccountError,
    WrongDatesError,
    WrongLoginError,
    WrongNameError,
    WrongRoleError,
    WrongTopicError,
    WrongUnitError,
)
from bot.rights import NotAllowedError
from bot.sessions import DeadLinkError, Door
from bot.store import Store, audit
from tests.harness.clock import Hands
from tests.harness.officials import ON, lent, made, role

WHERE = {"address": "203.0.113.7", "agent": "Firefox"}
PASSWORD = "lúa chín đầu đồng"


async def again(store: Store, library: Library, official: Official) -> Official:
    async with store.read() as tx:
        found = await officials.load(tx, official.id, library, ON)
    assert found is not None
    return found


async def told(store: Store) -> list[str]:
    async with store.read() as tx:
        return [line.what for line in reversed(await audit.page(tx, limit=100))]


async def test_an_invited_official_chooses_a_password_once(store: Store, library: Library, hands: Hands) -> None:
    door = Door(store)
    async with store.write() as tx:
        link = await officials.invite(
            tx, None, library, login="Chu.Tich", name="  Nguyễn   Văn A ", assignments=[role("lanh-dao")], at=hands.at
        )
    assert link.address("https://xa.vn") == f"https://xa.vn/ban/moi/{link.token}"
    assert await door.link_purpose(link.token, at=hands.at) == "invite"
    entrance = await door.choose_password(link.token, PASSWORD, at=hands.at, **WHERE)
    assert not entrance.needs_code
    with pytest.raises(DeadLinkError):
        await door.choose_password(link.token, PASSWORD, at=hands.at, **WHERE)
    async with store.read() as tx:
        found = await officials.by_login(tx, "chu.tich", library, ON)
    assert (found.name, found.state) == ("Nguyễn Văn A", OfficialState.ACTIVE)
    assert rights.may(found, "entry-sign", unit="xa-tu-ky")
    assert await told(store) == ["official-invited", "signed-in", "password-invite"]


async def test_a_link_runs_out_and_a_new_one_ends_the_old(store: Store, library: Library, hands: Hands) -> None:
    door = Door(store)
    async with store.write() as tx:
        first = await officials.invite(
            tx, None, library, login="can-bo", name="B", assignments=[role("can-bo-xu-ly")], at=hands.at
        )
        target = await officials.by_login(tx, "can-bo", library, ON)
        second = await officials.new_link(tx, None, target, at=hands.at)
    with pytest.raises(DeadLinkError):
        await door.link_purpose(first.token, at=hands.at)
    hands.move(days=7, seconds=1)
    with pytest.raises(DeadLinkError):
        await door.link_purpose(second.token, at=hands.at)


async def test_the_first_administrator_comes_by_the_set_up_link(store: Store, library: Library, hands: Hands) -> None:
    door = Door(store)
    async with store.write() as tx:
        old = await officials.setup_link(tx, on=ON, at=hands.at)
        link = await officials.setup_link(tx, on=ON, at=hands.at)
    assert old is not None
    assert link is not None
    told_ = {"login": "admin", "name": "Quản trị", "password": PASSWORD, "on": ON, "at": hands.at, **WHERE}
    with pytest.raises(DeadLinkError):
        await door.set_up(old.token, **told_)  # type: ignore[arg-type]
    await door.set_up(link.token, **told_)  # type: ignore[arg-type]
    with pytest.raises(DeadLinkError):
        await door.set_up(link.token, **{**told_, "login": "second"})  # type: ignore[arg-type]
    async with store.write() as tx:
        assert await officials.setup_link(tx, on=ON, at=hands.at) is None
        first = await officials.by_login(tx, "admin", library, ON)
    assert rights.may(first, "officials", unit="")
    with pytest.raises(LastAdministratorError):
        async with store.write() as tx:
            await officials.disable(tx, None, first, on=ON, at=hands.at)
    assert (await again(store, library, first)).state is OfficialState.ACTIVE
    with pytest.raises(LastAdministratorError):
        async with store.write() as tx:
            await officials.end_assignment(tx, None, first, first.assignments[0].id, on=ON, at=hands.at)


async def test_nobody_changes_their_own_account(store: Store, library: Library, hands: Hands) -> None:
    admin = await made(store, library, hands, "admin", role("quan-tri", ""))
    async with store.write() as tx:
        for act in (
            officials.assign(tx, admin, admin, role("lanh-dao"), library, at=hands.at),
            officials.disable(tx, admin, admin, on=ON, at=hands.at),
            officials.delegate(tx, admin, admin, lent(), library, at=hands.at),
            officials.new_link(tx, admin, admin, at=hands.at),
        ):
            with pytest.raises(OwnAccountError):
                await act


async def test_an_administrator_of_one_commune_stays_within_it(store: Store, library: Library, hands: Hands) -> None:
    here = await made(store, library, hands, "admin", role("quan-tri"))
    over = await made(store, library, hands, "tren", role("quan-tri", ""))
    neighbour = await made(store, library, hands, "ben", role("can-bo-xu-ly", "xa-dak-doa"))
    mine = await made(store, library, hands, "minh", role("can-bo-xu-ly"))
    before = await told(store)
    async with store.write() as tx:
        assert {one.login for one in await officials.visible_to(tx, here, library, ON)} == {"admin", "minh"}
        invited = {"login": "moi", "name": "M", "at": hands.at}
        for act in (
            officials.assign(tx, here, mine, role("lanh-dao", "xa-dak-doa"), library, at=hands.at),
            officials.assign(tx, here, mine, role("quan-tri", ""), library, at=hands.at),
            officials.invite(tx, here, library, assignments=[role("quan-tri", "")], **invited),  # type: ignore[arg-type]
            officials.invite(tx, here, library, assignments=[], **invited),  # type: ignore[arg-type]
            officials.disable(tx, here, over, on=ON, at=hands.at),
            officials.disable(tx, here, neighbour, on=ON, at=hands.at),
            officials.new_link(tx, here, over, at=hands.at),
            officials.end_assignment(tx, here, mine, neighbour.assignments[0].id, on=ON, at=hands.at),
        ):
            with pytest.raises(NotAllowedError):
                await act
    assert await told(store) == before
    async with store.write() as tx:
        await officials.assign(tx, here, mine, role("phat-thanh-vien"), library, at=hands.at)


@pytest.mark.parametrize("name", [name for name in rights.roles() if name != "quan-tri"])
async def test_only_administrators_touch_accounts(
    sqlite_store: Store, library: Library, hands: Hands, name: str
) -> None:
    who = await made(sqlite_store, library, hands, "ai-do", role(name))
    other = await made(sqlite_store, library, hands, "khac", role("nguoi-xem"))
    async with sqlite_store.write() as tx:
        assert await officials.visible_to(tx, who, library, ON) == []
        with pytest.raises(NotAllowedError):
            await officials.disable(tx, who, other, on=ON, at=hands.at)
        with pytest.raises(NotAllowedError):
            await officials.enable(tx, who, other, at=hands.at)


async def test_a_delegation_is_recorded_and_ends(store: Store, library: Library, hands: Hands) -> None:
    admin = await made(store, library, hands, "admin", role("quan-tri"))
    deputy = await made(store, library, hands, "pho", role("lanh-dao", is_chair=False))
    assert not rights.may(deputy, "entry-sign", unit="xa-tu-ky")
    async with store.write() as tx:
        await officials.delegate(tx, admin, deputy, lent(until=ON + timedelta(30)), library, at=hands.at)
    deputy = await again(store, library, deputy)
    assert rights.may(deputy, "entry-sign", unit="xa-tu-ky", topic="bhyt")
    async with store.write() as tx:
        await officials.end_delegation(tx, admin, deputy, deputy.delegations[0].id, at=hands.at)
    assert not rights.may(await again(store, library, deputy), "entry-sign", unit="xa-tu-ky")
    assert (await told(store))[-2:] == ["delegated", "delegation-ended"]


async def test_a_closed_account_is_out_at_once(store: Store, library: Library, hands: Hands) -> None:
    door = Door(store)
    async with store.write() as tx:
        link = await officials.invite(
            tx, None, library, login="can-bo", name="B", assignments=[role("can-bo-xu-ly")], at=hands.at
        )
    entrance = await door.choose_password(link.token, PASSWORD, at=hands.at, **WHERE)
    async with store.write() as tx:
        who = await officials.by_login(tx, "can-bo", library, ON)
        reset = await officials.new_link(tx, None, who, at=hands.at)
        await officials.disable(tx, None, who, on=ON, at=hands.at)
    assert await sessions.find(store, entrance.token, library, on=ON, at=hands.at) is None
    with pytest.raises(DeadLinkError):
        await door.choose_password(reset.token, PASSWORD, at=hands.at, **WHERE)
    who = await again(store, library, who)
    assert who.reach == {}
    async with store.write() as tx:
        with pytest.raises(NotAllowedError):
            await officials.new_link(tx, None, who, at=hands.at)
        await officials.enable(tx, None, who, at=hands.at)
    assert (await again(store, library, who)).state is OfficialState.INVITED


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"login": "ab"}, WrongLoginError),
        ({"login": "có dấu"}, WrongLoginError),
        ({"login": "x" * 41}, WrongLoginError),
        ({"name": " "}, WrongNameError),
        ({"name": "a\u202eb"}, WrongNameError),
        ({"name": "x" * 81}, WrongNameError),
        ({"assignments": [role("vua")]}, WrongRoleError),
        ({"assignments": [role("lanh-dao", "xa-khong-co")]}, WrongUnitError),
        ({"assignments": [role("lanh-dao", "xa-tu-ky", "khong-co")]}, WrongTopicError),
        ({"login": "da-co"}, LoginTakenError),
    ],
)
async def test_what_is_wrong_is_told_and_nothing_written(
    sqlite_store: Store, library: Library, hands: Hands, changed: dict[str, object], error: type[LoaThonError]
) -> None:
    await made(sqlite_store, library, hands, "da-co", role("nguoi-xem"))
    before = await told(sqlite_store)
    given = {"login": "moi", "name": "Mới", "assignments": [role("nguoi-xem")], "at": hands.at} | changed
    with pytest.raises(error) as wrong:
        async with sqlite_store.write() as tx:
            await officials.invite(tx, None, library, **given)  # type: ignore[arg-type]
    assert "{" not in str(wrong.value)
    assert await told(sqlite_store) == before


async def test_a_delegation_needs_its_document_and_days(sqlite_store: Store, library: Library, hands: Hands) -> None:
    deputy = await made(sqlite_store, library, hands, "pho", role("lanh-dao", is_chair=False))
    async with sqlite_store.write() as tx:
        with pytest.raises(NoDocumentError):
            await officials.delegate(tx, None, deputy, replace(lent(), document=" "), library, at=hands.at)
        with pytest.raises(WrongDatesError):
            await officials.delegate(tx, None, deputy, lent(until=ON - timedelta(1)), library, at=hands.at)
