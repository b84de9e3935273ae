"""Finding by words: exact and folded text in one row, indexed by FTS5 or by tsvector and GIN.

Who may not see a row is filtered inside the query, so that a count never tells what a list hides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Float, Integer, column, delete, func, literal_column, select, text

from bot.model.fold import clean, fold
from bot.store.store import Tx
from bot.store.tables import search_docs

_D = search_docs.c


@dataclass(frozen=True, slots=True)
class Doc:
    """Something to be found. `ref` is its id within `kind`; `hidden_from` an account that must never find it."""

    kind: str
    ref: str
    text: str
    unit: str = ""
    hidden_from: str = ""


def place_token(unit: str) -> str:
    """A word that stands for a unit in the index: who sees few units is not led through the hits of all."""
    return "zu" + "".join(sign for sign in unit if sign.isalnum())


async def put(tx: Tx, docs: Sequence[Doc]) -> None:
    """Index these, replacing what stood under the same kind and ref."""
    if not docs:
        return
    for kind in {doc.kind for doc in docs}:
        await drop(tx, kind, [doc.ref for doc in docs if doc.kind == kind])
    rows = [
        {
            "kind": doc.kind,
            "ref": doc.ref,
            "unit": doc.unit,
            "hidden_from": doc.hidden_from,
            "exact": clean(doc.text).lower(),
            "folded": f"{fold(doc.text)} {place_token(doc.unit)}" if doc.unit else fold(doc.text),
        }
        for doc in docs
    ]
    ids = await tx.add_numbered(search_docs, rows)
    if tx.dialect == "sqlite":
        await tx.run_many(
            text("insert into search_fts (rowid, exact, folded) values (:id, :exact, :folded)"),
            [{"id": i, "exact": r["exact"], "folded": r["folded"]} for i, r in zip(ids, rows, strict=True)],
        )


async def drop(tx: Tx, kind: str, refs: Sequence[str]) -> None:
    """Take these out of the index."""
    if not refs:
        return
    mine = (_D.kind == kind, _D.ref.in_(refs))
    if tx.dialect == "sqlite":
        ids = [row.id for row in await tx.rows(select(_D.id).where(*mine))]
        await tx.run_many(text("delete from search_fts where rowid = :id"), [{"id": number} for number in ids])
    await tx.run(delete(search_docs).where(*mine))


async def find(
    tx: Tx, words: str, *, kinds: Sequence[str], units: Sequence[str] = (), viewer: str = "", limit: int = 20
) -> list[tuple[str, str]]:
    """(kind, ref) of rows that hold all the words, best first; words typed with accents rank their exact spelling first.

    `units` () = every unit.
    """
    asked = [word for word in fold(words).split() if any(c.isalnum() for c in word)]
    if not asked:
        return []
    statement = select(_D.kind, _D.ref).where(_D.kind.in_(kinds)).limit(limit)
    if units:
        statement = statement.where(_D.unit.in_(units))
    if viewer:
        statement = statement.where(_D.hidden_from != viewer)
    exact = clean(words).lower()
    spelled = func.strpos(_D.exact, exact) if tx.dialect == "postgresql" else func.instr(_D.exact, exact)
    if tx.dialect == "sqlite":
        # a quoted word is no operator of FTS5's language
        quoted = " ".join('"' + word.replace('"', "") + '"' for word in asked)
        found = (
            text("select rowid, rank as score from search_fts where search_fts match :words")
            .bindparams(words="folded : (" + quoted + ")")
            .columns(column("rowid", Integer), column("score", Float))
            .subquery("hits")
        )
        statement = statement.join(found, _D.id == found.c.rowid).order_by((spelled == 0), found.c.score, _D.id.desc())
    else:
        vector = func.to_tsvector(literal_column("'simple'"), _D.exact + " " + _D.folded)
        query = func.plainto_tsquery(literal_column("'simple'"), " ".join(asked))
        statement = statement.where(vector.op("@@")(query)).order_by(
            (spelled == 0), func.ts_rank(vector, query).desc(), _D.id.desc()
        )
    return [(row.kind, row.ref) for row in await tx.rows(statement)]
