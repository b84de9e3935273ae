"""Flows and fixed texts: nodes nobody reaches, buttons that lead nowhere."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping

from bot.engine.nodes.screens import SCREENS
from bot.engine.routes import parse
from bot.library import Library
from bot.library.findings import Finding
from bot.library.schema.flow import Flow
from bot.library.schema.says import Consents, Says


def flow_faults(library: Library) -> Iterator[Finding]:
    """Unreachable nodes, dead buttons and unknown consents of every flow."""
    consents = library.phrase(Consents).consents if "consents" in library.phrases else {}
    for flow in library.flows.values():
        reached = _reached(flow)
        for name, node in flow.nodes.items():
            if name not in reached:
                yield Finding("flows", flow.id, ("nodes", name), "node_unreached", {"node": name})
            if node.purpose and node.purpose not in consents:
                yield Finding("flows", flow.id, ("nodes", name, "purpose"), "unknown_consent", {"id": node.purpose})
            for key, option in node.options.items():
                if option.go and not leads_somewhere(library, option.go):
                    told = {"label": option.label, "press": option.go}
                    yield Finding("flows", flow.id, ("nodes", name, "options", key), "dead_button", told)


def says_faults(library: Library) -> Iterator[Finding]:
    """Buttons under fixed texts that lead nowhere."""
    if "says" not in library.phrases:
        return
    for key, say in library.phrase(Says).says.items():
        for button in (button for row in say.rows for button in row):
            if not leads_somewhere(library, button.press):
                told = {"label": button.label, "press": button.press}
                yield Finding("phrases", "says", ("says", key, "rows"), "dead_button", told)


def leads_somewhere(library: Library, press: str) -> bool:
    """Whether a payload opens a screen, and the thing it names exists."""
    route = parse(press)
    if route.name not in SCREENS:
        return False
    target = route.arg(0)
    known: Mapping[str, Callable[[], Collection[str]]] = {
        "t": lambda: library.topics,
        "e": lambda: library.policies,
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
