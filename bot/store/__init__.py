"""The database and the files: the only place that knows SQLAlchemy. One noun a module; `Store` opens both."""

from bot.store.store import Refused, Store, Tx, Unavailable

__all__ = ["Refused", "Store", "Tx", "Unavailable"]
