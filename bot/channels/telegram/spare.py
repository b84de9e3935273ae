"""Imported before python-telegram-bot: leaves out what the library loads only if it is there, and nobody here uses.

Its passports load a library of ciphers, its own transport a command line with colours: 11 MB together, beside the 20 MB of
the bot itself (python-telegram-bot 22.8, httpx 0.28).
"""

from __future__ import annotations

import sys

_NOT_NEEDED = ("cryptography.hazmat.backends", "httpx._main")


def _load() -> None:
    left_out = [name for name in _NOT_NEEDED if name not in sys.modules]
    for name in left_out:
        # an import of it fails as if it were not installed, for which both are prepared
        sys.modules[name] = None  # type: ignore[assignment]
    try:
        import telegram  # noqa: F401, PLC0415
    finally:
        for name in left_out:
            del sys.modules[name]


if "telegram" not in sys.modules:
    _load()
