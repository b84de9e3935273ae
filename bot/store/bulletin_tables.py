"""The tables of clips, bulletins, slots and the broadcast log. A change needs a migration; a test compares the two."""

from __future__ import annotations
