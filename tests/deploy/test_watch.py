"""The figures of the house, and what watches them."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import cast

import pytest

from bot.library import Library
from bot.metrics import exposition
from bot.model.channel_state import ChannelState
from bot.model.outbound import Outbound
from bot.store import Store, Tx, UnavailableError, conversations, inbox, outbox
from bot.store.outbox import Draft
from tests.harness.clock import Hands
from tests.harness.talk import key

ROOT = Path(__file__).resolve().parents[2]
WATCH = ROOT / "deploy" / "watch"
UP = ChannelState("telegram", "42", "ok", "channel.ok")
NAME = re.compile(r"\bloathon_[a-z_]+")


@pytest.fixture(scope="module")
def library() -> Library:
    return Library.load(ROOT / "content")


def told(text: str) -> dict[str, float]:
    """Sample -> value."""
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


def standing(*states: ChannelState) -> Callable[[Tx], Awaitable[Sequence[ChannelState]]]:
    """Channels that do as told."""

    async def told(_tx: Tx) -> Sequence[ChannelState]:
        return states

    return told


async def put(store: Store, hands: Hands, text: str, *, is_reply: bool = True, state: str = "queued") -> None:
    async with store.write() as tx:
        found = (await conversations.load(tx, [key("7")], hands.at))[key("7")]
        draft = Draft(found.id, found.key, Outbound(text), is_reply=is_reply, state=state)
        await outbox.add(tx, [draft], hands.at)


async def test_the_oldest_reply_counts_and_nothing_personal_is_told(
    store: Store, library: Library, hands: Hands, program: Callable[[str], str]
) -> None:
    odd = ChannelState("telegram", 'odd"\\\n', "refused", "channel.wrong_token")
    states = standing(UP, odd)
    waiting = 'loathon_reply_waiting_seconds{channel="telegram",account="42"}'
    assert told(await exposition(store, library, states, hands.clock))[waiting] == 0
    await put(store, hands, "sent already", state="sent")
    hands.move(hours=1)
    await put(store, hands, "bulk of tomorrow", is_reply=False)
    hands.move(hours=1)
    await put(store, hands, "secret of Mrs Lan")
    hands.move(minutes=11)
    await put(store, hands, "later")
    async with store.write() as tx:
        await inbox.put_aside(tx, key("7"), "odd update", "why", hands.at)
    text = await exposition(store, library, states, hands.clock)
    found = told(text)
    assert found[waiting] == 11 * 60
    up = [value for name, value in found.items() if name.startswith("loathon_channel_up")]
    assert up == [1, 0], "one well, one refused"
    assert found['loathon_outbox_messages{state="queued"}'] == 3
    assert found['loathon_outbox_messages{state="failed"}'] == 0
    assert (found["loathon_store_up"], found["loathon_jobs_failed"], found["loathon_updates_put_aside"]) == (1, 0, 1)
    assert found["loathon_content_entries"] > 30
    assert not [word for word in ("Lan", "odd update", '"7"') if word in text]
    checked = await asyncio.to_thread(
        subprocess.run,
        [program("promtool"), "check", "metrics"],
        input=text.encode(),
        capture_output=True,
        check=False,
    )
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, b"")


class Gone:
    """A database out of reach."""

    def read(self) -> AbstractAsyncContextManager[None]:
        raise UnavailableError


async def test_a_database_out_of_reach_is_a_figure_too(library: Library, hands: Hands) -> None:
    found = told(await exposition(cast("Store", Gone()), library, standing(), hands.clock))
    assert found["loathon_store_up"] == 0


@pytest.mark.parametrize(
    "words",
    [("check", "config", "prometheus.yml"), ("check", "rules", "alerts.yml"), ("test", "rules", "alerts.test.yml")],
)
def test_prometheus_takes_its_files(program: Callable[[str], str], words: tuple[str, ...]) -> None:
    done = subprocess.run([program("promtool"), *words], capture_output=True, text=True, check=False, cwd=WATCH)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", ["alerts.yml", "dashboard.json"])
async def test_only_figures_that_exist_are_watched(
    sqlite_store: Store, library: Library, hands: Hands, name: str
) -> None:
    text = await exposition(sqlite_store, library, standing(UP), hands.clock)
    watched = set(NAME.findall((WATCH / name).read_text("utf-8")))
    assert watched
    assert watched <= set(NAME.findall(text))


def test_the_dashboard_lies_side_by_side() -> None:
    panels = json.loads((WATCH / "dashboard.json").read_text("utf-8"))["panels"]
    cells = [
        (x, y)
        for at in (panel["gridPos"] for panel in panels)
        for x in range(at["x"], at["x"] + at["w"])
        for y in range(at["y"], at["y"] + at["h"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24
    assert len({panel["id"] for panel in panels}) == len(panels)
