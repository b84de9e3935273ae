"""`Each`: an UPDATE that gives each of many rows values of its own, as one statement.

Between two statements, and between the rows of an `executemany`, the thread of SQLite waits for the interpreter, up to its
switch interval each time: two hundred rows took a hundred milliseconds beside a busy loop, during which nobody else wrote.
SQLite therefore gets all values as one JSON text; PostgreSQL's driver sends many sets of values in one go by itself.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, Table, TextClause, Update, bindparam, func, literal_column, update
from sqlalchemy.engine import Dialect
from sqlalchemy.types import Text

from bot.store.store import Tx


class Each:
    """Sets the columns `sets` where the columns `by` equal those of the row given and `only` holds.

    No two rows given may name the same row of the table: which of them counts is not told.
    """

    def __init__(
        self,
        table: Table,
        *,
        by: Sequence[str],
        sets: Sequence[str],
        only: ColumnElement[bool] | TextClause | None = None,
    ) -> None:
        self._table, self._by, self._sets, self._only = table, tuple(by), tuple(sets), only

    async def run(self, tx: Tx, rows: Sequence[Mapping[str, Any]]) -> None:
        """Change these rows; each names all of `by` and `sets`."""
        if not rows:
            return
        if tx.dialect == "sqlite":
            await tx.run(self._at_once, {"rows": self._written(rows, tx.connection.dialect)})
            return
        names = [(name, self._by_name(name)) for name in self._by] + [
            (name, self._new_name(name)) for name in self._sets
        ]
        await tx.run_many(self._one_by_one, [{bound: row[name] for name, bound in names} for row in rows])

    @cached_property
    def _at_once(self) -> Update:
        given = func.json_each(bindparam("rows", type_=Text())).table_valued("value", name="given")

        def place(number: int) -> Any:
            return func.json_extract(given.c.value, literal_column(f"'$[{number}]'"))

        columns = self._table.c
        where = [columns[name] == place(number) for number, name in enumerate(self._by)]
        values: dict[str, Any] = {name: place(number) for number, name in enumerate(self._sets, len(self._by))}
        return self._limited(update(self._table).where(*where)).values(values)

    @cached_property
    def _one_by_one(self) -> Update:
        columns = self._table.c
        where = [columns[name] == bindparam(self._by_name(name), type_=columns[name].type) for name in self._by]
        values: dict[str, Any] = {name: bindparam(self._new_name(name)) for name in self._sets}
        return self._limited(update(self._table).where(*where)).values(values)

    def _limited(self, statement: Update) -> Update:
        return statement if self._only is None else statement.where(self._only)

    def _written(self, rows: Sequence[Mapping[str, Any]], dialect: Dialect) -> str:
        """The rows as JSON, each value as the column keeps it."""
        names = (*self._by, *self._sets)
        columns: list[list[Any]] = []
        for name in names:
            keep = self._table.c[name].type.dialect_impl(dialect).bind_processor(dialect)
            values: list[Any] = [row[name] for row in rows]
            columns.append([keep(value) for value in values] if keep else values)
        return json.dumps(list(zip(*columns, strict=True)), ensure_ascii=False, separators=(",", ":"))

    @staticmethod
    def _by_name(name: str) -> str:
        return f"by_{name}"

    @staticmethod
    def _new_name(name: str) -> str:
        return f"new_{name}"
