"""Asking the questions of a flow, one by one, and taking the answers in whatever way they come."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.engine import runs
from bot.engine.nodes import answers, deeds, upper
from bot.engine.routes import Route
from bot.engine.scene import Scene, rows_of
from bot.library.schema.flow import Flow, Node
from bot.model.events import ConsentGiven
from bot.model.outbound import Button, Outbound
from bot.model.session import Run

YES = "dong-y"
#: place after a finished run: a second tap on its last button finds it and repeats the outcome
FINISHED = "done:"


def begin(scene: Scene, route: Route) -> None:
    """Start a flow with nothing filled in. `f:<flow>[:<entry>]`."""
    _begin(scene, route, "")


def begin_with_words(scene: Scene, route: Route) -> None:
    """Start a flow with the person's own last words as the matter. `b:<flow>[:<entry>]`."""
    _begin(scene, route, scene.session.asked)


def _begin(scene: Scene, route: Route, asked: str) -> None:
    flow = scene.library.flows.get(route.arg(0))
    if flow is None:
        scene.say_key("old-button", place="m")
        return
    if scene.inbound.is_group and (flow.case or any(n.does for n in flow.nodes.values())):
        scene.say_key("group-private")
        return
    run = runs.begun(flow, scene.library.revision, asked=asked, entry=route.arg(1))
    scene.update(run=run)
    if asked and flow.nodes[flow.start].takes_asked:
        scene.say_key("words-noted")
    _step(scene, flow, flow.start, run)


def press(scene: Scene, route: Route) -> None:
    """A button of a flow: `o:<flow>:<node>:<option>`. Old buttons, second taps and going back all end well."""
    flow = scene.library.flows.get(route.arg(0))
    if flow is None:
        scene.say_key("old-button", place="m")
        return
    run = scene.session.run
    if run is None or run.flow != flow.id:
        if scene.session.place.startswith(f"{FINISHED}{flow.id}"):
            repeat_outcome(scene, flow)
            return
        begin(scene, Route("f", (flow.id,)))
        return
    at, run = runs.replay(flow, run)
    node_id, value = route.arg(1), route.arg(2)
    if node_id != at and not any(n == node_id for n, _ in run.answers):
        ask_again(scene)
        return
    node = flow.nodes[node_id]
    if node.expects == "files" and value == answers.DROP:
        scene.update(run=answers.without_texts(run, node_id))
        scene.say_key("words-dropped")
        ask_again(scene)
        return
    answer = answers.from_press(scene, node, run, node_id, value)
    scene.update(run=run if node_id == at else runs.rewound(run, node_id))
    take(scene, flow, node_id, answer)


def control(scene: Scene, route: Route) -> None:
    """`x:stop` leaves the form, `x:back` takes the last answer back, `x:skip` leaves the question open."""
    run = scene.session.run
    flow = scene.library.flows.get(run.flow) if run else None
    if run is None or flow is None:
        scene.say_key("menu", place="m")
        return
    at, run = runs.replay(flow, run)
    match route.arg(0):
        case "stop":
            scene.update(run=None)
            scene.say_key("run-stopped", (scene.home_row(),), title=flow.title, place="m")
        case "skip" if at and flow.nodes[at].skip:
            take(scene, flow, at, None)
        case "back":
            given = [n for n, _ in run.answers if n not in {runs.CONTEXT, at}]
            run = runs.rewound(run, given[-1]) if given else run
            scene.update(run=run)
            ask_again(scene)
        case _:
            ask_again(scene)


def ask_again(scene: Scene) -> None:
    """Say the present question once more."""
    run = scene.session.run
    flow = scene.library.flows.get(run.flow) if run else None
    if run is None or flow is None:
        scene.say_key("menu", place="m")
        return
    at, run = runs.replay(flow, run)
    scene.update(run=run)
    _step(scene, flow, at, run)


def ask_briefly(scene: Scene, key: str) -> None:
    """The present question in short, after something in between; the fixed text `key` leads to it."""
    run = scene.session.run
    flow = scene.library.flows.get(run.flow) if run else None
    at, run = runs.replay(flow, run) if flow and run else (None, run)
    if run is None or flow is None or at is None or scene.unit_is_open:
        ask_again(scene)
        return
    node = flow.nodes[at]
    whole = _question(scene, flow, at, node, answers.slots(scene, flow, run))
    # what somebody agrees to is read out in full
    question = whole.text if node.expects == "consent" else scene.fill(answers.brief(node), {})
    choices = [button.label for row in whole.rows[:-1] for button in row]
    numbered = "\n".join(f"{number}. {label}" for number, label in enumerate(choices, 1))
    text = scene.fill(scene.says.says[key].text, {"question": question, "choices": numbered})
    scene.say(replace(whole, text=text))


def take(scene: Scene, flow: Flow, node_id: str, value: Any) -> None:
    """Take an answer (None = skipped) to a node of the run under way and go on."""
    node = flow.nodes[node_id]
    run = scene.session.run
    if run is None:
        return
    if node.expects == "topics" and value == {"picked": [], "done": True}:
        # nobody is to get news they did not choose
        scene.say_key("topics-none")
        ask_again(scene)
        return
    if node.expects == "consent" and node.purpose and value == YES:
        version = scene.consents.consents[node.purpose].version
        scene.emit(ConsentGiven(node.purpose, version))
        scene.update(consents={**scene.session.consents, node.purpose: version})
    option = node.options.get(value) if isinstance(value, str) else None
    at, run = runs.answered(flow, run, value)
    scene.update(run=run)
    if option and option.go:
        scene.update(run=None)
        scene.follow(option.go)
        return
    if upper.sends_away(scene, flow, run, deeds.words_of(flow, run)):
        return
    _step(scene, flow, at, run)


def repeat_outcome(scene: Scene, flow: Flow) -> None:
    """A second tap after the end: nothing happens twice, the outcome is told again."""
    code = scene.session.place.removeprefix(f"{FINISHED}{flow.id}").removeprefix(":")
    key = "already-sent" if code else "already-done"
    scene.say_key(key, (scene.home_row(),), code=deeds.spaced(code), title=flow.title)


def _step(scene: Scene, flow: Flow, at: str | None, run: Run) -> None:
    """Say the node the run stands at; nodes that need no answer are passed through."""
    if scene.unit_is_open and _for_officials(flow):
        # a matter for no commune in particular would lie with nobody
        scene.follow("u")
        return
    for _ in range(len(flow.nodes) + 1):
        if at is None:
            scene.update(run=None, place=f"{FINISHED}{flow.id}")
            return
        node = flow.nodes[at]
        if (given := _known_already(scene, node, run)) is not None:
            at, run = runs.answered(flow, run, given)
            scene.update(run=run)
            continue
        slots = answers.slots(scene, flow, run)
        if node.does:
            slots |= deeds.DEEDS[node.does](scene, flow, run)
        scene.say(_question(scene, flow, at, node, slots))
        if node.expects != "nothing":
            return
        if node.next is None:
            scene.update(run=None, asked="", place=f"{FINISHED}{flow.id}:{slots.get('raw-code', '')}".rstrip(":"))
            if node.go:
                scene.follow(node.go)
            return
        at, run = runs.answered(flow, run, True)
        scene.update(run=run)


def _for_officials(flow: Flow) -> bool:
    return flow.case is not None or any(node.does == "subscribe" for node in flow.nodes.values())


def _known_already(scene: Scene, node: Node, run: Run) -> Any:
    """An answer the person has given before: a consent, or the words that led here."""
    if node.expects == "consent" and node.purpose:
        version = scene.consents.consents[node.purpose].version
        return YES if scene.session.consents.get(node.purpose) == version else None
    if node.takes_asked and (asked := runs.context(run).get("asked", "")):
        return asked
    return None


def _question(scene: Scene, flow: Flow, at: str, node: Node, slots: dict[str, object]) -> Outbound:
    text = scene.fill(answers.in_words(node.say, slots), slots)
    if node.expects == "consent" and node.purpose:
        text = f"{text}\n\n{scene.consents.consents[node.purpose].text}"
    buttons = list(answers.buttons(scene, flow, at, node))
    if node.skip:
        buttons.append(Button(node.skip, "x:skip"))
    buttons += answers.drops(scene, flow, node)
    rows = list(rows_of(buttons))
    if node.expects == "nothing":
        rows += [scene.home_row()] if node.next is None and not node.go else []
    else:
        rows.append((scene.button("back", "x:back"), scene.button("stop", "x:stop")))
    return Outbound(text=text, rows=tuple(rows), said=f"{flow.id}/{at}")
