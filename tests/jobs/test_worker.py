"""Jobs: run when due, tried again, given up; files fetched; old things forgotten."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.errors import say
from bot.jobs.attachments import FileGoneError, fetch
from bot.jobs.checkpoint import keep_log_short
from bot.jobs.retention import forget_old
from bot.jobs.worker import ATTEMPTS_MAX, CLAIM_FOR, GiveUpError, Periodic, Worker
from bot.model.case import CaseKind
from bot.model.codes import new_code
from bot.model.events import CaseOpened, Turn
from bot.model.inbound import Attachment, MediaKind
from bot.model.session import Session
from bot.store import Store, attachments, conversations, inbox, jobs, outbox
from bot.work import Work
from tests.harness.clock import Hands
from tests.harness.talk import key, types


class Kept:
    """Runs jobs by raising what it is told."""

    def __init__(self, *faults: Exception | None) -> None:
        self.faults = list(faults)
        self.ran: list[Mapping[str, Any]] = []

    async def __call__(self, args: Mapping[str, Any]) -> None:
        self.ran.append(args)
        if self.faults and (fault := self.faults.pop(0)):
            raise fault


async def add(store: Store, hands: Hands, *args: dict[str, Any], kind: str = "k") -> None:
    async with store.write() as tx:
        await jobs.add(tx, kind, [(one, None) for one in args], hands.at)


async def test_jobs_run_once_in_order(store: Store, hands: Hands) -> None:
    await add(store, hands, {"n": 1}, {"n": 2})
    run = Kept()
    worker = Worker(store, hands.clock, {"k": run})
    assert [await worker.step() for _ in range(3)] == [True, True, False]
    assert run.ran == [{"n": 1}, {"n": 2}]


async def test_a_failed_job_is_tried_again_later_then_given_up(
    store: Store, hands: Hands, caplog: pytest.LogCaptureFixture
) -> None:
    await add(store, hands, {"text": "chuyện nhà tôi"})
    run = Kept(*[OSError("chuyện nhà tôi")] * 99)
    worker = Worker(store, hands.clock, {"k": run})
    assert await worker.step()
    assert not await worker.step(), "not before its time"
    for _ in range(ATTEMPTS_MAX - 1):
        hands.move(hours=5)
        assert await worker.step()
    hands.move(days=9)
    assert not await worker.step()
    async with store.read() as tx:
        ((kind, error),) = await jobs.failed(tx)
    assert (kind, error.partition(" at ")[0]) == ("k", "OSError")
    assert "jobs/worker.py:" in error
    # what the failure says may be a household's words
    assert "chuyện" not in error + caplog.text
    assert error in caplog.text


async def test_a_job_may_give_up_at_once(store: Store, hands: Hands) -> None:
    await add(store, hands, {})
    assert await Worker(store, hands.clock, {"k": Kept(GiveUpError("no use"))}).step()
    async with store.read() as tx:
        assert await jobs.failed(tx) == [("k", "no use")]


async def test_what_somebody_waits_for_is_run_before_what_was_due_longer(store: Store, hands: Hands) -> None:
    await add(store, hands, {"n": 1}, {"n": 2}, kind="ahead")
    hands.move(hours=1)
    await add(store, hands, {"n": 3}, kind="asked")
    run = Kept()
    worker = Worker(store, hands.clock, {"ahead": run, "asked": run}, first=("asked",))
    while await worker.step():
        pass
    assert run.ran == [{"n": 3}, {"n": 1}, {"n": 2}]


async def test_a_key_waits_once(store: Store, hands: Hands) -> None:
    async with store.write() as tx:
        await jobs.add(tx, "k", [({"n": 1}, "same"), ({"n": 2}, "same")], hands.at)
        await jobs.add(tx, "k", [({"n": 3}, "same")], hands.at)
        assert [job.args for job in await jobs.claim(tx, ["k"], hands.at, hands.at, limit=9)] == [{"n": 1}]


async def test_a_dead_workers_job_is_taken_again(store: Store, hands: Hands) -> None:
    await add(store, hands, {})
    async with store.write() as tx:
        assert await jobs.claim(tx, ["k"], hands.at, hands.at + CLAIM_FOR)
    run = Kept()
    assert not await Worker(store, hands.clock, {"k": run}).step()
    hands.move(seconds=CLAIM_FOR.total_seconds())
    assert await Worker(store, hands.clock, {"k": run}).step()


async def test_periodic_jobs_come_again_and_a_stop_is_heard(store: Store, hands: Hands) -> None:
    ran = asyncio.Event()

    async def tick(_args: Mapping[str, Any]) -> None:
        ran.set()

    worker = Worker(store, hands.clock, {}, {"tick": Periodic(tick, timedelta(hours=1))}, takes_over=True)
    task = asyncio.create_task(worker.run())
    async with asyncio.timeout(10):
        await ran.wait()
        ran.clear()
        worker.stop()
        await task
    hands.move(minutes=59)
    assert not await worker.step()
    hands.move(minutes=1)
    assert await worker.step()
    assert ran.is_set()


async def open_case(store: Store, hands: Hands, channel: str, file: Attachment) -> int:
    opened = CaseOpened(new_code(b"x"), CaseKind.FEEDBACK, "xa-a", "Đường hỏng", attachments=(file,))
    inbound = types("…", channel=channel)
    async with store.write() as tx:
        found = (await conversations.load(tx, [inbound.key], hands.at))[inbound.key]
        work = Work(tx, now=hands.at, at=hands.at)
        work.took(found, inbound, Turn(Session(), (opened,)))
        await work.write()
        (job,) = await jobs.claim(tx, [attachments.FETCH], hands.at, hands.at)
    return int(job.args["attachment"])


async def told(store: Store, channel: str = "telegram") -> list[str]:
    async with store.read() as tx:
        return [x.outbound.text for x in await outbox.mailbox(tx, key("7", channel))]


async def test_a_file_is_fetched_and_kept(store: Store, hands: Hands) -> None:
    number = await open_case(store, hands, "telegram", Attachment(MediaKind.FILE, "file-1", "don.pdf", "text/html"))

    async def give(file: Attachment) -> bytes:
        assert file.ref == "file-1"
        return b"%PDF-1.7 don"

    await fetch(store, hands.clock, {("telegram", "42"): give}, number)
    await fetch(store, hands.clock, {}, number)
    async with store.read() as tx:
        ((state, sha256, mime, name),) = await attachments.of_case(tx, 1)
    assert (state, mime, name) == ("kept", "application/pdf", "don.pdf")
    assert await store.blobs.get(sha256 or "") == b"%PDF-1.7 don"
    assert await told(store) == []


@pytest.mark.parametrize(
    ("data", "state", "key_"), [(None, "gone", "runner.file_gone"), (b"", "refused", "files.empty")]
)
async def test_a_file_that_cannot_be_kept_is_told(
    store: Store, hands: Hands, data: bytes | None, state: str, key_: str
) -> None:
    number = await open_case(store, hands, "telegram", Attachment(MediaKind.FILE, "file-1"))

    async def give(_file: Attachment) -> bytes:
        if data is None:
            raise FileGoneError
        return data

    await fetch(store, hands.clock, {("telegram", "42"): give}, number)
    async with store.read() as tx:
        assert [row[0] for row in await attachments.of_case(tx, 1)] == [state]
    assert await told(store) == [say(key_)]


async def test_an_upload_is_already_here(store: Store, hands: Hands) -> None:
    sha256 = await store.blobs.put(b"OggS giong noi")
    number = await open_case(store, hands, "web", Attachment(MediaKind.VOICE, sha256, mime="audio/ogg"))
    await fetch(store, hands.clock, {}, number)
    async with store.read() as tx:
        assert await attachments.of_case(tx, 1) == [("kept", sha256, "audio/ogg", "")]


async def test_a_forged_upload_is_no_file(store: Store, hands: Hands) -> None:
    number = await open_case(store, hands, "web", Attachment(MediaKind.FILE, "../../etc/passwd"))
    await fetch(store, hands.clock, {}, number)
    async with store.read() as tx:
        assert [row[0] for row in await attachments.of_case(tx, 1)] == ["gone"]


async def test_old_things_are_forgotten(store: Store, hands: Hands) -> None:
    inbounds = [types("a", 1, "7"), types("b", 1, "8")]
    told_facts = Session(facts={"loai-ho": "ngheo"}, asked="riêng", greeted=True, unit="xa-a")
    async with store.write() as tx:
        await inbox.unseen(tx, inbounds, hands.at)
        found = await conversations.load(tx, [i.key for i in inbounds], hands.at)
        keeps = replace(told_facts, consents={"luu-ho-so": "v1"})
        sessions = [(found[key("7")].id, told_facts), (found[key("8")].id, keeps)]
        await conversations.save(tx, sessions, hands.at)
    assert not any((await forget_old(store, hands.at)).values())
    hands.move(hours=25)
    assert (await forget_old(store, hands.at))["sessions"] == 2
    async with store.read() as tx:
        seven, eight = await conversations.find(tx, key("7")), await conversations.find(tx, key("8"))
    assert seven is not None
    assert eight is not None
    assert seven.session == Session(greeted=True, unit="xa-a")
    assert eight.session == replace(keeps, asked=""), "words not sent go, what was agreed to stays"
    assert (await forget_old(store, hands.at))["sessions"] == 0
    hands.move(days=60)
    assert (await forget_old(store, hands.at))["seen"] == 2


async def test_the_log_is_emptied_at_the_end(sqlite_store: Store, hands: Hands) -> None:
    await add(sqlite_store, hands, {})
    stopping = asyncio.Event()
    task = asyncio.create_task(keep_log_short(sqlite_store, stopping))
    stopping.set()
    await task
    (log,) = sqlite_store.blobs.folder.parent.glob("*.db-wal")
    assert log.stat().st_size == 0
