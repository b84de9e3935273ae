"""A topic: how households browse and how cases are routed."""

from __future__ import annotations

from pydantic import Field

from bot.library.schema.base import Label, Slug, Strict, Text


class Topic(Strict):
    """One shelf of the policy menu."""

    id: Slug
    title: Text
    short: Label
    #: place in the menu, smaller first
    order: int = Field(ge=0)
    #: one line under the title
    about: Text
    #: ids this topic had before; ids are never reused
    formerly: tuple[Slug, ...] = ()
    #: the words people use for it
    asked_as: tuple[Text, ...] = ()
