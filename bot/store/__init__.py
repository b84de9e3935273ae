"""The database and the files: the only place that knows SQLAlchemy. One noun a module; `Store` opens both."""

from bot.store.store import ClosedError, RefusedError, Store, Tx, UnavailableError

__all__ = ["ClosedError", "RefusedError", "Store", "Tx", "UnavailableError"]
