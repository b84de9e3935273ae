"""Free text, files and everything else a person may send, at any point of the conversation."""

from __future__ import annotations

from bot.engine import runs
from bot.engine.index import reading_of, understanding_of
from bot.engine.nodes import answers, cases, interview, urgent
from bot.engine.nodes.screens import open_route
from bot.engine.routes import Route, parse
from bot.engine.scene import Scene, rows_of
from bot.engine.words import bare, control
from bot.library.schema.flow import Flow, Node
from bot.model.events import QuestionUnanswered
from bot.model.fold import clean
from bot.model.outbound import Button
from bot.understand import Kind, Reading

#: fewer words than this do not interrupt a form: a name, a place, "ok"
INTERRUPTING_WORDS = 4
#: what the bot does on an intent; `b:` takes the person's words along
LANDING = {
    "chao": "m",
    "tro-giup": "w:help",
    "gap-nguoi": "v",
    "dang-ky": "f:dang-ky",
    "huy-dang-ky": "f:huy-dang-ky",
    "xoa-du-lieu": "f:xoa-du-lieu",
    "nghe-loa": "l",
    "kiem-tra-quyen-loi": "f:kiem-tra-quyen-loi",
    "tra-cuu-ma": "c",
    "hoi-can-bo": "b:hoi-can-bo",
    "phan-anh": "b:phan-anh",
    "kien-nghi": "b:kien-nghi",
    "bao-truc-loi": "b:bao-truc-loi",
    "doi-thoai": "b:doi-thoai",
    "de-cu-guong": "b:de-cu-guong",
}
#: intents that only name what is wanted; the words are not yet the matter itself
MATTER_WORDS = 7
CONTROL_SCREENS = {"menu": "m", "unsubscribe": "f:huy-dang-ky", "erase": "f:xoa-du-lieu"}


def text(scene: Scene) -> None:
    """What the person typed."""
    typed = clean(scene.inbound.text)
    if not any(c.isalnum() for c in typed):
        scene.greet_once()
        scene.say_key("empty", (scene.home_row(),))
        return
    if cases.try_pin(scene, typed):
        return
    flow, at, node = _question(scene)
    if _controlled(scene, typed, in_run=flow is not None):
        return
    if flow and at and node:
        _answer_to_question(scene, flow, at, node, typed)
        return
    if _picked(scene, typed):
        return
    scene.greet_once()
    _meant(scene, typed)


def media(scene: Scene) -> None:
    """Photos, voice notes, files: part of a form that waits for them, else a question for an official."""
    flow, at, node = _question(scene)
    run = scene.session.run
    if scene.inbound.is_group:
        scene.say_key("group-private")
        return
    if flow and at and node and run and node.expects == "files":
        value = answers.with_files(run, at, scene.inbound.attachments, clean(scene.inbound.text))
        _, run = runs.answered(flow, run, value)
        scene.update(run=run)
        count = len(value["files"])
        done = Button(scene.label("files-done"), f"o:{flow.id}:{at}:{answers.DONE}")
        scene.say_key("file-noted", ((done,),), count=count)
        return
    scene.greet_once()
    if flow:
        scene.say_key("file-not-now")
        interview.ask_again(scene)
        return
    _begin_with_files(scene)


def _begin_with_files(scene: Scene) -> None:
    """Files out of the blue open the question form with the files in it; nothing sent is dropped."""
    interview.begin(scene, Route("f", ("gui-tep",)))
    flow, at, node = _question(scene)
    if flow and at and node and node.expects == "files":
        media(scene)


def edit(scene: Scene) -> None:
    """A changed message: the new wording is what counts; a form asks to confirm by typing it again."""
    if scene.session.run:
        scene.say_key("edit-in-form")
        interview.ask_again(scene)
        return
    text(scene)


def other(scene: Scene) -> None:
    """Stickers, places, contacts: answered kindly, nothing pretended."""
    scene.greet_once()
    key = f"sent-{scene.inbound.what}"
    scene.say_key(key if key in scene.says.says else "sent-other", (scene.home_row(),))
    if scene.session.run:
        interview.ask_again(scene)


def _question(scene: Scene) -> tuple[Flow | None, str | None, Node | None]:
    run = scene.session.run
    flow = scene.library.flows.get(run.flow) if run else None
    if run is None or flow is None:
        return None, None, None
    at, run = runs.replay(flow, run)
    scene.update(run=run)
    return (flow, at, flow.nodes[at]) if at else (None, None, None)


def _controlled(scene: Scene, typed: str, *, in_run: bool) -> bool:
    """Words that mean the same everywhere: menu, stop, again, back, no more news, erase."""
    word = control(scene, typed)
    if typed == "0" or word == "menu":
        open_route(scene, Route("m"))
    elif word in CONTROL_SCREENS:
        scene.greet_once()
        open_route(scene, parse(CONTROL_SCREENS[word]))
    elif in_run and word in {"stop", "back"}:
        interview.control(scene, Route("x", (word,)))
    elif word == "again" and in_run:
        interview.ask_again(scene)
    elif word in {"again", "back"} and scene.session.place:
        open_route(scene, parse(scene.session.place if word == "again" else "m"))
    elif word in {"stop", "yes", "no"} and not in_run:
        scene.greet_once()
        scene.say_key("acknowledged", (scene.home_row(),))
    else:
        return False
    return True


def _picked(scene: Scene, typed: str) -> bool:
    """ "1", "2" … mean the buttons shown last."""
    said = bare(typed)
    if not (said.isascii() and said.isdigit()) or len(said) > 2:
        return False
    index = int(said)
    if not 0 < index <= len(scene.session.offered):
        return False
    open_route(scene, parse(scene.session.offered[index - 1]))
    return True


def _answer_to_question(scene: Scene, flow: Flow, at: str, node: Node, typed: str) -> None:
    run = scene.session.run
    if run is None:
        return
    reading = understanding_of(scene.library).read(typed, scene.today)
    if reading.kind is Kind.DANGER:
        urgent.danger(scene, reading.sub, typed)
    value = answers.from_text(scene, flow, at, run, typed)
    aside = reading.kind is Kind.ANSWER and len(typed.split()) >= INTERRUPTING_WORDS
    if value is not answers.NO_ANSWER and (not aside or node.matter or node.expects == "files"):
        interview.take(scene, flow, at, value)
        return
    if reading.kind is Kind.ANSWER:
        asked = scene.session.asked
        open_route(scene, Route("e", (reading.ids[0],)))
        scene.update(asked=asked)
    else:
        scene.say_key("not-understood-here")
    interview.ask_again(scene)


def _meant(scene: Scene, typed: str) -> None:
    """Free text outside a form: danger first, then what it asks for; unsure says so."""
    reading: Reading = reading_of(scene.library, typed, scene.today)
    scene.update(asked=typed)
    match reading.kind:
        case Kind.DANGER:
            urgent.danger(scene, reading.sub, typed)
        case Kind.FRAUD:
            urgent.fraud(scene, reading.sub, typed)
        case Kind.CODE:
            cases.look_up(scene, Route("c", (reading.code,)))
        case Kind.INTENT:
            _land(scene, reading.intent, typed)
        case Kind.ANSWER:
            open_route(scene, Route("e", (scene.library.successor(reading.ids[0], scene.today),)))
        case Kind.UNSURE:
            _unsure(scene, reading)
        case Kind.REFUSE:
            scene.emit(QuestionUnanswered(typed))
            scene.say_key("refuse", ((scene.button("ask-official", "a"),), scene.home_row()), place="m")


def _land(scene: Scene, intent: str, typed: str) -> None:
    if len(typed.split()) < MATTER_WORDS:
        scene.update(asked="")
    press = LANDING.get(intent, "m")
    if intent == "chao":
        scene.say_key("greet" if not scene.session.place else "hello-again", place="m")
        return
    open_route(scene, parse(press))


def _unsure(scene: Scene, reading: Reading) -> None:
    """Up to three guesses, named as guesses, and the way to an official with the person's own words."""
    offers = []
    for ident in reading.ids[:3]:
        if ident.startswith("intent:"):
            intent = ident.removeprefix("intent:")
            if intent in LANDING and f"intent-{intent}" in scene.says.labels:
                offers.append(scene.button(f"intent-{intent}", LANDING[intent]))
        elif scene.library.has(ident):
            offers.append(Button(scene.library.entry(ident).short, f"e:{ident}"))
    scene.emit(QuestionUnanswered(scene.session.asked, reading.ids))
    rows = (*rows_of(offers), (scene.button("none-of-these", "a"),), scene.home_row())
    scene.say_key("unsure", rows, place="m")
