"""Lists to choose from: topics, clips, ways to ask, settings."""

from __future__ import annotations

from bot.engine.nodes import whereabouts
from bot.engine.routes import Route
from bot.engine.scene import Scene, page_of
from bot.model.outbound import Button

#: the household fact that names the group of the poverty lists
GROUP = "loai-ho"


def menu(scene: Scene, _route: Route) -> None:
    """The menu; a form under way is left."""
    scene.update(run=None)
    scene.say_key("menu", place="m")


def topics(scene: Scene, route: Route) -> None:
    """All topics, or the entries of one."""
    topic = scene.library.topics.get(route.arg(0))
    if topic is None:
        buttons = [Button(t.short, f"t:{t.id}") for t in scene.library.topics.values()]
        page = 0 if not route.arg(0).isdigit() else route.number(0)
        scene.say_key("topics", (*page_of(buttons, page, "t", scene.label("more")), scene.home_row()), place="t")
        return
    entries = sorted(scene.library.by_topic(topic.id), key=lambda p: not p.holds_on(scene.today))
    buttons = [Button(p.short, f"e:{p.id}") for p in entries]
    answered = scene.library.answers_for(scene.session.unit or None, scene.today, topic.id)
    buttons += [Button(f.short, f"e:{f.id}") for f in answered]
    rows = page_of(buttons, route.number(1), f"t:{topic.id}", scene.label("more"))
    back = scene.home_row(scene.button("topics", "t"))
    scene.say_key("topic", (*rows, back), title=topic.title, about=topic.about, place=f"t:{topic.id}")


def ask_or_report(scene: Scene, _route: Route) -> None:
    """The ways a household can speak: question, feedback, proposal, report, dialogue, nomination, code."""
    scene.say_key("ask-or-report", (scene.home_row(),), place="q")


def contact(scene: Scene, _route: Route) -> None:
    """Where and when a person can be met. What the unit left empty is not invented."""
    if whereabouts.first(scene, "v"):
        return
    unit = scene.library.units.get(scene.session.unit)
    none = scene.label("not-entered")
    scene.say_key(
        "contact",
        ((scene.button("ask-official", "a"),), scene.home_row()),
        address=(unit.address if unit else None) or none,
        phone=(unit.phone if unit else None) or none,
        reception="; ".join(unit.reception_days) if unit and unit.reception_days else none,
        place="v",
    )


def settings(scene: Scene, _route: Route) -> None:
    """What can be changed, seen and taken back."""
    unit = scene.library.units.get(scene.session.unit)
    lives = [part for part in (scene.session.hamlet, unit.name if unit else "") if part]
    none = scene.label("none")
    fact = scene.library.household.get(GROUP)
    group = fact.options.get(str(scene.session.facts.get(GROUP)), none) if fact else none
    scene.say_key("settings", (scene.home_row(),), home=", ".join(lives) or none, group=group, place="g")


def fixed(scene: Scene, route: Route) -> None:
    """A fixed text by its key."""
    key = route.arg(0) if route.arg(0) in scene.says.says else "old-button"
    scene.say_key(key, (scene.home_row(),), place=f"w:{key}")
