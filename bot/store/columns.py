"""Column types that mean the same on SQLite and PostgreSQL."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, Integer, MetaData, Text, TypeDecorator
from sqlalchemy.engine import Dialect


class Moment(TypeDecorator[datetime]):
    """An aware moment, stored in UTC; SQLite keeps it without a zone, so the zone is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuses a moment without a zone: it would be read as another one."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(value)
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Aware UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Written(str):
    """JSON text already: the same value for many rows is written once."""

    __slots__ = ()


def written(value: Any) -> Written:
    """Compact JSON text."""
    return Written(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


class Json(TypeDecorator[Any]):
    """JSON as text, keys in the order given, Vietnamese readable: the same bytes on both databases."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Compact text."""
        return value if value is None or isinstance(value, Written) else written(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:  # noqa: ARG002
        """What was stored."""
        return None if value is None else json.loads(value)


#: 64 bits on PostgreSQL; on SQLite the rowid, which must be spelled INTEGER
BigId = BigInteger().with_variant(Integer(), "sqlite")


def number() -> Column[int]:
    """A surrogate key that is never reused."""
    return Column("id", BigId, primary_key=True, autoincrement=True)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

#: SQLite never gives the id of a deleted row again
NUMBERED: dict[str, Any] = {"sqlite_autoincrement": True}
