"""The public page on which anybody checks a receipt."""

from __future__ import annotations

from sqlalchemy import text

from bot.casework.receipt import short
from bot.store import cases
from desk.public import receipts
from tests.casework.conftest import Desk
from tests.desk.office.conftest import Client
from tests.harness.clock import Hands
from tests.harness.site import Running

PAGE = "/bien-nhan"


async def brought(place: Running, hands: Hands) -> tuple[str, str]:
    """A case's code and the receipt of its first step."""
    code = await Desk(place.house.store, hands).brings("Đèn đường hỏng")
    async with place.house.store.read() as tx:
        return code, short((await cases.by_codes(tx, [code]))[code].case.head)


async def test_receipt_holds_until_the_history_was_changed(place: Running, client: Client, hands: Hands) -> None:
    code, receipt = await brought(place, hands)
    shown = await client.get(PAGE)
    assert shown.status == 200
    assert "set-cookie" not in shown.headers
    held = await client.post(PAGE, {"ma": f"{code[:3]} {code[3:]}", "so": receipt.upper()})
    assert (held.status, "Khớp." in held.text) == (200, True)
    assert held.headers["cache-control"] == "no-store"
    assert "Đèn đường" not in held.text
    other = await client.post(PAGE, {"ma": code, "so": receipt.replace(receipt[0], "0" if receipt[0] != "0" else "1")})
    assert (other.status, "Chưa khớp." in other.text) == (400, True)
    async with place.house.store.write() as tx:
        await tx.connection.execute(
            text('update case_history set payload = \'{"text":"Đèn còn tốt"}\' where case_id = 1')
        )
    assert (await client.post(PAGE, {"ma": code, "so": receipt})).status == 400


async def test_guessing_ends_after_some_tries(place: Running, client: Client, hands: Hands, monkeypatch) -> None:
    monkeypatch.setattr(receipts, "WRONG_MAX", 3)
    code, receipt = await brought(place, hands)
    for given in ({}, {"ma": code}, {"ma": "1" * 5000, "so": "x"}):
        assert (await client.post(PAGE, given)).status == 400
    assert (await client.post(PAGE, {"ma": code, "so": receipt})).status == 429
    hands.move(hours=2)
    assert (await client.post(PAGE, {"ma": code, "so": receipt})).status == 200
