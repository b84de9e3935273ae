"""`/metrics`: figures of the house in Prometheus' text format 0.0.4. Counts and ages only, nothing of any person."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping

from bot.clock import Clock
from bot.library import Library
from bot.model.channel_state import ChannelState
from bot.store import Store, Tx, UnavailableError, broadcasts, inbox, jobs, outbox, waiting

#: what the format asks the answer to be called
MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
#: every state that is counted, so that a curve falls to 0 rather than ends
STATES = ("queued", "sending", "failed", "gone", "unknown")

_Samples = Iterable[tuple[Mapping[str, str], float]]


async def exposition(
    store: Store, library: Library, standing: Callable[[Tx], Awaitable[Iterable[ChannelState]]], clock: Clock
) -> str:
    """The text. `standing` tells how the channels are doing, told also when nothing waits."""
    text = _gauge("content_entries", "Entries of the library that serves.", [({}, sum(1 for _ in library.entries()))])
    try:
        async with store.read() as tx:
            states = await outbox.states(tx)
            to_send = await broadcasts.waiting(tx)
            oldest = await waiting.oldest_replies(tx)
            failed = len(await jobs.failed(tx))
            put_aside = await inbox.count_set_aside(tx)
            channels = {(one.name, one.account): one.is_up for one in await standing(tx)}
    except UnavailableError:
        return text + _gauge("store_up", "Whether the database answers.", [({}, 0)])
    now = clock.true()
    ages = dict.fromkeys(channels, 0.0)
    ages |= {account: max(0.0, (now - written).total_seconds()) for account, written in oldest.items()}
    return text + "".join(
        (
            _gauge("store_up", "Whether the database answers.", [({}, 1)]),
            _gauge(
                "outbox_messages",
                "Messages not sent, by state.",
                [({"state": name}, states.get(name, 0)) for name in STATES],
            ),
            _gauge(
                "broadcast_recipients",
                "Recipients of broadcasts under way, by state.",
                [({"state": name}, count) for name, count in to_send.items()],
            ),
            _gauge(
                "channel_up",
                "Whether a channel receives and sends, whichever process has it.",
                [({"channel": channel, "account": account}, is_up) for (channel, account), is_up in channels.items()],
            ),
            _gauge(
                "reply_waiting_seconds",
                "Age of the oldest reply still to be sent.",
                [({"channel": channel, "account": account}, age) for (channel, account), age in ages.items()],
            ),
            _gauge("jobs_failed", "Jobs given up.", [({}, failed)]),
            _gauge("updates_put_aside", "Incoming messages the machine could not read.", [({}, put_aside)]),
        )
    )


def _gauge(name: str, help_text: str, samples: _Samples) -> str:
    full = f"loathon_{name}"
    lines = [f"# HELP {full} {help_text}", f"# TYPE {full} gauge"]
    lines += [f"{full}{_labels(labels)} {value:.15g}" for labels, value in samples]
    return "\n".join(lines) + "\n"


def _labels(labels: Mapping[str, str]) -> str:
    told = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items())
    return f"{{{told}}}" if told else ""


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
