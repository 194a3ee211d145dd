"""Opens the database that DATABASE_URL names."""

from __future__ import annotations

from pathlib import Path

from bot.config import Settings
from bot.errors import ConfigurationError
from bot.services.ports import Store
from bot.store.sqlite.store import SqliteStore

SQLITE = "sqlite:///"


def open_store(settings: Settings, exclusive: bool = True, makes: bool = True) -> Store:
    """The store, not yet connected; `exclusive` for the process that serves.

    Raises ConfigurationError for an address of another kind and, where the caller only wants to
    look (`makes` is off), for a database that is not there.
    """
    url = settings.database.url
    if not url.startswith(SQLITE) or len(url) == len(SQLITE):
        raise ConfigurationError(
            f"DATABASE_URL must look like sqlite:///var/engawa.db, but it begins with "
            f"{url.split(':', 1)[0]!r}."
        )
    path = Path(url.removeprefix(SQLITE))
    if not makes and not path.exists():
        raise ConfigurationError(
            f"There is no database at {path}. Set DATABASE_URL as for `engawa serve`, and run this "
            "in the same folder."
        )
    return SqliteStore(path, exclusive=exclusive)
