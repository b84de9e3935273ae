"""Somebody who works on cases at the desk."""

from __future__ import annotations

import re

from tests.casework.conftest import Desk
from tests.desk.office.conftest import Client, add_official
from tests.harness.site import Running

INBOX = "/ban/ho-so"
ROAD = "Đường vào thôn Đông hỏng, mưa là lầy"


async def member(place: Running, desk: Desk, client: Client, login: str, *roles: str, **given: object) -> int:
    """An official, matched against every case and signed in."""
    number = await add_official(place, login, *roles, **given)  # type: ignore[arg-type]
    await desk.catch_up()
    await client.sign_in(login)
    return number


async def acts(client: Client, code: str, deed: str, **fields: str) -> object:
    """One form of the case's paper, with the steps it showed."""
    shown = await client.get(f"{INBOX}/{code}")
    steps = re.search(r'name="buoc" value="(\d+)"', shown.text)
    assert steps, shown.text[:3000]
    data = {"the": shown.token, "buoc": steps[1], **fields}
    return await client.post(f"{INBOX}/{code}/{deed}", data, follow=True)
