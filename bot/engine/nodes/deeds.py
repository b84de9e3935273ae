"""What finishing a form does. Each deed emits events and gives back slots for the text that tells the outcome."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from bot.engine import runs
from bot.engine.nodes import household, upper
from bot.engine.nodes.answers import hamlet_name
from bot.engine.scene import TIME_ZONE, Scene
from bot.library.schema.flow import Flow
from bot.model.broadcast import Often
from bot.model.case import CaseKind, CaseState, CaseView
from bot.model.codes import new_code, new_pin
from bot.model.events import (
    CaseAdded,
    CaseOpened,
    ConsentWithdrawn,
    ErasureAsked,
    ErasureCancelled,
    ProfileSaved,
    Subscribed,
    Unsubscribed,
)
from bot.model.inbound import Attachment, MediaKind
from bot.model.session import Run

#: time to change one's mind before everything goes
ERASURE_DELAY = timedelta(hours=24)
#: more words within this time belong to the same urgent case
SAME_MATTER = timedelta(hours=24)
#: a unit with 100,000 cases finds one of six random digits taken once in ten; four tries fail once in ten thousand
CODE_TRIES = 8

Slots = dict[str, object]


def spaced(code: str) -> str:
    """A code as it is read aloud: in groups, "521 5026"."""
    return f"{code[:3]} {code[3:]}" if len(code) > 4 else code


def free_code(scene: Scene) -> str:
    """A code nobody has, drawn from the turn's seed."""
    for attempt in range(CODE_TRIES):
        code = new_code(scene.inbound.seed, attempt)
        if scene.look("code-free", code):
            return code
    raise RuntimeError("no free case code found; the store's code space is full")


def urgent_case(scene: Scene) -> CaseView | None:
    """This conversation's open urgent case of the day: more words belong to it."""
    mine: tuple[CaseView, ...] = scene.look("my-cases")
    for case in mine:
        is_open = case.state not in {CaseState.ANSWERED, CaseState.CLOSED}
        if case.kind is CaseKind.URGENT and is_open and scene.now - case.opened_at < SAME_MATTER:
            return case
    return None


def _hamlet(scene: Scene, flow: Flow, kept: dict[str, Any]) -> str:
    """Where it happened. A form that asks for it and got no answer says nothing: the person's own hamlet would name them."""
    if any(node.keep == "noi-xay-ra" or ident == "noi-xay-ra" for ident, node in flow.nodes.items()):
        return hamlet_name(scene, str(kept.get("noi-xay-ra") or ""))
    return hamlet_name(scene, scene.session.hamlet)


def _confirmers(scene: Scene, entry: str, title: str) -> int:
    """How many households wait for the commune's word on this entry, this one included."""
    others = int(scene.look("entry-confirmers", entry, scene.session.unit))
    mine: tuple[CaseView, ...] = scene.look("my-cases")
    settled = {CaseState.ANSWERED, CaseState.CLOSED}
    asked = any(c.kind is CaseKind.CONFIRM_ENTRY and c.state not in settled and title in c.question for c in mine)
    return max(others, 1) if asked else others + 1


def open_case(scene: Scene, flow: Flow, run: Run) -> Slots:
    """Open the flow's kind of case with what was told."""
    kept = runs.values(flow, run)
    context = runs.context(run)
    unit, entry = scene.session.unit, context.get("entry", "")
    kind = CaseKind(flow.case or CaseKind.QUESTION)
    attachments, words = _told(kept)[1], words_of(flow, run)
    named = kept.get("ten") == "neu-ten"
    identity = {k: str(kept[k]) for k in ("ho-ten", "dien-thoai") if named and kept.get(k)}
    code, pin = free_code(scene), new_pin(scene.inbound.seed)
    found = scene.library.entry(entry) if scene.library.has(entry) else None
    count = _confirmers(scene, entry, found.title) if found and kind is CaseKind.CONFIRM_ENTRY else None
    to_keeper = upper.goes_to_keeper(scene, kind, words)
    seal_to = upper.sealed_to(scene, kind, kept, words, to_keeper=to_keeper)
    if seal_to:
        upper.forget(scene)
    scene.emit(
        CaseOpened(
            code=code,
            kind=kind,
            unit=unit,
            text=words or (found.title if found else ""),
            pin=pin,
            hamlet=_hamlet(scene, flow, kept),
            topic=getattr(found, "topic", None) or "",
            entry=entry,
            identity=identity,
            anonymous=not identity,
            about_role=str(kept.get("ve-ai") or ""),
            about_hamlet=str(kept.get("ve-ai-o-dau") or ""),
            # what is sealed outside is words; files would lie here unsealed
            attachments=() if seal_to else attachments,
            seal_to=seal_to,
            # who accuses is answered alone
            join=f"entry:{entry}:{unit}" if kind is CaseKind.CONFIRM_ENTRY and not to_keeper else "",
            to_keeper=to_keeper,
        )
    )
    told: Slots = {"code": spaced(code), "pin": pin, "raw-code": code}
    return told if count is None else {**told, "count": count}


def words_of(flow: Flow, run: Run) -> str:
    """What the person told so far; before that, what they asked when the form was opened."""
    return _told(runs.values(flow, run))[0] or runs.context(run).get("asked", "")


def _told(kept: dict[str, Any]) -> tuple[str, tuple[Attachment, ...]]:
    """The person's words and files. Short answers that only steer the form are not repeated in the text."""
    files = kept.get("tep") if isinstance(kept.get("tep"), dict) else {}
    texts = [str(kept[k]) for k in ("noi-dung", "them") if kept.get(k)]
    texts += [str(t) for t in (files or {}).get("texts", [])]
    attachments = tuple(
        Attachment(MediaKind(f["kind"]), f["ref"], f.get("name", ""), f.get("mime", ""), f.get("size"))
        for f in (files or {}).get("files", [])
    )
    return "\n".join(texts), attachments


def give_consent(_scene: Scene, _flow: Flow, _run: Run) -> Slots:
    """The consent itself was recorded when it was tapped."""
    return {}


def withdraw_consent(scene: Scene, _flow: Flow, _run: Run) -> Slots:
    """All consents go, and what rested on them is no longer used."""
    scene.emit(ConsentWithdrawn())
    scene.emit(Unsubscribed())
    scene.update(consents={}, facts={}, hamlet="")
    return {}


def subscribe(scene: Scene, flow: Flow, run: Run) -> Slots:
    """News on the picked topics besides those followed already, all as often as was chosen now."""
    kept = runs.values(flow, run)
    picked = kept.get("chu-de") if isinstance(kept.get("chu-de"), dict) else {}
    topics = tuple(t for t in (picked or {}).get("picked", ()) if t in scene.library.topics)
    if topics:
        often = Often(kept.get("bao-lau") or Often.AT_ONCE)
        scene.emit(Subscribed(topics, scene.session.unit, scene.session.hamlet, often.value))
    return {"count": len(topics)}


def unsubscribe(scene: Scene, _flow: Flow, _run: Run) -> Slots:
    """No more news."""
    scene.emit(Unsubscribed())
    return {}


def save_place(scene: Scene, flow: Flow, run: Run) -> Slots:
    """The hamlet, for this conversation; who is in danger is looked for there."""
    hamlet = runs.values(flow, run).get("thon")
    scene.update(hamlet=hamlet_name(scene, str(hamlet)) if hamlet else "")
    if scene.session.hamlet and (urgent := urgent_case(scene)) is not None:
        scene.emit(CaseAdded(urgent.code, scene.label("lives-at").format(place=scene.session.hamlet)))
    return {"hamlet": scene.session.hamlet or scene.label("none")}


def save_facts(scene: Scene, flow: Flow, run: Run) -> Slots:
    """Household facts; kept beyond the conversation only with the consent `luu-ho-so`."""
    facts = household.facts_of(scene, runs.values(flow, run))
    scene.update(facts={**scene.session.facts, **facts})
    if "luu-ho-so" in scene.session.consents:
        scene.emit(ProfileSaved(dict(scene.session.facts)))
    return {}


def show_data(scene: Scene, _flow: Flow, _run: Run) -> Slots:
    """Everything kept about this contact, in plain words."""
    lines = []
    for key, values in scene.look("my-data").items():
        name = scene.says.labels.get(f"data-{key}", key)
        shown = [_readable(scene, key, value) for value in values]
        lines.append(f"{name}: {', '.join(shown) if shown else scene.label('none')}")
    return {"data": "\n".join(lines) or scene.label("none")}


def _readable(scene: Scene, kind: str, value: str) -> str:
    """A kept value in plain words, where it is kept under an id of the content."""
    ident, mark, rest = value.partition(": ")
    if kind == "subscriptions" and value in scene.library.topics:
        return scene.library.topics[value].short
    if kind == "often":
        return scene.says.labels.get(f"often-{value}", value)
    if kind == "consents":
        purpose, space, given = value.partition(" ")
        return f"{scene.says.labels.get(f'purpose-{purpose}', purpose)}{space}{given}"
    if kind == "facts" and mark and (fact := scene.library.household.get(ident)):
        yes_no = {"True": scene.label("yes"), "False": scene.label("no")}
        return f"{fact.ask} {fact.options.get(rest) or yes_no.get(rest, rest)}"
    return value


def ask_erasure(scene: Scene, _flow: Flow, _run: Run) -> Slots:
    """Everything goes in 24 hours, unless the person changes their mind."""
    due = scene.now + ERASURE_DELAY
    scene.emit(ErasureAsked(due))
    return {"due": due.astimezone(TIME_ZONE).strftime("%H:%M %d/%m/%Y")}


def cancel_erasure(scene: Scene, _flow: Flow, _run: Run) -> Slots:
    """Nothing goes."""
    scene.emit(ErasureCancelled())
    return {}


DEEDS: dict[str, Callable[[Scene, Flow, Run], Slots]] = {
    "open-case": open_case,
    "give-consent": give_consent,
    "withdraw-consent": withdraw_consent,
    "subscribe": subscribe,
    "unsubscribe": unsubscribe,
    "save-place": save_place,
    "save-facts": save_facts,
    "show-data": show_data,
    "ask-erasure": ask_erasure,
    "cancel-erasure": cancel_erasure,
}
