"""What a channel can carry. `channels.fit` cuts an `Outbound` to these."""

from __future__ import annotations

from dataclasses import dataclass

from bot.model.outbound import OutMediaKind


@dataclass(frozen=True, slots=True)
class Caps:
    """Limits of one channel; lengths in characters unless a name says bytes."""

    text_max: int
    caption_max: int
    buttons: bool
    buttons_max: int
    button_label_max: int
    press_max_bytes: int
    media: frozenset[OutMediaKind]
