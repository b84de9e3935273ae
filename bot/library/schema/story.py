"""A model-household story, told at province level unless the people in it consented."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from bot.library.schema.base import Confidence, Label, Slug, Strict, Text


class StoryPlace(Strict):
    """Where it happened, for officials and for the rule that a commune does not hear its own unconsented story."""

    commune_then: Text | None = None
    district_then: Text | None = None
    province_then: Text
    commune_now: Text | None = None
    province_now: Text


class StoryConsent(Strict):
    """Recorded consent of the people in the story."""

    recorded_on: date
    recorded_by: Text
    scope: Text


class StoryParts(Strict):
    """What a household can open after the first lines."""

    start: Text
    did: Text
    helped: Text
    result: Text
    copy_this: Text


class Story(Strict):
    """One story. Every text in it keeps the privacy rule by itself: nothing is hidden at run time."""

    id: Slug
    title: Text
    short: Label
    place: StoryPlace
    #: tags of `content/phrases/likeness.yaml`, for "stories by likeness"
    livelihoods: tuple[Slug, ...] = Field(min_length=1)
    place_kinds: tuple[Slug, ...] = ()
    difficulties: tuple[Slug, ...] = ()
    groups: tuple[Slug, ...] = ()
    #: whether the source itself says the household left poverty
    escaped_poverty: bool
    consent: StoryConsent | None = None
    confidence: Confidence
    read_extent: Literal["trich-doan", "toan-van"]
    reviewed_on: date
    #: year the events or the report belong to
    year: int | None = None
    formerly: tuple[Slug, ...] = ()
    #: at most 350 characters
    answer: Text
    parts: StoryParts
    broadcast: Text
    sources: tuple[Text, ...] = Field(min_length=1)
    #: what the sources do not say
    missing: tuple[Text, ...] = ()
    notes: Text | None = None
    related: tuple[Slug, ...] = ()
    asked_as: tuple[Text, ...] = ()
