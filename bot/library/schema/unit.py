"""A unit: the commune (or province) an installation speaks for. Left empty rather than invented."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from bot.library.schema.base import Amount, Confidence, Dated, Label, LegalBasis, Slug, Strict, Text

PublicKey = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Body(Strict):
    """A body of the unit and the topics it answers for."""

    id: Slug
    name: Text
    topics: tuple[Slug, ...] = ()
    phone: Text | None = None
    room: Text | None = None


class UpperBody(Strict):
    """The body above the unit that takes what concerns the unit's own officials."""

    name: Text
    address: Text | None = None
    phone: Text | None = None


ZoneKind = Literal["co-day", "fm", "ip"]


class Zone(Strict):
    """A loudspeaker zone: the horns that can be switched on by themselves."""

    id: Slug
    title: Text
    #: by wire, by radio or over the network; none = not told
    kind: ZoneKind | None = None


class Slot(Strict):
    """When the loudspeakers of a zone speak; without a zone, all of them."""

    zone: Slug | None = None
    #: hour and minute where the people live
    at: Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
    minutes: int = Field(default=15, ge=1, le=60)
    #: 1 = Monday … 7 = Sunday; none = every day
    days: tuple[Annotated[int, Field(ge=1, le=7)], ...] = ()


class Voice(Strict):
    """How this unit's clips are read; `auto` takes the best voice that is there."""

    engine: Literal["auto", "gtts", "vieneu", "piper", "espeak"] = "auto"
    region: Literal["bac", "trung", "nam"] = "bac"
    gender: Literal["nu", "nam"] = "nu"
    #: 1 = as the voice speaks
    speed: float = Field(default=1.0, ge=0.5, le=1.5)

    @property
    def name(self) -> str:
        """The wish as one word: units with the same wish share their clips."""
        return f"{self.engine}-{self.region}-{self.gender}-{self.speed:.2f}"


class HamletCounts(Strict):
    """A hamlet's households at the end of a year's review. Counts only, never names."""

    households: int | None = Field(default=None, ge=0)
    poor: int | None = Field(default=None, ge=0)
    near_poor: int | None = Field(default=None, ge=0)
    escaped: int | None = Field(default=None, ge=0)
    #: on the list of especially difficult hamlets that year
    difficult: bool | None = None


class Hamlet(Strict):
    """A hamlet (thon, ban, lang, to dan pho) of the unit."""

    id: Slug
    name: Text
    languages: tuple[Slug, ...] = ()
    zones: tuple[Slug, ...] = ()
    years: dict[int, HamletCounts] = Field(default_factory=dict)


class Override(Dated):
    """What a unit says differently of an entry, or in addition: a province may set a higher line.

    Fields that are given replace those of the entry, `amounts` one by one; `addition` is put behind the answer.
    Outside its dates the entry stands as it is in the base.
    """

    amounts: dict[Slug, Amount] = Field(default_factory=dict)
    answer: Text | None = None
    addition: Text | None = None
    broadcast: Text | None = None
    legal_basis: tuple[LegalBasis, ...] = ()
    sources: tuple[Text, ...] = ()
    confidence: Confidence | None = None
    reviewed_on: date


class Unit(Strict):
    """One commune, ward, special zone or province under its name of today."""

    id: Slug
    #: with its title, as it is written in a sentence: "xa Tu Ky" with its accents
    name: Text
    short: Label
    #: how its people's committee signs
    office: Text
    level: Literal["tinh", "xa", "phuong", "dac-khu"]
    province: Text
    #: unit whose overrides this one takes over, if it is in the library
    parent: Slug | None = None
    #: names before 1 July 2025 whose area (or the heart of it) lies here
    formerly_called: tuple[Text, ...] = ()
    formerly: tuple[Slug, ...] = ()
    address: Text | None = None
    phone: Text | None = None
    #: days and hours on which citizens are received, one line each
    reception_days: tuple[Text, ...] = ()
    bodies: tuple[Body, ...] = ()
    #: where reports about the unit's own officials go; none: they are sealed to `outside_key`, or not taken
    upper_body: UpperBody | None = None
    #: X25519 public key of who holds the private one outside this installation, as hex
    outside_key: PublicKey | None = None
    languages: tuple[Slug, ...] = ()
    zones: tuple[Zone, ...] = ()
    slots: tuple[Slot, ...] = ()
    #: whether the usual times stand in where no slots are given; false: bulletins bring their own time
    usual_times: bool = True
    voice: Voice = Voice()
    hamlets: tuple[Hamlet, ...] = ()
    overrides: dict[Slug, Override] = Field(default_factory=dict)
    sources: tuple[Text, ...] = ()
    notes: Text | None = None


class UnitData(Strict):
    """What a unit's officials filled in at the desk; what is given goes before the unit's file, field by field."""

    address: Text | None = None
    phone: Text | None = None
    reception_days: tuple[Text, ...] | None = None
    bodies: tuple[Body, ...] | None = None
    upper_body: UpperBody | None = None
    outside_key: PublicKey | None = None
    zones: tuple[Zone, ...] | None = None
    slots: tuple[Slot, ...] | None = None
    usual_times: bool | None = None
    voice: Voice | None = None
    hamlets: tuple[Hamlet, ...] | None = None

    def given(self) -> dict[str, Any]:
        """The fields that are given, by name."""
        return {name: getattr(self, name) for name in sorted(self.model_fields_set)}
