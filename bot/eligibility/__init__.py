"""Conditions over a household's facts, three-valued and dated."""

from __future__ import annotations

from bot.eligibility.judge import Truth, Verdict, judge

__all__ = ["Truth", "Verdict", "judge"]
