"""Sessions and outbound messages as JSON and back; what a newer or older release wrote is read as far as known."""

from __future__ import annotations

from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from bot.model.inbound import Attachment, Inbound
from bot.model.outbound import Button, Outbound, OutMedia, OutMediaKind
from bot.model.session import Run, Session

_SESSION = {f.name for f in fields(Session)}


def session_out(session: Session) -> dict[str, Any]:
    """Only what differs from a new session: most are small."""
    empty = Session()
    kept = {name: getattr(session, name) for name in _SESSION if getattr(session, name) != getattr(empty, name)}
    if "run" in kept:
        kept["run"] = {"flow": session.run.flow, "revision": session.run.revision, "answers": session.run.answers} if (
            session.run
        ) else None
    if "wrong_tries" in kept:
        kept["wrong_tries"] = [moment.isoformat() for moment in session.wrong_tries]
    return dict(sorted(kept.items()))


def session_in(stored: dict[str, Any]) -> Session:
    """The session; fields this code does not know are dropped."""
    known = {name: value for name, value in stored.items() if name in _SESSION}
    if known.get("run"):
        run = known["run"]
        known["run"] = Run(run["flow"], run["revision"], tuple((node, value) for node, value in run["answers"]))
    if "offered" in known:
        known["offered"] = tuple(known["offered"])
    if "wrong_tries" in known:
        known["wrong_tries"] = tuple(datetime.fromisoformat(moment) for moment in known["wrong_tries"])
    return Session(**known)


def outbound_out(outbound: Outbound) -> dict[str, Any]:
    """A message as JSON, defaults left out."""
    body: dict[str, Any] = {"text": outbound.text}
    for name in ("heading", "said", "entry"):
        if value := getattr(outbound, name):
            body[name] = value
    if outbound.rows:
        body["rows"] = [[[b.label, b.press, b.url] for b in row] for row in outbound.rows]
    if outbound.media:
        body["media"] = asdict(outbound.media)
    return body


def outbound_in(body: dict[str, Any]) -> Outbound:
    """The message."""
    media = body.get("media")
    return Outbound(
        text=body["text"],
        heading=body.get("heading", ""),
        rows=tuple(tuple(Button(*button) for button in row) for row in body.get("rows", ())),
        media=OutMedia(**{**media, "kind": OutMediaKind(media["kind"])}) if media else None,
        said=body.get("said", ""),
        entry=body.get("entry", ""),
    )


def attachment_out(attachment: Attachment) -> dict[str, Any]:
    """An attachment as JSON."""
    return {**asdict(attachment), "kind": attachment.kind.value}


def inbound_out(inbound: Inbound) -> dict[str, Any]:
    """An inbound as JSON, for quarantine: enough to play it again."""
    return {
        "key": asdict(inbound.key),
        "external_id": inbound.external_id,
        "kind": inbound.kind.value,
        "received_at": inbound.received_at.isoformat(),
        "seed": inbound.seed.hex(),
        "text": inbound.text,
        "press": inbound.press,
        "start": inbound.start,
        "what": inbound.what,
        "attachments": [attachment_out(a) for a in inbound.attachments],
        "is_group": inbound.is_group,
        "message_id": inbound.message_id,
    }
