"""What counts as an answer to a node, by what the node expects; how answers are shown again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bot.engine import runs
from bot.engine.scene import Scene
from bot.engine.words import bare, chosen
from bot.library.schema.flow import Flow, Node
from bot.model.inbound import Attachment
from bot.model.outbound import Button
from bot.model.session import Run

#: what a text that is no answer gives
NO_ANSWER = object()
DONE = "done"
#: every topic at once
ALL = "all"
#: more files than this are taken one case at a time
FILES_MAX = 10


def buttons(scene: Scene, flow: Flow, at: str, node: Node) -> Iterator[Button]:
    """The buttons of a node's own choices."""
    press = f"o:{flow.id}:{at}"
    for ident, option in node.options.items():
        yield Button(option.label, f"{press}:{ident}")
    match node.expects:
        case "hamlet":
            unit = scene.library.units.get(scene.session.unit)
            for hamlet in unit.hamlets if unit else ():
                yield Button(hamlet.name[:24], f"{press}:{hamlet.id}")
        case "files":
            yield scene.button("files-done", f"{press}:{DONE}")
        case "topics":
            picked = _picked(scene, flow, at)
            for topic in scene.library.topics.values():
                mark = scene.label("picked") if topic.id in picked else ""
                yield Button(f"{mark}{topic.short}", f"{press}:{topic.id}")
            yield scene.button("topics-all", f"{press}:{ALL}")
            yield scene.button("topics-done", f"{press}:{DONE}")


def _picked(scene: Scene, flow: Flow, at: str) -> list[str]:
    run = scene.session.run
    value = dict(run.answers).get(at) if run and run.flow == flow.id else None
    return list(value.get("picked", ())) if isinstance(value, dict) else []


def from_press(scene: Scene, node: Node, run: Run, at: str, value: str) -> Any:
    """The answer a button stands for."""
    earlier = dict(run.answers).get(at)
    match node.expects:
        case "files":
            return {**(earlier if isinstance(earlier, dict) else {"files": []}), "done": True}
        case "topics":
            picked = list(earlier.get("picked", ())) if isinstance(earlier, dict) else []
            if value == DONE:
                return {"picked": picked, "done": True}
            if value == ALL:
                return {"picked": list(scene.library.topics), "done": False}
            picked = [t for t in picked if t != value] if value in picked else [*picked, value]
            return {"picked": picked, "done": False}
        case _:
            return value


def from_text(scene: Scene, flow: Flow, at: str, run: Run, text: str) -> Any:
    """The answer a typed text stands for, or NO_ANSWER."""
    node = flow.nodes[at]
    match node.expects:
        case "choice" | "consent" | "topics" | "hamlet" | "files":
            typed = _typed_choice(scene, flow, at, node, text)
            if typed is not None:
                return from_press(scene, node, run, at, typed)
            if node.expects == "hamlet" and text.strip():
                return text.strip()
            if node.expects == "files" and text.strip():
                return _with(run, at, texts=(text.strip(),))
            return NO_ANSWER
        case "number":
            digits = "".join(c for c in text if c.isascii() and c.isdigit())
            return int(digits) if 0 < len(digits) <= 3 else NO_ANSWER
        case "text":
            return text.strip() or NO_ANSWER
        case _:
            return NO_ANSWER


def _typed_choice(scene: Scene, flow: Flow, at: str, node: Node, text: str) -> str | None:
    labels = [(b.press.rpartition(":")[2], b.label) for b in buttons(scene, flow, at, node)]
    if (picked := chosen(text, labels)) is not None:
        return picked
    words = scene.controls.words
    said = bare(text)
    if node.expects in {"choice", "consent"} and node.options:
        if said in {bare(w) for w in words.get("yes", ())}:
            return next(iter(node.options))
        if said in {bare(w) for w in words.get("no", ())} and "khong" in node.options:
            return "khong"
    if node.expects in {"files", "topics"} and said in {
        bare(w) for w in (*words.get("no", ()), *words.get("next", ()))
    }:
        return DONE
    return None


def with_files(run: Run, at: str, attachments: tuple[Attachment, ...], text: str) -> Any:
    """A files answer with more files; the run stays at the node until "done"."""
    files = [
        {"kind": a.kind.value, "ref": a.ref, "name": a.name, "mime": a.mime, "size": a.size_bytes} for a in attachments
    ]
    return _with(run, at, files=files, texts=(text,) if text else ())


def _with(run: Run, at: str, files: list[dict[str, Any]] | None = None, texts: tuple[str, ...] = ()) -> dict[str, Any]:
    earlier = dict(run.answers).get(at)
    base = earlier if isinstance(earlier, dict) else {}
    return {
        "files": [*base.get("files", []), *(files or [])][:FILES_MAX],
        "texts": [*base.get("texts", []), *texts],
        "done": False,
    }


def slots(scene: Scene, flow: Flow, run: Run) -> dict[str, object]:
    """Everything the run's texts may show: answers as people read them, the unit, the entry asked about."""
    unit = scene.library.units.get(scene.session.unit)
    shown: dict[str, object] = {
        "title": flow.title,
        "hamlet": scene.session.hamlet,
        "reception": "; ".join(unit.reception_days) if unit and unit.reception_days else scene.label("ask-commune"),
    }
    shown |= {node.keep or ident: scene.label("none") for ident, node in flow.nodes.items()}
    for node_id, value in run.answers:
        if node_id in flow.nodes:
            node = flow.nodes[node_id]
            shown[node.keep or node_id] = _shown(scene, node, value)
    context = runs.context(run)
    entry = scene.library.entry(context["entry"]) if scene.library.has(context.get("entry", "")) else None
    shown["entry"] = entry.title if entry else ""
    shown["asked"] = context.get("asked", "")
    return shown


def _shown(scene: Scene, node: Node, value: Any) -> str:
    if value is None:
        return scene.label("none")
    if isinstance(value, dict):
        if "picked" in value:
            return ", ".join(scene.library.topics[t].short for t in value["picked"] if t in scene.library.topics)
        count = len(value.get("files", []))
        return scene.label("files-count").format(count=count) if count else scene.label("none")
    if node.expects == "hamlet":
        return hamlet_name(scene, str(value))
    option = node.options.get(value) if isinstance(value, str) else None
    return option.label if option else str(value)


def hamlet_name(scene: Scene, value: str) -> str:
    """A hamlet's name from its id; free text stays as it was typed."""
    unit = scene.library.units.get(scene.session.unit)
    return next((h.name for h in unit.hamlets if h.id == value), value) if unit else value
