"""Scripts the loudspeaker cannot read aloud: what is left over after turning them into spoken words."""

from __future__ import annotations

from datetime import date

from audio.normalise import read
from bot.library import Library
from bot.library.findings import Finding


def unread(library: Library, today: date) -> tuple[list[Finding], list[Finding]]:
    """Scripts with pieces nobody can say (errors), and with letters that would be spelled out (warnings)."""
    unsaid: list[Finding] = []
    spelled: list[Finding] = []
    for entry in library.entries():
        folder = library.kind_of(entry.id)
        left = read(library.text(entry.broadcast, entry, today)).residue
        for hard, key, findings in ((True, "not_speakable", unsaid), (False, "spelled_out", spelled)):
            pieces = dict.fromkeys(piece.text for piece in left if piece.soft is not hard)
            if pieces:
                findings.append(Finding(folder, entry.id, ("broadcast",), key, {"found": ", ".join(pieces)}))
    return unsaid, spelled
