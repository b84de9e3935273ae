"""A run of a flow: the answers are the state, the node is recomputed by replay."""

from __future__ import annotations

from typing import Any

from bot.library.schema.flow import Flow, Node
from bot.model.session import Run

#: pseudo node that holds what a run was begun with: {"asked": …, "entry": …}
CONTEXT = ""


def begun(flow: Flow, revision: str, **context: str) -> Run:
    """A run at its start."""
    return Run(flow.id, revision, ((CONTEXT, {k: v for k, v in context.items() if v}),))


def context(run: Run) -> dict[str, str]:
    """What the run was begun with."""
    return dict(run.answers[0][1]) if run.answers and run.answers[0][0] == CONTEXT else {}


def following(flow: Flow, node_id: str, value: Any, answers: dict[str, Any]) -> str | None:
    """The node after `node_id` when it was answered with `value`; None leaves the flow."""
    node = flow.nodes[node_id]
    if isinstance(value, dict) and not value.get("done", True):
        return node_id
    option = node.options.get(value) if isinstance(value, str) else None
    if option and (option.next or option.go):
        return option.next
    for branch in node.branches:
        if answers.get(branch.node) in branch.in_:
            return branch.next
    return node.next


def replay(flow: Flow, run: Run) -> tuple[str | None, Run]:
    """Where the run stands in this version of the flow, and the run without answers that no longer fit.

    After an update of the content an answer whose node or option is gone ends the replay there: the person is asked again.
    """
    at: str | None = flow.start
    kept: list[tuple[str, Any]] = [a for a in run.answers[:1] if a[0] == CONTEXT]
    known: dict[str, Any] = {}
    for node_id, value in run.answers[len(kept) :]:
        if at != node_id or not _still_valid(flow.nodes[at], value):
            break
        kept.append((node_id, value))
        known[node_id] = value
        at = following(flow, node_id, value, known)
    return at, Run(run.flow, run.revision, tuple(kept))


def _still_valid(node: Node, value: Any) -> bool:
    if node.expects in {"choice", "consent"}:
        return value is None or value in node.options
    return True


def answered(flow: Flow, run: Run, value: Any) -> tuple[str | None, Run]:
    """The run with the present node answered (again), and where it stands then."""
    at, run = replay(flow, run)
    if at is None:
        return None, run
    unfinished = bool(run.answers) and run.answers[-1][0] == at
    earlier = run.answers[:-1] if unfinished else run.answers
    return replay(flow, Run(run.flow, run.revision, (*earlier, (at, value))))


def rewound(run: Run, node_id: str) -> Run:
    """The run as it stood before `node_id` was answered last."""
    cut = max((i for i, (n, _) in enumerate(run.answers) if n == node_id), default=len(run.answers))
    return Run(run.flow, run.revision, run.answers[:cut])


def values(flow: Flow, run: Run) -> dict[str, Any]:
    """The answers by the name they are kept under."""
    return {flow.nodes[n].keep or n: v for n, v in run.answers if n != CONTEXT and n in flow.nodes}
