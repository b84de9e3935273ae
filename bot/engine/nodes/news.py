"""News of the commune: what it announces, what it answered lately, which rules change."""

from __future__ import annotations

from datetime import timedelta

from bot.engine.nodes import whereabouts
from bot.engine.routes import Route
from bot.engine.scene import Scene, page_of
from bot.library import Entry
from bot.library.schema.policy import Policy
from bot.model.outbound import Button

#: how many days before and after a change of rules the commune's news names it
NEWS_DAYS = 60
#: how long an answer for everybody is news
ANSWER_DAYS = 30


def show(scene: Scene, route: Route) -> None:
    """`n[:<page>]`: announcements that hold today first, then new answers, then rules that change."""
    if whereabouts.first(scene, "n"):
        return
    unit = scene.session.unit or None
    told = scene.library.news_for(unit, scene.today, _hamlet(scene))
    fresh = scene.today - timedelta(days=ANSWER_DAYS)
    answered = [f for f in scene.library.answers_for(unit, scene.today) if f.reviewed_on >= fresh]
    changing = [p for p in scene.library.policies.values() if _changes_near(p, scene)]
    changing.sort(key=lambda p: p.valid_from or p.reviewed_on, reverse=True)
    key = "news-told" if told or answered else "news" if changing else "news-none"
    shown: list[Entry] = [*told, *answered, *changing]
    buttons = [Button(entry.short, f"e:{entry.id}") for entry in shown]
    rows = page_of(buttons, route.number(0), "n", scene.label("more"))
    scene.say_key(key, (*rows, scene.home_row()), place="n")


def _hamlet(scene: Scene) -> str:
    """The id of the household's hamlet; "" where it is not known by its name."""
    unit = scene.library.units.get(scene.session.unit)
    return next((h.id for h in unit.hamlets if h.name == scene.session.hamlet), "") if unit else ""


def _changes_near(policy: Policy, scene: Scene) -> bool:
    near = timedelta(days=NEWS_DAYS)
    return any(day and abs(day - scene.today) <= near for day in (policy.valid_from, policy.valid_to))
