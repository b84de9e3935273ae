"""Flows and fixed texts: nodes nobody reaches, buttons that lead nowhere."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping

from bot.check.wording import MESSAGE_MAX
from bot.engine.nodes.screens import SCREENS
from bot.engine.routes import parse
from bot.library import Library
from bot.library.findings import Finding
from bot.library.schema.flow import Flow
from bot.library.schema.says import Consents, Says


def flow_faults(library: Library) -> Iterator[Finding]:
    """Unreachable nodes, dead buttons, unknown consents and texts too long for a channel, in every flow."""
    consents = library.phrase(Consents).consents if "consents" in library.phrases else {}
    for flow in library.flows.values():
        reached = _reached(flow)
        for name, node in flow.nodes.items():
            if name not in reached:
                yield Finding("flows", flow.id, ("nodes", name), "node_unreached", {"node": name})
            if node.purpose and node.purpose not in consents:
                yield Finding("flows", flow.id, ("nodes", name, "purpose"), "unknown_consent", {"id": node.purpose})
            if len(node.say) > MESSAGE_MAX:
                size = {"count": len(node.say), "limit": MESSAGE_MAX}
                yield Finding("flows", flow.id, ("nodes", name, "say"), "message_long", size)
            for key, option in node.options.items():
                if option.go and not leads_somewhere(library, option.go):
                    told = {"label": option.label, "press": option.go}
                    yield Finding("flows", flow.id, ("nodes", name, "options", key), "dead_button", told)


def says_faults(library: Library) -> Iterator[Finding]:
    """Fixed texts that are too long, and buttons under them that lead nowhere."""
    if "says" not in library.phrases:
        return
    for key, say in library.phrase(Says).says.items():
        for button in (button for row in say.rows for button in row):
            if not leads_somewhere(library, button.press):
                told = {"label": button.label, "press": button.press}
                yield Finding("phrases", "says", ("says", key, "rows"), "dead_button", told)
        if len(say.text) > MESSAGE_MAX:
            size = {"count": len(say.text), "limit": MESSAGE_MAX}
            yield Finding("phrases", "says", ("says", key, "text"), "message_long", size)


def leads_somewhere(library: Library, press: str) -> bool:
    """Whether a payload opens a screen, and the thing it names exists."""
    route = parse(press)
    if route.name not in SCREENS:
        return False
    target = route.arg(0)
    known: Mapping[str, Callable[[], Collection[str]]] = {
        "t": lambda: library.topics,
        "e": lambda: {*library.policies, *library.faq, *library.announcements},
        "s": lambda: library.stories,
        "f": lambda: library.flows,
        "w": lambda: library.phrase(Says).says,
        "u": lambda: library.units,
        "p": lambda: library.household,
    }
    return not target or route.name not in known or library.id_of(target) in known[route.name]()


def _reached(flow: Flow) -> set[str]:
    """Nodes some way leads to from the start."""
    reached, waiting = {flow.start}, [flow.start]
    while waiting:
        node = flow.nodes[waiting.pop()]
        ways = [
            node.next,
            *(branch.next for branch in node.branches),
            *(option.next for option in node.options.values()),
        ]
        for way in ways:
            if way and way not in reached:
                reached.add(way)
                waiting.append(way)
    return reached
