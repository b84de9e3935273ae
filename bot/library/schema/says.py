"""What the engine says outside flows and entries, the words it understands everywhere, and the consents."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from bot.library.schema.base import Label, Slug, Strict, Text
from bot.library.schema.flow import Press


class SayButton(Strict):
    """A button under a fixed text."""

    label: Label
    press: Press


class Say(Strict):
    """One fixed text. `{name}` is filled by the engine."""

    text: Text
    heading: Text | None = None
    rows: tuple[tuple[SayButton, ...], ...] = ()


class Says(Strict):
    """content/phrases/says.yaml"""

    kind: Literal["says"]
    says: dict[Slug, Say]
    #: labels of buttons and short words the engine puts together itself; a trailing space counts
    labels: dict[Slug, Annotated[str, StringConstraints(min_length=1, max_length=28, strip_whitespace=False)]]


class Controls(Strict):
    """content/phrases/controls.yaml: words understood at every point, compared without accents."""

    kind: Literal["controls"]
    words: dict[
        Literal[
            "menu",
            "yes",
            "no",
            "stop",
            "again",
            "back",
            "next",
            "skip",
            "unsubscribe",
            "erase",
            "withdraw",
            "my-data",
            "aired",
        ],
        tuple[Text, ...],
    ]
    #: single words that may stand before or after any of them and change nothing
    polite: tuple[Text, ...] = ()


class Consent(Strict):
    """One purpose for which something is kept. The version changes with the text."""

    version: Slug
    text: Text
    #: what "no" leads to, in one sentence
    refused: Text


class Consents(Strict):
    """content/phrases/consents.yaml"""

    kind: Literal["consents"]
    consents: dict[Slug, Consent] = Field(min_length=1)
