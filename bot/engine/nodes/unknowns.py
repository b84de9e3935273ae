"""What the bot does not know for sure: says so, offers what it may be, and the way to an official."""

from __future__ import annotations

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
PLACE = "r"


def route_of(ids: tuple[str, ...], *, refused: bool) -> Route:
    """The screen for these guesses of the understanding, which may have `refused` the question all the same."""
    guesses = tuple(ident.replace("intent:", INTENT) for ident in ids[:GUESSES])
    return Route(PLACE, (NEAR, *guesses) if refused and guesses else guesses)


def show(scene: Scene, route: Route) -> None:
    """`r[:-][:<guess>…]`: guesses named as guesses; with none or only near ones, that the question cannot be answered."""
    offers = [button for ident in route.args if (button := _offer(scene, ident))]
    if not offers:
        key, ask = "refuse", "ask-official"
    elif route.args[0] == NEAR:
        key, ask = "refuse-near", "ask-official"
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
    offers = [button for ident in guesses if (button := _offer(scene, ident))]
    if guesses[:1] == [NEAR]:
        return "a"
    if len(offers) > 1:
        return ""
    return offers[0].press if offers else "a"


def _offer(scene: Scene, ident: str) -> Button | None:
    if ident.startswith(INTENT):
        intent = ident.removeprefix(INTENT)
        known = intent in LANDING and f"intent-{intent}" in scene.says.labels
        return scene.button(f"intent-{intent}", LANDING[intent]) if known else None
    return Button(scene.library.entry(ident).short, f"e:{ident}") if scene.library.has(ident) else None
