"""The rules of a case: who sees what of it, and how often a code may be guessed."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.casework.receipt import short
from bot.model.case import CaseKind, CaseState, CaseView
from bot.store import Tx, cases, guesses
from bot.store.cases import Asking
from bot.store.conversations import Conversation
from bot.work.intake import OWN_WORDS, pin_hash

#: wrong codes one conversation may try, wrong PINs one case stands (from anywhere), and for how long they count. With
#: 10,000 PINs and 5 tries an hour, one in two is found after some 40 days of trying, which the audit shows long before.
WRONG_CODES_MAX = 10
WRONG_PINS_MAX = 5
WRONG_FOR = timedelta(hours=1)


async def by_code(
    tx: Tx, asked: Sequence[tuple[Conversation, str, str]], at: datetime
) -> dict[tuple[int, str, str], CaseView | None]:
    """(conversation, code, PIN or "") -> what that conversation may see, in a fixed number of queries.

    State and dates are for everyone who has the code; question and answer need the conversation that holds it, or its PIN.
    Nothing is found while too many wrong tries are remembered.
    """
    found = await cases.by_codes(tx, sorted({code for _c, code, _pin in asked}))
    triers = {c.id: guesses.digest(tx, "tries", str(c.key)) for c, _code, _pin in asked}
    targets = {code: guesses.digest(tx, "tried", code) for _c, code, _pin in asked}
    counted = await guesses.since(tx, sorted({*triers.values(), *targets.values()}), at - WRONG_FOR)
    views: dict[tuple[int, str, str], CaseView | None] = {}
    opened: dict[tuple[int, str, str], Asking] = {}
    wrong: list[str] = []
    for conversation, code, pin in asked:
        key, trier, target = (conversation.id, code, pin), triers[conversation.id], targets[code]
        asking = found.get(code)
        is_own = asking is not None and asking.conversation_id == conversation.id
        if asking is None or (not is_own and counted.get(trier, 0) >= WRONG_CODES_MAX):
            views[key] = None
            wrong += [trier] if asking is None else []
            continue
        views[key] = _view(asking)
        if is_own or (pin and counted.get(target, 0) < WRONG_PINS_MAX and _is_pin(tx, asking, pin)):
            opened[key] = asking
        elif pin:
            wrong += [trier, target]
    await guesses.add(tx, wrong, at)
    return {**views, **dict(zip(opened, await _with_words(tx, list(opened.values())), strict=True))}


async def of_conversations(tx: Tx, ids: Sequence[int]) -> dict[int, tuple[CaseView, ...]]:
    """The cases each conversation holds, newest first, with their words."""
    held = await cases.of_conversations(tx, ids)
    views = await _with_words(tx, [asking for askings in held.values() for asking in askings])
    given = iter(views)
    return {number: tuple(next(given) for _ in askings) for number, askings in held.items()}


def _is_pin(tx: Tx, asking: Asking, pin: str) -> bool:
    return bool(asking.pin_hash) and hmac.compare_digest(asking.pin_hash, pin_hash(tx, asking.code, pin))


def _view(asking: Asking, question: str = "", answer: str = "", receipt: str = "") -> CaseView:
    case = asking.case
    return CaseView(
        asking.code,
        CaseKind(case.kind),
        CaseState(case.state),
        case.opened_at,
        case.updated_at,
        question,
        answer,
        receipt,
    )


async def _with_words(tx: Tx, askings: Sequence[Asking]) -> list[CaseView]:
    told = await cases.words(tx, sorted({asking.case.id for asking in askings}), (*OWN_WORDS, "answered"))
    views = []
    for asking in askings:
        words = told[asking.case.id]
        own = "\n".join(text for what, text in words if what != "answered" and text)
        answers = [text for what, text in words if what == "answered"]
        views.append(_view(asking, own, answers[-1] if answers else "", short(asking.case.head)))
    return views
