"""Every table there is: whoever means all of them takes them from here, for a table is known only once it was imported."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from sqlalchemy import Table

from bot.store.columns import metadata

for _path in sorted(Path(__file__).parent.glob("*tables.py")):
    import_module(f"bot.store.{_path.stem}")

#: those that others point to come first
TABLES: list[Table] = metadata.sorted_tables
