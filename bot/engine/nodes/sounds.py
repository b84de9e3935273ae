"""What can be heard: entries read aloud, and the loudspeaker's bulletins of the week."""

from __future__ import annotations

from bot.engine.nodes import whereabouts
from bot.engine.routes import Route
from bot.engine.scene import Scene, page_of
from bot.library import Status, voice_note
from bot.library.answer import Answer
from bot.library.schema.unit import Voice
from bot.model.outbound import Button, Outbound, OutMedia, OutMediaKind


def button_for(scene: Scene, seen: Answer) -> tuple[Button, ...]:
    """The button under an entry that holds today; none under one that has ended."""
    return (scene.button("hear", f"y:{seen.id}"),) if seen.status is Status.CURRENT else ()


def entry(scene: Scene, route: Route) -> None:
    """`y:<entry>`: the entry read aloud, as a voice note; ordered when nobody asked for these words before."""
    library, unit = scene.library, scene.session.unit
    note = voice_note(library, route.arg(0), scene.today, unit) if library.has(route.arg(0)) else None
    if note is None:
        scene.say_key("old-button", place="m")
        return
    letter = "s" if library.kind_of(note.entry) == "stories" else "e"
    back = Button(library.entry(note.entry, unit or None).short, f"{letter}:{note.entry}")
    rows = (scene.home_row(back),)
    voice = library.units[unit].voice if unit in library.units else Voice()
    clip = scene.look("entry-clip", note.text_hash, voice.name, note.entry, unit)
    if clip is None:
        again = scene.button("hear", f"y:{note.entry}")
        scene.say_key("hear-soon", ((again,), *rows), title=note.title, place=f"{letter}:{note.entry}")
        return
    label = scene.phrase("hear-person" if clip.get("is_persons") else "hear", title=note.title)
    page = f"{clip['site']}/cs/{library.open_id(note.entry)}"
    scene.say(
        Outbound(
            label.text,
            heading=label.heading,
            rows=rows,
            media=OutMedia(OutMediaKind.VOICE, clip["sha256"], "nghe.ogg", "audio/ogg", page),
            said=f"hear/{note.entry}",
            entry=library.open_id(note.entry),
        ),
        place=f"{letter}:{note.entry}",
    )


def clips(scene: Scene, route: Route) -> None:
    """`l`: this week's bulletins of the household's commune."""
    if whereabouts.first(scene, "l"):
        return
    found = scene.look("clips", scene.session.unit)
    if not found:
        scene.say_key("clips-none", (scene.home_row(),), place="l")
        return
    buttons = [Button(clip["title"], f"z:{clip['id']}") for clip in found]
    scene.say_key("clips", (*page_of(buttons, route.number(0), "l", scene.label("more")), scene.home_row()), place="l")


def bulletin(scene: Scene, route: Route) -> None:
    """`z:<number>`: one bulletin; one that was taken back says why."""
    rows = (scene.home_row(scene.button("other-clips", "l")),)
    found = scene.look("bulletin", route.arg(0))
    if found is None:
        scene.say_key("old-button", place="m")
        return
    if "gone" in found:
        scene.say_key("clip-gone", rows, why=found["gone"], place="l")
        return
    label = scene.phrase("hear-bulletin", title=found["title"])
    media = OutMedia(OutMediaKind.AUDIO, found["sha256"], found["name"], "audio/mpeg", found["page"])
    said = f"bulletin/{route.arg(0)}"
    scene.say(Outbound(label.text, heading=label.heading, rows=rows, media=media, said=said), place="l")


def aired(scene: Scene, airing: str = "") -> bool:
    """An announcer in a linked chat says that it was aired; False for everybody else, whose words mean something else.

    `airing`: the one whose button was pressed; "" = what was due last. What is left has a button each.
    """
    found = scene.look("aired", airing)
    if found is None:
        return False
    rows = (*((Button(one["title"], f"j:{one['id']}"),) for one in found["left"]), scene.home_row())
    if found["titles"]:
        scene.say_key("aired-more" if found["left"] else "aired", rows, titles="; ".join(found["titles"]), place="l")
    else:
        scene.say_key("aired-which" if found["left"] else "aired-none", rows, place="l")
    return True


def aired_one(scene: Scene, route: Route) -> None:
    """`j:<airing>`: that one was aired."""
    if not route.arg(0) or not aired(scene, route.arg(0)):
        scene.say_key("old-button", place="m")
