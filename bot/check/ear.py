"""Scripts the loudspeaker cannot read aloud: what is left over after turning them into spoken words."""

from __future__ import annotations

from datetime import date

from audio.normalise import read
from bot.library import Library
from bot.library.findings import Finding


def left_over(script: str) -> list[tuple[str, bool]]:
    """What of a script cannot be read aloud: (piece, whether it could be spelled out)."""
    return [(piece.text, piece.soft) for piece in read(script).residue]


def unread(library: Library, today: date) -> tuple[list[Finding], list[Finding]]:
    """Scripts with pieces nobody can say (errors), and with letters that would be spelled out (warnings)."""
    unsaid: list[Finding] = []
    spelled: list[Finding] = []
    for entry in library.entries():
        folder = library.kind_of(entry.id)
        left = left_over(library.text(entry.broadcast, entry, today))
        for hard, key, findings in ((True, "not_speakable", unsaid), (False, "spelled_out", spelled)):
            pieces = dict.fromkeys(piece for piece, soft in left if soft is not hard)
            if pieces:
                findings.append(Finding(folder, entry.id, ("broadcast",), key, {"found": ", ".join(pieces)}))
    return unsaid, spelled
