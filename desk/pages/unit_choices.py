"""Two choices of a unit: who takes reports about its own officials, and the voice its loudspeakers read with."""

from __future__ import annotations

import re
from typing import Any

from starlette.responses import Response

from bot import rights
from bot.library.schema.unit import Unit, UnitData, UpperBody, Voice
from desk.page import Page
from desk.pages.units import LINE_MOST, unit_of, write
from desk.refused import MissingError
from desk.visit import Visit

#: an X25519 public key (RFC 7748) as `loathon seal key` prints it
_KEY = re.compile(r"[0-9a-f]{64}")
#: choices of a voice, in the order they are shown; the words stand in the template
ENGINES = ("auto", "gtts", "vieneu", "piper", "espeak")
REGIONS = ("bac", "trung", "nam")
GENDERS = ("nu", "nam")
SPEEDS = ("0.8", "0.9", "1.0", "1.1", "1.2")


async def upper_form(visit: Visit) -> Response:
    """The body above, or the key reports are sealed to."""
    return visit.page("upper.html", unit=_kept(visit), given=visit.form)


async def upper(visit: Visit) -> Response:
    """Write them; what is left empty is taken back."""
    unit = _kept(visit)
    name, key = visit.text("name", LINE_MOST), "".join(visit.text("key", 100).lower().split())
    told = {"address": visit.text("address", LINE_MOST) or None, "phone": visit.text("phone", 40) or None}
    missing = not name and any(told.values())
    if missing or (key and not _KEY.fullmatch(key)):
        return visit.page("upper.html", status=400, unit=unit, given=visit.form, empty=missing, wrong_key=not missing)
    body = UpperBody(name=name, **told) if name else None
    return await write(visit, UnitData(upper_body=body, outside_key=key or None), "upper.html")


async def voice_form(visit: Visit) -> Response:
    """Which voice reads."""
    return visit.page("voice.html", unit=unit_of(visit), given=visit.form, **_choices())


async def voice(visit: Visit) -> Response:
    """Write it."""
    told = {name: visit.text(name, 10) for name in ("engine", "region", "gender", "speed")}
    offered = {"engine": ENGINES, "region": REGIONS, "gender": GENDERS, "speed": SPEEDS}
    if any(told[name] not in choices for name, choices in offered.items()):
        return visit.page(
            "voice.html", status=400, unit=unit_of(visit), given=visit.form, wrong_choice=True, **_choices()
        )
    return await write(visit, UnitData(voice=Voice.model_validate(told)), "voice.html", **_choices())


def _kept(visit: Visit) -> Unit:
    """The unit, for who answers for its accounts; raises `MissingError`."""
    unit = unit_of(visit)
    if not rights.may(visit.official, "officials", unit=unit.id):
        raise MissingError
    return unit


def _choices() -> dict[str, Any]:
    return {"engines": ENGINES, "regions": REGIONS, "genders": GENDERS, "speeds": SPEEDS}


PAGES: tuple[Page, ...] = (
    # who may name where reports about officials go answers for the accounts, not for the cases
    Page("/ban/don-vi/{unit}/cap-tren", "officials", upper_form, upper),
    Page("/ban/don-vi/{unit}/giong", "units", voice_form, voice),
)
