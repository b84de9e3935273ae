"""What counts as an answer to a node, by what the node expects; how answers are shown again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from bot.engine import runs
from bot.engine.scene import Scene
from bot.engine.words import bare, chosen, control, is_word
from bot.library.schema.flow import Flow, Node
from bot.model.inbound import Attachment
from bot.model.outbound import Button
from bot.model.session import Run

#: what a text that is no answer gives
NO_ANSWER = object()
DONE = "done"
#: every topic at once
ALL = "all"
#: takes back the words sent beside files
DROP = "drop"
#: more files than this are taken one case at a time
FILES_MAX = 10
#: answers that tell who sends, and the option by which they are wanted
IDENTITY, NAMED = ("ho-ten", "dien-thoai"), "neu-ten"
_SLOT = re.compile(r"{([^{}]+)}")
#: a question of so many characters is short
BRIEF = 100
#: a telephone number as it is typed: the trunk zero or the country's 84 left out or not, figures in groups
_PHONE = re.compile(r"(?<![\d+])(?:(?:\+?84|0)[ .\-()]{0,2})?[1-9](?:[ .\-()]{0,2}\d){8,9}(?![ .\-]?\d)")


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
            if _texts(scene.session.run, at):
                yield scene.button("words-drop", f"{press}:{DROP}")
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
    """The answer a typed text stands for (None = left open), or NO_ANSWER.

    A lone control word ("yes", "no", "next" …) is an answer only where the node declares what it means.
    """
    node, said = flow.nodes[at], text.strip()
    if (typed := _typed_choice(scene, flow, at, node, said)) is not None:
        return from_press(scene, node, run, at, typed)
    if node.skip and _skips(scene, flow, at, node, said):
        return None
    if control(scene, said) is not None or not said:
        return NO_ANSWER
    match node.expects:
        case "hamlet" | "text":
            return said if any(c.isalpha() for c in said) or node.expects == "hamlet" else NO_ANSWER
        case "files":
            return _with(run, at, texts=(said,))
        case "phone":
            found = _PHONE.search(said)
            return _dialled(found.group()) if found else NO_ANSWER
        case "number":
            digits = "".join(c for c in said if c.isascii() and c.isdigit())
            return int(digits) if 0 < len(digits) <= 3 else NO_ANSWER
        case _:
            return NO_ANSWER


def _dialled(typed: str) -> str:
    """A telephone number as it is dialled within the country."""
    digits = "".join(c for c in typed if c.isdigit())
    digits = digits.removeprefix("84") if len(digits) > 10 else digits
    return digits if digits.startswith("0") else f"0{digits}"


def _typed_choice(scene: Scene, flow: Flow, at: str, node: Node, said: str) -> str | None:
    labels = [(b.press.rpartition(":")[2], b.label) for b in buttons(scene, flow, at, node)]
    if control(scene, said) is None:
        return chosen(said, labels) if node.expects != "number" else None
    # the beginning of a label is no agreement to it: "co" is not "co quan khac"
    if exact := [ident for ident, label in labels if bare(label) == bare(said)]:
        return exact[0]
    for ident, option in node.options.items():
        if (option.is_yes and is_word(scene, said, "yes")) or (option.is_no and is_word(scene, said, "no")):
            return ident
    if node.expects in {"files", "topics"} and any(is_word(scene, said, w) for w in ("no", "next", "skip")):
        return DONE
    return None


def _skips(scene: Scene, flow: Flow, at: str, node: Node, said: str) -> bool:
    """Whether a question that may be left open is: by the button's words or number, or by a word for it."""
    if node.expects != "choice" and is_word(scene, said, "no"):
        return True
    number = str(len(list(buttons(scene, flow, at, node))) + 1)
    is_number = said == number and node.expects != "number"
    return is_number or bare(said) == bare(node.skip or "") or is_word(scene, said, "skip")


def brief(node: Node) -> str:
    """A question asked before, in short: its last sentence that asks, or all of it where it is short. A line that reads an
    answer back is no part of it."""
    sentences = re.split(r"(?<=[.?!:])\s+|\n", node.say)
    asking = [s for s in sentences if s.endswith("?")]
    return asking[-1] if asking else node.say if len(node.say) <= BRIEF else sentences[0]


def _texts(run: Run | None, at: str) -> list[str]:
    value = dict(run.answers).get(at) if run else None
    return list(value.get("texts", ())) if isinstance(value, dict) else []


def drops(scene: Scene, flow: Flow, node: Node) -> list[Button]:
    """Where the answers are read back: the way to take back words sent beside the files."""
    shown = [at for at in _SLOT.findall(node.say) if at in flow.nodes and flow.nodes[at].expects == "files"]
    told = [at for at in shown if _texts(scene.session.run, at)]
    return [scene.button("words-drop", f"o:{flow.id}:{at}:{DROP}") for at in told]


def drop_meant(scene: Scene, typed: str) -> str:
    """The payload of the button shown last that takes such words back, where its words or number were typed; else ""."""
    said = bare(typed)
    for number, press in enumerate(scene.session.offered, 1):
        if press.endswith(f":{DROP}") and said in {str(number), bare(scene.label("words-drop"))}:
            return press
    return ""


def without_texts(run: Run, at: str) -> Run:
    """The run without the words sent beside the files of a node; the files stay, and where the run stands."""
    kept = tuple((n, {**v, "texts": []} if n == at and isinstance(v, dict) else v) for n, v in run.answers)
    return Run(run.flow, run.revision, kept)


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
    shown["nguoi-gui"] = _sender(scene, flow, run)
    return shown


def _sender(scene: Scene, flow: Flow, run: Run) -> str:
    """Name and telephone as they were given, else that none is told."""
    kept = runs.values(flow, run)
    node = flow.nodes.get("ten")
    if node is None or kept.get("ten") is None:
        return scene.label("none")
    named = [str(kept[k]) for k in IDENTITY if kept.get(k)] if kept["ten"] == NAMED else []
    return ", ".join(named) or _shown(scene, node, kept["ten"])


def in_words(text: str, shown: dict[str, object]) -> str:
    """The text without the lines all of whose slots are empty: there is nothing to tell in them."""
    lines = [(line, _SLOT.findall(line)) for line in text.splitlines()]
    return "\n".join(line for line, named in lines if not named or any(shown.get(n, n) != "" for n in named))


def _shown(scene: Scene, node: Node, value: Any) -> str:
    if value is None:
        return scene.label("none")
    if isinstance(value, dict):
        if "picked" in value:
            return ", ".join(scene.library.topics[t].short for t in value["picked"] if t in scene.library.topics)
        count = len(value.get("files", []))
        told = [scene.label("files-count").format(count=count)] if count else []
        told += [scene.label("words-with").format(text=text) for text in value.get("texts", ())]
        return ", ".join(told) or scene.label("none")
    if node.expects == "hamlet":
        return hamlet_name(scene, str(value))
    option = node.options.get(value) if isinstance(value, str) else None
    return option.label if option else str(value)


def hamlet_name(scene: Scene, value: str) -> str:
    """A hamlet's name from its id; free text stays as it was typed."""
    unit = scene.library.units.get(scene.session.unit)
    return next((h.name for h in unit.hamlets if h.id == value), value) if unit else value
