"""The database and the files: the only place that knows SQLAlchemy. One noun a module; `Store` opens both."""

from bot.store.store import RefusedError, Store, Tx, UnavailableError

__all__ = ["RefusedError", "Store", "Tx", "UnavailableError"]
