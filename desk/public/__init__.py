"""Public pages: every entry and story, without account, cookie or script; made to be forwarded."""

from __future__ import annotations

from desk.public.pages import PublicPages

__all__ = ["PublicPages"]
