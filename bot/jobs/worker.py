"""`Worker`: claims jobs that are due, runs them, tries them again. One a process is enough."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from bot.clock import Clock
from bot.errors import traced
from bot.store import Store, UnavailableError, bell, jobs
from bot.store.jobs import Job

#: a job not done by then is taken to be lost with its worker
CLAIM_FOR = timedelta(minutes=10)
#: a job that failed so often is given up: 10 s, 20 s, 40 s … in all more than a day
ATTEMPTS_MAX = 14
RETRY_FIRST_S, RETRY_MOST_S = 10.0, 4 * 3600.0

#: runs one job; its arguments are the row's
Run = Callable[[Mapping[str, Any]], Awaitable[object]]

log = logging.getLogger(__name__)


class GiveUpError(Exception):
    """Trying this job again is no use."""


class WaitError(Exception):
    """Something else has to be done first: tried again later, and nothing is wrong."""


@dataclass(frozen=True, slots=True)
class Periodic:
    """A job that comes again."""

    run: Run
    every: timedelta


@dataclass(slots=True)
class Worker:
    """Runs `kinds` when they are due and `periodic` for ever."""

    store: Store
    clock: Clock
    kinds: Mapping[str, Run]
    periodic: Mapping[str, Periodic] = field(default_factory=dict)
    #: kinds that do not wait behind others however long those have been due
    first: Sequence[str] = ()
    #: SQLite: no other worker can be alive, so what a dead one was running is free at once
    takes_over: bool = False
    _stopping: bool = False
    _ear: bell.Ear | None = None

    def stop(self) -> None:
        """Claim no more; `run` ends after the job under way."""
        self._stopping = True
        if self._ear:
            self._ear.ring()

    async def run(self) -> None:
        """Work until stopped."""
        async with self.store.bell.ear(bell.JOBS) as self._ear:
            is_set_up = False
            while not self._stopping:
                try:
                    if not is_set_up:
                        await self._set_up()
                        is_set_up = True
                    if not await self.step():
                        await self._ear.heard(await self._wait_s())
                except UnavailableError as error:
                    log.warning("jobs wait for the database: %s", error)
                    await self._ear.heard()

    async def _set_up(self) -> None:
        async with self.store.write() as tx:
            for kind in self.periodic:
                await jobs.add(tx, kind, [({}, f"periodic:{kind}")], self.clock.true())
            if self.takes_over:
                await jobs.release(tx, [*self.kinds, *self.periodic])

    async def _wait_s(self) -> float:
        async with self.store.read() as tx:
            due = await jobs.next_due(tx, [*self.kinds, *self.periodic])
        left = bell.POLL_S if due is None else (due - self.clock.true()).total_seconds()
        return min(bell.POLL_S, max(left, 0.0))

    async def step(self) -> bool:
        """Run one job that is due; whether there was one."""
        at = self.clock.true()
        async with self.store.write() as tx:
            claimed = await jobs.claim(tx, [*self.kinds, *self.periodic], at, at + CLAIM_FOR, first=self.first)
        for job in claimed:
            await self._run(job)
        return bool(claimed)

    async def _run(self, job: Job) -> None:
        periodic = self.periodic.get(job.kind)
        run = periodic.run if periodic else self.kinds[job.kind]
        error = ""
        try:
            async with asyncio.timeout(CLAIM_FOR.total_seconds() / 2):
                await run(job.args)
        except GiveUpError as wrong:
            error = str(wrong)
            job = Job(job.id, job.kind, job.args, ATTEMPTS_MAX)
        except WaitError as wrong:
            error = traced(wrong)
            log.info("job %d, %s, waits", job.id, job.kind)
        except Exception as wrong:  # noqa: BLE001 - one job's fault must not stop the others; it is kept with the row
            error = traced(wrong)
            log.error("job %d, %s: %s", job.id, job.kind, error)  # noqa: TRY400 - a traceback may quote a person
        async with self.store.write() as tx:
            at = self.clock.true()
            if periodic:
                await jobs.again(tx, job.id, at + periodic.every, error)
            elif not error:
                await jobs.done(tx, job.id)
            elif job.attempts >= ATTEMPTS_MAX:
                await jobs.fail(tx, job.id, error)
            else:
                wait_s = min(RETRY_MOST_S, RETRY_FIRST_S * 2 ** (job.attempts - 1))
                await jobs.again(tx, job.id, at + timedelta(seconds=wait_s), error)
