"""What the bot does not know for sure: says so, offers what it may be, and the way to an official."""

from __future__ import annotations

from collections.abc import Iterable

from bot.engine.nodes import upper
from bot.engine.routes import Route
from bot.engine.scene import Scene, rows_of
from bot.model.outbound import Button

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
#: guesses offered at most
GUESSES = 3
#: an intent among the guesses, as an argument of the payload
INTENT = "@"
#: before the guesses: they are only near, the question itself cannot be answered
NEAR = "-"
#: before the guesses: a topic, which the message named without asking anything of it
TOPIC = "+"
PLACE = "r"


def route_of(ids: tuple[str, ...], *, refused: bool, topic: str = "") -> Route:
    """The screen for these guesses of the understanding, which may have `refused` the question all the same.

    `topic`: the message only named a thing, and the topic's other entries stand behind "more".
    """
    guesses = tuple(ident.replace("intent:", INTENT) for ident in ids[:GUESSES])
    if topic:
        return Route(PLACE, (f"{TOPIC}{topic}", *guesses))
    return Route(PLACE, (NEAR, *guesses) if refused and guesses else guesses)


def show(scene: Scene, route: Route) -> None:
    """`r[:-|:+<topic>][:<guess>…]`: guesses named as guesses; with none or only near ones, that the question cannot be
    answered; of a topic that was only named, what is asked most.
    """
    offers = _offers(scene, route.args)
    topic = scene.library.topics.get(route.arg(0).removeprefix(TOPIC))
    if not offers:
        key, ask = "refuse", "ask-official"
    elif route.args[0] == NEAR:
        key, ask = "refuse-near", "ask-official"
    elif topic is not None:
        key, ask = "topic-named", "none-of-these"
        offers.append(scene.button("more", f"t:{topic.id}"))
    else:
        key, ask = "unsure", "none-of-these"
    told = [row for row in upper.report_row(scene) if row[0].press not in {offer.press for offer in offers}]
    rows = (*told, *rows_of(offers), (scene.button(ask, "a"),), scene.home_row())
    scene.say_key(key, rows, place=":".join((PLACE, *route.args)))


def is_open(place: str) -> bool:
    """Whether such a screen is what was said last."""
    return place.split(":", maxsplit=1)[0] == PLACE


def meant_by_yes(scene: Scene) -> str:
    """What "yes" agrees to after such a screen: the only guess, or the way to an official; "" elsewhere."""
    name, *guesses = scene.session.place.split(":")
    if name != PLACE or not scene.session.offered:
        return ""
    offers = _offers(scene, guesses)
    if guesses[:1] == [NEAR]:
        return "a"
    if guesses and guesses[0].startswith(TOPIC):
        return ""
    if len(offers) > 1:
        return ""
    return offers[0].press if offers else "a"


def _offers(scene: Scene, idents: Iterable[str]) -> list[Button]:
    """The buttons of the guesses, each once: what has ended is offered as what replaced it."""
    offers = (_offer(scene, ident) for ident in idents)
    return list({offer.press: offer for offer in offers if offer is not None}.values())


def _offer(scene: Scene, ident: str) -> Button | None:
    if ident.startswith(INTENT):
        intent = ident.removeprefix(INTENT)
        known = intent in LANDING and f"intent-{intent}" in scene.says.labels
        return scene.button(f"intent-{intent}", LANDING[intent]) if known else None
    if not scene.library.has(ident):
        return None
    current = scene.library.successor(ident, scene.today)
    return Button(scene.library.entry(current).short, f"e:{current}")
