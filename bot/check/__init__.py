"""`loathon content check`: everything the loader cannot refuse by itself."""

from __future__ import annotations

from bot.check.report import Report, check, main

__all__ = ["Report", "check", "main"]
