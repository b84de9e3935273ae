"""What each outlet needs of the sound. No numpy here: the desk lists profiles too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Profile:
    """Band in hertz, presence lift in dB, compressor, loudness in LUFS and true-peak ceiling in dBTP before
    encoding.
    """

    id: str
    high_pass_hz: float
    low_pass_hz: float | None
    presence_db: float
    presence_hz: float
    ratio: float
    threshold_db: float
    target_lufs: float
    ceiling_dbtp: float

    @property
    def key(self) -> str:
        """All figures as text: part of the cache key, so that a changed figure never serves old sound."""
        return "|".join(str(getattr(self, name)) for name in self.__slots__)


#: Figures measured for a simulated horn in noise (`loathon check-horn` repeats it): speech intelligibility rises with
#: level and presence; a steeper low cut of our own harms, because the horn already is one. `loa-cu` protects old
#: drivers and thin lines at a small cost. `fm` leaves the last word to the transmitter's limiter (-18 LUFS, AES TD1008
#: for speech); `thoai` is for telephones (-16 LUFS, the loud end of AES TD1004). The ceiling leaves 1 dB for the
#: codec: after MP3 nothing may pass -1 dBTP.
PROFILES: Mapping[str, Profile] = {
    profile.id: profile
    for profile in (
        Profile("loa", 150, 7000, 5.0, 2500, 8.0, -30.0, -14.0, -2.0),
        Profile("loa-cu", 250, 7000, 5.0, 2500, 8.0, -30.0, -14.0, -2.0),
        Profile("fm", 80, 15000, 2.0, 2500, 3.0, -24.0, -18.0, -2.0),
        Profile("thoai", 100, None, 2.0, 2500, 2.5, -24.0, -16.0, -1.5),
    )
}

#: no finished file may pass this, whatever the codec added (dBTP)
FINAL_CEILING_DBTP = -1.0
