"""Free text, files and everything else a person may send, at any point of the conversation."""

from __future__ import annotations

from typing import Any

from bot.engine import courtesy, runs
from bot.engine.index import asks, reading_of
from bot.engine.nodes import answers, cases, interview, mistyped, sounds, unknowns, upper, urgent, whereabouts
from bot.engine.nodes.screens import open_by_button, open_route
from bot.engine.routes import Route, parse
from bot.engine.scene import Scene, rows_of
from bot.engine.words import bare, control, fixed_button
from bot.library.schema.flow import Flow, Node
from bot.model.case import CaseKind
from bot.model.events import QuestionUnanswered
from bot.model.fold import clean
from bot.understand import Kind, Reading

#: fewer words than this do not interrupt a form: a name, a place, "ok"
INTERRUPTING_WORDS = 4
#: fewer words than this are not yet a matter, where no form was asked for
MATTER_WORDS = 7
#: score from which few words without accents mean what they say rather than a commune of that name (of 7,678 names,
#: past and present, some 50 are read so clearly as something else)
CLEARLY = 17.0
#: words that go with files are read back up to so many characters
NOTED_CHARS = 200
GREETING = "chao"
CONTROL_SCREENS = {
    "menu": "m",
    "unsubscribe": "f:huy-dang-ky",
    "erase": "f:xoa-du-lieu",
    "withdraw": "f:rut-dong-y",
    "my-data": "f:xem-du-lieu",
}


def text(scene: Scene) -> None:
    """What the person typed."""
    typed = _without_slash(clean(scene.inbound.text))
    if not any(c.isalnum() for c in typed):
        scene.greet_once()
        scene.say_key("empty", (scene.home_row(),))
        return
    if cases.try_pin(scene, typed):
        return
    flow, at, node = _question(scene)
    if _controlled(scene, typed, in_run=flow is not None):
        return
    if flow is None and cases.try_code_and_pin(scene, typed):
        return
    if flow is None and (_courteous(scene, typed) or mistyped.told(scene, typed, _read(scene, typed))):
        return
    if _is_command(scene.inbound.text):
        # a command begins something new; it is never the answer to a form
        scene.update(run=None)
        flow = None
    elif scene.session.place in whereabouts.ASKED:
        _told_where(scene, typed)
        return
    if flow and at and node:
        _answer_to_question(scene, flow, at, node, typed)
        return
    if _added(scene, typed) or _picked(scene, typed) or _lives(scene, typed):
        return
    _meant(scene, typed)


def _lives(scene: Scene, typed: str) -> bool:
    """Where somebody lives, told unasked and with nothing else; danger, fraud and codes go first."""
    more = {Kind.DANGER, Kind.FRAUD, Kind.CODE}
    return not scene.inbound.is_group and _read(scene, typed).kind not in more and whereabouts.lives(scene, typed)


def _courteous(scene: Scene, typed: str) -> bool:
    """Thanks, praise, a good-bye: answered kindly, and no question that could be handed on."""
    kind = courtesy.kind_of(scene, typed)
    if not kind or _read(scene, typed).kind in {Kind.DANGER, Kind.FRAUD}:
        return False
    scene.greet_once()
    key = f"courtesy-{kind}"
    in_run = scene.session.run is not None
    scene.say_key(key if key in scene.says.says else "acknowledged", () if in_run else (scene.home_row(),))
    if unknowns.is_open(scene.session.place):
        # a "yes" after it agrees to nothing that was offered before
        scene.update(place="m")
    return True


def _added(scene: Scene, typed: str) -> bool:
    """Words for a case the person said they want to add to; one figure alone is still a button's number."""
    place = scene.session.place
    if not place.startswith(cases.ADD_PLACE) or len(typed) == 1 or _is_command(scene.inbound.text):
        return False
    if _heed(scene, typed):
        # the words stand in the urgent case now
        return True
    scene.update(place=place)
    return cases.try_add(scene, typed)


def _without_slash(typed: str) -> str:
    """A command of a channel's menu, "/xoa_du_lieu", as the words it stands for; it knows them from no list."""
    return typed[1:].partition("@")[0].replace("_", " ") if _is_command(typed) else typed


def _is_command(typed: str) -> bool:
    """Whether it is one of a channel's commands: a slash and one word, as Telegram writes them."""
    return typed.startswith("/") and typed[1:].partition("@")[0].replace("_", "").isalnum()


def media(scene: Scene) -> None:
    """Photos, voice notes, files: part of a form that waits for them, else a question for an official."""
    flow, at, node = _question(scene)
    run = scene.session.run
    if scene.inbound.is_group:
        scene.greet_once()
        scene.say_key("group-private")
        return
    _heed(scene, clean(scene.inbound.text))
    if flow and at and node and run and node.expects == "files":
        value = answers.with_files(run, at, scene.inbound.attachments, clean(scene.inbound.text))
        _, run = runs.answered(flow, run, value)
        scene.update(run=run)
        count = len(value["files"])
        scene.say_key("file-noted", rows_of(answers.buttons(scene, flow, at, node)), count=count)
        return
    scene.greet_once()
    if not flow and cases.try_add(scene, clean(scene.inbound.text)):
        return
    if flow:
        scene.say_key("file-not-now")
        interview.ask_briefly(scene, "resume")
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
        _heed(scene, clean(scene.inbound.text))
        scene.say_key("edit-in-form")
        interview.ask_briefly(scene, "resume")
        return
    text(scene)


def other(scene: Scene) -> None:
    """Stickers, places, contacts: answered kindly, nothing pretended."""
    scene.greet_once()
    key = f"sent-{scene.inbound.what}"
    scene.say_key(key if key in scene.says.says else "sent-other", (scene.home_row(),))
    if scene.session.run:
        interview.ask_briefly(scene, "resume")


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
        _show_again(scene, scene.session.place if word == "again" else "m")
    elif word == "yes" and not in_run and (meant := unknowns.meant_by_yes(scene)):
        open_route(scene, parse(meant))
    elif word == "aired" and not in_run and sounds.aired(scene):
        return True
    elif word in {"stop", "yes", "no", "next", "skip"} and not in_run:
        scene.greet_once()
        scene.say_key("acknowledged", (scene.home_row(),))
    else:
        return False
    return True


def _show_again(scene: Scene, place: str) -> None:
    """The screen of a place; places that are no screens of their own are told in their own way."""
    flow = scene.library.flows.get(parse(place).arg(0)) if place.startswith(interview.FINISHED) else None
    if flow and flow.nodes[flow.start].does == "show-data":
        interview.begin(scene, Route("f", (flow.id,)))
    elif flow:
        interview.repeat_outcome(scene, flow)
    elif place.startswith(cases.PIN_PLACE):
        open_route(scene, Route("c", (place.removeprefix(cases.PIN_PLACE), "pin")))
    else:
        open_route(scene, parse(place))


def _read(scene: Scene, text: str) -> Reading:
    """What it means to people of this conversation's unit, today."""
    return reading_of(scene.library, text, scene.today, scene.session.unit or None)


def _heed(scene: Scene, text: str) -> bool:
    """Danger and fraud in words that come with something else; whether danger was told."""
    if not text:
        return False
    reading = _read(scene, text)
    if reading.kind is Kind.DANGER:
        urgent.danger(scene, reading.sub, text)
    elif reading.kind is Kind.FRAUD:
        urgent.fraud(scene, reading.sub, text)
    return reading.kind is Kind.DANGER


def _told_where(scene: Scene, typed: str) -> None:
    """An answer to "which commune": a name; a question asked instead is answered, and the commune asked for again."""
    reading = _read(scene, typed)
    # "co duoc tien dien khong" holds the name of a commune: a sentence that is understood as a question is one, and so
    # are a few words without accents that are understood clearly, unless they begin as an address does
    is_long = len(typed.split()) > INTERRUPTING_WORDS
    is_clear = typed.isascii() and bool(reading.ranked) and reading.ranked[0].score >= CLEARLY
    untitled = scene.library.places.bare(typed) == typed
    asks = reading.kind in {Kind.ANSWER, Kind.INTENT} and untitled and (is_long or is_clear)
    if reading.kind in {Kind.DANGER, Kind.FRAUD, Kind.CODE}:
        _meant(scene, typed)
    elif _picked(scene, typed) or whereabouts.named(scene, typed) or (not asks and whereabouts.typed(scene, typed)):
        return
    elif reading.kind in {Kind.ANSWER, Kind.INTENT} and scene.session.run is None:
        _meant(scene, typed)
    elif reading.kind is Kind.ANSWER:
        scene.follow(f"e:{scene.library.successor(reading.ids[0], scene.today)}")
        scene.follow(scene.session.place)
    elif reading.kind is Kind.INTENT and not courtesy.only_names(scene, typed, reading.intent):
        _keep_matter(scene, typed)
        scene.follow(scene.session.place)
    else:
        if len(typed.split()) >= MATTER_WORDS:
            _keep_matter(scene, typed)
        whereabouts.not_found(scene)


def _keep_matter(scene: Scene, typed: str) -> None:
    """The matter itself, told before the form could ask for it, is not asked for twice."""
    run = scene.session.run
    flow = scene.library.flows.get(run.flow) if run else None
    if run is None or flow is None or len(run.answers) > 1:
        return
    if flow.nodes[flow.start].takes_asked:
        scene.update(run=runs.begun(flow, run.revision, **{**runs.context(run), "asked": typed}))
        scene.say_key("words-noted")


def _picked(scene: Scene, typed: str) -> bool:
    """ "1", "2" … mean the buttons shown last; the words of a button of the menus mean that button."""
    said = bare(typed)
    if said.isascii() and said.isdigit() and len(said) <= 2:
        index = int(said)
        press = scene.session.offered[index - 1] if 0 < index <= len(scene.session.offered) else None
    else:
        press = fixed_button(scene, said)
    if press is None:
        return False
    scene.greet_once()
    open_by_button(scene, parse(press))
    return True


def _answer_to_question(scene: Scene, flow: Flow, at: str, node: Node, typed: str) -> None:
    run = scene.session.run
    if run is None:
        return
    if drop := answers.drop_meant(scene, typed):
        interview.press(scene, parse(drop))
        return
    reading = _read(scene, typed)
    if reading.kind is Kind.DANGER:
        urgent.danger(scene, reading.sub, typed)
    elif reading.kind is Kind.FRAUD and flow.case != CaseKind.WRONGDOING:
        asked = scene.session.asked
        urgent.fraud(scene, reading.sub, typed)
        scene.update(asked=asked)
    value = answers.from_text(scene, flow, at, run, typed)
    may_be_courtesy = value is answers.NO_ANSWER or node.matter or node.expects == "files"
    if may_be_courtesy and control(scene, typed) is None and _courteous(scene, typed):
        interview.ask_briefly(scene, "resume")
        return
    if node.expects == "files" and isinstance(value, dict) and not value["done"]:
        _words_beside_files(scene, flow, at, reading, value)
        return
    aside = reading.kind is Kind.ANSWER and len(typed.split()) >= INTERRUPTING_WORDS
    if value is not answers.NO_ANSWER and (not aside or node.matter):
        interview.take(scene, flow, at, value)
        return
    if reading.kind is Kind.ANSWER:
        _answer_aside(scene, reading)
    alarmed = reading.kind in {Kind.ANSWER, Kind.DANGER, Kind.FRAUD}
    interview.ask_briefly(scene, "resume" if alarmed else _not_understood(node))


def _not_understood(node: Node) -> str:
    """The fixed text for words that are no answer to a question of this kind."""
    if node.expects == "phone":
        return "phone-unclear"
    return "which-option" if node.expects in {"choice", "consent"} else "not-understood-here"


def _answer_aside(scene: Scene, reading: Reading) -> None:
    """The entry asked for in the middle of a form; what the form is about stays."""
    asked = scene.session.asked
    open_route(scene, Route("e", (scene.library.successor(reading.ids[0], scene.today),)))
    scene.update(asked=asked)


def _words_beside_files(scene: Scene, flow: Flow, at: str, reading: Reading, value: dict[str, Any]) -> None:
    """Words where files are awaited: a question is answered, all else goes with the files and is read back."""
    typed = value["texts"][-1]
    if reading.kind is Kind.ANSWER:
        _answer_aside(scene, reading)
        if asks(scene.library, typed, scene.today):
            interview.ask_briefly(scene, "resume")
            return
    if scene.session.run is not None:
        scene.update(run=runs.answered(flow, scene.session.run, value)[1])
    told = typed if len(typed) <= NOTED_CHARS else f"{typed[:NOTED_CHARS]}…"
    scene.say_key("text-noted", rows_of(answers.buttons(scene, flow, at, flow.nodes[at])), text=told)


def _meant(scene: Scene, typed: str) -> None:
    """Free text outside a form: danger first, then what it asks for; unsure says so."""
    reading: Reading = _read(scene, typed)
    if reading.kind is not Kind.INTENT or reading.intent != GREETING:
        # who is greeted back is told then who speaks
        scene.greet_once()
    # others read along in a group: nothing of what one of them says is kept
    scene.update(asked="" if scene.inbound.is_group else typed)
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
        case Kind.UNSURE | Kind.REFUSE:
            # officials read the worklist, whom it may be about among them
            if not (scene.inbound.is_group or reading.topic or upper.accuses(scene, typed)):
                scene.emit(QuestionUnanswered(typed, reading.ids))
            refused = reading.kind is Kind.REFUSE
            open_route(scene, unknowns.route_of(reading.ids, refused=refused, topic=reading.topic))


def _land(scene: Scene, intent: str, typed: str) -> None:
    to_form = unknowns.LANDING.get(intent, "").startswith("b:")
    if courtesy.only_names(scene, typed, intent) if to_form else len(typed.split()) < MATTER_WORDS:
        scene.update(asked="")
    press = unknowns.LANDING.get(intent, "m")
    if intent == GREETING:
        scene.say_key("hello-again" if scene.session.greeted else "greet", place="m")
        scene.update(greeted=True)
        return
    open_route(scene, parse(press))
