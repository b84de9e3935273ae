"""What a broadcast says: checked when it is written, made of the library's entry, closed with how to stop."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from bot.errors import LoaThonError
from bot.library import Library, answer
from bot.library.answer import airable
from bot.library.render import fill
from bot.library.schema.says import Consents, Says
from bot.model.broadcast import Audience, Broadcast
from bot.model.outbound import Button, Outbound, OutMedia
from bot.store.audience import PROFILE, Reach

TITLE_MOST, TEXT_MOST, BUTTONS_MOST, LABEL_MOST = 80, 3000, 6, 24
#: by which messages to households go out
CHANNELS = ("telegram", "web")
#: screens of the engine a button of a broadcast may open: an entry, a story, a topic, a form, the menu
_PRESS = re.compile(r"(e|s):([a-z0-9-]+)|(t):([a-z0-9-]+)|(f):([a-z0-9-]+)|m")
_URL = re.compile(r"https?://[^\s]{1,500}")
#: what `content/phrases/says.yaml` calls the closing line with its button, and the heading of a digest
_CLOSING, _DIGEST = "broadcast-closing", "digest"
#: a digest longer than this tells only the titles of what comes later
DIGEST_MOST = 3000


class WrongTitleError(LoaThonError):
    """broadcasts.wrong_title"""


class WrongTextError(LoaThonError):
    """broadcasts.wrong_text"""


class WrongButtonError(LoaThonError):
    """broadcasts.wrong_button"""


class WrongAudienceError(LoaThonError):
    """broadcasts.wrong_audience"""


class EntryNotReadyError(LoaThonError):
    """broadcasts.entry_not_ready"""


@dataclass(frozen=True, slots=True)
class Content:
    """What is to be said: free text, or an approved entry of the library (then `text` is "" and `title` may be: the entry's
    own, the short one where that is too long).

    `buttons` stand one a row: a screen of the engine ("e:<entry>", "s:<story>", "t:<topic>", "f:<flow>", "m") or an address.
    """

    title: str = ""
    text: str = ""
    entry: str = ""
    buttons: tuple[Button, ...] = ()
    #: a photo or sound kept among the blobs; uploaded once to each channel
    media: OutMedia | None = None


def written(library: Library, content: Content, unit: str, on: date) -> tuple[str, Outbound]:
    """(title, message) of what an official wrote, without the closing line.

    Raises `WrongTitleError`, `WrongTextError`, `WrongButtonError`, `EntryNotReadyError`.
    """
    for button in content.buttons:
        _check_button(library, button)
    if len(content.buttons) > BUTTONS_MOST:
        raise WrongButtonError(label=content.buttons[BUTTONS_MOST].label)
    rows = tuple((button,) for button in content.buttons)
    if content.entry:
        return _of_entry(library, content, unit, on, rows)
    title, text = _line(content.title), unicodedata.normalize("NFC", content.text).replace("\r\n", "\n").strip()
    if not 0 < len(title) <= TITLE_MOST:
        raise WrongTitleError(most=TITLE_MOST)
    if not 0 < len(text) <= TEXT_MOST or any(unicodedata.category(c)[0] == "C" and c not in "\n\u200d" for c in text):
        raise WrongTextError(most=TEXT_MOST)
    return title, Outbound(text, heading=title, rows=rows, media=content.media, said="broadcast")


def _line(text: str) -> str:
    line = " ".join(unicodedata.normalize("NFC", text).split())
    return line if line.isprintable() else ""


def _of_entry(
    library: Library, content: Content, unit: str, on: date, rows: tuple[tuple[Button, ...], ...]
) -> tuple[str, Outbound]:
    if content.text.strip():
        raise WrongTextError(most=0)
    entry_id = library.id_of(content.entry)
    if not library.has(entry_id) or not airable(library, entry_id, on, unit):
        raise EntryNotReadyError(entry=content.entry)
    seen = answer(library, entry_id, on, unit)
    letter = "s" if seen.kind == "stories" else "e"
    more = (Button(seen.short, f"{letter}:{entry_id}"),)
    text = "\n\n".join(piece for piece in (seen.text, f"{seen.signed_line} {seen.stamp}".strip()) if piece)
    # nobody typed an entry's own title: where it is too long, what stands on its button serves
    title = _line(content.title) or (seen.title if len(seen.title) <= TITLE_MOST else seen.short)
    if len(title) > TITLE_MOST:
        raise WrongTitleError(most=TITLE_MOST)
    outbound = Outbound(
        text,
        heading=title,
        rows=(more, *rows),
        media=content.media,
        said=f"entry:{entry_id}",
        entry=library.open_id(entry_id),
    )
    return title, outbound


def _check_button(library: Library, button: Button) -> None:
    if not 0 < len(_line(button.label)) <= LABEL_MOST or bool(button.press) == bool(button.url):
        raise WrongButtonError(label=button.label)
    if button.url:
        if not _URL.fullmatch(button.url):
            raise WrongButtonError(label=button.label)
        return
    found = _PRESS.fullmatch(button.press)
    if found is None:
        raise WrongButtonError(label=button.label)
    _entry_letter, entry, _topic_letter, topic, _flow_letter, flow = found.groups()
    known = (not entry or library.has(entry)) and (not topic or topic in library.topics)
    if not known or (flow and flow not in library.flows):
        raise WrongButtonError(label=button.label)


def still_holds(library: Library, broadcast: Broadcast, on: date) -> bool:
    """Whether the entry a broadcast tells of says today what it said when it was approved."""
    if not broadcast.entry:
        return True
    own = broadcast.outbound
    content = Content(title=broadcast.title, entry=broadcast.entry, buttons=tuple(own.buttons[1:]), media=own.media)
    try:
        return written(library, content, broadcast.unit, on)[1] == own
    except LoaThonError:
        return False


def checked_audience(library: Library, audience: Audience, units: frozenset[str]) -> Audience:
    """The audience as it is kept; `units` are those it may name. Raises `WrongAudienceError`."""
    facts = library.household
    for name, values in audience.facts:
        fact = facts.get(name)
        allowed = {"choice": set(fact.options), "yes-no": {"true", "false"}}.get(fact.kind) if fact else None
        if fact is None or fact.sensitive or not values or not allowed or set(values) - allowed:
            raise WrongAudienceError(what=name)
    for told, known in ((audience.units, units), (audience.topics, library.topics), (audience.channels, CHANNELS)):
        for name in told:
            if name not in known:
                raise WrongAudienceError(what=name)
    hamlets = tuple(" ".join(unicodedata.normalize("NFC", hamlet).split()) for hamlet in audience.hamlets)
    return Audience(
        _once(audience.units),
        _once(hamlets),
        _once(audience.topics),
        _once(audience.channels),
        tuple(sorted((name, _once(values)) for name, values in audience.facts)),
    )


def _once(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(sorted(set(names)))


def reach_of(library: Library, audience: Audience, below: frozenset[str]) -> Reach:
    """The audience with all units it means, and the consent text that covers household facts."""
    versions = (library.phrase(Consents).consents[PROFILE].version,) if audience.facts else ()
    return Reach(audience, tuple(sorted(below)), versions)


def message(library: Library, broadcast: Broadcast) -> Outbound:
    """What households get: the words, how to stop, and a button for it."""
    return closed(library, broadcast.outbound, broadcast.unit)


def closed(library: Library, outbound: Outbound, unit: str) -> Outbound:
    """A message with who sends it and how to stop."""
    say = library.phrase(Says).says[_CLOSING]
    sender = library.units.get(unit)
    closing = fill(say.text, unit=sender.office if sender else unit)
    own = tuple(tuple(Button(b.label, b.press) for b in row) for row in say.rows)
    return replace(outbound, text=f"{outbound.text}\n\n{closing}", rows=(*outbound.rows, *own))


def digest(library: Library, broadcasts: Sequence[Broadcast]) -> Outbound:
    """The news of a week or month in one message; what is too long is told by its title and a button."""
    say = library.phrase(Says).says[_DIGEST]
    told: list[str] = []
    buttons: list[Button] = []
    room = DIGEST_MOST
    for one in broadcasts:
        whole = f"{one.title}\n{one.outbound.text}"
        told.append(whole if len(whole) <= room else one.title)
        room -= len(told[-1])
        buttons += [b for b in one.outbound.buttons if b not in buttons]
    rows = tuple((button,) for button in buttons[:BUTTONS_MOST])
    outbound = Outbound("\n\n".join(told), heading=say.text, rows=rows, said="broadcast/digest")
    return closed(library, outbound, broadcasts[0].unit)
