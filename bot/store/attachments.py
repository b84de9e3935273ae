"""Files of cases: told of, fetched, kept or lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update

from bot.model.inbound import Attachment, MediaKind
from bot.store.case_tables import case_attachments
from bot.store.store import Tx

#: kind of the job that fetches one file
FETCH = "fetch-attachment"

_F = case_attachments.c


@dataclass(frozen=True, slots=True)
class AttachmentRow:
    """One file as the database has it."""

    id: int
    conversation_id: int | None
    channel: str
    account: str
    kind: str
    ref: str
    name: str
    mime: str
    size_bytes: int | None
    state: str

    @property
    def attachment(self) -> Attachment:
        """As its channel knows it."""
        return Attachment(MediaKind(self.kind), self.ref, self.name, self.mime, self.size_bytes)


def job_key(attachment_id: int) -> str:
    """The key of the job that fetches it."""
    return f"{FETCH}:{attachment_id}"


async def add(tx: Tx, rows: Sequence[dict[str, Any]]) -> list[int]:
    """Files told of but not fetched yet; each row names the same columns."""
    return await tx.add_numbered(case_attachments, [{**row, "state": "waiting"} for row in rows])


async def get(tx: Tx, attachment_id: int) -> AttachmentRow | None:
    """That file, if it is known."""
    columns = (
        _F.id,
        _F.conversation_id,
        _F.channel,
        _F.account,
        _F.kind,
        _F.ref,
        _F.name,
        _F.mime,
        _F.size_bytes,
        _F.state,
    )
    row = await tx.one(select(*columns).where(_F.id == attachment_id))
    return AttachmentRow(*row) if row else None


async def keep(tx: Tx, attachment_id: int, *, sha256: str, mime: str, size_bytes: int) -> None:
    """It is here; the channel's handle is not needed any more."""
    where = (_F.id == attachment_id, _F.state == "waiting")
    kept = {"state": "kept", "ref": "", "sha256": sha256, "mime": mime, "size_bytes": size_bytes}
    await tx.run(update(case_attachments).where(*where).values(kept))


async def lose(tx: Tx, attachment_id: int, state: str) -> None:
    """It cannot be had (`gone`) or kept (`refused`)."""
    await tx.run(
        update(case_attachments).where(_F.id == attachment_id, _F.state == "waiting").values(state=state, ref="")
    )


async def names_of(tx: Tx, conversation_id: int) -> list[str]:
    """The names (or kinds) of files a conversation sent."""
    where = (_F.conversation_id == conversation_id, _F.state.in_(("waiting", "kept")))
    return [row.name or row.kind for row in await tx.rows(select(_F.name, _F.kind).where(*where).order_by(_F.id))]


async def of_case(tx: Tx, case_id: int) -> list[tuple[str, str | None, str, str]]:
    """(state, sha256, type, name) of a case's files, in order."""
    rows = await tx.rows(select(_F.state, _F.sha256, _F.mime, _F.name).where(_F.case_id == case_id).order_by(_F.id))
    return [tuple(row) for row in rows]
