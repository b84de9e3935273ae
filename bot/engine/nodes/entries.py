"""An entry's first answer and its parts, always with date, source and status."""

from __future__ import annotations

from bot.engine.nodes import sounds, upper
from bot.engine.nodes.household import fact_buttons
from bot.engine.routes import Route
from bot.engine.scene import Scene, rows_of
from bot.library import Answer, answer
from bot.library.schema.story import Story
from bot.model.outbound import Button, Outbound


def view(scene: Scene, entry_id: str) -> Answer:
    """The entry as this household sees it today."""
    return answer(scene.library, entry_id, scene.today, scene.session.unit or None, scene.session.facts)


def show(scene: Scene, route: Route) -> None:
    """`e:<entry>[:<part>]`: the first answer, or one part of it."""
    if not scene.library.has(route.arg(0)):
        scene.say_key("old-button", place="m")
        return
    if scene.library.kind_of(route.arg(0)) == "stories":
        scene.follow(f"s:{':'.join(route.args)}")
        return
    seen, part = view(scene, route.arg(0)), route.arg(1)
    rows = part_rows(seen, "e", part)
    if not part:
        rows = fact_buttons(scene, seen.depends_on, seen.id) + rows
        if not seen.signed:
            rows += ((scene.button("ask-confirm", f"f:nho-xa-xac-nhan:{seen.id}"),),)
        rows = upper.report_row(scene) + rows
        if seen.instead:
            rows = ((Button(scene.library.entry(seen.instead).short, f"e:{seen.instead}"),), *rows)
    ask = scene.button("ask-official", f"a:{seen.id}")
    rows += (scene.home_row(ask, *sounds.button_for(scene, seen)),)
    say_view(scene, seen, part, rows, place=f"e:{seen.id}")


def part_rows(seen: Answer, letter: str, opened: str) -> tuple[tuple[Button, ...], ...]:
    """Buttons to the parts not open now, two a row; back to the first answer when one is open."""
    buttons = [Button(p.title, f"{letter}:{seen.id}:{p.key}") for p in seen.parts if p.key != opened]
    if opened:
        buttons.insert(0, Button(seen.short, f"{letter}:{seen.id}"))
    return rows_of(buttons, 2)


def say_view(scene: Scene, seen: Answer, part: str, rows: tuple[tuple[Button, ...], ...], *, place: str) -> None:
    """Say the first answer or a part, with the day it was checked and whether the commune confirmed it."""
    opened = next((p for p in seen.parts if p.key == part), None)
    told = [opened.text if opened else seen.first]
    law = "" if opened else _main_law(scene, seen)
    told.append("\n".join(line for line in (law, seen.signed_line, seen.stamp) if line))
    heading = f"{seen.title}: {opened.title}" if opened else seen.title
    said = f"entry:{seen.id}" + (f"/{opened.key}" if opened else "")
    scene.say(
        Outbound(
            text="\n\n".join(t for t in told if t),
            heading=heading,
            rows=rows,
            said=said,
            entry=scene.library.open_id(seen.id),
        ),
        place=f"{place}:{opened.key}" if opened else place,
    )


def _main_law(scene: Scene, seen: Answer) -> str:
    """The document a first answer rests on before all others, in a line; the rest is behind its button."""
    unit = scene.session.unit or None
    entry = scene.library.entry(seen.id, unit)
    if isinstance(entry, Story):
        return ""
    override = scene.library.override(seen.id, unit, scene.today)
    laws = (override.legal_basis if override else ()) + entry.legal_basis
    return scene.says.says["main-law"].text.format(law=laws[0].number) if laws else ""
