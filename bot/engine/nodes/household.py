"""What a household tells of itself, and which entries fit it."""

from __future__ import annotations

from typing import Any

from bot.eligibility import Truth, judge
from bot.engine.routes import Route
from bot.engine.scene import Scene, page_of, rows_of
from bot.library.schema.policy import Policy
from bot.model.outbound import Button

YES, NO = "co", "khong"


def facts_of(scene: Scene, kept: dict[str, Any]) -> dict[str, Any]:
    """The household facts among a run's answers, in the types conditions are tested with."""
    facts = {}
    for ident, fact in scene.library.household.items():
        if (value := kept.get(ident)) is not None:
            facts[ident] = value == YES if fact.kind == "yes-no" else value
    return facts


def tell(scene: Scene, route: Route) -> None:
    """`p:<fact>:<value>:<entry>`: the household tells one fact, and the answer is given anew, fitted to it."""
    fact = scene.library.household.get(route.arg(0))
    if fact is None:
        scene.say_key("old-button", place="m")
        return
    if scene.inbound.is_group:
        scene.say_key("group-private", (scene.home_row(),))
        return
    value: Any = route.arg(1)
    if fact.kind == "yes-no":
        value = value == YES
    elif fact.kind == "choice" and value not in fact.options:
        scene.say_key("old-button", place="m")
        return
    scene.update(facts={**scene.session.facts, fact.id: value})
    scene.follow(f"e:{route.arg(2)}" if route.arg(2) else "h")


def fact_buttons(scene: Scene, missing: tuple[str, ...], entry: str) -> tuple[tuple[Button, ...], ...]:
    """Buttons for the one fact that decides most; nobody has to press them. None in a group, where others read along."""
    if scene.inbound.is_group:
        return ()
    known = scene.library.household
    asked = next(
        (known[m] for m in missing if m in known and known[m].kind == "choice" and not known[m].sensitive), None
    )
    if asked is None:
        return ()
    return rows_of((Button(label, f"p:{asked.id}:{value}:{entry}") for value, label in asked.options.items()), 2)


def entitled(scene: Scene, route: Route) -> None:
    """`h[:<page>]`: entries this household may be entitled to, the surest first."""
    fitting: list[tuple[int, str, Button]] = []
    for entry_id in scene.library.policies:
        # a unit may have published conditions of its own
        policy = scene.library.entry(entry_id, scene.session.unit or None)
        if not isinstance(policy, Policy) or policy.conditions is None or not policy.holds_on(scene.today):
            continue
        verdict = judge(policy.conditions, scene.session.facts, scene.today)
        if verdict.truth is not Truth.NO:
            sure = verdict.truth is Truth.YES
            mark = scene.label("picked") if sure else ""
            fitting.append(
                (0 if sure else len(verdict.missing), policy.title, Button(f"{mark}{policy.short}", f"e:{policy.id}"))
            )
    fitting.sort(key=lambda f: f[:2])
    rows = page_of([b for *_, b in fitting], route.number(0), "h", scene.label("more"))
    sure_count = len([f for f in fitting if f[0] == 0])
    tell_more = scene.button("tell-more", "f:kiem-tra-quyen-loi")
    key = "entitled" if fitting else "entitled-none"
    scene.say_key(key, (*rows, (tell_more,), scene.home_row()), count=len(fitting), sure=sure_count, place="h")
