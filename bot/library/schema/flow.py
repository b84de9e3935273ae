"""A flow: a short run of questions. Nodes are data; a new flow needs no code."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from bot.library.schema.base import Label, Slug, Strict, Text

#: where an option leads besides a node of the same flow: a payload of the engine ("m" is the menu)
Press = Annotated[str, StringConstraints(pattern=r"^[a-z]+(:[a-z0-9.-]+)*$", max_length=64)]
#: what happens on arriving at a node
Deed = Literal[
    "open-case",
    "give-consent",
    "withdraw-consent",
    "subscribe",
    "unsubscribe",
    "save-place",
    "save-facts",
    "show-data",
    "ask-erasure",
    "cancel-erasure",
]


class Option(Strict):
    """One button of a choice; its id is what the run remembers."""

    label: Label
    #: a node of this flow; absent = the node's own `next`
    next: Slug | None = None
    #: leaves the flow for another screen
    go: Press | None = None
    #: a lone "yes" means this option; without it nobody agrees by it to anything
    is_yes: bool = False
    #: a lone "no" means this option
    is_no: bool = False

    @model_validator(mode="after")
    def _one_way(self) -> Option:
        if self.next and self.go:
            raise PydanticCustomError("option_two_ways", "an option leads to `next` or to `go`, not both")
        return self


class Branch(Strict):
    """A next node that depends on an earlier answer."""

    node: Slug
    in_: tuple[Slug, ...] = Field(alias="in", min_length=1)
    next: Slug


class Node(Strict):
    """One thing the bot says and what it waits for."""

    #: may hold {slots} of this run and {unit}
    say: Text
    expects: Literal["choice", "text", "phone", "files", "hamlet", "number", "consent", "topics", "nothing"] = "choice"
    options: dict[Slug, Option] = Field(default_factory=dict)
    #: name under which the answer is remembered; the node's id if absent
    keep: Slug | None = None
    #: label of the button that leaves the question unanswered
    skip: Label | None = None
    #: for `consent`: the purpose in content/phrases/consents.yaml
    purpose: Slug | None = None
    branches: tuple[Branch, ...] = ()
    next: Slug | None = None
    #: screen shown after a last node that expects nothing
    go: Press | None = None
    does: Deed | None = None
    #: true where the person's first words may already be the answer
    takes_asked: bool = False
    #: true where the answer is the matter itself: whatever is typed is taken, even what sounds like a question
    matter: bool = False

    @model_validator(mode="after")
    def _fits_together(self) -> Node:
        if self.expects == "choice" and not self.options:
            raise PydanticCustomError("choice_without_options", "a choice needs options")
        if self.expects == "consent" and not self.purpose:
            raise PydanticCustomError("consent_without_purpose", "a consent names its purpose")
        if (
            self.expects in {"choice", "consent"}
            and not self.next
            and any(not (o.next or o.go) for o in self.options.values())
        ):
            raise PydanticCustomError("option_nowhere", "an option needs `next` or `go`, or its node a `next`")
        for word in ("is_yes", "is_no"):
            if sum(getattr(o, word) for o in self.options.values()) > 1:
                raise PydanticCustomError("word_twice", "one option at most is meant by `{word}`", {"word": word})
        if any(o.is_yes and o.is_no for o in self.options.values()):
            raise PydanticCustomError("yes_and_no", "an option is meant by yes or by no, not by both")
        if self.expects in {"text", "phone", "files", "hamlet", "number", "topics"} and not self.next:
            raise PydanticCustomError("question_without_next", "a question needs `next`")
        return self


class Flow(Strict):
    """One run of questions. `case` is the kind of case a finished run opens."""

    id: Slug
    title: Text
    case: Slug | None = None
    start: Slug
    nodes: dict[Slug, Node] = Field(min_length=1)
    formerly: tuple[Slug, ...] = ()

    @model_validator(mode="after")
    def _nodes_exist(self) -> Flow:
        named = {self.start}
        for node in self.nodes.values():
            named |= {n for n in (node.next, *(b.next for b in node.branches)) if n}
            named |= {o.next for o in node.options.values() if o.next}
        if unknown := sorted(named - set(self.nodes)):
            raise PydanticCustomError("no_such_node", "no such node: {nodes}", {"nodes": ", ".join(unknown)})
        return self
