"""Model-household stories, by likeness: livelihood, kind of place, difficulty."""

from __future__ import annotations

from bot.engine.nodes import entries, sounds
from bot.engine.routes import Route
from bot.engine.scene import Scene, page_of
from bot.library.schema.phrases import Likeness
from bot.library.schema.story import Story
from bot.model.outbound import Button


def shelf(scene: Scene, route: Route) -> None:
    """Kinds of stories, or the stories of one kind."""
    likeness = scene.library.phrase(Likeness)
    tags = {**likeness.livelihoods, **likeness.place_kinds, **likeness.difficulties}
    told = scene.library.stories.values()
    tag = route.arg(0)
    if tag not in tags:
        used = {t for s in told for t in _tags(s)}
        buttons = [Button(label, f"k:{t}") for t, label in tags.items() if t in used]
        page = route.number(0)
        scene.say_key("stories", (*page_of(buttons, page, "k", scene.label("more")), scene.home_row()), place="k")
        return
    buttons = [Button(s.short, f"s:{s.id}") for s in told if tag in _tags(s)]
    rows = page_of(buttons, route.number(1), f"k:{tag}", scene.label("more"))
    back = scene.home_row(scene.button("stories", "k"))
    scene.say_key("stories-like", (*rows, back), tag=tags[tag], place=f"k:{tag}")


def show(scene: Scene, route: Route) -> None:
    """A story, or one part of it."""
    story = scene.library.stories.get(scene.library.id_of(route.arg(0)))
    if story is None:
        scene.say_key("old-button", place="m")
        return
    view = entries.view(scene, story.id)
    part = route.arg(1)
    likes = likest(scene, story)
    rows = entries.part_rows(view, "s", part)
    if likes and not part:
        rows += ((Button(scene.label("like-this"), f"s:{likes[0].id}"),),)
    helped = [r for r in story.related if r in scene.library.policies]
    if helped and part in {"helped", "copy-this"}:
        rows += tuple((Button(scene.library.policies[r].short, f"e:{r}"),) for r in helped[:2])
    rows += (scene.home_row(scene.button("stories", "k"), *sounds.button_for(scene, view)),)
    entries.say_view(scene, view, part, rows, place=f"s:{story.id}")


def likest(scene: Scene, story: Story) -> list[Story]:
    """Other stories, the likest first."""
    others = [s for s in scene.library.stories.values() if s.id != story.id]
    scored = [(len(_tags(s) & _tags(story)), s) for s in others]
    return [s for score, s in sorted(scored, key=lambda pair: (-pair[0], pair[1].id)) if score]


def _tags(story: Story) -> set[str]:
    return {*story.livelihoods, *story.place_kinds, *story.difficulties}
