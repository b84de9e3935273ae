"""Bringing a matter and asking after it."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from itertools import accumulate

from bot.engine.nodes import interview, upper
from bot.engine.nodes.deeds import spaced
from bot.engine.routes import Route
from bot.engine.scene import TIME_ZONE, Scene
from bot.model.case import CaseState, CaseView
from bot.model.codes import CODE_LENGTH, PIN_LENGTH, is_code
from bot.model.events import CaseAdded, CaseRated, CaseReopened, NoticesLinked
from bot.model.outbound import Button

#: guesses of codes and PINs one conversation has in an hour; the store limits all conversations together
TRIES_MAX = 5
TRIES_WINDOW = timedelta(hours=1)
#: place while the person is asked for the PIN of a case
PIN_PLACE = "pin:"
#: place after a code was looked up without its PIN: four figures are that
SHOWN_PLACE = "c:"
#: place while what is sent belongs to a case
ADD_PLACE = "add:"
RATING_MOST = 5
#: a code and a PIN with more words than this are told in a story
_LINE_WORDS = 12
_DIGITS = re.compile(r"[0-9]+")
SETTLED = frozenset({CaseState.ANSWERED, CaseState.CLOSED})


def ask_official(scene: Scene, route: Route) -> None:
    """`a[:<entry>]`: the person's own words go to an official as a question."""
    interview.begin_with_words(scene, Route("b", ("hoi-can-bo", route.arg(0))))


def look_up(scene: Scene, route: Route) -> None:
    """`c[:<code>[:pin]]`: state and date by code; the texts only to the same chat or with the PIN."""
    code = route.arg(0)
    if scene.inbound.is_group and (not code or route.arg(1)):
        scene.say_key("group-private", (scene.home_row(),))
        return
    if not code:
        mine: tuple[CaseView, ...] = scene.look("my-cases")
        for case in mine[:3]:
            _show(scene, case)
        scene.say_key("ask-code" if not mine else "ask-other-code", (scene.home_row(),), place="c")
        return
    if route.arg(1) in _OWN:
        _OWN[route.arg(1)](scene, code, route.number(2))
        return
    if route.arg(1) == "pin":
        scene.say_key("ask-pin", (scene.home_row(),), code=spaced(code), place=f"{PIN_PLACE}{code}")
        return
    _look_with(scene, code, "")


def _rate(scene: Scene, code: str, rating: int) -> None:
    """`c:<code>:rate:<1-5>`: one tap; a later one counts instead."""
    if _is_mine(scene, code) and 1 <= rating <= RATING_MOST:
        scene.emit(CaseRated(code, rating))
        scene.say_key("rated", (scene.home_row(scene.button("add-words", f"c:{code}:add")),), code=spaced(code))


def _again(scene: Scene, code: str, _number: int) -> None:
    """`c:<code>:again`: it is not done; the case is open again, whatever the office thought."""
    case = _mine(scene, code)
    if case is None:
        scene.say_key("code-unknown", (scene.home_row(),), code=spaced(code))
        return
    if case.state in SETTLED:
        scene.emit(CaseReopened(code))
    scene.say_key("reopened", (scene.home_row(scene.button("add-words", f"c:{code}:add")),), code=spaced(code))


def _add(scene: Scene, code: str, _number: int) -> None:
    """`c:<code>:add`: what is sent next belongs to the case."""
    if _is_mine(scene, code):
        scene.say_key("add-to-case", (scene.home_row(),), code=spaced(code), place=f"{ADD_PLACE}{code}")


#: what only the chat that brought a case may do with it
_OWN = {"rate": _rate, "again": _again, "add": _add}


def _mine(scene: Scene, code: str) -> CaseView | None:
    mine: tuple[CaseView, ...] = scene.look("my-cases")
    return None if scene.inbound.is_group else next((case for case in mine if case.code == code), None)


def _is_mine(scene: Scene, code: str) -> bool:
    if _mine(scene, code) is not None:
        return True
    scene.say_key("code-unknown", (scene.home_row(),), code=spaced(code))
    return False


def try_add(scene: Scene, text: str) -> bool:
    """Words or files sent after "add" belong to that case; False when nothing was asked."""
    place = scene.session.place
    if not place.startswith(ADD_PLACE) or scene.inbound.is_group:
        return False
    code = place.removeprefix(ADD_PLACE)
    case = _mine(scene, code)
    if case is None:
        return False
    if upper.refuses(scene, case.kind, text):
        return True
    scene.emit(CaseAdded(code, text, scene.inbound.attachments, to_keeper=upper.accuses(scene, text)))
    # more may follow, a photo a message: the place stays
    scene.say_key("added-to-case", (scene.home_row(),), code=spaced(code), place=place)
    return True


def link_notices(scene: Scene, route: Route) -> None:
    """`d_<token>` in a deep link: an official's own chat becomes the address of their notices."""
    if not scene.inbound.is_group:
        scene.emit(NoticesLinked(route.arg(0)))
        scene.say_key("notices-linked", place="m")


def try_pin(scene: Scene, text: str) -> bool:
    """A typed PIN while one is asked for, or right after a code was looked up; False when the text is none."""
    digits, place = "".join(text.split()), scene.session.place
    if scene.inbound.is_group or not (digits.isascii() and digits.isdigit()) or len(digits) != PIN_LENGTH:
        return False
    asked = next((one for one in (PIN_PLACE, SHOWN_PLACE) if place.startswith(one)), None)
    # in a form four figures are an answer to it
    if asked is None or (asked == SHOWN_PLACE and scene.session.run is not None):
        return False
    _look_with(scene, place.removeprefix(asked), digits)
    return True


def try_code_and_pin(scene: Scene, text: str) -> bool:
    """A code and its PIN in one line, "408 7203, 3054", with few words around; False when the text is something else.

    In a group the code alone is heard: texts are not for everybody there.
    """
    if len(text.split()) > _LINE_WORDS or not text.isprintable():
        return False
    runs = _DIGITS.findall(text)
    digits = "".join(runs)
    code, pin = digits[:CODE_LENGTH], digits[CODE_LENGTH:]
    # an unbroken row of figures is a telephone or an account
    parted = CODE_LENGTH in accumulate(len(run) for run in runs)
    if not parted or len(pin) != PIN_LENGTH or not is_code(code):
        return False
    _look_with(scene, code, "" if scene.inbound.is_group else pin)
    return True


def _look_with(scene: Scene, code: str, pin: str) -> None:
    recent = tuple(t for t in scene.session.wrong_tries if scene.now - t < TRIES_WINDOW)
    if len(recent) >= TRIES_MAX:
        scene.say_key("too-many-tries", (scene.home_row(scene.button("ask-official", "a")),), place="c")
        return
    case: CaseView | None = scene.look("case-by-code", code, pin)
    if case is None or (pin and not case.question):
        scene.update(wrong_tries=(*recent, scene.now))
        scene.say_key("pin-wrong" if case else "code-unknown", (scene.home_row(),), code=spaced(code))
        return
    _show(scene, case)
    rows = () if case.question or scene.inbound.is_group else ((scene.button("enter-pin", f"c:{code}:pin"),),)
    scene.say_key("case-next", (*rows, scene.home_row()), place=f"{SHOWN_PLACE}{case.code}" if rows else "c")


def _show(scene: Scene, case: CaseView) -> None:
    values: dict[str, object] = {
        "code": spaced(case.code),
        "kind": scene.label(f"case-{case.kind.value}"),
        "state": scene.label(f"state-{case.state.value}"),
        "opened": _day(case.opened_at),
        "updated": _day(case.updated_at),
        "question": case.question,
        "answer": case.answer or scene.label("no-answer-yet"),
        "receipt": case.receipt,
    }
    scene.say(scene.phrase("case-full" if case.question else "case-state", _own_rows(scene, case), **values))


def _own_rows(scene: Scene, case: CaseView) -> tuple[tuple[Button, ...], ...]:
    """Add words, say that it is not done: only under a case shown with its texts, to the chat that brought it."""
    if not case.question or scene.inbound.is_group:
        return ()
    add = scene.button("add-words", f"c:{case.code}:add")
    again = scene.button("not-done", f"c:{case.code}:again")
    return ((again, add),) if case.state in SETTLED else ((add,),)


def _day(at: datetime) -> str:
    return at.astimezone(TIME_ZONE).strftime("%d/%m/%Y")
